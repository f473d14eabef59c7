"""What a borrower owes and what is past due, each case worked by hand on a loan of 1,200.00 over three instalments."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

LOAN = {"id": "D1", "amount": 1_200_00, "due_on": date(2026, 9, 30), "status": "open", "currency": "CNY"}
TODAY = date(2026, 7, 15)


def posting(name: str, kind: str, amount: int, component: str = "principal", **given: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "amount": amount, "component": component, "reverses_id": None,
            "currency": "CNY", **given}  # fmt: skip


def plan() -> list[dict[str, Any]]:
    """400.00 and 10.00 of interest at the ends of May, June and September."""
    days = (date(2026, 5, 31), date(2026, 6, 30), date(2026, 9, 30))
    return [
        {"number": n, "due_on": day, "principal": 400_00, "interest": 10_00, "status": "due", "currency": "CNY"}
        for n, day in enumerate(days, 1)
    ]


OUT = posting("1", "disburse", 1_200_00)
FIRST = posting("2", "receive", 400_00)
INTEREST = posting("3", "receive", 10_00, "interest")


def arrears(postings: list[dict[str, Any]], shown: list[dict[str, Any]] | None = None, **loan: Any) -> Any:
    from panhuo_server.console.borrower.owing import arrears

    found = arrears({**LOAN, **loan}, plan() if shown is None else shown, postings, TODAY)
    return None if found is None else (found.since, found.principal, found.interest)


def test_a_write_off_releases_nobody(server: Any) -> None:
    from panhuo_server.console.borrower.owing import owed

    held = owed([OUT, FIRST, posting("4", "write_off", 800_00)])
    assert held is not None and held[0] == 800_00
    undone = owed([OUT, posting("4", "write_off", 800_00), posting("5", "reverse", 800_00, reverses_id="4")])
    assert undone is not None and undone[0] == 1_200_00
    assert arrears([OUT, FIRST, INTEREST, posting("4", "write_off", 800_00)]) == (date(2026, 6, 30), 400_00, 10_00)


@pytest.mark.parametrize(
    ("postings", "expected"),
    [
        # June's 400.00 and 10.00 stand out; September's is not due yet.
        ([OUT, FIRST, INTEREST], (date(2026, 6, 30), 400_00, 10_00)),
        # 150.00 of June's was paid, all the interest too.
        ([OUT, FIRST, INTEREST, posting("4", "receive", 150_00), posting("5", "receive", 10_00, "interest")],
         (date(2026, 6, 30), 250_00, 0)),
        # 100.00 of May's was taken back: 500.00 stand out, since May.
        ([OUT, FIRST, INTEREST, posting("4", "receive", 100_00), posting("5", "reverse", 400_00, reverses_id="2"),
          posting("6", "receive", 200_00)], (date(2026, 5, 31), 500_00, 10_00)),
        # Paid ahead: nothing.
        ([OUT, posting("2", "receive", 900_00), posting("3", "receive", 20_00, "interest")], (None, 0, 0)),
        # No posting of interest is shared: whether it is unpaid is not known.
        ([OUT, FIRST], (date(2026, 6, 30), 400_00, None)),
        # What was paid out is not all there, or nothing is: nothing is known.
        ([FIRST, INTEREST], None),
        ([], None),
    ],
)  # fmt: skip
def test_what_fell_due_less_what_was_paid(server: Any, postings: list[dict[str, Any]], expected: Any) -> None:
    assert arrears(postings) == expected


def test_a_plan_with_gaps_settles_nothing_until_the_last_day(server: Any) -> None:
    held = [OUT, FIRST, INTEREST]
    assert arrears(held, plan()[1:]) is None
    assert arrears(held, []) is None
    assert arrears(held, plan()[2:]) is None
    # After the loan's own last day all that is owed is past due, plan or none.
    assert arrears(held, [], due_on=date(2026, 7, 14)) == (date(2026, 7, 14), 800_00, None)
    # An instalment a later plan cancelled is not due.
    later = [plan()[0], {**plan()[1], "status": "cancelled"}, {**plan()[2], "number": 2, "principal": 800_00}]
    assert arrears(held, later) == (None, 0, 0)


def test_it_is_said_in_words(server: Any) -> None:
    from panhuo_server.console.borrower.affairs import late_of

    late = late_of(LOAN, plan(), [OUT, FIRST, INTEREST], TODAY)
    assert late is not None and late[0]
    assert "2026-06-30" in late[1].zh and "本金 400.00元，利息 10.00元" in late[1].zh
    assert "principal CNY 400.00, interest CNY 10.00" in late[1].en
    unknown = late_of(LOAN, [], [OUT], TODAY)
    assert unknown is not None and not unknown[0] and "看不出来" in unknown[1].zh
    assert late_of({**LOAN, "status": "settled"}, plan(), [OUT], TODAY) is None
