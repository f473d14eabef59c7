"""Reads of personal data: written down and committed before anything is shown, and told to the party who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed, Unavailable


def with_people(server: Any, facts: Any, place: Any, *, alias: str = "default", purpose: str = "import") -> None:
    """Two parties whose names are enciphered under their keys."""
    from panhuo.ground.book.personal import encrypt
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.party_keys import StoredPartyKeys

    with acting(place.org, place.person, purpose, judicial=alias == "judicial"):
        keys = StoredPartyKeys(server, place.org)
        rows = []
        for number, name in enumerate(("王小明", "李小红")):
            key = keys.make(place.org, f"p-{number}")
            rows.append(
                (
                    f"p-{number}",
                    {
                        "kind": "person",
                        "name": encrypt(key, f"1-{number}", "name", name),
                        "phone": encrypt(key, f"1-{number}", "phone", f"1380000000{number}"),
                    },
                )
            )
        keys.save()
        facts(place.org, 1, {"parties": rows}, alias=alias)


def log_of(admin: Any, org: str, schema: str = "panhuo") -> list[Any]:
    return list(
        admin.execute(
            f"select person_id, purpose, table_name, party_id, columns from {schema}.reads where org_id = %s"
            " order by read_at, party_id",
            [org],
        ).fetchall()
    )


def test_values_come_opened_and_the_read_is_written_down(server: Any, founded: Any, facts: Any, admin: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows, reads_of

    bank = founded("lender")
    with_people(server, facts, bank)
    with acting(bank.org, bank.person, "monitoring"):
        rows = personal_rows("parties", ["p-0", "p-1"], ["name"])
        assert [row["name"] for row in rows] == ["王小明", "李小红"] and "phone" not in rows[0]
        (read,) = reads_of("p-0")
        assert (read.reader_org, read.person, read.purpose, read.columns) == (
            bank.org, bank.person, "monitoring", ("name",),
        )  # fmt: skip
    assert log_of(admin, bank.org) == [
        (bank.person, "monitoring", "parties", "p-0", ["name"]),
        (bank.person, "monitoring", "parties", "p-1", ["name"]),
    ]


def test_the_log_stays_when_the_request_is_undone(server: Any, founded: Any, facts: Any, admin: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows

    bank = founded("lender")
    with_people(server, facts, bank)
    with pytest.raises(RuntimeError), acting(bank.org, bank.person, "monitoring"):
        assert personal_rows("parties", ["p-0"])[0]["phone"] == "13800000000"
        raise RuntimeError("the request fails after it has seen the data")
    assert [row[3] for row in log_of(admin, bank.org)] == ["p-0"]


def test_nothing_is_shown_when_the_log_cannot_be_written(
    server: Any, founded: Any, facts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.accounts import reads
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with_people(server, facts, bank)

    def fails(*_: Any) -> None:
        raise Unavailable("the log is full")

    opened: list[Any] = []
    monkeypatch.setattr(reads.read_log, "note", fails)
    monkeypatch.setattr(reads, "decrypt", lambda *given: opened.append(given))
    with acting(bank.org, bank.person, "monitoring"), pytest.raises(Unavailable):
        reads.personal_rows("parties", ["p-0"])
    assert opened == []


def test_the_entry_is_committed_before_a_value_is_opened(
    server: Any, founded: Any, facts: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.accounts import reads
    from panhuo_server.accounts.acting import acting

    bank, seen = founded("lender"), []
    with_people(server, facts, bank)
    decrypt = reads.decrypt

    def watched(*given: Any) -> str:
        seen.append(len(log_of(admin, bank.org)))  # another connection sees committed rows alone
        return decrypt(*given)

    monkeypatch.setattr(reads, "decrypt", watched)
    with acting(bank.org, bank.person, "monitoring"):
        reads.personal_rows("parties", ["p-0"], ["name"])
    assert seen == [1]


def test_who_may_not_read_does_not_and_nothing_is_logged(server: Any, founded: Any, facts: Any, admin: Any) -> None:
    from panhuo_server.accounts import persons
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows
    from panhuo_server.store.reading import facts_of

    bank, other = founded("lender"), founded("lender")
    with_people(server, facts, bank)
    with acting(bank.org, bank.person, "administration"):
        program = persons.add_program("夜间")
    with acting(bank.org, program, "monitoring"), pytest.raises(NotAllowed):
        personal_rows("parties", ["p-0"])
    # Nor by another way to opened values: the log itself refuses the entry.
    with acting(bank.org, program, "monitoring"), pytest.raises(NotAllowed) as refused:
        facts_of("parties", personal=True)
    assert refused.value.code == "not-allowed/act"
    with acting(other.org, other.person, "monitoring"):
        assert personal_rows("parties", ["p-0"]) == []
        for table, columns in (("postings", None), ("parties", ["kind"]), ("no_such", None)):
            with pytest.raises(InvalidInput):
                personal_rows(table, ["p-0"], columns)
    assert log_of(admin, bank.org) == log_of(admin, other.org) == []


def test_a_shared_party_is_opened_as_far_as_its_level_and_its_owner_is_told(
    server: Any, founded: Any, facts: Any
) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import reads_of, shared_personal_rows

    bank, buyer = founded("lender"), founded("asset_manager")
    with_people(server, facts, bank)
    until = datetime.now(UTC) + timedelta(days=1)
    with acting(bank.org, bank.person, "market"):
        shares.grant("parties", buyer.org, 2, "due_diligence", until)
    with acting(buyer.org, buyer.person, "due_diligence"):
        assert {row["name"] for row in shared_personal_rows("parties")} == {None}
    with acting(bank.org, bank.person, "market"):
        assert reads_of("p-0") == [], "what stayed masked was not read"
        shares.grant("parties", buyer.org, 3, "due_diligence", until, row="p-0")
    with acting(buyer.org, buyer.person, "due_diligence"):
        assert [row["name"] for row in shared_personal_rows("parties", columns=["name"])] == ["王小明", None]
        assert reads_of("p-0") == [], "the report is its owner's"
    with acting(bank.org, bank.person, "privacy"):
        (read,) = reads_of("p-0")
        assert (read.reader_org, read.person, read.purpose) == (buyer.org, None, "due_diligence")


def test_a_forgotten_partys_values_stay_closed(server: Any, founded: Any, facts: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows
    from panhuo_server.store.party_keys import StoredPartyKeys

    bank = founded("lender")
    with_people(server, facts, bank)
    keys = StoredPartyKeys(server, bank.org)
    keys.destroy(bank.org, "p-0")
    keys.save()
    with acting(bank.org, bank.person, "monitoring"):
        assert [row["name"] for row in personal_rows("parties", ["p-0", "p-1"])] == [None, "李小红"]


def test_a_court_logs_its_reads_among_its_own(server: Any, founded: Any, facts: Any, admin: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows, reads_of

    court = founded("court")
    with_people(server, facts, court, alias="judicial")
    with acting(court.org, court.person, "enforcement", judicial=True):
        assert personal_rows("parties", ["p-1"], ["name"])[0]["name"] == "李小红"
        assert len(reads_of("p-1")) == 1
    assert len(log_of(admin, court.org, "judicial")) == 1 and log_of(admin, court.org) == []


def test_the_log_is_never_changed(server: Any, founded: Any, facts: Any, admin: Any) -> None:
    import psycopg
    from django.db import DatabaseError, transaction

    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.accounts.reads import personal_rows

    bank = founded("lender")
    with_people(server, facts, bank)
    with acting(bank.org, bank.person, "monitoring"):
        personal_rows("parties", ["p-0"])
    with acting(bank.org, bank.person, "monitoring"), cursor() as c:
        for statement in ("update reads set purpose = 'audit'", "delete from reads", "truncate reads"):
            with pytest.raises(DatabaseError), transaction.atomic():
                c.execute(statement)
        with pytest.raises(DatabaseError), transaction.atomic():
            c.execute(
                "insert into reads (org_id, read_id, table_name, owner_org, party_id, person_id, purpose, columns)"
                " values (%s, 'x', 'parties', %s, 'p-0', 'somebody else', 'monitoring', '{name}')",
                [bank.org, bank.org],
            )
    with pytest.raises(psycopg.Error):
        admin.execute("delete from reads")
