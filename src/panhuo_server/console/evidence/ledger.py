"""What the evidence room reads: entries with the time of the head that first held them, heads checked, receipts.

Invariant: nothing is trusted because it stands in the database: a head is checked against the entries' own leaves and
the published keys each time it is shown.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from panhuo.ground.record import canonical_json
from panhuo.ground.record.merkle import MerkleTree, leaf_hash, verify_consistency
from panhuo.trust.evidence.heads import SignedHead
from panhuo.trust.evidence.keys import TrustedKey, fingerprint
from panhuo_server.console.frame import Visit
from panhuo_server.console.results import purposes_of
from panhuo_server.store import log, signing
from panhuo_server.store.acting import cursor

WINDOW = 5_000
"""Entries read for a page at most."""
HEADS = 50
"""Heads checked for a page: each is worked out from every entry below it."""


@dataclass(frozen=True)
class Entry:
    """An entry of the log: its place, what it says, and the time of the head that first held it."""

    position: int
    content: dict[str, Any]
    time: str

    @property
    def kind(self) -> str:
        """batch, outcome or erasure."""
        return str(self.content["kind"])

    @property
    def name(self) -> str:
        """An outcome's name, a batch's number."""
        if self.kind == "batch":
            return str(self.content["sequence"])
        return str(self.content.get("name", ""))

    def open_to(self, visit: Visit) -> bool:
        """Whether the roles of whoever looks may read what it is of."""
        return self.kind != "outcome" or visit.purpose_of(purposes_of(self.name)) is not None


def entries_from(start: int, count: int = WINDOW) -> list[Entry]:
    """Entries from a place on. In `acting`."""
    heads = log.heads()
    found, at = [], 0
    for offset, line in enumerate(log.lines(start, count)):
        position = start + offset
        while at < len(heads) and heads[at].head["size"] <= position:
            at += 1
        time = str(heads[at].head["time"]) if at < len(heads) else ""
        found.append(Entry(position, canonical_json.parse(line), time))
    return found


@dataclass(frozen=True)
class CheckedHead:
    """A signed head with what was checked: its signature, its root over the entries, and that it grew into the last."""

    signed: SignedHead
    signature: bool
    root: bool
    consistent: bool

    @property
    def checks(self) -> tuple[bool, bool, bool]:
        """The three, in the order they are shown."""
        return self.signature, self.root, self.consistent


def published() -> list[TrustedKey]:
    """The acting organisation's public keys."""
    with cursor() as c:
        return signing.published(c)


def checked_heads(most: int = HEADS, *, skip: int = 0) -> tuple[list[CheckedHead], int]:
    """The newest heads after the first `skip`, checked against the entries, and how many there are. In `acting`."""
    heads, keys = log.heads(), {fingerprint(k.key): k.key for k in published()}
    leaves = [leaf_hash(line) for line in log.entries()]
    whole = MerkleTree(leaves)
    found = []
    for signed in list(reversed(heads))[skip : skip + most]:
        size, root = int(signed.head["size"]), bytes.fromhex(signed.head["root"])
        good = False
        if signed.key in keys:
            try:
                keys[signed.key].verify(signed.signature, signed.message)
                good = True
            except InvalidSignature:
                good = False
        here = size <= len(leaves) and MerkleTree(leaves[:size]).root == root
        path = whole.consistency_path(size) if 0 < size <= whole.size else []
        grew = 0 < size <= whole.size and verify_consistency(size, whole.size, path, root, whole.root)
        found.append(CheckedHead(signed, good, here, grew))
    return found, len(heads)


HOW = """盘活 收据 / Panhuo receipts

每个 receipts/*.json 证明一项结果封存在本机构日志的哪一条、签于何时。
Each receipts/*.json proves at which entry of the organisation's log an outcome is sealed, and when its head was signed.

验证 / verify:   panhuo verify receipts/classes.json --key keys/NAME.pem
重算 / replay:   panhuo replay receipts/classes.json --book BOOK --key keys/NAME.pem
公钥指纹请另行核对。 / Compare the key's fingerprint by another way than this file.
"""


def packed(receipts: Sequence[tuple[str, bytes]], keys: Sequence[TrustedKey]) -> bytes:
    """Receipts with the public keys as a zip that is the same for the same receipts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        files = [("README.txt", HOW.encode()), *((f"receipts/{name}.json", content) for name, content in receipts)]
        for key in keys:
            pem = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            files.append((f"keys/{fingerprint(key.key)[:16]}.pem", pem))
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return data.getvalue()
