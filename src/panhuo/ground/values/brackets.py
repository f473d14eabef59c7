"""Cumulating scales: each bracket asks its fixed sum and its rate on its own part of an amount.

Invariant: one formula for rule files and kernels; exact until one rounding at the end, half up.
"""

from __future__ import annotations

from typing import Any

from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import accrue, posted


@jitable
def bracket_fee(amount: int, overs: Any, rates: Any, fixed: Any, count: int) -> int:
    """Fee of `amount` fen under cumulating brackets (诉讼费用交纳办法 arts 13, 14), half up once at the end.

    Args:
        amount: fen in dispute or recovered; below zero counts as zero. overs: lower ends in fen, the first 0.
        rates: ppm on the part inside each bracket. fixed: fen asked as soon as the bracket is entered (the first
            always is). count: brackets.
    """
    whole = 0
    remainder = 0
    for bracket in range(count):
        if bracket > 0 and amount <= overs[bracket]:
            break
        top = amount
        if bracket + 1 < count and overs[bracket + 1] < amount:
            top = overs[bracket + 1]
        part = top - overs[bracket]
        whole += fixed[bracket]
        if part > 0:
            whole, remainder = accrue(whole, remainder, part, rates[bracket], 1_000_000)
    return posted(whole, remainder, 1_000_000)
