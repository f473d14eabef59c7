"""Sealing in the database gives what sealing in a folder gives, once, and nobody else sees it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import recomputed_root, seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.errors import Conflict, InvalidInput
from panhuo.trust.evidence.receipts import verify

DAY = date(2024, 3, 31)
TEXTS = ["plain", "", 'quote " and \\ and \t tab', "换行\n与\\.\n", None]


def postings(count: int, prefix: str = "p", **more: Any) -> pa.Table:
    """Postings with awkward texts and unknown values, in an order that is not the batch's."""
    numbers = list(range(count))[::-1]
    return pa.table(
        {
            "id": [f"{prefix}{i:06d}" for i in numbers],
            "effective_on": pa.array([date(1960 + i % 80, 1 + i % 12, 1 + i % 28) for i in numbers], pa.date32()),
            "known_on": pa.array([None if i % 3 else DAY for i in numbers], pa.date32()),
            "source_doc": pa.array([TEXTS[i % 5] for i in numbers], pa.string()),
            "source_row": pa.array([None if i % 7 == 0 else i for i in numbers], pa.int64()),
            "withdrawn": pa.array([None if i % 2 else False for i in numbers], pa.bool_()),
            "drawdown_id": [f"d{i % 9}" for i in numbers],
            "posted_on": pa.array([DAY] * count, pa.date32()),
            "component": ["principal"] * count,
            "kind": ["repayment"] * count,
            "amount": pa.array([(-1) ** i * (i * 10**12 + i) for i in numbers], pa.int64()),
            **more,
        }
    )


def parties() -> pa.Table:
    """Two parties with personal values."""
    return pa.table(
        {
            "id": ["b", "a"],
            "effective_on": pa.array([DAY, DAY], pa.date32()),
            "kind": ["person", "person"],
            "name": ["王五", None],
            "phone": ["13900000000", "13800000000"],
        }
    )


def in_folder(folder: Path, org: str, *batches: dict[str, pa.Table]) -> Book:
    """The same batches in a folder's book."""
    book = Book.create(folder, made_by="test")
    for facts in batches:
        seal(book, facts, org=org)
    return book


def test_the_root_and_the_facts_are_those_of_a_folder(founded: Any, tmp_path: Path) -> None:
    from panhuo_server.store import log
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    first = {"postings": postings(6000)}
    fix = postings(3, "q", replaces=["1-5", None, None])
    second = {"postings": fix, "decisions": postings(0).select(["id", "effective_on"])}
    book = in_folder(tmp_path / "book", bank.org, first, second)
    with acting(bank.org, bank.person, "monitoring"):
        sealed = [seal_here(facts, idempotency_key=str(i)) for i, facts in enumerate((first, second))]
        assert [s.sequence for s in sealed] == [1, 2]
        lines = log.entries()
    assert [s.root for s in sealed] == [b.root for b in book.batches(bank.org)]
    assert [recomputed_root(b) for b in book.batches(bank.org)] == [s.root for s in sealed]
    assert len(lines) == 2
    with acting(bank.org, bank.person, "monitoring"):
        for day in (None, date(1990, 5, 5)):
            assert facts_of("postings", as_of=day).equals(Snapshot(book, day).rows("postings"))
        assert facts_of("postings", sequence=1).num_rows == 6000
        ids = sealed[0].fact_ids("postings")
        assert ids[-1] == "1-0" and ids[0] == "1-5999" and len(set(ids)) == 6000


