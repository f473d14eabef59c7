"""Where a server keeps what: one folder, whose parts are backed up, thrown away or guarded differently.

Invariant: secrets (role passwords, signing keys, party keys) lie under ``secrets/`` alone, which only the user who
runs the server may read, and which no backup of data holds.

    server.json        the server's own identity
    postgres/          the embedded cluster; absent when DATABASE_URL names another
    secrets/           passwords, Django's key, signing keys, party keys
    books/ORG/         each organisation's own sealed batches as a book folder: a cache, made again from the database
    results/ORG/       what runs said: recomputable
    backups/           what `panhuo backup` writes unless told another place
"""

from __future__ import annotations

import json
import os
import secrets as chance
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from panhuo.ground.book.folder import write_whole
from panhuo.ground.record.errors import NotFound

FORMAT = 1
FOLDER_VARIABLE = "PANHUO_DATA"
"""Environment variable that names the data folder."""


@dataclass(frozen=True)
class Layout:
    """The parts of one server's data folder."""

    folder: Path

    @classmethod
    def current(cls) -> Layout:
        """The folder ``PANHUO_DATA`` names, else ``panhuo-data`` where the program was started."""
        return cls(Path(os.environ.get(FOLDER_VARIABLE) or "panhuo-data").resolve())

    @classmethod
    def create(cls, folder: Path) -> Layout:
        """The folder, made with its parts when it is new."""
        made = cls(Path(folder).resolve())
        made.folder.mkdir(parents=True, exist_ok=True)
        made.secrets.mkdir(mode=0o700, exist_ok=True)
        for part in (made.books, made.results, made.backups):
            part.mkdir(exist_ok=True)
        if not made.description_path.exists():
            described = {"format": FORMAT, "id": chance.token_hex(8)}
            write_whole(made.description_path, json.dumps(described, indent=1).encode() + b"\n")
        return made

    @property
    def description_path(self) -> Path:
        """``server.json``."""
        return self.folder / "server.json"

    @property
    def description(self) -> dict[str, Any]:
        """What ``server.json`` says.

        Raises:
            NotFound: when the folder is no server's.
        """
        if not self.description_path.exists():
            raise NotFound(
                f"{self.folder} is not a server's data folder",
                where=str(self.folder),
                remedy="start one with `panhuo serve --data DIR`",
            )
        found: dict[str, Any] = json.loads(self.description_path.read_text(encoding="utf-8"))
        return found

    @property
    def postgres(self) -> Path:
        """The embedded cluster."""
        return self.folder / "postgres"

    @property
    def secrets(self) -> Path:
        """Passwords and keys."""
        return self.folder / "secrets"

    @property
    def books(self) -> Path:
        """Cached books, one folder an organisation."""
        return self.folder / "books"

    @property
    def results(self) -> Path:
        """Results of runs, one folder an organisation."""
        return self.folder / "results"

    @property
    def backups(self) -> Path:
        """Default place of backups."""
        return self.folder / "backups"

    def book(self, org: str) -> Path:
        """The cached book of an organisation."""
        return self.books / quote(org, safe="")

    def secret(self, name: str, make: Any = None) -> dict[str, Any]:
        """A secret file's content; made by `make()` on first use.

        Raises:
            NotFound: when it does not exist and nothing makes it.
        """
        path = self.secrets / f"{name}.json"
        if not path.exists():
            if make is None:
                raise NotFound(f"no secret {name}", where=str(path), remedy="restore the secrets folder")
            self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, json.dumps(make(), indent=1).encode() + b"\n", private=True)
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
