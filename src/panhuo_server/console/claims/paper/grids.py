"""What the valuation paper shows: the model's figures beside the analyst's, the golden table, sensitivities, steps.

Invariant: each of the analyst's figures names the changes it rests on in the address it opens at; steps are drawn as
adding up only when they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.http import Http404

from panhuo.ground.record.arguments import scaled_text
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.stages.valuation.assumptions import SCENARIOS
from panhuo_server.console.claims.paper.fields import written
from panhuo_server.console.claims.paper.values import SCENARIO_NAMES, Judged, Values, field_of
from panhuo_server.console.pieces.figures import Figure, large, row_address
from panhuo_server.console.pieces.grids import Grid, amount_cell, text_cell
from panhuo_server.console.pieces.pictures import Step
from panhuo_server.console.pieces.tables import Cell

WEIGHTED = Text("加权", "Weighted")
_STEPS = (
    ("minus_tax", Text("卖方税费", "Seller's taxes")),
    ("minus_appraisal", Text("评估及拍卖辅助", "Appraisal and sale")),
    ("minus_fee", Text("执行费", "Execution fee")),
    ("minus_ahead", Text("在先权利", "Rights ahead")),
    ("minus_cap", Text("最高债权额及应受偿额以上", "Over the cap or the debt")),
    ("minus_disposal", Text("律师及处置费用", "Lawyer and disposal")),
    ("minus_time", Text("折现", "Time")),
)
_GOLDEN = (
    ("price", Text("成交价", "Price")),
    ("fee", Text("执行费", "Execution fee")),
    ("net", Text("归本债权净额", "Net to claim")),
    ("after_disposal", Text("扣处置费后", "After disposal")),
    ("value", Text("现值", "Present value")),
)


def why_address(judged: Judged, cell: str, edits: Mapping[str, int]) -> str:
    """Where a figure of the analyst's opens."""
    given = [("cell", cell), *(("e", f"{name}:{value}") for name, value in sorted(edits.items()))]
    return f"/console/why/paper/{quote(judged.claim_id, safe='')}?{urlencode(given)}"


def headline(judged: Judged, values: Values, edits: Mapping[str, int]) -> list[dict[str, Any]]:
    """Value and maximum bid: the model's, the analyst's, and the difference."""
    value, bid = judged.sealed
    currency = judged.currency
    found = []
    for name, cell, sealed, now, outcome in (
        (Text("债权价值", "Value"), "value", value, values.claim["value"], "claim_values"),
        (Text("最高报价", "Maximum bid"), "maximum_bid", bid, values.bid["maximum_bid"], "maximum_bids"),
    ):
        gap = None if sealed is None or now is None else now - sealed
        found.append(
            {
                "name": name,
                "model": Figure(words.exact(sealed, currency), row_address(outcome, (judged.claim_id,), cell)),
                "now": Figure(words.exact(now, currency), why_address(judged, cell, edits)),
                "gap": words.exact(gap, currency) if gap else Text("无差异", "none") if gap == 0 else words.DASH,
                "share": share_of(gap, sealed),
                "up": bool(gap and gap > 0),
                "down": bool(gap and gap < 0),
            }
        )
    return found


def share_of(part: int | None, of: int | None) -> Text:
    """A part in per cent; nothing where there is nothing to compare with."""
    if part is None or not of:
        return words.NOTHING
    return Text(*[f"{scaled_text(part * 1_000_000 // of, 10_000, 1)} %"] * 2)


def asset_grid(judged: Judged, values: Values, asset: str, edits: Mapping[str, int]) -> Grid:
    """The golden table of one asset: a line a scenario, and the weighted value."""
    one, model, currency = values.assets[asset], values.model, judged.currency
    rows = []
    for at, scenario in enumerate(SCENARIOS):
        where = why_address(judged, f"{asset}|{scenario}", edits)
        cells = [amount_cell(one[f"{scenario}_{name}"], currency, where) for name, _ in _GOLDEN]
        rows.append(
            [
                text_cell(SCENARIO_NAMES[scenario]),
                Cell(Text(*[f"{scaled_text(int(model.weight[at]), 10_000, 0)} %"] * 2), number=True),
                cells[0],
                Cell(Text(*[str(one[f"{scenario}_months"])] * 2), number=True),
                *cells[1:],
            ]
        )
    weighted = amount_cell(one["value"], currency, why_address(judged, f"{asset}|", edits))
    heads = (
        (Text("情景", "Scenario"), False),
        (Text("权重", "Weight"), True),
        (_GOLDEN[0][1], True),
        (Text("到款月数", "Months"), True),
        *((text, True) for _, text in _GOLDEN[1:]),
    )
    return Grid(heads, rows, [None, None, None, None, None, None, None, weighted], WEIGHTED)


def claim_grid(judged: Judged, values: Values, edits: Mapping[str, int]) -> Grid:
    """The claim, scenario by scenario: recovered, present value; then weighted by source."""
    currency, claim = judged.currency, values.claim
    where = why_address(judged, "value", edits)
    rows = [
        [
            text_cell(SCENARIO_NAMES[s]),
            Cell(Text(*[f"{scaled_text(int(values.model.weight[at]), 10_000, 0)} %"] * 2), number=True),
            amount_cell(claim[f"{s}_recovery"], currency, where),
            amount_cell(claim[f"{s}_value"], currency, where),
        ]
        for at, s in enumerate(SCENARIOS)
    ]
    heads = (
        (Text("情景", "Scenario"), False),
        (Text("权重", "Weight"), True),
        (Text("回收净额", "Recovered"), True),
        (Text("现值", "Present value"), True),
    )
    return Grid(heads, rows, [None, None, None, amount_cell(claim["value"], currency, where)], WEIGHTED)


