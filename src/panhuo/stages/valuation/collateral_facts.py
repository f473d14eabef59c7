"""What stands behind each claim held, and what comes before us there: one row a (claim, asset).

Invariant: an asset stands behind a claim by a live security right of ours alone; an amount, a rank or an appraisal that
is not known is handed on as not known. Amounts of two currencies are never added.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from panhuo.ground.values.money import proportion
from panhuo.tools.finance.guaranteed_debts import Debts, Row, claim_amount, rows_of
from panhuo.tools.finance.priority import Charge, place_of, share_cap
from panhuo.tools.finance.seizure import seized_first_by_us

AHEAD = frozenset({"construction_price", "home_buyer", "tax_arrears", "land_premium"})
"""Burdens that come before a security right unless the book says otherwise."""
NOT_PAID = frozenset({"lease", "right_of_residence"})
"""Burdens that stay with the asset rather than being paid from its price, unless the book states an amount."""
WHOLE = 1_000_000


def collateral_rows(snapshot: Any) -> list[Row]:
    """The rows, without order: columns of ``collateral_values``' subject."""
    book = _Security(snapshot)
    behind: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for claim in book.debts.claims:
        for right in book.rights_of(claim):
            for asset in book.placed[right["id"]]:
                behind[claim["id"], asset["asset_id"]][right["id"]] = {**asset, "right": right}
    claims = {claim["id"]: claim for claim in book.debts.claims}
    debts: dict[str, int] = defaultdict(int)
    rows = []
    for (claim_id, asset_id), placed in behind.items():
        if asset_id not in book.assets:
            continue
        row = book.row(claims[claim_id], asset_id, list(placed.values()))
        debts[asset_id] += row["debt"]
        rows.append((row, placed))
    worth = {(row["claim_id"], row["asset_id"]): _worth(row) for row, _ in rows}
    for row, placed in rows:
        row["debts_secured"] = debts[row["asset_id"]]
        caps = [book.cap(right["right"], row, worth) for right in placed.values()]
        # One right without a cap beside a capped one: the claim is not capped on this asset.
        row["cap"] = None if None in caps else sum(cap for cap in caps if cap is not None)
    return [row for row, _ in rows]


def _worth(row: Row) -> int:
    """What an asset can bring to a claim before cost: the measure one cap over several assets is shared by."""
    if row["appraisal"] is None or row["rank"] is None or row["ahead_unknown"]:
        return 0
    return max(int(proportion(row["appraisal"], row["share"])) - row["rights_ahead"] - row["earlier_ranks"], 0)


