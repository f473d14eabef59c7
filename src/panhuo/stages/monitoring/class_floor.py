"""The floor of each debt by its own row: the class it is at least in, whatever else the debtor owes.

Invariant: the floor is the worst of every floor that fired, and never improves as days past due grow. Where a book has
no days past due, the stated status decides and `class_basis` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.book.tables.credit import DRAWDOWN_STATUSES
from panhuo.ground.book.tables.parties import CLASSIFICATION_ROUTES, FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing

WORDS = Path(__file__).parent / "words.toml"

CLASS_BASES = CodeList.of(
    "class_bases",
    ("days_past_due", "按逾期天数及其他事实", "by days past due and other facts"),
    ("stated_status", "按来源陈述的状态（无逾期天数）", "by the source's stated status (no days past due)"),
)

SUBJECT = Schema(
    "class_floor",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("classified_on", ColumnType.DATE, "分类日", "day of classification", required=True),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("overdue_for_technical_cause", ColumnType.BOOL, "因操作或技术原因逾期", "overdue for a technical cause"),
        Column("purpose_changed", ColumnType.BOOL, "未经同意改变资金用途", "use of funds changed without consent"),
        Column("repaid_by_new_debt", ColumnType.BOOL, "通过借新还旧或其他债务融资偿还", "repaid by new debt"),
        Column("qualifying_renewal", ColumnType.BOOL, "符合条件的续贷", "a qualifying renewal"),
        Column(
            "classification_route", ColumnType.CODE, "分类路径", "retail or non-retail", codes=CLASSIFICATION_ROUTES
        ),
        Column("debtor_has_bad_debt", ColumnType.BOOL, "债务人在本行或他行有不良债权", "debtor has bad debt anywhere"),
        Column("credit_impaired", ColumnType.BOOL, "已发生信用减值", "credit-impaired"),
        Column("rating_sharply_cut", ColumnType.BOOL, "外部评级大幅下调", "external rating sharply cut"),
        Column("evades_debt", ColumnType.BOOL, "逃废银行债务", "evades bank debt"),
        Column("in_liquidation", ColumnType.BOOL, "进入破产清算程序", "in bankruptcy liquidation"),
        Column("expected_loss", ColumnType.FEN, "预期信用损失", "expected credit loss held for the debt"),
        Column("balance", ColumnType.FEN, "账面余额", "book balance", required=True),
        Column("credit_card", ColumnType.BOOL, "信用卡", "credit card"),
        Column(
            "medium_firm_renewal", ColumnType.BOOL, "中型企业续贷", "a medium-sized firm's renewal that would qualify"
        ),
        Column("renewed_due_on", ColumnType.DATE, "原贷款到期日", "day the renewed loan was due"),
        Column("stated_class", ColumnType.CODE, "来源陈述的分类", "class the source states", codes=FIVE_CLASSES),
        Column("status", ColumnType.CODE, "陈述状态", "stated status", codes=DRAWDOWN_STATUSES),
        Column("non_accrual", ColumnType.BOOL, "非应计", "non-accrual"),
        Column("matured", ColumnType.BOOL, "已过到期日", "past its day of maturity"),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
    ),
)

VERDICT = Schema(
    "class_floor",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("floor", ColumnType.CODE, "逐笔分类下限", "floor of the debt by itself", codes=FIVE_CLASSES),
        Column("class_basis", ColumnType.CODE, "分类依据", "what the class rests on", codes=CLASS_BASES),
        Column("by_status", ColumnType.BOOL, "依陈述状态", "by the stated status"),
        Column("non_performing", ColumnType.BOOL, "不良", "non-performing"),
        Column("balance", ColumnType.FEN, "账面余额", "book balance"),
    ),
)


def _latest(rows: Any, party: str, order: Any) -> Any:
    """The latest row of each `party` by `order` (a list of descending keys)."""
    window = ibis.window(group_by=party, order_by=order)
    return rows.mutate(place=ibis.row_number().over(window)).filter(ibis._.place == 0).drop("place")


def latest_credit_report(snapshot: Any) -> Any:
    """The last credit report of each party: report_party_id and what it said of other banks."""
    reports = snapshot.table("credit_reports")
    order = [reports.queried_on.desc(), reports.fact_sequence.desc(), reports.fact_position.desc()]
    rows = _latest(reports, "party_id", order)
    return rows.select(
        "external_balance",
        "external_overdue",
        "external_overdue_days",
        "external_overdue_over_90_days",
        "external_worst_class",
        report_party_id="party_id",
        reported_on="queried_on",
    )


def latest_decision(snapshot: Any) -> Any:
    """The last class decision of each drawdown: decided_drawdown_id, decided_on, officer, committee, booked."""
    rows = snapshot.table("class_decisions")
    order = [rows.decided_on.desc(), rows.fact_sequence.desc(), rows.fact_position.desc()]
    rows = _latest(rows, "drawdown_id", order)
    return rows.select("decided_on", "officer", "committee", booked=rows.final, decided_drawdown_id="drawdown_id")


def _renewals(snapshot: Any, days_past_due: Any) -> Any:
    """Renewed drawdowns: renewal_id, qualifies (unknown where what the rule asks is not in the book).

    金规〔2024〕13号: applied for and contracted before the old loan matured, the old loan normal before, no interest of
    the borrower unpaid, the money not misused, the borrower small or micro and not evading debt. `medium` says the same
    of a medium-sized borrower, whom the notice lets in for a time (CLS-30a); `old_due_on` decides for how long.
    """
    past = ibis.memtable(days_past_due.table)
    owing = past.filter(ibis.coalesce(past.overdue_interest, 0) > 0).select(owing_party_id="party_id").distinct()
    drawdowns = snapshot.table("drawdowns")
    new = drawdowns.filter(drawdowns.renewal_kind == "renewal_without_repayment")
    new = new.select("party_id", "out_on", "funds_misused", "previous_drawdown_id", renewal_id=new.id)
    old = drawdowns.select(old_id=drawdowns.id, old_due_on=drawdowns.due_on, old_settled_on=drawdowns.settled_on)
    decisions = snapshot.table("class_decisions").select(
        "drawdown_id", "decided_on", "final", "fact_sequence", "fact_position"
    )
    before = new.join(decisions, new.previous_drawdown_id == decisions.drawdown_id)
    before = before.filter(before.decided_on <= before.out_on)
    latest = [before.decided_on.desc(), before.fact_sequence.desc(), before.fact_position.desc()]
    before = _latest(before, "renewal_id", latest)
    before = before.select(before_id="renewal_id", class_before="final")
    parties = snapshot.table("parties")
    small = ibis.cases(
        (parties.size.isin(("micro", "small")) | parties.small_business_owner, True),
        (parties.size.notnull(), False),
        (parties.kind.isin(("sole_trader", "cooperative")), True),
        else_=ibis.null("boolean"),
    )
    medium = ~ibis.coalesce(small, False) & (parties.size == "medium")
    parties = parties.select(small_party_id=parties.id, small=small, medium=medium, evading=parties.evading_debt)
    rows = new.left_join(old, new.previous_drawdown_id == old.old_id)
    rows = rows.left_join(before, rows.renewal_id == before.before_id)
    rows = rows.left_join(parties, rows.party_id == parties.small_party_id)
    rows = rows.left_join(owing, rows.party_id == owing.owing_party_id)
    normal = ibis.coalesce(rows.class_before == "normal", rows.old_settled_on <= rows.old_due_on)
    sound = (
        (rows.out_on <= rows.old_due_on)
        & normal
        & rows.owing_party_id.isnull()
        & ~ibis.coalesce(rows.funds_misused, False)
        & ~ibis.coalesce(rows.evading, False)
    )
    return rows.select("renewal_id", "old_due_on", qualifies=sound & rows.small, medium=sound & rows.medium)


def gather(snapshot: Any, days_past_due: Any) -> Any:
    """One row a drawdown on the books; a stated status stands in where days past due cannot be known."""
    no, zero = ibis.literal(False), ibis.literal(0, "int64")
    past = ibis.memtable(days_past_due.table)
    past = past.filter((past.book_balance != 0) | past.by_status)
    past = past.select("drawdown_id", "party_id", "overdue_days", "book_balance", "by_status", "currency")
    drawdowns = snapshot.table("drawdowns").select(
        "contract_id", "renewal_kind", "funds_misused", "credit_impaired", "status", "due_on", drawdown=ibis._.id
    )
    contracts = snapshot.table("contracts").select("product", contract=ibis._.id)
    parties = snapshot.table("parties")
    parties = parties.select(
        "classification_route",
        "rating",
        "evading_debt",
        party=parties.id,
        bankrupt=ibis.coalesce(parties.status == "in_bankruptcy", no),
    )
    accrual = snapshot.table("accrual_status").select("drawdown_id", "status")
    accrual = accrual.group_by(accrual_drawdown_id="drawdown_id").aggregate(
        non_accrual=(ibis._.status == "non_accrual").any()
    )
    looks = snapshot.table("inspections")
    looks = looks.filter(looks.drawdown_id.notnull() & looks.use_as_agreed.notnull())
    looks = looks.group_by(looked_drawdown_id="drawdown_id").aggregate(used_otherwise=(~ibis._.use_as_agreed).any())
    bankruptcies = snapshot.table("bankruptcies")
    entered = ibis.coalesce(bankruptcies.accepted_on, bankruptcies.declared_bankrupt_on)
    liquidations = bankruptcies.filter((bankruptcies.kind == "liquidation") & entered.notnull())
    liquidations = liquidations.select(liquidated_party_id="party_id").distinct()
    bad_here = past.filter(past.overdue_days > 90).select(bad_party_id="party_id").distinct()
    reports = latest_credit_report(snapshot)
    decisions = latest_decision(snapshot)
    renewals = _renewals(snapshot, days_past_due)

    rows = past.left_join(drawdowns, past.drawdown_id == drawdowns.drawdown)
    rows = rows.left_join(contracts, rows.contract_id == contracts.contract)
    rows = rows.left_join(parties, rows.party_id == parties.party)
    rows = rows.left_join(accrual, rows.drawdown_id == accrual.accrual_drawdown_id)
    rows = rows.left_join(looks, rows.drawdown_id == looks.looked_drawdown_id)
    rows = rows.left_join(liquidations, rows.party_id == liquidations.liquidated_party_id)
    rows = rows.left_join(bad_here, rows.party_id == bad_here.bad_party_id)
    rows = rows.left_join(reports, rows.party_id == reports.report_party_id)
    rows = rows.left_join(decisions, rows.drawdown_id == decisions.decided_drawdown_id)
    rows = rows.left_join(renewals, rows.drawdown_id == renewals.renewal_id)
    bad_elsewhere = rows.external_worst_class.isin(("substandard", "doubtful", "loss")) | (
        rows.external_overdue_over_90_days > zero
    )
    # Where the book keeps accrual statuses, a debt with none accrues and is not impaired by that.
    accruing = no if snapshot.holds("accrual_status") else ibis.null("boolean")
    renewed = rows.renewal_kind.isin(("refinancing", "renewal_without_repayment", "bridge"))
    return rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        classified_on=ibis.literal(snapshot.as_of, "date"),
        overdue_days=rows.overdue_days,
        overdue_for_technical_cause=ibis.null("boolean"),
        # A flag raised by the ledger or by an inspection; silence of both is not a finding.
        purpose_changed=ibis.ifelse(ibis.coalesce(rows.used_otherwise, no), True, rows.funds_misused),
        repaid_by_new_debt=renewed,
        qualifying_renewal=ibis.cases(
            (rows.renewal_kind == "renewal_without_repayment", rows.qualifies),
            (rows.renewal_kind.notnull(), False),
            else_=ibis.null("boolean"),
        ),
        classification_route=rows.classification_route,
        debtor_has_bad_debt=ibis.ifelse(rows.bad_party_id.notnull(), True, bad_elsewhere),
        credit_impaired=ibis.coalesce(rows.credit_impaired, rows.non_accrual.nullif(False), accruing),
        # Without an external rating there is none to be cut; with one, its history is not in the book.
        rating_sharply_cut=ibis.ifelse(rows.rating.isnull(), False, ibis.null("boolean")),
        evades_debt=rows.evading_debt,
        in_liquidation=ibis.cases(
            (rows.liquidated_party_id.notnull(), True),
            (rows.bankrupt, ibis.null("boolean")),
            else_=False,
        ),
        expected_loss=ibis.null("int64"),
        balance=rows.book_balance,
        credit_card=ibis.coalesce(rows["product"] == "credit_card", no),
        medium_firm_renewal=ibis.cases(
            (rows.renewal_kind == "renewal_without_repayment", rows.medium & (rows["product"] == "working_capital")),
            (rows.renewal_kind.notnull(), False),
            else_=ibis.null("boolean"),
        ),
        renewed_due_on=rows.old_due_on,
        stated_class=rows.booked,
        status=rows.status,
        non_accrual=rows.non_accrual,
        matured=rows.due_on < ibis.literal(snapshot.as_of, "date"),
    )


def judge(row: Any, rules: Any, model: Any) -> Any:
    """The worst floor that fired; normal when none did; by the stated class or status when days are unknown."""
    floor = 0
    if rules.floor[1]:
        floor = rules.floor[0]
    known = row.overdue_days[1]
    basis = 0
    if not known:
        basis = 1
        stated, known = 0, False
        if row.stated_class[1]:
            stated, known = row.stated_class[0], True
        elif row.status[1] and row.status[0] == 2:  # written off
            stated, known = 4, True
        elif row.non_accrual[1] and row.non_accrual[0]:
            stated, known = 2, True
        elif row.status[1]:
            # Open and past maturity without a record of payment: nothing is known of its class.
            known = row.status[0] != 0 or not (row.matured[1] and row.matured[0])
        if stated > floor:
            floor = stated
        known = known or rules.floor[1]
    return (
        (floor, known),
        (basis, True),
        (basis == 1, True),
        (floor >= 2, known),
        (row.balance[0], True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="classification",
    needs=("days_past_due",),
    reasons=(Reason("CLASS_BY_STATUS", when="by_status", arguments=("status", "stated_class", "floor")),),
    words=WORDS,
    zh="逐笔分类下限",
    en="floor of each debt",
    purpose="risk_classification",
)
