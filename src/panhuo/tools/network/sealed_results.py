"""What a search for rings says, as one table that can be sealed.

Invariant: counts are exact whatever is listed; amounts are whole numbers in the unit the search was made in, which the
lineage states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from panhuo.ground.record import canonical_json
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.tools.network.rings import Cut, Group, Rings

RINGS = Schema(
    "rings_found",
    (
        Column("kind", ColumnType.TEXT, "类别", "length, ring, group, cut or exposure", key=True, required=True),
        Column("place", ColumnType.INT, "次序", "the length, or the place from 1", key=True, required=True),
        Column("members", ColumnType.TEXT, "主体", "parties, a JSON list"),
        Column(
            "count",
            ColumnType.INT,
            "数量",
            "rings of that length or through that edge, edges of the group, parties met",
        ),
        Column("ringed", ColumnType.INT, "在环主体数", "parties of the group that stand in rings"),
        Column("amount", ColumnType.INT, "金额", "amount in the unit of the search"),
        Column("smallest", ColumnType.INT, "最小金额", "smallest amount along the ring"),
    ),
    zh="担保圈",
    en="rings",
)


def sealed_rings(
    found: Rings,
    every: Sequence[Group],
    cuts: Sequence[Cut],
    exposed: Sequence[tuple[int, int, int]],
) -> Outcome:
    """Rings by length and listed, groups, cuts, and the parties that answer for most as (node, amount, parties met)."""
    graph = found.graph
    names = graph.labels

    def members(nodes: Sequence[int]) -> str:
        return canonical_json.serialise([str(names[n]) for n in nodes]).decode("utf-8")

    rows: list[dict[str, Any]] = [{"kind": "length", "place": k, "count": v} for k, v in found.by_length.items()]
    rings = [
        {"kind": "ring", "place": i, "members": members(ring[ring >= 0].tolist())}
        for i, ring in enumerate(found.members, 1)
    ]
    if graph.has_amounts:
        total, smallest = found.amounts()
        for ring, t, s in zip(rings, total.tolist(), smallest.tolist(), strict=True):
            ring |= {"amount": t, "smallest": s}
    rows += rings
    for place, group in enumerate(every, start=1):
        amount = group.amount if graph.has_amounts else None
        said = {"members": members(group.members), "count": group.edges, "ringed": group.ringed, "amount": amount}
        rows.append({"kind": "group", "place": place, **said})
    for place, cut in enumerate(cuts, start=1):
        ends = members([int(graph.sources[cut.edge]), int(graph.targets[cut.edge])])
        amount = cut.amount if graph.has_amounts else None
        rows.append({"kind": "cut", "place": place, "members": ends, "count": cut.rings, "amount": amount})
    for place, (node, amount, met) in enumerate(exposed, start=1):
        rows.append({"kind": "exposure", "place": place, "members": members([node]), "count": met, "amount": amount})
    columns = {c.name: pa.array([row.get(c.name) for row in rows], c.arrow_type()) for c in RINGS.columns}
    return make_outcome(RINGS, pa.table(columns))
