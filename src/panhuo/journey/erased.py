"""Which receipts speak of somebody who was forgotten.

Invariant: a party counts as forgotten where the book's `erasures` name it and no key of it is at hand; what a receipt
is about is told from its own row bytes or from the batch's rows, never from a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Batch, Book
from panhuo.ground.book.personal import PartyKeys
from panhuo.ground.book.table import Table


def _read(batch: Batch, name: str, columns: list[str]) -> pa.Table:
    path = batch.folder / f"{name}.parquet"
    there = set(pq.read_schema(path).names)
    return pq.read_table(path, columns=[column for column in columns if column in there])


def forgotten(book: Book, org: str) -> dict[str, str]:
    """Party -> rule it was forgotten under, of an organisation of the book."""
    keys = PartyKeys.of(book)
    found: dict[str, str] = {}
    for batch in book.batches(org):
        if batch.tables.get("erasures", {}).get("rows"):
            for row in _read(batch, "erasures", ["party_id", "rule"]).to_pylist():
                if keys.get(org, row["party_id"]) is None:
                    found.setdefault(row["party_id"], row["rule"])
    return found


def _party_columns(table: Table) -> list[str]:
    named = {column.name for column in table.schema.columns if column.references == "parties"}
    return sorted(named | {str(column.personal) for column in table.personal_columns})


def _spelt(text: str) -> bytes:
    # A known text as row bytes hold it (docs/format.md).
    data = text.encode("utf-8")
    return b"\x01" + len(data).to_bytes(4, "big") + data


def _entities(book: Book, org: str, parties: list[str]) -> Iterator[tuple[str, str]]:
    # (party, entity) of every entity that names a forgotten party, and the party itself.
    wanted = pa.array(parties, pa.string())
    yield from ((party, party) for party in parties)
    for batch in book.batches(org):
        for name in batch.tables:
            for column in _party_columns(TABLES[name]) if batch.tables[name]["rows"] else ():
                rows = _read(batch, name, sorted({"id", column}))
                if column in rows.column_names:
                    rows = rows.filter(pc.is_in(rows.column(column), value_set=wanted))
                    yield from zip(rows.column(column).to_pylist(), rows.column("id").to_pylist(), strict=True)


def row_under(book: Book, org: str, row: bytes) -> str | None:
    """The rule under which the party a row speaks of was forgotten; None when it speaks of nobody forgotten.

    Args:
        row: the row's leaf bytes, as its receipt holds them.
    """
    parties = forgotten(book, org)
    if not parties:
        return None
    for party, entity in _entities(book, org, sorted(parties)):
        if _spelt(entity) in row:
            return parties[party]
    return None


def batch_under(book: Book, batch: Batch) -> str | None:
    """The rule under which somebody was forgotten whose personal values the batch held; None when there is nobody."""
    parties = forgotten(book, batch.org)
    wanted = pa.array(sorted(parties), pa.string())
    for name in batch.tables if parties else ():
        for column in TABLES[name].personal_columns if batch.tables[name]["rows"] else ():
            rows: Any = _read(batch, name, sorted({column.name, str(column.personal)}))
            if {column.name, str(column.personal)} <= set(rows.column_names):
                about = rows.filter(rows.column(column.name).is_valid()).column(str(column.personal))
                for party in about.filter(pc.is_in(about, value_set=wanted)).unique().to_pylist():
                    return parties[party]
    return None
