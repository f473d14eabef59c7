"""Quotes: the rate of a quote is that of its schedule and XIRR in turn; pyxirr as a second opinion."""

from __future__ import annotations

import numpy as np
import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance.quotes import quoted_rates
from panhuo.tools.finance.repayment_styles import ANNUITY, BULLET, EQUAL_PRINCIPAL, SINGLE, Loans, schedules
from panhuo.tools.finance.xirr import UNIQUE, xirr


def test_quotes_are_schedule_and_root_in_turn() -> None:
    draw = np.random.default_rng(20261122)
    count = 600
    start = draw.integers(18_000, 20_000, count)
    loans = Loans.of(
        principal_fen=draw.integers(10**6, 10**9, count),
        rate_ppm=draw.integers(0, 360_000, count),
        start=start,
        maturity=start + draw.integers(1, 3_000, count),
        style=draw.choice([BULLET, SINGLE, EQUAL_PRINCIPAL, ANNUITY], count),
        due_day=draw.choice([0, 20, 31], count),
    )
    fees = loans.principal_fen * draw.integers(0, 50_000, count) // 1_000_000
    rates, statuses = quoted_rates(loans, fees)
    plan = schedules(loans)
    pyxirr = pytest.importorskip("pyxirr")
    for loan in range(count):
        rows = plan.rows(loan)
        days = [int(start[loan]), *(day for day, _, _ in rows)]
        amounts = [int(loans.principal_fen[loan] - fees[loan]), *(-(part + cost) for _, part, cost in rows)]
        found = xirr(days, amounts)
        assert statuses[loan] == found.status == UNIQUE
        assert rates[loan] == pytest.approx(found.rate, rel=1e-9, abs=1e-10)
        if loan % 20 == 0 and found.rate < 10:
            peer = pyxirr.xirr(np.array(days, "datetime64[D]"), np.array(amounts, float))
            assert rates[loan] == pytest.approx(peer, abs=1e-9)


def test_a_plain_year() -> None:
    # 365 days at 5 % on actual/365, interest at maturity: 5 % effective; with a 1 % fee 105 / 99 - 1.
    loans = Loans.of(10**8, 50_000, 19_000, 19_365, style=SINGLE, day_count=1)
    assert quoted_rates(loans)[0][0] == pytest.approx(0.05, abs=1e-12)
    assert quoted_rates(loans, 10**6)[0][0] == pytest.approx(105 / 99 - 1, abs=1e-12)


def test_fees_are_checked() -> None:
    loans = Loans.of(100, 50_000, 19_000, 19_365)
    for fee in (-1, 100):
        with pytest.raises(InvalidInput):
            quoted_rates(loans, fee)
