"""A missed deadline cannot be built: random histories against an oracle written from the text of the law."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panhuo.ground.rules.periods import Period
from panhuo.tools.finance.limitation import Event, Life, date_of, limitation, number_of
from tools.finance import limitation_oracle as oracle

Happening = oracle.Happening
QUIET = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
DAY = dt.date
DEMANDS = (
    "signed_demand",
    "delivered_demand",
    "assignment_notice",
    "deduction",
    "promise",
    "part_payment",
    "newspaper",
)
KINDS = (*DEMANDS, *oracle.COURT, "obstacle")
FIRST, LAST = DAY(2015, 1, 1), DAY(2030, 6, 30)
days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + dt.timedelta(days=n))
# Judged before 2017-10-01 the two years of that time would be shown: what was not yet law was not known.
judged = st.integers(1004, (LAST - FIRST).days).map(lambda n: FIRST + dt.timedelta(days=n))


@st.composite
def happenings(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS, most: int = 7, spread: int = 3000) -> list:
    found = []
    first = draw(days)
    for _ in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(kinds))
        on, ended = min(first + dt.timedelta(days=draw(st.integers(0, spread))), LAST), None
        if kind in oracle.COURT or kind == "obstacle":
            if draw(st.booleans()):
                ended = on + dt.timedelta(days=draw(st.integers(0, 1500)))
            grade = (
                draw(st.sampled_from((None, "a", "a", "c"))) if kind != "obstacle" else draw(st.sampled_from("aabd"))
            )
        else:
            grade = draw(st.sampled_from(("a", "a", "b", "c", "d", None)))
        if kind == "obstacle" and on < oracle.GENERAL_RULES:
            # Obstacles of 民法通则's time ran by its article 139, which no rule file holds; see limitation.py.
            on = oracle.GENERAL_RULES + (on - FIRST) / 4
            ended = None if ended is None else max(ended, on)
        found.append(Happening(kind, on, grade, ended))
    return found


def events(found: list) -> list[Event]:
    return [Event(h.kind, number_of(h.on), h.grade, None if h.ended is None else number_of(h.ended)) for h in found]


def folded(due: DAY, found: list, today: DAY, years: int | None = None, safe_only: bool = True) -> Life:
    length = None if years is None else Period(years, "years")
    return limitation(number_of(due), events(found), today, length=length, safe_only=safe_only)


def shown(life: Life) -> DAY | None:
    return None if life.last is None else date_of(life.last)


@QUIET
@given(due=days, found=happenings(), today=judged, proved_only=st.booleans())
@example(  # a suit two years long: a demand on its way does not bring the day back to three years from the demand
    due=DAY(2019, 3, 1), today=DAY(2025, 1, 1), proved_only=True,
    found=[Happening("suit", DAY(2021, 2, 1), "a", DAY(2023, 2, 1)), Happening("signed_demand", DAY(2021, 6, 1), "a")],
)  # fmt: skip
@example(  # an obstacle long before the last six months does not stop the clock while they have not begun
    due=DAY(2023, 1, 10), today=DAY(2024, 1, 10), proved_only=True, found=[Happening("obstacle", DAY(2023, 6, 1), "a")]
)
@example(  # two years full before 2017-10-01 stay two; not yet full become three
    due=DAY(2015, 9, 30), today=DAY(2018, 1, 1), proved_only=True, found=[]
)
@example(due=DAY(2015, 10, 1), today=DAY(2018, 1, 1), proved_only=True, found=[])
@example(  # a suit and a promise on one day, after the right expired: the suit was too late, the promise revives
    due=DAY(2015, 1, 1), today=DAY(2017, 10, 1), proved_only=False,
    found=[Happening("suit", DAY(2017, 1, 4), None), Happening("promise", DAY(2017, 1, 4), "a")],
)  # fmt: skip
def test_general_limitation_is_the_oracles(due: DAY, found: list, today: DAY, proved_only: bool) -> None:
    expected = oracle.walk(due, found, today, years=None, proved_only=proved_only)
    life = folded(due, found, today, safe_only=proved_only)
    assert (shown(life), life.revived) == (expected.last, expected.revived)


@QUIET
@given(
    due=days,
    today=judged,
    found=happenings(("enforcement_application", "signed_demand", "promise", "part_payment", "newspaper", "obstacle")),
)
def test_the_enforcement_period_is_the_oracles(due: DAY, found: list, today: DAY) -> None:
    expected = oracle.walk(due, found, today, years=2)
    life = folded(due, found, today, years=2)
    assert (shown(life), life.revived) == (expected.last, expected.revived)


@settings(QUIET, max_examples=200)
@given(due=st.dates(DAY(1996, 1, 1), DAY(2006, 1, 1)), today=judged, found=happenings(most=9))
def test_no_interruption_carries_a_right_past_twenty_years(due: DAY, found: list, today: DAY) -> None:
    early = [Happening(h.kind, h.on - dt.timedelta(days=1500), h.grade, h.ended) for h in found if h.kind != "obstacle"]
    expected = oracle.walk(due, early, today, years=None)
    life = folded(due, early, today)
    assert (shown(life), life.revived) == (expected.last, expected.revived)
    if life.last is not None and not life.revived:
        assert shown(life) <= oracle.past_holidays(oracle.months_later(due, 240))


@QUIET
@given(due=days, found=happenings(), today=judged)
def test_the_safe_day_is_never_later_than_the_law_on_proved_evidence(due: DAY, found: list, today: DAY) -> None:
    life = folded(due, found, today)
    expected = oracle.walk(due, [h for h in found if h.proved], today, years=None).last
    if expected is not None:
        assert life.last is not None and shown(life) <= expected


@QUIET
@given(due=days, found=happenings(), weak=happenings(DEMANDS, 4), obstacles=happenings(("obstacle",), 2), today=judged)
def test_newspapers_and_bare_posting_never_move_the_safe_day(
    due: DAY, found: list, weak: list, obstacles: list, today: DAY
) -> None:
    unproved = [Happening(h.kind, h.on, "d" if n % 2 else "c", h.ended) for n, h in enumerate([*weak, *obstacles])]
    unproved += [Happening("newspaper", h.on, "a") for h in weak]
    assert folded(due, found + unproved, today) == folded(due, found, today)


@QUIET
@given(
    due=days, found=happenings(), today=judged, after=st.integers(0, 2000), kind=st.sampled_from(DEMANDS[:-1]),
    ended=st.none() | st.integers(0, 900), court=st.sampled_from((*oracle.COURT, None)),
)  # fmt: skip
def test_a_further_safe_interruption_in_time_never_makes_it_earlier(
    due: DAY, found: list, today: DAY, after: int, kind: str, ended: int | None, court: str | None
) -> None:
    before = folded(due, found, today)
    on = due + dt.timedelta(days=after)
    if before.last is not None and on > shown(before):
        return
    until = None if court is None or ended is None else on + dt.timedelta(days=ended)
    life = folded(due, [*found, Happening(court or kind, on, "a", until)], today)
    if before.last is None:
        # Proceedings run: they keep it. An obstacle may have stopped a period that now runs anew, and is known.
        assert life.last is None or life.last >= number_of(min(on, today))
    elif life.last is not None:
        assert life.last >= before.last
