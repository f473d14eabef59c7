"""VAT invoices of Chinese small firms (the tables of the 2020 modelling contest, problem C) into parties and invoices.

Invariant: every invoice is kept as stated, under the source's own firm codes: voided ones with their status, red-letter
ones with their negative amounts, those whose net and tax do not add up to the gross with a note. Ratings and defaults,
where the source has them, are answers and not facts: they go to ``truth/labels.csv`` beside the book, which no stage
reads.

Files are told apart by their headers, not their names: 企业名称 (firms), 销方单位代号 (purchases: the other side sold),
购方单位代号 (sales), 贷款年利率 (the bank's table of rates and the customers it loses at each: terms, the book's input
``customer_loss``, CSV in whole ppm and billionths). A workbook may hold them as sheets; other files are left.

Using a firm's invoices rests on its consent, which this source does not state. One `confirmations` fact records what it
rests on instead: the data are published and masked (basis ``public``). Who reads the invoices of his own customers with
this reader disputes that fact and imports their consents.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.foreign import Foreign
from panhuo.ground.book.reading.grid import Grid
from panhuo.ground.book.reading.problems import Problem, Reading, Reason
from panhuo.ground.book.reading.reader import read_grid
from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.book.reading.values import as_text
from panhuo.ground.book.tables.conduct import CONFIRMATIONS
from panhuo.ground.book.tables.parties import INVOICES, PARTIES
from panhuo.ground.record.errors import InvalidInput, NotFound

FIRM, NAME, RATING, DEFAULT = "企业代号", "企业名称", "信誉评级", "是否违约"
SELLER, BUYER = "销方单位代号", "购方单位代号"
RATE, LOST = "贷款年利率", "流失率"
LABELS = "truth/labels.csv"
TERMS = "customer_loss"
ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx", ".xls", ".txt", ".txt.gz")

SUM_DIFFERS = Reason(
    "SUM_DIFFERS",
    "金额 {net} 元 + 税额 {tax} 元不等于价税合计 {gross} 元：按原样保留，计算用金额（不含税）",
    "net {net} and tax {tax} do not add up to gross {gross} (yuan): kept as stated; figures use the net amount",
    "向出具方核对该发票",
    "check the invoice with whoever supplied it",
)
REPEATED = Reason(
    "REPEATED_INVOICE",
    "{count} 行与另一行完全相同（同一企业、号码、日期、对方、金额）：来源无发票代码，无法断定重复，全部保留",
    "{count} row(s) equal another in every cell; without an invoice code they may still be different: all kept",
    "向出具方索取发票代码",
    "ask the source for invoice codes",
)
NO_FIRM = Reason(
    "NO_SUCH_FIRM",
    "企业 {firm} 不在企业表中：已按代号补建",
    "firm {firm} is not in the table of firms: added under its code",
    "补全企业表",
    "complete the table of firms",
)
NOT_A_LABEL = Reason(
    "NOT_A_LABEL", "违约标志不是 是/否", "the default flag is not yes or no", "改为 是 或 否", "write 是 or 否"
)


def read(source: Path) -> Foreign:
    """Reads a folder of files, or one workbook.

    Raises:
        NotFound: when there is nothing to read.
        InvalidInput: when no file holds invoices.
    """
    firms: list[Reading] = []
    invoices: list[Reading] = []
    labels: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    beside: dict[str, bytes] = {}
    inputs: dict[str, bytes] = {}
    for grid in _grids(source):
        if RATE in grid.names:
            inputs[TERMS] = _rate_table(grid)
        if FIRM not in grid.names:
            continue
        if SELLER in grid.names or BUYER in grid.names:
            reading = _read_invoices(grid)
            invoices.append(reading)
            problems += [p for p in reading.problems if p.code != "NOT_USED"]
        elif NAME in grid.names:
            _read_labels(grid, labels, problems)
            reading = read_grid(
                grid,
                PARTIES,
                mapping={FIRM: "id", NAME: "name", **{n: "" for n in grid.names if n not in (FIRM, NAME)}},
                defaults={"kind": "company"},
                effective_on=date(1970, 1, 1),
            )
            firms.append(reading)
            problems += [p for p in reading.problems if p.code != "NOT_USED"]
    if not invoices:
        raise InvalidInput(
            "no file with invoices",
            where=str(source),
            remedy=f"a table needs the headers {FIRM} and {SELLER} (purchases) or {BUYER} (sales)",
        )
    bills = pa.concat_tables([r.rows for r in invoices]).combine_chunks()
    parties = _parties(firms, bills, problems)
    last = pc.max(bills.column("issued_on")).as_py()
    if labels:
        beside[LABELS] = _label_file(labels)
    details = {"source": "cn-invoices", "firms": len(parties), "labelled": len(labels)}
    basis = _lawful_basis(pc.min(bills.column("issued_on")).as_py())
    tables = {"parties": parties, "invoices": bills, "confirmations": basis}
    return Foreign(tables, problems, last, details, beside, inputs)


def _lawful_basis(day: date) -> pa.Table:
    """The one fact that says on what basis these invoices may be used: the firms' consents are not in the source."""
    row = dict.fromkeys(CONFIRMATIONS.fact_schema.names) | {
        "id": "basis-invoices", "effective_on": day, "subject_table": "invoices", "subject_id": "alternative_data",
        "confirmed_by": "import cn-invoices", "confirmed_on": day, "result": "confirmed", "lawful_basis": "public",
        "remarks": "公开的教学数据，企业已匿名 · published teaching data, firms masked",
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=CONFIRMATIONS.fact_schema.arrow())


