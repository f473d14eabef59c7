"""Facts into their tables: Arrow columns in, rows under row-level security out of it.

Invariant: values go from Arrow buffers to PostgreSQL's binary COPY format without a Python object each; nothing is
stored but through the acting organisation's own policies.

COPY does not write where row-level security stands, so rows arrive in a temporary table of the session (seen by nobody
else, not logged, emptied by the end of the transaction) and are inserted from there by one statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from panhuo.ground.book.table import Table
from panhuo.ground.record.row_bytes import integer_values, text_values
from panhuo_server.store.declared import identity_of, quoted, stored_columns

CHUNK = 20_000
"""Rows laid out in memory at a time."""
_MANY = 5_000
"""From so many rows on, the temporary table goes with the transaction; below it stays for the session's next batch."""
_EPOCH = 10_957
"""Days from 1970-01-01, where Arrow counts from, to 2000-01-01, where PostgreSQL does."""
_WIDTHS = {"bigint": 8, "integer": 4, "date": 4, "boolean": 1}
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)


@njit(cache=True)
def _put_number(buffer, cursor, values, known, width):  # type: ignore[no-untyped-def]
    for i in range(len(values)):
        at = cursor[i]
        if known[i]:
            buffer[at] = 0
            buffer[at + 1] = 0
            buffer[at + 2] = 0
            buffer[at + 3] = width
            value = values[i]
            for j in range(width):
                buffer[at + 3 + width - j] = np.uint8((value >> (8 * j)) & 0xFF)
            cursor[i] = at + 4 + width
        else:
            for j in range(4):
                buffer[at + j] = 0xFF
            cursor[i] = at + 4


@njit(cache=True)
def _put_text(buffer, cursor, data, offsets, known):  # type: ignore[no-untyped-def]
    for i in range(len(known)):
        at = cursor[i]
        if known[i]:
            start = offsets[i]
            length = offsets[i + 1] - start
            for j in range(4):
                buffer[at + 3 - j] = np.uint8((length >> (8 * j)) & 0xFF)
            for j in range(length):
                buffer[at + 4 + j] = data[start + j]
            cursor[i] = at + 4 + length
        else:
            for j in range(4):
                buffer[at + j] = 0xFF
            cursor[i] = at + 4


@njit(cache=True)
def _put_count(buffer, cursor, count):  # type: ignore[no-untyped-def]
    for i in range(len(cursor)):
        buffer[cursor[i]] = np.uint8((count >> 8) & 0xFF)
        buffer[cursor[i] + 1] = np.uint8(count & 0xFF)
        cursor[i] += 2


def _laid_out(columns: list[tuple[str, str]], rows: pa.Table) -> np.ndarray:
    prepared: list[tuple[int, np.ndarray, np.ndarray | None, np.ndarray]] = []
    lengths = np.full(len(rows), 2, np.int64)
    for name, kind in columns:
        column = rows.column(name)
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if kind == "text":
            data, ends, known = text_values(array)
            lengths += np.where(known, 4 + np.diff(ends), 4)
            prepared.append((0, data, ends, known))
            continue
        values, known = integer_values(array)
        width = _WIDTHS[kind]
        lengths += np.where(known, 4 + width, 4)
        prepared.append((width, values - _EPOCH if kind == "date" else values, None, known))
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    buffer = np.empty(int(offsets[-1]), np.uint8)
    cursor = offsets[:-1].copy()
    _put_count(buffer, cursor, len(columns))
    for width, content, starts, known in prepared:
        if starts is not None:
            _put_text(buffer, cursor, content, starts, known)
        else:
            _put_number(buffer, cursor, content, known, width)
    return buffer


def copy_format(columns: list[tuple[str, str]], rows: pa.Table) -> Iterator[bytes | memoryview]:
    """Rows in PostgreSQL's binary COPY format, piece by piece.

    Args:
        columns: (name, database type) in the order COPY names them: text, bigint, integer, date, boolean.
        rows: has those columns.
    """
    yield _HEADER
    for at in range(0, len(rows), CHUNK):
        yield _laid_out(columns, rows.slice(at, CHUNK)).data
    yield b"\xff\xff"


def _present(table: Table, rows: pa.Table) -> list[tuple[str, str]]:
    # A batch of an older schema version lacks what was appended since: it stays unknown.
    return [(name, kind) for name, kind in stored_columns(table) if name in rows.column_names]


def add_facts(cursor: Any, table: Table, stored: pa.Table) -> None:
    """Adds stored rows and the identities they name (their own and those they refer to) of the acting organisation.

    Args:
        cursor: of the acting transaction, which holds the organisation's lock and has added the batch they belong to.
        stored: rows as `panhuo.ground.book.batch.prepare` stores them.
    """
    if not len(stored):
        return
    columns = _present(table, stored)
    names = ", ".join(quoted(name) for name, _ in columns)
    name = quoted(table.name)
    many = len(stored) >= _MANY
    # Named for the schema version too: a session may live through a migration that appends columns.
    own_name = quoted(f"arriving_{'whole_' if many else ''}{table.schema.version}_{table.name}")
    arriving = f"pg_temp.{own_name}"
    cursor.execute(
        f"create temporary table if not exists {own_name} (like {name}) on commit {'drop' if many else 'delete rows'}"
    )
    with cursor.copy(f"copy {arriving} ({names}) from stdin (format binary)") as copy:
        for piece in copy_format(columns, stored):
            copy.write(piece)
    named = {(table.name, "id")} | {(str(c.references), c.name) for c in table.reference_columns}
    for of_table, column in sorted(named):
        if column in stored.column_names and stored.column(column).null_count < len(stored):
            identity, own = quoted(identity_of(of_table)), quoted(column)
            # One look into the key an entity, never a join: of an organisation that has just begun statistics know
            # nothing. Sorted, the index grows at its end.
            cursor.execute(
                f"insert into {identity} (org_id, id) select a.org_id, a.own from "
                f"(select distinct org_id, {own} as own from {arriving} where {own} is not null) a "
                f"where (select true from {identity} i where i.org_id = a.org_id and i.id = a.own limit 1) is null "
                f"order by a.org_id, a.own"
            )
    cursor.execute(f"insert into {name} ({names}) select {names} from {arriving}")
    if many:
        cursor.execute(f"drop table {arriving}")
    else:
        cursor.execute(f"truncate {arriving}")


def add_commands(
    cursor: Any, org: str, sequence: int, keys: list[str], requests: list[str], answers: list[str]
) -> None:
    """Adds the answers of one batch's commands; they arrive as facts do."""
    rows = pa.table({"idempotency_key": keys, "request_hash": requests, "answer": answers})
    cursor.execute(
        "create temporary table if not exists arriving_commands (idempotency_key text, request_hash text, answer text) "
        "on commit delete rows"
    )
    named = "pg_temp.arriving_commands (idempotency_key, request_hash, answer)"
    with cursor.copy(f"copy {named} from stdin (format binary)") as copy:
        for piece in copy_format([(name, "text") for name in rows.column_names], rows):
            copy.write(piece)
    cursor.execute(
        "insert into commands (org_id, idempotency_key, request_hash, sequence, answer) "
        "select %s, idempotency_key, request_hash, %s, answer::jsonb from pg_temp.arriving_commands",
        [org, sequence],
    )
    cursor.execute("truncate pg_temp.arriving_commands")
