"""Where a valuation paper stands: what was approved, and whether that is still what it comes to.

Invariant: an approval holds for the value and the bid it was given for and no others: once either moves, by a change
or by another night, the paper does not count as approved.
"""

from __future__ import annotations

from collections.abc import Iterable

from panhuo.journey.report.words import Text
from panhuo_server.console.claims.paper import events as paper_events
from panhuo_server.console.claims.paper.fields import STATUS
from panhuo_server.console.claims.paper.values import Judged, Values
from panhuo_server.console.results import Night
from panhuo_server.flows import approvals, approving
from panhuo_server.flows.approvals import Proposal
from panhuo_server.store import events

MOVED = Text("批准后数额已变", "amounts have changed since the approval")
_CHANGED = Text("批准后又有改动", "changed since")


def moved(paper: paper_events.Paper, values: Values) -> bool:
    """Whether value or bid differ from those the paper was last sent with."""
    return paper.sent_with != (values.claim["value"], values.bid["maximum_bid"])


def standing(paper: paper_events.Paper, approval: Proposal | None, values: Values) -> Text:
    """Where the paper stands, in words."""
    status = approval.status if approval else "none"
    if status != "approved":
        return STATUS.get(status, STATUS["none"])
    said = MOVED if moved(paper, values) else STATUS["approved"]
    if not paper.changed_since:
        return said
    return Text(f"{said.zh}，{_CHANGED.zh}", f"{said.en}, {_CHANGED.en}")


def approved_of(night: Night, claims: Iterable[str]) -> set[str]:
    """Those of the claims whose paper is approved as it stands: nothing changed since, value and bid as they were."""
    found: set[str] = set()
    if "claim_values" not in night or "collateral_values" not in night:
        return found
    valued = set(night["claim_values"].table.column("claim_id").to_pylist())
    for claim in dict.fromkeys(claims):
        paper = paper_events.fold(events.read(paper_events.STREAM, claim)) if claim in valued else paper_events.Paper()
        if not paper.proposal or paper.changed_since:
            continue
        if approvals.fold(events.read(approving.STREAM, paper.proposal)).status != "approved":
            continue
        if not moved(paper, Judged(night, claim).values(paper.edits)):
            found.add(claim)
    return found
