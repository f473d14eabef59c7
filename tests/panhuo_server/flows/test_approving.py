"""Proposals that wait: reminded, escalated and ended by time alone, once each, however often anybody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, RuleRefused
from panhuo_server.flows.approvals import Authority

START = datetime(2030, 3, 2, 12, tzinfo=UTC)  # far off: the queue itself looks at none of these while the test runs
LADDER = [Authority("approver", 500_000_00), Authority("committee", None, 2)]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock of durable work."""
    from panhuo_server.flows import clock

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(START)
    return put


def member(bank: Any, role: str) -> str:
    """A further person with a role."""
    from panhuo_server.accounts import invitations
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "administration"):
        invited = invitations.invite(f"{role}-{bank.org}@bank.example", role)
    return invitations.accept_as_new(invited.link, "同事", "a long enough secret 7")


def kinds(bank: Any, proposal: str) -> list[str]:
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "recovery"):
        return [event.kind for event in events.read("approval", proposal)]


def make(bank: Any, proposal: str, **given: Any) -> Any:
    from panhuo_server.flows.approving import propose
    from panhuo_server.store.acting import acting

    body = {
        "subject": "claims/C-7", "action": "write_off", "amount": 300_000_00, "authorities": LADDER,
        "remind_at": START + timedelta(days=1), "escalate_at": START + timedelta(days=2),
        "expires_at": START + timedelta(days=3), **given,
    }  # fmt: skip
    with acting(bank.org, bank.person, "recovery"):
        return propose(proposal, **body)


def test_time_alone_reminds_escalates_and_ends_once(server: Any, engine: Any, founded: Any, at: Any) -> None:
    from panhuo_server.flows.approving import look

    bank = founded("lender")
    manager = member(bank, "risk_manager")
    assert make(bank, "W-1") == make(bank, "W-1")
    with pytest.raises(Conflict):
        make(bank, "W-1", amount=1)
    seen = ["proposed"]
    for day, event in ((1, "reminded"), (2, "escalated"), (3, "expired")):
        at(START + timedelta(days=day) - timedelta(seconds=1))
        look(bank.org, bank.person, False, "W-1", "recovery", day)
        assert kinds(bank, "W-1") == seen
        at(START + timedelta(days=day))
        for _ in range(3):
            look(bank.org, bank.person, False, "W-1", "recovery", day)
        seen.append(event)
        assert kinds(bank, "W-1") == seen
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "recovery"):
        assert events.read("approval", "W-1")[2].body == {"to": [manager]}

    # A worker that was away for days catches all of it up in one look.
    at(START)
    make(bank, "W-2")
    at(START + timedelta(days=9))
    assert look(bank.org, bank.person, False, "W-2", "recovery", 1) == "expired"
    assert kinds(bank, "W-2") == ["proposed", "reminded", "escalated", "expired"]


def test_somebody_else_with_the_authority_decides(server: Any, engine: Any, founded: Any, at: Any) -> None:
    from panhuo_server.flows.approving import answer, look
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    approver = member(bank, "approver")
    make(bank, "W-1")
    with acting(bank.org, bank.person, "recovery"), pytest.raises(NotAllowed):
        answer("W-1", "approve", idempotency_key="own")
    for _ in range(2):  # the same answer given twice is one
        with acting(bank.org, approver, "approval"):
            assert answer("W-1", "approve", idempotency_key="yes").status == "approved"
    at(START + timedelta(days=9))
    assert look(bank.org, bank.person, False, "W-1", "recovery", 1) == "approved"
    assert kinds(bank, "W-1") == ["proposed", "approved"]
    make(bank, "W-2", amount=500_000_01, expires_at=START + timedelta(days=30))
    with acting(bank.org, approver, "approval"), pytest.raises(NotAllowed):
        answer("W-2", "approve", idempotency_key="beyond")
    with pytest.raises(InvalidInput):
        make(bank, "W-3", remind_at=START + timedelta(days=5))
    with pytest.raises(RuleRefused):
        make(bank, "W-4", authorities=LADDER[:1], amount=500_000_01)


@pytest.mark.slow
def test_the_queue_looks_by_itself(server: Any, come: Any, founded: Any) -> None:
    bank = founded("lender")
    soon = datetime.now(UTC)
    make(bank, "W-1", remind_at=soon, escalate_at=soon + timedelta(seconds=1), expires_at=soon + timedelta(seconds=2))
    wanted = ["proposed", "reminded", "escalated", "expired"]
    assert come(lambda: kinds(bank, "W-1") == wanted)
