"""Two organisations and a canary in every column of one of them: what tests of who sees what are made of.

The other organisation (`beta`) holds a row in every table whose every value can be told again wherever it turns up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panhuo.ground.book.catalogue import TABLES

MARKS = ("CANARY", "7770000777", "7770777", "1987-06-05", "datetime.date(1987, 6, 5)", "金丝雀")
"""What tells the other's values: a text, whole numbers, a day."""
COMMERCIAL_ROLES = ("panhuo_app", "panhuo_flows", "panhuo_live")
RECEIVERS = ("none", "shared", "masked", "expired", "elsewhere")
BESIDE = ("batches", "commands", "log_entries", "log_heads", "inputs", "outcomes", "events", "shares", "supervisions",
          "reported_totals", "reads")  # fmt: skip
"""Tables with ``org_id`` beside the facts that a serving role may read."""


def told(found: Any) -> list[str]:
    """The marks that turn up in whatever came back."""
    text = repr(found)
    return [mark for mark in MARKS if mark in text]


@dataclass
class World:
    """The organisations and how to reach them."""

    places: dict[str, Any]
    connect: Callable[[str], Any]
    purposes: dict[str, str] = field(default_factory=dict)

    def purpose(self, name: str) -> str:
        """What an organisation acts for in these tests."""
        return self.purposes.get(name, "due_diligence")


def canaries(place: Any, facts: Any, *, alias: str = "default") -> None:
    """A row in every table, every value a canary."""
    from django.db import connections

    from panhuo_server.accounts.acting import acting

    with acting(place.org, place.person, "import", judicial=alias == "judicial"), connections[alias].cursor() as c:
        given = {"org_id": place.org}
        facts(place.org, 1, {name: [(f"CANARY-{name}", given)] for name in TABLES}, fill="CANARY", alias=alias)
        org, person = place.org, place.person
        for statement, values in (
            ("insert into log_entries values (%s, 0, 'CANARY', 'CANARY-leaf', 'CANARY-entry')", [org]),
            ("insert into log_heads values (%s, 1, 'CANARY-root', 'CANARY-record', 'CANARY-frontier')", [org]),
            ("insert into inputs values (%s, 'CANARY-hash', 'CANARY')", [org]),
            ("insert into commands values (%s, 'CANARY-key', 'CANARY-hash', 1, '{\"a\": \"CANARY\"}')", [org]),
            ("insert into outcomes values (%s, 'CANARY-run', 'CANARY', 'CANARY', '1987-06-05', 1, 7770000777, 0)",
             [org]),
            ("insert into events values (%s, 'CANARY', 'CANARY', 1, 'CANARY', '{\"a\": \"CANARY\"}', %s, 'CANARY')",
             [org, person]),
            ("insert into reads (org_id, read_id, table_name, owner_org, party_id, person_id, purpose, columns)"
             " values (%s, 'CANARY', 'CANARY', %s, 'CANARY', %s, 'import', '{CANARY}')", [org, org, person]),
        ):  # fmt: skip
            c.execute(statement, values)


def ask(c: Any, statement: str, values: Any = ()) -> Any:
    """Everything a statement brings back: its rows, or its error with all it says."""
    import psycopg

    try:
        with c.connection.transaction():
            c.execute(statement, values)
            return c.fetchall() if c.description else c.rowcount
    except psycopg.Error as error:
        said = error.diag
        return f"{type(error).__name__}: {error} {said.message_detail} {said.message_hint} {said.context}"


def copied(c: Any, statement: str) -> Any:
    """What COPY brings out."""
    import psycopg

    try:
        with c.connection.transaction(), c.copy(statement) as copy:
            return b"".join(copy).decode()
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error}"


def door(world: World, c: Any, name: str) -> Any:
    """What the door says to an organisation's person, in the transaction that runs."""
    place = world.places[name]
    return ask(c, "select panhuo.enter(%s, %s, %s)", [place.org, place.person, world.purpose(name)])


def enter(world: World, c: Any, name: str) -> Any:
    """Acts for an organisation in a transaction of its own until the next is entered; the door's answer."""
    c.connection.rollback()
    c.execute("select 1")  # a transaction begins: what follows are its savepoints
    return door(world, c, name)


def entered(world: World, c: Any, name: str) -> None:
    """The same, for who must get in."""
    enter(world, c, name)
    assert ask(c, "select current_setting('panhuo.org', true)") == [(world.places[name].org,)]


SOME = ("parties", "postings", "class_decisions")
