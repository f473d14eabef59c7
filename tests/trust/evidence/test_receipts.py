"""The log and its receipts (docs/format.md): what was issued verifies, nothing else does."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pyarrow as pa
import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.record import canonical_json
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.merkle import leaf_hash, root_of, verify_consistency
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.trust.evidence.keys import TrustedKey, fingerprint, signing_key, trusted_keys
from panhuo.trust.evidence.log import Log
from panhuo.trust.evidence.receipts import issue, verify

SCHEMA = Schema(
    "provisions",
    (
        Column("drawdown_id", ColumnType.TEXT, "借据", "drawdown", key=True, required=True),
        Column("amount", ColumnType.FEN, "金额", "amount"),
    ),
)


@pytest.fixture
def outcome() -> Outcome:
    table = pa.table({"drawdown_id": [f"D{i}" for i in range(5)], "amount": [1, 2, None, 4, 9_007_199_254_740_993]})
    reasons = pa.table({"drawdown_id": ["D1"], "code": ["R"], "contribution": [2], "arguments": ["fen:2"]})
    return make_outcome(SCHEMA, table, reasons, lineage={"as_of": "2026-06-30"})


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(Book.create(tmp_path / "book", made_by="test"), "self")


def test_row_and_outcome_receipts_verify(log: Log, outcome: Outcome) -> None:
    (index,) = log.append([outcome.entry()], clock=lambda: "2026-07-01T00:00:00Z")
    keys = trusted_keys(None, log.book.folder)
    row = verify(issue(log, index, outcome, ["D4"]), keys)
    assert row.valid, row.reason
    assert row.time == "2026-07-01T00:00:00Z"
    whole = verify(issue(log, index), keys)
    assert whole.valid and whole.entry is not None and whole.entry["root"] == outcome.root.hex()


def test_any_flipped_byte_fails(log: Log, outcome: Outcome) -> None:
    (index,) = log.append([outcome.entry()])
    receipt = issue(log, index, outcome, ["D1"])
    keys = trusted_keys(None, log.book.folder)
    assert verify(receipt, keys).valid
    for at in range(len(receipt)):
        for flip in (0x01, 0x20):
            changed = bytearray(receipt)
            changed[at] ^= flip
            assert not verify(bytes(changed), keys).valid, f"byte {at}"
    assert not verify(receipt[:-1], keys).valid
    assert not verify(receipt + b"\n", keys).valid


def test_any_other_spelling_fails(log: Log, outcome: Outcome) -> None:
    (index,) = log.append([outcome.entry()])
    receipt = issue(log, index, outcome, ["D1"])
    keys = trusted_keys(None, log.book.folder)
    value = json.loads(receipt)
    for other in (
        json.dumps(value, sort_keys=True),
        json.dumps(value, separators=(",", ":")),
        json.dumps(value, indent=1, sort_keys=True),
        json.dumps({**value, "extra": 1}, separators=(",", ":"), sort_keys=True),
        json.dumps({**value, "format": True}, separators=(",", ":"), sort_keys=True),
        json.dumps({**value, "signature": value["signature"] + "="}, separators=(",", ":"), sort_keys=True),
        json.dumps({**value, "log": {**value["log"], "index": "0" + value["log"]["index"]}}, separators=(",", ":")),
    ):
        if other.encode() != receipt:
            assert not verify(other.encode(), keys).valid


def test_a_receipt_never_brings_its_own_key(log: Log, outcome: Outcome, tmp_path: Path) -> None:
    (index,) = log.append([outcome.entry()])
    stranger = Log(Book.create(tmp_path / "stranger", made_by="test"), "self")
    (there,) = stranger.append([outcome.entry()])
    forged = issue(stranger, there)
    verdict = verify(forged, trusted_keys(None, log.book.folder))
    assert not verdict.valid and "not among" in verdict.reason
    assert not verify(issue(log, index), []).valid


def test_a_key_of_one_organisation_never_speaks_for_another(log: Log, outcome: Outcome) -> None:
    (index,) = log.append([outcome.entry()])
    Log(log.book, "partner").append([{**outcome.entry("partner")}])
    receipt = json.loads(issue(log, index))
    theirs = signing_key(log.book, "partner")
    head = canonical_json.serialise({**receipt["head"], "size": int(receipt["head"]["size"])})
    receipt["signature"] = base64.urlsafe_b64encode(theirs.sign(head)).decode().rstrip("=")
    receipt["key"] = fingerprint(theirs.public_key())
    forged = canonical_json.serialise(receipt)
    keys = trusted_keys(None, log.book.folder)
    assert {k.org for k in keys} == {"self", "partner"}
    verdict = verify(forged, keys)
    assert not verdict.valid and "trusted for self" in verdict.reason
    assert verify(forged, [TrustedKey(theirs.public_key())]).valid  # only for one who vouches for it himself


def test_the_log_only_grows(log: Log, outcome: Outcome) -> None:
    for number in range(6):
        log.append([{**outcome.entry(), "name": f"n{number}"}])
    entries, heads = log.entries(), log.heads()
    assert [h.head["size"] for h in heads] == [1, 2, 3, 4, 5, 6]
    leaves = [leaf_hash(line) for line in entries]
    from panhuo.ground.record.merkle import MerkleTree

    tree = MerkleTree(leaves)
    for head in heads:
        size = head.head["size"]
        old = bytes.fromhex(head.head["root"])
        assert old == root_of(leaves[:size])
        assert verify_consistency(size, 6, tree.consistency_path(size), old, tree.root)


def test_an_entry_is_not_added_twice_and_a_cut_line_does_not_count(log: Log, outcome: Outcome) -> None:
    first = log.append([outcome.entry()])
    assert log.append([outcome.entry()]) == first
    with log.path.open("ab") as file:
        file.write(canonical_json.serialise({"kind": "outcome"})[:9])
    assert len(log.entries()) == 1
    log.append([{**outcome.entry(), "name": "next"}])
    assert [canonical_json.parse(line)["name"] for line in log.entries()] == ["provisions", "next"]


def test_a_cut_head_is_mended_and_an_edited_log_is_not_signed(log: Log, outcome: Outcome) -> None:
    log.append([outcome.entry()])
    with log.heads_path.open("ab") as file:
        file.write(b'{"head": {"fo')
    log.append([{**outcome.entry(), "name": "next"}])
    assert [h.head["size"] for h in log.heads()] == [1, 2]
    log.path.write_bytes(log.path.read_bytes().replace(b'"name":"next"', b'"name":"nest"'))
    with pytest.raises(InvalidInput, match="no longer begins"):
        log.append([{**outcome.entry(), "name": "third"}])
