"""Fact rows put straight into the database, for tests of who sees them: values are made up, column by column.

The world of the matrix stands here once a process: its organisations, who shares what with whom, and the canaries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from canaries import RECEIVERS, World, canaries
from panhuo.ground.book.catalogue import TABLES


def made_up(kind: str, word: str) -> Any:
    """A value of a database type that can be told again: `word` where text, else a number or day of its own."""
    return {
        "text": word, "bigint": 7_770_000_777, "integer": 7_770_777, "boolean": True, "date": date(1987, 6, 5),
    }[kind]  # fmt: skip


def put(
    org: str, sequence: int, rows: Mapping[str, list[tuple[str, Mapping[str, Any]]]], *, fill: str | None = None,
    alias: str = "default",
) -> None:  # fmt: skip
    """A batch of facts (inside `acting`): ``{table: [(entity, values)]}``.

    With `fill` every column not given holds a value made of that word; without, only those that must be known.
    """
    from django.db import connections

    from panhuo.ground.book.catalogue import TABLES
    from panhuo_server.store.declared import stored_columns

    held = json.dumps({table: {"rows": len(some)} for table, some in rows.items()})
    position = 0
    with connections[alias].cursor() as c:
        c.execute(
            "insert into batches (org_id, sequence, root, observed_until, tables)"
            " values (%s, %s, repeat('0', 64), '2025-12-31', %s)",
            [org, sequence, held],
        )
        for table in sorted(rows):
            required = {c.name for c in TABLES[table].sealed_schema.columns if c.required}
            for entity, values in rows[table]:
                given: dict[str, Any] = dict(values) if fill else {"effective_on": date(2025, 12, 31), **values}
                given |= {"org_id": org, "id": entity, "fact_sequence": sequence, "fact_position": position}
                for name, kind in stored_columns(TABLES[table]):
                    known = fill is not None and name not in ("replaces", "withdrawn")
                    if name not in given and (known or name in required):
                        given[name] = made_up(kind, f"{fill}-{table}-{name}" if fill else "x")
                c.execute(f'insert into "{table}_identity" values (%s, %s) on conflict do nothing', [org, entity])
                names, marks = ", ".join(f'"{name}"' for name in given), ", ".join(["%s"] * len(given))
                c.execute(f'insert into "{table}" ({names}) values ({marks})', list(given.values()))
                position += 1


@pytest.fixture(scope="session")
def facts(server: Any) -> Any:
    """`facts(org, sequence, {table: [(entity, values)]}, fill=, alias=)` puts a batch of facts."""
    return put


@pytest.fixture
def admin(server: Any) -> Any:
    """A connection of the database's superuser, for looking behind the policies and moving clocks."""
    import psycopg

    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True) as c:
        c.execute("set search_path = panhuo")
        yield c


@pytest.fixture(scope="session")
def world(server: Any, facts: Any) -> Iterator[World]:
    """Beta with its canaries, receivers of every relation to it, its brokered twin, a supervisor, a court."""
    import psycopg

    from panhuo_server.accounts import invitations, supervision, tokens
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.accounts.organisations import found
    from panhuo_server.store.postgres import address_of, role_passwords

    def make(name: str, kind: str, **more: Any) -> Any:
        called = "金丝雀" if name in ("beta", "court") else name
        email = f"canary-{name}@matrix.example" if name in ("beta", "court") else f"{name}@matrix.example"
        return found(f"matrix-{name}", called, kind, email, called, "long enough secret", **more)

    places = {name: make(name, "asset_manager") for name in RECEIVERS}
    beta = places["beta"] = make("beta", "lender", legal_entity="91330100MA27ZZZZ0C")
    places["twin"] = make("twin", "asset_manager", legal_entity="91330100MA27ZZZZ0C", business="brokered")
    places["supervisor"] = make("supervisor", "supervisor")
    court = places["court"] = make("court", "court")
    other_court = places["other court"] = make("other-court", "court")
    del other_court
    canaries(beta, facts)
    canaries(court, facts, alias="judicial")
    until = datetime.now(UTC) + timedelta(days=1)
    with acting(beta.org, beta.person, "origination"), cursor() as c:
        for name, level, purpose in (
            ("shared", 5, "due_diligence"),
            ("masked", 1, "due_diligence"),
            ("expired", 5, "due_diligence"),
            ("elsewhere", 5, "valuation"),
        ):
            c.execute(
                "insert into shares (org_id, share_id, table_name, to_org, level, purpose, valid_until, granted_by)"
                " select %s, 's-' || %s::text || t, t, %s, %s, %s, %s, %s from unnest(%s::text[]) t",
                [beta.org, name, places[name].org, level, purpose, until, beta.person, list(TABLES)],
            )
    with acting(beta.org, beta.person, "administration"):
        invitations.invite("canary-invited@matrix.example", "officer")
        tokens.issue("CANARY token", ["monitoring"])
        supervision.grant(places["supervisor"].org, supervision.AGGREGATES, until)
    address, passwords = address_of(server), role_passwords(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(
            "update panhuo.shares set valid_from = now() - interval '2 hours', valid_until = now() - interval '1 hour'"
            " where to_org = %s",
            [places["expired"].org],
        )
        admin.execute("set session_replication_role = origin")
        admin.execute("analyze")  # so that there are statistics that could be read
    opened: list[Any] = []

    def connect(role: str) -> Any:
        opened.append(psycopg.connect(**address.parameters(role, passwords[role])))
        schema = "judicial" if role == "panhuo_judicial" else "panhuo"
        opened[-1].execute(f"set search_path = {schema}")
        opened[-1].commit()
        return opened[-1]

    purposes = {
        "beta": "origination",
        "supervisor": "supervision",
        "court": "enforcement",
        "other court": "enforcement",
    }
    yield World(places, connect, purposes)
    for connection in opened:
        connection.close()
