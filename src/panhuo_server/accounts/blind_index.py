"""Finding a person by a personal value: exact matches only, and nobody searches unseen.

Invariant: the search stands in the log of reads, committed, before it is answered, also when it found nobody.
"""

from __future__ import annotations

import secrets

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import require
from panhuo_server.store import blind_index, read_log
from panhuo_server.store.acting import current

COLUMNS = frozenset(column.name for table in TABLES.values() for column in table.personal_columns)
"""Columns that can be searched."""


def find(column: str, value: str) -> list[tuple[str, str]]:
    """(table, entity) of the organisation acted for that was ever stated with exactly this value; inside `acting`.

    Full-width and half-width forms, spaces and letter case make no difference. A corrected value still finds its
    entity; a forgotten party is found no more.

    Args:
        column: a personal column's name, such as ``identifier``; it is searched in every table that has it.

    Raises:
        InvalidInput: when no personal column is called so.
        NotAllowed: when no role of whoever acts may read personal data.
    """
    if column not in COLUMNS:
        raise InvalidInput(
            f"{column} is no personal column", where=column, remedy="there are: " + ", ".join(sorted(COLUMNS))
        )
    require("read_personal")
    found = blind_index.matches(column, value)
    acting, read = current(), secrets.token_hex(8)
    about: dict[str, set[str]] = {}
    for table, _, party in found:
        about.setdefault(table, set()).add(party)
    for table, parties in sorted(about.items()) or [("", {""})]:
        read_log.note(acting, read, table, [column], [(acting.org, party) for party in sorted(parties)])
    return sorted({(table, entity) for table, entity, _ in found})


def rotate() -> int:
    """Makes the organisation's index again under a new search key; returns how many tokens; inside `acting`.

    Raises:
        NotAllowed: when no role of whoever acts allows `forget`.
    """
    require("forget")
    return blind_index.rotate()
