"""进件与授信审批: decisions, limits and prices the last night proposes, with their reasons; one application in full.

Invariant: a night proposes and a person decides; every number opens, and what is not known says so.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Badge, Figure, Figures
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night, the_night
from panhuo_server.console.teaching import first_night

PURPOSES = ("origination", "approval", "audit", "reporting")
ADDRESS = "/console/applications"
STEPS = {"accept": 1, "refer": 3, "refuse_proposed": 5}
"""Decision -> step of the risk scale."""
PARTS = (
    ("credit_decisions", Text("决定", "Decision")), ("limits", Text("额度", "Limit")),
    ("prices", Text("利率", "Price")), ("scores", Text("评分", "Score")),
)  # fmt: skip


def _beside(decisions: Outcome, other: Outcome, column: str) -> pa.Array:
    """A column of another outcome beside each decision."""
    at = pc.index_in(decisions.table.column("party_id"), other.table.column("party_id"))
    found = other.table.column(column).take(at)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def sheet_of(night: Night) -> Sheet:
    """The applications as a table: decision and grade, what could be lent at which rate, for how long."""
    decisions = night["credit_decisions"]
    rows, extra, heads = decisions.table, {}, []
    for outcome, column in (("limits", "limit"), ("prices", "rate"), ("limits", "term_months")):
        if outcome in night:
            rows = rows.append_column(column, _beside(decisions, night[outcome], column))
            extra[column] = night[outcome].schema[column]
            heads.append(Head(column, of=outcome, total=column == "limit"))

    def goes(row: dict[str, Any]) -> str:
        return f"{ADDRESS}/{quote(row['party_id'], safe='')}"

    first = (Head("party_id", goes=goes, label=Text("申请人", "Applicant")), Head("decision"), Head("grade"),
             Head("probability", label=Text("一年内违约概率", "Default probability")))  # fmt: skip
    return Sheet("applications", Text("进件", "Applications"), decisions, (*first, *heads), ("decision", "grade"),
                 "decision", extra, rows)  # fmt: skip


def counts(figures: Figures) -> list[Figure]:
    """How many are accepted, referred, and proposed for refusal."""
    names = (("accept", Text("同意", "Accepted")), ("refer", Text("转人工审批", "For a person to decide")),
             ("refuse_proposed", Text("拟拒绝，须人工复核", "Refusal proposed")))  # fmt: skip
    found = [
        figures.count(
            "credit_decisions", (("decision", (code,)),), title=name, risk=0 if code == "accept" else STEPS[code]
        )
        for code, name in names
    ]
    if "limits" in figures.outcomes:
        found.append(figures.total("limits", "limit", title=Text("测算额度合计", "Limits together")))
    return found


@page()
def applications(visit: Visit) -> HttpResponse:
    """Every application the last night judged."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "credit_decisions" not in night:
            return first_night(visit, "applications")
        figures, sheet = Figures(night), sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "applications", "night": night, "figures": counts(figures),
            "table": table_shown(sheet, figures, visit, ADDRESS),
        }  # fmt: skip
    return shown(visit.request, "console/applications/applications.html", given, visit=visit)


def decision_badge(night: Night, party: str) -> Badge:
    """The decision with its step."""
    outcome = night.named("credit_decisions")
    code = outcome.table.column("decision")[outcome.row_of(party)].as_py()
    held = (outcome.schema["decision"].codes or {})[code]
    return Badge(Text(held.zh, held.en), STEPS.get(code, 0))


def _cells(figures: Figures, party: str) -> list[Figure]:
    wanted = (("credit_decisions", "grade"), ("credit_decisions", "probability"), ("scores", "score"),
              ("limits", "limit"), ("limits", "term_months"), ("prices", "rate"))  # fmt: skip
    return [
        figures.cell(name, (party,), column)
        for name, column in wanted
        if name in figures.outcomes and column in figures.outcomes[name].schema
    ]


@page()
def application(visit: Visit, party: str) -> HttpResponse:
    """One application: the decision, the limit, the price and the score, each with its reasons."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        outcome = night.named("credit_decisions")
        outcome.row_of(party)
        figures = Figures(night)
        parts = []
        for name, title in PARTS:
            if name not in night:
                continue
            told = night[name].why(party, language=visit.language)["reasons"]
            sure = [(one["words"], one["code"]) for one in told if not one["code"].endswith("?")]
            parts.append((title, sure, sum(one["code"].endswith("?") for one in told)))
        given = {
            "room": "applications", "night": night, "party": party, "badge": decision_badge(night, party),
            "figures": _cells(figures, party), "parts": parts,
        }  # fmt: skip
    return shown(visit.request, "console/applications/application.html", given, visit=visit)


def asked_for(night: Night, party: str) -> str:
    """A party that asked for credit.

    Raises:
        Http404: when the night judged no such application.
    """
    if party not in set(night.named("credit_decisions").table.column("party_id").to_pylist()):
        raise Http404
    return party
