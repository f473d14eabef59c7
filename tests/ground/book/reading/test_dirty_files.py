"""Twenty-odd files as they really arrive: what is read, what is handed back, and why.

Every fixture is built here by code. Expected values are worked out by hand from the text of the fixture.
"""

# ruff: noqa: E501  lines of a file stand here as they are
from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.reading.reader import read
from panhuo.ground.record.errors import InvalidInput


def workbook(rows: list[list[Any]], titles: tuple[str, ...] = ("Sheet1",)) -> bytes:
    """An .xlsx with the rows on its last sheet."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title in titles:
        page = book.create_sheet(title)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_error(rows: list[list[Any]], cell: str) -> bytes:
    """An .xlsx in which one cell holds a formula error."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(workbook(rows)))
    book.active[cell] = "#REF!"
    book.active[cell].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@dataclass
class Case:
    """One file: bytes, the table it is read for, and what must come out."""

    name: str
    data: Callable[[], bytes]
    table: str
    rows: list[dict[str, Any]]
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    arguments: dict[str, Any] = field(default_factory=dict)
    file: str = "file.csv"


D = date
MARCH_FIFTH = datetime(2023, 3, 5)  # noqa: DTZ001  a cell of a workbook has no zone
DRAWDOWNS = "借据号,借款合同编号,借款人编号,借据金额,发放日,到期日,执行年利率(%)"
CASES = [
    Case(
        "plain UTF-8 with Chinese headers",
        lambda: (DRAWDOWNS + "\nJ1,H1,K1,3000000.00,2023-03-05,2024-03-04,4.35\n").encode(),
        "drawdowns",
        [
            {
                "id": "J1", "contract_id": "H1", "party_id": "K1", "amount": 300_000_000, "out_on": D(2023, 3, 5),
                "due_on": D(2024, 3, 4), "annual_rate": 43_500, "currency": "CNY", "org_id": "self",
                "effective_on": D(2023, 3, 5), "source_doc": "file.csv", "source_row": 2,
            }
        ],
    ),
    Case(
        "UTF-8 with its mark, carriage returns, a blank line and a trailing separator",
        lambda: ("﻿" + DRAWDOWNS + ",\r\nJ1,H1,K1,10,2023/3/5,2024/3/4,4.35,\r\n\r\nJ2,H1,K1,20,20230305,20240304,5,\r\n").encode(),
        "drawdowns",
        [
            {"id": "J1", "amount": 1_000, "out_on": D(2023, 3, 5), "annual_rate": 43_500, "source_row": 2},
            {"id": "J2", "amount": 2_000, "out_on": D(2023, 3, 5), "annual_rate": 50_000, "source_row": 4},
        ],
    ),
    Case(
        "GB18030, found by itself, with a rare character",
        lambda: "客户编号,主体类型,客户名称\nK1,企业,杭州㼆记商行\nK2,个体工商户,王五面馆\n".encode("gb18030"),
        "parties",
        [
            {"id": "K1", "kind": "company", "name": "杭州㼆记商行"},
            {"id": "K2", "kind": "sole_trader", "name": "王五面馆"},
        ],
        notes=set(),
        arguments={"effective_on": D(2024, 1, 1)},
    ),
    Case(
        "semicolons and decimal commas",
        lambda: (DRAWDOWNS.replace(",", ";") + "\nJ1;H1;K1;1.234.567,89;05.03.2023;2024-03-04;4,35\n"
                 "J2;H1;K1;1.234.567,89;2023.03.05;2024-03-04;4,35\n").encode(),
        "drawdowns",
        [{"id": "J2", "amount": 123_456_789, "out_on": D(2023, 3, 5), "annual_rate": 43_500}],
        bad=[(2, "out_on", "AMBIGUOUS_DATE")],
    ),
    Case(
        "tabs and full-width digits",
        lambda: (DRAWDOWNS.replace(",", "\t") + "\nＪ１\tH1\tK1\t３，０００，０００\t２０２３－０３－０５\t2024年3月4日\t４．３５％\n").encode(),
        "drawdowns",
        [{"id": "J1", "amount": 300_000_000, "out_on": D(2023, 3, 5), "due_on": D(2024, 3, 4), "annual_rate": 43_500}],
        file="file.txt",
    ),
    Case(
        "thousands separators in quotes; commas in odd places are refused",
        lambda: (DRAWDOWNS + '\nJ1,H1,K1,"3,000,000.50",2023-03-05,2024-03-04,4.35\n'
                 'J2,H1,K1,"30,00.5",2023-03-05,2024-03-04,4.35\n').encode(),
        "drawdowns",
        [{"id": "J1", "amount": 300_000_050}],
        bad=[(3, "amount", "GROUPING")],
    ),
    Case(
        "amounts in 万元 by the header, and a cell that says otherwise",
        lambda: "借据号,借款合同编号,借款人编号,借据金额（万元）,发放日,到期日\n"
        "J1,H1,K1,300,2023-03-05,2024-03-04\nJ2,H1,K1,12.345678,2023-03-05,2024-03-04\n"
        "J3,H1,K1,500000元,2023-03-05,2024-03-04\nJ4,H1,K1,1.2亿,2023-03-05,2024-03-04\n".encode(),
        "drawdowns",
        [{"amount": 300_000_000}, {"amount": 12_345_678}, {"amount": 50_000_000}, {"amount": 12_000_000_000}],
    ),
    Case(
        "title lines above the header, the unit among them, totals below",
        lambda: "某某银行不良贷款明细表,,,,,\n单位：万元,,,,,\n借据号,借款合同编号,借款人编号,借据金额,发放日,到期日\n"
        "J1,H1,K1,300,2023-03-05,2024-03-04\n合计,,,300,,\n".encode(),
        "drawdowns",
        [{"id": "J1", "amount": 300_000_000, "source_row": 4}],
        notes={"TOTALS_LINE"},
    ),
    Case(
        "red-letter invoices: minus signs and brackets",
        lambda: "企业代号,发票号码,开票日期,销方单位代号,金额,税额,价税合计,发票状态\n"
        "E1,01,2017-9-1,C1,-338.46,-57.54,-396,有效发票\nE1,02,2017-9-2,C1,(338.46),（57.54）,−396.00,作废发票\n"
        "E1,03,2017-9-3,C1,100.00-,¥17.00,￥117,有效发票\n".encode(),
        "invoices",
        [
            {"number": "01", "net": -33_846, "tax": -5_754, "gross": -39_600, "status": "valid", "direction": "purchase"},
            {"number": "02", "net": -33_846, "tax": -5_754, "gross": -39_600, "status": "void"},
            {"number": "03", "net": -10_000, "tax": 1_700, "gross": 11_700},
        ],
        arguments={"defaults": {"direction": "进项"}},
    ),
    Case(
        "a last line cut off",
        lambda: (DRAWDOWNS + "\nJ1,H1,K1,10,2023-03-05,2024-03-04,4.35\nJ2,H1,K1,20,2023-0").encode(),
        "drawdowns",
        [{"id": "J1"}],
        bad=[(3, "", "TRUNCATED")],
    ),
    Case(
        "a gzip cut off: what came out before the cut is read",
        lambda: gzip.compress(
            (DRAWDOWNS + "\n" + "".join(f"J{i},H{i},K{i},{i}00.5,2023-03-05,2024-03-04,4.35\n" for i in range(1, 9))).encode(),
            compresslevel=0, mtime=0,
        )[:-30],
        "drawdowns",
        [{"id": f"J{i}", "amount": i * 10_000 + 50} for i in range(1, 8)],
        bad=[(9, "", "TRUNCATED")],
        notes={"TRUNCATED"},
        file="file.csv.gz",
    ),
    Case(
        "rows with a wrong number of cells",
        lambda: (DRAWDOWNS + "\nJ1,H1,K1,10,2023-03-05,2024-03-04,4.35\nJ2,H1,K1,1,000,2023-03-05,2024-03-04,4.35\n"
                 "J3,H1\nJ4,H1,K1,40,2023-03-05,2024-03-04,4.35\n").encode(),
        "drawdowns",
        [{"id": "J1"}, {"id": "J4"}],
        bad=[(3, "", "CELL_COUNT"), (4, "", "CELL_COUNT")],
    ),
    Case(
        "a quotation mark never closed costs one row, not the rest of the file",
        lambda: (DRAWDOWNS + '\nJ1,H1,"K1,10,2023-03-05,2024-03-04,4.35\nJ2,"H\n1",K1,20,2023-03-05,2024-03-04,4.35\n'
                 'J3,H1,K1,30,2023-03-05,2024-03-04,4.35\n').encode(),
        "drawdowns",
        [{"id": "J2", "contract_id": "H\n1", "source_row": 3}, {"id": "J3", "source_row": 5}],
        bad=[(2, "", "UNCLOSED_QUOTE")],
    ),
    Case(
        "dates no calendar has, two-digit years, words",
        lambda: (DRAWDOWNS + "\nJ1,H1,K1,10,2023-02-30,2024-03-04,4.35\nJ2,H1,K1,10,23-3-5,2024-03-04,4.35\n"
                 "J3,H1,K1,10,去年三月,2024-03-04,4.35\nJ4,H1,K1,10,2024-02-29 00:00:00,20250229,4.35\n"
                 "J5,H1,K1,10,45356,2025-03-04,4.35\n").encode(),
        "drawdowns",
        [{"id": "J5", "out_on": D(2024, 3, 5)}],  # Excel serial 45356 is 5 March 2024
        bad=[
            (2, "out_on", "NO_SUCH_DAY"), (3, "out_on", "AMBIGUOUS_DATE"), (4, "out_on", "NOT_A_DATE"),
            (5, "due_on", "NO_SUCH_DAY"),
        ],
    ),
    Case(
        "NaN and words where numbers should be; blanks are unknown",
        lambda: (DRAWDOWNS + "\nJ1,H1,K1,NaN,2023-03-05,2024-03-04,4.35\nJ2,H1,K1,待定,2023-03-05,2024-03-04,4.35\n"
                 "J3,H1,K1,10,2023-03-05,2024-03-04,-\nJ4,H1,K1,,2023-03-05,2024-03-04,4.35\n").encode(),
        "drawdowns",
        [{"id": "J3", "annual_rate": None}],
        bad=[(2, "amount", "NAN"), (3, "amount", "NOT_A_NUMBER"), (5, "amount", "REQUIRED")],
    ),
    Case(
        "duplicate ids: the first stands, a correction is no duplicate, another day is no duplicate in a state table",
        lambda: (DRAWDOWNS + ",effective_on,replaces\nJ1,H1,K1,10,2023-03-05,2024-03-04,4.35,2023-03-05,\n"
                 "J1,H1,K1,11,2023-03-05,2024-03-04,4.35,2023-03-05,\nJ1,H1,K1,12,2023-03-05,2024-03-04,4.35,2023-03-05,3-17\n"
                 "J1,H1,K1,13,2023-03-05,2024-03-04,4.35,2023-06-05,\n").encode(),
        "drawdowns",
        [{"amount": 1_000}, {"amount": 1_200, "replaces": "3-17"}, {"amount": 1_300}],
        bad=[(3, "id", "DUPLICATE")],
    ),
    Case(
        "a required column is missing: said once, nothing read",
        lambda: b"drawdown_id,contract_id,party_id,out_on,due_on\nJ1,H1,K1,2023-03-05,2024-03-04\n",
        "drawdowns",
        [],
        bad=[(0, "amount", "MISSING_COLUMN")],
    ),
    Case(
        "renamed columns by mapping, one nobody knows",
        lambda: "贷款流水,协议,谁,多少钱,放款日期,到期日期,心情\nJ1,H1,K1,10,2023-03-05,2024-03-04,好\n".encode(),
        "drawdowns",
        [{"id": "J1", "contract_id": "H1", "party_id": "K1", "amount": 1_000}],
        notes={"NOT_USED"},
        arguments={"mapping": {"贷款流水": "id", "协议": "contract_id", "谁": "party_id", "多少钱": "amount"}},
    ),
    Case(
        "percent, fraction and sign in one column of rates without a unit",
        lambda: "合同编号,借款人编号,合同金额,签订日,年利率\nH1,K1,10,2023-03-05,4.35\nH2,K1,10,2023-03-05,4.35%\n"
        "H3,K1,10,2023-03-05,0.0435\nH4,K1,10,2023-03-05,12\n".encode(),
        "contracts",
        [{"annual_rate": 43_500}, {"annual_rate": 43_500}, {"annual_rate": 120_000}],
        bad=[(4, "annual_rate", "UNIT_UNCERTAIN")],
        notes={"ASSUMED_PERCENT"},
    ),
    Case(
        "codes in Chinese, English and code; one unknown",
        lambda: "保证编号,contract_id,保证人,保证方式,同一文件组,配偶同意,签订日\n"
        "G1,H1,K2,连带责任保证,a,是,2023-03-05\nG2,H1,K3,general guarantee,a,N,2023-03-05\n"
        "G3,H1,K4,not_agreed,a,,2023-03-05\nG4,H1,K5,口头担保,a,√,2023-03-05\nG5,H1,,连带,,也许,2023-03-05\n".encode(),
        "guarantees",
        [
            {"id": "G1", "kind": "joint", "spouse_consent": True},
            {"id": "G2", "kind": "general", "spouse_consent": False},
            {"id": "G3", "kind": "not_agreed", "spouse_consent": None},
        ],
        bad=[(5, "kind", "NOT_A_CODE"), (6, "spouse_consent", "NOT_A_BOOLEAN")],
    ),
    Case(
        "an Excel workbook: a cover sheet, merged title, true dates, numbers as numbers and as text",
        lambda: workbook(
            [
                ["授信台账", None, None, None, None, None, None],
                [],
                ["借据号", "借款合同编号", "借款人编号", "借据金额(万元)", "发放日", "到期日", "执行年利率"],
                ["J1", "H1", 1001, 12.3, MARCH_FIFTH, D(2024, 3, 4), "4.35%"],
                ["J2", "H1", "1002", "1,234.5", "2023-03-05", 45356, 0.0435],
                [None, None, None, None, None, None, None],
                ["J3", "H1", 1003, "abc", MARCH_FIFTH, D(2024, 3, 4), None],
            ],
            titles=("封面", "明细"),
        ),
        "drawdowns",
        [
            {"id": "J1", "party_id": "1001", "amount": 12_300_000, "due_on": D(2024, 3, 4), "source_row": 4},
            {"id": "J2", "party_id": "1002", "amount": 1_234_500_000, "due_on": D(2024, 3, 5), "annual_rate": 43_500},
        ],
        bad=[(7, "amount", "NOT_A_NUMBER")],
        file="台账.xlsx",
    ),
    Case(
        "identifiers a spreadsheet took for numbers",
        lambda: workbook(
            [
                ["客户编号", "主体类型", "证件号码"],
                ["K1", "自然人", 110105194912310021.0],
                ["K2", "自然人", "11010519491231002X"],
                ["K3", "自然人", "1.10105E+17"],
            ]
        ),
        "parties",
        [{"id": "K2", "identifier": "11010519491231002X"}],
        bad=[(2, "identifier", "DAMAGED_IDENTIFIER"), (4, "identifier", "DAMAGED_IDENTIFIER")],
        arguments={"effective_on": D(2024, 1, 1)},
        file="a.xlsx",
    ),
    Case(
        "Parquet with floats, a NaN and a sub-fen amount",
        lambda: parquet(
            {
                "企业代号": ["E1", "E1", "E1"],
                "发票号码": ["1", "2", "3"],
                "开票日期": pa.array([D(2017, 9, 1)] * 3, pa.date32()),
                "金额": [338.46, float("nan"), 0.125],
                "价税合计": [396.0, 1.0, None],
            }
        ),
        "invoices",
        [{"number": "1", "net": 33_846, "gross": 39_600}, {"number": "3", "net": 13, "gross": None}],
        bad=[(3, "net", "NAN")],
        notes={"ROUNDED"},
        arguments={"defaults": {"direction": "purchase"}},
        file="a.parquet",
    ),
    Case(
        "JSON cut off in the middle, exact decimals",
        lambda: json.dumps(
            [
                {"id": "P1", "drawdown_id": "J1", "posted_on": "2023-03-05", "component": "本金", "kind": "放款", "amount": 0.07},
                {"id": "P2", "drawdown_id": "J1", "posted_on": "2023-04-21", "component": "interest", "kind": "receive",
                 "amount": "1,000.005"},
                {"id": "P3", "drawdown_id": "J1", "posted_on": "2023-05-21"},
            ],
            ensure_ascii=False,
        ).encode()[:-20],
        "postings",
        [
            {"id": "P1", "component": "principal", "kind": "disburse", "amount": 7},
            {"id": "P2", "component": "interest", "kind": "receive", "amount": 100_001},
        ],
        bad=[(3, "", "TRUNCATED")],
        notes={"ROUNDED"},
        file="a.json",
    ),
    Case(
        "UTF-16 from a spreadsheet's Unicode text export",
        lambda: (DRAWDOWNS.replace(",", "\t") + "\nJ1\tH1\tK1\t10\t2023-03-05\t2024-03-04\t4.35\n").encode("utf-16"),
        "drawdowns",
        [{"id": "J1", "amount": 1_000}],
        file="a.txt",
    ),
    Case(
        "one broken byte in good UTF-8",
        lambda: "客户编号,主体类型,客户名称,地址\nK1,企业,杭州甲公司,浙江省杭州市\n".encode()
        + "K2,企业,杭".encode() + b"\xe5\x85" + "公司,浙江省杭州市\n".encode() + "K3,企业,杭州丙公司,浙江省\n".encode(),
        "parties",
        [{"id": "K1", "name": "杭州甲公司"}, {"id": "K3", "name": "杭州丙公司"}],
        bad=[(3, "客户名称", "UNDECODABLE")],
        arguments={"effective_on": D(2024, 1, 1)},
    ),
    Case(
        "text in decomposed form is brought to NFC, zero-width characters go",
        lambda: "客户编号,主体类型,客户名称\nK1,企业,Cafe\u0301\u200b 商行\n".encode(),
        "parties",
        [{"id": "K1", "name": "Caf\u00e9 商行"}],
        arguments={"effective_on": D(2024, 1, 1)},
    ),
    Case(
        "a workbook with formula errors, spelled-out amounts, apostrophes and spaces",
        lambda: with_error(
            [
                ["借据号", "借款合同编号", "借款人编号", "借据金额", "发放日", "到期日", "用途"],
                ["J1", "H1", "K1", "壹佰贰拾万元整", "'2023-03-05", D(2024, 3, 5), None],
                ["J2", "H1", "K1", 5, MARCH_FIFTH, D(2024, 3, 5), None],
                ["J3", "H1", "K1", " 1 234 567.89 元 ", MARCH_FIFTH, D(2024, 3, 5), None],
                ["J4", "H1", "K1", 5, MARCH_FIFTH, "2024年3月", None],
            ],
            "D3",
        ),
        "drawdowns",
        [
            {"id": "J1", "amount": 120_000_000, "out_on": D(2023, 3, 5)},
            {"id": "J3", "amount": 123_456_789},
        ],
        bad=[(3, "amount", "NAN"), (5, "due_on", "NOT_A_DATE")],
        file="a.xlsx",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_dirty_file(case: Case) -> None:
    reading = read(case.data(), case.table, name=case.file, **case.arguments)
    found = reading.rows.to_pylist()
    assert [(p.row, p.column, p.code) for p in reading.bad] == case.bad
    assert len(found) == len(case.rows)
    for got, expected in zip(found, case.rows, strict=True):
        assert {k: got[k] for k in expected} == expected
    assert case.notes <= {p.code for p in reading.notes}
    for problem in reading.problems:
        assert problem.reason_zh and problem.reason_en and problem.remedy_zh and problem.remedy_en
        assert problem.file
    assert reading.seen == len(found) + len({p.row for p in reading.bad if p.row}) or case.bad[0][0] == 0


def test_there_are_twenty() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"  \n \n"),
        ("cut.parquet", parquet({"a": list(range(1000))})[:-100]),
        ("cut.xlsx", workbook([["a"], [1]])[:-200]),
        ("picture.csv", bytes(range(256)) * 40),
        ("damaged.csv.gz", b"\x1f\x8b\x08\x00garbage"),
        ("words.json", b"[1, 2, 3]x"),
    ],
)
def test_unreadable_files_say_so(name: str, data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(data, "drawdowns", name=name)
    assert caught.value.remedy


def test_wrong_arguments_are_refused() -> None:
    data = (DRAWDOWNS + "\nJ1,H1,K1,10,2023-03-05,2024-03-04,4.35\n").encode()
    for arguments in (
        {"mapping": {"借据号": "nothing"}},
        {"mapping": {"没有": "id"}},
        {"units": {"amount": "percent"}},
        {"units": {"nothing": "yuan"}},
        {"defaults": {"nothing": "1"}},
        {"defaults": {"style": "whatever"}},
        {"effective_on": "amount"},
    ):
        with pytest.raises(InvalidInput):
            read(data, "drawdowns", **arguments)
