"""Bad debts as facts: claims and what came back, write-offs, classes quarter by quarter, who was told what.

Invariant: a claim's stated figures are the ledger's balances on its base date; a recovery is split as the ledger took
it; what the planted truth knows and no bank could is not here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.sample.cases import Case
from panhuo.sample.credit import drawdown_ids
from panhuo.sample.distress import quarter_ends
from panhuo.sample.facts import Facts, coded, numbered
from panhuo.sample.lending import BRIDGE, REFINANCING, Lending
from panhuo.sample.parties import Registry, party_id, party_ids
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, NEVER
from panhuo.sample.repayment import WRITE_OFF, Ledger, Terms
from panhuo.sample.streams import stream


def tell_claims(
    people: Population, lending: Lending, ledger: Ledger, terms: Terms, cases: list[Case], flows: list[tuple[int, int]]
) -> None:
    """Adds claims and recoveries to each case's rows."""
    count = len(lending)
    opened = np.full(count, -1, dtype=np.int64)
    last = np.full(count, AS_OF, dtype=np.int64)
    for case in cases:
        opened[case.drawdown] = case.opened_on
        stop = min(case.written_off_on, case.closed_on)
        if stop <= AS_OF:
            last[case.drawdown] = stop - 1
    at_opening, at_last = ledger.balances(opened), ledger.balances(last)
    base = np.array([AS_OF] * count, dtype=np.int64)
    for case in cases:
        if case.closed_on <= AS_OF:
            base[case.drawdown] = case.base_on
    at_base = ledger.balances(base)
    split = {
        flow: (int(p), int(i)) for flow, p, i in zip(flows, ledger.cash_principal, ledger.cash_interest, strict=True)
    }
    for position, case in enumerate(cases):
        if case.cured_on < NEVER:
            continue
        d = case.drawdown
        fixed = {
            "id": case.claim, "party_id": party_id(case.borrower), "kind": "loan",
            "contract_id": f"C{case.contract:06d}", "corporate": case.corporate, "currency": "CNY",
            "due_on": min(case.accelerated, case.due),
        }  # fmt: skip

        def figures(row: np.ndarray, day: int) -> dict[str, Any]:
            return {"principal": int(row[0]), "interest": int(row[1:].sum()), "advanced_costs": 0, "base_on": day}

        case.tell("claims", case.opened_on, status="held", **fixed, **figures(at_opening[d], case.opened_on))
        case.tell(
            "claim_drawdowns", case.opened_on, id=f"{case.claim}-D", claim_id=case.claim,
            drawdown_id=f"D{d:06d}", share=1_000_000,
        )  # fmt: skip
        case.tell(
            "accrual_status", case.opened_on, id=f"D{d:06d}", drawdown_id=f"D{d:06d}", status="non_accrual",
            since_on=case.opened_on, reason="逾期超过90天",
        )  # fmt: skip
        settled = int(ledger.settled_on[d])
        if settled <= AS_OF:
            case.tell("claims", settled, status="settled", **fixed, **figures(at_last[d] * 0, settled))
        elif case.closed_on <= AS_OF:
            case.tell("claims", case.closed_on - 1, status="assigned", **fixed, **figures(at_base[d], case.base_on))
        elif case.written_off_on <= AS_OF:
            case.tell("claims", case.written_off_on, status="held", **fixed, **figures(at_last[d], case.written_off_on))
        else:
            case.tell("claims", AS_OF, status="held", **fixed, **figures(at_last[d], AS_OF))
        _recoveries(position, case, split, at_last[d].tolist())


