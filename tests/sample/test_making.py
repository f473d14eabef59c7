"""The sample book: same bytes for the same seed, corrections that count, references that hold, sound identifiers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.batch import recomputed_root
from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.rules.adoption import load_adoption
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.identifiers import (
    check_bank_card,
    check_case_number,
    check_identity_card,
    check_unified_social_credit_code,
)
from panhuo.sample.making import make_book
from panhuo.sample.repayment import write_ledger
from panhuo.verbs import sample


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "book"
    make_book("county", 400, 5, folder, dirty_files=folder.parent / "tapes")
    return folder


def test_another_process_thread_count_and_hash_seed_give_the_same_roots(tmp_path: Path) -> None:
    here = sample.run(str(tmp_path / "here"), borrowers=60, seed=3)
    code = (
        "import json,sys; from panhuo.sample.making import make_book;"
        f"print(json.dumps(make_book('county', 60, 3, {str(tmp_path / 'there')!r})['roots']))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(there.stdout) == here["roots"]
    other = sample.run(str(tmp_path / "other"), borrowers=60, seed=4)
    assert other["root"] != here["root"]


def test_the_compiled_walk_writes_the_same_ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = {}
    from panhuo.sample import making

    def both(terms, **_):  # type: ignore[no-untyped-def]
        kept["compiled"], kept["plain"] = write_ledger(terms, compiled=True), write_ledger(terms, compiled=False)
        return kept["plain"]

    monkeypatch.setattr(making, "write_ledger", both)
    make_book("agri", 60, 8, tmp_path / "book")
    for name in kept["plain"].__dataclass_fields__:
        assert np.array_equal(getattr(kept["plain"], name), getattr(kept["compiled"], name)), name


def test_the_verb_says_what_it_made(tmp_path: Path) -> None:
    result = sample.VERB.call(preset="city", borrowers=40, seed=1, out=str(tmp_path / "book"))
    assert {"tables", "rows", "root", "as_of", "book"} <= set(result)
    assert result["rows"] == sum(result["tables"].values())
    assert result["as_of"] == "2026-06-30" == Book(tmp_path / "book").as_of.isoformat()
    assert "postings" in sample.show(result, "en")
    assert "样例账簿" in sample.show(result, "zh")
    with pytest.raises(NotFound):
        make_book("moon", 40, 1, tmp_path / "moon")
    with pytest.raises(InvalidInput):
        make_book("county", 3, 1, tmp_path / "small")


def test_batches_verify_and_the_second_organisation_has_its_own(book: Path) -> None:
    opened = Book(book)
    assert opened.organisations == ["amc", "self"]
    assert [b.sequence for b in opened.batches("self")] == list(range(1, 9))
    for batch in opened.batches():
        assert recomputed_root(batch) == batch.root


def test_every_reference_names_an_entity_of_its_organisation(book: Path) -> None:
    snapshot = Snapshot(Book(book))
    ids: dict[tuple[str, str], set[str]] = {}
    names = [n for n in snapshot.tables if snapshot.holds(n)]
    rows = {n: snapshot.table(n).to_pyarrow() for n in names}
    for name, table in rows.items():
        for org in ("self", "amc"):
            own = table.filter(pc.equal(table["org_id"], org))
            ids[org, name] = set(own["id"].to_pylist())
    for name, table in rows.items():
        for column in table_named(name).reference_columns:
            for org in ("self", "amc"):
                own = table.filter(pc.equal(table["org_id"], org))
                named = set(own[column.name].to_pylist()) - {None}
                missing = named - ids.get((org, str(column.references)), set())
                assert not missing, (org, name, column.name, sorted(missing)[:3])


def test_corrections_replace_and_withdraw(book: Path) -> None:
    opened = Book(book)
    last = opened.batches("self")[-1]
    assert last.tables["postings"]["replacing"] > 0
    before = Snapshot(opened, sequences={"self": last.sequence - 1})
    after = Snapshot(opened, sequences={"self": last.sequence})
    postings = [s.table("postings") for s in (before, after)]
    sums = [t.amount.sum().to_pyarrow().as_py() for t in postings]
    assert sums[0] - sums[1] == 90_000 * last.tables["postings"]["rows"]
    counts = [s.table("appraisals").count().to_pyarrow().as_py() for s in (before, after)]
    assert counts[0] - counts[1] == last.tables["appraisals"]["rows"]


def test_an_earlier_day_sees_less(book: Path) -> None:
    early = Snapshot(Book(book), as_of=date(2023, 3, 31))
    late = Snapshot(Book(book))
    for name in ("drawdowns", "claims", "proceedings"):
        assert early.table(name).count().to_pyarrow().as_py() < late.table(name).count().to_pyarrow().as_py()
    open_then = early.table("drawdowns")
    assert open_then.filter(open_then.status == "open").count().to_pyarrow().as_py() > 0


def test_identifiers_check_and_are_plainly_invented(book: Path) -> None:
    parties = Snapshot(Book(book)).personal_table("parties").to_pylist()
    kinds = {"identity_card": check_identity_card, "unified_social_credit_code": check_unified_social_credit_code}
    for party in parties:
        if party["identifier"] is not None:
            assert kinds[party["identifier_kind"]](party["identifier"]) is None, party["id"]
            assert "99" in party["identifier"][2:8]
        if party["bank_account"] is not None:
            assert check_bank_card(party["bank_account"]) is None
        assert party["phone"].startswith("1900")
    cases = Snapshot(Book(book)).rows("proceedings")["case_number"].drop_null().to_pylist()
    assert cases
    assert all(check_case_number(number) is None for number in cases)


def test_truth_is_beside_the_book_and_in_no_batch(book: Path) -> None:
    names = {p.stem for p in (book / "truth").glob("*.parquet")}
    assert {
        "rings",
        "hidden_ties",
        "dual_contracts",
        "shell_guarantors",
        "fraud_groups",
        "borrowers",
        "losses",
    } <= names
    ring = pq.read_table(book / "truth" / "rings.parquet")
    guarantees = Snapshot(Book(book))
    g, c = guarantees.rows("guarantees"), guarantees.rows("contracts")
    debtor = dict(zip(c["id"].to_pylist(), c["party_id"].to_pylist(), strict=True))
    pairs = zip(g["guarantor_id"].to_pylist(), g["contract_id"].to_pylist(), strict=True)
    edges = {(guarantor, debtor[contract]) for guarantor, contract in pairs}
    planted = set(zip(ring["party_id"].to_pylist(), ring["guarantees"].to_pylist(), strict=True))
    assert planted
    assert planted <= edges


@pytest.mark.parametrize("seed", [1, 3])
def test_a_book_of_sixty_still_shows_claims_and_what_stands_behind_them(seed: int, tmp_path: Path) -> None:
    make_book("county", 60, seed, tmp_path / "book")
    snapshot = Snapshot(Book(tmp_path / "book"))
    claims = snapshot.rows("claims")
    own = claims.filter(pc.equal(claims["org_id"], "self"))
    assert len(own) >= 5
    debts = snapshot.rows("security_rights_debts")
    secured = set(debts["contract_id"].to_pylist())
    assert sum(contract in secured for contract in own["contract_id"].to_pylist()) >= 2
    assert snapshot.rows("proceedings").num_rows >= 2


def test_the_adoption_file_is_kept_and_can_be_adopted(book: Path, tmp_path: Path) -> None:
    opened = Book(book)
    path = tmp_path / "adopted.toml"
    path.write_bytes(opened.read_input(opened.description["adoption"]))
    adoption = load_adoption(path)
    for name in {a.rule_set for a in adoption.adopted}:
        assert load_rule_set(name).adopt(adoption).adopted


def test_tapes_are_spelt_as_sellers_spell_them(book: Path) -> None:
    tapes = sorted((book.parent / "tapes").glob("package-?.csv"))
    assert tapes
    text = "".join(t.read_bytes().decode("gb18030") for t in tapes)
    assert "债务人名称" in text
    assert all((t.with_name(f"{t.stem}-clean.csv")).exists() for t in tapes)
