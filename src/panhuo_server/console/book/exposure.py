"""What a customer owes, may draw and answers for: exposure, lines, guarantees both ways, each sum with its parts.

Invariant: amounts of several currencies are never added up; a sum is what its parts come to, and a part is a loan as
the night judged it or a fact as it was sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.book.stated import Money, customer_address, said, sums
from panhuo_server.console.pieces.figures import RISK, Badge, Figure, badge, day, in_column, row_address
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.parts import Part
from panhuo_server.console.results import FactsOfNight, Night

STATED = {
    "approved": Text("授信额度", "Approved lines"), "used": Text("已用", "Used"),
    "exposure": Text("敞口（不含低风险）", "Exposure, low risk apart"),
    "free": Text("额度内可用", "Free under the lines"),
    "answers": Text("为他人担保", "Answers for others"),
}  # fmt: skip
"""The sums of a customer's lines and guarantees, which open."""
HOW = {
    "approved": Text("未到期、未冻结额度的批准金额。",
                     "What was approved under lines that have not run out and are not frozen."),
    "used": Text("额度项下合同各笔借据的未还本金，由夜间运行算出。",
                 "Principal outstanding of the loans under the lines' contracts, as the night judged it."),
    "exposure": Text("同上，低风险业务额度除外。", "The same, lines for low-risk business apart."),
    "free": Text("批准金额减去未还本金；未约定循环的，减去已发放金额；不足为零。",
                 "What was approved less principal outstanding; less what was ever drawn where a line does not "
                 "revolve; never below nought."),
    "answers": Text("未解除的担保所担保的未还本金，以本币上限为限。",
                    "Principal under guarantees not released, up to each cap in its own currency."),
}  # fmt: skip
"""How each is worked out."""
LINE_SUMS = ("approved", "used", "exposure", "free")
"""The sums over a customer's lines."""


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
    """A party's credit lines: those that stand, what is approved and what is used, by currency.

    `parts` holds, by the name of each sum, what it is made of: the currency and the part.
    """

    rows: Sequence[dict[str, Any]]
    parts: Mapping[str, Sequence[tuple[str, Part]]]

    def sum_of(self, name: str) -> dict[str, int]:
        """A sum by currency."""
        return sums((currency, part.amount) for currency, part in self.parts[name])

    @property
    def approved(self) -> dict[str, int]:
        """Approved under lines that stand."""
        return self.sum_of("approved")

    @property
    def exposure(self) -> dict[str, int]:
        """Used under lines that are no low-risk business."""
        return self.sum_of("exposure")

    @property
    def used(self) -> dict[str, int]:
        """Principal outstanding under the lines."""
        return self.sum_of("used")

    @property
    def free(self) -> dict[str, int]:
        """What may still be drawn."""
        return self.sum_of("free")


def lines_of(facts: FactsOfNight, party: str, owed: Exposure) -> Lines:
    """Lines that have not run out, with the principal outstanding under their contracts.

    What was repaid is free again only where a line is stated to revolve.
    """
    night = facts.night
    contracts = {row["id"]: row for row in facts.rows("contracts", "party_id", [party])}
    loans = facts.rows("drawdowns", "party_id", [party])
    rows: list[dict[str, Any]] = []
    parts: dict[str, list[tuple[str, Part]]] = {name: [] for name in LINE_SUMS}
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
            "opens": Figure(in_column(line["approved"], currency), fact_address("facilities", line, "approved"),
                            exact=words.exact(line["approved"], currency)),
            "used": Money.of(taken, currency), "contracts": len(under),
            "free": Money.of(left, currency),
        })  # fmt: skip
        name, fact = Text(line["id"], line["id"]), fact_address("facilities", line, "approved")
        mine = [(currency, part) for part in _loans_under(owed, under, currency)]
        parts["approved"].append((currency, Part(name, line["approved"] if live else 0, fact)))
        parts["used"] += mine
        parts["exposure"] += mine if line["exposure_kind"] != "low_risk" else []
        parts["free"].append((currency, Part(name, left, fact)))
    rows.sort(key=lambda r: (not r["live"], r["id"]))
    return Lines(rows, parts)


def _loans_under(owed: Exposure, contracts: Sequence[str], currency: str) -> list[Part]:
    """The principal of each loan under these contracts, in a currency."""
    return [
        Part(Text(row["drawdown_id"], row["drawdown_id"]), row["principal_balance"] or 0,
             row_address("days_past_due", (row["drawdown_id"],), "principal_balance"))
        for row in owed.rows
        if row["contract_id"] in contracts and (row["currency"] or "CNY") == currency
    ]  # fmt: skip


def guarantees_of(
    facts: FactsOfNight, debts: Debts, party: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, Part]]]:
    """Guarantees given and received that stand, and the parts of the principal this party answers for beside its own.

    A cap holds down what is owed in its own currency alone.
    """
    night = facts.night
    contracts = [row["id"] for row in facts.rows("contracts", "party_id", [party])]
    sides = (facts.rows("guarantees", "guarantor_id", [party]), facts.rows("guarantees", "contract_id", contracts))
    others = [[r["debtor_id"] for r in sides[0]], [r["guarantor_id"] for r in sides[1]]]
    debts.load([p for side in others for p in side if p] + [party])
    found: list[list[dict[str, Any]]] = []
    answers: list[tuple[str, Part]] = []
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
                    name = Text(f"{row['id']}，{shown_party}", f"{row['id']}, {shown_party}")
                    answers.append((currency, Part(name, capped, fact_address("guarantees", row, "cap"))))
                listed.append({
                    "id": row["id"], "opens": fact_address("guarantees", row, "cap"),
                    "party": shown_party, "href": customer_address(shown_party),
                    "contract": row["contract_id"], "kind": said("guarantees", row, "kind"),
                    "cap": Money.of(row["cap"], cap_in), "amount": Money.of(capped, currency),
                    "size": capped, "class": class_badge(night, worst), "until": day(row["period_to_on"]),
                })  # fmt: skip
        found.append(sorted(listed, key=lambda r: (-r["size"], r["id"])))
    return found[0], found[1], answers


def parts_of(facts: FactsOfNight, debts: Debts, party: str, code: str) -> Sequence[tuple[str, Part]]:
    """What one of the sums in `STATED` is made of: currency and part."""
    if code == "answers":
        return guarantees_of(facts, debts, party)[2]
    return lines_of(facts, party, debts.of(party)).parts[code]


def class_badge(night: Night, code: str | None) -> Badge:
    """A class with its risk."""
    return badge(night["classes"].schema["class"], code) if "classes" in night else Badge(words.DASH, 0)
