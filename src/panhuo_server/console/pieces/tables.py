"""The table every page is made of: filters, order, columns, pages, groups with subtotals, totals that open.

Invariant: totals and subtotals are of all rows the filters leave, never of the page shown; amounts of several
currencies are not added up. All a table shows is asked for in its address, so that it can be kept and handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import (
    Badge,
    Figures,
    Where,
    badge,
    exactly,
    holds,
    plain,
    row_address,
    sum_address,
    unit_of,
)
from panhuo_server.console.pieces.views import View, views_of

PAGE = 50
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MASKED = Text("已遮蔽", "masked")
"""What stands where a share's level leaves a column out."""
SIZES = (25, 50, 100, 200)
"""How many rows a page may hold."""


class Rows(Protocol):
    """What a table is of: an outcome, or facts of one kind."""

    @property
    def name(self) -> str: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def table(self) -> pa.Table: ...


@dataclass(frozen=True)
class Facts:
    """Facts as a table shows them: they open nowhere, each stands as stated, with its source beside it."""

    name: str
    schema: Schema
    table: pa.Table


@dataclass(frozen=True)
class Head:
    """A column of a table: the outcome's column, and what its cells do.

    Attributes:
        name: the column. risk: its codes are steps of risk. goes: the page a cell leads to; otherwise a number opens.
        label: what it is called here, when not as declared. of: the outcome of the same key a cell opens in, when it is
            not the table's own. opens: where a row's cell opens, for a number that stands elsewhere ("" for nowhere).
            hidden: it is shown when chosen.
    """

    name: str
    risk: bool = False
    goes: Callable[[dict[str, Any]], str] | None = None
    label: Text | None = None
    total: bool = False
    of: str = ""
    opens: Callable[[dict[str, Any]], str] | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell as shown."""

    text: Text
    exact: Text = words.NOTHING
    href: str = ""
    goes: str = ""
    badge: Badge | None = None
    number: bool = False


class Row(list[Cell]):
    """The cells of a row; the first of a group carries the group's name, count and subtotals."""

    group: Sequence[Cell | None] | None = None


@dataclass(frozen=True)
class Choice:
    """Something a table offers: its code, name, whether it is chosen, and the address that chooses it."""

    code: str
    label: Text
    chosen: bool
    href: str = ""


@dataclass(frozen=True)
class HeadShown:
    """A head as shown."""

    label: Text
    unit: Text
    sort: str
    sorted: str
    number: bool


@dataclass(frozen=True)
class Filter:
    """A choice of codes a table is narrowed by."""

    name: str
    label: Text
    options: tuple[tuple[str, Text, int, bool], ...]


@dataclass(frozen=True)
class Shown:
    """A table as shown."""

    id: str
    title: Text
    heads: Sequence[HeadShown]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell | None]
    filters: Sequence[Filter]
    rows_in_all: int
    first: int
    last: int
    previous: str
    next: str
    export: str
    query: str
    sort: str
    address: str
    narrowed: bool
    columns: Sequence[Choice] = ()
    groups: Sequence[Choice] = ()
    sizes: Sequence[Choice] = ()
    views: Sequence[View] = ()
    kept: Sequence[tuple[str, str]] = ()
    here: str = ""
    plain: str = ""


@dataclass
class Sheet:
    """What a table shows of an outcome.

    Attributes:
        rows: the outcome's table by default; another with the same key and columns of `extra` for those not its own.
        filters: columns of codes to narrow by. sort: first order, with ``-`` for the largest first.
        facts: its rows are facts as stated, not what a night judged: they open only where a head says.
    """

    id: str
    title: Text
    outcome: Rows
    heads: Sequence[Head]
    filters: Sequence[str] = ()
    sort: str = ""
    extra: dict[str, Column] = field(default_factory=dict)
    rows: pa.Table | None = None
    facts: bool = False

    def column(self, name: str) -> Column:
        """A column's declaration."""
        return self.extra[name] if name in self.extra else self.outcome.schema[name]

    @property
    def table(self) -> pa.Table:
        """All rows."""
        return self.outcome.table if self.rows is None else self.rows


