"""A receipt about somebody who was forgotten still verifies, replays to its bytes, and says under which rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.personal import PartyKeys
from panhuo.ground.record.outcome import Outcome
from panhuo.journey.night import open_snapshot, run_night
from panhuo.journey.sealing import replay, row_receipt, seal_night
from panhuo.journey.settings import settings_of
from panhuo.trust.evidence.keys import trusted_keys
from panhuo.trust.evidence.receipts import issue, row_of, verify
from panhuo.verbs import replay as replay_verb
from panhuo.verbs import sample as sample_verb


@pytest.fixture(scope="module")
def forgotten(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A sample book whose first borrower was forgotten after receipts were given."""
    from panhuo.trust.evidence.log import Log

    folder = tmp_path_factory.mktemp("erased")
    sample_verb.run(preset="county", borrowers=40, seed=5, out=str(folder / "book"))
    book = Book(folder / "book")
    settings = settings_of(book, org="self")
    snapshot = open_snapshot(book, None, "self", book.last_sequence("self"))
    drawdowns = snapshot.table("drawdowns").to_pyarrow().to_pylist()
    out = folder / "out"
    seal_night(book, "self", run_night(snapshot, settings, only=["class_floor"]), settings, out)
    outcome = Outcome.read(out, "class_floor")
    judged = set(outcome.table.column("drawdown_id").to_pylist())
    drawdowns = sorted((row for row in drawdowns if row["id"] in judged), key=lambda row: row["id"])
    party = drawdowns[0]["party_id"]
    other = next(row for row in drawdowns if row["party_id"] != party)
    receipts = {
        "mine": row_receipt(out, outcome, [drawdowns[0]["id"]], book),
        "other": row_receipt(out, outcome, [other["id"]], book),
        "whole": (out / "receipts" / "class_floor.json").read_bytes(),
    }
    row = {"id": "e1", "party_id": party, "ground": "consent_withdrawn", "rule": "PIPL-47-3"}
    row |= {"effective_on": book.as_of, "erased_on": date(2026, 3, 2)}
    seal(book, {"erasures": pa.Table.from_pylist([row])}, observed_until=book.as_of)
    keys = PartyKeys.of(book)
    keys.destroy("self", party)
    keys.save()
    Log(book, "self").append([{"kind": "erasure", "org": "self", "party": party, "rule": "PIPL-47-3"}])
    for name, receipt in receipts.items():
        (folder / f"{name}.json").write_bytes(receipt)
    return {"book": book, "folder": folder, "receipts": receipts, "party": party}


def test_every_receipt_still_verifies(forgotten: dict[str, Any]) -> None:
    from panhuo.trust.evidence.log import Log

    book = forgotten["book"]
    keys = trusted_keys(None, book.folder)
    log = Log(book, "self")
    receipts = [*forgotten["receipts"].values(), *(issue(log, n) for n in range(len(log.entries())))]
    assert all(verify(receipt, keys).valid for receipt in receipts)


@pytest.mark.parametrize(
    ("name", "how", "zh"),
    [("mine", "erased under PIPL-47-3", "已依 PIPL-47-3 删除"), ("other", "same", "相同"), ("whole", "same", "相同")],
)
def test_a_replay_says_so_of_that_person_alone(forgotten: dict[str, Any], name: str, how: str, zh: str) -> None:
    found = replay_verb.run(str(forgotten["folder"] / f"{name}.json"), book=str(forgotten["book"].folder))
    assert (found["how"], found["exit_code"], found["root"]) == (how, 0, found["stated"])
    assert replay_verb.show(found, "zh").startswith(zh)


def test_a_batch_that_held_the_person_says_so_and_later_ones_do_not(forgotten: dict[str, Any]) -> None:
    book = forgotten["book"]
    batches = book.batches("self")
    said = [replay(book, {"kind": "batch", "org": "self", "sequence": b.sequence, "root": b.root}).how for b in batches]
    held = ["same"] * len(batches)
    for at, batch in enumerate(batches):
        if (batch.folder / "parties.parquet").exists():
            rows = pq.read_table(batch.folder / "parties.parquet", columns=["id", "name"]).to_pylist()
            if any(row["id"] == forgotten["party"] and row["name"] is not None for row in rows):
                held[at] = "erased under PIPL-47-3"
    assert "erased under PIPL-47-3" in held
    assert [s for s, h in zip(said, held, strict=True) if h != "same"] == [h for h in held if h != "same"]
    assert said[-1] == "same", "the erasure itself holds nothing personal"


def test_without_its_erasures_or_with_its_key_nobody_is_forgotten(forgotten: dict[str, Any], tmp_path: Path) -> None:
    from panhuo.journey.erased import row_under

    row = row_of(forgotten["receipts"]["mine"])
    assert row is not None and row_of(forgotten["receipts"]["whole"]) is None
    assert row_under(forgotten["book"], "self", row) == "PIPL-47-3"
    assert row_under(Book.create(tmp_path / "empty", made_by="test"), "self", row) is None
