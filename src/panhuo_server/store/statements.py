"""Statements the organisation itself makes about its data: consents, erasures. They are facts like any other.

Invariant: a statement never moves the day up to which the books were observed: that nothing was paid since is not what
it says. It takes effect on that day, so that the next night sees it, and carries its true days in columns of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from panhuo.ground.book.catalogue import table_named
from panhuo_server.store.acting import cursor
from panhuo_server.store.sealing import Sealed, seal


def today() -> date:
    """The day in China, whose law the days of statements follow."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def observed() -> date | None:
    """The day up to which the acting organisation's books were observed; None before anything was sealed."""
    with cursor() as c:
        c.execute("select max(observed_until) from batches where org_id = acting_org()")
        found: date | None = c.fetchone()[0]
    return found


def state(table: str, row: Mapping[str, Any], *, idempotency_key: str, not_before: date | None = None) -> Sealed:
    """Seals one statement of the acting organisation; inside `acting`.

    Args:
        row: the table's own columns and ``id``.
        not_before: the statement it follows took effect then; it takes effect no earlier.
    """
    day = observed()
    effective = min(today(), day) if day is not None else today()
    if not_before is not None:
        effective = max(effective, not_before)
    schema = table_named(table).fact_schema
    given = {**row, "effective_on": effective}
    rows = pa.table({c.name: pa.array([given[c.name]], c.arrow_type()) for c in schema.columns if c.name in given})
    return seal({table: rows}, idempotency_key=idempotency_key, observed_until=day)
