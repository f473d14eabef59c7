"""The sections on bad debt: the wall of deadlines, and claims with their value, bid and route.

Invariant: as `overview`: order and words are decided here, numbers are not.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import pictures, words
from panhuo.journey.report.layout import (
    Picture,
    Row,
    Section,
    Table,
    among,
    both,
    code,
    counted,
    equal,
    largest,
    ordered,
)
from panhuo.journey.report.opening import Figure, Opener, key_of
from panhuo.journey.report.words import Text

STATES = ("passed", "urgent", "soon", "running", "kept", "unknown")
STEPS = {"passed": "5", "urgent": "4", "soon": "3", "running": "1", "kept": "1", "unknown": "2"}
RUNNING = ("urgent", "soon", "running")
SPANS = (
    ((0, 30), Text("30 天以内", "within 30 days"), "risk5"),
    ((31, 60), Text("31–60 天", "31 to 60 days"), "risk4"),
    ((61, 90), Text("61–90 天", "61 to 90 days"), "risk3"),
    ((91, 180), Text("91–180 天", "91 to 180 days"), "risk2"),
    ((181, 365), Text("181–365 天", "181 to 365 days"), "risk1"),
    ((366, 10**6), Text("一年以上", "over a year"), "risk1"),
)
LINES = 40


def deadlines(opener: Opener) -> Section | None:
    """期限墙: what ends next, day by day, with the money at risk."""
    if "deadlines" not in opener.outcomes or not len(opener.outcomes["deadlines"]):
        return None
    wall = opener.outcomes["deadlines"]
    section = Section("deadlines", Text("期限墙", "Deadlines"))
    section.lead.append(
        Text(
            "只凭到达有据的证据计算；公告和仅有投递的证据不推迟任何日期。按最后一日先后、同日按金额大小排列。",
            "Counted on evidence that the other side was reached; newspaper notice and bare posting move no day. "
            "In order of the last day, within a day by the money at risk.",
        )
    )
    picture = _wall(opener, wall)
    if picture is not None:
        section.blocks.append(picture)
    where = among(wall, "state", RUNNING)
    coming = wall.table.filter(pc.fill_null(where, False))
    order = [
        ("last_day", "ascending"),
        ("consequence", "descending"),
        ("kind", "ascending"),
        ("entity_id", "ascending"),
    ]
    caption = Text("将到期的权利，按日排列", "rights that end, day by day")
    section.blocks.append(_lines(opener, wall, ordered(coming, order, LINES), caption))
    if len(coming) > LINES:
        section.notes.append(
            (
                Text("尚在期内的权利共 ", "Rights still running in all: "),
                opener.count(wall, where, "consequence", title=Text("尚在期内", "still running")),
                Text(" 项，表中列最早到期的四十项", "; the table lists the forty that end first"),
            )
        )
    section.blocks.append(_by_kind(opener, wall))
    passed = largest(wall, "consequence", 15, equal(wall, "state", "passed"))
    caption = Text("已过期限，金额最大的十五项", "already past, the fifteen largest")
    section.blocks.append(_lines(opener, wall, passed, caption))
    return section


def _wall(opener: Opener, wall: Outcome) -> Picture | None:
    days = wall.table.column("days_left")
    running = among(wall, "state", RUNNING)
    bars: list[tuple[Text, int, Figure | None, Figure | None, str]] = []
    for (first, last), name, kind in SPANS:
        where = both(running, both(pc.greater_equal(days, first), pc.less_equal(days, last)))
        if not pc.any(where).as_py():
            bars.append((name, 0, None, None, kind))
            continue
        number = opener.count(wall, where, "consequence", title=name, said=name)
        amount = opener.total(wall, "consequence", where, title=name, said=name)
        bars.append((name, amount.value if isinstance(amount.value, int) else 0, number, amount, kind))
    if not any(bar[2] for bar in bars):
        return None
    caption = Text("还有多少天：项数与所系金额", "days left: how many rights, and the money at risk")
    return Picture(caption, pictures.wall(bars, caption))


def _lines(opener: Opener, wall: Outcome, rows: list[dict[str, Any]], caption: Text) -> Table:
    heads = (
        Text("最后一日", "last day"),
        Text("剩余", "left"),
        Text("期限", "deadline"),
        Text("所系", "about"),
        Text("证据", "evidence"),
        Text("逾期后果", "money at risk"),
    )
    lines = []
    for row in rows:
        key = key_of(wall, row)
        gone = row["days_left"] is not None and row["days_left"] < 0
        since = words.count(-row["days_left"]) if gone else words.NOTHING
        left = Text(f"已过 {since.zh} 天", f"{since.en} days ago") if gone else None
        cells = (
            opener.cell(wall, key, "last_day"),
            opener.cell(wall, key, "days_left", left),
            *(opener.cell(wall, key, name) for name in ("kind", "entity_id", "evidence", "consequence")),
        )
        lines.append(Row(cells, STEPS.get(row["state"], "2")))
    return Table(caption, heads, tuple(lines))


def _by_kind(opener: Opener, wall: Outcome) -> Table:
    heads = (
        Text("期限", "deadline"),
        *(code(wall, "state", state) for state in STATES),
        Text("九十日内金额", "at risk in 90 days"),
    )
    rows = []
    for kind, number in counted(wall, "kind").items():
        if not number:
            continue
        shown = code(wall, "kind", kind)
        mine = equal(wall, "kind", kind)
        cells: list[Any] = [shown]
        for state in STATES:
            where = both(mine, equal(wall, "state", state))
            said = shown + Text("：", ": ") + code(wall, "state", state)
            some = pc.any(where).as_py()
            cells.append(opener.count(wall, where, "consequence", title=said, said=said) if some else words.DASH)
        where = both(mine, among(wall, "state", ("urgent", "soon")))
        said = shown + Text("：九十日内", ": within 90 days")
        some = pc.any(where).as_py()
        cells.append(opener.total(wall, "consequence", where, title=said, said=said) if some else words.DASH)
        rows.append(Row(tuple(cells)))
    return Table(Text("各类期限", "by kind"), heads, tuple(rows))


def claims(opener: Opener) -> Section | None:
    """Claims: value, maximum bid and best route, and for the largest how the value and the bid come about."""
    outcomes = opener.outcomes
    if "claim_values" not in outcomes or not len(outcomes["claim_values"]):
        return None
    values, bids, routes = outcomes["claim_values"], outcomes.get("maximum_bids"), outcomes.get("claim_routes")
    section = Section("claims", Text("债权价值与处置路径", "Claims: value, bid and route"))
    section.lead.append(
        Text(
            "价值分析工作底稿，不是评估报告；市场假设见每个数字的出处，未经本机构确认前仅供讨论。",
            "A working paper of value analysis, not an appraisal report; "
            "its market assumptions stand in the lineage of every figure.",
        )
    )
    heads = (
        Text("债权", "claim"),
        Text("债权总额", "debt"),
        Text("价值", "value"),
        Text("本金回收率", "of principal"),
        Text("本息折扣率", "of debt"),
        Text("最高报价", "maximum bid"),
        Text("最优路径", "best route"),
        Text("该路径价值", "value by that route"),
    )
    rows = []
    top = largest(values, "debt", 12)
    for row in top:
        key = key_of(values, row)
        bid: Any = opener.cell(bids, key, "maximum_bid") if bids is not None else words.DASH
        best: Any = opener.cell(routes, key, "best") if routes is not None else words.DASH
        by_it: Any = opener.cell(routes, key, "best_value") if routes is not None else words.DASH
        cells = (opener.cell(values, key, name) for name in ("debt", "value", "value_to_principal", "value_to_debt"))
        rows.append(Row((opener.row(values, key), *cells, bid, best, by_it)))
    section.blocks.append(Table(Text("债权总额最大的十二户", "the twelve largest"), heads, tuple(rows)))
    if bids is not None:
        for row in largest(values, "value", 3):
            section.blocks.append(_claim_waterfall(opener, values, bids, row))
    collateral = outcomes.get("collateral_values")
    if collateral is not None and len(collateral):
        for row in largest(collateral, "value", 3, pc.is_valid(collateral.table.column("value"))):
            section.blocks.append(_collateral_waterfall(opener, collateral, row))
    return section


def _step(name: Text, amount: int, opens: Figure, level: bool = False) -> pictures.Step:
    return pictures.Step(name, amount, opens, level)


def _claim_waterfall(opener: Opener, values: Outcome, bids: Outcome, row: dict[str, Any]) -> Picture:
    """From the debt to its value by source, and from the value to the maximum bid."""
    key = key_of(values, row)
    at = bids.row_of(*key)
    bid = bids.table.slice(at, 1).to_pylist()[0]
    cells = {name: opener.cell(values, key, name) for name in ("debt", "value")}
    theirs = {
        name: opener.cell(bids, key, name)
        for name in ("at_target_return", "minus_management", "minus_haircut", "maximum_bid")
    }
    steps = [
        _step(Text("债权总额", "debt"), row["debt"], cells["debt"], True),
        _step(Text("收不回的部分与时间折现", "not recovered, and time"), row["value"] - row["debt"], cells["value"]),
        _step(Text("价值", "value"), row["value"], cells["value"], True),
    ]
    if bid["maximum_bid"] is not None and bid["at_target_return"] is not None:
        steps.append(
            _step(
                Text("要求的目标回报", "the return asked for"),
                bid["at_target_return"] - row["value"],
                theirs["at_target_return"],
            )
        )
        for name in ("minus_management", "minus_haircut"):
            if bid[name]:
                steps.append(_step(theirs[name].name, bid[name], theirs[name]))
        steps.append(_step(Text("最高报价", "maximum bid"), bid["maximum_bid"], theirs["maximum_bid"], True))
    title = Text(f"债权 {key[0]}：从债权总额到价值、到最高报价", f"claim {key[0]}: from debt to value to maximum bid")
    heads = (Text("价值来自", "value from"), Text("金额", "amount"))
    names = ("from_collateral", "from_guarantors", "from_ordinary")
    parts = tuple(Row((words.label(values.schema[n]), opener.cell(values, key, n))) for n in names)
    behind = Table(
        Text("价值由何而来", "where the value comes from"), heads, parts, Row((Text("合计", "total"), cells["value"]))
    )
    return Picture(title, pictures.waterfall(steps, title, opener.currency_at(values, values.row_of(*key))), behind)


PRICE_TO_VALUE = (
    "expected_price",
    "minus_tax",
    "minus_appraisal",
    "minus_fee",
    "minus_ahead",
    "minus_cap",
    "minus_disposal",
    "minus_time",
)


def _collateral_waterfall(opener: Opener, collateral: Outcome, row: dict[str, Any]) -> Picture:
    key = key_of(collateral, row)
    steps = []
    for name in (*PRICE_TO_VALUE, "value"):
        if row[name]:
            found = opener.cell(collateral, key, name)
            steps.append(_step(found.name, row[name], found, name in ("expected_price", "value")))
    name = f"{row['claim_id']} · {row['asset_id']}"
    title = Text(f"担保财产 {name}：从成交价到价值", f"collateral {name}: from price to value")
    return Picture(title, pictures.waterfall(steps, title, opener.currency_at(collateral, collateral.row_of(*key))))