def _recoveries(position: int, case: Case, split: dict[tuple[int, int], tuple[int, int]], left: list[int]) -> None:
    principal, rest = left[0], sum(left[1:])
    for number, cash in enumerate(case.cash):
        if cash.day > AS_OF:
            continue
        if (position, number) in split:
            to_principal, to_interest = split[(position, number)]
        else:  # after the write-off or the sale: principal first
            to_principal = min(cash.net, principal)
            to_interest = min(cash.net - to_principal, rest)
            principal -= to_principal
            rest -= to_interest
        net = to_principal + to_interest
        if net <= 0:
            continue
        owner = None
        if case.base_on < cash.day < case.closed_on:
            owner = "buyer"
        case.tell(
            "recoveries", cash.day, id=f"Y{case.claim}-{number:02d}", claim_id=case.claim,
            drawdown_id=f"D{case.drawdown:06d}", source=cash.source, received_on=cash.day,
            gross=max(cash.gross, net), court_deductions=cash.deductions, net=net, to_principal=to_principal,
            to_interest=to_interest, to_costs=0, transition_owner=owner, currency="CNY",
        )  # fmt: skip
        if net >= 1_000_00 and cash.source in ("debtor", "guarantor"):
            case.tell(
                "limitation_events", cash.day, id=f"E{case.claim}-P{number:02d}", claim_id=case.claim,
                right_kind="debt", party_id=party_id(case.borrower), kind="part_payment", done_on=cash.day,
                reached_on=cash.day, grade="a",
            )  # fmt: skip


def hand_over(cases: list[Case], facts: Facts) -> None:
    """Puts the cases' rows into the bank's facts: up to the closing for those that were sold."""
    for case in cases:
        for table, row in case.rows:
            if row["effective_on"] < case.closed_on:
                facts.row(table, **row)


def tell_writeoffs(people: Population, lending: Lending, ledger: Ledger, facts: Facts) -> None:
    """Writes `writeoffs` from the ledger's own postings."""
    chance = stream(people.seed, "write-offs")
    rows = np.flatnonzero(ledger.kind == WRITE_OFF)
    d = ledger.drawdown[rows]
    facts.add(
        "writeoffs",
        {
            "id": numbered("WO", rows, 8),
            "effective_on": ledger.day[rows],
            "drawdown_id": drawdown_ids(d),
            "party_id": party_ids(lending.borrower[d]),
            "approved_on": ledger.day[rows] - 12,
            "written_off_on": ledger.day[rows],
            "component": coded(COMPONENTS, ledger.component[rows]),
            "amount": ledger.amount[rows],
            "kept_on_record": True,
            "tax_file": numbered("核销", d, 6),
            "accountability": coded(
                ("pending", "exempt", "found"), np.searchsorted([0.2, 0.92], chance.random(len(rows)))
            ),
            "currency": "CNY",
        },
    )


def tell_classes(people: Population, lending: Lending, ledger: Ledger, terms: Terms, facts: Facts) -> None:
    """Writes `class_decisions`: at each quarter end, whatever is not normal, and what became normal again."""
    chance = stream(people.seed, "classes")
    count = len(lending)
    end = np.minimum(ledger.settled_on, terms.stop_day)
    quality = people.quality[lending.borrower]
    whim = chance.random(count)
    renewed = np.isin(lending.renewal, (REFINANCING, BRIDGE)) & (quality > 0.4)
    extended = lending.due > lending.due_first
    lengths = np.diff(terms.block_at)
    owner = np.repeat(np.arange(count), lengths)
    before = np.zeros(count, dtype=np.int64)
    for quarter in quarter_ends(int(lending.out.min()) + 400):
        live = (lending.out <= quarter) & (end > quarter)
        inside = (terms.block_from <= quarter) & (terms.block_until > quarter)
        days = np.zeros(count, dtype=np.int64)
        np.maximum.at(days, owner[inside], quarter - terms.block_from[inside] + 1)
        floor = np.searchsorted([1, 91, 271, 361], days, side="right")
        final = floor.copy()
        final = np.where((floor == 1) & (days > 30) & (lending.stop <= quarter) & (whim < 0.55), 2, final)
        watch = renewed & (whim < 0.18) | (quality > 1.5) & (whim > 0.78) | extended & (lending.due_first <= quarter)
        final = np.where(live & (final == 0) & watch, 1, final)
        final = np.where(live, final, 0)
        # one bad debt of a firm casts doubt on its others
        worst = np.zeros(people.count, dtype=np.int64)
        np.maximum.at(worst, lending.borrower, final)
        cast = live & (final < 2) & (worst[lending.borrower] >= 2) & people.corporate[lending.borrower] & (whim < 0.7)
        final = np.where(cast, 2, final)
        told = np.flatnonzero(live & ((final > 0) | (before > 0)))
        before = final
        retail = ~people.corporate[lending.borrower[told]]
        lenient = whim[told] > 0.9
        officer = np.where(lenient & (final[told] > 1), final[told] - 1, final[told])
        facts.add(
            "class_decisions",
            {
                "id": pc.binary_join_element_wise(drawdown_ids(told), pa.scalar(str(quarter)), "-"),
                "effective_on": np.full(len(told), quarter), "drawdown_id": drawdown_ids(told),
                "party_id": party_ids(lending.borrower[told]), "decided_on": np.full(len(told), quarter),
                "system_floor": coded(FIVE_CLASSES, floor[told]), "officer": coded(FIVE_CLASSES, officer),
                "committee": coded(FIVE_CLASSES, final[told]), "final": coded(FIVE_CLASSES, final[told]),
                "route": coded(("retail", "non_retail"), np.where(retail, 0, 1)),
            },
        )  # fmt: skip


