"""What a person may do about the class of loans: which classes may be proposed, and what a proposal would change.

Invariant: lines of a review come from the sealed night, never from a form; only a class and its reason are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import BY_CODE, allows
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import Figures
from panhuo_server.console.results import Night
from panhuo_server.flows.approvals import needed_for
from panhuo_server.flows.class_decisions import Line, waiting
from panhuo_server.flows.ladder import CLASS_LADDER

CLASSES = {k.code: Text(k.zh, k.en) for k in FIVE_CLASSES}
"""What classes are called."""


@dataclass(frozen=True)
class Offer:
    """The classes an officer may propose for one loan, and the review it waits in."""

    drawdown: str
    floor: Text
    choices: Sequence[tuple[str, Text]]
    waits: str


def may_propose(visit: Visit) -> bool:
    """Whether this person's roles propose."""
    return allows(visit.place.roles, "propose")


def offered(visit: Visit, night: Night, drawdown: str) -> Offer | None:
    """What may be proposed for a loan; nothing for who may not. Inside `acting`."""
    if not may_propose(visit):
        return None
    held = night["classes"]
    floor = held.table.column("class")[held.row_of(drawdown)].as_py()
    if floor is None:
        return None
    choices = [(k, v) for k, v in CLASSES.items() if FIVE_CLASSES.positions[k] >= FIVE_CLASSES.positions[floor]]
    return Offer(drawdown, CLASSES[floor], choices, waiting().get(drawdown, ""))


def lines_from(rows: pa.Table, proposed: str = "") -> list[Line]:
    """Lines of a review from rows of the night's classes: as the rules ask, or all at one class."""
    return [
        Line(row["drawdown_id"], row["party_id"], row["class"], proposed or row["class"], row["route"], row["balance"])
        for row in rows.select(["drawdown_id", "party_id", "class", "route", "balance"]).to_pylist()
        if row["class"] is not None
    ]


def consequences(night: Night, lines: Sequence[Line], currency: str) -> list[Text]:
    """What sealing these lines would mean, in numbers."""
    place = FIVE_CLASSES.positions
    balance = sum(line.balance for line in lines)
    much = words.exact(balance, currency)
    said = [Text(f"{len(lines):,} 笔，账面余额 {much.zh}。", f"{len(lines):,} loans with a book balance of {much.en}.")]
    by_class = []
    for code, name in CLASSES.items():
        mine = [line for line in lines if line.proposed == code]
        if mine:
            amount = words.exact(sum(line.balance for line in mine), currency)
            by_class.append(Text(f"{name.zh} {len(mine):,} 笔 {amount.zh}", f"{len(mine):,} {name.en} {amount.en}"))
    said.append(Text("；".join(t.zh for t in by_class) + "。", "; ".join(t.en for t in by_class) + "."))
    booked = _last_decided(night, lines)
    worse = sum(
        1 for line in lines if booked.get(line.drawdown) and place[line.proposed] > place[booked[line.drawdown]]
    )
    better = sum(
        1 for line in lines if booked.get(line.drawdown) and place[line.proposed] < place[booked[line.drawdown]]
    )
    first = sum(1 for line in lines if not booked.get(line.drawdown))
    said.append(Text(
        f"与最近一次认定相比：{worse:,} 笔变差，{better:,} 笔好转，{first:,} 笔首次认定。",
        f"Against the last decision: {worse:,} worse, {better:,} better, {first:,} decided for the first time.",
    ))  # fmt: skip
    lowered = sum(line.lowered for line in lines)
    if lowered:
        said.append(Text(f"其中 {lowered:,} 笔低于系统判定。", f"{lowered:,} of them lower than the rules ask for."))
    role = BY_CODE[needed_for(balance, CLASS_LADDER).role]
    said.append(Text(
        f"须由他人以“{role.zh}”身份复核；复核通过即封存为事实，只能以新的认定更正。在此之前可以撤回。",
        f"Somebody else must approve it as {role.en}; approved, it is sealed as facts, which a new decision alone can "
        "correct. Until then it can be withdrawn.",
    ))  # fmt: skip
    return said


def _last_decided(night: Night, lines: Sequence[Line]) -> dict[str, str]:
    held = night["classes"].table
    mine = held.filter(pc.is_in(held.column("drawdown_id"), value_set=pa.array([x.drawdown for x in lines])))
    pairs: list[dict[str, Any]] = mine.select(["drawdown_id", "booked"]).to_pylist()
    return {row["drawdown_id"]: row["booked"] for row in pairs if row["booked"]}


def currency_of(night: Night, rows: pa.Table) -> str:
    """The one currency of rows; empty when they have several."""
    held = night["classes"]
    all_rows = pa.table({"id": held.table.column("drawdown_id"), "currency": Figures(night).currencies(held)})
    mine = all_rows.filter(pc.is_in(all_rows.column("id"), value_set=rows.column("drawdown_id").combine_chunks()))
    found = pc.unique(mine.column("currency")).to_pylist()
    return str(found[0]) if len(found) == 1 else ""
