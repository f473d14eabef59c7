"""The sections on warnings, by severity, and on guarantee rings, drawn.

Invariant: as `overview`; a ring's drawer lists its guarantees, which add up to what it shows.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.night import Night
from panhuo.journey.report import pictures, words
from panhuo.journey.report.layout import (
    Gallery,
    Picture,
    Row,
    Section,
    Table,
    both,
    code,
    counted,
    equal,
    largest,
    ordered,
)
from panhuo.journey.report.opening import Figure, Opener, Part, key_of
from panhuo.journey.report.overview import SHOWN, bought_book, in_currency
from panhuo.journey.report.words import Text

STEPS = {"blue": "1", "yellow": "2", "orange": "3", "red": "5"}
COLOURS = {
    "red": Text("红", "red"),
    "orange": Text("橙", "orange"),
    "yellow": Text("黄", "yellow"),
    "blue": Text("蓝", "blue"),
}
DRAWN = 6


def _level(warned: Outcome, level: str) -> Text:
    """A level by its colour and its name."""
    name = code(warned, "level", level)
    return COLOURS.get(level, name) + Text(f"（{name.zh}）", f" ({name.en})")


def warnings(opener: Opener) -> Section | None:
    """Warnings by severity and by trigger, and those with most at stake, the gravest first."""
    outcomes = opener.outcomes
    if "warnings" not in outcomes or not len(outcomes["warnings"]) or bought_book(outcomes):
        return None
    warned = outcomes["warnings"]
    section = Section("warnings", Text("预警", "Warnings"))
    names = opener.currencies_in(warned)
    for currency in names[:SHOWN]:
        tail = in_currency(names, currency)
        section.blocks.append(_by_level(opener, warned, currency, tail))
        section.blocks.append(_by_trigger(opener, warned, currency, tail))
    section.blocks.append(_gravest(opener, warned))
    late, early = equal(warned, "r004", True), equal(warned, "before_r004", True)
    section.notes.append(
        (
            Text("R004（逾期超过30天）只看到 ", "R004 (more than 30 days past due) sees "),
            opener.count(warned, late, "balance", title=Text("R004 看到", "seen by R004")),
            Text(" 笔；另有 ", "; "),
            opener.count(warned, early, "balance", title=Text("早于 R004", "before R004")),
            Text(" 笔在它之前已被看到", " more are seen before it would"),
        )
    )
    return section


def _by_level(opener: Opener, warned: Outcome, currency: str, tail: Text) -> Table:
    mine = opener.only(warned, currency)
    rows = []
    for level in reversed(list(counted(warned, "level"))):
        where = both(mine, equal(warned, "level", level))
        shown = _level(warned, level)
        title = shown + Text("预警", " warnings") + tail
        rows.append(
            Row(
                (
                    shown,
                    opener.count(warned, where, "balance", currency=currency, title=title, said=shown),
                    opener.total(warned, "balance", where, currency=currency, title=title, said=shown),
                    opener.total(warned, "overdue_amount", where, currency=currency, said=shown),
                    opener.total(warned, "consequence", where, currency=currency, said=shown),
                ),
                STEPS.get(level, "2"),
            )
        )
    heads = (
        Text("级别", "level"),
        Text("笔数", "drawdowns"),
        Text("账面余额", "balance"),
        Text("其中已逾期", "of it past due"),
        Text("落入次级将增提", "provision added if substandard"),
    )
    return Table(Text("按级别，由重到轻", "by severity, the gravest first") + tail, heads, tuple(rows))


def _by_trigger(opener: Opener, warned: Outcome, currency: str, tail: Text) -> Table:
    mine = opener.only(warned, currency)
    levels = list(reversed(list(counted(warned, "level"))))
    rows = []
    for trigger, number in counted(warned, "trigger").items():
        here = both(mine, equal(warned, "trigger", trigger))
        if not number or not pc.any(here).as_py():
            continue
        shown = code(warned, "trigger", trigger)
        cells: list[Any] = [shown]
        for level in levels:
            where = both(here, equal(warned, "level", level))
            said = shown + Text("、", ", ") + _level(warned, level)
            some = pc.any(where).as_py()
            cells.append(
                opener.count(warned, where, "balance", currency=currency, title=said + tail, said=said)
                if some
                else words.DASH
            )
        cells.append(opener.total(warned, "balance", here, currency=currency, title=shown + tail, said=shown))
        rows.append(Row(tuple(cells)))
    rows.sort(key=lambda row: -(row.cells[-1].value or 0))  # type: ignore[union-attr,operator]
    heads = (
        Text("首要触发", "first trigger"),
        *(_level(warned, level) for level in levels),
        Text("账面余额", "balance"),
    )
    return Table(Text("按首要触发", "by first trigger") + tail, heads, tuple(rows))


def _gravest(opener: Opener, warned: Outcome) -> Table:
    columns = ("party_id", "level", "trigger", "overdue_days", "balance", "consequence")
    heads = (
        Text("借据", "drawdown"),
        Text("借款人", "borrower"),
        Text("级别", "level"),
        Text("首要触发", "first trigger"),
        Text("逾期", "past due"),
        Text("账面余额", "balance"),
        Text("落入次级将增提", "provision added if substandard"),
    )
    levels = list(counted(warned, "level"))
    table = warned.table.filter(pc.is_in(warned.table.column("level"), value_set=pa.array(levels[-2:])))
    rank = pc.index_in(table.column("level"), value_set=pa.array(levels))
    order = [("_rank", "descending"), ("balance", "descending"), ("drawdown_id", "ascending")]
    rows = []
    for row in ordered(table.append_column("_rank", rank), order, 20):
        key = key_of(warned, row)
        cells = [
            opener.cell(warned, key, name, _level(warned, row["level"]) if name == "level" else None)
            for name in columns
        ]
        rows.append(Row((opener.row(warned, key), *cells), STEPS.get(row["level"], "2")))
    caption = Text("红色在前、橙色在后，余额最大的二十笔", "red before orange, the twenty largest balances")
    return Table(caption, heads, tuple(rows))


def rings(opener: Opener, night: Night) -> Section | None:
    """The largest rings, drawn with the amounts of their guarantees: live ones first, then those on record only."""
    outcomes = opener.outcomes
    if "rings" not in outcomes or not len(outcomes["rings"]):
        return None
    found = outcomes["rings"]
    section = Section("rings", Text("担保圈", "Guarantee rings"))
    live = equal(found, "live", True)
    chosen = largest(found, "amount", DRAWN, live)
    chosen += largest(found, "amount", DRAWN - len(chosen), pc.invert(live)) if len(chosen) < DRAWN else []
    edges = _edges(night, outcomes)
    drawn, rows = [], []
    for row in chosen:
        key = key_of(found, row)
        members = str(row["members"]).split(">")
        state = Text("在保", "live") if row["live"] else Text("仅存于记录", "on record only")
        name = opener.row(found, key)
        amount = opener.cell(found, key, "amount")
        ties = _ties(opener, found, row, members, edges, name)
        caption = Text(
            f"{row['ring_id']}：{len(members)} 户，担保 {amount.text.zh}，{state.zh}",
            f"{row['ring_id']}: {len(members)} members, {amount.text.en} guaranteed, {state.en}",
        )
        cut = (row["cut_from"], row["cut_to"]) if row["cut_from"] else None
        drawn.append(Picture(caption, pictures.ring(members, caption, ties, name.drawer, cut)))
        cells = (
            name,
            opener.cell(found, key, "length"),
            amount,
            opener.cell(found, key, "weakest_amount"),
            state,
            opener.cell(found, key, "members_overdue"),
            opener.cell(found, key, "cut_from"),
            opener.cell(found, key, "cut_to"),
        )
        rows.append(Row(cells, "4" if row["in_distress"] else "1"))
    heads = (
        Text("担保圈", "ring"),
        Text("户数", "members"),
        Text("担保金额", "guaranteed"),
        Text("最小一环", "smallest"),
        Text("状态", "state"),
        Text("逾期成员", "members past due"),
        Text("建议解开：保证人", "where to cut: guarantor"),
        Text("为谁担保", "for whom"),
    )
    what = Text(
        "金额最大的担保圈（箭头由保证人指向债务人，粗细按金额）",
        "the largest rings (arrows from guarantor to debtor, width by amount)",
    )
    section.blocks.append(Gallery(what, tuple(drawn)))
    section.blocks.append(Table(Text("图中各圈", "the rings drawn"), heads, tuple(rows)))
    section.notes.append(
        (
            Text("长度不超过 6 的担保圈共 ", "Rings of length up to 6 in all: "),
            opener.count(found, None, title=Text("全部担保圈", "all rings")),
            Text(" 个，其中在保 ", ", of them live: "),
            opener.count(found, live, title=Text("在保担保圈", "live rings"), said=Text("在保", "live")),
            Text(" 个；数目精确，不是抽样", "; the count is exact, not a sample"),
        )
    )
    return section


def _edges(night: Night, outcomes: dict[str, Outcome]) -> dict[tuple[str, str], dict[str, int]]:
    """What each guarantor answers for, by debtor and currency."""
    from panhuo.stages.monitoring.rings import guarantee_edges

    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in guarantee_edges(night.snapshot, outcomes["days_past_due"]).to_pylist():
        held = found.setdefault((str(row["src"]), str(row["dst"])), {})
        if row["amount"]:
            held[row["currency"]] = held.get(row["currency"], 0) + row["amount"]
    return found


def _ties(
    opener: Opener,
    found: Outcome,
    row: dict[str, Any],
    members: list[str],
    edges: dict[tuple[str, str], dict[str, int]],
    name: Figure,
) -> list[tuple[int, Text]]:
    """(amount, how it reads) of each guarantee round the ring; listed in the ring's drawer."""
    ties, parts = [], []
    for giver, taker in zip(members, members[1:] + members[:1], strict=True):
        held = edges.get((giver, taker), {})
        texts = [words.exact(amount, currency) for currency, amount in sorted(held.items())]
        labels = [words.short(amount, currency) for currency, amount in sorted(held.items())]
        text = texts[0] if texts else Text("已结清", "repaid")
        label = labels[0] if len(labels) == 1 else Text("多币种", "several") if labels else text
        for more in texts[1:]:
            text = text + Text("、", ", ") + more
        amount = sum(held.values()) if len(held) == 1 else 0
        ties.append((amount, label))
        arrow = Text(f"{giver} → {taker}", f"{giver} → {taker}")
        parts.append(Part(arrow, text, amount if row["amount"] is not None else None))
    said = Text("各环担保（债务余额，以约定上限为限）", "the guarantees round it (balances, held at the cap agreed)")
    opener.extend(name.drawer, parts, said)
    return ties
