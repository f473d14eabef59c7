"""Periods by the Civil Code, arts. 200-204 (GEN-01..05), and the appeal vector of domain rules 8.1."""

from __future__ import annotations

import datetime as dt

import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.periods import DAYS, MONTHS, YEARS, Period, end_of_period, last_day
from panhuo.ground.rules.schedules import period
from panhuo.ground.values.calendars import calendar_of
from panhuo.ground.values.dates import format_date, parse_date

CN = calendar_of("CN")


def end(start: str, length: int, unit: str, calendar: bool = False) -> str:
    found = end_of_period(parse_date(start), Period(length, unit), CN if calendar else None)  # type: ignore[arg-type]
    return format_date(found.days)


@pytest.mark.parametrize(
    ("start", "length", "unit", "expected"),
    [
        ("2026-02-02", 15, "days", "2026-02-17"),  # the start day is not counted (art. 201)
        ("2026-01-31", 1, "months", "2026-02-28"),  # no corresponding day: month end (art. 202)
        ("2024-01-31", 1, "months", "2024-02-29"),
        ("2025-08-31", 6, "months", "2026-02-28"),  # guarantee period from a due date on the 31st
        ("2025-02-28", 6, "months", "2025-08-28"),  # the corresponding day, not the month's end
        ("2024-02-29", 3, "years", "2027-02-28"),
        ("2023-06-30", 3, "years", "2026-06-30"),
        ("2025-12-31", 2, "months", "2026-02-28"),
    ],
)
def test_start_day_not_counted_and_corresponding_day(start: str, length: int, unit: str, expected: str) -> None:
    assert end(start, length, unit) == expected


def test_appeal_period_inside_the_spring_festival() -> None:
    # Domain rules 8.1: judgment served 2026-02-02, last day 2026-02-17; inside the Spring Festival holiday of 2026
    # (15 to 23 February by the State Council's notice), so the first working day after it.
    appeal = period("procedure_clocks", "LIT-06", "judgment", on=dt.date(2026, 2, 2))
    assert appeal == Period(15, "days")
    plain = end_of_period(parse_date("2026-02-02"), appeal)
    assert (format_date(plain.days), plain.published) == ("2026-02-17", True)
    moved = end_of_period(parse_date("2026-02-02"), appeal, CN)
    assert (format_date(moved.days), moved.published) == ("2026-02-24", True)


def test_a_last_day_on_a_weekend_moves_and_a_make_up_day_does_not() -> None:
    assert end("2026-03-27", 15, "days", calendar=True) == "2026-04-13"  # 11 April 2026 is a Saturday
    # 14 February 2026 is a Saturday and a make-up working day before the Spring Festival.
    assert end("2026-01-30", 15, "days", calendar=True) == "2026-02-14"


def test_unpublished_calendar_keeps_the_earlier_day_and_says_so() -> None:
    found = end_of_period(parse_date("2031-01-20"), Period(15, "days"), CN)
    assert (format_date(found.days), found.published) == ("2031-02-04", False)
    assert found.note("zh") == "日历未公布，取较早日"


def test_working_days() -> None:
    assert end("2026-02-13", 3, "working_days", calendar=True) == "2026-02-25"
    with pytest.raises(InvalidInput, match="calendar"):
        end_of_period(0, Period(3, "working_days"))


def test_kernel_scalar_is_the_same() -> None:
    for unit, name in ((DAYS, "days"), (MONTHS, "months"), (YEARS, "years")):
        for start in range(19000, 19400, 7):
            assert last_day(start, 5, unit) == end_of_period(start, Period(5, name)).days  # type: ignore[arg-type]


def test_words() -> None:
    assert Period(6, "months").text("zh") == "6个月"
    assert Period(1, "years").text("en") == "1 year"
    assert Period(3, "working_days").text("en") == "3 working days"
