"""Backups: what was acknowledged, in one file; the keys that open personal values, in another.

Invariant: the data's file holds no key and no password, and the keys' file holds no key of anybody who was forgotten:
after forgetting, no pair of files made later brings the person back. A file is there whole, with its hashes, or not.
Files handed in that are not yet sealed are in it, enciphered; what opens them is in the keys' file.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from panhuo import __version__
from panhuo.ground.book.folder import flush_folder, write_whole
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound, Unavailable
from panhuo_server.store import party_keys, uploads
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import SCHEMAS, Address, address_of, programs, start_bare

FORMAT = 1
DUMP, MANIFEST, SERVER, UPLOADS = "database.dump", "manifest.json", "server.json", "uploads"
LAST = "last-backup.json"


@dataclass(frozen=True)
class Backup:
    """What a backup file says it holds."""

    made_at: str
    server: str
    organisations: dict[str, dict[str, Any]]
    hashes: dict[str, str]


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


@contextmanager
def _one_moment(layout: Layout, address: Address, into: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    # A moment of the database that a dump can be taken of while the block lasts, and, put under `into`, every file
    # handed in that the database waits for at that moment: nothing is removed between the two looks.
    given = address.parameters(address.admin, address.admin_password)
    with psycopg.connect(**given) as c:
        c.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with uploads.steady(layout):
            row = c.execute("select pg_export_snapshot()").fetchone()
            keys = uploads.held(layout, into)
        assert row is not None
        yield str(row[0]), keys


def _run(program: str, address: Address, *arguments: str) -> None:
    given = address.parameters(address.admin, address.admin_password)
    done = subprocess.run(
        [str(programs() / program), "-h", given["host"], "-p", str(given["port"]), "-U", given["user"],
         "--no-password", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PGPASSWORD": given["password"]},
    )  # fmt: skip
    if done.returncode:
        raise Unavailable(f"{program} failed: {done.stderr.strip()[-800:]}", remedy="free disk space, or see its words")


def _states(address: Address) -> dict[str, dict[str, Any]]:
    """Organisation -> schema, last batch and log head, as of now: what a restore must bring back at least."""
    found: dict[str, dict[str, Any]] = {}
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        for schema in ("panhuo", "judicial"):
            rows = c.execute(
                f"select distinct on (org_id) org_id, sequence, root from {schema}.batches"
                " order by org_id, sequence desc"
            ).fetchall()
            heads = dict(
                c.execute(
                    f"select distinct on (org_id) org_id, record from {schema}.log_heads order by org_id, size desc"
                ).fetchall()
            )
            for org, sequence, root in rows:
                found[org] = {"schema": schema, "sequence": sequence, "root": root, "head": heads.get(org)}
    return found


def back_up(layout: Layout, out: Path, keys_out: Path | None = None) -> Backup:
    """Writes the data's backup to `out`, and the living keys to `keys_out` (default: beside it, ``.keys``).

    The server may go on working: the dump is one consistent snapshot. The keys' file takes the place of an earlier one.

    Raises:
        Conflict: when `out` exists.
        Unavailable: when the database does not answer or the disk is full.
    """
    if out.exists():
        raise Conflict(f"{out} exists already", where=str(out), remedy="name a new file")
    out.parent.mkdir(parents=True, exist_ok=True)
    address = address_of(layout)
    gone = set(party_keys.forgotten(layout))
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as held:
        folder = Path(held)
        states = _states(address)  # before the dump: the dump holds these batches and perhaps later ones
        with _one_moment(layout, address, folder / UPLOADS) as (moment, upload_keys):
            _run(
                "pg_dump", address, "--format=custom", "--dbname", address.database, "--file", str(folder / DUMP),
                f"--snapshot={moment}", *(f"--schema={name}" for name in SCHEMAS),
            )  # fmt: skip
        (folder / SERVER).write_bytes(layout.description_path.read_bytes())
        parts = [DUMP, SERVER, *sorted(p.relative_to(folder).as_posix() for p in folder.glob(f"{UPLOADS}/*/*"))]
        hashes = {name: _sha256(folder / name) for name in parts}
        made = Backup(
            datetime.now(UTC).isoformat(timespec="seconds"), layout.description["id"], states, hashes
        )  # fmt: skip
        described = {"format": FORMAT, "version": __version__, **made.__dict__}
        (folder / MANIFEST).write_text(json.dumps(described, indent=1, ensure_ascii=False), encoding="utf-8")
        partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
        with partial.open("wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name in (MANIFEST, *reversed(parts)):
                    tar.add(folder / name, name)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o600)
        partial.rename(out)
        flush_folder(out.parent)
    # Whoever was forgotten meanwhile took the organisation's files with him: nothing brings them back.
    since = {quote(org, safe="") for org, _ in set(party_keys.forgotten(layout)) - gone}
    upload_keys = {name: key for name, key in upload_keys.items() if name.split("/")[1] not in since}
    write_whole(keys_out or Path(f"{out}.keys"), party_keys.living(layout, upload_keys), private=True)
    note_backup(layout, made)
    return made


def note_backup(layout: Layout, made: Backup) -> None:
    """Notes when the last backup was made, for whoever watches the server."""
    said = {"made_at": made.made_at}
    write_whole(layout.folder / LAST, json.dumps(said).encode() + b"\n")


def last_backup(layout: Layout) -> datetime | None:
    """When the last backup of this server was made; None when none ever was."""
    try:
        return datetime.fromisoformat(json.loads((layout.folder / LAST).read_text(encoding="utf-8"))["made_at"])
    except FileNotFoundError:
        return None


@contextmanager
def opened(file: Path) -> Iterator[tuple[Path, Backup]]:
    """The backup's parts in a folder of their own, checked against its manifest.

    Raises:
        NotFound: when there is no such file.
        InvalidInput: when it is no backup, or its bytes were changed.
    """
    if not file.exists():
        raise NotFound(f"no backup {file}", where=str(file))
    with tempfile.TemporaryDirectory(prefix="panhuo-restore-") as held:
        folder = Path(held)
        try:
            with tarfile.open(file) as tar:
                tar.extractall(folder, filter="data")
            described = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError) as error:
            raise InvalidInput(f"{file} is no backup: {error}", where=str(file), remedy="name another file") from error
        for name, digest in described["hashes"].items():
            if not (folder / name).exists() or _sha256(folder / name) != digest:
                raise InvalidInput(
                    f"{name} in {file} is not what was backed up", where=str(file), remedy="use another backup"
                )
        names = ("made_at", "server", "organisations", "hashes")
        yield folder, Backup(**{name: described[name] for name in names})


def restore(layout: Layout, file: Path, keys: Path | None = None) -> Backup:
    """Makes a server's data folder from a backup and its keys' file; the embedded database stays up afterwards.

    Forgotten people stay forgotten: the keys' file holds none of theirs, and `migrating.ready` does the erasures in the
    data again before anybody is served.

    Raises:
        Conflict: when the folder already holds a server.
        NotFound, InvalidInput: when a file is missing or was changed.
    """
    if layout.folder.exists() and any(layout.folder.iterdir()):
        raise Conflict(
            f"{layout.folder} already holds something", where=str(layout.folder), remedy="restore into a new folder"
        )
    found_keys = keys or Path(f"{file}.keys")
    if not found_keys.exists():
        raise NotFound(
            f"no keys' file {found_keys}",
            where=str(found_keys),
            remedy="name it with --keys; without it personal values stay closed and nothing new can be signed",
        )
    with opened(file) as (folder, backup):
        Layout.create(layout.folder)
        write_whole(layout.description_path, (folder / SERVER).read_bytes())
        address = start_bare(layout)
        _run(
            "pg_restore", address, "--exit-on-error", "--single-transaction", "--dbname", address.database,
            str(folder / DUMP),
        )  # fmt: skip
        party_keys.take_back(layout, found_keys.read_bytes())
        uploads.take_back(layout, folder / UPLOADS)
    return backup


def check(layout: Layout, backup: Backup) -> tuple[int, list[str]]:
    """Proves a restored database against its backup: (batches whose roots were computed again, what is wrong)."""
    from panhuo_server.store.proving import prove

    return prove(address_of(layout), at_least=backup.organisations)
