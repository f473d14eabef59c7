"""The sample's ledger against an oracle that shares none of its code: fractions, `datetime` dates, plain loops.

The oracle knows each drawdown's terms, its plan days and the days and amounts of what was received (all from the sealed
facts) and works out by itself what had to be accrued; every accrual and balance must agree to the fen.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.sample.making import make_book

SIGN = {
    "disburse": 1, "accrue": 1, "receive": -1, "reverse": 1, "write_off": -1, "assign": -1, "move_off_balance": -1,
}  # fmt: skip


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def simple_interest(principal: int, ppm: int, days: int) -> int:
    return half_up(Fraction(principal) * ppm * days / (360 * 1_000_000))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "book"
    make_book("county", 300, 11, folder)
    return folder


@pytest.fixture(scope="module")
def facts(book: Path) -> dict[str, list[dict[str, Any]]]:
    snapshot = Snapshot(Book(book))
    found = {}
    for name in ("drawdowns", "contracts", "postings", "instalments", "claims", "stated_balances"):
        rows = snapshot.rows(name).to_pylist()
        found[name] = [r for r in rows if r["org_id"] == "self"]
    return found


def signed(posting: dict[str, Any]) -> int:
    """The posting's amount with its sign: interest moved off the balance sheet arrives beside it."""
    if posting["kind"] == "move_off_balance" and posting["component"] == "interest_off_balance":
        return int(posting["amount"])
    return SIGN[posting["kind"]] * int(posting["amount"])


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def test_every_accrual_is_what_the_terms_say(facts: dict[str, list[dict[str, Any]]]) -> None:
    contracts = {c["id"]: c for c in facts["contracts"]}
    plans, postings = _by(facts["instalments"], "drawdown_id"), _by(facts["postings"], "drawdown_id")
    checked = penalties = 0
    for drawdown in facts["drawdowns"]:
        rate = drawdown["annual_rate"]
        uplift = contracts[drawdown["contract_id"]]["penalty_uplift"]
        penalty_rate = half_up(Fraction(rate) * (1_000_000 + uplift) / 1_000_000)
        plan = [p for p in plans[drawdown["id"]] if p["status"] == "due"]
        plan.sort(key=lambda p: (p["due_on"], p["number"]))
        final = plan[-1]["due_on"]
        # a double booking and its reversal are the bank's slip, not the debtor's money
        rows = [p for p in postings[drawdown["id"]] if not p["voucher"]]
        days = sorted({p["posted_on"] for p in rows})
        principal_due = interest_unpaid = 0
        balance = drawdown["amount"]
        before = last = drawdown["out_on"]
        for day in days:
            gap = (day - last).days
            today = [p for p in rows if p["posted_on"] == day]
            accrued: dict[str, int] = defaultdict(int)
            expected: dict[str, int] = defaultdict(int)
            for p in today:
                if p["kind"] == "accrue":
                    accrued[p["component"]] += p["amount"]
            expected["penalty"] = simple_interest(principal_due, penalty_rate, gap)
            expected["compound"] = simple_interest(interest_unpaid, rate if day <= final else penalty_rate, gap)
            for row in plan:
                if row["due_on"] == day:
                    due = simple_interest(balance, rate, (day - before).days)
                    assert due == row["interest"], (drawdown["id"], row["number"])
                    expected["interest"] += due
                    balance -= row["principal"]
                    principal_due += row["principal"]
                    interest_unpaid += due
                    before = day
            ordinary = accrued["interest"] + accrued["interest_off_balance"]
            assert ordinary == expected["interest"], (drawdown["id"], day)
            for component in ("penalty", "compound"):
                assert accrued[component] == expected[component], (drawdown["id"], day, component)
                penalties += accrued[component] > 0
            for p in today:
                if p["kind"] in ("receive", "write_off", "assign"):
                    if p["component"] == "principal":
                        principal_due -= p["amount"]
                    elif p["component"] in ("interest", "interest_off_balance"):
                        interest_unpaid -= p["amount"]
            last = day
            checked += 1
        as_of = dt.date(2026, 6, 30)
        assert {p["due_on"] for p in plan if p["due_on"] <= as_of} <= set(days) | {final}
    assert checked > 5_000
    assert penalties > 100


def test_no_component_is_ever_overpaid_and_the_settled_are_empty(facts: dict[str, list[dict[str, Any]]]) -> None:
    postings = _by(facts["postings"], "drawdown_id")
    for drawdown in facts["drawdowns"]:
        rows = [p for p in postings[drawdown["id"]] if not p["voucher"]]
        balance: dict[str, int] = defaultdict(int)
        for p in sorted(rows, key=lambda p: int(p["id"][1:])):
            balance[p["component"]] += signed(p)
            assert balance[p["component"]] >= 0, (drawdown["id"], p["id"])
        if drawdown["status"] != "open":
            assert not any(balance.values()), drawdown["id"]
        else:
            assert balance["principal"] > 0, drawdown["id"]


def test_double_bookings_are_reversed_to_the_fen(facts: dict[str, list[dict[str, Any]]]) -> None:
    double = {p["id"]: p["amount"] for p in facts["postings"] if p["voucher"] == "重复入账"}
    reversed_ = {p["reverses_id"]: p["amount"] for p in facts["postings"] if p["kind"] == "reverse"}
    assert double
    assert double == reversed_


def test_a_claim_states_the_ledger_on_its_base_date(facts: dict[str, list[dict[str, Any]]], book: Path) -> None:
    rows = Snapshot(Book(book)).rows("claim_drawdowns").to_pylist()
    links = {r["claim_id"]: r["drawdown_id"] for r in rows if r["org_id"] == "self"}
    postings = _by(facts["postings"], "drawdown_id")
    statuses = {d["id"]: d["status"] for d in facts["drawdowns"]}
    checked = 0
    for claim in facts["claims"]:
        if claim["status"] != "held" or claim["base_on"] != dt.date(2026, 6, 30):
            continue
        if statuses[links[claim["id"]]] != "open":  # written off that very day: stated as it stood before
            continue
        rows = [p for p in postings[links[claim["id"]]] if p["posted_on"] <= claim["base_on"]]
        principal = sum(signed(p) for p in rows if p["component"] == "principal")
        rest = sum(signed(p) for p in rows if p["component"] != "principal")
        assert (claim["principal"], claim["interest"]) == (principal, rest), claim["id"]
        checked += 1
    assert checked > 0
