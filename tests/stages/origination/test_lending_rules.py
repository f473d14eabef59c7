"""The rules on lending through the stage: what they refuse, cap and flag, on which day, and what only advises.

Numbers: 商业银行互联网贷款管理暂行办法 art. 6 (20万, one year), the notice of 2025-03-14 (30万, 50万),
银保监办发〔2021〕24号 (30 %, 25 %, 50 %, own area), the three loan measures of 2024 (1000万, 30万, 50万, 20万),
商业银行法 art. 39 (10 %), 民间借贷规定 art. 25 and 28-29 (four times the LPR; 24 % before 2020-08-20),
法发〔2017〕22号 art. 2 (24 %), the micro-lender guideline of 2025 (24 % at once, four times the LPR from 2028),
银发〔2003〕251号 item 3 (+30 to 50, +50 to 100 %), 民法典 art. 670, the rule on showing the cost of personal loans.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book.batch import seal
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.judgement import judge_one
from panhuo.ground.rules.adoption import Adopted, Adoption
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.journey.night import Settings, run_night
from panhuo.stages.origination import conditions, decision, limit, policy, price

WAN = 1_000_000  # fen
DAY = dt.date(2026, 1, 5)


@cache
def _rules(name: str, adopted: tuple[str, ...]) -> CompiledRules:
    base, _, preset = name.partition(":")
    thing = {"admission": decision.THING, "amount": limit.THING, "payment": conditions.THING, "": price.THING}[preset]
    entries = tuple(Adopted(base, rule, dt.date(2017, 1, 1), None, "a resolution") for rule in adopted)
    rule_set = load_rule_set(base).adopt(Adoption("a bank", entries))
    return compile_rule_set(rule_set.preset(preset) if preset else rule_set, thing.subject)


def told(thing: Any, subject: dict[str, Any], adopted: tuple[str, ...] = ()) -> dict[str, Any]:
    """The verdict on one subject; `codes` are its reasons' codes."""
    rules = _rules(thing.rules, adopted)
    found = judge_one(thing, {"party_id": "E1", **subject}, rules, policy.policy()[0])
    return {**found, "codes": {r["code"] for r in found["reasons"]}}


SOUND = {
    "grade": "A", "probability": 10_000_000, "sales": 900 * WAN, "months_known": 40, "days_since_sale": 3,
    "decided_on": DAY, "lender_kind": "bank", "product": "online_unsecured", "purpose": "stock",
    "natural_person": False, "internet_loan": True, "unsecured": True, "bullet": False, "term_months": 12,
    "facility_amount": 100 * WAN, "drawdown_amount": 100 * WAN, "single_payment": 100 * WAN,
    "jointly_funded": True, "partner_share": 300_000, "partner_balance": 25, "tier1_capital": 100,
    "joint_balance": 50, "loans_total": 100, "borrower_in_area": True, "loans_to_borrower": 10, "capital": 100,
}  # fmt: skip


def test_a_sound_joint_loan_is_accepted_and_the_partner_carries_three_tenths() -> None:
    found = told(decision.THING, SOUND)
    assert (found["decision"], found["partner_share_least"]) == ("accept", 300_000)
    assert found["codes"] == {"ACCEPTED", "INT-11"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"partner_share": 299_999}, "INT-11a"),
        ({"partner_balance": 26}, "INT-12"),
        ({"joint_balance": 51}, "INT-13"),
        ({"borrower_in_area": False, "area_exempt": False}, "INT-14"),
        ({"loans_to_borrower": 11}, "LN-10"),
    ],
)
def test_what_a_rule_forbids_is_proposed_for_refusal_with_the_rule(change: dict[str, Any], rule: str) -> None:
    found = told(decision.THING, SOUND | change)
    assert (found["decision"], found["forbidden"]) == ("refuse_proposed", True)
    assert {rule, "REFUSE_BY_RULE"} <= found["codes"]


def test_the_version_follows_the_day_of_the_decision() -> None:
    joint = SOUND | {"partner_share": 100_000}
    assert told(decision.THING, joint | {"decided_on": dt.date(2021, 12, 31)})["decision"] == "accept"
    assert told(decision.THING, joint | {"decided_on": dt.date(2022, 1, 1)})["decision"] == "refuse_proposed"


