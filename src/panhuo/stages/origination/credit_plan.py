"""A fixed sum lent over many firms: the offers that earn most, and how far from the best they can be at most.

Terms: a sum in all, a least and a most to each firm, rates of a stated table for one year, and the share of customers
lost at each rate by grade. What is offered counts against the sum in full, whether taken up or not.

A yuan offered at a rate earns ``(1 - lost) x (rate x (1 - pd) - pd x lgd)`` on average. It does not depend on the
amount, so a firm's best rate is the same for any amount, and only amounts are left to choose: an allocation with bounds
(`panhuo.tools.optimisation.allocation`), whose bound is proved in whole numbers.

Invariant: each offer is nothing or within its bounds, the sum is never exceeded, the parts of an offer's expected
return add up to it exactly. The table of rates is the source's: the run's input ``customer_loss``, whose hash stands in
the lineage; a run without it has no plan. The allocation is solved once: what the plan says of the whole rests on the
offers, and on the bound and engine that stand in their lineage.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing, pronounce
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.values.money import multiply_divide
from panhuo.stages.origination.policy import GRADES, Plan, plan
from panhuo.tools.optimisation.allocation import Allocation, Option, allocate

WORDS = Path(__file__).parent / "words.toml"
TERMS = "customer_loss"
BILLION = 1_000_000_000
T = ColumnType


@dataclass(frozen=True)
class Terms:
    """The rate table: (rate ppm, share of customers lost by grade in billionths), and the SHA-256 of its bytes."""

    rates: tuple[tuple[int, dict[str, int]], ...]
    sha256: str


def terms_of(inputs: Mapping[str, tuple[str, bytes]]) -> Terms | None:
    """The rate table among a run's inputs, None where there is none: CSV, ``rate_ppm``, then ``A``, ``B``, ``C``."""
    if TERMS not in inputs:
        return None
    digest, data = inputs[TERMS]
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"))))
    rates = tuple((int(r["rate_ppm"]), {k: int(v) for k, v in r.items() if k != "rate_ppm"}) for r in rows)
    return Terms(rates, digest)


def return_a_yuan(rate: int, lost: int, probability: int, loss_given_default: int) -> int:
    """Expected yearly return of a yuan offered, in billionths of a yuan, rounded down.

    Args: rate, loss_given_default: ppm. lost, probability: billionths.
    """
    return (BILLION - lost) * (rate * (BILLION - probability) - probability * loss_given_default) // 10**15


@dataclass(frozen=True)
class Offer:
    """The best rate for a firm and what it can be lent at most, in fen."""

    party_id: str
    grade: str
    probability: int
    rate: int
    lost: int
    value: int
    upper: int


def best_rates(parties: list[dict[str, Any]], terms: Terms, model: Plan) -> list[Offer]:
    """The rate that earns most for each party that may be lent to; the lower rate among equals.

    Args: parties: rows with party_id, grade, probability, limit (fen, 0 for none).
    """
    found = []
    for party in parties:
        if not party["limit"]:
            continue
        upper = min(party["limit"], model.maximum)
        if upper < model.minimum or party["grade"] not in terms.rates[0][1]:
            continue
        best = max(
            (
                (return_a_yuan(rate, lost[party["grade"]], party["probability"], model.loss_given_default), -rate)
                for rate, lost in terms.rates
                if model.rate_from <= rate <= model.rate_to
            ),
        )
        rate = -best[1]
        lost = dict(terms.rates)[rate][party["grade"]]
        found.append(Offer(party["party_id"], party["grade"], party["probability"], rate, lost, best[0], upper))
    return found


