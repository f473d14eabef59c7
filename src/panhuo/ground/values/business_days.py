"""What happens to a date that is no business day.

Invariant: a convention has two independent halves: in which direction a date moves (following or preceding, modified
when it must stay in its month) and whether interest is calculated to the moved date (shift, then calculate: S..) or
to the unmoved one (calculate, then shift: C..). Names are ACTUS' BDC codes.
"""

from __future__ import annotations

from collections.abc import Callable

from panhuo.ground.values.dates import civil_from_days

BUSINESS_DAY_CONVENTIONS: tuple[tuple[str, str, str], ...] = (
    ("NULL", "不调整", "No shift"),
    ("SCF", "先顺延后计息：顺延", "Shift then calculate, following"),
    ("SCMF", "先顺延后计息：顺延但不跨月", "Shift then calculate, modified following"),
    ("CSF", "先计息后顺延：顺延", "Calculate then shift, following"),
    ("CSMF", "先计息后顺延：顺延但不跨月", "Calculate then shift, modified following"),
    ("SCP", "先提前后计息：提前", "Shift then calculate, preceding"),
    ("SCMP", "先提前后计息：提前但不跨月", "Shift then calculate, modified preceding"),
    ("CSP", "先计息后提前：提前", "Calculate then shift, preceding"),
    ("CSMP", "先计息后提前：提前但不跨月", "Calculate then shift, modified preceding"),
)
"""(code, Chinese, English) of every convention."""

_CODES = frozenset(code for code, _, _ in BUSINESS_DAY_CONVENTIONS)
_MOST_DAYS = 400


def business_day_convention_of(name: str) -> str:
    """The convention's code; ``NOS`` and nothing mean ``NULL``.

    Raises:
        ValueError: no such convention.
    """
    code = name.strip().upper() or "NULL"
    if code == "NOS":
        return "NULL"
    if code not in _CODES:
        raise ValueError(f"no business day convention {name!r}; known: {', '.join(sorted(_CODES))}")
    return code


def calculates_before_shift(convention: str) -> bool:
    """Whether interest runs to the unmoved date (the C.. conventions)."""
    return convention.startswith("C")


def shift(days: int, convention: str, is_business_day: Callable[[int], bool]) -> int:
    """The business day a date becomes under `convention`; the date itself when it is one already.

    Raises:
        ValueError: no business day within 400 days, so the calendar cannot be right.
    """
    if convention == "NULL" or is_business_day(days):
        return days
    direction = 1 if convention.endswith("F") else -1
    moved = _nearest(days, direction, is_business_day)
    if "M" in convention and civil_from_days(moved)[:2] != civil_from_days(days)[:2]:
        moved = _nearest(days, -direction, is_business_day)
    return moved


def _nearest(days: int, direction: int, is_business_day: Callable[[int], bool]) -> int:
    for distance in range(1, _MOST_DAYS):
        if is_business_day(days + direction * distance):
            return days + direction * distance
    raise ValueError("the calendar has no business day within 400 days")
