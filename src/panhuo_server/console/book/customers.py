"""One customer and its group on one page: line, used, exposure, loans, guarantees both ways, rings, group, invoices.

Invariant: names and other personal values stay closed; they are opened by the one who asks for it by pressing, whose
role may read them, for that one answer, and the read is logged before it is given. Sums are over this party's rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.reads import personal_rows
from panhuo_server.accounts.roles import allows
from panhuo_server.console.book.exposure import (
    HOW,
    STATED,
    Debts,
    Exposure,
    class_badge,
    guarantees_of,
    lines_of,
    parts_of,
)
from panhuo_server.console.book.invoices import years_of
from panhuo_server.console.book.overview import SECTIONS
from panhuo_server.console.book.stated import Listed, Money, apart, customer_address, loan_address, said, sums
from panhuo_server.console.book.ways import PURPOSES
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import RISK, Figure, Figures, badge, day, row_address, sum_address
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.parts import exact_in, made_of, opened
from panhuo_server.console.pieces.timeline import moments_of_party
from panhuo_server.console.results import FactsOfNight, Night, the_night

NAMED = ("name",)
"""What "show names" opens of a party: the least that tells who it is."""


def group_of(facts: FactsOfNight, debts: Debts, party: str) -> list[dict[str, Any]]:
    """The groups a party belongs to: every member with what it owes, the sum and the group's limit."""
    night, found = facts.night, []

    def standing(row: dict[str, Any]) -> bool:
        return row["left_on"] is None or row["left_on"] > night.as_of

    mine = [r["group_id"] for r in facts.rows("group_members", "party_id", [party]) if standing(r)]
    for group in facts.rows("groups", "id", mine):
        if group["ended_on"] is not None and group["ended_on"] <= night.as_of:
            continue
        members = [r for r in facts.rows("group_members", "group_id", [group["id"]]) if standing(r)]
        debts.load([r["party_id"] for r in members])
        rows, total, currency = [], 0, group["currency"] or "CNY"
        for row in members:
            owed = debts.of(row["party_id"])
            total += owed.balance if owed.currency == currency else 0
            rows.append({
                "party": row["party_id"], "href": customer_address(row["party_id"]), "self": row["party_id"] == party,
                "basis": said("group_members", row, "basis"), "loans": len(owed.rows),
                "balance": Money.of(owed.balance, owed.currency), "class": class_badge(night, owed.worst),
                "size": owed.balance,
                "opens": sum_address("days_past_due", "book_balance", (("party_id", (row["party_id"],)),),
                                     owed.currency),
            })  # fmt: skip
        limit = group["limit_amount"]
        where = (("party_id", tuple(r["party"] for r in rows)),)
        whole = Figure(words.exact(total, currency), sum_address("days_past_due", "book_balance", where, currency),
                       Text("集团合计", "The group"))  # fmt: skip
        found.append({
            "id": group["id"], "basis": said("groups", group, "basis"),
            "members": sorted(rows, key=lambda r: (-r["size"], r["party"])),
            "whole": whole, "limit": words.exact(limit, currency) if limit is not None else None,
            "over": limit is not None and total > limit,
        })  # fmt: skip
    return found


def rings_of(night: Night, party: str) -> list[dict[str, Any]]:
    """The rings of guarantees a party stands in."""
    if "rings" not in night:
        return []
    held, found = night["rings"], []
    near = held.table.filter(pc.match_substring(held.table.column("members"), party)).to_pylist()
    for row in near:
        members = str(row["members"]).split(">")
        if party in members:
            found.append({"id": row["ring_id"], "href": row_address("rings", (row["ring_id"],)), "live": row["live"],
                          "page": f"/console/network/rings/{quote(row['ring_id'], safe='')}",
                          "members": [(m, customer_address(m)) for m in members],
                          "amount": words.exact(row["amount"], row["currency"] or "CNY")})  # fmt: skip
    return found


