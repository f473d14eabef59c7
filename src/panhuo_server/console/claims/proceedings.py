"""The cases about a claim: proceedings in order, what the instruments order, what enforcement did.

Invariant: each line is a fact and opens to it; where the papers say nothing a dash stands, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panhuo.journey.report.words import Text
from panhuo_server.console.claims.holding import Holding
from panhuo_server.console.pieces.grids import Grid, grid_of, text_cell
from panhuo_server.console.pieces.tables import Cell

CLOSED = ("closed", "closed_no_property", "withdrawn")
"""States in which a proceeding has ended."""


def proceedings_grid(holding: Holding) -> Grid | None:
    """The proceedings, in the order they were filed."""
    columns = ("kind", "case_number", "court", "status", "filed_on", "accepted_on", "decided_on", "effective_since_on",
               "closed_on", "next_deadline_on", "amount")  # fmt: skip
    return grid_of("proceedings", holding.proceedings, columns) if holding.proceedings else None


def orders_grid(holding: Holding) -> Grid | None:
    """What the instruments order, item by item."""
    if not holding.items:
        return None
    columns = ("number", "party_id", "component", "amount", "interest_formula", "interest_base", "interest_from_on",
               "interest_stop_on", "perform_by_on", "asset_id", "priority_amount")  # fmt: skip

    def numbered(item: Mapping[str, Any]) -> list[Cell]:
        made = holding.instruments.get(item["instrument_id"], {})
        return [text_cell(made.get("number") or item["instrument_id"])]

    return grid_of(
        "instrument_items", holding.items, columns, before=numbered,
        heads=[(Text("执行依据", "Instrument"), False)],
    )  # fmt: skip


def measures_grid(holding: Holding) -> Grid | None:
    """Measures of enforcement, in order."""
    columns = ("kind", "taken_on", "expires_on", "lifted_on", "party_id", "asset_id", "amount", "ground")
    return grid_of("enforcement_measures", holding.measures, columns) if holding.measures else None
