"""What an asset behind a claim is worth to that claim: the disposal path 处置路径, scenario by scenario.

Invariant: a price is never a value. From the price come off, in this order, the seller's taxes, the appraisal, the
execution fee, what ranks ahead, the cap of the security, the other debts the same asset stands behind, and the cost of
disposal; what is left is discounted from the day money arrives. One asset is never counted twice.

    net = min(price - execution fee - appraisal - seller's taxes - rights ahead - earlier ranks, cap, allowed debt)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.book.tables.security import ASSET_KINDS
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import divide_half_up, multiply_divide_wide, proportion
from panhuo.ground.values.transcendental import power
from panhuo.stages.valuation.assumptions import SCENARIOS, assumptions
from panhuo.stages.valuation.collateral_facts import collateral_rows
from panhuo.tools.finance.court_fees import bracket_fee

T = ColumnType
CURRENCY = Column("currency", T.CODE, "币种", "currency of the amounts", codes=CURRENCIES)
_KEYS = (
    Column("claim_id", T.TEXT, "债权", "claim", key=True, required=True),
    Column("asset_id", T.TEXT, "财产", "asset", key=True, required=True),
)

SUBJECT = Schema(
    "collateral_values",
    (
        *_KEYS,
        Column("kind", T.CODE, "财产种类", "kind of asset", codes=ASSET_KINDS),
        Column("appraisal", T.FEN, "评估价", "latest appraisal"),
        Column("appraised_on", T.DATE, "评估基准日", "day of that appraisal"),
        Column("share", T.PPM, "抵押份额", "share of the asset the security rests on"),
        Column("cap", T.FEN, "最高债权额", "maximum amount secured here; of one cap over several assets, the share"),
        Column("debt", T.FEN, "本债权金额", "this claim's debt"),
        Column(
            "debts_secured", T.FEN, "同一财产担保的债权合计", "all debts this asset stands behind, this one included"
        ),
        Column("earlier_ranks", T.FEN, "在先顺位金额", "amounts of earlier ranks"),
        Column("rights_ahead", T.FEN, "先于抵押权的权利", "rights ahead of the security"),
        Column("leased", T.BOOL, "有租约", "leased"),
        Column("first_seizure", T.BOOL, "本方首封", "first seizure is ours; unknown: not seized yet"),
        Column("buyer_bears_tax", T.BOOL, "税费由买受人承担", "the buyer bears all taxes"),
        Column(
            "rank", T.INT, "本方顺位", "our rank, 1 is the first; unknown: neither rank nor registration is recorded"
        ),
        Column("ahead_unknown", T.BOOL, "在先金额不明", "an amount that comes before us is not known"),
        Column(
            "order_unclear", T.BOOL, "先后不明", "a charge was put before ours because nothing tells which is first"
        ),
        CURRENCY,
    ),
    zh="财产的处置净值：估值对象",
    en="collateral: what is valued",
)

_BY_SCENARIO = tuple(
    column
    for name, zh in zip(SCENARIOS, ("乐观", "基准", "悲观"), strict=True)
    for column in (
        Column(f"{name}_price", T.FEN, f"{zh}：成交价", f"{name}: price"),
        Column(f"{name}_fee", T.FEN, f"{zh}：执行费", f"{name}: execution fee"),
        Column(f"{name}_net", T.FEN, f"{zh}：归本债权净额", f"{name}: net to this claim"),
        Column(f"{name}_after_disposal", T.FEN, f"{zh}：扣处置费后", f"{name}: after disposal cost"),
        Column(f"{name}_months", T.INT, f"{zh}：到款月数", f"{name}: months to payment"),
        Column(f"{name}_value", T.FEN, f"{zh}：现值", f"{name}: present value"),
        Column(f"{name}_bid_value", T.FEN, f"{zh}：目标回报现值", f"{name}: present value at the target return"),
    )
)
VERDICT = Schema(
    "collateral_values",
    (
        *_KEYS,
        Column("value", T.FEN, "加权现值", "weighted present value"),
        *_BY_SCENARIO,
        Column("expected_price", T.FEN, "加权成交价", "weighted price"),
        Column("minus_tax", T.FEN, "减：卖方税费", "less seller's taxes"),
        Column("minus_appraisal", T.FEN, "减：评估拍卖费用", "less appraisal and auction costs"),
        Column("minus_fee", T.FEN, "减：执行费", "less execution fee"),
        Column("minus_ahead", T.FEN, "减：在先权利和在先顺位", "less rights ahead and earlier ranks"),
        Column(
            "minus_cap",
            T.FEN,
            "减：超过最高额或债权额、归其他债权",
            "less what exceeds cap or debt, or goes to other debts",
        ),
        Column("minus_disposal", T.FEN, "减：律师费及处置费", "less lawyer and disposal"),
        Column("minus_time", T.FEN, "减：时间价值", "less time value"),
        Column("appraised", T.BOOL, "有评估价", "an appraisal is known"),
        Column("without_appraisal", T.BOOL, "无评估价", "no appraisal is known"),
        Column("late", T.BOOL, "未取得首封", "the first seizure is another's"),
        Column("rank_unknown", T.BOOL, "本方顺位不明", "our rank is not known"),
        Column("not_valued", T.BOOL, "未计价", "no value: no appraisal, or what comes before us is not known"),
        CURRENCY,
    ),
    zh="财产的处置净值",
    en="value of collateral to a claim",
)


@jitable
def present_value(amount: int, rate_ppm: int, months: int) -> int:
    """`amount` fen paid in `months`, at a yearly rate, exponent months/12; rounded half up to the fen."""
    factor = power(1.0 + rate_ppm / 1_000_000.0, months / 12.0)
    return int(amount / factor + 0.5)


def gather(snapshot: Any) -> pa.Table:
    """One row a (claim, asset): every claim held, every asset a live security right of ours puts behind it."""
    return SUBJECT.conform(pa.Table.from_pylist(collateral_rows(snapshot), schema=SUBJECT.arrow()))


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Value of one asset to one claim, in fen; unknown without an appraisal, or where our rank or an amount before us
    is not known. Source: practice of asset managers (处置路径收益法), golden working paper; execution fee by
    国务院令481号 art. 14."""
    appraisal, priced = row.appraisal
    _, ranked = row.rank
    known = priced and ranked and not row.ahead_unknown[0]
    kind, _ = row.kind
    share, _ = row.share
    cap, has_cap = row.cap
    debt, _ = row.debt
    debts, _ = row.debts_secured
    earlier, _ = row.earlier_ranks
    ahead, _ = row.rights_ahead
    leased, _ = row.leased
    first, seized = row.first_seizure
    free_of_tax, _ = row.buyer_bears_tax
    late = seized and not first
    extra = (model.delay_seizure if late else 0) + (model.delay_lease if leased else 0)
    base = proportion(appraisal, share)
    prices, fees, nets = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    afters, months, values, bids = [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]
    gross = taxes = costs = all_fees = priors = cut = disposals = value = 0
    for s in range(3):
        price = proportion(base, model.price[kind, s])
        fee = min(bracket_fee(price, model.fee_overs, model.fee_rates, model.fee_fixed, len(model.fee_overs)), price)
        tax = 0 if free_of_tax else proportion(price, model.tax[kind])
        cost = min(model.appraisal_cost, price)
        left = max(price - fee - tax - cost, 0)
        prior = min(ahead + earlier, left)
        left -= prior
        ours = min(left, debts)
        if has_cap:
            ours = min(ours, cap)
        net = multiply_divide_wide(ours, debt, debts)[0] if debts > 0 else 0
        disposal = proportion(net, model.disposal)
        when = model.months[s] + extra
        prices[s], fees[s], nets[s], afters[s], months[s] = price, fee, net, net - disposal, when
        values[s] = present_value(net - disposal, model.valuation_rate, when)
        bids[s] = present_value(net - disposal, model.target_return, when)
        weight = model.weight[s]
        gross += price * weight
        # Where price does not cover fee, tax and cost together, the excess is nobody's: it comes off the cost.
        taxes += tax * weight
        all_fees += fee * weight
        costs += (price - fee - tax - left - prior) * weight
        priors += prior * weight
        cut += (left - net) * weight
        disposals += disposal * weight
        value += values[s] * weight
    gross, taxes, costs, all_fees = (
        divide_half_up(gross, 1_000_000),
        divide_half_up(taxes, 1_000_000),
        divide_half_up(costs, 1_000_000),
        divide_half_up(all_fees, 1_000_000),
    )
    priors, cut, disposals, value = (
        divide_half_up(priors, 1_000_000),
        divide_half_up(cut, 1_000_000),
        divide_half_up(disposals, 1_000_000),
        divide_half_up(value, 1_000_000),
    )
    time = gross - taxes - costs - all_fees - priors - cut - disposals - value
    return (
        (value, known),
        (prices[0], priced), (fees[0], priced), (nets[0], known), (afters[0], known), (months[0], True),
        (values[0], known), (bids[0], known),
        (prices[1], priced), (fees[1], priced), (nets[1], known), (afters[1], known), (months[1], True),
        (values[1], known), (bids[1], known),
        (prices[2], priced), (fees[2], priced), (nets[2], known), (afters[2], known), (months[2], True),
        (values[2], known), (bids[2], known),
        (gross, known), (-taxes, known), (-costs, known), (-all_fees, known), (-priors, known), (-cut, known),
        (-disposals, known), (-time, known),
        (priced, True), (not priced, True), (late, True), (not ranked, True), (not known, True), row.currency,
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    parameters=assumptions,
    reasons=(
        Reason("VAL-PRICE", "expected_price", "expected_price", ("appraisal", "expected_price", "kind")),
        Reason("VAL-TAX", "minus_tax", "minus_tax", ("minus_tax",)),
        Reason("VAL-APPRAISAL", "minus_appraisal", "minus_appraisal", ("minus_appraisal",)),
        Reason("VAL-FEE", "minus_fee", "minus_fee", ("minus_fee",)),
        Reason("VAL-AHEAD", "minus_ahead", "minus_ahead", ("rights_ahead", "earlier_ranks")),
        Reason("VAL-CAP", "minus_cap", "minus_cap", ("cap", "debt", "debts_secured")),
        Reason("VAL-DISPOSAL", "minus_disposal", "minus_disposal", ("minus_disposal",)),
        Reason("VAL-TIME", "minus_time", "minus_time", ("base_months", "minus_time")),
        Reason("VAL-LATE", "late", None, ()),
        Reason("VAL-NO-APPRAISAL", "without_appraisal", None, ()),
        Reason("VAL-AHEAD-UNKNOWN", "ahead_unknown", None, ("rights_ahead", "earlier_ranks")),
        Reason("VAL-RANK-UNKNOWN", "rank_unknown", None, ()),
        Reason("VAL-ORDER-UNCLEAR", "order_unclear", None, ("earlier_ranks",)),
    ),
    words=Path(__file__).with_name("words.toml"),
    zh="财产的处置净值",
    en="value of collateral to a claim",
    purpose="claim_realisation",
)
