"""五级分类认定: classes proposed by an officer, decided by somebody else, sealed as facts as they are decided.

Invariant: no class proposed, approved or sealed is better than the night's rules allow at that moment, and one worse
than they ask for says why; a loan stands in one open review at most; what was approved is sealed once, in time, by
somebody with the authority who did not propose it, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

import pyarrow as pa

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleRefused
from panhuo_server.accounts.roles import require
from panhuo_server.flows import approving, clock
from panhuo_server.flows.approvals import Proposal, fold
from panhuo_server.flows.ladder import CLASS_LADDER
from panhuo_server.flows.proposals import open_proposals
from panhuo_server.flows.results import outcome_in, results_folder
from panhuo_server.store import class_facts, events, outcomes
from panhuo_server.store.acting import current
from panhuo_server.store.events import Event, NewEvent
from panhuo_server.store.layout import Layout
from panhuo_server.store.sealing import seal

STREAM = "class_review"
LINES = "class_lines"
ACTION = "class_decisions"
LASTS = timedelta(days=14)
REMINDED = timedelta(days=7)
MOST = 50_000
"""Loans one review may hold."""


@dataclass(frozen=True)
class Line:
    """A loan in a review: the class its rules ask for, the one proposed, and its balance in minor units."""

    drawdown: str
    party: str
    floor: str
    proposed: str
    route: str | None
    balance: int

    @property
    def lowered(self) -> bool:
        """Whether the officer put it lower than the rules ask for."""
        return FIVE_CLASSES.positions[self.proposed] > FIVE_CLASSES.positions[self.floor]


@dataclass(frozen=True)
class Review:
    """A review as its events leave it."""

    id: str
    run: str
    decided_on: date
    count: int
    balance: int
    currency: str
    lowered: int
    reason: str
    proposal: Proposal
    sealed: int | None = None
    """The batch its facts are in."""
    lines: Sequence[Line] = field(default=())


_HELD = (
    ("drawdown_id", "drawdown"), ("party_id", "party"), ("floor", "floor"), ("proposed", "proposed"),
    ("route", "route"), ("balance", "balance"),
)  # fmt: skip
"""What an event holds of the lines: the column's name there, and here."""


def _proposal_of(review: str) -> str:
    return f"class {review}"


def _read(review: str, happened: Sequence[Event], proposal: Proposal) -> Review:
    listed, sealed = None, None
    for event in happened:
        if event.kind == "listed":
            listed = event.body
        elif event.kind == "sealed":
            sealed = int(event.body["sequence"])
    if listed is None:
        raise NotFound("there is no such review")
    return Review(
        review, listed["run"], date.fromisoformat(listed["decided_on"]), listed["count"], listed["balance"],
        listed["currency"], listed["lowered"], listed["reason"], proposal, sealed,
    )  # fmt: skip


def review_of(review: str) -> Review:
    """A review with its lines; inside `acting`.

    Raises:
        NotFound: when there is none of that id.
    """
    found = _read(review, events.read(STREAM, review), fold(events.read(approving.STREAM, _proposal_of(review))))
    return Review(**{**found.__dict__, "lines": lines_of(review)})


def lines_of(review: str) -> list[Line]:
    """The loans of a review."""
    return [
        Line(**dict(zip((of for _, of in _HELD), values, strict=True)))
        for event in events.read(LINES, review)
        for values in zip(*(event.body[name] for name, _ in _HELD), strict=True)
    ]


def reviews() -> list[Review]:
    """The latest reviews, without their lines; inside `acting`."""
    proposals = events.latest(approving.STREAM)
    found = []
    for name, happened in events.latest(STREAM).items():
        decided = proposals.get(_proposal_of(name)) or events.read(approving.STREAM, _proposal_of(name))
        found.append(_read(name, happened, fold(decided)))
    return found


def waiting() -> dict[str, str]:
    """Loan -> the open review it stands in; inside `acting`."""
    states = [fold(happened) for happened in open_proposals().values()]
    return {
        line.drawdown: one.subject for one in states if one.action == ACTION and one.status == "open"
        for line in lines_of(one.subject)
    }  # fmt: skip


def refuse_better(lines: Sequence[Line]) -> None:
    """Goes on only when no class is better than the rules allow.

    Raises:
        InvalidInput: for a class there is not.
        RuleRefused: naming the first loan proposed better than its rules allow.
    """
    positions = FIVE_CLASSES.positions
    for line in lines:
        if line.proposed not in positions or line.floor not in positions:
            raise InvalidInput("there is no such class", where=line.drawdown, code="class/no-such-class")
        if positions[line.proposed] < positions[line.floor]:
            raise RuleRefused(
                f"{line.drawdown} may not be better than {line.floor}", where=line.drawdown,
                remedy="a class may be put lower than the rules ask for, never better", code="class/better-than-floor",
            )  # fmt: skip


