"""The planted truth: what is really so in the sample, kept beside the book where no stage looks.

Invariant: nothing here is part of a batch; tests and model trials compare with it after the fact.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from panhuo.sample.cases import Case
from panhuo.sample.credit import drawdown_ids
from panhuo.sample.facts import numbered
from panhuo.sample.lending import Lending
from panhuo.sample.parties import Registry, party_ids
from panhuo.sample.population import Population, month_starts
from panhuo.sample.presets import NEVER, SECURITIES
from panhuo.sample.security import Security, asset_ids


def _day(days: np.ndarray) -> pa.Array:
    return pa.array(np.where(np.abs(days) > 1 << 30, 0, days).astype(np.int32), mask=np.abs(days) > 1 << 30).cast(
        pa.date32()
    )


def truth_tables(
    people: Population, lending: Lending, registry: Registry, security: Security, cases: list[Case]
) -> dict[str, pa.Table]:
    """Name -> table: borrowers, rings, hidden ties, shells, fraud groups, dual contracts, evergreened loans, losses."""
    everyone = np.arange(people.count)
    members = np.flatnonzero(people.ring >= 0)
    frauds = np.flatnonzero(people.fraud_group >= 0)
    hidden = (
        people.truth.get("hidden_left", np.zeros(0, np.int64)),
        people.truth.get("hidden_right", np.zeros(0, np.int64)),
    )
    evergreen = np.flatnonzero(lending.evergreen)
    dual = np.flatnonzero(people.truth.get("dual", np.zeros(len(security.slot), bool)))
    chosen = [c for c in cases if c.cured_on >= NEVER]
    paid = [sum(cash.net for cash in c.cash) for c in chosen]
    starts = month_starts()
    regions, months = people.collateral_index.shape
    return {
        "borrowers": pa.table(
            {
                "party_id": party_ids(everyone), "quality": people.quality, "hazard": people.hazard,
                "default_on": _day(people.default_on),
            }
        ),
        "rings": pa.table(
            {
                "party_id": party_ids(members), "ring": people.ring[members],
                "guarantees": party_ids(people.ring_next[members]),
            }
        ),
        "owners": pa.table(
            {
                "party_id": party_ids(np.flatnonzero(people.firm >= 0)),
                "firm": party_ids(people.firm[people.firm >= 0]),
            }
        ),
        "hidden_ties": pa.table({"left": party_ids(hidden[0]), "right": party_ids(hidden[1])}),
        "shell_guarantors": pa.table({"party_id": party_ids(registry.shells)}),
        "fraud_groups": pa.table({"party_id": party_ids(frauds), "group": people.fraud_group[frauds]}),
        "dual_contracts": pa.table({"asset_id": asset_ids(dual), "true_value": security.true_value[dual]}),
        "asset_twins": pa.table(
            {
                "asset_id": asset_ids(people.truth["twins"]), "twin_id": numbered("AT", people.truth["twins"], 6),
            }
        ),
        "evergreened": pa.table({"drawdown_id": drawdown_ids(evergreen)}),
        "assets": pa.table({"asset_id": asset_ids(np.arange(len(security.slot))), "true_value": security.true_value}),
        "losses": pa.table(
            {
                "claim_id": pa.array([c.claim for c in chosen], pa.string()),
                "security": pa.array([SECURITIES[c.security] for c in chosen], pa.string()),
                "corporate": pa.array([c.corporate for c in chosen], pa.bool_()),
                "principal": pa.array([c.principal for c in chosen], pa.int64()),
                "cash_ever": pa.array(paid, pa.int64()),
                "present_value": pa.array([_present(c) for c in chosen], pa.int64()),
                "last_cash_on": _day(np.array([max([x.day for x in c.cash], default=NEVER) for c in chosen], np.int64)),
                "first_missed_on": _day(np.array([c.first_missed for c in chosen], np.int64)),
                "first_seizure": pa.array([c.first_seizure for c in chosen], pa.bool_()),
                "leased": pa.array([c.leased for c in chosen], pa.bool_()),
            }
        ),
        "collateral_index": pa.table(
            {
                "region": np.repeat([r for r, _, _ in people.preset.regions], months),
                "month": _day(np.tile(starts[:months], regions)),
                "index": people.collateral_index.ravel(),
            }
        ),
    }  # fmt: skip


def _present(case: Case) -> int:
    """Cash less 8 % of disposal cost, discounted to the first missed day at 5 % a year."""
    return int(sum(min(c.net, case.principal) * 0.92 / 1.05 ** ((c.day - case.first_missed) / 365) for c in case.cash))


def write_truth(folder: Path, tables: dict[str, pa.Table]) -> None:
    """Writes each table as Parquet into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in sorted(tables.items()):
        pq.write_table(table, folder / f"{name}.parquet")
