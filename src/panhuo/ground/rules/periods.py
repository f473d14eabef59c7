"""Periods as the Civil Code counts them (arts. 200-204): the start day is not counted, a month ends on its like day.

Invariant: a deadline is never later than the law allows; where the holiday calendar is not yet published the day itself
is given and marked (decision 24).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.calendars import Calendar, Deadline, add_business_days, safe_deadline
from panhuo.ground.values.dates import add_months
from panhuo.ground.values.jitable import jitable

Unit = Literal["days", "months", "years", "working_days"]
DAYS, MONTHS, YEARS = 0, 1, 2
"""Unit codes for kernels."""

_CODES = {"days": DAYS, "months": MONTHS, "years": YEARS}


@dataclass(frozen=True)
class Period:
    """A length of time: `length` days, months, years or working days."""

    length: int
    unit: Unit

    @property
    def unit_code(self) -> int:
        """The unit as kernels take it.

        Raises:
            InvalidInput: for working days, which need a calendar.
        """
        if self.unit not in _CODES:
            raise InvalidInput(f"{self.unit} need a calendar", where=self.unit, remedy="use end_of_period")
        return _CODES[self.unit]

    def text(self, language: str) -> str:
        """The period in words."""
        zh = {"days": "天", "months": "个月", "years": "年", "working_days": "个工作日"}[self.unit]
        if language == "zh":
            return f"{self.length}{zh}"
        unit = self.unit.replace("_", " ")
        return f"{self.length} {unit[:-1] if self.length == 1 else unit}"


@jitable
def last_day(start: int, length: int, unit: int) -> int:
    """The last day of a period, holidays left aside (Civil Code arts. 201-202).

    Args:
        start: day number of the event; it is not counted, the period runs from the next day.
        length: how many days, months or years.
        unit: `DAYS`, `MONTHS` or `YEARS`.

    Returns:
        Day number. Months and years end on the corresponding day, or on the month's end where there is none.
    """
    if unit == DAYS:
        return start + length
    if unit == MONTHS:
        return add_months(start, length)
    return add_months(start, 12 * length)


def end_of_period(start: int, period: Period, calendar: Calendar | None = None) -> Deadline:
    """The last day of a period, moved past holidays (art. 203) where a calendar is given.

    Args:
        start: day number of the event that sets the period off; it is not counted.
        period: the length.
        calendar: whose holidays count; needed for working days. None leaves the day unmoved.

    Returns:
        The day, and whether the calendar it rests on was published for it. Beyond the published calendar the unmoved,
        earlier day is given and marked.

    Raises:
        InvalidInput: working days without a calendar.
    """
    if period.unit == "working_days":
        if calendar is None:
            raise InvalidInput("working days need a calendar", where=period.unit, remedy='pass calendar_of("CN")')
        return add_business_days(start, period.length, calendar)
    day = last_day(start, period.length, period.unit_code)
    return Deadline(day, True) if calendar is None else safe_deadline(day, calendar)
