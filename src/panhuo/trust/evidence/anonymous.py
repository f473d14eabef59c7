"""A frame without a book, hashed as a book of one batch: what a tool was given, for its receipt (docs/format.md).

Invariant: the root depends on the frame's column names, types and values in their order, never on the file it came in,
its chunks or the clock. A float is hashed as its shortest decimal text, so that nothing sealed is a float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.record import canonical_json
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.merkle import MerkleTree
from panhuo.ground.record.row_bytes import row_leaves
from panhuo.trust.evidence.keys import ANONYMOUS

_COLUMNS = (
    Column("position", ColumnType.INT, "列次", "position of the column, from 1", key=True, required=True),
    Column("name", ColumnType.TEXT, "列名", "its name", required=True),
    Column("type", ColumnType.TEXT, "类型", "its type: bool, int, date, text, or decimal text", required=True),
)
_ROW = Column("row", ColumnType.INT, "行次", "position of the row, from 1", key=True, required=True)


def anonymous_leaves(name: str, frame: pa.Table) -> list[bytes]:
    """Leaf hashes of a frame: of the table ``NAME.columns``, then of ``NAME.rows``."""
    typed = [_sealable(frame.column(i)) for i in range(frame.num_columns)]
    columns = pa.table(
        {
            "position": pa.array(range(1, len(typed) + 1), pa.int64()),
            "name": pa.array(frame.column_names, pa.string()),
            "type": pa.array([kind for kind, _ in typed], pa.string()),
        }
    )
    shape = [_ROW]
    values: dict[str, Any] = {"row": pa.array(np.arange(1, frame.num_rows + 1), pa.int64())}
    for place, (kind, array) in enumerate(typed, start=1):
        held = ColumnType.TEXT if kind == "decimal text" else ColumnType(kind)
        shape.append(Column(f"column_{place}", held, frame.column_names[place - 1], frame.column_names[place - 1]))
        values[f"column_{place}"] = array
    leaves = row_leaves(Schema(f"{name}.columns", _COLUMNS), columns).hashes()
    return leaves + row_leaves(Schema(f"{name}.rows", tuple(shape)), pa.table(values)).hashes()


def anonymous_batches(frames: Mapping[str, pa.Table]) -> dict[str, Any]:
    """The batches of a lineage (docs/format.md) for what a tool was given, by the name of each input."""
    leaves: list[bytes] = []
    for name in sorted(frames, key=lambda n: n.encode()):
        leaves += anonymous_leaves(name, frames[name])
    return {ANONYMOUS: {"sequence": 1, "roots": [MerkleTree(leaves).root.hex()]}}


def frame_of_cases(cases: Sequence[tuple[str, Any]]) -> pa.Table:
    """Cases read from JSON as a frame: ``case`` (the name) and ``content`` (canonical JSON).

    A number with a fraction stands in it as ``{"decimal": "0.0435"}``, as it was written when the JSON was read with
    `Decimal`; an integer beyond 53 bits as ``{"integer": "..."}``.
    """
    content = [canonical_json.serialise(_without_floats(case)).decode("utf-8") for _, case in cases]
    return pa.table({"case": pa.array([n for n, _ in cases], pa.string()), "content": pa.array(content, pa.string())})


def _without_floats(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_floats(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, float):
        return {"decimal": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"integer": str(value)}
    return value


def _sealable(column: pa.ChunkedArray) -> tuple[str, pa.Array]:
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(array, pa.ChunkedArray):  # of no chunks at all
        array = pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    kind = array.type
    if pa.types.is_boolean(kind):
        return "bool", array
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return "int", array.cast(pa.int64())
    if pa.types.is_date32(kind):
        return "date", array
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text", array.cast(pa.large_string())
    if pa.types.is_floating(kind):
        texts = [None if v is None else repr(v) for v in array.cast(pa.float64()).to_pylist()]
        return "decimal text", pa.array(texts, pa.large_string())
    return "text", pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.large_string())
