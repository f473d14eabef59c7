"""The golden valuation: a working paper computed by hand (practice, section 5), reproduced to the yuan."""

from __future__ import annotations

from datetime import date

import pytest

from panhuo.ground.record.judgement import judge_one
from panhuo.stages.valuation import claim_value, collateral_value, maximum_bid
from panhuo.stages.valuation.assumptions import assumptions

YUAN = 100
MODEL, _ = assumptions(date(2025, 6, 30))
# The paper's weights are its own: 20 / 50 / 30, 10 % a year, seller's tax 8 %, disposal 8 %, appraisal 20,000.
SUBJECT = {
    "claim_id": "C1",
    "asset_id": "A1",
    "kind": "plant",
    "appraisal": 8_000_000 * YUAN,
    "share": 1_000_000,
    "cap": 6_000_000 * YUAN,
    "debt": 6_000_000 * YUAN,
    "debts_secured": 6_000_000 * YUAN,
    "earlier_ranks": 0,
    "rights_ahead": 0,
    "leased": False,
    "first_seizure": True,
    "buyer_bears_tax": False,
    "rank": 1,
    "ahead_unknown": False,
    "order_unclear": False,
    "currency": "CNY",
}


def in_yuan(fen: int) -> int:
    return (fen + 50) // 100


@pytest.mark.parametrize(
    ("scenario", "price", "months", "fee", "net", "after", "value"),
    [
        ("optimistic", 6_000_000, 15, 57_400, 5_442_600, 5_007_192, 4_444_812),
        ("base", 4_800_000, 22, 50_400, 4_345_600, 3_997_952, 3_356_997),
        ("pessimistic", 3_200_000, 36, 34_400, 2_889_600, 2_658_432, 1_997_319),
    ],
)
def test_golden_table(scenario: str, price: int, months: int, fee: int, net: int, after: int, value: int) -> None:
    found = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    assert found[f"{scenario}_price"] == price * YUAN
    assert found[f"{scenario}_months"] == months
    assert found[f"{scenario}_fee"] == fee * YUAN
    assert found[f"{scenario}_net"] == net * YUAN
    assert found[f"{scenario}_after_disposal"] == after * YUAN
    assert in_yuan(found[f"{scenario}_value"]) == value


def test_weighted_value_and_its_ratios() -> None:
    found = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    assert in_yuan(found["value"]) == 3_166_657
    principal, debt = 5_000_000 * YUAN, 6_000_000 * YUAN
    assert round(found["value"] / principal * 100, 1) == 63.3
    assert round(found["value"] / debt * 100, 1) == 52.8
    contributions = [r["contribution"] for r in found["reasons"] if r["contribution"] is not None]
    assert sum(contributions) == found["value"]


def claim(found: dict, **more: object) -> dict:
    sums = {
        f"{name}_{what}": found[f"{name}_{what}"]
        for name in ("optimistic", "base", "pessimistic")
        for what in ("net", "value", "bid_value")
    }
    counts = {"financing_guarantors": 0, "company_guarantors": 0, "person_guarantors": 0, "unclear_guarantors": 0}
    return {
        "claim_id": "C1",
        "principal": 5_000_000 * YUAN,
        "interest": 1_000_000 * YUAN,
        "advanced_costs": 0,
        "assets": 1,
        "assets_not_valued": 0,
        **counts,
        **sums,
        "currency": "CNY",
        **more,
    }


def test_the_worked_bid() -> None:
    """Worked by hand beside the golden table, without the ordinary remainder.

    At 12 % a year: 5,007,192 / 1.12^(15/12) = 4,345,820; 3,997,952 / 1.12^(22/12) = 3,247,914;
    2,658,432 / 1.12^3 = 1,892,219; weighted 20/50/30 = 3,060,787. Weighted months 24.8, to whole months 25:
    management 1.5 % a year = 95,650; haircut 3 % of the rest = 88,954; cap 2,876,183.
    """
    found = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    model = MODEL._replace(ordinary=MODEL.ordinary * 0)
    value = judge_one(claim_value.THING, claim(found), model=model)
    assert in_yuan(value["value"]) == 3_166_657
    bid = judge_one(
        maximum_bid.THING,
        {"claim_id": "C1", "bid_value": value["bid_value"], "value": value["value"], "principal": 5_000_000 * YUAN,
         "debt": value["debt"], "currency": "CNY"},
        model=model,
    )  # fmt: skip
    hand = 0.2 * 5_007_192 / 1.12**1.25 + 0.5 * 3_997_952 / 1.12 ** (22 / 12) + 0.3 * 2_658_432 / 1.12**3
    assert in_yuan(bid["at_target_return"]) == round(hand)
    management = hand * 0.015 * 25 / 12
    assert bid["maximum_bid"] == pytest.approx((hand - management) * 0.97 * YUAN, abs=3)
    assert sum(r["contribution"] for r in bid["reasons"]) == bid["maximum_bid"]


def test_naive_software_would_say_fully_covered() -> None:
    found = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    assert found["optimistic_price"] == 6_000_000 * YUAN
    assert found["value"] < 0.53 * SUBJECT["debt"]  # type: ignore[operator]


def test_several_assets_never_pay_more_than_the_debt() -> None:
    found = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    double = claim(found)
    for name in list(double):
        if name.endswith(("_net", "_value")):
            double[name] *= 3
    value = judge_one(claim_value.THING, double, model=MODEL)
    assert value["optimistic_recovery"] == value["debt"]
    assert value["pessimistic_recovery"] == value["debt"]
    assert value["value"] < value["debt"]


def test_an_asset_behind_two_debts_is_counted_once() -> None:
    one = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    half = {**SUBJECT, "debt": 3_000_000 * YUAN}
    two = judge_one(collateral_value.THING, half, model=MODEL)
    for scenario in ("optimistic", "base", "pessimistic"):
        assert two[f"{scenario}_net"] * 2 == one[f"{scenario}_net"]


def test_second_rank_lease_and_lost_first_seizure_cost() -> None:
    plain = judge_one(collateral_value.THING, SUBJECT, model=MODEL)
    burdened = {**SUBJECT, "earlier_ranks": 3_000_000 * YUAN, "leased": True, "first_seizure": False}
    found = judge_one(collateral_value.THING, burdened, model=MODEL)
    assert found["base_net"] == plain["base_net"] - 3_000_000 * YUAN
    assert found["base_months"] == 22 + 10 + 6
    assert {r["code"] for r in found["reasons"]} >= {"VAL-AHEAD", "VAL-LATE"}
    assert sum(r["contribution"] or 0 for r in found["reasons"]) == found["value"]


def test_without_an_appraisal_there_is_no_value() -> None:
    found = judge_one(collateral_value.THING, {**SUBJECT, "appraisal": None}, model=MODEL)
    assert found["value"] is None
    assert [r["code"] for r in found["reasons"]] == ["VAL-NO-APPRAISAL"]
