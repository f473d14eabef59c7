"""Exposure along a chain, by hand and against a plain breadth-first search."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.network.exposure import exposure
from panhuo.tools.network.graph import graph_of


def test_a_chain_and_a_ring_by_hand() -> None:
    chain = graph_of(pa.table({"src": ["A", "B", "C"], "dst": ["B", "C", "D"], "amount": [5, 7, 11]}))
    amounts, parties = exposure(chain, hops=2)
    assert amounts.tolist() == [[5, 7], [7, 11], [11, 0], [0, 0]]
    assert parties.tolist() == [[1, 1], [1, 1], [1, 0], [0, 0]]
    ring = graph_of(pa.table({"src": ["A", "B", "C"], "dst": ["B", "C", "A"], "amount": [5, 7, 11]}))
    amounts, parties = exposure(ring, hops=6)
    assert amounts.sum(axis=1).tolist() == [23, 23, 23]  # once round, never twice
    assert parties.sum(axis=1).tolist() == [2, 2, 2]


def test_against_a_plain_search() -> None:
    random_numbers = random.Random(3)
    pairs = sorted({(random_numbers.randrange(60), random_numbers.randrange(60)) for _ in range(150)})
    money = [random_numbers.randrange(1000) for _ in pairs]
    g = graph_of(
        pa.table({"src": [p[0] for p in pairs], "dst": [p[1] for p in pairs], "amount": pa.array(money, pa.int64())})
    )
    out: dict[int, list[tuple[int, int]]] = {}
    for tail, head, amount in zip(g.sources.tolist(), g.targets.tolist(), g.amounts.tolist(), strict=True):
        out.setdefault(tail, []).append((head, amount))
    amounts, _ = exposure(g, hops=4)
    for seed in range(g.nodes):
        level, seen, expected = {seed}, {seed}, []
        for _ in range(4):
            expected.append(sum(a for node in level for _, a in out.get(node, ())))
            level = {h for node in level for h, _ in out.get(node, ())} - seen
            seen |= level
        assert amounts[seed].tolist() == expected
    some, _ = exposure(g, hops=4, seeds=np.array([3, 1]))
    assert some.tolist() == [amounts[3].tolist(), amounts[1].tolist()]


def test_hops_out_of_range() -> None:
    with pytest.raises(InvalidInput):
        exposure(graph_of(pa.table({"src": [1], "dst": [2]})), hops=0)
