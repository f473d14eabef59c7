"""Today: what changed since the last night, what needs whoever looks, where the money is at risk.

Invariant: a change is a difference between two sealed nights, row by row; with one night alone the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.ground.record.columns import Column
from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.overview import figures_of_book
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.front import front_of
from panhuo_server.console.pieces.figures import RISK, Badge, Figure, Figures, badge, day, large, row_address
from panhuo_server.console.results import Night, nights
from panhuo_server.console.tasks import tasks
from panhuo_server.console.teaching import first_night

PURPOSES = ("monitoring", "valuation", "recovery", "origination", "approval", "audit", "reporting")
LINES = 8


@dataclass(frozen=True)
class Line:
    """Something that needs somebody: its risk, what it is, the day or the change, and the money."""

    badge: Badge
    name: Text
    note: Text
    amount: Figure
    before: Badge | None = None


def _codes(
    now: Mapping[str, Outcome], before: Mapping[str, Outcome], name: str, column: str, amount: str
) -> list[Line]:
    """Rows whose code changed between two nights, the largest amount first."""
    declared: Column = now[name].schema[column]
    key = list(now[name].schema.key)
    old = before[name].table.select([*key, column]).rename_columns([*key, "_before"])
    held = _in_currencies(now, name).select([*key, column, amount, "_currency"])
    joined = held.join(old, keys=key, join_type="inner")
    moved = joined.filter(pc.fill_null(pc.not_equal(joined.column(column), joined.column("_before")), False))
    order = [(amount, "descending"), *[(k, "ascending") for k in key]]
    moved = moved.take(pc.sort_indices(moved, sort_keys=order, null_placement="at_end"))
    found = []
    for row in moved.to_pylist():
        ids = [row[k] for k in key]
        worse = RISK.get(row[column], 0) > RISK.get(row["_before"], 0)
        found.append(
            Line(
                badge(declared, row[column]), _names(now, name, ids),
                Text("变差", "worse") if worse else Text("好转", "better"),
                Figure(large(row[amount], row["_currency"]), row_address(name, ids, column),
                       exact=words.exact(row[amount], row["_currency"])),
                badge(declared, row["_before"]),
            )
        )  # fmt: skip
    return found


def _in_currencies(night: Mapping[str, Outcome], name: str) -> pa.Table:
    outcome = night[name]
    return outcome.table.append_column("_currency", Figures(night).currencies(outcome))


def _names(night: Mapping[str, Outcome], name: str, ids: list[str]) -> Text:
    if name != "deadlines":
        return Text(" ".join(ids), " ".join(ids))
    kind = night[name].schema["kind"].codes
    held = kind[ids[0]] if kind else None
    return Text(f"{held.zh} {ids[1]}", f"{held.en} {ids[1]}") if held else Text(" ".join(ids), " ".join(ids))


def changes(now: Night, before: Night) -> list[tuple[Text, int, list[Line]]]:
    """What changed line by line: title, how many in all, the largest."""
    found = []
    for name, column, amount, title in (
        ("classes", "class", "balance", Text("分类变动", "Classes that moved")),
        ("deadlines", "state", "consequence", Text("期限变动", "Deadlines that moved")),
        ("warnings", "level", "balance", Text("预警变动", "Warnings that moved")),
    ):
        if name in now and name in before:
            lines = _codes(now, before, name, column, amount)
            found.append((title, len(lines), lines[:LINES]))
    return found


def needs(night: Night) -> list[tuple[Text, str, int, list[Line]]]:
    """What needs somebody: title, where all of it stands, how many, and the first."""
    found = []
    if "deadlines" in night:
        wall = night["deadlines"]
        table = _in_currencies(night, "deadlines")
        rows = table.filter(pc.is_in(table.column("state"), value_set=pa.array(["urgent", "soon"])))
        rows = rows.take(pc.sort_indices(rows, sort_keys=[("last_day", "ascending"), ("consequence", "descending")]))
        lines = [
            Line(
                badge(wall.schema["state"], row["state"]), _names(night, "deadlines", [row["kind"], row["entity_id"]]),
                Text(f"{day(row['last_day']).zh}，还有 {row['days_left']} 天",
                     f"{day(row['last_day']).en}, {row['days_left']} days left"),
                Figure(large(row["consequence"], row["_currency"]),
                       row_address("deadlines", (row["kind"], row["entity_id"]), "consequence"),
                       exact=words.exact(row["consequence"], row["_currency"])),
            )
            for row in rows.slice(0, LINES).to_pylist()
        ]  # fmt: skip
        title = Text("九十日内到期的权利", "Rights that end within ninety days")
        found.append((title, "/console/deadlines?f.state=urgent&f.state=soon", len(rows), lines))
    if "warnings" in night:
        warned = night["warnings"]
        table = _in_currencies(night, "warnings")
        rows = table.filter(pc.fill_null(pc.equal(table.column("level"), "red"), False))
        rows = rows.take(pc.sort_indices(rows, sort_keys=[("balance", "descending"), ("drawdown_id", "ascending")]))
        trigger = warned.schema["trigger"].codes
        lines = []
        for row in rows.slice(0, LINES).to_pylist():
            held = trigger[row["trigger"]] if trigger and row["trigger"] else None
            lines.append(
                Line(
                    badge(warned.schema["level"], row["level"]), Text(row["drawdown_id"], row["drawdown_id"]),
                    Text(held.zh, held.en) if held else words.NOTHING,
                    Figure(large(row["balance"], row["_currency"]),
                           row_address("warnings", (row["drawdown_id"],), "balance"),
                           exact=words.exact(row["balance"], row["_currency"])),
                )
            )  # fmt: skip
        found.append(
            (Text("红色预警所涉余额", "Balance under red warnings"), "/console/warnings?f.level=red", len(rows), lines)
        )
    return found


def money(figures: Figures, night: Night) -> list[Figure]:
    """Where the money is."""
    found = figures_of_book(figures, night)
    if "claim_values" in night:
        found.append(figures.total("claim_values", "debt", title=Text("债权本息", "Debt of claims")))
        found.append(figures.total("claim_values", "value", title=Text("债权价值", "Value of claims")))
    if "maximum_bids" in night:
        found.append(figures.total("maximum_bids", "maximum_bid", title=Text("最高报价", "Maximum bids")))
    if "deadlines" in night:
        where = (("state", ("urgent", "soon")),)
        title = Text("九十日内到期权利所涉", "At stake in ninety days")
        found.append(figures.total("deadlines", "consequence", where, title=title, risk=4))
    return found


@page()
def today(visit: Visit) -> HttpResponse:
    """The first page."""
    other = front_of(visit)
    if other is not None:
        found_there: HttpResponse = other(visit)
        return found_there
    if visit.purpose_of(PURPOSES) is None:
        return shown(visit.request, "console/nothing_here.html", {"room": ""}, visit=visit)
    waiting = tasks.counts(visit)
    with visit.acting(*PURPOSES):
        found = nights(visit)
        if not found:
            return first_night(visit, "today")
        night, before = found[0], (found[1] if len(found) > 1 else None)
        given = {
            "room": "today", "night": night, "before": before, "money": money(Figures(night), night),
            "waiting": waiting, "needs": needs(night), "changes": changes(night, before) if before else [],
        }  # fmt: skip
        return shown(visit.request, "console/today.html", given, visit=visit)
