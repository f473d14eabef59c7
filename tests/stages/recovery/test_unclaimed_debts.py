"""A lender's own matured debts: their clocks run before anybody makes a claim of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panhuo.stages.monitoring import days_past_due
from panhuo.stages.recovery import deadlines
from stages.monitoring.small_book import YUAN, Story, day, judged

AS_OF = "2026-02-05"


def test_the_guarantor_of_a_matured_debt_stands_on_the_wall(tmp_path: Path) -> None:
    book = Story(tmp_path / "book", AS_OF)
    for party in ("D", "G"):
        book.party(party)
    book.drawdown("late", "D", 100_000, "2024-10-13", "2025-10-13", [("2025-10-13", 100_000, 0)])
    book.drawdown("sued", "D", 100_000, "2024-10-13", "2025-10-13", [("2025-10-13", 100_000, 0)])
    plan = [("2025-10-13", 50_000, 0), ("2026-10-13", 50_000, 0)]
    book.drawdown("half", "D", 100_000, "2024-10-13", "2026-10-13", plan)
    book.drawdown("paid", "D", 100_000, "2024-10-13", "2025-10-13", [("2025-10-13", 100_000, 0)])
    book.pay("paid", "2025-10-13", principal=100_000)
    for number, (name, kind) in enumerate(
        (("late", "joint"), ("sued", "general"), ("half", "joint"), ("paid", "joint"))
    ):
        book.add(
            "guarantees", id=f"G{number}", contract_id=f"C-{name}", guarantor_id="G", kind=kind,
            period_kind="not_agreed", signed_on="2024-10-13", cap=60_000 * YUAN,
        )  # fmt: skip
    book.add(
        "limitation_events", right_kind="debt", drawdown_id="sued", kind="suit", done_on="2025-12-01",
        reached_on="2025-12-01", grade=None,
    )  # fmt: skip
    snapshot = book.snapshot()
    past: dict[str, Any] = {"days_past_due": judged(days_past_due.THING, snapshot, {}, {}, "plain")}
    found = judged(deadlines.THING, snapshot, past, {}, "plain").table.to_pylist()
    periods = {row["entity_id"]: row for row in found if row["kind"] == "guarantee_period"}
    # Civil Code 692: six months from the day of performance, where none is agreed. The debt paid has no clock, and the
    # one with an instalment to come has none yet.
    assert set(periods) == {"G0", "G1"}
    assert (periods["G0"]["last_day"], periods["G0"]["state"]) == (day("2026-04-13"), "soon")
    assert periods["G0"]["consequence"] == 60_000 * YUAN
    assert periods["G1"]["state"] == "kept"
    assert {row["entity_id"] for row in found if row["kind"] == "debt_limitation"} == {"late", "sued"}
