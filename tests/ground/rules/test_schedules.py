"""Fees, terms and tables read from rule files: the vectors of domain rules 4.1, 4.3, 5, 8 and 9.6."""

from __future__ import annotations

import datetime as dt

import pytest

from ground.rules.support import judged
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.periods import Period
from panhuo.ground.rules.prime_rate import loan_prime_rate, prime_rates
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import brackets, cumulated, number, parameter, period, rows

ON = dt.date(2026, 1, 15)

# Domain rules 8.2: amount, acceptance, enforcement, preservation, half (simplified procedure); yuan.
FEES = [
    (10_000, 50, 50, 120, 25),
    (50_000, 1_050, 650, 520, 525),
    (100_000, 2_300, 1_400, 1_020, 1_150),
    (200_000, 4_300, 2_900, 1_520, 2_150),
    (500_000, 8_800, 7_400, 3_020, 4_400),
    (1_000_000, 13_800, 12_400, 5_000, 6_900),
    (2_000_000, 22_800, 22_400, 5_000, 11_400),
    (5_000_000, 46_800, 52_400, 5_000, 23_400),
    (10_000_000, 81_800, 77_400, 5_000, 40_900),
    (20_000_000, 141_800, 87_400, 5_000, 70_900),
    (30_000_000, 191_800, 97_400, 5_000, 95_900),
]


@pytest.mark.parametrize(("amount", "acceptance", "enforcement", "preservation", "half"), FEES)
def test_fee_table(amount: int, acceptance: int, enforcement: int, preservation: int, half: int) -> None:
    fen = amount * 100
    assert cumulated(brackets("fees", "FEE-01", on=ON), fen) == acceptance * 100
    assert cumulated(brackets("fees", "FEE-02", on=ON), fen) == enforcement * 100
    highest = number("fees", "FEE-03", "highest", on=ON)
    assert min(cumulated(brackets("fees", "FEE-03", on=ON), fen), highest) == preservation * 100
    assert acceptance * 100 // number("fees", "FEE-06", "divisor", on=ON) == half * 100


def test_fee_edges() -> None:
    scale = brackets("fees", "FEE-01", on=ON)
    assert cumulated(scale, 0) == 5_000  # the first bracket's fixed sum: every property claim pays it
    assert cumulated(scale, 1_000_000) == 5_000
    assert cumulated(scale, 1_000_020) == 5_001  # 0.20 yuan at 2.5 % = half a fen, half up
    assert cumulated(scale, 1_000_019) == 5_000
    with pytest.raises(InvalidInput, match="negative"):
        cumulated(scale, -1)
    with pytest.raises(NotFound, match="not in force"):
        brackets("fees", "FEE-01", on=dt.date(2007, 3, 31))
    with pytest.raises(NotFound, match="no brackets"):
        brackets("fees", "FEE-08", on=ON)


