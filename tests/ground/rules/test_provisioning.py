"""Provisions: vector PRV-A of domain rules 2, the presumptions of IFRS 9 and the tax shares."""

from __future__ import annotations

import datetime as dt

import pytest

from ground.rules.support import judged
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import number, parameter

RULES = compile_rule_set(load_rule_set("provisioning"))
DAY = "2025-12-31"
ON = dt.date(2025, 12, 31)
MILLION = 100_000_000  # fen
BOOK = {"normal": 1000, "special_mention": 100, "substandard": 40, "doubtful": 20, "loss": 10}


def test_vector_prv_a() -> None:
    """Specific provision 32 m, potential loss 52 m, NPL 70 m, required 105 m (coverage) against 29.25 m."""
    specific = potential = 0
    for five_class, balance in BOOK.items():
        found = judged(RULES, DAY, five_class=five_class)
        specific += balance * MILLION * (found["specific_rate"] or 0)
        potential += balance * MILLION * found["general_risk_weight"]
    assert specific == 32 * MILLION * 1_000_000
    assert potential == 52 * MILLION * 1_000_000
    bad = sum(BOOK[c] for c in ("substandard", "doubtful", "loss"))
    assert bad == 70
    coverage = number("provisioning", "PRV-05", "coverage", on=ON)
    ratio = number("provisioning", "PRV-05", "loan_ratio", on=ON)
    by_coverage, by_ratio = bad * MILLION * coverage, sum(BOOK.values()) * MILLION * ratio
    assert by_coverage == 105 * MILLION * 1_000_000
    assert by_ratio * 100 == 2925 * MILLION * 1_000_000
    assert max(by_coverage, by_ratio) == by_coverage


def test_normal_has_no_specific_rate() -> None:
    assert judged(RULES, DAY, five_class="normal")["specific_rate"] is None


def test_floating_bands_are_a_fifth_either_way() -> None:
    for five_class, low, high in (("substandard", 200_000, 300_000), ("doubtful", 400_000, 600_000)):
        assert number("provisioning", f"PRV-01/{five_class}", "lowest", on=ON) == low
        assert number("provisioning", f"PRV-01/{five_class}", "highest", on=ON) == high


def test_supervisory_bands() -> None:
    got = {n: p.value for n, p in load_rule_set("provisioning").rule("PRV-06", ON).parameters.items()}
    assert got == {
        "coverage_lowest": 1_200_000, "coverage_highest": 1_500_000,
        "loan_ratio_lowest": 15_000, "loan_ratio_highest": 25_000,
    }  # fmt: skip
    assert number("provisioning", "PRV-02", "least", on=ON) == 10_000
    assert number("provisioning", "PRV-04", "least", on=ON) == 15_000
    assert parameter("provisioning", "PRV-15", "within", on=ON).unit == "years"


@pytest.mark.parametrize(
    ("days", "advised"), [(30, ()), (31, ("PRV-08",)), (89, ("PRV-08",)), (90, ("PRV-08", "PRV-09"))]
)
def test_presumptions_are_advice_until_adopted(days: int, advised: tuple[str, ...]) -> None:
    assert judged(RULES, DAY, overdue_days=days)["advised"] == advised


def test_stage_and_class_must_match() -> None:
    assert judged(RULES, DAY, credit_impaired=True, five_class="special_mention")["stage_mismatch"] is True
    assert judged(RULES, DAY, credit_impaired=False, five_class="substandard")["stage_mismatch"] is True
    assert judged(RULES, DAY, credit_impaired=True, five_class="loss")["stage_mismatch"] is False
    assert judged(RULES, DAY, credit_impaired=None, five_class="loss")["stage_mismatch"] is None


def test_tax_shares_of_sme_and_farm_loans() -> None:
    limit = 20_000 * 1_000_000  # 200 m yuan in fen
    given = {"five_class": "doubtful", "annual_sales": limit, "total_assets": limit}
    assert judged(RULES, DAY, **given)["deductible_rate"] == 500_000
    assert judged(RULES, DAY, **(given | {"annual_sales": limit + 1}))["deductible_rate"] is None
    assert (
        judged(RULES, DAY, **(given | {"total_assets": limit + 1, "farm_related": True}))["deductible_rate"] == 500_000
    )
    assert judged(RULES, "2028-01-01", **given)["deductible_rate"] is None
