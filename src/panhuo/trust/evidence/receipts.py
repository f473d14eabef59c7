"""Receipts: what proves a row, an outcome or a batch to someone who does not trust us.

Invariant: `verify` accepts exactly the bytes that were issued. It takes its key from the verifier, never from the
receipt, and any flipped bit or other spelling fails.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.record.merkle import MerkleTree, leaf_hash, verify_inclusion
from panhuo.ground.record.outcome import Outcome
from panhuo.trust.evidence.keys import TrustedKey, fingerprint, signed_by
from panhuo.trust.evidence.log import Log, SignedHead, now_text, sign_head


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unbase64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise InvalidInput("a base64url text is missing")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"not base64url: {error}") from error
    if _base64(data) != text:
        raise InvalidInput("another spelling of base64url", remedy="use the receipt byte for byte as it was issued")
    return data


def _number(text: Any) -> int:
    if not isinstance(text, str) or not text.isdigit() or str(int(text)) != text:
        raise InvalidInput(f"not a whole number in its one spelling: {text!r}")
    return int(text)


def issue(log: Log, index: int, outcome: Outcome | None = None, key: Sequence[Any] | None = None) -> bytes:
    """The receipt of log entry `index`, or of one row of its outcome, as RFC 8785 JSON bytes.

    Raises:
        NotFound: when the log has no signed head that covers the entry, or the outcome has no such row.
    """
    entries = log.entries()
    head = log.head()
    if head is None or not 0 <= index < head.head["size"]:
        raise NotFound(f"no signed head covers entry {index}", where=str(log.path), remedy="append to the log again")
    path = MerkleTree([leaf_hash(line) for line in entries[: head.head["size"]]]).inclusion_path(index)
    return of_entry(entries[index], index, head, path, outcome, key)


def of_entry(
    line: bytes,
    index: int,
    head: SignedHead,
    path: Sequence[bytes],
    outcome: Outcome | None = None,
    key: Sequence[Any] | None = None,
) -> bytes:
    """The receipt of a log entry, or of one row of its outcome, wherever the log is stored.

    Args:
        line: the entry's bytes; index: its place in the log.
        head: a signed head that covers it; path: from the entry to that head.
        outcome, key: for a row receipt, the outcome the entry records and the row's key.

    Raises:
        InvalidInput: when the outcome is not the one the entry records.
        NotFound: when the outcome has no such row.
    """
    entry = canonical_json.parse(line)
    receipt: dict[str, Any] = {
        "format": 1,
        "kind": entry["kind"],
        "entry": _base64(line),
        "head": {**head.head, "size": str(head.head["size"])},
        "signature": _base64(head.signature),
        "key": head.key,
        "log": {"index": str(index), "path": [p.hex() for p in path]},
    }
    if outcome is not None and key is not None:
        if outcome.root.hex() != entry["root"]:
            raise InvalidInput("the outcome is not the one this entry records", where=outcome.name)
        at = outcome.row_of(*key)
        receipt["kind"] = "row"
        receipt["row"] = {
            "bytes": _base64(outcome.leaves.leaf(at)),
            "index": str(at),
            "size": str(len(outcome)),
            "path": [p.hex() for p in outcome.tree.inclusion_path(at)],
        }
    return canonical_json.serialise(receipt)


def issue_alone(
    entry: dict[str, Any], key: Ed25519PrivateKey, *, clock: Callable[[], str] = now_text
) -> tuple[bytes, SignedHead]:
    """The receipt of an entry that stands in no book: of an anonymous log that holds it alone, with its signed head."""
    line = canonical_json.serialise(entry)
    head = sign_head(key, str(entry["org"]), [line], clock)
    return of_entry(line, 0, head, []), head


def row_of(receipt: bytes) -> bytes | None:
    """The leaf bytes a row receipt holds; None for other receipts. Verify it first."""
    row = canonical_json.parse(receipt).get("row")
    return _unbase64(row["bytes"]) if row is not None else None


@dataclass(frozen=True)
class Verdict:
    """What a verifier found.

    Attributes:
        valid: whether every step holds.
        reason: the first step that does not, or what was proved.
        key: fingerprint of the key that was trusted; empty when none signed it.
        entry: the log entry, when valid.
    """

    valid: bool
    reason: str
    key: str = ""
    entry: dict[str, Any] | None = None
    time: str = ""


_SHAPE = {"format", "kind", "entry", "head", "signature", "key", "log"}


def verify(receipt: bytes, keys: Sequence[TrustedKey]) -> Verdict:
    """Checks a receipt with keys the verifier trusts (docs/format.md gives the order of the steps).

    Never raises for a bad receipt: the verdict says what fails.
    """
    try:
        return _verify(receipt, keys)
    except InvalidInput as error:
        return Verdict(False, str(error))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Verdict(False, f"not a receipt: {type(error).__name__} {error}")


def _verify(receipt: bytes, keys: Sequence[TrustedKey]) -> Verdict:
    data = canonical_json.parse(receipt)
    # `true` equals 1 in Python and is another spelling all the same.
    if not isinstance(data, dict) or set(data) - {"row"} != _SHAPE or data["format"] != 1 or data["format"] is True:
        return Verdict(False, "not a receipt of format 1")
    if (data["kind"] == "row") is not ("row" in data):
        return Verdict(False, "a row receipt without its row, or a row where none belongs")
    org = data["head"]["org"]
    trusted = [k.key for k in keys if fingerprint(k.key) == data["key"] and k.org in (None, org)]
    if not trusted:
        return Verdict(False, f"signed by the key {data['key']}, which is not among those trusted for {org}")
    head = {**data["head"], "size": _number(data["head"]["size"])}
    if not signed_by(trusted[0], _unbase64(data["signature"]), canonical_json.serialise(head)):
        return Verdict(False, "the signature does not fit the head")
    entry_bytes = _unbase64(data["entry"])
    entry = canonical_json.parse(entry_bytes)
    if set(data["head"]) != {"format", "org", "root", "size", "time"} or set(data["log"]) != {"index", "path"}:
        return Verdict(False, "not a receipt of format 1")
    path = [bytes.fromhex(p) for p in data["log"]["path"]]
    if [p.hex() for p in path] != data["log"]["path"]:
        return Verdict(False, "another spelling of the path")
    index = _number(data["log"]["index"])
    if not verify_inclusion(leaf_hash(entry_bytes), index, head["size"], path, bytes.fromhex(head["root"])):
        return Verdict(False, "the path does not lead from the entry to the signed head")
    if head["org"] != entry.get("org"):
        return Verdict(False, "the entry belongs to another organisation than the head")
    if data["kind"] != "row" and data["kind"] != entry["kind"]:
        return Verdict(False, "the receipt's kind is not its entry's")
    if "row" in data:
        row = data["row"]
        if set(row) != {"bytes", "index", "size", "path"} or entry["kind"] != "outcome":
            return Verdict(False, "not a row receipt of format 1")
        parts = [bytes.fromhex(p) for p in row["path"]]
        if [p.hex() for p in parts] != row["path"] or _number(row["size"]) != entry["rows"]:
            return Verdict(False, "the row's path is spelt otherwise or its outcome has another size")
        leaf = leaf_hash(_unbase64(row["bytes"]))
        if not verify_inclusion(leaf, _number(row["index"]), entry["rows"], parts, bytes.fromhex(entry["root"])):
            return Verdict(False, "the path does not lead from the row to its outcome")
    print_key = fingerprint(trusted[0])
    return Verdict(True, f"{data['kind']} proved", print_key, entry, str(head["time"]))
