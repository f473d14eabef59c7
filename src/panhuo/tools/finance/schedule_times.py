"""Moments, cycles and schedules: the dates of a contract as stated, and what calendar and conventions make of them.

Invariant: a moment is a whole number of seconds since 1970-01-01; the last second of a day counts as the next
midnight when days are counted (ACTUS: 24:00 and 00:00 are the same instant). Schedule dates are always computed from
the anchor, never from the date before, and only then moved to business days.

ACTUS technical specification: Schedule, End Of Month Shift Convention, Business Day Shift Convention.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from panhuo.ground.values.business_days import calculates_before_shift, shift
from panhuo.ground.values.calendars import Calendar
from panhuo.ground.values.dates import add_months, format_date, is_end_of_month, parse_date

SECONDS_A_DAY = 86_400
_PERIOD = re.compile(r"^P?(?:(\d+)Y)?(?:(\d+)H)?(?:(\d+)Q)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:L([01])|([+-]))?$")


@dataclass(frozen=True)
class Cycle:
    """A period that repeats: months and days, and whether the odd end joins the last period (a long last stub)."""

    months: int
    days: int
    long_stub: bool = False

    @property
    def is_empty(self) -> bool:
        """A period of no length (``P0D``)."""
        return self.months == 0 and self.days == 0


def parse_cycle(text: str) -> Cycle:
    """A cycle or period such as ``P1ML0`` (one month, long last stub), ``P27DL1`` (short), ``P3W``, ``1Q+``.

    Raises:
        ValueError: the text is no such period.
    """
    found = _PERIOD.match(text.strip())
    if found is None or not any(found.groups()[:6]):
        raise ValueError(f"no cycle: {text!r}; write a period such as P1ML0, P3M or P10D")
    years, halves, quarters, months, weeks, days = (int(part) if part else 0 for part in found.groups()[:6])
    long_stub = found.group(7) == "0" or found.group(8) == "+"
    return Cycle(years * 12 + halves * 6 + quarters * 3 + months, weeks * 7 + days, long_stub)


def parse_moment(text: str) -> int:
    """Seconds since 1970-01-01 of ``YYYY-MM-DD`` with an optional ``THH:MM[:SS]``.

    Raises:
        ValueError: the text is no such moment.
    """
    stripped = text.strip()
    days = parse_date(stripped)
    seconds = 0
    if len(stripped) > 10:
        parts = [int(part) for part in stripped[11:].rstrip("Z").split(":")]
        hours, minutes, rest = (*parts, 0, 0)[:3]
        seconds = hours * 3600 + minutes * 60 + rest
    return days * SECONDS_A_DAY + seconds


def format_moment(moment: int) -> str:
    """``YYYY-MM-DDTHH:MM``, with seconds where there are any."""
    days, rest = divmod(moment, SECONDS_A_DAY)
    text = f"{format_date(days)}T{rest // 3600:02d}:{rest // 60 % 60:02d}"
    return f"{text}:{rest % 60:02d}" if rest % 60 else text


def day_of(moment: int) -> int:
    """The day number that counts for interest: the last second of a day belongs to the next."""
    return (moment + 1) // SECONDS_A_DAY


def plus(moment: int, cycle: Cycle, times: int = 1, end_of_month: bool = False) -> int:
    """The moment `times` cycles later (earlier when negative), at the same time of day."""
    days, rest = divmod(moment, SECONDS_A_DAY)
    keep_end = end_of_month and cycle.months != 0 and cycle.days == 0
    moved = add_months(days, cycle.months * times, keep_end) + cycle.days * times
    return moved * SECONDS_A_DAY + rest


def schedule(
    start: int | None, cycle: Cycle | None, end: int | None, end_of_month: bool = False, with_end: bool = True
) -> list[int]:
    """The schedule S(start, cycle, end) before any move to business days, rising.

    Args:
        start: the anchor, itself a date of the schedule; None leaves only the end.
        cycle: distance of dates; None leaves start and end.
        end: no date lies beyond it; None leaves only the start.
        end_of_month: the EOM convention: an anchor on a month's last day stays on months' last days.
        with_end: whether the end is a date of the schedule even when the cycle misses it. A long last stub then
            drops the last date before it, a short one keeps it.
    """
    if end is None:
        return [] if start is None else [start]
    if start is None or start > end:
        return [end] if with_end and start is None else []
    if cycle is None or cycle.is_empty:
        dates = [start] if start < end else []
        return [*dates, end] if with_end else dates
    keep_end = end_of_month and is_end_of_month(start // SECONDS_A_DAY)
    dates = []
    step = 0
    following = start
    while following < end:
        dates.append(following)
        step += 1
        following = plus(start, cycle, step, keep_end)
    if cycle.long_stub and following != end and len(dates) > 1:
        dates.pop()
    if with_end:
        dates.append(end)
    return dates


@dataclass(frozen=True)
class Shifting:
    """How dates move to business days: convention and calendar.

    Beyond the published calendar no day is put off: a following convention leaves the date, the earlier and safe day,
    where it is, and `is_published` says so.
    """

    convention: str
    calendar: Calendar

    def event_time(self, moment: int) -> int:
        """When an event scheduled for `moment` takes place."""
        days, rest = divmod(moment, SECONDS_A_DAY)
        moved = shift(days, self.convention, self.calendar.is_business_day)
        if moved > days and not self.calendar.is_published(moved):
            moved = days
        return moved * SECONDS_A_DAY + rest

    def is_published(self, moment: int) -> bool:
        """Whether the calendar was published for that day, or no day is ever moved."""
        return self.convention == "NULL" or self.calendar.is_published(moment // SECONDS_A_DAY)

    def calculation_time(self, moment: int) -> int:
        """Up to when it is calculated: the unmoved moment where the convention calculates before it shifts."""
        return moment if calculates_before_shift(self.convention) else self.event_time(moment)