def test_what_is_from_memory_advises_until_adopted() -> None:
    house = SOUND | {"purpose": "home_purchase"}
    found = told(decision.THING, house)
    assert found["decision"] == "accept" and "INT-05~" in found["codes"]
    found = told(decision.THING, house, ("INT-05",))
    assert found["decision"] == "refuse_proposed" and "INT-05" in found["codes"]
    micro = SOUND | {"lender_kind": "micro_lender", "loans_to_borrower": 101, "loans_to_group": 150,
                     "net_assets": 1_000, "internet_loan": False, "borrower_in_area": False}  # fmt: skip
    found = told(decision.THING, micro)
    assert found["decision"] == "accept" and {"MLC-02~", "MLC-05~"} <= found["codes"]
    assert "MLC-02a~" not in found["codes"]  # 15 % exactly
    assert told(decision.THING, micro, ("MLC-02",))["decision"] == "refuse_proposed"


def test_unknown_never_refuses_and_is_listed() -> None:
    found = told(decision.THING, SOUND | {"partner_share": None, "capital": None})
    assert found["decision"] == "accept"
    assert {"INT-11a?", "LN-10?"} <= found["codes"]


CONSUMER = {
    "decision": "accept", "sales": 900 * WAN, "share": 200_000, "by_sales": 180 * WAN, "maximum": 100 * WAN,
    "decided_on": DAY, "lender_kind": "bank", "product": "consumer", "purpose": "consumption", "natural_person": True,
    "internet_loan": True, "unsecured": True, "bullet": True, "term_months": 13, "facility_amount": 100 * WAN,
    "drawdown_amount": 100 * WAN, "single_payment": 100 * WAN,
}  # fmt: skip


@pytest.mark.parametrize(
    ("day", "cap"), [(dt.date(2025, 3, 13), 20 * WAN), (dt.date(2025, 3, 14), 30 * WAN), (DAY, 30 * WAN)]
)
def test_an_online_consumer_loan_is_capped_by_the_version_of_the_day(day: dt.date, cap: int) -> None:
    found = told(limit.THING, CONSUMER | {"decided_on": day})
    assert (found["limit"], found["rule_cap"], found["by_rule"]) == (cap, cap, True)
    assert {"INT-02", "LIMIT_BY_RULE"} <= found["codes"] and "LIMIT_AT_MAXIMUM" not in found["codes"]
    below = told(limit.THING, CONSUMER | {"decided_on": day, "facility_amount": cap})
    assert (below["limit"], below["by_rule"]) == (cap, False)
    business = told(limit.THING, CONSUMER | {"decided_on": day, "purpose": "stock"})
    assert (business["limit"], business["rule_cap"]) == (100 * WAN, None)


def test_a_bullet_consumer_loan_runs_a_year_at_most() -> None:
    found = told(limit.THING, CONSUMER)
    assert (found["term_months"], found["term_cap"], found["term_cut"]) == (12, 12, True)
    assert {"INT-02b", "TERM_BY_RULE"} <= found["codes"]
    assert told(limit.THING, CONSUMER | {"term_months": 12})["term_cut"] is False
    assert told(limit.THING, CONSUMER | {"bullet": False})["term_months"] == 13


def test_no_limit_where_not_accepted_whatever_the_cap() -> None:
    found = told(limit.THING, CONSUMER | {"decision": "refer"})
    assert (found["limit"], found["by_rule"], found["not_accepted"]) == (0, False, True)


@pytest.mark.parametrize(
    ("product", "person", "purpose", "day", "most", "rule"),
    [
        ("fixed_asset", False, "equipment", DAY, 1_000 * WAN, "LN-01"),
        ("working_capital", False, "stock", DAY, 1_000 * WAN, "LN-02"),
        ("consumer", True, "consumption", dt.date(2025, 3, 13), 30 * WAN, "LN-03"),
        ("consumer", True, "consumption", dt.date(2025, 3, 14), 50 * WAN, "LN-03"),
        ("personal_business", True, "stock", DAY, 50 * WAN, "LN-04"),
    ],
)
def test_large_payments_are_entrusted(
    product: str, person: bool, purpose: str, day: dt.date, most: int, rule: str
) -> None:
    loan = CONSUMER | {"product": product, "natural_person": person, "purpose": purpose, "decided_on": day,
                       "internet_loan": False, "payee_definite": True}  # fmt: skip
    for amount, entrusted in ((most, False), (most + 1, True)):
        found = told(conditions.THING, loan | {"drawdown_amount": amount, "single_payment": amount})
        assert found["must_entrust"] is entrusted
        assert (rule in found["codes"]) is entrusted


