"""What becomes of each default: cured, written off, sold, enforced; when, and for how much.

Invariant: every debt ends once; what comes in never exceeds what its security or its debtor could give. Odds, prices
and times are those of the house's practice notes, section 7, with their grades.
"""

from __future__ import annotations

import numpy as np

from panhuo.ground.values.dates import civil_from_days, days_from_civil, days_in_month
from panhuo.sample.cases import Case, Cash
from panhuo.sample.lending import INSTALMENT, Lending
from panhuo.sample.litigation import tell_litigation
from panhuo.sample.parties import Registry
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, COMPANY, GUARANTOR, HOME, NEVER, PLANT, RELATIVE, UNSECURED
from panhuo.sample.repayment import ASSIGN, WRITE_OFF, Terms, _plan
from panhuo.sample.security import Security
from panhuo.sample.streams import Chance

PACKAGES: tuple[tuple[int, int], ...] = tuple(
    (days_from_civil(*base), days_from_civil(*closed))
    for base, closed in (
        ((2021, 11, 30), (2022, 1, 28)), ((2022, 10, 31), (2022, 12, 29)), ((2023, 5, 31), (2023, 8, 15)),
        ((2023, 11, 30), (2024, 1, 30)), ((2024, 10, 31), (2024, 12, 27)), ((2025, 9, 30), (2025, 12, 18)),
    )
)  # fmt: skip
"""(base date, closing) of the six packages."""
PERSONAL = (2, 5)
"""Packages of personal loans; the others hold corporate debtors."""


def remaining_principal(lending: Lending, drawdown: int, day: int) -> int:
    """Principal not yet paid by plan before `day`."""
    days, parts, dues = np.zeros(160, np.int64), np.zeros(160, np.int64), np.zeros(160, np.int64)
    count = _plan(
        int(lending.amount[drawdown]), int(lending.out[drawdown]), int(lending.due[drawdown]),
        int(lending.due_first[drawdown]), int(lending.style[drawdown]), int(lending.interest_day[drawdown]),
        int(lending.rate[drawdown]), days, parts, dues,
    )  # fmt: skip
    return int(sum(p for d, p in zip(days[:count].tolist(), parts[:count].tolist(), strict=True) if d >= day))


def quarter_ends(start: int) -> list[int]:
    """Quarter ends from `start` to the last observation day."""
    year, month, _ = civil_from_days(start)
    found: list[int] = []
    month = (month - 1) // 3 * 3 + 3
    while True:
        day = days_from_civil(year, month, days_in_month(year, month))
        if day > AS_OF:
            return found
        if day >= start:
            found.append(day)
        month += 3
        if month > 12:
            month, year = month - 12, year + 1


def open_cases(people: Population, lending: Lending, security: Security) -> list[Case]:
    """A case for every default old enough to have been handed over."""
    found: list[Case] = []
    uplift = people.truth["uplift"]
    order = np.argsort(security.guarantee_contract, kind="stable")
    contracts = security.guarantee_contract[order]
    for drawdown in np.flatnonzero(lending.stop <= AS_OF - 91).tolist():
        contract, slot = int(lending.contract[drawdown]), int(lending.slot[drawdown])
        borrower = int(lending.borrower[drawdown])
        first = int(lending.stop[drawdown])
        case = Case(
            number=len(found) + 1, drawdown=drawdown, contract=contract, slot=slot, borrower=borrower,
            corporate=bool(people.corporate[borrower]), security=int(lending.slots.security[slot]),
            asset=int(security.asset_of_slot[slot]), region=int(people.region[borrower]), first_missed=first,
            principal=remaining_principal(lending, drawdown, first), due=int(lending.due[drawdown]),
            signed=int(lending.contract_on[contract]), uplift=int(uplift[contract]), rate=int(lending.rate[drawdown]),
            fraud=bool(people.fraud_group[borrower] >= 0),
        )  # fmt: skip
        low, high = np.searchsorted(contracts, [contract, contract + 1])
        case.guarantees = order[low:high].tolist()
        found.append(case)
    return found


def _exit(chance: Chance, case: Case) -> None:
    """Whether and when the bank writes the debt off or sells it."""
    speed = {UNSECURED: 1.6, PLANT: 0.6}.get(case.security, 1.1)  # a plant takes longest to give up
    for day in sorted(quarter_ends(case.first_missed + 240) + [base for base, _ in PACKAGES]):
        if day >= min(case.resolved_on, case.cured_on):
            return
        number = next((i for i, (base, _) in enumerate(PACKAGES) if base == day), -1)
        if number >= 0:
            if (
                (number in PERSONAL) != case.corporate
                and day >= case.first_missed + 200
                and chance.happens(0.45 * speed)
            ):
                case.package, case.base_on, case.closed_on = number, day, PACKAGES[number][1]
                return
        else:
            december = civil_from_days(day)[1] == 12
            if chance.happens((0.28 if december else 0.125) * speed):
                case.written_off_on = day
                return


