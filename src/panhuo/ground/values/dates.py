"""Dates as whole days since 1970-01-01 (int32 in tables), in the proleptic Gregorian calendar.

Invariant: every scalar here is integer arithmetic that gives the same answer as plain Python and inside a kernel;
`civil_from_days(days_from_civil(y, m, d)) == (y, m, d)` for every date from 0001-01-01 to 9999-12-31.
Weekdays are numbered 0 = Monday to 6 = Sunday, as ISO 8601 does less one.
"""

from __future__ import annotations

from datetime import date

from panhuo.ground.values.jitable import jitable

EPOCH_ORDINAL = 719_163
"""`datetime.date(1970, 1, 1).toordinal()`."""


@jitable
def days_from_civil(year: int, month: int, day: int) -> int:
    """Day number of a civil date (Hinnant's algorithm, era of 400 years starting on 1 March)."""
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    year_of_era = shifted - era * 400
    month_from_march = month - 3 if month > 2 else month + 9
    day_of_year = (153 * month_from_march + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


@jitable
def civil_from_days(days: int) -> tuple[int, int, int]:
    """Year, month (1 to 12) and day (1 to 31) of a day number."""
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day


@jitable
def is_leap_year(year: int) -> bool:
    """Whether the year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@jitable
def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if is_leap_year(year) else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


@jitable
def is_end_of_month(days: int) -> bool:
    """Whether the day is the last of its month."""
    year, month, day = civil_from_days(days)
    return day == days_in_month(year, month)


@jitable
def add_months(days: int, months: int, end_of_month: bool = False) -> int:
    """The same day of the month, `months` later (earlier when negative), or the month's last day if it has no such day.

    With `end_of_month` a start on the last day of its month gives the last day of the target month: 30 April plus one
    month is 31 May, not 30 May. Add from the anchor, never from the previous result: 31 January plus one month plus
    one month is 28 March that way, and 31 March in one step.
    """
    year, month, day = civil_from_days(days)
    last = days_in_month(year, month)
    whole = year * 12 + month - 1 + months
    year = whole // 12
    month = whole - year * 12 + 1
    target_last = days_in_month(year, month)
    if day > target_last or (end_of_month and day == last):
        day = target_last
    return days_from_civil(year, month, day)


@jitable
def months_between(start: int, end: int) -> int:
    """Whole months from `start` to `end`: the largest n with ``add_months(start, n) <= end`` (0 when end < start)."""
    start_year, start_month, _ = civil_from_days(start)
    end_year, end_month, _ = civil_from_days(end)
    whole = (end_year - start_year) * 12 + end_month - start_month
    while whole > 0 and add_months(start, whole) > end:
        whole -= 1
    return whole if whole > 0 else 0


@jitable
def weekday(days: int) -> int:
    """0 = Monday ... 6 = Sunday (1970-01-01 was a Thursday)."""
    return (days + 3) % 7


def parse_date(text: str) -> int:
    """Day number of ``YYYY-MM-DD``; a time of day after it is ignored.

    Raises:
        ValueError: the text is no such date.
    """
    return date.fromisoformat(text.strip()[:10]).toordinal() - EPOCH_ORDINAL


def format_date(days: int) -> str:
    """``YYYY-MM-DD``."""
    return to_date(days).isoformat()


def to_date(days: int) -> date:
    """The standard library's date."""
    return date.fromordinal(int(days) + EPOCH_ORDINAL)


def from_date(day: date) -> int:
    """Day number of the standard library's date."""
    return day.toordinal() - EPOCH_ORDINAL
