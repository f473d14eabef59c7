"""Rows others share with the organisation one acts for, as its pages show them: what is masked says so.

Invariant: everything here comes through the masked views, for one live share and its purpose at a time; a share that
ended or was withdrawn shows nothing on the next request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.ground.book.table import Table
from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import NotFound
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import shares
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import exactly
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.pictures import Moment
from panhuo_server.console.pieces.tables import MASKED
from panhuo_server.store import sharing
from panhuo_server.store.reading import facts_of

Row = dict[str, Any]
CLOSED = Text("个人信息，不开放", "personal, not opened")
_ASIDE = ("known_on", "source_doc", "source_row", "replaces", "withdrawn", "currency")
_HUBS = ("parties", "groups", "group_members", "party_roles", "packages", "relations")
"""Tables a row's neighbours are not looked for through: they would lead to other debtors."""


@dataclass(frozen=True)
class Disclosed:
    """A column of a shared row: what it says, or why it does not."""

    name: Text
    text: Text
    state: str
    number: bool = False


def is_masked(column: Column, level: int) -> bool:
    """Whether a share of that level leaves the column out."""
    return column.level > level


def disclosed(table: Table, row: Row, *, leave: Iterable[str] = (), opened: bool = False) -> list[Disclosed]:
    """The columns of a row in their order: known, masked at the share's level, personal and closed; unknown ones not.

    Args:
        leave: columns left out.
        opened: personal columns were opened, so that what is not there is not known either.
    """
    level, found = int(row["share_level"]), []
    for column in table.schema.columns:
        if column.name in _ASIDE or column.name in leave:
            continue
        label, value = words.label(column), row.get(column.name)
        if is_masked(column, level):
            found.append(Disclosed(label, MASKED, "masked"))
        elif column.personal is not None and value is None and not opened:
            found.append(Disclosed(label, CLOSED, "closed"))
        elif value is not None:
            number = not column.type.is_text and column.type not in (ColumnType.DATE, ColumnType.BOOL)
            found.append(Disclosed(label, exactly(column, value, row.get("currency") or HOME), "known", number))
    return found


def own(table: str) -> list[Row]:
    """The visible facts of a table of the organisation acted for; none before the first batch. In `acting`."""
    try:
        found: list[Row] = facts_of(table).to_pylist()
    except NotFound:
        return []
    return found


@dataclass
class Shared:
    """What others share with a visit's organisation for some purposes, each table read once.

    Attributes:
        purposes: for which; those the visit's roles do not allow are left out.
    """

    visit: Visit
    purposes: tuple[str, ...]
    _read: dict[str, list[Row]] = field(default_factory=dict)
    _live: list[shares.Received] | None = None
    _names: dict[str, str] | None = None

    @property
    def allowed(self) -> list[str]:
        """The purposes this visit may act for."""
        return [one for one in self.purposes if self.visit.purpose_of((one,)) is not None]

    @property
    def live(self) -> list[shares.Received]:
        """The shares for these purposes that have not ended."""
        if self._live is None:
            with self.visit.acting(*self.purposes):
                self._live = [one for one in shares.received() if one.purpose in self.allowed]
        return self._live

    def name_of(self, org: str) -> str:
        """What an organisation that shares is called; its code where it is not told."""
        if self._names is None:
            with self.visit.acting(*self.purposes):
                self._names = {} if self.visit.place.judicial else dict(sharing.sharing_organisations())
        return self._names.get(org, org)

    def rows(self, name: str) -> list[Row]:
        """The rows of a table, each once, at the highest level it is shared at, with its purpose as ``_purpose``."""
        if name not in self._read:
            found: dict[tuple[Any, ...], Row] = {}
            for purpose in dict.fromkeys(one.purpose for one in self.live if one.table == name):
                with self.visit.acting(purpose):
                    for row in facts_of(name, whose="shared").to_pylist():
                        place = (row["org_id"], row["id"], row["fact_sequence"], row["fact_position"])
                        if place not in found or found[place]["share_level"] < row["share_level"]:
                            found[place] = {**row, "_purpose": purpose}
            self._read[name] = sorted(found.values(), key=lambda r: (r["org_id"], r["id"], r["fact_sequence"]))
        return self._read[name]

    def one(self, name: str, org: str, entity: str) -> Row:
        """One row.

        Raises:
            NotFound: when it is not shared, or not any more.
        """
        for row in self.rows(name):
            if (row["org_id"], row["id"]) == (org, entity):
                return row
        raise NotFound(f"nothing of that name is shared in {name}", where=entity)

    def tables(self) -> list[str]:
        """The tables something is shared of, in the order of the catalogue."""
        shared = {one.table for one in self.live}
        return [name for name in TABLES if name in shared]

    def around(self, name: str, row: Row, *, most: int = 400) -> dict[str, list[Row]]:
        """Rows of the same owner that belong to a row: found by the columns that name one another, not by a party."""
        org, known = row["org_id"], {(name, row["id"])}
        tables = [one for one in self.tables() if one not in _HUBS]
        held = {one: [r for r in self.rows(one) if r["org_id"] == org] for one in tables}
        links = {one: [c for c in table_named(one).schema.columns if c.references not in (None, *_HUBS)]
                 for one in (*tables, name)}  # fmt: skip
        known |= {(str(c.references), row[c.name]) for c in links[name] if row.get(c.name)}
        found: dict[str, list[Row]] = {}
        taken: set[tuple[str, int, int]] = set()
        grew = True
        while grew and len(taken) < most:
            grew = False
            for table in tables:
                for other in held[table]:
                    place = (table, other["fact_sequence"], other["fact_position"])
                    if place in taken or table == name:
                        continue
                    names = {(str(c.references), other[c.name]) for c in links[table] if other.get(c.name)}
                    if (table, other["id"]) in known or names & known:
                        taken.add(place)
                        found.setdefault(table, []).append(other)
                        # What it names leads on, but never to another of the kind one started from.
                        known |= {(table, other["id"])} if table != name else set()
                        known |= {one for one in names if table in _BRIDGES and one[0] != name}
                        grew = True
        return {table: found[table] for table in TABLES if table in found}


