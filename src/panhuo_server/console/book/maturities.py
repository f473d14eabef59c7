"""到期与续贷: loans that fall due in the next ninety days, with class, warning, security and the decision on renewal.

Invariant: days and balances are the night's; a decision on a renewal counts for a loan only when its meeting is within
the year before the night's day and after that loan was paid out; amounts of two currencies are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.ground.book.tables.credit import RENEWAL_KINDS, SECURITY_FORMS
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.stages.monitoring.warnings import LEVELS
from panhuo_server.console.book.stated import customer_page, each, loan_page, sums
from panhuo_server.console.book.ways import PURPOSES, ways
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.charts import MONEY, MONEY_UNIT, STEPS, Chart, Point, Series
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import RISK, Figure, Figures, in_column, large
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Head, Sheet, asked_of, narrowed
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import FactsOfNight, Night, last_night
from panhuo_server.console.teaching import first_night

HERE = "/console/book/maturities"
DAYS = 90
WINDOWS = CodeList.of(
    "maturity_windows",
    ("within_10", "十日内", "within 10 days"),
    ("within_30", "11—30日", "11 to 30 days"),
    ("within_60", "31—60日", "31 to 60 days"),
    ("within_90", "61—90日", "61 to 90 days"),
)
_LAST = {"within_10": 10, "within_30": 30, "within_60": 60, "within_90": 90}
RENEWALS = CodeList.of(
    "renewal_states",
    ("undecided", "未议", "not decided"),
    ("approved", "同意", "approved"),
    ("approved_with_conditions", "有条件同意", "approved with conditions"),
    ("deferred", "续议", "deferred"),
    ("refused", "否决", "refused"),
)
EXTRA = {
    "due_on": Column("due_on", ColumnType.DATE, "到期日", "day due"),
    "window": Column("window", ColumnType.CODE, "距到期", "falls due", codes=WINDOWS),
    "class": Column("class", ColumnType.CODE, "五级分类", "class", codes=FIVE_CLASSES),
    "level": Column("level", ColumnType.CODE, "预警级别", "level of warning", codes=LEVELS),
    "renewal": Column("renewal", ColumnType.CODE, "续贷审议", "renewal", codes=RENEWALS),
    "before": Column("before", ColumnType.CODE, "本笔来源", "this loan was", codes=RENEWAL_KINDS),
    "security": Column("security", ColumnType.CODE, "主担保方式", "security", codes=SECURITY_FORMS),
}  # fmt: skip


def window_of(days: int) -> str:
    """The window a number of days to maturity lies in."""
    return next(code for code, last in _LAST.items() if days <= last)


def _taken(night: Night, name: str, column: str, ids: Any) -> Any:
    if name not in night:
        return pa.nulls(len(ids), pa.string())
    held = night[name].table
    return held.column(column).take(pc.index_in(ids, held.column("drawdown_id").combine_chunks()))


def renewals_of(facts: FactsOfNight, loans: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Loan -> result of the last decision on a renewal of its borrower, within a year and after it was paid out."""
    since, held = facts.night.as_of - timedelta(days=365), list(loans)
    decided: dict[str, list[tuple[Any, str]]] = {}
    for row in facts.rows("decisions", "party_id", [loan["party_id"] for loan in held]):
        met = row["meeting_on"] or row["effective_on"]
        if row["kind"] == "renewal" and met > since:
            place = (met, row["fact_sequence"], row["fact_position"])
            decided.setdefault(row["party_id"], []).append((place, row["result"]))
    found = {}
    for loan in held:
        # A decision of before the loan is what the loan itself came from.
        after = [one for one in decided.get(loan["party_id"], ()) if one[0][0] > loan["out_on"]]
        if after:
            found[loan["id"]] = max(after)[1]
    return found


