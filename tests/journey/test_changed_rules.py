"""A rule file is edited: old receipts still replay to their bytes, a new run says something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.record.errors import Defect
from panhuo.ground.rules.library import FILES, RuleLibrary, recording
from panhuo.journey.night import Night, Settings, open_snapshot, run_night
from panhuo.journey.sealing import replay, seal_night
from panhuo.journey.settings import settings_of
from panhuo.trust.evidence.log import Log

STAGES = FILES.parent.parent.parent / "stages"

EDITS = {
    # the provision of a loss; the first bracket of the enforcement fee
    FILES / "provisioning.toml": ("value = 100,", "value = 99,"),
    FILES / "fees.toml": ("rate = 1.5", "rate = 1.4"),
    # the institution's own: the weights of its valuation scenarios
    STAGES / "valuation" / "assumptions.toml": (
        "weight_ppm = [200000, 500000, 300000]",
        "weight_ppm = [100000, 500000, 400000]",
    ),
}


@pytest.fixture
def edited() -> Iterator[RuleLibrary]:
    """The program's library with a number changed in rule files and in the institution's own."""
    texts = {}
    for path, (old, new) in EDITS.items():
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{path.name} has no {old}"
        texts[path.name] = text.replace(old, new)
    library = RuleLibrary(texts)
    with recording(library):
        yield library


def entry_of(book: Book, name: str) -> dict[str, Any]:
    entries = [json.loads(line) for line in Log(book, "self").entries()]
    return next(e for e in entries if e.get("name") == name)


def test_what_a_run_read_of_the_law_stands_in_the_lineage_and_in_the_book(night: dict[str, Any]) -> None:
    book = Book(night["book"])
    read = {name: entry_of(book, name)["lineage"].get("rule_files", {}) for name in night["run"]["tables"]}
    assert {"provisioning.toml", "expected_loss.toml"} <= set(read["provisions"])
    assert {"assumptions.toml", "fees.toml"} <= set(read["claim_values"])
    assert {"credit_policy.toml"} <= set(read["prices"])
    assert {"expert_card.toml"} <= set(read["scores"])
    assert {"warnings.toml", "provisioning.toml"} <= set(read["warnings"])
    assert "limitation_and_guarantee.toml" in read["deadlines"]
    shipped = {path.name: path for path in (*FILES.parent.rglob("*.toml"), *STAGES.rglob("*.toml"))}
    for files in read.values():
        for file, digest in files.items():
            assert hashlib.sha256(shipped[file].read_bytes()).hexdigest() == digest
            assert book.read_input(digest) == shipped[file].read_bytes()


@pytest.mark.parametrize("name", ["provisions", "claim_routes"])
def test_an_old_receipt_replays_under_the_rules_it_was_made_by(
    night: dict[str, Any], edited: RuleLibrary, name: str
) -> None:
    book = Book(night["book"])
    entry = entry_of(book, name)
    again = replay(book, entry)
    assert again.how == "same" and again.root == entry["root"], again.note
    given = settings_of(book)
    now = run_night(open_snapshot(book, None, "self"), given, only=[name]).outcomes[name]
    assert now.root.hex() != entry["root"], "a new run is judged by the edited files"
    assert set(now.lineage["rule_files"]) == set(entry["lineage"]["rule_files"])


def test_nothing_is_sealed_that_could_not_be_replayed(night: dict[str, Any], tmp_path: Path) -> None:
    book = Book(night["book"])
    with recording(RuleLibrary({"expert_card.toml": (STAGES / "origination" / "expert_card.toml").read_text() + "\n"})):
        found = run_night(open_snapshot(book, None, "self"), Settings(engine="plain"), only=["scores"])
    assert pc.sum(found.outcomes["scores"].table.column("score")).as_py() is not None
    with pytest.raises(Defect, match=r"expert_card\.toml"):
        seal_night(book, "self", Night(found.snapshot, found.outcomes), Settings(), tmp_path / "out")
    assert not (tmp_path / "out").exists()
