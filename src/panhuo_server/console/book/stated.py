"""Facts as pages state them: a row's columns in words, and a note of the rows a list leaves out.

Invariant: nothing but sums of one currency is worked out here; a personal column is never among what is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.columns import Column
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import exactly, in_column

LISTED = 60
"""Rows a list on a page holds; how many more there are is said."""


def column_of(table: str, name: str) -> Column:
    """A table's column."""
    return table_named(table).schema[name]


def said(table: str, row: dict[str, Any], name: str) -> Text:
    """One value of a row, with its unit."""
    return exactly(column_of(table, name), row.get(name), row.get("currency") or "CNY")


def pairs(table: str, row: dict[str, Any], names: Iterable[str]) -> list[tuple[Text, Text]]:
    """What is known of a row's columns: name and value."""
    return [(words.label(column_of(table, n)), said(table, row, n)) for n in names if row.get(n) is not None]


def loan_address(drawdown: str) -> str:
    """Where a loan is shown."""
    return f"/console/loans/{quote(drawdown, safe='')}"


def customer_address(party: str) -> str:
    """Where a customer is shown."""
    return f"/console/customers/{quote(party, safe='')}"


def loan_page(row: Mapping[str, Any]) -> str:
    """Where the loan of a row is shown."""
    return loan_address(row["drawdown_id"])


def customer_page(row: Mapping[str, Any]) -> str:
    """Where the customer of a row is shown."""
    return customer_address(row["party_id"])


@dataclass(frozen=True)
class Money:
    """An amount in a column whose head names the unit: how it reads, to its last unit, and where it opens."""

    text: Text
    exact: Text
    href: str = ""

    @staticmethod
    def of(fen: int | None, currency: str, href: str = "") -> Money:
        """An amount; what is unknown opens nowhere."""
        return Money(in_column(fen, currency), words.exact(fen, currency), href if fen is not None else "")


def sums(amounts: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    """Amounts added up by currency; what is unknown adds nothing."""
    found: dict[str, int] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, 0) + (amount or 0)
    return found


def apart(amounts: Mapping[str, int], spelled: Callable[[int, str], Text] = words.exact) -> list[tuple[str, Text]]:
    """Amounts of several currencies beside one another, the yuan first; noughts only when alone."""
    order = sorted(amounts.items(), key=lambda a: (a[0] != "CNY", a[0]))
    told = [one for one in order if one[1]] or order[:1] or [("CNY", 0)]
    return [(currency, spelled(amount, currency)) for currency, amount in told]


def each(amounts: Mapping[str, int], spelled: Callable[[int, str], Text] = words.exact) -> Text:
    """Amounts of several currencies one after the other, the yuan first, never added up; noughts only when alone."""
    texts = [text for _, text in apart(amounts, spelled)]
    return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


@dataclass(frozen=True)
class Listed:
    """The first rows of a list, and how many there are in all."""

    rows: Sequence[Any]
    count: int

    @staticmethod
    def of(rows: Sequence[Any]) -> Listed:
        """At most what a page lists."""
        return Listed(rows[:LISTED], len(rows))

    @property
    def left(self) -> int:
        """Rows not listed."""
        return self.count - len(self.rows)
