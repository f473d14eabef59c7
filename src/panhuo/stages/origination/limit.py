"""How much: what the policy proposes for an accepted firm, held at what the rules in force allow, and for how long.

Invariant: a limit is nothing, or between the policy's minimum and maximum, in whole steps; it never exceeds the
proposal, nor a cap of a rule in force or adopted; only an accepted firm has one. The figures that bound it are shown
beside it, and so is every rule that fired.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.stages.origination.decision import DECISIONS
from panhuo.stages.origination.lending_facts import LIMIT_COLUMNS
from panhuo.stages.origination.policy import policy

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
SUBJECT = Schema(
    "limits",
    (
        _PARTY,
        Column("decision", T.CODE, "决定", "decision", codes=DECISIONS),
        Column("sales", T.FEN, "近12个月销售额", "sales of the last 12 months"),
        Column("share", T.PPM, "销售额比例", "share of sales, by grade"),
        Column("by_sales", T.FEN, "按销售额可承受", "what verified sales carry"),
        Column("maximum", T.FEN, "政策上限", "the policy's maximum"),
        *LIMIT_COLUMNS,
    ),
    zh="授信额度：对象",
    en="credit limit: what is judged",
)
VERDICT = Schema(
    "limits",
    (
        _PARTY,
        Column("limit", T.FEN, "建议额度", "recommended limit"),
        Column("by_sales", T.FEN, "按销售额可承受", "what verified sales carry"),
        Column("share", T.PPM, "销售额比例", "share of sales, by grade"),
        Column("maximum", T.FEN, "政策上限", "the policy's maximum"),
        Column("rule_cap", T.FEN, "所触发规则的额度上限", "cap of the rules that fired"),
        Column("term_months", T.INT, "期限（月）", "term in months"),
        Column("term_cap", T.INT, "所触发规则的期限上限（月）", "longest term by the rules that fired, in months"),
        Column("by_share", T.BOOL, "由销售额决定", "set by sales"),
        Column("at_maximum", T.BOOL, "受政策上限约束", "held at the policy's maximum"),
        Column("by_rule", T.BOOL, "受法规上限约束", "held at the cap of a rule"),
        Column("below_minimum", T.BOOL, "低于起点", "below the minimum, so nothing"),
        Column("not_accepted", T.BOOL, "未获同意", "not accepted"),
        Column("term_cut", T.BOOL, "期限受法规约束", "term cut to what the rules allow"),
    ),
    zh="授信额度",
    en="credit limit",
)


def gather(snapshot: Any, credit_decisions: Any, credit_proposals: Any) -> Any:
    """One row a decided party: the facts it was decided on, and what the policy proposes."""
    decided = ibis.memtable(credit_decisions.table).select("party_id", "decision")
    facts = ibis.memtable(credit_decisions.subjects.select(["party_id", "sales", *(c.name for c in LIMIT_COLUMNS)]))
    proposal = ibis.memtable(credit_proposals.table).select("party_id", "share", "by_sales", "maximum")
    rows = decided.join(facts, "party_id").left_join(proposal, "party_id")
    return rows.select(*SUBJECT.names)


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """min(proposal, cap of the rules), rounded down to a step; nothing below the minimum."""
    proposed = row.facility_amount[0]
    refused = row.decision[0] != 0
    cap, capped = rules.facility_cap
    by_rule = not refused and capped and proposed > cap
    limit = proposed
    if by_rule:
        limit = cap - cap % model.step
    small = not refused and limit < model.minimum
    if refused or small:
        limit = 0
    term, term_known = row.term_months
    longest, bound = rules.term_cap
    cut = term_known and bound and term > longest
    if cut:
        term = longest
    lent, at_most = limit > 0 and not by_rule, row.by_sales[0] > row.maximum[0]
    return (
        (limit, True), row.by_sales, row.share, row.maximum, (cap, capped), (term, term_known), (longest, bound),
        (lent and not at_most, True), (lent and at_most, True), (by_rule, True), (small, True), (refused, True),
        (cut and limit > 0, True),
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="origination_limits:amount",
    needs=("credit_decisions", "credit_proposals"),
    reasons=(
        Reason("LIMIT_BY_SALES", when="by_share", contribution="limit", arguments=("sales", "share", "limit")),
        Reason("LIMIT_AT_MAXIMUM", when="at_maximum", contribution="limit", arguments=("by_sales", "maximum")),
        Reason(
            "LIMIT_BY_RULE", when="by_rule", contribution="limit", arguments=("facility_amount", "rule_cap", "limit")
        ),
        Reason("TERM_BY_RULE", when="term_cut", arguments=("term_cap",)),
        Reason("LIMIT_TOO_SMALL", when="below_minimum", arguments=("sales", "share", "by_sales")),
        Reason("LIMIT_NOT_ACCEPTED", when="not_accepted", arguments=("decision",)),
    ),
    words=WORDS,
    parameters=policy,
    zh="授信额度",
    en="credit limit",
    purpose="credit_assessment",
)
