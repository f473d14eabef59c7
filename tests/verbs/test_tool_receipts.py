"""Receipts of the tools that work on a frame without a book: what was said verifies, replays, and nothing else does."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.verbs import apr, debt, replay, rings, schedule, score, train, verify

FLOWS = '{"flows": [["2026-01-10", 100000.5], ["2026-07-10", -52500], ["2027-01-10", -52500]], "convention": "cn"}'
DEBT = {
    "id": "D1",
    "debtor": "某某商贸有限公司",
    "start": "2024-01-10",
    "maturity": "2025-01-10",
    "as_of": "2025-06-30",
    "principal": "1000000",
    "rate": "0.0435",
}
LOAN = {
    "terms": {
        "contractType": "PAM",
        "contractID": "loan-1",
        "contractRole": "RPA",
        "currency": "CNY",
        "statusDate": "2024-12-31",
        "initialExchangeDate": "2025-01-01",
        "maturityDate": "2026-01-01",
        "notionalPrincipal": 500000,
        "nominalInterestRate": 0.0435,
        "dayCountConvention": "A360",
    }
}

CARD = """
name = "two_columns"
base = 520
scale = { points = 600, odds = 50, double = 20 }
[[column]]
name = "debt_ratio"
unknown = { points = -10, zh = "缺失", en = "not known" }
[[column.bin]]
to = 0.5
points = 15
zh = "不超过一半"
en = "at most half"
[[column.bin]]
points = -20
zh = "超过一半"
en = "over half"
"""


def _applicants(path: Path, rows: int = 400) -> Path:
    draw = random.Random(7)
    lines = ["id,debt_ratio,years,bad"]
    for i in range(rows):
        ratio, years = draw.random(), draw.randint(0, 20)
        bad = int(draw.random() < 0.1 + 0.6 * ratio - 0.01 * years)
        lines.append(f"A{i},{ratio:.4f},{years},{bad}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _calls(folder: Path) -> dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]]:
    flows, owed, loan, edges = (folder / name for name in ("flows.json", "debt.json", "loan.json", "edges.csv"))
    flows.write_text(FLOWS, encoding="utf-8")
    owed.write_text(json.dumps([DEBT, {"id": "D2"}], ensure_ascii=False), encoding="utf-8")
    loan.write_text(json.dumps(LOAN), encoding="utf-8")
    edges.write_text("src,dst,amount\nA,B,5\nB,C,3.25\nC,A,4\n", encoding="utf-8")
    data, card = _applicants(folder / "applicants.csv"), folder / "card.toml"
    card.write_text(CARD, encoding="utf-8")
    return {
        "apr": (apr, (str(flows),), {}),
        "debt": (debt, (str(owed),), {}),
        "schedule": (schedule, (str(loan),), {}),
        "rings": (rings, (str(edges),), {"max_length": 4}),
        "score": (score, (str(card), str(data)), {"out": str(folder / "scores.csv"), "id": "id"}),
    }


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Every tool called with a receipt: (what it told, the files it was given), by its name."""
    folder = tmp_path_factory.mktemp("tools")
    told = {}
    for name, (verb, files, options) in _calls(folder).items():
        plain = verb.run(*files, **options)
        result = verb.run(*files, **options, receipt=str(folder / f"{name}.receipt.json"))
        assert {key: value for key, value in result.items() if key not in ("receipt", "public_key", "root")} == plain
        told[name] = (result, files)
    return told


TOOLS = ("apr", "debt", "schedule", "rings", "score")


@pytest.mark.parametrize("tool", TOOLS)
def test_verify_accepts_the_receipt_with_the_key_beside_it(tool: str, sealed: dict[str, Any]) -> None:
    result, _ = sealed[tool]
    found = verify.run(result["receipt"], key=result["public_key"])
    assert found["valid"], found["reason"]
    entry = found["entry"]
    assert (entry["kind"], entry["org"], entry["root"]) == ("outcome", "anonymous", result["root"])
    assert entry["lineage"]["verb"] == tool and len(entry["lineage"]["batches"]["anonymous"]["roots"]) == 1
    assert "time" not in json.dumps(entry["lineage"]["inputs"])
    assert verify.run(result["receipt"], key=str(Path(result["public_key"]).parent))["valid"]


@pytest.mark.parametrize("tool", TOOLS)
def test_no_flipped_byte_verifies(tool: str, sealed: dict[str, Any], tmp_path: Path) -> None:
    from panhuo.trust.evidence.keys import trusted_keys
    from panhuo.trust.evidence.receipts import verify as check

    result, _ = sealed[tool]
    keys = trusted_keys(Path(result["public_key"]), None)
    receipt = Path(result["receipt"]).read_bytes()
    for at in range(len(receipt)):
        changed = bytearray(receipt)
        changed[at] ^= 0x01
        assert not check(bytes(changed), keys).valid, f"byte {at}"


