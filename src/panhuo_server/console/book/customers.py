"""One customer and its group on one page: line, used, exposure, loans, guarantees both ways, rings, group, invoices.

Invariant: names and other personal values stay closed; they are opened by the one who asks for it by pressing, whose
role may read them, for that one answer, and the read is logged before it is given. Sums are over this party's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.reads import personal_rows
from panhuo_server.accounts.roles import allows
from panhuo_server.console.book.invoices import years_of
from panhuo_server.console.book.overview import SECTIONS
from panhuo_server.console.book.stated import Listed, Money, customer_address, each, loan_address, said, sums
from panhuo_server.console.book.ways import PURPOSES
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import RISK, Badge, Figure, Figures, badge, day, row_address, sum_address
from panhuo_server.console.pieces.timeline import moments_of_party
from panhuo_server.console.results import FactsOfNight, Night, the_night

NAMED = ("name",)
"""What "show names" opens of a party: the least that tells who it is."""


@dataclass
class Exposure:
    """What a party owes here by the last night: balances by loan, and the worst class among them."""

    rows: Sequence[dict[str, Any]]
    worst: str | None = None
    principal: int = 0
    balance: int = 0
    currency: str = "CNY"
    mixed: bool = False
    by_contract: dict[str, dict[str, int]] = field(default_factory=dict)
    """Contract -> currency -> principal."""


class Debts:
    """The night's loans by borrower, each outcome looked through once for all who are asked about."""

    def __init__(self, night: Night) -> None:
        self.night, self._held = night, dict[str, Exposure]()

    def load(self, parties: Sequence[str]) -> None:
        """Makes ready the loans of these parties."""
        wanted = pa.array(sorted({p for p in parties if p not in self._held}), pa.string())
        if not len(wanted) or "days_past_due" not in self.night:
            self._held |= {p: Exposure([]) for p in parties if p not in self._held}
            return
        past, classes = self.night["days_past_due"], self.night.get("classes")
        judged = past.subjects
        mask = pc.is_in(past.table.column("party_id"), value_set=wanted)
        rows = past.table.filter(mask).to_pylist()
        contracts = {}
        if judged is not None:
            mine = judged.filter(pc.is_in(judged.column("party_id"), value_set=wanted))
            contracts = dict(zip(mine.column("drawdown_id").to_pylist(), mine.column("contract_id").to_pylist(),
                                 strict=True))  # fmt: skip
        held: dict[str, str | None] = {}
        if classes is not None:
            mine = classes.table.filter(pc.is_in(classes.table.column("party_id"), value_set=wanted))
            held = dict(zip(mine.column("drawdown_id").to_pylist(), mine.column("class").to_pylist(), strict=True))
        for party in wanted.to_pylist():
            own = [r | {"class": held.get(r["drawdown_id"]), "contract_id": contracts.get(r["drawdown_id"])}
                   for r in rows if r["party_id"] == party]  # fmt: skip
            self._held[party] = _exposure(own)

    def of(self, party: str) -> Exposure:
        """One party's loans."""
        if party not in self._held:
            self.load([party])
        return self._held[party]


def _exposure(rows: Sequence[dict[str, Any]]) -> Exposure:
    known = [r["class"] for r in rows if r["class"] is not None]
    currencies = sorted({r["currency"] or "CNY" for r in rows})
    found = Exposure(rows, max(known, key=lambda c: RISK[c]) if known else None, mixed=len(currencies) > 1)
    found.currency = currencies[0] if currencies else "CNY"
    mine = [r for r in rows if (r["currency"] or "CNY") == found.currency]
    found.principal = sum(r["principal_balance"] or 0 for r in mine)
    found.balance = sum(r["book_balance"] or 0 for r in mine)
    for row in rows:
        if row["contract_id"]:
            held, currency = found.by_contract.setdefault(row["contract_id"], {}), row["currency"] or "CNY"
            held[currency] = held.get(currency, 0) + (row["principal_balance"] or 0)
    return found


