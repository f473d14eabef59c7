# ruff: noqa: E501  lines of a file stand here as they are
"""The walk of a fact's first steps: read, sealed, seen in a snapshot, corrected, checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from panhuo.ground.book.batch import seal
from panhuo.ground.book.checking.book import check_book
from panhuo.ground.book.folder import Book
from panhuo.ground.book.reading.reader import read
from panhuo.ground.book.snapshot import Snapshot

PARTIES = "客户编号,主体类型,客户名称,登记状态,成立日期\nK1,企业,甲公司,存续,2015-01-01\nK2,自然人,张三,死亡,\n"
CONTRACTS = "合同编号,借款人编号,合同金额（万元）,签订日,到期日,年利率(%)\nH1,K1,300,2023-03-01,2024-03-01,4.35\n"
DRAWDOWNS = "借据号,借款合同编号,借款人编号,借据金额,发放日,到期日\nJ1,H1,K1,300,2023-03-05,2024-03-01\nJ2,H1,K1,abc,2023-03-05,2024-03-01\n"
GUARANTEES = "保证编号,contract_id,保证人编号,保证方式,签订日\nG1,H1,K2,连带,2023-03-01\nG2,H1,,一般,2023-03-01\n"


def test_read_seal_correct_check(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "book", made_by="test")
    readings = {
        "parties": read(PARTIES.encode("gb18030"), "parties", effective_on=date(2023, 1, 1)),
        "contracts": read(CONTRACTS.encode(), "contracts"),
        "drawdowns": read(DRAWDOWNS.encode(), "drawdowns"),
        "guarantees": read(GUARANTEES.encode(), "guarantees"),
    }
    assert [(p.row, p.code) for p in readings["drawdowns"].bad] == [(3, "NOT_A_NUMBER")]
    seal(book, {name: reading.rows for name, reading in readings.items()})

    first = check_book(Snapshot(book, as_of=date(2025, 1, 1)))
    found = {(f.table, f.column, f.reason.code): [key for key, _ in f.rows] for f in first.findings}
    assert found == {
        ("drawdowns", "amount", "WAN_AGAINST_YUAN"): ["J1"],
        ("guarantees", "guarantor_id", "GUARANTOR_MISSING"): ["G2"],
        ("parties", "status", "PARTY_GONE"): ["K2"],
    }

    # The correction names the fact it replaces and states the same day.
    snapshot = Snapshot(book, as_of=date(2025, 1, 1))
    wrong = snapshot.rows("drawdowns").to_pylist()[0]
    fact = f"{wrong['fact_sequence']}-{wrong['fact_position']}"
    header, line = DRAWDOWNS.split("\n")[:2]
    corrected = f"{header},replaces\n{line.replace(',300,', ',3000000,')},{fact}\n"
    seal(book, {"drawdowns": read(corrected.encode(), "drawdowns").rows})

    assert Snapshot(book, as_of=date(2025, 1, 1)).rows("drawdowns").column("amount").to_pylist() == [300_000_000]
    before = Snapshot(book, as_of=date(2025, 1, 1), sequences={"self": 1})
    assert before.rows("drawdowns").column("amount").to_pylist() == [30_000]
    codes = {f.reason.code for f in check_book(Snapshot(book, as_of=date(2025, 1, 1))).findings}
    assert codes == {"GUARANTOR_MISSING", "PARTY_GONE"}
