"""The ledger, set-wise: what each posting does to a balance, and balances and receipts by drawdown.

Invariant: the balances of all drawdowns, added up, are the signed postings added up, to the fen; a reversed posting and
its reversal leave nothing behind. Sums are integer sums.
"""

from __future__ import annotations

from typing import Any

import ibis

from panhuo.ground.book.tables.credit import COMPONENTS

COMPONENT_NAMES: tuple[str, ...] = tuple(code.code for code in COMPONENTS)
"""The components a balance is kept by, in the ledger's own order."""

RAISES = ("disburse", "accrue", "advance")
LOWERS = ("receive", "waive", "write_off", "assign")
INTEREST = ("interest", "interest_off_balance")


def _sign(kind: Any, component: Any) -> Any:
    """+1, -1 or 0: what a posting of this kind does to the balance of the component it names."""
    return ibis.cases(
        (kind.isin(RAISES), 1),
        (kind.isin(LOWERS), -1),
        ((kind == "move_off_balance") & (component == "interest"), -1),
        ((kind == "move_off_balance") & (component == "interest_off_balance"), 1),
        else_=0,
    ).cast("int64")


def movements(snapshot: Any) -> Any:
    """Every posting as a signed movement: drawdown_id, posted_on, component, kind, amount (fen, + raises), reversal.

    A reversal has the kind of the posting it reverses and the opposite sign; one that names no posting in the book is
    taken as the reversal of a receipt, which is the careful reading (the debt stands again). A posting moves only the
    component it names: interest moved off the balance sheet leaves `interest` by one posting and enters
    `interest_off_balance` by another, be it of the same kind or an accrual.
    """
    postings = snapshot.table("postings").select(
        "id", "drawdown_id", "posted_on", "component", "kind", "amount", "reverses_id"
    )
    plain = postings.filter(postings.kind != "reverse")
    plain = plain.select(
        "id",
        "drawdown_id",
        "posted_on",
        "component",
        "kind",
        amount=plain.amount * _sign(plain.kind, plain.component),
        reversal=ibis.literal(False),
    )
    back = postings.filter(postings.kind == "reverse")
    named = back.filter(back.reverses_id.notnull()).select(named_id="reverses_id").distinct()
    first = postings.filter(postings.kind != "reverse")
    first = first.semi_join(named, first.id == named.named_id).select(first_id="id", first_kind="kind")
    back = back.left_join(first, back.reverses_id == first.first_id)
    kind = ibis.coalesce(back.first_kind, "receive")
    back = back.select(
        "id",
        "drawdown_id",
        "posted_on",
        "component",
        kind=kind,
        amount=-back.amount * _sign(kind, back.component),
        reversal=ibis.literal(True),
    )
    return plain.union(back)


def standing_receipts(snapshot: Any) -> Any:
    """Receipts and waivers that were not reversed: drawdown_id, posted_on, component, amount (fen).

    A receipt whose reversal names it is left out with its reversal, as if it had never been; a reversal that names
    nothing counts against what was received, on its own day.
    """
    postings = snapshot.table("postings")
    back = postings.filter(postings.kind == "reverse")
    gone = back.filter(back.reverses_id.notnull()).select(gone_id="reverses_id").distinct()
    paid = postings.filter(postings.kind.isin(("receive", "waive")))
    paid = paid.anti_join(gone, paid.id == gone.gone_id)
    paid = paid.select("drawdown_id", "posted_on", "component", "amount")
    loose = back.filter(back.reverses_id.isnull())
    return paid.union(loose.select("drawdown_id", "posted_on", "component", amount=-loose.amount))


def balances(snapshot: Any) -> Any:
    """One row a drawdown with postings: `COMPONENT_balance` for every component, what was satisfied, and when last.

    Columns beside the balances: principal_satisfied, interest_satisfied (received or waived, net of reversals),
    disbursed, written_off, assigned (principal), interest_written_off, accrued (interest), receipts (a count),
    last_paid_on, and `COMPONENT_raised` for every component but principal: whether anything ever raised it.
    """
    rows = movements(snapshot)
    satisfied = rows.kind.isin(("receive", "waive"))
    zero = ibis.literal(0, "int64")

    def total(condition: Any, sign: int = 1) -> Any:
        return ibis.coalesce((rows.amount * sign).sum(where=condition), zero).cast("int64")

    measures = {f"{name}_balance": total(rows.component == name) for name in COMPONENT_NAMES}
    interest = rows.component.isin(INTEREST)
    measures["principal_satisfied"] = total(satisfied & (rows.component == "principal"), -1)
    measures["interest_satisfied"] = total(satisfied & interest, -1)
    measures["disbursed"] = total((rows.kind == "disburse") & (rows.component == "principal"))
    measures["written_off"] = total((rows.kind == "write_off") & (rows.component == "principal"), -1)
    measures["assigned"] = total((rows.kind == "assign") & (rows.component == "principal"), -1)
    measures["interest_written_off"] = total((rows.kind == "write_off") & interest, -1)
    measures["accrued"] = total((rows.kind == "accrue") & interest)
    for name in COMPONENT_NAMES[1:]:
        raising = (rows.component == name) & (rows.kind.isin(RAISES) | (rows.kind == "move_off_balance"))
        measures[f"{name}_raised"] = ibis.coalesce((raising & (rows.amount > 0)).any(), ibis.literal(False))
    receipt = (rows.kind == "receive") & (rows.component.isin(("principal", *INTEREST)))
    measures["receipts"] = ibis.cases((receipt & ~rows.reversal, 1), (receipt, -1), else_=0).cast("int64").sum()
    summed = rows.group_by("drawdown_id").aggregate(**measures)
    paid = standing_receipts(snapshot)
    paid = paid.filter(paid.amount > 0).group_by(last_drawdown_id="drawdown_id")
    last = paid.aggregate(last_paid_on=ibis._.posted_on.max())
    return summed.left_join(last, summed.drawdown_id == last.last_drawdown_id).drop("last_drawdown_id")


def standing_instalments(snapshot: Any) -> Any:
    """Instalments that stand: drawdown_id, due_on, principal, interest (fen; unknown interest counts as none).

    Worked out once and handed on as rows: finding the latest fact of each instalment is dear, callers read it often.
    """
    rows = snapshot.table("instalments")
    rows = rows.filter(ibis.coalesce(rows.status, "due") == "due")
    rows = rows.select("drawdown_id", "due_on", "principal", interest=ibis.coalesce(rows.interest, 0).cast("int64"))
    return ibis.memtable(rows.to_pyarrow())
