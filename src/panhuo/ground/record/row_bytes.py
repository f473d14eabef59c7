"""Canonical row bytes and leaf hashes, column by column (docs/format.md).

Invariant: the bytes of a row depend on its schema and values alone: not on chunking, dictionary encoding, thread count
or machine. Buffers hold the domain byte 0x00 before each leaf so that hashing needs no copy; it is not part of the row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import Defect

FORMAT_VERSION = 1


@njit(cache=True)
def _put_integers(buffer, cursor, values, known):  # type: ignore[no-untyped-def]
    for i in range(len(values)):
        at = cursor[i]
        if known[i]:
            buffer[at] = 1
            value = values[i]
            for j in range(8):
                buffer[at + 8 - j] = np.uint8((value >> (8 * j)) & 0xFF)
            cursor[i] = at + 9
        else:
            buffer[at] = 0
            cursor[i] = at + 1


@njit(cache=True)
def _put_texts(buffer, cursor, data, offsets, known):  # type: ignore[no-untyped-def]
    for i in range(len(known)):
        at = cursor[i]
        if known[i]:
            buffer[at] = 1
            start = offsets[i]
            length = offsets[i + 1] - start
            buffer[at + 1] = np.uint8((length >> 24) & 0xFF)
            buffer[at + 2] = np.uint8((length >> 16) & 0xFF)
            buffer[at + 3] = np.uint8((length >> 8) & 0xFF)
            buffer[at + 4] = np.uint8(length & 0xFF)
            for j in range(length):
                buffer[at + 5 + j] = data[start + j]
            cursor[i] = at + 5 + length
        else:
            buffer[at] = 0
            cursor[i] = at + 1


@njit(cache=True)
def _put_constant(buffer, cursor, constant):  # type: ignore[no-untyped-def]
    for i in range(len(cursor)):
        at = cursor[i]
        for j in range(len(constant)):
            buffer[at + j] = constant[j]
        cursor[i] = at + len(constant)


@njit(cache=True)
def _put_groups(buffer, cursor, group, counts, data, offsets):  # type: ignore[no-untyped-def]
    # Appends to each row the u32 count of its parts, then each part behind its u32 length; parts stand in group order.
    for i in range(len(cursor)):
        at = cursor[i]
        for j in range(4):
            buffer[at + j] = np.uint8((counts[i] >> (8 * (3 - j))) & 0xFF)
        cursor[i] = at + 4
    for p in range(len(group)):
        row = group[p]
        at = cursor[row]
        start = offsets[p] + 1  # skip the part's own domain byte
        length = offsets[p + 1] - start
        for j in range(4):
            buffer[at + j] = np.uint8((length >> (8 * (3 - j))) & 0xFF)
        for j in range(length):
            buffer[at + 4 + j] = data[start + j]
        cursor[row] = at + 4 + length


@dataclass(frozen=True)
class Leaves:
    """Leaf bytes of many rows in one buffer.

    Attributes:
        data: uint8, each leaf behind its domain byte 0x00.
        offsets: int64, len = rows + 1.
    """

    data: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def leaf(self, index: int) -> bytes:
        """The leaf bytes of row `index`, without the domain byte."""
        return self.data[self.offsets[index] + 1 : self.offsets[index + 1]].tobytes()

    def hashes(self) -> list[bytes]:
        """SHA-256(00 || leaf bytes) of every row."""
        view = self.data.data
        ends = self.offsets.tolist()
        sha256 = hashlib.sha256
        return [sha256(view[ends[i] : ends[i + 1]]).digest() for i in range(len(self))]


def _known(array: pa.Array) -> np.ndarray:
    if array.null_count == 0:
        return np.ones(len(array), dtype=np.bool_)
    return array.is_valid().to_numpy(zero_copy_only=False)


def integer_values(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(int64 values, known) of a boolean, integer or date array; unknown values read as 0."""
    known = _known(array)
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    elif pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    if array.null_count:
        array = array.fill_null(0)
    return array.to_numpy(zero_copy_only=False).astype(np.int64, copy=False), known


def text_values(array: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(UTF-8 bytes, int64 offsets, known) of a string array."""
    known = _known(array)
    plain = array.cast(pa.large_string())
    if plain.null_count:
        plain = plain.fill_null("")
    _, offsets, data = plain.buffers()
    count = len(plain)
    if count == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64), known
    ends = np.frombuffer(offsets, dtype=np.int64)[plain.offset : plain.offset + count + 1]
    body = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return body, ends, known


def _single(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return column


def _header(schema: Schema) -> np.ndarray:
    name = schema.name.encode("utf-8")
    head = bytes([FORMAT_VERSION]) + len(name).to_bytes(4, "big") + name + schema.version.to_bytes(4, "big")
    return np.frombuffer(head, dtype=np.uint8)


def _prepare(column: Column, values: Any) -> tuple[bool, Any, np.ndarray]:
    if column.type is ColumnType.FLOAT:
        raise Defect(f"column {column.name} is a float and cannot be sealed", where=column.name)
    array = _single(values)
    if column.type.is_text:
        data, ends, known = text_values(array)
        return True, (data, ends, known), np.where(known, 5 + np.diff(ends), 1).astype(np.int64)
    numbers, known = integer_values(array)
    return False, (numbers, known), np.where(known, 9, 1).astype(np.int64)


def row_leaves(schema: Schema, table: pa.Table, parts: tuple[np.ndarray, Leaves] | None = None) -> Leaves:
    """The leaf bytes of every row of `table`, which conforms to `schema` and is in leaf order.

    Args:
        schema: columns in the order they are written.
        table: rows; a column absent from it is an error.
        parts: for outcomes, (row index of each reason in ascending order, the reasons' own leaves in rank order).

    Raises:
        Defect: for a float column or an absent column.
    """
    rows = len(table)
    header = _header(schema)
    prepared = []
    lengths = np.full(rows, 1 + len(header), dtype=np.int64)
    for column in schema.columns:
        item = _prepare(column, table.column(column.name))
        prepared.append(item)
        lengths += item[2]
    counts = np.zeros(0, np.int64)
    if parts is not None:
        group, inner = parts
        counts = np.bincount(group, minlength=rows).astype(np.int64)
        sizes = np.diff(inner.offsets) + 3  # its bytes without the domain byte, plus the u32 length
        extra = np.zeros(rows, np.int64)
        np.add.at(extra, group, sizes)
        lengths += 4 + extra
    offsets = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    buffer = np.zeros(int(offsets[-1]), dtype=np.uint8)
    cursor = offsets[:-1] + 1
    _put_constant(buffer, cursor, header)
    for is_text, content, _ in prepared:
        if is_text:
            _put_texts(buffer, cursor, *content)
        else:
            _put_integers(buffer, cursor, *content)
    if parts is not None:
        group, inner = parts
        _put_groups(buffer, cursor, group.astype(np.int64), counts, inner.data, inner.offsets)
    return Leaves(buffer, offsets)
