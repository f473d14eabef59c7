"""The facts of one claim, gathered once: what it comes from, what secures it, what happened to it.

Invariant: only the acting organisation's own facts of the night's day and batch are read; nothing personal is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from panhuo_server.console.results import FactsOfNight, Night

Row = dict[str, Any]


class Holding:
    """A claim and the facts about it, each table read when it is asked for."""

    def __init__(self, night: Night, claim: Row) -> None:
        self.night = night
        self.facts = FactsOfNight(night)
        self.claim = claim
        self.id: str = claim["id"]
        self.currency: str = claim["currency"] or "CNY"

    def rows(self, table: str, column: str, values: Iterable[str | None]) -> list[Row]:
        """Facts of a table whose column is one of the values."""
        return self.facts.rows(table, column, (value for value in values if value))

    def _mine(self, table: str, by_day: str) -> list[Row]:
        found = self.rows(table, "claim_id", [self.id])
        return sorted(found, key=lambda row: (row[by_day] or row["effective_on"], row["id"]))

    @cached_property
    def drawdowns(self) -> list[Row]:
        """The drawdowns it comes from."""
        return self.rows("drawdowns", "id", self.shares)

    @cached_property
    def shares(self) -> dict[str, int | None]:
        """Drawdown -> the share of it the claim holds, in millionths; None where it is not stated."""
        return {row["drawdown_id"]: row["share"] for row in self.rows("claim_drawdowns", "claim_id", [self.id])}

    @cached_property
    def contracts(self) -> dict[str, Row]:
        """The contracts it rests on, by id."""
        ids = [self.claim["contract_id"], *(row["contract_id"] for row in self.drawdowns)]
        return {row["id"]: row for row in self.rows("contracts", "id", ids)}

    @cached_property
    def debtor(self) -> Row | None:
        """Who owes it."""
        return next(iter(self.rows("parties", "id", [self.claim["party_id"]])), None)

    @cached_property
    def guarantees(self) -> list[Row]:
        """Guarantees of its contracts."""
        return self.rows("guarantees", "contract_id", self.contracts)

    @cached_property
    def parties(self) -> dict[str, Row]:
        """Debtor, guarantors and providers of security, by id."""
        ids = [self.claim["party_id"], *(g["guarantor_id"] for g in self.guarantees)]
        ids += [right["provider_id"] for right in self.rights.values()]
        return {row["id"]: row for row in self.rows("parties", "id", ids)}

    @cached_property
    def rights(self) -> dict[str, Row]:
        """Our security rights behind it, by id."""
        drawdowns = {row["id"] for row in self.drawdowns}
        links = [
            row for row in self.rows("security_rights_debts", "contract_id", self.contracts)
            if row["drawdown_id"] is None or row["drawdown_id"] in drawdowns
        ]  # fmt: skip
        found = self.rows("security_rights", "id", [row["security_right_id"] for row in links])
        return {row["id"]: row for row in found if row["holder_id"] is None}

    @cached_property
    def placed(self) -> list[Row]:
        """Which right rests on which asset."""
        return self.rows("security_assets", "security_right_id", self.rights)

    @cached_property
    def assets(self) -> dict[str, Row]:
        """The assets behind it, by id."""
        return {row["id"]: row for row in self.rows("assets", "id", [row["asset_id"] for row in self.placed])}

    def of_assets(self, table: str) -> list[Row]:
        """Facts about its assets: burdens, seizures, appraisals."""
        return self.rows(table, "asset_id", self.assets)

    @cached_property
    def burdens(self) -> list[Row]:
        """Burdens on its assets."""
        return self.of_assets("burdens")

    @cached_property
    def seizures(self) -> list[Row]:
        """Seizures of its assets, the first before those that wait."""
        return sorted(
            self.of_assets("seizures"),
            key=lambda row: (row["asset_id"], row["kind"] != "first", row["seizure_order"] or 99, row["from_on"]),
        )

    @cached_property
    def appraisals(self) -> dict[str, Row]:
        """The latest appraisal of each asset."""
        found: dict[str, Row] = {}
        for row in sorted(self.of_assets("appraisals"), key=lambda r: (r["appraised_on"], r["fact_sequence"])):
            found[row["asset_id"]] = row
        return found

    @cached_property
    def assignments(self) -> list[Row]:
        """The chain of assignment, link by link."""
        return sorted(self.rows("assignments", "claim_id", [self.id]), key=lambda row: (row["number"] or 0, row["id"]))

    @cached_property
    def notices(self) -> list[Row]:
        """Notices sent about it."""
        return self._mine("notices", "sent_on")

    @cached_property
    def limitation_events(self) -> list[Row]:
        """What interrupted or suspended a period, of the claim or of its drawdowns."""
        own = self.rows("limitation_events", "claim_id", [self.id])
        ids = {row["id"] for row in own}
        before = self.rows("limitation_events", "drawdown_id", [row["id"] for row in self.drawdowns])
        found = own + [row for row in before if row["id"] not in ids]
        return sorted(found, key=lambda row: (row["done_on"] or row["effective_on"], row["id"]))

    @cached_property
    def proceedings(self) -> list[Row]:
        """Proceedings about it, in the order they were filed: those it is named in, and those that follow from them."""
        links = self.rows("proceeding_claims", "claim_id", [self.id])
        found = {row["id"]: row for row in self.rows("proceedings", "id", [row["proceeding_id"] for row in links])}
        matters = [row["matter_id"] for row in found.values()]
        for row in self.rows("proceedings", "matter_id", matters):
            found.setdefault(row["id"], row)
        return sorted(found.values(), key=lambda row: (row["filed_on"] or row["effective_on"], row["id"]))

    @cached_property
    def instruments(self) -> dict[str, Row]:
        """Enforceable instruments its proceedings led to, by id."""
        found = self.rows("instruments", "proceeding_id", [row["id"] for row in self.proceedings])
        return {row["id"]: row for row in found}

    @cached_property
    def items(self) -> list[Row]:
        """What the instruments order about it."""
        found = self.rows("instrument_items", "claim_id", [self.id])
        return sorted(found, key=lambda row: (row["instrument_id"], row["number"] or 0))

    @cached_property
    def measures(self) -> list[Row]:
        """Measures of enforcement in its proceedings."""
        found = self.rows("enforcement_measures", "proceeding_id", [row["id"] for row in self.proceedings])
        return sorted(found, key=lambda row: (row["taken_on"], row["id"]))

    @cached_property
    def stated(self) -> list[Row]:
        """Balances as somebody stated them."""
        return self._mine("stated_balances", "base_on")

    @cached_property
    def recoveries(self) -> list[Row]:
        """Money that came in."""
        return self._mine("recoveries", "received_on")

    @cached_property
    def costs(self) -> list[Row]:
        """Costs of it."""
        return self._mine("costs", "paid_on")

    @cached_property
    def mediations(self) -> list[Row]:
        """Mediations about it."""
        return self._mine("mediations", "opened_on")

    @property
    def total(self) -> int:
        """Principal, interest and advanced costs as the claim states them, in minor units."""
        return sum(self.claim[name] or 0 for name in ("principal", "interest", "advanced_costs"))


def holding_of(night: Night, claim_id: str) -> Holding | None:
    """A claim's facts; None when there is no such claim."""
    found = FactsOfNight(night).rows("claims", "id", [claim_id])
    return Holding(night, found[0]) if found else None