def propose_classes(
    review: str, lines: Sequence[Line], *, run: str, decided_on: date, currency: str, reason: str = ""
) -> Review:
    """Proposes classes of loans, for the acting person; inside `acting`. The same review again is the same one.

    Args:
        review: its id, the proposer's own.
        run, decided_on: the night the floors are of, and its day, which is the day of the classification.
        reason: why; needed when a class is put lower than the rules ask for.

    Raises:
        NotAllowed: when no role of whoever acts may propose.
        InvalidInput: for no loan, too many, or a class there is not.
        RuleRefused: for a class better than the rules allow, or a lower one without a reason.
        Conflict: when a loan stands in another open review.
    """
    require("propose")
    if not lines or len(lines) > MOST:
        raise InvalidInput(f"a review holds 1 to {MOST} loans", where="classes", code="class/how-many")
    refuse_better(lines)
    lowered, balance = sum(line.lowered for line in lines), sum(line.balance for line in lines)
    if lowered and not reason.strip():
        raise RuleRefused("a class lower than the rules ask for needs a reason", remedy="say why", code="class/reason")
    body = {
        "run": run, "decided_on": decided_on.isoformat(), "count": len(lines), "lowered": lowered, "balance": balance,
        "currency": currency, "reason": reason.strip(),
    }  # fmt: skip
    events.one_at_a_time(STREAM)  # two who propose the same loan at once: the second sees the first
    if not events.read(STREAM, review):
        held = waiting()
        taken = sorted(line.drawdown for line in lines if line.drawdown in held)
        if taken:
            raise Conflict(
                f"{len(taken)} of these loans wait in another review, the first is {taken[0]}", where=held[taken[0]],
                remedy="decide or withdraw that review first", code="class/waiting",
            )  # fmt: skip
    # Columns by name: what ends in "id" names a thing of the book and is not looked through for personal numbers.
    columns = {name: [getattr(line, of) for line in lines] for name, of in _HELD}
    events.append(LINES, review, [NewEvent("lines", columns)], seen=0, idempotency_key=f"class review {review} lines")
    events.append(STREAM, review, [NewEvent("listed", body)], seen=0, idempotency_key=f"class review {review} listed")
    before = fold(events.read(approving.STREAM, _proposal_of(review)))
    if before.status == "none":
        now = clock.now()
        approving.propose(
            _proposal_of(review), subject=review, action=ACTION, amount=balance, currency=currency,
            authorities=CLASS_LADDER, expires_at=now + LASTS, remind_at=now + REMINDED,
        )  # fmt: skip
    return review_of(review)


def answer_review(
    review: str, kind: Literal["approve", "reject", "withdraw"], *, reason: str = "", idempotency_key: str
) -> Review:
    """Decides on a review, or takes one's own back; approved, its facts are sealed with it. Inside `acting`.

    Raises:
        NotFound, Conflict, NotAllowed, RuleRefused: as `approving.answer`.
        Conflict, RuleRefused: for an approval, as `seal_approved`.
    """
    found = review_of(review)
    if kind == "approve" and found.proposal.status == "open":
        _refuse_overtaken(found)
    approving.answer(_proposal_of(review), kind, reason=reason, idempotency_key=idempotency_key)
    return seal_approved(review)


def floors_now() -> Mapping[str, str | None]:
    """Loan -> the class the rules of the latest night ask for; nothing before the first. Inside `acting`."""
    for run in outcomes.runs():
        folder = results_folder(Layout.current(), current().org, run.run)
        if (folder / "run.json").exists():
            held = {one.name: one for one in outcomes.of_run(run.run)}
            if "classes" not in held:
                return {}
            table = outcome_in(folder, held["classes"]).table
            columns = (table.column(name).to_pylist() for name in ("drawdown_id", "class"))
            return dict(zip(*columns, strict=True))
    return {}


def _refuse_overtaken(found: Review) -> None:
    # What was true as it was proposed need not be so now: the rules of a later night, a later decision.
    events.one_at_a_time(STREAM)
    listed = events.read(STREAM, found.id)[0].happened_at
    later = class_facts.decided_after([line.drawdown for line in found.lines], found.decided_on, listed)
    if later:
        raise Conflict(
            f"{len(later)} of these loans were decided later, the first is {later[0]}", where=later[0],
            remedy="reject or withdraw this review and propose what is still to be decided", code="class/decided-later",
        )  # fmt: skip
    floors = floors_now()
    refuse_better([replace(line, floor=floors.get(line.drawdown) or line.floor) for line in found.lines])


def seal_approved(review: str) -> Review:
    """Seals what a review decided, once, if it was approved; inside `acting`.

    Raises:
        NotAllowed: for who proposed it, or has not the authority it asked for.
        Conflict: when one of its loans was decided later.
        RuleRefused: after its time, or when the latest night's rules do not allow a class any more.
    """
    found = review_of(review)
    if found.proposal.status != "approved" or found.sealed is not None:
        return found
    require("approve")
    if current().person == found.proposal.proposer:
        raise NotAllowed("who proposed does not seal", remedy="ask whoever approved it", code="class/own-review")
    if found.proposal.role and found.proposal.role not in current().roles:
        raise NotAllowed("this decision is beyond your authority", where=found.proposal.role, code="class/authority")
    if clock.text(clock.now()) >= found.proposal.expires_at:
        raise RuleRefused("its time is over", where=found.proposal.expires_at, remedy="propose it again",
                          code="class/late")  # fmt: skip
    _refuse_overtaken(found)
    by_committee = found.proposal.role == "committee"  # an opinion nobody gave is none
    rows = [
        {"id": f"{review}-{n}", "effective_on": found.decided_on, "drawdown_id": line.drawdown, "party_id": line.party,
         "decided_on": found.decided_on, "system_floor": line.floor, "officer": line.proposed,
         "committee": line.proposed if by_committee else None, "final": line.proposed, "route": line.route,
         "reason": found.reason or None,
         "source_doc": f"class review {review}", "source_row": n}
        for n, line in enumerate(found.lines, 1)
    ]  # fmt: skip
    sealed = seal({"class_decisions": _table(rows)}, idempotency_key=f"class review {review}")
    happened = events.read(STREAM, review)
    events.append(STREAM, review, [NewEvent("sealed", {"sequence": sealed.sequence})], seen=len(happened),
                  idempotency_key=f"class review {review} sealed")  # fmt: skip
    return review_of(review)


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    schema = table_named("class_decisions").fact_schema
    return pa.table(
        {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in schema.columns if c.name in rows[0]}
    )
