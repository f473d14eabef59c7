"""Sealing, corrections, personal columns and snapshots (docs/format.md; decisions 1-4, 9-12)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.batch import recomputed_root, seal
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Book
from panhuo.ground.book.personal import PartyKeys, commitment
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound
from panhuo.ground.record.merkle import root_of


def _observation(entity: str, value: int, day: date, **more: object) -> dict:
    return {
        "id": entity,
        "party_id": "P1",
        "effective_on": day,
        "month_end_on": day,
        "measure": "sales",
        "value": value,
        **more,
    }


def test_a_row_is_hashed_as_the_format_page_says(book: Book) -> None:
    """An independent plain-Python encoder, written from docs/format.md, gives the same batch root."""
    batch = book.batches("self")[0]
    stored = pq.read_table(batch.folder / "parties.parquet").to_pylist()
    keys = PartyKeys.of(book)

    def text(value: str) -> bytes:
        raw = value.encode()
        return len(raw).to_bytes(4, "big") + raw

    leaves = []
    names = {"P1": "甲公司", "P2": "乙公司", "P10": "丙商行"}
    assert [row["id"] for row in stored] == ["P1", "P10", "P2"]
    for row in stored:
        out = b"\x01" + text("parties") + TABLES["parties"].schema.version.to_bytes(4, "big")
        for column in TABLES["parties"].sealed_schema.columns:
            value = row[column.name]
            if column.name == "name":
                fact_id = f"{row['fact_sequence']}-{row['fact_position']}"
                key = keys.get("self", row["id"])
                assert key is not None
                message = fact_id.encode() + b"\x1fname\x1f" + names[row["id"]].encode()
                digest = hmac.new(key, message, hashlib.sha256).digest()
                value = commitment(key, fact_id, "name", names[row["id"]])
                import base64

                assert value == base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if value is None:
                out += b"\x00"
            elif isinstance(value, str):
                out += b"\x01" + text(value)
            elif isinstance(value, date):
                out += b"\x01" + (value - date(1970, 1, 1)).days.to_bytes(8, "big", signed=True)
            else:
                out += b"\x01" + int(value).to_bytes(8, "big", signed=True)
        leaves.append(hashlib.sha256(b"\x00" + out).digest())
    assert root_of(leaves).hex() == batch.root == recomputed_root(batch)


def test_names_are_ciphertext_at_rest_and_come_back_only_through_the_door(book: Book) -> None:
    batch = book.batches("self")[0]
    raw = (batch.folder / "parties.parquet").read_bytes()
    assert "甲公司".encode() not in raw
    snapshot = Snapshot(book)
    assert snapshot.rows("parties").column("name").to_pylist() == [None, None, None]
    assert snapshot.personal_table("parties").column("name").to_pylist() == ["甲公司", "丙商行", "乙公司"]


def test_a_forgotten_party_reads_as_unknown_and_the_root_stays(book: Book) -> None:
    keys = PartyKeys.of(book)
    keys.destroy("self", "P2")
    keys.save()
    assert Snapshot(book).personal_table("parties").column("name").to_pylist() == ["甲公司", "丙商行", None]
    batch = book.batches("self")[0]
    assert recomputed_root(batch) == batch.root
    with pytest.raises(NotFound):
        PartyKeys.of(book).make("self", "P2")


def test_keys_that_others_saved_meanwhile_stay(tmp_path: Path) -> None:
    made = Book.create(tmp_path / "keys", made_by="test")
    one, other, forgetting = PartyKeys.of(made), PartyKeys.of(made), PartyKeys.of(made)
    forgetting.destroy("self", "P9")
    forgetting.save()
    mine, theirs = one.make("self", "P1"), other.make("partner", "P1")
    one.save()
    other.save()
    again = PartyKeys.of(made)
    assert (again.get("self", "P1"), again.get("partner", "P1")) == (mine, theirs)
    with pytest.raises(NotFound):
        again.make("self", "P9")
    stored = Path(os.environ["PANHUO_HOME"]) / "party-keys" / f"{made.id}.json"
    assert stored.stat().st_mode & 0o077 == 0


def test_input_order_and_chunks_do_not_matter(tmp_path: Path) -> None:
    rows = [_observation(f"O{i}", i, date(2024, 1, 1 + i % 3)) for i in range(20)]
    roots = set()
    for number, order in enumerate((rows, rows[::-1], rows[7:] + rows[:7])):
        made = Book.create(tmp_path / str(number), made_by="test")
        chunks = pa.concat_tables([pa.Table.from_pylist(order[:5]), pa.Table.from_pylist(order[5:])])
        roots.add(seal(made, {"observations": chunks}).root)
    assert len(roots) == 1


def test_a_correction_changes_later_snapshots_and_no_earlier_one(book: Book) -> None:
    first = [_observation("O1", 100, date(2024, 3, 1)), _observation("O2", 7, date(2024, 3, 1))]
    seal(book, {"observations": pa.Table.from_pylist(first)}, observed_until=date(2024, 12, 31))
    before = Snapshot(book)
    seen = before.rows("observations")
    fact = f"{seen.column('fact_sequence')[0].as_py()}-{seen.column('fact_position')[0].as_py()}"
    later = [_observation("O1", 80, date(2024, 9, 1), replaces=fact)]
    seal(book, {"observations": pa.Table.from_pylist(later)}, observed_until=date(2024, 12, 31))

    assert before.rows("observations").equals(seen)
    again = Snapshot(book, sequences={"self": 2})
    assert again.rows("observations").equals(seen)
    # The correction takes effect in September, but the replaced fact is gone from every later snapshot, June's too.
    june = Snapshot(book, as_of=date(2024, 6, 30)).rows("observations")
    assert june.column("id").to_pylist() == ["O2"]
    december = Snapshot(book).rows("observations")
    assert december.column("value").to_pylist() == [80, 7]


def test_withdrawal_removes_the_fact(book: Book) -> None:
    seal(book, {"observations": pa.Table.from_pylist([_observation("O1", 1, date(2024, 3, 1))])})
    withdrawn = _observation("O1", 1, date(2024, 3, 1), replaces="2-0", withdrawn=True)
    seal(book, {"observations": pa.Table.from_pylist([withdrawn])})
    assert len(Snapshot(book).rows("observations")) == 0
    assert len(Snapshot(book, sequences={"self": 2}).rows("observations")) == 1


def test_state_tables_show_the_latest_fact_of_an_entity(book: Book) -> None:
    assert TABLES["parties"].kind == "state"
    change = pa.Table.from_pylist(
        [{"id": "P1", "effective_on": date(2024, 5, 1), "kind": "company", "region": "330102"}]
    )
    seal(book, {"parties": change}, observed_until=date(2024, 12, 31))
    rows = Snapshot(book).rows("parties").to_pylist()
    assert [(r["id"], r["region"]) for r in rows] == [("P1", "330102"), ("P10", None), ("P2", None)]
    april = Snapshot(book, as_of=date(2024, 4, 30)).rows("parties").to_pylist()
    assert april[0]["region"] is None


def test_sealing_is_whole_or_not_at_all(book: Book) -> None:
    bad = pa.Table.from_pylist([{"id": "P3", "kind": "company"}])
    with pytest.raises(InvalidInput, match="effective_on"):
        seal(book, {"parties": bad})
    assert book.last_sequence("self") == 1
    mixed = pa.Table.from_pylist([{"org_id": "other", "id": "P3", "effective_on": date(2024, 1, 1), "kind": "company"}])
    with pytest.raises(InvalidInput, match="another organisation"):
        seal(book, {"parties": mixed})
    assert book.last_sequence("self") == 1


def test_a_lost_batch_is_noticed(book: Book) -> None:
    seal(book, {"observations": pa.Table.from_pylist([_observation("O1", 1, date(2024, 3, 1))])})
    first = book.batches("self")[0].folder
    first.rename(first.with_name("gone"))
    with pytest.raises(InvalidInput, match="gap"):
        book.batches("self")


def test_a_book_is_not_made_over_another(book: Book) -> None:
    with pytest.raises(Conflict):
        Book.create(book.folder, made_by="test")
    assert json.loads((book.folder / "book.json").read_text())["as_of"] == "2024-12-31"
