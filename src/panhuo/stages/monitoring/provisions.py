"""Provisions of each debt in both books: by class, and expected credit loss in three stages.

Invariant: the base is the principal on the books, so that the bases of all rows add up to the ledger's principal to the
fen. A provision by class is rounded half up once, at the row. In an expected loss, probabilities and discounts are kept
in billionths; the loss of each year is rounded half up to the fen, so that every year can be shown and adds up, and the
weighted sum of the scenarios is rounded half up once more. Expected loss rests on parameters graded M and is shown
beside the provision by class, never in its place, until an institution adopts it.

By class: PRV-01 (specific, with its band), PRV-04 (potential loss by the standard method), PRV-13 (tax).
Expected loss: PRV-07 to 10; sum over scenarios and years of marginal probability x loss given default x exposure x
discount at the contract's rate, mid-year; exposure of instalment loans falls in a straight line. Stage 3: exposure x
loss given default.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import pyarrow.types as pat

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.book.tables.credit import SECURITY_FORMS
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.library import read_text
from panhuo.ground.rules.schedules import number
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import accrue, multiply_divide, posted, proportion

HERE = Path(__file__).parent
WORDS = HERE / "words.toml"
BILLION = 1_000_000_000
MILLION = 1_000_000

STAGES = CodeList.of(
    "impairment_stages",
    ("stage_1", "第一阶段", "stage 1: 12-month expected loss"),
    ("stage_2", "第二阶段", "stage 2: lifetime expected loss, risk increased significantly"),
    ("stage_3", "第三阶段", "stage 3: credit-impaired"),
)
PROBABILITY_BASES = CodeList.of(
    "probability_bases",
    ("score", "评分模型", "the borrower's score"),
    ("class", "按分类的经验违约率", "default rate by class, no score at hand"),
)

SUBJECT = Schema(
    "provision",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("provisioned_on", ColumnType.DATE, "计提日", "day of provisioning", required=True),
        Column("five_class", ColumnType.CODE, "五级分类", "class of the debt", codes=FIVE_CLASSES),
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("credit_impaired", ColumnType.BOOL, "已发生信用减值", "credit-impaired"),
        Column("farm_related", ColumnType.BOOL, "涉农贷款", "farm-related loan"),
        Column("annual_sales", ColumnType.FEN, "借款人年销售额", "the borrower's annual sales"),
        Column("total_assets", ColumnType.FEN, "借款人资产总额", "the borrower's total assets"),
        Column("balance", ColumnType.FEN, "本金余额", "principal on the books", required=True),
        Column("exposure", ColumnType.FEN, "违约风险暴露", "exposure: principal and on-sheet interest", required=True),
        Column("score_probability", ColumnType.BILLIONTHS, "评分违约概率", "probability of default by score"),
        Column("security_form", ColumnType.CODE, "主担保方式", "main form of security", codes=SECURITY_FORMS),
        Column("instalments", ColumnType.BOOL, "分期还本", "principal is repaid in instalments"),
        Column("annual_rate", ColumnType.PPM, "年利率", "annual rate, discounts expected loss"),
        Column("months_left", ColumnType.INT, "剩余月数", "months to maturity, begun ones count"),
        Column("currency", ColumnType.CODE, "币种", "currency", codes=CURRENCIES, level=1),
    ),
)

VERDICT = Schema(
    "provisions",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("party_id", ColumnType.TEXT, "借款人", "borrower", required=True),
        Column("five_class", ColumnType.CODE, "五级分类", "class of the debt", codes=FIVE_CLASSES),
        Column("balance", ColumnType.FEN, "本金余额（计提基数）", "principal: the base"),
        Column("specific_rate", ColumnType.PPM, "专项准备比例", "rate of the specific provision"),
        Column("specific", ColumnType.FEN, "专项准备", "specific provision"),
        Column("specific_lowest", ColumnType.FEN, "专项准备下浮", "specific provision, low end of the band"),
        Column("specific_highest", ColumnType.FEN, "专项准备上浮", "specific provision, high end of the band"),
        Column("potential_loss", ColumnType.FEN, "潜在风险估计值", "potential loss by the standard method"),
        Column("deductible", ColumnType.FEN, "可税前扣除", "tax-deductible amount"),
        Column("stage", ColumnType.CODE, "减值阶段", "impairment stage", codes=STAGES),
        Column("exposure", ColumnType.FEN, "违约风险暴露", "exposure"),
        Column("probability", ColumnType.BILLIONTHS, "12个月违约概率", "probability of default in 12 months"),
        Column("probability_basis", ColumnType.CODE, "违约概率来源", "where it comes from", codes=PROBABILITY_BASES),
        Column("loss_given_default", ColumnType.PPM, "违约损失率", "loss given default"),
        Column("expected_loss_12_months", ColumnType.FEN, "12个月预期损失", "12-month expected loss"),
        Column("expected_loss", ColumnType.FEN, "预期信用损失（供参照）", "expected credit loss, shown beside"),
        Column("stage_mismatch", ColumnType.BOOL, "减值标志与分类不一致", "impairment flag and class do not match"),
        Column("above_normal", ColumnType.BOOL, "非正常类", "worse than normal"),
        Column("beyond_stage_1", ColumnType.BOOL, "第二或第三阶段", "stage 2 or 3"),
    ),
)


class ExpectedLoss(NamedTuple):
    """What `judge` takes beside the row: days of PRV-08 and 09, the bands of PRV-01, and expected_loss.toml."""

    significant_days: int
    default_days: int
    lowest_rates: tuple[int, ...]
    highest_rates: tuple[int, ...]
    probabilities: tuple[int, ...]
    losses: tuple[int, ...]
    weights: tuple[int, ...]
    multiples: tuple[int, ...]


def parameters(as_of: date) -> tuple[ExpectedLoss, dict[str, Any]]:
    """The numbers in force on a day, and the same as canonical JSON."""
    data = tomllib.loads(read_text(HERE / "expected_loss.toml"))
    on = max(as_of, date(2018, 1, 1))
    bands = {}
    for name in ("substandard", "doubtful"):
        bands[name] = tuple(number("provisioning", f"PRV-01/{name}", end, on=on) for end in ("lowest", "highest"))
    mention = number("provisioning", "PRV-01/special_mention", "rate", on=on)
    loss = number("provisioning", "PRV-01/loss", "rate", on=on)
    scenarios = data["scenario"]
    if sum(s["weight"] for s in scenarios) != MILLION:
        raise InvalidInput("the scenarios' weights do not add up to one", where="expected_loss.toml")
    by_class = data["probability_by_class"]
    by_security = data["loss_given_default"]
    model = ExpectedLoss(
        significant_days=number("provisioning", "PRV-08", "limit", on=on),
        default_days=number("provisioning", "PRV-09", "limit", on=on),
        lowest_rates=(0, mention, bands["substandard"][0], bands["doubtful"][0], loss),
        highest_rates=(0, mention, bands["substandard"][1], bands["doubtful"][1], loss),
        probabilities=(by_class["normal"], by_class["special_mention"], BILLION, BILLION, BILLION),
        losses=(*(by_security[code.code] for code in SECURITY_FORMS), by_security["unknown"]),
        weights=tuple(s["weight"] for s in scenarios),
        multiples=tuple(s["probability_multiple"] for s in scenarios),
    )
    described = {k: list(v) if isinstance(v, tuple) else v for k, v in model._asdict().items()}
    return model, {"expected_loss": described, "grade": data["grade"]}


@jitable
def share(amount: int, billionths: int) -> int:
    """Fen of a share given in billionths, half up."""
    whole, rest = multiply_divide(amount, billionths, 1_000_000_000)
    return posted(whole, rest, 1_000_000_000)


@jitable
def loss_over(exposure: int, probability: int, loss: int, rate: int, months: int, life: int, instalments: bool) -> int:
    """Expected loss in fen over the next `months` of a debt with `life` months left.

    Args:
        exposure: fen. probability: of default in 12 months, billionths; the hazard stays what it is.
        loss: loss given default, ppm. rate: yearly, ppm, discounts from the middle of each year.
        instalments: exposure falls to nothing over `life` in a straight line; else it stays.
    """
    billion = 1_000_000_000
    total, start, discount, survival = 0, 0, billion, billion
    while start < months:
        span = min(12, months - start)
        default = share(survival, probability * span // 12)
        survival -= default
        # half a step of simple discount to the middle of the span, and the other half after it
        half = 24_000_000 + rate * span
        middle = discount * 24_000_000 // half
        at = exposure
        if instalments and life > 0:
            whole, rest = multiply_divide(exposure, 2 * (life - start) - span, 2 * life)
            at = posted(whole, rest, 2 * life)
        weight = share(default, middle)
        total += share(at, weight * loss // 1_000_000)
        discount = middle * 24_000_000 // half
        start += span
    return total


def gather(snapshot: Any, classes: Any, days_past_due: Any, scores: Any = None) -> Any:
    """One row a classified drawdown with its contract's terms and, where given, its borrower's score."""
    as_of = snapshot.as_of
    rows = ibis.memtable(classes.table)
    rows = rows.select("drawdown_id", "party_id", "overdue_days", "principal", "balance", five_class="class")
    seen = ibis.memtable(classes.subjects).select("credit_impaired", "currency", seen_id=ibis._.drawdown_id)
    drawdowns = snapshot.table("drawdowns").select(
        "contract_id", "style", "due_on", rate_here=ibis._.annual_rate, drawdown=ibis._.id
    )
    contracts = snapshot.table("contracts").select(
        "product", "security_form", rate_there=ibis._.annual_rate, contract=ibis._.id
    )
    parties = snapshot.table("parties").select("annual_revenue", "total_assets", party=ibis._.id)
    rows = rows.left_join(seen, rows.drawdown_id == seen.seen_id)
    rows = rows.left_join(drawdowns, rows.drawdown_id == drawdowns.drawdown)
    rows = rows.left_join(contracts, rows.contract_id == contracts.contract)
    rows = rows.left_join(parties, rows.party_id == parties.party)
    probability = ibis.null("int64")
    if scores is not None and pat.is_integer(scores.table.schema.field("probability").type):
        known = ibis.memtable(scores.table.select(["party_id", "probability"])).select(
            scored_party_id="party_id", probability="probability"
        )
        rows = rows.left_join(known, rows.party_id == known.scored_party_id)
        probability = rows.probability
    begun = ibis.ifelse(rows.due_on.day() > as_of.day, 1, 0)
    months = (rows.due_on.year() - as_of.year) * 12 + (rows.due_on.month() - as_of.month) + begun
    return rows.select(
        "drawdown_id",
        "party_id",
        "currency",
        "five_class",
        "overdue_days",
        "credit_impaired",
        "total_assets",
        "security_form",
        provisioned_on=ibis.literal(as_of, "date"),
        farm_related=rows["product"] == "farm",
        annual_sales=rows.annual_revenue,
        balance=rows.principal,
        exposure=rows.balance,
        score_probability=probability,
        instalments=rows.style.isin(("equal_instalment", "equal_principal")),
        annual_rate=ibis.coalesce(rows.rate_here, rows.rate_there),
        months_left=ibis.greatest(months.cast("int64"), ibis.literal(0, "int64")),
    )


def judge(row: Any, rules: Any, model: Any) -> Any:
    """Provision by class from the rules' rates; stage and expected loss from the row and the parameters."""
    five_class, known = row.five_class
    balance = max(row.balance[0], 0)
    exposure = max(row.exposure[0], 0)
    rate = rules.specific_rate[0] if rules.specific_rate[1] else 0
    days = row.overdue_days[0] if row.overdue_days[1] else 0
    impaired = row.credit_impaired[1] and row.credit_impaired[0]

    stage = 0
    if impaired or five_class >= 2 or days >= model.default_days:
        stage = 2
    elif five_class == 1 or days > model.significant_days:
        stage = 1

    basis = 0
    probability = row.score_probability[0]
    if not row.score_probability[1]:
        basis = 1
        probability = model.probabilities[five_class]
    if stage == 2:
        probability = 1_000_000_000
    form = row.security_form[0] if row.security_form[1] else 5
    loss = model.losses[form]
    interest = row.annual_rate[0] if row.annual_rate[1] else 0
    instalments = row.instalments[1] and row.instalments[0]
    life = row.months_left[0] if row.months_left[1] else 12
    if life < 1 or (stage == 1 and life < 12 and days > 0):
        life = 12  # past due and near its end: a year to pay or fail
    within, within_rest, whole, whole_rest = 0, 0, 0, 0
    for at in range(len(model.weights)):
        chance = min(probability * model.multiples[at] // 1_000_000, 1_000_000_000)
        year = loss_over(exposure, chance, loss, interest, min(life, 12), life, instalments)
        within, within_rest = accrue(within, within_rest, year, model.weights[at], 1_000_000)
        if stage == 1:
            lifetime = loss_over(exposure, chance, loss, interest, life, life, instalments)
            whole, whole_rest = accrue(whole, whole_rest, lifetime, model.weights[at], 1_000_000)
    within = posted(within, within_rest, 1_000_000)
    expected = within
    if stage == 1:
        expected = posted(whole, whole_rest, 1_000_000)
    elif stage == 2:
        expected = proportion(exposure, loss)
        within = expected
    return (
        (five_class, known),
        (row.balance[0], True),
        (rate, known),
        (proportion(balance, rate), known),
        (proportion(balance, model.lowest_rates[five_class]), known),
        (proportion(balance, model.highest_rates[five_class]), known),
        (
            proportion(balance, rules.general_risk_weight[0]) if rules.general_risk_weight[1] else 0,
            rules.general_risk_weight[1],
        ),
        (proportion(balance, rules.deductible_rate[0]) if rules.deductible_rate[1] else 0, known),
        (stage, known),
        (row.exposure[0], True),
        (probability, known),
        (basis, known),
        (loss, known),
        (within, known),
        (expected, known),
        (rules.stage_mismatch[0], rules.stage_mismatch[1]),
        (five_class > 0, known),
        (stage > 0, known),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    rules="provisioning",
    parameters=parameters,
    needs=("classes", "days_past_due", "scores?"),
    reasons=(
        Reason(
            "SPECIFIC", when="above_normal", contribution="specific",
            arguments=("five_class", "specific_rate", "balance", "specific"),
        ),
        Reason(
            "EXPECTED_LOSS", when="beyond_stage_1", contribution="expected_loss",
            arguments=("stage", "probability", "probability_basis", "loss_given_default", "exposure", "expected_loss"),
        ),
    ),
    words=WORDS,
    zh="拨备",
    en="provisions",
    purpose="risk_classification",
)  # fmt: skip