def test_a_command_given_again_is_answered_and_not_done_again(founded: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    facts = {"postings": postings(20), "parties": parties()}
    with acting(bank.org, bank.person, "monitoring"):
        once = seal_here(facts, idempotency_key="k")
    with acting(bank.org, bank.person, "monitoring"):
        again = seal_here(facts, idempotency_key="k")
        assert again.repeated and (again.sequence, again.root, again.rows) == (once.sequence, once.root, once.rows)
        assert again.fact_ids("postings") == once.fact_ids("postings")
        with pytest.raises(Conflict):
            seal_here({"postings": postings(21)}, idempotency_key="k")
        assert seal_here({"postings": postings(21, "z")}, idempotency_key="l").sequence == 2


def test_what_did_not_commit_leaves_no_gap(founded: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    with pytest.raises(ZeroDivisionError), acting(bank.org, bank.person, "monitoring"):
        assert seal_here({"postings": postings(2)}, idempotency_key="k").sequence == 1
        raise ZeroDivisionError
    with acting(bank.org, bank.person, "monitoring"):
        sealed = seal_here({"postings": postings(2)}, idempotency_key="k")
        assert (sealed.sequence, sealed.position, sealed.repeated) == (1, 0, False)


def test_personal_values_are_ciphertext_and_open_with_their_keys(founded: Any) -> None:
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        seal_here({"parties": parties()}, idempotency_key="k")
    with acting(bank.org, bank.person, "monitoring"):
        assert facts_of("parties").column("name").null_count == 2
        plain = facts_of("parties", personal=True)
        assert plain.column("name").to_pylist() == [None, "王五"]
        assert plain.column("phone").to_pylist() == ["13800000000", "13900000000"]
        with cursor() as c:
            c.execute('select phone, "phone#commitment" from parties order by id')
            for cipher, committed in c.fetchall():
                assert cipher[:2] != "13" and len(committed) == 43


def test_every_entry_has_a_receipt_that_verifies(founded: Any) -> None:
    from panhuo_server.store import log, signing
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.sealing import seal as seal_here

    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        for i in range(7):
            seal_here({"postings": postings(1 + i, f"b{i}-")}, idempotency_key=str(i))
    with acting(bank.org, bank.person, "monitoring"):
        receipts = [log.receipt(i) for i in range(7)]
        with cursor() as c:
            keys = signing.published(c)
    assert len(keys) == 1
    for receipt in receipts:
        assert verify(receipt, keys).valid
        assert not verify(receipt.replace(b'"batch"', b'"botch"', 1), keys).valid


def test_nobody_else_sees_or_adds_anything(founded: Any) -> None:
    from django.db.utils import IntegrityError, ProgrammingError

    from panhuo_server.store import log
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal as seal_here

    bank, other = founded("lender"), founded("asset_manager")
    with acting(bank.org, bank.person, "monitoring"):
        seal_here({"postings": postings(5)}, idempotency_key="k")
    with acting(other.org, other.person, "monitoring"):
        assert facts_of("postings", as_of=DAY).num_rows == 0
        assert facts_of("postings", whose="shared").num_rows == 0
        assert log.entries() == []
        with pytest.raises(InvalidInput):
            seal_here({"postings": postings(1, org_id=[bank.org])}, idempotency_key="k")
    insert = (
        "insert into postings (org_id, id, effective_on, drawdown_id, posted_on, component, kind, amount, "
        "fact_sequence, fact_position) select %s, id, effective_on, drawdown_id, posted_on, component, kind, amount, "
        "%s, fact_position + %s from postings where org_id = acting_org()"
    )
    # Another's row, a place in a batch that is full, a batch that is not there.
    for org, sequence, offset in ((other.org, 1, 100), (bank.org, 1, 5), (bank.org, 2, 0)):
        with (
            pytest.raises((IntegrityError, ProgrammingError)),
            acting(bank.org, bank.person, "monitoring"),
            cursor() as c,
        ):
            c.execute(insert, [org, sequence, offset])


def test_a_court_seals_in_its_own_schema(founded: Any, tmp_path: Path) -> None:
    from panhuo_server.store import log
    from panhuo_server.store.acting import acting, cursor
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal as seal_here

    court = founded("court")
    facts = {"postings": postings(11)}
    book = in_folder(tmp_path / "book", court.org, facts)
    with acting(court.org, court.person, "enforcement", judicial=True):
        sealed = seal_here(facts, idempotency_key="k")
    assert sealed.root == book.batches(court.org)[0].root
    with acting(court.org, court.person, "enforcement", judicial=True):
        assert facts_of("postings").equals(Snapshot(book).rows("postings"))
        assert len(log.entries()) == 1
        with cursor() as c:
            c.execute("select current_schema(), count(*) from judicial.postings")
            assert c.fetchone() == ("judicial", 11)
