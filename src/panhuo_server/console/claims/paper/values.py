"""What a claim is worth on changed assumptions: the library's own judges, run again as a what-if.

Invariant: nothing is judged here; without a change the values are those the night sealed. A change names one field, and
every figure is the same function of the fields that the night used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow.compute as pc

from panhuo.ground.record.judgement import judge_one
from panhuo.journey.report.words import Text
from panhuo.stages.valuation import claim_value, collateral_value, maximum_bid
from panhuo.stages.valuation.assumptions import SCENARIOS, Assumptions, made_of
from panhuo_server.console.results import Night

SCENARIO_NAMES = {"optimistic": Text("乐观", "Optimistic"), "base": Text("基准", "Base"),
                  "pessimistic": Text("悲观", "Pessimistic")}  # fmt: skip
WHOLE = 1_000_000
RATES = ("valuation_rate", "target_return", "disposal", "management", "haircut", "opening", "appraisal_cost")
"""Fields that are no scenario's and no asset's."""


@dataclass(frozen=True)
class Field:
    """Something an analyst may change: its name, what it is called, its unit (ppm, months or fen), and its bounds."""

    name: str
    text: Text
    unit: str
    least: int = 0
    most: int = WHOLE


def _scenarios(name: str, zh: str, en: str, unit: str, most: int = WHOLE) -> list[Field]:
    return [
        Field(
            f"{name}_{s}",
            Text(f"{zh}（{SCENARIO_NAMES[s].zh}）", f"{en}, {SCENARIO_NAMES[s].en.lower()}"),
            unit,
            0,
            most,
        )
        for s in SCENARIOS
    ]


_MUCH = 10**15
OF_CLAIM = {
    field.name: field
    for field in (
        *_scenarios("weight", "权重", "weight", "ppm"),
        *_scenarios("months", "到款月数", "months to payment", "months", 600),
        *_scenarios("ordinary", "普通债权受偿率", "recovered as an ordinary claim", "ppm"),
        Field("valuation_rate", Text("折现率", "Discount rate a year"), "ppm"),
        Field("target_return", Text("目标回报", "Target return a year"), "ppm"),
        Field("disposal", Text("律师及处置费用", "Lawyer and disposal"), "ppm"),
        Field("management", Text("管理费（年）", "Management a year"), "ppm"),
        Field("haircut", Text("相关性与尽调折扣", "Correlation and coverage haircut"), "ppm"),
        Field("opening", Text("起步报价占上限", "Opening bid of the cap"), "ppm"),
        Field("appraisal_cost", Text("评估及拍卖辅助费用", "Appraisal and sale, a lot"), "fen", 0, _MUCH),
    )
}  # fmt: skip
OF_ASSET = {
    field.name: field
    for field in (
        Field("appraisal", Text("评估价", "Appraised"), "fen", 0, _MUCH),
        *_scenarios("price", "成交价占评估价", "price of the appraisal", "ppm", 3 * WHOLE),
        Field("tax", Text("卖方税费", "Seller's taxes"), "ppm"),
        Field("rights_ahead", Text("优先权利", "Rights ahead"), "fen", 0, _MUCH),
        Field("earlier_ranks", Text("在先顺位", "Earlier ranks"), "fen", 0, _MUCH),
        Field("cap", Text("最高债权额", "Cap"), "fen", 0, _MUCH),
    )
}  # fmt: skip
"""What may be changed of the claim, and of each asset as ``field@asset``."""


def field_of(name: str) -> Field | None:
    """A field by its name; None when there is none."""
    plain, _, asset = name.partition("@")
    return (OF_ASSET if asset else OF_CLAIM).get(plain)


@dataclass(frozen=True)
class Values:
    """What the judges say: of each asset, of the claim, of the bid; amounts in minor units."""

    assets: Mapping[str, dict[str, Any]]
    claim: Mapping[str, Any]
    bid: Mapping[str, Any]
    model: Assumptions


class Judged:
    """A claim as the night judged it, and as the same judges would on other assumptions."""

    def __init__(self, night: Night, claim_id: str) -> None:
        self.night = night
        self.claim_id = claim_id
        collateral, values = night.named("collateral_values"), night.named("claim_values")
        assert collateral.subjects is not None
        assert values.subjects is not None
        held = collateral.subjects
        self.assets: list[dict[str, Any]] = held.filter(pc.equal(held.column("claim_id"), claim_id)).to_pylist()
        claims = values.subjects
        self.subject: dict[str, Any] = claims.filter(pc.equal(claims.column("claim_id"), claim_id)).to_pylist()[0]
        described = values.lineage["parameters"]["assumptions"]
        self.described: Mapping[str, Any] = described
        self.base: Assumptions = made_of(described, night.as_of)
        self.currency: str = self.subject["currency"] or "CNY"

    @cached_property
    def fields(self) -> dict[str, int | None]:
        """Every field with the value the night took."""
        model = self.base
        found: dict[str, int | None] = {}
        for at, scenario in enumerate(SCENARIOS):
            found[f"weight_{scenario}"] = int(model.weight[at])
            found[f"months_{scenario}"] = int(model.months[at])
            found[f"ordinary_{scenario}"] = int(model.ordinary[at])
        for name in RATES:
            found[name] = int(getattr(model, name))
        for row in self.assets:
            asset, kind = row["asset_id"], _kind(row)
            for name in ("appraisal", "rights_ahead", "earlier_ranks", "cap"):
                found[f"{name}@{asset}"] = row[name]
            for at, scenario in enumerate(SCENARIOS):
                found[f"price_{scenario}@{asset}"] = int(model.price[kind, at])
            found[f"tax@{asset}"] = int(model.tax[kind])
        return found

    def values(self, edits: Mapping[str, int] | None = None, *, facts: Mapping[str, Any] | None = None) -> Values:
        """The values on changed fields.

        Args:
            edits: field -> value, those of an asset as ``field@asset``.
            facts: columns of every asset's subject put in place of what was found, for a sensitivity.
        """
        edits = edits or {}
        model = _model(self.base, edits)
        assets = {}
        for row in self.assets:
            asset = row["asset_id"]
            own = {name: edits[f"{name}@{asset}"] for name in ("appraisal", "rights_ahead", "earlier_ranks", "cap")
                   if f"{name}@{asset}" in edits}  # fmt: skip
            subject = {**row, **own, **(facts or {})}
            assets[asset] = judge_one(collateral_value.THING, subject, model=_model_of(model, row, edits))
        sums = {
            f"{s}_{what}": sum(one[f"{s}_{what}"] or 0 for one in assets.values())
            for s in SCENARIOS for what in ("net", "value", "bid_value")
        }  # fmt: skip
        unvalued = sum(bool(one["not_valued"]) for one in assets.values())
        claim = judge_one(
            claim_value.THING,
            {**self.subject, **sums, "assets": len(assets), "assets_not_valued": unvalued},
            model=model,
        )
        bid = judge_one(
            maximum_bid.THING,
            {"claim_id": self.claim_id, "bid_value": claim["bid_value"], "value": claim["value"],
             "principal": self.subject["principal"], "debt": claim["debt"], "currency": self.currency},
            model=model,
        )  # fmt: skip
        return Values(assets, claim, bid, model)

    @cached_property
    def sealed(self) -> tuple[int, int | None]:
        """(value, maximum bid) as the night sealed them."""
        values = self.night.named("claim_values")
        value = values.table.column("value")[values.row_of(self.claim_id)].as_py()
        bids = self.night.get("maximum_bids")
        bid = bids.table.column("maximum_bid")[bids.row_of(self.claim_id)].as_py() if bids is not None else None
        return value, bid

    def sensitivities(self, edits: Mapping[str, int]) -> list[tuple[Text, Values]]:
        """What one thing going wrong would do, each alone, on top of the changes made."""
        now = {**{k: v for k, v in self.fields.items() if v is not None}, **edits}

        def dearer(share: int) -> dict[str, int]:
            return {**edits, **{k: v * (100 - share) // 100 for k, v in now.items() if k.startswith("price_")}}

        later = {**edits, **{k: v + 12 for k, v in now.items() if k.startswith("months_")}}
        secured = max((row["cap"] or row["debt"] for row in self.assets), default=0)
        found = [
            (Text("成交价低 10 %", "Prices 10 % lower"), self.values(dearer(10))),
            (Text("成交价低 20 %", "Prices 20 % lower"), self.values(dearer(20))),
            (Text("晚 12 个月", "Twelve months later"), self.values(later)),
        ]
        if self.assets:
            found += [
                (Text("首封旁落", "First seizure lost"), self.values(edits, facts={"first_seizure": False})),
                (
                    Text("顺位后移一位", "One rank lost"),
                    self.values(edits, facts={"rank": 2, "earlier_ranks": secured}),
                ),
                (Text("存在租约", "Turns out leased"), self.values(edits, facts={"leased": True})),
            ]
        return found


def _kind(row: Mapping[str, Any]) -> int:
    from panhuo.ground.book.tables.security import ASSET_KINDS

    return int(ASSET_KINDS.position(row["kind"])) if row["kind"] is not None else 0


def _model(base: Assumptions, edits: Mapping[str, int]) -> Assumptions:
    model = base._replace(weight=base.weight.copy(), months=base.months.copy(), ordinary=base.ordinary.copy())
    for at, scenario in enumerate(SCENARIOS):
        for name in ("weight", "months", "ordinary"):
            if f"{name}_{scenario}" in edits:
                getattr(model, name)[at] = edits[f"{name}_{scenario}"]
    single = {name: edits[name] for name in OF_CLAIM if name in edits and hasattr(base, name)}
    return model._replace(**single)


def _model_of(model: Assumptions, row: Mapping[str, Any], edits: Mapping[str, int]) -> Assumptions:
    asset, kind = row["asset_id"], _kind(row)
    changed = [name for name in OF_ASSET if f"{name}@{asset}" in edits]
    if not changed:
        return model
    price, tax = model.price.copy(), model.tax.copy()
    for at, scenario in enumerate(SCENARIOS):
        if f"price_{scenario}@{asset}" in edits:
            price[kind, at] = edits[f"price_{scenario}@{asset}"]
    if f"tax@{asset}" in edits:
        tax[kind] = edits[f"tax@{asset}"]
    return model._replace(price=price, tax=tax)
