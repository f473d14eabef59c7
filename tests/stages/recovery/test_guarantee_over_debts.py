"""One guarantee over several debts has a deadline for each: the last day of the later debt is not that of the first.

Civil Code art. 692: six months from the day each debt falls due, where none is agreed; art. 693: for each what must be
done for it. Judged on 2026-02-05; the dates are worked by hand (no calendar is published for 2027).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panhuo.stages.recovery import deadlines
from stages.monitoring.small_book import YUAN, Story, day, judged

AS_OF = "2026-02-05"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    book = Story(tmp_path / "book", AS_OF)
    for party in ("D", "G"):
        book.party(party)
    book.add("contracts", id="K", party_id="D", principal=3_000_000 * YUAN, signed_on="2024-01-05")
    return book


def claim(book: Story, id: str, *drawdowns: tuple[str, str], contract: str | None = None, **columns: Any) -> None:
    given = {"party_id": "D", "kind": "loan", "principal": 1_000_000 * YUAN, "contract_id": contract}
    book.add("claims", id=id, **{**given, **columns})
    for drawdown, due in drawdowns:
        book.add(
            "drawdowns", id=drawdown, contract_id="K", party_id="D", amount=500_000 * YUAN, out_on="2024-01-05",
            due_on=due,
        )  # fmt: skip
        book.add("claim_drawdowns", claim_id=id, drawdown_id=drawdown)


def guarantee(book: Story, kind: str, **columns: Any) -> None:
    given = {"period_kind": "not_agreed", "signed_on": "2024-01-05", "cap": 2_400_000 * YUAN}
    book.add("guarantees", id="G1", contract_id="K", guarantor_id="G", kind=kind, **{**given, **columns})


def event(book: Story, right: str, kind: str, on: str, **columns: Any) -> None:
    book.add("limitation_events", right_kind=right, kind=kind, done_on=on, reached_on=on, grade="a", **columns)


def periods(book: Story) -> dict[str, tuple[Any, str]]:
    table = judged(deadlines.THING, book.snapshot(), {}, {}, "plain").table.to_pylist()
    return {r["entity_id"]: (r["last_day"], r["state"]) for r in table if r["kind"] == "guarantee_period"}


def test_each_debt_has_its_own_last_day(story: Story) -> None:
    claim(story, "C", ("T1", "2025-03-03"), ("T2", "2025-12-01"))
    guarantee(story, "joint")
    assert periods(story) == {
        "G1/T1": (day("2025-09-03"), "passed"),
        "G1/T2": (day("2026-06-01"), "running"),
    }


def test_debts_due_on_one_day_share_a_row(story: Story) -> None:
    claim(story, "C", ("T1", "2025-12-01"), ("T2", "2025-12-01"))
    guarantee(story, "joint")
    assert periods(story) == {"G1": (day("2026-06-01"), "running")}


def test_a_suit_for_one_debt_keeps_the_general_guarantor_for_that_one_alone(story: Story) -> None:
    claim(story, "C", ("T1", "2025-12-01"), ("T2", "2025-12-01"))
    guarantee(story, "general")
    event(story, "debt", "suit", "2026-01-06", drawdown_id="T1")
    assert periods(story) == {
        "G1/T1": (day("2026-06-01"), "kept"),
        "G1/T2": (day("2026-06-01"), "running"),
    }


def test_a_suit_for_the_claim_keeps_it_for_every_debt_of_the_claim(story: Story) -> None:
    claim(story, "C", ("T1", "2025-11-03"), ("T2", "2025-12-01"))
    guarantee(story, "general")
    event(story, "debt", "suit", "2026-01-06", claim_id="C")
    assert {entity: state for entity, (_, state) in periods(story).items()} == {"G1/T1": "kept", "G1/T2": "kept"}


def test_a_demand_for_one_claim_keeps_nothing_for_another(story: Story) -> None:
    claim(story, "A", ("T1", "2025-12-01"))
    claim(story, "B", ("T2", "2025-12-01"))
    guarantee(story, "joint")
    event(story, "guarantee", "signed_demand", "2026-01-06", guarantee_id="G1", claim_id="A")
    assert {entity: state for entity, (_, state) in periods(story).items()} == {"G1/T1": "kept", "G1/T2": "running"}


def test_a_demand_that_names_no_debt_is_made_for_all_that_are_due(story: Story) -> None:
    claim(story, "A", ("T1", "2025-09-01"))
    claim(story, "B", ("T2", "2026-01-12"))
    guarantee(story, "joint")
    event(story, "guarantee", "signed_demand", "2026-01-06", guarantee_id="G1")
    assert periods(story) == {
        "G1/T1": (day("2026-03-02"), "kept"),  # 1 March 2026 is a Sunday
        "G1/T2": (day("2026-07-13"), "running"),  # 12 July 2026 is a Sunday; the demand came before it was due
    }


def test_what_is_lost_is_the_claims_the_guarantor_stands_behind_up_to_the_cap(story: Story) -> None:
    claim(story, "A", ("T1", "2025-12-01"), principal=1_000_000 * YUAN)
    guarantee(story, "joint", cap=600_000 * YUAN)
    table = judged(deadlines.THING, story.snapshot(), {}, {}, "plain").table.to_pylist()
    lost = {r["entity_id"]: r["consequence"] for r in table if r["kind"] == "guarantee_period"}
    assert lost == {"G1": 600_000 * YUAN}


def test_a_claim_whose_drawdowns_are_not_recorded_is_a_debt_of_its_contract(story: Story) -> None:
    claim(story, "A", contract="K", due_on="2025-12-01")
    guarantee(story, "joint")
    assert periods(story) == {"G1": (day("2026-06-01"), "running")}
