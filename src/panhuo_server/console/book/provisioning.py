"""拨备与覆盖: provisions by class and stage, what is required and which requirement binds, tied to the ledger.

Invariant: the base of the provisions is the ledger's principal, to the fen, and the page says when it is not.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.overview import figures_of_book
from panhuo_server.console.book.quality import moved, ties_of_book
from panhuo_server.console.book.stated import customer_page, loan_page
from panhuo_server.console.book.ways import PURPOSES, ways
from panhuo_server.console.book.why_ledger import ledger_address
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.charts import MONEY, MONEY_UNIT, STEPS, Chart, Point, Series
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import (
    RISK,
    Badge,
    Figure,
    Figures,
    badge,
    in_column,
    large,
    row_address,
    sum_address,
)
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.pictures import Bar, Step, adds_up, waterfall
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.pieces.ties import Tie
from panhuo_server.console.results import Night, last_night
from panhuo_server.console.teaching import first_night
from panhuo_server.store.ledger_totals import ledger_totals

HERE = "/console/book/provisions"
_SUMS = ("balance", "specific", "specific_lowest", "specific_highest", "potential_loss", "expected_loss")
_STAGED = ("exposure", "expected_loss_12_months", "expected_loss")


def sheet_of(night: Night) -> Sheet:
    """Provisions, loan by loan."""
    heads = (
        Head("drawdown_id", goes=loan_page),
        Head("party_id", goes=customer_page),
        Head("five_class", risk=True, label=Text("分类", "Class")), Head("balance", total=True), Head("specific_rate"),
        Head("specific", total=True), Head("specific_lowest", total=True, hidden=True),
        Head("specific_highest", total=True, hidden=True), Head("potential_loss", total=True), Head("stage"),
        Head("exposure", total=True, hidden=True), Head("probability"), Head("loss_given_default"),
        Head("expected_loss", total=True), Head("deductible", total=True, hidden=True),
    )  # fmt: skip
    return Sheet("provisions", Text("逐笔拨备", "Provisions, loan by loan"), night["provisions"], heads,
                 ("five_class", "stage"), "-specific")  # fmt: skip


def by_code(
    night: Night, figures: Figures, currency: str, column: str, sums: tuple[str, ...]
) -> list[tuple[str, Badge, Figure, list[Figure]]]:
    """A row a code of a column: how many loans, and the sums."""
    held, found = night["provisions"], []
    for code in held.schema[column].codes or ():
        where = ((column, (code.code,)),)
        mask = figures.mask(held, where, currency)
        cells = []
        for name in sums:
            value = int(pc.sum(held.table.column(name).filter(mask)).as_py() or 0)
            cells.append(Figure(in_column(value, currency), sum_address("provisions", name, where, currency),
                                exact=words.exact(value, currency)))  # fmt: skip
        count = figures.count("provisions", where, currency=currency, title=words.NOTHING)
        shown_as = badge(held.schema[column], code.code)
        found.append((code.code, shown_as, count, cells))
    return found


def requirement_of(night: Night, currency: str) -> list[Bar]:
    """From the specific provisions by way of the general one to what is required; nothing when it does not add up."""
    if "provision_summary" not in night:
        return []
    summary = night["provision_summary"]
    row = summary.table.slice(summary.row_of(currency), 1).to_pylist()[0]
    gap = Text("距要求差额", "Short of it") if row["gap"] >= 0 else Text("超出要求", "More than asked")
    steps = [
        Step(name, row[column], large(row[column], currency), row_address("provision_summary", (currency,), column), t)
        for column, name, t in (
            ("specific", Text("专项准备", "Specific"), True), ("general", Text("一般准备", "General, 1 %"), False),
            ("provisions", Text("按分类应提准备", "Provisions by class"), True), ("gap", gap, False),
            ("requirement", Text("监管要求额", "Required"), True),
        )
    ]  # fmt: skip
    return waterfall(steps) if adds_up(steps) else []


def ties_of(night: Night, figures: Figures, currency: str) -> list[Tie]:
    """The base against the ledger, and the summary's specific provisions against the loans' own."""
    held, found = night["provisions"], []
    value = int(pc.sum(held.table.column("balance").filter(figures.mask(held, (), currency))).as_py() or 0)
    postings = ledger_totals(night.as_of, night.sequence)
    name = Text("计提基数（本金）", "Base of the provisions: principal")
    ours = Figure(words.exact(value, currency), sum_address("provisions", "balance", (), currency), name)
    count = sum(m.postings for m in postings if m.currency == currency and m.component == "principal")
    source = Text(f"本金台账流水（{count:,} 笔）", f"{count:,} postings of principal")
    found.append(Tie(name, ours, value, source, moved(postings, currency, ("principal",)), currency,
                     ledger_address(currency, "principal")))  # fmt: skip
    if "provision_summary" in night:
        summary = night["provision_summary"]
        row = summary.table.slice(summary.row_of(currency), 1).to_pylist()[0]
        specific = int(pc.sum(held.table.column("specific").filter(figures.mask(held, (), currency))).as_py() or 0)
        name = Text("专项准备", "Specific provisions")
        ours = Figure(words.exact(row["specific"], currency),
                      row_address("provision_summary", (currency,), "specific"), name)  # fmt: skip
        found.append(Tie(name, ours, row["specific"], Text("逐笔合计", "the loans added up"), specific, currency,
                         sum_address("provisions", "specific", (), currency)))  # fmt: skip
    return found + ties_of_book(night, figures, currency)


def chart_of(rows: list[tuple[str, Badge, Figure, list[Figure]]], sums: dict[str, int], currency: str) -> Chart:
    """Specific provisions by class; a bar leads to its loans."""
    points = [
        Point(sums[code], large(sums[code], currency), f"{HERE}?f.five_class={code}#t-provisions", STEPS[RISK[code]])
        for code, _, _, _ in rows
    ]
    return Chart("bars", Text("专项准备，按分类", "Specific provisions by class"), [b.text for _, b, _, _ in rows],
                 [Series(words.NOTHING, points)], unit=MONEY_UNIT, scale=MONEY, lying=True, size="low")  # fmt: skip


@page()
def provisions(visit: Visit) -> HttpResponse:
    """Provisions of the book."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "provisions" not in night:
            return first_night(visit, "book")
        figures, sheet = Figures(night), sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        held = night["provisions"]
        currencies = figures.currencies_in(held)
        currency = currencies[0] if currencies else "CNY"
        classes = by_code(night, figures, currency, "five_class", _SUMS)
        sums: dict[str, Any] = {
            code: int(pc.sum(held.table.column("specific").filter(
                figures.mask(held, (("five_class", (code,)),), currency))).as_py() or 0)
            for code, _, _, _ in classes
        }  # fmt: skip
        given = {
            "room": "book", "night": night, "ways": ways(HERE), "figures": figures_of_book(figures, night),
            "classes": classes, "stages": by_code(night, figures, currency, "stage", _STAGED),
            "fall": requirement_of(night, currency), "ties": ties_of(night, figures, currency), "wide": 1000,
            "chart": chart_of(classes, sums, currency), "table": table_shown(sheet, figures, visit, HERE),
            "binding": _binding(night, currency),
        }  # fmt: skip
    return shown(visit.request, "console/book_provisions.html", given, visit=visit)


def _binding(night: Night, currency: str) -> Text:
    if "provision_summary" not in night:
        return words.NOTHING
    summary = night["provision_summary"]
    code = summary.table.column("binding")[summary.row_of(currency)].as_py()
    codes = {k.code: Text(k.zh, k.en) for k in summary.schema["binding"].codes or ()}
    return codes.get(code, words.NOTHING)
