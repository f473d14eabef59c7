"""The operating profile of a firm from its VAT invoices: what it sells and buys, to whom, how steadily.

Invariant: sums are integers in fen of net amounts (without tax) of valid invoices, red-letter ones counted with their
sign; a voided invoice counts only in the share of voided ones. "The last 12 months" are the 12 whole calendar months
before the snapshot's day, so that a month begun is never compared with a month ended. A ratio whose denominator is
zero is unknown, never a number. Invoices of a tax office are used where the firm consented, or where the book records
that the source is lawfully public; of any other firm nothing of them is read but that there are some, and everything
about it is unknown, with the reason.
"""

from __future__ import annotations

import calendar
import math
from datetime import date
from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.dates import months_between
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import ratio
from panhuo.stages.origination.policy import marks

WORDS = Path(__file__).parent / "words.toml"
THOUSAND_YUAN = 100_000  # fen; squares of amounts are taken in this unit so that they fit 64 bits
T = ColumnType
PURPOSE = "alternative_data"

_PARTY = Column("party_id", T.TEXT, "企业", "firm", key=True, required=True)

SUBJECT = Schema(
    "profiles",
    (
        _PARTY,
        Column("observed_on", T.DATE, "观察日", "day of observation", required=True),
        Column("first_on", T.DATE, "首张有效发票日", "first valid invoice"),
        Column("last_sale_on", T.DATE, "最近销项发票日", "last valid sales invoice"),
        Column("invoices", T.INT, "发票张数", "invoices, voided ones included"),
        Column("voided", T.INT, "作废张数", "voided invoices"),
        Column("sales", T.FEN, "近12个月销售额", "sales of the last 12 months"),
        Column("purchases", T.FEN, "近12个月采购额", "purchases of the last 12 months"),
        Column("sales_before", T.FEN, "此前12个月销售额", "sales of the 12 months before"),
        Column("sales_recent", T.FEN, "近6个月销售额", "sales of the last 6 months"),
        Column("sales_recent_before", T.FEN, "上年同期6个月销售额", "sales of the same 6 months a year before"),
        Column("red_letter", T.FEN, "近12个月销项红字金额", "red-letter sales of the 12 months, positive"),
        Column("sales_positive", T.FEN, "近12个月销项正数金额", "sales before red-letter invoices"),
        Column("months_selling", T.INT, "近12个月有销售的月数", "months with sales among the last 12"),
        Column("monthly_sum", T.INT, "月销售额之和（千元）", "sum of monthly sales, thousand yuan"),
        Column("monthly_squares", T.INT, "月销售额平方和（千元²）", "their squares, thousand yuan squared"),
        Column("customers", T.INT, "近12个月客户数", "customers of the last 12 months"),
        Column("largest_customer", T.FEN, "第一大客户销售额", "sales to the largest customer"),
        Column("five_customers", T.FEN, "前五大客户销售额", "sales to the five largest customers"),
        Column("customer_sum", T.INT, "客户销售额之和（千元）", "sales to customers, thousand yuan"),
        Column("customer_squares", T.INT, "客户销售额平方和（千元²）", "their squares, thousand yuan squared"),
        Column("suppliers", T.INT, "近12个月供应商数", "suppliers of the last 12 months"),
        Column("five_suppliers", T.FEN, "前五大供应商采购额", "purchases from the five largest suppliers"),
        Column("supplier_positive", T.FEN, "供应商正数采购额", "purchases from suppliers with a positive balance"),
        Column("barred", T.BOOL, "不得使用发票数据", "the invoices may not be used", required=True),
        Column("consent_withdrawn", T.BOOL, "同意已撤回", "consent was withdrawn"),
        Column("consent_expired", T.BOOL, "同意已过期", "consent has expired"),
        Column("consent_missing", T.BOOL, "未取得同意", "no consent was given"),
        Column("consent_ended_on", T.DATE, "同意终止日", "day the consent ended"),
    ),
    zh="经营画像：对象",
    en="operating profile: what is judged",
)  # fmt: skip

