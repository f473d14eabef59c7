"""XIRR: the oracle is pyxirr (Rust), and cases whose roots are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from panhuo.tools.finance import xirr

pyxirr = pytest.importorskip("pyxirr")


def random_flows(seed: int, cases: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Loans of 2 to 61 flows: dense and sparse dates, gains and losses, irregular amounts."""
    draw = np.random.default_rng(seed)
    flows = []
    for case in range(cases):
        count = int(draw.integers(2, 62))
        if case % 3 == 0:
            gaps = draw.integers(28, 32, count - 1)
        elif case % 3 == 1:
            gaps = draw.integers(1, 200, count - 1)
        else:
            gaps = draw.choice([7, 14, 30, 91, 182], count - 1)
        days = 18_000 + np.concatenate([[0], np.cumsum(gaps)])
        principal = int(draw.integers(100_000, 10**11))
        weights = draw.random(count - 1) + 0.01
        growth = np.exp((days[1:] - days[0]) / 365 * draw.uniform(-0.4, 0.6))
        amounts = np.concatenate([[-principal], np.maximum(1, np.round(principal * growth * weights / weights.sum()))])
        flows.append((days.astype(np.int32), amounts * (1 if case % 2 else -1)))
    return flows


def test_ten_thousand_random_flows_agree_with_pyxirr() -> None:
    flows = random_flows(20_261_122, 10_000)
    days = np.concatenate([day for day, _ in flows])
    amounts = np.concatenate([amount for _, amount in flows])
    offsets = np.concatenate([[0], np.cumsum([len(day) for day, _ in flows])])
    rates, statuses = xirr.xirr_of_book(days, amounts.astype(np.int64), offsets)
    assert np.all(statuses == xirr.UNIQUE)
    as_float, _ = xirr.xirr_of_book(days.astype(np.float64), amounts, offsets)
    assert np.array_equal(rates, as_float)
    peer = np.array([pyxirr.xirr(day.astype("datetime64[D]"), amount) for day, amount in flows], dtype=float)
    known = ~np.isnan(peer)
    assert known.sum() > 9_900
    difference = np.abs(rates - peer) / (1 + np.abs(peer))
    # pyxirr stops Newton at 1e-9 of its own; where the two differ by more, the sum at our root decides.
    worst = np.flatnonzero(known & (difference > 1e-9))
    for case in worst:
        day, amount = flows[case]
        discount = (day - day[0]) / 365
        ours = math.fsum(amount / (1 + rates[case]) ** discount)
        theirs = math.fsum(amount / (1 + peer[case]) ** discount)
        assert abs(ours) <= abs(theirs)
    assert len(worst) == 0


def test_one_case_is_one_case_of_a_book() -> None:
    for day, amount in random_flows(7, 50):
        single = xirr.xirr(day.tolist(), amount.tolist())
        book, status = xirr.xirr_of_book(day, amount, [0, len(day)])
        assert single.rate == pytest.approx(book[0], abs=1e-13)
        assert single.status == status[0]


def test_blocks_and_ranges_give_the_same_bits() -> None:
    flows = random_flows(3, 5_000)
    days = np.concatenate([day for day, _ in flows])
    amounts = np.concatenate([amount for _, amount in flows])
    offsets = np.concatenate([[0], np.cumsum([len(day) for day, _ in flows])])
    whole, _ = xirr.xirr_of_book(days, amounts, offsets)
    cut = offsets[100]
    part, _ = xirr.xirr_of_book(days[:cut], amounts[:cut], offsets[:101])
    assert np.array_equal(whole[:100], part)


def test_order_of_flows_does_not_matter() -> None:
    assert xirr.xirr([365, 0, 730], [60, -100, 60]).rate == xirr.xirr([0, 365, 730], [-100, 60, 60]).rate


@pytest.mark.parametrize(
    ("amounts", "rate", "roots"),
    [
        # -100 + 230 v - 132 v^2 = 0 at 10 % and 20 %; the nearest to zero is 10 %.
        ((-100, 230, -132), 0.1, 2),
        # (v - 1)^2 touches zero at 0 %.
        ((-100, 200, -100), 0.0, 1),
        # roots 50 %, 100 %, 200 %: (1 - 1.5 v)(1 - 2 v)(1 - 3 v) = 1 - 6.5 v + 13.5 v^2 - 9 v^3.
        ((-2, 13, -27, 18), 0.5, 3),
    ],
)
def test_several_roots(amounts: tuple[float, ...], rate: float, roots: int) -> None:
    found = xirr.xirr([365 * year for year in range(len(amounts))], amounts)
    assert found.rate == pytest.approx(rate, abs=1e-8)
    assert found.roots == roots
    assert found.status == (xirr.UNIQUE if roots == 1 else xirr.NEAREST_OF_SEVERAL)


@pytest.mark.parametrize(
    ("days", "amounts", "status"),
    [
        ([0, 365], [100, 110], xirr.NO_ROOT),
        ([0, 365, 730], [-100, 200, -101], xirr.NO_ROOT),
        ([0, 0], [-100, 110], xirr.NO_ROOT),
        ([0], [-100], xirr.BAD_INPUT),
        ([], [], xirr.BAD_INPUT),
        ([0, 1], [1.0, float("nan")], xirr.BAD_INPUT),
        ([0, 1, 2], [1.0, -1.0], xirr.BAD_INPUT),
    ],
)
def test_says_why_there_is_no_rate(days: list[float], amounts: list[float], status: int) -> None:
    found = xirr.xirr(days, amounts)
    assert found.status == status
    assert math.isnan(found.rate)
    assert found.words == xirr.STATUS_WORDS[status]


@pytest.mark.parametrize("rate", [-0.999, -0.5, -1e-9, 0.0, 1e-9, 0.05, 3.0, 24.0, 1e5])
def test_extreme_rates(rate: float) -> None:
    days = [0, 20, 41, 300]
    amounts = [-1000.0, 100.0, 200.0]
    last = -sum(amount * (1 + rate) ** ((300 - day) / 365) for day, amount in zip(days, amounts, strict=False))
    if last <= 0:
        pytest.skip("no such loan")
    found = xirr.xirr(days, [*amounts, last])
    assert found.status == xirr.UNIQUE
    assert found.rate == pytest.approx(rate, rel=1e-9, abs=1e-10)


def test_same_day_fee_is_not_a_second_root() -> None:
    found = xirr.xirr([0, 0, 30, 60], [1000, -50, -500, -500])
    assert found.status == xirr.UNIQUE
    assert found.roots == 1


def test_number_of_roots_against_polynomials() -> None:
    # Yearly flows are a polynomial in the discount factor: numpy.roots finds all its roots independently.
    draw = np.random.default_rng(5)
    for _ in range(400):
        amounts = draw.normal(size=int(draw.integers(3, 9))) * 100
        roots = np.roots(amounts[::-1])
        factors = roots[(np.abs(roots.imag) < 1e-9) & (roots.real > 0)].real
        rates = 1 / factors - 1
        rates = rates[(rates > -0.999999) & (rates < 1e12)]
        found = xirr.xirr([365 * year for year in range(len(amounts))], amounts.tolist())
        assert found.roots == len(rates)
        if len(rates):
            nearest = rates[np.argmin(np.abs(np.log1p(rates)))]
            assert found.rate == pytest.approx(nearest, rel=1e-7, abs=1e-7)
