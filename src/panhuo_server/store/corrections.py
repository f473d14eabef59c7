"""Facts that correct others: which fact took the place of which, and what was withdrawn.

Invariant: ids, days and numbers of facts alone are read, of the acting organisation's own rows; no personal value is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from panhuo.ground.book.catalogue import TABLES
from panhuo_server.store.declared import quoted
from panhuo_server.store.reading import arrow, reading

MOST = 2_000
"""Correcting facts read at a time."""


@dataclass(frozen=True)
class Correction:
    """One correcting fact: of which table and entity, its number, the number it replaces, and whether it withdraws."""

    table: str
    entity: str
    fact: str
    replaces: str
    withdrawn: bool
    effective_on: date
    known_on: date | None
    source: str
    sequence: int


def corrections(most: int = MOST) -> tuple[list[Correction], int]:
    """The newest correcting facts of the acting organisation, the latest batch first, and how many there are in all.

    Inside `acting`; no table gives more than `most` rows.
    """
    found: list[Correction] = []
    total = 0
    columns = "id, fact_sequence, fact_position, replaces, withdrawn, effective_on, known_on, source_doc, source_row"
    with reading() as c:
        for name in TABLES:
            query = (
                f"select {columns}, count(*) over () as all_of_them from {quoted(name)} where org_id = acting_org() "
                f"and replaces is not null order by fact_sequence desc, fact_position desc limit {int(most)}"
            )
            rows = arrow(c, query).to_pylist()
            total += int(rows[0]["all_of_them"]) if rows else 0
            for row in rows:
                source = " ".join(str(part) for part in (row["source_doc"], row["source_row"]) if part is not None)
                found.append(
                    Correction(
                        name, row["id"], f"{row['fact_sequence']}-{row['fact_position']}", row["replaces"],
                        bool(row["withdrawn"]), row["effective_on"], row["known_on"], source, row["fact_sequence"],
                    )
                )  # fmt: skip
    newest = sorted(found, key=lambda one: (-one.sequence, one.table, -int(one.fact.rpartition("-")[2])))
    return newest[:most], total


@dataclass(frozen=True)
class SealedBatch:
    """A sealed batch: its number, root, last observed day, when it was sealed, and its rows by table."""

    sequence: int
    root: str
    observed_until: date | None
    sealed_at: str
    rows: dict[str, int]
    replacing: int


def batches() -> list[SealedBatch]:
    """Every batch of the acting organisation, the latest first; inside `acting`."""
    import json

    with reading() as c:
        held = arrow(
            c,
            "select sequence, root, observed_until, tables::text as tables, "
            "to_char(sealed_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as sealed_at "
            "from batches where org_id = acting_org() order by sequence desc",
        ).to_pylist()
    found = []
    for row in held:
        tables = json.loads(row["tables"])
        rows = {name: int(one["rows"]) for name, one in tables.items() if one.get("rows")}
        replacing = sum(int(one.get("replacing") or 0) for one in tables.values())
        day, sealed = row["observed_until"], row["sealed_at"]
        found.append(SealedBatch(row["sequence"], row["root"], day, sealed, rows, replacing))
    return found
