"""Personal columns: encrypted under a key per party, committed to in leaves.

Invariant: a party's personal values can be read while its key exists and by nobody after it is destroyed; the
commitment that entered the leaf stays, so receipts keep verifying. Keys live outside the book
(``PANHUO_HOME/party-keys``), except those of a sample book: its people do not exist, so its keys derive from its seed.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from panhuo.ground.book.folder import Book, home_folder, write_whole
from panhuo.ground.record.errors import InvalidInput, NotFound

_SEPARATOR = b"\x1f"


def commitment(key: bytes, fact_id: str, column: str, value: str) -> str:
    """base64url(HMAC-SHA-256(key, fact id || 1F || column || 1F || value)): what a leaf holds of a personal value."""
    message = fact_id.encode() + _SEPARATOR + column.encode() + _SEPARATOR + value.encode("utf-8")
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")


def encrypt(key: bytes, fact_id: str, column: str, value: str) -> str:
    """AES-256-GCM of one value, bound to its fact and column; base64url(nonce || ciphertext).

    The nonce derives from key, place and value: the same seed gives the same bytes, and no nonce serves two values.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    place = fact_id.encode() + _SEPARATOR + column.encode()
    nonce = hmac.new(key, b"nonce" + _SEPARATOR + place + _SEPARATOR + value.encode("utf-8"), hashlib.sha256).digest()[
        :12
    ]
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, value.encode("utf-8"), place)).decode()


def decrypt(key: bytes, fact_id: str, column: str, text: str) -> str:
    """The value behind `encrypt`.

    Raises:
        InvalidInput: when the ciphertext was changed or stands in another place.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    place = fact_id.encode() + _SEPARATOR + column.encode()
    try:
        raw = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(raw[:12], raw[12:], place).decode("utf-8")
    except (InvalidTag, ValueError) as error:
        raise InvalidInput(
            "a personal value does not open under its party's key",
            where=f"fact {fact_id}, {column}",
            remedy="restore the batch's file",
        ) from error


class KeyHolder(Protocol):
    """Whoever holds party keys: a folder's `PartyKeys`, or a server's own."""

    def get(self, org: str, party: str) -> bytes | None:
        """The party's key; None when it was destroyed or never existed."""

    def make(self, org: str, party: str) -> bytes:
        """The party's key, made when there is none; NotFound when it was destroyed."""


class PartyKeys:
    """Keys per (organisation, party) of one book.

    Whoever makes keys holds the organisation's lock from reading them to `save` (sealing does): two writers of one
    organisation would else make different keys for one party.
    """

    def __init__(self, path: Path | None, seed: str | None) -> None:
        self._path = path
        self._seed = seed.encode() if seed is not None else None
        self._keys: dict[str, str | None] = self._stored()
        self._changes: dict[str, str | None] = {}

    @classmethod
    def of(cls, book: Book) -> PartyKeys:
        """The keys of `book`: derived for a sample, else kept in the user's private folder."""
        seed = book.description.get("sample_seed")
        return cls(home_folder() / "party-keys" / f"{book.id}.json", str(seed) if seed is not None else None)

    def _stored(self) -> dict[str, str | None]:
        if self._path is None or not self._path.exists():
            return {}
        found: dict[str, str | None] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    def _name(self, org: str, party: str) -> str:
        return f"{org}\x1f{party}"

    def get(self, org: str, party: str) -> bytes | None:
        """The party's key; None when it was destroyed or never existed."""
        name = self._name(org, party)
        if name in self._keys:
            held = self._keys[name]
            return bytes.fromhex(held) if held is not None else None
        if self._seed is not None:
            return hmac.new(b"panhuo sample " + self._seed, name.encode(), hashlib.sha256).digest()
        return None

    def forgotten(self, org: str, party: str) -> bool:
        """Whether the party's key was destroyed."""
        return self._keys.get(self._name(org, party), "") is None

    def make(self, org: str, party: str) -> bytes:
        """The party's key, made when there is none.

        Raises:
            NotFound: when the key was destroyed: the party was forgotten, nothing more may be kept of it.
        """
        name = self._name(org, party)
        if name in self._keys and self._keys[name] is None:
            raise NotFound(f"party {party} was forgotten; no personal data of it may be added", where=party)
        key = self.get(org, party)
        if key is None:
            key = secrets.token_bytes(32)
            self._keys[name] = self._changes[name] = key.hex()
        return key

    def destroy(self, org: str, party: str) -> None:
        """Destroys the party's key for good; `save` makes it last."""
        name = self._name(org, party)
        self._keys[name] = self._changes[name] = None

    def save(self) -> None:
        """Adds new and destroyed keys to the private folder, whole; what others saved meanwhile stays."""
        if not self._changes or self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            write_whole(self._path, json.dumps({**self._stored(), **self._changes}).encode(), private=True)
        self._changes = {}


def seal_column(
    keys: KeyHolder, org: Sequence[str], party: Sequence[str], fact_ids: Sequence[str], column: str, values: Sequence
) -> tuple[list[str | None], list[str | None]]:
    """(ciphertexts, commitments) of one personal column; unknown stays unknown."""
    cipher: list[str | None] = []
    committed: list[str | None] = []
    for o, p, fact_id, value in zip(org, party, fact_ids, values, strict=True):
        if value is None:
            cipher.append(None)
            committed.append(None)
            continue
        key = keys.make(o, p or "")
        cipher.append(encrypt(key, fact_id, column, value))
        committed.append(commitment(key, fact_id, column, value))
    return cipher, committed


def open_column(
    keys: KeyHolder, org: Sequence[str], party: Sequence[str], fact_ids: Sequence[str], column: str, texts: Sequence
) -> list[str | None]:
    """The plain values of one personal column; unknown where the party's key is gone."""
    found: list[str | None] = []
    for o, p, fact_id, text in zip(org, party, fact_ids, texts, strict=True):
        key = keys.get(o, p or "") if text is not None else None
        found.append(decrypt(key, fact_id, column, text) if key is not None else None)
    return found
