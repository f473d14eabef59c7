"""One loan on one page: contract, plan against ledger, class with every rule, provisions, warnings, security, postings.

Invariant: totals of the postings shown are held against the night's balances, component by component, to the fen; what
does not tie is shown as not tied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book import ledger_of_loan
from panhuo_server.console.book.offers import offered
from panhuo_server.console.book.stated import Listed, Money, column_of, customer_address, pairs, said
from panhuo_server.console.book.ways import PURPOSES
from panhuo_server.console.book.why_ledger import PLAN, planned_address, posted_address
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import Badge, Figure, Figures, badge, day, row_address
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.ties import Tie
from panhuo_server.console.pieces.timeline import moments_of_loan
from panhuo_server.console.results import FactsOfNight, Night, purposes_of, the_night
from panhuo_server.console.why import Cited, name_of, rules_cited

_CONTRACT = ("number", "product", "purpose", "principal", "signed_on", "due_on", "rate_kind", "annual_rate",
             "penalty_uplift", "compound", "security_form", "appropriation_order", "notarised",
             "service_address_confirmed", "assignment_barred")  # fmt: skip
_DRAWDOWN = ("number", "amount", "out_on", "due_on", "style", "interest_day", "annual_rate", "payment_mode",
             "renewal_kind", "inclusive", "funds_misused", "credit_impaired", "status", "settled_on")  # fmt: skip
_HEAD = (
    ("days_past_due", "book_balance", Text("账面余额", "Book balance")),
    ("days_past_due", "principal_balance", Text("本金余额", "Principal")),
    ("days_past_due", "overdue_days", Text("逾期天数", "Days past due")),
    ("days_past_due", "overdue_principal", Text("逾期本金", "Principal past due")),
    ("days_past_due", "overdue_interest", Text("逾期利息", "Interest past due")),
    ("provisions", "specific", Text("专项准备", "Specific provision")),
    ("provisions", "expected_loss", Text("预期信用损失（参照）", "Expected loss, beside")),
    ("warnings", "consequence", Text("落入次级将增提", "Added if it became substandard")),
)  # fmt: skip
DECISIONS = 12
"""Class decisions a page lists; the time line has them all."""
_JUDGED = ("days_past_due", "class_floor", "classes", "provisions", "warnings")


@dataclass(frozen=True)
class Judged:
    """What one outcome says of a loan: its name, where it opens, reasons in words, rules among them, what is open."""

    name: Text
    href: str
    reasons: Sequence[tuple[str, str]]
    rules: Sequence[Cited]
    unknown: Sequence[tuple[str, str]]
    """Rules that could not be evaluated."""


def judged(visit: Visit, outcome: Outcome, key: str) -> Judged:
    """Every reason of an outcome for a loan, in the page's language, with the rules that fired."""
    opened = outcome.why(key, language=visit.language)
    said = [(reason["code"], reason["words"]) for reason in opened["reasons"]]
    fired = [one for one in said if not one[0].endswith("?")]
    cited = rules_cited(outcome, [code.rstrip("~") for code, _ in fired])
    unknown = [one for one in said if one[0].endswith("?")]
    return Judged(name_of(outcome.name), row_address(outcome.name, (key,)), fired, cited, unknown)


@dataclass(frozen=True)
class Component:
    """A component's postings by kind, what they come to, and the night's balance beside it."""

    name: Text
    kinds: Sequence[Money | None]
    balance: Money
    tie: Tie


