"""Numbers on a declared integer scale: how a float leaves a calculation for a table that is sealed.

Invariant: the integer is of the float's shortest decimal spelling, rounded half away from zero, so the same float gives
the same integer everywhere.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

BILLIONTHS = 9
"""Digits of the scale 1e-9: rates, probabilities, measures of a model."""
MILLIONTHS = 6
"""Digits of the scale 1e-6: amounts of the reference path, in units of their currency."""


def on_scale(value: float | None, digits: int) -> int | None:
    """`value` times ten to the `digits`, as an integer; None for None and for NaN. 0.05 on 9 digits is 50_000_000.

    Raises:
        ValueError: when the integer is beyond 64 bits, or the value infinite.
    """
    if value is None or value != value:
        return None
    decimal = Decimal(repr(value))
    if not decimal.is_finite():
        raise ValueError(f"{value} has no place on a scale of {digits} digits")
    whole = int(decimal.scaleb(digits).to_integral_value(ROUND_HALF_UP))
    if not -(2**63) <= whole < 2**63:
        raise ValueError(f"{value} is beyond 64 bits on a scale of {digits} digits")
    return whole