@dataclass(frozen=True)
class Asked:
    """What an address asks of a table."""

    where: tuple[tuple[str, tuple[str, ...]], ...]
    query: str
    sort: str
    page: int
    heads: tuple[Head, ...]
    columns: tuple[str, ...]
    group: str
    size: int

    def given(self, sheet: Sheet) -> list[tuple[str, str]]:
        """The address's own words, but for the page."""
        found = [(f"f.{name}", value) for name, values in self.where for value in values]
        found += [("q", self.query)] if self.query else []
        found += [("c", name) for name in self.columns]
        found += [("by", self.group)] if self.group else []
        found += [("n", str(self.size))] if self.size else []
        return found + ([("sort", self.sort)] if self.sort and self.sort != sheet.sort else [])


def asked_of(sheet: Sheet, given: Any) -> Asked:
    """Reads an address; what it asks for that is not there is left out."""
    where = []
    for name in sheet.filters:
        values = tuple(v for v in given.getlist(f"f.{name}") if v)
        if values:
            where.append((name, values))
    names = [head.name for head in sheet.heads]
    columns = tuple(dict.fromkeys(name for name in given.getlist("c") if name in names))
    if columns:
        chosen = {name: head for head in sheet.heads for name in [head.name]}
        kept = [names[0], *[name for name in columns if name != names[0]]]
        heads = tuple(chosen[name] for name in kept)
    else:
        heads = tuple(head for head in sheet.heads if not head.hidden)
    sort = given.get("sort", sheet.sort)
    if sort.lstrip("-") not in names:
        sort = sheet.sort
    number, size = given.get("page", "1"), given.get("n", "")
    page = int(number) if number.isdigit() and len(number) < 7 else 1
    group = given.get("by", "")
    return Asked(
        tuple(where), given.get("q", "").strip()[:64], sort, max(page, 1), heads, columns,
        group if group in groupable(sheet) else "", int(size) if size in [str(one) for one in SIZES] else 0,
    )  # fmt: skip


def groupable(sheet: Sheet) -> list[str]:
    """Columns a table may be grouped by."""
    return [name for name in sheet.filters if sheet.column(name).codes is not None]


def narrowed(sheet: Sheet, asked: Asked, *, but: str = "") -> pa.Array:
    """Which rows an address leaves."""
    table = sheet.table
    mask = holds(table, [(name, values) for name, values in asked.where if name != but])
    if asked.query:
        found = None
        for head in sheet.heads:
            column = table.column(head.name)
            if pa.types.is_string(column.type) and sheet.column(head.name).codes is None:
                one = pc.fill_null(pc.match_substring(column, asked.query, ignore_case=True), False)
                found = one if found is None else pc.or_(found, one)
        if found is not None:
            mask = pc.and_(mask, found)
    return mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask


def ordered(sheet: Sheet, rows: pa.Table, asked: Asked) -> pa.Table:
    """Rows in the order an address asks for: by group, then by the column, then by key."""
    keys = [(name, "ascending") for name in sheet.outcome.schema.key]
    for place, given in (("_place", asked.sort), ("_group", asked.group)):
        if not given:
            continue
        name = given.lstrip("-")
        column = sheet.column(name)
        if column.codes is not None:  # codes stand in their list's order
            order = pa.array([k.code for k in column.codes], pa.string())
            rows = rows.append_column(place, pc.index_in(rows.column(name), order))
            name = place
        keys.insert(0, (name, "descending" if given.startswith("-") else "ascending"))
    return rows.take(pc.sort_indices(rows, sort_keys=keys, null_placement="at_end"))


