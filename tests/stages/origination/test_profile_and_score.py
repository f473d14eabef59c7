"""The operating profile and the expert card on a book small enough to work out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.book.batch import seal
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.book.tables.conduct import CONSENTS
from panhuo.ground.book.tables.parties import INVOICES, PARTIES
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.judgement import judge_one
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.journey.night import Settings, run_night
from panhuo.stages.origination import default_probability, limit, policy, profile, proposal
from panhuo.stages.origination.default_probability import FEATURES, card, rank_test

AS_OF = date(2020, 2, 21)


def bill(firm: str, direction: str, day: date, yuan: float, other: str, status: str = "valid") -> dict[str, Any]:
    empty = dict.fromkeys(INVOICES.fact_schema.names)
    fen = round(yuan * 100)
    return {
        **empty, "org_id": "self", "effective_on": day, "party_id": firm, "direction": direction, "issued_on": day,
        "net": fen, "gross": fen, "counterparty": other, "status": status, "red_letter": fen < 0, "currency": "CNY",
    }  # fmt: skip


def outcomes(folder: Path, bills: list[dict[str, Any]], engine: Any = "plain") -> dict[str, Any]:
    rows = [{**b, "id": f"B{n:05d}"} for n, b in enumerate(bills)]
    empty = dict.fromkeys(PARTIES.fact_schema.names)
    firms = [
        {**empty, "org_id": "self", "id": f, "effective_on": date(2016, 1, 1), "kind": "company", "currency": "CNY"}
        for f in sorted({b["party_id"] for b in bills})
    ]
    book = Book.create(folder / "book", made_by="test")
    consents = [
        {
            **dict.fromkeys(CONSENTS.fact_schema.names), "org_id": "self", "id": f"U{f['id']}", "party_id": f["id"],
            "effective_on": date(2016, 1, 1), "purpose": "alternative_data", "granted": True,
        }
        for f in firms
    ]  # fmt: skip
    tables = {
        "invoices": pa.Table.from_pylist(rows, schema=INVOICES.fact_schema.arrow()),
        "parties": pa.Table.from_pylist(firms, schema=PARTIES.fact_schema.arrow()),
        "consents": pa.Table.from_pylist(consents, schema=CONSENTS.fact_schema.arrow()),
    }
    seal(book, tables, observed_until=AS_OF)
    snapshot = Snapshot(book)
    return run_night(snapshot, Settings(engine=engine), only=["prices"]).outcomes


def row(outcome: Any, firm: str) -> dict[str, Any]:
    return next(r for r in outcome.table.to_pylist() if r["party_id"] == firm)


def test_by_hand(tmp_path: Path) -> None:
    # The last 12 whole months before 21 Feb 2020 are Feb 2019 to Jan 2020.
    bills = [bill("E1", "sale", date(2019, month, 10), 100_000, f"C{month % 4}") for month in range(2, 13)]
    bills += [
        bill("E1", "sale", date(2020, 1, 31), 100_000, "C0"),
        bill("E1", "sale", date(2020, 1, 15), -50_000, "C1"),  # red letter
        bill("E1", "sale", date(2020, 2, 5), 999_999, "C9"),  # the month begun counts only as the last sale
        bill("E1", "sale", date(2019, 1, 31), 400_000, "C9"),  # the 12 months before
        bill("E1", "sale", date(2019, 5, 1), 700_000, "C9", "void"),
        bill("E1", "purchase", date(2019, 6, 1), 690_000, "S1"),
        bill("E1", "purchase", date(2019, 7, 1), 230_000, "S2"),
        bill("E2", "purchase", date(2019, 7, 1), 5_000, "S2"),
        bill("E3", "sale", date(2017, 7, 1), 5_000, "C1"),
    ]
    found = outcomes(tmp_path, bills)
    one = row(found["profiles"], "E1")
    assert one["sales"] == 115_000_000 and one["purchases"] == 92_000_000
    assert one["margin"] == 200_000  # (1.15 - 0.92) / 1.15
    assert one["growth"] == 1_875_000  # 1.15 m against 0.4 m
    # Jan 2020 sold 50,000, the other months 100,000: mean 95.8333, variance 190.97, deviation 13.819 -> 14.4199 %.
    assert one["volatility"] == pytest.approx(144_200, abs=5)
    assert one["months_selling"] == 12
    assert one["days_since_sale"] == 16
    assert one["void_share"] == 55_556  # 1 of 18
    assert one["red_letter_share"] == 41_667  # 50,000 of 1,200,000
    assert one["customers"] == 4
    # C0: Apr, Aug, Dec and 31 Jan 400,000; C1: May, Sep less 50,000 = 150,000; C2: Feb, Jun, Oct; C3: Mar, Jul, Nov.
    assert one["largest_customer_share"] == 333_333
    assert one["five_customer_share"] == 958_333
    assert one["customer_concentration"] == pytest.approx(1e6 * (0.4**2 + 0.15**2 + 0.3**2 * 2) / 1.15**2, abs=2)
    assert (one["suppliers"], one["five_supplier_share"]) == (2, 1_000_000)
    two, three = row(found["profiles"], "E2"), row(found["profiles"], "E3")
    assert (two["sales"], two["margin"], two["no_sales"], two["days_since_sale"]) == (0, None, True, None)
    assert (three["no_sales"], three["selling_stopped"], three["growth"]) == (True, True, None)

    decided = {r["party_id"]: r["decision"] for r in found["credit_decisions"].table.to_pylist()}
    assert decided["E2"] == decided["E3"] == "refuse_proposed"
    codes = {r["code"] for r in found["credit_decisions"].reasons.to_pylist() if r["party_id"] == "E3"}
    assert {"REFUSE_NO_SALES", "REFUSE_TOO_RISKY", "REFER_SALES_STOPPED"} <= codes  # all grounds, not only the first
    words = found["scores"].why("E1", language="zh")["reasons"]
    assert any("近12个月有销售的月数：12，得 10 分" in r["words"] for r in words)


@pytest.mark.slow
def test_one_judge_two_engines_same_bytes(tmp_path: Path) -> None:
    bills = [bill(f"E{n}", "sale", date(2019, 1 + n % 12, 1), 10_000 * (n + 1), f"C{n % 3}") for n in range(40)]
    plain, compiled = (outcomes(tmp_path / engine, bills, engine) for engine in ("plain", "compiled"))
    assert {name: o.root for name, o in plain.items()} == {name: o.root for name, o in compiled.items()}


def test_points_add_up_to_the_score_and_reasons_to_the_points(tmp_path: Path) -> None:
    bills = [bill(f"E{n}", "sale", date(2019, 1 + n % 12, 1), 10_000 * (n + 1), f"C{n % 3}") for n in range(40)]
    scores = outcomes(tmp_path, bills)["scores"]
    reasons: dict[str, int] = {}
    for reason in scores.reasons.to_pylist():
        reasons[reason["party_id"]] = reasons.get(reason["party_id"], 0) + reason["contribution"]
    for found in scores.table.to_pylist():
        assert found["score"] == found["base"] + sum(found[f"points_{n}"] for n in FEATURES)
        assert found["score"] == reasons[found["party_id"]]
        # 600 points are 50 good to 1 bad, 20 more double the odds.
        odds = 50 * 2 ** ((found["score"] - 600) / 20)
        assert found["probability"] == pytest.approx(1e9 / (1 + odds), abs=1)


values = st.fixed_dictionaries({n: st.none() | st.integers(-10_000_000, 10_000_000) for n in FEATURES})


@settings(max_examples=60, deadline=None)
@given(values)
def test_any_profile_gets_a_score_and_a_proposal_within_bounds(features: dict[str, int | None]) -> None:
    model, _ = card()
    scored = judge_one(default_probability.THING, {"party_id": "E1", **features}, model=model)
    assert 0 < scored["probability"] < 1_000_000_000
    own, _ = policy.policy()
    sales = features["sales"]
    found = judge_one(
        proposal.THING, {"party_id": "E1", "probability": scored["probability"], "sales": sales}, model=own
    )
    assert own.floor <= found["rate"] <= own.ceiling
    assert found["rate"] == sum(found[p] for p in ("funding", "operating", "expected_loss", "margin", "bounds"))


@settings(max_examples=100, deadline=None)
@given(st.none() | st.integers(0, 10**9), st.none() | st.integers(-(10**12), 10**14))
def test_a_proposal_is_nothing_or_within_the_policy(probability: int | None, sales: int | None) -> None:
    own, _ = policy.policy()
    found = judge_one(proposal.THING, {"party_id": "E1", "probability": probability, "sales": sales}, model=own)
    if probability is None or sales is None:
        assert found["amount"] is None
        return
    assert found["amount"] == 0 or own.minimum <= found["amount"] <= own.maximum
    assert found["amount"] % own.step == 0
    assert found["amount"] <= max(sales, 0) // 5
    if found["grade"] == "D":
        assert found["amount"] == 0


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["accept", "refer", "refuse_proposed"]),
    st.none() | st.integers(0, 100).map(lambda steps: steps * 1_000_000),
    st.booleans(),
)
def test_a_limit_is_nothing_or_within_the_policy(decided: str, proposed: int | None, consumer: bool) -> None:
    own, _ = policy.policy()
    subject = {
        "party_id": "E1", "decision": decided, "facility_amount": proposed, "decided_on": date(2026, 1, 5),
        "lender_kind": "bank", "internet_loan": True, "unsecured": True, "natural_person": True, "bullet": False,
        "purpose": "consumption" if consumer else "stock",
    }  # fmt: skip
    rules = compile_rule_set(load_rule_set("origination_limits:amount"), limit.SUBJECT)
    found = judge_one(limit.THING, subject, rules, own)["limit"]
    assert found == 0 or own.minimum <= found <= own.maximum
    assert found % own.step == 0 and found <= (proposed or 0)
    if consumer:
        assert found <= 30_000_000  # an online consumer loan: 300,000 yuan since 2025-03-14
    if decided != "accept":
        assert found == 0


def test_a_proposal_by_hand() -> None:
    own, _ = policy.policy()
    subject = {"party_id": "E", "probability": 20_000_000, "sales": 345_678_901}
    found = judge_one(proposal.THING, subject, model=own)
    # 2.2 % + 1.2 % + 0.02 x 0.9 / 0.98 = 1.8367 % + 1 % = 6.2367 %, up to the next 5 basis points.
    assert (found["expected_loss"], found["rate"], found["bounds"]) == (18_367, 62_500, 133)
    # Grade A: a fifth of 3,456,789.01 yuan is 691,357.80, in steps of 10,000 yuan 690,000.
    assert (found["grade"], found["by_sales"], found["amount"]) == ("A", 69_135_780, 69_000_000)


def test_the_policy_holds_the_lenders_own_numbers_only(tmp_path: Path) -> None:
    own, described = policy.policy()
    assert (own.ceiling, own.fees) == (240_000, 0)
    assert policy.lender() == policy.Lender()  # nothing is stated of the lender, so nothing is known of it
    assert described["policy"]["price"]["ceiling"] == 240_000
    other = tmp_path / "p.toml"
    other.write_text("[lender]\nkapital = 1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="kapital"):
        policy.lender(other)


def test_ranking_against_known_defaults() -> None:
    scores = pa.table({"party_id": ["E1", "E2", "E3", "E4", "E5"], "probability": [5, 1, 4, 2, 9]})
    labels = pa.table({"party_id": ["E1", "E2", "E3", "E4", "E9"], "default": ["1", "0", "0", "1", "1"]})
    found = rank_test(scores, labels)
    # Pairs (default, not): 5>1, 5>4, 2>1 right, 2<4 wrong: 3 of 4.
    assert (found["firms"], found["defaults"], found["auc"]) == (4, 2, 0.75)
    with pytest.raises(InvalidInput):
        rank_test(scores, pa.table({"party_id": ["X"], "default": ["1"]}))


def test_shares_and_changes_by_hand() -> None:
    assert profile.share(1, 3) == (333_333, True)
    assert profile.share(2, 3) == (666_667, True)
    assert profile.share(-2, 3) == (-666_667, True)
    assert profile.share(7, 3) == (1_000_000, True) and profile.share(-(10**15), 3) == (-1_000_000, True)
    assert profile.share(1, 0) == (0, False)
    assert profile.change(3, 2) == (500_000, True)
    assert profile.change(10**15, 1) == (10_000_000, True)  # held at eleven times
    assert profile.change(-5, 2) == (-1_000_000, True)
    assert profile.change(5, 0) == (0, False)


@pytest.mark.parametrize(
    ("first", "day", "months"),
    [
        (date(2019, 3, 1), date(2020, 2, 29), 11),  # 365 days, and not yet a year
        (date(2019, 3, 1), date(2020, 3, 1), 12),
        (date(2019, 1, 31), date(2019, 2, 28), 1),  # a month that ends on the last day it has (民法典 art. 202)
        (date(2016, 2, 29), date(2020, 2, 28), 47),
    ],
)
def test_months_on_record_are_calendar_months(first: date, day: date, months: int) -> None:
    empty = dict.fromkeys(profile.SUBJECT.names)
    counts = {c.name: 0 for c in profile.SUBJECT.columns if c.type.value in ("fen", "int")}
    subject = {**empty, **counts, "party_id": "E1", "observed_on": day, "first_on": first, "barred": False}
    assert judge_one(profile.THING, subject, model=policy.marks()[0])["months_known"] == months


def test_the_month_that_has_ended() -> None:
    assert profile.last_whole_month(date(2020, 2, 28)) == 12 * 2020
    assert profile.last_whole_month(date(2020, 2, 29)) == 12 * 2020 + 1
