"""All declared tables by name, in the order they are documented.

Invariant: every reference names a table that is here.
"""

from __future__ import annotations

from panhuo.ground.book.table import Table
from panhuo.ground.book.tables import claims, conduct, credit, deal, parties, procedure, security
from panhuo.ground.record.errors import Defect, NotFound


def _gather() -> dict[str, Table]:
    found: dict[str, Table] = {}
    for family in (parties, credit, security, claims, procedure, deal, conduct):
        for table in family.TABLES:
            if table.name in found:
                raise Defect(f"table {table.name} is declared twice", where=table.name)
            found[table.name] = table
    return found


TABLES: dict[str, Table] = _gather()
"""Name -> declaration."""


def table_named(name: str) -> Table:
    """The declaration of `name`.

    Raises:
        NotFound: when no such table is declared.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise NotFound(
            f"no table is called {name}", where=name, remedy="see docs/tables.md for the tables there are"
        ) from None
