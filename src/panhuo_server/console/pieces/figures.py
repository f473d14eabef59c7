"""Numbers as pages show them, and the addresses at which each opens.

Invariant: what a figure says is a value of an outcome, or a sum, a count or a share of such values, and its address
names exactly those; a figure never rounds into another's total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.arguments import HOME, scaled_text, thousands
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.values.currency import minor_units
from panhuo.journey.report import words
from panhuo.journey.report.words import Text

Where = Sequence[tuple[str, Sequence[str]]]
"""Conditions: column -> any of these texts. A column's `NAME>` holds for numbers greater than the one given."""

RISK = {
    "normal": 1, "special_mention": 2, "substandard": 3, "doubtful": 4, "loss": 5,
    "running": 1, "kept": 1, "soon": 3, "urgent": 4, "passed": 5, "unknown": 2,
    "standing": 1, "waiting": 2, "expired": 5,
    "blue": 1, "yellow": 2, "orange": 4, "red": 5,
}  # fmt: skip
"""Code -> step of the risk scale, from 1 (green) to 5 (deep red)."""


@dataclass(frozen=True)
class Figure:
    """A number that opens: how it reads, what it is called, where it opens, and the number to its last unit."""

    text: Text
    href: str
    name: Text = words.NOTHING
    exact: Text = words.NOTHING
    note: Text = words.NOTHING
    risk: int = 0


@dataclass(frozen=True)
class Badge:
    """A step of the risk scale with its word; the shape goes with the step."""

    text: Text
    step: int


def badge(column: Column, code: str | None) -> Badge:
    """A code with its risk."""
    if code is None or column.codes is None:
        return Badge(words.DASH, 0)
    held = column.codes[code]
    return Badge(Text(held.zh, held.en), RISK.get(code, 0))


def large(fen: int | None, currency: str = HOME) -> Text:
    """An amount as a headline: 亿, 万; M, K."""
    if fen is None:
        return words.DASH
    unit = minor_units(currency)
    size = abs(fen)
    sign = "−" if fen < 0 else ""
    if size >= 1_000_000 * unit:
        english = f"{scaled_text(size, 1_000_000 * unit, 2)} M"
    elif size >= 1_000 * unit:
        english = f"{scaled_text(size, 1_000 * unit, 1)} K"
    else:
        english = scaled_text(size, unit, 0).removesuffix(".0")
    english = f"{sign}{currency} {english}".replace(" ", "\u00a0")
    if currency != HOME:
        return Text(english, english)
    if size >= 10_000_000_000:
        chinese = f"{scaled_text(size, 10_000_000_000, 2)}\u00a0亿元"
    else:
        chinese = f"{scaled_text(size, 1_000_000, 2)}\u00a0万元"
    return Text(sign + chinese, english)


def in_column(fen: int | None, currency: str = HOME) -> Text:
    """An amount in a column whose head names the unit: 万元, thousands; another currency names itself."""
    if fen is None:
        return words.DASH
    unit = minor_units(currency)
    sign = "−" if fen < 0 else ""
    english = sign + scaled_text(abs(fen), 1_000 * unit, 1)
    if currency != HOME:
        return Text(f"{currency} {sign}{scaled_text(abs(fen), 10_000 * unit, 2)}", f"{currency} {english}")
    return Text(sign + scaled_text(abs(fen), 1_000_000, 2), english)


def unit_of(column: Column) -> Text:
    """The unit a column's head names."""
    if column.type is ColumnType.FEN:
        return Text("万元", "CNY K")
    if column.type in (ColumnType.PPM, ColumnType.BILLIONTHS):
        return Text("%", "%")
    if column.type is ColumnType.DAYS:
        return Text("天", "days")
    return words.NOTHING


def plain(column: Column, value: Any, currency: str = HOME) -> Text:
    """A value under a head that names its unit."""
    if value is None:
        return words.DASH
    if column.type is ColumnType.FEN:
        return in_column(value, currency)
    if column.type is ColumnType.BOOL:
        return Text("是", "yes") if value else Text("否", "no")
    if column.type is ColumnType.PPM:
        return Text(*[scaled_text(value, 10_000, 2)] * 2)
    if column.type is ColumnType.BILLIONTHS:
        return Text(*[scaled_text(value, 10_000_000, 2)] * 2)
    if column.type is ColumnType.DATE:
        return day(value)
    if column.type is ColumnType.CODE and column.codes is not None:
        held = column.codes[value]
        return Text(held.zh, held.en)
    if isinstance(value, int):
        return Text(*[thousands(value)] * 2)
    return Text(str(value), str(value))


def day(value: Any) -> Text:
    """A day with its weekday."""
    if value is None:
        return words.DASH
    at = value.weekday()
    return Text(
        f"{value.isoformat()} 周{'一二三四五六日'[at]}",
        f"{value.isoformat()} {['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][at]}",
    )


