"""Facts a page at a time, as the library's snapshot would show them, under row-level security.

Invariant: every page of one list sees the same day and, of own rows, the same batches, whatever is sealed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.errors import NotFound
from panhuo_server.store.declared import quoted
from panhuo_server.store.reading import _closed, _visible, arrow, observed_until, opened, reading

Place = tuple[str, str, int, int]
"""Organisation, entity, batch and position of the last row of a page."""
_ORDER = "org_id, id, fact_sequence, fact_position"


@dataclass(frozen=True)
class View:
    """What a list of facts is seen at: up to which day and, of own rows, which batch."""

    as_of: date
    sequence: int | None


def view_now(whose: Literal["own", "shared"], as_of: date | None) -> View | None:
    """The view a new list is read at; None when the organisation holds no facts yet."""
    if whose == "shared":
        return View(as_of or date(9999, 12, 31), None)
    with reading() as c:
        (last,) = arrow(c, "select max(sequence) as n from batches where org_id = acting_org()").column("n").to_pylist()
        if last is None:
            return None
        try:
            return View(as_of or observed_until(c, last), last)
        except NotFound:
            return None


def facts_page(
    name: str, whose: Literal["own", "shared"], view: View, *, entity: str | None = None, since: date | None = None,
    after: Place | None = None, limit: int = 100, personal: bool = False,
) -> pa.Table:  # fmt: skip
    """The next rows of a list of facts, in (org_id, id, fact id) order; inside `acting`.

    Args:
        entity: only facts of this entity.
        since: only facts that took effect on this day or later.
        after: the last row of the page before.
        limit: how many rows at most.
        personal: opens personal columns of own rows, once the read was written into the log of reads.

    Returns:
        The table's sealed columns; of shared rows ``share_level`` at the end.

    Raises:
        NotFound: for an unknown table.
    """
    table = table_named(name)
    shared = whose == "shared"
    columns = ", ".join(quoted(column) for column in table.sealed_schema.names) + (", share_level" if shared else "")
    source = quoted(f"shared_{name}") if shared else quoted(name)
    given: list[Any] = [view.as_of]
    where: list[str] = []
    if entity is not None:
        given.append(entity)
        where.append(f"id = ${len(given)}::text")
    if since is not None:
        given.append(since)
        where.append(f"effective_on >= ${len(given)}::date")
    if after is not None:
        at = len(given)
        given += after
        where.append(f"({_ORDER}) > (${at + 1}::text, ${at + 2}::text, ${at + 3}::bigint, ${at + 4}::bigint)")
    chosen = (" where " + " and ".join(where)) if where else ""
    query = (
        f"select * from ({_visible(table, source, columns, view.sequence)}) v{chosen}"
        f" order by {_ORDER} limit {int(limit)}"
    )
    with reading() as c:
        rows = arrow(c, query, given)
    if shared:
        levels = rows.column("share_level").cast(pa.int32())
        return _closed(table, rows).append_column("share_level", levels)
    return opened(table, rows) if personal else _closed(table, rows)
