"""What moved between two nights, line by line: classes, deadlines, warnings, provisions, values; each opens to both.

Invariant: a line is a difference between two sealed outcomes of the same name, found by key; what is new and what is
gone is listed too; sums are of every line, not of those shown, and of one currency each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import NotFound
from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.stated import each, sums
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import RISK, Badge, Figures, badge, exactly, large, plain
from panhuo_server.console.results import Night, purposes_of
from panhuo_server.console.teaching import ANY
from panhuo_server.console.why import name_of
from panhuo_server.flows.results import results_folder
from panhuo_server.store import outcomes as known
from panhuo_server.store.layout import Layout

LINES = 15
"""Lines shown of each outcome; `all` shows every one."""
MOST = 2_000


@dataclass(frozen=True)
class Compared:
    """What is compared of an outcome: the columns whose change is a line, and the one lines are ordered by."""

    outcome: str
    columns: tuple[str, ...]
    order: str


COMPARED = (
    Compared("classes", ("class",), "balance"),
    Compared("deadlines", ("state", "last_day"), "consequence"),
    Compared("warnings", ("level",), "balance"),
    Compared("provisions", ("specific", "expected_loss"), "specific"),
    Compared("claim_values", ("value",), "value"),
    Compared("maximum_bids", ("maximum_bid",), "maximum_bid"),
)
"""What people ask about in the morning, in that order."""


@dataclass(frozen=True)
class Change:
    """One column of a line, before and after; for money the difference."""

    name: Text
    before: Text
    after: Text
    was: Badge | None
    now: Badge | None
    by: Text


@dataclass(frozen=True)
class Line:
    """One row that moved."""

    key: Text
    href: str
    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Moved:
    """What moved in an outcome."""

    outcome: str
    title: Text
    changed: int
    new: int
    gone: int
    worse: int
    better: int
    net: Text
    lines: tuple[Line, ...]
    more: int


def night_of(visit: Visit, run: str) -> Night:
    """A night by its name. In `acting`.

    Raises:
        NotFound: when there is none, or its results are not here.
    """
    found = next((one for one in known.runs() if one.run == run), None)
    folder = results_folder(Layout.current(), visit.place.org, run)
    if found is None or not (folder / "run.json").exists():
        raise NotFound("there is no such night", where=run)
    listed = {o.name: o for o in known.of_run(run) if visit.purpose_of(purposes_of(o.name))}
    return Night(visit, run, found.as_of, found.sequence, folder, listed)


def earlier(visit: Visit, run: str) -> list[known.KnownRun]:
    """Nights on earlier facts or an earlier day whose results are here, the nearest first. In `acting`."""
    runs = known.runs()
    mine = next((one for one in runs if one.run == run), None)
    if mine is None:
        raise NotFound("there is no such night", where=run)
    layout, org = Layout.current(), visit.place.org
    before = [
        one for one in runs
        if (one.sequence, one.as_of) < (mine.sequence, mine.as_of)
        and (results_folder(layout, org, one.run) / "run.json").exists()
    ]  # fmt: skip
    return sorted(before, key=lambda one: (one.sequence, one.as_of, one.outcomes), reverse=True)


def joined(now: Outcome, before: Outcome, columns: Sequence[str], figures: tuple[Figures, Figures]) -> pa.Table:
    """Both outcomes' rows by key: ``COLUMN``, ``COLUMN_before``, the currency, and whether each side has the row."""
    keys = list(now.schema.key)
    wanted = [name for name in dict.fromkeys(columns) if name in now.schema and name in before.schema]
    left = now.table.select([*keys, *wanted]).append_column("here", pa.array([True] * len(now)))
    right = before.table.select([*keys, *wanted]).append_column("here", pa.array([True] * len(before)))
    left = left.append_column("_currency", figures[0].currencies(now))
    right = right.append_column("_currency", figures[1].currencies(before))
    right = right.rename_columns([*keys, *[f"{name}_before" for name in [*wanted, "here", "_currency"]]])
    return left.join(right, keys=keys, join_type="full outer", use_threads=False)


def _differs(both: pa.Table, name: str) -> pa.Array:
    after, before = both.column(name), both.column(f"{name}_before")
    unequal = pc.fill_null(pc.not_equal(after, before), False)
    return pc.or_(unequal, pc.xor(after.is_null(), before.is_null()))


