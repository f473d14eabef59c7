"""Sealing: the moment facts become known.

Invariant: a batch belongs to one organisation, has the next gapless sequence, and its root is the Merkle tree over its
facts in the order table, key, fact id. It is there whole or not at all. Whatever a batch is stored in, a folder or a
database, `prepare` alone orders and hashes it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Batch, Book, flush_folder, write_whole
from panhuo.ground.book.personal import KeyHolder, PartyKeys, seal_column
from panhuo.ground.book.table import OWN_ORGANISATION, Table
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.merkle import MerkleTree
from panhuo.ground.record.row_bytes import row_leaves

_SLICE = 100_000
COMMITMENT = "#commitment"  # suffix of the stored column that holds a personal column's commitments


def _ordered(table: Table, facts: pa.Table, org: str) -> tuple[pa.Table, np.ndarray]:
    # (rows in the batch's order, the row of the input each of them was)
    facts = table.fact_schema.conform(facts)
    own = facts.column("org_id")
    if own.null_count == len(facts):
        facts = facts.set_column(0, "org_id", pa.array([org] * len(facts), pa.string()))
    elif pc.any(pc.not_equal(own, org)).as_py() or own.null_count:
        raise InvalidInput(
            f"a batch of {org} holds facts of another organisation", where=table.name, remedy="seal one batch for each"
        )
    for column in table.fact_schema.columns:
        if column.required and facts.column(column.name).null_count:
            at = int(np.flatnonzero(pc.is_null(facts.column(column.name)).to_numpy())[0])
            raise InvalidInput(
                f"{column.name} of {table.name} is required but not known in every row",
                where=f"{table.name} row {at + 1}",
                remedy="read the file with panhuo.ground.book.reading, which sets such rows aside",
            )
    keys = [("id", "ascending"), ("effective_on", "ascending")]
    order = pc.sort_indices(facts, sort_keys=keys)
    facts = facts.take(order).combine_chunks()
    if len(facts) > 1:
        ids, days = facts.column("id").combine_chunks(), facts.column("effective_on").combine_chunks()
        twins = pc.and_(pc.equal(ids[1:], ids[:-1]), pc.equal(days[1:], days[:-1]))
        if pc.any(twins).as_py():
            # Several facts of one entity on one day: every column decides, so that input order never does.
            rest = [(n, "ascending", "at_start") for n in table.fact_schema.names if n not in ("id", "effective_on")]
            among = pc.sort_indices(facts, sort_keys=[(n, o, "at_start") for n, o in keys] + rest)
            facts, order = facts.take(among).combine_chunks(), order.take(among)
    return facts, order.to_numpy()


def _sealed(table: Table, facts: pa.Table, sequence: int, start: int, keys: KeyHolder) -> tuple[pa.Table, pa.Table]:
    """(rows as hashed, rows as stored) of one table."""
    rows = len(facts)
    facts = facts.append_column("fact_sequence", pa.array(np.full(rows, sequence), pa.int64()))
    facts = facts.append_column("fact_position", pa.array(np.arange(start, start + rows), pa.int64()))
    stored = hashed = facts
    if table.personal_columns and rows:
        fact_ids = [f"{sequence}-{start + i}" for i in range(rows)]
        org = facts.column("org_id").to_pylist()
        for column in table.personal_columns:
            party = facts.column(str(column.personal)).to_pylist()
            at = facts.schema.get_field_index(column.name)
            cipher, committed = seal_column(
                keys, org, party, fact_ids, column.name, facts.column(column.name).cast(pa.string()).to_pylist()
            )
            commitments = pa.array(committed, pa.string())
            hashed = hashed.set_column(at, column.name, commitments)
            stored = stored.set_column(at, column.name, pa.array(cipher, pa.string()))
            stored = stored.append_column(column.name + COMMITMENT, commitments)
    return hashed, stored


def stored_schema(table: Table, version: int | None = None) -> Schema:
    """The sealed columns a batch of that schema version holds: those appended later are not in it."""
    version = table.schema.version if version is None else version
    columns = tuple(c for c in table.sealed_schema.columns if c.since <= version)
    return Schema(table.name, columns, version=version)


def hashed_schema(table: Table, version: int | None = None) -> Schema:
    """The schema leaves are written under: personal columns hold their commitment's text.

    Args:
        version: the schema version the batch was sealed under; the declared one by default.
    """
    kept = stored_schema(table, version)
    columns = tuple(Column(c.name, ColumnType.TEXT, c.zh, c.en) if c.personal else c for c in kept.columns)
    return Schema(table.name, columns, version=kept.version)


def _leaf_hashes(shape: Schema, rows: pa.Table) -> list[bytes]:
    # Slice by slice: the bytes of a large batch never stand in memory whole.
    found: list[bytes] = []
    for at in range(0, len(rows), _SLICE):
        found += row_leaves(shape, rows.slice(at, _SLICE)).hashes()
    return found


def batch_leaves(tables: Mapping[str, Table], hashed: Mapping[str, pa.Table]) -> list[bytes]:
    """Leaf hashes of a batch in its order."""
    leaves: list[bytes] = []
    for name in sorted(hashed, key=lambda n: n.encode()):
        leaves += _leaf_hashes(hashed_schema(tables[name]), hashed[name])
    return leaves


@dataclass(frozen=True)
class Prepared:
    """A batch as `prepare` made it, before it is stored anywhere.

    Attributes:
        tables: table -> rows, schema version, entities, how many replace others.
        observed_until: the last observation day the batch states; None when it says nothing of one.
        places: table -> for each row given, its position in the batch.
    """

    org: str
    sequence: int
    root: str
    tables: dict[str, dict[str, Any]]
    observed_until: date | None
    places: dict[str, np.ndarray] = field(repr=False, default_factory=dict)

    @property
    def manifest(self) -> bytes:
        """``batch.json``."""
        stated: dict[str, Any] = {"org": self.org, "sequence": self.sequence, "root": self.root}
        stated["tables"] = {
            name: {part: self.tables[name][part] for part in ("rows", "version", "entities", "replacing")}
            for name in sorted(self.tables, key=lambda n: n.encode())
        }
        if self.observed_until is not None:
            stated["observed_until"] = self.observed_until.isoformat()
        return json.dumps(stated, ensure_ascii=False, indent=1).encode() + b"\n"


def prepare(
    facts: Mapping[str, pa.Table],
    store: Callable[[str, pa.Table], None],
    *,
    org: str,
    sequence: int,
    keys: KeyHolder,
    observed_until: date | None = None,
    tables: Mapping[str, Table] = TABLES,
    progress: Callable[[str, int], None] | None = None,
) -> Prepared:
    """Orders, encrypts and hashes the facts of one batch; nothing is stored but through `store`.

    Args:
        facts: table name -> rows (the table's fact columns; `org_id` may be left out).
        store: called with each table's name and rows as they are to be stored, in table order.
        org: the organisation whose batch this is; sequence: the batch's number, which its facts carry.
        keys: party keys; the caller saves them before the batch counts.
        observed_until: the last observation date after this batch; by default the latest `effective_on` in it.
        tables: declarations; the book's own by default.
        progress: called with (table name, rows) after each table is hashed.

    Raises:
        InvalidInput: for an unknown table, an unknown required value, or facts of another organisation.
    """
    unknown = sorted(set(facts) - set(tables))
    if unknown:
        raise InvalidInput(f"no table is called {', '.join(unknown)}", remedy="see docs/tables.md for the tables")
    latest: list[date] = []
    leaves: list[bytes] = []
    described: dict[str, dict[str, Any]] = {}
    places: dict[str, np.ndarray] = {}
    start = 0
    for name in sorted(facts, key=lambda n: n.encode()):
        ordered, order = _ordered(tables[name], facts[name], org)
        hashed, stored = _sealed(tables[name], ordered, sequence, start, keys)
        leaves += _leaf_hashes(hashed_schema(tables[name]), hashed)
        store(name, stored)
        described[name] = {
            "rows": len(ordered),
            "version": tables[name].schema.version,
            "entities": pc.count_distinct(ordered.column("id")).as_py(),
            "replacing": len(ordered) - ordered.column("replaces").null_count,
        }
        places[name] = np.empty(len(order), np.int64)
        places[name][order] = np.arange(start, start + len(order))
        if len(ordered):
            latest.append(pc.max(ordered.column("effective_on")).as_py())
        start += len(ordered)
        if progress is not None:
            progress(name, len(ordered))
    root = MerkleTree(leaves).root.hex()
    return Prepared(org, sequence, root, described, observed_until or max(latest, default=None), places)


def places_of(facts: Mapping[str, pa.Table], org: str, tables: Mapping[str, Table] = TABLES) -> dict[str, np.ndarray]:
    """Table -> for each row given, its position in the batch of exactly these facts; as `prepare` places them."""
    places: dict[str, np.ndarray] = {}
    start = 0
    for name in sorted(facts, key=lambda n: n.encode()):
        _, order = _ordered(tables[name], facts[name], org)
        places[name] = np.empty(len(order), np.int64)
        places[name][order] = np.arange(start, start + len(order))
        start += len(order)
    return places


class BatchFolder:
    """A batch's folder while it is written; `put` adds a table, `state` the manifest that makes it a batch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, stored: pa.Table) -> None:
        """Writes one table's rows as they are stored."""
        _write_table(stored, self.folder / f"{name}.parquet")

    def state(self, batch: Prepared) -> None:
        """Writes the manifest."""
        write_whole(self.folder / "batch.json", batch.manifest)


@contextmanager
def batch_folder(book: Book, org: str, sequence: int) -> Iterator[BatchFolder]:
    """The folder of a new batch, in place and on disk when the block ends well, and otherwise not there.

    The caller holds the organisation's lock.
    """
    place = book.organisation_folder(org) / f"{sequence:06d}"
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield BatchFolder(partial)
    partial.rename(place)
    flush_folder(place.parent)


def seal(
    book: Book,
    facts: Mapping[str, pa.Table],
    *,
    org: str = OWN_ORGANISATION,
    observed_until: date | None = None,
    tables: Mapping[str, Table] = TABLES,
    progress: Callable[[str, int], None] | None = None,
) -> Batch:
    """Seals one batch of one organisation and returns it.

    Args:
        book: where it goes.
        facts: table name -> rows (the table's fact columns; `org_id` may be left out).
        org: the organisation whose batch this is.
        observed_until: the book's last observation date after this batch; by default the latest `effective_on` in it.
        tables: declarations; the book's own by default.
        progress: called with (table name, rows) after each table is hashed.

    Raises:
        InvalidInput: for an unknown table, an unknown required value, or facts of another organisation.
    """
    with book.locked(org):
        keys = PartyKeys.of(book)
        sequence = book.last_sequence(org) + 1
        with batch_folder(book, org, sequence) as folder:
            batch = prepare(
                facts, folder.put, org=org, sequence=sequence, keys=keys, observed_until=observed_until, tables=tables,
                progress=progress,
            )  # fmt: skip
            folder.state(batch)
            keys.save()  # before the batch counts: a sealed personal value is never without its key
        if batch.observed_until is not None:
            book.set_as_of(batch.observed_until)
    return Batch(org, sequence, batch.root, batch.tables, book.organisation_folder(org) / f"{sequence:06d}")


def _write_table(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())


def stored_leaves(table: Table, stored: pa.Table, version: int | None = None) -> list[bytes]:
    """Leaf hashes of rows as they are stored, in their batch's order.

    Args:
        version: the schema version they were sealed under; columns appended since are not part of their leaves.
    """
    for column in table.personal_columns:
        if column.name + COMMITMENT in stored.column_names:
            at = stored.schema.get_field_index(column.name)
            stored = stored.set_column(at, column.name, stored.column(column.name + COMMITMENT))
    shape = hashed_schema(table, version)
    return _leaf_hashes(shape, shape.conform(stored))


def recomputed_root(batch: Batch, tables: Mapping[str, Table] = TABLES) -> str:
    """The root of a sealed batch from its stored rows: equal to `batch.root` unless a file was changed."""
    leaves: list[bytes] = []
    for name in sorted(batch.tables, key=lambda n: n.encode()):
        stored = pq.read_table(batch.folder / f"{name}.parquet")
        leaves += stored_leaves(tables[name], stored, batch.tables[name]["version"])
    return MerkleTree(leaves).root.hex()
