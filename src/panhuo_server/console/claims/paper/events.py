"""The life of a valuation paper 估值底稿: changes with reasons, taken back, sent to approval; a fold of events.

Invariant: nothing is overwritten: a change and its undoing are both events with person and time; no change is made
while an approval is open, and none without a reason. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from panhuo.ground.record.errors import Conflict, InvalidInput, RuleRefused
from panhuo.stages.valuation.assumptions import SCENARIOS
from panhuo_server.console.claims.paper.values import WHOLE, field_of
from panhuo_server.flows import cases

STREAM = "valuation_paper"


class Happened(cases.Happened, Protocol):
    """What a fold needs of an event: when it happened, besides what a case's does."""

    @property
    def happened_at(self) -> datetime: ...


@dataclass(frozen=True)
class Change:
    """A change: fields with what they were and became, why, by whom and when; `undone` names what took it back."""

    number: int
    fields: tuple[tuple[str, int | None, int], ...]
    reason: str
    person: str
    at: datetime
    undone: int = 0


@dataclass(frozen=True)
class Paper:
    """A paper as its events leave it.

    Attributes:
        changes: every change ever made, in order. proposals: approvals asked for, in order, each with the number of the
            event that sent it. sent_with: value and maximum bid it came to when it was last sent.
    """

    changes: tuple[Change, ...] = ()
    proposals: tuple[tuple[str, int], ...] = ()
    sent_with: tuple[int | None, int | None] = (None, None)
    last: int = 0

    @property
    def standing(self) -> list[Change]:
        """Changes that were not taken back."""
        return [change for change in self.changes if not change.undone]

    @property
    def edits(self) -> dict[str, int]:
        """Field -> what it was changed to last."""
        return {name: after for change in self.standing for name, _, after in change.fields}

    @property
    def proposal(self) -> str:
        """The approval asked for last; empty when none was."""
        return self.proposals[-1][0] if self.proposals else ""

    @property
    def changed_since(self) -> bool:
        """Whether anything was changed or taken back after it was last sent."""
        sent = self.proposals[-1][1] if self.proposals else 0
        return any(c.number > sent or c.undone > sent for c in self.changes)


def fold(events: Iterable[Happened]) -> Paper:
    """The paper its events leave."""
    paper = Paper()
    for event in events:
        body = event.body
        match event.kind:
            case "changed":
                fields = tuple((str(f), None if b is None else int(b), int(a)) for f, b, a in body["fields"])
                change = Change(event.number, fields, str(body["reason"]), event.person, event.happened_at)
                paper = replace(paper, changes=(*paper.changes, change))
            case "undone":
                paper = replace(
                    paper,
                    changes=tuple(
                        replace(c, undone=event.number) if c.number == int(body["number"]) else c for c in paper.changes
                    ),
                )
            case "sent":
                paper = replace(
                    paper, proposals=(*paper.proposals, (str(body["proposal"]), event.number)),
                    sent_with=(body.get("value"), body.get("maximum_bid")),
                )  # fmt: skip
        paper = replace(paper, last=event.number)
    return paper


def changed(
    paper: Paper, wanted: Mapping[str, int], base: Mapping[str, int | None], reason: str, *, waiting: bool
) -> dict[str, Any]:
    """The body of a change: those of the fields wanted that differ from what stands.

    Args:
        wanted: field -> value. base: field -> the value the night took. waiting: whether an approval is open.

    Raises:
        Conflict: while an approval is open.
        InvalidInput: for an unknown field, a value out of bounds, weights that do not sum to one, or no change at all.
        RuleRefused: without a reason.
    """
    if waiting:
        raise Conflict("the paper waits for approval", remedy="take the proposal back first", code="paper/waiting")
    now = {**base, **paper.edits}
    fields: list[list[Any]] = []
    for name, value in wanted.items():
        field = field_of(name)
        if field is None or name not in base:
            raise InvalidInput("there is no such field", where=name[:80])
        if not field.least <= value <= field.most:
            raise InvalidInput("out of bounds", where=field.text.en, remedy=f"between {field.least} and {field.most}")
        if now[name] != value:
            fields.append([name, now[name], value])
    if not fields:
        raise InvalidInput("nothing was changed", where="fields", remedy="change a field first")
    after = {**now, **{name: value for name, _, value in fields}}
    if sum(after[f"weight_{s}"] or 0 for s in SCENARIOS) != WHOLE:
        raise InvalidInput("the weights do not sum to 100 %", where="weight", remedy="change them together")
    if not reason.strip():
        raise RuleRefused("a change says why", remedy="give a reason", code="paper/reason")
    return {"fields": fields, "reason": reason.strip()[:500]}


def undone(paper: Paper, number: int, reason: str, base: Mapping[str, int | None], *, waiting: bool) -> dict[str, Any]:
    """The body of an undoing.

    Raises:
        Conflict: while an approval is open, or when the change was taken back already.
        InvalidInput: when there is no such change, or the weights left would not sum to one.
    """
    if waiting:
        raise Conflict("the paper waits for approval", remedy="take the proposal back first", code="paper/waiting")
    found = next((c for c in paper.changes if c.number == number), None)
    if found is None:
        raise InvalidInput("there is no such change", where=str(number))
    if found.undone:
        raise Conflict("it was taken back already", where=str(number), code="paper/undone")
    left = {n: a for c in paper.standing if c.number != number for n, _, a in c.fields}
    after = {**base, **left}
    if sum(after[f"weight_{s}"] or 0 for s in SCENARIOS) != WHOLE:
        raise InvalidInput(
            "the weights left do not sum to 100 %", where="weight", remedy="take back the later one first"
        )
    return {"number": number, "reason": reason.strip()[:500]}
