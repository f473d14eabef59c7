"""Shares as the database keeps them, and the masked rows they show.

Invariant: rows of another organisation come from ``shared_TABLE`` alone, which shows live shares for the acting
purpose, masked by level.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.store.acting import current
from panhuo_server.store.declared import quoted
from panhuo_server.store.refusals import refusals, said_no


def add(
    alias: str, org: str, share: str, table: str, row: str | None, to_org: str, level: int, purpose: str,
    valid_from: datetime | None, valid_until: datetime, person: str, consent: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """Adds a share of the organisation acted for; `consent` is the (party, purpose) it rests on."""
    with refusals(alias) as c:
        c.execute(
            "insert into shares (org_id, share_id, table_name, row_id, to_org, level, purpose, valid_from, valid_until,"
            " granted_by, consent_party, consent_purpose)"
            " values (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()), %s, %s, %s, %s)",
            [
                org,
                share,
                table,
                row,
                to_org,
                level,
                purpose,
                valid_from,
                valid_until,
                person,
                *(consent or (None, None)),
            ],
        )


def end(alias: str, org: str, share: str, person: str) -> None:
    """Ends a share of the organisation acted for.

    Raises:
        NotFound: when it has none of that name.
    """
    with refusals(alias) as c:
        c.execute(
            "update shares set ended_at = now(), ended_by = %s where org_id = %s and share_id = %s",
            [person, org, share],
        )
        if not c.rowcount:
            raise said_no(NotFound, "no-such-share")


def given(alias: str) -> list[tuple[Any, ...]]:
    """(share, table, row, to, level, purpose, from, until, by, ended at, ended by) of the organisation acted for."""
    with refusals(alias) as c:
        c.execute(
            "select share_id, table_name, row_id, to_org, level, purpose, valid_from, valid_until, granted_by,"
            " ended_at, ended_by from shares order by valid_from, share_id"
        )
        return list(c.fetchall())


def received(alias: str) -> list[tuple[Any, ...]]:
    """(owner, share, table, row, level, purpose, from, until) of what others share with the organisation acted for."""
    with refusals(alias) as c:
        c.execute("select * from received_shares()")
        return list(c.fetchall())


def sharing_organisations() -> list[tuple[str, str]]:
    """(organisation, its name) of those who share with the organisation acted for."""
    with refusals(current().alias) as c:
        c.execute("select owner_org, owner_name from sharing_organisations()")
        return [(org, name) for org, name in c.fetchall()]


def shared_rows(alias: str, table: str, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Rows of a table others share with the organisation acted for and its purpose, masked; newest fact last.

    Raises:
        InvalidInput: when there is no such table.
    """
    if table not in TABLES:
        raise InvalidInput(f"there is no table {table}", where=table, remedy="see `panhuo check` for their names")
    picked = "" if ids is None else " where id = any (%s)"
    with refusals(alias) as c:
        c.execute(
            f"select * from {quoted('shared_' + table)}{picked} order by org_id, id, fact_sequence, fact_position",
            [] if ids is None else [list(ids)],
        )
        names = [column[0] for column in c.description]
        return [dict(zip(names, row, strict=True)) for row in c.fetchall()]
