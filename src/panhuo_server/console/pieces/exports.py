"""A table's rows as an Excel file, with a second sheet that says what they are and how they were chosen.

Invariant: the file holds all rows the filters leave, values whole and as numbers; a text stays a text and never becomes
a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.values.currency import minor_digits
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import Figures, plain, unit_of
from panhuo_server.console.pieces.tables import SHEET, Sheet, asked_of, narrowed, ordered, with_currencies
from panhuo_server.console.results import Night


def about(visit: Visit, night: Night) -> list[tuple[Text, str]]:
    """What an export says of where it comes from."""
    return [
        (Text("机构", "organisation"), f"{visit.place.name} ({visit.place.org})"),
        (Text("截至", "as of"), night.as_of.isoformat()),
        (Text("夜间运行", "night"), night.run),
        (Text("批次", "last batch"), str(night.sequence)),
    ]


def export(sheet: Sheet, figures: Figures | None, visit: Visit, about: Sequence[tuple[Text, str]]) -> HttpResponse:
    """All rows the filters leave, as an Excel file; its second sheet says which filters and which night."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    asked = asked_of(sheet, visit.request.GET)
    table = with_currencies(sheet, figures)
    rows = ordered(sheet, table.filter(narrowed(sheet, asked)), asked)
    book = Workbook(write_only=True)
    page = book.create_sheet(visit.say(sheet.title)[:31])
    page.freeze_panes = "B2"
    bold = Font(bold=True)

    def heading(target: Any, texts: Sequence[str]) -> None:
        cells = []
        for text in texts:
            cell = WriteOnlyCell(target, value=text)
            cell.font = bold
            cells.append(cell)
        target.append(cells)

    labels = []
    for head in asked.heads:
        column = sheet.column(head.name)
        unit = Text("元", "in the row's currency") if column.type is ColumnType.FEN else unit_of(column)
        label = visit.say(head.label or words.label(column))
        labels.append(f"{label}（{unit.zh}）" if visit.language == "zh" and unit.zh else
                      f"{label} ({unit.en})" if unit.en else label)  # fmt: skip
    heading(page, [*labels, visit.say(Text("币种", "currency"))])
    for row in rows.to_pylist():
        currency = row.get("_currency") or "CNY"
        page.append([*[_value(sheet.column(h.name), row[h.name], currency, visit) for h in asked.heads], currency])
    said = book.create_sheet(visit.say(Text("筛选与来源", "Filters and source")))
    heading(said, [visit.say(Text("项目", "what")), visit.say(Text("内容", "value"))])
    for what, value in about:
        said.append([visit.say(what), defused(value)])
    for name, values in asked.where:
        chosen = {k.code: visit.say(Text(k.zh, k.en)) for k in sheet.column(name).codes or ()}
        said.append([visit.say(words.label(sheet.column(name))), ", ".join(defused(chosen.get(v, v)) for v in values)])
    if asked.query:
        said.append([visit.say(Text("查找", "search")), defused(asked.query)])
    if asked.group:
        said.append([visit.say(Text("分组", "grouped by")), defused(visit.say(words.label(sheet.column(asked.group))))])
    said.append([visit.say(Text("排序", "order")), _order(sheet, asked.sort, visit)])
    left = [h for h in sheet.heads if h not in asked.heads]
    if left:
        names = ", ".join(visit.say(h.label or words.label(sheet.column(h.name))) for h in left)
        said.append([visit.say(Text("未导出的列", "columns left out")), defused(names)])
    said.append([visit.say(Text("行数", "rows")), len(rows)])
    data = io.BytesIO()
    book.save(data)
    response = HttpResponse(data.getvalue(), content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="{sheet.id}.xlsx"'
    return response


def _order(sheet: Sheet, sort: str, visit: Visit) -> str:
    if not sort:
        return visit.say(Text("按编号", "by key"))
    name = sort.lstrip("-")
    label = next((head.label for head in sheet.heads if head.name == name and head.label), None)
    falling = visit.say(Text("（降序）", ", largest first")) if sort.startswith("-") else ""
    return defused(visit.say(label or words.label(sheet.column(name))) + falling)


def defused(value: str) -> str:
    """A text that a spreadsheet would read as a formula stays a text."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _value(column: Column, value: Any, currency: str, visit: Visit) -> Any:
    if value is None or isinstance(value, bool | date):
        return value
    if column.type is ColumnType.FEN:
        return Decimal(value).scaleb(-minor_digits(currency))
    if column.type is ColumnType.PPM:
        return Decimal(value).scaleb(-4)
    if column.type is ColumnType.BILLIONTHS:
        return Decimal(value).scaleb(-7)
    return value if isinstance(value, int) else defused(visit.say(plain(column, value)))
