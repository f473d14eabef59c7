"""Day counts against values from outside.

Sources: Strata ``DayCountTest`` (Apache-2.0), whose expectations are written as arithmetic over days; ISDA's own
worked example for Actual/Actual (memorandum "EMU and market conventions", 1999: 1 November 2003 to 1 May 2004).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.values.dates import is_leap_year, parse_date, to_date
from panhuo.ground.values.day_counts import (
    AA,
    DAY_COUNTS,
    day_count_denominator,
    day_count_numerator,
    day_count_of,
    leap_days,
    year_fraction,
)


@pytest.mark.parametrize(
    ("convention", "start", "end", "expected"),
    [
        # ISDA memorandum 1999, example 1: 61 days of 2003 and 121 of 2004.
        ("AA", "2003-11-01", "2004-05-01", 61 / 365 + 121 / 366),
        # ISDA memorandum, example 2: short first period 1 February 1999 to 1 July 1999, and to 1 July 2000.
        ("AA", "1999-02-01", "1999-07-01", 150 / 365),
        ("AA", "1999-07-01", "2000-07-01", 184 / 365 + 182 / 366),
        # ISDA memorandum, example 3: 15 August 2002 to 15 July 2003.
        ("AA", "2002-08-15", "2003-07-15", 334 / 365),
        # ISDA memorandum, example 4: 30 July 1999 to 30 January 2000 and on to 30 June 2000.
        ("AA", "1999-07-30", "2000-01-30", 155 / 365 + 29 / 366),
        ("AA", "2000-01-30", "2000-06-30", 152 / 366),
        # Strata DayCountTest.data_yearFraction, ACT/ACT ISDA.
        ("AA", "2011-12-28", "2012-02-28", 4 / 365 + 58 / 366),
        ("AA", "2011-12-28", "2016-02-28", 4 / 365 + 58 / 366 + 4),
        # Strata DayCountTest, ACT/360, ACT/365F and ACT/365.25.
        ("A360", "2011-12-28", "2012-02-28", 62 / 360),
        ("A360", "2011-12-28", "2016-02-28", (62 + 366 + 365 + 365 + 365) / 360),
        ("A365", "2011-12-28", "2012-02-28", 62 / 365),
        ("A365", "2012-02-28", "2012-02-29", 1 / 365),
        ("A365.25", "2011-12-28", "2012-02-28", 62 / 365.25),
        # Strata DayCountTest, 30E/360 and 30/360 ISDA: (years x 360 + months x 30 + days) / 360.
        ("30E360", "2011-12-28", "2012-02-28", (360 - 300 + 0) / 360),
        ("30E360", "2011-12-31", "2012-02-28", (360 - 300 + 28 - 30) / 360),
        ("30E360", "2012-02-29", "2012-03-28", (30 + 28 - 29) / 360),
        ("30E360", "2012-05-30", "2013-08-31", (360 + 90 + 0) / 360),
        ("30E360", "2012-05-29", "2013-08-31", (360 + 90 + 1) / 360),
        ("30U360", "2012-05-29", "2013-08-31", (360 + 90 + 2) / 360),
        ("30U360", "2012-05-30", "2013-08-31", (360 + 90 + 0) / 360),
        ("30E360ISDA", "2012-02-29", "2012-03-28", (30 + 28 - 30) / 360),
    ],
)
def test_year_fractions(convention: str, start: str, end: str, expected: float) -> None:
    position = day_count_of(convention)
    assert year_fraction(position, parse_date(start), parse_date(end)) == pytest.approx(expected, abs=1e-15, rel=0)


def test_end_of_february_at_maturity_is_not_the_thirtieth() -> None:
    # ISDA 2006 4.16(h): 31 August 2011 to 29 February 2012 is 180 days, and 179 when that is the maturity date.
    start, end = parse_date("2011-08-31"), parse_date("2012-02-29")
    position = day_count_of("30E360ISDA")
    assert day_count_numerator(position, start, end) == 180
    assert day_count_numerator(position, start, end, end) == 179


def test_names_of_the_trade_are_understood_and_others_refused() -> None:
    assert day_count_of("ACT/360") == day_count_of("A360")
    with pytest.raises(ValueError, match="A361"):
        day_count_of("A361")


RANGE = st.integers(min_value=parse_date("1950-01-01"), max_value=parse_date("2150-12-31"))


@given(RANGE, st.integers(min_value=0, max_value=4000))
def test_leap_days_counted_one_by_one(start: int, length: int) -> None:
    by_hand = sum(is_leap_year(to_date(start + day).year) for day in range(length))
    assert leap_days(start, start + length) == by_hand


@given(RANGE, RANGE, RANGE)
def test_actual_day_counts_add_up_over_any_split(one: int, two: int, three: int) -> None:
    for code in ("A360", "A365", "AA", "A365.25"):
        position = day_count_of(code)
        whole = day_count_numerator(position, one, three)
        parts = day_count_numerator(position, one, two) + day_count_numerator(position, two, three)
        assert whole == parts


@given(RANGE)
def test_a_whole_year_is_one_under_actual_actual(start: int) -> None:
    year = to_date(start).year
    first, next_first = parse_date(f"{year}-01-01"), parse_date(f"{year + 1}-01-01")
    assert day_count_numerator(AA, first, next_first) == day_count_denominator(AA)


def test_every_convention_is_near_half_for_half_a_year() -> None:
    for position in range(len(DAY_COUNTS)):
        assert abs(year_fraction(position, parse_date("2013-01-01"), parse_date("2013-07-01")) - 0.5) < 0.01