def solve(offers: list[Offer], model: Plan) -> Allocation:
    """Amounts in lots for `offers`, in their order."""
    options = [
        Option(o.party_id, "best rate", o.value, -(-model.minimum // model.lot), o.upper // model.lot) for o in offers
    ]
    return allocate(options, [model.budget // model.lot])


_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)
OFFER_SUBJECT = Schema(
    "credit_offers",
    (
        _PARTY,
        Column("grade", T.CODE, "信用等级", "grade", codes=GRADES),
        Column("probability", T.BILLIONTHS, "一年内违约概率", "probability of default within a year"),
        Column("limit", T.FEN, "建议额度", "recommended limit"),
        Column("rate", T.PPM, "收益最高的利率", "rate that earns most"),
        Column("customers_lost", T.BILLIONTHS, "该利率下客户流失率", "share of customers lost at that rate"),
        Column("return_a_yuan", T.BILLIONTHS, "每元期望收益", "expected return of a yuan offered"),
        Column("offered", T.FEN, "放贷额度", "amount offered"),
    ),
    zh="放贷方案：对象",
    en="credit offer: what is judged",
)
OFFER = Schema(
    "credit_offers",
    (
        _PARTY,
        Column("offered", T.FEN, "放贷额度", "amount offered"),
        Column("rate", T.PPM, "年利率", "yearly rate"),
        Column("grade", T.CODE, "信用等级", "grade", codes=GRADES),
        Column("expected_return", T.FEN, "期望收益", "expected return in a year"),
        Column("interest", T.FEN, "约定利息", "interest if all take up and pay"),
        Column("minus_customers", T.FEN, "减：客户流失", "less for customers lost"),
        Column("minus_unpaid_interest", T.FEN, "减：违约少收利息", "less interest not paid on default"),
        Column("minus_credit_loss", T.FEN, "减：违约本金损失", "less principal lost on default"),
        Column("lent", T.BOOL, "放贷", "lent to"),
        Column("partly", T.BOOL, "部分满足", "less than the limit: the sum ran out"),
        Column("crowded_out", T.BOOL, "额度用尽未放", "nothing left: others earn more a yuan"),
        Column("not_worth", T.BOOL, "无正收益", "no rate earns anything"),
        Column("no_limit", T.BOOL, "无可放额度", "no limit"),
    ),
    zh="放贷方案（逐户）",
    en="credit offers",
)


def offer_subjects(rows: list[dict[str, Any]], terms: Terms, model: Plan) -> tuple[pa.Table, Allocation]:
    """One row a decided party with what the plan offers it, and the allocation that says so.

    Args: rows: party_id, grade, probability, limit (fen, 0 for none), in any fixed order.
    """
    offers = best_rates(rows, terms, model)
    solved = solve(offers, model)
    by_party = {o.party_id: (o, lots * model.lot) for o, lots in zip(offers, solved.lots, strict=True)}
    found = []
    for row in rows:
        more: dict[str, Any] = {}
        if row["party_id"] in by_party:
            offer, amount = by_party[row["party_id"]]
            more = {"rate": offer.rate, "customers_lost": offer.lost, "return_a_yuan": offer.value, "offered": amount}
        found.append({"offered": 0, **row, **more})
    return pa.Table.from_pylist(found, schema=OFFER_SUBJECT.arrow()), solved


def judge_offer(row, rules, model):  # type: ignore[no-untyped-def]
    """What an offer is expected to earn, part by part, in fen; the parts add up."""
    offered, rate, priced = row.offered[0], row.rate[0], row.rate[1]
    kept = 1_000_000_000 - row.customers_lost[0]
    risk = row.probability[0]
    interest = multiply_divide(offered, rate, 1_000_000)[0]
    taken = multiply_divide(offered, kept, 1_000_000_000)[0]
    taken_interest = multiply_divide(taken, rate, 1_000_000)[0]
    unpaid = multiply_divide(taken_interest, risk, 1_000_000_000)[0]
    unpaid_principal = multiply_divide(taken, risk, 1_000_000_000)[0]
    loss = multiply_divide(unpaid_principal, model.loss_given_default, 1_000_000)[0]
    lost = interest - taken_interest
    worth = priced and row.return_a_yuan[0] > 0
    return (
        (offered, True),
        (rate, priced and offered > 0),
        (row.grade[0], row.grade[1]),
        (interest - lost - unpaid - loss, True),
        (interest, True), (-lost, True), (-unpaid, True), (-loss, True),
        (offered > 0, True),
        (offered > 0 and offered < row.limit[0], True),
        (worth and offered == 0, True),
        (priced and not worth, True),
        (not priced, True),
    )  # fmt: skip


OFFER_THING = Thing(
    subject=OFFER_SUBJECT,
    verdict=OFFER,
    judge=judge_offer,
    reasons=(
        Reason("OFFER_INTEREST", when="interest", contribution="interest", arguments=("offered", "rate", "interest")),
        *(
            Reason(code, when=part, contribution=part, arguments=(cause, part))
            for code, part, cause in (
                ("OFFER_CUSTOMERS", "minus_customers", "customers_lost"),
                ("OFFER_UNPAID", "minus_unpaid_interest", "probability"),
                ("OFFER_LOSS", "minus_credit_loss", "probability"),
            )
        ),
        Reason("OFFER_PARTLY", when="partly", arguments=("limit", "offered")),
        Reason("OFFER_CROWDED_OUT", when="crowded_out", arguments=("return_a_yuan",)),
        Reason("OFFER_NOT_WORTH", when="not_worth", arguments=("probability", "return_a_yuan")),
        Reason("OFFER_NO_LIMIT", when="no_limit", arguments=()),
    ),
    words=WORDS,
    zh="放贷方案（逐户）",
    en="credit offers",
    purpose="credit_assessment",
)  # fmt: skip


class _Offers:
    """The step ``credit_offers``: solves the allocation and judges what it offers each firm."""

    name = OFFER_THING.name
    needs = ("credit_decisions", "limits")
    zh, en = OFFER_THING.zh, OFFER_THING.en
    purpose = OFFER_THING.purpose

    def run(self, snapshot: Any, settings: Any, credit_decisions: Outcome, limits: Outcome) -> Outcome:
        """No rows when the run has no terms; the bound, the engine and the terms' hash stand in the lineage."""
        terms = terms_of(settings.inputs)
        model, described = plan(snapshot.as_of)
        subjects = OFFER_SUBJECT.empty()
        if terms is not None:
            decided = credit_decisions.table.select(["party_id", "grade", "probability"])
            rows = decided.join(limits.table.select(["party_id", "limit"]), "party_id").sort_by("party_id")
            subjects, solved = offer_subjects(rows.to_pylist(), terms, model)
            described = described | {
                "solution": {"bound": solved.bound, "engine": solved.engine},
                "terms": terms.sha256,
            }
        lineage = {"parameters": described}
        return pronounce(OFFER_THING, subjects, model=model, engine=settings.engine, lineage=lineage)


OFFERS = _Offers()

PLAN_SUBJECT = Schema(
    "credit_plan",
    (
        Column("plan_id", T.TEXT, "方案", "plan", key=True, required=True),
        Column("budget", T.FEN, "信贷总额", "sum to lend"),
        Column("offered", T.FEN, "已分配", "offered in all"),
        Column("firms", T.INT, "可放贷户数", "firms that may be lent to"),
        Column("served", T.INT, "放贷户数", "firms lent to"),
        Column("expected_return", T.FEN, "期望收益", "expected return of the offers"),
        Column("bound", T.FEN, "收益上界", "no allocation can earn more"),
        Column("gap", T.PPM, "与最优的差距上限", "at most this far from the best"),
        Column("engine", T.TEXT, "求解方法", "found by"),
        Column("terms_sha256", T.TEXT, "利率表摘要", "SHA-256 of the rate table"),
    ),
    zh="放贷方案：对象",
    en="credit plan: what is judged",
)
PLAN_VERDICT = Schema(
    "credit_plan",
    (
        *PLAN_SUBJECT.columns,
        Column("average_return", T.PPM, "平均期望收益率", "expected return over the sum offered"),
        Column("within_budget", T.BOOL, "未超总额", "the sum is kept"),
        Column("proved_best", T.BOOL, "已证最优", "proved to be the best"),
        Column("not_proved_best", T.BOOL, "未证最优", "not proved to be the best"),
    ),
    zh="放贷方案",
    en="credit plan",
)


def gather_plan(snapshot: Any, credit_offers: Outcome) -> pa.Table:
    """One row: the plan as a whole; none when there are no terms. Nothing is solved here."""
    described = credit_offers.lineage["parameters"]
    if "solution" not in described or credit_offers.subjects is None:
        return PLAN_SUBJECT.empty()
    model, _ = plan(snapshot.as_of)
    rows = credit_offers.subjects.to_pylist()
    objective = sum(r["return_a_yuan"] * (r["offered"] // model.lot) for r in rows if r["offered"])
    bound = described["solution"]["bound"]
    solved = Allocation((), objective, bound, (), described["solution"]["engine"], ())
    return PLAN_SUBJECT.conform(pa.Table.from_pylist([{
        "plan_id": "plan",
        "budget": model.budget,
        "offered": sum(r["offered"] for r in rows),
        "firms": sum(1 for r in rows if r["rate"] is not None),
        "served": sum(1 for r in rows if r["offered"]),
        "expected_return": objective * model.lot // BILLION,
        "bound": -(-bound * model.lot // BILLION),
        "gap": solved.gap_ppm,
        "engine": solved.engine,
        "terms_sha256": described["terms"],
    }]))  # fmt: skip


def judge_plan(row, rules, model):  # type: ignore[no-untyped-def]
    """The plan's figures, whether it keeps the sum, and whether it is proved."""
    offered, earned = row.offered[0], row.expected_return[0]
    average = earned * 1_000_000 // offered if offered > 0 else 0
    proved = row.gap[0] == 0
    return (
        (row.budget[0], True), (offered, True), (row.firms[0], True), (row.served[0], True), (earned, True),
        (row.bound[0], True), (row.gap[0], True), (average, offered > 0), (offered <= row.budget[0], True),
        (proved, True), (not proved, True),
    )  # fmt: skip


PLAN = Thing(
    subject=PLAN_SUBJECT,
    verdict=PLAN_VERDICT,
    judge=judge_plan,
    gather=gather_plan,
    needs=("credit_offers",),
    reasons=(
        Reason("PLAN_PROVED", when="proved_best", arguments=("offered", "served", "expected_return")),
        Reason("PLAN_GAP", when="not_proved_best", arguments=("offered", "served", "expected_return", "bound", "gap")),
    ),
    words=WORDS,
    parameters=plan,
    zh="放贷方案",
    en="credit plan",
    purpose="credit_assessment",
)
