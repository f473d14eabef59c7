"""The book: what was lent and how it stands. Balances, classes and provisions of the last night, debt by debt.

Invariant: every figure opens to the rows it is made of; amounts of several currencies stand apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.ground.record.columns import Column
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.quality import LADDERS, bridge_of, flow_of, vintages_of
from panhuo_server.console.book.stated import customer_page, loan_page
from panhuo_server.console.book.ways import PURPOSES, ways
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import (
    Badge,
    Figure,
    Figures,
    badge,
    in_column,
    plain,
    row_address,
    sum_address,
)
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.pictures import Bar, signed
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night
from panhuo_server.console.teaching import first_night

BAD = ("substandard", "doubtful", "loss")


SECTIONS = {
    "A": Text("农、林、牧、渔业", "farming, forestry, fishing"), "B": Text("采矿业", "mining"),
    "C": Text("制造业", "manufacturing"), "D": Text("电力、热力、燃气及水", "power, heat, gas and water"),
    "E": Text("建筑业", "construction"), "F": Text("批发和零售业", "wholesale and retail"),
    "G": Text("交通运输、仓储和邮政业", "transport, storage and post"),
    "H": Text("住宿和餐饮业", "lodging and catering"),
    "I": Text("信息传输、软件和信息技术", "information and software"), "J": Text("金融业", "finance"),
    "K": Text("房地产业", "real estate"), "L": Text("租赁和商务服务业", "leasing and business services"),
    "M": Text("科学研究和技术服务业", "research and technical services"),
    "N": Text("水利、环境和公共设施", "water, environment"),
    "O": Text("居民服务、修理和其他", "household services, repair"), "P": Text("教育", "education"),
    "Q": Text("卫生和社会工作", "health and social work"), "R": Text("文化、体育和娱乐业", "culture, sport, leisure"),
    "S": Text("公共管理和社会组织", "public administration"), "T": Text("国际组织", "international bodies"),
}  # fmt: skip
"""Sections of GB/T 4754."""


def figures_of_book(figures: Figures, night: Night) -> list[Figure]:
    """Balance, bad loans, provisions and what is missing, a currency at a time."""
    found: list[Figure] = []
    if "provision_summary" not in night or "provisions" not in night:
        return found
    summary = night["provision_summary"]
    for currency in summary.table.column("currency").to_pylist()[:3]:
        tail = words.NOTHING if len(summary) == 1 else Text(f"（{currency}）", f" ({currency})")

        def cell(column: str, title: Text, risk: int = 0, at: str = currency, end: Text = tail) -> Figure:
            made = figures.cell("provision_summary", (at,), column, title=title + end)
            return Figure(made.text, made.href, made.name, made.exact, risk=risk)

        found += [
            figures.total("provisions", "balance", currency=currency, title=Text("贷款余额", "Loans") + tail),
            figures.total("provisions", "balance", (("five_class", BAD),), currency=currency, risk=5,
                          title=Text("不良贷款", "Non-performing") + tail),
            cell("npl_ratio", Text("不良率", "NPL ratio")),
            cell("overdue_balance", Text("逾期贷款", "Past due"), 4),
            cell("provisions", Text("按分类应提准备", "Provisions by class")),
            cell("coverage", Text("拨备覆盖率", "Coverage")),
            cell("gap", Text("距监管要求的缺口", "Short of the requirement"), 4),
            cell("expected_loss", Text("预期信用损失（参照）", "Expected loss, beside")),
        ]  # fmt: skip
    return found


def classes_table(figures: Figures, night: Night, visit: Visit) -> list[tuple[Badge, str, Figure, Figure, Text, Bar]]:
    """The five classes of the book's main currency: loans, balance, share and a bar."""
    held = night["provisions"]
    currency = figures.currencies_in(held)[0] if len(held) else "CNY"
    column = held.schema["five_class"]
    assert column.codes is not None
    sums = []
    for code in column.codes:
        where = (("five_class", (code.code,)),)
        mask = figures.mask(held, where, currency)
        sums.append((code.code, pc.sum(held.table.column("balance").filter(mask)).as_py() or 0))
    whole = sum(value for _, value in sums)
    bars = signed([("", words.NOTHING, value, words.NOTHING) for _, value in sums])
    found = []
    for (name, value), bar in zip(sums, bars, strict=True):
        narrowed = (("five_class", (name,)),)
        count = figures.count("provisions", narrowed, currency=currency, title=words.NOTHING)
        amount = Figure(in_column(value, currency), sum_address("provisions", "balance", narrowed, currency),
                        exact=words.exact(value, currency))  # fmt: skip
        found.append((badge(column, name), name, count, amount,
                      words.share(value * 1_000_000 // whole if whole else None), bar))  # fmt: skip
    return found


def sheet_of(night: Night) -> Sheet:
    """The table of debts with class and provision."""
    classes = night["classes"]
    heads: Sequence[Head] = (
        Head("drawdown_id", goes=loan_page), Head("party_id", goes=customer_page),
        Head("class", risk=True, label=Text("分类", "Class")),
        Head("overdue_days"), Head("balance", total=True), Head("principal", total=True),
        Head("system_floor", risk=True, label=Text("系统下限", "System floor")),
        Head("booked", risk=True, label=Text("最近认定", "Last booked")), Head("route"),
        Head("raised", label=Text("被下调", "Lowered")),
    )  # fmt: skip
    return Sheet("classes", Text("借据", "Loans"), classes, heads,
                 ("class", "booked", "route"), "-overdue_days")  # fmt: skip


def portfolio_rows(night: Night, dimension: str, figures: Figures) -> list[tuple[Text, Figure, Figure, Figure]]:
    """A cut of the portfolio: balance, bad loans and ratio."""
    portfolio = night["portfolio"]
    found = []
    rows = portfolio.table.filter(pc.equal(portfolio.table.column("dimension"), dimension))
    ordered = rows.take(pc.sort_indices(rows, sort_keys=[("balance", "descending"), ("value", "ascending")]))
    for row in ordered.slice(0, 12).to_pylist():
        key = (row["currency"], row["dimension"], row["value"])

        def one(name: str, key: Any = key, row: Any = row) -> Figure:
            column: Column = portfolio.schema[name]
            value = row[name]
            exact = words.exact(value, row["currency"]) if column.type.value == "fen" else plain(column, value)
            return Figure(plain(column, value, row["currency"]), row_address("portfolio", key, name), exact=exact)

        plainly = Text(row["value"] or "—", row["value"] or "—")
        name = SECTIONS.get(row["value"], plainly) if dimension == "industry" else plainly
        found.append((name, one("balance"), one("npl_balance"), one("npl_ratio")))
    return found


@page()
def book(visit: Visit) -> HttpResponse:
    """The book on one page."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "classes" not in night or "provisions" not in night:
            return first_night(visit, "book")
        figures = Figures(night)
        sheet = sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        asked = visit.request.GET.get("ladder")
        ladder = asked if asked in dict(LADDERS) else LADDERS[0][0]
        currencies = figures.currencies_in(night["provisions"])
        currency = currencies[0] if currencies else "CNY"
        given = {
            "room": "book", "night": night, "figures": figures_of_book(figures, night), "ways": ways("/console/book"),
            "bridge": bridge_of(night, figures, currency), "flow": flow_of(night, ladder, currency),
            "ladders": LADDERS, "vintages": vintages_of(night, currency), "wide": 1000,
            "classes": classes_table(figures, night, visit),
            "table": table_shown(sheet, figures, visit, "/console/book"),
            "cuts": [(title, portfolio_rows(night, code, figures)) for code, title in (
                ("industry", Text("行业门类", "Industry")), ("region", Text("地区", "Region")))]
            if "portfolio" in night else [],
        }  # fmt: skip
    return shown(visit.request, "console/book.html", given, visit=visit)