def _cell(sheet: Sheet, head: Head, row: dict[str, Any], currency: str) -> Cell:
    column, value = sheet.column(head.name), row[head.name]
    level = row.get("share_level")
    if value is None and level is not None and column.level > level:
        return Cell(MASKED)
    key = [row[name] for name in sheet.outcome.schema.key]
    if head.risk:
        href = opens_at(sheet, head, row, key) if value is not None else ""
        return Cell(words.NOTHING, href=href, badge=badge(column, value))
    number = not column.type.is_text and column.type not in (ColumnType.DATE, ColumnType.BOOL)
    text = plain(column, value, currency)
    if head.goes is not None:
        return Cell(text, goes=head.goes(row), number=number)
    opens = value is not None and (number or column.type is ColumnType.DATE or head.of or head.opens is not None)
    href = opens_at(sheet, head, row, key) if opens else ""
    return Cell(text, exactly(column, value, currency) if number else words.NOTHING, href, number=number)


def opens_at(sheet: Sheet, head: Head, row: dict[str, Any], key: Sequence[Any]) -> str:
    """Where a row's cell opens; nothing for one that opens nowhere."""
    if head.opens is not None:
        return head.opens(row)
    own = head.of or (head.name in sheet.outcome.schema and not sheet.facts)
    return row_address(head.of or sheet.outcome.name, key, head.name) if own else ""


def with_currencies(sheet: Sheet, figures: Figures | None) -> pa.Table:
    """The rows with the currency of each."""
    if "_currency" in sheet.table.column_names:
        return sheet.table
    if figures is None or not isinstance(sheet.outcome, Outcome):
        known = sheet.table.column("currency") if "currency" in sheet.table.column_names else None
        none = pa.nulls(len(sheet.table), pa.string())
        return sheet.table.append_column("_currency", pc.fill_null(none if known is None else known, HOME))
    return sheet.table.append_column("_currency", figures.currencies(sheet.outcome))


