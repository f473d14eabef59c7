"""预警工作台: every loan a warning stands on, with every trigger that fired and what falling to substandard would cost.

Invariant: a trigger is counted where its rule fired, once a loan; one that could not be evaluated is not counted and is
said apart. A warning decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.stated import customer_page, loan_page
from panhuo_server.console.book.ways import PURPOSES
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.charts import STEPS, Chart, Point, Series
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import RISK, Figure, Figures, badge, in_column
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Head, Sheet, asked_of, narrowed, own_sum
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night
from panhuo_server.console.teaching import first_night

HERE = "/console/warnings"
FIRED = Column("fired", ColumnType.TEXT, "全部触发", "all that fired")
NUMBER = Column("fired_count", ColumnType.INT, "触发项数", "how many fired")
_BESIDE = {
    "GUARANTOR_IN_DEFAULT": Text("保证人违约", "a guarantor is in default"),
    "RING_IN_DEFAULT": Text("担保圈成员违约", "a ring member is in default"),
}


def triggers_named(warned: Outcome) -> dict[str, Text]:
    """Every trigger there is: the rules of the preset the night used, and the two that are no rule of the file."""
    found = {
        rule.id: Text(rule.zh, rule.en) for name in warned.lineage.get("rules", {}) for rule in load_rule_set(name)
    }
    return found | _BESIDE


def fired_of(warned: Outcome, names: Mapping[str, Text]) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Loan -> triggers that fired, in the order of their reasons; and trigger -> loans it could not be evaluated on."""
    fired: dict[str, list[str]] = {}
    open_: dict[str, int] = {}
    rows = warned.reasons.select(["drawdown_id", "code"]).to_pylist()
    for row in rows:
        code = row["code"]
        if code.endswith("?"):
            open_[code[:-1]] = open_.get(code[:-1], 0) + 1
        elif code.rstrip("~") in names and code.rstrip("~") not in fired.setdefault(row["drawdown_id"], []):
            fired[row["drawdown_id"]].append(code.rstrip("~"))
    return fired, open_


def sheet_of(night: Night, visit: Visit) -> Sheet:
    """The loans a warning stands on."""
    warned = night["warnings"]
    names = triggers_named(warned)
    fired, _ = fired_of(warned, names)
    rows = warned.table.filter(pc.is_valid(warned.table.column("level")))
    mine = [fired.get(i, []) for i in rows.column("drawdown_id").to_pylist()]
    said = ["；".join(visit.say(names[c]) for c in codes) if visit.language == "zh"
            else "; ".join(visit.say(names[c]) for c in codes) for codes in mine]  # fmt: skip
    rows = rows.append_column("fired", pa.array(said, pa.string()))
    rows = rows.append_column("fired_count", pa.array([len(codes) for codes in mine], pa.int64()))
    currencies = Figures(night).currencies(warned).filter(pc.is_valid(warned.table.column("level")))
    rows = rows.append_column("_currency", currencies)
    heads = (
        Head("drawdown_id", goes=loan_page),
        Head("party_id", goes=customer_page),
        Head("level", risk=True, label=Text("级别", "Level")), Head("trigger"), Head("overdue_days"),
        Head("days_to_maturity"), Head("balance", total=True), Head("overdue_amount", total=True),
        Head("consequence", total=True), Head("fired_count", hidden=True), Head("fired"),
        Head("before_r004", hidden=True),
    )  # fmt: skip
    return Sheet("warnings", Text("预警工作台", "Watch list"), warned, heads, ("level", "trigger"), "-level",
                 {"fired": FIRED, "fired_count": NUMBER}, rows)  # fmt: skip


@dataclass(frozen=True)
class Fired:
    """A trigger: on how many loans it fired, their balance and what falling would cost, and where it is not known."""

    code: str
    name: Text
    loans: int
    balance: Figure
    consequence: Figure
    unknown: int


