"""The other forms a table's address asks for: its rows as an Excel file, or one of its totals opened into rows.

Invariant: either form is of exactly the rows the table itself would show for that address, over all of its pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.exports import export
from panhuo_server.console.pieces.figures import Figures, exactly, plain
from panhuo_server.console.pieces.parts import Part, made_of, opened
from panhuo_server.console.pieces.tables import (
    Asked,
    Sheet,
    asked_of,
    narrowed,
    opens_at,
    with_currencies,
)


def other_form(
    of: Sheet | Sequence[Sheet], figures: Figures | None, visit: Visit, about: Sequence[tuple[Text, str]]
) -> HttpResponse | None:
    """What an address with ``as=`` asks of a page's table, else None; of several tables ``table=`` names one.

    Raises:
        Http404: when it names a table that is not there, or the total of a column that has none.
    """
    sheets, given = [of] if isinstance(of, Sheet) else of, visit.request.GET
    form = given.get("as")
    if form not in ("xlsx", "sum"):
        return None
    named = given.get("table") or (sheets[0].id if sheets else "")
    sheet = next((one for one in sheets if one.id == named), None)
    if sheet is None:
        raise Http404
    if form == "xlsx":
        return export(sheet, figures, visit, about)
    return _opened_total(sheet, figures, visit, given.get("of", ""))


def _opened_total(sheet: Sheet, figures: Figures | None, visit: Visit, of: str) -> HttpResponse:
    head = next((one for one in sheet.heads if one.name == of and one.total), None)
    if head is None:
        raise Http404
    asked = asked_of(sheet, visit.request.GET)
    table = with_currencies(sheet, figures)
    rows = table.filter(narrowed(sheet, asked))
    if one := visit.request.GET.get("currency"):
        rows = rows.filter(pc.equal(rows.column("_currency"), one))
    currencies = pc.unique(rows.column("_currency")).to_pylist()
    column = sheet.column(of)
    if len(currencies) > 1:
        raise Http404
    currency = (currencies or ["CNY"])[0]
    first = sheet.heads[0].name
    parts, unknown = [], 0
    for row in rows.to_pylist():
        if row[of] is None:
            unknown += 1
            continue
        key = [row[name] for name in sheet.outcome.schema.key]
        href = opens_at(sheet, head, row, key) or (sheet.heads[0].goes(row) if sheet.heads[0].goes else "")
        parts.append(Part(plain(sheet.column(first), row[first]), row[of], href))
    name, said = head.label or words.label(column), _chosen(sheet, asked)
    total = exactly(column, sum(one.amount for one in parts), currency)
    left = [Text(f"{unknown:,} 行的这一项未知，不计入。", f"Of {unknown:,} rows it is not known; they count nothing.")]
    return opened(visit, None, {
        "title": Text(f"{sheet.title.zh} · {name.zh}", f"{sheet.title.en} · {name.en}"),
        "sentence": Text(
            f"“{sheet.title.zh}”中{said.zh}的 {len(rows):,} 行，{name.zh}合计 {total.zh}。",
            f"{name.en} over the {len(rows):,} rows of “{sheet.title.en}”{said.en}: {total.en}.",
        ),
        **made_of(name, parts, lambda amount: exactly(column, amount, currency)),
        "notes": left if unknown else [],
        "how": Text("逐行相加；每一行打开自己的事实或判定。",
                    "Added up row by row; each row opens to its own fact or judgement."),
    })  # fmt: skip


def _chosen(sheet: Sheet, asked: Asked) -> Text:
    """The conditions an address names, in words."""
    chinese, english = [], []
    for name, values in asked.where:
        codes = {k.code: (k.zh, k.en) for k in sheet.column(name).codes or ()}
        label = words.label(sheet.column(name))
        chinese.append(f"{label.zh}为{'、'.join(codes.get(v, (v, v))[0] or '未知' for v in values)}")
        english.append(f"{label.en}: {', '.join(codes.get(v, (v, v))[1] or 'unknown' for v in values)}")
    if asked.query:
        chinese.append(f"含“{asked.query}”")
        english.append(f"holding “{asked.query}”")
    return Text("、".join(chinese) or "全部", f" with {', '.join(english)}" if english else "")
