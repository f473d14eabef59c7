"""Claims: what is owed, what it is worth, the most to bid, and one page for each.

Invariant: a waterfall is drawn only when its steps come to the total that was sealed.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.ground.record.columns import Column
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.boards import BOARDS
from panhuo_server.console.claims.sections import sections_of
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figure, Figures, large, row_address
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.pictures import Bar, Step, adds_up, waterfall
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.pieces.timeline import coming, moments_of
from panhuo_server.console.results import CLAIMS, FactsOfNight, Night, last_night, the_night
from panhuo_server.console.teaching import first_night

PURPOSES = ("valuation", "recovery", "market", "approval", "audit", "reporting")


LABELS = {
    "debt": Text("债权本息", "Debt"), "value": Text("价值", "Value"),
    "value_to_debt": Text("价值比本息", "Value to debt"),
    "from_collateral": Text("来自担保财产", "From security"), "from_guarantors": Text("来自保证人", "From guarantors"),
    "from_ordinary": Text("普通债权", "As ordinary"), "maximum_bid": Text("最高报价", "Maximum bid"),
    "opening_bid": Text("起步报价", "Opening bid"), "best": Text("最优路径", "Best route"),
}  # fmt: skip
"""What columns are called on these pages."""


def _page_of(row: dict[str, Any]) -> str:
    return f"/console/claims/{row['claim_id']}"


def sheet_of(night: Night) -> Sheet:
    """The claims as a table: value, with bid and route beside."""
    values = night["claim_values"]
    rows, extra = values.table, dict[str, Column]()
    for name, columns in (("maximum_bids", ("maximum_bid",)), ("claim_routes", ("best",))):
        if name in night:
            other = night[name]
            at = pc.index_in(rows.column("claim_id"), other.table.column("claim_id"))
            for column in columns:
                rows = rows.append_column(column, other.table.column(column).take(at))
                extra[column] = other.schema[column]
    if values.subjects is not None and "party_id" in values.subjects.column_names:
        at = pc.index_in(rows.column("claim_id"), values.subjects.column("claim_id"))
        rows = rows.append_column("party_id", values.subjects.column("party_id").take(at))
        assert values.subject_schema is not None
        extra["party_id"] = values.subject_schema["party_id"]
    currencies = Figures(night).currencies(values)
    rows = rows.append_column("_currency", currencies)
    heads = [Head("claim_id", goes=_page_of)]
    heads += [Head("party_id")] if "party_id" in extra else []
    for name in ("debt", "value", "value_to_debt", "from_collateral", "from_guarantors", "from_ordinary"):
        heads.append(Head(name, total=name != "value_to_debt", label=LABELS[name]))
    heads += [
        Head(name, label=LABELS[name], of=of)
        for name, of in (("maximum_bid", "maximum_bids"), ("best", "claim_routes"))
        if name in extra
    ]
    filters = ["best"] if "best" in extra else []
    return Sheet("claims", Text("债权", "Claims"), values, heads, filters, "-debt", extra, rows)


def _totals(figures: Figures, night: Night) -> list[Figure]:
    found = []
    for currency in figures.currencies_in(night["claim_values"])[:3]:
        found += [
            figures.total("claim_values", "debt", currency=currency, title=Text("债权本息", "Debt")),
            figures.total("claim_values", "value", currency=currency, title=Text("债权价值", "Value")),
        ]
        if "maximum_bids" in night:
            bids = figures.total(
                "maximum_bids", "maximum_bid", currency=currency, title=Text("最高报价", "Maximum bids")
            )
            found.append(bids)
    return found


@page()
def claims(visit: Visit) -> HttpResponse:
    """The list of claims."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "claim_values" not in night:
            return first_night(visit, "claims")
        figures, sheet = Figures(night), sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "claims", "night": night, "figures": _totals(figures, night),
            "table": table_shown(sheet, figures, visit, "/console/claims"), "boards": BOARDS,
            "here_board": "/console/claims",
        }  # fmt: skip
    return shown(visit.request, "console/claims.html", given, visit=visit)


_HEAD = (("claim_values", ("debt", "value", "value_to_debt")), ("maximum_bids", ("maximum_bid", "opening_bid")),
         ("claim_routes", ("best",)))  # fmt: skip

_TAKEN = (
    ("minus_tax", Text("卖方税费", "Seller's taxes")),
    ("minus_appraisal", Text("评估及拍卖辅助", "Appraisal and sale")),
    ("minus_fee", Text("执行费", "Execution fee")), ("minus_ahead", Text("在先权利", "Rights ahead")),
    ("minus_cap", Text("最高债权额及应受偿额以上", "Over the cap or the debt")),
    ("minus_disposal", Text("律师及处置费用", "Lawyer and disposal")),
    ("minus_time", Text("折现", "Time")),
)  # fmt: skip