STATERS = ("seller", "lender", "auditor", "administrator", "court", "debtor", None)
"""Who states balances: the first of them who does is the one believed, never two added up."""


def stated_by_one(stated: Iterable[Row]) -> list[Row]:
    """The balances of one who stated them: the seller, else the lender, else the next of those who did."""
    rows = list(stated)
    for who in STATERS:
        if mine := [row for row in rows if row["stated_by"] == who]:
            return mine
    return []


def seller_stated(stated: Iterable[Row]) -> dict[str, int]:
    """Component -> what the seller (else the lender, else another) stated on the latest base day, in minor units."""
    rows = stated_by_one(stated)
    if not rows:
        return {}
    last = max(row["base_on"] or row["effective_on"] for row in rows)
    found: dict[str, int] = {}
    for row in rows:
        if (row["base_on"] or row["effective_on"]) == last:
            found[row["component"]] = found.get(row["component"], 0) + row["amount"]
    return found


def ordered_by_court(holding: Holding) -> dict[str, int]:
    """Component -> what the last instrument orders the debtor to pay in figures, in minor units."""
    mine = [i for i in holding.items if i["party_id"] == holding.claim["party_id"] and i["amount"] is not None]
    if not mine:
        return {}

    def since(item: Row) -> Any:
        made = holding.instruments.get(item["instrument_id"], {})
        return (made.get("made_on") or item["effective_on"], item["instrument_id"])

    last = max(mine, key=since)["instrument_id"]
    found: dict[str, int] = {}
    for item in mine:
        if item["instrument_id"] == last and item["component"]:
            found[item["component"]] = found.get(item["component"], 0) + item["amount"]
    return found
