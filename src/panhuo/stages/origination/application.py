"""The application as it stood: one row a contract, with what was known on the day it was signed and nothing later.

Invariant: no column can know the outcome. A measure counts when it was observed by the signing day; what became of the
loan is added only on request, under names that begin with ``outcome_``, for training.
"""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

OUTCOMES = ("outcome_charged_off", "outcome_charged_off_amount")
LOSSES = ("outcome_loss_share", "outcome_lost_over_half")


def application_frame(snapshot: Any, *, with_outcome: bool = False) -> pa.Table:
    """Applications of a book as a table a model reads, in contract order.

    Columns: ``contract_id``, ``party_id``, ``signed_on``, ``principal`` (minor units), ``kind``, ``industry``,
    ``region`` of the borrower, then one integer column a measure of `observations` (its latest value by the signing
    day). With `with_outcome`: ``outcome_charged_off`` (0 or 1) and ``outcome_charged_off_amount`` (minor units).
    """
    contracts, parties = snapshot.table("contracts"), snapshot.table("parties")
    rows = contracts.join(parties, contracts.party_id == parties.id).select(
        contract_id=contracts.id,
        party_id=contracts.party_id,
        signed_on=contracts.signed_on,
        principal=contracts.principal,
        kind=parties.kind,
        industry=parties.industry,
        region=parties.region,
    )
    if snapshot.holds("observations"):
        rows = _with_measures(rows, snapshot.table("observations"))
    if with_outcome:
        rows = _with_outcome(rows, snapshot.table("writeoffs"), snapshot.table("drawdowns"))
    return rows.order_by("contract_id").to_pyarrow()


def loss_frame(snapshot: Any) -> pa.Table:
    """Applications whose loan was charged off, with the share that was lost: what a loss model is trained on.

    Columns of `application_frame`, then ``outcome_loss_share`` (ppm of what was paid out: 1,000,000 is all of it; above
    that where more was charged off than paid out) and ``outcome_lost_over_half`` (0 or 1).
    """
    frame = application_frame(snapshot, with_outcome=True)
    frame = frame.filter(pc.equal(frame.column(OUTCOMES[0]), 1))
    drawdowns = snapshot.table("drawdowns")
    paid = drawdowns.group_by("contract_id").agg(paid_out=drawdowns.amount.sum().cast("int64")).to_pyarrow()
    by_contract = dict(zip(paid.column("contract_id").to_pylist(), paid.column("paid_out").to_pylist(), strict=True))
    lost = frame.column(OUTCOMES[1]).to_pylist()
    out = [by_contract[name] for name in frame.column("contract_id").to_pylist()]
    share = [amount * 1_000_000 // whole for amount, whole in zip(lost, out, strict=True)]
    frame = frame.drop_columns(list(OUTCOMES))
    frame = frame.append_column(LOSSES[0], pa.array(share, pa.int64()))
    return frame.append_column(LOSSES[1], pa.array([int(s > 500_000) for s in share], pa.int64()))


def _with_measures(rows: Any, seen: Any) -> Any:
    days = rows.select("contract_id", "party_id", "signed_on")
    mine = days.join(seen.select("party_id", "measure", "value", "month_end_on", "id"), "party_id")
    mine = mine.filter(mine.month_end_on <= mine.signed_on)
    latest = ibis.window(group_by=[mine.contract_id, mine.measure], order_by=[mine.month_end_on.desc(), mine.id.desc()])
    mine = mine.mutate(place=ibis.row_number().over(latest)).filter(lambda t: t.place == 0)
    names = sorted(mine.select("measure").distinct().to_pyarrow().column(0).to_pylist())
    wide = mine.group_by("contract_id").agg(
        **{f"measure_{n}": ibis.ifelse(mine.measure == n, mine.value, ibis.null("int64")).max() for n in names}
    )
    return rows.left_join(wide, "contract_id").drop("contract_id_right")


def _with_outcome(rows: Any, writeoffs: Any, drawdowns: Any) -> Any:
    lost = writeoffs.join(drawdowns.select(drawdown_id="id", contract_id="contract_id"), "drawdown_id")
    lost = lost.group_by("contract_id").agg(outcome_charged_off_amount=lost.amount.sum())
    rows = rows.left_join(lost, "contract_id").drop("contract_id_right")
    amount = rows.outcome_charged_off_amount
    happened = amount.notnull().cast("int64")
    return rows.mutate(outcome_charged_off=happened, outcome_charged_off_amount=amount.fill_null(0))
