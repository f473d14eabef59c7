"""What stands behind the loans of an EBA NPL portfolio, and what was done about them.

Invariant: collateral keeps the currency it was valued in; a guarantee is a guarantee and no asset; money received is
dated the last day of the month the template names.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from panhuo.ground.book.foreign import eba_npl_choices as choices
from panhuo.ground.book.foreign.eba_npl_source import LACKS, NOBODY, Rows, Source, first_of_each, placed


def collateral(
    found: Source, cut_off: date, template: str, currency_of: dict[str, str], debtor_of: dict[str, str]
) -> Rows:
    """Assets, their latest appraisal and the right that puts them behind a loan; guarantees as guarantees."""
    tables: Rows = {
        n: [] for n in ("assets", "appraisals", "security_rights", "security_assets", "security_rights_debts",
                        "burdens", "guarantees")
    }  # fmt: skip
    real = template == "propertycollateral"
    stated_in = "currency_of_property" if real else "currency_of_collateral"
    for row in first_of_each(found, template):
        loan = row.get("loan_identifier", "")
        if loan not in debtor_of:
            found.bad(template, row, "loan_identifier", NOBODY)
            continue
        # Ids are the source's own within a template; the template keeps two of them apart.
        name = row.get("protection_identifier") or f"{template}-{row['id']}"
        common = {
            **placed(found, template, row, cut_off),
            "id": name,
            "currency": found.currency(template, row, stated_in),
        }
        link = {**placed(found, template, row, cut_off), "id": name}
        if not real and row.get("collateral_type") == choices.GUARANTEE:
            tables["guarantees"].append(_guarantee(found, row, common, loan, debtor_of[loan], currency_of[loan]))
            continue
        kind = _asset_kind(found, template, row, real)
        area = found.number(template, row, "building_area_m2") if real else None
        area_hundredths = int((area * 100).to_integral_value()) if area is not None else None
        year = re.search(r"\d{4}", row.get("year_of_construction" if real else "year_of_manufacture", ""))
        tables["assets"].append(
            {
                **common,
                "kind": kind,
                "area_hundredths": area_hundredths,
                "built_year": int(year.group()) if year else None,
                "occupier": found.choice(template, row, "type_of_occupancy", choices.OCCUPIERS) if real else None,
                "description": row.get("city_of_property" if real else "name_or_model_of_collateral") or None,
            }
        )
        amount = found.money(template, row, "latest_valuation_amount", common["currency"])
        valued = found.day(template, row, "date_of_latest_valuation")
        if amount is not None and valued is not None:
            tables["appraisals"].append(
                {
                    **common,
                    "effective_on": valued,
                    "asset_id": name,
                    "purpose": "review",
                    "method": _method(found, template, row, real),
                    "appraised_on": valued,
                    "value_type": "market",
                    "amount": amount,
                    "valuer": row.get("provider_of_latest_valuation") or None,
                }
            )
        tables["security_rights"].append(
            {
                **common,
                "kind": "mortgage" if real else "pledge",
                "debtor_id": debtor_of[loan],
                "registration_number": row.get("register_of_deeds_number" if real else "registration_number") or None,
            }
        )
        tables["security_assets"].append(
            {**common, "security_right_id": name, "asset_id": name, "share": 1_000_000, "rank": 1}
        )
        tables["security_rights_debts"].append({**common, "security_right_id": name, "contract_id": loan})
        if real and row.get("type_of_occupancy") == "2":
            tables["burdens"].append({**link, "asset_id": name, "kind": "lease", "currency": common["currency"]})
    return tables


def _asset_kind(found: Source, template: str, row: dict[str, str], real: bool) -> str:
    """The kind of asset; the older, finer list of properties wins where the file has it."""
    if not real:
        return found.choice(template, row, "collateral_type", choices.COLLATERAL) or "other"
    finer = "type_of_property_legacy_subtype"
    if finer in row:
        if row[finer]:
            return found.choice(template, row, finer, choices.PROPERTIES) or "other"
    elif row.get("type_of_property"):
        return found.choice(template, row, "type_of_property", choices.PROPERTIES) or "other"
    sector = found.choice(template, row, "sector_of_property", choices.SECTORS)
    return sector or "other"


def _method(found: Source, template: str, row: dict[str, str], real: bool) -> str:
    if real and row.get("internal_or_external_latest_valuation") == "0":
        return "internal"
    return found.choice(template, row, "type_of_latest_valuation", choices.METHODS) or "internal"


def _guarantee(
    found: Source, row: dict[str, str], common: dict[str, Any], loan: str, debtor: str, currency: str
) -> dict[str, Any]:
    return {
        **common,
        "contract_id": loan,
        "debtor_id": debtor,
        "number": row.get("registration_number") or None,
        "kind": "not_agreed",
        "cap": found.money("nonpropertycollateral", row, "guarantee_amount", common["currency"]),
    }


def enforcement(found: Source, cut_off: date, debtor_of: dict[str, str]) -> Rows:
    """A dispute, its enforcement and the claims in it; lots and seizures where the row names the asset."""
    tables: Rows = {
        n: [] for n in ("matters", "proceedings", "proceeding_claims", "auction_lots", "auction_rounds", "appraisals")
    }
    template = "enforcement"
    loans_of: dict[str, list[str]] = {}
    for loan, debtor in debtor_of.items():
        loans_of.setdefault(debtor, []).append(loan)
    assets = {
        row["id"]: row.get("protection_identifier") or f"{t}-{row['id']}"
        for t in ("propertycollateral", "nonpropertycollateral")
        for row in found.of(t)
        if row.get("id")
    }
    for row in first_of_each(found, template):
        party = row.get("counterparty_identifier", "")
        if party not in loans_of:
            found.bad(template, row, "counterparty_identifier", NOBODY)
            continue
        name = row.get("enforcement_identifier") or row["id"]
        currency = found.currency(template, row, "currency_of_enforcement")
        begun = found.day(template, row, "contracted_date")
        sold = found.day(template, row, "sold_date")
        common = {**placed(found, template, row, cut_off), "id": name}
        tables["matters"].append({**common, "kind": "loan_dispute", "party_id": party, "opened_on": begun})
        tables["proceedings"].append(
            {
                **common,
                "matter_id": name,
                "kind": "enforcement",
                "court": row.get("jurisdiction_of_court") or None,
                "status": "accepted" if found.flag(row, "indicator_of_enforcement") else None,
                "amount": found.money(template, row, "amount_of_outstanding_liabilities", currency),
                "accepted_on": begun,
                "currency": currency,
            }
        )
        tables["proceeding_claims"] += [
            {**common, "id": f"{name}-{loan}", "proceeding_id": name, "claim_id": loan, "currency": currency}
            for loan in loans_of[party]
        ]
        pointers = ("property_collateral_identifier", "non_property_collateral_identifier", "protection_identifier")
        asset = next((assets[row[c]] for c in pointers if row.get(c) in assets), None)
        if asset is None:
            continue
        price = found.money(template, row, "court_appraisal_amount", currency)
        appraised = found.day(template, row, "date_of_court_appraisal")
        lot = {**common, "proceeding_id": name, "asset_id": asset, "currency": currency}
        tables["auction_lots"].append({**lot, "court": row.get("jurisdiction_of_court"), "reference_price": price})
        if price is not None and appraised is not None:
            tables["appraisals"].append(
                {**lot, "effective_on": appraised, "purpose": "enforcement", "method": "commissioned",
                 "appraised_on": appraised, "value_type": "market", "amount": price}
            )  # fmt: skip
        first = found.day(template, row, "first_auction_date")
        if first is not None:
            tables["auction_rounds"].append(
                {
                    **common,
                    "effective_on": first,
                    "lot_id": name,
                    "kind": "first",
                    "starts_on": first,
                    "starting_price": found.money(
                        template, row, "court_auction_reserve_price_for_first_auction", currency
                    ),
                    "result": "sold" if sold is not None and sold <= cut_off else "announced",
                    "price": found.money(template, row, "sale_agreed_price", currency),
                    "currency": currency,
                }
            )
    return tables


def forbearance(found: Source, debtor_of: dict[str, str], currency_of: dict[str, str]) -> Rows:
    """Changes of terms, dated the day forbearance began; one for each loan of the debtor where none is named."""
    template = "forbearance"
    loans_of: dict[str, list[str]] = {}
    for loan, debtor in debtor_of.items():
        loans_of.setdefault(debtor, []).append(loan)
    rows = []
    for row in first_of_each(found, template):
        named = row.get("loan_identifier", "")
        loans = [named] if named in debtor_of else loans_of.get(row.get("counterparty_identifier", ""), [])
        if not loans:
            found.bad(template, row, "counterparty_identifier", NOBODY)
            continue
        begun = found.day(template, row, "start_date_of_forbearance") or found.day(
            template, row, "date_of_first_forbearance"
        )
        if begun is None:
            found.bad(template, row, "start_date_of_forbearance", LACKS)
            continue
        kind = found.choice(template, row, "type_of_forbearance", choices.FORBEARANCE) or "rescheduling"
        name = row.get("forbearance_identifier") or row["id"]
        for loan in loans:
            rows.append(
                {
                    **placed(found, template, row, begun),
                    "id": name if len(loans) == 1 else f"{name}-{loan}",
                    "drawdown_id": loan,
                    "party_id": debtor_of[loan],
                    "kind": kind,
                    "difficulty_sign": "other",
                    "favours_debtor": True,
                    "approved_on": begun,
                    "annual_rate_after": found.rate(template, row, "interest_rate_under_forbearance"),
                    "amount_waived": found.money(template, row, "debt_forgiveness", currency_of[loan]),
                    "currency": currency_of[loan],
                }
            )
    return {"modifications": rows}


def repayments(found: Source, currency_of: dict[str, str]) -> Rows:
    """Money received by month, from sales of collateral apart."""
    template = "historicalrepayment"
    rows = []
    for row in first_of_each(found, template):
        loan = row.get("loan_identifier", "")
        year, month = found.number(template, row, "reference_year"), found.number(template, row, "reference_month")
        if loan not in currency_of:
            found.bad(template, row, "loan_identifier", NOBODY)
            continue
        if year is None or month is None or not 1 <= month <= 12 or not 1900 <= year <= 2200:
            found.bad(template, row, "reference_month", LACKS)
            continue
        day = _month_end(int(year), int(month))
        gross = found.money(template, row, "history_of_total_repayments", currency_of[loan])
        sales = found.money(template, row, "history_of_repayments_from_collateral_sales", currency_of[loan]) or 0
        common = {**placed(found, template, row, day), "drawdown_id": loan, "received_on": day}
        for source, amount in (("debtor", (gross or 0) - sales), ("auction", sales)):
            if amount > 0:
                rows.append(
                    {**common, "id": f"{row['id']}-{source}", "claim_id": loan, "source": source, "gross": amount,
                     "net": amount, "currency": currency_of[loan]}
                )  # fmt: skip
    return {"recoveries": rows}


def _month_end(year: int, month: int) -> date:
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
