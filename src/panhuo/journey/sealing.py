"""What a run says, sealed: log entries, receipts, and a result folder that is there whole or not at all.

Invariant: a run appends to the organisation's log and changes nothing else in the book, so it never moves a snapshot.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from panhuo.ground.book.batch import recomputed_root
from panhuo.ground.book.folder import Book, flush_folder
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import Conflict, Defect, InvalidInput, NotFound
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.library import RuleLibrary, current_library
from panhuo.journey.erased import batch_under, row_under
from panhuo.journey.lock_file import lock_hash
from panhuo.journey.night import Night, Settings, open_snapshot, run_night
from panhuo.trust.evidence.log import Log
from panhuo.trust.evidence.receipts import issue


class NightLog(Protocol):
    """Where a night's entries go: a book's own log, or a server's."""

    def append(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        """Adds entries, signs the head over them, returns their places."""
        ...

    def receipt(self, index: int) -> bytes:
        """The receipt of the entry at a place."""
        ...


@dataclass(frozen=True)
class BookLog:
    """The log that travels with a book."""

    log: Log

    def append(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        """See `NightLog`."""
        return self.log.append(entries)

    def receipt(self, index: int) -> bytes:
        """See `NightLog`."""
        return issue(self.log, index)


def seal_night(
    book: Book,
    org: str,
    night: Night,
    settings: Settings,
    out: Path,
    *,
    extras: Callable[[Path, Night, dict[str, Any]], dict[str, str]] | None = None,
    log: NightLog | None = None,
) -> dict[str, Any]:
    """Logs every outcome, writes tables, receipts and whatever `extras` adds, and returns the run's description.

    Args:
        extras: called with (folder being written, night, description); returns names of further files by title.
        log: where the entries go; the book's own log by default.

    Raises:
        Conflict: when `out` holds something that is not an earlier run's result.
    """
    if out.exists() and any(out.iterdir()) and not (out / "run.json").exists():
        raise Conflict(f"{out} holds something else", where=str(out), remedy="name a new or empty folder")
    for digest, data in settings.models.values():
        if book.keep_input(data) != digest:
            raise InvalidInput("a model's bytes do not give its hash", where=digest)
    if settings.adoption is not None:
        book.keep_input(settings.adoption)
    for text in night.texts.values():
        book.keep_input(text.encode("utf-8"))
    for name, outcome in night.outcomes.items():
        for file, digest in outcome.lineage.get("rule_files", {}).items():
            if not book.has_input(digest):
                raise Defect(f"{name} was judged by a text of {file} that nobody kept", where=digest)
        book.keep_input(canonical_json.serialise(outcome.words.as_json()))
    kept = log or BookLog(Log(book, org))
    names = list(night.outcomes)
    indices = kept.append([night.outcomes[name].entry(org) for name in names])
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "receipts").mkdir(parents=True)
    described: dict[str, Any] = {
        "book": str(book.folder.resolve()),
        "org": org,
        "as_of": night.snapshot.as_of.isoformat(),
        "tables": {},
        "entries": {},
    }
    for name, index in zip(names, indices, strict=True):
        night.outcomes[name].write(partial)
        (partial / "receipts" / f"{name}.json").write_bytes(kept.receipt(index))
        described["tables"][name] = len(night.outcomes[name])
        described["entries"][name] = index
    described["files"] = extras(partial, night, described) if extras is not None else {}
    (partial / "run.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _swap(partial, out)
    return described


def _swap(partial: Path, out: Path) -> None:
    # The old result stays until the new one is whole; a kill in between leaves one of the two.
    out.parent.mkdir(parents=True, exist_ok=True)
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    if out.exists():
        shutil.rmtree(old, ignore_errors=True)  # of an earlier process that had this number
        out.rename(old)
    partial.rename(out)
    flush_folder(out.parent)
    shutil.rmtree(old, ignore_errors=True)
    # Only now, with a whole result in place, is what killed runs left of earlier ones of no use to anybody.
    for folder in _left_by_the_dead(out):
        shutil.rmtree(folder, ignore_errors=True)


def _left_by_the_dead(out: Path) -> list[Path]:
    """Folders beside `out` that runs into it wrote (``.NAME.PID.partial``, ``.NAME.PID.old``) and no longer can use."""
    named = re.compile(rf"\.{re.escape(out.name)}\.([1-9]\d*)\.(partial|old)")
    found = ((named.fullmatch(path.name), path) for path in sorted(out.parent.iterdir()))
    return [path for name, path in found if name and path.is_dir() and not _runs(int(name[1]))]


def _runs(process: int) -> bool:
    # A process of somebody else counts as running; so does a stranger that was given a dead run's number.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def run_description(folder: Path) -> dict[str, Any]:
    """The description of the run whose result lies in `folder`.

    Raises:
        NotFound: when it is not a run's result.
    """
    path = folder / "run.json"
    if not path.exists():
        raise NotFound(f"{folder} is not the result of a run", remedy="give the --out folder of `panhuo run`")
    described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return described


def row_receipt(folder: Path, outcome: Outcome, key: Sequence[Any], book: Book | None = None) -> bytes:
    """The receipt of one row of a run's outcome."""
    described = run_description(folder)
    home = book or Book(Path(described["book"]))
    return issue(Log(home, described["org"]), described["entries"][outcome.name], outcome, key)


@dataclass(frozen=True)
class Replay:
    """How a replay ended: `how` is ``same``, ``different`` or ``erased under RULE``; `note` says more.

    What a person was forgotten of cannot make the difference: personal columns are closed to every stage, and facts
    hold commitments. ``erased under RULE`` says that the bytes are the same and that the receipt speaks of somebody
    whose personal values nobody can open any more.
    """

    how: str
    note: str
    root: str = ""

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.how != "different"

    def of_erased(self, rule: str | None) -> Replay:
        """This, told for a receipt that speaks of somebody forgotten under `rule`."""
        if rule is None or not self.same:
            return self
        return Replay(f"erased under {rule}", f"{self.note}; the person's key was destroyed", self.root)


def _library(book: Book, entry: dict[str, Any]) -> RuleLibrary:
    """The library in use with the texts, from the book's inputs, that an outcome and those it rests on were made by."""
    logged = (canonical_json.parse(line) for line in Log(book, entry["org"]).entries())
    outcomes = {(e["name"], e["root"]): e for e in logged if e["kind"] == "outcome"}
    hashes: dict[str, str] = {}
    behind, seen = [entry], set()
    while behind:
        lineage = behind.pop()["lineage"]
        hashes |= lineage.get("rule_files", {})
        for place in lineage.get("earlier", {}).items():
            if place in outcomes and place not in seen:
                seen.add(place)
                behind.append(outcomes[place])
    texts = {name: book.read_input(digest).decode("utf-8") for name, digest in hashes.items()}
    return current_library().with_texts(texts)


def replay(book: Book, entry: dict[str, Any], row: bytes | None = None) -> Replay:
    """Computes a logged outcome again from the book and compares roots.

    Args:
        row: the leaf bytes of a row receipt: whether it speaks of somebody forgotten is told from them.

    Raises:
        InvalidInput: when the entry is not an outcome, or the book's facts are not those it names.
        NotFound: when the book lacks the batch or an input the entry names.
    """
    if entry.get("kind") == "batch":
        held = [batch for batch in book.batches(entry["org"]) if batch.sequence == entry["sequence"]]
        if not held:
            raise NotFound(
                f"the book holds no batch {entry['sequence']} of {entry['org']}",
                where=str(book.folder),
                remedy="give the book the receipt was made from",
            )
        root = recomputed_root(held[0])
        found = Replay("same" if root == entry["root"] else "different", "the batch's rows were hashed again", root)
        return found.of_erased(batch_under(book, held[0]))
    if entry.get("kind") != "outcome":
        raise InvalidInput("only outcomes and batches replay", remedy="give a row, outcome or batch receipt")
    lineage, org = entry["lineage"], entry["org"]
    sequence = lineage["batches"][org]["sequence"]
    have = {b.sequence: b.root for b in book.batches(org, sequence)}
    if [have.get(i + 1) for i in range(len(lineage["batches"][org]["roots"]))] != lineage["batches"][org]["roots"]:
        raise InvalidInput(
            "the book's batches are not those the receipt names", remedy="give the book it was made from"
        )
    models = {}
    for name, digest in lineage.get("models", {}).items():
        models[name] = (digest, book.read_input(digest))
    settings = Settings(
        models=models,
        inputs={name: (digest, book.read_input(digest)) for name, digest in lineage.get("inputs", {}).items()},
        adoption=book.read_input(lineage["adoption"]) if "adoption" in lineage else None,
        library=_library(book, entry),
    )
    snapshot = open_snapshot(book, date.fromisoformat(lineage["as_of"]), org, sequence)
    night = run_night(snapshot, settings, only=[entry["name"]])
    again = night.outcomes[entry["name"]].entry(org)
    root = str(again["root"])
    erased = row_under(book, org, row) if row is not None else None
    if canonical_json.serialise(again) == canonical_json.serialise(entry):
        return Replay("same", "rows, reasons and lineage gave the same bytes", root).of_erased(erased)
    if root == entry["root"]:
        note = "rows and reasons gave the same bytes; the program or its libraries differ"
        return Replay("same", note, root).of_erased(erased)
    why = "the program or its libraries differ from those that made it"
    if lineage["lock"] == lock_hash() and lineage["version"] == again["lineage"]["version"]:
        why = "under the same program and libraries: the rules or the facts behind it were changed"
    return Replay("different", why, root)
