"""Packages and their items as tables: frozen, now, value, bid; the worst, and concentration.

Invariant: what was frozen opens to its fact and what was judged to its receipt; shares are of the frozen debt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.arguments import scaled_text
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import row_address
from panhuo_server.console.pieces.grids import Grid, amount_cell, fact_address, text_cell
from panhuo_server.console.pieces.tables import Cell, Facts, Head, Sheet
from panhuo_server.console.results import Night
from panhuo_server.console.transfer.package_facts import Item, items_of, worst
from panhuo_server.store.reading import facts_of

T = ColumnType
Row = dict[str, Any]


def held(table: str) -> list[Row]:
    """Facts of a table up to the last batch sealed."""
    # Up to the last batch: a package frozen today is seen today, whatever night the values are of.
    found: list[Row] = facts_of(table).to_pylist()
    return found


def here(package_id: str) -> str:
    """A package's page."""
    return f"/console/packages/{quote(package_id, safe='')}"


def sum_at(package_id: str, code: str) -> str:
    """Where a sum of a package opens."""
    return f"/console/why/package/{quote(package_id, safe='')}?of={code}"


def package_sheet(night: Night) -> Sheet:
    """The packages with the value and bid of their claims today."""
    rows, items = held("packages"), held("package_items")
    by: dict[str, list[Row]] = {}
    for item in items:
        by.setdefault(item["package_id"], []).append(item)
    for row in rows:
        mine = items_of(night, by.get(row["id"], []))
        row |= {
            "items": len(mine),
            "value": _sum([i.value for i in mine]),
            "bid": _sum([i.bid for i in mine]),
        }
    extra = (
        Column("items", T.INT, "债权笔数", "claims"),
        Column("value", T.FEN, "今日价值", "value today"),
        Column("bid", T.FEN, "最高报价合计", "maximum bids"),
    )

    def fact(column: str) -> Any:
        return lambda row: fact_address("packages", row, column)

    def summed(code: str) -> Any:
        return lambda row: sum_at(row["id"], code) if row[code] is not None else ""

    heads = (
        Head("id", goes=lambda row: here(row["id"]), label=Text("资产包", "Package")),
        Head("name"),
        Head("status"),
        Head("kind"),
        Head("base_on", opens=fact("base_on")),
        Head("debtors", total=False, opens=fact("debtors")),
        Head("items"),
        Head("stated_principal", total=True, opens=fact("stated_principal")),
        Head("stated_interest", total=True, opens=fact("stated_interest")),
        Head("value", total=True, opens=summed("value")),
        Head("bid", total=True, opens=summed("bid")),
        Head("starting_price", opens=fact("starting_price")),
        Head("price", total=True, opens=fact("price")),
    )
    schema = table_named("packages").sealed_schema
    made = {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in (*schema.columns, *extra)}
    table = pa.table(made)
    return Sheet(
        "packages",
        Text("资产包", "Packages"),
        Facts("packages", schema, table),
        heads,
        ("status", "kind"),
        "-base_on",
        {c.name: c for c in extra},
        table,
        facts=True,
    )


def _sum(known: Sequence[int | None]) -> int | None:
    # What nobody valued is not worth nothing.
    amounts = [amount for amount in known if amount is not None]
    return sum(amounts) if amounts else None