VERDICT = Schema(
    "profiles",
    (
        _PARTY,
        Column("sales", T.FEN, "近12个月销售额", "sales of the last 12 months"),
        Column("purchases", T.FEN, "近12个月采购额", "purchases of the last 12 months"),
        Column("margin", T.PPM, "进销差率", "(sales - purchases) over sales: a proxy of gross margin"),
        Column("growth", T.PPM, "销售增长率", "sales against the 12 months before"),
        Column("trend", T.PPM, "近6个月同比", "last 6 months against the same months a year before"),
        Column("volatility", T.PPM, "月销售额变异系数", "coefficient of variation of monthly sales"),
        Column("months_selling", T.INT, "近12个月有销售的月数", "months with sales among the last 12"),
        Column("months_known", T.INT, "有记录月数", "whole months since the first invoice"),
        Column("days_since_sale", T.DAYS, "距最近销售天数", "days since the last sale"),
        Column("void_share", T.PPM, "作废占比（张数）", "share of voided invoices, by number"),
        Column("red_letter_share", T.PPM, "红字占比（金额）", "red-letter share of sales, by amount"),
        Column("customers", T.INT, "近12个月客户数", "customers of the last 12 months"),
        Column("largest_customer_share", T.PPM, "第一大客户占比", "share of the largest customer"),
        Column("five_customer_share", T.PPM, "前五大客户占比", "share of the five largest customers"),
        Column("customer_concentration", T.PPM, "客户集中度（HHI）", "Herfindahl index of customers"),
        Column("suppliers", T.INT, "近12个月供应商数", "suppliers of the last 12 months"),
        Column("five_supplier_share", T.PPM, "前五大供应商占比", "share of the five largest suppliers"),
        Column("no_sales", T.BOOL, "近12个月无销售", "no sales in the last 12 months"),
        Column("selling_stopped", T.BOOL, "销售已停顿", "no sale for longer than the policy's mark"),
        Column("shrinking", T.BOOL, "销售大幅下降", "sales fell by the policy's mark or more"),
        Column("dependent", T.BOOL, "依赖单一客户", "more of the sales than the policy's mark go to one customer"),
        Column("barred", T.BOOL, "不得使用发票数据", "the invoices may not be used"),
    ),
    zh="经营画像",
    en="operating profile",
)


def last_whole_month(day: date) -> int:
    """Number (12 x year + month - 1) of the last calendar month that has ended by `day`."""
    month = 12 * day.year + day.month - 1
    return month if day.day == calendar.monthrange(day.year, day.month)[1] else month - 1


