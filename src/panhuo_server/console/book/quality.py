"""How the book moved: the flow between states, the vintages, and the bridge of bad loans, tied to the ledger.

Invariant: a row of the flow adds up to what stood in its state at the opening; the bridge is drawn only when it closes;
what was written off and sold within the year is held against the ledger's own postings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.stages.monitoring.opening import opening_day
from panhuo_server.console.book.why_ledger import ledger_address
from panhuo_server.console.pieces.charts import Chart, Link, Node, Point, Series
from panhuo_server.console.pieces.figures import Figure, Figures, in_column, large, row_address, sum_address
from panhuo_server.console.pieces.pictures import Bar, Step, adds_up, waterfall
from panhuo_server.console.pieces.ties import Tie
from panhuo_server.console.results import Night
from panhuo_server.store.ledger_totals import Moved, ledger_totals

LADDERS = (
    ("month", Text("一个月逾期滚动", "Days past due, one month")),
    ("year", Text("一年逾期迁徙", "Days past due, one year")),
    ("class", Text("一年分类迁徙", "Class, one year")),
)
_COLOURS = {
    "current": "r1", "days_1_30": "r2", "days_31_60": "r3", "days_61_90": "r3", "days_91_180": "r4",
    "days_181_270": "r4", "days_271_360": "r5", "over_360": "r5", "normal": "r1", "special_mention": "r2",
    "substandard": "r3", "doubtful": "r4", "loss": "r5", "settled": "teal",
}  # fmt: skip
_WELL = ("current", "normal", "new", "unknown")
_ENDED_WELL = ("current", "normal", "settled")


@dataclass(frozen=True)
class Flow:
    """One ladder of the migration: states at the end as heads, a row a state at the opening, and its drawing."""

    ladder: str
    heads: Sequence[Text]
    rows: Sequence[tuple[Text, Figure, Sequence[Figure | None]]]
    chart: Chart | None


def _codes(outcome: Outcome, name: str) -> dict[str, Text]:
    return {k.code: Text(k.zh, k.en) for k in outcome.schema[name].codes or ()}


def flow_of(night: Night, ladder: str, currency: str) -> Flow | None:
    """The migration of a ladder in one currency."""
    if "migration" not in night:
        return None
    held = night["migration"]
    mask = pc.and_(pc.equal(held.table.column("ladder"), ladder), pc.equal(held.table.column("currency"), currency))
    rows = held.table.filter(mask).to_pylist()
    if not rows:
        return None
    names = _codes(held, "from_state")
    order = list(names)
    froms = sorted({r["from_state"] for r in rows}, key=order.index)
    tos = sorted({r["to_state"] for r in rows}, key=order.index)
    cells = {(r["from_state"], r["to_state"]): r for r in rows}

    def whole(**fixed: str) -> str:
        where = [("ladder", (ladder,)), *[(name, (value,)) for name, value in fixed.items()]]
        return sum_address("migration", "balance", where, currency)

    def one(start: str, end: str) -> Figure | None:
        row = cells.get((start, end))
        if row is None:
            return None
        key = (currency, ladder, start, end)
        note = Text(*[f"{words.share(row['share']).zh}"] * 2)
        exact = words.exact(row["balance"], currency)
        return Figure(in_column(row["balance"], currency), row_address("migration", key, "balance"), names[start],
                      exact, note)  # fmt: skip

    found = []
    for start in froms:
        stood = sum(r["balance"] for r in rows if r["from_state"] == start)
        figure = Figure(in_column(stood, currency), whole(from_state=start), names[start], words.exact(stood, currency))
        found.append((names[start], figure, [one(start, end) for end in tos]))
    chart = _drawn(rows, names, froms, tos, currency, ladder, whole)
    return Flow(ladder, [names[end] for end in tos], found, chart)


def _drawn(
    rows: Sequence[dict[str, Any]], names: dict[str, Text], froms: Sequence[str], tos: Sequence[str], currency: str,
    ladder: str, whole: Any,
) -> Chart | None:  # fmt: skip
    # What stayed well would be drawn a hundred times as wide as what matters.
    kept = [r for r in rows if not (r["from_state"] in _WELL and r["to_state"] in _ENDED_WELL) and r["balance"] > 0]
    if not kept:
        return None
    left = sum(r["balance"] for r in rows) - sum(r["balance"] for r in kept)
    nodes = []
    for depth, states, column in ((0, froms, "from_state"), (1, tos, "to_state")):
        for state in states:
            amount = sum(r["balance"] for r in kept if r[column] == state)
            if amount:
                nodes.append(Node(f"{depth}:{state}", names[state], depth, _COLOURS.get(state, "soft"), amount,
                                  large(amount, currency), whole(**{column: state})))  # fmt: skip
    links = [
        Link(f"0:{r['from_state']}", f"1:{r['to_state']}", r["balance"],
             large(r["balance"], currency) + Text(f"，{r['loans']} 笔", f", {r['loans']} loans"),
             row_address("migration", (currency, ladder, r["from_state"], r["to_state"]), "balance"),
             _COLOURS.get(r["to_state"], "soft"))
        for r in kept
    ]  # fmt: skip
    amount = large(left, currency)
    note = Text(f"未画始终正常及正常结清的 {amount.zh}", f"{amount.en} that stayed well or ended well is not drawn")
    return Chart("flow", Text("由期初到期末", "From the opening to today"), nodes=nodes, links=links, note=note,
                 size="tall" if len(nodes) > 10 else "")  # fmt: skip


AGES = (3, 6, 9, 12, 18, 24, 30, 36)
QUARTERS = 12


@dataclass(frozen=True)
class Vintages:
    """Quarters paid out down, ages across: the share in default by amount, and the lines."""

    ages: Sequence[int]
    rows: Sequence[tuple[Text, Figure, Figure, Sequence[Figure | None]]]
    chart: Chart


def vintages_of(night: Night, currency: str) -> Vintages | None:
    """The vintages of the last quarters in one currency."""
    if "vintages" not in night:
        return None
    held = night["vintages"]
    rows = held.table.filter(pc.equal(held.table.column("currency"), currency)).to_pylist()
    quarters = sorted({r["quarter"] for r in rows})[-QUARTERS:]
    if not quarters:
        return None
    cells = {(r["quarter"], r["months_on_book"]): r for r in rows}
    ages = [a for a in AGES if any((q, a) in cells for q in quarters)]

    def name(quarter: int) -> Text:
        return Text(f"{quarter // 10}年{quarter % 10}季", f"{quarter // 10} Q{quarter % 10}")

    def one(quarter: int, age: int) -> Figure | None:
        row = cells.get((quarter, age))
        if row is None or row["rate_by_amount"] is None:
            return None
        rate = words.share(row["rate_by_amount"])
        risk = 4 if row["rate_by_amount"] >= 30_000 else 0
        key = (currency, quarter, age)
        return Figure(rate, row_address("vintages", key, "rate_by_amount"), name(quarter), rate, risk=risk)

    found, series = [], []
    every = sorted({age for quarter, age in cells if quarter in quarters and age <= AGES[-1]})
    colours = ("teal", "r4", "r1", "r3")
    for place, quarter in enumerate(reversed(quarters)):
        first = cells[min(k for k in cells if k[0] == quarter)]
        amount = Figure(in_column(first["amount"], currency),
                        row_address("vintages", (currency, quarter, first["months_on_book"]), "amount"),
                        exact=words.exact(first["amount"], currency))  # fmt: skip
        loans = Figure(words.count(first["loans"]),
                       row_address("vintages", (currency, quarter, first["months_on_book"]), "loans"))  # fmt: skip
        found.append((name(quarter), loans, amount, [one(quarter, age) for age in ages]))
        points = []
        for age in every:
            figure = one(quarter, age)
            if figure is None:
                points.append(Point(None))
                continue
            said = Text(f"{age} 个月：{figure.text.zh}", f"{age} months: {figure.text.en}")
            points.append(Point(cells[(quarter, age)]["rate_by_amount"], said, figure.href))
        if sum(p.value is not None for p in points) > 1:
            # Four quarters a year apart stand out, the rest show where they lie.
            bold = place % 4 == 3 and place // 4 < len(colours)
            series.append(Series(name(quarter), points, colours[place // 4] if bold else "soft", faint=not bold))
    chart = Chart(
        "lines",
        Text("累计违约率（金额），按账龄", "Cumulative default rate by amount and age"),
        [Text(f"{age}月", f"{age} m") for age in every],
        series,
        unit=Text("%", "%"),
        scale=(10_000, 10_000),
    )
    return Vintages(ages, found, chart)


BRIDGE = (
    ("opening", Text("期初不良", "Opening"), 1), ("formation", Text("不良生成", "Formed"), 1),
    ("cash", Text("现金收回", "Recovered in cash"), -1), ("waiver", Text("减免", "Waived"), -1),
    ("upgrade", Text("上调", "Cured and upgraded"), -1), ("write_off", Text("核销", "Written off"), -1),
    ("sale", Text("转让", "Sold"), -1), ("closing", Text("期末不良", "Closing"), 1),
)  # fmt: skip


@dataclass(frozen=True)
class Bridge:
    """The bridge of bad loans over a year: steps as a table and a waterfall, and what it ties to."""

    since: date
    steps: Sequence[tuple[Text, Figure, Text]]
    fall: Sequence[Bar]
    ties: Sequence[Tie]


def bridge_of(night: Night, figures: Figures, currency: str) -> Bridge | None:
    """Opening + formed - recovered - waived - upgraded - written off - sold = closing, of one currency."""
    if "npl_movements" not in night:
        return None
    held = night["npl_movements"]
    rows = held.table.filter(figures.mask(held, (), currency))
    sums = {name: int(pc.sum(rows.column(name)).as_py() or 0) for name, _, _ in BRIDGE}
    steps, listed = [], []
    for column, name, sign in BRIDGE:
        amount = sums[column] * sign
        address = sum_address("npl_movements", column, (), currency)
        steps.append(Step(name, amount, large(amount, currency), address, column in ("opening", "closing")))
        debts = int(pc.sum(pc.not_equal(rows.column(column), 0)).as_py() or 0)
        figure = Figure(in_column(amount, currency), address, name, words.exact(amount, currency))
        listed.append((name, figure, words.count(debts)))
    since = opening_day(night.as_of, 12)
    return Bridge(since, listed, waterfall(steps) if adds_up(steps) else [], _ties(night, figures, sums, currency))


def _ties(night: Night, figures: Figures, sums: dict[str, int], currency: str) -> list[Tie]:
    since = opening_day(night.as_of, 12)
    year = ledger_totals(night.as_of, night.sequence, after=since)
    posted = Text(f"台账流水，{since} 之后", f"postings after {since}")
    found = []
    for column, kind, name in (("write_off", "write_off", Text("核销本金", "Principal written off")),
                               ("sale", "assign", Text("转让本金", "Principal sold"))):  # fmt: skip
        figure = Figure(words.exact(sums[column], currency), sum_address("npl_movements", column, (), currency), name)
        found.append(Tie(name, figure, sums[column], posted, -moved(year, currency, ("principal",), (kind,)), currency,
                         ledger_address(currency, "principal", kind, since, fell=True)))  # fmt: skip
    if "provision_summary" in night and "provisions" in night:
        summary = night["provision_summary"]
        row = summary.table.slice(summary.row_of(currency), 1).to_pylist()[0]
        name = Text("期末不良本金", "Closing bad principal")
        ours = Figure(words.exact(sums["closing"], currency), sum_address("npl_movements", "closing", (), currency),
                      name)  # fmt: skip
        found.append(Tie(name, ours, sums["closing"], Text("拨备汇总：不良贷款本金", "provisions of the book"),
                         row["npl_balance"], currency,
                         row_address("provision_summary", (currency,), "npl_balance")))  # fmt: skip
        found += ties_of_book(night, figures, currency)
    return found


def moved(
    postings: Iterable[Moved], currency: str, components: Sequence[str], kinds: Sequence[str] | None = None
) -> int:
    """What postings of some components, and kinds, come to."""
    return sum(
        m.amount for m in postings
        if m.currency == currency and m.component in components and (kinds is None or m.kind in kinds)
    )  # fmt: skip


def ties_of_book(night: Night, figures: Figures, currency: str) -> list[Tie]:
    """The whole book's principal, and interest on the balance sheet, against every posting in the database."""
    postings = ledger_totals(night.as_of, night.sequence)
    count = sum(m.postings for m in postings if m.currency == currency)
    source = Text(f"全部台账流水（{count:,} 笔）", f"all {count:,} postings of the ledger")
    found = []
    if "days_past_due" in night:
        held = night["days_past_due"]
        for column, component, name in (
            ("principal_balance", "principal", Text("贷款本金", "Principal of loans")),
            ("interest_balance", "interest", Text("表内利息", "Interest on the balance sheet")),
        ):
            value = int(pc.sum(held.table.column(column).filter(figures.mask(held, (), currency))).as_py() or 0)
            ours = Figure(words.exact(value, currency), sum_address("days_past_due", column, (), currency), name)
            found.append(Tie(name, ours, value, source, moved(postings, currency, (component,)), currency,
                             ledger_address(currency, component)))  # fmt: skip
    return found
