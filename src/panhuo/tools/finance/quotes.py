"""A book of quotes: from loan terms straight to the all-in yearly rate, schedule and root in one pass.

Invariant: the rate of a quote is that of its schedule's rows (`repayment_styles`) and fee under XIRR (`xirr`), the same
number as by those two in turn; only the rows are never stored. Works a block of loans at a time on scratch of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.jitable import jitable
from panhuo.tools.finance.repayment_styles import Loans, count_rows, write_rows
from panhuo.tools.finance.xirr import UNIQUE, refined_rate, solve_one, start_by_duration

_BLOCK = 512


def quoted_rates(loans: Loans, fee_fen: Any = 0, year_days: float = 365.0) -> tuple[Any, Any]:
    """Yearly effective all-in rates of loans, with a fee taken from what is paid out (DSC-02: all cost over what is
    received).

    Args:
        loans: checked columns. fee_fen: fen deducted or paid up front, one figure or one a loan, not negative.
        year_days: length of the year of the effective rate.

    Returns:
        (rates float64, statuses int8 as in `xirr`), one a loan; 0.05 is 5 %.
    """
    fees = np.ascontiguousarray(np.broadcast_to(np.asarray(fee_fen, dtype=np.int64), (len(loans),)))
    if (fees < 0).any() or (fees >= loans.principal_fen).any():
        raise InvalidInput("a fee is not negative and below the principal", where="fee_fen", code="invalid-input/fee")
    rates = np.empty(len(loans))
    statuses = np.empty(len(loans), np.int8)
    _quote(
        loans.principal_fen, loans.rate_ppm, loans.start, loans.maturity, loans.style, loans.day_count, loans.due_day,
        loans.interest_months, loans.principal_months, fees, year_days, rates, statuses,
    )  # fmt: skip
    return rates, statuses


@jitable
def _whole(value: Any) -> Any:
    return np.int64(value)


@njit(cache=True, parallel=True, error_model="numpy")
def _quote(
    principal: Any,
    rate: Any,
    start: Any,
    maturity: Any,
    style: Any,
    convention: Any,
    due_day: Any,
    interest_months: Any,
    principal_months: Any,
    fees: Any,
    year_days: float,
    rates: Any,
    statuses: Any,
) -> None:
    count = len(principal)
    for block in prange((count + _BLOCK - 1) // _BLOCK):
        room = 64
        days = np.empty(room, np.int32)
        redeemed = np.empty(room, np.int64)
        interest = np.empty(room, np.int64)
        amounts = np.empty(room, np.float64)
        for loan in range(block * _BLOCK, min(count, (block + 1) * _BLOCK)):
            rows = count_rows(
                _whole(start[loan]),
                _whole(maturity[loan]),
                _whole(style[loan]),
                _whole(due_day[loan]),
                _whole(interest_months[loan]),
            )
            if rows + 1 > room:
                room = 2 * (rows + 1)
                days = np.empty(room, np.int32)
                redeemed = np.empty(room, np.int64)
                interest = np.empty(room, np.int64)
                amounts = np.empty(room, np.float64)
            write_rows(
                principal[loan],
                rate[loan],
                _whole(start[loan]),
                _whole(maturity[loan]),
                _whole(style[loan]),
                _whole(convention[loan]),
                _whole(due_day[loan]),
                _whole(interest_months[loan]),
                _whole(principal_months[loan]),
                rows,
                1,
                days,
                redeemed,
                interest,
            )
            # The flows and what the first guess of the root needs of them, in one walk.
            days[0] = start[loan]
            paid = float(principal[loan] - fees[loan])
            amounts[0] = -paid
            got = 0.0
            got_first = 0.0
            got_second = 0.0
            for row in range(1, rows + 1):
                amount = float(redeemed[row] + interest[row])
                elapsed = float(days[row] - days[0])
                amounts[row] = amount
                got += amount
                amount *= elapsed
                got_first += amount
                got_second += amount * elapsed
            flow_days = days[: rows + 1]
            flow_amounts = amounts[: rows + 1]
            guess = start_by_duration(got, got_first, got_second, paid, 0.0, 0.0)
            found = refined_rate(flow_days, flow_amounts, guess, year_days)
            status = UNIQUE
            if np.isnan(found):
                found, status, _ = solve_one(flow_days, flow_amounts, year_days)
            rates[loan] = found
            statuses[loan] = status