@dataclass(frozen=True)
class Lines:
    """A party's credit lines: those that stand, what is approved and what is used, by currency."""

    rows: Sequence[dict[str, Any]]
    approved: dict[str, int]
    exposure: dict[str, int]
    used: dict[str, int]
    free: dict[str, int]


def lines_of(facts: FactsOfNight, party: str, owed: Exposure) -> Lines:
    """Lines that have not run out, with the principal outstanding under their contracts.

    What was repaid is free again only where a line is stated to revolve.
    """
    night = facts.night
    contracts = {row["id"]: row for row in facts.rows("contracts", "party_id", [party])}
    loans = facts.rows("drawdowns", "party_id", [party])
    rows: list[dict[str, Any]] = []
    parts: list[tuple[str, tuple[int, int, int, int]]] = []
    for line in facts.rows("facilities", "party_id", [party]):
        under = [c for c, row in contracts.items() if row["facility_id"] == line["id"]]
        currency = line["currency"] or "CNY"
        taken = sum(owed.by_contract.get(c, {}).get(currency, 0) for c in under)
        drawn = sum(d["amount"] for d in loans if d["contract_id"] in under and (d["currency"] or "CNY") == currency)
        live = (line["expires_on"] is None or line["expires_on"] >= night.as_of) and not line["frozen"]
        if not live and not taken:
            continue
        left = max(line["approved"] - (taken if line["revolving"] else drawn), 0) if live else 0
        rows.append({
            "id": line["id"], "kind": said("facilities", line, "exposure_kind"), "live": live,
            "revolving": said("facilities", line, "revolving"), "from": day(line["approved_on"]),
            "to": day(line["expires_on"]), "approved": Money.of(line["approved"], currency),
            "used": Money.of(taken, currency), "contracts": len(under),
            "free": Money.of(left, currency),
        })  # fmt: skip
        exposed = taken if line["exposure_kind"] != "low_risk" else 0
        parts.append((currency, (line["approved"] if live else 0, exposed, taken, left)))
    rows.sort(key=lambda r: (not r["live"], r["id"]))
    approved, exposure, used, free = [sums((c, amounts[n]) for c, amounts in parts) for n in range(4)]
    return Lines(rows, approved, exposure, used, free)


def guarantees_of(
    facts: FactsOfNight, debts: Debts, party: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]:
    """Guarantees given and received that stand, and the principal this party answers for beside its own, by currency.

    A cap holds down what is owed in its own currency alone.
    """
    night = facts.night
    contracts = [row["id"] for row in facts.rows("contracts", "party_id", [party])]
    sides = (facts.rows("guarantees", "guarantor_id", [party]), facts.rows("guarantees", "contract_id", contracts))
    others = [[r["debtor_id"] for r in sides[0]], [r["guarantor_id"] for r in sides[1]]]
    debts.load([p for side in others for p in side if p] + [party])
    found: list[list[dict[str, Any]]] = []
    answers: list[tuple[str, int]] = []
    for rows, whose, other in zip(sides, ("debtor_id", "contract"), ("debtor_id", "guarantor_id"), strict=True):
        listed = []
        for row in rows:
            if row["released_on"] is not None and row["released_on"] <= night.as_of:
                continue
            owner = debts.of(row["debtor_id"] or party) if whose == "debtor_id" else debts.of(party)
            shown_party = row[other] or "—"
            worst = debts.of(shown_party).worst if row[other] else None
            cap_in = row["currency"] or "CNY"
            for currency, amount in sorted(owner.by_contract.get(row["contract_id"], {}).items()):
                if not amount:
                    continue
                capped = amount if row["cap"] is None or cap_in != currency else min(amount, row["cap"])
                if whose == "debtor_id":
                    answers.append((currency, capped))
                listed.append({
                    "id": row["id"], "party": shown_party, "href": customer_address(shown_party),
                    "contract": row["contract_id"], "kind": said("guarantees", row, "kind"),
                    "cap": Money.of(row["cap"], cap_in), "amount": Money.of(capped, currency),
                    "size": capped, "class": _class(night, worst), "until": day(row["period_to_on"]),
                })  # fmt: skip
        found.append(sorted(listed, key=lambda r: (-r["size"], r["id"])))
    return found[0], found[1], sums(answers)


