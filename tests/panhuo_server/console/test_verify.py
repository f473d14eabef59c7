"""The page's own verifier against receipts the library made: it accepts them byte for byte and nothing else."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.merkle import MerkleTree, leaf_hash
from panhuo.ground.record.outcome import make_outcome
from panhuo.trust.evidence.keys import TrustedKey
from panhuo.trust.evidence.log import sign_head
from panhuo.trust.evidence.receipts import of_entry, verify

SCRIPT = Path(__file__).parents[3] / "src/panhuo_server/console/static/verify.js"
RUNNER = """
const fs = require("fs");
eval(fs.readFileSync(process.argv[1], "utf8"));
(async () => {
  const given = JSON.parse(fs.readFileSync(0, "utf8")), found = [];
  for (const [text, keys] of given.cases) found.push(await panhuoReceipts.verify(text, keys));
  const text = (value) => value === null ? null : String(value);
  const rows = given.rows.map(([at, types]) => panhuoReceipts.values(found[at].row, types).values.map(text));
  console.log(JSON.stringify({ verdicts: found.map((f) => [f.valid, f.reason]), rows }));
})();
"""
SCHEMA = Schema(
    "worth",
    (
        Column("claim_id", ColumnType.TEXT, "债权", "claim", key=True),
        Column("value", ColumnType.FEN, "价值", "value"),
        Column("late", ColumnType.BOOL, "逾期", "late"),
        Column("day", ColumnType.DATE, "日", "day"),
    ),
)


def node(cases: list[Any], rows: list[Any] | None = None) -> Any:
    """What the script says of (text, keys) cases."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the page's verifier cannot be run here")
    done = subprocess.run(
        [found, "-e", RUNNER, "--", str(SCRIPT)],
        input=json.dumps({"cases": cases, "rows": rows or []}).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def made() -> Any:
    """A log of seven entries, its head signed, and receipts of an outcome and of each of its rows."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    values = [2**63 - 1, -(2**63), 0, 9_007_199_254_740_993, None]
    table = pa.table(
        {
            "claim_id": [f"债权{n}" for n in range(5)],
            "value": pa.array(values, pa.int64()),
            "late": [True, False, None, True, False],
            "day": pa.array([0, 20_000, -1, None, 1], pa.int32()).cast(pa.date32()),
        }
    )
    outcome = make_outcome(SCHEMA, table, lineage={"as_of": "2026-06-30"})
    from panhuo.ground.record import canonical_json

    lines = [
        canonical_json.serialise({"kind": "batch", "org": "银行", "sequence": n, "root": "00" * 32}) for n in range(6)
    ]
    lines.insert(3, canonical_json.serialise(outcome.entry("银行")))
    head = sign_head(key, "银行", lines, lambda: "2026-06-30T12:00:00Z")
    tree = MerkleTree([leaf_hash(line) for line in lines])
    path = tree.inclusion_path(3)
    receipts = [of_entry(lines[3], 3, head, path)]
    receipts += [of_entry(lines[3], 3, head, path, outcome, (f"债权{n}",)) for n in range(5)]
    receipts += [of_entry(lines[n], n, head, tree.inclusion_path(n)) for n in (0, 6)]
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return receipts, [{"org": "银行", "raw": raw}], [TrustedKey(key.public_key(), "银行")], values


def test_every_receipt_of_the_library_is_accepted_and_its_row_read(made: Any) -> None:
    receipts, keys, trusted, values = made
    assert all(verify(r, trusted).valid for r in receipts)
    types = [c.type.value for c in SCHEMA.columns]
    found = node([[r.decode(), keys] for r in receipts], [[n, types] for n in range(1, 6)])
    assert [v for v, _ in found["verdicts"]] == [True] * len(receipts), found["verdicts"]
    assert [row[1] for row in found["rows"]] == [None if v is None else str(v) for v in values]
    assert [row[0] for row in found["rows"]] == [f"债权{n}" for n in range(5)]
    assert [row[2] for row in found["rows"]] == ["1", "0", None, "1", "0"]
    assert [row[3] for row in found["rows"]] == ["0", "20000", "-1", None, "1"]


def test_a_flipped_byte_anywhere_is_refused_by_both(made: Any) -> None:
    receipts, keys, trusted, _ = made
    chance = random.Random(4)
    cases = []
    for receipt in (receipts[0], receipts[2], receipts[6]):
        for at in range(len(receipt)):
            changed = bytearray(receipt)
            changed[at] ^= 1 << chance.randrange(7)  # what is left of it is mostly text
            if changed[at] < 32:
                continue
            try:
                changed.decode()
            except UnicodeDecodeError:
                continue  # no text at all, so no page can hold it
            cases.append(bytes(changed))
    assert len(cases) > 2000
    assert not any(verify(case, trusted).valid for case in cases)
    found = node([[case.decode(), keys] for case in cases])["verdicts"]
    assert not any(valid for valid, _ in found)


def test_other_spellings_and_other_keys_are_refused(made: Any) -> None:
    receipts, keys, trusted, _ = made
    text = receipts[1].decode()
    data = json.loads(text)
    turned = [
        text + " ",
        "\ufeff" + text,
        json.dumps(data, ensure_ascii=False, sort_keys=True),
        text.replace('"format":1', '"format":true'),
        text.replace('"format":1', '"format":1.0'),
        text.replace('"kind":"row"', '"kind":"outcome"'),
        text.replace('"index":"3"', '"index":"03"'),
        text.replace(data["log"]["path"][0], data["log"]["path"][0].upper()),
        text[:-1] + ',"more":1}',
        "",
        "null",
        "[]",
        '{"format":1}',
    ]
    assert not any(verify(t.encode(), trusted).valid for t in turned)
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    cases: list[Any] = [[t, keys] for t in turned]
    cases += [[text, [{"org": "银行", "raw": other}]], [text, [{**keys[0], "org": "别家"}]], [text, []]]
    found = node(cases)["verdicts"]
    assert not any(valid for valid, _ in found), found


def test_a_receipt_of_another_row_does_not_pass_for_this_one(made: Any) -> None:
    receipts, keys, trusted, _ = made
    one, two = (json.loads(receipts[n]) for n in (1, 2))
    from panhuo.ground.record import canonical_json

    mixed = canonical_json.serialise({**one, "row": {**one["row"], "bytes": two["row"]["bytes"]}})
    assert not verify(mixed, trusted).valid
    assert node([[mixed.decode(), keys]])["verdicts"][0][0] is False