def restated(table: pa.Table, ids: list[str], day: list[int], changes: dict[str, list[Any]]) -> pa.Table:
    """Later facts of entities told before: their first rows with another day and changed columns."""
    found = pc.index_in(pa.array(ids, pa.string()), table.column("id").combine_chunks())
    rows = table.take(found)
    rows = rows.set_column(
        rows.schema.get_field_index("effective_on"), "effective_on", pa.array(day, pa.int32()).cast(pa.date32())
    )
    for name, values in changes.items():
        at = rows.schema.get_field_index(name)
        kind = rows.schema.field(name).type
        array = pa.array(values, pa.int32()).cast(kind) if pa.types.is_date32(kind) else pa.array(values, kind)
        rows = rows.set_column(at, rows.schema.field(at), array)
    return rows


def demands_on_guarantors(cases: list[Case]) -> tuple[list[str], list[int]]:
    """(guarantee, first day a demand or suit reached the guarantor) of every guarantee demanded."""
    first: dict[str, int] = {}
    for case in cases:
        for table, row in case.rows:
            if table == "limitation_events" and row.get("right_kind") == "guarantee" and row.get("reached_on"):
                guarantee = row["guarantee_id"]
                first[guarantee] = min(first.get(guarantee, NEVER), row["reached_on"])
    ids = sorted(first)
    return ids, [first[i] for i in ids]


def changed_parties(
    people: Population, registry: Registry, cases: list[Case]
) -> tuple[list[str], list[int], list[str]]:
    """(party, day, status) of parties that died, were deregistered, revoked or went bankrupt: dirt, and cases."""
    chance = stream(people.seed, "statuses")
    found: dict[str, tuple[int, str]] = {}
    draws = chance.random((registry.total, 3))
    for number in np.flatnonzero(draws[:, 0] < 0.021).tolist():
        if number >= registry.guarantee_companies[0]:
            continue
        natural = number >= people.count or people.kind[number] == 3
        start = int(people.start_on[number]) if number < people.count else AS_OF - 900
        day = start + 200 + int(draws[number, 1] * 1_500)
        status = "deceased" if natural else ("deregistered" if draws[number, 2] < 0.5 else "revoked")
        if day <= AS_OF:
            found[party_id(number)] = (day, status)
    for case in cases:
        for table, row in case.rows:
            if table == "bankruptcies":
                found[row["party_id"]] = (row["accepted_on"], "in_bankruptcy")
        # a firm that stopped paying often stops altogether
        if case.corporate and case.number % 7 == 0 and case.opened_on + 200 <= AS_OF:
            found.setdefault(party_id(case.borrower), (case.opened_on + 200, "abnormal"))
    ids = sorted(found)
    return ids, [found[i][0] for i in ids], [found[i][1] for i in ids]
