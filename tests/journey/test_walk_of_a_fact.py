"""From a book to a number that opens, replays and proves, through the command, in processes of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from command import panhuo
from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.journey.night import Settings, open_snapshot, run_night, steps, take_step
from panhuo.journey.settings import settings_of


def test_the_same_seed_gives_the_same_facts(night: dict[str, Any], tmp_path: Path) -> None:
    again = panhuo(
        "sample", "--preset", "county", "--borrowers", "100", "--seed", "3", "--out", tmp_path / "b",
        PYTHONHASHSEED="99", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1",
    )  # fmt: skip
    roots = [b.root for b in Book(night["book"]).batches()]
    assert [b.root for b in Book(tmp_path / "b").batches()] == roots
    assert again["tables"] == night["sample"]["tables"]


def test_every_outcome_has_a_receipt_that_verifies(night: dict[str, Any]) -> None:
    assert {"classes", "provisions", "warnings", "claim_values", "claim_routes", "deadlines"} <= set(
        night["run"]["tables"]
    )
    for name in night["run"]["tables"]:
        found = panhuo("verify", night["out"] / "receipts" / f"{name}.json", "--book", night["book"])
        assert found["valid"] and found["entry"]["name"] == name


def test_a_row_opens_and_its_receipt_verifies_and_fails_when_touched(night: dict[str, Any], tmp_path: Path) -> None:
    table = pq.read_table(night["out"] / "classes.parquet")
    key = table.column(table.column_names[0])[0].as_py()
    receipt = tmp_path / "row.json"
    opened = panhuo("why", night["out"] / "classes", key, "--receipt", receipt, "--language", "en")
    assert opened["key"] == [key] and opened["values"] and opened["lineage"]["as_of"]
    assert panhuo("verify", receipt, "--key", night["book"] / "keys")["valid"]
    data = receipt.read_bytes()
    receipt.write_bytes(data.replace(b'"index":"', b'"index": "', 1))
    assert not panhuo("verify", receipt, "--book", night["book"], expect=1)["valid"]
    receipt.write_bytes(data)
    refused = panhuo("verify", receipt, expect=2)
    assert refused["error"]["kind"] == "invalid-input"


@pytest.mark.parametrize("environment", [{"PYTHONHASHSEED": "1", "NUMBA_NUM_THREADS": "1"}, {"PYTHONHASHSEED": "4242"}])
def test_replay_in_another_process_gives_the_same_bytes(night: dict[str, Any], environment: dict[str, str]) -> None:
    for name in ("classes", "claim_routes"):
        found = panhuo("replay", night["out"] / "receipts" / f"{name}.json", "--book", night["book"], **environment)
        assert found["same"] and found["how"] == "same" and found["root"] == found["stated"]


def test_a_replay_says_different_when_a_fact_was_touched(night: dict[str, Any], tmp_path: Path) -> None:
    import shutil

    book = tmp_path / "book"
    shutil.copytree(night["book"], book)
    path = next(p for p in sorted(book.glob("batches/self/*/postings.parquet")))
    table = pq.read_table(path)
    at = table.schema.get_field_index("amount")
    pq.write_table(table.set_column(at, "amount", pc.add(table.column("amount"), 1)), path)
    found = panhuo("replay", night["out"] / "receipts" / "days_past_due.json", "--book", book, expect=1)
    assert found["how"] == "different"


def test_compiled_and_plain_judges_give_the_same_bytes(night: dict[str, Any]) -> None:
    book = Book(night["book"])
    snapshot = open_snapshot(book, None, "self")
    given = settings_of(book)
    earlier = run_night(snapshot, Settings(models=given.models, adoption=given.adoption, engine="plain")).outcomes
    for step in steps():
        if step.name not in ("class_floor", "collateral_values", "claim_routes"):
            continue
        compiled = take_step(step, snapshot, earlier, Settings(adoption=given.adoption, engine="compiled"))
        assert compiled.root == earlier[step.name].root, step.name


@pytest.mark.slow
def test_every_compiled_judge_gives_the_plain_bytes(night: dict[str, Any]) -> None:
    book = Book(night["book"])
    snapshot = open_snapshot(book, None, "self")
    given = settings_of(book)
    earlier = run_night(snapshot, Settings(models=given.models, adoption=given.adoption, engine="plain")).outcomes
    for step in steps():
        compiled = take_step(step, snapshot, earlier, Settings(adoption=given.adoption, engine="compiled"))
        assert compiled.root == earlier[step.name].root, step.name


def test_a_correction_changes_only_what_depends_on_it(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    panhuo("sample", "--preset", "county", "--borrowers", "100", "--seed", "11", "--out", folder)
    book = Book(folder)
    names = ["days_past_due", "class_floor"]
    before = run_night(open_snapshot(book, None, "self"), settings_of(book), only=names).outcomes
    received = Snapshot(book, sequences={"self": book.last_sequence("self")}).rows("postings")
    open_debts = before["days_past_due"].table.column("drawdown_id")
    mask = pc.and_(pc.equal(received.column("kind"), "receive"), pc.is_in(received.column("drawdown_id"), open_debts))
    chosen = received.filter(mask).slice(0, 1).to_pylist()[0]
    fact = f"{chosen.pop('fact_sequence')}-{chosen.pop('fact_position')}"
    corrected = {**chosen, "amount": chosen["amount"] - 1, "replaces": fact}
    seal(book, {"postings": pa.Table.from_pylist([corrected])}, observed_until=book.as_of)
    after = run_night(open_snapshot(book, None, "self"), settings_of(book), only=names).outcomes
    for name in names:
        old = {row["drawdown_id"]: row for row in before[name].table.to_pylist()}
        new = {row["drawdown_id"]: row for row in after[name].table.to_pylist()}
        assert set(old) == set(new)
        changed = {key for key in old if old[key] != new[key]}
        assert changed <= {chosen["drawdown_id"]}
    assert after["days_past_due"].root != before["days_past_due"].root
    replayed = run_night(
        open_snapshot(book, None, "self", book.last_sequence("self") - 1), settings_of(book), only=names
    )
    assert {n: o.root for n, o in replayed.outcomes.items()} == {n: o.root for n, o in before.items()}


def test_results_are_whole_files_with_their_description(night: dict[str, Any]) -> None:
    described = json.loads((night["out"] / "run.json").read_text())
    assert described["tables"] == night["run"]["tables"]
    assert not list(night["out"].parent.glob(".*partial*"))
