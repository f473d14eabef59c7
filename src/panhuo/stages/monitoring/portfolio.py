"""The book in cuts: balance, overdue, more than 90 days, NPL, coverage, by product, security, region, industry, year.

Invariant: every cut of one dimension adds up to the total to the fen; ratios are made from the integer totals of the
cut. Sums across currencies are refused: the currency is part of the key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.money import ratio

WORDS = Path(__file__).parent / "words.toml"

DIMENSIONS = CodeList.of(
    "portfolio_dimensions",
    ("total", "全部", "all"),
    ("class", "五级分类", "class"),
    ("bucket", "逾期档", "days past due"),
    ("product", "产品", "product"),
    ("security", "主担保方式", "main security"),
    ("region", "地区", "region"),
    ("industry", "行业门类", "industry section"),
    ("size", "企业规模", "enterprise size"),
    ("year", "发放年份", "year paid out"),
)

_KEY = (
    Column("currency", ColumnType.CODE, "币种", "currency", key=True, required=True, codes=CURRENCIES),
    Column("dimension", ColumnType.CODE, "维度", "dimension", key=True, required=True, codes=DIMENSIONS),
    Column("value", ColumnType.TEXT, "取值", "value; ? where it is not known", key=True, required=True),
)
_SUMS = (
    Column("loans", ColumnType.INT, "借据笔数", "drawdowns", required=True),
    Column("borrowers", ColumnType.INT, "户数", "borrowers", required=True),
    Column("balance", ColumnType.FEN, "本金余额", "principal", required=True),
    Column("overdue_balance", ColumnType.FEN, "逾期贷款本金", "principal of loans past due", required=True),
    Column("over_90_days_balance", ColumnType.FEN, "逾期90天以上本金", "principal over 90 days", required=True),
    Column("npl_balance", ColumnType.FEN, "不良本金", "non-performing principal", required=True),
    Column("mention_balance", ColumnType.FEN, "关注本金", "special mention principal", required=True),
    Column("specific", ColumnType.FEN, "专项准备", "specific provisions", required=True),
)
SUBJECT = Schema("portfolio", (*_KEY, *_SUMS, Column("whole", ColumnType.FEN, "该维度合计", "total of the dimension")))
VERDICT = Schema(
    "portfolio",
    (
        *_KEY,
        *_SUMS,
        Column("share", ColumnType.PPM, "占比", "share of the total"),
        Column("npl_ratio", ColumnType.PPM, "不良率", "NPL ratio"),
        Column("overdue_ratio", ColumnType.PPM, "逾期率", "overdue ratio"),
        Column("over_90_days_to_npl", ColumnType.PPM, "逾期90天以上/不良", "over 90 days to NPL"),
        Column("specific_to_npl", ColumnType.PPM, "专项准备/不良", "specific provisions to NPL"),
        Column("worse_than_whole", ColumnType.BOOL, "有不良", "holds NPL"),
    ),
)


def gather(snapshot: Any, classes: Any, days_past_due: Any, provisions: Any) -> Any:
    """One row a currency, dimension and value."""
    no = ibis.literal(False)
    rows = ibis.memtable(classes.table).select(
        "drawdown_id", "party_id", "principal", "non_performing", five_class="class"
    )
    past = ibis.memtable(days_past_due.table).select("currency", "bucket", "overdue_days", past_id=ibis._.drawdown_id)
    provided = ibis.memtable(provisions.table).select("specific", provided_id=ibis._.drawdown_id)
    drawdowns = snapshot.table("drawdowns").select("contract_id", "out_on", drawdown=ibis._.id)
    contracts = snapshot.table("contracts").select("product", "security_form", contract=ibis._.id)
    parties = snapshot.table("parties").select("region", "industry", "size", party=ibis._.id)
    rows = rows.left_join(past, rows.drawdown_id == past.past_id)
    rows = rows.left_join(provided, rows.drawdown_id == provided.provided_id)
    rows = rows.left_join(drawdowns, rows.drawdown_id == drawdowns.drawdown)
    rows = rows.left_join(contracts, rows.contract_id == contracts.contract)
    rows = rows.left_join(parties, rows.party_id == parties.party)
    rows = rows.select(
        "currency",
        "party_id",
        "principal",
        "overdue_days",
        "specific",
        npl=ibis.coalesce(rows.non_performing, no),
        mention=ibis.coalesce(rows.five_class == "special_mention", no),
        total=ibis.literal("all"),
        by_class=rows.five_class,
        bucket=rows.bucket,
        product_=rows["product"],
        security=rows.security_form,
        region=rows.region.left(4),
        industry=rows.industry.left(1),
        size=rows["size"],
        year=rows.out_on.year().cast("string"),
    ).cache()
    names = {"class": "by_class", "product": "product_"}
    zero = ibis.literal(0, "int64")
    cuts = []
    for code in DIMENSIONS:
        value = ibis.coalesce(rows[names.get(code.code, code.code)], "?")
        grouped = rows.mutate(value=value).group_by(["currency", "value"])

        def total(column: str, where: Any = None) -> Any:
            return ibis.coalesce(ibis._[column].sum(where=where), zero).cast("int64")

        cut = grouped.aggregate(
            loans=ibis._.count().cast("int64"),
            borrowers=ibis._.party_id.nunique().cast("int64"),
            balance=total("principal"),
            overdue_balance=total("principal", ibis._.overdue_days > 0),
            over_90_days_balance=total("principal", ibis._.overdue_days > 90),
            npl_balance=total("principal", ibis._.npl),
            mention_balance=total("principal", ibis._.mention),
            specific=total("specific"),
        )
        whole = cut.balance.sum().over(ibis.window(group_by="currency")).cast("int64")
        cuts.append(cut.mutate(dimension=ibis.literal(code.code), whole=whole).select(SUBJECT.names))
    return ibis.union(*cuts)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """Ratios of one cut."""
    balance, npl = max(row.balance[0], 0), max(row.npl_balance[0], 0)
    overdue, late = max(row.overdue_balance[0], 0), max(row.over_90_days_balance[0], 0)
    return (
        row.loans,
        row.borrowers,
        row.balance,
        row.overdue_balance,
        row.over_90_days_balance,
        row.npl_balance,
        row.mention_balance,
        row.specific,
        (ratio(balance, row.whole[0]), row.whole[0] > 0),
        (ratio(npl, balance), balance > 0),
        (ratio(overdue, balance), balance > 0),
        (ratio(late, npl), npl > 0),
        (ratio(max(row.specific[0], 0), npl), npl > 0),
        (npl > 0, True),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("classes", "days_past_due", "provisions"),
    reasons=(
        Reason(
            "CUT", when="loans", contribution="npl_balance",
            arguments=("loans", "borrowers", "balance", "npl_balance", "npl_ratio"),
        ),
    ),
    words=WORDS,
    zh="资产质量分布",
    en="the book in cuts",
    purpose="risk_classification",
)  # fmt: skip
