# ruff: noqa: E501  a row of a table stands on one line
"""Each fault planted once is found once, and clean facts are left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.book import TABLES
from panhuo.ground.book.checking.book import check_tables
from panhuo.ground.book.checking.connections import balances
from panhuo.ground.book.checking.report import Check, mask
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.identifiers import identity_card_check, unified_social_credit_check

D = date
AS_OF = D(2025, 12, 31)
Facts = dict[str, list[dict[str, Any]]]


def uscc(serial: int) -> str:
    first = f"91330102MA{serial:07d}"
    return first + unified_social_credit_check(first)


def card(serial: int) -> str:
    first = f"33010219800101{serial:03d}"
    return first + identity_card_check(first)


def clean() -> Facts:
    """A small book without a fault."""
    return {
        "parties": [
            {"id": "K1", "kind": "company", "identifier_kind": "unified_social_credit_code", "identifier": uscc(1),
             "region": "330102", "phone": "0571-87654321", "status": "active", "currency": "CNY"},
            {"id": "K2", "kind": "person", "identifier_kind": "identity_card", "identifier": card(1),
             "region": "330102", "phone": "13800138000", "status": "active", "currency": "CNY"},
        ],
        "contracts": [
            {"id": "H1", "party_id": "K1", "principal": 300_000_000, "signed_on": D(2021, 3, 1), "due_on": D(2022, 3, 1),
             "annual_rate": 43_500, "penalty_uplift": 500_000, "currency": "CNY"},
        ],
        "drawdowns": [
            {"id": "J1", "contract_id": "H1", "party_id": "K1", "amount": 300_000_000, "out_on": D(2021, 3, 5),
             "due_on": D(2022, 3, 1), "annual_rate": 43_500, "status": "open", "currency": "CNY"},
        ],
        "instalments": [
            {"id": "I1", "drawdown_id": "J1", "due_on": D(2022, 3, 1), "principal": 300_000_000, "currency": "CNY"},
        ],
        "postings": [
            {"id": "P1", "drawdown_id": "J1", "posted_on": D(2021, 3, 5), "component": "principal", "kind": "disburse",
             "amount": 300_000_000},
            {"id": "P2", "drawdown_id": "J1", "posted_on": D(2022, 1, 5), "component": "principal", "kind": "receive",
             "amount": 50_000_000},
            {"id": "P3", "drawdown_id": "J1", "posted_on": D(2022, 1, 6), "component": "principal", "kind": "reverse",
             "amount": 50_000_000, "reverses_id": "P2"},
            {"id": "P4", "drawdown_id": "J1", "posted_on": D(2022, 1, 7), "component": "principal", "kind": "receive",
             "amount": 20_000_000},
            {"id": "P5", "drawdown_id": "J1", "posted_on": D(2022, 3, 20), "component": "interest", "kind": "accrue",
             "amount": 1_000_000},
        ],
        "stated_balances": [
            {"id": "S1", "drawdown_id": "J1", "base_on": D(2022, 12, 31), "component": "principal", "amount": 280_000_000,
             "stated_by": "seller"},
            {"id": "S2", "drawdown_id": "J1", "base_on": D(2022, 12, 31), "component": "interest", "amount": 1_009_000,
             "stated_by": "seller"},
        ],
        "guarantees": [
            {"id": "G1", "contract_id": "H1", "guarantor_id": "K2", "kind": "joint", "cap": 400_000_000},
        ],
        "assets": [
            {"id": "A1", "kind": "home", "owner_id": "K2", "region": "330102", "address": "上城区某路1号101室",
             "area_hundredths": 8_950, "unit_number": "330102001002GB00123F00010005",
             "certificate_number": "浙（2020）杭州市不动产权第0012345号"},
        ],
        "appraisals": [
            {"id": "V1", "asset_id": "A1", "method": "commissioned", "appraised_on": D(2021, 2, 1), "amount": 500_000_000},
        ],
        "security_rights": [
            {"id": "R1", "kind": "mortgage", "provider_id": "K2", "maximum_amount": 300_000_000,
             "registered_amount": 300_000_000, "registered_on": D(2021, 3, 3), "rank": 1},
        ],
        "claims": [
            {"id": "C1", "party_id": "K1", "kind": "loan", "contract_id": "H1", "principal": 280_000_000,
             "due_on": D(2022, 3, 1), "status": "held"},
        ],
        "limitation_events": [
            {"id": "L1", "claim_id": "C1", "right_kind": "debt", "kind": "signed_demand", "done_on": D(2024, 5, 1),
             "reached_on": D(2024, 5, 3), "grade": "a"},
        ],
        "consents": [
            {"id": "Z1", "party_id": "K1", "purpose": "credit_report_query", "granted": True, "granted_on": D(2021, 2, 1),
             "expires_on": D(2026, 3, 1)},
        ],
        "credit_reports": [
            {"id": "Q1", "party_id": "K1", "consent_id": "Z1", "query_basis": "application", "queried_on": D(2021, 2, 2)},
        ],
        "invoices": [
            {"id": "F1", "party_id": "K1", "direction": "sale", "issued_on": D(2021, 1, 1), "net": -10_000, "tax": -1_300,
             "gross": -11_300},
        ],
    }  # fmt: skip


def check(facts: Facts, limit: int = 20) -> Check:
    tables = {}
    for name, rows in facts.items():
        schema = TABLES[name].fact_schema
        filled = [{"org_id": "self", "effective_on": D(2021, 1, 1), **row} for row in rows]
        for row in filled:
            assert set(row) <= set(schema.names), (name, set(row) - set(schema.names))
        tables[name] = pa.Table.from_pylist(filled, schema=schema.arrow())
    return check_tables(tables, AS_OF, limit=limit)


def test_a_clean_book_has_no_problems() -> None:
    result = check(clean()).as_json()
    assert result["problems"] == []
    assert result["tables"]["parties"]["rows"] == 2
    assert result["tables"]["parties"]["columns"]["identifier"] == {"known": 2, "distinct": 2}
    assert result["tables"]["drawdowns"]["columns"]["amount"] == {
        "known": 1, "distinct": 1, "min": 300_000_000, "max": 300_000_000,
    }  # fmt: skip
    assert result["tables"]["drawdowns"]["columns"]["payee"] == {"known": 0, "distinct": 0}


def change(table: str, **values: Any) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        facts[table][0].update(values)

    return apply


def add(table: str, **values: Any) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        facts.setdefault(table, [])
        facts[table].append({**(facts[table][0] if facts[table] else {}), **values})

    return apply


def remove(table: str) -> Callable[[Facts], None]:
    def apply(facts: Facts) -> None:
        del facts[table]

    return apply


FAULTS: list[tuple[str, Callable[[Facts], None], tuple[str, str, str, str]]] = [
    ("required", change("drawdowns", out_on=None), ("drawdowns", "J1", "out_on", "REQUIRED")),
    ("duplicate", add("postings"), ("postings", "P1", "id", "DUPLICATE")),
    ("code", change("parties", status="moved"), ("parties", "K1", "status", "NOT_A_CODE")),
    ("dangling", change("guarantees", guarantor_id="K9"), ("guarantees", "G1", "guarantor_id", "DANGLING_REFERENCE")),
    ("dangling into an absent table", remove("consents"), ("credit_reports", "Q1", "consent_id", "DANGLING_REFERENCE")),
    ("negative", change("appraisals", amount=-1), ("appraisals", "V1", "amount", "NEGATIVE_AMOUNT")),
    ("huge", change("appraisals", amount=2 * 10**13), ("appraisals", "V1", "amount", "AMOUNT_OUT_OF_RANGE")),
    ("rate", change("contracts", annual_rate=435), ("contracts", "H1", "annual_rate", "RATE_OUT_OF_RANGE")),
    ("uplift", change("contracts", penalty_uplift=5_000), ("contracts", "H1", "penalty_uplift", "UPLIFT_OUT_OF_RANGE")),
    ("date", change("consents", granted_on=D(1020, 1, 1)), ("consents", "Z1", "granted_on", "DATE_OUT_OF_RANGE")),
    ("due before out", change("drawdowns", due_on=D(2020, 1, 1)), ("drawdowns", "J1", "due_on", "DATES_OUT_OF_ORDER")),
    ("identifier", change("parties", identifier=uscc(1)[:-1] + "I"), ("parties", "K1", "identifier", "IDENTIFIER_INVALID")),
    ("identifier twice", add("parties", id="K3"), ("parties", "K1", "identifier", "IDENTIFIER_TWICE")),
    ("unit", change("assets", unit_number="123"), ("assets", "A1", "unit_number", "IDENTIFIER_INVALID")),
    ("old certificate", change("assets", certificate_number="杭房权证上字第1234号"),
     ("assets", "A1", "certificate_number", "IDENTIFIER_DOUBTFUL")),
    ("万元 against 元", change("drawdowns", amount=30_000), ("drawdowns", "J1", "amount", "WAN_AGAINST_YUAN")),
    ("万元 claim", change("claims", principal=28_000), ("claims", "C1", "principal", "WAN_AGAINST_YUAN")),
    ("万元 guarantee", change("guarantees", cap=30_000), ("guarantees", "G1", "cap", "WAN_AGAINST_YUAN")),
    ("元 stated as 万元", change("stated_balances", amount=2_800_000_000_000), ("stated_balances", "S1", "amount", "WAN_AGAINST_YUAN")),
    ("万元 appraisal", add("appraisals", id="V2", amount=50_000), ("appraisals", "V2", "amount", "WAN_AGAINST_YUAN")),
    ("consent over", change("consents", expires_on=D(2025, 12, 30)), ("consents", "Z1", "expires_on", "CONSENT_LAPSED")),
    ("far below the others", add("contracts", id="H2", principal=30_000), ("contracts", "H2", "principal", "FAR_BELOW_OTHERS")),
    ("above the contract", change("contracts", principal=290_000_000), ("drawdowns", "J1", "amount", "ABOVE_CONTRACT")),
    ("stated principal", change("stated_balances", amount=280_000_001), ("stated_balances", "S1", "amount", "STATED_DIFFERS")),
    ("invoice", change("invoices", gross=1), ("invoices", "F1", "gross", "INVOICE_SUM")),
    ("plan", change("instalments", principal=1), ("drawdowns", "J1", "amount", "PLAN_SUM")),
    ("asset twice, unit", add("assets", id="A2", certificate_number=None, address=None),
     ("assets", "A1", "id", "ASSET_TWICE")),
    ("asset twice, former certificate",
     add("assets", id="A2", unit_number=None, address=None, certificate_number=None,
         former_certificate_number="浙(2020)杭州市不动产权第0012345号"),
     ("assets", "A1", "id", "ASSET_TWICE")),
    ("asset twice, place", add("assets", id="A2", unit_number=None, certificate_number=None),
     ("assets", "A1", "id", "ASSET_TWICE")),
    ("guarantor", change("guarantees", guarantor_id=None), ("guarantees", "G1", "guarantor_id", "GUARANTOR_MISSING")),
    ("borrower gone", change("parties", status="deregistered"), ("parties", "K1", "status", "PARTY_GONE")),
    ("registered amount", change("security_rights", registered_amount=1),
     ("security_rights", "R1", "registered_amount", "REGISTERED_DIFFERS")),
    ("consent lapsed", change("credit_reports", queried_on=D(2026, 3, 2)), ("credit_reports", "Q1", "consent_id", "CONSENT_STALE")),
    ("consent withdrawn", change("consents", withdrawn_on=D(2021, 2, 2)), ("credit_reports", "Q1", "consent_id", "CONSENT_STALE")),
    ("consent absent", change("credit_reports", consent_id=None), ("credit_reports", "Q1", "consent_id", "CONSENT_NONE")),
    ("limitation", remove("limitation_events"), ("claims", "C1", "due_on", "LIMITATION_EVIDENCE_MISSING")),
    ("measure", add("observations", id="B1", party_id="K1", month_end_on=D(2024, 1, 31), measure="mood", value=1),
     ("observations", "B1", "measure", "NOT_A_MEASURE")),
    ("shares", add("asset_owners", id="O1", asset_id="A1", party_id="K1", share=1_000_001),
     ("asset_owners", "O1", "share", "SHARES_SUM")),
    ("recovery", add("recoveries", id="Y1", claim_id="C1", source="debtor", received_on=D(2023, 1, 1), gross=10,
                     court_deductions=1, net=10), ("recoveries", "Y1", "net", "RECOVERY_SUM")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "plant", "expected"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_found(
    name: str, plant: Callable[[Facts], None], expected: tuple[str, str, str, str]
) -> None:
    facts = clean()
    plant(facts)
    problems = check(facts).as_json()["problems"]
    assert expected in [(p["table"], p["row"], p["column"], p["code"]) for p in problems]
    for problem in problems:
        assert problem["reason"] and problem["reason_zh"] and problem["remedy"] and problem["remedy_zh"]
        assert problem["count"] >= 1


def test_interest_off_by_less_than_one_percent_passes() -> None:
    facts = clean()
    facts["stated_balances"][1]["amount"] = 1_010_001  # recomputed 1,000,000: the slack is 10,000
    found = [(p["row"], p["value"]) for p in check(facts).as_json()["problems"]]
    assert found == [("S2", "1010001 / 1000000")]


def test_reversal_undoes_what_it_names() -> None:
    rows = pa.Table.from_pylist(
        [{"org_id": "self", **p} for p in clean()["postings"]], schema=TABLES["postings"].fact_schema.arrow()
    )
    moved = {"org_id": "self", "id": "P6", "drawdown_id": "J1", "posted_on": D(2022, 6, 1), "amount": 70}
    extra = [
        {**moved, "component": "interest", "kind": "move_off_balance"},
        {**moved, "id": "P7", "component": "interest_off_balance", "kind": "move_off_balance"},
        {**moved, "id": "P8", "component": "interest", "kind": "write_off"},
    ]
    more = balances(pa.concat_tables([rows, pa.Table.from_pylist(extra, schema=rows.schema)]))
    assert more.column("amount").to_pylist()[-3:] == [-70, 70, 0]
    signed = balances(rows)
    assert signed.column("amount").to_pylist() == [300_000_000, -50_000_000, 50_000_000, -20_000_000, 1_000_000]


def test_counts_are_of_all_rows_and_lists_are_cut() -> None:
    facts = clean()
    facts["guarantees"] = [{**facts["guarantees"][0], "id": f"G{i:03d}", "guarantor_id": None} for i in range(50)]
    cut = check(facts, limit=3).as_json()
    listed = [p for p in cut["problems"] if p["code"] == "GUARANTOR_MISSING"]
    assert [p["row"] for p in listed] == ["G000", "G001", "G002"]
    assert {p["count"] for p in listed} == {50}
    assert cut["counts"]["GUARANTOR_MISSING"] == 50
    assert len(check(facts, limit=0).as_json()["problems"]) == 50


def test_personal_values_are_masked() -> None:
    facts = clean()
    facts["parties"][1]["identifier"] = "330102198001010011"
    facts["parties"].append({**facts["parties"][1], "id": "K3"})
    shown = [p["value"] for p in check(facts).as_json()["problems"] if p["column"] == "identifier"]
    assert shown
    assert set(shown) == {"3" + "*" * 16 + "1"}
    assert (mask("张三"), mask("a"), mask("")) == ("张*", "*", "*")


def test_unknown_tables_are_refused() -> None:
    with pytest.raises(InvalidInput):
        check_tables({"nothing": pa.table({})}, AS_OF)


def test_organisations_are_checked_apart() -> None:
    # A claim's buyer makes its own party for the same person: no identifier is repeated, and no id is shared.
    facts = clean()
    facts["parties"].append({**facts["parties"][0], "org_id": "amc", "id": "K1"})
    facts["claims"].append({**facts["claims"][0], "org_id": "amc", "contract_id": "H1", "id": "C1"})
    problems = check(facts).as_json()["problems"]
    assert {(p["org"], p["table"], p["code"]) for p in problems} == {
        ("amc", "claims", "DANGLING_REFERENCE"),
        ("amc", "claims", "LIMITATION_EVIDENCE_MISSING"),
    }