def test_golden_valuation_execution_fees() -> None:
    # practice.md 5: execution fee by order 481 on proceeds of 6.00 m, 4.80 m, 3.20 m.
    scale = brackets("fees", "FEE-02", on=ON)
    assert [cumulated(scale, p * 1_000_000) // 100 for p in (600, 480, 320)] == [57_400, 50_400, 34_400]


@pytest.mark.parametrize(
    ("rule_set", "rule_id", "name", "on", "expected"),
    [
        ("procedure_clocks", "LIT-06", "ruling", "2026-01-15", Period(10, "days")),
        ("procedure_clocks", "LIT-08", "period", "2026-01-15", Period(30, "days")),
        ("procedure_clocks", "LIT-08", "period", "2021-12-31", Period(60, "days")),
        ("procedure_clocks", "LIT-09", "period", "2026-01-15", Period(30, "days")),
        ("procedure_clocks", "ENF-01", "period", "2026-01-15", Period(2, "years")),
        ("procedure_clocks", "ENF-01", "period", "2020-01-15", Period(2, "years")),
        ("procedure_clocks", "ENF-04", "period", "2026-01-15", Period(6, "months")),
        ("procedure_clocks", "ENF-07", "suit", "2026-01-15", Period(15, "days")),
        ("procedure_clocks", "ENF-08", "objection", "2026-01-15", Period(15, "days")),
        ("procedure_clocks", "ENF-10", "deletion", "2026-01-15", Period(3, "working_days")),
        ("limitation_and_guarantee", "LIM-01", "period", "2026-01-15", Period(3, "years")),
        ("limitation_and_guarantee", "LIM-01", "longest", "2026-01-15", Period(20, "years")),
        ("limitation_and_guarantee", "LIM-01", "period", "2017-09-30", Period(2, "years")),
        ("limitation_and_guarantee", "GUA-11", "period", "2021-01-01", Period(6, "months")),
        ("limitation_and_guarantee", "GUA-12", "period", "2020-12-31", Period(2, "years")),
        ("limitation_and_guarantee", "GUA-12", "period", "2021-01-01", Period(6, "months")),
        ("seizure_and_confirmation", "OUT-28", "deposits", "2026-01-15", Period(1, "years")),
        ("seizure_and_confirmation", "OUT-28", "movables", "2026-01-15", Period(2, "years")),
        ("seizure_and_confirmation", "OUT-28", "real_estate", "2021-01-15", Period(3, "years")),
        ("seizure_and_confirmation", "MED-01", "period", "2026-01-15", Period(30, "days")),
        ("appraisal_validity", "REF-09", "period", "2026-01-15", Period(1, "years")),
        ("appraisal_validity", "REF-09", "sale_after_expiry", "2026-01-15", Period(6, "months")),
        ("security_and_priority", "SEC-11", "period", "2026-01-15", Period(18, "months")),
        ("security_and_priority", "SEC-05", "period", "2026-01-15", Period(10, "days")),
        ("judicial_auction", "OUT-09", "period", "2026-01-15", Period(60, "days")),
        ("judicial_auction", "AUC-04", "real_estate", "2026-01-15", Period(30, "days")),
    ],
)
def test_terms(rule_set: str, rule_id: str, name: str, on: str, expected: Period) -> None:
    assert period(rule_set, rule_id, name, on=dt.date.fromisoformat(on)) == expected


def test_guarantee_form_follows_the_contract_date() -> None:
    form = {
        day: parameter("limitation_and_guarantee", "GUA-10", "form", on=dt.date.fromisoformat(day)).value
        for day in ("2020-12-31", "2021-01-01")
    }
    assert form == {"2020-12-31": "joint", "2021-01-01": "general"}


def test_valuation_vectors_of_an_auction() -> None:
    # Domain rules 5.4: appraisal 1,000,000; first start >= 700,000, second >= 560,000, deposit 35,000-140,000.
    share = number("judicial_auction", "AUC-02", "share", on=ON)
    cut = number("judicial_auction", "OUT-07", "cut", on=ON)
    first = 1_000_000 * share // 1_000_000
    assert first == 700_000
    assert first * (1_000_000 - cut) // 1_000_000 == 560_000
    low, high = (number("judicial_auction", "AUC-09", n, on=ON) for n in ("lowest", "highest"))
    assert (first * low // 1_000_000, first * high // 1_000_000) == (35_000, 140_000)


def test_late_performance_rate() -> None:
    # Vector LATE-A: 1,000,000 unpaid for 100 days: 17,500.00.
    rate = number("price_and_disclosure", "LATE-01", "daily_rate", on=ON)
    assert rate == 175
    assert 1_000_000 * 100 * rate * 100 // 1_000_000 == 17_500 * 100


def test_default_distribution_order() -> None:
    order = rows("security_and_priority", "DIST-01", on=ON)
    assert [r["rank"] for r in order] == [
        "costs", "transfer_taxes", "home_buying_consumer", "construction_price", "security_rights", "ordinary_claims",
        "doubled_late_interest", "surplus",
    ]  # fmt: skip
    assert [r["position"] for r in order] == list(range(1, 9))
    assert [r["rank"] for r in order if r["varies_by_court"]] == ["transfer_taxes", "home_buying_consumer"]


def test_order_of_payment() -> None:
    components = [r["component"] for r in rows("price_and_disclosure", "APP-01", on=ON)]
    assert components == ["cost", "interest", "principal"]


@pytest.mark.parametrize(
    ("day", "one", "five"),
    [
        ("2019-08-20", 42_500, 48_500),
        ("2020-08-20", 38_500, 46_500),
        ("2022-05-19", 37_000, 46_000),
        ("2022-05-20", 37_000, 44_500),
        ("2024-10-20", 33_500, 38_500),
        ("2024-10-21", 31_000, 36_000),
        ("2025-12-31", 30_000, 35_000),
    ],
)
def test_loan_prime_rate(day: str, one: int, five: int) -> None:
    on = dt.date.fromisoformat(day)
    assert loan_prime_rate(on).rate == one
    assert loan_prime_rate(on, "five_years").rate == five
    assert loan_prime_rate(on).checked


def test_loan_prime_rate_beyond_what_was_checked() -> None:
    found = loan_prime_rate(dt.date(2026, 6, 1))
    assert (found.rate, found.checked) == (30_000, False)
    with pytest.raises(NotFound, match="no loan prime rate"):
        loan_prime_rate(dt.date(2019, 8, 19))
    assert len(prime_rates().hash) == 64
    assert [r.grade.value for r in prime_rates().rates].count("B") == 4


PRICE = compile_rule_set(load_rule_set("price_and_disclosure"))


def test_four_times_lpr_binds_private_lending_only() -> None:
    given = {"lender_kind": "private", "lpr_one_year": 38_500, "all_in_rate": 154_001}
    found = judged(PRICE, "2020-08-20", **given)
    assert found["rate_cap"] == 154_000
    assert "RATE-02" in found["fired"]
    assert judged(PRICE, "2020-08-19", **given)["rate_cap"] == 240_000  # the old two-line rule
    assert "RATE-02" not in judged(PRICE, "2020-08-20", **(given | {"all_in_rate": 154_000}))["fired"]
    for kind in ("bank", "micro_lender", "factor", "lessor"):
        found = judged(PRICE, "2021-06-01", **(given | {"lender_kind": kind}))
        assert found["rate_cap"] is None


def test_micro_lender_and_bank_ceilings() -> None:
    micro = {"lender_kind": "micro_lender", "lpr_one_year": 30_000, "term_months": 12, "all_in_rate": 240_001}
    assert judged(PRICE, "2026-02-01", **micro)["rate_cap"] == 240_000
    assert judged(PRICE, "2028-01-01", **micro)["rate_cap"] == 120_000
    assert judged(PRICE, "2028-01-01", **(micro | {"term_months": 1}))["rate_cap"] == 240_000
    bank = judged(PRICE, "2026-02-01", lender_kind="bank", all_in_rate=240_001, annual_rate_shown=1, cost_table_shown=1)
    assert bank["advised"] == ("RATE-06",)  # from memory: advice, no limit
    assert bank["price_exceeds"] is False


@pytest.mark.parametrize(
    ("uplift", "irregular"), [(299_999, True), (300_000, False), (500_000, False), (500_001, True)]
)
def test_penalty_uplift_bounds(uplift: int, irregular: bool) -> None:
    found = judged(
        PRICE, "2026-02-01", lender_kind="bank", overdue_uplift=uplift, misuse_uplift=500_000
    )  # fmt: skip
    assert found["penalty_irregular"] is irregular
    assert (found["overdue_uplift_least"], found["overdue_uplift_cap"]) == (300_000, 500_000)
    assert (found["misuse_uplift_least"], found["misuse_uplift_cap"]) == (500_000, 1_000_000)


@pytest.mark.parametrize(("day", "missing"), [("2026-07-31", False), ("2026-08-01", True)])
def test_personal_cost_table_from_august_2026(day: str, missing: bool) -> None:
    found = judged(PRICE, day, lender_kind="bank", natural_person=True, annual_rate_shown=True)
    assert found["disclosure_missing"] is missing


LIMITS = compile_rule_set(load_rule_set("origination_limits"))


def test_internet_consumption_cap_and_its_temporary_lift() -> None:
    given = {
        "lender_kind": "bank", "product": "consumer", "purpose": "consumption", "natural_person": True,
        "internet_loan": True, "unsecured": True, "borrower_in_area": True,
    }  # fmt: skip
    assert judged(LIMITS, "2025-03-13", **given)["facility_cap"] == 20_000_000
    assert judged(LIMITS, "2025-03-14", **given)["facility_cap"] == 30_000_000
    assert judged(LIMITS, "2025-03-14", **(given | {"purpose": "stock"}))["facility_cap"] is None


@pytest.mark.parametrize(("share", "refused"), [(300_000, False), (299_999, True)])
def test_joint_loans_need_three_tenths_from_the_partner(share: int, refused: bool) -> None:
    given = {
        "lender_kind": "bank", "product": "online_unsecured", "purpose": "stock", "internet_loan": True,
        "jointly_funded": True, "partner_share": share, "borrower_in_area": True, "tier1_capital": 100,
        "partner_balance": 25, "joint_balance": 50, "loans_total": 100, "capital": 100, "loans_to_borrower": 10,
    }  # fmt: skip
    found = judged(LIMITS, "2026-01-05", **given)
    assert found["refused"] is refused
    assert found["partner_share_least"] == 300_000
    for change in ({"partner_balance": 26}, {"joint_balance": 51}, {"borrower_in_area": 0}, {"loans_to_borrower": 11}):
        assert judged(LIMITS, "2026-01-05", **(given | change))["refused"] is True


@pytest.mark.parametrize(
    ("product", "amount", "entrust"),
    [
        ("fixed_asset", 1_000_000_000, False),
        ("fixed_asset", 1_000_000_001, True),
        ("personal_business", 50_000_000, False),
        ("personal_business", 50_000_001, True),
    ],
)
def test_entrusted_payment(product: str, amount: int, entrust: bool) -> None:
    found = judged(
        LIMITS, "2026-01-05", lender_kind="bank", product=product, purpose="equipment", single_payment=amount,
        drawdown_amount=amount, borrower_in_area=True,
    )  # fmt: skip
    assert found["must_entrust"] is entrust


SIZES = compile_rule_set(load_rule_set("size_classes"))
WAN = 1_000_000  # fen


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "assets", "size"),
    [
        ("industry", 1000, 40_000, None, "large"),
        ("industry", 1000, 39_999, None, "medium"),
        ("industry", 999, 40_000, None, "medium"),
        ("industry", 300, 2_000, None, "medium"),
        ("industry", 20, 300, None, "small"),
        ("industry", 19, 40_000, None, "micro"),  # 以下 is exclusive here (GEN-02)
        ("industry", 1000, 299, None, "micro"),
        ("agriculture", None, 50, None, "small"),
        ("agriculture", None, 49, None, "micro"),
        ("agriculture", None, 20_000, None, "large"),
        ("construction", None, 80_000, 80_000, "large"),
        ("construction", None, 80_000, 79_999, "medium"),
        ("construction", None, 300, 299, "micro"),
        ("wholesale", 200, 40_000, None, "large"),
        ("wholesale", 5, 1_000, None, "small"),
        ("retail", 50, 500, None, "medium"),
        ("software", 10, 50, None, "small"),
        ("software", 10, 49, None, "micro"),
        ("property_development", None, 200_000, 10_000, "large"),
        ("property_development", None, 100, 1_999, "micro"),
        ("telecoms", 2_000, 100_000, None, "large"),
        ("storage", 99, 30_000, None, "small"),
        ("transport", 300, 3_000, None, "medium"),
        ("post", 20, 100, None, "small"),
        ("catering", 9, 100, None, "micro"),
        ("lodging", 100, 2_000, None, "medium"),
        ("property_management", 1_000, 5_000, None, None),  # the row is from memory: advice until adopted
    ],
)
def test_size_table(industry: str, staff: int | None, revenue: int, assets: int | None, size: str | None) -> None:
    found = judged(
        SIZES, "2026-01-05", size_industry=industry, staff=staff, revenue=revenue * WAN,
        assets=None if assets is None else assets * WAN,
    )  # fmt: skip
    assert found["size"] == size


