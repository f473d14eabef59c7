"""Guarantee rings of a book: what makes an edge, what makes a ring live, and what each party is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from panhuo.ground.record.judgement import pronounce
from panhuo.stages.monitoring.rings import MEMBERSHIP, RINGS, guarantee_edges

AS_OF = date(2026, 6, 30)


class Book:
    """A snapshot of three tables.

    A guarantees B, B guarantees C, C guarantees A (1 m, 2 m, 3 m owed, the last capped at 0.5 m); A and D guarantee
    each other, but D's debt is repaid; E was guaranteed by A, now released; F guarantees A and stands outside.
    """

    as_of = AS_OF
    rows = (
        # contract, guarantor, debtor, cap, released
        ("K-B", "A", "B", None, None),
        ("K-C", "B", None, None, None),  # the debtor is the contract's borrower
        ("K-A", "C", "A", 50_000_000, None),
        ("K-A", "D", "A", None, date(2027, 1, 1)),
        ("K-D", "A", "D", None, None),
        ("K-E", "A", "E", None, date(2025, 1, 1)),
        ("K-A", "F", "A", None, None),
        ("K-A", None, "A", None, None),  # the certificate names no guarantor
    )
    borrowers = ("B", "C", "A", "D", "E")

    def table(self, name: str) -> Any:
        columns: dict[str, Any]
        if name == "guarantees":
            names = ("contract_id", "guarantor_id", "debtor_id", "cap", "released_on")
            columns = {n: [r[i] for r in self.rows] for i, n in enumerate(names)}
            columns["cap"] = pa.array(columns["cap"], pa.int64())
            columns["currency"] = pa.array([None] * len(self.rows), pa.string())
            columns["released_on"] = pa.array(columns["released_on"], pa.date32())
        elif name == "drawdowns":
            columns = {"id": [f"D-{b}" for b in self.borrowers], "contract_id": [f"K-{b}" for b in self.borrowers]}
        else:
            columns = {"id": [f"K-{b}" for b in self.borrowers], "party_id": list(self.borrowers)}
        return ibis.memtable(pa.table(columns))


class Past:
    """Days past due: C is late; D owes nothing any more."""

    table = pa.table(
        {
            "drawdown_id": ["D-B", "D-C", "D-A", "D-E"],
            "party_id": ["B", "C", "A", "E"],
            "currency": ["CNY", "CNY", "CNY", "CNY"],
            "total_owed": pa.array([100_000_000, 200_000_000, 300_000_000, 10], pa.int64()),
            "overdue": [False, True, False, False],
        }
    )


def outcome(thing: Any) -> Any:
    assert thing.gather is not None
    return pronounce(thing, thing.gather(Book(), Past()), engine="plain")


def test_edges() -> None:
    edges = sorted((r["src"], r["dst"], r["amount"]) for r in guarantee_edges(Book(), Past()).to_pylist())
    assert edges == [
        ("A", "B", 100_000_000),
        ("A", "D", 0),
        ("B", "C", 200_000_000),
        ("C", "A", 50_000_000),
        ("D", "A", 300_000_000),
        ("F", "A", 300_000_000),
    ]


def test_rings_live_and_on_record() -> None:
    found = outcome(RINGS)
    by_members = {r["members"]: r for r in found.table.to_pylist()}
    assert set(by_members) == {"A>B>C", "A>D"}
    live, past = by_members["A>B>C"], by_members["A>D"]
    assert (live["length"], live["amount"], live["weakest_amount"], live["live"]) == (3, 350_000_000, 50_000_000, True)
    assert (live["cut_from"], live["cut_to"], live["cut_rings"]) == ("C", "A", 1)  # the cheapest to replace
    assert (live["members_overdue"], live["in_distress"]) == (1, True)
    assert (past["live"], past["on_record_only"], past["mutual"], past["cut_from"]) == (False, True, True, None)
    why = found.why(live["ring_id"], language="zh")["reasons"]
    assert [r["code"] for r in why] == ["RING", "RING_CUT", "RING_DISTRESS"]
    assert "先置换 C 为 A 提供的保证（50.00万元）" in why[1]["words"]


def test_membership() -> None:
    found = {r["party_id"]: r for r in outcome(MEMBERSHIP).table.to_pylist()}
    assert {p: (r["rings"], r["rings_on_record"]) for p, r in found.items()} == {
        "A": (1, 2), "B": (1, 1), "C": (1, 1), "D": (0, 1), "F": (0, 0),
    }  # fmt: skip
    assert (found["A"]["guaranteed"], found["A"]["exposure"]) == (100_000_000, 350_000_000)
    assert (found["D"]["in_past_ring"], found["D"]["exposure"], found["D"]["shortest"]) == (True, 650_000_000, None)
    assert [found[p]["others_overdue"] for p in "ABCDF"] == [1, 1, 0, 0, 0]
    assert found["B"]["ring_in_distress"] and not found["C"]["ring_in_distress"]


class PastInDollars(Past):
    """As `Past`, but what C owes is in dollars."""

    table = Past.table.set_column(2, "currency", pa.array(["CNY", "USD", "CNY", "CNY"]))


class PastAllInDollars(Past):
    """As `Past`, but every debt is in dollars; the caps stay in yuan."""

    table = Past.table.set_column(2, "currency", pa.array(["USD"] * 4))


def test_amounts_of_two_currencies_are_not_added_up() -> None:
    found = pronounce(RINGS, RINGS.gather(Book(), PastInDollars()), engine="plain")  # type: ignore[misc]
    row = {r["members"]: r for r in found.table.to_pylist()}["A>B>C"]
    assert (row["amount"], row["weakest_amount"], row["cut_amount"], row["currency"]) == (None, None, None, None)
    assert (row["live"], row["several_currencies"], row["cut_rings"]) == (True, True, 1)
    said = {r["code"]: r["words"] for r in found.why(row["ring_id"], language="zh")["reasons"]}
    assert "不相加" in said["RING_CURRENCIES"] and "未知" in said["RING"]
    members = pronounce(MEMBERSHIP, MEMBERSHIP.gather(Book(), PastInDollars()), engine="plain")  # type: ignore[misc]
    by_party = {r["party_id"]: r for r in members.table.to_pylist()}
    # A answers for B (yuan), through B for C (dollars): no sum. Everybody who reaches C by way of A is the same.
    assert [by_party[p]["exposure"] for p in "ABCDF"] == [None] * 5
    assert [by_party[p]["several_currencies"] for p in "ABCDF"] == [True] * 5
    assert not by_party["A"]["answers_beyond"]


def test_a_ring_in_one_other_currency_has_its_amounts() -> None:
    """100 + 200 + 300 m: the cap of 50 m yuan does not hold down a debt in dollars."""
    found = pronounce(RINGS, RINGS.gather(Book(), PastAllInDollars()), engine="plain")  # type: ignore[misc]
    row = {r["members"]: r for r in found.table.to_pylist()}["A>B>C"]
    assert (row["amount"], row["weakest_amount"], row["currency"]) == (600_000_000, 100_000_000, "USD")
    assert "USD 6,000,000" in found.why(row["ring_id"], language="zh")["reasons"][0]["words"]


def test_a_book_without_guarantees() -> None:
    class Empty(Book):
        rows = ()

    for thing in (RINGS, MEMBERSHIP):
        assert thing.gather is not None
        assert len(pronounce(thing, thing.gather(Empty(), Past()), engine="plain")) == 0