def _voluntary(chance: Chance, case: Case) -> None:
    """Money that needs no sale of collateral: the debtor, guarantors, the guarantee company."""
    start = case.opened_on
    if case.security == GUARANTOR and chance.happens(0.85):
        paid = int(case.principal * chance.between(0.70, 0.85))
        case.cash.append(Cash(start + chance.whole(60, 300), paid, "guarantor", paid, 0))
    if case.fraud:
        return
    odds = {UNSECURED: 0.22, RELATIVE: 0.38, COMPANY: 0.42, HOME: 0.45}.get(case.security, 0.30)
    if chance.happens(odds):
        heavy = chance.happens({HOME: 0.34, COMPANY: 0.24}.get(case.security, 0.16))
        share = chance.between(0.5, 1.0) if heavy else chance.between(0.01, 0.14)
        turns = 1 if heavy else chance.whole(1, 4)
        source = chance.one_of(("debtor", 5), ("guarantor", 2 if case.guarantees else 0), ("third_party", 1))
        day = start + chance.whole(30, 420)
        for _ in range(turns):
            paid = int(case.principal * share / turns) // 10_000 * 10_000
            if paid > 0:
                case.cash.append(Cash(day, paid, source, paid, 0))
            day += chance.whole(40, 200)


def build_cases(people: Population, lending: Lending, registry: Registry, security: Security) -> list[Case]:
    """Every bad debt with its days and cash decided and its legal life told."""
    cases = open_cases(people, lending, security)
    for case in cases:
        chance = Chance(people.seed, f"case {case.drawdown}")
        young = case.first_missed > AS_OF - 150
        if not case.fraud and not young and chance.happens(0.085):
            case.cured_on = case.first_missed + chance.whole(100, 330)
        pattern = int(lending.slots.pattern[case.slot])
        if case.cured_on < NEVER and (pattern == INSTALMENT or case.cured_on > AS_OF):
            # a cure that goes on paying, or one that lies ahead: no enforcement is told
            if case.cured_on > AS_OF:
                case.cured_on = NEVER
            else:
                continue
        if case.cured_on < NEVER:
            continue
        if case.due > case.opened_on + 60:
            case.accelerated = case.opened_on + chance.whole(5, 50)
        _voluntary(chance, case)
        case.lapsed = chance.happens(0.20)
        tell_litigation(people, lending, registry, security, case, chance)
        case.cash.sort(key=lambda cash: cash.day)
        floor = max(
            case.opened_on,
            0 if case.accelerated >= NEVER else case.accelerated,
            case.due if case.accelerated >= NEVER else 0,
        )
        for cash in case.cash:
            cash.day = max(cash.day, floor + 1)
        paid = 0
        for cash in case.cash:
            paid += cash.net
            if paid >= case.principal * 1.25:
                case.resolved_on = cash.day
                break
        _exit(chance, case)
    return cases


def apply_cases(terms: Terms, cases: list[Case]) -> list[tuple[int, int]]:
    """Writes cures, accelerations, exits and cash into the ledger's terms.

    Returns:
        For each entry of the terms' cash: (position of the case, position of the cash in it).
    """
    flows: list[tuple[int, int, int, int, int]] = []
    for position, case in enumerate(cases):
        d = case.drawdown
        if case.cured_on < NEVER:
            span = slice(int(terms.block_at[d]), int(terms.block_at[d + 1]))
            until = terms.block_until[span]
            until[until >= NEVER] = case.cured_on
            continue
        terms.accelerated[d] = case.accelerated
        stop = min(case.written_off_on, case.closed_on)
        if stop <= AS_OF:
            terms.stop_day[d] = stop
            terms.stop_kind[d] = ASSIGN if case.closed_on < case.written_off_on else WRITE_OFF
        for number, cash in enumerate(case.cash):
            if cash.day < stop and cash.day <= AS_OF:
                flows.append((d, cash.day, cash.net, position, number))
    flows.sort(key=lambda flow: (flow[0], flow[1], flow[4]))
    terms.cash_at = np.searchsorted(np.array([f[0] for f in flows], dtype=np.int64), np.arange(len(terms.amount) + 1))
    terms.cash_day = np.array([f[1] for f in flows], dtype=np.int64)
    terms.cash_amount = np.array([f[2] for f in flows], dtype=np.int64)
    return [(position, number) for _, _, _, position, number in flows]
