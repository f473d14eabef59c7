"""The NPL bridge of a year, drawdown by drawdown.

Opening + formation - write-off - sale - cash - waiver - upgrade = closing.

Invariant: the bridge closes on every row, and so on every sum of rows, to the fen of principal. Today's NPL is that of
`classes`; a year ago a debt was NPL when it was booked so, or was more than 90 days past due.

What a performing debt repaid before it went bad is no recovery of NPL; one that was written off or sold within the year
without standing as NPL at either end was formed and left in the same year.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.stages.monitoring import ledger
from panhuo.stages.monitoring.opening import opening_day

WORDS = Path(__file__).parent / "words.toml"

_KEY = (
    Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
    Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
)
_CURRENCY = Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1)
SUBJECT = Schema(
    "npl_movements",
    (
        *_KEY,
        _CURRENCY,
        Column("was_npl", ColumnType.BOOL, "期初不良", "NPL a year ago", required=True),
        Column("is_npl", ColumnType.BOOL, "期末不良", "NPL today", required=True),
        Column("principal_then", ColumnType.FEN, "期初本金", "principal a year ago", required=True),
        Column("principal_now", ColumnType.FEN, "期末本金", "principal today", required=True),
        Column("raised", ColumnType.FEN, "期间增加本金", "principal added", required=True),
        Column("received", ColumnType.FEN, "期间收回本金", "principal received", required=True),
        Column("waived", ColumnType.FEN, "期间减免本金", "principal waived", required=True),
        Column("written_off", ColumnType.FEN, "期间核销本金", "principal written off", required=True),
        Column("assigned", ColumnType.FEN, "期间转让本金", "principal assigned", required=True),
    ),
)
VERDICT = Schema(
    "npl_movements",
    (
        *_KEY,
        _CURRENCY,
        Column("opening", ColumnType.FEN, "期初不良", "opening NPL"),
        Column("formation", ColumnType.FEN, "不良生成", "formed"),
        Column("write_off", ColumnType.FEN, "核销", "written off"),
        Column("sale", ColumnType.FEN, "转让", "sold"),
        Column("cash", ColumnType.FEN, "现金收回", "cash recovered"),
        Column("waiver", ColumnType.FEN, "减免", "waived"),
        Column("upgrade", ColumnType.FEN, "上调", "upgraded"),
        Column("closing", ColumnType.FEN, "期末不良", "closing NPL"),
        Column("formed", ColumnType.BOOL, "有生成", "formed within the year"),
        Column("left", ColumnType.BOOL, "有处置或上调", "left within the year"),
    ),
)


def gather(snapshot: Any, classes: Any, days_past_due: Any, days_past_due_a_year_ago: Any) -> Any:
    """One row a drawdown that was or is NPL, or was written off or sold within the year."""
    no, zero = ibis.literal(False), ibis.literal(0, "int64")
    opening = ibis.literal(opening_day(snapshot.as_of, 12), "date")
    then = ibis.memtable(days_past_due_a_year_ago.table)
    then = then.select("overdue_days", then_id="drawdown_id", principal_then="principal_balance")
    booked = snapshot.table("class_decisions")
    booked = booked.filter(booked.decided_on <= opening)
    order = [booked.decided_on.desc(), booked.fact_sequence.desc(), booked.fact_position.desc()]
    booked = booked.mutate(place=ibis.row_number().over(ibis.window(group_by="drawdown_id", order_by=order)))
    booked = booked.filter(booked.place == 0).select(booked_id="drawdown_id", final="final")
    now = ibis.memtable(days_past_due.table).select(now_id=ibis._.drawdown_id, principal_now="principal_balance")
    held = ibis.memtable(classes.table).select("non_performing", held_id=ibis._.drawdown_id)
    moves = ledger.movements(snapshot)
    moves = moves.filter((moves.component == "principal") & (moves.posted_on > opening))

    def total(kinds: tuple[str, ...], sign: int) -> Any:
        return ibis.coalesce((ibis._.amount * sign).sum(where=ibis._.kind.isin(kinds)), zero).cast("int64")

    moves = moves.group_by(moved_id="drawdown_id").aggregate(
        raised=total(ledger.RAISES, 1),
        received=total(("receive",), -1),
        waived=total(("waive",), -1),
        written_off=total(("write_off",), -1),
        assigned=total(("assign",), -1),
    )
    drawdowns = snapshot.table("drawdowns")
    rows = drawdowns.select("party_id", drawdown_id=drawdowns.id, currency=ibis.coalesce(drawdowns.currency, "CNY"))
    rows = rows.left_join(then, rows.drawdown_id == then.then_id)
    rows = rows.left_join(booked, rows.drawdown_id == booked.booked_id)
    rows = rows.left_join(now, rows.drawdown_id == now.now_id)
    rows = rows.left_join(held, rows.drawdown_id == held.held_id)
    rows = rows.left_join(moves, rows.drawdown_id == moves.moved_id)
    was = (ibis.coalesce(rows.overdue_days, 0) > 90) | ibis.coalesce(
        rows.final.isin(("substandard", "doubtful", "loss")), no
    )
    amounts = ("principal_then", "principal_now", "raised", "received", "waived", "written_off", "assigned")
    rows = rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        was_npl=was & (ibis.coalesce(rows.principal_then, zero) != 0),
        is_npl=ibis.coalesce(rows.non_performing, no),
        **{name: ibis.coalesce(rows[name], zero) for name in amounts},
    )
    kept = rows.was_npl | rows.is_npl | (rows.written_off != 0) | (rows.assigned != 0)
    return rows.filter(kept).select(SUBJECT.names)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """One drawdown's line of the bridge."""
    was, now = row.was_npl[0], row.is_npl[0]
    out = row.written_off[0] + row.assigned[0]
    opening, cash, waiver, upgrade = 0, 0, 0, 0
    closing = row.principal_now[0] if now else 0
    if was:
        opening, cash, waiver = row.principal_then[0], row.received[0], row.waived[0]
        formation = row.raised[0]
        if not now:
            upgrade = opening + formation - out - cash - waiver
    else:
        formation = closing + out
    return (
        row.currency,
        (opening, True),
        (formation, True),
        (row.written_off[0], True),
        (row.assigned[0], True),
        (cash, True),
        (waiver, True),
        (upgrade, True),
        (closing, True),
        (formation != 0, True),
        (out + cash + waiver + upgrade != 0, True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("classes", "days_past_due", "days_past_due_a_year_ago"),
    reasons=(
        Reason("NPL_FORMED", when="formed", contribution="formation", arguments=("formation", "principal_then")),
        Reason(
            "NPL_LEFT", when="left", arguments=("opening", "write_off", "sale", "cash", "waiver", "upgrade", "closing")
        ),
    ),
    words=WORDS,
    zh="不良变动",
    en="the NPL bridge",
    purpose="risk_classification",
)