def item_sheet(package_id: str, items: Sequence[Item]) -> Sheet:
    """The items of a package: frozen, now, value, bid, and where they sit."""
    extra = (
        Column("debt", T.FEN, "冻结时本息费", "all in, as frozen"),
        Column("debt_now", T.FEN, "现在本息费", "all in, now"),
        Column("change", T.FEN, "变动", "change"),
        Column("value", T.FEN, "价值", "value"),
        Column("bid", T.FEN, "最高报价", "maximum bid"),
        Column("court", T.TEXT, "法院", "court"),
    )
    rows = []
    for item in items:
        now = item.debt_now
        rows.append(
            {
                **item.frozen,
                "debt": item.debt,
                "debt_now": now,
                "change": None if now is None else now - item.debt,
                "value": item.value,
                "bid": item.bid,
                "court": item.court or None,
            }
        )
    schema = table_named("package_items").sealed_schema
    table = pa.table(
        {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in (*schema.columns, *extra)}
    )

    def fact(column: str) -> Any:
        return lambda row: fact_address("package_items", row, column)

    def judged(outcome: str, column: str) -> Any:
        return lambda row: row_address(outcome, (row["claim_id"],), column) if row["claim_id"] else ""

    def to_claim(row: Mapping[str, Any]) -> str:
        return f"/console/claims/{quote(row['claim_id'] or '', safe='')}"

    heads = (
        Head("claim_id", goes=to_claim),
        Head("party_id"),
        Head("five_class"),
        Head("overdue_days", opens=fact("overdue_days")),
        Head("in_litigation"),
        Head("court"),
        Head("principal", total=True, opens=fact("principal")),
        Head("interest", total=True, opens=fact("interest")),
        Head("advanced_costs", total=True, opens=fact("advanced_costs")),
        Head("debt", total=True, opens=fact("principal")),
        Head(
            "debt_now",
            total=True,
            opens=lambda row: fact_address("claims", {"id": row["claim_id"]}) if row["claim_id"] else "",
        ),
        Head("change", total=True),
        Head("value", total=True, opens=judged("claim_values", "value")),
        Head("bid", total=True, opens=judged("maximum_bids", "maximum_bid")),
        Head("allocated_price", total=True, opens=fact("allocated_price")),
    )
    return Sheet(
        f"package-{package_id}",
        Text("明细", "Items"),
        Facts("package_items", schema, table),
        heads,
        ("five_class",),
        "-debt",
        {c.name: c for c in extra},
        table,
        facts=True,
    )


def part_of(part: int, of: int) -> Text:
    """A part in per cent."""
    return Text(*[f"{scaled_text(part * 1_000_000 // of, 10_000, 1)} %" if of else "—"] * 2)


def worst_grid(items: Sequence[Item], currency: str) -> Grid:
    """The five that fall short by most."""
    rows = [
        [
            text_cell(item.id, goes=f"/console/claims/{quote(item.id, safe='')}"),
            text_cell(item.frozen["party_id"]),
            amount_cell(item.debt, currency, fact_address("package_items", item.frozen)),
            amount_cell(item.value, currency, row_address("claim_values", (item.id,), "value")),
            amount_cell((item.value or 0) - item.debt, currency),
            Cell(part_of(item.value or 0, item.debt), number=True),
        ]
        for item in worst(items)
    ]
    heads = (
        (Text("债权", "Claim"), False),
        (Text("债务人", "Debtor"), False),
        (Text("冻结时本息费", "As frozen"), True),
        (Text("价值", "Value"), True),
        (Text("缺口", "Short by"), True),
        (Text("价值比本息", "Value to debt"), True),
    )
    return Grid(heads, rows)


def share_grid(
    package_id: str, by: str, found: Sequence[tuple[str, Text, int, int]], total: int, currency: str
) -> Grid:
    """Concentration by one thing; amounts open to their items."""
    rows = [
        [
            text_cell(name),
            Cell(words.count(count), number=True),
            amount_cell(amount, currency, f"{sum_at(package_id, 'debt')}&{urlencode({'by': by, 'is': code})}"),
            Cell(part_of(amount, total), number=True),
        ]
        for code, name, count, amount in found
    ]
    heads = (
        (words.NOTHING, False),
        (Text("笔", "Claims"), True),
        (Text("冻结时本息费", "As frozen"), True),
        (Text("占比", "Share"), True),
    )
    all_of = [
        None,
        Cell(words.count(sum(c for _, _, c, _ in found)), number=True),
        amount_cell(sum(a for *_, a in found), currency, sum_at(package_id, "debt")),
        None,
    ]
    return Grid(heads, rows, all_of)
