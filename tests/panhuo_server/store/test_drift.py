"""The database is what the declarations say, and a column appended later leaves what was sealed before provable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import recomputed_root
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import Defect

DAY = date(2024, 3, 31)


def appended(table: Table, *columns: Column) -> Table:
    """The table in its next version, with columns appended."""
    schema = Schema(
        table.name, table.schema.columns + columns, table.schema.zh, table.schema.en, table.schema.version + 1
    )
    return replace(table, schema=schema)


GROUPS = appended(
    TABLES["party_roles"],
    Column("branch", ColumnType.TEXT, "网点", "branch", since=2),
    Column("nickname", ColumnType.TEXT, "别名", "nickname", personal="party_id", level=3, since=2),
    Column("met_on", ColumnType.DATE, "见面日", "day they met", since=2),
)


@pytest.fixture
def grown(server: Any) -> Iterator[Any]:
    """Gives a function that migrates `party_roles` to its next version; what it did is undone afterwards."""
    from django.db import connections

    from panhuo_server.store.declared import placed, shared_rows
    from panhuo_server.store.drift import next_migration_text

    before = TABLES["party_roles"]

    def grow() -> None:
        text = next_migration_text(tables={**TABLES, "party_roles": GROUPS})
        assert text.count("add column") == 4 and "@roles@" in text
        with connections["owner"].cursor() as c:
            c.execute(placed(text, "panhuo"), None)
        TABLES["party_roles"] = GROUPS

    yield grow
    TABLES["party_roles"] = before
    undo = ["drop view shared_party_roles", "drop function shared_party_roles_rows()"]
    undo += [
        f'alter table party_roles drop column "{n}"' for n in ("branch", "nickname", "nickname#commitment", "met_on")
    ]
    with connections["owner"].cursor() as c:
        c.execute(placed(";\n".join([*undo, *shared_rows(before)]), "panhuo"), None)


@pytest.mark.parametrize("schema", ["panhuo", "judicial"])
def test_a_fresh_database_is_as_declared(server: Any, schema: str) -> None:
    from panhuo_server.store.drift import drift, next_migration_text

    assert [str(one) for one in drift(schema)] == []
    assert next_migration_text(schema) == ""


def test_what_is_not_as_declared_is_named(server: Any) -> None:
    from django.db import connections, transaction

    from panhuo_server.store.drift import drift

    wrongs = {
        "alter table postings disable trigger belongs": "a trigger",
        "alter table postings no force row level security": "row-level security",
        "drop policy mine on postings": "a policy",
        "grant delete on postings to panhuo_live": "may change or remove",
        "grant update on postings_identity to panhuo_app": "may change or remove",
        'alter table postings add column "more" text': "nobody declared",
        "alter table postings alter column amount drop not null": "may be unknown",
        "alter table postings alter column voucher type varchar(99)": "the type is character varying(99)",
    }
    for statement, said in wrongs.items():
        with transaction.atomic(using="owner"), connections["owner"].cursor() as c:
            if " type " in statement:
                c.execute("drop view shared_postings")
            c.execute(statement)
            assert any(said in str(one) for one in drift()), statement
            transaction.set_rollback(True, using="owner")
    assert drift() == []


def test_only_what_may_stay_unknown_is_added(server: Any) -> None:
    from panhuo_server.store.drift import next_migration_text

    required = Column("branch", ColumnType.TEXT, "网点", "branch", required=True, since=2)
    gone = replace(TABLES["party_roles"], schema=Schema("party_roles", TABLES["party_roles"].schema.columns[:-1]))
    for table in (appended(TABLES["party_roles"], required), gone):
        with pytest.raises(Defect):
            next_migration_text(tables={**TABLES, "party_roles": table})
    new = replace(TABLES["party_roles"], name="guilds", schema=replace(TABLES["party_roles"].schema, name="guilds"))
    text = next_migration_text(tables={**TABLES, "guilds": new})
    assert text.startswith('create table "guilds_identity"') and 'create view "shared_guilds"' in text


def test_a_column_appended_to_a_filled_database_leaves_old_batches_provable(
    founded: Any, grown: Any, tmp_path: Path
) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import export_book, import_book
    from panhuo_server.store.drift import drift
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal

    def roles(*ids: str, **more: Any) -> dict[str, pa.Table]:
        given = {"id": list(ids), "effective_on": pa.array([DAY] * len(ids), pa.date32()), "party_id": list(ids)}
        needed = {c.name: ["other"] * len(ids) for c in TABLES["party_roles"].schema.columns if c.required}
        return {"party_roles": pa.table({**needed, **given, **more})}

    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        old = seal(roles("a", "b"), idempotency_key="old")
    grown()
    assert drift() == []
    with acting(bank.org, bank.person, "monitoring"):
        new = seal(roles("b", "c", branch=["north", None], nickname=[None, "小赵"]), idempotency_key="new")
    with acting(bank.org, bank.person, "monitoring"):
        book = export_book(tmp_path / "book")
        rows = facts_of("party_roles", personal=True)
        assert facts_of("party_roles").equals(Snapshot(book).rows("party_roles"))
    assert rows.column("branch").to_pylist() == [None, "north", None]
    assert rows.column("nickname").to_pylist() == [None, None, "小赵"]
    versions = [batch.tables["party_roles"]["version"] for batch in book.batches()]
    assert versions == [1, 2] and [b.root for b in book.batches()] == [old.root, new.root]
    assert [recomputed_root(b) for b in book.batches()] == [old.root, new.root]
    with acting(bank.org, bank.person, "monitoring"):
        assert import_book(book.folder).batches == 0
