"""Snapshots: what was known, by (as_of, last sealed batch of each organisation).

Invariant: a snapshot never changes. A replaced fact is gone from every snapshot at or after its correction's batch; a
fact that takes effect later than `as_of` is not seen yet; nothing here filters by the clock or by `known_on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import pyarrow as pa

from panhuo.ground.book.batch import COMMITMENT
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Batch, Book
from panhuo.ground.book.personal import PartyKeys, open_column
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import NotFound


def _engine() -> Any:
    connection = ibis.duckdb.connect()
    # Nothing may be fetched from a network while facts are read.
    connection.raw_sql("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    connection.raw_sql("SET preserve_insertion_order = false")
    return connection


class Snapshot:
    """A book as it was known: tables as Ibis expressions on one engine."""

    def __init__(self, book: Book, as_of: date | None = None, sequences: Mapping[str, int] | None = None) -> None:
        """Opens `book` as of a day (default its last observation date) and batch sequences (default the last)."""
        self.book = book
        self.as_of = as_of or book.as_of
        self.tables: Mapping[str, Table] = TABLES
        orgs = list(sequences) if sequences is not None else book.organisations
        self.sequences = {org: (sequences or {}).get(org, book.last_sequence(org)) for org in sorted(orgs)}
        self.batches: list[Batch] = [b for org, last in self.sequences.items() for b in book.batches(org, last)]
        self.connection = _engine()
        self._expressions: dict[str, Any] = {}

    @cached_property
    def roots(self) -> dict[str, dict[str, Any]]:
        """Organisation -> last sequence and its batches' roots, for lineage."""
        found: dict[str, dict[str, Any]] = {}
        for batch in self.batches:
            entry = found.setdefault(batch.org, {"sequence": batch.sequence, "roots": []})
            entry["sequence"] = batch.sequence
            entry["roots"].append(batch.root)
        return found

    def holds(self, name: str) -> bool:
        """Whether any sealed batch of the snapshot has rows of the table."""
        return any(batch.tables.get(name, {}).get("rows") for batch in self.batches)

    def table(self, name: str) -> Any:
        """The visible facts of a table as an Ibis expression; personal columns are unknown (see `personal_table`).

        Columns: the table's sealed columns. For a `state` table one row an entity: the latest by `effective_on`, then
        batch and position.

        Raises:
            NotFound: when no table has that name.
        """
        if name not in self._expressions:
            self._expressions[name] = self._expression(name, personal=False)
        return self._expressions[name]

    def consented(self, name: str, purpose: str) -> Any:
        """`table` with whether each row may be used for `purpose` (`ground.book.purposes.consented`)."""
        from panhuo.ground.book.purposes import consented

        return consented(self, name, purpose)

    def _expression(self, name: str, *, personal: bool) -> Any:
        if name not in self.tables:
            raise NotFound(f"no table is called {name}", remedy="see docs/tables.md for the tables")
        table = self.tables[name]
        schema = table.sealed_schema
        held = [b for b in self.batches if b.tables.get(name, {}).get("rows")]
        if not held:
            return self.connection.create_table(f"{name}_none", schema.arrow().empty_table(), temp=True)
        paths = [str(batch.folder / f"{name}.parquet") for batch in held]
        rows = self.connection.read_parquet(paths, union_by_name=True)
        own = {c.name for c in table.personal_columns}
        columns: dict[str, Any] = {}
        for column in schema.columns:
            kind = ibis.dtype(column.arrow_type())
            if column.name in own and not personal:
                columns[column.name] = ibis.null(kind)
            elif column.name in rows.columns:
                columns[column.name] = rows[column.name] if column.name in own else rows[column.name].cast(kind)
            else:
                columns[column.name] = ibis.null(kind)
        facts = rows.select(**columns)
        if any(batch.tables[name]["replacing"] for batch in held):
            fact_id = facts.fact_sequence.cast("string") + "-" + facts.fact_position.cast("string")
            facts = facts.mutate(fact_id=fact_id)
            gone = facts.filter(facts.replaces.notnull()).select(gone_org=facts.org_id, gone=facts.replaces).distinct()
            facts = facts.anti_join(gone, [facts.org_id == gone.gone_org, facts.fact_id == gone.gone])
            facts = facts.drop("fact_id")
            facts = facts.filter(~facts.withdrawn.fill_null(False))
        facts = facts.filter(facts.effective_on <= ibis.literal(self.as_of, "date"))
        single = len({b.org for b in held}) == len(held) and all(
            b.tables[name]["entities"] == b.tables[name]["rows"] for b in held
        )
        if table.kind == "state" and not single:
            order = [facts.effective_on.desc(), facts.fact_sequence.desc(), facts.fact_position.desc()]
            window = ibis.window(group_by=[facts.org_id, facts.id], order_by=order)
            facts = facts.mutate(place=ibis.row_number().over(window))
            facts = facts.filter(facts.place == 0).drop("place")
        return facts

    def read(self, expression: Any) -> pa.Table:
        """What an Ibis expression over this snapshot, or over tables in memory, gives, as Arrow.

        It is worked out on the snapshot's own engine: Ibis would give tables in memory alone to one engine the whole
        process shares, which refuses a second thread.
        """
        return self.connection.to_pyarrow(expression)

    def rows(self, name: str) -> pa.Table:
        """The visible facts of a table in (org_id, id, fact id) order, as Arrow."""
        facts = self.table(name)
        order = ["org_id", "id", "fact_sequence", "fact_position"]
        return self.tables[name].sealed_schema.conform(facts.order_by(order).to_pyarrow())

    def personal_table(self, name: str) -> pa.Table:
        """The visible facts with personal columns decrypted into memory; unknown where the party was forgotten."""
        table = self.tables[name]
        facts = self._expression(name, personal=True)
        order = ["org_id", "id", "fact_sequence", "fact_position"]
        rows = facts.order_by(order).to_pyarrow()
        keys = PartyKeys.of(self.book)
        sequence, position = rows.column("fact_sequence").to_pylist(), rows.column("fact_position").to_pylist()
        fact_ids = [f"{s}-{p}" for s, p in zip(sequence, position, strict=True)]
        org = rows.column("org_id").to_pylist()
        for column in table.personal_columns:
            party = rows.column(str(column.personal)).to_pylist()
            plain = open_column(keys, org, party, fact_ids, column.name, rows.column(column.name).to_pylist())
            rows = rows.set_column(rows.schema.get_field_index(column.name), column.name, pa.array(plain, pa.string()))
        return table.sealed_schema.conform(rows.drop_columns([n for n in rows.column_names if n.endswith(COMMITMENT)]))
