"""处置路径: the ways a claim can go, compared by net present value.

Invariant: every route is measured in the same unit (fen today, at one rate, after its own costs); a route that is not
open to the claim has no value rather than a low one; the best is named with its distance to the next.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import numpy as np

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.library import read_text
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import proportion
from panhuo.ground.values.transcendental import power
from panhuo.tools.finance.court_fees import bracket_fee, scale_from_rules

FILE = Path(__file__).with_name("route_assumptions.toml")
ROUTES = CodeList.of(
    "routes",
    ("lawsuit", "诉讼并执行", "lawsuit and enforcement"),
    ("security_realisation", "实现担保物权特别程序", "special procedure to realise security"),
    ("mediation", "调解并司法确认", "mediation with judicial confirmation"),
    ("sale", "债权转让", "sale of the claim"),
    ("bankruptcy", "破产程序受偿", "bankruptcy"),
    ("none", "无可行路径", "no route pays"),
)
NAMES = ("lawsuit", "security_realisation", "mediation", "sale", "bankruptcy")
T = ColumnType
CURRENCY = Column("currency", T.CODE, "币种", "currency of the amounts", codes=CURRENCIES)
_KEY = Column("claim_id", T.TEXT, "债权", "claim", key=True, required=True)

SUBJECT = Schema(
    "claim_routes",
    (
        _KEY,
        Column("debt", T.FEN, "债权总额", "debt"),
        Column("value", T.FEN, "价值", "value by the disposal path"),
        Column("from_collateral", T.FEN, "其中来自担保财产", "of it from collateral"),
        Column("maximum_bid", T.FEN, "买方最高报价", "maximum bid of a buyer"),
        Column("has_instrument", T.BOOL, "已有执行依据", "an enforceable instrument is there"),
        Column("in_bankruptcy", T.BOOL, "债务人在破产程序中", "the debtor is in bankruptcy"),
        Column("assignment_barred", T.BOOL, "合同禁止转让", "the contract bars assignment"),
        CURRENCY,
    ),
    zh="处置路径：对象",
    en="routes: what is judged",
)
VERDICT = Schema(
    "claim_routes",
    (
        _KEY,
        Column("best", T.CODE, "最优路径", "best route", codes=ROUTES),
        Column("best_value", T.FEN, "最优路径净现值", "net present value of the best"),
        Column("second", T.CODE, "次优路径", "next best", codes=ROUTES),
        Column("margin", T.FEN, "与次优的差额", "distance to the next"),
        *(Column(name, T.FEN, f"{ROUTES[name].zh}：净现值", f"{ROUTES[name].en}: net present value") for name in NAMES),
        Column("fees_advanced", T.FEN, "需垫付的案件受理费", "court fees to advance"),
        Column("can_realise", T.BOOL, "可走特别程序", "the special procedure is open"),
        Column("stayed", T.BOOL, "其他路径因破产中止", "other routes are stayed by bankruptcy"),
        Column("barred", T.BOOL, "不得转让", "assignment is barred"),
        CURRENCY,
    ),
    zh="处置路径比较",
    en="routes compared",
)


class RouteAssumptions(NamedTuple):
    """Model of the judge: ppm, months, and the acceptance fee's brackets."""

    rate: int
    lawsuit_months: int
    fees_return: int
    months_saved: int
    realisation_success: int
    mediation_months: int
    waived: int
    performed: int
    delay_months: int
    sale_months: int
    sale_price: int
    sale_cost: int
    bankruptcy_months: int
    ordinary: int
    fee_overs: Any
    fee_rates: Any
    fee_fixed: Any


def route_assumptions(as_of: date) -> tuple[RouteAssumptions, dict[str, Any]]:
    """(model, description for the lineage); court fees in the version in force on `as_of`."""
    data = tomllib.loads(read_text(FILE))
    scale = scale_from_rules("fees", "FEE-01", as_of)
    model = RouteAssumptions(
        rate=data["rate_ppm"],
        lawsuit_months=data["lawsuit"]["months"],
        fees_return=data["lawsuit"]["fees_return_ppm"],
        months_saved=data["security_realisation"]["months_saved"],
        realisation_success=data["security_realisation"]["success_ppm"],
        mediation_months=data["mediation"]["months"],
        waived=data["mediation"]["waived_ppm"],
        performed=data["mediation"]["performed_ppm"],
        delay_months=data["mediation"]["delay_months"],
        sale_months=data["sale"]["months"],
        sale_price=data["sale"]["price_ppm"],
        sale_cost=data["sale"]["cost_ppm"],
        bankruptcy_months=data["bankruptcy"]["months"],
        ordinary=data["bankruptcy"]["ordinary_ppm"],
        fee_overs=np.array(scale.overs, np.int64),
        fee_rates=np.array(scale.rates, np.int64),
        fee_fixed=np.array(scale.fixed, np.int64),
    )
    described = {**data, "dated": data["dated"].isoformat()}
    return model, {"route_assumptions": described}


