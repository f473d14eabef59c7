"""What the lender's own policy proposes: a grade, an amount and a rate, before any rule of law is asked.

Invariant: every figure here is the policy's (`credit_policy.toml`) or follows from it. The amount is nothing or between
the policy's least and most, in whole steps, and never above the grade's share of sales that invoices show. Funding,
operating cost, expected loss, margin, and rounding and bounds add up to the rate exactly; the rate lies between the
policy's floor and ceiling, fees included.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.money import multiply_divide
from panhuo.stages.origination.policy import GRADES, policy

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
SUBJECT = Schema(
    "credit_proposals",
    (
        _PARTY,
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("sales", T.FEN, "近12个月销售额", "sales of the last 12 months"),
    ),
    zh="授信测算：对象",
    en="credit proposal: what is judged",
)
RATE_PARTS = (
    Column("funding", T.PPM, "资金成本", "cost of funds"),
    Column("operating", T.PPM, "运营成本", "operating cost"),
    Column("expected_loss", T.PPM, "预期损失", "expected loss"),
    Column("margin", T.PPM, "资本回报", "margin for capital"),
    Column("bounds", T.PPM, "取整及机构上下限调整", "rounding and the lender's own bounds"),
)
"""What a proposed rate is made of, in order; a price carries them on."""
VERDICT = Schema(
    "credit_proposals",
    (
        _PARTY,
        Column("grade", T.CODE, "信用等级", "grade", codes=GRADES),
        Column("amount", T.FEN, "测算额度", "amount proposed"),
        Column("by_sales", T.FEN, "按销售额可承受", "what verified sales carry"),
        Column("share", T.PPM, "销售额比例", "share of sales, by grade"),
        Column("maximum", T.FEN, "政策上限", "the policy's maximum"),
        Column("below_minimum", T.BOOL, "低于起点", "below the minimum, so nothing"),
        Column("rate", T.PPM, "测算利率", "rate proposed"),
        *RATE_PARTS,
        Column("at_ceiling", T.BOOL, "受机构自定上限约束", "cut down to the lender's own ceiling"),
        Column("graded", T.BOOL, "已评级", "graded"),
    ),
    zh="授信测算（机构政策）",
    en="credit proposal by the lender's policy",
)


def gather(snapshot: Any, scores: Any, profiles: Any) -> Any:
    """One row a scored party."""
    found = ibis.memtable(scores.table).select("party_id", "probability")
    profile = ibis.memtable(profiles.table).select("party_id", "sales")
    return found.left_join(profile, "party_id").select(*SUBJECT.names)


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Grade; share of sales up to the maximum; cost and risk up to the ceiling.

    Those who pay bear the loss of those who do not: pd x lgd / (1 - pd).
    """
    risk, known = row.probability
    grade, share = 3, 0
    if known:
        if risk <= model.grade_a:
            grade, share = 0, model.share_a
        elif risk <= model.grade_b:
            grade, share = 1, model.share_b
        elif risk <= model.grade_c:
            grade, share = 2, model.share_c
    carried = multiply_divide(max(row.sales[0], 0), share, 1_000_000)[0]
    amount = min(carried, model.maximum)
    amount = amount - amount % model.step
    small = amount < model.minimum
    if small:
        amount = 0
    loss = 1_000_000
    if known and risk < 500_000_000:
        loss = multiply_divide(risk, model.loss_given_default, 1_000_000_000 - risk)[0]
    plain = model.funding + model.operating + loss + model.margin
    rate = -(-plain // model.rate_step) * model.rate_step
    most = model.ceiling - model.fees
    ceiling = amount > 0 and rate > most
    rate = min(max(rate, model.floor), most)
    return (
        (grade, known), (amount, known and row.sales[1]), (carried, known and row.sales[1]), (share, known),
        (model.maximum, True), (small and known and row.sales[1], True), (rate, known),
        (model.funding, known), (model.operating, known), (loss, known), (model.margin, known), (rate - plain, known),
        (ceiling, True), (known, True),
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("scores", "profiles"),
    reasons=(
        Reason("PROPOSED", when="graded", arguments=("probability", "grade", "sales", "share", "amount", "rate")),
        Reason("PROPOSED_TOO_SMALL", when="below_minimum", arguments=("sales", "share", "by_sales")),
        Reason("PROPOSED_AT_CEILING", when="at_ceiling", arguments=("rate",)),
    ),
    words=WORDS,
    parameters=policy,
    zh="授信测算",
    en="credit proposal",
    purpose="credit_assessment",
)
