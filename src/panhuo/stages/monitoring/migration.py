"""Migration: where the debts of a month and a year ago stand today, by days past due and by class.

Invariant: the amounts that left one state add up to what stood in it at the opening, to the fen (opening principal);
what was paid out since stands in rows that start from ``new``, at today's principal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.money import ratio
from panhuo.stages.monitoring import ledger
from panhuo.stages.monitoring.days_past_due import BUCKETS
from panhuo.stages.monitoring.opening import opening_day

WORDS = Path(__file__).parent / "words.toml"

LADDERS = CodeList.of(
    "migration_ladders",
    ("month", "一个月逾期滚动", "days past due over one month"),
    ("year", "一年逾期迁徙", "days past due over one year"),
    ("class", "一年分类迁徙（期初为认定结果）", "class over one year, from the class booked at the opening"),
)
STATES = CodeList(
    "migration_states",
    (
        *BUCKETS.codes,
        *FIVE_CLASSES.codes,
        *CodeList.of(
            "ends",
            ("new", "期后新增", "paid out since"),
            ("settled", "已结清", "settled"),
            ("written_off", "已核销", "written off"),
            ("assigned", "已转让", "assigned"),
            ("unknown", "未知", "unknown"),
        ).codes,
    ),
)

_KEY = (
    Column("currency", ColumnType.CODE, "币种", "currency", key=True, required=True, codes=CURRENCIES),
    Column("ladder", ColumnType.CODE, "口径", "ladder", key=True, required=True, codes=LADDERS),
    Column("from_state", ColumnType.CODE, "期初", "at the opening", key=True, required=True, codes=STATES),
    Column("to_state", ColumnType.CODE, "期末", "today", key=True, required=True, codes=STATES),
)
_SUMS = (
    Column("loans", ColumnType.INT, "笔数", "drawdowns", required=True),
    Column("balance", ColumnType.FEN, "期初本金（新增为期末本金）", "opening principal (new: today's)", required=True),
)
SUBJECT = Schema(
    "migration", (*_KEY, *_SUMS, Column("from_balance", ColumnType.FEN, "期初该档合计", "all that stood there"))
)
VERDICT = Schema(
    "migration",
    (*_KEY, *_SUMS, Column("share", ColumnType.PPM, "迁徙率", "share of what stood there at the opening")),
)


def _ends(snapshot: Any) -> Any:
    """Drawdowns that left the book by write-off or assignment: end_id, end."""
    moves = ledger.movements(snapshot)
    moves = moves.filter((moves.component == "principal") & moves.kind.isin(("write_off", "assign")))
    ends = moves.group_by(end_id="drawdown_id").aggregate(written=(ibis._.kind == "write_off").any())
    return ends.select("end_id", end=ibis.ifelse(ends.written, "written_off", "assigned"))


def _walked(opening: Any, closing: Any, ends: Any, ladder: str) -> Any:
    """Opening rows (drawdown_id, currency, state, principal) walked to closing rows of the same shape, one by one."""
    now = closing.rename(now_id="drawdown_id", now_currency="currency", to_state="state", now_principal="principal")
    both = opening.outer_join(now, opening.drawdown_id == now.now_id)
    both = both.left_join(ends, ibis.coalesce(both.drawdown_id, both.now_id) == ends.end_id)
    return both.select(
        drawdown_id=ibis.coalesce(both.drawdown_id, both.now_id),
        currency=ibis.coalesce(both.currency, both.now_currency),
        ladder=ibis.literal(ladder),
        from_state=ibis.ifelse(both.drawdown_id.isnull(), "new", ibis.coalesce(both.state, "unknown")),
        to_state=ibis.ifelse(
            both.now_id.isnull(), ibis.coalesce(both.end, "settled"), ibis.coalesce(both.to_state, "unknown")
        ),
        principal=ibis.coalesce(both.principal, both.now_principal),
    )


def _stood(outcome: Any) -> Any:
    rows = ibis.memtable(outcome.table)
    rows = rows.filter(rows.principal_balance > 0)
    return rows.select("drawdown_id", "currency", state="bucket", principal="principal_balance")


def drawdowns_walked(
    snapshot: Any, classes: Any, days_past_due: Any, days_past_due_a_month_ago: Any, days_past_due_a_year_ago: Any
) -> Any:
    """One row a ladder and drawdown: drawdown_id, currency, ladder, from_state, to_state, principal. The rows that the
    cells of the migration are made of."""
    now, ends = _stood(days_past_due), _ends(snapshot)
    month, year = _stood(days_past_due_a_month_ago), _stood(days_past_due_a_year_ago)
    walks = [_walked(month, now, ends, "month"), _walked(year, now, ends, "year")]
    if snapshot.holds("class_decisions"):
        day = ibis.literal(opening_day(snapshot.as_of, 12), "date")
        booked = snapshot.table("class_decisions")
        booked = booked.filter(booked.decided_on <= day)
        order = [booked.decided_on.desc(), booked.fact_sequence.desc(), booked.fact_position.desc()]
        booked = booked.mutate(place=ibis.row_number().over(ibis.window(group_by="drawdown_id", order_by=order)))
        booked = booked.filter(booked.place == 0).select(booked_id="drawdown_id", final="final")
        then = year.left_join(booked, year.drawdown_id == booked.booked_id)
        then = then.select("drawdown_id", "currency", "principal", state=ibis.coalesce(then.final, "unknown"))
        held = ibis.memtable(classes.table).select(held_id=ibis._.drawdown_id, state="class")
        today = now.drop("state")
        today = today.left_join(held, today.drawdown_id == held.held_id)
        today = today.select("drawdown_id", "currency", "state", "principal")
        columns = ["drawdown_id", "currency", "state", "principal"]
        walks.append(_walked(then.select(columns), today.select(columns), ends, "class"))
    return ibis.union(*walks)


def gather(
    snapshot: Any, classes: Any, days_past_due: Any, days_past_due_a_month_ago: Any, days_past_due_a_year_ago: Any
) -> Any:
    """One row a currency, ladder, opening state and state today."""
    walked = drawdowns_walked(snapshot, classes, days_past_due, days_past_due_a_month_ago, days_past_due_a_year_ago)
    rows = walked.group_by(["currency", "ladder", "from_state", "to_state"]).aggregate(
        loans=ibis._.count().cast("int64"), balance=ibis._.principal.sum().cast("int64")
    )
    stood = ibis.window(group_by=["currency", "ladder", "from_state"])
    return rows.mutate(from_balance=rows.balance.sum().over(stood).cast("int64")).select(SUBJECT.names)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """The share of what stood in the opening state."""
    return (
        row.loans,
        row.balance,
        (ratio(max(row.balance[0], 0), row.from_balance[0]), row.from_balance[0] > 0),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("classes", "days_past_due", "days_past_due_a_month_ago", "days_past_due_a_year_ago"),
    reasons=(Reason("MIGRATED", when="loans", contribution="balance", arguments=("loans", "balance", "from_balance")),),
    words=WORDS,
    zh="迁徙率",
    en="migration",
    purpose="risk_classification",
)
