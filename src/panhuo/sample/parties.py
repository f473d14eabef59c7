"""The parties of the book: borrowers, who stands behind them, who guarantees for them, and the institutions around.

Invariant: a party's number is its position and its id; nobody is told of before a loan of theirs, or of the firm they
stand behind, is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from panhuo.ground.book.tables.parties import (
    CLASSIFICATION_ROUTES,
    ENTERPRISE_SIZES,
    IDENTIFIER_KINDS,
    PARTY_KINDS,
    PARTY_ROLES,
)
from panhuo.ground.values.dates import days_from_civil
from panhuo.sample import people as invented
from panhuo.sample.facts import Facts, coded, numbered
from panhuo.sample.lending import Lending
from panhuo.sample.population import Population, birth_days
from panhuo.sample.presets import COMPANY, INDUSTRIES, RELATIVE, UNKNOWN
from panhuo.sample.streams import stream

PARTY_WIDTH = 6
OPENING = days_from_civil(2019, 7, 1)
_BANKS = ("中江银行", "楚汉商业银行", "民通银行", "长川村镇银行", "邮通银行", "汇邦消费金融公司")


def party_ids(numbers: np.ndarray) -> object:
    """Ids of parties by number; a negative number is unknown."""
    return numbered("P", numbers, PARTY_WIDTH)


def party_id(number: int) -> str:
    """Id of one party."""
    return f"P{number:0{PARTY_WIDTH}d}"


@dataclass
class Registry:
    """Numbers of everybody who is not a borrower, and what must be known of them later."""

    people: Population
    total: int
    relative: np.ndarray  # per borrower: number of the relative who guarantees, or -1
    guarantee_companies: np.ndarray
    shells: np.ndarray
    banks: np.ndarray
    bank: int
    buyer: int
    region: np.ndarray
    identifiers: list[str | None] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def build_registry(people: Population, lending: Lending) -> Registry:
    """Allots party numbers beyond the borrowers."""
    at = people.count + people.extra_persons
    slots = lending.slots
    needs = np.zeros(people.count, dtype=bool)
    needs[slots.borrower[slots.security == RELATIVE]] = True
    relative = np.full(people.count, -1, dtype=np.int64)
    relative[needs] = at + np.arange(int(needs.sum()))
    at += int(needs.sum())
    companies = at + np.arange(3)
    shells = companies[-1] + 1 + np.arange(max(1, round(people.count / 6_000)))
    banks = shells[-1] + 1 + np.arange(len(_BANKS))
    bank = int(banks[-1]) + 1
    total = bank + 2
    region = np.zeros(total, dtype=np.int64)
    region[: people.count] = people.region
    firms = np.flatnonzero(people.controller >= people.count)
    region[people.controller[firms]] = people.region[firms]
    region[relative[needs]] = people.region[needs]
    return Registry(people, total, relative, companies, shells, banks, bank, bank + 1, region)


def guarantor_firms(people: Population, lending: Lending, registry: Registry) -> np.ndarray:
    """For each line guaranteed by a company: the guarantor's party number (-1 elsewhere).

    A ring member is guaranteed by the one before it; others by a firm with a lower number, so that rings arise only
    where they are planted; a few stand on a shell that guarantees for many.
    """
    slots = lending.slots
    chance = stream(people.seed, "guarantor firms")
    count = len(slots.borrower)
    found = np.full(count, -1, dtype=np.int64)
    before = np.full(people.count, -1, dtype=np.int64)
    members = np.flatnonzero(people.ring >= 0)
    before[people.ring_next[members]] = members
    draws = chance.random(count)
    shell = chance.integers(0, len(registry.shells), count)
    for s in np.flatnonzero(slots.security == COMPANY).tolist():
        borrower = int(slots.borrower[s])
        if people.ring[borrower] >= 0:
            found[s] = before[borrower]
        elif draws[s] < 0.10 or borrower == 0:
            found[s] = registry.shells[shell[s]]
        else:
            below = min(borrower, people.corporates)
            other = int(draws[s] * 7919 * below) % below
            while other > 0 and people.ring[other] >= 0 and people.ring[borrower] >= 0:
                other -= 1
            found[s] = other
    return found


def tell_parties(people: Population, lending: Lending, registry: Registry, facts: Facts) -> None:
    """Writes `parties` and `party_roles`."""
    preset = people.preset
    n, total = people.count, registry.total
    chance = stream(people.seed, "party details")
    regions = [preset.regions[r][0] for r in registry.region.tolist()]
    places = [preset.regions[r][1][:2] for r in registry.region.tolist()]
    company, cooperative, trader, person, bank, manager, guarantee = (
        PARTY_KINDS.position(k)
        for k in ("company", "cooperative", "sole_trader", "person", "bank", "asset_manager", "guarantee_company")
    )
    kind = np.full(total, person, dtype=np.int64)
    kind[:n] = np.array([company, cooperative, trader, person])[people.kind]
    kind[registry.guarantee_companies] = guarantee
    kind[registry.shells] = company
    kind[registry.banks] = bank
    kind[registry.bank] = bank
    kind[registry.buyer] = manager
    industry = np.zeros(total, dtype=np.int64)
    industry[:n] = people.industry
    natural = kind == person
    names = invented.person_names(chance, total)
    firms = invented.firm_names(chance, places, industry, kind == trader)
    names = [p if is_person else f for p, f, is_person in zip(names, firms, natural.tolist(), strict=True)]
    for number, name in zip(registry.banks.tolist(), _BANKS, strict=True):
        names[number] = name
    for number, name in zip(registry.guarantee_companies.tolist(), ("兴农", "中小企业", "科创"), strict=True):
        names[number] = f"{preset.place}{name}融资担保有限公司"
    names[registry.bank] = preset.bank
    names[registry.buyer] = "楚江资产管理有限公司"
    born = birth_days(chance, total)
    serial = np.arange(total)
    cards = invented.identity_cards(regions, born, chance.integers(0, 1000, total))
    codes = invented.credit_codes(regions, serial, kind == trader)
    identifiers: list[str | None] = [
        c if is_person else u for c, u, is_person in zip(cards, codes, natural.tolist(), strict=True)
    ]
    # dirt: 8 % of those who only guarantee have no identifier on file
    behind = (serial >= n) & natural & (chance.random(total) < 0.08)
    for number in np.flatnonzero(behind).tolist():
        identifiers[number] = None
    registry.names, registry.identifiers = names, identifiers
    telephone_number = serial + 1_000_000
    for group in range(int(people.fraud_group.max()) + 1):
        members = np.flatnonzero(people.fraud_group == group)
        telephone_number[members[1::2]] = telephone_number[members[0]]
    street = chance.integers(0, len(invented.STREETS), total).tolist()
    house = chance.integers(1, 400, total).tolist()
    addresses = [
        f"{preset.regions[r][1]}{invented.STREETS[s]}{h}号"
        for r, s, h in zip(registry.region.tolist(), street, house, strict=True)
    ]
    base = np.zeros(total, dtype=np.float64)
    np.add.at(base, lending.slots.borrower, lending.slots.base.astype(np.float64))
    turnover = np.where(base > 0, base * np.exp(1.25 + 0.45 * chance.normal(size=total)), 2e8)
    quality = np.zeros(total)
    quality[:n] = people.quality
    turnover = turnover * np.exp(-0.18 * quality)
    revenue = np.where(natural, UNKNOWN, (turnover / 1e6).astype(np.int64) * 1_000_000)
    assets = np.where(
        natural, UNKNOWN, (turnover * np.exp(0.1 + 0.4 * chance.normal(size=total)) / 1e6).astype(np.int64) * 1_000_000
    )
    revenue[registry.shells] = 0
    size = np.where(revenue < 10**9, 0, np.where(revenue < 4 * 10**10, 1, 2))
    staff = np.where(natural, UNKNOWN, np.clip((turnover / 1e8 * 1.1).astype(np.int64), 1, 900))
    capital = np.where(kind == company, np.maximum((turnover * 0.2 / 1e8).astype(np.int64), 1) * 10**8, UNKNOWN)
    registered = np.full(total, OPENING - 2_000, dtype=np.int64)
    registered[:n] = people.registered_on
    effective = np.full(total, OPENING, dtype=np.int64)
    effective[:n] = people.start_on - 12
    behind_firms = np.flatnonzero(people.controller >= n)
    effective[people.controller[behind_firms]] = people.start_on[behind_firms] - 12
    kin = np.flatnonzero(registry.relative >= 0)
    effective[registry.relative[kin]] = people.start_on[kin] - 12
    registry_days = np.where(natural, UNKNOWN, registered)
    owner = np.zeros(total, dtype=bool)
    owner[:n] = (people.kind == 3) | (people.kind == 2)
    owner[people.controller[people.controller >= 0]] = True
    retail = np.zeros(total, dtype=bool)
    retail[:n] = ~people.corporate
    facts.add(
        "parties",
        {
            "id": party_ids(serial),
            "effective_on": effective,
            "kind": coded(PARTY_KINDS, kind),
            "name": names,
            "identifier_kind": coded(IDENTIFIER_KINDS, np.where(natural, 1, 0)),
            "identifier": identifiers,
            "phone": invented.phones(telephone_number),
            "address": addresses,
            "bank_account": [a if i < n else None for i, a in enumerate(invented.bank_accounts(serial))],
            "region": regions,
            "industry": coded(tuple(code for code, _ in INDUSTRIES), np.where(natural & (serial >= n), -1, industry)),
            "size": coded(ENTERPRISE_SIZES, np.where(natural, -1, size)),
            "registered_on": registry_days,
            "registered_capital": capital,
            "employees": staff,
            "annual_revenue": revenue,
            "total_assets": assets,
            "birth_year": np.where(natural, np.array([b[0] for b in born]), UNKNOWN),
            "status": "active",
            "classification_route": coded(CLASSIFICATION_ROUTES, np.where(retail, 0, 1)),
            "small_business_owner": owner,
            "related_to_lender": chance.random(total) < 0.002,
            "currency": "CNY",
        },
    )
    firms_at = np.flatnonzero(people.controller >= 0)
    role = PARTY_ROLES.position
    for name, position, share in (
        ("legal", role("legal_representative"), None),
        ("control", role("actual_controller"), chance.integers(51, 101, len(firms_at)) * 10_000),
    ):
        facts.add(
            "party_roles",
            {
                "id": numbered(f"R{name[0].upper()}", firms_at, PARTY_WIDTH),
                "effective_on": people.start_on[firms_at] - 12,
                "party_id": party_ids(firms_at),
                "role": coded(PARTY_ROLES, np.full(len(firms_at), position)),
                "holder_id": party_ids(people.controller[firms_at]),
                "share": share,
                "from_on": people.registered_on[firms_at],
            },
        )
    holder = np.where(people.controller >= 0, people.controller, np.arange(n))[kin]
    married = chance.random(len(kin)) < 0.7
    facts.add(
        "party_roles",
        {
            "id": numbered("RS", kin, PARTY_WIDTH),
            "effective_on": people.start_on[kin] - 12,
            "party_id": party_ids(holder),
            "role": coded(PARTY_ROLES, np.where(married, role("spouse"), role("relative"))),
            "holder_id": party_ids(registry.relative[kin]),
            "from_on": people.registered_on[kin] - 1_500,
        },
    )
