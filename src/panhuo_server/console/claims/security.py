"""What secures a claim: each asset with rank, cap and what comes before us, its burdens, its seizures.

Invariant: rank, cap and amounts ahead are those the night's valuation was judged on; a seizure is called standing only
while its last day, ours never later than the law allows, has not come and it does not wait for another's to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow.compute as pc

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.tools.finance.limitation import date_of, number_of
from panhuo.tools.finance.seizure import seizure_last_day, seizure_term
from panhuo_server.console.claims.holding import Holding, Row
from panhuo_server.console.pieces.figures import row_address
from panhuo_server.console.pieces.grids import (
    NOUGHT,
    Grid,
    amount_cell,
    badge_cell,
    code_text,
    day_cell,
    fact_address,
    grid_of,
    text_cell,
    told,
)
from panhuo_server.console.pieces.tables import Cell
from panhuo_server.console.results import Night

YES, NO, UNKNOWN = Text("是", "yes"), Text("否", "no"), Text("不明", "not known")

WHOSE = {True: Text("本方", "ours"), False: Text("他人", "another's"), None: UNKNOWN}


def said(value: bool | None) -> Text:
    """Yes, no, or not known."""
    return UNKNOWN if value is None else YES if value else NO


def judged_rows(night: Night, claim_id: str) -> list[dict[str, Any]]:
    """What the night's valuation was judged on, asset by asset."""
    if "collateral_values" not in night or night["collateral_values"].subjects is None:
        return []
    held = night["collateral_values"].subjects
    found: list[dict[str, Any]] = held.filter(pc.equal(held.column("claim_id"), claim_id)).to_pylist()
    return found


_SECURITY_HEADS = (
    (Text("财产", "Asset"), False),
    (Text("评估价（元）", "Appraised (yuan)"), True),
    (Text("评估日", "On"), False),
    (Text("顺位", "Rank"), True),
    (Text("最高债权额（元）", "Cap (yuan)"), True),
    (Text("在先金额（元）", "Ranks ahead (yuan)"), True),
    (Text("优先权利（元）", "Rights ahead (yuan)"), True),
    (Text("首封", "First seizure"), False),
    (Text("租约", "Leased"), False),
    (Text("占用", "Occupied by"), False),
    (Text("最近查看", "Last seen"), False),
)


def security_grid(holding: Holding) -> Grid | None:
    """The assets behind a claim; None without any."""
    rows = []
    for row in judged_rows(holding.night, holding.id):
        asset = holding.assets.get(row["asset_id"])
        where = row_address("collateral_values", (holding.id, row["asset_id"]))
        currency = row["currency"] or "CNY"
        appraisal = holding.appraisals.get(row["asset_id"])
        kind = code_text("assets", "kind", row["kind"])
        name = Text(f"{kind.zh} {row['asset_id']}", f"{kind.en} {row['asset_id']}")
        rank = Text(*[str(row["rank"])] * 2) if row["rank"] is not None else UNKNOWN
        first = row["first_seizure"]
        seized = (
            Text("未查封", "not seized")
            if first is None
            else Text("本方", "ours")
            if first
            else Text("他人", "another's")
        )
        rows.append(
            [
                text_cell(name, href=fact_address("assets", asset) if asset else ""),
                told("appraisals", appraisal, "amount")
                if appraisal
                else amount_cell(row["appraisal"], currency, where),
                day_cell(row["appraised_on"], where),
                Cell(rank, href=where, number=True),
                amount_cell(row["cap"], currency, where),
                amount_cell(row["earlier_ranks"], currency, where),
                amount_cell(row["rights_ahead"], currency, where),
                badge_cell(seized, 2 if first is None else 1 if first else 4, where),
                text_cell(said(row["leased"]), href=where),
                text_cell(code_text("assets", "occupier", asset["occupier"])) if asset else NOUGHT,
                told("assets", asset, "last_inspected_on") if asset else NOUGHT,
            ]
        )
    return Grid(_SECURITY_HEADS, rows) if rows else None


def rights_grid(holding: Holding) -> Grid | None:
    """The security rights, each with its registration and the assets it rests on."""
    columns = (
        "kind",
        "provider_id",
        "number",
        "registered_on",
        "registered_amount",
        "maximum_amount",
        "rank",
        "determined_on",
        "released_on",
    )
    facts = [holding.rights[key] for key in sorted(holding.rights)]
    return grid_of("security_rights", facts, columns) if facts else None


def _asset_named(holding: Holding, asset_id: str) -> Text:
    asset = holding.assets.get(asset_id)
    kind = code_text("assets", "kind", asset["kind"]) if asset else words.NOTHING
    return Text(f"{kind.zh} {asset_id}".strip(), f"{kind.en} {asset_id}".strip())


