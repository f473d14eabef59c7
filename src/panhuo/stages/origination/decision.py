"""Whether to lend: accepted, referred to a person, or a refusal proposed to a person.

Invariant: a machine accepts and never refuses. What it would refuse is handed to a person with its reasons, as the law
on automated decisions asks (个人信息保护法 art. 24: the right to refuse a decision made by machine alone). Every ground
that applies is listed, not only the one that decided: the policy's, and every rule that fired, that only advises, or
that could not be evaluated. A rule that is advice until adopted refuses nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.stages.origination.lending_facts import LIMIT_COLUMNS, limit_columns, loan_asked_for, loans_owed
from panhuo.stages.origination.policy import GRADES, lender, policy

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType

DECISIONS = CodeList.of(
    "credit_decisions",
    ("accept", "同意", "accept"),
    ("refer", "转人工审批", "refer to a person"),
    ("refuse_proposed", "拟拒绝，须人工复核", "refusal proposed, for a person to decide"),
)

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
SUBJECT = Schema(
    "credit_decisions",
    (
        _PARTY,
        Column("grade", T.CODE, "信用等级", "grade", codes=GRADES),
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("sales", T.FEN, "近12个月销售额", "sales of the last 12 months"),
        Column("months_known", T.INT, "有记录月数", "whole months since the first invoice"),
        Column("days_since_sale", T.DAYS, "距最近销售天数", "days since the last sale"),
        *LIMIT_COLUMNS,
    ),
    zh="授信决定：对象",
    en="credit decision: what is judged",
)
VERDICT = Schema(
    "credit_decisions",
    (
        _PARTY,
        Column("decision", T.CODE, "决定", "decision", codes=DECISIONS),
        Column("grade", T.CODE, "信用等级", "grade", codes=GRADES),
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("partner_share_least", T.PPM, "合作方出资比例下限", "least share of a partner"),
        Column("accepted", T.BOOL, "同意", "accepted"),
        Column("forbidden", T.BOOL, "法规禁止", "forbidden by a rule in force"),
        Column("no_sales", T.BOOL, "近12个月无销售", "no sales in the last 12 months"),
        Column("too_risky", T.BOOL, "违约概率过高", "default probability above the policy's last grade"),
        Column("unknown_risk", T.BOOL, "违约概率未知", "default probability unknown"),
        Column("short_record", T.BOOL, "记录过短", "record too short"),
        Column("sales_stopped", T.BOOL, "销售停顿", "no recent sales"),
    ),
    zh="授信决定",
    en="credit decision",
)


def gather(snapshot: Any, scores: Any, profiles: Any, credit_proposals: Any, days_past_due: Any = None) -> Any:
    """One row a scored party, with the facts the rules on admission range over."""
    found = ibis.memtable(scores.table).select("party_id", "probability")
    profile = ibis.memtable(profiles.table).select("party_id", "sales", "months_known", "days_since_sale")
    proposal = ibis.memtable(credit_proposals.table).select("party_id", "grade", "amount")
    own = lender()
    asked, owed = loan_asked_for(snapshot, own), loans_owed(snapshot, days_past_due)
    rows = found.left_join(profile, "party_id").drop("party_id_right").left_join(proposal, "party_id")
    rows = rows.drop("party_id_right").left_join(asked, rows.party_id == asked.fact_party)
    rows = rows.left_join(owed, rows.party_id == owed.owing_party)
    judged = ("party_id", "grade", "probability", "sales", "months_known", "days_since_sale")
    return rows.select(*judged, **limit_columns(rows, own, snapshot.as_of, rows.amount.nullif(0)))


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Grounds of law and of policy to propose a refusal; grounds to refer."""
    risk, known = row.probability
    grade = row.grade[0]
    no_sales = row.sales[1] and row.sales[0] <= 0
    too_risky = known and grade == 3
    forbidden = rules.refused[1] and rules.refused[0]
    short = not row.months_known[1] or row.months_known[0] < model.months_known
    stopped = not row.days_since_sale[1] or row.days_since_sale[0] > model.days_since_sale
    decision = 0
    if no_sales or too_risky or forbidden:
        decision = 2
    elif short or stopped or not known:
        decision = 1
    return (
        (decision, True), (grade, row.grade[1]), (risk, known), rules.partner_share_least, (decision == 0, True),
        (forbidden, True), (no_sales, True), (too_risky, True), (not known, True), (short, True), (stopped, True),
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="origination_limits:admission",
    needs=("scores", "profiles", "credit_proposals", "days_past_due?"),
    reasons=(
        Reason("ACCEPTED", when="accepted", arguments=("probability", "grade")),
        Reason("REFUSE_BY_RULE", when="forbidden", arguments=()),
        Reason("REFUSE_NO_SALES", when="no_sales", arguments=()),
        Reason("REFUSE_TOO_RISKY", when="too_risky", arguments=("probability",)),
        Reason("REFER_UNKNOWN_RISK", when="unknown_risk", arguments=()),
        Reason("REFER_SHORT_RECORD", when="short_record", arguments=("months_known",)),
        Reason("REFER_SALES_STOPPED", when="sales_stopped", arguments=("days_since_sale",)),
    ),
    words=WORDS,
    parameters=policy,
    zh="授信决定",
    en="credit decision",
    purpose="credit_assessment",
)
