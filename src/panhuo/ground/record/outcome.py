"""Outcome: what every stage and tool returns. One keyed table, its reasons, its lineage.

Invariant: rows stand in key order, a key stands once, every row's reasons are ranked from 1, and the root depends on
the rows and reasons alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.record import canonical_json
from panhuo.ground.record.arguments import HOME, argument_type, value_text
from panhuo.ground.record.columns import Code, CodeList, Column, ColumnType, Schema
from panhuo.ground.record.errors import Defect, InvalidInput, NotFound
from panhuo.ground.record.merkle import MerkleTree
from panhuo.ground.record.phrases import PhraseBook
from panhuo.ground.record.row_bytes import Leaves, row_leaves

REASON_COLUMNS = (
    Column("rank", ColumnType.INT, "次序", "rank", required=True),
    Column("code", ColumnType.CODE, "理由代码", "reason code", required=True),
    Column("contribution", ColumnType.INT, "贡献（按结果的刻度）", "contribution on the result's scale"),
    Column("arguments", ColumnType.TEXT, "参数", "arguments", required=True),
)


def reasons_schema(schema: Schema) -> Schema:
    """Schema of an outcome's reasons table: its key columns, then rank, code, contribution, arguments."""
    keys = tuple(schema[name] for name in schema.key)
    return Schema(f"{schema.name}/reasons", (*keys, *REASON_COLUMNS), version=schema.version)


def in_key_order(schema: Schema, table: pa.Table) -> pa.Table:
    """`table` conformed to `schema` and sorted by its key: integers numerically, text by UTF-8 bytes, unknown first.

    Raises:
        Defect: when a key stands twice.
    """
    table = schema.conform(table)
    order = pc.sort_indices(table, sort_keys=[(name, "ascending", "at_start") for name in schema.key])
    table = table.take(order).combine_chunks()
    if len(table) > 1:
        same = np.ones(len(table) - 1, dtype=np.bool_)
        for name in schema.key:
            column = table.column(name).combine_chunks()
            equal = pc.fill_null(pc.equal(column[1:], column[:-1]), False)
            both_unknown = pc.and_(pc.is_null(column[1:]), pc.is_null(column[:-1]))
            same &= pc.or_(equal, both_unknown).to_numpy(zero_copy_only=False)
        if same.any():
            at = int(np.argmax(same))
            key = {name: table.column(name)[at].as_py() for name in schema.key}
            raise Defect(f"{schema.name} has the key {key} twice", where=schema.name)
    return table