def shown(sheet: Sheet, figures: Figures | None, visit: Visit, address: str, *, most: int = PAGE) -> Shown:
    """A table as a visit's address asks for it."""
    asked = asked_of(sheet, visit.request.GET)
    table = with_currencies(sheet, figures)
    rows = ordered(sheet, table.filter(narrowed(sheet, asked)), asked)
    count, size = len(rows), asked.size or most
    page = min(asked.page, max(1, -(-count // size)))
    part = rows.slice((page - 1) * size, size).to_pylist()
    own = asked.given(sheet)

    def go(*left_out: str, **changed: Any) -> str:
        given = [(k, v) for k, v in own if k not in changed and not any(k.startswith(one) for one in left_out)]
        given += [(k, v) for k, v in changed.items() if v]
        return f"{address}?{urlencode(given)}" if given else address

    heads = []
    for head in asked.heads:
        column = sheet.column(head.name)
        descending = asked.sort == f"-{head.name}"
        mine = asked.sort.lstrip("-") == head.name
        following = head.name if descending else f"-{head.name}"
        heads.append(
            HeadShown(
                head.label or words.label(column), unit_of(column), go(sort=following),
                ("descending" if descending else "ascending") if mine else "none",
                not column.type.is_text and column.type not in (ColumnType.DATE, ColumnType.BOOL),
            )
        )  # fmt: skip
    lines: list[Row] = []
    before: Any = lines
    for row in part:
        line = Row(_cell(sheet, head, row, row.get("_currency") or HOME) for head in asked.heads)
        if asked.group and row[asked.group] != before:
            before = row[asked.group]
            line.group = _subtotals(sheet, asked, rows, before, address)
        lines.append(line)
    names = {name: words.label(sheet.column(name)) for name in groupable(sheet)}
    return Shown(
        id=sheet.id, title=sheet.title, heads=heads, rows=lines,
        totals=_sums(sheet, asked, rows, asked.where, address),
        filters=[_filter(sheet, asked, name) for name in sheet.filters],
        rows_in_all=count, first=(page - 1) * size + 1 if count else 0, last=min(page * size, count),
        previous=go(page=page - 1) if page > 1 else "", next=go(page=page + 1) if page * size < count else "",
        export=go(**{"as": "xlsx", "table": sheet.id}), query=asked.query, sort=asked.sort, address=address,
        narrowed=bool(asked.where or asked.query),
        columns=[Choice(h.name, h.label or words.label(sheet.column(h.name)), h in asked.heads) for h in sheet.heads],
        groups=[Choice("", Text("不分组", "none"), not asked.group, go("by")), *[
            Choice(name, said, name == asked.group, go(by=name)) for name, said in names.items()]] if names else (),
        sizes=[Choice(str(n), words.count(n), n == size, go(n=str(n))) for n in SIZES] if count > SIZES[0] else (),
        views=views_of(sheet.id, urlencode(own)), kept=own, here=urlencode(own), plain=go("f.", "q"),
    )  # fmt: skip


def _sums(
    sheet: Sheet, asked: Asked, rows: pa.Table, where: tuple[tuple[str, tuple[str, ...]], ...], address: str
) -> list[Cell | None]:
    if not any(head.total for head in asked.heads) or not len(rows):
        return []
    found = pc.unique(rows.column("_currency")).to_pylist()
    if len(found) != 1:
        return []
    # A search, or a filter on another outcome's column, is not a condition a sum can name; nor an unknown code.
    elsewhere = any(name in sheet.extra or "" in values for name, values in where)
    cells: list[Cell | None] = []
    for head in asked.heads:
        column = sheet.column(head.name)
        if not head.total:
            cells.append(None)
            continue
        values = rows.column(head.name)
        value, unknown = pc.sum(values, min_count=1).as_py(), values.null_count
        if value is None:  # nothing of it is known, or all of it is masked: that is not nought
            cells.append(Cell(words.DASH, number=True))
            continue
        if sheet.facts or asked.query or elsewhere or head.name in sheet.extra:
            href = own_sum(sheet, head.name, where, address, query=asked.query)
        else:
            href = sum_address(sheet.outcome.name, head.name, where, found[0])
        exact = exactly(column, value, found[0])
        if unknown and sheet.facts:
            left = words.count(unknown)
            exact = Text(f"{exact.zh}（{left.zh} 行未知）", f"{exact.en} ({left.en} rows unknown)")
        cells.append(Cell(plain(column, value, found[0]), exact, href, number=True))
    return cells


def own_sum(sheet: Sheet, name: str, where: Where, address: str, *, query: str = "", currency: str = "") -> str:
    """Where a total opens that no outcome seals: at the table's own address, row by row."""
    given = [(f"f.{column}", value) for column, values in where for value in values]
    given += [("q", query)] if query else []
    given += [("as", "sum"), ("table", sheet.id), ("of", name)]
    return f"{address}?{urlencode([*given, *([('currency', currency)] if currency else [])])}"


def _subtotals(sheet: Sheet, asked: Asked, rows: pa.Table, code: str | None, address: str) -> list[Cell | None]:
    """A group's name and count in the first cell, its sums under the columns that have totals."""
    column = rows.column(asked.group)
    mine = rows.filter(pc.is_null(column) if code is None else pc.fill_null(pc.equal(column, code), False))
    where = tuple((name, values) for name, values in asked.where if name != asked.group)
    cells = _sums(sheet, asked, mine, (*where, (asked.group, (code or "",))), address) or [None] * len(asked.heads)
    name, many = plain(sheet.column(asked.group), code), words.count(len(mine))
    cells[0] = Cell(Text(f"{name.zh} {many.zh} 行", f"{name.en}, {many.en} rows"))
    return cells


def _filter(sheet: Sheet, asked: Asked, name: str) -> Filter:
    column = sheet.column(name)
    left = sheet.table.filter(narrowed(sheet, asked, but=name)).column(name)
    counts = {v["values"]: v["counts"] for v in pc.value_counts(left.combine_chunks()).to_pylist()}
    chosen = dict(asked.where).get(name, ())
    codes = [k for k in column.codes or () if k.code in counts or k.code in chosen]
    options = tuple((k.code, Text(k.zh, k.en), counts.get(k.code, 0), k.code in chosen) for k in codes)
    return Filter(name, words.label(column), options)
