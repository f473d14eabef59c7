"""What a claim is worth: its collateral, its guarantors, its share as an ordinary claim, weighted over scenarios.

Invariant: no scenario recovers more than the debt; contributions add up to the value; every ratio names its denominator
(本金回收率 over principal, 本息折扣率 over principal and interest).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import divide_half_up, multiply_divide_wide, proportion, ratio
from panhuo.stages.valuation.assumptions import SCENARIOS, Assumptions, assumptions
from panhuo.stages.valuation.collateral_value import CURRENCY, present_value
from panhuo.tools.finance.guarantee import guarantee_period, in_every_reading
from panhuo.tools.finance.guaranteed_debts import Debts

T = ColumnType
_KEY = Column("claim_id", T.TEXT, "债权", "claim", key=True, required=True)
GUARANTORS = pa.schema([("claim_id", pa.string()), ("guarantor_id", pa.string()), ("binds", pa.bool_())])

SUBJECT = Schema(
    "claim_values",
    (
        _KEY,
        Column("party_id", T.TEXT, "债务人", "debtor"),
        Column("principal", T.FEN, "本金", "principal stated"),
        Column("interest", T.FEN, "利息", "interest and penalty stated"),
        Column("advanced_costs", T.FEN, "垫付费用", "costs advanced"),
        Column("assets", T.INT, "担保财产数", "assets behind it"),
        Column("assets_not_valued", T.INT, "未计价的财产数", "of them without a value"),
        *(
            Column(f"{name}_{what}", T.FEN, f"{zh}：{what_zh}", f"{name}: {what_en}")
            for name, zh in zip(SCENARIOS, ("乐观", "基准", "悲观"), strict=True)
            for what, what_zh, what_en in (
                ("net", "担保财产净额", "net of collateral"),
                ("value", "担保财产现值", "present value of collateral"),
                ("bid_value", "担保财产目标回报现值", "present value of collateral at the target return"),
            )
        ),
        Column("financing_guarantors", T.INT, "融资担保公司保证人数", "financing guarantee companies"),
        Column("company_guarantors", T.INT, "企业保证人数", "companies that guarantee"),
        Column("person_guarantors", T.INT, "自然人保证人数", "natural persons that guarantee"),
        Column("unclear_guarantors", T.INT, "是否受约束或身份不明的保证人数", "guarantors of whom it is not known"),
        CURRENCY,
    ),
    zh="债权估值：估值对象",
    en="claims: what is valued",
)
VERDICT = Schema(
    "claim_values",
    (
        _KEY,
        Column("value", T.FEN, "价值", "value: weighted present value"),
        Column("bid_value", T.FEN, "目标回报现值", "weighted present value at the target return"),
        Column("debt", T.FEN, "债权总额", "debt: principal, interest and advanced costs"),
        *(
            Column(f"{name}_value", T.FEN, f"{zh}：现值", f"{name}: present value")
            for name, zh in zip(SCENARIOS, ("乐观", "基准", "悲观"), strict=True)
        ),
        *(
            Column(f"{name}_recovery", T.FEN, f"{zh}：回收净额", f"{name}: recovered, undiscounted")
            for name, zh in zip(SCENARIOS, ("乐观", "基准", "悲观"), strict=True)
        ),
        Column("from_collateral", T.FEN, "来自担保财产", "from collateral"),
        Column("from_guarantors", T.FEN, "来自保证人", "from guarantors"),
        Column("from_ordinary", T.FEN, "作为普通债权", "as an ordinary claim"),
        Column("value_to_principal", T.PPM, "本金回收率", "value over principal"),
        Column("value_to_debt", T.PPM, "本息折扣率", "value over principal and interest"),
        Column("secured", T.BOOL, "有担保财产", "has collateral with a value"),
        Column("guaranteed", T.BOOL, "有保证人", "has guarantors"),
        Column("unsecured", T.BOOL, "无担保财产", "has no collateral with a value"),
        Column("incomplete", T.BOOL, "有财产未计价", "some collateral has no value and counts as nothing"),
        CURRENCY,
    ),
    zh="债权价值",
    en="value of a claim",
)


def gather(snapshot: Any, collateral_values: Any) -> Any:
    """One row a claim held, with the sums of its collateral and, by kind, the guarantors who are surely bound."""
    claims = snapshot.table("claims")
    claims = claims.filter(claims.status.isnull() | (claims.status == "held"))
    values = ibis.memtable(collateral_values.table)
    sums = {
        f"{name}_{what}": values[f"{name}_{what}"].sum() for name in SCENARIOS for what in ("net", "value", "bid_value")
    }
    secured = values.group_by("claim_id").agg(assets=values.count(), assets_not_valued=values.not_valued.sum(), **sums)
    parties = snapshot.table("parties").select(guarantor_id="id", guarantor_kind="kind")
    stand = ibis.memtable(guarantors(snapshot)).left_join(parties, "guarantor_id").drop("guarantor_id_right")
    kind, bound = stand.guarantor_kind, stand.binds.fill_null(False)
    stand = stand.group_by("claim_id").agg(
        financing_guarantors=(bound & (kind == "guarantee_company")).sum(),
        company_guarantors=(bound & kind.isin(["company", "cooperative", "other", "asset_manager", "bank"])).sum(),
        person_guarantors=(bound & kind.isin(["person", "sole_trader"])).sum(),
        unclear_guarantors=(stand.binds.isnull() | (bound & kind.isnull())).sum(),
    )
    rows = claims.select(
        "party_id", "principal", "interest", "advanced_costs",
        claim_id=claims.id,
        currency=ibis.coalesce(claims.currency, "CNY"),
    )  # fmt: skip
    rows = (
        rows.left_join(secured, "claim_id").drop("claim_id_right").left_join(stand, "claim_id").drop("claim_id_right")
    )
    counted = {c.name: rows[c.name].fill_null(0).cast("int64") for c in SUBJECT.columns if c.type in (T.FEN, T.INT)}
    return rows.select("claim_id", "party_id", "currency", **counted).select(SUBJECT.names)


def guarantors(snapshot: Any) -> pa.Table:
    """(claim_id, guarantor_id, binds) of everyone who guarantees a claim held.

    `binds` is as guarantee.py has it, of every debt of the claim the guarantee secures: where it binds for some of them
    only, or a fact it turns on is missing, it is unknown. A guarantor who is not named goes by the guarantee's id.
    """
    by_guarantee: dict[tuple[str, str, str], list[bool | None]] = defaultdict(list)
    for found in Debts(snapshot).guaranteed():
        binds = guarantee_period(found.guarantee, snapshot.as_of).binds
        who = found.row["guarantor_id"] or found.row["id"]
        for claim in {debt.holder for debt in found.debts if debt.holder is not None}:
            by_guarantee[claim, who, found.row["id"]].append(binds)
    binding: dict[tuple[str, str], list[bool | None]] = defaultdict(list)
    for (claim, who, _), each in by_guarantee.items():
        binding[claim, who].append(in_every_reading(each))
    rows = [
        {"claim_id": claim, "guarantor_id": who, "binds": True if True in each else None if None in each else False}
        for (claim, who), each in sorted(binding.items())
    ]
    return pa.Table.from_pylist(rows, schema=GUARANTORS)


def with_law(as_of: date) -> tuple[Assumptions, dict[str, Any]]:
    """The stage's assumptions, and the rule set the guarantors' periods are read from."""
    model, described = assumptions(as_of)
    law = "limitation_and_guarantee"
    return model, {**described, "rule_sets": {law: load_rule_set(law).hash}}


@jitable
def guaranteed_amount(left: int, counts: Any, recovery: Any, scenario: int) -> int:
    """Fen guarantors pay of `left`: every one in turn its rate of what still stands, strongest kind first."""
    paid = 0
    for kind in range(3):
        for _ in range(counts[kind]):
            paid += proportion(left - paid, recovery[kind, scenario])
    return paid


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Value of one claim in fen; source: practice, 价值分析 working paper; never called an appraisal report."""
    principal, interest, costs = row.principal[0], row.interest[0], row.advanced_costs[0]
    debt = principal + interest + costs
    counts = (row.financing_guarantors[0], row.company_guarantors[0], row.person_guarantors[0])
    nets = (row.optimistic_net[0], row.base_net[0], row.pessimistic_net[0])
    values = (row.optimistic_value[0], row.base_value[0], row.pessimistic_value[0])
    bids = (row.optimistic_bid_value[0], row.base_bid_value[0], row.pessimistic_bid_value[0])
    scenario = [0, 0, 0]
    recovered = [0, 0, 0]
    collateral = guarantors = ordinary = bid = 0
    for s in range(3):
        net, value, at_target = nets[s], values[s], bids[s]
        if net > debt:
            # Several assets together fetch more than the debt: each gives its share of the debt, no more.
            value = multiply_divide_wide(value, debt, net)[0]
            at_target = multiply_divide_wide(at_target, debt, net)[0]
            net = debt
        paid = guaranteed_amount(debt - net, counts, model.guarantee, s)
        rest = proportion(debt - net - paid, model.ordinary[s])
        from_guarantors = present_value(
            paid - proportion(paid, model.disposal), model.valuation_rate, model.guarantee_months[s]
        )
        from_rest = present_value(
            rest - proportion(rest, model.disposal), model.valuation_rate, model.ordinary_months[s]
        )
        at_target += present_value(
            paid - proportion(paid, model.disposal), model.target_return, model.guarantee_months[s]
        )
        at_target += present_value(
            rest - proportion(rest, model.disposal), model.target_return, model.ordinary_months[s]
        )
        scenario[s] = value + from_guarantors + from_rest
        recovered[s] = net + paid + rest
        weight = model.weight[s]
        collateral += value * weight
        guarantors += from_guarantors * weight
        ordinary += from_rest * weight
        bid += at_target * weight
    collateral, guarantors = divide_half_up(collateral, 1_000_000), divide_half_up(guarantors, 1_000_000)
    ordinary, bid = divide_half_up(ordinary, 1_000_000), divide_half_up(bid, 1_000_000)
    total = collateral + guarantors + ordinary
    valued = row.assets[0] - row.assets_not_valued[0]
    return (
        (total, True), (bid, True), (debt, True),
        (scenario[0], True), (scenario[1], True), (scenario[2], True),
        (recovered[0], True), (recovered[1], True), (recovered[2], True),
        (collateral, True), (guarantors, True), (ordinary, True),
        (ratio(total, principal), principal > 0), (ratio(total, debt), debt > 0),
        (valued > 0, True), (counts[0] + counts[1] + counts[2] > 0, True), (valued == 0, True),
        (row.assets_not_valued[0] > 0, True), row.currency,
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("collateral_values",),
    parameters=with_law,
    reasons=(
        Reason("VAL-COLLATERAL", "secured", "from_collateral", ("assets", "from_collateral")),
        Reason("VAL-GUARANTORS", "guaranteed", "from_guarantors",
               ("financing_guarantors", "company_guarantors", "person_guarantors", "from_guarantors")),
        Reason("VAL-GUARANTORS-UNCLEAR", "unclear_guarantors", None, ("unclear_guarantors",)),
        Reason("VAL-ORDINARY", "from_ordinary", "from_ordinary", ("from_ordinary",)),
        Reason("VAL-UNSECURED", "unsecured", None, ()),
        Reason("VAL-INCOMPLETE", "incomplete", None, ("assets_not_valued",)),
    ),
    words=Path(__file__).with_name("words.toml"),
    zh="债权价值",
    en="value of a claim",
    purpose="claim_realisation",
)  # fmt: skip
