"""Views of tables that people keep under a name.

Invariant: a view is its person's own, in one organisation; the latest line of a name counts.
"""

from __future__ import annotations

from panhuo_server.store.acting import current, cursor


def of_sheet(sheet: str) -> list[tuple[str, str, str]]:
    """(name, address, query) of the acting person's views of a table, by name."""
    with cursor() as c:
        c.execute(
            "select name, address, query from (select distinct on (name) name, address, query, kept from console_views"
            " where org_id = acting_org() and person_id = acting_person() and sheet = %s order by name, number desc) v"
            " where kept order by name",
            [sheet],
        )
        return [(name, address, query) for name, address, query in c.fetchall()]


def add(sheet: str, name: str, address: str, query: str, *, kept: bool) -> None:
    """Keeps a view under a name, or with `kept` false ends it."""
    who = current()
    with cursor() as c:
        c.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{who.org} {who.person} view {sheet} {name}"]
        )
        c.execute(
            "insert into console_views (org_id, person_id, sheet, name, number, address, query, kept)"
            " select %s, %s, %s, %s, coalesce(max(number), 0) + 1, %s, %s, %s from console_views"
            " where org_id = %s and person_id = %s and sheet = %s and name = %s",
            [who.org, who.person, sheet, name, address, query, kept, who.org, who.person, sheet, name],
        )
