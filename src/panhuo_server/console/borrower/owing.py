"""What a borrower still owes of a loan, and what of its plan is past due, from the rows an institution shares with it.

Invariant: a write-off is the lender's own bookkeeping and releases nobody; what the shared rows do not settle is said
not to be known and never shown as nought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from panhuo.ground.record.arguments import HOME
from panhuo_server.console.shared_rows import Row

_ADDS = {"disburse": 1, "accrue": 1, "advance": 1, "receive": -1, "waive": -1, "write_off": 0, "assign": -1}
_PAID = {"receive": 1, "waive": 1}
_INTEREST = ("interest", "interest_off_balance")


@dataclass(frozen=True)
class Arrears:
    """What of the plan is past due and was not paid; interest is None where the shared rows do not settle it."""

    since: date | None
    principal: int
    interest: int | None


def _signed(postings: Iterable[Row], adds: dict[str, int], components: Sequence[str]) -> int:
    held = list(postings)
    kinds = {row["id"]: row["kind"] for row in held}
    total = 0
    for row in held:
        if row["component"] in components and row["amount"] is not None:
            back = row["kind"] == "reverse"
            kind = kinds.get(row["reverses_id"], "") if back else row["kind"]
            total += (-1 if back else 1) * adds.get(kind, 0) * row["amount"]
    return total


def owed(postings: list[Row]) -> tuple[int, list[Row]] | None:
    """Principal still owed by the ledger's postings, and the postings that make it; nothing when none are shown."""
    mine = [row for row in postings if row["component"] == "principal" and row["amount"] is not None]
    kinds = {row["id"]: row["kind"] for row in postings}
    named = [kinds.get(row["reverses_id"], "") if row["kind"] == "reverse" else row["kind"] for row in mine]
    if not mine or any(kind not in _ADDS for kind in named):
        return None
    return _signed(postings, _ADDS, ("principal",)), mine


def arrears(loan: Row, plan: list[Row], postings: list[Row], day: date) -> Arrears | None:
    """What is past due before a day and not covered by what was paid; None where the shared rows do not settle it.

    What was received or waived covers instalments in the order of their days, as a plan is paid. The shared rows settle
    it only when the postings hold all that was paid out, and the instalments due so far are there from number 1 without
    a gap; after the loan's own last day all that is owed is past due.
    """
    held = owed(postings)
    rows = [row for row in plan if row["status"] != "cancelled"]
    currency = loan.get("currency") or HOME
    if held is None or any((row.get("currency") or HOME) != currency for row in (*rows, *held[1])):
        return None
    if _signed(postings, {"disburse": 1}, ("principal",)) != loan["amount"]:
        return None
    left = held[0]
    if left <= 0:
        return Arrears(None, 0, None)
    over = loan["due_on"] is not None and loan["due_on"] < day
    due = sorted((row for row in rows if row["due_on"] is not None and row["due_on"] < day), key=lambda r: r["due_on"])
    # Without one instalment to see, whether one was due is not known either.
    whole = bool(rows) and all(row["due_on"] is not None for row in rows)
    whole = whole and [row["number"] for row in due] == list(range(1, len(due) + 1))
    whole = whole and (bool(due) or min(rows, key=lambda r: r["due_on"])["number"] == 1)
    whole = whole and all(row["principal"] is not None for row in due)
    if not whole:
        return Arrears(loan["due_on"], left, None) if over else None
    paid = _signed(postings, _PAID, ("principal",))
    lacks = [row["due_on"] for row, sum_ in _running(due, "principal") if sum_ > paid]
    principal = min(left, max(0, sum(row["principal"] for row in due) - paid))
    if over:
        principal, lacks = left, lacks or [loan["due_on"]]
    interest = None
    shown = any(row["component"] in _INTEREST and row["amount"] is not None for row in postings)
    if (shown or not due) and all(row["interest"] is not None for row in due):
        paid = _signed(postings, _PAID, _INTEREST)
        lacks += [row["due_on"] for row, sum_ in _running(due, "interest") if sum_ > paid]
        interest = max(0, sum(row["interest"] for row in due) - paid)
    return Arrears(min(lacks, default=None), principal, interest)


def _running(due: list[Row], name: str) -> list[tuple[Row, int]]:
    return list(zip(due, accumulate(row[name] for row in due), strict=True))
