"""Calendars and business day conventions.

Sources: State Council notices on holidays for 2024 (国办发明电〔2023〕7号)
and 2025 (国办发明电〔2024〕12号), read day by day;
ACTUS technical specification, business day shift conventions; Strata ``BusinessDayConventionTest`` for the tables of
moves over a Saturday and Sunday calendar.
"""

from __future__ import annotations

import pytest

from panhuo.ground.values.business_days import (
    BUSINESS_DAY_CONVENTIONS,
    business_day_convention_of,
    calculates_before_shift,
    shift,
)
from panhuo.ground.values.calendars import (
    add_business_days,
    calendar_of,
    following_business_day,
    preceding_business_day,
    published_until,
    safe_deadline,
)
from panhuo.ground.values.dates import format_date, parse_date

CHINA = calendar_of("CN")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2024-02-04", True),  # Sunday, made up for the Spring Festival
        ("2024-02-12", False),  # Spring Festival, a Monday
        ("2024-02-18", True),  # Sunday, made up
        ("2024-04-07", True),  # Sunday, made up for Qingming
        ("2024-05-03", False),  # Labour Day holiday, a Friday
        ("2024-05-11", True),  # Saturday, made up
        ("2024-10-07", False),  # National Day holiday, a Monday
        ("2024-10-12", True),  # Saturday, made up
        ("2024-10-13", False),  # plain Sunday
        ("2025-01-26", True),  # Sunday, made up
        ("2025-02-04", False),  # Spring Festival, a Tuesday
        ("2025-05-05", False),  # Labour Day holiday, a Monday
        ("2025-10-08", False),  # National Day and Mid-Autumn, a Wednesday
        ("2025-10-11", True),  # Saturday, made up
    ],
)
def test_china_works_when_the_state_council_says_so(day: str, working: bool) -> None:
    assert CHINA.is_business_day(parse_date(day)) is working
    assert CHINA.is_published(parse_date(day))


def test_beyond_the_published_calendar_the_earlier_day_is_shown_and_marked() -> None:
    last = published_until(CHINA)
    assert last is not None
    due = parse_date("2190-10-01")  # a National Day that no notice has reached
    answer = safe_deadline(due, CHINA)
    assert (answer.days, answer.published) == (due, False)
    assert answer.note("zh") and answer.note("en")
    known = safe_deadline(parse_date("2024-10-01"), CHINA)
    assert (format_date(known.days), known.published, known.note("en")) == ("2024-10-08", True, "")


def test_counting_business_days_over_a_holiday() -> None:
    # From 30 September 2024: 8, 9, 10, 11 and 12 October (a made-up Saturday) are the next five working days.
    answer = add_business_days(parse_date("2024-09-30"), 5, CHINA)
    assert (format_date(answer.days), answer.published) == ("2024-10-12", True)


def test_counting_business_days_beyond_the_published_calendar_gives_the_earlier_day() -> None:
    """From 30 December 2026, a Wednesday: the 31st is published, what the days of 2027 will be is not.

    By the plain week the third day would be 4 January; were 2 January made up it would be that day, and never earlier.
    """
    answer = add_business_days(parse_date("2026-12-30"), 3, CHINA)
    assert (format_date(answer.days), answer.published) == ("2027-01-02", False)
    assert answer.note("en") == "calendar not published: the earlier day is shown"
    inside = add_business_days(parse_date("2026-12-30"), 1, CHINA)
    assert (format_date(inside.days), inside.published) == ("2026-12-31", True)


def test_whole_weekends_have_been_made_up() -> None:
    """State Council notice for 2022: 8 and 9 October, a Saturday and a Sunday, were working days."""
    assert all(CHINA.is_business_day(parse_date(day)) for day in ("2022-10-08", "2022-10-09"))


def test_neighbours() -> None:
    plain = calendar_of("MF")
    assert format_date(following_business_day(parse_date("2013-06-01"), plain)) == "2013-06-03"
    assert format_date(preceding_business_day(parse_date("2013-06-01"), plain)) == "2013-05-31"
    assert calendar_of("NOCALENDAR").code == "NC"
    with pytest.raises(ValueError, match="XX"):
        calendar_of("XX")


@pytest.mark.parametrize(
    ("convention", "day", "expected"),
    [
        # Strata BusinessDayConventionTest: Saturday 2014-07-12 and month-ends on a weekend.
        ("SCF", "2014-07-12", "2014-07-14"),
        ("SCF", "2014-08-31", "2014-09-01"),
        ("SCMF", "2014-08-30", "2014-08-29"),
        ("SCMF", "2014-08-31", "2014-08-29"),
        ("CSMF", "2014-07-12", "2014-07-14"),
        ("SCP", "2014-07-12", "2014-07-11"),
        ("SCP", "2014-06-01", "2014-05-30"),
        ("SCMP", "2014-06-01", "2014-06-02"),
        ("CSMP", "2014-07-13", "2014-07-11"),
        ("NULL", "2014-07-12", "2014-07-12"),
        ("CSF", "2014-07-11", "2014-07-11"),
    ],
)
def test_shifts(convention: str, day: str, expected: str) -> None:
    weekdays = calendar_of("MF").is_business_day
    assert format_date(shift(parse_date(day), convention, weekdays)) == expected


def test_conventions_are_known_by_name() -> None:
    assert {code for code, _, _ in BUSINESS_DAY_CONVENTIONS if calculates_before_shift(code)} == {
        "CSF",
        "CSMF",
        "CSP",
        "CSMP",
    }
    assert business_day_convention_of("nos") == "NULL"
    with pytest.raises(ValueError, match="SCX"):
        business_day_convention_of("SCX")
