"""The five-level class of each debt: its own floor, then contagion, restructuring and the upgrade gate.

Invariant: the class is the worse of the debt's own floor and what the debtor's other debts, a restructuring and the
last booked class allow; it never improves as days past due grow. What officer and committee said stands beside it and
never inside it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.book.tables.parties import CLASSIFICATION_ROUTES, FIVE_CLASSES
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.schedules import number
from panhuo.ground.values.dates import from_date, months_between
from panhuo.stages.monitoring import ledger
from panhuo.stages.monitoring.class_floor import CLASS_BASES, latest_credit_report, latest_decision

WORDS = Path(__file__).parent / "words.toml"

SUBJECT = Schema(
    "class",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("classified_on", ColumnType.DATE, "分类日", "day of classification", required=True),
        Column("floor", ColumnType.CODE, "逐笔分类下限", "floor of the debt by itself", codes=FIVE_CLASSES),
        Column(
            "classification_route", ColumnType.CODE, "分类路径", "retail or non-retail", codes=CLASSIFICATION_ROUTES
        ),
        Column("claims_here", ColumnType.FEN, "债务人在本行的全部债权", "all claims of the debtor here"),
        Column("bad_claims_here", ColumnType.FEN, "其中不良债权", "non-performing ones among them"),
        Column("recognised_enhancement", ColumnType.BOOL, "有监管认可的增信", "has recognised credit enhancement"),
        Column("debts_all_banks", ColumnType.FEN, "债务人在所有银行的债务", "the debtor's debts at all banks"),
        Column("debts_overdue_all_banks", ColumnType.FEN, "其中逾期超过90天的债务", "those over 90 days past due"),
        Column("in_observation", ColumnType.BOOL, "重组资产处于观察期", "restructured, under observation"),
        Column(
            "class_before_restructuring", ColumnType.CODE, "重组前分类", "class before restructuring",
            codes=FIVE_CLASSES,
        ),
        Column("failed_in_observation", ColumnType.BOOL, "观察期内未按约定足额还款", "not paid as agreed"),
        Column("restructured_again", ColumnType.BOOL, "观察期内再次重组", "restructured again during observation"),
        Column("previous_class", ColumnType.CODE, "上次分类", "class last booked", codes=FIVE_CLASSES),
        Column("arrears_cleared", ColumnType.BOOL, "逾期债权及相关费用已全部偿付", "all arrears and fees are paid"),
        Column("periods_on_time", ColumnType.INT, "此后连续按时偿还期数", "periods paid on time since"),
        Column("months_on_time", ColumnType.INT, "此后按时偿还月数", "months paid on time since"),
        Column("performance_expected", ColumnType.BOOL, "预计能够持续履行合同", "sustained performance is expected"),
        Column("other_impaired_here", ColumnType.BOOL, "在本行有其他已减值资产", "has another impaired asset here"),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("credit_impaired", ColumnType.BOOL, "已发生信用减值", "credit-impaired"),
        Column("class_basis", ColumnType.CODE, "分类依据", "what the class rests on", codes=CLASS_BASES),
        Column("balance", ColumnType.FEN, "账面余额", "book balance", required=True),
        Column("principal", ColumnType.FEN, "本金余额", "principal outstanding", required=True),
        Column("officer", ColumnType.CODE, "客户经理意见", "officer's opinion", codes=FIVE_CLASSES),
        Column("committee", ColumnType.CODE, "委员会意见", "committee's opinion", codes=FIVE_CLASSES),
        Column("booked", ColumnType.CODE, "最近一次认定", "class last decided", codes=FIVE_CLASSES),
        Column("booked_on", ColumnType.DATE, "认定日", "day of that decision"),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
    ),
)  # fmt: skip

VERDICT = Schema(
    "classes",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("class", ColumnType.CODE, "五级分类", "five-level class", codes=FIVE_CLASSES),
        Column("system_floor", ColumnType.CODE, "逐笔分类下限", "floor of the debt by itself", codes=FIVE_CLASSES),
        Column(
            "at_least", ColumnType.CODE, "传染、重组与上调限制后的下限", "floor after contagion and restructuring",
            codes=FIVE_CLASSES,
        ),
        Column("raised", ColumnType.BOOL, "因传染、重组或上调限制而下调", "made worse by contagion or restructuring"),
        Column("route", ColumnType.CODE, "分类路径", "retail or non-retail", codes=CLASSIFICATION_ROUTES),
        Column("class_basis", ColumnType.CODE, "分类依据", "what the class rests on", codes=CLASS_BASES),
        Column("non_performing", ColumnType.BOOL, "不良", "non-performing"),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("overdue_over_90_days", ColumnType.BOOL, "逾期90天以上", "more than 90 days past due"),
        Column("balance", ColumnType.FEN, "账面余额", "book balance"),
        Column("principal", ColumnType.FEN, "本金余额", "principal outstanding"),
        Column("bad_share_at_boundary", ColumnType.BOOL, "不良占比恰为10%", "bad share exactly 10 %"),
        Column("officer", ColumnType.CODE, "客户经理意见", "officer's opinion", codes=FIVE_CLASSES),
        Column("committee", ColumnType.CODE, "委员会意见", "committee's opinion", codes=FIVE_CLASSES),
        Column("booked", ColumnType.CODE, "最近一次认定", "class last decided", codes=FIVE_CLASSES),
        Column("booked_on", ColumnType.DATE, "认定日", "day of that decision"),
        Column("booked_too_high", ColumnType.BOOL, "认定结果优于系统下限", "booked better than the rules allow"),
        Column("stage_mismatch", ColumnType.BOOL, "减值标志与分类不一致", "impairment flag and class do not match"),
        Column("above_normal", ColumnType.BOOL, "非正常类", "worse than normal"),
    ),
)  # fmt: skip


def _observations(snapshot: Any) -> Any:
    """Restructured drawdowns: observed_drawdown_id, in_observation, class_before, failed, restructured_again.

    A modification counts as a restructuring when the debtor was in difficulty and the terms changed in its favour
    (CLS-26, 27). Observation runs from the first agreed payment for at least a year (CLS-28), or to the day stated; it
    goes on while the debtor has not paid as agreed (CLS-28a).
    """
    as_of = ibis.literal(snapshot.as_of, "date")
    changes = snapshot.table("modifications")
    approved = ibis.coalesce(changes.approved_on, changes.effective_on)
    favours = ibis.coalesce(changes.favours_debtor, changes.kind != "change_of_debtor")
    changes = changes.filter((ibis.coalesce(changes.difficulty_sign, "none") != "none") & favours & (approved <= as_of))
    years = number("class", "CLS-28", "least_years", on=max(snapshot.as_of, date(2023, 7, 1)))
    approved = ibis.coalesce(changes.approved_on, changes.effective_on)
    first_due = ibis.coalesce(changes.first_due_on, approved)
    changes = changes.select(
        "drawdown_id",
        "class_before",
        "paid_as_agreed",
        "fact_sequence",
        "fact_position",
        approved_on=approved,
        ends_on=ibis.coalesce(changes.observation_ends_on, first_due + ibis.interval(years=years)),
    )
    window = ibis.window(
        group_by="drawdown_id", order_by=[changes.approved_on, changes.fact_sequence, changes.fact_position]
    )
    changes = changes.mutate(
        again=ibis.coalesce(changes.approved_on <= changes.ends_on.lag().over(window), ibis.literal(False)),
        from_last=ibis.row_number().over(
            ibis.window(
                group_by="drawdown_id",
                order_by=[changes.approved_on.desc(), changes.fact_sequence.desc(), changes.fact_position.desc()],
            )
        ),
    )
    last = changes.filter(changes.from_last == 0)
    broken = ~ibis.coalesce(last.paid_as_agreed, True)
    return last.select(
        "class_before",
        observed_drawdown_id="drawdown_id",
        in_observation=(last.ends_on > as_of) | broken,
        failed=~last.paid_as_agreed,
        again=last.again,
    )


def _on_time(snapshot: Any, wanted: Any) -> pa.Table:
    """For the drawdowns `wanted`: on_time_id, periods_on_time and months_on_time since the last late payment was made.

    What was received or waived is applied to what fell due first, principal and interest together; a period is a day
    on which something fell due. Never late counts from the day paid out.
    """
    as_of = snapshot.as_of
    day = ibis.literal(as_of, "date")
    zero = ibis.literal(0, "int64")
    plan = ledger.standing_instalments(snapshot)
    plan = plan.semi_join(wanted, "drawdown_id").filter(ibis._.due_on <= day)
    plan = plan.group_by(["drawdown_id", "due_on"]).aggregate(
        amount=(ibis._.principal + ibis._.interest).sum().cast("int64")
    )
    by_day = ibis.window(group_by="drawdown_id", order_by="due_on", following=0)
    plan = plan.select("drawdown_id", "due_on", reached=plan.amount.sum().over(by_day).cast("int64"))
    paid = ledger.standing_receipts(snapshot)
    paid = paid.semi_join(wanted, "drawdown_id").filter(ibis._.component.isin(("principal", *ledger.INTEREST)))
    paid = paid.group_by(["drawdown_id", "posted_on"]).aggregate(amount=ibis._.amount.sum().cast("int64"))
    by_day = ibis.window(group_by="drawdown_id", order_by="posted_on", following=0)
    paid = paid.select("drawdown_id", "posted_on", reached=paid.amount.sum().over(by_day).cast("int64"))
    plan, paid = ibis.memtable(snapshot.read(plan)), ibis.memtable(snapshot.read(paid))
    settled = plan.join(paid, [plan.drawdown_id == paid.drawdown_id, plan.reached <= paid.reached])
    settled = settled.group_by(settled_id="drawdown_id", settled_due_on="due_on").aggregate(
        paid_on=ibis._.posted_on.min()
    )
    plan = plan.left_join(
        settled, [plan.drawdown_id == settled.settled_id, plan.due_on == settled.settled_due_on]
    ).select("drawdown_id", "due_on", "paid_on")
    late = plan.filter((plan.paid_on.isnull() & (plan.due_on < day)) | (plan.paid_on > plan.due_on))
    late = late.group_by(late_id="drawdown_id").aggregate(
        open=ibis._.paid_on.isnull().any(), cleared_on=ibis._.paid_on.max()
    )
    out = snapshot.table("drawdowns").select("out_on", out_id=ibis._.id)
    rows = wanted.select("drawdown_id").left_join(late, wanted.drawdown_id == late.late_id)
    rows = rows.left_join(out, rows.drawdown_id == out.out_id)
    since = rows.select(
        since_id="drawdown_id", open=ibis.coalesce(rows.open, False), since=ibis.coalesce(rows.cleared_on, rows.out_on)
    )
    counted = plan.join(since, plan.drawdown_id == since.since_id)
    counted = counted.filter(counted.due_on > counted.since).group_by(counted_id="drawdown_id")
    counted = counted.aggregate(periods=ibis._.count().cast("int64"))
    rows = since.left_join(counted, since.since_id == counted.counted_id)
    rows = rows.select(
        "open",
        "since",
        on_time_id="since_id",
        periods_on_time=ibis.ifelse(rows.open, zero, ibis.coalesce(rows.periods, zero)),
    ).to_pyarrow()
    until = from_date(as_of)
    months = [
        0 if is_open else None if day is None else months_between(from_date(day), until)
        for is_open, day in zip(rows["open"].to_pylist(), rows["since"].to_pylist(), strict=True)
    ]
    return rows.drop_columns(["open", "since"]).append_column("months_on_time", pa.array(months, pa.int64()))


def gather(snapshot: Any, class_floor: Any, days_past_due: Any) -> Any:
    """One row a classified drawdown, with its debtor's claims here and elsewhere, restructuring and last class."""
    zero, no = ibis.literal(0, "int64"), ibis.literal(False)
    floors = ibis.memtable(class_floor.table).drop("balance")
    seen = ibis.memtable(class_floor.subjects).select(
        "classification_route", "credit_impaired", "balance", seen_id=ibis._.drawdown_id
    )
    past = ibis.memtable(days_past_due.table)
    owed = (
        (past.overdue_principal == 0)
        & (past.overdue_interest == 0)
        & (past.penalty_balance + past.compound_balance + past.fee_balance <= 0)
    )
    past = past.select(
        "overdue_days", "currency", past_id="drawdown_id", principal=past.principal_balance, arrears_cleared=owed
    )
    rows = floors.left_join(seen, floors.drawdown_id == seen.seen_id)
    rows = rows.left_join(past, rows.drawdown_id == past.past_id)
    bad = ibis.coalesce(rows.non_performing, no)
    impaired = bad | ibis.coalesce(rows.credit_impaired, no)
    rows = rows.mutate(
        bad_balance=ibis.ifelse(bad, rows.balance, zero),
        long_overdue=ibis.ifelse(ibis.coalesce(rows.overdue_days > 90, no), rows.balance, zero),
        impaired=impaired.cast("int64"),
    )
    debtors = rows.group_by(debtor_id="party_id").aggregate(
        claims_here=rows.balance.sum().cast("int64"),
        bad_claims_here=rows.bad_balance.sum().cast("int64"),
        overdue_here=rows.long_overdue.sum().cast("int64"),
        impaired_here=rows.impaired.sum().cast("int64"),
        # Claims in several currencies do not add up: the debtor's shares are then unknown.
        currencies=rows.currency.nunique(),
    )
    debtors = debtors.mutate(
        claims_here=ibis.ifelse(debtors.currencies == 1, debtors.claims_here, ibis.null("int64")),
        bad_claims_here=ibis.ifelse(debtors.currencies == 1, debtors.bad_claims_here, ibis.null("int64")),
    )
    reports = latest_credit_report(snapshot)
    decisions = latest_decision(snapshot)
    observations = _observations(snapshot)
    looks = snapshot.table("inspections")
    order = [looks.inspected_on.desc(), looks.fact_sequence.desc(), looks.fact_position.desc()]
    looks = looks.mutate(place=ibis.row_number().over(ibis.window(group_by="party_id", order_by=order)))
    looks = looks.filter(looks.place == 0).select(looked_party_id="party_id", found="result")
    bad_before = decisions.filter(decisions.booked.isin(("substandard", "doubtful", "loss")))
    # Few drawdowns were ever bad: they are listed first, so that only their plans and receipts are walked.
    wanted = bad_before.select(drawdown_id="decided_drawdown_id").to_pyarrow()
    on_time = ibis.memtable(_on_time(snapshot, ibis.memtable(wanted)))

    rows = rows.left_join(debtors, rows.party_id == debtors.debtor_id)
    rows = rows.left_join(reports, rows.party_id == reports.report_party_id)
    rows = rows.left_join(decisions, rows.drawdown_id == decisions.decided_drawdown_id)
    rows = rows.left_join(observations, rows.drawdown_id == observations.observed_drawdown_id)
    rows = rows.left_join(looks, rows.party_id == looks.looked_party_id)
    rows = rows.left_join(on_time, rows.drawdown_id == on_time.on_time_id)
    # A debt never decided on has no class to be upgraded from, where the book records decisions at all.
    never = ibis.literal("normal") if snapshot.holds("class_decisions") else ibis.null("string")
    observed = ibis.coalesce(rows.in_observation, no)
    failed = ibis.coalesce(rows.failed, rows.overdue_days > 0)
    return rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        "floor",
        "classification_route",
        "claims_here",
        "bad_claims_here",
        "arrears_cleared",
        "overdue_days",
        "credit_impaired",
        "class_basis",
        "balance",
        "principal",
        "officer",
        "committee",
        "booked",
        classified_on=ibis.literal(snapshot.as_of, "date"),
        recognised_enhancement=ibis.null("boolean"),
        debts_all_banks=rows.claims_here + rows.external_balance,
        debts_overdue_all_banks=rows.overdue_here + rows.external_overdue_over_90_days,
        in_observation=observed,
        class_before_restructuring=rows.class_before,
        failed_in_observation=ibis.ifelse(observed, failed, no),
        restructured_again=ibis.ifelse(observed, ibis.coalesce(rows.again, no), no),
        previous_class=ibis.coalesce(rows.booked, never),
        periods_on_time=rows.periods_on_time,
        months_on_time=rows.months_on_time,
        performance_expected=ibis.cases(
            (rows.found == "normal", True), (rows.found == "serious", False), else_=ibis.null("boolean")
        ),
        other_impaired_here=rows.impaired_here > rows.impaired,
        booked_on=rows.decided_on,
    )


