"""What a bank gets wrong and puts right: postings booked wrongly, double bookings reversed, an appraisal withdrawn.

Invariant: with the corrections batch the book says what the ledger says; without it, it says what the bank believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.book.folder import Book
from panhuo.ground.book.table import OWN_ORGANISATION
from panhuo.sample.presets import AS_OF
from panhuo.sample.repayment import INTEREST, RECEIVE, Ledger
from panhuo.sample.streams import stream


@dataclass
class Corrections:
    """The postings booked wrongly at first (with their right rows) and the appraisals withdrawn."""

    postings: pa.Table
    appraisals: pa.Table


def misbook(seed: int, ledger: Ledger, tables: dict[str, pa.Table]) -> Corrections:
    """Books some receipts wrongly in `tables`, adds double bookings and reversals; returns what puts it right."""
    chance = stream(seed, "corrections")
    receipts = np.flatnonzero((ledger.kind == RECEIVE) & (ledger.component == INTEREST) & (ledger.amount > 100_000))
    chosen = np.sort(chance.permutation(receipts)[: max(3, len(receipts) // 25_000)])
    twice = np.sort(chance.permutation(receipts)[: max(3, len(receipts) // 4_000)])
    postings = tables["postings"]
    right = postings.take(pa.array(chosen))
    wrong = np.array(postings.column("amount").to_numpy())
    wrong[chosen] += 90_000  # a slipped digit
    at = postings.schema.get_field_index("amount")
    postings = postings.set_column(at, postings.schema.field(at), pa.array(wrong))
    double = tables["postings"].take(pa.array(twice))
    first = pc.binary_join_element_wise(pa.scalar("X"), double.column("id"), "")
    later = pa.array(np.minimum(ledger.day[twice] + 3, AS_OF).astype(np.int32)).cast(pa.date32())
    extra = _with(double, {"id": first, "voucher": pa.repeat("重复入账", len(double))})
    undone = _with(
        double,
        {
            "id": pc.binary_join_element_wise(pa.scalar("R"), double.column("id"), ""), "effective_on": later,
            "posted_on": later, "kind": pa.repeat("reverse", len(double)), "reverses_id": first,
            "voucher": pa.repeat("冲正", len(double)),
        },
    )  # fmt: skip
    tables["postings"] = pa.concat_tables([postings, extra, undone])
    appraisals = tables["appraisals"]
    rows = np.sort(chance.permutation(len(appraisals))[: max(2, len(appraisals) // 4_000)])
    return Corrections(right, appraisals.take(pa.array(rows)))


def _with(table: pa.Table, columns: dict[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), values)
    return table


def _places(book: Book, table: str, ids: pa.ChunkedArray) -> dict[str, str]:
    """id -> fact it was last told as, in the bank's sealed batches."""
    found: dict[str, str] = {}
    wanted = pc.unique(ids)
    for batch in book.batches(OWN_ORGANISATION):
        path = batch.folder / f"{table}.parquet"
        if not path.exists():
            continue
        rows = pq.read_table(path, columns=["id", "fact_sequence", "fact_position"])
        rows = rows.filter(pc.is_in(rows.column("id"), wanted))
        for identity, sequence, position in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            found[identity] = f"{sequence}-{position}"
    return found


def correcting_batch(book: Book, corrections: Corrections) -> dict[str, pa.Table]:
    """The rows that put the sealed batches right: each names the fact it replaces."""
    found = {}
    for name, rows, gone in (("postings", corrections.postings, False), ("appraisals", corrections.appraisals, True)):
        places = _places(book, name, rows.column("id"))
        replaced = pa.array([places[i] for i in rows.column("id").to_pylist()], pa.string())
        rows = _with(
            rows, {"replaces": replaced, "known_on": pa.array([AS_OF] * len(rows), pa.int32()).cast(pa.date32())}
        )
        if gone:
            rows = _with(rows, {"withdrawn": pa.repeat(True, len(rows))})
        found[name] = rows
    return found
