"""A firm that takes back its consent: its invoices are not read any more, and what rests on the contract goes on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.book.table import Table
from panhuo.ground.book.tables.conduct import CONSENTS
from panhuo.ground.book.tables.parties import INVOICES, PARTIES
from panhuo.journey.night import Settings, run_night
from panhuo.stages.origination import profile

AS_OF = date(2020, 2, 21)


def facts(table: Table, *rows: dict[str, Any]) -> pa.Table:
    empty = dict.fromkeys(table.fact_schema.names)
    full = [{**empty, "org_id": "self", **row} for row in rows]
    return pa.Table.from_pylist(full, schema=table.fact_schema.arrow())


def book_of(folder: Path) -> Book:
    book = Book.create(folder / "book", made_by="test")
    since, bills, consents = date(2017, 1, 1), [], []
    for firm in ("A", "B", "C"):
        consents.append({"id": f"U{firm}", "effective_on": since, "party_id": firm, "purpose": "alternative_data"})
        for month in range(30):
            day = date(2017, 8, 15) + timedelta(days=30 * month)
            bill = {"id": f"{firm}{month:03d}", "effective_on": day, "issued_on": day, "party_id": firm}
            amount = {"net": 30_000_000 + month, "gross": 30_000_000 + month, "counterparty": f"K{month % 5}"}
            bills.append(bill | amount | {"direction": "sale", "status": "valid", "currency": "CNY"})
    firms = [{"id": f, "effective_on": since, "kind": "company", "currency": "CNY"} for f in ("A", "B", "C")]
    granted = [row | {"granted": True, "granted_on": since} for row in consents if row["party_id"] != "C"]
    tables = {"invoices": facts(INVOICES, *bills), "parties": facts(PARTIES, *firms)}
    seal(book, tables | {"consents": facts(CONSENTS, *granted)}, observed_until=AS_OF)
    return book


def night(snapshot: Snapshot, *only: str, engine: Any = "plain") -> dict[str, Any]:
    return run_night(snapshot, Settings(engine=engine), only=only or ("credit_decisions",)).outcomes


def row(outcome: Any, party: str) -> dict[str, Any]:
    return next(r for r in outcome.table.to_pylist() if r["party_id"] == party)


def reasons(outcome: Any, party: str) -> set[str]:
    return {r["code"] for r in outcome.reasons.to_pylist() if r["party_id"] == party}


def test_a_withdrawn_consent_makes_the_firm_unknown_from_the_next_snapshot_on(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    before = night(Snapshot(book))
    assert row(before["profiles"], "A")["sales"] and row(before["scores"], "A")["probability"]
    gone = {"id": "UA", "effective_on": date(2020, 2, 1), "party_id": "A", "purpose": "alternative_data"}
    gone |= {"granted": False, "withdrawn_on": date(2020, 2, 1)}
    seal(book, {"consents": facts(CONSENTS, gone)}, observed_until=AS_OF)
    again = night(Snapshot(book, sequences={"self": 1}), "profiles")
    assert again["profiles"].root == before["profiles"].root, "the earlier snapshot says what it said"
    after = night(Snapshot(book))
    seen = row(after["profiles"], "A")
    assert {k for k, v in seen.items() if v is not None} == {"party_id", "barred"} and seen["barred"]
    subject = next(r for r in after["profiles"].subjects.to_pylist() if r["party_id"] == "A")
    kept = {"party_id", "observed_on", "barred", "consent_withdrawn", "consent_expired", "consent_missing"}
    assert {k for k, v in subject.items() if v is not None} == kept | {"consent_ended_on"}, "nothing of it is read"
    assert reasons(after["profiles"], "A") == {"CONSENT_WITHDRAWN"}
    said = after["profiles"].why("A", language="en")["reasons"][0]["words"]
    assert "withdrew" in said and "2020-02-01" in said
    assert row(after["scores"], "A")["probability"] is None and reasons(after["scores"], "A") == {"SCORE_BARRED"}
    assert row(after["credit_decisions"], "A")["decision"] == "refer", "a person decides; nobody is refused for it"
    assert row(after["profiles"], "B") == row(before["profiles"], "B")


def test_no_consent_is_told_apart_from_a_withdrawn_one(tmp_path: Path) -> None:
    found = night(Snapshot(book_of(tmp_path)), "profiles")
    assert reasons(found["profiles"], "C") == {"CONSENT_MISSING"}
    assert row(found["profiles"], "C")["sales"] is None and row(found["profiles"], "B")["sales"] is not None


def test_both_engines_say_the_same_and_the_lineage_names_the_purpose(tmp_path: Path) -> None:
    book = book_of(tmp_path)
    plain, compiled = (night(Snapshot(book), "profiles", engine=engine)["profiles"] for engine in ("plain", "compiled"))
    assert plain.root == compiled.root
    assert plain.lineage["purpose"] == profile.PURPOSE
    assert night(Snapshot(book), "days_past_due")["days_past_due"].lineage["purpose"] == "loan_management"
