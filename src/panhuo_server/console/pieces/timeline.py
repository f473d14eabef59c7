"""Time lines of claims, loans and customers: every fact that bears on one, in order, with its source.

Invariant: only the acting organisation's own facts of the night's day and batch are read; nothing personal is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.columns import ColumnType
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import large
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.pictures import Moment
from panhuo_server.console.results import FactsOfNight, Night


@dataclass(frozen=True)
class _Kind:
    """How rows of a table become moments: by which column they are found, and what is told of them."""

    table: str
    by: str
    day: str
    told: tuple[str, ...] = ()
    amount: str = ""


_OF_CLAIM = (
    _Kind("assignments", "claim_id", "signed_on", (), "allocated_price"),
    _Kind("notices", "claim_id", "sent_on", ("purpose", "addressee_role", "method", "grade")),
    _Kind("limitation_events", "claim_id", "done_on", ("kind", "right_kind", "grade")),
    _Kind("recoveries", "claim_id", "received_on", ("source",), "net"),
    _Kind("costs", "claim_id", "paid_on", ("kind", "payer"), "amount"),
    _Kind("mediations", "claim_id", "opened_on", ("result",), "amount"),
    _Kind("bankruptcies", "claim_id", "accepted_on", ("kind",), "confirmed"),
    _Kind("distributions", "claim_id", "made_on", (), "paid"),
    _Kind("clues", "claim_id", "found_on", ("kind", "source"), "estimate"),
)
_OF_DRAWDOWN = (
    _Kind("drawdowns", "id", "out_on", ("style", "renewal_kind"), "amount"),
    _Kind("modifications", "drawdown_id", "approved_on", ("kind",)),
    _Kind("class_decisions", "drawdown_id", "decided_on", ("final",)),
    _Kind("limitation_events", "drawdown_id", "done_on", ("kind", "right_kind", "grade")),
    _Kind("writeoffs", "drawdown_id", "written_off_on", ("component",), "amount"),
)
_OF_ASSET = (
    _Kind("appraisals", "asset_id", "appraised_on", ("method", "value_type"), "amount"),
    _Kind("seizures", "asset_id", "from_on", ("kind", "court"), "amount"),
    _Kind("burdens", "asset_id", "arisen_on", ("kind", "evidence_grade"), "amount_high"),
)
_OF_PROCEEDING = (_Kind("proceedings", "id", "filed_on", ("kind", "court", "status"), "amount"),)


def _moments(facts: FactsOfNight, kinds: Iterable[_Kind], ids: Iterable[str]) -> list[Moment]:
    found = []
    for kind in kinds:
        declared = table_named(kind.table)
        for row in facts.rows(kind.table, kind.by, ids):
            when = row[kind.day] or row["effective_on"]
            told = [_told(declared.schema[name], row[name]) for name in kind.told if row[name] is not None]
            if kind.amount and row[kind.amount]:
                told.append(large(row[kind.amount], row.get("currency") or "CNY"))
            source = f"{row['source_doc'] or ''} {row['source_row'] or ''}".strip()
            text = Text(" · ".join(t.zh for t in told), " · ".join(t.en for t in told))
            found.append(Moment(when, named(kind.table), text, words.NOTHING, source=Text(source, source)))
    return found


def _told(column: Any, value: Any) -> Text:
    if column.type is ColumnType.CODE and column.codes is not None and value in column.codes:
        held = column.codes[value]
        return Text(held.zh, held.en)
    return Text(str(value), str(value))


def moments_of(facts: FactsOfNight, claim: dict[str, Any], assets: Iterable[str]) -> list[Moment]:
    """Every moment of a claim, the latest first."""
    mine = [claim["id"]]
    drawdowns = facts.ids("claim_drawdowns", "claim_id", mine, "drawdown_id")
    proceedings = facts.ids("proceeding_claims", "claim_id", mine, "proceeding_id")
    found = _moments(facts, _OF_CLAIM, mine) + _moments(facts, _OF_DRAWDOWN, drawdowns)
    found += _moments(facts, _OF_ASSET, assets) + _moments(facts, _OF_PROCEEDING, proceedings)
    return _latest(found)


_OF_PARTY = (
    _Kind("facilities", "party_id", "approved_on", ("exposure_kind",), "approved"),
    _Kind("contracts", "party_id", "signed_on", ("product", "security_form"), "principal"),
    _Kind("drawdowns", "party_id", "out_on", ("style", "renewal_kind"), "amount"),
    _Kind("decisions", "party_id", "meeting_on", ("kind", "body", "result"), "amount"),
    _Kind("inspections", "party_id", "inspected_on", ("kind", "result")),
    _Kind("credit_reports", "party_id", "queried_on", ("query_basis", "lenders"), "external_balance"),
    _Kind("modifications", "party_id", "approved_on", ("kind", "difficulty_sign")),
)
_OF_CONTRACT = (
    _Kind("contracts", "id", "signed_on", ("product", "security_form"), "principal"),
    _Kind("guarantees", "contract_id", "signed_on", ("kind", "guarantor_id"), "cap"),
)


def moments_of_loan(facts: FactsOfNight, drawdown: str, contract: str | None, party: str) -> list[Moment]:
    """Every moment of a loan and of its contract, and inspections of its borrower, the latest first."""
    found = _moments(facts, _OF_DRAWDOWN, [drawdown]) + _moments(facts, _OF_CONTRACT, [contract or ""])
    found += _moments(facts, [k for k in _OF_PARTY if k.table == "inspections"], [party])
    return _latest(found)


def moments_of_party(facts: FactsOfNight, party: str) -> list[Moment]:
    """Every moment of a customer, and classes booked of its loans, the latest first."""
    drawdowns = {row["id"] for row in facts.rows("drawdowns", "party_id", [party])}
    booked = _moments(facts, [k for k in _OF_DRAWDOWN if k.table in ("class_decisions", "writeoffs")], drawdowns)
    return _latest(_moments(facts, _OF_PARTY, [party]) + booked)


def _latest(found: list[Moment]) -> list[Moment]:
    return sorted(found, key=lambda m: (m.day, m.title.en, m.text.en), reverse=True)


def coming(night: Night, claim: str, assets: Iterable[str]) -> list[Moment]:
    """Last days that bear on a claim, the nearest first."""
    if "deadlines" not in night:
        return []
    wall = night["deadlines"]
    of = wall.subjects
    kinds, states = wall.schema["kind"].codes, wall.schema["state"].codes
    assert kinds is not None and states is not None
    ids = {claim, f"V{claim}", *assets}
    judged = of.select(["kind", "entity_id", "claim_id"]).to_pylist() if of is not None else []
    mine = {(r["kind"], r["entity_id"]) for r in judged if r["claim_id"] == claim or r["entity_id"] in ids}
    found = []
    for row in wall.table.to_pylist():
        if (row["kind"], row["entity_id"]) in mine and row["last_day"] is not None:
            kind, state = kinds[row["kind"]], states[row["state"]]
            found.append(
                Moment(row["last_day"], Text(kind.zh, kind.en), Text(state.zh, state.en),
                       Text(row["state"], row["state"]), coming=row["last_day"] >= night.as_of)
            )  # fmt: skip
    return sorted(found, key=lambda m: (m.day, m.title.en))