def names_of(visit: Visit, parties: Sequence[str]) -> dict[str, str]:
    """Names of parties for whoever pressed "show names"; logged before they are given. Inside `acting`."""
    if visit.request.method != "POST" or not parties:
        return {}
    found: dict[str, str] = {}
    for row in personal_rows("parties", sorted(set(parties)), NAMED):
        if row["name"]:
            found[row["id"]] = row["name"]
    return found


def _head(night: Night, party: str, owed: Exposure) -> list[Figure]:
    figures, where = Figures(night), (("party_id", (party,)),)
    currency = owed.currency
    found = []
    for name, column, title in (
        ("days_past_due", "book_balance", Text("账面余额", "Book balance")),
        ("days_past_due", "principal_balance", Text("已用（本金）", "Used: principal")),
        ("days_past_due", "overdue_principal", Text("逾期本金", "Principal past due")),
        ("provisions", "specific", Text("专项准备", "Specific provisions")),
        ("warnings", "consequence", Text("落入次级将增提", "Added if it became substandard")),
    ):
        if name in night:
            found.append(figures.total(name, column, where, currency=currency, title=title))
    return found


@page("GET", "HEAD", "POST")
def customer(visit: Visit, party_id: str) -> HttpResponse:
    """One customer; asked for by pressing "show names", with names."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        facts, debts = FactsOfNight(night), Debts(night)
        party = facts.one("parties", party_id)
        may_read = allows(visit.place.roles, "read_personal")
        if visit.request.method == "POST" and not may_read:
            raise Http404
        owed = debts.of(party_id)
        lines = lines_of(facts, party_id, owed)
        given_for, received, answers = guarantees_of(facts, debts, party_id)
        parts = {**lines.parts, "answers": answers}
        groups, rings = group_of(facts, debts, party_id), rings_of(night, party_id)
        seen = [party_id, *[g["party"] for g in (*given_for, *received)],
                *[m["party"] for g in groups for m in g["members"]]]  # fmt: skip
        names = names_of(visit, [p for p in seen if p != "—"])
        reports = sorted(facts.rows("credit_reports", "party_id", [party_id]), key=lambda r: r["queried_on"])
        stated = [
            (name, _figures(party_id, code, sums((c, part.amount) for c, part in parts[code])),
             "#given" if code == "answers" else "#lines")
            for code, name in STATED.items()
        ]  # fmt: skip
        if reports:
            last = reports[-1]
            stated += [
                (name, [Figure(said("credit_reports", last, column), fact_address("credit_reports", last, column))], "")
                for name, column in (
                    (Text(f"他行余额（{last['queried_on']}）", f"Owed elsewhere ({last['queried_on']})"),
                     "external_balance"),
                    (Text("他行授信机构", "Other lenders"), "lenders"),
                )
                if last[column] is not None
            ]  # fmt: skip
        industry = (party["industry"] or "")[:1]
        given = {
            "room": "book", "night": night, "party": party, "kind": said("parties", party, "kind"),
            "industry": SECTIONS.get(industry, words.DASH), "size": said("parties", party, "size"),
            "worst": class_badge(night, owed.worst), "head": _head(night, party_id, owed), "stated": stated,
            "mixed": owed.mixed, "lines": lines.rows, "loans": _loans(night, facts, party_id, owed), "given": given_for,
            "received": received, "groups": groups, "rings": rings, "names": names, "may_read": may_read,
            "warnings": _warnings(night, party_id), "invoices": years_of(facts, party_id),
            "network": f"/console/network/parties/{quote(party_id, safe='')}"
            if night.holds("ring_membership", party_id) else "",
            "moments": Listed.of(moments_of_party(facts, party_id)),
            "crumbs": [(Text("信贷台账", "Book"), "/console/book"), (Text(party_id, party_id), "")],
        }  # fmt: skip
    return shown(visit.request, "console/book_customer.html", given, visit=visit)


def _figures(party: str, code: str, amounts: Mapping[str, int]) -> list[Figure]:
    """A sum as figures, one a currency, each opening to its parts."""
    address = f"/console/why/customer/{quote(party, safe='')}"
    return [
        Figure(text, f"{address}?{urlencode({'of': code, 'currency': currency})}", exact=text)
        for currency, text in apart(amounts)
    ]


@page()
def why_customer(visit: Visit, party_id: str) -> HttpResponse:
    """A sum of a customer's lines or guarantees opened: its loans, lines or guarantees."""
    code, currency = visit.request.GET.get("of", ""), visit.request.GET.get("currency", "CNY")
    if code not in STATED:
        raise Http404
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        facts, debts = FactsOfNight(night), Debts(night)
        facts.one("parties", party_id)
        parts = [part for held, part in parts_of(facts, debts, party_id, code) if held == currency]
        name, reads = STATED[code], exact_in(currency)
        said_sum = reads(sum(part.amount for part in parts))
        given = {
            "title": Text(f"{name.zh} · {party_id}", f"{name.en} · {party_id}"),
            "sentence": Text(f"{party_id} 的{name.zh}为 {said_sum.zh}，截至 {night.as_of}。",
                             f"{name.en} of {party_id}: {said_sum.en}, as of {night.as_of}."),
            **made_of(name, parts, reads),
            "how": HOW[code],
        }  # fmt: skip
    return opened(visit, night, given)


