"""Files people hand in, until what they hold is sealed: enciphered, each under a key of its own.

Invariant: nothing of a file lies readable on the disk but while a reader that needs a path has it open, in a private
folder that the next worker's start empties; with its key a file is gone for good. A backup holds the enciphered file,
the keys' backup its key: the pair holds every file of an import that the same backup's database still waits for.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panhuo.ground.book.folder import flush_folder, write_whole
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.store.declared import quoted
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import UPLOAD_KEYS
from panhuo_server.store.postgres import address_of

MOST_BYTES = 512 * 1024 * 1024
"""A larger file is handed in as several."""
DAYS = 7
"""A file nobody's import took in by then is destroyed."""
LOST = ("not-found", "import/not-taken-in")
"""For what an import is refused whose file was gone before its rows were sealed."""


def name_of(layout: Layout, org: str, content: bytes, settings: bytes) -> str:
    """The name of an upload: the same file with the same settings has the same one, and it tells nothing of the file.

    A keyed hash: a plain one of a short file could be guessed back to a person's number.
    """
    key = bytes.fromhex(layout.secret("uploads", lambda: {"key": secrets.token_hex(32)})["key"])
    held = hmac.new(key, org.encode() + b"\x1f" + hashlib.sha256(settings).digest(), hashlib.sha256)
    held.update(content)
    return held.hexdigest()[:32]


def _checked(name: str) -> str:
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise NotFound("there is no such file", where=name)
    return name


def _file(layout: Layout, org: str, name: str) -> Path:
    return layout.folder / "uploads" / quote(org, safe="") / _checked(name)


def _key(layout: Layout, org: str, name: str) -> Path:
    return layout.secrets / UPLOAD_KEYS / quote(org, safe="") / f"{_checked(name)}.key"


@contextmanager
def _lock(layout: Layout, how: int) -> Iterator[None]:
    layout.folder.mkdir(parents=True, exist_ok=True)
    with (layout.folder / "uploads.lock").open("a") as file:
        fcntl.flock(file, how)
        yield


@contextmanager
def steady(layout: Layout) -> Iterator[None]:
    """Nothing is removed for the block: what the database waits for at a moment inside it is there."""
    with _lock(layout, fcntl.LOCK_EX):
        yield


def held(layout: Layout, into: Path) -> dict[str, bytes]:
    """Puts every kept file, enciphered as it is, under `into`; returns its key by its place under ``secrets/``.

    The caller holds `steady`.
    """
    keys: dict[str, bytes] = {}
    for path in sorted((layout.folder / "uploads").glob("[!.]*/*")):
        org, name = path.parent.name, path.name
        place = layout.secrets / UPLOAD_KEYS / org / f"{name}.key"
        if path.suffix == ".partial" or not place.exists():
            continue  # not yet acknowledged to anybody, or opened by nothing
        (into / org).mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, into / org / name)  # never written in place: removed or kept, these bytes stay
        except OSError:
            shutil.copyfile(path, into / org / name)
        keys[f"{UPLOAD_KEYS}/{org}/{place.name}"] = place.read_bytes()
    return keys


def take_back(layout: Layout, folder: Path) -> None:
    """Puts files of a backup in their place again, those whose keys came back: the others nothing opens."""
    for path in sorted(folder.glob("[!.]*/*")):
        if (layout.secrets / UPLOAD_KEYS / path.parent.name / f"{path.name}.key").exists():
            place = layout.folder / "uploads" / path.parent.name
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(place / path.name, path.read_bytes(), private=True)