def by_trigger(night: Night, sheet: Sheet, currency: str, visit: Visit) -> list[Fired]:
    """Every trigger with the loans it fired on; a loan with several triggers stands under each."""
    warned = night["warnings"]
    names = triggers_named(warned)
    fired, unknown = fired_of(warned, names)
    held = {row["drawdown_id"]: row for row in warned.table.to_pylist() if row["level"] is not None}
    money = dict(zip(warned.table.column("drawdown_id").to_pylist(),
                     Figures(night).currencies(warned).to_pylist(), strict=True))  # fmt: skip
    found = []
    for code, name in names.items():
        mine = [held[i] for i, codes in fired.items() if code in codes and i in held and money[i] == currency]
        amounts = []
        for column in ("balance", "consequence"):
            value = sum(row[column] or 0 for row in mine)
            opens = own_sum(sheet, column, (), HERE, query=visit.say(name), currency=currency)
            amounts.append(Figure(in_column(value, currency), opens, exact=words.exact(value, currency)))
        found.append(Fired(code, name, len(mine), amounts[0], amounts[1], unknown.get(code, 0)))
    return sorted(found, key=lambda f: (-f.loans, f.code))


def chart_of(sheet: Sheet, given: object) -> Chart | None:
    """Loans by first trigger, the levels on each other, of the rows the filters leave; a bar leads to its loans."""
    rows = sheet.table.filter(narrowed(sheet, asked_of(sheet, given), but="trigger"))
    if not len(rows):
        return None
    counts = {code: len(rows.filter(pc.equal(rows.column("trigger"), code)))
              for code in pc.unique(rows.column("trigger")).to_pylist() if code}  # fmt: skip
    codes = {k.code: Text(k.zh, k.en) for k in sheet.column("trigger").codes or ()}
    order = sorted(counts, key=lambda c: (-counts[c], c))
    series: list[Series] = []
    legend: list[tuple[str, Text]] = []
    for level in sheet.column("level").codes or ():
        mine = rows.filter(pc.equal(rows.column("level"), level.code))
        if not len(mine):
            continue
        colour, name = STEPS[RISK[level.code]], Text(level.zh, level.en)
        points: list[Point] = []
        for trigger in order:
            number = len(mine.filter(pc.fill_null(pc.equal(mine.column("trigger"), trigger), False)))
            text = Text(f"{number} 笔", f"{number} loans")
            points.append(Point(number, text, f"{HERE}?f.trigger={trigger}&f.level={level.code}#t-warnings"))
        series.append(Series(name, points, colour))
        legend.append((colour, name))
    return Chart("bars", Text("预警笔数，按首要触发与级别", "Loans warned on, by first trigger and level"),
                 [codes[c] for c in order], series, lying=True, stacked=True, legend=legend)  # fmt: skip


def head_of(night: Night, figures: Figures, currency: str) -> Sequence[Figure]:
    """Loans and money by level, the gravest first, and what all together would cost."""
    warned, found = night["warnings"], []
    for code in reversed(list(warned.schema["level"].codes or ())):
        where = (("level", (code.code,)),)
        step = RISK[code.code]
        name = badge(warned.schema["level"], code.code).text
        found.append(figures.count("warnings", where, currency=currency, title=name, risk=step if step > 2 else 0))
    every = (("warned", ("true",)),)
    found.append(figures.total("warnings", "balance", every, currency=currency, title=Text("预警余额", "Balance")))
    found.append(figures.total("warnings", "overdue_amount", every, currency=currency,
                               title=Text("其中已逾期", "Of it past due")))  # fmt: skip
    found.append(figures.total("warnings", "consequence", every, currency=currency, risk=4,
                               title=Text("全部落入次级将增提", "Added if all became substandard")))  # fmt: skip
    early = (("before_r004", ("true",)),)
    found.append(figures.count("warnings", early, currency=currency,
                               title=Text("早于逾期三十天规则", "Seen before 30 days past due")))  # fmt: skip
    return found


@page()
def warnings(visit: Visit) -> HttpResponse:
    """The watch list."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "warnings" not in night:
            return first_night(visit, "after_loan")
        figures, sheet = Figures(night), sheet_of(night, visit)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        currencies = figures.currencies_in(night["warnings"])
        currency = currencies[0] if currencies else "CNY"
        given = {
            "room": "after_loan", "night": night, "figures": head_of(night, figures, currency),
            "fired": by_trigger(night, sheet, currency, visit), "chart": chart_of(sheet, visit.request.GET),
            "table": table_shown(sheet, figures, visit, HERE),
        }  # fmt: skip
    return shown(visit.request, "console/book_warnings.html", given, visit=visit)
