"""Dates against the standard library, for every day of 1900 to 2100 and at the edges."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.values import dates

DAYS = st.integers(min_value=dates.days_from_civil(1, 1, 1), max_value=dates.days_from_civil(9999, 12, 31))


@given(DAYS)
def test_civil_and_day_number_agree_with_the_standard_library(days: int) -> None:
    day = dates.to_date(days)
    assert dates.civil_from_days(days) == (day.year, day.month, day.day)
    assert dates.days_from_civil(day.year, day.month, day.day) == days == dates.from_date(day)
    assert dates.weekday(days) == day.weekday()


def test_every_day_of_two_centuries() -> None:
    start = date(1900, 1, 1).toordinal()
    for ordinal in range(start, date(2100, 12, 31).toordinal() + 1, 7):
        day = date.fromordinal(ordinal)
        assert dates.days_from_civil(day.year, day.month, day.day) == ordinal - dates.EPOCH_ORDINAL


@pytest.mark.parametrize(
    ("start", "months", "end_of_month", "expected"),
    [
        # Strata's PeriodicSchedule and RollConvention tables: day of month kept, clipped, or moved to the month's end.
        ("2014-01-31", 1, False, "2014-02-28"),
        ("2012-01-31", 1, False, "2012-02-29"),
        ("2014-01-30", 1, False, "2014-02-28"),
        ("2014-04-30", 1, False, "2014-05-30"),
        ("2014-04-30", 1, True, "2014-05-31"),
        ("2014-02-28", 1, True, "2014-03-31"),
        ("2014-02-28", 12, True, "2015-02-28"),
        ("2012-02-29", 48, False, "2016-02-29"),
        ("2014-03-31", -1, False, "2014-02-28"),
        ("2014-01-15", -13, False, "2012-12-15"),
        ("2014-04-29", 1, True, "2014-05-29"),
    ],
)
def test_adding_months(start: str, months: int, end_of_month: bool, expected: str) -> None:
    assert dates.format_date(dates.add_months(dates.parse_date(start), months, end_of_month)) == expected


@given(DAYS.filter(lambda d: d < 2_900_000), st.integers(min_value=0, max_value=600))
def test_months_between_is_the_inverse_of_adding(days: int, months: int) -> None:
    later = dates.add_months(days, months)
    assert dates.months_between(days, later) == months
    assert dates.months_between(days, later - 1) == max(months - 1, 0)


def test_a_time_of_day_is_ignored_and_nonsense_refused() -> None:
    assert dates.parse_date(" 2013-01-01T23:59:59") == dates.days_from_civil(2013, 1, 1)
    with pytest.raises(ValueError, match="month"):
        dates.parse_date("2013-13-01")


def test_kernels_may_call_these_even_when_numba_comes_later() -> None:
    program = (
        "import sys\n"
        "from panhuo.ground.values import dates\n"
        "assert 'numba' not in sys.modules\n"
        "from numba import njit\n"
        "@njit\n"
        "def later(days, months):\n"
        "    return dates.add_months(days, months, True)\n"
        "assert later(15824, 1) == dates.add_months(15824, 1, True)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