def _class(night: Night, code: str | None) -> Badge:
    return badge(night["classes"].schema["class"], code) if "classes" in night else Badge(words.DASH, 0)


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
                "balance": Money.of(owed.balance, owed.currency), "class": _class(night, owed.worst),
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


def _head(night: Night, party: str, owed: Exposure, lines: Lines) -> list[Figure]:
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


def party_of(facts: FactsOfNight, party: str) -> dict[str, Any]:
    """The facts of a party, its personal columns closed.

    Raises:
        Http404: when there is none of that name.
    """
    found = facts.rows("parties", "id", [party])
    if not found:
        raise Http404
    return found[0]


@page("GET", "HEAD", "POST")
def customer(visit: Visit, party_id: str) -> HttpResponse:
    """One customer; asked for by pressing "show names", with names."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        facts, debts = FactsOfNight(night), Debts(night)
        party = party_of(facts, party_id)
        may_read = allows(visit.place.roles, "read_personal")
        if visit.request.method == "POST" and not may_read:
            raise Http404
        owed = debts.of(party_id)
        lines = lines_of(facts, party_id, owed)
        given_for, received, answers = guarantees_of(facts, debts, party_id)
        groups, rings = group_of(facts, debts, party_id), rings_of(night, party_id)
        seen = [party_id, *[g["party"] for g in (*given_for, *received)],
                *[m["party"] for g in groups for m in g["members"]]]  # fmt: skip
        names = names_of(visit, [p for p in seen if p != "—"])
        reports = sorted(facts.rows("credit_reports", "party_id", [party_id]), key=lambda r: r["queried_on"])
        stated = [
            (Text("授信额度", "Approved lines"), each(lines.approved), "#lines"),
            (Text("已用", "Used"), each(lines.used), "#lines"),
            (Text("敞口（不含低风险）", "Exposure, low risk apart"), each(lines.exposure), "#lines"),
            (Text("额度内可用", "Free under the lines"), each(lines.free), "#lines"),
            (Text("为他人担保", "Answers for others"), each(answers), "#given"),
        ]  # fmt: skip
        if reports:
            last = reports[-1]
            stated += [
                (Text(f"他行余额（{last['queried_on']}）", f"Owed elsewhere ({last['queried_on']})"),
                 said("credit_reports", last, "external_balance"), ""),
                (Text("他行授信机构", "Other lenders"), said("credit_reports", last, "lenders"), ""),
            ]  # fmt: skip
        industry = (party["industry"] or "")[:1]
        given = {
            "room": "book", "night": night, "party": party, "kind": said("parties", party, "kind"),
            "industry": SECTIONS.get(industry, words.DASH), "size": said("parties", party, "size"),
            "worst": _class(night, owed.worst), "head": _head(night, party_id, owed, lines), "stated": stated,
            "mixed": owed.mixed, "lines": lines.rows, "loans": _loans(night, facts, party_id, owed), "given": given_for,
            "received": received, "groups": groups, "rings": rings, "names": names, "may_read": may_read,
            "warnings": _warnings(night, party_id), "invoices": years_of(facts, party_id),
            "network": f"/console/network/parties/{quote(party_id, safe='')}",
            "moments": Listed.of(moments_of_party(facts, party_id)),
            "crumbs": [(Text("信贷台账", "Book"), "/console/book"), (Text(party_id, party_id), "")],
        }  # fmt: skip
    return shown(visit.request, "console/book_customer.html", given, visit=visit)


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
            "due": day(fact.get("due_on")), "class": _class(night, row["class"]), "cells": cells, "days": days,
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
