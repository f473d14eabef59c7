"""The facts of whole batches, as they stand in them: how many of which table, and the rows themselves.

Invariant: own batches alone; personal columns come closed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo_server.store.acting import cursor
from panhuo_server.store.declared import quoted
from panhuo_server.store.reading import arrow, reading


def counts(sequences: Sequence[int]) -> dict[str, int]:
    """Table -> facts of these batches of the acting organisation, in the tables' order."""
    with cursor() as c:
        c.execute(
            "select tables from batches where org_id = acting_org() and sequence = any(%s)", [list(sequences)]
        )  # fmt: skip
        found: dict[str, int] = {}
        for (tables,) in c.fetchall():
            for name, entry in (tables if isinstance(tables, dict) else json.loads(tables)).items():
                found[name] = found.get(name, 0) + int(entry["rows"])
    return {name: found[name] for name in TABLES if name in found}


def of_batch(name: str, sequence: int) -> pa.Table:
    """The facts of a table in one batch of the acting organisation, in their order; personal columns unknown."""
    table = table_named(name)
    shown = [c for c in table.sealed_schema.columns if not c.personal]
    columns = ", ".join(quoted(c.name) for c in shown)
    with reading() as c:
        rows = arrow(
            c,
            f"select {columns} from {quoted(name)} where org_id = acting_org() and fact_sequence = $1"
            " order by fact_position",
            [sequence],
        )
    for column in table.personal_columns:
        rows = rows.append_column(column.name, pa.nulls(len(rows), pa.string()))
    return table.sealed_schema.conform(rows.select(table.sealed_schema.names))


def replaced_since(name: str, sequence: int) -> int:
    """How many facts of a batch later facts replace."""
    with cursor() as c:
        c.execute(
            f"select count(distinct replaces) from {quoted(table_named(name).name)} where org_id = acting_org()"
            " and split_part(replaces, '-', 1) = %s and fact_sequence > %s",
            [str(sequence), sequence],
        )
        return int(c.fetchone()[0])


def replacing(rows: pa.Table) -> int:
    """How many of these facts replace earlier ones."""
    return int(pc.sum(rows.column("replaces").is_valid().cast(pa.int64())).as_py() or 0)