def sensitivity_grid(judged: Judged, values: Values, edits: Mapping[str, int]) -> Grid:
    """What one thing going wrong would cost."""
    currency = judged.currency
    rows = []
    for text, other in judged.sensitivities(edits):
        rows.append(
            [
                text_cell(text),
                amount_cell(other.claim["value"], currency),
                amount_cell(other.claim["value"] - values.claim["value"], currency),
                amount_cell(other.bid["maximum_bid"], currency),
                amount_cell(other.bid["maximum_bid"] - values.bid["maximum_bid"], currency),
            ]
        )
    heads = (
        (Text("若", "If"), False),
        (Text("价值", "Value"), True),
        (Text("变动", "Change"), True),
        (Text("最高报价", "Maximum bid"), True),
        (Text("变动", "Change"), True),
    )
    return Grid(heads, rows)


def steps_of(judged: Judged, values: Values, cell: str) -> tuple[list[Step], Text, int]:
    """The steps a figure of the analyst's is made of, its name, and the figure.

    Raises:
        Http404: when the paper has no such figure.
    """
    currency = judged.currency

    def step(name: Text, amount: int | None, total: bool = False) -> Step:
        return Step(name, amount or 0, large(amount or 0, currency), "", total)

    asset, bar, scenario = cell.partition("|")
    if cell == "value":
        claim = values.claim
        parts = [
            step(Text("来自担保财产", "From security"), claim["from_collateral"], True),
            step(Text("来自保证人", "From guarantors"), claim["from_guarantors"]),
            step(Text("普通债权受偿", "As an ordinary claim"), claim["from_ordinary"]),
            step(Text("债权价值", "Value"), claim["value"], True),
        ]
        return parts, Text("债权价值", "value"), claim["value"]
    if cell == "maximum_bid":
        bid = values.bid
        parts = [
            step(Text("按目标回报折现", "At the target return"), bid["at_target_return"], True),
            step(Text("持有期管理费", "Management"), bid["minus_management"]),
            step(Text("相关性与尽调折扣", "Haircut"), bid["minus_haircut"]),
            step(Text("最高报价", "Maximum bid"), bid["maximum_bid"], True),
        ]
        return parts, Text("最高报价", "maximum bid"), bid["maximum_bid"]
    if not bar or asset not in values.assets or scenario not in ("", *SCENARIOS):
        raise Http404
    one = values.assets[asset]
    if not scenario:
        parts = [step(Text("加权成交价", "Weighted price"), one["expected_price"], True)]
        parts += [step(text, one[name]) for name, text in _STEPS if one[name]]
        parts.append(step(Text("加权现值", "Weighted present value"), one["value"], True))
        return parts, Text(f"财产 {asset} 的加权现值", f"weighted present value of {asset}"), one["value"] or 0
    price, fee, net = (one[f"{scenario}_{name}"] or 0 for name in ("price", "fee", "net"))
    after, value = one[f"{scenario}_after_disposal"] or 0, one[f"{scenario}_value"] or 0
    parts = [
        step(Text("成交价", "Price"), price, True),
        step(Text("执行费", "Execution fee"), -fee),
        step(Text("税费、评估、在先权利与上限以上", "Taxes, appraisal, rights ahead, over the cap"), net - price + fee),
        step(Text("归本债权净额", "Net to claim"), net, True),
        step(Text("律师及处置费用", "Lawyer and disposal"), after - net),
        step(Text("折现", "Time"), value - after),
        step(Text("现值", "Present value"), value, True),
    ]
    name = SCENARIO_NAMES[scenario]
    return parts, Text(f"财产 {asset} {name.zh}情景的现值", f"present value of {asset}, {name.en.lower()}"), value


def assumptions_grid(judged: Judged, now: Mapping[str, int | None], edits: Mapping[str, int]) -> Grid:
    """Every assumption, the model's beside the paper's, for a printed copy."""
    rows = []
    for name, base in judged.fields.items():
        field = field_of(name)
        if field is None:
            continue
        unit = {"ppm": " %", "fen": "", "months": ""}[field.unit]
        both = [
            f"{written(field, value, judged.currency)}{unit}" if value is not None else "—"
            for value in (base, now[name])
        ]
        mark = Text("改", "changed") if name in edits else words.NOTHING
        rows.append([
            text_cell(field.text), Cell(Text(*[name.partition("@")[2]] * 2)), Cell(Text(*[both[0]] * 2), number=True),
            Cell(Text(*[both[1]] * 2), number=True), Cell(mark),
        ])  # fmt: skip
    heads = ((Text("假设", "Assumption"), False), (Text("财产", "Asset"), False), (Text("模型", "Model"), True),
             (Text("底稿", "Paper"), True), (words.NOTHING, False))  # fmt: skip
    return Grid(heads, rows)
