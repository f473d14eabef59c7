"""最高报价: the most an investor may pay for a claim and still earn the target return.

Invariant (decision 31): the scenario-weighted present value at the target return, exponent months/12, then management
cost for as long as the money is out, then the haircut; never below zero. A valuation ends here, not in a value.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.money import divide_half_up, proportion, ratio
from panhuo.stages.valuation.assumptions import assumptions
from panhuo.stages.valuation.collateral_value import CURRENCY

T = ColumnType
_KEY = Column("claim_id", T.TEXT, "债权", "claim", key=True, required=True)
SUBJECT = Schema(
    "maximum_bids",
    (
        _KEY,
        Column("bid_value", T.FEN, "目标回报现值", "weighted present value at the target return"),
        Column("value", T.FEN, "价值", "value"),
        Column("principal", T.FEN, "本金", "principal"),
        Column("debt", T.FEN, "债权总额", "debt"),
        CURRENCY,
    ),
    zh="最高报价：对象",
    en="maximum bid: what is judged",
)
VERDICT = Schema(
    "maximum_bids",
    (
        _KEY,
        Column("maximum_bid", T.FEN, "最高报价（上限）", "maximum bid: the cap, where one walks away"),
        Column("opening_bid", T.FEN, "起步报价", "opening bid"),
        Column("at_target_return", T.FEN, "目标回报现值", "present value at the target return"),
        Column("minus_management", T.FEN, "减：管理费", "less management cost"),
        Column("minus_haircut", T.FEN, "减：相关性与尽调覆盖折扣", "less correlation and due-diligence haircut"),
        Column("bid_to_principal", T.PPM, "报价/本金", "cap over principal"),
        Column("worth_bidding", T.BOOL, "可报价", "the cap is above zero"),
        Column("not_worth_bidding", T.BOOL, "不宜报价", "the cap is zero"),
        CURRENCY,
    ),
    zh="最高报价",
    en="maximum bid",
)


def gather(snapshot: Any, claim_values: Any) -> Any:
    """One row a valued claim."""
    values = ibis.memtable(claim_values.table)
    subjects = ibis.memtable(claim_values.subjects)
    rows = values.join(subjects.select("claim_id", "principal"), "claim_id")
    return rows.select("claim_id", "bid_value", "value", "principal", "debt", "currency")


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Cap and opening bid of one claim, in fen."""
    bid, known = row.bid_value
    principal, _ = row.principal
    months = divide_half_up(
        model.weight[0] * model.months[0] + model.weight[1] * model.months[1] + model.weight[2] * model.months[2],
        1_000_000,
    )
    management = divide_half_up(proportion(bid, model.management) * months, 12)
    haircut = proportion(bid - management, model.haircut)
    cap = max(bid - management - haircut, 0)
    return (
        (cap, known), (proportion(cap, model.opening), known), (bid, known), (-management, known), (-haircut, known),
        (ratio(cap, principal), known and principal > 0), (cap > 0, known), (cap == 0, known), row.currency,
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("claim_values",),
    parameters=assumptions,
    reasons=(
        Reason("BID-VALUE", "worth_bidding", "at_target_return", ("at_target_return",)),
        Reason("BID-MANAGEMENT", "minus_management", "minus_management", ("minus_management",)),
        Reason("BID-HAIRCUT", "minus_haircut", "minus_haircut", ("minus_haircut",)),
        Reason("BID-NOTHING", "not_worth_bidding", None, ()),
    ),
    words=Path(__file__).with_name("words.toml"),
    zh="最高报价",
    en="maximum bid",
    purpose="claim_realisation",
)