def judge(row: Any, rules: Any, model: Any) -> Any:
    """The worse of the debt's own floor and what the rules of the second half ask for."""
    floor, known = row.floor
    worst = floor
    raised = False
    if rules.at_least[1]:
        if not known or rules.at_least[0] > worst:
            worst = rules.at_least[0]
            raised = True
        known = True
    bad = worst >= 2
    booked, booked_known = row.booked
    impaired, impaired_known = row.credit_impaired
    days, days_known = row.overdue_days
    mismatch = impaired_known and impaired != bad
    return (
        (worst, known),
        (floor, row.floor[1]),
        (rules.at_least[0], rules.at_least[1]),
        (raised, known),
        (row.classification_route[0], row.classification_route[1]),
        (row.class_basis[0], row.class_basis[1]),
        (bad, known),
        (days, days_known),
        (days > 90, days_known),
        (row.balance[0], True),
        (row.principal[0], True),
        (rules.bad_share_at_boundary[0], rules.bad_share_at_boundary[1]),
        (row.officer[0], row.officer[1]),
        (row.committee[0], row.committee[1]),
        (booked, booked_known),
        (row.booked_on[0], row.booked_on[1]),
        (booked < worst, known and booked_known),
        (mismatch, known and impaired_known),
        (worst > 0, known),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="class",
    needs=("class_floor", "days_past_due"),
    reasons=(
        Reason("OWN_FLOOR", when="above_normal", arguments=("system_floor", "overdue_days", "balance")),
        Reason("CLASS_RAISED", when="raised", arguments=("system_floor", "class")),
        Reason("BOOKED_TOO_HIGH", when="booked_too_high", arguments=("booked", "booked_on", "class")),
        Reason("STAGE_MISMATCH", when="stage_mismatch", arguments=("credit_impaired", "class")),
    ),
    words=WORDS,
    zh="五级分类",
    en="five-level classes",
    purpose="risk_classification",
)
