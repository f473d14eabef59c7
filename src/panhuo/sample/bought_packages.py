"""The asset manager: a second organisation that bought six packages from the bank and works them out.

Invariant: its facts are its own (own ids, own parties with the bank as their source), sealed in its own batches; what
it copied at a closing is what the bank's file held that day, and the seller's figures stand as the seller stated them.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import table_named
from panhuo.sample.cases import Case
from panhuo.sample.distress import PACKAGES
from panhuo.sample.facts import Facts
from panhuo.sample.parties import Registry, party_id
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, UNSECURED
from panhuo.sample.repayment import Ledger
from panhuo.sample.streams import Chance

ORGANISATION = "amc"
COMPONENT_NAMES = ("principal", "interest", "interest_off_balance", "penalty", "compound")
_COPIED = {
    "contracts": "id", "drawdowns": "contract_id", "guarantees": "contract_id", "security_rights_debts": "contract_id",
}  # fmt: skip
_LEFT_OUT = {"facility_id", "previous_drawdown_id", "decision_id", "group_id", "modification_id", "consent_id"}


class Renaming:
    """The asset manager's ids for what the bank calls otherwise."""

    def __init__(self, registry: Registry) -> None:
        self._parties: dict[str, str] = {party_id(registry.buyer): "K000001", party_id(registry.bank): "K000002"}

    def party(self, identity: str | None) -> str | None:
        """The manager's own id of a bank's party."""
        if identity is None:
            return None
        if identity not in self._parties:
            self._parties[identity] = f"K{len(self._parties) + 1:06d}"
        return self._parties[identity]

    @property
    def parties(self) -> dict[str, str]:
        """Bank's id -> manager's id, in the order they were met."""
        return self._parties

    def row(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """A single row renamed."""
        found = dict(row)
        found["id"] = "K" + row["id"]
        for column in table_named(table).reference_columns:
            value = found.get(column.name)
            if value is None:
                continue
            if column.name in _LEFT_OUT:
                found[column.name] = None
            else:
                found[column.name] = self.party(value) if column.references == "parties" else "K" + value
        return found

    def table(self, name: str, rows: pa.Table) -> pa.Table:
        """Many rows renamed."""
        declared = table_named(name)
        renamed = {"id": pc.binary_join_element_wise(pa.scalar("K"), rows.column("id"), "")}
        for column in declared.reference_columns:
            values = rows.column(column.name)
            if column.name in _LEFT_OUT:
                renamed[column.name] = pa.nulls(len(rows), pa.string())
            elif column.references == "parties":
                renamed[column.name] = pa.array([self.party(v) for v in values.to_pylist()], pa.string())
            else:
                renamed[column.name] = pc.binary_join_element_wise(pa.scalar("K"), values, "")
        for column_name, values in renamed.items():
            at = rows.schema.get_field_index(column_name)
            rows = rows.set_column(at, rows.schema.field(at), values)
        return rows


def batch_ends() -> list[int]:
    """The closing of each package, then the last observation day."""
    return [closed for _, closed in PACKAGES] + [AS_OF]


def tell_packages(
    people: Population, registry: Registry, ledger: Ledger, cases: list[Case], bank: Facts, tables: dict[str, pa.Table]
) -> list[dict[str, pa.Table]]:
    """The manager's batches, one a closing and one at the end; adds the seller's side to the bank's facts."""
    names = Renaming(registry)
    ends = batch_ends()
    batches = [Facts() for _ in ends]
    copies: list[dict[str, list[pa.Table]]] = [{} for _ in ends]
    chance = Chance(people.seed, "packages")
    for number, (base, closed) in enumerate(PACKAGES):
        sold = [c for c in cases if c.package == number and c.closed_on <= AS_OF]
        if not sold:
            continue
        balances = ledger.balances(base)
        _package(people, registry, names, batches[number], bank, chance, number, base, closed, sold, balances)
        _copy(tables, names, copies[number], closed, sold)
        for case in sold:
            for table, row in case.rows:
                at = number
                while ends[at] < row["effective_on"]:
                    at += 1
                if table != "claims" and table != "accrual_status":
                    batches[at].row(table, **names.row(table, row))
    _parties(registry, names, tables["parties"], batches, copies)
    found = []
    for facts, parts in zip(batches, copies, strict=True):
        told = facts.tables()
        for table, pieces in parts.items():
            told[table] = pa.concat_tables([*pieces, *([told[table]] if table in told else [])])
        found.append({name: rows for name, rows in told.items() if len(rows)})
    return found


def _package(
    people: Population, registry: Registry, names: Renaming, amc: Facts, bank: Facts, chance: Chance, number: int,
    base: int, closed: int, sold: list[Case], balances: Any,
) -> None:  # fmt: skip
    personal = all(not case.corporate for case in sold)
    identity = f"PK{number + 1}"
    stated_principal = stated_interest = price = 0
    lines = []
    for case in sold:
        row = balances[case.drawdown]
        principal, interest = int(row[0]), int(row[1:].sum())
        # dirt: one interest figure in ten is off by more than one per cent
        parts = [int(x) for x in row]
        if chance.happens(0.10):
            factor = chance.one_of((chance.between(0.80, 0.985), 1), (chance.between(1.015, 1.25), 1))
            parts[2:] = [int(x * factor) for x in parts[2:]]
        interest = sum(parts[1:])
        share = (
            chance.between(0.04, 0.10) if case.security == UNSECURED or case.asset < 0 else chance.between(0.28, 0.48)
        )
        allocated = int(principal * share) // 10_000 * 10_000
        stated_principal, stated_interest, price = (
            stated_principal + principal,
            stated_interest + interest,
            price + allocated,
        )
        lines.append((case, parts, principal, interest, allocated))
    for facts, ours in ((bank, False), (amc, True)):
        prefix = "K" if ours else ""

        def of(party: str, ours: bool = ours) -> str:
            return str(names.party(party)) if ours else party

        fixed = {
            "id": prefix + identity, "name": f"{people.preset.place}{2021 + number}第{number + 1}期不良资产包",
            "seller_id": of(party_id(registry.bank)), "seller_kind": "rural_bank", "base_on": base,
            "kind": "personal_batch" if personal else "corporate_batch" if len(sold) >= 3 else "corporate_single",
            "region": people.preset.regions[0][0], "debtors": len({c.borrower for c in sold}),
            "stated_principal": stated_principal, "stated_interest": stated_interest, "currency": "CNY",
        }  # fmt: skip
        facts.row("packages", effective_on=base + 5, status="due_diligence", **fixed)
        offered = base + (closed - base) // 2
        starting = price * 9 // 10
        facts.row(
            "packages",
            effective_on=offered,
            status="offered",
            offered_on=offered,
            closes_on=closed - 12,
            starting_price=starting,
            **fixed,
        )
        facts.row(
            "packages",
            effective_on=closed,
            status="closed",
            offered_on=offered,
            closes_on=closed - 12,
            starting_price=starting,
            price=price,
            closed_on=closed,
            **fixed,
        )
        for case, parts, principal, interest, allocated in lines:
            claim = prefix + case.claim
            debtor = of(party_id(case.borrower))
            overdue = base - case.first_missed
            cls = "loss" if overdue > 360 else "doubtful" if overdue > 270 else "substandard"
            facts.row(
                "package_items",
                id=f"{prefix}PI{case.claim}",
                effective_on=base + 5,
                package_id=prefix + identity,
                claim_id=claim,
                party_id=debtor,
                five_class=cls,
                principal=principal,
                interest=interest,
                advanced_costs=0,
                overdue_days=overdue,
                allocated_price=allocated,
                in_litigation=case.sued_on < base,
                currency="CNY",
            )
            facts.row(
                "assignments",
                id=f"{prefix}AS{case.claim}",
                effective_on=closed,
                claim_id=claim,
                number=1,
                assignor_id=of(party_id(registry.bank)),
                assignee_id=of(party_id(registry.buyer)),
                base_on=base,
                signed_on=closed - 8,
                closed_on=closed,
                allocated_price=allocated,
                original_contract_seen=chance.happens(0.9),
                recourse=False,
                currency="CNY",
            )
            if not ours:
                continue
            facts.row(
                "claims",
                id=claim,
                effective_on=closed,
                party_id=debtor,
                holder_id="K000001",
                kind="judgment" if case.effective_since < closed else "loan",
                contract_id=f"KC{case.contract:06d}",
                principal=principal,
                interest=interest,
                advanced_costs=0,
                base_on=base,
                due_on=min(case.accelerated, case.due),
                status="held",
                corporate=case.corporate,
                currency="CNY",
            )
            for component, amount in zip(COMPONENT_NAMES, parts, strict=True):
                if amount:
                    facts.row(
                        "stated_balances",
                        id=f"KSB{case.claim}-{component[:4]}{len(component)}",
                        effective_on=base,
                        claim_id=claim,
                        drawdown_id=f"KD{case.drawdown:06d}",
                        party_id=debtor,
                        base_on=base,
                        component=component,
                        amount=amount,
                        stated_by="seller",
                        currency="CNY",
                    )
            method, grade = chance.one_of((("courier", "b"), 5), (("newspaper", "d"), 3), (("in_person", "a"), 1))
            day = closed + chance.whole(5, 60)
            if day <= AS_OF:
                reached = day + chance.whole(0, 5) if chance.happens(0.9) else None
                facts.row(
                    "notices",
                    id=f"KNA{case.claim}",
                    effective_on=day,
                    claim_id=claim,
                    assignment_id=f"KAS{case.claim}",
                    addressee_id=debtor,
                    addressee_role="debtor",
                    purpose="assignment",
                    method=method,
                    sent_on=day,
                    reached_on=reached,
                    grade=grade,
                )
                facts.row(
                    "limitation_events",
                    id=f"KEA{case.claim}",
                    effective_on=day,
                    claim_id=claim,
                    right_kind="debt",
                    party_id=debtor,
                    kind="assignment_notice",
                    done_on=day,
                    reached_on=reached,
                    grade=grade,
                )


def _copy(
    tables: dict[str, pa.Table], names: Renaming, into: dict[str, list[pa.Table]], closed: int, sold: list[Case]
) -> None:
    contracts = pa.array(sorted({f"C{c.contract:06d}" for c in sold}))
    drawdowns = pa.array(sorted({f"D{c.drawdown:06d}" for c in sold}))
    assets = pa.array(sorted({f"A{c.asset:06d}" for c in sold if c.asset >= 0}), pa.string())
    chosen: dict[str, tuple[str, pa.Array]] = {name: (column, contracts) for name, column in _COPIED.items()}
    chosen["drawdowns"] = ("id", drawdowns)
    chosen |= {"assets": ("id", assets), "security_assets": ("asset_id", assets), "appraisals": ("asset_id", assets)}
    rights = tables["security_assets"].filter(pc.is_in(tables["security_assets"].column("asset_id"), assets))
    chosen["security_rights"] = ("id", pc.unique(rights.column("security_right_id")))
    limit = pa.scalar(closed, pa.int32()).cast(pa.date32())
    for name, (column, keys) in chosen.items():
        if name not in tables:
            continue
        rows = tables[name]
        keep = pc.and_(pc.is_in(rows.column(column), keys), pc.less(rows.column("effective_on"), limit))
        if name == "appraisals":  # those of enforcement come with the case
            keep = pc.and_(keep, pc.not_equal(rows.column("purpose"), "enforcement"))
        rows = rows.filter(keep)
        if name == "drawdowns":
            rows = rows.filter(pc.not_equal(rows.column("status"), "assigned"))
        if len(rows):
            into.setdefault(name, []).append(names.table(name, rows))


def _parties(
    registry: Registry,
    names: Renaming,
    parties: pa.Table,
    batches: list[Facts],
    copies: list[dict[str, list[pa.Table]]],
) -> None:
    """The manager's parties: told with the first batch that names them (all of them are named at a closing)."""
    told: set[str] = set()
    first = parties.take(pc.index_in(pa.array(list(names.parties)), parties.column("id").combine_chunks()))
    place = {identity: row for row, identity in enumerate(names.parties)}
    for at, (facts, parts) in enumerate(zip(batches, copies, strict=True)):
        named: set[str] = {"K000001", "K000002"} if at == 0 else set()
        for table, pieces in parts.items():
            columns = [c.name for c in table_named(table).reference_columns if c.references == "parties"]
            for piece in pieces:
                for column in columns:
                    named |= {v for v in pc.unique(piece.column(column)).to_pylist() if v}
        for table in facts.names():
            columns = [c.name for c in table_named(table).reference_columns if c.references == "parties"]
            named |= {row[c] for row in facts.rows(table) for c in columns if row.get(c)}
        new = sorted(named - told)
        told |= named
        if not new:
            continue
        back = {ours: theirs for theirs, ours in names.parties.items()}
        rows = first.take(pa.array([place[back[n]] for n in new]))
        for column, values in (
            ("id", pa.array(new)),
            ("source_org", pa.array(["self"] * len(new))),
            ("source_id", pa.array([back[n] for n in new])),
        ):
            index = rows.schema.get_field_index(column)
            rows = rows.set_column(index, rows.schema.field(index), values)
        parts["parties"] = [rows]