def test_a_visit_may_be_dropped_up_to_two_hundred_thousand() -> None:
    loan = CONSUMER | {"product": "working_capital", "natural_person": False, "internet_loan": False}
    assert told(conditions.THING, loan | {"facility_amount": 20 * WAN})["visit_may_be_dropped"] is True
    assert told(conditions.THING, loan | {"facility_amount": 20 * WAN + 1})["visit_may_be_dropped"] is False


def test_terms_from_memory_bind_once_adopted() -> None:
    loan = CONSUMER | {"product": "working_capital", "natural_person": False, "internet_loan": False,
                       "long_cash_cycle": False, "term_months": 48}  # fmt: skip
    found = told(limit.THING, loan)
    assert (found["term_months"], found["term_cap"]) == (48, None) and "LN-07/working_capital~" in found["codes"]
    found = told(limit.THING, loan, ("LN-07/working_capital",))
    assert (found["term_months"], found["term_cut"]) == (36, True)


def offer(rate: int, **change: Any) -> dict[str, Any]:
    """A price of `rate` ppm to judge: the parts add up to it."""
    return {
        "probability": 50_000_000, "limit": 50 * WAN, "contracted_on": DAY, "lender_kind": "bank",
        "natural_person": False, "internet_loan": False, "term_months": 12, "annual_rate": rate, "all_in_rate": rate,
        "funding": 22_000, "operating": 12_000, "margin": 10_000, "bounds": 500, "expected_loss": rate - 44_500,
        "overdue_uplift": 500_000, "misuse_uplift": 1_000_000, "both_uplifts": False, "compound_on_penalty": False,
        "deducted_up_front": 0, "annual_rate_shown": True, "cost_table_shown": True, **change,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "day", "prime", "term", "asked", "rate", "rules"),
    [
        ("micro_lender", dt.date(2025, 12, 30), 30_000, 12, 250_000, 250_000, set()),
        ("micro_lender", dt.date(2025, 12, 31), 30_000, 12, 250_000, 240_000, {"MLC-10"}),
        ("micro_lender", dt.date(2025, 12, 31), 30_000, 12, 240_000, 240_000, {"MLC-10"}),
        ("micro_lender", dt.date(2028, 1, 1), 30_000, 12, 250_000, 120_000, {"MLC-10", "MLC-11"}),
        ("micro_lender", dt.date(2028, 1, 1), 30_000, 1, 250_000, 240_000, {"MLC-10"}),
        ("private", dt.date(2020, 8, 19), 38_500, 12, 250_000, 240_000, {"RATE-01"}),
        ("private", dt.date(2020, 8, 20), 38_500, 12, 250_000, 154_000, {"RATE-01", "RATE-02"}),
        ("private", dt.date(2020, 8, 20), 38_500, 12, 154_000, 154_000, {"RATE-01"}),
        ("factor", dt.date(2021, 6, 1), 38_500, 12, 250_000, 250_000, set()),
        ("lessor", dt.date(2021, 6, 1), 38_500, 12, 250_000, 250_000, set()),
    ],
)
def test_ceilings_by_lender_and_day(
    kind: str, day: dt.date, prime: int, term: int, asked: int, rate: int, rules: set[str]
) -> None:
    given = offer(asked, lender_kind=kind, contracted_on=day, lpr_one_year=prime, term_months=term)
    found = told(price.THING, given)
    assert (found["rate"], found["by_rule"]) == (rate, rate < asked)
    parts = ("funding", "operating", "expected_loss", "margin", "bounds", "cut")
    assert found["rate"] == sum(found[part] for part in parts)
    assert sum(r["contribution"] or 0 for r in found["reasons"]) == rate
    assert {c for c in found["codes"] if c[:4] in ("MLC-", "RATE") and c[-1].isdigit()} == rules


def test_the_twenty_four_per_cent_of_bank_loans_advises_until_adopted() -> None:
    found = told(price.THING, offer(240_001))
    assert (found["rate"], found["price_exceeds"]) == (240_001, False) and "RATE-06~" in found["codes"]
    assert "RATE-06~" not in told(price.THING, offer(240_000))["codes"]
    # Adopted, it says the price is too high and not how high it may be: a person decides.
    found = told(price.THING, offer(240_001), ("RATE-06",))
    assert (found["rate"], found["withheld"]) == (None, True) and {"RATE-06", "PRICE_WITHHELD"} <= found["codes"]
    platform = offer(250_000, internet_loan=True, facilitated=True)
    assert told(price.THING, platform)["rate"] == 250_000
    assert told(price.THING, platform, ("INT-23",))["rate"] == 240_000


