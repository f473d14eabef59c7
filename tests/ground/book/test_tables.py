"""The declarations keep their promises: names, references, personal columns, code lists, the dictionary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from panhuo.ground.book import TABLES
from panhuo.ground.book.dictionary import code_lists, dictionary_page
from panhuo.ground.book.measures import MEASURES
from panhuo.ground.book.table import FACT_COLUMNS, FAMILIES, SEALED_COLUMNS, Table, declare
from panhuo.ground.record.columns import ColumnType
from panhuo.ground.record.errors import Defect, NotFound

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# practice.md section 2, the families the first issue needs
NAMED = [
    "parties", "party_roles", "groups", "relations", "observations", "invoices", "transactions", "credit_reports",
    "facilities", "contracts", "drawdowns", "modifications", "postings", "accrual_status", "stated_balances",
    "writeoffs", "class_decisions", "decisions", "inspections", "guarantees", "security_rights",
    "security_rights_debts", "security_assets", "assets", "burdens", "seizures", "appraisals", "claims",
    "claim_drawdowns", "assignments", "notices", "limitation_events", "clues", "recoveries", "costs", "matters",
    "proceedings", "proceeding_parties", "proceeding_claims", "instruments", "instrument_items",
    "enforcement_measures", "auction_lots", "auction_rounds", "distributions", "mediations", "bankruptcies",
    "market_comparables", "packages", "package_items", "consents", "erasures", "confirmations",
]  # fmt: skip


def test_every_named_table_is_declared() -> None:
    assert set(NAMED) <= set(TABLES)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_table_keeps_its_promises(table: Table) -> None:
    assert SNAKE.fullmatch(table.name)
    assert table.zh and table.en
    assert table.family in FAMILIES
    assert table.kind in ("state", "event")
    assert table.fact_schema.key == ("org_id", "id")
    assert table.fact_schema.columns[: len(FACT_COLUMNS)] == FACT_COLUMNS
    assert table.sealed_schema.columns[-2:] == SEALED_COLUMNS
    for column in table.schema.columns:
        assert SNAKE.fullmatch(column.name)
        assert column.zh and column.en, column.name
        assert re.search(r"[一-鿿]|LPR", column.zh), column.name
        assert column.type is not ColumnType.FLOAT, "a float is never sealed"
        assert 1 <= column.level <= 5
        if column.references:
            assert column.references in TABLES, (table.name, column.name)
        if column.personal:
            holder = table.fact_schema[column.personal]
            assert holder.name == "id" if table.name == "parties" else holder.references == "parties"
            assert column.type is ColumnType.TEXT
            assert column.level >= 3
        if column.type is ColumnType.CODE and column.codes is not None:
            assert len(column.codes) == len({c.code for c in column.codes})
    if any(c.type is ColumnType.FEN for c in table.schema.columns):
        assert "currency" in table.schema, f"{table.name} bears money"


def test_direct_identifiers_are_personal() -> None:
    parties = TABLES["parties"].schema
    for name in ("name", "identifier", "phone", "address", "bank_account"):
        assert parties[name].personal == "id"
    assert TABLES["transactions"].schema["account"].personal == "party_id"
    assert TABLES["contracts"].schema["service_address"].personal == "party_id"


def test_code_lists_are_bilingual_and_named_once() -> None:
    lists = code_lists()
    for name, codes in lists.items():
        assert SNAKE.fullmatch(name)
        for code in codes:
            assert code.zh and code.en, (name, code.code)
            assert re.fullmatch(r"[a-z][a-z0-9_]*|[A-Z]{3}", code.code), (name, code.code)
    for table in TABLES.values():
        for column in table.schema.columns:
            if column.codes is not None:
                assert lists[column.codes.name] is column.codes, "two lists share a name"


def test_measures_have_units() -> None:
    for name, measure in MEASURES.items():
        assert SNAKE.fullmatch(name) and measure.zh and measure.en and measure.unit_zh and measure.unit_en
        assert measure.type.is_integer


def test_dictionary_is_current(project_root: Path) -> None:
    page = project_root / "docs" / "tables.md"
    assert page.read_text("utf-8") == dictionary_page(), "run: python -m panhuo.ground.book.dictionary > docs/tables.md"


def test_bad_declarations_are_refused() -> None:
    with pytest.raises(Defect):
        declare("Bad", "state", "parties", "坏", "bad")
    with pytest.raises(Defect):
        declare("bad", "state", "nowhere", "坏", "bad")
    from panhuo.ground.book import table_named

    with pytest.raises(NotFound):
        table_named("nothing")
