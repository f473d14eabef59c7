"""The cached book: made, filled and thrown away by several at once, and by processes that are killed in the middle."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import recomputed_root
from panhuo.ground.book.folder import Book
from panhuo.ground.record.errors import Conflict, Unavailable


@pytest.fixture
def bank(founded: Any) -> Any:
    """A lender with two sealed batches."""
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    made = founded("lender")
    for number in range(2):
        row = {"id": f"P-{number}", "effective_on": date(2026, 1, 5), "kind": "company"}
        rows = pa.Table.from_pylist([row])
        with acting(made.org, made.person, "import"):
            seal({"parties": rows}, idempotency_key=f"batch {number}")
    return made


def cached(bank: Any) -> Book:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import cached_book

    with acting(bank.org, bank.person, "nightly_run"):
        book = cached_book()
    assert [recomputed_root(batch) for batch in book.batches(bank.org)] == [b.root for b in book.batches(bank.org)]
    assert book.last_sequence(bank.org) == 2
    return book


def test_a_book_whose_maker_was_killed_is_made_again(server: Any, bank: Any) -> None:
    place = server.book(bank.org)
    place.mkdir(parents=True)
    (place / "book.json.4711-4712.partial").write_text('{"format": 1')
    assert cached(bank).folder == place
    assert not list(place.glob("*.partial"))


def test_of_two_who_make_it_at_once_both_have_it(server: Any, bank: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    create = Book.create.__func__  # type: ignore[attr-defined]

    def second_comes_first(cls: type[Book], folder: Path, **given: Any) -> Book:
        found: Book = create(cls, folder, **given)
        made.append(folder.name)
        if len(made) == 1:  # before the first one's is in place, another thread makes it from beginning to end
            monkeypatch.setattr("panhuo_server.store.books.threading.get_native_id", lambda: 0)
            cached(bank)
        return found

    monkeypatch.setattr(Book, "create", classmethod(second_comes_first))
    assert cached(bank).folder == server.book(bank.org)
    assert len(made) == 2
    assert not [one for one in server.books.glob(".*") if bank.org in one.name]


def test_thrown_away_by_one_who_was_killed_it_is_made_again(
    server: Any, bank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.store.books import drop_cached_book, sweep_books

    cached(bank)
    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", lambda *given, **named: None)
        drop_cached_book(bank.org)
    assert not server.book(bank.org).exists()
    cached(bank)
    (left,) = [one for one in server.books.glob(".*") if bank.org in one.name]
    sweep_books(server)
    assert not left.exists()
    drop_cached_book(bank.org)
    drop_cached_book(bank.org)
    cached(bank)


def test_work_on_a_book_that_is_thrown_away_is_done_again(server: Any, bank: Any) -> None:
    from panhuo_server.store.books import drop_cached_book, unless_thrown_away

    book = cached(bank)
    with pytest.raises(KeyError), unless_thrown_away(book, bank.org):
        raise KeyError("a fault of its own stays what it is")
    for again in (False, True):
        book = cached(bank)
        with pytest.raises(Unavailable), unless_thrown_away(book, bank.org):
            drop_cached_book(bank.org)
            if again:
                cached(bank)
            (book.organisation_folder(bank.org) / "nothing").read_bytes()


def test_a_folder_that_holds_something_else_stays_as_it_is(bank: Any, tmp_path: Path) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import export_book

    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Conflict), acting(bank.org, bank.person, "nightly_run"):
        export_book(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))