@pytest.mark.parametrize(
    ("overdue", "misuse", "brought_to", "irregular"),
    [
        (299_999, 500_000, (300_000, 500_000), True),
        (300_000, 1_000_000, (300_000, 1_000_000), False),
        (500_001, 1_000_001, (500_000, 1_000_000), True),
        (500_000, 499_999, (500_000, 500_000), True),
    ],
)
def test_uplifts_are_brought_within_the_rule(
    overdue: int, misuse: int, brought_to: tuple[int, int], irregular: bool
) -> None:
    found = told(price.THING, offer(60_000, overdue_uplift=overdue, misuse_uplift=misuse))
    assert (found["overdue_uplift"], found["misuse_uplift"]) == brought_to
    assert (found["penalty_irregular"], found["uplifts_mended"]) == (irregular, irregular)


def test_interest_deducted_up_front_and_disclosures() -> None:
    assert told(price.THING, offer(60_000, deducted_up_front=1))["penalty_irregular"] is True
    person = {"natural_person": True, "cost_table_shown": False}
    assert told(price.THING, offer(60_000, contracted_on=dt.date(2026, 7, 31), **person))["disclosure_missing"] is False
    found = told(price.THING, offer(60_000, contracted_on=dt.date(2026, 8, 1), **person))
    assert found["disclosure_missing"] is True and "DSC-04" in found["codes"]
    unknown = told(price.THING, offer(60_000, annual_rate_shown=None))
    assert unknown["disclosure_missing"] is None and "DSC-01?" in unknown["codes"]


def test_every_rule_that_fired_is_told_with_its_article_in_both_languages() -> None:
    zh, en = _rules("origination_limits:amount", ()).words("INT-02b")
    assert "商业银行互联网贷款管理暂行办法" in zh and "第6条" in zh
    assert "art. 6" in en and "at most one year" in en
    zh, en = _rules("price_and_disclosure", ()).words("INT-23")
    assert "（金规〔2025〕9号）第6条；法发〔2017〕22号第2条" in zh and en.endswith("22号, art. 2]")
    zh, _ = _rules("origination_limits:amount", ()).words("INT-02")
    assert "至2025-03-13" in zh and "20万元" in zh and "30万元" in zh  # every version with its days


# -------------------------------------------------------------------------------- from a book's facts


def rows(name: str, *facts: dict[str, Any]) -> pa.Table:
    schema = TABLES[name].fact_schema
    empty = dict.fromkeys(schema.names)
    return schema.conform(pa.Table.from_pylist([{**empty, **f} for f in facts], schema=schema.arrow()))


def book_of(folder: Path) -> Snapshot:
    """Three that sell 1.2 million yuan a month each and have a loan of their own kind."""
    start, signed, due = dt.date(2022, 1, 1), dt.date(2025, 6, 10), dt.date(2027, 6, 15)
    kinds = {
        "OWNER": ("person", "online_unsecured", "consumption", "320501"),
        "FIRM": ("company", "working_capital", "stock", "320501"),
        "AWAY": ("company", "online_unsecured", "stock", "440100"),
    }
    parties = [
        {"id": p, "effective_on": start, "kind": k[0], "region": k[3], "currency": "CNY"} for p, k in kinds.items()
    ]
    bills = [
        {"id": f"{p}{y}{m:02d}", "effective_on": dt.date(y, m, 10), "party_id": p, "direction": "sale",
         "issued_on": dt.date(y, m, 10), "net": 120 * WAN, "counterparty": f"C{m % 5}", "status": "valid",
         "currency": "CNY"}
        for p in kinds for y in (2024, 2025) for m in range(1, 13)
    ]  # fmt: skip
    contracts = [
        {"id": f"C-{p}", "effective_on": signed, "party_id": p, "lender_kind": "bank", "product": k[1],
         "purpose": k[2], "principal": 30 * WAN, "signed_on": signed, "due_on": due, "penalty_uplift": 200_000,
         "misuse_uplift": 1_000_000, "compound_on_penalty": False, "security_form": "unsecured", "currency": "CNY"}
        for p, k in kinds.items()
    ]  # fmt: skip
    drawdowns = [
        {"id": f"D-{p}", "effective_on": signed, "contract_id": f"C-{p}", "party_id": p, "amount": 30 * WAN,
         "out_on": signed, "due_on": due, "style": "bullet_monthly_interest", "status": "open", "currency": "CNY"}
        for p in kinds
    ]  # fmt: skip
    postings = [
        {"id": f"P-{p}", "effective_on": signed, "drawdown_id": f"D-{p}", "posted_on": signed, "value_on": signed,
         "component": "principal", "amount": 30 * WAN, "kind": "disburse", "currency": "CNY"}
        for p in kinds
    ]  # fmt: skip
    book = Book.create(folder / "book", made_by="test")
    consents = [
        {"id": f"N-{p}", "effective_on": start, "party_id": p, "purpose": "alternative_data", "granted": True,
         "granted_on": start}
        for p in kinds
    ]  # fmt: skip
    tables = {"parties": parties, "invoices": bills, "contracts": contracts, "drawdowns": drawdowns,
              "postings": postings, "consents": consents}  # fmt: skip
    seal(book, {n: rows(n, *facts) for n, facts in tables.items()}, observed_until=DAY)
    return Snapshot(book, DAY, {"self": 1})


