"""What was decided on the class of each loan: the latest decision, the one at the last quarter's end, and what waits.

Invariant: decisions are facts, those sealed after the night included; a class is compared with the night's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.ground.record.errors import NotFound
from panhuo_server.console.results import Night
from panhuo_server.store.reading import facts_of

DIFFERS = CodeList.of(
    "class_differences",
    ("agrees", "与系统一致", "as the rules ask"),
    ("too_good", "认定优于系统", "decided better than the rules allow"),
    ("lower", "认定低于系统", "decided lower than the rules ask"),
    ("never", "未认定过", "never decided"),
)
MOVED = CodeList.of(
    "class_moves",
    ("same", "未变", "same"),
    ("worse", "变差", "worse"),
    ("better", "好转", "better"),
    ("none", "上季末无认定", "not decided then"),
)
SIGNED = CodeList.of(
    "class_sign_off",
    ("open", "待认定", "to be decided"),
    ("waiting", "待复核", "waits for approval"),
    ("signed", "本期已认定", "decided this quarter"),
)
EXTRA = {
    "decided": Column("decided", ColumnType.CODE, "最近认定", "last decided", codes=FIVE_CLASSES),
    "decided_on": Column("decided_on", ColumnType.DATE, "认定日", "decided on"),
    "by_officer": Column("by_officer", ColumnType.CODE, "客户经理意见", "officer's opinion", codes=FIVE_CLASSES),
    "by_committee": Column("by_committee", ColumnType.CODE, "委员会意见", "committee's opinion", codes=FIVE_CLASSES),
    "quarter_before": Column("quarter_before", ColumnType.CODE, "上季末认定", "at last quarter's end",
                             codes=FIVE_CLASSES),
    "differs": Column("differs", ColumnType.CODE, "认定与系统", "decision and rules", codes=DIFFERS),
    "moved": Column("moved", ColumnType.CODE, "较上季末", "since last quarter", codes=MOVED),
    "sign_off": Column("sign_off", ColumnType.CODE, "签认", "sign-off", codes=SIGNED),
    "reason": Column("reason", ColumnType.TEXT, "理由", "reason"),
}  # fmt: skip
"""Columns that stand beside the night's classes."""


def last_quarter_end(day: date) -> date:
    """The end of the quarter before the one a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


def decisions(night: Night) -> list[dict[str, Any]]:
    """Every decision up to the night's day, whenever sealed, in the order they were made."""
    try:
        rows = facts_of("class_decisions", as_of=night.as_of)
    except NotFound:
        return []
    names = ["drawdown_id", "decided_on", "officer", "committee", "final", "reason", "fact_sequence", "fact_position"]
    keys = [(name, "ascending") for name in ("decided_on", "fact_sequence", "fact_position")]
    ordered: list[dict[str, Any]] = rows.select(names).take(pc.sort_indices(rows, sort_keys=keys)).to_pylist()
    return ordered


def beside(night: Night, waits: Mapping[str, str]) -> pa.Table:
    """The night's classes with the columns of `EXTRA`; `waits` are loans in open reviews."""
    table = night["classes"].table
    quarter = last_quarter_end(night.as_of)
    latest: dict[str, dict[str, Any]] = {}
    then: dict[str, str] = {}
    for row in decisions(night):
        latest[row["drawdown_id"]] = row
        if row["decided_on"] <= quarter:
            then[row["drawdown_id"]] = row["final"]
    place = FIVE_CLASSES.positions
    made: dict[str, list[Any]] = {name: [] for name in EXTRA}
    ids, classes = table.column("drawdown_id").to_pylist(), table.column("class").to_pylist()
    for drawdown, held in zip(ids, classes, strict=True):
        last, before = latest.get(drawdown), then.get(drawdown)
        final = last["final"] if last else None
        made["decided"].append(final)
        made["decided_on"].append(last["decided_on"] if last else None)
        made["by_officer"].append(last["officer"] if last else None)
        made["by_committee"].append(last["committee"] if last else None)
        made["quarter_before"].append(before)
        made["reason"].append(last["reason"] if last else None)
        made["differs"].append(compared(final, held, place))
        by = None if before is None or held is None else place[held] - place[before]
        made["moved"].append("none" if by is None else "worse" if by > 0 else "better" if by < 0 else "same")
        signed = last is not None and last["decided_on"] > quarter
        made["sign_off"].append("waiting" if drawdown in waits else "signed" if signed else "open")
    for name, column in EXTRA.items():
        table = table.append_column(name, pa.array(made[name], column.arrow_type()))
    return table


def compared(final: str | None, held: str | None, place: Mapping[str, int]) -> str | None:
    """How a decision stands to what the rules ask for."""
    if final is None:
        return "never"
    if held is None:
        return None
    by = place[final] - place[held]
    return "agrees" if by == 0 else "lower" if by > 0 else "too_good"
