"""A loan's postings and plan by hand: reversals, moves off the balance sheet, receipts on what fell due first."""

from __future__ import annotations

from datetime import date
from typing import Any

from panhuo_server.console.book.ledger_of_loan import against_plan, by_component, walked


def posting(at: int, component: str, kind: str, amount: int, day: date, reverses: str | None = None) -> dict[str, Any]:
    """A posting with an id of its place."""
    return {"id": f"L{at}", "component": component, "kind": kind, "amount": amount, "posted_on": day,
            "reverses_id": reverses, "fact_sequence": 1, "fact_position": at}  # fmt: skip


POSTINGS = [
    posting(1, "principal", "disburse", 100_00, date(2026, 1, 5)),
    posting(2, "interest", "accrue", 5_00, date(2026, 2, 5)),
    posting(3, "interest", "receive", 5_00, date(2026, 2, 6)),
    posting(4, "principal", "receive", 40_00, date(2026, 2, 6)),
    posting(5, "principal", "reverse", 40_00, date(2026, 2, 7), "L4"),
    posting(6, "principal", "receive", 30_00, date(2026, 2, 8)),
    posting(7, "interest", "accrue", 4_00, date(2026, 3, 5)),
    posting(8, "interest", "move_off_balance", 4_00, date(2026, 6, 5)),
    posting(9, "interest_off_balance", "move_off_balance", 4_00, date(2026, 6, 5)),
    posting(10, "principal", "write_off", 20_00, date(2026, 6, 6)),
]


def test_postings_come_to_balances() -> None:
    sums = by_component(walked(POSTINGS))
    assert sums == {
        "principal": {"disburse": 100_00, "receive": -30_00, "write_off": -20_00},
        "interest": {"accrue": 9_00, "receive": -5_00, "move_off_balance": -4_00},
        "interest_off_balance": {"move_off_balance": 4_00},
    }
    assert [p.principal for p in walked(POSTINGS)] == [
        100_00, 100_00, 100_00, 60_00, 100_00, 70_00, 70_00, 70_00, 70_00, 50_00
    ]  # fmt: skip


def test_a_reversal_of_what_is_not_in_the_book_counts_as_of_a_receipt() -> None:
    lone = [POSTINGS[0], posting(2, "principal", "reverse", 10_00, date(2026, 3, 1), "gone")]
    assert by_component(walked(lone)) == {"principal": {"disburse": 100_00, "receive": 10_00}}


def test_receipts_cover_what_fell_due_first() -> None:
    plan = [
        {"id": "1", "number": 1, "due_on": date(2026, 2, 5), "principal": 20_00, "interest": 3_00, "status": "due"},
        {"id": "2", "number": 2, "due_on": date(2026, 3, 5), "principal": 20_00, "interest": 3_00, "status": None},
        {"id": "3", "number": 3, "due_on": date(2026, 9, 5), "principal": 60_00, "interest": 3_00, "status": "due"},
        {"id": "x", "number": 4, "due_on": date(2026, 2, 1), "principal": 99_00, "interest": 0, "status": "cancelled"},
    ]
    found = against_plan(plan, walked(POSTINGS), date(2026, 6, 30))
    assert [(d.principal_covered, d.interest_covered, d.unpaid, d.fallen) for d in found] == [
        (20_00, 3_00, 0, True), (10_00, 2_00, 11_00, True), (0, 0, 63_00, False)
    ]  # fmt: skip