def _grids(source: Path) -> list[Grid]:
    if source.is_dir():
        files = sorted(p for p in source.iterdir() if p.name.lower().endswith(ENDINGS))
    else:
        files = [source]
    if not files:
        raise NotFound(f"no tables in {source}", where=str(source), remedy=f"looked for {', '.join(ENDINGS)}")
    grids = []
    for file in files:
        if file.suffix.lower() in (".xlsx", ".xls"):
            from python_calamine import CalamineWorkbook

            names = CalamineWorkbook.from_path(str(file)).sheet_names
            grids += [open_grid(file, name=f"{file.name}[{sheet}]", sheet=sheet) for sheet in names]
        else:
            grids.append(open_grid(file))
    return grids


def _read_invoices(grid: Grid) -> Reading:
    sale = BUYER in grid.names
    wanted = {
        FIRM: "party_id", "发票号码": "number", "开票日期": "issued_on", (BUYER if sale else SELLER): "counterparty",
        "金额": "net", "税额": "tax", "价税合计": "gross", "发票状态": "status",
    }  # fmt: skip
    mapping = {name: wanted.get(name, "") for name in grid.names}
    for place, name in enumerate(grid.names):
        if name == "发票状态":  # 有效发票, 作废发票: the declared names without 发票
            text = as_text(grid.columns[place])
            grid.columns[place] = pc.replace_substring(text, pattern="发票", replacement="")
    reading = read_grid(
        grid,
        INVOICES,
        mapping=mapping,
        defaults={"direction": "sale" if sale else "purchase"},
        effective_on="issued_on",
    )
    rows = reading.rows
    gross = pc.coalesce(rows.column("gross"), rows.column("net"))
    place = rows.schema.get_field_index("red_letter")
    rows = rows.set_column(place, "red_letter", pc.less(gross, 0))
    problems = list(reading.problems)
    stated = pc.add(rows.column("net"), pc.fill_null(rows.column("tax"), 0))
    differs = pc.fill_null(pc.not_equal(stated, rows.column("gross")), False)
    for row in rows.filter(differs).to_pylist():
        amounts = {name: f"{(row[name] or 0) / 100:.2f}" for name in ("net", "tax", "gross")}
        problems.append(
            Problem.of(grid.file, row["source_row"], "gross", amounts["gross"], SUM_DIFFERS, "note", **amounts)
        )
    same = ["party_id", "number", "issued_on", "counterparty", "net", "tax", "gross", "status"]
    groups = rows.group_by(same).aggregate([([], "count_all")])
    repeats = len(rows) - len(groups)
    if repeats:
        problems.append(Problem.of(grid.file, 0, "number", "", REPEATED, "note", count=repeats))
    return Reading(rows, problems, reading.headers, reading.seen)


