"""Day counts: the length of a period as an exact fraction of a year.

Invariant: a year fraction is an integer numerator over an integer denominator that depends on the convention alone,
so an accrual over many periods is an integer sum, divided and rounded once when it is posted. The float year
fraction is their quotient and nothing else.

Names are ACTUS' where ACTUS has one. Sources: ISDA 2006 Definitions 4.16 (AA = Actual/Actual ISDA, (b); A365 =
Actual/365 Fixed, (d); A360, (e); 30U360 = 30/360 bond basis, (f); 30E360, (g)); A365.25 is Actual/365.25.
30U360 here is the plain 30/360 of ISDA 4.16(f), without the end-of-February rule some US bond markets add.
"""

from __future__ import annotations

from panhuo.ground.values.dates import civil_from_days, days_from_civil, days_in_month, is_leap_year
from panhuo.ground.values.jitable import jitable

A360 = 0
A365 = 1
E30360 = 2
AA = 3
U30360 = 4
A36525 = 5
E30360ISDA = 6

DAY_COUNTS: tuple[tuple[str, str, str], ...] = (
    ("A360", "实际天数/360", "Actual/360"),
    ("A365", "实际天数/365", "Actual/365 fixed"),
    ("30E360", "30E/360", "30E/360"),
    ("AA", "实际天数/实际天数（ISDA）", "Actual/Actual (ISDA)"),
    ("30U360", "30/360", "30/360 (bond basis)"),
    ("A365.25", "实际天数/365.25", "Actual/365.25"),
    ("30E360ISDA", "30E/360（ISDA）", "30E/360 (ISDA)"),
)
"""(code, Chinese, English); the position in this list is the number kernels use."""

_ALIASES = {"30360": "30U360", "ACT/360": "A360", "ACT/365": "A365", "ACT/365F": "A365", "A/A": "AA", "A/AISDA": "AA"}
_ALIASES |= {"A/360": "A360", "A/365": "A365", "ACT/ACT": "AA", "ACT/365.25": "A365.25", "30E/360": "30E360"}
_ALIASES |= {"30/360": "30U360"}
_POSITIONS = {code: position for position, (code, _, _) in enumerate(DAY_COUNTS)}

COMMON_YEAR = 365
LEAP_YEAR = 366
BOTH_YEARS = COMMON_YEAR * LEAP_YEAR


def day_count_of(name: str) -> int:
    """Position of a convention named as ACTUS or the trade does (``A360``, ``ACT/360``, ``30E360``, ``AA`` ...).

    Raises:
        ValueError: no such convention.
    """
    code = name.strip().upper()
    code = _ALIASES.get(code, code)
    if code not in _POSITIONS:
        raise ValueError(f"no day count {name!r}; known: {', '.join(_POSITIONS)}")
    return _POSITIONS[code]


@jitable
def day_count_denominator(convention: int) -> int:
    """The denominator all numerators of this convention share."""
    if convention == A365:
        return 365
    if convention == AA:
        return BOTH_YEARS
    if convention == A36525:
        return 1_461
    return 360


@jitable
def thirty_days(start: int, end: int, convention: int, maturity: int) -> int:
    """Days between two dates when every month counts 30 (30E360, 30U360, 30E360ISDA)."""
    start_year, start_month, start_day = civil_from_days(start)
    end_year, end_month, end_day = civil_from_days(end)
    if convention == U30360:
        start_day = min(start_day, 30)
        if end_day == 31 and start_day == 30:
            end_day = 30
    elif convention == E30360ISDA:
        if start_day == days_in_month(start_year, start_month):
            start_day = 30
        if end_day == days_in_month(end_year, end_month) and not (end == maturity and end_month == 2):
            end_day = 30
    else:
        start_day = min(start_day, 30)
        end_day = min(end_day, 30)
    return (end_year - start_year) * 360 + (end_month - start_month) * 30 + end_day - start_day


@jitable
def leap_days(start: int, end: int) -> int:
    """Of the days from `start` (included) to `end` (excluded), how many lie in leap years; `start` <= `end`."""
    first, _, _ = civil_from_days(start)
    last, _, _ = civil_from_days(end)
    if first == last:
        return end - start if is_leap_year(first) else 0
    total = 0
    if is_leap_year(first):
        total += days_from_civil(first + 1, 1, 1) - start
    if is_leap_year(last):
        total += end - days_from_civil(last, 1, 1)
    between = (last - 1) // 4 - (last - 1) // 100 + (last - 1) // 400 - (first // 4 - first // 100 + first // 400)
    return total + between * LEAP_YEAR


@jitable
def day_count_numerator(convention: int, start: int, end: int, maturity: int = 0) -> int:
    """Length of the period in units of 1 / `day_count_denominator` years; negative when `end` is before `start`.

    `maturity` matters to 30E360ISDA alone: the end of February counts as the 30th unless it is the maturity date.
    """
    if convention in (A360, A365):
        return end - start
    if convention == AA:
        if end < start:
            in_leap = -leap_days(end, start)
        else:
            in_leap = leap_days(start, end)
        return (end - start - in_leap) * LEAP_YEAR + in_leap * COMMON_YEAR
    if convention == A36525:
        return (end - start) * 4
    return thirty_days(start, end, convention, maturity)


@jitable
def year_fraction(convention: int, start: int, end: int, maturity: int = 0) -> float:
    """Length of the period in years as a float (0.5 is half a year), for the reference path."""
    return day_count_numerator(convention, start, end, maturity) / day_count_denominator(convention)
