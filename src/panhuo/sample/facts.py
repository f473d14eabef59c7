"""From arrays and single rows to the Arrow tables a batch is sealed from.

Invariant: every column is built by its declaration, so a table of the sample is a table of the book; days and amounts
at `UNKNOWN` or `NEVER` become unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.columns import CodeList, Column, ColumnType

_OUT_OF_TIME = 1 << 30


def numbered(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    """Text ids: prefix and zero-padded number; a negative number is unknown."""
    numbers = np.asarray(numbers, dtype=np.int64)
    digits = pc.utf8_lpad(pa.array(np.maximum(numbers, 0)).cast(pa.string()), width, "0")
    ids = pc.binary_join_element_wise(pa.scalar(prefix), digits, "")
    if (numbers < 0).any():
        ids = pc.if_else(pa.array(numbers >= 0), ids, pa.scalar(None, pa.string()))
    return ids


def coded(codes: CodeList | tuple[str, ...], positions: np.ndarray) -> pa.Array:
    """Code texts from positions; a negative position is unknown."""
    texts = pa.array(list(codes.positions) if isinstance(codes, CodeList) else list(codes), pa.string())
    positions = np.asarray(positions, dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(positions, mask=positions < 0), texts).cast(pa.string())


def _array(column: Column, values: Any, rows: int) -> pa.Array:
    kind = column.arrow_type()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values if values.type == kind else values.cast(kind)
    if values is None:
        return pa.nulls(rows, kind)
    if isinstance(values, (str, bool, int)):
        return pa.repeat(pa.scalar(values).cast(kind) if column.type is not ColumnType.DATE else values, rows)
    if isinstance(values, list):
        if column.type is ColumnType.DATE:
            return pa.array([v if v is not None and abs(v) < _OUT_OF_TIME else None for v in values], pa.int32()).cast(
                kind
            )
        return pa.array(values, kind)
    values = np.asarray(values)
    if column.type is ColumnType.DATE:
        mask = np.abs(values) >= _OUT_OF_TIME
        return pa.array(np.where(mask, 0, values).astype(np.int32), mask=mask).cast(kind)
    if values.dtype == np.bool_:
        return pa.array(values)
    mask = np.abs(values) >= 1 << 61
    return pa.array(values, mask=mask if mask.any() else None).cast(kind)


class Facts:
    """The rows of one organisation as they are told, by table."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def add(self, name: str, columns: Mapping[str, Any]) -> None:
        """Adds many rows at once: column -> array, list or one value for all; absent columns are unknown."""
        schema = table_named(name).fact_schema
        strange = sorted(set(columns) - set(schema.names))
        if strange:
            raise KeyError(f"{name} has no column {', '.join(strange)}")
        rows = len(columns["id"])
        arrays = [_array(c, columns.get(c.name), rows) for c in schema.columns]
        self._parts.setdefault(name, []).append(pa.table(arrays, schema=schema.arrow()))

    def row(self, table: str, /, **columns: Any) -> None:
        """Adds one row."""
        self._rows.setdefault(table, []).append(columns)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The single rows told so far of one table."""
        return self._rows.setdefault(name, [])

    def names(self) -> Iterable[str]:
        """Tables told of so far."""
        return sorted(set(self._parts) | {n for n, r in self._rows.items() if r})

    def tables(self) -> dict[str, pa.Table]:
        """All tables as Arrow, in fact schema."""
        found = {}
        for name in self.names():
            schema = table_named(name).fact_schema
            parts = list(self._parts.get(name, ()))
            rows = self._rows.get(name)
            if rows:
                strange = sorted({k for r in rows for k in r} - set(schema.names))
                if strange:
                    raise KeyError(f"{name} has no column {', '.join(strange)}")
                arrays = [_array(c, [r.get(c.name) for r in rows], len(rows)) for c in schema.columns]
                parts.append(pa.table(arrays, schema=schema.arrow()))
            found[name] = pa.concat_tables(parts)
        return found
