"""``panhuo check`` over a sealed book: the object it prints, and the words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from panhuo.ground.book import TABLES
from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.verbs.check import VERB


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "book"
    day = date(2024, 1, 1)
    parties = [
        {"org_id": "self", "id": "K1", "effective_on": day, "kind": "company", "name": "甲公司",
         "identifier_kind": "unified_social_credit_code", "identifier": "91110000000000000F"},
        {"org_id": "self", "id": "K2", "effective_on": day, "kind": "person", "name": "张三", "status": "deceased"},
    ]  # fmt: skip
    guarantees = [
        {"org_id": "self", "id": "G1", "effective_on": day, "contract_id": "H1", "guarantor_id": None},
        {"org_id": "self", "id": "G2", "effective_on": day, "contract_id": "H1", "guarantor_id": "K2"},
    ]
    made = Book.create(folder, made_by="test")
    facts = {
        name: pa.Table.from_pylist(rows, schema=TABLES[name].fact_schema.arrow())
        for name, rows in (("parties", parties), ("guarantees", guarantees))
    }
    seal(made, facts)
    return folder


def test_check_prints_one_object(book: Path) -> None:
    result = VERB.call(book=str(book))
    assert result["tables"]["parties"]["rows"] == 2
    assert result["tables"]["guarantees"]["columns"]["guarantor_id"]["known"] == 1
    found = {(p["table"], p["row"], p["column"], p["code"]) for p in result["problems"]}
    assert found == {
        # GB 32100 check character of 91110000000000000 is E (domain rules 9.1)
        ("parties", "K1", "identifier", "IDENTIFIER_INVALID"),
        ("parties", "K2", "status", "PARTY_GONE"),
        ("guarantees", "G1", "contract_id", "DANGLING_REFERENCE"),
        ("guarantees", "G2", "contract_id", "DANGLING_REFERENCE"),
        ("guarantees", "G1", "guarantor_id", "GUARANTOR_MISSING"),
    }
    identifier = next(p for p in result["problems"] if p["column"] == "identifier")
    assert identifier["value"] == "9" + "*" * 16 + "F"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words(book: Path, language: str) -> None:
    text = VERB.words(VERB.call(book=str(book)), language)
    assert ("保证人编号缺失" in text) == (language == "zh")
    assert ("the guarantor's id is missing" in text) == (language == "en")


def test_wrong_arguments(book: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        VERB.call(book=str(tmp_path / "none"))
    with pytest.raises(InvalidInput):
        VERB.call(book=str(book), as_of="yesterday")
