"""Proposals that wait for a decision, for as long as it takes and no longer: reminded, escalated, ended in time.

Invariant: a proposal waits in the database and holds no worker; each deadline of it takes effect once, and what
somebody decided meanwhile stands. Who waits is never asked: the next moment to look at it is on the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import require
from panhuo_server.flows import clock, webhooks
from panhuo_server.flows.approvals import Authority, Command, Proposal, decide, fold, needed_for
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.flows.reminding import managers
from panhuo_server.store import events
from panhuo_server.store.acting import acting_as_clock, current
from panhuo_server.store.events import NewEvent
from panhuo_server.store.starting import start_work

STREAM = "approval"


def propose(
    proposal: str,
    *,
    subject: str,
    action: str,
    amount: int,
    currency: str = "CNY",
    authorities: Sequence[Authority],
    expires_at: datetime,
    remind_at: datetime | None = None,
    escalate_at: datetime | None = None,
    reason: str = "",
) -> Proposal:
    """Makes a proposal, for the acting person; inside `acting`. The same proposal again is the same one.

    Args:
        proposal: its id, the proposer's own.
        amount: in minor units of `currency`.
        authorities: who may decide up to which amount, rising.
        reason: why, in the proposer's words, where the amount needs one.
        expires_at: when it ends undecided; `remind_at`, `escalate_at` lie before.

    Raises:
        InvalidInput: when the times are not in order.
        RuleRefused: when nobody's authority covers the amount.
        NotAllowed: when no role of whoever acts may propose.
        Conflict: when another proposal has that id.
    """
    require("propose")
    given = [at for at in (remind_at, escalate_at, expires_at) if at is not None]
    if given != sorted(given):
        raise InvalidInput("first the reminder, then the escalation, then the end", where="expires_at")
    authority = needed_for(amount, authorities)
    body = {
        "subject": subject, "action": action, "amount": amount, "currency": currency, "needed": authority.needed,
        "expires_at": clock.text(expires_at), "role": authority.role,
        "remind_at": clock.text(remind_at) if remind_at else "",
        "escalate_at": clock.text(escalate_at) if escalate_at else "", **({"reason": reason} if reason else {}),
    }  # fmt: skip
    key = f"approval {proposal} proposed"
    before = events.of_key(key)
    if before is None or before.body != body or before.person != current().person:
        state = fold(events.read(STREAM, proposal))
        kind, said = decide(state, Command("propose", current().person, body), now=clock.now())
        events.append(STREAM, proposal, [NewEvent(kind, said)], seen=0, idempotency_key=key)
        webhooks.announce("approval.proposed", STREAM, proposal)
    start_work(
        STREAM, f"{proposal} 1", {"proposal": proposal, "turn": 1, "purpose": current().purpose}, not_before=given[0]
    )
    return fold(events.read(STREAM, proposal))


def answer(
    proposal: str, kind: Literal["approve", "reject", "withdraw"], *, reason: str = "", idempotency_key: str
) -> Proposal:
    """Decides on a proposal, or takes one's own back, for the acting person; inside `acting`.

    The same key again gives the same answer.

    Raises:
        NotFound, Conflict, NotAllowed, RuleRefused: as `approvals.decide`.
    """
    if events.of_key(idempotency_key) is None:
        if kind != "withdraw":
            require("approve")
        happened = events.read(STREAM, proposal)
        state = fold(happened)
        command = Command(kind, current().person, {"reason": reason, "role": state.role})
        past, body = decide(state, command, now=clock.now(), roles=frozenset(current().roles))
        events.append(
            STREAM, proposal, [NewEvent(past, body)], seen=len(happened), idempotency_key=idempotency_key
        )  # fmt: skip
        after = fold(events.read(STREAM, proposal))
        if after.status != "open":
            webhooks.announce(f"approval.{after.status}", STREAM, proposal)
        return after
    return fold(events.read(STREAM, proposal))


@durable_step("look at a proposal")
def look(org: str, person: str, judicial: bool, proposal: str, purpose: str, turn: int) -> str:
    """Lets the deadlines that have come take effect and names the next one; returns the proposal's status."""
    now = clock.now()
    with acting_as_clock(org, judicial=judicial) as who:  # who proposed may have left: the deadlines stand
        happened = events.read(STREAM, proposal)
        state = fold(happened)
        for kind, at, done in (
            ("remind", state.remind_at, state.reminded > 0),
            ("escalate", state.escalate_at, state.escalated),
            ("expire", state.expires_at, False),
        ):
            if state.status != "open" or not at or done:
                continue
            if clock.text(now) < at:
                start_work(
                    STREAM, f"{proposal} {turn + 1}", {"proposal": proposal, "turn": turn + 1, "purpose": purpose},
                    not_before=datetime.fromisoformat(at),
                )  # fmt: skip
                break
            told = {"to": list(managers(state.proposer))} if kind == "escalate" else {}
            past, body = decide(state, Command(kind, who.person, told), now=now)  # type: ignore[arg-type]
            key = f"approval {proposal} {past}"
            events.append(STREAM, proposal, [NewEvent(past, body)], seen=len(happened), idempotency_key=key)
            webhooks.announce(f"approval.{past}", STREAM, proposal)
            happened = events.read(STREAM, proposal)
            state = fold(happened)
        return state.status


@durable_workflow("approval")
def watch_proposal(org: str, person: str, judicial: bool, body: dict[str, Any]) -> str:
    """One look at a waiting proposal, at one of its deadlines."""
    return look(org, person, judicial, str(body["proposal"]), str(body["purpose"]), int(body["turn"]))