def test_from_facts_to_a_refusal_a_cap_and_an_approval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = policy.FILE.read_text(encoding="utf-8")
    own = tmp_path / "own_policy.toml"
    lines = 'area = ["3205"]\narea_exempt = false\ncapital = 100_000_000_000\n\n[profile]'
    own.write_text(stated.replace("[profile]", lines, 1), encoding="utf-8")
    monkeypatch.setattr(policy, "FILE", own)
    night = run_night(book_of(tmp_path), Settings(engine="plain"), only=["prices", "lending_conditions"])
    decided = {r["party_id"]: r for r in night.outcomes["credit_decisions"].table.to_pylist()}
    facts = {r["party_id"]: r for r in night.outcomes["credit_decisions"].subjects.to_pylist()}  # type: ignore[union-attr]
    limits = {r["party_id"]: r for r in night.outcomes["limits"].table.to_pylist()}
    prices = {r["party_id"]: r for r in night.outcomes["prices"].table.to_pylist()}
    # 10 June 2025 to 15 June 2027 is 24 months and five days, so 25; what is owed and the million proposed add up.
    owner = facts["OWNER"]
    assert (owner["term_months"], owner["loans_to_borrower"], owner["loans_total"]) == (25, 130 * WAN, 90 * WAN)
    assert (owner["natural_person"], owner["bullet"], owner["unsecured"], owner["internet_loan"]) == (
        True,
        True,
        True,
        True,
    )

    assert (decided["FIRM"]["decision"], limits["FIRM"]["limit"]) == ("accept", 100 * WAN)
    assert decided["AWAY"]["forbidden"] and limits["AWAY"]["limit"] == 0 and prices["AWAY"]["rate"] is None
    refused = night.outcomes["credit_decisions"].why("AWAY", language="zh")["reasons"]
    assert any(
        r["code"] == "INT-14" and "银保监办发〔2021〕24号" in r["words"] and "第5条" in r["words"] for r in refused
    )
    # An uplift of 20 % in the contract is below the 30 % of 银发〔2003〕251号.
    assert (prices["FIRM"]["overdue_uplift"], prices["FIRM"]["penalty_irregular"]) == (300_000, True)
    assert prices["FIRM"]["rate"] == sum(
        prices["FIRM"][n] for n in ("funding", "operating", "expected_loss", "margin", "bounds", "cut")
    )
    # The owner's is a consumer loan made online: held at 300,000 yuan, and at a year as it is repaid in one sum.
    capped = limits["OWNER"]
    assert (capped["limit"], capped["by_rule"], capped["term_months"]) == (30 * WAN, True, 12)
    # 300,000 in one sum is not above the 500,000 from which payment is entrusted, though the million proposed was.
    given = {r["party_id"]: r for r in night.outcomes["lending_conditions"].table.to_pylist()}
    assert set(given) == {"OWNER", "FIRM"}
    assert (given["OWNER"]["limit"], given["OWNER"]["must_entrust"]) == (30 * WAN, False)
    words = {r["code"]: r["words"] for r in night.outcomes["limits"].why("OWNER", language="en")["reasons"]}
    assert "art. 6" in words["INT-02"] and "CNY 300,000" in words["LIMIT_BY_RULE"]
