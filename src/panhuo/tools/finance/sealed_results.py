"""What the finance tools say, as tables that can be sealed: annual rates, debts, schedules.

Invariant: every figure stands on a declared integer scale (rates and shares 1e-9, amounts of a schedule 1e-6 units of
the currency, debts in fen); a case that could not be computed is a row that says so, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.ground.values.dates import parse_date
from panhuo.ground.values.scales import BILLIONTHS, MILLIONTHS, on_scale

_CASE = Column("case", ColumnType.TEXT, "案例", "case", key=True, required=True)
_PLACE = Column("place", ColumnType.INT, "次序", "place, from 1", key=True, required=True)
_ERROR = Column("error", ColumnType.TEXT, "出错代码", "code of what kept it from being computed")

ANNUAL_RATES = Schema(
    "annual_rates",
    (
        Column("place", ColumnType.INT, "次序", "place among the cases, from 1", key=True, required=True),
        Column("case", ColumnType.TEXT, "案例", "case"),
        Column("convention", ColumnType.TEXT, "口径", "convention"),
        Column("method", ColumnType.TEXT, "方法", "method"),
        Column("status", ColumnType.TEXT, "求解状态", "how the root was found"),
        Column("roots", ColumnType.INT, "根的个数", "number of roots"),
        Column("apr", ColumnType.BILLIONTHS, "年化利率", "annual rate"),
        Column("twelve_times_monthly", ColumnType.BILLIONTHS, "12×月 IRR", "twelve times the monthly IRR (cn)"),
        Column("simple", ColumnType.BILLIONTHS, "单利口径", "simple method (cn)"),
        Column("unit_period_rate", ColumnType.BILLIONTHS, "单位期利率", "rate of a unit period (us-reg-z)"),
        _ERROR,
    ),
    zh="综合年化利率",
    en="annual rates",
)

DEBTS = Schema(
    "debts",
    (
        Column(
            "debt", ColumnType.INT, "债权次序", "place of the debt among the cases, from 1", key=True, required=True
        ),
        Column("place", ColumnType.INT, "次序", "line of the debt, from 1; totals follow", key=True, required=True),
        Column("case", ColumnType.TEXT, "案例", "case"),
        Column("kind", ColumnType.TEXT, "行类", "line, total, or error"),
        Column("component", ColumnType.TEXT, "科目", "component; sum for the whole"),
        Column("from", ColumnType.DATE, "起", "from"),
        Column("to", ColumnType.DATE, "止", "to"),
        Column("days", ColumnType.DAYS, "天数", "days"),
        Column("base", ColumnType.TEXT, "计息基数", "base, as stated"),
        Column("rate", ColumnType.TEXT, "利率", "rate, exact decimal"),
        Column("rate_per", ColumnType.TEXT, "利率期间", "day or year"),
        Column("amount", ColumnType.FEN, "金额", "amount"),
        Column("note", ColumnType.TEXT, "附注", "note, or the code of the error"),
    ),
    zh="本息清单",
    en="debts by component and period",
)

SCHEDULES = Schema(
    "schedules",
    (
        _CASE,
        _PLACE,
        Column("event_date", ColumnType.TEXT, "日期", "date and time of the event"),
        Column("event_type", ColumnType.TEXT, "事件", "event"),
        Column("currency", ColumnType.TEXT, "币种", "currency"),
        Column("payoff", ColumnType.INT, "金额（百万分之一元）", "payoff, millionths of the currency unit"),
        Column("notional_principal", ColumnType.INT, "余额（百万分之一元）", "principal, millionths"),
        Column("nominal_interest_rate", ColumnType.BILLIONTHS, "年利率", "rate"),
        Column("accrued_interest", ColumnType.INT, "应计利息（百万分之一元）", "accrued interest, millionths"),
        Column("exercise_date", ColumnType.TEXT, "行权日", "exercise date"),
        Column("exercise_amount", ColumnType.INT, "行权金额（百万分之一元）", "exercise amount, millionths"),
        Column("note", ColumnType.TEXT, "附注", "note"),
        _ERROR,
    ),
    zh="合同现金流",
    en="cash flows of contracts",
)


def _outcome(schema: Schema, rows: Sequence[Mapping[str, Any]]) -> Outcome:
    columns = {c.name: pa.array([row.get(c.name) for row in rows], c.arrow_type()) for c in schema.columns}
    return make_outcome(schema, pa.table(columns))


def sealed_rates(results: Sequence[Mapping[str, Any]]) -> Outcome:
    """Annual rates (`AnnualRate.as_json` with an ``id``, or an error), one row a case."""
    rows = []
    for place, case in enumerate(results, start=1):
        scaled = {
            name: on_scale(case.get(name), BILLIONTHS)
            for name in ("apr", "twelve_times_monthly", "simple", "unit_period_rate")
        }
        said = {name: case.get(name) for name in ("convention", "method", "status", "roots")}
        error = case["error"]["code"] if "error" in case else None
        rows.append({"place": place, "case": str(case["id"]), **said, **scaled, "error": error})
    return _outcome(ANNUAL_RATES, rows)


def sealed_debts(statements: Sequence[Mapping[str, Any]], bad: Sequence[Mapping[str, Any]]) -> Outcome:
    """Debts (`DebtStatement.as_json`): each line, then what is owed by component and in all; then the bad cases."""
    rows: list[dict[str, Any]] = []
    for debt, statement in enumerate(statements, start=1):
        lines: list[dict[str, Any]] = []
        for line in statement["lines"]:
            told = {name: line[name] for name in ("component", "days", "base", "rate", "rate_per", "note")}
            span = {"from": parse_date(line["from"]), "to": parse_date(line["to"])}
            lines.append({"kind": "line", **told, **span, "amount": line["amount_fen"]})
        for component, amount in statement["total_fen"].items():
            lines.append({"kind": "total", "component": component, "amount": amount})
        for place, line in enumerate(lines, start=1):
            rows.append({"debt": debt, "place": place, "case": str(statement["id"]), **line})
    for debt, error in enumerate(bad, start=len(statements) + 1):
        rows.append({"debt": debt, "place": 1, "case": str(error["id"]), "kind": "error", "note": error["code"]})
    return _outcome(DEBTS, rows)


def sealed_schedules(results: Mapping[str, Sequence[Mapping[str, Any]]], errors: Mapping[str, Any]) -> Outcome:
    """Schedules in the ACTUS shape by case, one row an event; a case in error has one row.

    Raises:
        ValueError: when an amount is beyond 9.2e12 units of its currency.
    """
    rows: list[dict[str, Any]] = []
    for case, events in results.items():
        for place, event in enumerate(events, start=1):
            rows.append(
                {
                    "case": case,
                    "place": place,
                    "event_date": event["eventDate"],
                    "event_type": event["eventType"],
                    "currency": event.get("currency"),
                    "payoff": on_scale(event["payoff"], MILLIONTHS),
                    "notional_principal": on_scale(event.get("notionalPrincipal"), MILLIONTHS),
                    "nominal_interest_rate": on_scale(event.get("nominalInterestRate"), BILLIONTHS),
                    "accrued_interest": on_scale(event.get("accruedInterest"), MILLIONTHS),
                    "exercise_date": event.get("exerciseDate"),
                    "exercise_amount": on_scale(event.get("exerciseAmount"), MILLIONTHS),
                    "note": event.get("note"),
                }
            )
    rows += [{"case": case, "place": 0, "error": error["code"]} for case, error in errors.items()]
    return _outcome(SCHEDULES, rows)
