"""A person's own report: everything held about it, why, who read it, to whom it went; nothing of anybody else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound

DAY = date(2025, 3, 31)


@pytest.fixture
def told(server: Any, founded: Any) -> tuple[dict[str, Any], Any, Any]:
    """(report of p1, the bank, the buyer it was shown to)"""
    from panhuo_server.accounts import access_report, consent, shares
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows, shared_personal_rows
    from panhuo_server.store.sealing import seal

    bank, buyer = founded("lender"), founded("asset_manager")
    parties = [
        {"id": "p1", "effective_on": DAY, "kind": "person", "name": "王小明", "phone": "=1+1"},
        {"id": "p2", "effective_on": DAY, "kind": "person", "name": "李小红", "phone": "13900000000"},
    ]
    matters = [
        {"id": "m1", "effective_on": DAY, "kind": "single", "party_id": "p1", "title": "王小明借款"},
        {"id": "m2", "effective_on": DAY, "kind": "single", "party_id": "p2", "title": "李小红借款"},
    ]
    with acting(bank.org, bank.person, "import"):
        seal({"parties": pa.Table.from_pylist(parties), "matters": pa.Table.from_pylist(matters)}, idempotency_key="x")
    with acting(bank.org, bank.person, "origination"):
        consent.grant("p1", "marketing", idempotency_key="g")
    with acting(bank.org, bank.person, "monitoring"):
        personal_rows("parties", ["p1", "p2"], ["name"])
    with acting(bank.org, bank.person, "market"):
        shares.grant("parties", buyer.org, 3, "due_diligence", datetime.now(UTC) + timedelta(days=1), row="p1")
        shares.grant("parties", buyer.org, 3, "due_diligence", datetime.now(UTC) + timedelta(days=1), row="p2")
    with acting(buyer.org, buyer.person, "due_diligence"):
        shared_personal_rows("parties")
    with acting(bank.org, bank.person, "privacy"):
        with pytest.raises(NotFound):
            access_report.report("nobody")
        return access_report.report("p1"), bank, buyer


def test_it_holds_everything_of_that_person_and_nothing_of_another(told: Any) -> None:
    report, bank, buyer = told
    values = {(row["table"], row["column"]): row["value"] for row in report["held"]}
    assert values["parties", "name"] == "王小明" and values["matters", "title"] == "王小明借款"
    assert {row["id"] for row in report["held"] if row["table"] in ("parties", "matters")} == {"p1", "m1"}
    assert "李小红" not in json.dumps(report, ensure_ascii=False, default=str)
    assert {(row["table"], row["basis"]) for row in report["why"]} == {
        ("parties", "contract"), ("parties", "legal_duty"), ("matters", "contract"), ("consents", "legal_duty"),
    }  # fmt: skip
    assert [(one["purpose"], one["standing"]) for one in report["consents"]] == [("marketing", "given")]
    assert [(one["to_org"], one["row"]) for one in report["shares"]] == [(buyer.org, "p1")]
    seen = [(one["reader_org"], one["person"], one["purpose"], one["table"]) for one in report["reads"]]
    assert seen == [
        (bank.org, bank.person, "monitoring", "parties"), (buyer.org, None, "due_diligence", "parties"),
        (bank.org, bank.person, "privacy", "parties"), (bank.org, bank.person, "privacy", "matters"),
    ]  # fmt: skip
    # Identity records: ten years by the law of 2024 from the last known day; a matter says nothing of an end.
    assert {one["rule"] for one in report["retention"]} == {"RET-06"}


def test_it_is_written_in_both_languages_and_no_cell_is_a_formula(told: Any, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from panhuo_server.accounts.access_report import SHEETS, write

    report, *_ = told
    write(report, tmp_path / "p1.json")
    write(report, tmp_path / "p1.xlsx")
    with pytest.raises(InvalidInput):
        write(report, tmp_path / "p1.pdf")
    again = json.loads((tmp_path / "p1.json").read_text(encoding="utf-8"))
    assert again["made_on"] == report["made_on"].isoformat() and again["held"][0]["effective_on"] == "2025-03-31"
    book = load_workbook(tmp_path / "p1.xlsx")
    assert book.sheetnames == ["说明 summary", *(name for _, name, _ in SHEETS)]
    cells = [cell for row in book["持有的信息 held"].iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" for cell in cells)
    assert "=1+1" in {cell.value for cell in cells} and {"姓名或名称", "name"} & {cell.value for cell in cells}
    for name in ("p1.json", "p1.xlsx"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_every_table_is_held_for_a_purpose_or_is_a_record_of_processing() -> None:
    from panhuo.ground.book.catalogue import TABLES
    from panhuo.trust.privacy.uses import purposes_of

    without = {name for name in TABLES if not purposes_of(name)}
    assert without == {name for name, table in TABLES.items() if table.family == "conduct"}
