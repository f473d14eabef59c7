"""The engine under a database that comes and goes: time is lost, never the outcome of a piece of work."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable

PATIENCE = 120


@pytest.fixture
def away(server: Any, engine: Any) -> Iterator[Any]:
    """Takes the database away from who connects to it, and from the engine's own connections, and brings it back."""
    import sqlalchemy

    from panhuo_server.store.postgres import Cluster, address_of

    address = address_of(server)
    socket = Cluster(server).socket_folder / f".s.PGSQL.{address.port}"
    aside = socket.with_name("aside")
    admin = psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True)

    class Away:
        refused = threading.Event()

        def go(self) -> None:
            socket.rename(aside)
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'panhuo_flows'")

        def back(self) -> None:
            if aside.exists():
                aside.rename(socket)

    made = Away()

    def seen(context: Any) -> None:
        if "connection is bad" in str(context.original_exception):
            made.refused.set()

    sqlalchemy.event.listen(sqlalchemy.Engine, "handle_error", seen)
    yield made
    sqlalchemy.event.remove(sqlalchemy.Engine, "handle_error", seen)
    made.back()
    admin.close()


def test_a_step_done_while_the_database_was_gone_is_done(
    server: Any, engine: Any, ended: Any, founded: Any, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.flows import reminding
    from panhuo_server.store.acting import acting
    from panhuo_server.store.starting import start_work

    class Gone(threading.Thread):
        def run(self) -> None:
            assert away.refused.wait(PATIENCE), "nobody missed the database"
            away.back()

    bank = founded("lender")
    held = reminding.acting_as_clock

    def then_gone(*given: Any, **named: Any) -> Any:
        inner = held(*given, **named)

        class Door:
            def __enter__(self) -> Any:
                return inner.__enter__()

            def __exit__(self, *said: Any) -> Any:
                found = inner.__exit__(*said)
                away.go()  # the step's own transaction is committed; its result is not written down yet
                return found

        return Door()

    monkeypatch.setattr(reminding, "acting_as_clock", then_gone)
    back = Gone()
    back.start()
    with acting(bank.org, bank.person, "monitoring"):
        work = start_work("deadline", "D-1", {"deadline": "D-1"})
    assert ended(work).status == "SUCCESS"
    back.join(PATIENCE)


def test_work_that_was_taken_up_and_is_done_by_nobody_goes_back(
    server: Any, engine: Any, ended: Any, founded: Any
) -> None:
    from datetime import timedelta

    from panhuo_server.flows import clock
    from panhuo_server.flows.launching import EXECUTOR
    from panhuo_server.flows.queue import put_back_orphans
    from panhuo_server.store.acting import acting
    from panhuo_server.store.postgres import address_of
    from panhuo_server.store.starting import start_work

    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        later = clock.now() + timedelta(days=1)
        work = start_work("deadline", "D-1", {"deadline": "D-1"}, not_before=later)
    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        c.execute(
            "update flows.workflow_status set status = 'PENDING', executor_id = %s, owner_xid = 'lost',"
            " started_at_epoch_ms = 1 where workflow_uuid = %s",
            [EXECUTOR, work],
        )
    assert put_back_orphans(EXECUTOR, older_than=1e10) == []
    assert put_back_orphans(EXECUTOR) == [work]
    assert ended(work).status == "SUCCESS"
    assert put_back_orphans(EXECUTOR) == []


def test_what_passes_is_tried_again_and_what_does_not_is_not() -> None:
    from adbc_driver_manager import AdbcStatusCode, OperationalError
    from django.db import utils

    from panhuo_server.flows.engine import passing

    def adbc(state: str | None) -> OperationalError:
        return OperationalError("", status_code=AdbcStatusCode.IO, sqlstate=state)

    for error in (
        Unavailable("away"), Conflict("moved on", code="conflict/stream-moved-on"), utils.OperationalError(),
        utils.InterfaceError(), psycopg.OperationalError(), psycopg.InterfaceError(), adbc(None), adbc("57P01"),
        adbc("08006"), adbc("53300"), adbc("40001"), sqlite3.OperationalError("database is locked"),
        OSError(errno.ENOSPC, "disk full"), FileNotFoundError(errno.ENOENT, "gone"),
    ):  # fmt: skip
        assert passing(error), error
    for final in (
        NotFound("none"), NotAllowed("no"), InvalidInput("bad"), Conflict("other"), utils.IntegrityError(),
        utils.ProgrammingError(), adbc("42501"), adbc("23505"), PermissionError(errno.EACCES, "no"), KeyError("x"),
        AttributeError("x"),
    ):  # fmt: skip
        assert not passing(final), final


def test_a_lost_connection_says_that_it_is_lost(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbos._utils import retriable_postgres_exception
    from sqlalchemy.exc import DBAPIError

    from panhuo_server.flows import queue

    monkeypatch.setattr(queue, "queue_address", lambda layout: f"postgresql://x:y@/z?host={tmp_path}&port=5432")
    engine = queue.queue_engine(server)
    with pytest.raises(DBAPIError) as raised:
        engine.connect()
    assert "connection is bad" in str(raised.value)
    assert retriable_postgres_exception(raised.value)
