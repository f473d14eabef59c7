"""What runs said, computed again from facts, rules and models: whether the bytes are the same, and results put back.

Invariant: nothing is added to a log and nobody is acted for; a result is written only when every outcome of its run
gives the root the log records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from panhuo.ground.book.folder import Book
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import PanhuoError
from panhuo.ground.rules.library import current_library
from panhuo.journey.night import Night, Settings, open_snapshot, run_night, steps
from panhuo.journey.report import write_report
from panhuo.journey.sealing import replay, seal_night
from panhuo.trust.evidence.log import Log
from panhuo.trust.evidence.receipts import issue
from panhuo_server.flows.results import results_folder
from panhuo_server.store.books import cached_book_for_proof
from panhuo_server.store.layout import Layout
from panhuo_server.store.proving import runs_to_prove, sealed_organisations

Progress = Callable[[str, int], None]


@dataclass
class Again:
    """What came of it.

    Attributes:
        same: entries of the logs (batches and outcomes) whose bytes are the same; erased: those among them that speak
            of somebody forgotten, in words; different: those that are not the same, in words.
        put_back: runs whose results were missing and lie in their place again.
    """

    same: int = 0
    erased: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _KnownLog:
    # A night's entries stand in the log already, each at a place the database knows by run and name.
    log: Log
    positions: dict[str, int]

    def append(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        return [self.positions[str(entry["name"])] for entry in entries]

    def receipt(self, index: int) -> bytes:
        return issue(self.log, index)


def _told(lineage: dict[str, Any]) -> str:
    # What a night was told beside the facts: outcomes with the same may be computed in one.
    named = ("as_of", "batches", "models", "inputs", "adoption")
    return canonical_json.serialise({name: lineage[name] for name in named if name in lineage}).decode()


def _groups(entries: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    # Outcomes told the same, and judged by the same text of every rule file they share.
    found: list[tuple[str, dict[str, str], dict[str, str], list[dict[str, Any]]]] = []
    for entry in entries:
        told, files = _told(entry["lineage"]), entry["lineage"].get("rule_files", {})
        for other, texts, names, group in found:
            fits = all(texts.get(name, digest) == digest for name, digest in files.items())
            if other == told and fits and names.get(entry["name"], entry["root"]) == entry["root"]:
                texts |= files
                names[entry["name"]] = entry["root"]
                group.append(entry)
                break
        else:
            found.append((told, dict(files), {entry["name"]: entry["root"]}, [entry]))
    return [group for *_, group in found]


def _night(book: Book, org: str, entries: Sequence[dict[str, Any]]) -> Night:
    lineage = entries[0]["lineage"]
    hashes: dict[str, str] = {}
    for entry in entries:
        hashes |= entry["lineage"].get("rule_files", {})
    texts = {name: book.read_input(digest).decode("utf-8") for name, digest in hashes.items()}
    settings = Settings(
        models={name: (digest, book.read_input(digest)) for name, digest in lineage.get("models", {}).items()},
        inputs={name: (digest, book.read_input(digest)) for name, digest in lineage.get("inputs", {}).items()},
        adoption=book.read_input(lineage["adoption"]) if "adoption" in lineage else None,
        library=current_library().with_texts(texts),
    )
    snapshot = open_snapshot(book, date.fromisoformat(lineage["as_of"]), org, lineage["batches"][org]["sequence"])
    return run_night(snapshot, settings, only=sorted({str(entry["name"]) for entry in entries}))


def _compare(book: Book, org: str, entries: Sequence[dict[str, Any]], found: Again) -> None:
    # All at once first; what does not give its bytes so is replayed alone, exactly as `panhuo replay` does.
    for group in _groups(entries):
        try:
            outcomes = _night(book, org, group).outcomes
        except PanhuoError:
            outcomes = {}
        for entry in group:
            name = str(entry["name"])
            if name in outcomes and outcomes[name].root.hex() == entry["root"]:
                found.same += 1
            else:
                _alone(book, entry, f"{org}: {name} of {entry['lineage']['as_of']}", found)


def _alone(book: Book, entry: dict[str, Any], called: str, found: Again) -> None:
    try:
        again = replay(book, entry)
    except PanhuoError as error:
        found.different.append(f"{called}: {error}")
        return
    if not again.same:
        found.different.append(f"{called}: {again.note}")
        return
    found.same += 1
    if again.how != "same":
        found.erased.append(f"{called}: {again.how}")


def _put_back(
    book: Book, org: str, known: dict[str, tuple[str, int]], entries: Sequence[dict[str, Any]], out: Path
) -> bool:
    groups = _groups([entries[position] for _, position in known.values()])
    if len(groups) != 1:
        return False
    night = _night(book, org, groups[0])
    if {name: outcome.root.hex() for name, outcome in night.outcomes.items()} != {n: r for n, (r, _) in known.items()}:
        return False
    lines = _KnownLog(Log(book, org), {name: position for name, (_, position) in known.items()})
    whole = len(known) == len(steps())
    seal_night(book, org, night, Settings(), out, extras=write_report if whole else None, log=lines)
    return True


def _missing_results(layout: Layout, schema: str, book: Book, org: str, entries: Any, found: Again) -> set[int]:
    # Puts missing results back; returns the places in the log that were so proved to give their bytes.
    proved: set[int] = set()
    for run, known in runs_to_prove(layout, schema, org).items():
        out = results_folder(layout, org, run)
        if (out / "run.json").exists():
            continue
        try:
            back = _put_back(book, org, known, entries, out)
        except PanhuoError:
            back = False
        if back:
            found.put_back.append(f"{org}: {run}")
            proved |= {position for _, position in known.values()}
        else:
            found.different.append(f"{org}: the results of {run} cannot be computed again as they were")
    return proved


def compute_again(layout: Layout, only: str | None = None, *, progress: Progress | None = None) -> Again:
    """Computes everything that every organisation's log records, and puts missing results of runs back.

    Args:
        only: this organisation alone.
        progress: called with (organisation, entries found the same so far).
    """
    found = Again()
    for schema, org in sealed_organisations(layout):
        if only not in (None, org):
            continue
        try:
            book = cached_book_for_proof(layout, schema, org)
        except PanhuoError as error:
            found.different.append(f"{org}: {error}")
            continue
        entries = [canonical_json.parse(line) for line in Log(book, org).entries()]
        for entry in entries:
            if entry["kind"] == "batch":
                _alone(book, entry, f"{org}: batch {entry['sequence']}", found)
        proved = _missing_results(layout, schema, book, org, entries, found)
        found.same += len(proved)
        left = [e for place, e in enumerate(entries) if e["kind"] == "outcome" and place not in proved]
        _compare(book, org, left, found)
        if progress is not None:
            progress(org, found.same)
    return found