def value_steps(night: Night, claim: str) -> list[Step]:
    """From the price expected of the security to the claim's value."""
    row = night["claim_values"].table.slice(night["claim_values"].row_of(claim), 1).to_pylist()[0]
    currency = Figures(night).currencies(night["claim_values"])[night["claim_values"].row_of(claim)].as_py()

    def step(name: Text, amount: int, href: str, total: bool = False) -> Step:
        return Step(name, amount, large(amount, currency), href, total)

    def of(column: str) -> str:
        return row_address("claim_values", (claim,), column)

    steps = []
    assets = _assets(night, claim)
    if assets:
        key = (claim, assets[0]["asset_id"])
        where = row_address("collateral_values", key, "expected_price")
        steps.append(
            step(
                Text("担保财产预期成交价", "Price expected of security"),
                sum(a["expected_price"] or 0 for a in assets),
                where,
                True,
            )
        )
        for column, name in _TAKEN:
            amount = sum(a[column] or 0 for a in assets)
            if amount:
                steps.append(step(name, amount, row_address("collateral_values", key, column)))
        steps.append(
            step(Text("来自担保财产", "From security"), row["from_collateral"] or 0, of("from_collateral"), True)
        )
    steps.append(step(Text("来自保证人", "From guarantors"), row["from_guarantors"] or 0, of("from_guarantors")))
    steps.append(step(Text("普通债权受偿", "As an ordinary claim"), row["from_ordinary"] or 0, of("from_ordinary")))
    steps.append(step(Text("债权价值", "Value"), row["value"] or 0, of("value"), True))
    return steps


def bid_steps(night: Night, claim: str) -> list[Step]:
    """From the value at the target return to the maximum bid."""
    if "maximum_bids" not in night:
        return []
    bids = night["maximum_bids"]
    at = bids.row_of(claim)
    row = bids.table.slice(at, 1).to_pylist()[0]
    currency = Figures(night).currencies(bids)[at].as_py()
    names = (("at_target_return", Text("按目标回报折现", "At the target return"), True),
             ("minus_management", Text("持有期管理费", "Management"), False),
             ("minus_haircut", Text("相关性与尽调折扣", "Haircut"), False),
             ("maximum_bid", Text("最高报价", "Maximum bid"), True))  # fmt: skip
    return [
        Step(name, row[c] or 0, large(row[c] or 0, currency), row_address("maximum_bids", (claim,), c), total)
        for c, name, total in names
    ]


def _assets(night: Night, claim: str) -> list[dict[str, Any]]:
    if "collateral_values" not in night:
        return []
    held = night["collateral_values"].table
    found: list[dict[str, Any]] = held.filter(pc.equal(held.column("claim_id"), claim)).to_pylist()
    return found


def _drawn(steps: list[Step]) -> list[Bar]:
    return waterfall(steps) if len(steps) > 1 and adds_up(steps) else []


@page()
def claim(visit: Visit, claim_id: str) -> HttpResponse:
    """One claim on one page."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        values = night.named("claim_values")
        facts = FactsOfNight(night)
        found = facts.rows("claims", "id", [claim_id])
        if not found or not len(values.table.filter(pc.equal(values.table.column("claim_id"), claim_id))):
            raise Http404
        row, figures = found[0], Figures(night)
        key = (claim_id,)
        head = [
            figures.cell(name, key, column, title=LABELS[column])
            for name, columns in _HEAD for column in columns if name in night
        ]  # fmt: skip
        assets = _assets(night, claim_id)
        ids = [a["asset_id"] for a in assets]
        currency = row["currency"] or "CNY"
        debt = [(Text("本金", "Principal"), row["principal"]), (Text("利息", "Interest"), row["interest"]),
                (Text("垫付费用", "Costs advanced"), row["advanced_costs"])]  # fmt: skip
        scenarios = [
            (title, *(figures.cell("claim_values", key, f"{code}_{what}") for what in ("value", "recovery")))
            for code, title in (("optimistic", Text("乐观", "Optimistic")), ("base", Text("基准", "Base")),
                                ("pessimistic", Text("悲观", "Pessimistic")))
        ]  # fmt: skip
        given = {
            "room": "claims", "night": night, "claim": row, "head": head, "assets": _security(facts, assets, figures),
            "value": _drawn(value_steps(night, claim_id)), "bid": _drawn(bid_steps(night, claim_id)),
            "debt": [(name, words.exact(amount, currency)) for name, amount in debt if amount is not None],
            "sum": words.exact(sum(a or 0 for _, a in debt), currency), "scenarios": scenarios,
            "coming": coming(night, claim_id, ids), "moments": moments_of(facts, row, ids), "wide": 1000,
            "routes": _routes(night, figures, claim_id), "kept": [name for name in CLAIMS if name in night],
        }  # fmt: skip
        given |= sections_of(visit, night, claim_id)
    return shown(visit.request, "console/claim.html", given, visit=visit)


def _security(facts: FactsOfNight, assets: list[dict[str, Any]], figures: Figures) -> list[dict[str, Any]]:
    from panhuo.ground.book.catalogue import table_named

    kinds = table_named("assets").schema["kind"].codes
    found = []
    held = {row["id"]: row for row in facts.rows("assets", "id", [a["asset_id"] for a in assets])}
    for one in assets:
        key = (one["claim_id"], one["asset_id"])
        kind = held.get(one["asset_id"], {}).get("kind")
        word = kinds[kind] if kinds and kind and kind in kinds else None
        cells = [figures.cell("collateral_values", key, c) for c in ("expected_price", "value", "base_months")]
        found.append({"id": one["asset_id"], "kind": Text(word.zh, word.en) if word else words.DASH, "cells": cells})
    return found


def _routes(night: Night, figures: Figures, claim: str) -> list[Figure]:
    if "claim_routes" not in night:
        return []
    outcome = night["claim_routes"]
    row = outcome.table.slice(outcome.row_of(claim), 1).to_pylist()[0]
    names = [k.code for k in outcome.schema["best"].codes or () if k.code in row]
    found = [(row[name], name) for name in names if row[name] is not None]
    return [figures.cell("claim_routes", (claim,), name) for _, name in sorted(found, reverse=True)]