@pytest.mark.parametrize("tool", TOOLS)
def test_replay_computes_the_same_and_refuses_another_input(tool: str, sealed: dict[str, Any], tmp_path: Path) -> None:
    result, files = sealed[tool]
    again = replay.run(result["receipt"], input=files)
    assert (again["same"], again["exit_code"], again["root"]) == (True, 0, result["root"])
    other = tmp_path / Path(files[-1]).name
    text = Path(files[-1]).read_text(encoding="utf-8")
    changes = {"apr": ("52500]]", "52501]]"), "debt": ("1000000", "1000001"), "schedule": ("500000", "500001")}
    old, new = changes.get(tool, ("A,4", "A,6") if tool == "rings" else (",1\n", ",0\n"))
    other.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match="input is not the one"):
        replay.run(result["receipt"], input=(*files[:-1], str(other)))
    with pytest.raises(InvalidInput, match="without a book"):
        replay.run(result["receipt"])


def test_the_sealed_rate_is_the_told_one_in_billionths(sealed: dict[str, Any]) -> None:
    result, files = sealed["apr"]
    row = apr.said(files[0]).outcome.table.to_pylist()[0]
    assert row["apr"] == round(result["apr"] * 1e9)
    assert row["simple"] == round(result["simple"] * 1e9)


def test_a_receipt_differs_in_its_time_alone(sealed: dict[str, Any], tmp_path: Path) -> None:
    result, files = sealed["rings"]
    again = rings.run(*files, max_length=4, receipt=str(tmp_path / "again.json"))
    first, second = (json.loads(Path(one["receipt"]).read_bytes()) for one in (result, again))
    assert first["entry"] == second["entry"] and first["key"] == second["key"]


def test_the_input_root_is_of_values_and_names_not_of_the_file(tmp_path: Path) -> None:
    comma, tab = tmp_path / "edges.csv", tmp_path / "edges.tsv"
    comma.write_text("src,dst,amount\nA,B,5\nB,A,3\n", encoding="utf-8")
    tab.write_text("src\tdst\tamount\nA\tB\t5\nB\tA\t3\n", encoding="utf-8")
    renamed = tmp_path / "renamed.csv"
    renamed.write_text("src,dst,Amount\nA,B,5\nB,A,3\n", encoding="utf-8")

    def root(path: Path) -> str:
        return str(rings.said(str(path)).entry()["lineage"]["batches"]["anonymous"]["roots"][0])

    assert root(comma) == root(tab) != root(renamed)


def test_an_amount_below_the_cent_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("src,dst,amount\nA,B,5.25\nB,A,3.005\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="more than two decimals") as refused:
        rings.run(str(path))
    assert "row 2" in refused.value.where and "cent" in refused.value.remedy


def test_the_input_root_by_hand(tmp_path: Path) -> None:
    """docs/format.md written out once more, without the library: three columns, two rows, five leaves."""
    from hashlib import sha256

    def text(value: str) -> bytes:
        return len(value.encode()).to_bytes(4, "big") + value.encode()

    def row(table: str, *values: int | str | None) -> bytes:
        data = b"\x01" + text(table) + (1).to_bytes(4, "big")
        for value in values:
            if value is None:
                data += b"\x00"
            elif isinstance(value, int):
                data += b"\x01" + value.to_bytes(8, "big", signed=True)
            else:
                data += b"\x01" + text(value)
        return sha256(b"\x00" + data).digest()

    def node(left: bytes, right: bytes) -> bytes:
        return sha256(b"\x01" + left + right).digest()

    path = tmp_path / "edges.csv"
    path.write_text("src,dst,amount\nA,B,1.5\nB,A,\n", encoding="utf-8")
    leaves = [
        row("edges.columns", 1, "src", "text"),
        row("edges.columns", 2, "dst", "text"),
        row("edges.columns", 3, "amount", "decimal text"),
        row("edges.rows", 1, "A", "B", "1.5"),
        row("edges.rows", 2, "B", "A", None),
    ]
    four = node(node(leaves[0], leaves[1]), node(leaves[2], leaves[3]))
    stated = rings.said(str(path)).entry()["lineage"]["batches"]["anonymous"]["roots"][0]
    assert stated == node(four, leaves[4]).hex()


@pytest.mark.slow
def test_a_trained_model_verifies_and_trains_to_the_same_bytes_again(tmp_path: Path) -> None:
    data, out = _applicants(tmp_path / "applicants.csv"), tmp_path / "model.json"
    options = {"target": "bad", "id": "id", "out": str(out), "method": "scorecard"}
    result = train.run(str(data), **options, receipt=str(tmp_path / "train.receipt.json"))
    found = verify.run(result["receipt"], key=result["public_key"])
    assert found["valid"] and found["entry"]["lineage"]["parameters"]["target"] == "bad"
    row = replay.run(result["receipt"], input=(str(data),))
    assert (row["same"], row["root"]) == (True, result["root"])


def test_a_debts_receipt_names_the_rule_files_and_a_replay_those_changed_since(sealed: dict[str, Any]) -> None:
    from panhuo.ground.rules.library import FILES, RuleLibrary, recording

    result, files = sealed["debt"]
    read = verify.run(result["receipt"], key=result["public_key"])["entry"]["lineage"]["rule_files"]
    assert read, "a debt is computed by rules"
    texts = {}
    for name in read:
        for path in (FILES / name, *FILES.parent.glob(f"reference/{name}")):
            if path.is_file():
                texts[name] = path.read_text(encoding="utf-8") + "\n# edited\n"
    assert set(texts) == set(read)
    with recording(RuleLibrary(texts)):
        again = replay.run(result["receipt"], input=files)
    # A comment changes no number: the rows are the same under files that are not.
    assert again["same"] and "differ" in again["note"], again
