"""An organisation's signing key on this server, and every public key its log was ever signed with.

Invariant: the private key lies under ``secrets/`` alone; the database holds public halves only.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from panhuo.ground.record.errors import InvalidInput
from panhuo.trust.evidence.keys import TrustedKey, fingerprint, private_key_at
from panhuo_server.store.layout import Layout


def book_id(layout: Layout, org: str) -> str:
    """The identity of an organisation's book on this server; it names the book's keys."""
    return f"{layout.description['id']}-{quote(org, safe='')}"


def private_key(layout: Layout, org: str) -> Ed25519PrivateKey:
    """The organisation's signing key, made on first use.

    The caller holds the organisation's lock. It lies where a book of that identity would look for it with
    ``PANHUO_HOME`` set to the secrets folder, so that a run on the cached book signs with the same key.
    """
    return private_key_at(layout.secrets / "signing-keys" / f"{book_id(layout, org)}-{quote(org, safe='')}.pem")


def public_key(pem: str) -> Ed25519PublicKey:
    """A public key as the database holds it.

    Raises:
        InvalidInput: when it is not Ed25519.
    """
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidInput("a signing key of the database is not Ed25519")
    return key


def publish(cursor: Any, org: str, key: Ed25519PublicKey) -> None:
    """Adds a public key of the acting organisation; nothing when it is known."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    cursor.execute(
        "insert into signing_keys (org_id, fingerprint, public_pem) values (%s, %s, %s) on conflict do nothing",
        [org, fingerprint(key), pem],
    )


def is_published(cursor: Any, key: Ed25519PublicKey) -> bool:
    """Whether the acting organisation's public key is known."""
    cursor.execute("select from signing_keys where org_id = acting_org() and fingerprint = %s", [fingerprint(key)])
    return cursor.fetchone() is not None


def published(cursor: Any) -> list[TrustedKey]:
    """The acting organisation's public keys, in order of their fingerprints."""
    cursor.execute("select org_id, public_pem from signing_keys where org_id = acting_org() order by fingerprint")
    return [TrustedKey(public_key(pem), org) for org, pem in cursor.fetchall()]
