"""Maker and checker 经办与复核: a proposal is decided by somebody else with the authority for its amount.

Invariant: whoever proposed never approves, nobody approves twice, and a proposal once decided, withdrawn or expired
stays so. State is a fold of events; nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from panhuo.ground.record.errors import Conflict, NotAllowed, NotFound, RuleRefused

Status = Literal["none", "open", "approved", "rejected", "withdrawn", "expired"]


class Happened(Protocol):
    """What a fold needs of an event."""

    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...
    @property
    def person(self) -> str: ...


@dataclass(frozen=True)
class Proposal:
    """A proposal as its events leave it; amounts in minor units of its currency."""

    status: Status = "none"
    subject: str = ""
    action: str = ""
    amount: int = 0
    currency: str = "CNY"
    proposer: str = ""
    needed: int = 1
    expires_at: str = ""
    approvals: tuple[str, ...] = ()
    decided_by: str = ""
    reason: str = ""
    reminded: int = 0
    escalated: bool = False
    role: str = ""
    remind_at: str = ""
    escalate_at: str = ""


@dataclass(frozen=True)
class Authority:
    """审批权限: up to which amount a role decides alone; `needed` checkers above it, when that role may take part."""

    role: str
    up_to: int | None
    needed: int = 1


def needed_for(amount: int, authorities: Sequence[Authority]) -> Authority:
    """The first authority, in rising order, that covers an amount.

    Raises:
        RuleRefused: when nobody's authority covers it.
    """
    for authority in authorities:
        if authority.up_to is None or amount <= authority.up_to:
            return authority
    raise RuleRefused(
        f"nobody here may decide an amount of {amount}", remedy="name a higher authority in the settings",
        code="approval/no-authority",
    )  # fmt: skip


def fold(events: Iterable[Happened]) -> Proposal:
    """The proposal its events leave."""
    state = Proposal()
    for event in events:
        body = event.body
        match event.kind:
            case "proposed":
                state = Proposal(
                    "open", str(body["subject"]), str(body["action"]), int(body["amount"]), str(body["currency"]),
                    event.person, int(body["needed"]), str(body["expires_at"]), role=str(body.get("role", "")),
                    remind_at=str(body.get("remind_at", "")), escalate_at=str(body.get("escalate_at", "")),
                    reason=str(body.get("reason", "")),
                )  # fmt: skip
            case "approved":
                approvals = (*state.approvals, event.person)
                done = len(approvals) >= state.needed
                state = replace(
                    state, approvals=approvals, status="approved" if done else "open",
                    decided_by=event.person if done else "",
                )  # fmt: skip
            case "rejected":
                state = replace(state, status="rejected", decided_by=event.person, reason=str(body["reason"]))
            case "withdrawn":
                state = replace(state, status="withdrawn", decided_by=event.person)
            case "expired":
                state = replace(state, status="expired")
            case "reminded":
                state = replace(state, reminded=state.reminded + 1)
            case "escalated":
                state = replace(state, escalated=True)
    return state


@dataclass(frozen=True)
class Command:
    """What somebody wants to do to a proposal: propose, approve, reject, withdraw, expire, remind or escalate."""

    kind: Literal["propose", "approve", "reject", "withdraw", "expire", "remind", "escalate"]
    person: str
    body: Mapping[str, Any]


_PAST = {
    "propose": "proposed", "approve": "approved", "reject": "rejected", "withdraw": "withdrawn", "expire": "expired",
    "remind": "reminded", "escalate": "escalated",
}  # fmt: skip


def decide(
    state: Proposal, command: Command, *, now: datetime, roles: frozenset[str] = frozenset()
) -> tuple[str, dict[str, Any]]:
    """The event a command leads to: (kind, body).

    Args:
        now: the day and time it is judged at (the caller's clock).
        roles: the person's roles; a decision needs the proposal's authority's role when its body names one.

    Raises:
        NotFound: for a proposal that was never made.
        Conflict: when it is no longer open, or the person approved already.
        NotAllowed: when the proposer would decide, or somebody else would withdraw.
        RuleRefused: for a rejection without a reason, or an approval after its time.
    """
    kind, person = command.kind, command.person
    if kind == "propose":
        if state.status != "none":
            raise Conflict("this proposal was made already", code="approval/made-already")
        wanted = ("subject", "action", "amount", "currency", "needed", "expires_at")
        said = {name: command.body[name] for name in wanted}
        beside = ("role", "remind_at", "escalate_at", "reason")
        return "proposed", said | {name: command.body[name] for name in beside if command.body.get(name) is not None}
    if state.status == "none":
        raise NotFound("there is no such proposal")
    if state.status != "open":
        raise Conflict(f"this proposal is {state.status} already", code="approval/decided")
    late = now.isoformat() >= state.expires_at
    if kind == "expire":
        if not late:
            raise Conflict("its time has not come", where=state.expires_at, code="approval/not-yet")
        return "expired", {}
    if kind in ("remind", "escalate"):
        if kind == "escalate" and state.escalated:
            raise Conflict("it was escalated already", code="approval/escalated")
        return _PAST[kind], dict(command.body)
    if kind == "withdraw":
        if person != state.proposer:
            raise NotAllowed("only who proposed withdraws", code="approval/not-the-proposer")
        return "withdrawn", {}
    if person == state.proposer:
        raise NotAllowed(
            "who proposed does not decide", remedy="ask a colleague with the authority", code="approval/own-proposal"
        )
    role = state.role or command.body.get("role")
    if role and role not in roles:
        raise NotAllowed("this decision is beyond your authority", where=str(role), code="approval/authority")
    if kind == "reject":
        if not str(command.body.get("reason", "")).strip():
            raise RuleRefused("a rejection says why", remedy="give a reason", code="approval/reason")
        return "rejected", {"reason": str(command.body["reason"])}
    if late:
        raise RuleRefused("its time is over", where=state.expires_at, remedy="propose it again", code="approval/late")
    if person in state.approvals:
        raise Conflict("you approved it already", code="approval/twice")
    return "approved", {}
