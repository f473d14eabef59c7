"""What a bank sees around its loans: turnover by month, credit reports, inspections, ties, invoices, prices, consent.

Invariant: what is seen carries the truth with noise: weak borrowers look weaker, but no column alone tells who
defaults; whatever is planted (hidden ties, fraud groups) shows only as the traces such things leave.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from panhuo.ground.values.dates import days_from_civil
from panhuo.sample.facts import Facts, coded, numbered
from panhuo.sample.lending import Lending
from panhuo.sample.parties import Registry, party_ids
from panhuo.sample.population import LEAD, MONTH_WEIGHTS, Population, month_starts
from panhuo.sample.presets import AS_OF, MONTHS, NEVER, UNKNOWN
from panhuo.sample.security import Security
from panhuo.sample.streams import pick, stream


def last_days(people: Population, lending: Lending) -> np.ndarray:
    """Per borrower: the day after which nothing more is observed of it."""
    found = np.zeros(people.count, dtype=np.int64)
    np.maximum.at(found, lending.borrower, np.where(lending.stop < NEVER, lending.stop + 300, lending.due + 20))
    return np.minimum(found, AS_OF)


def tell_observations(people: Population, lending: Lending, facts: Facts) -> None:
    """Writes monthly turnover on the account of every firm, and of owners in the last year; suits and cases."""
    chance = stream(people.seed, "observations")
    starts = month_starts()
    ends = starts[1:] - 1
    until = last_days(people, lending)
    base = np.zeros(people.count)
    np.add.at(base, lending.slots.borrower, lending.slots.base.astype(np.float64))
    monthly = base * np.exp(1.1 + 0.5 * chance.normal(size=people.count) - 0.15 * people.quality) / 12
    drift = np.zeros(people.count)
    farm = people.industry == 3
    for month in range(LEAD, LEAD + MONTHS):
        end = int(ends[month])
        shock = 0.18 * chance.normal(size=people.count)
        drift = 0.7 * drift + shock
        seen = (people.start_on < end) & (until > end)
        owners = (month >= LEAD + MONTHS - 12) & (chance.random(people.count) < 0.6)
        rows = np.flatnonzero(seen & (people.corporate | owners))
        if not len(rows):
            continue
        season = np.asarray(MONTH_WEIGHTS)[(month + 6) % 12] / 8.33
        before = np.clip((people.default_on[rows] - end) / 270.0, 0.0, 1.0)
        sick = np.where(people.default_on[rows] < NEVER, 0.35 + 0.65 * before, 1.0)
        cycle = np.exp(-0.06 * people.factor[people.region[rows], people.industry[rows], month])
        swing = np.where(farm[rows], 0.5 + season, 0.7 + 0.3 * season)
        value = monthly[rows] * sick * cycle * swing * np.exp(drift[rows])
        facts.add(
            "observations",
            {
                "id": numbered(f"OA{month - LEAD + 1:02d}", rows, 6), "effective_on": np.full(len(rows), end),
                "party_id": party_ids(rows), "month_end_on": np.full(len(rows), end), "measure": "account_inflow",
                "value": (value / 100).astype(np.int64) * 100, "source": "bank_account",
            },
        )  # fmt: skip
        risk = people.hazard[rows] / 12 * np.where(before < 1.0, 6.0, 1.2) * people.corporate[rows]
        sued = rows[chance.random(len(rows)) < np.minimum(risk, 0.2)]
        if len(sued):
            facts.add(
                "observations",
                {
                    "id": numbered(f"OL{month - LEAD + 1:02d}", sued, 6), "effective_on": np.full(len(sued), end),
                    "party_id": party_ids(sued), "month_end_on": np.full(len(sued), end),
                    "measure": coded(("lawsuits_as_defendant", "enforcement_cases"), chance.integers(0, 2, len(sued))),
                    "value": 1, "source": "public_record",
                },
            )  # fmt: skip


def tell_reports(people: Population, lending: Lending, facts: Facts) -> None:
    """Writes `credit_reports` (one a contract) and `consents`, some of them withdrawn."""
    chance = stream(people.seed, "credit reports")
    borrower = lending.slots.borrower[lending.contract_slot]
    count = len(borrower)
    number = np.arange(count)
    on = lending.contract_on - 5
    z = people.quality[borrower]
    lenders = people.lenders[borrower]
    others = np.maximum(lenders - 1, 0)
    balance = (others * lending.contract_principal * np.exp(0.5 * chance.normal(size=count) - 0.2) / 1e6).astype(
        np.int64
    )
    near = np.clip(1 - (people.default_on[borrower] - on) / 400.0, 0.0, 1.0) * (people.default_on[borrower] < NEVER)
    late = (chance.random(count) < np.minimum(0.015 * np.exp(0.6 * z) + 0.10 * near, 0.5)) & (others > 0)
    days = np.where(late, chance.integers(3, 60, count), 0)
    queries = chance.poisson(np.minimum(1.2 * np.exp(0.25 * z + 0.6 * near), 12))
    overdue_months = chance.poisson(np.minimum(0.30 * np.exp(0.5 * z), 6))
    facts.add(
        "credit_reports",
        {
            "id": numbered("H", number, 6), "effective_on": on, "party_id": party_ids(borrower),
            "consent_id": numbered("U", borrower, 6), "query_basis": "application", "queried_on": on,
            "external_balance": balance * 1_000_000, "external_overdue": np.where(late, balance * 20_000, 0),
            "external_overdue_over_90_days": 0, "external_overdue_days": days, "lenders": lenders,
            "queries_in_six_months": queries,
            "guarantees_given": np.where(people.ring[borrower] >= 0, lending.contract_principal, 0),
            "overdue_months_in_two_years": overdue_months, "currency": "CNY",
        },
    )  # fmt: skip
    everyone = np.arange(people.count)
    granted = people.start_on - 6
    facts.add(
        "consents",
        {
            "id": numbered("U", everyone, 6), "effective_on": granted, "party_id": party_ids(everyone),
            "purpose": "credit_report_query", "granted": True, "granted_on": granted, "separate": True,
            "evidence": "电子签名",
        },
    )  # fmt: skip
    some = np.flatnonzero(chance.random(people.count) < 0.45)
    facts.add(
        "consents",
        {
            "id": numbered("UA", some, 6), "effective_on": granted[some], "party_id": party_ids(some),
            "purpose": "alternative_data", "granted": True, "granted_on": granted[some], "separate": True,
        },
    )  # fmt: skip
    gone = some[chance.random(len(some)) < 0.03]
    day = granted[gone] + chance.integers(60, 900, len(gone))
    keep = day <= AS_OF
    facts.add(
        "consents",
        {
            "id": numbered("UA", gone[keep], 6), "effective_on": day[keep], "party_id": party_ids(gone[keep]),
            "purpose": "alternative_data", "granted": False, "granted_on": granted[gone[keep]],
            "withdrawn_on": day[keep], "separate": True,
        },
    )  # fmt: skip


def tell_inspections(people: Population, lending: Lending, facts: Facts) -> None:
    """Writes `inspections` of firms and `decisions` on the larger lines."""
    chance = stream(people.seed, "inspections")
    borrower = lending.slots.borrower[lending.contract_slot]
    number = np.arange(len(borrower))
    day = lending.contract_on + 150 + chance.integers(0, 60, len(borrower))
    rows = np.flatnonzero(people.corporate[borrower] & (day <= AS_OF) & (chance.random(len(borrower)) < 0.8))
    near = (people.default_on[borrower[rows]] - day[rows] < 240) & (people.default_on[borrower[rows]] > day[rows])
    score = people.quality[borrower[rows]] + 1.2 * near + chance.normal(size=len(rows))
    result = np.searchsorted([1.7, 3.0], score)
    facts.add(
        "inspections",
        {
            "id": numbered("N", rows, 6), "effective_on": day[rows], "party_id": party_ids(borrower[rows]),
            "kind": "regular", "inspected_on": day[rows], "result": coded(("normal", "concern", "serious"), result),
            "operating": ~((result == 2) & (chance.random(len(rows)) < 0.4)),
            "use_as_agreed": chance.random(len(rows)) > 0.01,
        },
    )  # fmt: skip
    large = number[lending.contract_principal >= 500_000_000]
    on = lending.contract_on[large] - 5
    against = chance.integers(0, 3, len(large))
    facts.add(
        "decisions",
        {
            "id": numbered("Z", large, 6), "effective_on": on, "party_id": party_ids(borrower[large]), "kind": "credit",
            "body": "credit_committee", "meeting_on": on,
            "result": coded(("approved", "approved_with_conditions"), pick(chance, [0.6, 0.4], len(large))),
            "amount": lending.contract_principal[large], "votes_for": 7 - against, "votes_against": against,
            "votes_abstained": 0, "currency": "CNY",
        },
    )  # fmt: skip


def tell_ties(people: Population, lending: Lending, registry: Registry, facts: Facts) -> None:
    """Writes `relations` (trade, transfers, shared telephone and address) and `groups`; plants the hidden ties."""
    chance = stream(people.seed, "ties")
    firms = people.corporates
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []  # from, to, kind, amount
    kinds = ("invoice", "transfer", "phone", "address", "kinship")
    if firms > 3:
        count = int(firms * 1.1)
        parts.append(
            (
                chance.integers(0, firms, count),
                chance.integers(0, firms, count),
                np.zeros(count),
                np.exp(13 + chance.normal(size=count)),
            )
        )
        members = np.flatnonzero(people.ring >= 0)
        loops = members[chance.random(len(members)) < 0.4]
        parts.append(
            (loops, people.ring_next[loops], np.ones(len(loops)), np.exp(14 + 0.6 * chance.normal(size=len(loops))))
        )
        hidden = max(2, int(firms * 0.012))
        left, right = chance.integers(0, firms, hidden), chance.integers(0, firms, hidden)
        apart = left != right
        left, right = left[apart], right[apart]
        trace = chance.integers(2, 5, len(left))
        parts.append((left, right, trace, np.full(len(left), -1.0)))
        parts.append((left, right, np.ones(len(left)), np.exp(13.5 + 0.7 * chance.normal(size=len(left)))))
        people.truth["hidden_left"], people.truth["hidden_right"] = left, right
    grouped = np.flatnonzero(people.fraud_group >= 0)
    order = grouped[np.argsort(people.fraud_group[grouped], kind="stable")]
    same = people.fraud_group[order[1:]] == people.fraud_group[order[:-1]]
    left, right = order[:-1][same], order[1:][same]
    parts.append((left, right, chance.integers(2, 4, len(left)), np.full(len(left), -1.0)))
    start, end, kind, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    keep = start != end
    start, end, kind, amount = (
        start[keep].astype(np.int64),
        end[keep].astype(np.int64),
        kind[keep].astype(np.int64),
        amount[keep],
    )
    day = np.minimum(np.maximum(people.start_on[start], people.start_on[end]) + 60, AS_OF)
    facts.add(
        "relations",
        {
            "id": numbered("RL", np.arange(len(start)), 6), "effective_on": day, "from_party_id": party_ids(start),
            "to_party_id": party_ids(end), "kind": coded(kinds, kind),
            "amount": np.where(amount > 0, (np.abs(amount) * 100).astype(np.int64), UNKNOWN),
            "times": np.where(amount > 0, 1 + kind * 4, UNKNOWN), "first_on": day - 50, "last_on": day,
            "currency": "CNY",
        },
    )  # fmt: skip
    owners = np.flatnonzero(people.firm >= 0)
    agreed = np.maximum(people.start_on[owners], people.start_on[people.firm[owners]]) + 5
    owners = owners[agreed <= AS_OF]
    agreed = agreed[agreed <= AS_OF]
    facts.add(
        "groups",
        {
            "id": numbered("GR", owners, 6),
            "effective_on": agreed,
            "basis": "common_control",
            "agreed_on": agreed,
            "currency": "CNY",
        },
    )
    for letter, member in (("O", owners), ("F", people.firm[owners])):
        facts.add(
            "group_members",
            {
                "id": numbered(f"GM{letter}", owners, 6),
                "effective_on": agreed,
                "group_id": numbered("GR", owners, 6),
                "party_id": party_ids(member),
                "basis": "common_control",
                "joined_on": agreed,
            },
        )


def tell_invoices(people: Population, lending: Lending, facts: Facts) -> None:
    """Writes `invoices` and `transactions` of a few firms: enough to try the tools on, not a tax office.

    Each of these firms consented to the use of its invoices; one in sixteen took it back.
    """
    chance = stream(people.seed, "invoices")
    firms = np.flatnonzero(
        (people.kind[: people.corporates] == 0) & (people.start_on[: people.corporates] < AS_OF - 400)
    )
    firms = firms[:: max(1, len(firms) // max(3, people.count // 120))]
    if not len(firms):
        return
    each = 150
    owner = np.repeat(firms, each)
    count = len(owner)
    first = np.repeat(np.maximum(people.start_on[firms] - 200, days_from_civil(2020, 1, 1)), each)
    day = first + (chance.random(count) * np.minimum(np.maximum(AS_OF - first, 1), 730)).astype(np.int64)
    sale = chance.random(count) < 0.55
    partner = (chance.random(count) ** 2.2 * 25).astype(np.int64)
    net = (np.exp(9.6 + 1.1 * chance.normal(size=count) + 0.3 * people.size[owner]) * 100).astype(np.int64)
    red = chance.random(count) < 0.02
    net = np.where(red, -net // 4, net)
    tax = net * 13 // 100
    facts.add(
        "invoices",
        {
            "id": numbered("FP", np.arange(count), 7),
            "effective_on": day,
            "party_id": party_ids(owner),
            "direction": coded(("purchase", "sale"), sale.astype(np.int64)),
            "number": numbered("", np.arange(count) + 10_000_000, 8),
            "counterparty": numbered("E", owner * 50 + partner + np.where(sale, 0, 25), 7),
            "issued_on": day,
            "net": net,
            "tax": tax,
            "gross": net + tax,
            "status": coded(("valid", "void"), (chance.random(count) < 0.05).astype(np.int64)),
            "kind": coded(("special", "ordinary", "electronic"), pick(chance, [0.4, 0.2, 0.4], count)),
            "red_letter": red,
            "currency": "CNY",
        },
    )
    granted = people.start_on[firms] - 6
    consent = {"party_id": party_ids(firms), "purpose": "alternative_data", "separate": True}
    given = {"id": numbered("UB", firms, 6), "effective_on": granted, "granted": True, "granted_on": granted}
    facts.add("consents", {**consent, **given})
    back = np.arange(len(firms)) % 16 == 11
    day = AS_OF - 30 - 11 * (np.arange(len(firms))[back] % 30)
    facts.add(
        "consents",
        {
            "id": numbered("UB", firms[back], 6), "effective_on": day, "party_id": party_ids(firms[back]),
            "purpose": "alternative_data", "granted": False, "granted_on": granted[back], "withdrawn_on": day,
            "separate": True,
        },
    )  # fmt: skip
    few = np.repeat(firms[: max(1, len(firms) // 3)], 60)
    booked = AS_OF - chance.integers(0, 540, len(few))
    facts.add(
        "transactions",
        {
            "id": numbered("TX", np.arange(len(few)), 7),
            "effective_on": booked,
            "party_id": party_ids(few),
            "direction": coded(("in", "out"), chance.integers(0, 2, len(few))),
            "booked_on": booked,
            "amount": (np.exp(9.8 + 1.2 * chance.normal(size=len(few))) * 100).astype(np.int64),
            "kind": coded(
                ("trade", "payroll", "tax", "loan", "own_account", "cash"), pick(chance, [6, 1, 1, 1, 1, 1], len(few))
            ),
            "currency": "CNY",
        },
    )


def tell_comparables(people: Population, security: Security, facts: Facts) -> None:
    """Writes `market_comparables`: sales, judicial sales, failed auctions and asking prices of the preset's places."""
    chance = stream(people.seed, "comparables")
    preset = people.preset
    count = max(400, people.count // 8)
    kind = pick(chance, [0.62, 0.16, 0.06, 0.16], count)
    price_kind = pick(chance, [0.42, 0.22, 0.16, 0.20], count)
    region = pick(chance, [w for _, _, w in preset.regions], count)
    day = AS_OF - (chance.random(count) * 1_460).astype(np.int64)
    month = np.clip(np.searchsorted(month_starts(), day, side="right") - 1, 0, LEAD + MONTHS - 1)
    area = np.array([95.0, 60.0, 120.0, 2_400.0])[kind] * np.exp(0.35 * chance.normal(size=count))
    unit = np.array([1.0, 1.9, 1.1, 0.34])[kind] * preset.price_level * (1.12 - 0.05 * region)
    built = 1996 + chance.integers(0, 27, count)
    unit = (
        unit
        * people.collateral_index[region, month]
        * np.exp(0.012 * (built - 2010) + 0.12 * chance.normal(size=count))
    )
    value = unit * area
    turn = np.where(price_kind == 1, 1 + pick(chance, [0.5, 0.35, 0.15], count), 0)
    ratio = (
        np.array([1.0, 0.84, 0.63, 0.58])[turn]
        * np.where(price_kind == 2, 0.75, 1.0)
        * np.where(price_kind == 3, 1.09, 1.0)
    )
    judicial = (price_kind == 1) | (price_kind == 2)
    facts.add(
        "market_comparables",
        {
            "id": numbered("MC", np.arange(count), 6), "effective_on": day,
            "asset_kind": coded(("home", "shop", "office", "plant"), kind),
            "price_kind": coded(("sale", "judicial_sale", "failed_auction", "asking"), price_kind),
            "region": pa.array([preset.regions[r][0] for r in region.tolist()]),
            "district": numbered(preset.place + "板块", region * 4 + chance.integers(0, 4, count), 2),
            "area_hundredths": (area * 100).astype(np.int64), "built_year": built,
            "floor": np.where(kind == 0, chance.integers(1, 30, count), UNKNOWN),
            "rooms": np.where(kind == 0, np.clip((area / 38).astype(np.int64), 1, 5), UNKNOWN),
            "price": (value * ratio / 100).astype(np.int64) * 10_000,
            "appraised": np.where(judicial, (value / 100).astype(np.int64) * 10_000, UNKNOWN), "priced_on": day,
            "round": np.where(turn > 0, turn, UNKNOWN), "leased": (chance.random(count) < 0.12) & (kind > 0),
            "currency": "CNY",
        },
    )  # fmt: skip
