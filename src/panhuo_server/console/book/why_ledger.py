"""Sums of the ledger and of a loan's plan, opened: the postings and instalments they are made of.

Invariant: a sum is added up here from the very rows its page added up, in the same arithmetic; each row opens to the
fact it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote, urlencode

from django.http import Http404, HttpResponse

from panhuo.journey.report.words import Text
from panhuo_server.console.book import ledger_of_loan
from panhuo_server.console.book.stated import column_of
from panhuo_server.console.book.ways import PURPOSES
from panhuo_server.console.frame import Visit, page
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.parts import Part, exact_in, made_of, opened
from panhuo_server.console.results import FactsOfNight, Night, the_night
from panhuo_server.store.ledger_totals import ledger_totals

PLAN = {
    "principal": Text("应还本金", "Principal due"), "interest": Text("应还利息", "Interest due"),
    "principal_covered": Text("已还本金", "Principal paid"), "interest_covered": Text("已还利息", "Interest paid"),
    "unpaid": Text("未还", "Unpaid"),
}  # fmt: skip
"""The columns of a plan held against the ledger."""


def posted_address(drawdown: str, component: str, kind: str = "", upto: str = "") -> str:
    """Where what a loan's postings of a component (and kind, up to one of them) come to opens."""
    given = {"component": component, "kind": kind, "upto": upto}
    return _address(drawdown, {name: value for name, value in given.items() if value})


def planned_address(drawdown: str, column: str, instalment: str = "") -> str:
    """Where a column of a loan's plan opens: its total, or what is unpaid of one instalment."""
    return _address(drawdown, {"plan": column, **({"instalment": instalment} if instalment else {})})


def ledger_address(
    currency: str, component: str, kind: str = "", after: date | None = None, *, fell: bool = False
) -> str:
    """Where what all postings of a component come to opens; by how much the balance fell, when asked so."""
    given = {"currency": currency, "component": component, "kind": kind, "after": after.isoformat() if after else "",
             "fell": "yes" if fell else ""}  # fmt: skip
    return f"/console/why/ledger?{urlencode({name: value for name, value in given.items() if value})}"


def _address(drawdown: str, given: dict[str, str]) -> str:
    return f"/console/why/loan/{quote(drawdown, safe='')}?{urlencode(given)}"


def _words(column: str, code: str) -> Text:
    codes = column_of("postings", column).codes
    if codes is None or code not in codes:
        raise Http404
    return Text(codes[code].zh, codes[code].en)


def _posted(posted: Sequence[ledger_of_loan.Posted], component: str, kind: str, upto: str) -> tuple[Text, list[Part]]:
    name = _words("component", component)
    if kind:
        said = _words("kind", kind)
        name = Text(f"{name.zh}·{said.zh}", f"{name.en}, {said.en}")
    if upto:
        place = next((n for n, one in enumerate(posted, 1) if one.row["id"] == upto), None)
        if place is None:
            raise Http404
        posted = posted[:place]
        name = Text(f"{name.zh}，至 {upto} 止", f"{name.en} up to {upto}")
    mine = [one for one in posted if one.row["component"] == component and kind in ("", one.kind)]
    return name, [
        Part(Text(f"{one.row['posted_on']} {_words('kind', one.kind).zh}",
                  f"{one.row['posted_on']} {_words('kind', one.kind).en}"),
             one.effect, fact_address("postings", one.row, "amount"))
        for one in mine
    ]  # fmt: skip


def _planned(
    plan: Sequence[ledger_of_loan.Due], drawdown: str, column: str, instalment: str
) -> tuple[Text, list[Part]]:
    if column not in PLAN:
        raise Http404
    name = PLAN[column]
    if not instalment:
        return name, [
            Part(Text(str(due.row["due_on"]), str(due.row["due_on"])), getattr(due, column),
                 planned_address(drawdown, "unpaid", due.row["id"]) if column == "unpaid"
                 else fact_address("instalments", due.row))
            for due in plan
        ]  # fmt: skip
    due = next((one for one in plan if one.row["id"] == instalment), None)
    if due is None or column != "unpaid":
        raise Http404
    day, fact = due.row["due_on"], fact_address("instalments", due.row)
    paid = [posted_address(drawdown, component, "receive") for component in ("principal", "interest")]
    return Text(f"{day} 未还", f"Unpaid of {day}"), [
        Part(PLAN["principal"], due.principal, fact), Part(PLAN["interest"], due.interest, fact),
        Part(PLAN["principal_covered"], -due.principal_covered, paid[0]),
        Part(PLAN["interest_covered"], -due.interest_covered, paid[1]),
    ]  # fmt: skip


def _given(visit: Visit, night: Night, of: str, name: Text, parts: Sequence[Part], currency: str) -> HttpResponse:
    reads = exact_in(currency)
    said = reads(sum(part.amount for part in parts))
    return opened(visit, night, {
        "title": Text(f"{name.zh} · {of}", f"{name.en} · {of}"),
        "sentence": Text(f"{of} 的{name.zh}为 {said.zh}，截至 {night.as_of}。",
                         f"{name.en} of {of}: {said.en}, as of {night.as_of}."),
        **made_of(name, parts, reads),
    })  # fmt: skip


@page()
def why_loan(visit: Visit, drawdown_id: str) -> HttpResponse:
    """A sum of a loan's postings, or of its plan."""
    asked = visit.request.GET
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        facts = FactsOfNight(night)
        row = facts.one("drawdowns", drawdown_id)
        posted = ledger_of_loan.walked(facts.rows("postings", "drawdown_id", [drawdown_id]))
        if "component" in asked:
            kind, upto = asked.get("kind", ""), asked.get("upto", "")
            name, parts = _posted(posted, asked["component"], kind, upto)
        else:
            instalments = facts.rows("instalments", "drawdown_id", [drawdown_id])
            plan = ledger_of_loan.against_plan(instalments, posted, night.as_of)
            name, parts = _planned(plan, drawdown_id, asked.get("plan", ""), asked.get("instalment", ""))
        return _given(visit, night, drawdown_id, name, parts, row["currency"] or "CNY")


@page()
def why_ledger(visit: Visit) -> HttpResponse:
    """What all postings of a component come to, by kind."""
    asked = visit.request.GET
    currency, kind, fell = asked.get("currency", "CNY"), asked.get("kind", ""), "fell" in asked
    name = _words("component", asked.get("component", ""))
    if kind:
        said = _words("kind", kind)
        name = Text(f"{name.zh}·{said.zh}", f"{name.en}, {said.en}")
    try:
        after = date.fromisoformat(asked["after"]) if "after" in asked else None
    except ValueError:
        raise Http404 from None
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        moved = [
            one for one in ledger_totals(night.as_of, night.sequence, after=after)
            if one.currency == currency and one.component == asked["component"] and kind in ("", one.kind)
        ]  # fmt: skip
        parts = []
        for one in moved:
            said = _words("kind", one.kind)
            many = Text(f"{said.zh}，{one.postings:,} 笔", f"{said.en}, {one.postings:,} postings")
            parts.append(Part(many, -one.amount if fell else one.amount))
        of = Text("全部台账流水", "all postings")
        return _given(visit, night, visit.say(of), name, parts, currency)
