"""Credit facts from the arrays of lending and the ledger: lines, contracts, drawdowns, plans, postings, changes.

Invariant: each fact is told on the day it took effect; a drawdown's end, an extension and an acceleration are later
facts about the same entity, never edits.
"""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from panhuo.ground.book.tables.credit import (
    COMPONENTS,
    LENDER_KINDS,
    POSTING_KINDS,
    PURPOSES,
    RENEWAL_KINDS,
    REPAYMENT_STYLES,
)
from panhuo.ground.book.tables.credit import DRAWDOWN_STATUSES as STATUSES
from panhuo.sample.facts import Facts, coded, numbered
from panhuo.sample.lending import (
    FARM,
    FIXED,
    LINE,
    ONLINE,
    PRODUCT_CODES,
    REFINANCING,
    Lending,
    lpr_on,
)
from panhuo.sample.parties import party_ids
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, NEVER, UNKNOWN, UNSECURED
from panhuo.sample.repayment import ASSIGN, WRITE_OFF, Ledger, Terms
from panhuo.sample.streams import pick, stream

_FORMS = ("mortgage", "mortgage", "mortgage", "guarantee", "guarantee", "guarantee", "unsecured", "pledge")


def contract_ids(numbers: np.ndarray) -> object:
    """Ids of contracts by number."""
    return numbered("C", numbers, 6)


def drawdown_ids(numbers: np.ndarray) -> object:
    """Ids of drawdowns by number."""
    return numbered("D", numbers, 6)


