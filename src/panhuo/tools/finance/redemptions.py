"""What a redemption takes off the principal: the few formulas every repayment style is made of.

Invariant: written once over plain numbers, so that the reference path (floats), the bank path (whole fen) and the
kernel over a million loans call the same functions; a redemption never exceeds what is outstanding, so a schedule
repays the principal and no more. Amounts here carry no sign: callers apply the contract role.
"""

from __future__ import annotations

from typing import Any

from panhuo.ground.values.jitable import jitable


@jitable
def linear_redemption(outstanding: Any, next_redemption: Any) -> Any:
    """LAM: the fixed redemption, or what is left of the principal."""
    return min(next_redemption, outstanding)


@jitable
def annuity_redemption(outstanding: Any, next_payment: Any, interest: Any) -> Any:
    """NAM and ANN: the payment less the interest in it, at most what is outstanding.

    Negative where the payment does not cover the interest: the principal then grows (negative amortisation).
    """
    return min(next_payment - interest, outstanding)


@jitable
def level_payment(principal: float, period_rate: float, periods: int) -> float:
    """Equal instalment (等额本息) of `periods` equal periods: P i (1+i)^n / ((1+i)^n - 1), or P / n without interest.

    The power is a product in a fixed order, so it has the same bits plain and compiled. 0.05 is 5 % a period.
    """
    if period_rate == 0.0:
        return principal / periods
    growth = 1.0
    base = 1.0 + period_rate
    left = periods
    while left > 0:
        if left & 1:
            growth *= base
        base *= base
        left >>= 1
    return principal * period_rate * growth / (growth - 1.0)


def annuity_payment(owed: float, growths: list[float]) -> float:
    """The annuity amount A of ACTUS: the equal payment that clears `owed` at the first of its payment dates.

    Args:
        owed: principal and interest accrued to the first payment date.
        growths: 1 + rate x year fraction of each later period, in order; one fewer than there are payments.
    """
    product = 1.0
    total = 1.0
    for growth in reversed(growths):
        product *= growth
        total += product
    return owed * product / total
