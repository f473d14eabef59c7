"""Provisions of the whole book: totals by class and stage, what is required, and which requirement binds.

Invariant: every total is an integer sum of the rows of `provisions`; the requirement is the higher of the coverage and
the loan-ratio amount (PRV-05). One row a currency: sums across currencies are refused.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.rules.schedules import number
from panhuo.ground.values.money import proportion, ratio
from panhuo.stages.monitoring.provisions import STAGES

WORDS = Path(__file__).parent / "words.toml"

BINDING = CodeList.of(
    "binding_requirements",
    ("coverage", "拨备覆盖率", "provisions to NPL"),
    ("loan_ratio", "贷款拨备率", "provisions to loans"),
)

_CLASSES = tuple(
    Column(f"{code.code}_balance", ColumnType.FEN, f"{code.zh}类本金", f"principal, {code.en}") for code in FIVE_CLASSES
)
_STAGED = tuple(
    column
    for code in STAGES
    for column in (
        Column(f"{code.code}_exposure", ColumnType.FEN, f"{code.zh}暴露", f"exposure, {code.en}"),
        Column(f"{code.code}_expected_loss", ColumnType.FEN, f"{code.zh}预期损失", f"expected loss, {code.en}"),
    )
)

SUBJECT = Schema(
    "provision_summary",
    (
        Column("currency", ColumnType.CODE, "币种", "currency", key=True, required=True, codes=CURRENCIES),
        Column("loans", ColumnType.INT, "借据笔数", "drawdowns", required=True),
        Column("balance", ColumnType.FEN, "贷款余额（本金）", "loans: principal", required=True),
        *_CLASSES,
        Column("overdue_balance", ColumnType.FEN, "逾期贷款本金", "principal of loans past due"),
        Column("overdue_over_90_days_balance", ColumnType.FEN, "逾期90天以上本金", "principal over 90 days past due"),
        Column("specific", ColumnType.FEN, "专项准备", "specific provisions"),
        Column("specific_lowest", ColumnType.FEN, "专项准备下浮", "specific provisions, low end"),
        Column("specific_highest", ColumnType.FEN, "专项准备上浮", "specific provisions, high end"),
        Column("potential_loss", ColumnType.FEN, "潜在风险估计值", "potential loss by the standard method"),
        Column("deductible", ColumnType.FEN, "可税前扣除", "tax-deductible amount"),
        *_STAGED,
        Column("expected_loss", ColumnType.FEN, "预期信用损失（供参照）", "expected credit loss, shown beside"),
    ),
)

VERDICT = Schema(
    "provision_summary",
    (
        *SUBJECT.columns,
        Column("npl_balance", ColumnType.FEN, "不良贷款本金", "non-performing principal"),
        Column("npl_ratio", ColumnType.PPM, "不良贷款率", "NPL to loans"),
        Column("overdue_ratio", ColumnType.PPM, "逾期贷款率", "past due to loans"),
        Column("overdue_over_90_days_to_npl", ColumnType.PPM, "逾期90天以上/不良", "over 90 days to NPL"),
        Column("general", ColumnType.FEN, "一般准备（贷款的1%）", "general provision, 1 % of loans"),
        Column("provisions", ColumnType.FEN, "按分类应提准备", "provisions by class: specific and general"),
        Column("coverage", ColumnType.PPM, "拨备覆盖率", "provisions to NPL"),
        Column("loan_ratio", ColumnType.PPM, "贷款拨备率", "provisions to loans"),
        Column("coverage_requirement", ColumnType.FEN, "覆盖率要求额", "amount the coverage ratio asks for"),
        Column("loan_ratio_requirement", ColumnType.FEN, "拨备率要求额", "amount the loan ratio asks for"),
        Column("requirement", ColumnType.FEN, "监管要求额", "requirement: the higher of the two"),
        Column("binding", ColumnType.CODE, "起约束作用的要求", "which requirement binds", codes=BINDING),
        Column("gap", ColumnType.FEN, "距要求差额", "requirement less provisions by class; negative is ample"),
        Column("general_reserve", ColumnType.FEN, "一般风险准备要求", "general reserve asked for (PRV-04)"),
        Column("shown", ColumnType.BOOL, "有余额", "the book holds loans"),
    ),
)


class Ratios(NamedTuple):
    """Ratios of the whole book in ppm: PRV-02, PRV-05 and PRV-04."""

    general: int
    coverage: int
    loan_ratio: int
    general_reserve: int


def parameters(as_of: date) -> tuple[Ratios, dict[str, Any]]:
    """The ratios in force on a day, and the same as canonical JSON."""
    on = max(as_of, date(2012, 7, 1))
    ratios = Ratios(
        general=number("provisioning", "PRV-02", "least", on=on),
        coverage=number("provisioning", "PRV-05", "coverage", on=on),
        loan_ratio=number("provisioning", "PRV-05", "loan_ratio", on=on),
        general_reserve=number("provisioning", "PRV-04", "least", on=on),
    )
    return ratios, dict(ratios._asdict())


def gather(snapshot: Any, provisions: Any, days_past_due: Any) -> Any:
    """One row a currency."""
    rows = ibis.memtable(provisions.table)
    past = ibis.memtable(days_past_due.table).select("overdue_days", "currency", past_id=ibis._.drawdown_id)
    rows = rows.left_join(past, rows.drawdown_id == past.past_id)
    zero = ibis.literal(0, "int64")

    def total(value: Any, where: Any = None) -> Any:
        return ibis.coalesce(value.sum(where=where), zero).cast("int64")

    measures = {"loans": rows.count().cast("int64"), "balance": total(rows.balance)}
    for code in FIVE_CLASSES:
        measures[f"{code.code}_balance"] = total(rows.balance, rows.five_class == code.code)
    measures["overdue_balance"] = total(rows.balance, rows.overdue_days > 0)
    measures["overdue_over_90_days_balance"] = total(rows.balance, rows.overdue_days > 90)
    for name in ("specific", "specific_lowest", "specific_highest", "potential_loss", "deductible", "expected_loss"):
        measures[name] = total(rows[name])
    for code in STAGES:
        measures[f"{code.code}_exposure"] = total(rows.exposure, rows.stage == code.code)
        measures[f"{code.code}_expected_loss"] = total(rows.expected_loss, rows.stage == code.code)
    return rows.group_by("currency").aggregate(**measures).select(SUBJECT.names)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """Ratios and requirements from the totals."""
    balance = row.balance[0]
    npl = row.substandard_balance[0] + row.doubtful_balance[0] + row.loss_balance[0]
    general = proportion(balance, model.general)
    provisions = row.specific[0] + general
    coverage_requirement = proportion(npl, model.coverage)
    ratio_requirement = proportion(balance, model.loan_ratio)
    requirement, binding = ratio_requirement, 1
    if coverage_requirement >= ratio_requirement:
        requirement, binding = coverage_requirement, 0
    return (
        row.loans,
        row.balance,
        row.normal_balance,
        row.special_mention_balance,
        row.substandard_balance,
        row.doubtful_balance,
        row.loss_balance,
        row.overdue_balance,
        row.overdue_over_90_days_balance,
        row.specific,
        row.specific_lowest,
        row.specific_highest,
        row.potential_loss,
        row.deductible,
        row.stage_1_exposure,
        row.stage_1_expected_loss,
        row.stage_2_exposure,
        row.stage_2_expected_loss,
        row.stage_3_exposure,
        row.stage_3_expected_loss,
        row.expected_loss,
        (npl, True),
        (ratio(npl, balance), balance > 0),
        (ratio(row.overdue_balance[0], balance), balance > 0),
        (ratio(row.overdue_over_90_days_balance[0], npl), npl > 0),
        (general, True),
        (provisions, True),
        (ratio(provisions, npl), npl > 0),
        (ratio(provisions, balance), balance > 0),
        (coverage_requirement, True),
        (ratio_requirement, True),
        (requirement, True),
        (binding, True),
        (requirement - provisions, True),
        (proportion(balance, model.general_reserve), True),
        (balance > 0, True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    parameters=parameters,
    needs=("provisions", "days_past_due"),
    reasons=(
        Reason(
            "REQUIREMENT", when="shown", contribution="requirement",
            arguments=("coverage_requirement", "loan_ratio_requirement", "binding", "requirement"),
        ),
        Reason("BY_CLASS", when="shown", contribution="provisions", arguments=("specific", "general", "provisions")),
        Reason("BESIDE", when="shown", contribution="expected_loss", arguments=("expected_loss", "potential_loss")),
    ),
    words=WORDS,
    zh="拨备汇总",
    en="provisions of the whole book",
    purpose="risk_classification",
)  # fmt: skip
