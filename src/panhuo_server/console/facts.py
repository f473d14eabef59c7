"""A fact opened: what it says, where it came from, and the receipt of the batch it was sealed in.

Invariant: only facts of tables these rooms show are opened, only the acting organisation's own, and nothing personal.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.arguments import HOME
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page
from panhuo_server.console.pieces.figures import exactly
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.parts import opened
from panhuo_server.console.results import Night, the_night
from panhuo_server.console.why import proof_of_entry
from panhuo_server.store import asked, log
from panhuo_server.store.facts_about import facts_about

PURPOSES = ("valuation", "recovery", "market", "approval", "audit", "reporting")
_LENT = (
    "facilities",
    "postings",
    "instalments",
    "contracts",
    "drawdowns",
    "guarantees",
    "parties",
    "credit_reports",
    "stated_balances",
)
OPENED = {
    **dict.fromkeys((
        "claims", "claim_drawdowns", "security_rights", "security_rights_debts", "security_assets", "assets", "burdens",
        "seizures", "appraisals", "assignments", "notices", "limitation_events", "clues", "recoveries", "costs",
        "matters", "proceedings", "instruments", "instrument_items", "enforcement_measures", "auction_lots",
        "auction_rounds", "distributions", "mediations", "bankruptcies", "packages", "package_items",
    ), PURPOSES),
    **dict.fromkeys(_LENT, ("monitoring", *PURPOSES)),
}  # fmt: skip
"""Table -> the purposes its facts open for."""
_OWN = frozenset(("org_id", "id", "effective_on", "known_on", "source_doc", "source_row", "page_box", "replaces",
                  "withdrawn", "fact_sequence", "fact_position"))  # fmt: skip


def the_fact(night: Night, table: str, fact_id: str) -> dict[str, Any]:
    """The fact of an entity as the night knew it.

    Raises:
        Http404: when there is none.
    """
    found = facts_about(table, "id", [fact_id], as_of=night.as_of, sequence=night.sequence)
    if not found:
        raise Http404
    return found[-1]


def _links(table: str, fact: dict[str, Any]) -> list[tuple[Text, str]]:
    claim = fact["id"] if table == "claims" else fact.get("claim_id")
    found = []
    if claim:
        found.append((Text(f"债权 {claim}", f"Claim {claim}"), f"/console/claims/{quote(claim, safe='')}"))
    if fact.get("package_id") or table == "packages":
        package = fact.get("package_id") or fact["id"]
        found.append((Text(f"资产包 {package}", f"Package {package}"), f"/console/packages/{quote(package, safe='')}"))
    return found


@page()
def why_fact(visit: Visit, table: str, fact_id: str) -> HttpResponse:
    """A fact, as a drawer or as a page of its own."""
    if table not in OPENED:
        raise Http404
    with visit.acting(*OPENED[table]):
        night = the_night(visit)
        fact = the_fact(night, table, fact_id)
        declared = table_named(table)
        personal = {c.name for c in declared.personal_columns}
        cell = visit.request.GET.get("cell", "")
        currency = fact.get("currency") or HOME
        columns = [c for c in declared.schema.columns if c.name not in _OWN | personal and fact.get(c.name) is not None]
        pairs = [(words.label(c), exactly(c, fact[c.name], currency), c.name == cell) for c in columns]
        name = named(table)
        column = declared.schema[cell] if cell in {c.name for c in columns} else None
        sentence = Text(f"{name.zh} {fact_id}。", f"{name.en} {fact_id}.")
        if column is not None:
            value = exactly(column, fact[cell], currency)
            sentence = Text(
                f"{name.zh} {fact_id} 的“{column.zh}”是 {value.zh}：这是封存的事实，不是算出来的。",
                f"{column.en} of {name.en.lower()} {fact_id} is {value.en}: a sealed fact, not a computed figure.",
            )
        entry = log.receipt(asked.batch_position(fact["fact_sequence"]))
        given = {
            "title": Text(f"{name.zh} · {fact_id}", f"{name.en} · {fact_id}"),
            "sentence": sentence, "pairs": pairs, "links": _links(table, fact),
            "source": {
                "document": fact["source_doc"] or "", "row": fact["source_row"] or "",
                "effective": fact["effective_on"].isoformat(),
                "known": fact["known_on"].isoformat() if fact["known_on"] else "",
                "batch": fact["fact_sequence"],
                "fact": f"{fact['fact_sequence']}-{fact['fact_position']}",
            },
            "proof": proof_of_entry(entry),
        }  # fmt: skip
    return opened(visit, night, given)
