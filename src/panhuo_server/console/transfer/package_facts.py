"""Packages as they were frozen, beside what their claims are today: sums, coverage, concentration, the worst.

Invariant: what was frozen is the package's own facts and never changes; today's figures are the night's; a claim the
night did not value counts as not covered, never as worth nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.paper.standing import approved_of
from panhuo_server.console.pieces.grids import code_text
from panhuo_server.console.results import Night
from panhuo_server.store.facts_about import facts_about

Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A claim in a package: as frozen, as it is now, what the night says of it; amounts in minor units."""

    frozen: Row
    now: Row | None
    value: int | None
    bid: int | None
    court: str
    region: str
    secured: str

    @property
    def id(self) -> str:
        """The claim."""
        return str(self.frozen["claim_id"] or self.frozen["id"])

    @property
    def debt(self) -> int:
        """Principal, interest and costs as frozen."""
        return sum(self.frozen[name] or 0 for name in ("principal", "interest", "advanced_costs"))

    @property
    def debt_now(self) -> int | None:
        """The same as the claim states them now."""
        return None if self.now is None else sum(self.now[n] or 0 for n in ("principal", "interest", "advanced_costs"))


def by_claim(night: Night, outcome: str, column: str) -> dict[str, Any]:
    """Claim -> a column of an outcome; empty when the night made none."""
    if outcome not in night:
        return {}
    table = night[outcome].table
    return dict(zip(table.column("claim_id").to_pylist(), table.column(column).to_pylist(), strict=True))


_SECURED: dict[Any, str] = {True: "secured", False: "unsecured"}


def items_of(night: Night, frozen: Sequence[Row]) -> list[Item]:
    """The items of packages, with what stands beside them."""
    ids = [row["claim_id"] for row in frozen if row["claim_id"]]

    def about(table: str, column: str, values: Sequence[Any]) -> list[Row]:
        return facts_about(table, column, [v for v in values if v], as_of=night.as_of, sequence=night.sequence)

    now = {row["id"]: row for row in about("claims", "id", ids)}
    parties = {row["id"]: row for row in about("parties", "id", [row["party_id"] for row in frozen])}
    links = about("proceeding_claims", "claim_id", ids)
    proceedings = {row["id"]: row for row in about("proceedings", "id", [link["proceeding_id"] for link in links])}
    courts: dict[str, str] = {}
    for link in sorted(links, key=lambda one: one["proceeding_id"]):
        if link["proceeding_id"] in proceedings:
            courts[link["claim_id"]] = proceedings[link["proceeding_id"]]["court"] or ""
    values, bids = by_claim(night, "claim_values", "value"), by_claim(night, "maximum_bids", "maximum_bid")
    secured = by_claim(night, "claim_values", "secured")
    return [
        Item(row, now.get(row["claim_id"]), values.get(row["claim_id"]), bids.get(row["claim_id"]),
             courts.get(row["claim_id"], ""), (parties.get(row["party_id"]) or {}).get("region") or "",
             _SECURED.get(secured.get(row["claim_id"]), "unknown"))
        for row in frozen
    ]  # fmt: skip


SECURED = {"secured": Text("有担保财产", "secured"), "unsecured": Text("无担保财产", "unsecured"),
           "unknown": Text("未估值", "not valued")}  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """Of a package: frozen and now, value, the steps to the maximum bid, and what is covered."""

    debt: int
    principal: int
    debt_now: int
    value: int
    steps: Mapping[str, int]
    covered: int
    covered_principal: int
    approved: int

    @property
    def bid(self) -> int:
        """The sum of maximum bids."""
        return self.steps["maximum_bid"]


BID_STEPS = {
    "at_target_return": Text("按目标回报折现", "At the target return"),
    "minus_management": Text("持有期管理费", "Management"),
    "minus_haircut": Text("相关性与尽调折扣", "Haircut"),
    "maximum_bid": Text("最高报价合计", "Maximum bids"),
}
"""Steps from the value at the target return to the bid, which open too."""


def sums_of(night: Night, items: Sequence[Item]) -> Sums:
    """What a package's items come to."""
    wanted = {item.id for item in items}
    approved = approved_of(night, wanted)
    steps = {
        name: sum(amount or 0 for claim, amount in by_claim(night, "maximum_bids", name).items() if claim in wanted)
        for name in BID_STEPS
    }
    return Sums(
        sum(item.debt for item in items), sum(item.frozen["principal"] or 0 for item in items),
        sum(item.debt_now or 0 for item in items), sum(item.value or 0 for item in items), steps,
        sum(item.debt for item in items if item.value is not None),
        sum(item.frozen["principal"] or 0 for item in items if item.value is not None),
        sum(item.debt for item in items if item.id in approved),
    )  # fmt: skip


def place_of(item: Item, by: str) -> tuple[str, Text]:
    """Where an item stands by city, court, security or class: code and name."""
    if by == "region":
        code, name = item.region, code_text("parties", "region", item.region or None)
    elif by == "court":
        code, name = item.court, Text(item.court, item.court) if item.court else Text("未诉", "no case")
    elif by == "secured":
        code, name = item.secured, SECURED[item.secured]
    else:
        code = item.frozen["five_class"] or ""
        name = code_text("package_items", "five_class", code or None)
    return code, name if name != words.DASH else Text("不明", "not known")


def shares(items: Sequence[Item], by: str) -> list[tuple[str, Text, int, int]]:
    """(code, name, items, frozen debt) by city, court, security or class, the largest first."""
    found: dict[tuple[str, Text], list[Item]] = defaultdict(list)
    for item in items:
        found[place_of(item, by)].append(item)
    listed = [(code, name, len(rows), sum(item.debt for item in rows)) for (code, name), rows in found.items()]
    return sorted(listed, key=lambda one: (-one[3], one[1].en))


def worst(items: Sequence[Item], most: int = 5) -> list[Item]:
    """Those whose value falls short of the frozen debt by most; what was not valued is not among them."""
    valued = [item for item in items if item.value is not None]
    return sorted(valued, key=lambda item: ((item.value or 0) - item.debt, item.id))[:most]
