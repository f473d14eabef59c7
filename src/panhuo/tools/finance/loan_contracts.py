"""A loan of the columns as a contract stated in ACTUS terms.

Invariant: folding the contract in the bank path gives the rows the kernel writes for the loan; this is the bridge by
which the two are tested against each other, and by which one loan of a book can be opened event by event.
"""

from __future__ import annotations

import math
from typing import Any

from panhuo.ground.values.dates import days_from_civil, days_in_month, format_date
from panhuo.ground.values.day_counts import DAY_COUNTS
from panhuo.tools.finance.redemptions import level_payment
from panhuo.tools.finance.repayment_styles import (
    BULLET,
    EQUAL_PRINCIPAL,
    SINGLE,
    Loans,
    count_redemptions,
    count_rows,
    first_row_month,
)

MILLION = 1_000_000


def contract_terms(loans: Loans, loan: int) -> dict[str, Any]:
    """The loan as a contract stated in ACTUS terms, in the bank path: what `cash_flows` folds to the same rows.

    Equal principal is LAM with its redemption stated, equal instalments ANN with its payment stated, the rest PAM.
    """
    principal, style = int(loans.principal_fen[loan]), int(loans.style[loan])
    start, maturity = int(loans.start[loan]), int(loans.maturity[loan])
    due_day, months = int(loans.due_day[loan]), int(loans.interest_months[loan])
    rows = count_rows(start, maturity, style, due_day, months)
    year, month, day = first_row_month(start, due_day, months)
    first = min(days_from_civil(year, month, min(day, days_in_month(year, month))), maturity)
    terms = {
        "contractType": "PAM",
        "contractID": str(loan),
        "contractRole": "RPA",
        "currency": "CNY",
        "rounding": "half_up_fen_per_posting",
        "statusDate": format_date(start - 1),
        "initialExchangeDate": format_date(start),
        "maturityDate": format_date(maturity),
        "notionalPrincipal": f"{principal // 100}.{principal % 100:02d}",
        "nominalInterestRate": f"{int(loans.rate_ppm[loan]) / MILLION:.6f}",
        "dayCountConvention": DAY_COUNTS[int(loans.day_count[loan])][0],
        "endOfMonthConvention": "EOM" if due_day == 31 else "SD",
    }
    if style == SINGLE:
        return terms
    cycle = f"P{months}ML1"
    terms |= {"cycleAnchorDateOfInterestPayment": format_date(first), "cycleOfInterestPayment": cycle}
    if style == BULLET:
        return terms
    every = int(loans.principal_months[loan])
    if style == EQUAL_PRINCIPAL:
        redemptions = count_redemptions(rows, months, every)
        payment = (2 * principal + redemptions) // (2 * redemptions)
        step = every - months
        whole = year * 12 + month - 1 + step
        year, month = whole // 12, whole % 12 + 1
        anchor = days_from_civil(year, month, min(day, days_in_month(year, month)))
        terms |= {"contractType": "LAM", "cycleOfPrincipalRedemption": f"P{every}ML1"}
    else:
        exact = level_payment(float(principal), int(loans.rate_ppm[loan]) * months / 12_000_000.0, rows)
        payment = math.floor(exact + 0.5)
        anchor = first
        terms |= {"contractType": "ANN", "cycleOfPrincipalRedemption": cycle}
    return terms | {
        "cycleAnchorDateOfPrincipalRedemption": format_date(anchor),
        "nextPrincipalRedemptionPayment": f"{payment // 100}.{payment % 100:02d}",
    }