def sheet_of(night: Night) -> Sheet:
    """The loans that fall due."""
    past, facts = night["days_past_due"], FactsOfNight(night)
    days = past.table.column("days_to_maturity")
    near = pc.and_(pc.and_(pc.greater_equal(days, 0), pc.less_equal(days, DAYS)),
                   pc.greater(past.table.column("principal_balance"), 0))  # fmt: skip
    rows = past.table.filter(pc.fill_null(near, False))
    ids = rows.column("drawdown_id").combine_chunks()
    loans = {row["id"]: row for row in facts.rows("drawdowns", "id", ids.to_pylist())}
    contracts = {
        row["id"]: row for row in facts.rows("contracts", "id", [r["contract_id"] for r in loans.values()])
    }  # fmt: skip
    decided = renewals_of(facts, loans.values())
    own = [loans.get(i, {}) for i in ids.to_pylist()]
    columns = {
        "due_on": [r.get("due_on") for r in own],
        "window": [window_of(d) for d in rows.column("days_to_maturity").to_pylist()],
        "renewal": [decided.get(i, "undecided") for i in ids.to_pylist()],
        "before": [r.get("renewal_kind") for r in own],
        "security": [contracts.get(r.get("contract_id") or "", {}).get("security_form") for r in own],
    }
    for name, values in columns.items():
        rows = rows.append_column(name, pa.array(values, EXTRA[name].arrow_type()))
    rows = rows.append_column("class", _taken(night, "classes", "class", ids))
    rows = rows.append_column("level", _taken(night, "warnings", "level", ids))
    rows = rows.append_column("_currency", rows.column("currency"))
    heads = (
        Head("drawdown_id", goes=loan_page),
        Head("party_id", goes=customer_page),
        Head("due_on"), Head("days_to_maturity"), Head("window", hidden=True),
        Head("book_balance", total=True), Head("principal_balance", total=True),
        Head("class", risk=True, of="classes", label=Text("分类", "Class")),
        Head("level", risk=True, of="warnings", label=Text("预警", "Warning")),
        Head("overdue_days"), Head("renewal"), Head("before"), Head("security"),
    )  # fmt: skip
    filters = ("window", "class", "level", "renewal", "security")
    title = Text("九十日内到期", "Due within ninety days")
    return Sheet("maturities", title, past, heads, filters, "days_to_maturity", dict(EXTRA), rows)


def chart_of(sheet: Sheet, given: Any) -> Chart | None:
    """Balances by window, the classes on each other, of the rows the filters leave; a bar leads to its loans."""
    rows = sheet.table.filter(narrowed(sheet, asked_of(sheet, given), but="window"))
    if not len(rows) or len(pc.unique(rows.column("_currency"))) != 1:
        return None
    currency = rows.column("_currency")[0].as_py()
    series, legend = [], []
    for code in FIVE_CLASSES:
        mine = rows.filter(pc.fill_null(pc.equal(rows.column("class"), code.code), False))
        if not len(mine):
            continue
        name, points = Text(code.zh, code.en), []
        for window in WINDOWS:
            part = mine.filter(pc.equal(mine.column("window"), window.code))
            value = int(pc.sum(part.column("book_balance")).as_py() or 0)
            amount = large(value, currency)
            text = Text(f"{amount.zh}，{len(part)} 笔", f"{amount.en}, {len(part)} loans")
            goes = f"{HERE}?f.window={window.code}&f.class={code.code}#t-maturities"
            points.append(Point(value, text, goes))
        series.append(Series(name, points, STEPS[RISK[code.code]]))
        legend.append((STEPS[RISK[code.code]], name))
    return Chart("bars", Text("到期余额，按距到期与分类", "Balance falling due, by days left and class"),
                 [Text(w.zh, w.en) for w in WINDOWS], series, scale=MONEY, stacked=True, legend=legend,
                 unit=MONEY_UNIT if currency == "CNY" else Text(f"万 {currency}", f"{currency} K"))  # fmt: skip


def windows_of(sheet: Sheet) -> list[tuple[Text, str, Text, Figure, Figure, Figure]]:
    """Each window: its loans, balance, of it undecided, and of it refused; sums of rows below, by currency."""
    rows, found = sheet.table, []

    def amount(part: pa.Table, goes: str) -> Figure:
        held = sums(zip(part.column("_currency").to_pylist(), part.column("book_balance").to_pylist(), strict=True))
        return Figure(each(held, in_column), goes, exact=each(held))

    for window in WINDOWS:
        mine = rows.filter(pc.equal(rows.column("window"), window.code))
        address = f"{HERE}?f.window={window.code}"
        cells = [amount(mine, f"{address}#t-maturities")]
        for state in ("undecided", "refused"):
            part = mine.filter(pc.equal(mine.column("renewal"), state))
            cells.append(amount(part, f"{address}&f.renewal={state}#t-maturities"))
        found.append((Text(window.zh, window.en), f"{address}#t-maturities", words.count(len(mine)), *cells))
    return found  # type: ignore[return-value]


@page()
def maturities(visit: Visit) -> HttpResponse:
    """The next ninety days."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "days_past_due" not in night:
            return first_night(visit, "book")
        figures, sheet = Figures(night), sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "book", "night": night, "ways": ways(HERE), "windows": windows_of(sheet),
            "chart": chart_of(sheet, visit.request.GET), "table": table_shown(sheet, figures, visit, HERE),
        }  # fmt: skip
    return shown(visit.request, "console/book_maturities.html", given, visit=visit)