def test_an_unknown_indicator_proves_no_more_than_it_can() -> None:
    found = judged(SIZES, "2026-01-05", size_industry="industry", staff=None, revenue=40_000 * WAN)
    assert found["size"] is None
    assert "SIZ-10/industry_large" in found["unevaluated"]


def test_warning_presets() -> None:
    late = compile_rule_set(load_rule_set("warnings:r004"))
    assert judged(late, "2026-01-05", overdue_days=30)["warning"] is None
    assert judged(late, "2026-01-05", overdue_days=31)["warning"] == "orange"
    practice = compile_rule_set(load_rule_set("warnings:practice"))
    quiet = {"days_to_maturity": 100, "days_to_interest_day": 10}
    assert judged(practice, "2026-01-05", **quiet)["warning"] is None
    assert judged(practice, "2026-01-05", **(quiet | {"days_to_maturity": 10, "balance": 1}))["warning"] == "blue"
    assert judged(practice, "2026-01-05", **(quiet | {"days_to_maturity": 11, "balance": 1}))["warning"] is None
    short = {"days_to_interest_day": 3, "interest_due": 2, "account_balance": 1}
    assert judged(practice, "2026-01-05", **(quiet | short))["warning"] == "yellow"
    for days, level in ((1, "yellow"), (7, "yellow"), (30, "orange"), (60, "red"), (80, "red")):
        found = judged(practice, "2026-01-05", **(quiet | {"overdue_days": days}))
        assert found["warning"] == level
    for sign, level in (("renewal_refused", "orange"), ("overdue_elsewhere", "orange"), ("judgment_debtor", "red")):
        assert judged(practice, "2026-01-05", **(quiet | {sign: True}))["warning"] == level
    with pytest.raises(NotFound, match="no preset"):
        load_rule_set("warnings:none")
