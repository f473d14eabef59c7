"""What a night left: where its results lie, and an outcome read back against the root the log records.

Invariant: a path is the acting organisation's own; rows are given out only while they give the root that was logged.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from panhuo.ground.record.errors import InvalidInput, NotFound, Unavailable
from panhuo.ground.record.outcome import Outcome
from panhuo_server.store.kept_answers import KeptAnswers
from panhuo_server.store.layout import Layout
from panhuo_server.store.outcomes import KnownOutcome

PURPOSE = "nightly_run"
"""For what a night and what follows from it act."""
_READ: KeptAnswers[Outcome] = KeptAnswers(96)  # a night makes about thirty


def results_folder(layout: Layout, org: str, run: str) -> Path:
    """Where a night's results lie.

    Raises:
        NotFound: for a name that would lead elsewhere.
    """
    if not run or run in (".", "..") or "/" in run or "\0" in run:
        raise NotFound("there is no such run", where=run)
    return layout.results / quote(org, safe="") / run


def outcome_in(folder: Path, known: KnownOutcome) -> Outcome:
    """An outcome of a run, its rows checked against the root the log records; kept in memory for the next reader.

    Raises:
        Unavailable: when the results are not there, as after a restore.
        InvalidInput: when they were changed since.
    """
    place = (str(folder), known.name, known.root)
    if not (folder / f"{known.name}.outcome.json").exists():
        raise Unavailable("the rows of this run are not there now", remedy="start a night")

    def read() -> Outcome:
        found = Outcome.read(folder, known.name)
        if found.root.hex() != known.root:
            raise InvalidInput(f"the rows of {known.name} are not those the log records", remedy="run the night again")
        return found

    return _READ.of(place, read)