@dataclass(frozen=True)
class Outcome:
    """See the module's invariant.

    Attributes:
        schema: key columns first.
        table: rows in key order, conforming to `schema`.
        reasons: key columns, rank, code, contribution, arguments; in key and rank order.
        lineage: what decided the bytes (docs/format.md); no clock, no float.
        words: the phrase book that renders the reasons.
        subjects: the typed rows that were judged, sealed with the outcome; None for tools that have none.
        subject_schema: schema of `subjects`.
    """

    schema: Schema
    table: pa.Table
    reasons: pa.Table
    lineage: dict[str, Any] = field(default_factory=dict)
    words: PhraseBook = field(default_factory=lambda: PhraseBook({}))
    subjects: pa.Table | None = None
    subject_schema: Schema | None = None

    @property
    def name(self) -> str:
        """What was judged."""
        return self.schema.name

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def lists(self) -> dict[str, CodeList]:
        """Closed code lists named by the columns, by name."""
        columns = [*self.schema.columns, *(self.subject_schema.columns if self.subject_schema else ())]
        return {c.codes.name: c.codes for c in columns if c.codes is not None}

    @cached_property
    def _reason_rows(self) -> np.ndarray:
        # The row each reason belongs to; both tables stand in key order, so a running count of key changes is enough.
        if len(self.reasons) == 0:
            return np.zeros(0, np.int64)
        keys = list(self.schema.key)
        rows = self.table.select(keys).append_column("_row", pa.array(np.arange(len(self.table))))
        places = self.reasons.select(keys).append_column("_at", pa.array(np.arange(len(self.reasons))))
        joined = places.join(rows, keys=keys, join_type="left outer").sort_by("_at")
        found = joined.column("_row")
        if found.null_count:
            raise Defect(f"{self.name} has reasons for keys it does not have", where=self.name)
        return found.to_numpy().astype(np.int64)

    @cached_property
    def leaves(self) -> Leaves:
        """Leaf bytes of every key."""
        inner = Schema(f"{self.name}/reasons", REASON_COLUMNS, version=self.schema.version)
        group = self._reason_rows
        if len(group) > 1 and (np.diff(group) < 0).any():
            raise Defect(f"the reasons of {self.name} are not in key order", where=self.name)
        return row_leaves(self.schema, self.table, (group, row_leaves(inner, self.reasons)))

    @cached_property
    def tree(self) -> MerkleTree:
        """The Merkle tree over the keys."""
        return MerkleTree(self.leaves.hashes())

    @property
    def root(self) -> bytes:
        """Root of the outcome: 32 bytes."""
        return self.tree.root

    def row_of(self, *key: Any) -> int:
        """The row with this key (text is accepted for any key type).

        Raises:
            NotFound: when there is no such key.
        """
        names = self.schema.key
        if len(key) != len(names):
            raise InvalidInput(
                f"{self.name} is keyed by {', '.join(names)}",
                where=" ".join(map(str, key)),
                remedy=f"give {len(names)} value(s)",
            )
        mask = None
        for name, value in zip(names, key, strict=True):
            column = self.table.column(name)
            try:
                wanted = pa.scalar(str(value)).cast(column.type) if value is not None else None
            except pa.ArrowException:
                wanted = None
            same = pc.equal(column, wanted) if wanted is not None else pc.is_null(column)
            mask = same if mask is None else pc.and_(mask, same)
        found = np.flatnonzero(pc.fill_null(mask, False).to_numpy())
        if len(found) == 0:
            raise NotFound(
                f"{self.name} has no row {' '.join(map(str, key))}",
                where=self.name,
                remedy="list its keys with the table file of the same name",
            )
        return int(found[0])

    def why(self, *key: Any, language: str = "zh") -> dict[str, Any]:
        """One row opened: its values, its reasons in words, its rules and lineage."""
        at = self.row_of(*key)
        currency = self.currency_of(at)
        values = {}
        for column in self.schema.columns:
            value = self.table.column(column.name)[at].as_py()
            values[column.name] = {
                "label": column.zh if language == "zh" else column.en,
                "value": value.isoformat() if hasattr(value, "isoformat") else value,
                "text": self.text_of(column, value, language, currency),
            }
        mine = np.flatnonzero(self._reason_rows == at)
        reasons = []
        for row in self.reasons.take(pa.array(mine)).to_pylist():
            reasons.append(
                {
                    "rank": row["rank"],
                    "code": row["code"],
                    "contribution": row["contribution"],
                    "arguments": row["arguments"],
                    "words": self.words.sentence(row["code"], row["arguments"], self.lists, language),
                }
            )
        return {"outcome": self.name, "key": list(key), "values": values, "reasons": reasons, "lineage": self.lineage}

    def currency_of(self, at: int) -> str:
        """The currency of the amounts of row number `at`: its own column or its subject's; CNY if none is stated."""
        rows, schema = self.table, self.schema
        judged = self.subject_schema
        if "currency" not in schema and self.subjects is not None and judged is not None and judged.key == schema.key:
            rows, schema = self.subjects, judged  # judged one to one, and both tables stand in key order
        return (rows.column("currency")[at].as_py() or HOME) if "currency" in schema else HOME

    def text_of(self, column: Column, value: Any, language: str, currency: str = HOME) -> str:
        """A value of `column` as people read it; an amount is one of `currency`."""
        if value is None:
            return value_text("text", "?", self.lists, language)
        plain = pa.scalar(value, column.arrow_type())
        if pa.types.is_date32(plain.type):
            plain = plain.cast(pa.int32())
        text = str(int(plain.as_py())) if not column.type.is_text else str(value).replace("%", "%25")
        if column.type is ColumnType.FEN and currency != HOME:
            text += f"@{currency}"
        return value_text(argument_type(column), text, self.lists, language)

    def entry(self, org: str = "self") -> dict[str, Any]:
        """The log entry of this outcome."""
        return {
            "kind": "outcome",
            "org": org,
            "name": self.name,
            "root": self.root.hex(),
            "rows": len(self.table),
            "lineage": self.lineage,
        }

    def write(self, folder: Path) -> None:
        """Writes ``NAME.parquet``, ``NAME.reasons.parquet``, ``NAME.subjects.parquet`` and ``NAME.outcome.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(self.table, folder / f"{self.name}.parquet", compression="zstd")
        pq.write_table(self.reasons, folder / f"{self.name}.reasons.parquet", compression="zstd")
        if self.subjects is not None:
            pq.write_table(self.subjects, folder / f"{self.name}.subjects.parquet", compression="zstd")
        description = {
            "root": self.root.hex(),
            "schema": schema_as_json(self.schema),
            "subject_schema": schema_as_json(self.subject_schema) if self.subject_schema else None,
            "lineage": self.lineage,
            "words": self.words.as_json(),
        }
        text = json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{self.name}.outcome.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, name: str) -> Outcome:
        """Reads what `write` wrote and checks that the rows still give the stated root.

        Raises:
            NotFound: when there is no such outcome.
            InvalidInput: when its files were changed.
        """
        path = folder / f"{name}.outcome.json"
        if not path.exists():
            have = sorted(p.name.removesuffix(".outcome.json") for p in folder.glob("*.outcome.json"))
            raise NotFound(f"no outcome {name} in {folder}", remedy=f"there are: {', '.join(have) or 'none'}")
        description = json.loads(path.read_text(encoding="utf-8"))
        subject_schema = schema_from_json(description["subject_schema"]) if description["subject_schema"] else None
        subjects = folder / f"{name}.subjects.parquet"
        outcome = cls(
            schema=schema_from_json(description["schema"]),
            table=pq.read_table(folder / f"{name}.parquet"),
            reasons=pq.read_table(folder / f"{name}.reasons.parquet"),
            lineage=description["lineage"],
            words=PhraseBook.from_json(description["words"]),
            subjects=pq.read_table(subjects) if subjects.exists() else None,
            subject_schema=subject_schema,
        )
        if outcome.root.hex() != description["root"]:
            raise InvalidInput(
                f"the rows of {name} no longer give the root they were sealed with",
                where=str(path),
                remedy="run again, or restore the files",
            )
        return outcome


def make_outcome(
    schema: Schema,
    table: pa.Table,
    reasons: pa.Table | None = None,
    *,
    lineage: Mapping[str, Any] | None = None,
    words: PhraseBook | None = None,
    subjects: pa.Table | None = None,
    subject_schema: Schema | None = None,
) -> Outcome:
    """An outcome from unordered rows and reasons; ranks are made here (largest contribution first, then code).

    Args:
        reasons: key columns, code, contribution, arguments; `rank` is ignored if present. None for no reasons.
    """
    table = in_key_order(schema, table)
    shape = reasons_schema(schema)
    if reasons is None or len(reasons) == 0:
        ranked = shape.empty()
    else:
        ranked = rank_reasons(schema, shape.conform(reasons))
    if subjects is not None and subject_schema is not None:
        subjects = in_key_order(subject_schema, subjects)
        leaves = row_leaves(subject_schema, subjects)
        seal = {"root": MerkleTree(leaves.hashes()).root.hex(), "rows": len(subjects)}
        lineage = {**(lineage or {}), "subjects": seal}
    return Outcome(schema, table, ranked, dict(lineage or {}), words or PhraseBook({}), subjects, subject_schema)


def rank_reasons(schema: Schema, reasons: pa.Table) -> pa.Table:
    """Reasons in key order with ranks 1, 2, ... by absolute contribution (unknown last), then code, then arguments."""
    size = pc.abs(pc.fill_null(reasons.column("contribution"), -1))
    size = pc.if_else(pc.is_null(reasons.column("contribution")), -1, size)
    keyed = reasons.append_column("_size", size)
    keys = [(name, "ascending", "at_start") for name in schema.key]
    order = pc.sort_indices(
        keyed,
        sort_keys=[
            *keys,
            ("_size", "descending", "at_end"),
            ("code", "ascending", "at_end"),
            ("arguments", "ascending", "at_end"),
        ],
    )
    keyed = keyed.take(order).combine_chunks()
    starts = np.ones(len(keyed), dtype=np.bool_)
    if len(keyed) > 1:
        changed = np.zeros(len(keyed) - 1, dtype=np.bool_)
        for name in schema.key:
            column = keyed.column(name).combine_chunks()
            changed |= pc.fill_null(pc.not_equal(column[1:], column[:-1]), True).to_numpy(zero_copy_only=False)
        starts[1:] = changed
    position = np.arange(len(keyed))
    first = np.maximum.accumulate(np.where(starts, position, 0))
    ranks = pa.array(position - first + 1, pa.int64())
    at = keyed.schema.get_field_index("rank")
    return keyed.set_column(at, "rank", ranks).drop_columns(["_size"])


def schema_as_json(schema: Schema) -> dict[str, Any]:
    """A schema as text, code lists included."""
    return {
        "name": schema.name,
        "version": schema.version,
        "zh": schema.zh,
        "en": schema.en,
        "columns": [
            {
                "name": c.name,
                "type": c.type.value,
                "zh": c.zh,
                "en": c.en,
                "key": c.key,
                "required": c.required,
                "codes": [c.codes.name, [[k.code, k.zh, k.en] for k in c.codes]] if c.codes else None,
            }
            for c in schema.columns
        ],
    }


def schema_from_json(data: Mapping[str, Any]) -> Schema:
    """The schema that `schema_as_json` wrote."""
    columns = []
    for c in data["columns"]:
        codes = CodeList(c["codes"][0], tuple(Code(*row) for row in c["codes"][1])) if c["codes"] else None
        kind = ColumnType(c["type"])
        columns.append(Column(c["name"], kind, c["zh"], c["en"], key=c["key"], required=c["required"], codes=codes))
    return Schema(data["name"], tuple(columns), zh=data["zh"], en=data["en"], version=data["version"])


def hash_json(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, hex."""
    return hashlib.sha256(canonical_json.serialise(value)).hexdigest()
