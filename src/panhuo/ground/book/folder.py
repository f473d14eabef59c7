"""A book: a folder of sealed batches, the inputs replay needs, a log and public keys.

Invariant: what is in the folder is either sealed (a numbered batch with its manifest) or does not count; a write that
is cut short leaves only a ``.partial`` name behind, which no reader looks at.

    book.json          who and when: id, organisations, last observation date
    batches/ORG/000001 batch.json and one Parquet file a table
    inputs/SHA256      rule sets, models, phrase books, adoption files, by hash
    log/, keys/        the organisation's log and its public signing keys (written by trust.evidence)
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound

FORMAT = 1


def home_folder() -> Path:
    """Private state outside any book (party keys, signing keys): ``PANHUO_HOME``, else ``~/.panhuo``."""
    return Path(os.environ.get("PANHUO_HOME") or Path.home() / ".panhuo")


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes `data` so that a reader sees the old file or the new one, never a part; on disk before it returns.

    Args:
        private: only the user may ever read it, not even while it is written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two threads of one process may write the same file at once: each its own part.
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_native_id()}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Puts a folder's own entries (renames in it) on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class Batch:
    """A sealed batch, as its manifest states it."""

    org: str
    sequence: int
    root: str
    tables: dict[str, dict[str, Any]]
    folder: Path

    @property
    def rows(self) -> dict[str, int]:
        """table -> number of facts."""
        return {name: entry["rows"] for name, entry in sorted(self.tables.items())}

    def entry(self) -> dict[str, Any]:
        """The batch's log entry (docs/format.md)."""
        return {"kind": "batch", "org": self.org, "sequence": self.sequence, "root": self.root, "rows": self.rows}


class Book:
    """A book's folder, opened. Reading needs no lock; sealing takes the organisation's."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        path = self.folder / "book.json"
        if not path.exists():
            raise NotFound(
                f"{folder} is not a book",
                where=str(folder),
                remedy="make one with `panhuo sample` or `panhuo import`",
                code="not-found/book",
            )
        try:
            self.description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise InvalidInput(f"book.json cannot be read: {error}", where=str(path)) from error
        if self.description.get("format") != FORMAT:
            raise InvalidInput(
                f"the book has format {self.description.get('format')}, this program reads {FORMAT}", where=str(path)
            )

    @classmethod
    def create(cls, folder: Path, *, made_by: str, details: dict[str, Any] | None = None) -> Book:
        """Makes an empty book.

        Raises:
            Conflict: when the folder already holds something.
        """
        folder = Path(folder)
        if folder.exists() and any(folder.iterdir()):
            raise Conflict(
                f"{folder} already holds something",
                where=str(folder),
                remedy="name a new folder, or remove this one",
                code="conflict/folder-not-empty",
            )
        description = {
            "format": FORMAT,
            "id": secrets.token_hex(8),
            "made_by": made_by,
            "as_of": None,
            **(details or {}),
        }
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "book.json", json.dumps(description, ensure_ascii=False, indent=1).encode() + b"\n")
        return cls(folder)

    @property
    def id(self) -> str:
        """The book's own identity; names its keys."""
        return str(self.description["id"])

    @property
    def as_of(self) -> date:
        """The last observation date the book records.

        Raises:
            NotFound: when nothing was sealed yet.
        """
        # A batch states its own day: a kill between sealing and writing book.json must not hide what was sealed.
        manifests = (
            json.loads(p.read_text(encoding="utf-8")) for p in (self.folder / "batches").glob("*/[0-9]*/batch.json")
        )
        stated = [self.description.get("as_of"), *(m.get("observed_until") for m in manifests)]
        days = [day for day in stated if day]
        if not days:
            raise NotFound("the book holds no facts yet", where=str(self.folder), remedy="import or sample first")
        return date.fromisoformat(max(days))

    def set_as_of(self, day: date) -> None:
        """Records a later last observation date; an earlier one changes nothing."""
        if not self.description.get("as_of") or day > date.fromisoformat(self.description["as_of"]):
            self.description["as_of"] = day.isoformat()
            text = json.dumps(self.description, ensure_ascii=False, indent=1)
            write_whole(self.folder / "book.json", text.encode() + b"\n")

    @property
    def organisations(self) -> list[str]:
        """Organisations with at least one sealed batch."""
        found = set()
        for manifest in (self.folder / "batches").glob("*/[0-9]*/batch.json"):
            found.add(json.loads(manifest.read_text(encoding="utf-8"))["org"])
        return sorted(found)

    def organisation_folder(self, org: str) -> Path:
        """Where an organisation's batches lie."""
        return self.folder / "batches" / quote(org, safe="")

    def batches(self, org: str | None = None, until: int | None = None) -> list[Batch]:
        """Sealed batches in sequence order, of one organisation or all, up to a sequence.

        Raises:
            InvalidInput: when the sequence has a gap, so that something sealed was lost.
        """
        found = []
        orgs = [org] if org is not None else self.organisations
        for name in orgs:
            folder = self.organisation_folder(name)
            numbers = sorted(int(p.name) for p in folder.glob("[0-9]*") if (p / "batch.json").exists())
            if numbers != list(range(1, len(numbers) + 1)):
                raise InvalidInput(
                    f"batches of {name} have a gap: {numbers}", where=str(folder), remedy="restore the missing batch"
                )
            for number in numbers:
                if until is not None and number > until:
                    break
                place = folder / f"{number:06d}"
                manifest = json.loads((place / "batch.json").read_text(encoding="utf-8"))
                found.append(Batch(name, number, manifest["root"], manifest["tables"], place))
        return found

    def last_sequence(self, org: str) -> int:
        """The last sealed sequence of an organisation; 0 when it has none."""
        batches = self.batches(org)
        return batches[-1].sequence if batches else 0

    @contextmanager
    def locked(self, org: str) -> Iterator[None]:
        """Holds the organisation's lock: sealing and logging happen one at a time."""
        path = self.folder / "locks" / quote(org, safe="")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def keep_input(self, data: bytes) -> str:
        """Keeps an input by its SHA-256 and returns the hash (hex)."""
        name = hashlib.sha256(data).hexdigest()
        path = self.folder / "inputs" / name
        if not path.exists():
            write_whole(path, data)
        return name

    def has_input(self, name: str) -> bool:
        """Whether an input is kept under a hash."""
        return (self.folder / "inputs" / name).is_file()

    def read_input(self, name: str) -> bytes:
        """An input by its hash, checked.

        Raises:
            NotFound: when the book does not hold it.
            InvalidInput: when its bytes were changed.
        """
        path = self.folder / "inputs" / name
        if not path.exists():
            raise NotFound(f"the book holds no input {name}", where=str(path.parent))
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != name:
            raise InvalidInput("an input's bytes no longer give its name", where=str(path), remedy="restore the file")
        return data
