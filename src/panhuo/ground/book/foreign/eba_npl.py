"""A portfolio in the European Banking Authority's NPL transaction templates into the tables of a book.

Invariant: everything stands under the source's own ids and as of the cut-off date of the portfolio; amounts keep the
currency they are stated in, and nothing is converted. A choice the template does not know, a currency that is none of
ISO 4217's and a day after the cut-off are named once a column, not once a row.

Files are told apart by their headers: one CSV a template. Choices are the positions the templates list them in (EBA
NPL templates of 2017/18, as openNPL numbers them): 0 is (a), 1 is (b), and so on.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.currencies import NOT_KNOWN
from panhuo.ground.book.foreign import Foreign
from panhuo.ground.book.foreign import eba_npl_choices as choices
from panhuo.ground.book.foreign.eba_npl_security import collateral, enforcement, forbearance, repayments
from panhuo.ground.book.foreign.eba_npl_source import (
    LACKS,
    NOBODY,
    NOT_USED,
    Rows,
    Source,
    cut_off_of,
    first_of_each,
    note_all,
    note_days,
    placed,
    templates_of,
)
from panhuo.ground.book.reading.problems import Problem

OPENING = "balance stated at the cut-off"


def read(source: Path) -> Foreign:
    """Reads a folder with one table a template (CSV or Parquet, under the templates' own column names).

    Raises:
        NotFound: no tables there.
        InvalidInput: the loans or the counterparties are missing.
    """
    found = templates_of(source)
    cut_off = cut_off_of(found)
    parties = _parties(found, cut_off)
    loans = _loans(found, cut_off, {row["id"] for row in parties})
    currency_of = {row["id"]: row["currency"] for row in loans["contracts"]}
    debtor_of = {row["id"]: row["party_id"] for row in loans["contracts"]}
    tables: Rows = {"parties": parties, **loans}
    for more in (
        collateral(found, cut_off, "propertycollateral", currency_of, debtor_of),
        collateral(found, cut_off, "nonpropertycollateral", currency_of, debtor_of),
        enforcement(found, cut_off, debtor_of),
        forbearance(found, debtor_of, currency_of),
        repayments(found, currency_of),
    ):
        for name, rows in more.items():
            tables.setdefault(name, []).extend(rows)
    if found.of("externalcollection"):
        count = len(found.of("externalcollection"))
        file = found.files["externalcollection"]
        found.problems.append(Problem.of(file, 0, "", "", NOT_USED, "note", count=count))
    _package(found, cut_off, tables)
    note_days(found, cut_off, tables)
    note_all(found, cut_off)
    built = {n: _table(n, rows) for n, rows in tables.items() if rows}
    details = {"source": "eba-npl", "note": "stated at the cut-off date; nothing is converted between currencies"}
    return Foreign(built, found.problems, cut_off, details)


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].fact_schema
    empty = dict.fromkeys(schema.names)
    return schema.conform(pa.Table.from_pylist([{**empty, "org_id": "self", **r} for r in rows], schema=schema.arrow()))


def _parties(found: Source, cut_off: date) -> list[dict[str, Any]]:
    rows = []
    for row in first_of_each(found, "counterparty"):
        currency = NOT_KNOWN
        person = found.choice("counterparty", row, "borrower_type", choices.BORROWERS) == "person"
        kind = "person" if person else "company"
        employees = found.number("counterparty", row, "number_of_fte")
        insolvent = row.get("status_of_legal_proceedings") == "2"
        rows.append(
            {
                **placed(found, "counterparty", row, cut_off),
                "id": row["id"],
                "kind": kind,
                "name": row.get("name_of_counterparty") or None,
                "industry": f"NACE {row['industry_segment']}" if row.get("industry_segment") else None,
                "size": found.choice("counterparty", row, "enterprise_size", choices.SIZES),
                "registered_on": found.day("counterparty", row, "date_of_incorporation"),
                "employees": int(employees) if employees is not None else None,
                "annual_revenue": found.money("counterparty", row, "annual_turnover", currency),
                "total_assets": found.money("counterparty", row, "total_assets", currency),
                "status": "in_bankruptcy" if insolvent else None,
                "classification_route": "retail" if person else "non_retail",
                "rating": row.get("current_internal_credit_rating") or None,
                "source_id": row.get("counterparty_identifier") or None,
                "currency": currency,
            }
        )
    return rows


def _loans(found: Source, cut_off: date, parties: set[str]) -> Rows:
    tables: Rows = {
        n: []
        for n in ("contracts", "drawdowns", "instalments", "postings", "claims", "claim_drawdowns", "stated_balances")
    }
    for row in first_of_each(found, "loan"):
        name, party = row["id"], row.get("counterparty_identifier", "")
        signed, due = found.day("loan", row, "date_of_origination"), found.day("loan", row, "current_maturity_date")
        currency = found.currency("loan", row, "loan_currency")
        granted = found.money("loan", row, "origination_amount", currency)
        amounts = {part: found.money("loan", row, column, currency) for part, column in choices.BALANCES.items()}
        needed = {"date_of_origination": signed, "current_maturity_date": due, "origination_amount": granted}
        lacking = [
            column for column, value in {**needed, "principal_balance": amounts["principal"]}.items() if value is None
        ]
        if party not in parties or lacking:
            found.bad("loan", row, lacking[0] if lacking else "counterparty_identifier", LACKS if lacking else NOBODY)
            continue
        common = {**placed(found, "loan", row, cut_off), "id": name, "party_id": party, "currency": currency}
        rate = found.rate("loan", row, "current_interest_rate")
        tables["contracts"].append(
            {
                **common,
                "number": row.get("instrument_identifier") or None,
                "lender_kind": "bank",
                "product": found.choice("loan", row, "asset_class", choices.PRODUCTS),
                "principal": granted,
                "purpose": found.choice("loan", row, "loan_purpose", choices.PURPOSES),
                "signed_on": signed,
                "due_on": due,
                "annual_rate": rate,
                "jurisdiction": row.get("governing_law_of_loan_agreement") or None,
            }
        )
        tables["drawdowns"].append(
            {
                **common,
                "contract_id": name,
                "number": row.get("loan_identifier") or None,
                "amount": granted,
                "out_on": signed,
                "due_on": due,
                "style": found.choice("loan", row, "amortisation_type", choices.STYLES),
                "annual_rate": rate,
                "credit_impaired": choices.IMPAIRED.get(row.get("accounting_stages_of_asset_quality", "")),
                "status": "open",
            }
        )
        interest = (amounts["interest"] or 0) + (amounts["interest_off_balance"] or 0)
        tables["claims"].append(
            {
                **common,
                "kind": "loan",
                "contract_id": name,
                "principal": amounts["principal"],
                "interest": interest,
                "advanced_costs": amounts["fee"],
                "base_on": cut_off,
                "due_on": due,
                "status": "held",
            }
        )
        tables["claim_drawdowns"].append(
            {
                **placed(found, "loan", row, cut_off),
                "id": name,
                "claim_id": name,
                "drawdown_id": name,
                "share": 1_000_000,
            }
        )
        tables["instalments"] += _past_due(found, row, common, cut_off)
        for component, amount in amounts.items():
            if amount is None:
                continue
            part = {
                **common,
                "id": f"{name}-{component}",
                "drawdown_id": name,
                "component": component,
                "amount": amount,
            }
            tables["stated_balances"].append({**part, "claim_id": name, "base_on": cut_off, "stated_by": "seller"})
            # The ledger as far as the templates tell it: what stands at the cut-off, and no receipt before it.
            kind = "disburse" if component == "principal" else "accrue"
            if amount > 0:
                tables["postings"].append({**part, "kind": kind, "posted_on": cut_off, "voucher": OPENING})
    return tables


def _past_due(found: Source, row: dict[str, str], common: dict[str, Any], cut_off: date) -> list[dict[str, Any]]:
    """The amount past due as an instalment that fell due as many days ago as the loan is stated to be past due."""
    days = found.number("loan", row, "days_in_pastdue")
    principal = found.money("loan", row, "pastdue_principal_amount", common["currency"]) or 0
    interest = found.money("loan", row, "pastdue_interest_amount", common["currency"]) or 0
    if days is None or not 0 < days < 20_000 or principal + interest <= 0:
        return []
    amounts = {"principal": max(principal, 0), "interest": max(interest, 0)}
    due = cut_off - timedelta(days=int(days))
    return [{**common, **amounts, "drawdown_id": row["id"], "number": 1, "due_on": due, "status": "due"}]


def _package(found: Source, cut_off: date, tables: Rows) -> None:
    """The portfolio as one package, with a frozen copy of every claim."""
    snapshot = (found.of("portfoliosnapshot") or [{"id": "portfolio", "name": "portfolio", "#": "0"}])[0]
    file = found.files.get("portfoliosnapshot", found.files["loan"])
    common = {"effective_on": cut_off, "source_doc": file, "source_row": int(snapshot["#"]) or None}
    claims = tables["claims"]
    currencies = {claim["currency"] for claim in claims}
    sums: dict[str, Any] = {}
    if len(currencies) == 1:  # a total over several currencies would be no amount at all
        sums = {f"stated_{n}": sum(c[n] or 0 for c in claims) for n in ("principal", "interest")}
        sums["currency"] = next(iter(currencies))
    tables["packages"] = [
        {
            **common,
            "id": snapshot["id"],
            "name": snapshot.get("name") or snapshot["id"],
            "kind": "corporate_batch",
            "status": "due_diligence",
            "base_on": cut_off,
            "debtors": len({claim["party_id"] for claim in claims}),
            **sums,
        }
    ]
    past_due = {row["id"]: found.number("loan", row, "days_in_pastdue") for row in found.of("loan") if row.get("id")}
    for claim in claims:
        days = past_due.get(claim["id"])
        tables.setdefault("package_items", []).append(
            {
                **{n: claim[n] for n in ("effective_on", "source_doc", "source_row", "id", "party_id", "principal",
                                         "interest", "advanced_costs", "currency")},
                "package_id": snapshot["id"],
                "claim_id": claim["id"],
                "overdue_days": int(days) if days is not None else None,
            }
        )  # fmt: skip