def gather(snapshot: Any) -> Any:
    """One row a party with at least one invoice; of one whose invoices may not be used, why and nothing else."""
    zero = ibis.literal(0, "int64")
    every = snapshot.consented("invoices", PURPOSE)
    counted = every.group_by("party_id").aggregate(
        barred=(~every.allowed).any(), standing=every.standing.max(), consent_ended_on=every.consent_ended_on.max()
    )
    bills = every.filter(every.allowed)
    month = (bills.issued_on.year() * 12 + bills.issued_on.month() - 1).cast("int64")
    bills = bills.select(
        "party_id", "direction", "counterparty", "issued_on", "net",
        voided=ibis.coalesce(bills.status == "void", ibis.literal(False)),
        ago=ibis.literal(last_whole_month(snapshot.as_of), "int64") - month,
    )  # fmt: skip
    valid = bills.filter(~bills.voided)
    numbers = bills.group_by(number_party="party_id").aggregate(
        invoices=bills.count(), voided=bills.voided.cast("int64").sum().cast("int64")
    )
    sale, bought = valid.direction == "sale", valid.direction == "purchase"
    year, before = valid.ago.between(0, 11), valid.ago.between(12, 23)

    def total(condition: Any) -> Any:
        return ibis.coalesce(valid.net.sum(where=condition).cast("int64"), zero)

    sums = valid.group_by(sum_party="party_id").aggregate(
        first_on=valid.issued_on.min(),
        last_sale_on=valid.issued_on.max(where=sale & (valid.net > 0)),
        sales=total(sale & year),
        purchases=total(bought & year),
        sales_before=total(sale & before),
        sales_recent=total(sale & valid.ago.between(0, 5)),
        sales_recent_before=total(sale & valid.ago.between(12, 17)),
        sales_positive=total(sale & year & (valid.net > 0)),
        red_letter=-total(sale & year & (valid.net < 0)),
    )
    sold = valid.filter(sale & year)
    monthly = sold.group_by("party_id", "ago").aggregate(net=sold.net.sum().cast("int64"))
    monthly = monthly.mutate(unit=(ibis.greatest(monthly.net, zero) / THOUSAND_YUAN).floor().cast("int64"))
    monthly = monthly.group_by(month_party="party_id").aggregate(
        months_selling=(monthly.net > 0).cast("int64").sum().cast("int64"),
        monthly_sum=monthly.unit.sum().cast("int64"),
        monthly_squares=(monthly.unit * monthly.unit).sum().cast("int64"),
    )
    customers = _by_counterparty(sold)
    customers = customers.group_by(customer_party="party_id").aggregate(
        customers=customers.count(),
        largest_customer=customers.net.sum(where=customers.place < 1).cast("int64"),
        five_customers=customers.net.sum(where=customers.place < 5).cast("int64"),
        customer_sum=customers.unit.sum().cast("int64"),
        customer_squares=(customers.unit * customers.unit).sum().cast("int64"),
    )
    suppliers = _by_counterparty(valid.filter(bought & year))
    suppliers = suppliers.group_by(supplier_party="party_id").aggregate(
        suppliers=suppliers.count(),
        five_suppliers=suppliers.net.sum(where=suppliers.place < 5).cast("int64"),
        supplier_positive=suppliers.net.sum().cast("int64"),
    )
    rows = counted.left_join(numbers, counted.party_id == numbers.number_party)
    rows = rows.left_join(sums, rows.party_id == sums.sum_party)
    rows = rows.left_join(monthly, rows.party_id == monthly.month_party)
    rows = rows.left_join(customers, rows.party_id == customers.customer_party)
    rows = rows.left_join(suppliers, rows.party_id == suppliers.supplier_party)
    named = {
        "observed_on": ibis.literal(snapshot.as_of, "date"),
        "consent_withdrawn": (rows.barred & (rows.standing == "withdrawn")).fill_null(False),
        "consent_expired": (rows.barred & (rows.standing == "expired")).fill_null(False),
        "consent_missing": rows.barred & (rows.standing.isnull() | (rows.standing == "refused")),
    }
    plain = {"party_id", "first_on", "last_sale_on", "barred", "consent_ended_on"}
    columns = {}
    for name in SUBJECT.names:
        if name in named or name in plain:
            columns[name] = named.get(name, rows[name] if name in plain else None)
        else:
            filled = ibis.coalesce(rows[name].cast("int64"), zero)
            columns[name] = ibis.ifelse(rows.barred, ibis.null("int64"), filled)
    return rows.select(**columns)


def _by_counterparty(rows: Any) -> Any:
    """Positive net by counterparty with its place (0 the largest; ties by name), and in whole thousand yuan."""
    found = rows.filter(rows.counterparty.notnull()).group_by("party_id", "counterparty")
    found = found.aggregate(net=rows.net.sum().cast("int64"))
    found = found.filter(found.net > 0)
    window = ibis.window(group_by="party_id", order_by=[found.net.desc(), found.counterparty])
    return found.mutate(place=ibis.row_number().over(window), unit=(found.net / THOUSAND_YUAN).floor().cast("int64"))


