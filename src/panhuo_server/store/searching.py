"""Finding things by their numbers: entities of a table whose id or stated number holds a text, entries by their root.

Invariant: only the acting organisation's own rows are searched, and no personal column is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.store.acting import cursor
from panhuo_server.store.declared import quoted


def _pattern(text: str) -> str:
    kept = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{kept}%"


def entities_like(
    table: str, text: str, *, by: Sequence[str] = (), told: Sequence[str] = (), limit: int = 20
) -> tuple[list[dict[str, Any]], int]:
    """Entities of a table that hold a text in their id (or in one of the columns `by`), and how many there are.

    Args:
        told: further columns to return, as last stated.

    Returns:
        (rows with ``id`` and the columns of `told`, exact ids first, then those that begin so, then by id), count.

    Raises:
        InvalidInput: when a column is personal.
    """
    declared = table_named(table)
    personal = {column.name for column in declared.personal_columns}
    if personal & {*by, *told}:
        raise InvalidInput("personal columns are searched by exact value alone", where=table)
    where = " or ".join(f"{quoted(name)} ilike %s" for name in ("id", *by))
    columns = ", ".join(quoted(name) for name in told)
    query = (
        f"select id{', ' + columns if columns else ''}, count(*) over () from (select distinct on (id) * from "
        f"{quoted(table)} where org_id = acting_org() and ({where}) order by id, fact_sequence desc, "
        "fact_position desc) held where withdrawn is not true order by id <> %s, id not ilike %s, id limit %s"
    )
    pattern = _pattern(text)
    with cursor() as c:
        c.execute(query, [*[pattern] * (1 + len(by)), text, pattern[1:], limit])
        rows = c.fetchall()
    names = ("id", *told)
    return [dict(zip(names, row, strict=False)) for row in rows], int(rows[0][-1]) if rows else 0


def entries_with_root(root: str, limit: int = 20) -> list[int]:
    """Places of the log's entries whose root begins with these hexadecimal digits, the latest first.

    Raises:
        InvalidInput: when they are none.
    """
    if not root or set(root) - set("0123456789abcdef"):
        raise InvalidInput("a root is written in hexadecimal digits", where=root)
    with cursor() as c:
        c.execute(
            "select position from log_entries where org_id = acting_org() and entry like %s "
            "order by position desc limit %s",
            [f'%"root":"{root}%', limit],
        )
        return [int(position) for (position,) in c.fetchall()]
