"""What stands behind the loans: guarantees, security rights, assets and appraisals.

Invariant: an asset stands once whatever rests on it (the planted twin under an old certificate is dirt, and named in
the truth); an appraisal is what the file says, the true value is in the truth only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panhuo.ground.book.tables.security import (
    ASSET_KINDS,
    GUARANTEE_KINDS,
    OCCUPIERS,
    PERIOD_KINDS,
    RESOLUTIONS,
    SECURITY_KINDS,
)
from panhuo.ground.values.dates import days_from_civil
from panhuo.sample.credit import contract_ids
from panhuo.sample.facts import Facts, coded, numbered
from panhuo.sample.lending import Lending
from panhuo.sample.parties import Registry, guarantor_firms, party_ids
from panhuo.sample.population import Population, month_starts
from panhuo.sample.presets import AS_OF, COMPANY, GUARANTOR, HOME, NEVER, PLANT, PLEDGE, RELATIVE, SHOP, UNKNOWN
from panhuo.sample.streams import pick, stream

CIVIL_CODE = days_from_civil(2021, 1, 1)


@dataclass
class Security:
    """Arrays over lines with an asset (number of the asset = position), and over guarantees."""

    slot: np.ndarray
    kind: np.ndarray  # position in ASSET_KINDS
    owner: np.ndarray  # party number
    true_value: np.ndarray  # fen, at the first contract
    appraised: np.ndarray  # fen, at the first contract
    maximum: np.ndarray
    rank: np.ndarray
    asset_of_slot: np.ndarray  # number of the asset, or -1
    region: np.ndarray
    first_on: np.ndarray
    only_home: np.ndarray
    guarantee_contract: np.ndarray
    guarantee_party: np.ndarray
    guarantee_company: np.ndarray  # whether the guarantor is a firm that is no guarantee company


def asset_ids(numbers: np.ndarray) -> object:
    """Ids of assets by number."""
    return numbered("A", numbers, 6)


def right_ids(numbers: np.ndarray) -> object:
    """Ids of security rights by number of their asset."""
    return numbered("S", numbers, 6)


def index_at(people: Population, region: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Collateral price index of a region on a day; 1 at the window's start."""
    month = np.clip(np.searchsorted(month_starts(), days, side="right") - 1, 0, people.collateral_index.shape[1] - 1)
    return people.collateral_index[region, month]


def build_security(people: Population, lending: Lending, registry: Registry) -> Security:
    """Assets, their values and rights; who guarantees which contract."""
    chance = stream(people.seed, "security")
    slots = lending.slots
    lines = len(slots.borrower)
    first_on = np.full(lines, NEVER, dtype=np.int64)
    np.minimum.at(first_on, lending.contract_slot, lending.contract_on)
    most = np.zeros(lines, dtype=np.int64)
    np.maximum.at(most, lending.contract_slot, lending.contract_principal)
    secured = (slots.security <= PLANT) | (slots.security == PLEDGE)
    slot = np.flatnonzero(secured & (first_on < NEVER))
    count = len(slot)
    borrower = slots.borrower[slot]
    firm = people.corporate[borrower]
    form = slots.security[slot]
    position = ASSET_KINDS.position
    kind = np.select(
        [form == HOME, form == SHOP, form == PLANT], [position("home"), position("shop"), position("plant")], 0
    )
    kind = np.where((form == SHOP) & (chance.random(count) < 0.3), position("office"), kind)
    kind = np.where((form == PLANT) & (chance.random(count) < 0.2), position("land"), kind)
    goods = np.array([position(k) for k in ("deposit", "receivable", "inventory", "equipment")])
    kind = np.where(form == PLEDGE, goods[chance.integers(0, 4, count)], kind)
    control = people.controller[borrower]
    by_firm = firm & (
        (form == PLANT) | (form == PLEDGE) | ((form == SHOP) & (chance.random(count) < 0.5)) | (control < 0)
    )
    owner = np.where(firm & ~by_firm, control, borrower)
    loan_to_value = np.select([form == HOME, form == SHOP, form == PLANT], [0.62, 0.50, 0.47], 0.72)
    z = people.quality[borrower]
    loan_to_value = np.clip(loan_to_value + 0.05 * z + 0.05 * chance.normal(size=count), 0.25, 0.95)
    appraised = (most[slot] / loan_to_value / 1e6).astype(np.int64) * 1_000_000
    inflation = np.where(z > 0.7, chance.uniform(0.05, 0.15, count), chance.uniform(-0.02, 0.04, count))
    true_value = (appraised / (1 + inflation)).astype(np.int64)
    maximum = (np.maximum(most[slot] * np.where(chance.random(count) < 0.6, 1.2, 1.0), most[slot]) / 1e6).astype(
        np.int64
    ) * 1_000_000
    rank = np.where((form <= PLANT) & (chance.random(count) < 0.07), 2, 1)
    asset_of_slot = np.full(lines, -1, dtype=np.int64)
    asset_of_slot[slot] = np.arange(count)
    only_home = (kind == position("home")) & (chance.random(count) < 0.22)
    contracts, guarantors, company = _guarantors(people, lending, registry)
    return Security(
        slot, kind, owner, true_value, appraised, maximum, rank, asset_of_slot, people.region[borrower], first_on[slot],
        only_home, contracts, guarantors, company,
    )  # fmt: skip


