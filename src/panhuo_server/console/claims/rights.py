"""Every right of a claim that a day can end, with what keeps it and on what evidence: 时效, 保证期间, 查封.

Invariant: days and states are those the night judged; a later day that weak evidence alone would give is shown beside,
never in its place.
"""

from __future__ import annotations

from typing import Any

from panhuo.journey.report.words import Text
from panhuo_server.console.claims.holding import Holding
from panhuo_server.console.pieces.figures import RISK, plain, row_address
from panhuo_server.console.pieces.grids import Grid, amount_cell, badge_cell, day_cell, grid_of, text_cell
from panhuo_server.console.pieces.tables import Cell
from panhuo_server.console.results import Night

_HEADS = (
    (Text("权利", "Right"), False),
    (Text("系于", "Of"), False),
    (Text("状态", "State"), False),
    (Text("最后一日", "Last day"), False),
    (Text("剩余天数", "Days left"), True),
    (Text("证据等级", "Evidence"), False),
    (Text("若弱证据也算", "If weak evidence counted"), False),
    (Text("所涉金额（元）", "At stake (yuan)"), True),
)


def ids_of(holding: Holding) -> set[str]:
    """What a claim's deadlines may be recorded of: its assets, their seizures and appraisals, its guarantees, cases."""
    found = {row["id"] for table in ("seizures", "appraisals") for row in holding.of_assets(table)}
    for rows in (holding.guarantees, holding.mediations, holding.proceedings):
        found |= {row["id"] for row in rows}
    return found | set(holding.assets)


def rights_of(night: Night, claim_id: str, things: set[str]) -> list[dict[str, Any]]:
    """Verdicts of the night's deadlines that bear on a claim, the nearest first."""
    if "deadlines" not in night:
        return []
    wall = night["deadlines"]
    of = wall.subjects.select(["kind", "entity_id", "claim_id"]).to_pylist() if wall.subjects is not None else []
    ids = {claim_id, *things}
    mine = {(r["kind"], r["entity_id"]) for r in of if r["claim_id"] == claim_id or r["entity_id"] in ids}
    found = [row for row in wall.table.to_pylist() if (row["kind"], row["entity_id"]) in mine]
    return sorted(found, key=lambda r: (r["last_day"] is None, r["last_day"], r["kind"], r["entity_id"]))


def deadline_name(night: Night, kind: str) -> Text:
    """A kind of deadline in words."""
    codes = night["deadlines"].schema["kind"].codes
    assert codes is not None
    return Text(codes[kind].zh, codes[kind].en)


def rights_of_claim_grid(holding: Holding) -> Grid | None:
    """The rights of a claim as a table."""
    found = rights_of(holding.night, holding.id, ids_of(holding))
    if not found:
        return None
    schema = holding.night["deadlines"].schema
    rows = []
    for row in found:
        where = row_address("deadlines", (row["kind"], row["entity_id"]), "last_day")
        left = row["days_left"]
        weak = row["claimed_last_day"] if row["weak_evidence"] else None
        rows.append(
            [
                text_cell(plain(schema["kind"], row["kind"])),
                text_cell(row["entity_id"]),
                badge_cell(
                    plain(schema["state"], row["state"]),
                    RISK.get(row["state"], 0),
                    row_address("deadlines", (row["kind"], row["entity_id"]), "state"),
                ),
                day_cell(row["last_day"], where),
                Cell(
                    Text(*["—" if left is None else f"{left:,}"] * 2),
                    href=where if left is not None else "",
                    number=True,
                ),
                text_cell(plain(schema["evidence"], row["evidence"])),
                day_cell(weak, where),
                amount_cell(
                    row["consequence"],
                    row["currency"] or "CNY",
                    row_address("deadlines", (row["kind"], row["entity_id"]), "consequence"),
                ),
            ]
        )
    return Grid(_HEADS, rows)


def events_grid(holding: Holding) -> Grid | None:
    """What interrupted or suspended the periods of a claim."""
    columns = ("right_kind", "kind", "done_on", "reached_on", "ended_on", "grade", "party_id", "guarantee_id")
    return grid_of("limitation_events", holding.limitation_events, columns) if holding.limitation_events else None
