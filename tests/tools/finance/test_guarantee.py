"""Guarantee periods: dates worked by hand from the articles, an oracle of its own, and what is not known staying so."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panhuo.tools.finance.guarantee import Guarantee, guarantee_form, guarantee_period
from panhuo.tools.finance.limitation import date_of, number_of
from tools.finance import limitation_oracle as oracle

DAY = dt.date
QUIET = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
FIRST, LAST = DAY(2015, 1, 1), DAY(2030, 6, 30)
days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + dt.timedelta(days=n))
FORMS = ("joint", "general", "not_agreed", None)
PERIODS = ("agreed", "not_agreed", "until_paid", "unclear", None)


def number(day: str | None) -> int | None:
    return None if day is None else number_of(DAY.fromisoformat(day))


def given_as(
    kind: str | None, period_kind: str | None, signed: str | None, due: str | None, to: str | None = None,
    demands: tuple[str, ...] = (), suits: tuple[str, ...] = (),
) -> Guarantee:  # fmt: skip
    acts = (tuple(number_of(DAY.fromisoformat(d)) for d in found) for found in (demands, suits))
    return Guarantee(kind, period_kind, number(signed), number(due), number(to), *acts)


@pytest.mark.parametrize(
    ("kind", "signed", "joint"),
    [
        ("not_agreed", "2020-12-31", True),  # 担保法 19
        ("not_agreed", "2021-01-01", False),  # Civil Code 686
        ("joint", "2022-01-01", True),
        ("general", "2019-01-01", False),
        ("not_agreed", None, None),  # the law of which day?
        (None, "2022-01-01", None),  # not recorded is not "not agreed"
    ],
)
def test_the_form_where_none_is_agreed_turned_round_in_2021(kind: str | None, signed: str | None, joint: bool) -> None:
    assert guarantee_form(kind, number(signed)) is joint


# The debt fell due on 2024-03-12, a Tuesday; judged on 2025-03-03.
@pytest.mark.parametrize(
    ("guarantee", "last", "binds", "why"),
    [
        (("joint", "not_agreed", "2022-01-05", "2024-03-12"), "2024-09-12", False, "692: six months, nothing done"),
        (("joint", "unclear", "2022-01-05", "2024-03-12"), "2024-09-12", False, "692: unclear, six months"),
        (("joint", "until_paid", "2021-01-01", "2024-03-12"), "2024-09-12", False, "担保制度解释 32: six months"),
        (("joint", "until_paid", "2020-12-31", "2024-03-12"), "2026-03-12", True, "担保法解释 32: two years"),
        (("joint", "until_paid", None, "2024-03-12"), "2024-09-12", None, "six months or two years: not known"),
        (("joint", "agreed", "2022-01-05", "2024-03-12", "2025-03-03"), "2025-03-03", True, "as agreed, its last day"),
        (("joint", "agreed", "2022-01-05", "2024-03-12", "2025-03-02"), "2025-03-02", False, "as agreed, over"),
        (("joint", "agreed", "2022-01-05", "2024-03-12", "2024-03-12"), "2024-09-12", False, "692: ends with the debt"),
        (("joint", "agreed", "2022-01-05", "2024-03-12"), None, None, "agreed, until when is not recorded"),
        (("joint", None, "2022-01-05", "2024-03-12"), "2024-09-12", None, "a longer one may have been agreed"),
        (("joint", "not_agreed", "2022-01-05", None), None, None, "the debt's due day is not known"),
        (("joint", "not_agreed", "2022-01-05", "2025-01-13"), "2025-07-14", True, "runs; 13 July 2025 is a Sunday"),
        (
            ("joint", "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-09-12",)),
            "2024-09-12", True, "693: demanded on the last day",
        ),
        (
            ("joint", "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-09-13",)),
            "2024-09-12", False, "693: a day late",
        ),
        (
            ("joint", "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-03-12",)),
            "2024-09-12", False, "693: not before it is due",
        ),
        (
            ("general", "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-05-06",)),
            "2024-09-12", False, "693: a demand does not keep a general one",
        ),
        (
            ("general", "not_agreed", "2022-01-05", "2024-03-12", None, (), ("2024-05-06",)),
            "2024-09-12", True, "693: the debtor was sued",
        ),
        (
            ("joint", "not_agreed", "2022-01-05", "2024-03-12", None, (), ("2024-05-06",)),
            "2024-09-12", False, "693: suing the debtor asks nothing of a joint guarantor",
        ),
        (
            (None, "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-05-06",)),
            "2024-09-12", None, "kept if joint, lost if general",
        ),
        (
            (None, "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-05-06",), ("2024-05-07",)),
            "2024-09-12", True, "kept either way",
        ),
        ((None, "not_agreed", "2022-01-05", "2024-03-12"), "2024-09-12", False, "lost either way"),
    ],
)  # fmt: skip
def test_dates_worked_by_hand(guarantee: tuple, last: str | None, binds: bool | None, why: str) -> None:
    life = guarantee_period(given_as(*guarantee), DAY(2025, 3, 3))
    assert (life.last, life.binds) == (number(last), binds), why


def test_a_demand_still_to_come_keeps_nothing() -> None:
    told = given_as("joint", "not_agreed", "2022-01-05", "2024-03-12", None, ("2024-08-01",))
    assert not guarantee_period(told, DAY(2024, 7, 31)).done
    assert guarantee_period(told, DAY(2024, 8, 1)).done_on == number("2024-08-01")


def test_beyond_the_published_calendar_the_earlier_day_is_marked() -> None:
    """1 October 2027 is surely a holiday, but its calendar is not published (2026 is the last year that is)."""
    life = guarantee_period(given_as("joint", "not_agreed", "2022-01-05", "2027-04-01"), DAY(2026, 2, 5))
    assert (life.last, life.published) == (number("2027-10-01"), False)


@st.composite
def guarantees(draw: st.DrawFn) -> Guarantee:
    due = draw(days)
    after = st.integers(-300, 1200).map(lambda n: number_of(due) + n)
    return Guarantee(
        draw(st.sampled_from(FORMS)),
        draw(st.sampled_from(PERIODS)),
        draw(st.none() | days.map(number_of)),
        number_of(due),
        draw(st.none() | after),
        tuple(draw(st.lists(after, max_size=3))),
        tuple(draw(st.lists(after, max_size=3))),
    )


@QUIET
@given(told=guarantees())
def test_guarantee_periods_are_the_oracles(told: Guarantee) -> None:
    life = guarantee_period(told, DAY(2036, 1, 1))
    assert told.due is not None
    due, signed, agreed_to = date_of(told.due), told.signed, told.agreed_to
    if told.period_kind == "agreed" and agreed_to is None:
        assert (life.last, life.done, life.binds) == (None, False, None)
        return
    written = None if signed is None else date_of(signed)
    last = oracle.guarantee_last_day(
        due, told.period_kind, None if agreed_to is None else date_of(agreed_to), written
    )  # fmt: skip
    demands, suits = ([date_of(d) for d in found] for found in (told.demands, told.suits))
    assert life.last is not None and date_of(life.last) == last
    assert life.done == oracle.guarantee_kept(due, last, told.kind, written, demands, suits)
    if life.done:
        assert life.binds


@QUIET
@given(
    told=guarantees(), today=days, kind=st.sampled_from(FORMS[:3]), period_kind=st.sampled_from(PERIODS[:4]),
    signed=days.map(number_of), further=st.integers(1, 1200),
)  # fmt: skip
def test_what_is_said_for_sure_stands_whatever_the_missing_facts_turn_out_to_be(
    told: Guarantee, today: DAY, kind: str, period_kind: str, signed: int, further: int
) -> None:
    said = guarantee_period(told, today)
    assert told.due is not None
    found = replace(
        told,
        kind=told.kind or kind,
        signed=signed if told.signed is None else told.signed,
        period_kind=told.period_kind or period_kind,
        agreed_to=told.due + further if told.period_kind in (None, "agreed") else told.agreed_to,
    )
    if told.agreed_to is not None:
        found = replace(found, agreed_to=told.agreed_to, period_kind=told.period_kind or "agreed")
    if found.period_kind == "agreed" and said.last is not None and found.agreed_to is not None:
        # A recorded agreement of less than six months is the one thing the law's own period does not allow for.
        found = replace(found, agreed_to=max(found.agreed_to, said.last)) if told.agreed_to is None else found
    known = guarantee_period(found, today)
    if said.binds is not None:
        assert known.binds == said.binds
    if said.done:
        assert known.done
    if said.last is not None and known.last is not None:
        assert said.last <= known.last
