"""Calendars: which days are business days.

Invariant: a calendar answers for every day, and says whether the answer rests on a published list. The Chinese
calendar (State Council holiday notices with their make-up working days, from the ``chinesecalendar`` package) is
published a year ahead at most; beyond it the plain week is assumed and `published` is false, and `safe_deadline` then
gives the earlier, safe day.

Codes: ``NC`` (or ``NOCALENDAR``) every day; ``MF`` Monday to Friday; ``CN`` China.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from panhuo.ground.values.dates import EPOCH_ORDINAL, days_from_civil, weekday

CALENDARS: tuple[tuple[str, str, str], ...] = (
    ("NC", "无节假日", "No calendar: every day is a business day"),
    ("MF", "周一至周五", "Monday to Friday"),
    ("CN", "中国（国务院放假安排，含调休）", "China (State Council holidays and make-up working days)"),
)
"""(code, Chinese, English) of every calendar."""

_ALIASES = {
    "": "NC",
    "NC": "NC",
    "NOCALENDAR": "NC",
    "NOHOLIDAYSCALENDAR": "NC",
    "MF": "MF",
    "MONDAYTOFRIDAY": "MF",
    "CN": "CN",
    "CHINA": "CN",
}


@dataclass(frozen=True)
class Calendar:
    """A named calendar: day number to business day or not, and to published or not."""

    code: str
    is_business_day: Callable[[int], bool]
    is_published: Callable[[int], bool]


@dataclass(frozen=True)
class Deadline:
    """A deadline's working day and whether the calendar it rests on was published for it."""

    days: int
    published: bool

    def note(self, language: str) -> str:
        """Empty, or the remark that must stand beside an unpublished day."""
        if self.published:
            return ""
        return "日历未公布，取较早日" if language == "zh" else "calendar not published: the earlier day is shown"


def calendar_of(name: str) -> Calendar:
    """The calendar of that code.

    Raises:
        ValueError: no such calendar.
    """
    code = _ALIASES.get(name.strip().upper())
    if code is None:
        raise ValueError(f"no calendar {name!r}; known: NC, MF, CN")
    return _CALENDARS[code]


def following_business_day(days: int, calendar: Calendar) -> int:
    """The day itself or the first business day after it, on the best calendar known."""
    while not calendar.is_business_day(days):
        days += 1
    return days


def preceding_business_day(days: int, calendar: Calendar) -> int:
    """The day itself or the last business day before it, on the best calendar known."""
    while not calendar.is_business_day(days):
        days -= 1
    return days


def safe_deadline(days: int, calendar: Calendar) -> Deadline:
    """The last day on which an act due on `days` is surely in time.

    Civil Code of the PRC, article 203: a period that would end on a statutory holiday ends on the day after it. Where
    the calendar is published that later day is the deadline. Where it is not, whether `days` will be a holiday is
    unknown, so nothing is added: the day itself, the earlier one, is shown and marked.
    """
    if not calendar.is_published(days):
        return Deadline(days, False)
    moved = days
    while not calendar.is_business_day(moved):
        moved += 1
        if not calendar.is_published(moved):
            return Deadline(days, False)
    return Deadline(moved, True)


def add_business_days(days: int, count: int, calendar: Calendar) -> Deadline:
    """The `count`-th business day after `days`, or where the calendar is not published a day that is surely no later.

    Beyond the published calendar any day may become a working day: make-up days fall on Saturdays and Sundays, and have
    fallen on both of one weekend (8 and 9 October 2022). So each unpublished day counts as one: the earlier, safe day
    is given and marked.
    """
    published = True
    moved = days
    remaining = count
    while remaining > 0:
        moved += 1
        known = calendar.is_published(moved)
        published = published and known
        if not known or calendar.is_business_day(moved):
            remaining -= 1
    return Deadline(moved, published)


def published_until(calendar: Calendar) -> int | None:
    """The last day the calendar is published for; None where it needs no publication."""
    return _china().last if calendar.code == "CN" else None


def _always(_: int) -> bool:
    return True


def _plain_week(days: int) -> bool:
    return weekday(days) < 5


@dataclass(frozen=True)
class _China:
    holidays: frozenset[int]
    make_up_days: frozenset[int]
    first: int
    last: int


@lru_cache(maxsize=1)
def _china() -> _China:
    from chinese_calendar import constants

    holidays = frozenset(day.toordinal() - EPOCH_ORDINAL for day in constants.holidays)
    make_up_days = frozenset(day.toordinal() - EPOCH_ORDINAL for day in constants.workdays)
    first = min(constants.holidays).year
    last = max(constants.holidays).year
    return _China(holidays, make_up_days, days_from_civil(first, 1, 1), days_from_civil(last, 12, 31))


def _china_business_day(days: int) -> bool:
    china = _china()
    if days in china.make_up_days:
        return True
    if days in china.holidays:
        return False
    return weekday(days) < 5


def _china_published(days: int) -> bool:
    china = _china()
    return china.first <= days <= china.last


_CALENDARS = {
    "NC": Calendar("NC", _always, _always),
    "MF": Calendar("MF", _plain_week, _always),
    "CN": Calendar("CN", _china_business_day, _china_published),
}
