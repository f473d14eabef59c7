"""A book goes into the database and comes out of it as it was; what was altered on the way is not taken."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.batch import recomputed_root, seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound
from panhuo.trust.evidence.keys import trusted_keys
from panhuo.trust.evidence.log import Log
from panhuo.trust.evidence.receipts import issue, verify

DAY = date(2024, 3, 31)


def observations(count: int, batch: int) -> pa.Table:
    """Observations of three parties."""
    return pa.table(
        {
            "id": [f"o{batch}-{i}" for i in range(count)],
            "effective_on": pa.array([DAY] * count, pa.date32()),
            "party_id": [f"party {i % 3}" for i in range(count)],
            "month_end_on": pa.array([DAY] * count, pa.date32()),
            "measure": ["employees"] * count,
            "value": pa.array(range(count), pa.int64()),
        }
    )


def parties(name: str) -> pa.Table:
    """One party with personal values."""
    return pa.table(
        {
            "id": [name], "effective_on": pa.array([DAY], pa.date32()), "kind": ["person"], "name": [f"人 {name}"],
            "phone": ["13900000000"],
        }
    )  # fmt: skip


def a_book(folder: Path, org: str) -> tuple[Book, list[bytes]]:
    """A book of two batches, an input its log names, three log entries, and a receipt of each entry."""
    book = Book.create(folder, made_by="test", details={"adoption": "f" * 64})
    log = Log(book, org)
    seal(book, {"observations": observations(7, 1), "parties": parties("a")}, org=org)
    log.append([])
    seal(book, {"observations": observations(3, 2), "parties": parties("b")}, org=org, observed_until=date(2024, 5, 1))
    log.append([{"kind": "erasure", "org": org, "root": book.keep_input(b"what an entry names")}])
    return book, [issue(log, i) for i in range(3)]


def lines(book: Book, org: str) -> tuple[bytes, bytes]:
    """The log's two files."""
    log = Log(book, org)
    return log.path.read_bytes(), log.heads_path.read_bytes()


def test_a_book_comes_out_as_it_went_in(founded: Any, tmp_path: Path) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import export_book, import_book
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    book, receipts = a_book(tmp_path / "in", bank.org)
    with acting(bank.org, bank.person, "monitoring"):
        took = import_book(book.folder)
    assert (took.batches, took.facts, took.entries) == (2, 12, 3)
    with acting(bank.org, bank.person, "monitoring"):
        assert import_book(book.folder).batches == 0, "twice adds nothing"
        out = export_book(tmp_path / "out")
        people = facts_of("parties", personal=True)
        assert facts_of("observations").equals(Snapshot(book).rows("observations"))
    assert people.column("name").to_pylist() == ["人 a", "人 b"]
    assert lines(out, bank.org) == lines(book, bank.org)
    assert out.as_of == book.as_of and out.description["adoption"] == "f" * 64
    for one, other in zip(book.batches(), out.batches(), strict=True):
        assert (other.root, other.tables) == (one.root, one.tables)
        assert recomputed_root(other) == one.root
        assert (other.folder / "batch.json").read_bytes() == (one.folder / "batch.json").read_bytes()
        for path in one.folder.glob("*.parquet"):
            assert pq.read_table(path).equals(pq.read_table(other.folder / path.name)), path.name
    for receipt in receipts:
        assert verify(receipt, trusted_keys(None, out.folder)).valid
    assert {p.name for p in (out.folder / "inputs").glob("*")} == {p.name for p in (book.folder / "inputs").glob("*")}


def test_the_history_goes_on_where_the_book_ended(founded: Any, tmp_path: Path) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import cached_book, import_book
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    book, receipts = a_book(tmp_path / "in", bank.org)
    with acting(bank.org, bank.person, "monitoring"):
        import_book(book.folder)
        cached_before = seal_here({"observations": observations(4, 3), "parties": parties("a")}, idempotency_key="k")
        assert (cached_before.sequence, cached_before.position) == (3, 3)
    with acting(bank.org, bank.person, "monitoring"):
        cache = cached_book()
    first = {b.sequence: b.folder.stat().st_mtime_ns for b in cache.batches(bank.org)}
    old, new = lines(book, bank.org), lines(cache, bank.org)
    assert new[0].startswith(old[0]) and new[1].startswith(old[1]) and len(new[1].splitlines()) == 3
    with acting(bank.org, bank.person, "monitoring"):
        seal_here({"observations": observations(1, 4)}, idempotency_key="l")
    with acting(bank.org, bank.person, "monitoring"):
        cache = cached_book()
    assert {b.sequence: b.folder.stat().st_mtime_ns for b in cache.batches(bank.org)}.items() > first.items()
    assert all(recomputed_root(b) == b.root for b in cache.batches())
    for receipt in receipts:
        assert verify(receipt, trusted_keys(None, cache.folder)).valid
    with acting(bank.org, bank.person, "monitoring"), pytest.raises(Conflict):
        import_book(another(tmp_path / "other", bank.org).folder)


