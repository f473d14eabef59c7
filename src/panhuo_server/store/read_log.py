"""The log of reads of personal data, and the rows it is about.

Invariant: an entry is committed on a connection of its own before this file hands the data on; what later becomes of
the request does not undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction

from panhuo.ground.book.table import Table
from panhuo_server.store.acting import Acting, enter
from panhuo_server.store.declared import quoted
from panhuo_server.store.refusals import refusals

LOGGING = {"default": "reads", "judicial": "reads_judicial"}
"""Connection one acts on -> the connection its reads are logged on."""


def note(acting: Acting, read: str, table: str, columns: Sequence[str], about: Sequence[tuple[str, str]]) -> None:
    """Commits that the columns of a table were read of these ``(owner, party)`` pairs.

    Raises:
        NotAllowed: when whoever acts no longer may, or no role of theirs reads personal data: then nothing is to be
            handed on.
    """
    alias = LOGGING[acting.alias]
    with transaction.atomic(using=alias, durable=True):
        enter(alias, acting.org, acting.person, acting.purpose)
        with refusals(alias) as c:
            c.execute(
                "insert into reads (org_id, read_id, table_name, owner_org, party_id, person_id, purpose, columns)"
                " select %s, %s, %s, owner, party, %s, %s, %s"
                " from unnest(%s::text[], %s::text[]) as about (owner, party)",
                [
                    acting.org,
                    read,
                    table,
                    acting.person,
                    acting.purpose,
                    list(columns),
                    [owner for owner, _ in about],
                    [party for _, party in about],
                ],
            )


def own_rows(acting: Acting, table: Table, ids: Sequence[str], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Facts of entities of the organisation acted for, as stored (personal values enciphered), oldest first."""
    with connections[acting.alias].cursor() as c:
        listed = ", ".join(quoted(name) for name in columns)
        c.execute(
            f"select {listed} from {quoted(table.name)} where id = any (%s) order by id, fact_sequence, fact_position",
            [list(ids)],
        )
        return [dict(zip(columns, row, strict=True)) for row in c.fetchall()]


def of_party(acting: Acting, party: str) -> list[tuple[Any, ...]]:
    """(reader organisation, person, purpose, table, columns, when) of every read of a party of the organisation."""
    with connections[acting.alias].cursor() as c:
        c.execute("select * from reads_of_party(%s)", [party])
        return list(c.fetchall())


def latest(acting: Acting, party: str | None, most: int) -> list[tuple[Any, ...]]:
    """As `of_organisation`, the last `most` alone, the latest first; of one party where given."""
    with connections[acting.alias].cursor() as c:
        c.execute(
            "select owner_org, party_id, person_id, purpose, table_name, columns, read_at from reads"
            " where org_id = %s and (%s::text is null or party_id = %s)"
            " order by read_at desc, read_id, table_name, owner_org, party_id limit %s",
            [acting.org, party, party, most],
        )
        return list(c.fetchall())


def of_organisation(acting: Acting) -> list[tuple[Any, ...]]:
    """(party's owner, party, person, purpose, table, columns, when) of every read in the organisation acted for."""
    with connections[acting.alias].cursor() as c:
        c.execute(
            "select owner_org, party_id, person_id, purpose, table_name, columns, read_at from reads"
            " order by read_at, read_id, table_name, owner_org, party_id"
        )
        return list(c.fetchall())