_BRIDGES = frozenset({
    "claim_drawdowns", "security_rights_debts", "security_assets", "proceeding_claims", "drawdowns", "proceedings",
    "auction_lots", "instruments",
})  # fmt: skip
"""Tables whose rows lead on to what they name: a claim's drawdown to its contract, a right to its asset."""

_DAYS = {
    "claims": "base_on", "assignments": "signed_on", "notices": "sent_on", "limitation_events": "done_on",
    "recoveries": "received_on", "costs": "paid_on", "mediations": "opened_on", "bankruptcies": "accepted_on",
    "distributions": "made_on", "clues": "found_on", "drawdowns": "out_on", "modifications": "approved_on",
    "class_decisions": "decided_on", "writeoffs": "written_off_on", "appraisals": "appraised_on",
    "seizures": "from_on", "burdens": "arisen_on", "proceedings": "filed_on", "contracts": "signed_on",
    "decisions": "meeting_on", "instruments": "made_on", "matters": "opened_on",
}  # fmt: skip
_COMING = ("expires_on", "perform_by_on", "next_deadline_on", "claims_due_on", "due_on", "valid_to_on")


def moments(rows: dict[str, Sequence[Row]], today: Any) -> list[Moment]:
    """The rows as a time line, the latest first; days to come stand out."""
    found = []
    for name, some in rows.items():
        table = TABLES[name]
        for row in some:
            level = int(row.get("share_level") or 5)
            told = [
                exactly(c, row[c.name], row.get("currency") or HOME) for c in table.schema.columns
                if row.get(c.name) is not None and (c.type is ColumnType.FEN or (c.type is ColumnType.CODE and c.codes))
                and c.name != "currency" and not is_masked(c, level)
            ][:3]  # fmt: skip
            text = Text(" · ".join(t.zh for t in told), " · ".join(t.en for t in told))
            when = (row.get(_DAYS[name]) if name in _DAYS else None) or row["effective_on"]
            source = f"{row.get('source_doc') or ''} {row.get('source_row') or ''}".strip()
            found.append(Moment(when, named(name), text, words.NOTHING, source=Text(source, source)))
            for column in table.schema.columns:
                day = row.get(column.name)
                if column.name in _COMING and day is not None and day >= today:
                    found.append(Moment(day, words.label(column), named(name), words.NOTHING, coming=True))
    return sorted(found, key=lambda m: (m.day, m.title.en, m.text.en), reverse=True)


def as_table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Shared rows as the table piece takes them, each with its share's level; own rows have none."""
    schema = table_named(name).sealed_schema
    data = {c.name: pa.array([row.get(c.name) for row in rows], c.arrow_type()) for c in schema.columns}
    return pa.table({**data, "share_level": pa.array([row.get("share_level") for row in rows], pa.int32())})
