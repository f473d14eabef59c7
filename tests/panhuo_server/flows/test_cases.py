"""The whole life of a bad asset (catalogue REC-16, R062): every change with its person and its day, none skipped."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, PanhuoError, RuleRefused
from panhuo_server.flows.cases import CASE_STATES, MOVES, NEEDS_APPROVAL, Command, decide, fold

APPROVED = frozenset({"ok", "ok 2"})


@dataclass(frozen=True)
class Said:
    number: int
    kind: str
    body: dict[str, Any]
    person: str


def after(events: list[Said], kind: str, person: str = "officer", **body: Any) -> list[Said]:
    said, full = decide(fold(events), Command(kind, person, body), approved=APPROVED)
    return [*events, Said(len(events) + 1, said, full, person)]


def test_five_stages_are_traced_from_hand_over_to_return() -> None:
    events = after([], "hand_over", "branch", on="2026-01-05", claim="C-9", responsible="officer")
    with pytest.raises(NotAllowed):
        after(events, "accept", "somebody", on="2026-01-06")
    events = after(events, "accept", on="2026-01-06")
    events = after(events, "restructure", on="2026-02-01", approval="ok")
    events = after(events, "fail_restructuring", on="2026-06-01", reason="连续两期未付")
    events = after(events, "hand_back", on="2026-06-15", approval="ok 2", reason="担保人代偿后恢复正常")
    case = fold(events)
    assert (case.state, case.claim) == ("returned", "C-9")
    assert [(s.on, s.before, s.after, s.responsible, s.done_by) for s in case.ledger] == [
        ("2026-01-05", "none", "handed_over", "officer", "branch"),
        ("2026-01-06", "handed_over", "managed", "officer", "officer"),
        ("2026-02-01", "managed", "restructured", "officer", "officer"),
        ("2026-06-01", "restructured", "managed", "officer", "officer"),
        ("2026-06-15", "managed", "returned", "officer", "officer"),
    ]


def test_what_is_not_possible_is_refused_in_words() -> None:
    events = after([], "hand_over", on="2026-01-05", claim="C-9", responsible="officer")
    with pytest.raises(Conflict):
        after(events, "assign", on="2026-01-06", approval="ok")
    events = after(events, "accept", on="2026-01-06")
    with pytest.raises(NotAllowed):
        after(events, "assign", on="2026-01-07", approval="never approved")
    with pytest.raises(RuleRefused):
        after(events, "write_off", on="2026-01-07", approval="ok")
    with pytest.raises(InvalidInput):
        after(events, "settle", on="2026-01-05")
    with pytest.raises(InvalidInput):
        after(events, "settle", on="")
    with pytest.raises(InvalidInput):
        after(events, "forget", on="2026-01-07")
    assert fold(after(events, "reassign", on="2026-01-07", responsible="other")).responsible == "other"


TRIED = st.tuples(
    st.sampled_from([*MOVES, "reassign"]), st.sampled_from(["a", "b"]), st.integers(-3, 40), st.sampled_from(["", "r"]),
    st.sampled_from(["", "ok", "no"]), st.sampled_from(["", "a", "b"]),
)  # fmt: skip


def test_an_approval_authorises_one_step_and_is_used_up() -> None:
    events = after([], "hand_over", on="2026-01-05", claim="C-9", responsible="officer", approval="ok")
    events = after(events, "accept", on="2026-01-06")
    assert fold(events).used == frozenset()  # a step that needs no approval uses none up
    events = after(events, "restructure", on="2026-02-01", approval="ok")
    events = after(events, "fail_restructuring", on="2026-06-01", reason="再次逾期")
    with pytest.raises(NotAllowed, match="used by a step before"):
        after(events, "restructure", on="2026-06-02", approval="ok")
    events = after(events, "restructure", on="2026-06-02", approval="ok 2")
    assert [step.approval for step in fold(events).ledger] == ["", "", "ok", "", "ok 2"]


@given(st.lists(TRIED, max_size=40))
def test_the_ledger_is_a_chain_without_gaps(tried: list[tuple[Any, ...]]) -> None:
    events: list[Said] = []
    day = date(2026, 1, 1)
    for kind, person, days, reason, approval, responsible in tried:
        day += timedelta(days=days)
        given_body = {"on": day.isoformat(), "claim": "C", "reason": reason, "approval": approval}
        with contextlib.suppress(PanhuoError):
            events = after(events, kind, person, **given_body, responsible=responsible)
    case = fold(events)
    before, last = "none", ""
    for number, step in enumerate(case.ledger, start=1):
        assert (step.number, step.before) == (number, before)
        assert step.on >= last and step.responsible and step.done_by and step.after in CASE_STATES
        assert step.kind not in NEEDS_APPROVAL or step.approval == "ok"
        before, last = step.after, step.on
    used = [step.approval for step in case.ledger if step.approval]
    assert len(used) == len(set(used))
    assert case.state == before
