"""Facts about few entities: the rows of a table whose column names one of them, found through an index.

Invariant: what is given out is what `reading.facts_of` would show of those rows on the same day and up to the same
batch; personal columns stay unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.store.acting import cursor
from panhuo_server.store.declared import quoted


def facts_about(
    name: str, column: str, values: Iterable[str], *, as_of: date, sequence: int | None = None
) -> list[dict[str, Any]]:
    """The visible facts of a table whose `column` is one of `values`, by entity and batch; inside `acting`.

    Of a state table the latest fact of an entity counts, and only when it still says so.

    Raises:
        NotFound: for an unknown table.
        InvalidInput: for a column that is personal or not the table's.
    """
    table = table_named(name)
    personal = {c.name for c in table.personal_columns}
    if column not in table.sealed_schema.names or column in personal:
        raise InvalidInput(f"facts of {name} are not found by {column}", where=name)
    wanted = sorted({v for v in values if v})
    if not wanted:
        return []
    columns = [c for c in table.sealed_schema.names if c not in personal]
    listed = ", ".join(f"f.{quoted(c)}" for c in columns)
    until = f" and %s.fact_sequence <= {int(sequence)}" if sequence is not None else ""
    own, other = (until % "f", until % "r") if until else ("", "")
    source, by = quoted(name), quoted(column)
    standing = (
        f"select {listed} from {source} f where f.org_id = acting_org() and f.effective_on <= %(day)s"
        f" and f.withdrawn is not true{own} and not exists (select from {source} r where r.org_id = f.org_id"
        f" and r.replaces = f.fact_sequence || '-' || f.fact_position{other})"
    )
    if table.kind == "state":
        named = f"select n.id from {source} n where n.org_id = acting_org() and n.{by} = any(%(values)s)"
        query = (
            f"select * from (select g.*, row_number() over (partition by g.id order by g.effective_on desc,"
            f" g.fact_sequence desc, g.fact_position desc) as place from ({standing} and f.id in ({named})) g) h"
            f" where place = 1 and h.{by} = any(%(values)s) order by id"
        )
    else:
        query = f"{standing} and f.{by} = any(%(values)s) order by f.id, f.fact_sequence, f.fact_position"
    unknown = dict.fromkeys(personal)
    with cursor() as c:
        c.execute(query, {"day": as_of, "values": wanted})
        rows = c.fetchall()
    return [dict(zip(columns, row[: len(columns)], strict=True)) | unknown for row in rows]