def _steps(column: Column, both: pa.Table) -> tuple[int, int]:
    worse = better = 0
    for after, before in zip(
        both.column(column.name).to_pylist(), both.column(f"{column.name}_before").to_pylist(), strict=True
    ):
        by = RISK.get(after, 0) - RISK.get(before, 0)
        worse, better = worse + (by > 0), better + (by < 0)
    return worse, better


def moved(
    now: Outcome, before: Outcome, asked: Compared, against: str, run: str, *, every: bool = False,
    figures: tuple[Figures, Figures] | None = None,
) -> Moved:  # fmt: skip
    """What moved in an outcome between two nights; `figures` of the two know the currencies of rows."""
    figures = figures or (Figures({now.name: now}), Figures({before.name: before}))
    columns = [name for name in asked.columns if name in now.schema and name in before.schema]
    both = joined(now, before, [*columns, asked.order], figures)
    here, there = both.column("here").is_valid(), both.column("here_before").is_valid()
    differs = None
    for name in columns:
        one = _differs(both, name)
        differs = one if differs is None else pc.or_(differs, one)
    changed = pc.and_(pc.and_(here, there), differs)
    told = pc.or_(both.column(columns[0]).is_valid(), both.column(f"{columns[0]}_before").is_valid())
    one_sided = pc.and_(pc.xor(here, there), told)  # a row without a word in it is neither new nor gone
    kept = both.append_column("one_sided", one_sided).filter(pc.or_(changed, one_sided))
    first = now.schema[columns[0]]
    worse, better = _steps(first, both.filter(changed)) if first.codes is not None else (0, 0)
    after, was = kept.column(asked.order), kept.column(f"{asked.order}_before")
    size = pc.max_element_wise(pc.abs(pc.fill_null(after, 0)), pc.abs(pc.fill_null(was, 0)))
    net = words.NOTHING
    if first.codes is None:
        by = pc.subtract(pc.fill_null(after, 0), pc.fill_null(was, 0))
        size, net = pc.abs(by), each(_net(kept, asked.order), large)
    order = pc.sort_indices(
        kept.append_column("size", size),
        sort_keys=[("one_sided", "ascending"), ("size", "descending"), *[(key, "ascending") for key in now.schema.key]],
    )
    limit = MOST if every else LINES
    rows = kept.take(order).slice(0, limit).to_pylist()
    return Moved(
        asked.outcome, name_of(asked.outcome), pc.sum(changed.cast(pa.int64())).as_py() or 0,
        pc.sum(pc.and_(one_sided, here).cast(pa.int64())).as_py() or 0,
        pc.sum(pc.and_(one_sided, there).cast(pa.int64())).as_py() or 0, worse, better, net,
        tuple(_line(now, columns, row, run, against) for row in rows), max(0, len(kept) - limit),
    )  # fmt: skip


def _net(kept: pa.Table, column: str) -> dict[str, int]:
    after = zip(kept.column("_currency").to_pylist(), kept.column(column).to_pylist(), strict=True)
    was = zip(kept.column("_currency_before").to_pylist(), kept.column(f"{column}_before").to_pylist(), strict=True)
    found = sums((currency, value) for currency, value in after if currency is not None)
    for currency, value in was:
        if currency is not None:
            found[currency] = found.get(currency, 0) - (value or 0)
    return found


def _line(now: Outcome, columns: Sequence[str], row: dict[str, Any], run: str, against: str) -> Line:
    keys = now.schema.key
    kind = "changed" if row["here"] and row["here_before"] else "new" if row["here"] else "gone"
    shown_key = [plain(now.schema[key], row[key]) for key in keys]
    query = urlencode([("against", against), *[("key", str(row[key])) for key in keys]])
    changes = [
        _change(now.schema[name], row[f"{name}_before"], row[name], row["_currency_before"], row["_currency"])
        for name in columns
        if kind != "changed" or row[name] != row[f"{name}_before"]
    ]
    return Line(
        Text(" ".join(t.zh for t in shown_key), " ".join(t.en for t in shown_key)),
        f"/console/night/{run}/moved/{now.name}?{query}", kind, tuple(changes),
    )  # fmt: skip