def exactly(column: Column, value: Any, currency: str = HOME) -> Text:
    """A value with its unit, to the last minor unit."""
    if value is None:
        return words.DASH
    if column.type is ColumnType.FEN:
        return words.exact(value, currency)
    shown, unit = plain(column, value, currency), unit_of(column)
    return shown if unit == words.NOTHING else Text(f"{shown.zh} {unit.zh}", f"{shown.en} {unit.en}")


def row_address(outcome: str, key: Iterable[Any], cell: str = "") -> str:
    """Where a row opens, or one of its cells."""
    given = [("key", str(part)) for part in key]
    return f"/console/why/{quote(outcome)}?{urlencode([*given, *([('cell', cell)] if cell else [])])}"


def sum_address(outcome: str, column: str, where: Where = (), currency: str = "") -> str:
    """Where the sum of a column opens (its count, when `column` is empty)."""
    given = [("of", column or "*"), *([("currency", currency)] if currency else [])]
    given += [("where", f"{name}:{'|'.join(values)}") for name, values in where]
    return f"/console/why/{quote(outcome)}?{urlencode(given)}"


def holds(table: pa.Table, where: Where) -> pa.Array:
    """Which rows conditions hold of."""
    mask: Any = pa.array([True] * len(table), pa.bool_()) if not where else None
    for name, values in where:
        if name.endswith(">"):
            found = pc.greater(table.column(name[:-1]), int(values[0]))
        else:
            column = table.column(name)
            text = column if pa.types.is_string(column.type) else column.cast(pa.string())
            found = pc.is_in(text, value_set=pa.array(values, pa.string()))
        found = pc.fill_null(found, False)
        mask = found if mask is None else pc.and_(mask, found)
    return mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask


class Figures:
    """Makes the figures of a night's outcomes."""

    def __init__(self, outcomes: Mapping[str, Outcome]) -> None:
        self.outcomes = outcomes
        self._currencies: dict[str, pa.Array] = {}

    def currencies(self, outcome: Outcome) -> pa.Array:
        """The currency of each row: its own column, its subject's, that of its debt; the yuan where none says."""
        if outcome.name not in self._currencies:
            judged, found = outcome.subject_schema, None
            if "currency" in outcome.schema:
                found = outcome.table.column("currency")
            elif outcome.subjects is not None and judged is not None and judged.key == outcome.schema.key:
                found = outcome.subjects.column("currency") if "currency" in judged else None
            if found is None and outcome.schema.key == ("drawdown_id",) and "days_past_due" in self.outcomes:
                debts = self.outcomes["days_past_due"].table
                found = debts.column("currency").take(
                    pc.index_in(outcome.table.column("drawdown_id"), debts.column("drawdown_id"))
                )
            if found is None:
                found = pa.nulls(len(outcome), pa.string())
            if isinstance(found, pa.ChunkedArray):
                found = found.combine_chunks()
            self._currencies[outcome.name] = pc.fill_null(found, HOME)
        return self._currencies[outcome.name]

    def currencies_in(self, outcome: Outcome) -> list[str]:
        """The currencies an outcome's rows are in, those with most rows first."""
        counts = [(-v["counts"], v["values"]) for v in pc.value_counts(self.currencies(outcome)).to_pylist()]
        return [name for _, name in sorted(counts)]

    def mask(self, outcome: Outcome, where: Where, currency: str = "") -> pa.Array:
        """Which rows conditions hold of, in a currency if one is named."""
        found = holds(outcome.table, where)
        return pc.and_(found, pc.equal(self.currencies(outcome), currency)) if currency else found

    def total(
        self, name: str, column: str, where: Where = (), *, currency: str = HOME, title: Text, risk: int = 0
    ) -> Figure:
        """The sum of a column."""
        outcome = self.outcomes[name]
        value = pc.sum(outcome.table.column(column).filter(self.mask(outcome, where, currency))).as_py() or 0
        address = sum_address(name, column, where, currency)
        return Figure(large(value, currency), address, title, words.exact(value, currency), risk=risk if value else 0)

    def count(self, name: str, where: Where = (), *, title: Text, currency: str = "", risk: int = 0) -> Figure:
        """How many rows."""
        outcome = self.outcomes[name]
        value = pc.sum(self.mask(outcome, where, currency).cast(pa.int64())).as_py() or 0
        return Figure(
            words.count(value),
            sum_address(name, "", where, currency),
            title,
            words.count(value),
            risk=risk if value else 0,
        )

    def cell(
        self, name: str, key: Sequence[Any], column: str, *, title: Text | None = None, short: bool = True
    ) -> Figure:
        """One cell; amounts as headlines unless `short` is false."""
        outcome = self.outcomes[name]
        at = outcome.row_of(*key)
        declared = outcome.schema[column]
        value = outcome.table.column(column)[at].as_py()
        currency = self.currencies(outcome)[at].as_py()
        exact = exactly(declared, value, currency)
        text = large(value, currency) if declared.type is ColumnType.FEN and short else exact
        return Figure(text, row_address(name, key, column), title or words.label(declared), exact)
