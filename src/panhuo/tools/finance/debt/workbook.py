"""The statement of debts as an Excel workbook in the wording courts know: one sheet a debtor and a summary.

Invariant: every figure on a sheet comes from the statement; sums on the sheets are the statement's, to the fen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.values.dates import to_date
from panhuo.ground.values.formal_amount import formal_amount
from panhuo.ground.values.money import yuan_text
from panhuo.tools.finance.debt.accrual import Line
from panhuo.tools.finance.debt.statement import DebtStatement, rate_text

_MONEY = "#,##0.00"
_HEAD = ("序号", "科目", "起算日", "截止日", "天数", "计算基数（元）", "利率", "金额（元）", "入账日", "说明")
_WIDTHS = (16, 16, 13, 13, 8, 18, 14, 18, 13, 26)
_REMARKS = {"opening": "基准日余额", "RATE-06": "超过息费上限部分调减（法发〔2017〕22号）"}


def write_workbook(statements: Sequence[DebtStatement], path: str) -> list[str]:
    """Writes a sheet a debtor behind a summary sheet; returns the sheet names.

    Args:
        statements: at least one; debts of one debtor stand on one sheet, in the order given.
        path: the .xlsx file, replaced when it exists.
    """
    from openpyxl import Workbook

    book = Workbook()
    summary = book.active
    assert summary is not None
    summary.title = "汇总"
    names: list[str] = ["汇总"]
    by_debtor: dict[str, list[DebtStatement]] = {}
    for statement in statements:
        by_debtor.setdefault(statement.terms.debtor or statement.terms.id, []).append(statement)
    sheets: dict[str, str] = {}
    for debtor, debts in by_debtor.items():
        sheets[debtor] = _sheet_name(debtor, names)
        names.append(sheets[debtor])
        _fill(book.create_sheet(sheets[debtor]), debts)
    _summarise(summary, statements, sheets)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":  # a name or number that begins like a formula is still a text
                    cell.data_type = "s"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return names


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _day(days: int) -> str:
    day = to_date(days)
    return f"{day.year}年{day.month}月{day.day}日"


def _sheet_name(debtor: str, taken: Sequence[str]) -> str:
    base = re.sub(r"[\[\]:*?/\\']", " ", debtor).strip()[:24] or "债务人"
    name, count = base, 1
    while name.lower() in {other.lower() for other in taken}:
        count += 1
        name = f"{base} {count}"
    return name


def _rate(line: Line) -> str:
    if not line.rate:
        return ""
    whole = rate_text(line.rate * 100)
    return f"日 {whole}%" if line.by_day else f"年 {whole}%"


def _fill(sheet: Any, statements: Sequence[DebtStatement]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append(["债权本息清单"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_HEAD))
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for place, statement in enumerate(statements, start=1):
        _fill_debt(sheet, statement, "" if len(statements) == 1 else f"债权{place}：{statement.terms.id}")
    total = sum(statement.total for statement in statements)
    sheet.append(["应付总额（元）", None, _yuan(total), None, f"人民币（大写）：{formal_amount(total)}"])
    sheet.cell(sheet.max_row, 1).font = Font(bold=True)
    sheet.cell(sheet.max_row, 3).number_format = _MONEY
    sheet.append([])
    sheet.append(["制表人：", None, None, "复核人：", None, None, "日期："])
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[chr(64 + place)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _fill_debt(sheet: Any, statement: DebtStatement, title: str) -> None:
    from openpyxl.styles import Font

    terms = statement.terms
    bold = Font(bold=True)
    if title:
        sheet.append([])
        sheet.append([title])
        sheet.cell(sheet.max_row, 1).font = bold
    for label, value in (
        ("债权人（申请执行人）", terms.creditor),
        ("债务人（被执行人）", terms.debtor),
        ("合同编号", terms.contract),
        ("案号", terms.case_number),
        ("计算截止日", _day(terms.as_of)),
    ):
        if value:
            sheet.append([label, None, value])
    sheet.append([])
    sheet.append(["一、应付明细（起算日计入，截止日不计入）"])
    sheet.cell(sheet.max_row, 1).font = bold
    _rows(sheet, _HEAD, [_detail(place, line) for place, line in enumerate(statement.lines, start=1)], (6, 8))
    if statement.life.receipts:
        sheet.append([])
        sheet.append(["二、还款及抵充明细"])
        sheet.cell(sheet.max_row, 1).font = bold
        head = ("序号", "还款日", "金额（元）", *(code.zh for code in COMPONENTS), "未抵充")
        rows = [
            [
                place,
                _day(receipt.payment.day),
                _yuan(receipt.payment.amount),
                *(_yuan(receipt.allocated.get(code.code, 0)) for code in COMPONENTS),
                _yuan(receipt.left_over),
            ]
            for place, receipt in enumerate(statement.life.receipts, start=1)
        ]
        _rows(sheet, head, rows, tuple(range(3, len(head) + 1)))
    sheet.append([])
    sheet.append(["三、截至计算截止日尚欠"])
    sheet.cell(sheet.max_row, 1).font = bold
    stated = dict(terms.stated)
    rows = []
    for code in COMPONENTS:
        owed = statement.owed.get(code.code, 0)
        if owed or code.code in stated:
            told = stated.get(code.code)
            shown = [None, None] if told is None else [_yuan(told), _yuan(told - owed)]
            rows.append([code.zh, _yuan(owed), *shown])
    rows.append(["合计", _yuan(statement.total), None, None])
    _rows(sheet, ("科目", "复算金额（元）", "对方陈述金额（元）", "差额（元）"), rows, (2, 3, 4))
    sheet.append([])
    for remark in _remarks(statement):
        sheet.append([remark])
    sheet.append([])


def _detail(place: int, line: Line) -> list[Any]:
    moment = line.days == 0
    return [
        place,
        COMPONENTS[line.component].zh,
        _day(line.from_day),
        None if moment else _day(line.to_day),
        None if moment else line.days,
        None if moment else _yuan(line.base),
        _rate(line),
        _yuan(line.amount),
        _day(line.posted_on),
        _REMARKS.get(line.note, line.note),
    ]


def _rows(sheet: Any, head: Sequence[str], rows: Sequence[Sequence[Any]], money: Sequence[int]) -> None:
    from openpyxl.styles import Border, Font, Side

    thin = Side(style="thin")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    for place, row in enumerate([head, *rows]):
        sheet.append(list(row))
        for column in range(1, len(row) + 1):
            cell = sheet.cell(sheet.max_row, column)
            cell.border = box
            if place == 0:
                cell.font = Font(bold=True)
            elif column in money:
                cell.number_format = _MONEY


def _remarks(statement: DebtStatement) -> list[str]:
    terms = statement.terms
    remarks = [f"注：以上金额暂计至{_day(terms.as_of)}（不含当日）。"]
    stopped = terms.bankruptcy_on is not None and terms.bankruptcy_on <= terms.as_of
    if statement.other_total is not None:
        stopped = stopped or not statement.interest_runs_after_assignment
        runs, stops = statement.total, statement.other_total
        if not statement.interest_runs_after_assignment:
            runs, stops = stops, runs
        remarks.append(
            f"债权于{_day(terms.assigned_on or 0)}受让：受让后继续计息合计 {yuan_text(runs, separators=True)} 元，"
            f"不再计息合计 {yuan_text(stops, separators=True)} 元。"
        )
    if not stopped:
        remarks.append("此后的利息、罚息、复利按合同约定的标准继续计算至实际清偿之日止。")
    if terms.instrument is not None:
        remarks.append(
            f"迟延履行期间的加倍部分债务利息按日 {rate_text(terms.instrument.rate_ppm_a_day * 100_000_000)}% 计算"
            "（法释〔2014〕8号），一般债务利息不计入基数。"
        )
    remarks += [f"{note.zh}。" for note in statement.notes]
    return remarks


def _summarise(sheet: Any, statements: Sequence[DebtStatement], sheets: Mapping[str, str]) -> None:
    head = ("序号", "债务人", "债权编号", "工作表", *(code.zh for code in COMPONENTS), "合计（元）")
    rows = []
    for place, statement in enumerate(statements, start=1):
        debtor = statement.terms.debtor or statement.terms.id
        owed = [_yuan(statement.owed.get(code.code, 0)) for code in COMPONENTS]
        rows.append([place, debtor, statement.terms.id, sheets[debtor], *owed, _yuan(statement.total)])
    sums = [sum(statement.owed.get(code.code, 0) for statement in statements) for code in COMPONENTS]
    rows.append([None, "合计", None, None, *map(_yuan, sums), _yuan(sum(sums))])
    _rows(sheet, head, rows, tuple(range(5, len(head) + 1)))
    for place in range(1, len(head) + 1):
        sheet.column_dimensions[chr(64 + place)].width = 6 if place == 1 else 18