def tell_contracts(people: Population, lending: Lending, facts: Facts, micro: np.ndarray) -> None:
    """Writes `facilities` and `contracts`; `micro` marks contracts of the micro-loan company."""
    chance = stream(people.seed, "contract terms")
    slots = lending.slots
    count = len(lending.contract_slot)
    slot = lending.contract_slot
    number = np.arange(count)
    borrower = slots.borrower[slot]
    line = slots.pattern[slot] == LINE
    firm = people.corporate[borrower]
    signed = lending.contract_on
    facts.add(
        "facilities",
        {
            "id": numbered("F", number, 6),
            "effective_on": signed - 3,
            "party_id": party_ids(borrower),
            "approved": lending.contract_principal,
            "exposure_kind": "exposure",
            "revolving": line,
            "approved_on": signed - 3,
            "expires_on": np.where(line, lending.contract_due, signed + 365),
            "currency": "CNY",
        },
    )
    product = slots.product[slot]
    purpose = pick(chance, [0.55, 0.30, 0.06, 0.05], count)
    purpose = np.where(product == FIXED, 2, purpose)
    purpose = np.where(product == FARM, 4, purpose)
    floating = (chance.random(count) < 0.8) & (product != ONLINE)
    spread = (lending.contract_rate - lpr_on(signed)) // 100
    uplift = np.where(chance.random(count) < 0.86, 500_000, np.where(chance.random(count) < 0.7, 300_000, 400_000))
    facts.add(
        "contracts",
        {
            "id": contract_ids(number),
            "effective_on": signed,
            "facility_id": numbered("F", number, 6),
            "party_id": party_ids(borrower),
            "number": numbered(f"{people.preset.place}农商借字", number + 1, 6),
            "lender_kind": coded(LENDER_KINDS, np.where(micro, LENDER_KINDS.position("micro_lender"), 0)),
            "product": coded(PRODUCT_CODES, product),
            "principal": lending.contract_principal,
            "purpose": coded(PURPOSES, purpose),
            "signed_on": signed,
            "due_on": lending.contract_due,
            "rate_kind": coded(("fixed", "lpr"), floating.astype(np.int64)),
            "annual_rate": lending.contract_rate,
            "lpr_tenor": coded(("one_year",), np.where(floating, 0, -1)),
            "spread_basis_points": np.where(floating, spread, UNKNOWN),
            "repricing": "none",
            "day_count": "actual_360",
            "penalty_uplift": uplift,
            "misuse_uplift": 1_000_000,
            "compound": True,
            "compound_on_penalty": False,
            "appropriation_order": coded(
                ("cost_interest_principal", "principal_first_over_90_days"),
                (chance.random(count) < 0.6).astype(np.int64),
            ),
            "interest_order": "interest_penalty_compound",
            "security_form": coded(_FORMS, slots.security[slot]),
            "service_address_confirmed": chance.random(count) < np.where(signed > 18_600, 0.75, 0.45),
            "jurisdiction": f"{people.preset.place}人民法院",
            "notarised": firm & (chance.random(count) < 0.06),
            "assignment_barred": chance.random(count) < 0.01,
            "fees": np.where(chance.random(count) < 0.12, lending.contract_principal // 1_000, 0),
            "currency": "CNY",
        },
    )
    people.truth["uplift"] = uplift


def tell_drawdowns(people: Population, lending: Lending, terms: Terms, ledger: Ledger, facts: Facts) -> None:
    """Writes `drawdowns` (a fact when paid out, another when it ends) and `modifications`."""
    chance = stream(people.seed, "drawdown terms")
    count = len(lending)
    number = np.arange(count)
    stopped = terms.stop_day <= AS_OF
    ended = np.where(stopped, terms.stop_day, ledger.settled_on)
    final = np.where(stopped & (terms.stop_kind == WRITE_OFF), 2, np.where(stopped, 3, 1))
    final = np.where(terms.stop_kind == ASSIGN, 3, final)
    entrusted = (chance.random(count) < 0.85) & (lending.amount >= 100_000_000)
    inclusive = lending.amount <= 1_000_000_000
    misused = (chance.random(count) < 0.004) | (people.fraud_group[lending.borrower] >= 0) & (
        chance.random(count) < 0.3
    )
    same = {
        "contract_id": contract_ids(lending.contract),
        "party_id": party_ids(lending.borrower),
        "amount": lending.amount,
        "out_on": lending.out,
        "style": coded(REPAYMENT_STYLES, lending.style),
        "interest_day": lending.interest_day,
        "annual_rate": lending.rate,
        "payment_mode": coded(("entrusted", "own"), np.where(entrusted, 0, 1)),
        "renewal_kind": coded(RENEWAL_KINDS, lending.renewal),
        "previous_drawdown_id": drawdown_ids(lending.previous),
        "inclusive": inclusive,
        "currency": "CNY",
    }
    ids = drawdown_ids(number)
    facts.add(
        "drawdowns",
        {
            "id": ids,
            "effective_on": lending.out,
            "due_on": lending.due_first,
            "funds_misused": False,
            "status": "open",
            **same,
        },
    )
    longer = np.flatnonzero(lending.due > lending.due_first)
    approved = lending.due_first[longer] - 9
    seen = approved <= AS_OF
    longer, approved = longer[seen], approved[seen]
    facts.add(
        "drawdowns",
        {
            "id": drawdown_ids(longer), "effective_on": approved, "due_on": lending.due[longer],
            "funds_misused": misused[longer], "status": "open", **_taken(same, longer),
        },
    )  # fmt: skip
    over = np.flatnonzero(ended <= AS_OF)
    facts.add(
        "drawdowns",
        {
            "id": drawdown_ids(over), "effective_on": ended[over], "due_on": lending.due[over],
            "funds_misused": misused[over], "status": coded(STATUSES, final[over]),
            "settled_on": np.where(final[over] == 1, ended[over], NEVER), **_taken(same, over),
        },
    )  # fmt: skip
    weak = people.quality[lending.borrower] > 0.6
    signs = ("none", "likely_overdue", "cannot_refinance")
    sign = np.where(weak[longer], 1, np.where(chance.random(len(longer)) < 0.25, 2, 0))
    facts.add(
        "modifications",
        {
            "id": numbered("ME", longer, 6),
            "effective_on": approved,
            "drawdown_id": drawdown_ids(longer),
            "party_id": party_ids(lending.borrower[longer]),
            "kind": "extension",
            "difficulty_sign": coded(signs, sign),
            "favours_debtor": sign > 0,
            "class_before": coded(("normal", "special_mention"), np.where(sign > 0, 1, 0)),
            "approved_on": approved,
            "due_on_before": lending.due_first[longer],
            "due_on_after": lending.due[longer],
            "annual_rate_before": lending.rate[longer],
            "annual_rate_after": lending.rate[longer],
            "amount_waived": 0,
            "first_due_on": lending.due_first[longer],
            "observation_ends_on": np.where(sign > 0, lending.due_first[longer] + 365, NEVER),
            "currency": "CNY",
        },
    )
    renewed = np.flatnonzero((lending.renewal == REFINANCING) & (lending.previous >= 0))
    hidden = lending.evergreen[lending.previous[renewed]]
    shown = chance.random(len(renewed)) < np.where(hidden, 0.15, 0.5)
    renewed = renewed[shown]
    facts.add(
        "modifications",
        {
            "id": numbered("MR", renewed, 6),
            "effective_on": lending.out[renewed],
            "drawdown_id": drawdown_ids(renewed),
            "party_id": party_ids(lending.borrower[renewed]),
            "kind": "refinancing",
            "difficulty_sign": coded(signs, np.where(weak[renewed], 1, 0)),
            "favours_debtor": weak[renewed],
            "approved_on": lending.out[renewed],
            "due_on_before": lending.due[lending.previous[renewed]],
            "due_on_after": lending.due[renewed],
            "annual_rate_before": lending.rate[lending.previous[renewed]],
            "annual_rate_after": lending.rate[renewed],
            "amount_waived": 0,
            "first_due_on": lending.out[renewed] + 30,
            "observation_ends_on": np.where(weak[renewed], lending.out[renewed] + 395, NEVER),
            "currency": "CNY",
        },
    )


def _taken(columns: dict, rows: np.ndarray) -> dict:
    found = {}
    for name, values in columns.items():
        if isinstance(values, (str, int, bool)):
            found[name] = values
        elif isinstance(values, np.ndarray):
            found[name] = values[rows]
        else:
            found[name] = values.take(rows)
    return found


def tell_plans(lending: Lending, ledger: Ledger, terms: Terms, facts: Facts) -> None:
    """Writes `instalments`: the plan as agreed, as extended, and as ended by acceleration."""
    d = ledger.plan_drawdown
    out, first = lending.out[d], lending.due_first[d]
    extended = lending.due[d] > first
    approved = first - 9
    accelerated = terms.accelerated[d]
    new = (ledger.plan_day == accelerated) & (ledger.plan_cancelled >= NEVER)
    new &= np.append(d[1:] != d[:-1], True) & (accelerated < NEVER) & (accelerated < lending.due[d])
    prefix = pc.binary_join_element_wise(drawdown_ids(d), numbered("", ledger.plan_number, 2), "-")
    at_first = extended & (ledger.plan_day == first)
    principal = np.where(at_first, lending.amount[d], ledger.plan_principal)
    effective = np.where(new, ledger.plan_day, np.where(extended & (ledger.plan_day > first), approved, out))
    changed = at_first & (approved <= AS_OF)
    cancelled = ledger.plan_cancelled <= AS_OF
    keep = effective <= AS_OF

    def tell(rows: np.ndarray, on: np.ndarray, amount: np.ndarray, status: str, change: object) -> None:
        if not len(rows):
            return
        facts.add(
            "instalments",
            {
                "id": prefix.take(rows), "effective_on": on, "drawdown_id": drawdown_ids(d[rows]),
                "number": ledger.plan_number[rows], "due_on": ledger.plan_day[rows], "principal": amount,
                "interest": ledger.plan_interest[rows], "status": status, "modification_id": change, "currency": "CNY",
            },
        )  # fmt: skip

    rows = np.flatnonzero(keep)
    moved = np.where(extended & (ledger.plan_day > first), d, -1)
    tell(rows, effective[rows], principal[rows], "due", numbered("ME", moved[rows], 6))
    rows = np.flatnonzero(changed)
    tell(rows, approved[rows], ledger.plan_principal[rows], "due", numbered("ME", d[rows], 6))
    rows = np.flatnonzero(cancelled)
    tell(rows, ledger.plan_cancelled[rows], ledger.plan_principal[rows], "cancelled", None)


def tell_postings(lending: Lending, ledger: Ledger, facts: Facts) -> None:
    """Writes `postings`, numbered in ledger order."""
    facts.add(
        "postings",
        {
            "id": numbered("L", np.arange(len(ledger.day)), 8),
            "effective_on": ledger.day,
            "drawdown_id": drawdown_ids(ledger.drawdown),
            "party_id": party_ids(lending.borrower[ledger.drawdown]),
            "posted_on": ledger.day,
            "value_date": ledger.day,
            "component": coded(COMPONENTS, ledger.component),
            "kind": coded(POSTING_KINDS, ledger.kind),
            "amount": ledger.amount,
            "currency": "CNY",
        },
    )


def micro_contracts(people: Population, lending: Lending) -> np.ndarray:
    """Contracts of the sister micro-loan company whose book is kept here: a few small unsecured ones, at 10 to 24 %."""
    chance = stream(people.seed, "micro lender")
    slots = lending.slots
    chosen = (
        (slots.security == UNSECURED) & ~people.corporate[slots.borrower] & (chance.random(len(slots.borrower)) < 0.03)
    )
    rate = 100_000 + (chance.random(len(slots.borrower)) * 28).astype(np.int64) * 5_000
    marked = chosen[lending.contract_slot]
    lending.contract_rate = np.where(marked, rate[lending.contract_slot], lending.contract_rate)
    lending.rate = np.where(chosen[lending.slot], rate[lending.slot], lending.rate)
    return marked
