"""What rate: what the policy proposes, held at what the rules in force allow, in yearly ppm that add up.

Invariant: funding + operating + expected loss + margin + rounding and own bounds + cut by rule = rate, exactly. A cap
of a rule in force or adopted holds the rate with all fees; where a rule finds the price too high and none says how high
it may be, there is no price until a person decides. Penalty uplifts are brought within the rules. A rate that a rule
cut down no longer pays for its risk, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.jitable import jitable
from panhuo.stages.origination.lending_facts import PRICE_COLUMNS, checked_prime_rate, loan_asked_for, null_of
from panhuo.stages.origination.policy import lender, policy
from panhuo.stages.origination.proposal import RATE_PARTS

WORDS = Path(__file__).parent / "words.toml"
T = ColumnType

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
SUBJECT = Schema(
    "prices",
    (
        _PARTY,
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("limit", T.FEN, "建议额度", "recommended limit"),
        *RATE_PARTS,
        *PRICE_COLUMNS,
    ),
    zh="利率：对象",
    en="price: what is judged",
)
VERDICT = Schema(
    "prices",
    (
        _PARTY,
        Column("rate", T.PPM, "年利率", "yearly rate"),
        *RATE_PARTS,
        Column("cut", T.PPM, "法规上限调整", "cut to the cap of a rule"),
        Column("rule_cap", T.PPM, "所触发规则的上限（含费用）", "cap of the rules that fired, fees included"),
        Column("overdue_uplift", T.PPM, "逾期罚息加收", "uplift of the rate when overdue"),
        Column("misuse_uplift", T.PPM, "挪用罚息加收", "uplift of the rate for misuse"),
        Column("by_rule", T.BOOL, "受法规上限约束", "held at the cap of a rule"),
        Column("price_exceeds", T.BOOL, "测算价格超过上限", "the price proposed is above a line of law"),
        Column("withheld", T.BOOL, "暂不报价，须人工决定", "no price until a person decides"),
        Column("penalty_irregular", T.BOOL, "罚息等约定不合规", "a clause on penalty or interest is irregular"),
        Column("disclosure_missing", T.BOOL, "信息披露缺失", "a disclosure is missing"),
        Column("uplifts_mended", T.BOOL, "罚息加收已调整", "uplifts brought within the rules"),
        Column("no_limit", T.BOOL, "无额度", "no limit, so no price"),
    ),
    zh="利率",
    en="price",
)


def gather(snapshot: Any, scores: Any, limits: Any, credit_proposals: Any) -> Any:
    """One row a scored party, with the facts the rules on price range over; no rate where there is no limit."""
    own, _ = policy(snapshot.as_of)
    parts = [column.name for column in RATE_PARTS]
    found = ibis.memtable(scores.table).select("party_id", "probability")
    limit = ibis.memtable(limits.table).select("party_id", "limit", asked_term="term_months")
    proposal = ibis.memtable(credit_proposals.table).select("party_id", "rate", *parts)
    asked = loan_asked_for(snapshot, lender())
    rows = found.left_join(limit, "party_id").drop("party_id_right").left_join(proposal, "party_id")
    rows = rows.drop("party_id_right").left_join(asked, rows.party_id == asked.fact_party)
    rate = ibis.ifelse(rows["limit"] > 0, rows.rate, ibis.null("int64"))
    known = {column.name: null_of(column) for column in PRICE_COLUMNS}
    for name in ("lender_kind", "natural_person", "internet_loan", "compound_on_penalty"):
        known[name] = rows[name]
    prime = checked_prime_rate(snapshot.as_of)
    if prime is not None:
        known["lpr_one_year"] = ibis.literal(prime, "int64")
    known |= {
        "contracted_on": ibis.literal(snapshot.as_of, "date"),
        "term_months": rows.asked_term,
        "annual_rate": rate,
        "all_in_rate": rate + own.fees,
        "overdue_uplift": ibis.coalesce(rows.agreed_overdue, own.overdue_uplift),
        "misuse_uplift": ibis.coalesce(rows.agreed_misuse, own.misuse_uplift),
        "both_uplifts": ibis.literal(own.both_uplifts),
        "deducted_up_front": ibis.literal(own.deducted_up_front, "int64"),
    }
    return rows.select("party_id", "probability", "limit", *parts, **known)


@jitable
def within(stated: Any, least: Any, most: Any) -> int:
    """A stated number brought up to `least` and down to `most`, each a (value, known) pair."""
    value = stated[0]
    if stated[1] and least[1] and value < least[0]:
        value = least[0]
    if stated[1] and most[1] and value > most[0]:
        value = most[0]
    return int(value)


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """The proposed rate, cut to the cap of the rules; uplifts within theirs; nothing where a person must decide."""
    asked, known = row.annual_rate
    priced = known and row.limit[0] > 0
    cap, capped = rules.rate_cap
    by_rule = priced and capped and asked + model.fees > cap
    rate = asked
    if by_rule:
        rate = max(cap - model.fees, 0)
    exceeds = rules.price_exceeds[1] and rules.price_exceeds[0]
    withheld = priced and exceeds and not by_rule
    overdue = within(row.overdue_uplift, rules.overdue_uplift_least, rules.overdue_uplift_cap)
    misuse = within(row.misuse_uplift, rules.misuse_uplift_least, rules.misuse_uplift_cap)
    mended = overdue != row.overdue_uplift[0] or misuse != row.misuse_uplift[0]
    quoted = priced and not withheld
    return (
        (rate, quoted), (row.funding[0], quoted), (row.operating[0], quoted), (row.expected_loss[0], quoted),
        (row.margin[0], quoted), (row.bounds[0], quoted), (rate - asked, quoted), (cap, capped),
        (overdue, row.overdue_uplift[1]), (misuse, row.misuse_uplift[1]), (by_rule, True), rules.price_exceeds,
        (withheld, True), rules.penalty_irregular, rules.disclosure_missing, (mended, True), (not priced, True),
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="price_and_disclosure",
    needs=("scores", "limits", "credit_proposals"),
    reasons=(
        Reason("PRICE_FUNDING", when="funding", contribution="funding", arguments=("funding",)),
        Reason("PRICE_OPERATING", when="operating", contribution="operating", arguments=("operating",)),
        Reason(
            "PRICE_LOSS", when="expected_loss", contribution="expected_loss", arguments=("probability", "expected_loss")
        ),
        Reason("PRICE_MARGIN", when="margin", contribution="margin", arguments=("margin",)),
        Reason("PRICE_BOUNDS", when="bounds", contribution="bounds", arguments=("bounds", "annual_rate")),
        Reason("PRICE_CUT", when="cut", contribution="cut", arguments=("annual_rate", "rule_cap", "rate")),
        Reason("PRICE_WITHHELD", when="withheld", arguments=("all_in_rate",)),
        Reason("UPLIFTS_MENDED", when="uplifts_mended", arguments=("overdue_uplift", "misuse_uplift")),
        Reason("PRICE_NO_LIMIT", when="no_limit", arguments=()),
    ),
    words=WORDS,
    parameters=policy,
    zh="利率",
    en="price",
    purpose="credit_assessment",
)