def burdens_grid(holding: Holding) -> Grid | None:
    """Leases, occupiers, prices and taxes that stay with an asset or come before us."""
    columns = (
        "kind",
        "starts_on",
        "ends_on",
        "possession_on",
        "registered",
        "monthly_rent",
        "rent_prepaid_to_on",
        "amount_low",
        "amount_high",
        "ahead_of_security",
        "evidence_grade",
    )
    facts = sorted(holding.burdens, key=lambda row: (row["asset_id"], row["arisen_on"] or row["effective_on"]))
    if not facts:
        return None
    return grid_of(
        "burdens",
        facts,
        columns,
        heads=[(Text("财产", "Asset"), False)],
        before=lambda row: [text_cell(_asset_named(holding, row["asset_id"]))],
    )


def last_day_of(seizure: Row, asset_kind: str | None, as_of: date) -> date:
    """The last day of a seizure: ours never later, another's never earlier than it may be."""
    stated = seizure["expires_on"]
    return date_of(
        seizure_last_day(
            number_of(seizure["from_on"]),
            None if stated is None else number_of(stated),
            seizure["renewals"] or 0,
            seizure_term(asset_kind),
            as_of,
            ours=seizure["ours"] is not False,  # whose is not known may be ours
        )
    )


STANDING = {
    "released": (Text("已解除", "released"), 0),
    "expired": (Text("已到期", "expired"), 5),
    "soon": (Text("三十日内到期", "ends within thirty days"), 4),
    "waiting": (Text("轮候，尚未生效", "waiting, not yet in effect"), 2),
    "standing": (Text("有效", "standing"), 1),
}
"""How a seizure stands, with its step of risk."""


def standing_of(seizure: Row, last: date, as_of: date) -> str:
    """Whether a seizure stands, ends soon, has ended or was released."""
    if seizure["released_on"] is not None and seizure["released_on"] <= as_of:
        return "released"
    if last < as_of:
        return "expired"
    return "soon" if (last - as_of).days <= 30 else "standing"


def standings_of(seizures: Sequence[Row], asset_kind: str | None, as_of: date) -> dict[str, tuple[date, str]]:
    """Seizure -> its last day and how it stands, of all the seizures of one asset.

    One that waits takes effect when what came before it ends (法释〔2004〕15号 art. 28): all before it must be in the
    book and ended.
    """
    found = {}
    for row in seizures:
        last = last_day_of(row, asset_kind, as_of)
        found[row["id"]] = last, standing_of(row, last, as_of)
    for row in seizures:
        last, state = found[row["id"]]
        if row["kind"] != "waiting" or state != "standing":
            continue
        ahead = [found[other["id"]][1] for other in seizures if _place(other) < _place(row)]
        ended = sum(one in ("released", "expired") for one in ahead)
        if ended < len(ahead) or ended < _place(row) - 1:
            found[row["id"]] = last, "waiting"
    return found


def _place(seizure: Row) -> int:
    return max(seizure["seizure_order"] or 2, 2) if seizure["kind"] == "waiting" else 1


def seizures_grid(holding: Holding) -> Grid | None:
    """Every seizure of its assets: first or waiting, whose, until when."""
    rows = []
    as_of = holding.night.as_of
    for row in holding.seizures:
        kind = (holding.assets.get(row["asset_id"]) or {}).get("kind")
        beside = [other for other in holding.seizures if other["asset_id"] == row["asset_id"]]
        last, state = standings_of(beside, kind, as_of)[row["id"]]
        text, step = STANDING[state]
        rows.append(
            [
                text_cell(_asset_named(holding, row["asset_id"]), href=fact_address("seizures", row)),
                told("seizures", row, "kind"),
                told("seizures", row, "seizure_order"),
                text_cell(WHOSE[row["ours"]]),
                told("seizures", row, "court"),
                told("seizures", row, "case_number"),
                told("seizures", row, "from_on"),
                told("seizures", row, "expires_on"),
                day_cell(last, fact_address("seizures", row)),
                badge_cell(text, step),
                told("seizures", row, "transfer_letter_on"),
                told("seizures", row, "amount"),
            ]
        )
    heads = (
        (Text("财产", "Asset"), False),
        (Text("首封或轮候", "First or waiting"), False),
        (Text("次序", "Place"), True),
        (Text("申请人", "Whose"), False),
        (Text("法院", "Court"), False),
        (Text("案号", "Case"), False),
        (Text("起", "From"), False),
        (Text("裁定到期", "Stated end"), False),
        (Text("最后一日", "Last day"), False),
        (Text("状态", "State"), False),
        (Text("商请移送", "Transfer letter"), False),
        (Text("金额（元）", "Amount (yuan)"), True),
    )
    return Grid(heads, rows) if rows else None