def _loans(night: Night, facts: FactsOfNight, party: str, owed: Exposure) -> Listed:
    by_id = {row["id"]: row for row in facts.rows("drawdowns", "party_id", [party])}
    open_ids = {row["drawdown_id"] for row in owed.rows}
    found = []
    for row in sorted(owed.rows, key=lambda r: (-(r["book_balance"] or 0), r["drawdown_id"])):
        key, currency = (row["drawdown_id"],), row["currency"] or "CNY"
        cells = [
            Figure(Money.of(row[c], currency).text, row_address("days_past_due", key, c),
                   exact=words.exact(row[c], currency))
            for c in ("book_balance", "principal_balance")
        ]  # fmt: skip
        days = Figure(words.count(row["overdue_days"]), row_address("days_past_due", key, "overdue_days"))
        fact = by_id.get(row["drawdown_id"], {})
        found.append({
            "id": row["drawdown_id"], "href": loan_address(row["drawdown_id"]), "out": day(fact.get("out_on")),
            "due": day(fact.get("due_on")), "class": class_badge(night, row["class"]), "cells": cells, "days": days,
            "contract": row["contract_id"] or "—", "open": True,
        })  # fmt: skip
    for row in sorted((r for i, r in by_id.items() if i not in open_ids), key=lambda r: r["out_on"], reverse=True):
        found.append({"id": row["id"], "href": loan_address(row["id"]), "out": day(row["out_on"]),
                      "due": day(row["due_on"]), "status": said("drawdowns", row, "status"), "open": False,
                      "amount": Money.of(row["amount"], row["currency"] or "CNY"),
                      "contract": row["contract_id"]})  # fmt: skip
    return Listed.of(found)


def _warnings(night: Night, party: str) -> list[dict[str, Any]]:
    if "warnings" not in night:
        return []
    held = night["warnings"]
    table = held.table.append_column("_currency", Figures(night).currencies(held))
    mine = pc.and_(pc.equal(held.table.column("party_id"), party), pc.is_valid(held.table.column("level")))
    triggers = {k.code: Text(k.zh, k.en) for k in held.schema["trigger"].codes or ()}
    found = []
    for row in table.filter(mine).to_pylist():
        key = (row["drawdown_id"],)
        found.append({
            "id": row["drawdown_id"], "href": loan_address(row["drawdown_id"]),
            "level": badge(held.schema["level"], row["level"]), "trigger": triggers.get(row["trigger"], words.DASH),
            "step": RISK.get(row["level"], 0),
            "figure": Figure(words.exact(row["consequence"], row["_currency"]),
                             row_address("warnings", key, "consequence")),
        })  # fmt: skip
    return sorted(found, key=lambda r: (-r["step"], r["id"]))
