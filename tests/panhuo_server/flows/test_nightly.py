"""A night on the server: started in the business transaction, logged in the database, proved and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_work_that_is_rolled_back_never_starts(engine: Any, founded: Any) -> None:
    from dbos import DBOS

    from panhuo_server.flows.nightly import ask_for_night
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    asked = []
    with pytest.raises(RuntimeError), acting(bank.org, bank.person, "nightly_run"):
        asked.append(ask_for_night("n1"))
        raise RuntimeError("the business transaction fails")
    assert DBOS.get_workflow_status(asked[0]) is None


def test_work_starts_for_the_acting_organisation_alone(server: Any, engine: Any, founded: Any) -> None:
    import psycopg

    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.postgres import address_of, role_passwords

    bank = founded("lender")
    with acting(bank.org, bank.person, "nightly_run"), cursor() as c:
        c.execute("select start_work('nothing', 'x', '{}')")
        assert str(c.fetchone()[0]).startswith(f"{bank.org} ")
    for role in ("panhuo_app", "panhuo_live", "panhuo_judicial"):
        given = address_of(server).parameters(role, role_passwords(server)[role])
        with psycopg.connect(**given) as c, pytest.raises(psycopg.errors.InsufficientPrivilege):
            c.execute("select * from flows.workflow_status")
        with psycopg.connect(**given) as c, pytest.raises(psycopg.errors.InsufficientPrivilege):
            c.execute("select panhuo.start_work('night', 'x', '{}')")


@pytest.mark.slow
def test_a_night_is_logged_in_the_database_and_replays(server: Any, ended: Any, founded: Any, tmp_path: Path) -> None:
    import json

    import pyarrow.parquet as pq

    from command import panhuo
    from panhuo.ground.book.folder import Book
    from panhuo.journey.sealing import replay
    from panhuo.trust.evidence.receipts import verify
    from panhuo_server.flows.nightly import ask_for_night
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store import log, outcomes, signing
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.books import cached_book, import_book

    panhuo("sample", "--preset", "county", "--borrowers", "60", "--seed", "5", "--out", tmp_path / "book")
    bank = founded("lender", org="self")
    with acting(bank.org, bank.person, "import"):
        import_book(tmp_path / "book")
    with acting(bank.org, bank.person, "nightly_run"):
        asked = ask_for_night("2026-03-02", only=("class_floor", "deadlines"))
    status = ended(asked)
    assert status.status == "SUCCESS", status
    with acting(bank.org, bank.person, "monitoring"):
        known = outcomes.of_run("2026-03-02")
        assert {"class_floor", "deadlines"} <= {o.name for o in known}
        receipts = {o.name: log.receipt(o.position) for o in known}
        with cursor() as c:
            keys = signing.published(c)
        size = len(log.entries())
        book: Book = cached_book()
    folder = results_folder(server, "self", "2026-03-02")
    for outcome in known:
        assert verify(receipts[outcome.name], keys).valid
        assert len(pq.read_table(folder / f"{outcome.name}.parquet")) == outcome.rows
        entry = json.loads(receipts[outcome.name])
        assert entry
    # The same night asked for again is the same night: nothing is logged twice.
    with acting(bank.org, bank.person, "nightly_run"):
        assert ask_for_night("2026-03-02", only=("class_floor", "deadlines")) == asked
        ask_again = ask_for_night("again", only=("class_floor", "deadlines"))
    assert ended(ask_again).status == "SUCCESS"
    with acting(bank.org, bank.person, "monitoring"):
        assert len(log.entries()) == size
        entries = [json.loads(line) for line in log.entries()]
    floor = next(e for e in entries if e["kind"] == "outcome" and e["name"] == "class_floor")
    assert replay(book, floor).how == "same"
