"""The rights that can be lost by a day passing, gathered from the facts, each with what happened to it.

Invariant: one right, one row; every claim held and every matured debt past due that no claim holds yet, every guarantee
and seizure behind them, every paper with a clock of its own. Nothing is computed here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from panhuo.tools.finance.guarantee import Guarantee
from panhuo.tools.finance.guaranteed_debts import Debts, Row, claim_amount, rows_of
from panhuo.tools.finance.guaranteed_debts import day_number as _day
from panhuo.tools.finance.limitation import Event, number_of
from panhuo.tools.finance.seizure import seizure_term


@dataclass(frozen=True)
class Right:
    """A right with a last day.

    Attributes:
        kind: a code of ``deadline_kinds``. entity: the fact it is about. claim, party: whose.
        base: day number its period runs from. stake: fen that are lost with it.
        events: what interrupts or suspends it. facts: further days it is computed from, by name.
        currency: of the stake.
    """

    kind: str
    entity: str
    claim: str | None
    party: str | None
    base: int | None
    stake: int | None
    events: tuple[Event, ...] = ()
    guarantee: Guarantee | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    currency: str = "CNY"


def _currency(row: Row) -> str:
    return row["currency"] or "CNY"


def gather_rights(snapshot: Any, days_past_due: Any = None) -> list[Right]:
    """Every right with a clock, from the facts known."""
    facts = Debts(snapshot, days_past_due)
    found: list[Right] = []
    enforcement = _instruments(facts)
    for claim in facts.claims:
        if claim["id"] in enforcement:
            found.append(enforcement[claim["id"]])
            continue
        parts = facts.parts(claim)
        if len(set(parts.values())) > 1:
            # Several debts that fell due on different days: a row each, or the later one would be missed.
            rights = [(f"{claim['id']}/{drawdown}", parts[drawdown], [drawdown]) for drawdown in sorted(parts)]
        else:
            rights = [(claim["id"], facts.due(claim), list(parts))]
        for entity, day, drawdowns in rights:
            found.append(
                Right(
                    "debt_limitation",
                    entity,
                    claim["id"],
                    claim["party_id"],
                    _day(day),
                    claim_amount(claim),
                    tuple(facts.debt_events(claim["id"], drawdowns)),
                    currency=_currency(claim),
                )
            )
    for drawdown in facts.unclaimed():
        events = facts.events.get(("debt", drawdown["id"]), [])
        base = number_of(drawdown["due_on"])
        found.append(
            Right(
                "debt_limitation",
                drawdown["id"],
                None,
                drawdown["party_id"],
                base,
                drawdown["overdue"] or None,
                tuple(events),
                currency=_currency(drawdown),
            )
        )
    found += _guarantees(facts)
    found += _seizures(facts)
    found += _appraisals(facts)
    found += _procedure(facts)
    return found


def _instruments(facts: Debts) -> dict[str, Right]:
    """The enforcement period of each claim with an effective instrument."""
    instruments = {i["id"]: i for i in rows_of(facts.snapshot, "instruments")}
    filed: dict[str, list[dt.date]] = defaultdict(list)
    by_claim: dict[str, dict[str, dt.date]] = defaultdict(dict)
    proceedings = {p["id"]: p for p in rows_of(facts.snapshot, "proceedings")}
    for link in rows_of(facts.snapshot, "proceeding_claims"):
        proceeding = proceedings.get(link["proceeding_id"])
        if proceeding is None or proceeding["status"] == "withdrawn":
            continue  # applied again after withdrawing, it must be within the period (民诉法解释 520)
        if proceeding["kind"] in ("enforcement", "resumed_enforcement"):
            day = proceeding["filed_on"] or proceeding["accepted_on"]
            if day is not None:
                filed[link["claim_id"]].append(day)
    for item in rows_of(facts.snapshot, "instrument_items"):
        instrument = instruments.get(item["instrument_id"])
        if item["claim_id"] and instrument and (instrument["effective_since_on"] or instrument["perform_by_on"]):
            day = item["perform_by_on"] or instrument["perform_by_on"] or instrument["effective_since_on"]
            # Instalments of one instrument run from the last (ENF-01); of several the first to run out counts.
            last = by_claim[item["claim_id"]]
            last[instrument["id"]] = max(day, last.get(instrument["id"], day))
    found = {}
    for claim in facts.claims:
        days = by_claim.get(claim["id"], {}).values()
        if not days or min(days) > facts.as_of:
            continue
        applied = min(filed[claim["id"]]) if filed[claim["id"]] else None
        found[claim["id"]] = Right(
            "enforcement_period",
            claim["id"],
            claim["id"],
            claim["party_id"],
            number_of(min(days)),
            claim_amount(claim),
            tuple(facts.events.get(("enforcement", claim["id"]), [])),
            facts={"applied": _day(applied)},
            currency=_currency(claim),
        )
    return found


def _guarantees(facts: Debts) -> list[Right]:
    """A right for each debt of each guarantee; debts that fell due on one day and have one history share it."""
    return [
        Right(
            "guarantee_period",
            found.id,
            found.debts[0].holder,
            found.row["guarantor_id"],
            found.guarantee.due,
            found.stake,
            found.events,
            found.guarantee,
            currency=found.debts[0].currency,
        )
        for found in facts.guaranteed()
    ]


def _asset_values(facts: Debts) -> tuple[dict[str, dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    assets = {a["id"]: a for a in rows_of(facts.snapshot, "assets")}
    by_asset = defaultdict(list)
    for appraisal in rows_of(facts.snapshot, "appraisals"):
        by_asset[appraisal["asset_id"]].append(appraisal)
    for appraisals in by_asset.values():
        appraisals.sort(key=lambda a: (a["appraised_on"], a["fact_sequence"], a["fact_position"]))
    return assets, by_asset


def _seizures(facts: Debts) -> list[Right]:
    assets, by_asset = _asset_values(facts)
    found = []
    for seizure in rows_of(facts.snapshot, "seizures"):
        if seizure["released_on"] is not None and seizure["released_on"] <= facts.as_of:
            continue
        if seizure["ours"] is False:
            continue
        asset = assets.get(seizure["asset_id"], {})
        values = by_asset.get(seizure["asset_id"], [])
        term = seizure_term(asset.get("kind"))
        valued = seizure if seizure["amount"] or not values else values[-1]
        found.append(
            Right(
                "seizure_expiry",
                seizure["id"],
                None,
                asset.get("owner_id"),
                number_of(seizure["from_on"]),
                valued["amount"],
                facts={"stated": _day(seizure["expires_on"]), "renewals": seizure["renewals"] or 0, "term": term},
                currency=_currency(valued),
            )
        )
    return found


def _appraisals(facts: Debts) -> list[Right]:
    assets, by_asset = _asset_values(facts)
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    lots = {lot["id"]: lot for lot in rows_of(facts.snapshot, "auction_lots")}
    for row in rows_of(facts.snapshot, "auction_rounds"):
        lot = lots.get(row["lot_id"])
        if lot is not None:
            rounds[lot["asset_id"]].append(row)
    found = []
    for asset_id, appraisals in by_asset.items():
        chosen = [a for a in appraisals if a["purpose"] == "enforcement"]
        if not chosen or any(r["result"] == "sold" for r in rounds[asset_id]):
            continue
        latest = chosen[-1]
        notices = [
            r["notice_on"]
            for r in rounds[asset_id]
            if r["notice_on"] and latest["appraised_on"] <= r["notice_on"] <= facts.as_of
        ]
        found.append(
            Right(
                "appraisal_validity",
                latest["id"],
                None,
                assets.get(asset_id, {}).get("owner_id"),
                number_of(latest["appraised_on"]),
                latest["amount"],
                facts={"stated": _day(latest["valid_to_on"]), "noticed": _day(min(notices) if notices else None)},
                currency=_currency(latest),
            )
        )
    return found


def _procedure(facts: Debts) -> list[Right]:
    found = []
    for mediation in rows_of(facts.snapshot, "mediations"):
        if mediation["agreed_on"] is None or mediation["confirmation_ruled_on"] is not None:
            continue
        if mediation["result"] not in (None, "agreed", "pending"):
            continue
        found.append(
            Right(
                "judicial_confirmation",
                mediation["id"],
                mediation["claim_id"],
                None,
                number_of(mediation["agreed_on"]),
                mediation["amount"],
                facts={"done": _day(mediation["confirmation_filed_on"])},
                currency=_currency(mediation),
            )
        )
    for bankruptcy in rows_of(facts.snapshot, "bankruptcies"):
        if bankruptcy["accepted_on"] is None and bankruptcy["claims_due_on"] is None:
            continue
        if bankruptcy["closed_on"] is None and (bankruptcy["claims_due_on"] or bankruptcy["filed_on"] is None):
            found.append(
                Right(
                    "bankruptcy_filing",
                    bankruptcy["id"],
                    bankruptcy["claim_id"],
                    bankruptcy["party_id"],
                    _day(bankruptcy["claims_due_on"]),
                    bankruptcy["declared"],
                    facts={"done": _day(bankruptcy["filed_on"])},
                    currency=_currency(bankruptcy),
                )
            )
    proceedings = rows_of(facts.snapshot, "proceedings")
    followed = {p["previous_proceeding_id"] for p in proceedings}
    sued = {p["matter_id"] for p in proceedings if p["kind"] in ("first_instance", "arbitration")}
    for proceeding in proceedings:
        if proceeding["kind"] == "first_instance" and proceeding["status"] == "decided" and proceeding["served_on"]:
            if proceeding["id"] in followed or proceeding["effective_since_on"] is not None:
                continue
            # Served means the judgment's own service when it comes after the decision.
            served = proceeding["served_on"]
            if proceeding["decided_on"] is not None and served >= proceeding["decided_on"]:
                found.append(_of_court("appeal", proceeding, served))
        elif proceeding["kind"] == "preservation" and proceeding["matter_id"] not in sued:
            day = proceeding["decided_on"] or proceeding["accepted_on"]
            if day is not None and proceeding["closed_on"] is None:
                found.append(_of_court("suit_after_preservation", proceeding, day))
    for plan in rows_of(facts.snapshot, "distributions"):
        if plan["served_on"] is not None and plan["objected_on"] is None and plan["claim_id"] is not None:
            found.append(
                Right(
                    "distribution_objection",
                    plan["id"],
                    plan["claim_id"],
                    None,
                    number_of(plan["served_on"]),
                    plan["claimed"],
                    currency=_currency(plan),
                )
            )
    return found


def _of_court(kind: str, proceeding: Row, day: dt.date) -> Right:
    currency = _currency(proceeding)
    return Right(kind, proceeding["id"], None, None, number_of(day), proceeding["amount"], currency=currency)