def to_hand_in_again(layout: Layout) -> list[tuple[str, str, str]]:
    """(organisation, import, what it is of) of every file that was acknowledged and can be sealed no more as it lies.

    Its import waits for a file that is not there, or was refused for that reason and the file not handed in since.
    """
    address = address_of(layout)
    found: list[tuple[str, str, str]] = []
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        for schema in ("panhuo", "judicial"):
            rows = c.execute(
                "select org_id, stream_id, max(body ->> 'what') filter (where kind = 'received'),"
                " bool_or(kind = 'sealed'), max(body ->> 'why') filter (where kind = 'refused')"
                f" from {quoted(schema)}.events where stream_kind = 'import' group by 1, 2 order by 1, 2"
            ).fetchall()
            later: dict[tuple[str, str], tuple[str, str, str] | None] = {}
            for org, name, what, sealed, why in rows:  # a second try of a file is called NAME-1 and comes after it
                lost = (why or "") in LOST if sealed or why else not is_kept(layout, org, name)
                later[org, name.split("-")[0]] = (org, name, what or "") if lost and not sealed else None
            found += [one for one in later.values() if one is not None]
    return found


def is_kept(layout: Layout, org: str, name: str) -> bool:
    """Whether a file and its key are there."""
    return _file(layout, org, name).exists() and _key(layout, org, name).exists()


def keep(layout: Layout, org: str, name: str, content: bytes) -> None:
    """Keeps a file, whole and on disk before it returns; kept already, it stays as it is.

    Raises:
        InvalidInput: when it is too large.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput("the file is too large", remedy="hand it in as several files of at most 512 MiB")
    path, place = _file(layout, org, name), _key(layout, org, name)
    if is_kept(layout, org, name):
        return
    for folder in (path.parent, place.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    path.unlink(missing_ok=True)  # without its key it opens nothing
    write_whole(place, key, private=True)
    write_whole(path, nonce + AESGCM(key).encrypt(nonce, content, f"{org}\x1f{name}".encode()), private=True)


def content_of(layout: Layout, org: str, name: str) -> bytes:
    """A kept file's bytes, in memory.

    Raises:
        NotFound: when it was removed, or never kept.
        InvalidInput: when it was changed.
    """
    try:
        raw, key = _file(layout, org, name).read_bytes(), _key(layout, org, name).read_bytes()
        return AESGCM(key).decrypt(raw[:12], raw[12:], f"{org}\x1f{name}".encode())
    except FileNotFoundError as error:
        raise NotFound("the file is no longer kept", where=name, remedy="hand it in again") from error
    except (InvalidTag, ValueError) as error:
        raise InvalidInput("the kept file was changed", where=name, remedy="hand it in again") from error


def remove(layout: Layout, org: str, name: str) -> None:
    """Destroys a file's key, then the file; nothing when both are gone."""
    place, path = _key(layout, org, name), _file(layout, org, name)
    with _lock(layout, fcntl.LOCK_SH):
        if place.exists():
            with place.open("r+b") as file:
                file.write(bytes(32))
                file.flush()
                os.fsync(file.fileno())
            place.unlink()
            flush_folder(place.parent)
        if path.exists():
            path.unlink()
            flush_folder(path.parent)


def kept(layout: Layout, org: str) -> dict[str, float]:
    """Name -> seconds since it was kept, of every file of an organisation."""
    folder = layout.folder / "uploads" / quote(org, safe="")
    now = time.time()
    return {p.name: now - p.stat().st_mtime for p in folder.glob("*") if p.suffix != ".partial"}


@contextmanager
def opened(layout: Layout, content: bytes, called: str) -> Iterator[Path]:
    """The bytes as a file for a reader that needs a path, in a private folder, gone afterwards."""
    base = layout.folder / "uploads" / ".opened"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as held:
        path = Path(held) / (Path(called).name or "file")
        path.write_bytes(content)
        yield path


def sweep(layout: Layout, org: str) -> None:
    """Destroys an organisation's files that are past their days and that no import would end.

    Files on their way in are such, and those whose transaction never came about.
    """
    for name, age in kept(layout, org).items():
        if age > (DAYS + 1) * 86_400 and not name.endswith("-report"):
            remove(layout, org, name)


def sweep_all(layout: Layout) -> None:
    """`sweep` of every organisation that has files here."""
    for folder in sorted((layout.folder / "uploads").glob("[!.]*")):
        sweep(layout, unquote(folder.name))


def sweep_opened(layout: Layout) -> None:
    """Removes what a killed reader left open."""
    shutil.rmtree(layout.folder / "uploads" / ".opened", ignore_errors=True)
