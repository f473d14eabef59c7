"""Checking a whole book, or a set of tables that is not a book yet.

Invariant: checking reads and never changes; the same facts give the same findings in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.checking import connections
from panhuo.ground.book.checking.columns import check_table, describe
from panhuo.ground.book.checking.report import Check, Findings
from panhuo.ground.record.errors import InvalidInput

if TYPE_CHECKING:
    from panhuo.ground.book.snapshot import Snapshot


def check_tables(facts: Mapping[str, pa.Table], as_of: date, *, limit: int = 20) -> Check:
    """Data quality of tables that conform to their declarations.

    Args:
        facts: table name -> rows with at least the fact columns.
        as_of: day the facts are judged at.
        limit: rows listed of each finding; 0 lists all. Counts are always of all rows.

    Raises:
        InvalidInput: when a name is no declared table.
    """
    for name in facts:
        if name not in TABLES:
            raise InvalidInput(f"no table is called {name}", where=name, remedy="see docs/tables.md")
    findings = Findings(limit)
    described = {name: describe(table, facts[name]) for name, table in TABLES.items() if name in facts}
    orgs: set[str] = set()
    for rows in facts.values():
        orgs.update(o for o in pc.unique(rows.column("org_id")).to_pylist() if o is not None)
    for org in sorted(orgs):
        findings.org = org
        own = facts
        if len(orgs) > 1:
            own = {n: r.filter(pc.equal(r.column("org_id"), org)) for n, r in facts.items()}
        _check_organisation(own, as_of, findings)
    order = {name: place for place, name in enumerate(TABLES)}
    found = sorted(findings.found, key=lambda f: (order[f.table], f.column, f.reason.code, f.org))
    return Check(as_of, described, found)


def _check_organisation(facts: Mapping[str, pa.Table], as_of: date, findings: Findings) -> None:
    """All checks over one organisation's rows: ids are its own, so nothing is compared across organisations."""
    empty: dict[str, pa.Table] = {}

    def rows_of(name: str) -> pa.Table:
        if name in facts:
            return facts[name]
        if name not in empty:
            empty[name] = TABLES[name].fact_schema.empty()
        return empty[name]

    identities = {name: pc.unique(rows.column("id")) for name, rows in facts.items()}
    for name, table in TABLES.items():
        if name in facts:
            rows = facts[name]
            check_table(table, rows, as_of, findings)
            connections.check_references(table, rows, identities, findings)
    connections.check_units(rows_of, findings)
    connections.check_sums(rows_of, findings)
    connections.check_stated(rows_of, findings)
    connections.check_things(rows_of, as_of, findings)
    connections.check_consents(rows_of, as_of, findings)


def check_book(snapshot: Snapshot, *, limit: int = 20) -> Check:
    """Data quality of a book as a snapshot shows it; personal values are decrypted in memory and shown masked."""
    facts: dict[str, pa.Table] = {}
    for name, table in TABLES.items():
        if not snapshot.holds(name):
            continue
        if any(column.name in _PERSONAL_CHECKED.get(name, ()) for column in table.personal_columns):
            facts[name] = snapshot.personal_table(name)
        else:
            facts[name] = table.sealed_schema.conform(snapshot.table(name).to_pyarrow())
    return check_tables(facts, snapshot.as_of, limit=limit)


_PERSONAL_CHECKED: dict[str, tuple[str, ...]] = {"parties": ("identifier", "phone"), "assets": ("address",)}
