"""Vintages: of what was paid out in a quarter, the share that had defaulted by each age.

Invariant: a cell is shown only where every drawdown of its quarter has reached the age; shares never fall with age.
Age is whole months from the day paid out to the first default, in steps of three months.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from panhuo.ground.book.table import CURRENCIES
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing
from panhuo.ground.values.dates import add_months, from_date
from panhuo.ground.values.money import ratio

WORDS = Path(__file__).parent / "words.toml"
AGES = tuple(range(3, 63, 3))

_KEY = (
    Column("currency", ColumnType.CODE, "币种", "currency", key=True, required=True, codes=CURRENCIES),
    Column("quarter", ColumnType.INT, "发放季度（年×10+季）", "quarter paid out, year x 10 + quarter", key=True),
    Column("months_on_book", ColumnType.INT, "账龄（月）", "months on the book", key=True),
)
_SUMS = (
    Column("loans", ColumnType.INT, "发放笔数", "drawdowns paid out", required=True),
    Column("amount", ColumnType.FEN, "发放金额", "amount paid out", required=True),
    Column("defaulted_loans", ColumnType.INT, "累计违约笔数", "drawdowns in default by then", required=True),
    Column("defaulted_amount", ColumnType.FEN, "累计违约金额", "amount of those", required=True),
)
SUBJECT = Schema("vintages", (*_KEY, *_SUMS))
VERDICT = Schema(
    "vintages",
    (
        *_KEY,
        *_SUMS,
        Column("rate_by_amount", ColumnType.PPM, "累计违约率（金额）", "default rate by amount"),
        Column("rate_by_loans", ColumnType.PPM, "累计违约率（笔数）", "default rate by number"),
    ),
)


def _grid(as_of: date, quarters: list[int]) -> pa.Table:
    """(quarter, age) pairs that every drawdown of the quarter has reached."""
    found: list[tuple[int, int]] = []
    for quarter in quarters:
        year, part = divmod(quarter, 10)
        last = date(year + part // 4, part % 4 * 3 + 1, 1) - timedelta(days=1)
        found += [(quarter, age) for age in AGES if add_months(from_date(last), age) <= from_date(as_of)]
    return pa.table(
        {
            "grid_quarter": pa.array([q for q, _ in found], pa.int64()),
            "months_on_book": pa.array([a for _, a in found], pa.int64()),
        }
    )


def gather(snapshot: Any, defaults: Any) -> Any:
    """One row a currency, quarter and age."""
    rows = ibis.memtable(defaults.table)
    quarters = sorted(set(defaults.table.column("quarter").to_pylist()))
    by_age = rows.group_by(["currency", "quarter", "months_to_default"]).aggregate(
        loans=ibis._.count().cast("int64"), amount=ibis._.amount.sum().cast("int64")
    )
    grid = ibis.memtable(_grid(snapshot.as_of, quarters))
    cells = by_age.join(grid, by_age.quarter == grid.grid_quarter)
    # In default by the end of the age-th month: fewer whole months than the age.
    by_then = cells.months_to_default < cells.months_on_book
    zero = ibis.literal(0, "int64")
    cells = cells.group_by(["currency", "quarter", "months_on_book"]).aggregate(
        loans=cells.loans.sum().cast("int64"),
        amount=cells.amount.sum().cast("int64"),
        defaulted_loans=ibis.coalesce(cells.loans.sum(where=by_then), zero).cast("int64"),
        defaulted_amount=ibis.coalesce(cells.amount.sum(where=by_then), zero).cast("int64"),
    )
    return cells.select(SUBJECT.names)


def judge(row: Any, rules: Any, model: Any) -> Any:
    """Shares in default by amount and by number."""
    return (
        row.loans,
        row.amount,
        row.defaulted_loans,
        row.defaulted_amount,
        (ratio(row.defaulted_amount[0], row.amount[0]), row.amount[0] > 0),
        (ratio(row.defaulted_loans[0], row.loans[0]), row.loans[0] > 0),
    )


THING = Thing(
    subject=SUBJECT,
    verdict=VERDICT,
    judge=judge,
    gather=gather,
    needs=("defaults",),
    reasons=(
        Reason(
            "VINTAGE", when="loans", contribution="defaulted_amount",
            arguments=("loans", "amount", "defaulted_loans", "defaulted_amount"),
        ),
    ),
    words=WORDS,
    zh="分期发放质量（账龄分析）",
    en="vintages",
    purpose="risk_classification",
)  # fmt: skip