@jitable
def share(part: int, whole: int) -> tuple[int, bool]:
    """`part` over `whole` in ppm, half up, at most 1,000,000 in size; unknown when `whole` is not positive."""
    if whole <= 0:
        return 0, False
    if part >= whole:
        return 1_000_000, True
    if part <= -whole:
        return -1_000_000, True
    return (ratio(part, whole) if part >= 0 else -ratio(-part, whole)), True


@jitable
def change(now: int, before: int) -> tuple[int, bool]:
    """Growth of `now` over `before` in ppm, half up, from -100 % to +1,000 %; unknown when `before` is not above 0."""
    if before <= 0:
        return 0, False
    if now // 11 >= before:
        return 10_000_000, True
    return ratio(max(now, 0), before) - 1_000_000, True


@jitable
def variation(total: int, squares: int, months: int) -> tuple[int, bool]:
    """Coefficient of variation (population) of `months` values in ppm; unknown when they add up to nothing."""
    if total <= 0:
        return 0, False
    spread = float(months) * float(squares) - float(total) * float(total)
    if spread < 0.0:
        spread = 0.0
    return int(math.sqrt(spread) / float(total) * 1_000_000.0), True


@jitable
def concentration(total: int, squares: int) -> tuple[int, bool]:
    """Herfindahl index in ppm (1,000,000: one counterparty); unknown when amounts add up to nothing."""
    if total <= 0:
        return 0, False
    return min(int(float(squares) / (float(total) * float(total)) * 1_000_000.0), 1_000_000), True


def judge(row, rules, model):  # type: ignore[no-untyped-def]
    """Ratios of one firm; all unknown where its invoices may not be used."""
    if row.barred[0]:
        unknown = (0, False)
        return (
            unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown,
            unknown, unknown, unknown, unknown, unknown,
            (False, False), (False, False), (False, False), (False, False), (True, True),
        )  # fmt: skip
    sales, purchases = row.sales[0], row.purchases[0]
    margin = share(sales - purchases, sales)
    growth = change(sales, row.sales_before[0])
    trend = change(row.sales_recent[0], row.sales_recent_before[0])
    months_known = months_between(row.first_on[0], row.observed_on[0]) if row.first_on[1] else 0
    since = row.observed_on[0] - row.last_sale_on[0] if row.last_sale_on[1] else 0
    largest = share(row.largest_customer[0], row.sales_positive[0])
    return (
        (sales, True),
        (purchases, True),
        margin,
        growth,
        trend,
        variation(row.monthly_sum[0], row.monthly_squares[0], 12),
        (row.months_selling[0], True),
        (months_known, row.first_on[1]),
        (since, row.last_sale_on[1]),
        share(row.voided[0], row.invoices[0]),
        share(row.red_letter[0], row.sales_positive[0]),
        (row.customers[0], True),
        largest,
        share(row.five_customers[0], row.sales_positive[0]),
        concentration(row.customer_sum[0], row.customer_squares[0]),
        (row.suppliers[0], True),
        share(row.five_suppliers[0], row.supplier_positive[0]),
        (sales <= 0, True),
        (since > model.stopped_days or not row.last_sale_on[1], True),
        (growth[1] and growth[0] <= -model.shrinking, True),
        (largest[1] and largest[0] > model.dependent, True),
        (False, True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    purpose=PURPOSE,
    reasons=(
        Reason("CONSENT_WITHDRAWN", when="consent_withdrawn", arguments=("consent_ended_on",)),
        Reason("CONSENT_EXPIRED", when="consent_expired", arguments=("consent_ended_on",)),
        Reason("CONSENT_MISSING", when="consent_missing"),
        Reason("NO_SALES", when="no_sales", arguments=("last_sale_on",)),
        Reason("SELLING_STOPPED", when="selling_stopped", arguments=("last_sale_on", "days_since_sale")),
        Reason("SALES_SHRINK", when="shrinking", arguments=("sales_before", "sales", "growth")),
        Reason("ONE_CUSTOMER", when="dependent", arguments=("largest_customer_share", "customers")),
    ),
    words=WORDS,
    parameters=marks,
    zh="经营画像",
    en="operating profile",
)
