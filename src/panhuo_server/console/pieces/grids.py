"""Small tables of facts: cells that read as the declaration says and open to the fact they are.

Invariant: a cell of a fact opens to that very fact, with its source and the batch it was sealed in; amounts stand in
whole units of their currency to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import ColumnType
from panhuo.ground.values.currency import minor_digits
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import Badge, day, plain
from panhuo_server.console.pieces.tables import Cell

NOUGHT = Cell(words.DASH)
TOTAL = Text("合计", "Total")


@dataclass(frozen=True)
class Grid:
    """A table as shown: heads with whether they are of numbers, rows, and a last line of totals."""

    heads: Sequence[tuple[Text, bool]]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell | None] = ()
    last: Text = TOTAL


def named(table: str) -> Text:
    """What rows of a table are called, without an article."""
    declared = table_named(table)
    english = declared.en.partition(":")[0].removeprefix("an ").removeprefix("a ")
    return Text(declared.zh.partition("：")[0], english[:1].upper() + english[1:])


def fact_address(table: str, fact: Mapping[str, Any], column: str = "") -> str:
    """Where a fact opens."""
    cell = f"?{urlencode({'cell': column})}" if column else ""
    return f"/console/why/fact/{quote(table)}/{quote(str(fact['id']), safe='')}{cell}"


def whole(amount: int | None, currency: str = HOME) -> Text:
    """An amount under a head that names its unit: whole units, to the last minor one."""
    if amount is None:
        return words.DASH
    digits = minor_digits(currency)
    units, rest = divmod(abs(amount), 10**digits)
    text = f"{'−' if amount < 0 else ''}{units:,}" + (f".{rest:0{digits}d}" if digits else "")
    return Text(text, text)


def amount_cell(amount: int | None, currency: str = HOME, href: str = "") -> Cell:
    """An amount as a cell."""
    return Cell(whole(amount, currency), words.exact(amount, currency), href if amount is not None else "", number=True)


def day_cell(value: date | None, href: str = "") -> Cell:
    """A day as a cell."""
    return Cell(Text(value.isoformat(), value.isoformat()) if value else words.DASH, day(value), href if value else "")


def text_cell(text: Text | str | None, goes: str = "", href: str = "") -> Cell:
    """Words as a cell."""
    if not text:
        return NOUGHT
    return Cell(Text(text, text) if isinstance(text, str) else text, href=href, goes=goes)


def badge_cell(text: Text, step: int, href: str = "") -> Cell:
    """A step of the risk scale with its word."""
    return Cell(words.NOTHING, href=href, badge=Badge(text, step))


def told(table: str, fact: Mapping[str, Any], column: str) -> Cell:
    """One cell of a fact, as its table declares it; amounts and days open to the fact."""
    declared, value = table_named(table).schema[column], fact.get(column)
    if value is None:
        return NOUGHT
    where = fact_address(table, fact, column)
    currency = fact.get("currency") or HOME
    if declared.type is ColumnType.FEN:
        return amount_cell(value, currency, where)
    if declared.type is ColumnType.DATE:
        return day_cell(value, where)
    number = not declared.type.is_text and declared.type is not ColumnType.BOOL
    return Cell(plain(declared, value, currency), href=where if number else "", number=number)


def code_text(table: str, column: str, value: str | None) -> Text:
    """A code in words."""
    codes = table_named(table).schema[column].codes
    if value is None or codes is None or value not in codes:
        return words.DASH if value is None else Text(str(value), str(value))
    return Text(codes[value].zh, codes[value].en)


def head_of(table: str, column: str, label: Text | None = None) -> tuple[Text, bool]:
    """A head as the table declares it."""
    declared = table_named(table).schema[column]
    number = not declared.type.is_text and declared.type not in (ColumnType.DATE, ColumnType.BOOL)
    return label or words.label(declared), number


def grid_of(
    table: str,
    facts: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    labels: Mapping[str, Text] | None = None,
    total: Sequence[str] = (),
    before: Callable[[Mapping[str, Any]], list[Cell]] | None = None,
    heads: Sequence[tuple[Text, bool]] = (),
) -> Grid:
    """Facts of one table as a small table; `before` puts cells of one's own in front, under `heads`."""
    listed = list(facts)
    rows = [[*(before(fact) if before else []), *(told(table, fact, column) for column in columns)] for fact in listed]
    named = [*heads, *(head_of(table, column, (labels or {}).get(column)) for column in columns)]
    totals: list[Cell | None] = []
    currencies = {fact.get("currency") or HOME for fact in listed}
    if total and len(currencies) == 1:
        (currency,) = currencies
        totals = [None] * len(heads)
        totals += [
            amount_cell(sum(fact[c] or 0 for fact in listed), currency) if c in total else None for c in columns
        ]  # fmt: skip
    return Grid(named, rows, totals)
