"""The section on where the quality comes from: vintages, migration, and the bridge of non-performing loans.

Invariant: as `overview`; each cell opens to the drawdowns it was aggregated from.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.night import Night
from panhuo.journey.report import pictures, words
from panhuo.journey.report.layout import Picture, Row, Section, Table, both, code, counted, equal
from panhuo.journey.report.opening import Figure, Opener
from panhuo.journey.report.overview import bought_book, in_currency
from panhuo.journey.report.words import Text

AGES = (6, 12, 18, 24, 36, 48, 60)


def quality(opener: Opener, night: Night) -> Section | None:
    """Vintages, migration and the bridge, of the currency most debts are in."""
    outcomes = opener.outcomes
    section = Section("quality", Text("资产质量的来龙去脉", "Where the quality comes from"))
    if bought_book(outcomes):
        return None
    names = opener.currencies_in(outcomes["days_past_due"]) if "days_past_due" in outcomes else []
    currency = names[0] if names else "CNY"
    tail = in_currency(names or [currency], currency)
    if "vintages" in outcomes and len(outcomes["vintages"]):
        _vintages(section, opener, currency, tail)
    if "migration" in outcomes and len(outcomes["migration"]):
        _migration(section, opener, night, currency, tail)
    if "npl_movements" in outcomes and len(outcomes["npl_movements"]):
        _bridge(section, opener, currency, tail)
    return None if section.empty else section


def _vintages(section: Section, opener: Opener, currency: str, tail: Text) -> None:
    found = opener.outcomes["vintages"]
    rows = [row for row in found.table.to_pylist() if row["currency"] == currency]
    by_quarter: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        if row["rate_by_amount"] is not None:
            by_quarter.setdefault(row["quarter"], []).append((row["months_on_book"], row["rate_by_amount"]))
    drawn = {q: sorted(points) for q, points in sorted(by_quarter.items()) if len(points) > 1}
    if not any(rate for points in drawn.values() for _, rate in points):
        return
    series = [(_quarter(q), points) for q, points in drawn.items() if q % 10 in (1, 3)]
    title = (
        Text("各季度发放贷款的累计违约率（按金额）", "cumulative default rate by quarter paid out (by amount)") + tail
    )
    picture = pictures.lines(
        series or [(_quarter(q), p) for q, p in drawn.items()], title, Text("账龄（月）", "months on book")
    )
    section.blocks.append(Picture(title, picture, _vintage_table(opener, rows, currency, tail)))


def _quarter(number: int) -> str:
    return f"{number // 10}Q{number % 10}"


def _vintage_table(opener: Opener, rows: list[dict[str, Any]], currency: str, tail: Text) -> Table:
    found, one_by_one = opener.outcomes["vintages"], opener.outcomes["defaults"]
    cells = {(row["quarter"], row["months_on_book"]): row for row in rows}
    quarters = sorted({q for q, _ in cells})
    ages = [age for age in AGES if any((q, age) in cells for q in quarters)]
    mine = opener.only(one_by_one, currency)
    lines = []
    for quarter in quarters:
        name = _quarter(quarter)
        here = both(mine, equal(one_by_one, "quarter", quarter))
        whole = opener.total(
            one_by_one, "amount", here, currency=currency, title=Text(f"{name} 发放", f"paid out in {name}") + tail
        )
        line: list[Any] = [Text(name, name), whole]
        for age in ages:
            row = cells.get((quarter, age))
            if row is None or row["rate_by_amount"] is None:
                line.append(words.NOTHING)
                continue
            by_then = pc.less(one_by_one.table.column("months_to_default"), age)
            part = opener.total(
                one_by_one,
                "amount",
                both(here, by_then),
                currency=currency,
                title=Text(f"{name} 发放后违约", f"paid out in {name}, in default") + tail,
            )
            what = Text(f"{name} 发放，{age} 个月内违约", f"{name}, in default within {age} months")
            line.append(opener.share(row["rate_by_amount"], part, whole, what + tail, source=found, currency=currency))
        lines.append(Row(tuple(line)))
    heads = (
        Text("发放季度", "quarter"),
        Text("发放金额", "paid out"),
        *(Text(f"{age} 个月", f"{age} months") for age in ages),
    )
    return Table(Text("图后数据：累计违约率", "behind the picture: cumulative default rates"), heads, tuple(lines))


def _migration(section: Section, opener: Opener, night: Night, currency: str, tail: Text) -> None:
    from panhuo.stages.monitoring.migration import drawdowns_walked

    moved = opener.outcomes["migration"]
    needs = ("classes", "days_past_due", "days_past_due_a_month_ago", "days_past_due_a_year_ago")
    walked = night.snapshot.read(drawdowns_walked(night.snapshot, **{name: opener.outcomes[name] for name in needs}))
    walked = walked.filter(pc.equal(walked.column("currency"), currency))
    for ladder in counted(moved, "ladder"):
        found = _matrix(opener, moved, walked, ladder, currency, tail)
        if found is not None:
            section.blocks.append(found)


def _matrix(opener: Opener, moved: Outcome, walked: pa.Table, ladder: str, currency: str, tail: Text) -> Table | None:
    rows = [row for row in moved.table.to_pylist() if row["ladder"] == ladder and row["currency"] == currency]
    if not rows:
        return None
    steps = walked.filter(pc.equal(walked.column("ladder"), ladder))
    codes = [c.code for c in moved.schema["from_state"].codes or ()]
    starts = [c for c in codes if any(r["from_state"] == c for r in rows)]
    ends = [c for c in codes if any(r["to_state"] == c for r in rows)]
    found = {(r["from_state"], r["to_state"]): r for r in rows}
    lines = []
    for start in starts:
        shown = code(moved, "from_state", start)
        stood = steps.filter(pc.equal(steps.column("from_state"), start))
        whole = _stood(
            opener,
            moved,
            stood,
            (currency, ladder, start, "*"),
            shown + Text("：期初合计", ": all at the opening"),
            Text(f"期初在“{shown.zh}”的借据", f"drawdowns that stood in “{shown.en}”"),
            currency,
        )
        cells: list[Any] = [shown, whole]
        for end in ends:
            row = found.get((start, end))
            if row is None:
                cells.append(words.NOTHING)
                continue
            name = shown + Text(" → ", " → ") + code(moved, "to_state", end)
            went = stood.filter(pc.equal(stood.column("to_state"), end))
            part = _stood(
                opener,
                moved,
                went,
                (currency, ladder, start, end),
                name,
                Text(f"从“{shown.zh}”到“{code(moved, 'to_state', end).zh}”的借据", f"drawdowns that went {name.en}"),
                currency,
            )
            cells.append(opener.share(row["share"], part, whole, name, source=moved, currency=currency))
        lines.append(Row(tuple(cells)))
    heads = (
        Text("期初 \\ 期末", "from \\ to"),
        Text("期初本金", "stood there"),
        *(code(moved, "to_state", end) for end in ends),
    )
    ladder_name = code(moved, "ladder", ladder)
    return Table(Text("迁徙：", "migration: ") + ladder_name + tail, heads, tuple(lines))


def _stood(
    opener: Opener, moved: Outcome, rows: pa.Table, at: tuple[str, ...], title: Text, said: Text, currency: str
) -> Figure:
    return opener.rows(rows, "drawdown_id", "principal", currency, title, said, source=moved, at=at, opens="classes")


def _bridge(section: Section, opener: Opener, currency: str, tail: Text) -> None:
    bridge = opener.outcomes["npl_movements"]
    mine = opener.only(bridge, currency)
    signs = {
        "opening": 1,
        "formation": 1,
        "write_off": -1,
        "sale": -1,
        "cash": -1,
        "waiver": -1,
        "upgrade": -1,
        "closing": 1,
    }
    steps, gap = [], 0
    for name, sign in signs.items():
        found = opener.total(
            bridge, name, mine, currency=currency, said=Text("一年来的不良借据", "bad debts of the year")
        )
        assert isinstance(found.value, int)
        level = name in ("opening", "closing")
        steps.append(pictures.Step(found.name, sign * found.value, found, level))
        gap += -found.value if name == "closing" else sign * found.value
    title = Text("一年来不良贷款的变动（本金）", "non-performing principal over a year") + tail
    section.blocks.append(Picture(title, pictures.waterfall(steps, title, currency)))
    difference = words.money(gap, currency)
    section.notes.append(
        (
            Text("变动桥逐分平衡", "the bridge closes to the fen")
            if gap == 0
            else Text(f"变动桥不平，差 {difference.zh}", f"the bridge is off by {difference.en}"),
        )
    )
