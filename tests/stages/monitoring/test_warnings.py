"""Warnings: the triggers practitioners watch, each on its first day and not before."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import make_outcome
from stages.monitoring.small_book import YUAN, Story, codes, later, rows

AS_OF = "2025-06-18"  # three days before the 21st


def debt(book: Story, id: str, *, overdue: int = 0, to_maturity: int = 200, interest_on: str | None = None) -> None:
    book.party(f"P-{id}", classification_route="retail")
    due = later(AS_OF, -overdue if overdue else to_maturity)
    plan = [(due, 100_000, 0)]
    if interest_on:
        plan = [(interest_on, 0, 500), *plan]
    book.drawdown(id, f"P-{id}", 100_000, "2024-01-05", due, plan)


def test_every_trigger_on_its_first_day(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    for days in (1, 6, 7, 29, 30, 31, 59, 60, 79, 80):
        debt(book, f"O{days}", overdue=days)
    debt(book, "T11", to_maturity=11)
    debt(book, "T10", to_maturity=10)
    debt(book, "T0", to_maturity=0)
    debt(book, "I3", interest_on="2025-06-21")
    debt(book, "I4", interest_on="2025-06-22")
    debt(book, "covered", interest_on="2025-06-21")
    for id, balance in (("I3", 499), ("I4", 499), ("covered", 500)):
        book.add(
            "transactions", party_id=f"P-{id}", direction="in", booked_on="2025-06-10", amount=1, balance=balance * YUAN
        )
    outcome = run(book.snapshot(), "warnings")["warnings"]
    found = rows(outcome)
    level = {id: found[id]["level"] for id in found}
    assert (level["O1"], level["O7"], level["O29"]) == ("yellow", "yellow", "yellow")
    assert (level["O30"], level["O59"]) == ("orange", "orange")
    assert (level["O60"], level["O80"]) == ("red", "red")
    assert "WRN-05" in codes(outcome, "O7") and "WRN-05" not in codes(outcome, "O6")
    assert "WRN-08" in codes(outcome, "O80") and "WRN-08" not in codes(outcome, "O79")
    assert (level["T11"], level["T10"], level["T0"]) == (None, "blue", "blue")
    assert (level["I3"], level["I4"], level["covered"]) == ("yellow", None, None)
    assert found["I3"]["trigger"] == "interest_day" and found["T10"]["trigger"] == "maturity"
    # R004 beside: day 31 on, and everything before it is early
    assert [found[f"O{d}"]["r004"] for d in (30, 31)] == [False, True]
    assert found["O30"]["before_r004"] and not found["O31"]["before_r004"]
    assert found["T10"]["before_r004"] and not found["T11"]["warned"]
    # falling to substandard adds 25 % less the 2 % held for special mention
    assert found["O7"]["consequence"] == 23_000 * YUAN
    assert found["T10"]["consequence"] == 25_000 * YUAN


def test_what_happens_elsewhere(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    for id in ("quiet", "refused", "elsewhere", "enforced", "listed", "seized", "guaranteed", "ringed", "bad"):
        debt(book, id, overdue=100 if id == "bad" else 0)
    for id, result in (("refused", "refused"), ("quiet", "approved")):
        book.add("decisions", party_id=f"P-{id}", kind="renewal", result=result, meeting_on="2025-05-20")
    for id, amount in (("elsewhere", 1), ("quiet", 0)):
        book.add(
            "credit_reports", party_id=f"P-{id}", query_basis="post_loan", queried_on="2025-06-02",
            external_overdue=amount, external_overdue_days=amount,
        )  # fmt: skip
    book.add("proceedings", id="E1", matter_id="M", kind="enforcement", status="accepted")
    book.add("proceeding_parties", proceeding_id="E1", party_id="P-enforced", position="judgment_debtor")
    book.add(
        "enforcement_measures", proceeding_id="E1", party_id="P-listed", kind="defaulter_list", taken_on="2025-03-01"
    )
    book.add("assets", id="A1", kind="home", owner_id="P-seized")
    book.add("seizures", asset_id="A1", kind="first", from_on="2025-01-01", expires_on="2028-01-01", ours=False)
    book.add("guarantees", contract_id="C-guaranteed", guarantor_id="P-bad", kind="joint")
    names = (Column("ring_id", ColumnType.TEXT, "", "", key=True), Column("members", ColumnType.TEXT, "", ""))
    ring = Schema("rings", names)
    table = pa.table({"ring_id": ["R1", "R2"], "members": ["P-bad>P-ringed", "P-quiet>P-refused"]})
    given = {"rings": make_outcome(ring, table)}
    outcome = run(book.snapshot(), "warnings", given=given)["warnings"]
    found = rows(outcome)
    assert found["quiet"]["level"] is None
    assert (found["refused"]["level"], found["refused"]["trigger"]) == ("orange", "renewal_refused")
    assert (found["elsewhere"]["level"], found["elsewhere"]["trigger"]) == ("orange", "overdue_elsewhere")
    for id in ("enforced", "listed", "seized"):
        assert (found[id]["level"], found[id]["trigger"]) == ("red", "enforcement")
    assert "WRN-12" in codes(outcome, "listed") and "WRN-12" not in codes(outcome, "enforced")
    assert (found["guaranteed"]["level"], found["guaranteed"]["trigger"]) == ("orange", "guarantor_in_default")
    assert (found["ringed"]["level"], found["ringed"]["trigger"]) == ("orange", "ring_in_default")
    assert "RING_IN_DEFAULT" in codes(outcome, "ringed")
    words = outcome.why("refused", language="zh")["reasons"]
    assert any(r["words"].startswith("预警：续贷被拒") for r in words)