def gather(snapshot: Any, claim_values: Any, maximum_bids: Any) -> Any:
    """One row a valued claim, with what decides which routes are open to it."""
    values, bids = ibis.memtable(claim_values.table), ibis.memtable(maximum_bids.table)
    rows = values.join(bids.select("claim_id", "maximum_bid"), "claim_id")
    rows = rows.select("claim_id", "debt", "value", "from_collateral", "maximum_bid", "currency")
    items, instruments = snapshot.table("instrument_items"), snapshot.table("instruments")
    effective = items.join(instruments, items.instrument_id == instruments.id)
    effective = effective.filter(instruments.effective_since_on.notnull() & items.claim_id.notnull())
    effective = effective.select(claim_id=items.claim_id).distinct().mutate(has_instrument=True)
    claims, bankruptcies = snapshot.table("claims"), snapshot.table("bankruptcies")
    open_cases = bankruptcies.filter(bankruptcies.accepted_on.notnull() & bankruptcies.closed_on.isnull())
    broke = claims.join(open_cases.select("party_id").distinct(), "party_id")
    broke = broke.select(claim_id=claims.id).distinct().mutate(in_bankruptcy=True)
    contracts = snapshot.table("contracts")
    links, drawdowns = snapshot.table("claim_drawdowns"), snapshot.table("drawdowns")
    through = links.join(drawdowns, links.drawdown_id == drawdowns.id)
    through = through.select(claim_id=links.claim_id, contract_id=drawdowns.contract_id)
    rests_on = claims.filter(claims.contract_id.notnull()).select(claim_id="id", contract_id="contract_id")
    rests_on = rests_on.union(through, distinct=True)
    bars = contracts.filter(contracts.assignment_barred).select(barring="id")
    barred = rests_on.join(bars, rests_on.contract_id == bars.barring)
    barred = barred.select("claim_id").distinct().mutate(assignment_barred=True)
    tables = [t.to_pyarrow() for t in (effective, broke, barred)]
    for table in tables:
        rows = rows.left_join(ibis.memtable(table), "claim_id").drop("claim_id_right")
    flags = {n: rows[n].fill_null(False) for n in ("has_instrument", "in_bankruptcy", "assignment_barred")}
    return rows.select("claim_id", "debt", "value", "from_collateral", "maximum_bid", "currency", **flags).select(
        SUBJECT.names
    )


@jitable
def moved(amount: int, rate_ppm: int, months: int) -> int:
    """`amount` fen brought `months` later (negative: earlier), at a yearly rate; half up for amounts of either sign."""
    factor = power(1.0 + rate_ppm / 1_000_000.0, months / 12.0)
    scaled = abs(amount) / factor + 0.5
    return int(scaled) if amount >= 0 else -int(scaled)


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Net present value of each open route, in fen."""
    debt, value, collateral = row.debt[0], row.value[0], row.from_collateral[0]
    bid = row.maximum_bid[0]
    instrument, bankrupt, barred = row.has_instrument[0], row.in_bankruptcy[0], row.assignment_barred[0]
    fee = (
        0 if instrument else bracket_fee(debt, model.fee_overs, model.fee_rates, model.fee_fixed, len(model.fee_overs))
    )
    back = moved(proportion(fee, model.fees_return), model.rate, model.lawsuit_months)
    lawsuit = value - fee + back
    # The special procedure brings the collateral sooner when nobody objects; when somebody does, the suit follows.
    realise_open = collateral > 0 and not instrument
    quick = moved(value, model.rate, -model.months_saved)
    realisation = proportion(quick, model.realisation_success) + proportion(
        max(moved(lawsuit, model.rate, 2), 0), 1_000_000 - model.realisation_success
    )
    agreed = moved(debt - proportion(debt, model.waived), model.rate, model.mediation_months)
    # Nobody agrees to pay what they cannot: what is agreed on is bounded by twice what enforcement would bring.
    agreed = min(agreed, 2 * value)
    failed = max(moved(lawsuit, model.rate, model.delay_months), 0)
    mediation = proportion(agreed, model.performed) + proportion(failed, 1_000_000 - model.performed)
    price = proportion(bid, model.sale_price)
    sale = moved(price - proportion(price, model.sale_cost), model.rate, model.sale_months)
    rest = moved(proportion(max(debt - collateral, 0), model.ordinary), model.rate, model.bankruptcy_months)
    bankruptcy = moved(collateral, model.rate, 6) + rest
    worth = (lawsuit, realisation, mediation, sale, bankruptcy)
    is_open = (not bankrupt, realise_open and not bankrupt, not bankrupt, not barred, bankrupt)
    best, second = 5, 5
    for i in range(5):
        if is_open[i] and worth[i] > 0 and (best == 5 or worth[i] > worth[best]):
            best = i
    for i in range(5):
        if i != best and is_open[i] and worth[i] > 0 and (second == 5 or worth[i] > worth[second]):
            second = i
    best_value = worth[best] if best < 5 else 0
    margin = best_value - (worth[second] if second < 5 else 0)
    return (
        (best, True), (best_value, True), (second, True), (margin, True),
        (lawsuit, is_open[0]), (realisation, is_open[1]), (mediation, is_open[2]), (sale, is_open[3]),
        (bankruptcy, is_open[4]),
        (fee, True), (is_open[1], True), (bankrupt, True), (barred, True), row.currency,
    )  # fmt: skip


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("claim_values", "maximum_bids"),
    parameters=route_assumptions,
    reasons=(
        Reason("ROUTE-BEST", "best_value", "best_value", ("best", "best_value", "second", "margin")),
        Reason("ROUTE-FEES", "fees_advanced", None, ("fees_advanced",)),
        Reason("ROUTE-REALISE", "can_realise", None, ("security_realisation",)),
        Reason("ROUTE-STAYED", "stayed", None, ()),
        Reason("ROUTE-BARRED", "barred", None, ()),
    ),
    words=Path(__file__).with_name("words.toml"),
    zh="处置路径比较",
    en="routes compared",
    purpose="claim_realisation",
)