def components(
    night: Night, drawdown: str, posted: Sequence[ledger_of_loan.Posted], currency: str
) -> tuple[list[Text], list[Component]]:
    """Kinds that occur as heads; a row a component with the tie to the night's balance."""
    sums = ledger_of_loan.by_component(posted)
    kinds = [k for k in ledger_of_loan.KINDS if any(k in held for held in sums.values())]
    codes = {k.code: Text(k.zh, k.en) for k in column_of("postings", "kind").codes or ()}
    names = {k.code: Text(k.zh, k.en) for k in column_of("postings", "component").codes or ()}
    figures, past = Figures(night), night["days_past_due"]
    row = past.table.slice(past.row_of(drawdown), 1).to_pylist()[0]
    found = []
    for component, held in sums.items():
        column, balance = f"{component}_balance", sum(held.values())
        ours = figures.cell("days_past_due", (drawdown,), column, short=False)
        tie = Tie(names[component], ours, row[column], Text("台账流水合计", "postings added up"), balance, currency)
        cells = [
            Money.of(held[k], currency, posted_address(drawdown, component, k)) if k in held else None for k in kinds
        ]
        whole = Money.of(balance, currency, posted_address(drawdown, component))
        found.append(Component(names[component], cells, whole, tie))
    return [codes[k] for k in kinds], found


@dataclass(frozen=True)
class Guarantor:
    """Who answers for the loan, and how."""

    party: str
    href: str
    told: Sequence[Text]
    released: bool


def security_of(facts: FactsOfNight, contract: str | None) -> tuple[list[Guarantor], list[dict[str, Any]]]:
    """Guarantees of a contract, and security rights with the assets they rest on."""
    guarantors = [
        Guarantor(row["guarantor_id"] or "—", customer_address(row["guarantor_id"] or ""),
                  [said("guarantees", row, n) for n in ("kind", "scope", "cap", "period_to_on") if row[n] is not None],
                  row["released_on"] is not None and row["released_on"] <= facts.night.as_of)
        for row in facts.rows("guarantees", "contract_id", [contract or ""])
    ]  # fmt: skip
    rights = facts.ids("security_rights_debts", "contract_id", [contract or ""], "security_right_id")
    held = {row["id"]: row for row in facts.rows("security_rights", "id", rights)}
    assets = []
    for link in facts.rows("security_assets", "security_right_id", rights):
        for asset in facts.rows("assets", "id", [link["asset_id"]]):
            right = held.get(link["security_right_id"], {"currency": None})
            assets.append({
                "id": asset["id"], "kind": said("assets", asset, "kind"), "rank": link["rank"] or right.get("rank"),
                "right": said("security_rights", right, "kind") if right.get("kind") else words.DASH,
                "cap": Money.of(right.get("maximum_amount") or right.get("registered_amount"),
                                right.get("currency") or "CNY"),
                "registered": day(right.get("registered_on")),
            })  # fmt: skip
    return guarantors, assets


def _decisions(facts: FactsOfNight, drawdown: str) -> list[dict[str, Any]]:
    rows = facts.rows("class_decisions", "drawdown_id", [drawdown])
    rows = sorted(rows, key=lambda r: (r["decided_on"], r["fact_sequence"], r["fact_position"]), reverse=True)
    column = column_of("class_decisions", "final")
    return [
        {"day": day(r["decided_on"]), "reason": r["reason"] or "",
         "cells": [badge(column, r[n]) for n in ("system_floor", "officer", "committee", "final")]}
        for r in rows
    ]  # fmt: skip


