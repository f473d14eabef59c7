"""Signing keys: Ed25519 (RFC 8032), private outside the book, public inside it.

Invariant: a private key never stands in a book; a receipt never brings its own key; a key published in a book is
trusted for its own organisation and for no other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from panhuo.ground.book.folder import Book, home_folder, write_whole
from panhuo.ground.record.errors import InvalidInput, NotFound

ANONYMOUS = "anonymous"
"""The organisation of a book that is none: a frame hashed on its own."""


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw 32-byte public key, hex."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def private_key_at(path: Path) -> Ed25519PrivateKey:
    """The signing key at `path`, made on first use; only its user may read it.

    Raises:
        InvalidInput: when what lies there is no Ed25519 key.
    """
    if path.exists():
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise InvalidInput("the signing key is not Ed25519", where=str(path))
    else:
        key = Ed25519PrivateKey.generate()
        write_whole(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), private=True)
    return key


def _private_key(name: str) -> Ed25519PrivateKey:
    # The user's own key of that name; it stands in the private folder alone.
    return private_key_at(home_folder() / "signing-keys" / f"{name}.pem")


def publish_key(key: Ed25519PublicKey, org: str, folder: Path) -> Path:
    """Writes a public key as ``ORG.FINGERPRINT.pem`` into `folder`, unless it is there, and returns its place."""
    place = folder / f"{quote(org, safe='')}.{fingerprint(key)[:16]}.pem"
    if not place.exists():
        write_whole(place, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return place


def signing_key(book: Book, org: str) -> Ed25519PrivateKey:
    """The organisation's signing key for this book, made on first use; its public half goes to the book's ``keys/``."""
    key = _private_key(f"{book.id}-{quote(org, safe='')}")
    publish_key(key.public_key(), org, book.folder / "keys")
    return key


def anonymous_key() -> Ed25519PrivateKey:
    """The user's own key for what is signed without a book, made on first use."""
    return _private_key(ANONYMOUS)


def own_keys() -> list[TrustedKey]:
    """The public half of the user's own `anonymous_key`; none where nothing was ever signed with it."""
    if not (home_folder() / "signing-keys" / f"{ANONYMOUS}.pem").exists():
        return []
    return [TrustedKey(anonymous_key().public_key(), ANONYMOUS)]


def read_public_key(path: Path) -> Ed25519PublicKey:
    """A public key from a PEM file, or a file of 64 hexadecimal digits.

    Raises:
        NotFound: when the file does not exist.
        InvalidInput: when it is not an Ed25519 public key.
    """
    if not path.exists():
        raise NotFound(f"no key at {path}", remedy="give the organisation's public key, as published by it")
    data = path.read_bytes()
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            key = load_pem_public_key(data)
        else:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(data.decode("ascii").strip()))
    except (ValueError, UnsupportedAlgorithm, UnicodeDecodeError) as error:
        raise InvalidInput(f"not a public key: {error}", where=str(path)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidInput("the key is not Ed25519", where=str(path))
    return key


@dataclass(frozen=True)
class TrustedKey:
    """A key a verifier trusts, for heads of one organisation; `org` None: for any, on the verifier's own word."""

    key: Ed25519PublicKey
    org: str | None = None


def _published(folder: Path) -> list[TrustedKey]:
    # ORG.FINGERPRINT.pem, as `signing_key` writes them; a name without an organisation vouches for none in particular.
    found = []
    for path in sorted(folder.glob("*.pem")):
        parts = path.name.rsplit(".", 2)
        found.append(TrustedKey(read_public_key(path), unquote(parts[0]) if len(parts) == 3 else None))
    return found


def trusted_keys(key: Path | None, book: Path | None) -> list[TrustedKey]:
    """The keys a verifier trusts: the one given (or all of a folder), else all of the book's ``keys/``."""
    if key is not None:
        return _published(key) if key.is_dir() else [TrustedKey(read_public_key(key))]
    return _published(book / "keys") if book is not None else []


def signed_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is `key`'s over `message`."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
