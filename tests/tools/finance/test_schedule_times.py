"""Schedules, cycles and stubs against the ACTUS technical specification and Strata's schedule tables."""

from __future__ import annotations

import pytest

from panhuo.ground.values.calendars import calendar_of
from panhuo.tools.finance.schedule_times import (
    Cycle,
    Shifting,
    day_of,
    format_moment,
    parse_cycle,
    parse_moment,
    plus,
    schedule,
)


def dates(start: str, cycle: str, end: str, end_of_month: bool = False, with_end: bool = True) -> list[str]:
    found = schedule(parse_moment(start), parse_cycle(cycle), parse_moment(end), end_of_month, with_end)
    return [format_moment(moment)[:10] for moment in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1ML0", Cycle(1, 0, True)),
        ("P1ML1", Cycle(1, 0, False)),
        ("P3M", Cycle(3, 0)),
        ("P27DL1", Cycle(0, 27)),
        ("P2WL1", Cycle(0, 14)),
        ("P1YL0", Cycle(12, 0, True)),
        ("1Q+", Cycle(3, 0, True)),
        ("P1H", Cycle(6, 0)),
        ("P0D", Cycle(0, 0)),
    ],
)
def test_cycles(text: str, expected: Cycle) -> None:
    assert parse_cycle(text) == expected


@pytest.mark.parametrize("text", ("", "P", "1X", "monthly", "PT3H5"))
def test_no_cycles(text: str) -> None:
    with pytest.raises(ValueError, match="no cycle"):
        parse_cycle(text)


def test_a_short_last_stub_keeps_the_last_regular_date_a_long_one_drops_it() -> None:
    assert dates("2013-01-01", "P1ML1", "2013-03-15") == ["2013-01-01", "2013-02-01", "2013-03-01", "2013-03-15"]
    assert dates("2013-01-01", "P1ML0", "2013-03-15") == ["2013-01-01", "2013-02-01", "2013-03-15"]
    assert dates("2013-01-01", "P1ML0", "2013-03-01") == ["2013-01-01", "2013-02-01", "2013-03-01"]
    assert dates("2013-01-01", "P1ML0", "2013-03-15", with_end=False) == ["2013-01-01", "2013-02-01"]


def test_end_of_month_matters_only_from_an_end_of_month() -> None:
    # Technical specification, End Of Month Shift Convention: April 30 stays on the 30th (SD) or goes to the 31st (EOM).
    assert dates("2013-04-30", "P1ML1", "2013-07-31", True) == ["2013-04-30", "2013-05-31", "2013-06-30", "2013-07-31"]
    assert dates("2013-04-30", "P1ML1", "2013-06-30") == ["2013-04-30", "2013-05-30", "2013-06-30"]
    assert dates("2013-04-29", "P1ML1", "2013-06-29", True) == ["2013-04-29", "2013-05-29", "2013-06-29"]
    # Strata RollConventionTest: the 31st of a month is clipped, and comes back.
    assert dates("2014-01-31", "P1ML1", "2014-04-30") == ["2014-01-31", "2014-02-28", "2014-03-31", "2014-04-30"]


def test_degenerate_schedules() -> None:
    one, two = parse_moment("2013-01-01"), parse_moment("2013-02-01")
    assert schedule(None, None, None) == []
    assert schedule(one, None, None) == [one]
    assert schedule(None, None, two) == [two]
    assert schedule(one, None, two) == [one, two]
    assert schedule(two, Cycle(1, 0), one) == []
    assert schedule(one, Cycle(1, 0), one) == [one]


def test_the_last_second_of_a_day_counts_as_the_next_midnight() -> None:
    assert day_of(parse_moment("2013-12-31T23:59:59")) == day_of(parse_moment("2014-01-01T00:00:00"))
    assert format_moment(parse_moment("2013-12-31T23:59:59")) == "2013-12-31T23:59:59"
    assert format_moment(parse_moment("2013-12-31T10:30")) == "2013-12-31T10:30"


def test_stepping_back_from_an_anchor() -> None:
    assert format_moment(plus(parse_moment("2013-10-01"), Cycle(1, 0), -1))[:10] == "2013-09-01"


def test_calculation_follows_the_shift_or_precedes_it() -> None:
    saturday, monday = parse_moment("2013-06-01"), parse_moment("2013-06-03")
    weekdays = calendar_of("MF")
    assert Shifting("SCF", weekdays).calculation_time(saturday) == monday
    assert Shifting("CSF", weekdays).calculation_time(saturday) == saturday
    assert Shifting("CSF", weekdays).event_time(saturday) == monday
