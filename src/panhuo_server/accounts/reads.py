"""Reading personal data: nobody sees a value before it is written down who looked.

Invariant: `personal_rows` and `shared_personal_rows` are the ways to plain personal values; each commits the entry of
the log first, on its own connection, and hands on nothing when that fails. A party's report shows every read.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.personal import decrypt
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import require
from panhuo_server.store import read_log, sharing
from panhuo_server.store.acting import current
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import StoredPartyKeys


@dataclass(frozen=True)
class Read:
    """One read of a party's data; `person` is None where another organisation, to whom it was shared, read."""

    reader_org: str
    person: str | None
    purpose: str
    table: str
    columns: tuple[str, ...]
    read_at: datetime


def _declared(table: str, columns: Sequence[str] | None) -> tuple[Table, list[str]]:
    declared = TABLES.get(table)
    personal = [c.name for c in declared.personal_columns] if declared else []
    wanted = personal if columns is None else [name for name in personal if name in set(columns)]
    if declared is None or not wanted or (columns is not None and len(wanted) != len(set(columns))):
        raise InvalidInput(
            f"no such personal columns of {table}",
            where=table,
            remedy="personal columns: " + (", ".join(personal) or "none in this table"),
        )
    return declared, wanted


def _opened(table: Table, columns: Sequence[str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Logs and opens; rows come as stored. What they are about is known from columns that are not personal.
    subject = {column.name: str(column.personal) for column in table.personal_columns}

    def party(row: dict[str, Any], name: str) -> str:
        return str(row[subject[name]] or "")  # as sealing takes a value whose party is unknown

    held = [(row, name) for row in rows for name in columns if row[name] is not None]
    about = sorted({(str(row["org_id"]), party(row, name)) for row, name in held})
    if about:
        read_log.note(current(), secrets.token_hex(8), table.name, columns, about)
    layout = Layout.current()
    keys = {owner: StoredPartyKeys(layout, owner) for owner in {owner for owner, _ in about}}
    for owner, ring in keys.items():
        ring.load({one for whose, one in about if whose == owner})
    for row, name in held:
        key = keys[row["org_id"]].get(row["org_id"], party(row, name))
        fact = f"{row['fact_sequence']}-{row['fact_position']}"
        row[name] = decrypt(key, fact, name, row[name]) if key is not None else None
    return rows


def personal_rows(table: str, ids: Sequence[str], columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Facts of entities of the organisation acted for, with personal values opened; logged before they are returned.

    Args:
        ids: entities of `table`.
        columns: which personal columns; all of them when not given. Least is best.

    Returns:
        One dict a fact: org_id, id, effective_on, fact_sequence, fact_position, the column naming the party, and the
        personal columns, None where unknown or the party was forgotten.

    Raises:
        InvalidInput: when the table has no such personal columns.
        NotAllowed: when no role of whoever acts may read them.
    """
    declared, wanted = _declared(table, columns)
    require("read_personal")
    subjects = {str(declared.schema[name].personal) for name in wanted}
    shown = ["org_id", "id", "effective_on", "fact_sequence", "fact_position", *sorted(subjects - {"id"}), *wanted]
    return _opened(declared, wanted, read_log.own_rows(current(), declared, ids, shown))


def shared_personal_rows(
    table: str, ids: Sequence[str] | None = None, columns: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Rows others share, personal values opened as far as the share's level goes; logged, and so told to their owner.

    Raises:
        InvalidInput: when the table has no such personal columns.
        NotAllowed: when no role of whoever acts may read them.
    """
    declared, wanted = _declared(table, columns)
    require("read_personal")
    subjects = {str(declared.schema[name].personal) for name in wanted}
    shown = ["org_id", "id", "effective_on", "fact_sequence", "fact_position", *sorted(subjects - {"id"}), *wanted]
    found = sharing.shared_rows(current().alias, table, None if ids is None else list(ids))
    return _opened(declared, wanted, [{name: row[name] for name in shown} for row in found])


def reads_of(party: str) -> list[Read]:
    """Every read of a party of the organisation acted for: what the party's own access report shows."""
    return [
        Read(org, person, purpose, table, tuple(columns), at)
        for org, person, purpose, table, columns, at in read_log.of_party(current(), party)
    ]
