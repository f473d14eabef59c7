"""Applications as they stood, and the score by a given model: nothing later gets in, everything adds up."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.phrases import PhraseBook
from panhuo.stages.origination import score
from panhuo.stages.origination.application import application_frame, loss_frame
from panhuo.tools.learning.training import train

SIGNED = date(2020, 1, 10)


def rows(name: str, *facts: dict[str, Any]) -> pa.Table:
    schema = TABLES[name].fact_schema
    empty = dict.fromkeys(schema.names)
    return schema.conform(pa.Table.from_pylist([{**empty, **f} for f in facts], schema=schema.arrow()))


def book_of(folder: Path, **tables: list[dict[str, Any]]) -> Snapshot:
    book = Book.create(folder / "book", made_by="test")
    seal(book, {n: rows(n, *facts) for n, facts in tables.items()}, observed_until=date(2022, 12, 31))
    return Snapshot(book)


def loan(name: str, signed: date = SIGNED, lost: int = 0) -> dict[str, list[dict[str, Any]]]:
    contract = {"id": name, "effective_on": signed, "party_id": "P", "principal": 100_00, "signed_on": signed}
    drawdown = {"id": name, "effective_on": signed, "contract_id": name, "party_id": "P", "amount": 100_00,
                "out_on": signed, "due_on": signed + timedelta(days=365)}  # fmt: skip
    found = {"contracts": [contract], "drawdowns": [drawdown]}
    if lost:
        day = signed + timedelta(days=200)
        found["writeoffs"] = [{"id": name, "effective_on": day, "drawdown_id": name, "written_off_on": day,
                               "component": "principal", "amount": lost}]  # fmt: skip
    return found


def together(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, facts in part.items():
            found.setdefault(name, []).extend(facts)
    return found


def seen(measure: str, day: date, value: int) -> dict[str, Any]:
    return {"id": f"{measure}-{day}", "effective_on": day, "party_id": "P", "month_end_on": day, "measure": measure,
            "value": value}  # fmt: skip


PARTY = {"id": "P", "effective_on": date(2019, 1, 1), "kind": "company", "industry": "C", "region": "320000"}


def test_nothing_later_than_the_signing_day_gets_in(tmp_path: Path) -> None:
    before, on, after = SIGNED - timedelta(days=40), SIGNED, SIGNED + timedelta(days=1)
    observations = [seen("sales", before, 1), seen("sales", on, 2), seen("sales", after, 3), seen("taxes", after, 9)]
    snapshot = book_of(
        tmp_path, parties=[PARTY], observations=observations, **together(loan("L1", lost=60_00), loan("L2"))
    )
    frame = application_frame(snapshot)
    assert not [n for n in frame.column_names if n.startswith("outcome")]
    assert frame.column("contract_id").to_pylist() == ["L1", "L2"]
    assert frame.column("measure_sales").to_pylist() == [2, 2]
    assert "measure_taxes" not in frame.column_names  # only observed afterwards
    outcomes = application_frame(snapshot, with_outcome=True)
    assert outcomes.column("outcome_charged_off").to_pylist() == [1, 0]
    assert outcomes.column("outcome_charged_off_amount").to_pylist() == [60_00, 0]
    # Six tenths of what was paid out were lost, and only the loan charged off is in the losses.
    (lost,) = loss_frame(snapshot).to_pylist()
    assert (lost["contract_id"], lost["outcome_loss_share"], lost["outcome_lost_over_half"]) == ("L1", 600_000, 1)


def test_a_book_without_measures_has_applications_too(tmp_path: Path) -> None:
    frame = application_frame(book_of(tmp_path, parties=[PARTY], **loan("L1")))
    assert frame.column("principal").to_pylist() == [100_00]


@pytest.fixture(scope="module")
def model() -> tuple[str, bytes]:
    random = np.random.default_rng(7)
    principal = random.integers(1, 400, 900) * 100
    bad = (random.random(900) < 0.1 + 0.5 * (principal > 20_000)).astype(np.int64)
    days = np.datetime64("2015-01-01") + np.sort(random.integers(0, 1500, 900))
    table = pa.table({"contract_id": [f"T{i}" for i in range(900)], "signed_on": pa.array(days.astype("datetime64[D]")),
                      "principal": principal, "bad": bad})  # fmt: skip
    trained = train(table, "bad", time_column="signed_on", id_column="contract_id", method="trees").model
    return trained.hash(), trained.text()


def test_scores_by_a_given_model_add_up(tmp_path: Path, model: tuple[str, bytes]) -> None:
    other = {**PARTY, "id": "Q"}
    late = loan("L2", SIGNED + timedelta(days=300))
    big = loan("L3")
    for facts in big.values():
        facts[0].update({"party_id": "Q"})
    big["contracts"][0]["principal"] = 390_00
    snapshot = book_of(tmp_path, parties=[PARTY, other], **together(loan("L1"), late, big))
    settings = SimpleNamespace(models={"scores": model}, engine="plain")
    outcome = score.THING.run(snapshot, settings, profiles=None)  # type: ignore[arg-type]
    table = {r["party_id"]: r for r in outcome.table.to_pylist()}
    assert set(table) == {"P", "Q"}  # a party with two contracts is scored once, on its latest application
    assert table["P"]["probability"] < table["Q"]["probability"] < 1_000_000_000
    assert table["P"]["score"] > table["Q"]["score"]
    for party, row in table.items():
        reasons = [r for r in outcome.reasons.to_pylist() if r["party_id"] == party]
        assert sum(r["contribution"] for r in reasons) == row["score"]
        assert {r["code"] for r in reasons} == {"MODEL_BASE", "MODEL_COLUMN", "MODEL_REST"}
    told = {r["code"]: r["words"] for r in outcome.why("Q", language="en")["reasons"]}
    assert told["MODEL_COLUMN"] == "principal is 39,000"
    assert outcome.lineage["parameters"]["hash"] == model[0]


def test_a_value_is_told_as_it_stands() -> None:
    frame = pa.table({"trade": ["8:2, 50%", None], "seen_on": [SIGNED, None]})
    book = PhraseBook.read(score.WORDS)
    for name, told in (("trade", ["trade is 8:2, 50%", "trade is unknown"]), ("seen_on", ["seen_on is 2020-01-10"])):
        texts = score._column_arguments(name, frame, np.array([0, 1])).to_pylist()
        said = [book.sentence("MODEL_COLUMN", text, {}, "en") for text in texts]
        assert said[: len(told)] == told