@page()
def loan(visit: Visit, drawdown_id: str) -> HttpResponse:
    """One loan."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        facts, figures = FactsOfNight(night), Figures(night)
        row = facts.one("drawdowns", drawdown_id)
        currency = row["currency"] or "CNY"
        contract = next(iter(facts.rows("contracts", "id", [row["contract_id"]])), None)
        posted = ledger_of_loan.walked(facts.rows("postings", "drawdown_id", [drawdown_id]))
        plan = ledger_of_loan.against_plan(
            facts.rows("instalments", "drawdown_id", [drawdown_id]), posted, night.as_of
        )  # fmt: skip
        on_books = {name: night.holds(name, drawdown_id) for name in _JUDGED}
        head: list[Figure] = [
            figures.cell(name, (drawdown_id,), column, title=title) for name, column, title in _HEAD if on_books[name]
        ]
        kinds, sums = components(night, drawdown_id, posted, currency) if on_books["days_past_due"] else ([], [])
        standing: Badge | None = None
        level: Badge | None = None
        if on_books["classes"]:
            held = night["classes"]
            standing = badge(held.schema["class"], held.table.column("class")[held.row_of(drawdown_id)].as_py())
        if on_books["warnings"]:
            held = night["warnings"]
            level = badge(held.schema["level"], held.table.column("level")[held.row_of(drawdown_id)].as_py())
        guarantors, assets = security_of(facts, row["contract_id"])
        claims = facts.ids("claim_drawdowns", "drawdown_id", [drawdown_id], "claim_id")
        codes = {k.code: Text(k.zh, k.en) for k in column_of("postings", "kind").codes or ()}
        names = {k.code: Text(k.zh, k.en) for k in column_of("postings", "component").codes or ()}
        lines = [
            {"day": p.row["posted_on"], "component": names[p.row["component"]], "kind": codes[p.row["kind"]],
             "effect": Money.of(p.effect, currency, fact_address("postings", p.row, "amount")),
             "principal": Money.of(p.principal, currency, posted_address(drawdown_id, "principal", upto=p.row["id"])),
             "voucher": p.row["voucher"] or "", "id": p.row["id"]}
            for p in reversed(posted)
        ]  # fmt: skip
        given = {
            "room": "book", "night": night, "loan": row, "head": head, "class": standing, "level": level,
            "class_href": row_address("classes", (drawdown_id,), "class"), "whole": not visit.request.GET.get("all"),
            "customer": customer_address(row["party_id"]), "contract": pairs("contracts", contract or {}, _CONTRACT),
            "drawdown": pairs("drawdowns", row, _DRAWDOWN), "kinds": kinds, "components": sums,
            "judged": [judged(visit, night[name], drawdown_id) for name in _JUDGED if on_books[name]],
            "plan": _plan(plan, drawdown_id, currency),
            "plan_total": _plan_total(plan, drawdown_id, currency), "guarantors": guarantors,
            "assets": assets, "postings": Listed(lines, len(lines)) if visit.request.GET.get("all")
            else Listed.of(lines), "decisions": _decisions(facts, drawdown_id)[:DECISIONS],
            "claims": sorted(claims) if visit.purpose_of(purposes_of("claim_values")) else [],
            "moments": moments_of_loan(facts, drawdown_id, row["contract_id"], row["party_id"]),
            "offer": offered(visit, night, drawdown_id) if on_books["classes"] else None,
            "crumbs": [(Text("信贷台账", "Book"), "/console/book"),
                       (Text(row["party_id"], row["party_id"]), customer_address(row["party_id"])),
                       (Text(drawdown_id, drawdown_id), "")],
        }  # fmt: skip
    return shown(visit.request, "console/book_loan.html", given, visit=visit)


def _plan(plan: Sequence[ledger_of_loan.Due], drawdown: str, currency: str) -> list[dict[str, Any]]:
    found = []
    for one in plan:
        state = Badge(Text("未到期", "to come"), 0)
        if not one.unpaid:
            state = Badge(Text("已还", "paid"), 1)
        elif one.fallen:
            part = one.unpaid < one.principal + one.interest
            state = Badge(Text("部分已还", "part paid") if part else Text("未还", "unpaid"), 4)
        fact = fact_address("instalments", one.row)
        found.append({"number": one.row["number"], "day": one.row["due_on"], "state": state, "cells": [
            Money.of(one.principal, currency, fact), Money.of(one.interest, currency, fact),
            Money.of(one.principal_covered, currency, posted_address(drawdown, "principal", "receive")),
            Money.of(one.interest_covered, currency, posted_address(drawdown, "interest", "receive")),
            Money.of(one.unpaid, currency, planned_address(drawdown, "unpaid", one.row["id"])),
        ]})  # fmt: skip
    return found


def _plan_total(plan: Sequence[ledger_of_loan.Due], drawdown: str, currency: str) -> list[Money]:
    return [
        Money.of(sum(getattr(due, column) for due in plan), currency, planned_address(drawdown, column))
        for column in PLAN
    ]
