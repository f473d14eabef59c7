"""When each drawdown first defaulted: the first day more than 90 days past due, or its write-off.

Invariant: decided day by day from plan and receipts alone: a drawdown is in default on the 91st day after a due day
when all that was received or waived by the 90th day is less than all that had fallen due by that due day, and principal
is still owed. A default once reached stays, whatever was paid later. Principal and interest are counted together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.dates import civil_from_days, months_between
from panhuo.stages.monitoring import ledger

WORDS = Path(__file__).parent / "words.toml"

CAUSES = CodeList.of(
    "default_causes",
    ("past_due", "逾期超过90天", "more than 90 days past due"),
    ("written_off", "核销", "written off"),
)

_SAME = (
    Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
    Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
)
_FACTS = (
    Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
    Column("amount", ColumnType.FEN, "借据金额", "amount paid out", required=True),
    Column("out_on", ColumnType.DATE, "发放日", "day paid out", required=True),
)
SUBJECT = Schema(
    "defaults",
    (
        *_SAME,
        *_FACTS,
        Column("as_of", ColumnType.DATE, "截至日", "as of", required=True),
        Column("past_due_on", ColumnType.DATE, "首次逾期满91天之日", "first day 91 days past due"),
        Column("written_off_on", ColumnType.DATE, "核销日", "day written off"),
    ),
)
VERDICT = Schema(
    "defaults",
    (
        *_SAME,
        *_FACTS,
        Column("quarter", ColumnType.INT, "发放季度（年×10+季）", "quarter paid out, year x 10 + quarter"),
        Column("months_on_book", ColumnType.INT, "账龄（月）", "whole months on the book"),
        Column("defaulted", ColumnType.BOOL, "曾违约", "ever in default"),
        Column("defaulted_on", ColumnType.DATE, "首次违约日", "first day in default"),
        Column("months_to_default", ColumnType.INT, "违约时账龄（月）", "whole months to default"),
        Column("cause", ColumnType.CODE, "违约原因", "cause", codes=CAUSES),
    ),
)


def gather(snapshot: Any) -> Any:
    """One row a drawdown ever paid out."""
    as_of = ibis.literal(snapshot.as_of, "date")
    zero, none = ibis.literal(0, "int64"), ibis.null("int64")
    plan = ledger.standing_instalments(snapshot)
    plan = plan.group_by(["drawdown_id", "due_on"]).aggregate(
        amount=(ibis._.principal + ibis._.interest).sum().cast("int64")
    )
    by_day = ibis.window(group_by="drawdown_id", order_by="due_on", following=0)
    plan = plan.select("drawdown_id", "due_on", reached=plan.amount.sum().over(by_day).cast("int64"))
    ninety = ibis.interval(days=90)
    probes = plan.select(
        "drawdown_id", day=plan.due_on + ninety, turn=ibis.literal(1), paid=zero, principal=zero, reached=plan.reached
    )
    probes = probes.filter(probes.day < as_of)
    moves = ledger.movements(snapshot)
    moves = moves.filter(
        (moves.component == "principal")
        | (moves.kind.isin(("receive", "waive")) & moves.component.isin(ledger.INTEREST))
    )
    moves = moves.select(
        "drawdown_id",
        day="posted_on",
        turn=ibis.literal(0),
        paid=ibis.ifelse(moves.kind.isin(("receive", "waive")), -moves.amount, zero),
        principal=ibis.ifelse(moves.component == "principal", moves.amount, zero),
        reached=none,
    )
    both = moves.union(probes)
    running = ibis.window(group_by="drawdown_id", order_by=[both.day, both.turn], following=0)
    both = both.select(
        "drawdown_id",
        "day",
        "reached",
        paid=both.paid.sum().over(running).cast("int64"),
        owed=both.principal.sum().over(running).cast("int64"),
    )
    late = both.filter(both.reached.notnull() & (both.paid < both.reached) & (both.owed > 0))
    late = late.group_by(late_id="drawdown_id").aggregate(on_day=ibis._.day.min())
    offs = snapshot.table("postings")
    offs = offs.filter((offs.kind == "write_off") & (offs.component == "principal"))
    offs = offs.group_by(off_id="drawdown_id").aggregate(off_on=ibis._.posted_on.min())
    stated = (
        snapshot.table("writeoffs").group_by(stated_id="drawdown_id").aggregate(stated_on=ibis._.written_off_on.min())
    )
    drawdowns = snapshot.table("drawdowns")
    drawdowns = drawdowns.select(
        "party_id", "amount", "out_on", drawdown_id=drawdowns.id, currency=ibis.coalesce(drawdowns.currency, "CNY")
    )
    rows = drawdowns.left_join(late, drawdowns.drawdown_id == late.late_id)
    rows = rows.left_join(offs, rows.drawdown_id == offs.off_id)
    rows = rows.left_join(stated, rows.drawdown_id == stated.stated_id)
    return rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        "amount",
        "out_on",
        as_of=as_of,
        past_due_on=(rows.on_day + ibis.interval(days=1)).cast("date"),
        written_off_on=ibis.coalesce(rows.off_on, rows.stated_on),
    )


def judge(row: Any, rules: Any, model: Any) -> Any:
    """The earlier of 91 days past due and write-off, in months on the book."""
    out = row.out_on[0]
    on, known, cause = 0, False, 0
    if row.past_due_on[1]:
        on, known = row.past_due_on[0], True
    if row.written_off_on[1] and (not known or row.written_off_on[0] < on):
        on, known, cause = row.written_off_on[0], True, 1
    year, month, _ = civil_from_days(out)
    quarter = year * 10 + (month - 1) // 3 + 1
    return (
        row.currency,
        row.amount,
        row.out_on,
        (quarter, True),
        (months_between(out, row.as_of[0]), True),
        (known, True),
        (on, known),
        (months_between(out, on) if known else 0, known),
        (cause, known),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    reasons=(
        Reason("DEFAULTED", when="defaulted", arguments=("defaulted_on", "cause", "months_to_default", "amount")),
    ),
    words=WORDS,
    zh="首次违约",
    en="first default of each drawdown",
    purpose="risk_classification",
)
