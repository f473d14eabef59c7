"""A bad asset's whole life 不良资产全流程台账: 移交, 日常管理, 重组, 转让, 逆移交; who answers for it, and since when.

Invariant: each change of state names the state before and after, the person responsible and the one who did it; a case
that ended by assignment or by return has one open way only: being taken over again. State is a fold of events; nothing
here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, RuleRefused

CASE_STATES = CodeList.of(
    "case_states",
    ("none", "未入库", "not taken in"),
    ("handed_over", "移交", "handed over to the recovery unit"),
    ("managed", "日常管理", "in daily management"),
    ("restructured", "重组", "restructured, under observation"),
    ("assigned", "转让", "assigned to a buyer"),
    ("returned", "逆移交", "handed back to the business unit"),
    ("settled", "结清", "settled in full"),
    ("written_off", "核销", "written off, still pursued"),
)
State = Literal["none", "handed_over", "managed", "restructured", "assigned", "returned", "settled", "written_off"]

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "hand_over": (frozenset({"none", "returned", "assigned"}), "handed_over"),
    "accept": (frozenset({"handed_over"}), "managed"),
    "restructure": (frozenset({"managed"}), "restructured"),
    "fail_restructuring": (frozenset({"restructured"}), "managed"),
    "write_off": (frozenset({"managed", "restructured"}), "written_off"),
    "assign": (frozenset({"managed", "restructured", "written_off"}), "assigned"),
    "hand_back": (frozenset({"managed", "restructured"}), "returned"),
    "settle": (frozenset({"managed", "restructured", "written_off"}), "settled"),
}
"""Command -> (states it is possible in, state it leads to)."""

NEEDS_APPROVAL = frozenset({"restructure", "write_off", "assign", "hand_back"})
"""Commands that name the approved proposal they rest on."""
NEEDS_REASON = frozenset({"hand_back", "write_off", "fail_restructuring"})


class Happened(Protocol):
    """What a fold needs of an event."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...
    @property
    def person(self) -> str: ...


@dataclass(frozen=True)
class Step:
    """One line of the ledger: from which state to which, on which day, who answers for it and who did it."""

    number: int
    kind: str
    before: str
    after: str
    on: str
    responsible: str
    done_by: str
    reason: str = ""
    approval: str = ""


@dataclass(frozen=True)
class Case:
    """A case as its events leave it."""

    state: str = "none"
    claim: str = ""
    responsible: str = ""
    last_on: str = ""
    ledger: tuple[Step, ...] = ()

    @property
    def used(self) -> frozenset[str]:
        """Approvals a step of this case rested on already."""
        return frozenset(step.approval for step in self.ledger if step.approval and step.kind in NEEDS_APPROVAL)


@dataclass(frozen=True)
class Command:
    """What somebody wants to do: a move of `MOVES`, or ``reassign`` (another person answers for it).

    `body`: ``on`` (day, ISO), ``claim`` and ``responsible`` when it is handed over, ``responsible`` when reassigned,
    ``reason`` and ``approval`` where the move needs them.
    """

    kind: str
    person: str
    body: Mapping[str, Any]


def fold(events: Iterable[Happened]) -> Case:
    """The case its events leave."""
    case = Case()
    for event in events:
        body = event.body
        step = Step(
            event.number, event.kind, str(body["before"]), str(body["after"]), str(body["on"]),
            str(body["responsible"]), event.person, str(body.get("reason", "")), str(body.get("approval", "")),
        )  # fmt: skip
        case = replace(
            case, state=step.after, claim=case.claim or str(body.get("claim", "")), responsible=step.responsible,
            last_on=step.on, ledger=(*case.ledger, step),
        )  # fmt: skip
    return case


def decide(case: Case, command: Command, *, approved: frozenset[str] = frozenset()) -> tuple[str, dict[str, Any]]:
    """The event a command leads to: (kind, body).

    Args:
        approved: ids of the organisation's approved proposals about this case.

    Raises:
        InvalidInput: for an unknown command, a day that is none, or one before the last step's.
        Conflict: when the case is in no state for it.
        RuleRefused: when the reason is missing.
        NotAllowed: when no approved proposal covers it, when it was used up by a step before, or when somebody not
            responsible accepts it.
    """
    kind, body = command.kind, command.body
    if kind != "reassign" and kind not in MOVES:
        raise InvalidInput(f"no such step: {kind}", remedy=f"one of: {', '.join([*MOVES, 'reassign'])}")
    try:
        on = date.fromisoformat(str(body.get("on", ""))).isoformat()
    except ValueError as error:
        raise InvalidInput("the day of the step is missing", where="on", remedy="write 2026-03-02") from error
    if on < case.last_on:
        raise InvalidInput(f"the step lies before the last one, of {case.last_on}", where=on, remedy="check the day")
    if kind == "reassign":
        if case.state in ("none", "assigned", "returned", "settled"):
            raise Conflict(f"nobody answers for a case that is {case.state}", code="case/state")
        after, responsible = case.state, str(body.get("responsible") or "")
    else:
        possible, after = MOVES[kind]
        if case.state not in possible:
            raise Conflict(
                f"{kind} is not possible while the case is {case.state}",
                remedy=f"it is when it is {', '.join(sorted(possible))}",
                code="case/state",
            )
        responsible = str(body.get("responsible") or case.responsible)
    if not responsible:
        raise InvalidInput("nobody would answer for the case", where="responsible", remedy="name a person")
    if kind == "hand_over" and not (body.get("claim") or case.claim):
        raise InvalidInput("which claim is handed over is missing", where="claim")
    if kind == "accept" and command.person != case.responsible:
        raise NotAllowed("only who is to answer for it accepts it", code="case/not-responsible")
    if kind in NEEDS_REASON and not str(body.get("reason", "")).strip():
        raise RuleRefused(f"{kind} says why", remedy="give a reason", code="case/reason")
    approval = str(body.get("approval", "")) if kind in NEEDS_APPROVAL else ""
    if kind in NEEDS_APPROVAL and approval in case.used:
        raise NotAllowed(f"{approval} was used by a step before", remedy="propose it again", code="case/approval")
    if kind in NEEDS_APPROVAL and approval not in approved:
        raise NotAllowed(f"{kind} rests on an approved proposal", remedy="propose it first", code="case/approval")
    said = {"before": case.state, "after": after, "on": on, "responsible": responsible}
    for name, value in (("reason", body.get("reason")), ("approval", approval), ("claim", body.get("claim"))):
        if value:
            said[name] = str(value)
    return kind, said