def another(folder: Path, org: str) -> Book:
    """A book of the same organisation with another history."""
    book = Book.create(folder, made_by="test")
    seal(book, {"observations": observations(2, 1)}, org=org)
    return book


def altered_rows(book: Book, org: str) -> None:
    """One amount is another."""
    path = book.batches(org)[1].folder / "observations.parquet"
    rows = pq.read_table(path)
    at = rows.schema.get_field_index("value")
    pq.write_table(rows.set_column(at, "value", pa.array([9, 9, 9], pa.int64())), path)


def altered_commitment(book: Book, org: str) -> None:
    """A personal value's commitment is another's."""
    first, second = (b.folder / "parties.parquet" for b in book.batches(org))
    rows, other = pq.read_table(second), pq.read_table(first)
    at = rows.schema.get_field_index("phone#commitment")
    pq.write_table(rows.set_column(at, "phone#commitment", other.column("phone#commitment")), second)


def altered_manifest(book: Book, org: str) -> None:
    """The manifest counts otherwise; no hash covers that."""
    path = book.batches(org)[0].folder / "batch.json"
    said = json.loads(path.read_text())
    said["tables"]["observations"]["replacing"] = 1
    path.write_text(json.dumps(said))


def altered_log(book: Book, org: str) -> None:
    """A log entry names another root than the one that was signed."""
    path = Log(book, org).path
    entries = path.read_bytes().split(b"\n")
    entry = canonical_json.parse(entries[0])
    entry["root"] = "0" * 64
    path.write_bytes(b"\n".join([canonical_json.serialise(entry), *entries[1:]]))


def altered_head(book: Book, org: str) -> None:
    """A head states another time than the one that was signed."""
    path = Log(book, org).heads_path
    path.write_bytes(path.read_bytes().replace(b'"time": "2', b'"time": "3', 1))


def altered_keys(book: Book, org: str) -> None:
    """The book publishes no key."""
    shutil.rmtree(book.folder / "keys")


@pytest.mark.parametrize(
    "alter", [altered_rows, altered_commitment, altered_manifest, altered_log, altered_head, altered_keys]
)
def test_an_altered_book_is_not_taken(founded: Any, tmp_path: Path, alter: Any) -> None:
    from panhuo_server.store import log
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import import_book
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    book, _ = a_book(tmp_path / "in", bank.org)
    alter(book, bank.org)
    with pytest.raises(InvalidInput), acting(bank.org, bank.person, "monitoring"):
        import_book(book.folder)
    with acting(bank.org, bank.person, "monitoring"):
        assert log.entries() == [] and facts_of("observations", as_of=DAY).num_rows == 0


def test_a_book_of_others_or_without_its_keys_is_not_taken(
    founded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import import_book

    bank = founded("lender")
    book, _ = a_book(tmp_path / "in", bank.org)
    other = founded("lender")
    with acting(other.org, other.person, "monitoring"), pytest.raises(NotFound):
        import_book(book.folder)
    monkeypatch.setenv("PANHUO_HOME", str(tmp_path / "nobody"))
    with pytest.raises(NotFound), acting(bank.org, bank.person, "monitoring"):
        import_book(book.folder)


@pytest.mark.slow
def test_the_sample_county_goes_round_and_its_old_receipts_verify_and_replay(founded: Any, tmp_path: Path) -> None:
    from panhuo.sample.making import make_book
    from panhuo.verbs.replay import run as replay
    from panhuo.verbs.run import run
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import export_book, import_book
    from panhuo_server.store.reading import facts_of

    make_book("county", 60, 3, tmp_path / "in")
    book = Book(tmp_path / "in")
    run(str(book.folder), str(tmp_path / "result"), no_report=True)
    Log(book, "amc").append([])
    bank, manager = founded("lender", org="self"), founded("asset_manager", org="amc")
    for who, name in ((bank, "self"), (manager, "amc")):
        with acting(who.org, who.person, "monitoring"):
            took = import_book(book.folder)
            assert took.batches == len(book.batches(name)) and took.facts > 0
        with acting(who.org, who.person, "monitoring"):
            out = export_book(tmp_path / name)
            snapshot = Snapshot(book, sequences={name: book.last_sequence(name)})
            for table in ("parties", "claims", "postings", "drawdowns"):
                if snapshot.holds(table):
                    assert facts_of(table, as_of=snapshot.as_of).equals(snapshot.rows(table)), table
        assert [b.root for b in out.batches(name)] == [b.root for b in book.batches(name)]
        assert lines(out, name) == lines(book, name)
    out = Book(tmp_path / "self")
    receipts = sorted((tmp_path / "result" / "receipts").glob("*.json"))
    assert len(receipts) > 10
    for path in receipts:
        assert verify(path.read_bytes(), trusted_keys(None, out.folder)).valid
    for name in ("class_floor", "debts"):
        if (tmp_path / "result" / "receipts" / f"{name}.json").exists():
            said = replay(str(tmp_path / "result" / "receipts" / f"{name}.json"), book=str(out.folder))
            assert said["same"] and said["how"] == "same"
