"""Keys of parties on a server: outside the database and its backups, wrapped, and gone for good when destroyed.

Invariant: the file holds a key only wrapped under the master key, and nothing of a key that was destroyed; its backup
holds living keys alone. Whoever makes keys holds the organisation's lock in the database until `save`.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panhuo.ground.book.folder import write_whole
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.store.layout import Layout

FILE = "party-keys.sqlite3"
MASTER = "master-key"
SEARCH_KEYS = "search-keys"
UPLOAD_KEYS = "uploads"
_FOLDERS = ("signing-keys", SEARCH_KEYS)
"""Folders of secrets that the keys' backup holds file by file."""
_SECRETS = ("django.json", "measures.json", "uploads.json", "webhooks.json")
"""Secrets without which a restored server would go on as another: sign-ins, labels of measures, names of files handed
in, signatures of webhooks. Passwords of the database are not among them: a restore makes new ones."""
FORMAT = 1
_TABLE = (
    "create table if not exists party_keys (org text not null, party text not null, master text,"
    " wrapped blob, primary key (org, party)) without rowid"
)

_ERASURES = (
    "create table if not exists erasures (org text not null, party text not null, said text not null,"
    " primary key (org, party)) without rowid"
)


def master_keys(layout: Layout) -> dict[str, Any]:
    """``{"current": id, "keys": {id: hex}}``; made on first use."""

    def first() -> dict[str, Any]:
        name = secrets.token_hex(4)
        return {"current": name, "keys": {name: secrets.token_hex(32)}}

    return layout.secret(MASTER, first)


@contextmanager
def _file(layout: Layout) -> Iterator[sqlite3.Connection]:
    layout.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = layout.secrets / FILE
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=30)
    try:
        # What is overwritten or deleted is zeroed, in the file and in its journal, which goes with the transaction.
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma journal_mode = delete")
        connection.execute("pragma synchronous = extra")
        connection.execute(_TABLE)
        connection.execute(_ERASURES)
        with connection:
            yield connection
    finally:
        connection.close()


def _place(org: str, party: str) -> bytes:
    return f"{org}\x1f{party}".encode()


class StoredPartyKeys:
    """The keys of one organisation's parties; the same face as the library's `PartyKeys`."""

    def __init__(self, layout: Layout, org: str) -> None:
        self._layout, self._org = layout, org
        self._masters = master_keys(layout)
        self._seen: dict[str, bytes | None] = {}
        self._made: dict[str, bytes] = {}

    def _wrap(self, party: str, key: bytes) -> tuple[str, bytes]:
        name = self._masters["current"]
        nonce = secrets.token_bytes(12)
        master = AESGCM(bytes.fromhex(self._masters["keys"][name]))
        return name, nonce + master.encrypt(nonce, key, _place(self._org, party))

    def _unwrap(self, party: str, name: str, wrapped: bytes) -> bytes:
        try:
            master = AESGCM(bytes.fromhex(self._masters["keys"][name]))
            return master.decrypt(wrapped[:12], wrapped[12:], _place(self._org, party))
        except (InvalidTag, KeyError) as error:
            raise InvalidInput(
                "a party's key does not open under the master key",
                where=str(self._layout.secrets / FILE),
                remedy="restore the secrets folder, or the keys' backup, that belongs to this server",
            ) from error

    def load(self, parties: set[str]) -> None:
        """Reads the keys of many parties at once."""
        wanted = sorted(p for p in parties if p not in self._seen and p not in self._made)
        with _file(self._layout) as file:
            for at in range(0, len(wanted), 500):
                some = wanted[at : at + 500]
                marks = ",".join("?" * len(some))
                found = file.execute(
                    f"select party, master, wrapped from party_keys where org = ? and party in ({marks})",
                    [self._org, *some],
                )
                for party, name, wrapped in found:
                    self._seen[party] = None if wrapped is None else self._unwrap(party, name, wrapped)

    def _own(self, org: str) -> None:
        if org != self._org:
            raise InvalidInput("the keys of another organisation were asked for", where=org)

    def get(self, org: str, party: str) -> bytes | None:
        """The party's key; None when it was destroyed or never existed."""
        self._own(org)
        if party in self._made:
            return self._made[party]
        if party not in self._seen:
            self.load({party})
        return self._seen.get(party)

    def make(self, org: str, party: str) -> bytes:
        """The party's key, made when there is none.

        Raises:
            NotFound: when the key was destroyed: the party was forgotten, nothing more may be kept of it.
        """
        key = self.get(org, party)
        if key is not None:
            return key
        if party in self._seen:
            raise NotFound(f"party {party} was forgotten; no personal data of it may be added", where=party)
        self._made[party] = made = secrets.token_bytes(32)
        return made

    def destroy(self, org: str, party: str, said: str | None = None) -> None:
        """Destroys the party's key at once and for good.

        Args:
            said: the erasure's own record (ground, rule, day; no personal data), for a restore of older data.
        """
        self._own(org)
        self._made.pop(party, None)
        self._seen[party] = None
        with _file(self._layout) as file:
            file.execute(
                "insert into party_keys (org, party) values (?, ?) on conflict (org, party)"
                " do update set master = null, wrapped = null",
                [self._org, party],
            )
            if said is not None:
                file.execute("insert or ignore into erasures (org, party, said) values (?, ?, ?)", [org, party, said])

    def save(self) -> None:
        """Keeps what was made since; on disk before it returns."""
        if not self._made:
            return
        rows = [(self._org, party, *self._wrap(party, key)) for party, key in self._made.items()]
        with _file(self._layout) as file:
            file.executemany("insert into party_keys (org, party, master, wrapped) values (?, ?, ?, ?)", rows)
        self._seen |= self._made
        self._made = {}

    def take(self, keys: dict[str, bytes | None]) -> None:
        """Takes over the keys of a book that comes in; None marks a party that was forgotten there."""
        rows = [(self._org, p, *(self._wrap(p, k) if k is not None else (None, None))) for p, k in keys.items()]
        with _file(self._layout) as file:
            file.executemany(
                "insert into party_keys (org, party, master, wrapped) values (?, ?, ?, ?)"
                " on conflict (org, party) do nothing",
                rows,
            )
        for party in keys:
            self._seen.pop(party, None)


