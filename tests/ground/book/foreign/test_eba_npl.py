"""A portfolio in the EBA's NPL templates: stated at its cut-off, in its own currencies, nothing made up."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.checking.book import check_tables
from panhuo.ground.book.currencies import CURRENCIES, minor_units
from panhuo.ground.book.foreign import read_foreign
from panhuo.ground.record.errors import InvalidInput, NotFound

FIRM = {"id": "11", "legal_type_of_counterparty": "0", "borrower_type": "1", "enterprise_size": "1.0",
        "number_of_fte": "12.0", "name_of_counterparty": "Firm", "status_of_legal_proceedings": "2"}  # fmt: skip
LOAN = {
    "id": "21", "counterparty_identifier": "11", "loan_currency": "EUR", "date_of_origination": "2015-05-01",
    "current_maturity_date": "2018-05-01", "origination_amount": "1000", "principal_balance": "700.50",
    "accrued_interest_balance_on_book": "30", "accrued_interest_balance_off_book": "20", "other_balances": "10",
    "days_in_pastdue": "100", "pastdue_principal_amount": "300", "pastdue_interest_amount": "25",
    "current_interest_rate": "4.5", "asset_class": "2", "amortisation_type": "1",
    "accounting_stages_of_asset_quality": "2", "last_payment_date": "2018-03-01",
}  # fmt: skip
FLAT = {"id": "31", "protection_identifier": "PC1", "loan_identifier": "21", "type_of_property": "2",
        "currency_of_property": "EUR", "latest_valuation_amount": "900", "date_of_latest_valuation": "2018-01-01",
        "internal_or_external_latest_valuation": "1", "type_of_latest_valuation": "0",
        "type_of_occupancy": "2"}  # fmt: skip
CUT = {"id": "58", "cutoff_date": "2019-12-25T00:00:00", "name": "BANK_2019"}


def write(folder: Path, **templates: list[dict[str, Any]]) -> Path:
    for name, rows in {"counterparty": [FIRM], "loan": [LOAN], "portfoliosnapshot": [CUT], **templates}.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list({k: None for row in rows for k in row}))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_one_loan_and_its_flat(tmp_path: Path) -> None:
    found = read_foreign("eba-npl", write(tmp_path, propertycollateral=[FLAT]))
    assert not found.problems and found.observed_until == date(2019, 12, 25)
    rows = {name: table.to_pylist() for name, table in found.tables.items()}
    (party,) = rows["parties"]
    assert (party["kind"], party["size"], party["employees"], party["status"]) == (
        "company", "small", 12, "in_bankruptcy",
    )  # fmt: skip
    (claim,) = rows["claims"]
    assert (claim["principal"], claim["interest"], claim["advanced_costs"], claim["currency"]) == (
        70_050, 5_000, 1_000, "EUR",
    )  # fmt: skip
    assert {b["component"]: b["amount"] for b in rows["stated_balances"]} == {
        "principal": 70_050, "interest": 3_000, "interest_off_balance": 2_000, "fee": 1_000,
    }  # fmt: skip
    (drawdown,) = rows["drawdowns"]
    assert (drawdown["annual_rate"], drawdown["style"], drawdown["credit_impaired"]) == (
        45_000, "equal_instalment", True,
    )  # fmt: skip
    (due,) = rows["instalments"]  # 100 days before 2019-12-25
    assert (due["due_on"], due["principal"], due["interest"]) == (date(2019, 9, 16), 30_000, 2_500)
    (asset,), (value,) = rows["assets"], rows["appraisals"]
    assert (asset["id"], asset["kind"], asset["occupier"]) == ("PC1", "home", "tenant")
    assert (value["amount"], value["appraised_on"], value["method"]) == (90_000, date(2018, 1, 1), "commissioned")
    (right,), (behind,), (debt,) = (rows[f"security_{n}"] for n in ("rights", "assets", "rights_debts"))
    assert (right["kind"], behind["asset_id"], debt["contract_id"]) == ("mortgage", "PC1", "21")
    assert [b["kind"] for b in rows["burdens"]] == ["lease"]
    (package,), (item,) = rows["packages"], rows["package_items"]
    assert (package["stated_principal"], package["debtors"], item["overdue_days"]) == (70_050, 1, 100)
    findings = check_tables(found.tables, date(2019, 12, 25)).findings
    assert not [f for f in findings if f.reason.code in ("UNKNOWN_REFERENCE", "STATED_DIFFERS")]


def test_currencies_keep_their_own_minor_units(tmp_path: Path) -> None:
    """ISO 4217: a yen has no minor unit, a dinar of Kuwait a thousand fils; JEP is no code of the list."""
    loans = [{**LOAN, "id": str(n), "loan_currency": c} for n, c in enumerate(("JPY", "KWD", "JEP", ""))]
    found = read_foreign("eba-npl", write(tmp_path, loan=loans))
    claims = {c["id"]: (c["currency"], c["advanced_costs"]) for c in found.tables["claims"].to_pylist()}
    assert claims == {"0": ("JPY", 10), "1": ("KWD", 10_000), "2": ("XXX", 1_000), "3": ("XXX", 1_000)}
    (note,) = found.problems  # once a column, not once a row
    assert note.code == "NO_CURRENCY" and note.severity == "note" and "JEP" in note.reason_en
    assert found.tables["packages"].column("stated_principal").to_pylist() == [None]  # nothing adds up


def test_what_cannot_be_stored_comes_back(tmp_path: Path) -> None:
    loans = [LOAN, {**LOAN}, {**LOAN, "id": "22", "counterparty_identifier": "99"},
             {**LOAN, "id": "23", "principal_balance": ""}]  # fmt: skip
    found = read_foreign("eba-npl", write(tmp_path, loan=loans, propertycollateral=[{**FLAT, "loan_identifier": "77"}]))
    assert [(p.row, p.code) for p in found.problems if p.severity == "bad"] == [
        (3, "TWICE"), (4, "NOBODY"), (5, "LACKS"), (2, "NOBODY"),
    ]  # fmt: skip
    assert found.tables["claims"].column("id").to_pylist() == ["21"]


def test_doubtful_values_are_noted_once_a_column(tmp_path: Path) -> None:
    loans = [{**LOAN, "id": str(n), "current_interest_rate": "811", "asset_class": "9"} for n in range(5)]
    flat = {**FLAT, "date_of_latest_valuation": "2020-06-01"}
    found = read_foreign("eba-npl", write(tmp_path, loan=loans, propertycollateral=[{**flat, "loan_identifier": "0"}]))
    assert sorted(p.code for p in found.problems) == ["AFTER_CUT_OFF", "NOT_A_RATE", "UNKNOWN_CHOICE"]
    assert found.tables["contracts"].column("annual_rate").null_count == 5
    assert found.tables["contracts"].column("product").null_count == 5


def test_a_guarantee_is_no_asset(tmp_path: Path) -> None:
    paper = {"id": "41", "protection_identifier": "NPC1", "loan_identifier": "21", "collateral_type": "16",
             "currency_of_collateral": "EUR", "guarantee_amount": "500", "activation_of_guarantee": "True"}  # fmt: skip
    found = read_foreign("eba-npl", write(tmp_path, nonpropertycollateral=[paper]))
    (guarantee,) = found.tables["guarantees"].to_pylist()
    assert (guarantee["contract_id"], guarantee["cap"]) == ("21", 50_000)
    assert guarantee["first_demand_on"] is None  # activated, but the day is not stated
    assert "assets" not in found.tables


def test_enforcement_forbearance_and_money_received(tmp_path: Path) -> None:
    court = {"id": "51", "enforcement_identifier": "EF1", "counterparty_identifier": "11",
             "court_auction_identifier": "X",
             "property_collateral_identifier": "31", "currency_of_enforcement": "EUR", "contracted_date": "2018-06-01",
             "court_appraisal_amount": "800", "date_of_court_appraisal": "2019-11-01",
             "first_auction_date": "2019-12-01", "indicator_of_enforcement": "True",
             "court_auction_reserve_price_for_first_auction": "560"}  # fmt: skip
    eased = {"id": "61", "forbearance_identifier": "FB1", "counterparty_identifier": "11", "type_of_forbearance": "0",
             "start_date_of_forbearance": "2017-02-01"}  # fmt: skip
    paid = {"id": "71", "loan_identifier": "21", "reference_year": "2019", "reference_month": "2",
            "history_of_total_repayments": "90", "history_of_repayments_from_collateral_sales": "40"}  # fmt: skip
    templates = {"enforcement": [court], "forbearance": [eased], "historicalrepayment": [paid]}
    found = read_foreign("eba-npl", write(tmp_path, propertycollateral=[FLAT], **templates))
    rows = {name: table.to_pylist() for name, table in found.tables.items()}
    assert [(p["kind"], p["accepted_on"]) for p in rows["proceedings"]] == [("enforcement", date(2018, 6, 1))]
    assert [(r["claim_id"], r["proceeding_id"]) for r in rows["proceeding_claims"]] == [("21", "EF1")]
    assert [(r["asset_id"], r["reference_price"]) for r in rows["auction_lots"]] == [("PC1", 80_000)]
    assert [(r["starting_price"], r["result"]) for r in rows["auction_rounds"]] == [(56_000, "announced")]
    assert [(m["kind"], m["approved_on"]) for m in rows["modifications"]] == [("extension", date(2017, 2, 1))]
    assert [(r["source"], r["gross"], r["received_on"]) for r in rows["recoveries"]] == [
        ("debtor", 5_000, date(2019, 2, 28)), ("auction", 4_000, date(2019, 2, 28)),
    ]  # fmt: skip


def test_sources_that_are_no_portfolio(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_foreign("eba-npl", tmp_path)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="loan"):
        read_foreign("eba-npl", tmp_path)


def test_currencies_are_iso_4217() -> None:
    codes = [c.code for c in CURRENCIES]
    assert len(set(codes)) == len(codes) and codes[:6] == ["CNY", "USD", "EUR", "GBP", "HKD", "JPY"]
    assert [minor_units(c) for c in ("CNY", "JPY", "BHD", "KRW", "TND", "EUR")] == [100, 1, 1000, 1, 1000, 100]


def test_the_simulated_portfolio(shared_data: Path) -> None:
    """200 counterparties and loans, 102 properties, 98 other things, 97 enforcements (rows of the files)."""
    found = read_foreign("eba-npl", shared_data / "eba_npl")
    counts = {name: len(table) for name, table in found.tables.items()}
    assert (counts["parties"], counts["claims"], counts["assets"]) == (200, 200, 200)
    assert (counts["proceedings"], counts["modifications"]) == (97, 47)
    assert not [p for p in found.problems if p.severity == "bad"]
    assert len(found.problems) < 20 and set(counts) <= set(TABLES)
