"""The plan: best rates by hand, limits kept, parts that add up, and the contest's own data when at hand."""

from __future__ import annotations

import hashlib
from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import judge_one
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.journey.night import Settings
from panhuo.stages.origination import credit_plan
from panhuo.stages.origination.credit_plan import (
    OFFER_THING,
    OFFERS,
    PLAN,
    Terms,
    best_rates,
    gather_plan,
    return_a_yuan,
    solve,
)
from panhuo.stages.origination.policy import GRADES, Plan
from panhuo.tools.optimisation.allocation import allocate

TERMS = Terms(((40_000, {"A": 0, "C": 0}), (100_000, {"A": 500_000_000, "C": 300_000_000})), "")


def test_return_of_a_yuan_by_hand() -> None:
    # 10 %, half the customers lost, pd 2 %, lgd 90 %: 0.5 x (0.1 x 0.98 - 0.018) = 0.04.
    assert return_a_yuan(100_000, 500_000_000, 20_000_000, 900_000) == 40_000_000
    # 4 %, none lost: 0.04 x 0.98 - 0.018 = 0.0212.
    assert return_a_yuan(40_000, 0, 20_000_000, 900_000) == 21_200_000


def test_best_rate_by_hand() -> None:
    model = Plan(10**9, 100_000, 10_000_000, 100_000_000, 40_000, 150_000, 900_000)
    parties = [
        {"party_id": "safe", "grade": "A", "probability": 1_000_000, "limit": 50_000_000},
        {"party_id": "risky", "grade": "C", "probability": 30_000_000, "limit": 200_000_000},
        {"party_id": "small", "grade": "A", "probability": 1_000_000, "limit": 9_000_000},
        {"party_id": "refused", "grade": "D", "probability": 300_000_000, "limit": 0},
    ]
    found = best_rates(parties, TERMS, model)
    # safe: 4 % earns 0.04 x 0.999 - 0.0009 = 0.03906; 10 % earns half of 0.0999 - 0.0009 = 0.0495.
    assert [(o.party_id, o.rate, o.value, o.upper) for o in found] == [
        ("safe", 100_000, 49_500_000, 50_000_000),
        ("risky", 100_000, 49_000_000, 100_000_000),  # 0.7 x (0.097 - 0.027), held at a million
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 400_000_000), st.integers(0, 150_000_000), st.sampled_from(["A", "C", "D"])),
        max_size=12,
    ),
    st.integers(0, 500_000_000),
)
def test_limits_and_the_sum_are_always_kept(rows: list[tuple[int, int, str]], budget: int) -> None:
    model = Plan(budget, 100_000, 10_000_000, 100_000_000, 40_000, 150_000, 900_000)
    parties = [{"party_id": f"E{n}", "probability": p, "limit": m, "grade": g} for n, (p, m, g) in enumerate(rows)]
    offers = best_rates(parties, TERMS, model)
    found = solve(offers, model)
    amounts = [lots * model.lot for lots in found.lots]
    assert sum(amounts) <= budget
    for offer, amount in zip(offers, amounts, strict=True):
        assert amount == 0 or (10_000_000 <= amount <= 100_000_000 and amount <= offer.upper)
        assert amount == 0 or offer.value > 0  # nothing is lent at an expected loss
        subject = {
            "party_id": offer.party_id, "grade": offer.grade, "probability": offer.probability, "limit": offer.upper,
            "rate": offer.rate, "customers_lost": offer.lost, "return_a_yuan": offer.value, "offered": amount,
        }  # fmt: skip
        told = judge_one(OFFER_THING, subject, model=model)
        parts = ("interest", "minus_customers", "minus_unpaid_interest", "minus_credit_loss")
        assert told["expected_return"] == sum(told[p] for p in parts)
        assert told["expected_return"] == pytest.approx(offer.value * amount / 1e9, abs=4)
        assert sum(told[f] for f in ("lent", "crowded_out", "not_worth", "no_limit")) == 1
    assert found.bound >= found.objective
    # One sum and linear worth: at most the last firm's amount is cut, so the gap is below one firm's return.
    most = max((max(o.value, 0) for o in offers), default=0)
    assert (found.bound - found.objective) * model.lot <= 10**8 * most + model.lot


@pytest.fixture
def decided() -> dict[str, Outcome]:
    key = Column("party_id", ColumnType.TEXT, "企业", "firm", key=True, required=True)
    grade = Column("grade", ColumnType.CODE, "信用等级", "grade", codes=GRADES)
    risk = Column("probability", ColumnType.BILLIONTHS, "违约概率", "default probability")
    amount = Column("limit", ColumnType.FEN, "额度", "limit")
    rows = {"party_id": ["E1", "E2"], "grade": ["A", "D"], "probability": [10_000_000, 500_000_000]}
    return {
        "credit_decisions": make_outcome(Schema("credit_decisions", (key, grade, risk)), pa.table(rows)),
        "limits": make_outcome(
            Schema("limits", (key, amount)), pa.table({"party_id": ["E1", "E2"], "limit": [30_000_000, 0]})
        ),
    }


def _run(decided: dict[str, Outcome], inputs: dict[str, tuple[str, bytes]]) -> tuple[Outcome, pa.Table]:
    snapshot = SimpleNamespace(as_of=date(2026, 1, 5))
    offers = OFFERS.run(snapshot, Settings(inputs=inputs, engine="plain"), **decided)
    return offers, gather_plan(snapshot, offers)


def test_a_run_without_terms_has_no_plan_and_one_with_terms_has_one(decided: dict[str, Outcome]) -> None:
    offers, plan = _run(decided, {})
    assert len(offers) == len(plan) == 0
    terms = b"rate_ppm,A,B,C\n40000,0,0,0\n"
    digest = hashlib.sha256(terms).hexdigest()
    offers, plan = _run(decided, {"customer_loss": (digest, terms)})
    found = offers.table.to_pylist()
    assert [(o["party_id"], o["offered"], o["rate"]) for o in found] == [("E1", 30_000_000, 40_000), ("E2", 0, None)]
    whole = judge_one(PLAN, plan.to_pylist()[0])
    assert (whole["offered"], whole["served"], whole["firms"], whole["proved_best"]) == (30_000_000, 1, 1, True)
    # 0.04 x 0.99 - 0.01 x 0.9 = 0.0306 of 300,000 yuan
    assert whole["expected_return"] == 918_000
    assert offers.lineage["parameters"]["terms"] == whole["terms_sha256"] == digest


def test_the_allocation_is_solved_once(decided: dict[str, Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def counted(*given: Any) -> Any:
        solved.append(given)
        return allocate(*given)

    monkeypatch.setattr(credit_plan, "allocate", counted)
    _run(decided, {"customer_loss": ("", b"rate_ppm,A,B,C\n40000,0,0,0\n")})
    assert len(solved) == 1