def _parties(firms: list[Reading], bills: pa.Table, problems: list[Problem]) -> pa.Table:
    """Firms, each from the day of its first invoice, kinds by what the (masked) name says."""
    first = bills.group_by("party_id").aggregate([("issued_on", "min")])
    since = dict(zip(first.column("party_id").to_pylist(), first.column("issued_on_min").to_pylist(), strict=True))
    earliest = min(since.values())
    rows = pa.concat_tables([r.rows for r in firms]).to_pylist() if firms else []
    known = {row["id"] for row in rows}
    for firm in sorted(since.keys() - known):
        problems.append(Problem.of("", 0, "party_id", firm, NO_FIRM, "note", firm=firm))
        empty = dict.fromkeys(PARTIES.fact_schema.names)
        rows.append({**empty, "org_id": "self", "id": firm, "kind": "other", "currency": "CNY"})
    for row in rows:
        row["effective_on"] = since.get(row["id"], earliest)
        name = row["name"] or ""
        if name:
            row["kind"] = kind_of(name)
    return PARTIES.fact_schema.conform(pa.Table.from_pylist(rows, schema=PARTIES.fact_schema.arrow()))


def kind_of(name: str) -> str:
    """Company, cooperative or sole trader, as far as a masked name tells; other where it does not."""
    if "公司" in name or name.endswith("集团"):
        return "company"
    if "合作社" in name:
        return "cooperative"
    if name.startswith("个体") or name.rstrip().endswith(("店", "部", "行", "厂", "中心", "站", "馆", "铺")):
        return "sole_trader"
    return "other"


def _read_labels(grid: Grid, labels: dict[str, tuple[str, str]], problems: list[Problem]) -> None:
    if RATING not in grid.names and DEFAULT not in grid.names:
        return
    columns = dict(zip(grid.names, (as_text(c).to_pylist() for c in grid.columns), strict=True))
    blank: list[str | None] = [None] * len(grid)
    codes = columns[FIRM]
    for line, firm, rating, flag in zip(
        np.asarray(grid.lines).tolist(), codes, columns.get(RATING, blank), columns.get(DEFAULT, blank), strict=True
    ):
        value = {"是": "1", "否": "0", None: "", "": ""}.get(flag.strip() if flag else flag)
        if value is None:
            problems.append(Problem.of(grid.file, line, DEFAULT, flag, NOT_A_LABEL, "note"))
            value = ""
        if firm:
            labels[firm.strip()] = ((rating or "").strip(), value)


def _label_file(labels: dict[str, tuple[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("party_id", "rating", "default"))
    writer.writerows((firm, *labels[firm]) for firm in sorted(labels))
    return text.getvalue().encode("utf-8")


def _rate_table(grid: Grid) -> bytes:
    """Rates in ppm, shares of customers lost in billionths, one column a grade; the source has 0.04 for 4 %."""
    columns = dict(zip(grid.names, (as_text(c).to_pylist() for c in grid.columns), strict=True))
    grades = [name for name in grid.names if name.startswith(LOST)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("rate_ppm", *(name.removeprefix(LOST) for name in grades)))
    for line, rate in enumerate(columns[RATE]):
        try:
            row = [_scaled(rate, 1_000_000), *(_scaled(columns[grade][line], 1_000_000_000) for grade in grades)]
        except (InvalidOperation, TypeError) as error:
            raise InvalidInput(
                "a rate or a share of lost customers is no number", where=f"{grid.file} row {grid.lines[line]}"
            ) from error
        writer.writerow(row)
    return text.getvalue().encode("utf-8")


def _scaled(text: str | None, scale: int) -> int:
    return int((Decimal(str(text).strip()) * scale).to_integral_value(rounding=ROUND_HALF_UP))
