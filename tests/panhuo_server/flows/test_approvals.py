"""Maker and checker: no sequence of commands lets one person both propose and approve, or moves what was decided."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.errors import Conflict, NotAllowed, PanhuoError, RuleRefused
from panhuo_server.flows.approvals import Authority, Command, Proposal, decide, fold, needed_for

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODY: dict[str, Any] = {
    "subject": "claims/C-7", "action": "write_off", "amount": 30_000_00, "currency": "CNY", "needed": 2,
    "expires_at": (NOON + timedelta(days=3)).isoformat(),
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    kind: str
    body: dict[str, Any]
    person: str


def after(
    events: list[Said], command: Command, now: datetime = NOON, roles: frozenset[str] = frozenset()
) -> list[Said]:
    kind, body = decide(fold(events), command, now=now, roles=roles)
    return [*events, Said(kind, body, command.person)]


def test_two_checkers_write_off_a_claim() -> None:
    events = after([], Command("propose", "officer", BODY))
    with pytest.raises(NotAllowed):
        after(events, Command("approve", "officer", {}))
    events = after(events, Command("approve", "manager", {}))
    assert fold(events).status == "open"
    with pytest.raises(Conflict):
        after(events, Command("approve", "manager", {}))
    events = after(events, Command("approve", "director", {}))
    assert fold(events).status == "approved" and fold(events).approvals == ("manager", "director")
    with pytest.raises(Conflict):
        after(events, Command("withdraw", "officer", {}))


def test_a_rejection_says_why_and_ends_it() -> None:
    events = after([], Command("propose", "officer", BODY))
    with pytest.raises(RuleRefused):
        after(events, Command("reject", "manager", {"reason": "  "}))
    events = after(events, Command("reject", "manager", {"reason": "抵押物未评估"}))
    assert (fold(events).status, fold(events).reason) == ("rejected", "抵押物未评估")


def test_time_ends_a_proposal_and_not_before_its_time() -> None:
    events = after([], Command("propose", "officer", BODY))
    with pytest.raises(Conflict):
        after(events, Command("expire", "clock", {}))
    late = NOON + timedelta(days=3)
    with pytest.raises(RuleRefused):
        after(events, Command("approve", "manager", {}), now=late)
    assert fold(after(events, Command("expire", "clock", {}), now=late)).status == "expired"


def test_authority_rises_with_the_amount() -> None:
    ladder = [Authority("approver", 500_000_00), Authority("committee", 5_000_000_00, 3)]
    assert needed_for(500_000_00, ladder).role == "approver"
    assert needed_for(500_000_01, ladder) == ladder[1]
    with pytest.raises(RuleRefused):
        needed_for(5_000_000_01, ladder)
    events = after([], Command("propose", "officer", BODY))
    with pytest.raises(NotAllowed):
        after(events, Command("approve", "manager", {"role": "committee"}), roles=frozenset({"approver"}))


PEOPLE = st.sampled_from(["a", "b", "c", "d"])
KINDS = st.sampled_from(["propose", "approve", "reject", "withdraw", "expire", "remind", "escalate"])


@given(st.lists(st.tuples(KINDS, PEOPLE, st.integers(0, 5)), max_size=25), st.integers(1, 3))
def test_whatever_is_tried_nobody_checks_his_own(tried: list[tuple[Any, str, int]], needed: int) -> None:
    events: list[Said] = []
    ended: Proposal | None = None
    now = NOON
    for kind, person, days in tried:
        now += timedelta(days=days)
        body = {**BODY, "needed": needed} if kind == "propose" else {"reason": "r"}
        with contextlib.suppress(PanhuoError):
            events = after(events, Command(kind, person, body), now=now)
        state = fold(events)
        if ended is not None:
            assert state == ended, "what ended stays as it is"
        if state.status not in ("none", "open"):
            ended = state
    state = fold(events)
    assert state.proposer not in state.approvals
    assert len(set(state.approvals)) == len(state.approvals) <= needed
    assert (state.status == "approved") == (len(state.approvals) == needed)
