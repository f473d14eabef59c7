"""Exponential, logarithm and power: one compiled routine for one row and for a million.

Invariant: a judge or kernel that needs a transcendental calls it from here, in plain Python and inside Numba alike,
so that both give the same bits (NumPy's vector versions round differently and are never used beside these).
Importing this file imports Numba.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def exponential(x: float) -> float:
    """e to the power `x`; infinity above about 709.78."""
    if x > 709.782712893384:
        return math.inf
    return math.exp(x)


@njit(cache=True)
def logarithm(x: float) -> float:
    """Natural logarithm; minus infinity at zero and not-a-number below it, never an exception."""
    if x > 0.0:
        return math.log(x)
    if x == 0.0:
        return -math.inf
    return math.nan


@njit(cache=True)
def power(base: float, exponent: float) -> float:
    """`base` to the power `exponent`; not-a-number for a negative base with a fractional exponent."""
    return base**exponent
