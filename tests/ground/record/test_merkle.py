"""Merkle trees against RFC 6962 reference roots and the transparency.dev proof vectors."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.merkle import (
    Frontier,
    MerkleTree,
    joined,
    leaf_hash,
    path_parts,
    root_of,
    verify_consistency,
    verify_inclusion,
)


def test_roots_of_the_reference_tree(shared_data: Path) -> None:
    reference = json.loads((shared_data / "merkle" / "rfc6962_reference_roots.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(text)) for text in reference["leaves_hex"]]
    for size, expected in enumerate(reference["root_after_n_leaves"], start=1):
        assert root_of(leaves[:size]).hex() == expected


def test_a_frontier_grows_through_the_reference_roots(shared_data: Path) -> None:
    reference = json.loads((shared_data / "merkle" / "rfc6962_reference_roots.json").read_text())
    grown = Frontier()
    for text, expected in zip(reference["leaves_hex"], reference["root_after_n_leaves"], strict=True):
        grown.append(leaf_hash(bytes.fromhex(text)))
        assert grown.root.hex() == expected
        grown = Frontier(grown.size, grown.peaks)


def _vectors(shared_data: Path, kind: str) -> list[dict]:
    with gzip.open(shared_data / "merkle" / "transparency_dev_vectors.jsonl.gz", "rt") as lines:
        return [v for v in map(json.loads, lines) if v["file"].startswith(kind + "/")]


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_transparency_vectors(shared_data: Path, kind: str) -> None:
    vectors = _vectors(shared_data, kind)
    assert len(vectors) > 50
    for vector in vectors:
        proof = [_bytes(p) for p in vector["proof"] or []]
        if kind == "inclusion":
            valid = verify_inclusion(
                _bytes(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof, _bytes(vector["root"])
            )
        else:
            valid = verify_consistency(
                vector["size1"], vector["size2"], proof, _bytes(vector["root1"]), _bytes(vector["root2"])
            )
        assert valid is not vector["wantErr"], vector["file"]


@given(st.integers(1, 70), st.data())
def test_every_path_leads_to_the_root_and_no_other_leaf_does(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(size)]
    tree = MerkleTree(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion_path(index)
    assert verify_inclusion(leaves[index], index, size, path, tree.root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, path, tree.root)
    old = data.draw(st.integers(1, size))
    assert verify_consistency(old, size, tree.consistency_path(old), root_of(leaves[:old]), tree.root)


@given(st.integers(1, 70), st.data())
def test_whole_nodes_kept_while_growing_prove_every_leaf(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([i])) for i in range(size)]
    grown, nodes = Frontier(), {}
    for leaf in leaves:
        nodes |= {(level, number): value for level, number, value in grown.append(leaf)}
    index = data.draw(st.integers(0, size - 1))
    path = [joined([nodes[part] for part in parts]) for parts in path_parts(index, size)]
    assert path == MerkleTree(leaves).inclusion_path(index)
    assert len(nodes) < 2 * size
