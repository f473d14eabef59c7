"""``/api/outcomes``: what the nights found, row by row, and why.

Invariant: which outcomes there are is read from the database under row-level security; only then is a result's file
opened, and an outcome whose rows no longer give its root is not explained.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import HttpResponse

from panhuo.ground.record.errors import NotFound, Unavailable
from panhuo.ground.record.outcome import Outcome
from panhuo_server.accounts.acting import current
from panhuo_server.api import cursors
from panhuo_server.api.callers import entered
from panhuo_server.api.described import a_list, of_object, operation
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.frame import API, answer
from panhuo_server.api.resources.facts import Cursor, Limit, Text
from panhuo_server.flows.results import outcome_in, results_folder
from panhuo_server.store import asked, outcomes
from panhuo_server.store.layout import Layout

Language = Literal["zh", "en"]


def chosen_run(run: str | None) -> str:
    """The run named, or the last one that left outcomes; inside `acting`.

    Raises:
        NotFound: when there is none.
    """
    if run is None:
        last = asked.runs(None, 1)
        if not last:
            raise nothing_here()
        return last[0].run
    return run


def known_outcome(name: str, run: str | None) -> outcomes.KnownOutcome:
    """An outcome of the acting organisation.

    Raises:
        NotFound: when its run left none of that name.
    """
    found = next((one for one in outcomes.of_run(chosen_run(run)) if one.name == name), None)
    if found is None:
        raise nothing_here()
    return found


def folder_of(known: outcomes.KnownOutcome) -> Path:
    """Where the rows of a known outcome lie.

    Raises:
        Unavailable: when the results were not computed again since the server was restored.
    """
    folder = results_folder(Layout.current(), current().org, known.run)
    if not (folder / f"{known.name}.outcome.json").exists():
        raise Unavailable("the rows of this run are not there now", remedy="start a night")
    return folder


def opened(known: outcomes.KnownOutcome) -> Outcome:
    """An outcome with its rows checked against its root."""
    return outcome_in(results_folder(Layout.current(), current().org, known.run), known)


def key_parts(found: Outcome, key: str) -> list[str]:
    """A row's key as its parts: several columns stand separated by commas."""
    return key.split(",") if len(found.schema.key) > 1 else [key]


def _told(known: outcomes.KnownOutcome) -> dict[str, Any]:
    return {
        "run": known.run, "name": known.name, "as_of": known.as_of, "sequence": known.sequence, "rows": known.rows,
        "root": known.root,
    }  # fmt: skip


_TOLD = of_object(
    {"run": {"type": "string"}, "name": {"type": "string"}, "as_of": {"type": "string", "format": "date"},
     "sequence": {"type": "integer"}, "rows": {"type": "integer"}, "root": {"type": "string"}}
)  # fmt: skip


@API.get(
    "/outcomes",
    operation_id="list_outcomes",
    summary="结果 · outcomes of a run (the last one)",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": _TOLD}})),
)
def list_outcomes(request: Any, run: Text = None) -> HttpResponse:
    """The outcomes of a run; of the last one that left any unless `run` names another."""
    with entered(request):
        last = asked.runs(None, 1) if run is None else []
        named = run if run is not None else (last[0].run if last else None)
        found = outcomes.of_run(named) if named is not None else []
        if run is not None and not found:
            raise nothing_here()
        return answer({"rows": [_told(one) for one in found]})


@API.get(
    "/outcomes/{name}",
    operation_id="outcome_rows",
    summary="结果明细 · rows of an outcome",
    openapi_extra=operation(a_list({"type": "object"})),
)
def outcome_rows(
    request: Any, name: str, run: Text = None, limit: Limit = cursors.FIRST, cursor: Cursor = None
) -> HttpResponse:
    """The rows of an outcome in the order of their keys."""
    filters = {"outcome": name, "run": run}
    with entered(request):
        held = cursors.read(cursor, filters)
        known = known_outcome(name, held[0] if held else run)
        start = int(held[1]) if held else 0
        folder = folder_of(known)
        table: pa.Table = pq.read_table(folder / f"{known.name}.parquet")
        rows = table.slice(start, limit).to_pylist()
        more = start + limit < len(table)
        following = cursors.made([known.run, start + limit], filters) if more else None
        return answer({**_told(known), "count": known.rows, "rows": rows, "next": following})


@API.get(
    "/outcomes/{name}/{path:key}/why",
    operation_id="why",
    summary="为什么 · why a row is as it is",
    openapi_extra=operation(of_object({
        "outcome": {"type": "string"}, "key": {"type": "array"}, "values": {"type": "object"},
        "reasons": {"type": "array"}, "lineage": {"type": "object"},
    }, open_=True)),
)  # fmt: skip
def why(request: Any, name: str, key: str, run: Text = None, language: Language = "zh") -> HttpResponse:
    """One row: its values, its reasons in words, its rules and lineage. Parts of a key stand separated by commas."""
    with entered(request):
        known = known_outcome(name, run)
        found = opened(known)
        parts = key_parts(found, key)
        if len(parts) != len(found.schema.key):
            raise nothing_here()
        try:
            said = found.why(*parts, language=language)
        except NotFound:
            raise nothing_here() from None
        return answer({"run": known.run, "as_of": known.as_of, **said})


@API.get(
    "/runs",
    operation_id="list_runs",
    summary="夜间运行 · runs that left outcomes, the latest first",
    openapi_extra=operation(a_list({"type": "object"})),
)
def list_runs(request: Any, limit: Limit = cursors.FIRST, cursor: Cursor = None) -> HttpResponse:
    """Runs that left outcomes."""
    with entered(request):
        held = cursors.read(cursor, {"runs": ""})
        after = (date.fromisoformat(held[0]), int(held[1]), str(held[2])) if held else None
        found = asked.runs(after, limit + 1)
        rows = [
            {"run": one.run, "as_of": one.as_of, "sequence": one.sequence, "outcomes": one.outcomes}
            for one in found[:limit]
        ]
        following = None
        if len(found) > limit:
            last = found[limit - 1]
            following = cursors.made([last.as_of.isoformat(), last.sequence, last.run], {"runs": ""})
        return answer({"rows": rows, "next": following})
