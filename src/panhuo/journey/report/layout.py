"""What the page is laid out of: sections of tables, pictures and notes.

Invariant: a number in any of them is a `Figure`, which opens; what is a plain `Text` holds no number of the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report.opening import Figure
from panhuo.journey.report.words import DASH, NOTHING, Text

Cell = Text | Figure


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, and the step of the risk scale (1 to 5) it is marked with."""

    cells: tuple[Cell, ...]
    step: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a heading in both languages.

    Attributes:
        caption: what it shows. heads: one a column. total: a last row of sums.
    """

    caption: Text
    heads: tuple[Text, ...]
    rows: tuple[Row, ...]
    total: Row | None = None

    @property
    def numbers(self) -> tuple[bool, ...]:
        """Which columns hold numbers, and are aligned right."""
        lines = [*self.rows, *((self.total,) if self.total else ())]
        return tuple(
            place > 0 and (any(_number(c) for c in column) or all(c in (DASH, NOTHING) for c in column))
            for place, column in enumerate(zip(*(line.cells for line in lines), strict=True))
        )


def _number(cell: Cell) -> bool:
    return isinstance(cell, Figure) and isinstance(cell.value, int)


@dataclass(frozen=True)
class Picture:
    """A drawing and the table behind it; None where the amounts in the drawing open themselves or a table follows."""

    caption: Text
    drawing: Markup
    behind: Table | None = None


@dataclass(frozen=True)
class Gallery:
    """Small pictures side by side."""

    caption: Text
    pictures: tuple[Picture, ...]


Block = Table | Picture | Gallery


@dataclass
class Section:
    """A section of the page."""

    name: str
    title: Text
    lead: list[Text] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    notes: list[tuple[Cell, ...]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.figures or self.blocks)


def ordered(table: pa.Table, by: Sequence[tuple[str, str]], most: int) -> list[dict[str, Any]]:
    """The first rows of a table in an order; unknown values last."""
    order = pc.sort_indices(table, sort_keys=[(name, way, "at_end") for name, way in by])
    found: list[dict[str, Any]] = table.take(order[:most]).to_pylist()
    return found


def largest(outcome: Outcome, by: str, most: int, where: Any = None) -> list[dict[str, Any]]:
    """The rows with the largest values of a column, key order deciding ties."""
    table = outcome.table if where is None else outcome.table.filter(pc.fill_null(where, False))
    return ordered(table, [(by, "descending"), *((name, "ascending") for name in outcome.schema.key)], most)


def counted(outcome: Outcome, name: str) -> dict[str, int]:
    """Rows by the values of a code column, in the list's order."""
    column = outcome.schema[name]
    found = {v["values"]: v["counts"] for v in pc.value_counts(outcome.table.column(name)).to_pylist()}
    order = [c.code for c in column.codes] if column.codes else sorted(k for k in found if k is not None)
    return {code: found.get(code, 0) for code in order}


def code(outcome: Outcome, name: str, value: str) -> Text:
    """The name of a code."""
    codes = outcome.schema[name].codes
    if codes is None or value not in codes:
        return Text(value, value)
    return Text(codes[value].zh, codes[value].en)


def among(outcome: Outcome, name: str, values: Sequence[str]) -> Any:
    """Which rows hold one of `values`."""
    return pc.is_in(outcome.table.column(name), value_set=pa.array(list(values), pa.string()))


def equal(outcome: Outcome, name: str, value: Any) -> Any:
    """Which rows hold a value; an unknown one is none."""
    return pc.fill_null(pc.equal(outcome.table.column(name), value), False)


def both(first: Any, second: Any) -> Any:
    """Which rows are in both masks."""
    return pc.and_(pc.fill_null(first, False), pc.fill_null(second, False))
