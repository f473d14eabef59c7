"""监管页: supervised institutions side by side, one with its trend, and the standard template as a workbook.

Invariant: nothing but granted aggregates is asked for; a grant that ended shows nothing on the next request.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.asking import State
from panhuo_server.console.pieces.figures import day
from panhuo_server.console.pieces.tables import SHEET
from panhuo_server.console.supervising import figures
from panhuo_server.console.supervising.figures import Institution, Month

PURPOSE = "supervision"
ROOM = "supervised"
MONTHS = 6
NONE = State("empty", Text("还没有机构授权监管汇总。机构的管理员在“共享与个人信息”中授权后，这里立即可见。",
                           "No institution has granted aggregates yet. Its administrator grants them under shares; "
                           "they stand here at once."))  # fmt: skip


def _enter(visit: Visit) -> None:
    if visit.purpose_of((PURPOSE,)) is None:
        raise Http404


def _line(one: Institution, currency: str, months: list[Month]) -> dict[str, Any]:
    may, last = one.granted.aggregates, months[-1]
    ratios = [m.ratio_ppm for m in months]
    path, point = figures.trend(ratios)
    return {
        "org": one.granted.org, "name": one.granted.name, "currency": currency, "day": day(last.day),
        "parties": figures.units(last.parties, "bad_debt_ratio" in may, last.told),
        "balance": figures.units(last.balance, "bad_debt_ratio" in may, last.told),
        "ratio": figures.percent(last.ratio_ppm, "bad_debt_ratio" in may, last.told),
        "changed": figures.changed(ratios),
        "cover": figures.cover(last, "provision_cover" in may)[1], "path": path, "point": point,
        "order": last.ratio_ppm or 0,
    }  # fmt: skip


def _given(visit: Visit, room: str) -> dict[str, Any]:
    with visit.acting(PURPOSE):
        found = figures.institutions(MONTHS)
    lines = [_line(one, currency, months) for one in found for currency, months in one.months.items() if months]
    return {
        "room": room, "lines": sorted(lines, key=lambda one: -one["order"]), "none": NONE,
        "silent": [one.granted for one in found if not one.months], "count": len(found), "defined": figures.DEFINED,
    }  # fmt: skip


def home(visit: Visit) -> HttpResponse:
    """Today for a supervisor: institutions side by side, the highest ratio first."""
    _enter(visit)
    return shown(visit.request, "console/supervised.html", _given(visit, "today"), visit=visit)


@page()
def supervised(visit: Visit) -> HttpResponse:
    """The institutions; with ``as=xlsx`` the standard template of their figures."""
    _enter(visit)
    if visit.request.GET.get("as") == "xlsx":
        with visit.acting(PURPOSE):
            found = figures.institutions(MONTHS)
        return template(visit, found)
    return shown(visit.request, "console/supervised.html", _given(visit, ROOM), visit=visit)


@page()
def institution(visit: Visit, org: str) -> HttpResponse:
    """One institution: its months, its classes, what it granted."""
    _enter(visit)
    with visit.acting(PURPOSE):
        found = figures.institutions(MONTHS, org)
    if not found:
        raise Http404
    one = found[0]
    may = one.granted.aggregates
    parts = []
    for currency, months in one.months.items():
        codes = sorted({c for m in months for c in m.classes}, key=lambda c: (c == "joined", _order(c)))
        parts.append({
            "currency": currency, "days": [m.day for m in months],
            "rows": [
                (Text("户数", "Parties"), [figures.units(m.parties, "bad_debt_ratio" in may, m.told) for m in months]),
                (Text("贷款余额（万）", "Balance (10,000)"),
                 [figures.units(m.balance, "bad_debt_ratio" in may, m.told) for m in months]),
                (figures.NAMES["bad_debt_ratio"],
                 [figures.percent(m.ratio_ppm, "bad_debt_ratio" in may, m.told) for m in months]),
                (Text("贷款损失准备（万）", "Provisions (10,000)"),
                 [figures.cover(m, "provision_cover" in may)[0] for m in months]),
                (figures.NAMES["provision_cover"], [figures.cover(m, "provision_cover" in may)[1] for m in months]),
            ],
            "classes": [(figures.class_name(c), [
                figures.units(m.classes[c][1] if c in m.classes else None, "balance_by_class" in may, m.told)
                for m in months])
                for c in codes],
            "trend": figures.trend([m.ratio_ppm for m in months]),
        })  # fmt: skip
    given = {
        "room": ROOM, "one": one.granted, "parts": parts, "until": day(timezone.localdate(one.granted.valid_until)),
        "granted": [figures.NAMES[name] for name in may], "defined": figures.DEFINED,
        "crumbs": [(Text("被监管机构", "Institutions"), "/console/supervision"), (Text(*[one.granted.name] * 2), "")],
    }  # fmt: skip
    return shown(visit.request, "console/supervised_one.html", given, visit=visit)


def _order(code: str) -> int:
    return figures.FIVE_CLASSES.positions.get(code, 99)


def template(visit: Visit, found: list[Institution]) -> HttpResponse:
    """The standard template: indicators, classes, definitions; a withheld cell says that it is."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    bold = Font(bold=True)

    def sheet(title: Text, heads: list[Text]) -> Any:
        made = book.create_sheet(visit.say(title)[:31])
        made.append([visit.say(head) for head in heads])
        for cell in made[1]:
            cell.font = bold
        made.freeze_panes = "D2"
        return made

    book.remove(book.active)
    base = [
        Text("机构代码", "institution"),
        Text("机构名称", "name"),
        Text("币种", "currency"),
        Text("月末", "month end"),
    ]
    first = sheet(Text("G1 风险指标", "G1 Indicators"), [
        *base, Text("户数", "parties"), Text("贷款余额（万元）", "balance (10,000)"),
        Text("不良贷款率（%）", "non-performing ratio (%)"),
        Text("贷款损失准备（万元）", "provisions (10,000)"),
        Text("拨备覆盖率（%）", "provision coverage (%)")])  # fmt: skip
    second = sheet(Text("G2 五级分类", "G2 Classes"), [
        *base, Text("分类", "class"), Text("户数", "parties"), Text("余额（万元）", "balance (10,000)")])  # fmt: skip

    def cell(value: int | None, granted: bool, told: bool, scale: int = 1) -> Any:
        if value is None:
            return visit.say(figures.lacking(granted, told))
        return value / scale if scale > 1 else value

    for one in found:
        may, name = one.granted.aggregates, one.granted.name
        plainly = f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name
        for currency, months in one.months.items():
            for month in months:
                start = [one.granted.org, plainly, currency, month.day]
                ratio, cover = "bad_debt_ratio" in may, "provision_cover" in may
                told = month.told
                first.append([*start, cell(month.parties, ratio, told), cell(month.balance, ratio, told),
                              cell(month.ratio_ppm, ratio, told, 10_000), cell(month.provision, cover, told),
                              cell(month.cover_ppm, cover, told, 10_000)])  # fmt: skip
                for code, (parties, balance) in sorted(month.classes.items(), key=lambda c: _order(c[0])):
                    second.append([*start, visit.say(figures.class_name(code)), parties, balance])
    notes = sheet(Text("说明", "Notes"), [Text("项目", "what"), Text("内容", "value")])
    for what, said in (
        (Text("报送模板", "template"), "panhuo-supervision-1"),
        (Text("制表时间", "made at"), datetime.now(UTC).isoformat(timespec="seconds")),
        (Text("监管机构", "supervisor"), f"{visit.place.name} ({visit.place.org})"),
        (Text("机构数", "institutions"), str(len(found))),
    ):  # fmt: skip
        notes.append([visit.say(what), said])
    for what, meaning in figures.DEFINED:
        notes.append([visit.say(what), visit.say(meaning)])
    data = io.BytesIO()
    book.save(data)
    response = HttpResponse(data.getvalue(), content_type=SHEET)
    response["Content-Disposition"] = 'attachment; filename="panhuo-supervision.xlsx"'
    return response