class _Security:
    """The tables of security, indexed by what they are about."""

    def __init__(self, snapshot: Any) -> None:
        self.as_of: dt.date = snapshot.as_of
        self.debts = Debts(snapshot)
        contracts = {contract for claim in self.debts.claims for contract in self.contracts_of(claim)}
        parts = {part["id"] for claim in self.debts.claims for part in self.debts.drawdowns_of(claim)}
        # A right may secure the contract or, narrower, one drawdown of it.
        whole = rows_of(snapshot, "security_rights_debts", "contract_id", contracts)
        self.by_contract = _by((row for row in whole if row["drawdown_id"] is None), "contract_id")
        self.by_drawdown = _by(rows_of(snapshot, "security_rights_debts", "drawdown_id", parts), "drawdown_id")
        secured = [row for found in (self.by_contract, self.by_drawdown) for rows in found.values() for row in rows]
        rights = {row["security_right_id"] for row in secured}
        behind = {row["asset_id"] for row in rows_of(snapshot, "security_assets", "security_right_id", rights)}
        charges = rows_of(snapshot, "security_assets", "asset_id", behind)
        self.placed, self.on_asset = _by(charges, "security_right_id"), _by(charges, "asset_id")
        self.rights = {right["id"]: right for right in rows_of(snapshot, "security_rights", "id", self.placed)}
        self.assets = {asset["id"]: asset for asset in rows_of(snapshot, "assets", "id", behind)}
        self.burdens, self.seizures, self.lots, appraisals = (
            _by(rows_of(snapshot, name, "asset_id", behind), "asset_id")
            for name in ("burdens", "seizures", "auction_lots", "appraisals")
        )
        self.appraisals = {
            asset: max(rows, key=lambda row: (row["appraised_on"], row["fact_sequence"], row["fact_position"]))
            for asset, rows in appraisals.items()
        }

    def contracts_of(self, claim: Row) -> set[str]:
        """The contracts a claim rests on: its own, and those of its drawdowns."""
        found = {claim["contract_id"], *(part["contract_id"] for part in self.debts.drawdowns_of(claim))}
        return {contract for contract in found if contract is not None}

    def rights_of(self, claim: Row) -> list[Row]:
        """Our live security rights behind a claim."""
        links = [row for contract in self.contracts_of(claim) for row in self.by_contract[contract]]
        links += [row for part in self.debts.drawdowns_of(claim) for row in self.by_drawdown[part["id"]]]
        found = {row["security_right_id"]: self.rights.get(row["security_right_id"]) for row in links}
        return [
            right
            for _, right in sorted(found.items())
            if right is not None and right["holder_id"] is None and self._live(right)
        ]

    def row(self, claim: Row, asset_id: str, placed: list[Row]) -> Row:
        """One (claim, asset), but for what depends on other rows: the cap and the debts secured."""
        currency, asset = claim["currency"] or "CNY", self.assets[asset_id]
        appraisal = self.appraisals.get(asset_id, {})
        same = (appraisal.get("currency") or "CNY") == currency
        charges = [row for row in self.on_asset[asset_id] if row["security_right_id"] in self.rights]
        others = [row for row in charges if self._right(row)["holder_id"] is not None and self._live(self._right(row))]
        ranks = [c.rank for c in map(self._charge, charges) if c.rank is not None]
        ours = [self._charge(row) for row in placed]
        place = place_of(ours, [self._charge(row) for row in others], ranks, currency)
        ahead = [b for b in self.burdens[asset_id] if _is_ahead(b)]
        amounts = [_amount(b) if (b["currency"] or "CNY") == currency else None for b in ahead]
        leases = [b for b in self.burdens[asset_id] if b["kind"] == "lease"]
        return {
            "claim_id": claim["id"],
            "asset_id": asset_id,
            "kind": asset["kind"],
            "appraisal": appraisal.get("amount") if same else None,
            "appraised_on": appraisal.get("appraised_on"),
            "share": max(WHOLE if row["share"] is None else row["share"] for row in placed),
            "debt": claim_amount(claim),
            "earlier_ranks": place.earlier,
            "rights_ahead": sum(amount for amount in amounts if amount is not None),
            "leased": any(b["ends_on"] is None or b["ends_on"] >= self.as_of for b in leases),
            "first_seizure": seized_first_by_us(self.seizures[asset_id], asset["kind"], self.as_of),
            "buyer_bears_tax": any(lot["tax_bearer"] == "buyer" for lot in self.lots[asset_id]),
            "rank": place.rank,
            "ahead_unknown": place.amount_unknown or None in amounts,
            "order_unclear": place.order_unclear,
            "currency": currency,
        }

    def cap(self, right: Row, row: Row, worth: dict[tuple[str, str], int]) -> int | None:
        """What a right secures on the asset of a row at most: its one cap, shared by the assets it rests on."""
        placed = {asset["asset_id"]: asset["amount"] for asset in self.placed[right["id"]]}
        values = [worth.get((row["claim_id"], asset), 0) for asset in placed]
        shares = share_cap(right["maximum_amount"], list(placed.values()), values)
        return dict(zip(placed, shares, strict=True))[row["asset_id"]]

    def _right(self, placed: Row) -> Row:
        return self.rights[placed["security_right_id"]]

    def _live(self, right: Row) -> bool:
        return right["released_on"] is None or right["released_on"] > self.as_of

    def _charge(self, placed: Row) -> Charge:
        right = self._right(placed)
        rank = right["rank"] if placed["rank"] is None else placed["rank"]
        amount = right["maximum_amount"] if right["registered_amount"] is None else right["registered_amount"]
        since = right["registered_on"] or right["delivered_on"]
        return Charge(rank, since, amount, right["currency"] or "CNY")


def _by(rows: Any, column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _amount(burden: Row) -> int | None:
    found: int | None = burden["amount_low"] if burden["amount_high"] is None else burden["amount_high"]
    return found


def _is_ahead(burden: Row) -> bool:
    if burden["kind"] in NOT_PAID and _amount(burden) is None:
        return False
    stated: bool | None = burden["ahead_of_security"]
    return burden["kind"] in AHEAD if stated is None else stated