def rotate_master(layout: Layout) -> int:
    """Wraps every living key under a new master key and destroys the old one; returns how many were wrapped.

    Safe to be cut short: until the last step both masters are kept, and every key names the one it is wrapped under.
    """
    masters = master_keys(layout)
    name = secrets.token_hex(4)
    both: dict[str, Any] = {"current": name, "keys": {**masters["keys"], name: secrets.token_hex(32)}}
    path = layout.secrets / f"{MASTER}.json"
    write_whole(path, json.dumps(both, indent=1).encode() + b"\n", private=True)
    with _file(layout) as file:
        rows = file.execute("select org, party, master, wrapped from party_keys where wrapped is not null").fetchall()
        new = []
        for org, party, old, wrapped in rows:
            keys = StoredPartyKeys(layout, org)
            new.append((*keys._wrap(party, keys._unwrap(party, old, wrapped)), org, party))
        file.executemany("update party_keys set master = ?, wrapped = ? where org = ? and party = ?", new)
    write_whole(path, json.dumps({**both, "keys": {name: both["keys"][name]}}, indent=1).encode() + b"\n", private=True)
    return len(new)


def forgotten(layout: Layout) -> list[tuple[str, str]]:
    """(organisation, party) of every destroyed key."""
    with _file(layout) as file:
        return list(file.execute("select org, party from party_keys where wrapped is null order by org, party"))


def erasures(layout: Layout) -> list[tuple[str, str, str]]:
    """(organisation, party, record) of every erasure that was done on this server or brought by a keys' backup."""
    with _file(layout) as file:
        return list(file.execute("select org, party, said from erasures order by org, party"))


def living(layout: Layout, uploads: Mapping[str, bytes] | None = None) -> bytes:
    """The keys' own backup: everything secret that a restore needs, destroyed keys left out by name and value.

    Args:
        uploads: place under ``secrets/`` -> key, of the files handed in that the data's backup holds.
    """
    with _file(layout) as file:
        rows = file.execute("select org, party, master, wrapped from party_keys order by org, party").fetchall()
    places = [path for folder in _FOLDERS for path in sorted((layout.secrets / folder).glob("*"))]
    places += [path for name in _SECRETS if (path := layout.secrets / name).exists()]
    files = {path.relative_to(layout.secrets).as_posix(): path.read_bytes() for path in places} | dict(uploads or {})
    held = {
        "format": FORMAT,
        "masters": master_keys(layout),
        "keys": [[o, p, m, base64.b64encode(w).decode()] for o, p, m, w in rows if w is not None],
        "forgotten": [[o, p] for o, p, _, w in rows if w is None],
        "erasures": erasures(layout),
        "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
    }
    return json.dumps(held, indent=1).encode() + b"\n"


def _place_of(layout: Layout, name: str) -> Path:
    # A backup writes nowhere but to the places its own making reads.
    parts = name.split("/")
    plain = all(part and part not in (".", "..") and Path(part).name == part for part in parts)
    folder = parts[0] in _FOLDERS and len(parts) == 2
    upload = parts[0] == UPLOAD_KEYS and len(parts) == 3 and parts[2].endswith(".key")
    if not plain or not (name in _SECRETS or folder or upload):
        raise InvalidInput(f"{name} does not belong in a keys' backup")
    return layout.secrets.joinpath(*parts)


def take_back(layout: Layout, backup: bytes) -> None:
    """Puts the keys' backup into an empty secrets folder.

    Raises:
        InvalidInput: when it is no keys' backup.
    """
    try:
        held = json.loads(backup)
        keys, forgotten, masters, files = held["keys"], held["forgotten"], held["masters"], held["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput("this is no keys' backup", remedy="name the .keys file written with the backup") from error
    write_whole(layout.secrets / f"{MASTER}.json", json.dumps(masters, indent=1).encode() + b"\n", private=True)
    rows = [(o, p, m, base64.b64decode(w)) for o, p, m, w in keys] + [(o, p, None, None) for o, p in forgotten]
    with _file(layout) as file:
        file.executemany("insert or replace into party_keys (org, party, master, wrapped) values (?, ?, ?, ?)", rows)
        file.executemany("insert or ignore into erasures (org, party, said) values (?, ?, ?)", held.get("erasures", []))
    for name, text in files.items():
        place = _place_of(layout, name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(place, base64.b64decode(text), private=True)
