"""Signed heads: what an organisation says of its log at one time, whatever the log is stored in.

Invariant: a head states a size and a root and nothing is read to sign it but those and the clock; an entry's bytes are
its canonical JSON, so the folder's log and a database's give one root.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panhuo.ground.record import canonical_json
from panhuo.ground.record.merkle import Frontier
from panhuo.trust.evidence.keys import fingerprint


def now_text() -> str:
    """The time a head is signed at, UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class SignedHead:
    """A head of the log and its signature (docs/format.md)."""

    head: dict[str, Any]
    signature: bytes
    key: str

    @property
    def message(self) -> bytes:
        """The bytes that were signed."""
        return canonical_json.serialise(self.head)

    @property
    def record(self) -> bytes:
        """The head as one line of a heads file, without the newline."""
        return json.dumps(
            {"head": self.head, "signature": self.signature.hex(), "key": self.key}, sort_keys=True
        ).encode()

    @classmethod
    def of_record(cls, line: bytes | str) -> SignedHead:
        """The head a line of a heads file holds."""
        record = json.loads(line)
        return cls(record["head"], bytes.fromhex(record["signature"]), record["key"])


def sign_frontier(
    key: Ed25519PrivateKey, org: str, frontier: Frontier, clock: Callable[[], str] = now_text
) -> SignedHead:
    """The head of the log that ends at `frontier`, signed at the clock's time."""
    head = {"format": 1, "org": org, "root": frontier.root.hex(), "size": frontier.size, "time": clock()}
    return SignedHead(head, key.sign(canonical_json.serialise(head)), fingerprint(key.public_key()))
