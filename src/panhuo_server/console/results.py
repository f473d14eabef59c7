"""The last night as the pages read it: its outcomes, checked against their roots, and the night before.

Invariant: an outcome is shown only when its rows still give the root that was logged in the database; what one
organisation's night made is looked for in its own folder alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from panhuo.ground.record.errors import NotFound
from panhuo.ground.record.outcome import Outcome
from panhuo_server.console.frame import Visit
from panhuo_server.flows.results import outcome_in, results_folder
from panhuo_server.store import outcomes as known
from panhuo_server.store.facts_about import facts_about
from panhuo_server.store.layout import Layout

CLAIMS = ("collateral_values", "claim_values", "maximum_bids", "claim_routes")
APPLICATIONS = ("profiles", "scores", "credit_proposals", "credit_decisions", "limits", "lending_conditions", "prices",
                "credit_offers", "credit_plan")  # fmt: skip
_ALWAYS = ("approval", "audit", "reporting")


def purposes_of(outcome: str) -> tuple[str, ...]:
    """For which purposes an outcome may be read."""
    if outcome in CLAIMS:
        return ("valuation", "recovery", "market", *_ALWAYS)
    if outcome == "deadlines":
        return ("recovery", "monitoring", *_ALWAYS)
    return ("origination" if outcome in APPLICATIONS else "monitoring", *_ALWAYS)


@dataclass(frozen=True)
class Night(Mapping[str, Outcome]):
    """A night's outcomes by name, each read when asked for, as far as this visit's roles may see them."""

    visit: Visit
    run: str
    as_of: date
    sequence: int
    folder: Path
    listed: Mapping[str, known.KnownOutcome]
    newest: int = 0

    @property
    def behind(self) -> int:
        """How many batches were sealed since."""
        return max(self.newest - self.sequence, 0)

    def __getitem__(self, name: str) -> Outcome:
        if name not in self.listed:
            raise KeyError(name)
        return outcome_in(self.folder, self.listed[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.listed)

    def __len__(self) -> int:
        return len(self.listed)

    @cached_property
    def names(self) -> list[str]:
        """Names of the outcomes that may be seen."""
        return list(self.listed)

    def holds(self, name: str, key: str) -> bool:
        """Whether the night judged this: an outcome that may be seen has a row whose key begins with it."""
        if name not in self.listed:
            return False
        outcome = self[name]
        return pc.index(outcome.table.column(outcome.schema.key[0]), key).as_py() >= 0

    def named(self, name: str) -> Outcome:
        """An outcome of the night.

        Raises:
            NotFound: when the night made none of that name, or this person may not see it.
        """
        if name not in self.listed:
            raise NotFound(f"the night made no {name}")
        return self[name]


def nights(visit: Visit) -> list[Night]:
    """The last night and the one before it on other facts or another day. In `acting`."""
    found: list[Night] = []
    seen: set[tuple[int, date]] = set()
    newest = known.last_batch()
    for run in known.runs():
        folder = results_folder(Layout.current(), visit.place.org, run.run)
        if (run.sequence, run.as_of) in seen or not (folder / "run.json").exists():
            continue
        seen.add((run.sequence, run.as_of))
        listed = {o.name: o for o in known.of_run(run.run) if visit.purpose_of(purposes_of(o.name))}
        found.append(Night(visit, run.run, run.as_of, run.sequence, folder, listed, newest))
        if len(found) == 2:
            break
    return found


def last_night(visit: Visit) -> Night | None:
    """The last night; None before the first. In `acting`."""
    found = nights(visit)
    return found[0] if found else None


def the_night(visit: Visit) -> Night:
    """The last night.

    Raises:
        NotFound: before the first.
    """
    found = last_night(visit)
    if found is None:
        raise NotFound("no night was run yet")
    return found


class FactsOfNight:
    """The facts of a night's day and batch about what is asked for, each question put once."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self._found: dict[tuple[str, str, tuple[str, ...]], list[dict[str, Any]]] = {}

    def rows(self, table: str, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
        """Rows of a table whose column is one of the values."""
        wanted = tuple(sorted({v for v in values if v}))
        asked = (table, column, wanted)
        if asked not in self._found:
            try:
                self._found[asked] = facts_about(
                    table, column, wanted, as_of=self.night.as_of, sequence=self.night.sequence
                )
            except NotFound:
                self._found[asked] = []
        return self._found[asked]

    def one(self, table: str, name: str) -> dict[str, Any]:
        """The fact of an entity.

        Raises:
            NotFound: when there is none of that name.
        """
        found = self.rows(table, "id", [name])
        if not found:
            raise NotFound(f"there is no such row in {table}", where=name)
        return found[0]

    def ids(self, table: str, column: str, values: Iterable[str], wanted: str) -> set[str]:
        """Values of another column of such rows."""
        return {row[wanted] for row in self.rows(table, column, values) if row[wanted]}