def _guarantors(people: Population, lending: Lending, registry: Registry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = stream(people.seed, "guarantors")
    slots = lending.slots
    by_slot = guarantor_firms(people, lending, registry)
    people.truth["guarantor_firm"] = by_slot
    company_of = registry.guarantee_companies[chance.integers(0, len(registry.guarantee_companies), len(by_slot))]
    controller_stands = chance.random(len(by_slot)) < 0.85
    slot = lending.contract_slot
    contract = np.arange(len(slot))
    borrower = slots.borrower[slot]
    form = slots.security[slot]
    parts = []
    for chosen, party, company in (
        (form == COMPANY, by_slot[slot], True),
        (form == GUARANTOR, company_of[slot], False),
        (form == RELATIVE, registry.relative[borrower], False),
        (people.corporate[borrower] & controller_stands[slot], people.controller[borrower], False),
    ):
        rows = np.flatnonzero(chosen & (party >= 0))
        parts.append((contract[rows], party[rows], np.full(len(rows), company)))
    contracts, parties, companies = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((parties, contracts))
    return contracts[order], parties[order], companies[order]


def tell_guarantees(people: Population, lending: Lending, security: Security, registry: Registry, facts: Facts) -> None:
    """Writes `guarantees`: old forms before the Civil Code, new ones after it."""
    chance = stream(people.seed, "guarantee terms")
    contract, party = security.guarantee_contract, security.guarantee_party
    count = len(contract)
    signed = lending.contract_on[contract]
    due = lending.contract_due[contract]
    old = signed < CIVIL_CODE
    kind = np.where(old, pick(chance, [0.02, 0.88, 0.10], count), pick(chance, [0.05, 0.90, 0.05], count))
    period = np.where(old, pick(chance, [0.62, 0.18, 0.14, 0.06], count), pick(chance, [0.82, 0.09, 0.05, 0.04], count))
    years = np.where(old, 2, 3)
    agreed = period == PERIOD_KINDS.position("agreed")
    scope = pick(chance, [0.86, 0.03, 0.11], count)
    capped = chance.random(count) < 0.25
    firm = security.guarantee_company
    person = (party >= people.count) & (party < registry.guarantee_companies[0]) | (party >= people.corporates) & (
        party < people.count
    )
    resolution = np.where(firm, pick(chance, [0.52, 0.18, 0.30], count), RESOLUTIONS.position("not_needed"))
    released = np.full(count, NEVER, dtype=np.int64)
    missing = (chance.random(count) < 0.015) & ~firm
    facts.add(
        "guarantees",
        {
            "id": numbered("G", np.arange(count), 6),
            "effective_on": signed,
            "contract_id": contract_ids(contract),
            "guarantor_id": party_ids(np.where(missing, -1, party)),
            "debtor_id": party_ids(lending.slots.borrower[lending.contract_slot[contract]]),
            "number": numbered(f"{people.preset.place}农商保字", np.arange(count) + 1, 6),
            "kind": coded(GUARANTEE_KINDS, kind),
            "signed_on": signed,
            "scope": coded(("all", "principal", "principal_and_interest"), scope),
            "cap": np.where(capped, lending.contract_principal[contract] * 12 // 10, UNKNOWN),
            "period_kind": coded(PERIOD_KINDS, period),
            "period_from_on": due + 1,
            "period_to_on": np.where(agreed, due + 365 * years + 1, NEVER),
            "resolution": coded(RESOLUTIONS, resolution),
            "spouse_consent": np.where(person, chance.random(count) < 0.55, False),
            "same_document_group": numbered("Q", np.where(chance.random(count) < 0.35, contract, -1), 6),
            "released_on": released,
            "currency": "CNY",
        },
    )


def tell_security(people: Population, lending: Lending, security: Security, facts: Facts) -> None:
    """Writes `assets`, `security_rights` with their debts and assets, `appraisals`."""
    chance = stream(people.seed, "security details")
    preset = people.preset
    count = len(security.slot)
    number = np.arange(count)
    on = security.first_on
    position = ASSET_KINDS.position
    kinds = security.kind
    price = np.select(
        [kinds == position("home"), kinds == position("shop"), kinds == position("office"), kinds == position("plant")],
        [1.0, 1.9, 1.1, 0.34], 0.12,
    ) * preset.price_level  # fmt: skip
    real = np.isin(kinds, [position(k) for k in ("home", "shop", "office", "plant", "land")])
    area = np.where(real, (security.true_value / 100 / price * 100).astype(np.int64), UNKNOWN)
    years = days_year(on)
    built = np.where(real, years - 2 - (chance.gamma(2.0, 4.5, count)).astype(np.int64), UNKNOWN)
    regions = [preset.regions[r][0] for r in security.region.tolist()]
    places = [preset.regions[r][1] for r in security.region.tolist()]
    certificates = [
        f"{preset.province}（{y}）{p}不动产权第{n + 1:07d}号" if is_real else None
        for y, p, n, is_real in zip(
            np.maximum(built, 2016).tolist(), places, number.tolist(), real.tolist(), strict=True
        )
    ]
    former = [
        f"{p}房权证字第{n * 7 % 1_000_000:06d}号" if is_real and b < 2015 else None
        for p, n, b, is_real in zip(places, number.tolist(), built.tolist(), real.tolist(), strict=True)
    ]
    letter = np.where(kinds == position("land"), 0, 1).tolist()
    units = [
        f"{r}{1 + n % 90:03d}{1 + n % 700:03d}GB{n % 100_000:05d}" + (f"F{1 + n % 9_999:08d}" if f else "W00000000")
        if is_real
        else None
        for r, n, f, is_real in zip(regions, number.tolist(), letter, real.tolist(), strict=True)
    ]
    street = chance.integers(0, 400, count).tolist()
    addresses = [
        f"{p}{'工业园' if k == position('plant') else '中心'}{s + 1}号"
        for p, k, s in zip(places, kinds.tolist(), street, strict=True)
    ]
    industrial = np.isin(kinds, [position("plant"), position("land")])
    land_right = np.where(
        real, np.where(industrial, pick(chance, [0.80, 0.05, 0.15], count), pick(chance, [0.93, 0.06, 0.01], count)), -1
    )
    illegal = np.where((kinds == position("plant")) & (chance.random(count) < 0.15), area // 12, UNKNOWN)
    occupier = np.where(
        real,
        np.where(
            industrial,
            pick(chance, [0.7, 0.2, 0, 0.02, 0.05, 0.03], count),
            pick(chance, [0.62, 0.22, 0.06, 0.02, 0.05, 0.03], count),
        ),
        -1,
    )
    dual = real & (chance.random(count) < 0.006)
    people.truth["dual"] = dual
    bought = on - np.where(dual, 45, 700 + chance.integers(0, 2_000, count))
    paid = np.where(
        dual,
        security.appraised * 125 // 100,
        (security.true_value * chance.uniform(0.65, 1.02, count)).astype(np.int64),
    )
    facts.add(
        "assets",
        {
            "id": asset_ids(number), "effective_on": on, "kind": coded(ASSET_KINDS, kinds),
            "owner_id": party_ids(security.owner), "unit_number": units, "certificate_number": certificates,
            "former_certificate_number": former, "serial_number": None, "address": addresses, "region": regions,
            "area_hundredths": area, "built_year": built,
            "land_right": coded(("granted", "allocated", "collective"), land_right),
            "land_right_ends_on": np.where(real, on + 365 * 28, NEVER), "illegal_area_hundredths": illegal,
            "occupier": coded(OCCUPIERS, occupier), "only_home": security.only_home,
            "last_inspected_on": on - 20,
            "purchase_price": np.where(real, paid // 1_000_000 * 1_000_000, UNKNOWN),
            "purchased_on": np.where(real, bought, NEVER), "currency": "CNY",
        },
    )  # fmt: skip
    mortgage = kinds != position("deposit")
    movable = np.isin(kinds, [position(k) for k in ("deposit", "receivable")])
    maximum = chance.random(count) < 0.78
    right = np.where(
        movable,
        np.where(maximum, SECURITY_KINDS.position("maximum_pledge"), SECURITY_KINDS.position("pledge")),
        np.where(maximum, SECURITY_KINDS.position("maximum_mortgage"), SECURITY_KINDS.position("mortgage")),
    )
    registered = np.where(mortgage, on + pick(chance, [0.5, 0.3, 0.2], count), NEVER)
    registration = f"{preset.province}（2021）{preset.place}不动产证明第"
    mismatch = chance.random(count) < 0.03  # dirt: registered amount differs from the contract's
    facts.add(
        "security_rights",
        {
            "id": right_ids(number), "effective_on": on, "kind": coded(SECURITY_KINDS, right),
            "provider_id": party_ids(security.owner), "debtor_id": party_ids(lending.slots.borrower[security.slot]),
            "number": numbered(f"{preset.place}农商抵字", number + 1, 6),
            "maximum_amount": np.where(maximum, security.maximum, UNKNOWN),
            "determination_from_on": np.where(maximum, on, NEVER),
            "determination_to_on": np.where(maximum, on + 365 * 5, NEVER),
            "registry": f"{preset.place}自然资源和规划局",
            "registration_number": numbered(registration, np.where(real, number + 1, -1), 7),
            "signed_on": on, "registered_on": registered,
            "registered_amount": np.where(mismatch, security.maximum * 9 // 10, security.maximum),
            "rank": security.rank, "delivered_on": np.where(kinds == position("deposit"), on, NEVER), "currency": "CNY",
        },
    )  # fmt: skip
    facts.add(
        "security_assets",
        {
            "id": numbered("SA", number, 6), "effective_on": on, "security_right_id": right_ids(number),
            "asset_id": asset_ids(number), "share": 1_000_000, "rank": security.rank, "currency": "CNY",
        },
    )  # fmt: skip
    people.truth["certificate_mismatch"] = mismatch
    asset = security.asset_of_slot[lending.contract_slot]
    rows = np.flatnonzero(asset >= 0)
    facts.add(
        "security_rights_debts",
        {
            "id": numbered("SD", rows, 6), "effective_on": lending.contract_on[rows],
            "security_right_id": right_ids(asset[rows]), "contract_id": contract_ids(rows),
            "amount": lending.contract_principal[rows], "currency": "CNY",
        },
    )  # fmt: skip
    first = np.flatnonzero(security.rank == 2)
    facts.add(
        "security_rights",
        {
            "id": numbered("SP", first, 6), "effective_on": on[first],
            "kind": "mortgage", "provider_id": party_ids(security.owner[first]),
            "holder_id": party_ids(_other_bank(people, security, first)), "debtor_id": party_ids(security.owner[first]),
            "registry": f"{preset.place}自然资源和规划局", "registered_on": on[first] - 300,
            "registered_amount": security.appraised[first] * 3 // 10, "rank": 1, "currency": "CNY",
        },
    )  # fmt: skip
    facts.add(
        "security_assets",
        {
            "id": numbered("SX", first, 6), "effective_on": on[first], "security_right_id": numbered("SP", first, 6),
            "asset_id": asset_ids(first), "share": 1_000_000, "rank": 1, "currency": "CNY",
        },
    )  # fmt: skip
    _tell_twins(people, lending, security, facts, chance, former, regions, addresses, area)
    _tell_appraisals(people, security, facts, chance)


def _other_bank(people: Population, security: Security, rows: np.ndarray) -> np.ndarray:
    banks = people.truth["banks"]
    return banks[security.slot[rows] % len(banks)]


def _tell_twins(
    people: Population,
    lending: Lending,
    security: Security,
    facts: Facts,
    chance: np.random.Generator,
    former: list[str | None],
    regions: list[str],
    addresses: list[str],
    area: np.ndarray,
) -> None:
    """Dirt: an asset that stands a second time under its old certificate, with a second right for the same loan."""
    old = np.array([number is not None for number in former])
    first = np.full(len(lending.slots.borrower), -1, dtype=np.int64)
    contracts = np.arange(len(lending.contract_slot))[::-1]
    first[lending.contract_slot[contracts]] = contracts
    rows = np.flatnonzero(old & (chance.random(len(old)) < 0.012))
    people.truth["twins"] = rows
    if not len(rows):
        return
    on = security.first_on[rows] + 1
    facts.add(
        "assets",
        {
            "id": numbered("AT", rows, 6), "effective_on": on, "kind": coded(ASSET_KINDS, security.kind[rows]),
            "owner_id": party_ids(security.owner[rows]), "certificate_number": [former[r] for r in rows.tolist()],
            "address": [addresses[r] for r in rows.tolist()], "region": [regions[r] for r in rows.tolist()],
            "area_hundredths": area[rows], "currency": "CNY",
        },
    )  # fmt: skip
    facts.add(
        "security_rights",
        {
            "id": numbered("ST", rows, 6), "effective_on": on, "kind": "mortgage",
            "provider_id": party_ids(security.owner[rows]),
            "debtor_id": party_ids(lending.slots.borrower[security.slot[rows]]), "signed_on": on, "registered_on": on,
            "registered_amount": security.maximum[rows], "rank": 1, "currency": "CNY",
        },
    )  # fmt: skip
    facts.add(
        "security_assets",
        {
            "id": numbered("SW", rows, 6), "effective_on": on, "security_right_id": numbered("ST", rows, 6),
            "asset_id": numbered("AT", rows, 6), "share": 1_000_000, "rank": 1, "currency": "CNY",
        },
    )  # fmt: skip
    facts.add(
        "security_rights_debts",
        {
            "id": numbered("SV", rows, 6), "effective_on": on, "security_right_id": numbered("ST", rows, 6),
            "contract_id": contract_ids(first[security.slot[rows]]), "currency": "CNY",
        },
    )  # fmt: skip


def _tell_appraisals(people: Population, security: Security, facts: Facts, chance: np.random.Generator) -> None:
    count = len(security.slot)
    own = chance.random(count) < 0.45
    start = index_at(people, security.region, security.first_on)
    for turn in range(4):
        day = security.first_on - 15 + turn * 730 + (0 if turn == 0 else 1) * chance.integers(0, 90, count)
        rows = np.flatnonzero((day <= AS_OF) & ((turn == 0) | (chance.random(count) < 0.75 - 0.1 * turn)))
        move = index_at(people, security.region[rows], day[rows]) / start[rows]
        # reviews follow the market only halfway down
        followed = np.where(move < 1, 0.5 + 0.5 * move, move)
        amount = (security.appraised[rows] * followed / 1e6).astype(np.int64) * 1_000_000
        facts.add(
            "appraisals",
            {
                "id": numbered(f"V{turn}", rows, 6), "effective_on": day[rows], "asset_id": asset_ids(rows),
                "purpose": "origination" if turn == 0 else "review",
                "method": coded(("internal", "commissioned"), np.where(own[rows] | (turn > 0), 0, 1)),
                "appraised_on": day[rows], "value_type": "market", "amount": amount,
                "valid_to_on": day[rows] + 365, "currency": "CNY",
            },
        )  # fmt: skip


def days_year(days: np.ndarray) -> np.ndarray:
    """Calendar year of each day."""
    return 1970 + days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