def _change(column: Column, before: Any, after: Any, was_in: str | None, now_in: str | None) -> Change:
    if column.codes is not None:
        was = badge(column, before) if before is not None else None
        now = badge(column, after) if after is not None else None
        return Change(words.label(column), words.DASH, words.DASH, was, now, words.NOTHING)
    by, held_in = words.NOTHING, (was_in or HOME, now_in or HOME)
    if column.type is ColumnType.FEN and before is not None and after is not None and held_in[0] == held_in[1]:
        by = large(after - before, held_in[1])
        by = Text(f"+{by.zh}", f"+{by.en}") if after > before else by
    reads = [
        large(v, currency) if column.type is ColumnType.FEN else exactly(column, v)
        for v, currency in zip((before, after), held_in, strict=True)
    ]
    return Change(words.label(column), reads[0], reads[1], None, None, by)


def _safe(run: str) -> str:
    if not run or not all(c.isalnum() or c in "-_" for c in run):
        raise Http404
    return run


def _pair(visit: Visit, run: str) -> tuple[Night, Night | None, list[known.KnownRun]]:
    others = earlier(visit, _safe(run))
    asked = visit.request.GET.get("against", "")
    chosen = next((one for one in others if one.run == asked), None)
    if asked and chosen is None:
        raise Http404
    chosen = chosen or (others[0] if others else None)
    return night_of(visit, run), night_of(visit, chosen.run) if chosen else None, others


@page()
def what_moved(visit: Visit, run: str) -> HttpResponse:
    """What moved since the night before, outcome by outcome."""
    given = visit.request.GET
    with visit.acting(*ANY):
        night, before, others = _pair(visit, run)
        found, asked = [], given.get("only", "")
        figures = (Figures(night), Figures(before)) if before is not None else None
        for one in COMPARED:
            if before is None or one.outcome not in night or one.outcome not in before:
                continue
            if not asked or asked == one.outcome:
                found.append(
                    moved(night[one.outcome], before[one.outcome], one, before.run, run, every=asked == one.outcome,
                          figures=figures)
                )  # fmt: skip
    page_given = {
        "room": "night", "night": night, "before": before, "others": others[:30], "moved": found, "run": run,
        "only": asked,
    }  # fmt: skip
    return shown(visit.request, "console/night/moved.html", page_given, visit=visit)


@dataclass(frozen=True)
class Side:
    """One of the two nights' rows: its values and reasons, each value marked where it differs."""

    night: Night
    values: tuple[tuple[Text, Text, bool], ...]
    reasons: tuple[str, ...]


def _side(night: Night, outcome: Outcome, key: list[str], other: dict[str, Any] | None, language: str) -> Side | None:
    try:
        at = outcome.row_of(*key)
    except NotFound:
        return None
    row = outcome.table.slice(at, 1).to_pylist()[0]
    currency = Figures(night).currencies(outcome)[at].as_py()
    values = tuple(
        (words.label(c), exactly(c, row[c.name], currency), other is not None and other.get(c.name) != row[c.name])
        for c in outcome.schema.columns
        if row[c.name] is not None or (other is not None and other.get(c.name) is not None)
    )
    reasons = tuple(one["words"] for one in outcome.why(*key, language=language)["reasons"])
    return Side(night, values, reasons)


def _row(outcome: Outcome, key: list[str]) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = outcome.table.slice(outcome.row_of(*key), 1).to_pylist()[0]
        return found
    except NotFound:
        return None


@page()
def one_line(visit: Visit, run: str, outcome: str) -> HttpResponse:
    """One line opened: the row in both nights side by side, with each night's reasons."""
    key = visit.request.GET.getlist("key")
    with visit.acting(*purposes_of(outcome)):
        night, before, _ = _pair(visit, run)
        if before is None or outcome not in night or outcome not in before:
            raise Http404
        now, was = night[outcome], before[outcome]
        if len(key) != len(now.schema.key):
            raise Http404
        sides = [
            _side(before, was, key, _row(now, key), visit.language),
            _side(night, now, key, _row(was, key), visit.language),
        ]
        if not any(sides):
            raise Http404
    text = " ".join(key)
    name = name_of(outcome)
    given = {
        "title": Text(f"{name.zh} · {text}", f"{name.en} · {text}"), "sides": sides, "before": before, "night": night,
        "room": "night", "address": visit.request.get_full_path(), "run": run,
        "why": f"/console/why/{outcome}?{urlencode([('key', k) for k in key])}",
    }  # fmt: skip
    part = visit.request.headers.get("HX-Request") == "true"
    return shown(visit.request, f"console/night/{'line_drawer' if part else 'line'}.html", given, visit=visit)
