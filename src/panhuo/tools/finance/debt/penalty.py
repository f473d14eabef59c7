"""Penalty, compound and doubled late interest as scalars that kernels can call.

Invariant: amounts are whole fen, rates ppm a year, uplifts ppm of the rate (500_000 is +50 %); each function rounds
half up once, at its end, and is exact before that for any amount up to 10**13 fen.
"""

from __future__ import annotations

from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import interest, multiply_divide_wide, posted, proportion


@jitable
def heavier_uplift(overdue_uplift: int, misuse_uplift: int, is_overdue: bool, is_misused: bool) -> int:
    """Uplift in ppm where a debt is overdue, misused or both: the heavier alone (人民币利率管理规定 art 25, PEN-03)."""
    uplift = 0
    if is_overdue:
        uplift = overdue_uplift
    if is_misused and misuse_uplift > uplift:
        uplift = misuse_uplift
    return uplift


@jitable
def penalty_interest(principal: int, rate_ppm: int, uplift_ppm: int, days: int, year_days: int) -> int:
    """Fen at the contract rate raised by an uplift: principal x rate x (1 + uplift) x days / year_days.

    银发〔2003〕251号 item 3: overdue +30 % to +50 %, misused +50 % to +100 %. The raised rate itself is not rounded.
    `principal` is not negative.
    """
    denominator = year_days * 1_000_000_000_000
    weight = rate_ppm * (1_000_000 + uplift_ppm) * days
    years = weight // denominator
    whole, remainder = multiply_divide_wide(principal, weight - years * denominator, denominator)
    return posted(whole + principal * years, remainder, denominator)


@jitable
def compound_interest(
    unpaid_interest: int, rate_ppm: int, uplift_ppm: int, days: int, year_days: int, matured: bool
) -> int:
    """Fen on unpaid interest: at the contract rate in term, at the penalty rate after it (77号 art 20, PEN-04)."""
    if matured:
        return penalty_interest(unpaid_interest, rate_ppm, uplift_ppm, days, year_days)
    return interest(unpaid_interest, rate_ppm, days, year_days)


@jitable
def doubled_late_interest(base: int, days: int, rate_ppm_a_day: int) -> int:
    """加倍部分债务利息: base (without general interest) x daily rate (175 ppm since 2014-08-01, LATE-01) x days."""
    return proportion(base, rate_ppm_a_day * days)
