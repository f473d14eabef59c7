"""Search over enciphered values: exact, seen, in its own organisation, and gone with a forgotten party."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed

DAY = date(2025, 3, 31)
IDENTIFIER = "110101199003070076"


def people(*rows: tuple[str, str, str | None]) -> dict[str, pa.Table]:
    """(id, name, identifier)"""
    made = [{"id": i, "effective_on": DAY, "kind": "person", "name": n, "identifier": d} for i, n, d in rows]
    return {"parties": pa.Table.from_pylist(made)}


def find(place: Any, column: str, value: str, purpose: str = "monitoring") -> list[tuple[str, str]]:
    from panhuo_server.accounts import blind_index
    from panhuo_server.accounts.acting import acting

    with acting(place.org, place.person, purpose):
        return blind_index.find(column, value)


def test_a_token_is_an_hmac_of_column_and_normalised_value() -> None:
    from panhuo_server.store.blind_index import token

    said = hmac.new(b"k" * 32, b"name\x1f" + "ABC有限公司".encode(), hashlib.sha256).digest()
    assert token(b"k" * 32, "name", " ａｂｃ 有限 公司\u3000") == base64.urlsafe_b64encode(said).decode().rstrip("=")


def test_exact_values_are_found_and_every_search_is_seen(server: Any, founded: Any, admin: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.group_commit import GroupCommit
    from panhuo_server.store.sealing import seal

    bank, other = founded("lender"), founded("lender")
    with acting(bank.org, bank.person, "import") as who:
        seal(people(("p1", "王 小明", IDENTIFIER), ("p2", "李小红", None)), idempotency_key="a")
    commit = GroupCommit()
    row = {"id": "p3", "effective_on": DAY, "kind": "person", "name": "王小明"}
    commit.seal(who, {"parties": [row]}, idempotency_key="b")
    commit.close()
    with acting(other.org, other.person, "import"):
        seal(people(("x1", "王小明", IDENTIFIER)), idempotency_key="a")
    assert find(bank, "name", "王小明") == [("parties", "p1"), ("parties", "p3")]
    assert find(bank, "identifier", IDENTIFIER.replace("1", "１")) == [("parties", "p1")]
    assert find(bank, "name", "王小") == [] and find(other, "name", "王小明") == [("parties", "x1")]
    seen = admin.execute(
        "select party_id, table_name, columns from reads where org_id = %s order by read_at, party_id", [bank.org]
    ).fetchall()
    assert seen == [("p1", "parties", ["name"]), ("p3", "parties", ["name"]),
                    ("p1", "parties", ["identifier"]), ("", "", ["name"])]  # fmt: skip
    held = admin.execute("select token from blind_index where org_id = any(%s)", [[bank.org, other.org]]).fetchall()
    assert len({t for (t,) in held}) == 5, "no token is the same in two organisations: p1 and p3 share one name"


def test_the_log_comes_first_and_who_may_not_read_may_not_search(
    server: Any, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.accounts import blind_index
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")

    def fails(*_: Any) -> None:
        raise RuntimeError("the log is full")

    with pytest.raises(InvalidInput):
        find(bank, "kind", "person")
    with acting(bank.org, bank.person, "administration") as who:
        assert "officer" in who.roles
    monkeypatch.setattr(blind_index.read_log, "note", fails)
    with pytest.raises(RuntimeError):
        find(bank, "name", "王小明")
    monkeypatch.setattr(blind_index, "require", lambda act: (_ for _ in ()).throw(NotAllowed(act)))
    with pytest.raises(NotAllowed):
        find(bank, "name", "王小明")


def test_the_search_key_changes_and_the_index_with_it(server: Any, founded: Any, admin: Any) -> None:
    from django.db import DatabaseError

    from panhuo_server.accounts import blind_index
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.store.party_keys import living
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    with acting(bank.org, bank.person, "import"):
        seal(people(("p1", "王小明", IDENTIFIER), ("p2", "李小红", None)), idempotency_key="a")

    def tokens() -> set[tuple[str, str]]:
        return set(admin.execute("select token, key_id from blind_index where org_id = %s", [bank.org]).fetchall())

    path = server.secrets / "search-keys" / f"{bank.org}.json"
    before, old = tokens(), json.loads(path.read_text())
    with pytest.raises(RuntimeError), acting(bank.org, bank.person, "privacy"):
        blind_index.rotate()
        raise RuntimeError("cut short")
    assert tokens() == before and find(bank, "name", "李小红") == [("parties", "p2")], "both keys are kept meanwhile"
    with acting(bank.org, bank.person, "privacy"):
        assert blind_index.rotate() == 3
    now = json.loads(path.read_text())
    assert set(now["keys"]) == {now["current"]} and not set(now["keys"]) & set(old["keys"])
    assert len(tokens()) == 3 and not tokens() & before
    assert find(bank, "name", "王小明") == [("parties", "p1")]
    assert path.stat().st_mode & 0o077 == 0
    assert f"search-keys/{bank.org}.json" in json.loads(living(server))["files"]
    with acting(bank.org, bank.person, "monitoring"), cursor() as c, pytest.raises(DatabaseError):
        c.execute("delete from blind_index")


def test_a_book_that_comes_in_can_be_searched(server: Any, founded: Any, tmp_path: Path) -> None:
    from panhuo.ground.book.batch import seal as seal_there
    from panhuo.ground.book.folder import Book
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.books import import_book

    bank = founded("lender")
    book = Book.create(tmp_path / "book", made_by="test")
    seal_there(book, people(("p1", "赵六", IDENTIFIER)), org=bank.org)
    with acting(bank.org, bank.person, "import"):
        import_book(book.folder)
    assert find(bank, "identifier", IDENTIFIER) == [("parties", "p1")]
