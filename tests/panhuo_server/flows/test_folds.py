"""States are folds of events: read back from the database, to any moment, they give what was seen at that moment.

Commands are drawn in any order and by anybody; what is refused leaves no event. Each state reached is kept as it was,
and the events are read again as the database gives them back: bodies through JSON with their keys in another order.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.errors import PanhuoError
from panhuo_server.flows import approvals, auctions, cases, importing, reminding

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = st.sampled_from(["a", "b", "c"])
APPROVED = frozenset({"first", "second", "third"})
"""Approvals of a case; each is good for one step."""


@dataclass(frozen=True)
class Said:
    """An event as a fold needs it."""

    number: int
    kind: str
    body: dict[str, Any]
    person: str


def read_back(events: Sequence[Said]) -> list[Said]:
    """The events as `jsonb` gives them back: no tuples, keys in its own order."""
    return [Said(one.number, one.kind, json.loads(json.dumps(one.body, sort_keys=True)), one.person) for one in events]


class Stream:
    """Events, and the state after each as it was seen then."""

    def __init__(self, fold: Callable[[Any], Any]) -> None:
        self.fold = fold
        self.events: list[Said] = []
        self.seen: list[Any] = [fold([])]

    def add(self, kind: str, body: dict[str, Any], person: str) -> None:
        self.events.append(Said(len(self.events) + 1, kind, body, person))
        self.seen.append(self.fold(self.events))

    def otherwise(self) -> list[int]:
        """The moments whose state a replay does not give again; it takes nothing from the events."""
        given_back = read_back(self.events)
        kept = copy.deepcopy(given_back)
        found = [
            number
            for number, state in enumerate(self.seen)
            if not self.fold(given_back[:number]) == self.fold(iter(given_back[:number])) == state
        ]
        assert given_back == kept
        return found


@given(
    st.lists(
        st.tuples(st.sampled_from(["propose", "approve", "reject", "withdraw", "expire", "remind", "escalate"]),
                  PEOPLE, st.integers(0, 5)),
        max_size=25,
    ),
    st.integers(1, 2),
)  # fmt: skip
def test_a_proposal(tried: list[tuple[Any, str, int]], needed: int) -> None:
    stream, now = Stream(approvals.fold), NOON
    proposed = {
        "subject": "claims/C-7", "action": "write_off", "amount": 30_000_00, "currency": "CNY", "needed": needed,
        "expires_at": (NOON + timedelta(days=9)).isoformat(), "role": "approver",
        "remind_at": (NOON + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    for kind, person, days in tried:
        now += timedelta(days=days)
        body = proposed if kind == "propose" else {"to": [person]} if kind == "escalate" else {"reason": "r"}
        with contextlib.suppress(PanhuoError):
            command = approvals.Command(kind, person, body)
            stream.add(
                *approvals.decide(approvals.fold(stream.events), command, now=now, roles=frozenset({"approver"})),
                person,
            )
    assert stream.otherwise() == []


@given(
    st.lists(
        st.tuples(st.sampled_from([*cases.MOVES, "reassign"]), PEOPLE, st.integers(-1, 40),
                  st.sampled_from(["", *sorted(APPROVED)]), st.sampled_from(["", "a", "b"])),
        max_size=30,
    )
)  # fmt: skip
def test_a_case(tried: list[tuple[str, str, int, str, str]]) -> None:
    stream, day = Stream(cases.fold), date(2026, 1, 1)
    for kind, person, days, approval, responsible in tried:
        day += timedelta(days=days)
        body = {"on": day.isoformat(), "claim": "C-1", "reason": "r", "approval": approval, "responsible": responsible}
        with contextlib.suppress(PanhuoError):
            command = cases.Command(kind, person, body)
            stream.add(*cases.decide(cases.fold(stream.events), command, approved=APPROVED), person)
    assert stream.otherwise() == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["announce", "open", "bid", "close", "confirm", "default", "withdraw"]), PEOPLE,
                  st.integers(0, 30), st.integers(90, 200)),
        max_size=40,
    )
)  # fmt: skip
def test_an_auction(tried: list[tuple[Any, str, int, int]]) -> None:
    stream, now = Stream(auctions.fold), NOON
    terms = auctions.Terms(timedelta(minutes=5), 200_000)
    for kind, person, hours, amount in tried:
        now += timedelta(hours=hours)
        body = {
            "subject": "A", "start": 100, "increment": 5, "opens_at": now.isoformat(), "amount": amount,
            "closes_at": (now + timedelta(hours=24)).isoformat(), "bidder": person, "reason": "r",
        }  # fmt: skip
        with contextlib.suppress(PanhuoError):
            command = auctions.Command(kind, person, body)
            stream.add(*auctions.decide(auctions.fold(stream.events), command, now=now, terms=terms), person)
    assert stream.otherwise() == []


@given(
    st.booleans(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 6),
    st.dictionaries(st.sampled_from(["normal", "special_mention", "loss"]), st.integers(1, 9)),
)  # fmt: skip
def test_an_import(refused: bool, good: int, bad: int, steps: int, classes: dict[str, int]) -> None:
    stream = Stream(importing.fold)
    ended = {
        "seen": good + bad, "good": good, "bad": bad, "batches": [3, 4], "positions": [7, 8], "report": bool(bad),
        "why": "invalid-input" if refused else "",
    }  # fmt: skip
    whole: list[tuple[str, dict[str, Any]]] = [
        ("received", {"what": "parties", "bytes": 10}), ("refused" if refused else "sealed", ended),
        ("classified", {"run": "import-u", "classes": classes}), ("undo_asked", {}),
        ("undone", {"batches": [5], "facts": good}), ("report_expired", {}),
    ]  # fmt: skip
    for kind, body in whole[:steps]:
        stream.add(kind, body, "a")
    assert stream.otherwise() == []


@given(st.lists(st.sampled_from(["escalated", "acknowledged"]), max_size=4), PEOPLE)
def test_a_deadline(later: list[str], person: str) -> None:
    stream = Stream(reminding.fold)
    stream.add("reminded", {"kind": "debt_limitation", "entity": "C-1", "last_day": "2026-04-01", "to": "a"}, "clock")
    for kind in later:
        stream.add(kind, {"to": ["b", "c"]} if kind == "escalated" else {}, person)
    assert stream.otherwise() == []


def test_a_stream_from_the_database_is_the_stream_that_went_in(server: Any, founded: Any) -> None:
    """One long case through the tables: numbers, bodies and persons come back as the fold saw them."""
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    stream = Stream(cases.fold)
    for number, (kind, more) in enumerate(
        [("hand_over", {"claim": "C-1", "responsible": bank.person}), ("accept", {}), ("restructure", {}),
         ("fail_restructuring", {}), ("write_off", {}), ("settle", {})]
    ):  # fmt: skip
        body = {"on": date(2026, 1, 1 + number).isoformat(), "reason": "两期未付", "approval": f"ok {number}", **more}
        said, full = cases.decide(
            cases.fold(stream.events), cases.Command(kind, bank.person, body), approved=frozenset({f"ok {number}"})
        )
        with acting(bank.org, bank.person, "recovery"):
            new = [events.NewEvent(said, full)]
            events.append("case", "K-1", new, seen=number, idempotency_key=f"K-1 {number}")
        stream.add(said, full, bank.person)
    with acting(bank.org, bank.person, "recovery"):
        found = events.read("case", "K-1")
    assert [cases.fold(found[:n]) for n in range(len(found) + 1)] == stream.seen
    assert stream.seen[-1].state == "settled"
