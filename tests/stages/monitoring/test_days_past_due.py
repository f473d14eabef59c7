"""Days past due, worked by hand. GEN-01: 逾期超过90天 is day 91 on; GEN-03: the day it falls due is not counted."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow.compute as pc
import pytest

from panhuo.stages.monitoring import ledger
from stages.monitoring.small_book import YUAN, Story, codes, day, later, rows

PLAN = [("2025-03-21", 0, 5_000), ("2025-06-21", 0, 5_000), ("2025-07-01", 1_000_000, 500)]


@pytest.mark.parametrize(
    ("as_of", "days"), [("2025-03-21", 0), ("2025-03-22", 1), ("2025-06-19", 90), ("2025-06-20", 91)]
)
def test_the_due_day_is_day_nought(story: Callable[..., Story], run, as_of: str, days: int) -> None:
    book = story(as_of)
    book.party("P1")
    book.drawdown("D1", "P1", 1_000_000, "2024-07-01", "2025-07-01", PLAN)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert row["overdue_days"] == days
    assert row["overdue_since"] == (day("2025-03-21") if days else None)
    assert row["overdue_interest"] == (5_000 * YUAN if days else 0)
    assert row["overdue_principal"] == 0


def test_part_payment_leaves_the_same_due_day_and_less_owed(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 1_000_000, "2024-07-01", "2025-07-01", PLAN)
    book.pay("D1", "2025-04-10", interest=4_999.99)
    outcome = run(book.snapshot(), "days_past_due")["days_past_due"]
    row = rows(outcome)["D1"]
    assert row["overdue_since"] == day("2025-03-21") and row["overdue_days"] == 101
    assert row["overdue_interest"] == 5_000 * YUAN + 1
    assert row["last_paid_on"] == day("2025-04-10")
    assert codes(outcome, "D1") == ["PAST_DUE"]
    words = outcome.why("D1", language="en")["reasons"][0]["words"]
    assert words == "Due on 2025-03-21 and unpaid, 101 days past due: principal CNY 0, interest CNY 5,000.01"


def test_what_is_paid_goes_to_what_fell_due_first(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 1_000_000, "2024-07-01", "2025-07-01", PLAN)
    book.pay("D1", "2025-06-29", interest=5_000)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert row["overdue_since"] == day("2025-06-21") and row["overdue_days"] == 9
    assert row["bucket"] == "days_1_30"


def test_a_reversal_brings_the_arrears_back(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 1_000_000, "2024-07-01", "2025-07-01", PLAN)
    (receipt,) = book.pay("D1", "2025-03-21", interest=5_000)
    book.post("D1", "2025-05-06", "interest", "reverse", 5_000, reverses_id=receipt)
    snapshot = book.snapshot()
    row = rows(run(snapshot, "days_past_due")["days_past_due"])["D1"]
    assert row["overdue_days"] == 101 and row["last_paid_on"] is None
    assert row["interest_balance"] == 10_000 * YUAN
    before = rows(run(book.snapshot("2025-05-05"), "days_past_due")["days_past_due"])["D1"]
    assert before["overdue_days"] == 0


def test_the_older_of_principal_and_interest_counts(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    plan = [("2025-01-31", 10_000, 500), ("2025-02-28", 10_000, 450), ("2025-03-31", 10_000, 400)]
    book.drawdown("D1", "P1", 30_000, "2024-12-31", "2025-03-31", plan)
    book.pay("D1", "2025-01-31", principal=10_000, interest=500)
    book.pay("D1", "2025-02-28", interest=450)
    book.pay("D1", "2025-03-31", interest=400)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert row["overdue_since"] == day("2025-02-28") and row["overdue_days"] == 122
    assert row["overdue_principal"] == 20_000 * YUAN and row["overdue_interest"] == 0


def test_early_payment_is_never_past_due(story: Callable[..., Story], run) -> None:
    # All principal repaid in May: the interest planned after that is not owed, and the ledger never accrues it.
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2025-01-01", "2025-12-31", [("2025-03-21", 0, 1_000)])
    for number, on in enumerate(("2025-06-21", "2025-12-31"), 2):
        book.add(
            "instalments", id=f"D1/{number}", drawdown_id="D1", number=number, due_on=on, interest=1_000 * YUAN,
            principal=100_000 * YUAN if number == 3 else 0,
        )  # fmt: skip
    book.pay("D1", "2025-03-21", interest=1_000)
    book.pay("D1", "2025-05-08", principal=99_999)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert row["overdue_days"] == 0 and row["book_balance"] == 1 * YUAN


def test_write_off_takes_the_balance_and_cures_nothing(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2024-01-01", "2024-12-31", [("2024-12-31", 100_000, 3_000)])
    book.post("D1", "2025-03-01", "interest", "move_off_balance", 3_000)
    book.post("D1", "2025-03-01", "interest_off_balance", "accrue", 3_000)
    book.post("D1", "2025-05-01", "principal", "write_off", 60_000)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert row["principal_balance"] == 40_000 * YUAN
    assert row["interest_balance"] == 0 and row["interest_off_balance_balance"] == 3_000 * YUAN
    assert row["overdue_days"] == 181 and row["overdue_principal"] == 40_000 * YUAN
    assert row["overdue_interest"] == 3_000 * YUAN


@pytest.mark.parametrize(("component", "left"), [("penalty", 800), ("fee", 120)])
def test_written_off_and_something_left_is_still_past_due(
    story: Callable[..., Story], run, component: str, left: int
) -> None:
    # 账销案存: the debt stands after the write-off; 2024-12-31 to 2025-06-30 are 181 days.
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2024-01-01", "2024-12-31", [("2024-12-31", 100_000, 3_000)])
    book.post("D1", "2025-03-01", component, "accrue", left)
    book.post("D1", "2025-05-01", "principal", "write_off", 100_000)
    book.post("D1", "2025-05-01", "interest", "write_off", 3_000)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert (row["overdue_days"], row["bucket"]) == (181, "days_181_270")
    assert row["overdue_since"] == day("2024-12-31") and row["overdue"]
    assert (row["principal_balance"], row["overdue_principal"], row["overdue_interest"]) == (0, 0, 0)
    assert row["total_owed"] == left * YUAN


def test_interest_written_off_alone_goes_on_counting(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown(
        "D1", "P1", 100_000, "2025-01-01", "2025-12-31", [("2025-03-21", 0, 1_000), ("2025-12-31", 100_000, 0)]
    )
    book.post("D1", "2025-05-01", "interest", "write_off", 1_000)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert (row["overdue_days"], row["overdue_interest"], row["interest_balance"]) == (101, 0, 0)
    assert row["book_balance"] == 100_000 * YUAN


def test_what_was_paid_before_the_write_off_is_not_past_due(story: Callable[..., Story], run) -> None:
    # All that had fallen due was paid; what is written off had not fallen due.
    book = story("2025-06-30")
    book.party("P1")
    plan = [("2025-03-31", 40_000, 0), ("2025-12-31", 60_000, 0)]
    book.drawdown("D1", "P1", 100_000, "2025-01-01", "2025-12-31", plan)
    book.pay("D1", "2025-03-31", principal=40_000)
    book.post("D1", "2025-05-01", "principal", "write_off", 50_000)
    row = rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]
    assert (row["overdue_days"], row["principal_balance"]) == (0, 10_000 * YUAN)


def test_interest_received_and_never_accrued_leaves_no_negative_balance(story: Callable[..., Story], run) -> None:
    # A lender that books interest as it is paid: D1 has no accrual at all, D2 an accrual and too much paid.
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2025-01-01", "2025-12-31", [("2025-12-31", 100_000, 0)])
    book.drawdown(
        "D2", "P1", 100_000, "2025-01-01", "2025-12-31", [("2025-03-21", 0, 1_000), ("2025-12-31", 100_000, 0)]
    )
    for drawdown in ("D1", "D2"):
        book.pay(drawdown, "2025-03-21", interest=1_200)
        book.post(drawdown, "2025-03-21", "fee", "receive", 50)
    found = rows(run(book.snapshot(), "days_past_due")["days_past_due"])
    first, second = found["D1"], found["D2"]
    assert (first["interest_balance"], first["fee_balance"]) == (0, 0)
    assert first["book_balance"] == first["total_owed"] == 100_000 * YUAN
    assert (first["received_not_raised"], second["received_not_raised"]) == (1_250 * YUAN, 50 * YUAN)
    assert second["interest_balance"] == -200 * YUAN  # overpaid: the borrower's credit
    assert second["overdue_days"] == 0


def test_a_changed_plan_replaces_what_was_due(story: Callable[..., Story], run) -> None:
    # Extended on the day it fell due: the old instalment is cancelled by a later fact, the new one stands.
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2024-04-01", "2025-03-31", [("2025-03-31", 100_000, 0)])
    book.add(
        "instalments", id="D1/1", drawdown_id="D1", number=1, due_on="2025-03-31", principal=100_000 * YUAN,
        interest=0, status="cancelled", effective_on="2025-03-30",
    )  # fmt: skip
    book.add(
        "instalments", id="D1/2", drawdown_id="D1", number=2, due_on="2025-09-30", principal=100_000 * YUAN,
        interest=0, effective_on="2025-03-30",
    )  # fmt: skip
    assert rows(run(book.snapshot(), "days_past_due")["days_past_due"])["D1"]["overdue_days"] == 0
    assert rows(run(book.snapshot("2025-03-29"), "days_past_due")["days_past_due"])["D1"]["overdue_days"] == 0


def test_without_a_plan_maturity_counts_and_without_a_ledger_the_status_does(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    book.drawdown("D1", "P1", 100_000, "2024-04-01", "2025-03-31", [("2025-03-31", 100_000, 0)])
    book.drawdown("D2", "P1", 50_000, "2024-04-01", "2025-05-31")
    book.add(
        "drawdowns", id="D3", contract_id="C", party_id="P1", amount=70_000 * YUAN, out_on="2010-04-01",
        due_on="2017-04-01", status="written_off",
    )  # fmt: skip
    found = rows(run(book.snapshot(), "days_past_due")["days_past_due"])
    assert (found["D2"]["basis"], found["D2"]["overdue_days"]) == ("maturity", 30)
    assert (found["D3"]["basis"], found["D3"]["overdue_days"], found["D3"]["by_status"]) == ("status", None, True)


def test_balances_tie_to_the_ledger_to_the_fen(story: Callable[..., Story], run) -> None:
    book = story("2025-06-30")
    book.party("P1")
    for n in range(1, 8):
        out = later("2024-06-01", 17 * n)
        book.drawdown(f"D{n}", "P1", 10_007 * n, out, later(out, 365), [(later(out, 365), 10_007 * n, 31 * n)])
        book.pay(f"D{n}", later(out, 200), principal=1_234.56 * n)
        (last,) = book.pay(f"D{n}", later(out, 300), interest=7.77 * n)
        if n % 2:
            book.post(f"D{n}", later(out, 301), "interest", "reverse", 7.77 * n, reverses_id=last)
        if n % 3 == 0:
            book.post(f"D{n}", later(out, 310), "principal", "write_off", 500 * n)
    snapshot = book.snapshot()
    outcome = run(snapshot, "days_past_due")["days_past_due"]
    signed = ledger.movements(snapshot).amount.sum().to_pyarrow().as_py()
    owed, beside = (pc.sum(outcome.table.column(name)).as_py() for name in ("total_owed", "received_not_raised"))
    assert owed - beside == signed
    # 7.77 a number on D2 and D4, whose interest is accrued after the day: paid ahead of anything raised
    assert beside == round(7.77 * (2 + 4) * YUAN)
    # the same by hand: raises less what lowers, reversals the other way
    by_hand = 0
    kinds = {p["id"]: p["kind"] for p in book.facts["postings"]}
    for p in book.facts["postings"]:
        if p["posted_on"] > book.as_of:
            continue
        kind = kinds[p["reverses_id"]] if p["kind"] == "reverse" else p["kind"]
        sign = 1 if kind in ("disburse", "accrue", "advance") else -1
        by_hand += (-sign if p["kind"] == "reverse" else sign) * p["amount"]
    assert signed == by_hand
