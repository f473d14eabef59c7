"""Days past due and the ledger's balances, drawdown by drawdown: the first thing monitoring judges.

Invariant: balances tie to the ledger to the fen: everything owed, less what was received of a component that nothing
ever raised, is the signed postings added up. Such a receipt (a lender that books interest as it is paid) leaves no
negative balance and stands beside as `received_not_raised`. Days past due count from the day the oldest unpaid
principal or interest fell due (that day itself is day 0), what was paid being applied to what fell due first.

A plan's principal is compared with principal received or waived, its interest with interest received or waived. A
write-off cures nothing: what was written off unpaid goes on counting days, though nothing of it is left on the books,
for as long as anything else is owed. Principal past due is never more than the principal owed; interest past due never
more than the interest owed, once the ledger accrues it. A drawdown without instalments is due in full at maturity;
where a book shows neither instalments nor receipts of it, or holds no plan at all but states what became of the debt,
days past due are unknown and `basis` says ``status``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.book.tables.credit import DRAWDOWN_STATUSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.stages.monitoring import ledger

WORDS = Path(__file__).parent / "words.toml"

BASES = CodeList.of(
    "past_due_bases",
    ("instalments", "按还款计划", "by the repayment plan"),
    ("maturity", "无计划，按到期日", "no plan: by the day of maturity"),
    ("status", "无计划亦无收款记录，仅有陈述状态", "neither plan nor receipts: a stated status only"),
)
BUCKETS = CodeList.of(
    "past_due_buckets",
    ("current", "未逾期", "not past due"),
    ("days_1_30", "逾期1-30天", "1-30 days"),
    ("days_31_60", "逾期31-60天", "31-60 days"),
    ("days_61_90", "逾期61-90天", "61-90 days"),
    ("days_91_180", "逾期91-180天", "91-180 days"),
    ("days_181_270", "逾期181-270天", "181-270 days"),
    ("days_271_360", "逾期271-360天", "271-360 days"),
    ("over_360", "逾期360天以上", "over 360 days"),
)

_BALANCES = tuple(
    Column(f"{name}_balance", ColumnType.FEN, f"{zh}余额", f"balance: {en}")
    for name, zh, en in (
        ("principal", "本金", "principal"),
        ("interest", "表内利息", "interest on the balance sheet"),
        ("interest_off_balance", "表外利息", "interest off the balance sheet"),
        ("penalty", "罚息", "penalty interest"),
        ("compound", "复利", "compound interest"),
        ("fee", "费用", "fees"),
        ("court_cost_advanced", "垫付诉讼费", "court costs advanced"),
        ("late_performance", "加倍迟延利息", "doubled late-performance interest"),
    )
)

SUBJECT = Schema(
    "days_past_due",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("contract_id", ColumnType.TEXT, "借款合同", "contract"),
        Column("as_of", ColumnType.DATE, "截至日", "as of", required=True),
        Column("out_on", ColumnType.DATE, "发放日", "day paid out"),
        Column("due_on", ColumnType.DATE, "到期日", "day due"),
        Column("amount", ColumnType.FEN, "借据金额", "amount paid out"),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
        Column("status", ColumnType.CODE, "状态", "status", codes=DRAWDOWN_STATUSES),
        Column("basis", ColumnType.CODE, "逾期口径", "how days past due are known", codes=BASES, required=True),
        Column("principal_unpaid_since", ColumnType.DATE, "最早未还本金应还日", "oldest unpaid principal fell due"),
        Column("interest_unpaid_since", ColumnType.DATE, "最早未还利息应还日", "oldest unpaid interest fell due"),
        Column("principal_due", ColumnType.FEN, "累计应还本金", "principal fallen due"),
        Column("interest_due", ColumnType.FEN, "累计应还利息", "interest fallen due"),
        Column("principal_satisfied", ColumnType.FEN, "累计已还本金", "principal received or waived"),
        Column("interest_satisfied", ColumnType.FEN, "累计已还利息", "interest received or waived"),
        Column("accrued", ColumnType.FEN, "累计计提利息", "interest accrued"),
        Column("principal_written_off", ColumnType.FEN, "已核销本金", "principal written off"),
        Column("interest_written_off", ColumnType.FEN, "已核销利息", "interest written off"),
        Column("received_not_raised", ColumnType.FEN, "已收未计提", "received of what was never accrued"),
        Column("last_paid_on", ColumnType.DATE, "最近还款日", "day of the last receipt or waiver"),
        *_BALANCES,
    ),
)

VERDICT = Schema(
    "days_past_due",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("overdue_since", ColumnType.DATE, "逾期起算应还日", "due day it counts from"),
        Column("bucket", ColumnType.CODE, "逾期档", "bucket", codes=BUCKETS),
        Column("overdue_principal", ColumnType.FEN, "逾期本金", "principal past due"),
        Column("overdue_interest", ColumnType.FEN, "逾期利息", "interest past due"),
        Column("overdue", ColumnType.BOOL, "是否逾期", "past due"),
        Column("days_to_maturity", ColumnType.DAYS, "距到期天数", "days to maturity, negative once past it"),
        Column("basis", ColumnType.CODE, "逾期口径", "how days past due are known", codes=BASES),
        Column("by_status", ColumnType.BOOL, "逾期天数未知", "days past due cannot be known"),
        *_BALANCES,
        Column(
            "book_balance",
            ColumnType.FEN,
            "账面余额（本金加表内利息）",
            "book balance: principal and on-sheet interest",
        ),
        Column("total_owed", ColumnType.FEN, "全部债权余额", "everything owed"),
        Column("last_paid_on", ColumnType.DATE, "最近还款日", "day of the last receipt or waiver"),
        Column("received_not_raised", ColumnType.FEN, "已收未计提", "received of what was never accrued"),
    ),
)


def _unpaid_since(due: Any, component: str) -> Any:
    """drawdown -> first due day at which the cumulated due exceeds what was satisfied."""
    order = ibis.window(group_by="drawdown_id", order_by=["due_on"], following=0)
    rows = due.select(
        "drawdown_id",
        "due_on",
        satisfied=due[f"{component}_satisfied"],
        reached=due[component].sum().over(order).cast("int64"),
    )
    rows = rows.filter(rows.reached > rows.satisfied)
    return rows.group_by(unpaid_drawdown_id="drawdown_id").aggregate(since=ibis._.due_on.min())


def gather(snapshot: Any) -> Any:
    """One row a drawdown with any balance or, where the ledger is silent, with a stated status."""
    as_of = ibis.literal(snapshot.as_of, "date")
    zero = ibis.literal(0, "int64")
    drawdowns = snapshot.table("drawdowns")
    drawdowns = drawdowns.select(
        "party_id",
        "contract_id",
        "out_on",
        "due_on",
        "amount",
        "status",
        drawdown_id=drawdowns.id,
        currency=ibis.coalesce(drawdowns.currency, "CNY"),
    )
    balances = ledger.balances(snapshot)
    balances = balances.rename(balances_drawdown_id="drawdown_id")
    plan = ledger.standing_instalments(snapshot)
    planned = plan.group_by(planned_drawdown_id="drawdown_id").aggregate(planned=ibis._.count())
    known = drawdowns.left_join(balances, drawdowns.drawdown_id == balances.balances_drawdown_id)
    known = known.left_join(planned, known.drawdown_id == planned.planned_drawdown_id)
    decided = snapshot.table("class_decisions").select(decided_drawdown_id="drawdown_id").distinct()
    known = known.left_join(decided, known.drawdown_id == decided.decided_drawdown_id)
    # A book without any plan that states what became of a debt is believed in that, not re-counted by its maturity.
    plans = ibis.literal(snapshot.holds("instalments"))
    stated = known.decided_drawdown_id.notnull() | (ibis.coalesce(known.status, "open") != "open")
    basis = ibis.cases(
        (known.planned.notnull(), "instalments"),
        (~plans & stated, "status"),
        (ibis.coalesce(known.receipts, 0) > 0, "maturity"),
        (known.balances_drawdown_id.notnull() & plans, "maturity"),
        else_="status",
    )
    known = known.rename(principal_written_off="written_off")
    sums = ("principal_satisfied", "interest_satisfied", "accrued", "principal_written_off", "interest_written_off")
    known = known.mutate(basis=basis, **{n: ibis.coalesce(known[n], zero) for n in sums})
    silent = known.balances_drawdown_id.isnull()
    not_raised, balances_kept = zero, {}
    for name in ledger.COMPONENT_NAMES:
        column = f"{name}_balance"
        if name == "principal":
            # No ledger at all: an open drawdown stands at what was paid out, nothing else is known to be owed.
            stated = ibis.cases((ibis.coalesce(known.status, "open") == "open", known.amount), else_=zero)
            balances_kept[column] = ibis.ifelse(silent, stated, known[column])
        else:
            only_received = ~ibis.coalesce(known[f"{name}_raised"], False) & (known[column] < 0)
            not_raised += ibis.ifelse(only_received, -known[column], zero)
            balances_kept[column] = ibis.ifelse(only_received, zero, ibis.coalesce(known[column], zero))
    known = known.mutate(received_not_raised=ibis.coalesce(not_raised, zero), **balances_kept)
    owing = known[f"{ledger.COMPONENT_NAMES[0]}_balance"] != 0
    for name in ledger.COMPONENT_NAMES[1:]:
        owing = owing | (known[f"{name}_balance"] != 0)
    known = known.filter(owing | (known.basis == "status"))

    satisfied = known.select(
        "drawdown_id", "principal_satisfied", "interest_satisfied", "basis", "due_on", "amount", "disbursed"
    )
    fallen = plan.filter(plan.due_on < as_of).group_by(["drawdown_id", "due_on"])
    fallen = fallen.aggregate(
        principal=ibis._.principal.sum().cast("int64"), interest=ibis._.interest.sum().cast("int64")
    )
    due = fallen.join(satisfied.select("drawdown_id", "principal_satisfied", "interest_satisfied"), "drawdown_id")
    bullets = satisfied.filter((satisfied.basis == "maturity") & (satisfied.due_on < as_of))
    bullets = bullets.select(
        "drawdown_id",
        "due_on",
        principal=ibis.coalesce(bullets.disbursed.nullif(0), bullets.amount),
        interest=zero,
        principal_satisfied=bullets.principal_satisfied,
        interest_satisfied=bullets.interest_satisfied,
    )
    due = due.union(bullets)
    cumulated = due.group_by(due_drawdown_id="drawdown_id").aggregate(
        principal_due=ibis._.principal.sum().cast("int64"), interest_due=ibis._.interest.sum().cast("int64")
    )
    known = known.left_join(cumulated, known.drawdown_id == cumulated.due_drawdown_id).drop("due_drawdown_id")
    for component in ("principal", "interest"):
        since = _unpaid_since(due, component).rename({f"{component}_unpaid_since": "since"})
        known = known.left_join(since, known.drawdown_id == since.unpaid_drawdown_id).drop("unpaid_drawdown_id")
    known = known.mutate(
        as_of=as_of,
        principal_due=ibis.coalesce(known.principal_due, zero),
        interest_due=ibis.coalesce(known.interest_due, zero),
    )
    return known.select(SUBJECT.names)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """Days past due from the older of unpaid principal and interest, with what is owed as the ceiling of each."""
    as_of = row.as_of[0]
    stated = row.basis[0] == 2
    principal = row.principal_balance[0]
    interest = row.interest_balance[0] + row.interest_off_balance_balance[0]

    late_principal = row.principal_due[0] - row.principal_satisfied[0]
    counts = late_principal > 0 and row.principal_written_off[0] > 0
    if late_principal > principal:
        late_principal = principal
    since, late = 0, False
    if (counts or late_principal > 0) and row.principal_unpaid_since[1]:
        since, late = row.principal_unpaid_since[0], True
    if late_principal < 0 or not late:
        late_principal = 0
    late_interest = row.interest_due[0] - row.interest_satisfied[0]
    counts = late_interest > 0 and row.interest_written_off[0] > 0
    if row.accrued[0] > 0 and late_interest > interest:
        late_interest = interest
    if (counts or late_interest > 0) and row.interest_unpaid_since[1]:
        if not late or row.interest_unpaid_since[0] < since:
            since = row.interest_unpaid_since[0]
        late = True
        if late_interest < 0:
            late_interest = 0
    else:
        late_interest = 0

    days = as_of - since if late else 0
    bucket = 0
    if days > 360:
        bucket = 7
    elif days > 270:
        bucket = 6
    elif days > 180:
        bucket = 5
    elif days > 90:
        bucket = 4
    elif days > 60:
        bucket = 3
    elif days > 30:
        bucket = 2
    elif days > 0:
        bucket = 1
    known = not stated
    book = principal + row.interest_balance[0]
    total = (
        principal
        + interest
        + row.penalty_balance[0]
        + row.compound_balance[0]
        + row.fee_balance[0]
        + row.court_cost_advanced_balance[0]
        + row.late_performance_balance[0]
    )
    return (
        (row.currency[0], True),
        (days, known),
        (since, known and late),
        (bucket, known),
        (late_principal, known),
        (late_interest, known),
        (days > 0, known),
        (row.due_on[0] - as_of, row.due_on[1]),
        (row.basis[0], True),
        (stated, True),
        (principal, True),
        (row.interest_balance[0], True),
        (row.interest_off_balance_balance[0], True),
        (row.penalty_balance[0], True),
        (row.compound_balance[0], True),
        (row.fee_balance[0], True),
        (row.court_cost_advanced_balance[0], True),
        (row.late_performance_balance[0], True),
        (book, True),
        (total, True),
        (row.last_paid_on[0], row.last_paid_on[1]),
        (row.received_not_raised[0], True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    reasons=(
        Reason(
            "PAST_DUE",
            when="overdue",
            contribution="overdue_days",
            arguments=("overdue_since", "overdue_days", "overdue_principal", "overdue_interest"),
        ),
        Reason("PAST_DUE_UNKNOWN", when="by_status", arguments=("status", "principal_balance")),
    ),
    words=WORDS,
    zh="逾期天数与余额",
    en="days past due and balances",
    purpose="loan_management",
)
