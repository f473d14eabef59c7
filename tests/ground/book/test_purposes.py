"""Lawful bases and consent: what bars a use, from when on, and what is never barred (个人信息保护法 arts. 13, 15)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.purposes import PURPOSES, consented
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.book.table import Table
from panhuo.ground.book.tables.claims import LAWFUL_BASES
from panhuo.ground.book.tables.conduct import CONFIRMATIONS, CONSENT_PURPOSES, CONSENTS
from panhuo.ground.book.tables.parties import INVOICES
from panhuo.ground.record.errors import NotFound
from panhuo.journey.night import steps

DAY = date(2026, 6, 30)


def facts(table: Table, *rows: dict[str, Any]) -> pa.Table:
    empty = dict.fromkeys(table.fact_schema.names)
    full = [{**empty, "org_id": "self", **row} for row in rows]
    return pa.Table.from_pylist(full, schema=table.fact_schema.arrow())


def consent(party: str, on: date, granted: bool | None = True, number: str = "", **more: Any) -> dict[str, Any]:
    name = number or f"U-{party}"
    said = {"id": name, "effective_on": on, "party_id": party, "purpose": "alternative_data", "granted": granted}
    return said | more


def bills(*parties: str) -> pa.Table:
    rows = [
        {"id": f"F-{party}", "effective_on": date(2026, 1, 1), "party_id": party, "direction": "sale", "net": 100}
        | {"issued_on": date(2026, 1, 1), "gross": 100, "currency": "CNY", "status": "valid"}
        for party in parties
    ]
    return facts(INVOICES, *rows)


def standing(snapshot: Snapshot, purpose: str = "alternative_data") -> dict[str, tuple[bool, str | None]]:
    rows = consented(snapshot, "invoices", purpose).to_pyarrow().to_pylist()
    return {row["party_id"]: (row["allowed"], row["standing"]) for row in rows}


def test_what_stands_and_what_does_not(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "book", made_by="test")
    early = date(2025, 1, 1)
    said = [
        consent("given", early),
        consent("refused", early, granted=False),
        consent("unsaid", early, granted=None),
        consent("lapsed", early, expires_on=date(2026, 6, 29)),
        consent("last-day", early, expires_on=DAY),
        consent("withdrawn", early, granted=False, withdrawn_on=date(2026, 6, 30)),
        consent("withdraws-tomorrow", early, withdrawn_on=date(2026, 7, 1)),
        consent("other", early, purpose="marketing"),
        consent("again", early, granted=False, number="U1", withdrawn_on=date(2025, 2, 1)),
        consent("again", date(2025, 3, 1), number="U2"),
    ]
    names = {row["party_id"] for row in said} | {"never-asked"}
    seal(book, {"consents": facts(CONSENTS, *said), "invoices": bills(*sorted(names))}, observed_until=DAY)
    assert standing(Snapshot(book)) == {
        "given": (True, "given"),
        "refused": (False, "refused"),
        "unsaid": (False, "refused"),
        "lapsed": (False, "expired"),
        "last-day": (True, "given"),
        "withdrawn": (False, "withdrawn"),
        "withdraws-tomorrow": (True, "given"),
        "other": (False, None),
        "again": (True, "given"),
        "never-asked": (False, None),
    }


def test_a_withdrawal_counts_from_the_next_snapshot_on_and_never_before(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "book", made_by="test")
    first = {"consents": facts(CONSENTS, consent("A", date(2025, 1, 1))), "invoices": bills("A")}
    seal(book, first, observed_until=DAY)
    gone = consent("A", date(2026, 6, 30), granted=False, withdrawn_on=date(2026, 6, 30))
    seal(book, {"consents": facts(CONSENTS, gone)}, observed_until=DAY)
    assert standing(Snapshot(book, sequences={"self": 1})) == {"A": (True, "given")}
    assert standing(Snapshot(book)) == {"A": (False, "withdrawn")}
    assert standing(Snapshot(book, as_of=date(2026, 6, 29))) == {"A": (True, "given")}
    assert standing(Snapshot(book), "loan_management") == {"A": (True, None)}


@pytest.mark.parametrize("basis, allowed", [("public", True), ("contract", False), ("consent", False)])
def test_a_recorded_basis_stands_where_the_law_knows_it_and_until_disputed(
    tmp_path: Path, basis: str, allowed: bool
) -> None:
    book = Book.create(tmp_path / "book", made_by="test")
    said = {"subject_table": "invoices", "subject_id": "alternative_data", "confirmed_by": "source"}
    said |= {"result": "confirmed", "lawful_basis": basis, "confirmed_on": date(2026, 1, 1)}
    record = facts(CONFIRMATIONS, {"id": "B1", "effective_on": date(2026, 1, 1), **said})
    seal(book, {"confirmations": record, "invoices": bills("A")}, observed_until=DAY)
    assert standing(Snapshot(book)) == {"A": (allowed, None)}
    dispute = {"id": "B2", "effective_on": date(2026, 2, 1), **said, "result": "disputed"}
    seal(book, {"confirmations": facts(CONFIRMATIONS, dispute | {"confirmed_on": date(2026, 2, 1)})})
    assert standing(Snapshot(book)) == {"A": (False, None)}


def test_every_purpose_has_a_basis_of_the_law_and_every_step_a_purpose() -> None:
    for purpose in PURPOSES.values():
        assert purpose.basis in ("contract", "legal_duty", "consent") and purpose.article
        assert purpose.zh and purpose.en and set(purpose.instead) <= {code.code for code in LAWFUL_BASES}
        assert purpose.basis != "consent" or purpose.code in CONSENT_PURPOSES
    with pytest.raises(NotFound, match="no purpose"):
        consented(None, "invoices", "curiosity")
    without = [step.name for step in steps() if getattr(step, "purpose", "") not in PURPOSES]
    assert without == []


def test_the_page_lists_every_purpose_with_its_basis(project_root: Path) -> None:
    page = (project_root / "docs" / "purposes.md").read_text(encoding="utf-8")
    words = {"contract": "合同 contract", "legal_duty": "法定义务 legal duty", "consent": "同意 consent"}
    for purpose in PURPOSES.values():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{purpose.code}` |"))
        assert purpose.zh in line and words[purpose.basis] in line
