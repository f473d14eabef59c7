"""Places settled: the same for the same graph, groups apart, and small graphs drawn as well as networkx draws them."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from panhuo.tools.network.graph import Graph, graph_of
from panhuo.tools.network.layout import UNIT, hull, settle

networkx = pytest.importorskip("networkx", reason="networkx is not installed: drawings have no peer here")


def graph(edges: list[tuple[int, int]]) -> Graph:
    return graph_of(pa.table({"src": [a for a, _ in edges], "dst": [b for _, b in edges]}))


def stress(peer: Any, places: dict[int, Any]) -> float:
    """How far distances drawn are from steps between parties (weighted by 1 / steps squared), at the best scale."""
    steps = dict(networkx.all_pairs_shortest_path_length(peer))
    pairs = [(u, v) for u in peer for v in peer if u < v]
    drawn = np.array([np.hypot(*(np.asarray(places[u]) - np.asarray(places[v]))) for u, v in pairs])
    wanted = np.array([steps[u][v] for u, v in pairs], float)
    scale = (drawn / wanted).sum() / (drawn**2 / wanted**2).sum()
    return float(((scale * drawn - wanted) ** 2 / wanted**2).sum() / len(pairs))


SHAPES = {
    "ring": networkx.cycle_graph(40),
    "grid": networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(9, 9)),
    "tree": networkx.balanced_tree(3, 4),
    "small world": networkx.connected_watts_strogatz_graph(120, 4, 0.1, seed=1),
    "star": networkx.star_graph(60),
    "path": networkx.path_graph(60),
    "hubs": networkx.barabasi_albert_graph(150, 2, seed=3),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_drawing_is_as_good_as_the_peers(shape: str) -> None:
    peer = SHAPES[shape]
    x, y = settle(graph(list(peer.edges)))
    mine = stress(peer, {n: (x[n], y[n]) for n in peer})
    theirs = [stress(peer, networkx.spring_layout(peer, seed=seed, iterations=200)) for seed in range(3)]
    print(f"{shape}: {mine:.3f}, networkx {min(theirs):.3f} to {max(theirs):.3f}")
    assert mine <= 1.05 * max(theirs)


def test_a_pair_lies_a_unit_apart_and_groups_do_not_overlap() -> None:
    edges = [(0, 1), (2, 3), (3, 4), (4, 2), (10, 11), (11, 12), (12, 13), (13, 10), (13, 14)]
    held = graph(edges)
    x, y = settle(held)
    at = {label: (int(x[n]), int(y[n])) for n, label in enumerate(held.labels)}
    assert abs(at[1][0] - at[0][0]) == UNIT
    assert at[1][1] == at[0][1]
    assert min(x.min(), y.min()) >= 0
    boxes = []
    for members in ((0, 1), (2, 3, 4), (10, 11, 12, 13, 14)):
        across, down = [at[m][0] for m in members], [at[m][1] for m in members]
        boxes.append((min(across), min(down), max(across), max(down)))
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1], (a, b)


def test_directions_and_amounts_move_nothing_and_another_process_places_alike() -> None:
    chance = np.random.default_rng(7)
    edges = [(int(v), int(chance.integers(0, v))) for v in range(1, 400)]
    x, y = settle(graph(edges))
    turned = settle(graph([(b, a) for a, b in edges]))
    assert np.array_equal(x, turned[0])
    assert np.array_equal(y, turned[1])
    code = (
        "import numpy as np, pyarrow as pa\n"
        "from panhuo.tools.network.graph import graph_of\nfrom panhuo.tools.network.layout import settle\n"
        "c = np.random.default_rng(7)\ne = [(int(v), int(c.integers(0, v))) for v in range(1, 400)]\n"
        "x, y = settle(graph_of(pa.table({'src': [a for a, _ in e], 'dst': [b for _, b in e]})))\n"
        "print(x.tolist() + y.tolist())"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300,
                           env={"PYTHONHASHSEED": "5", "NUMBA_NUM_THREADS": "1", "PATH": ""})  # fmt: skip
    assert again.stdout.strip() == str(x.tolist() + y.tolist())


def test_no_party_and_one_pair() -> None:
    nobody = settle(graph_of(pa.table({"src": pa.array([], pa.string()), "dst": pa.array([], pa.string())})))
    assert [len(one) for one in nobody] == [0, 0]
    x, y = settle(graph([(5, 9)]))
    assert (x.tolist(), y.tolist()) == ([0, UNIT], [0, 0])


def test_a_hull_worked_by_hand() -> None:
    square = [(0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (2, 0)]
    assert hull(square) == [0, 1, 2, 3]
    assert hull([(1, 1), (1, 1), (3, 3)]) == [0, 2]
    assert hull([(0, 0)]) == [0]


def book_like(parties: int) -> Graph:
    """One group of two fifths of the parties, the rest in groups as a book has them: mostly pairs, a few large."""
    chance = np.random.default_rng(1)
    sizes = [parties * 2 // 5, *np.clip(chance.pareto(1.3, parties // 5) * 2 + 2, 2, 400).astype(int).tolist()]
    edges, first = [], 0
    for size in sizes:
        size = min(size, parties - first)
        if size < 2:
            break
        edges += [(first + v, first + int(chance.integers(max(0, v - 60), v))) for v in range(1, size)]
        first += size
    return graph(edges)


@pytest.mark.slow
def test_fifty_thousand_parties_lay_out() -> None:
    held = book_like(50_000)
    assert held.nodes >= 49_990
    began = time.perf_counter()
    x, y = settle(held)
    print(f"{held.nodes} parties, {held.edges} ties: {time.perf_counter() - began:.1f} s")
    places = set(zip(x.tolist(), y.tolist(), strict=True))
    assert len(places) > 0.99 * held.nodes  # nobody on top of another
    length = np.hypot(x[held.sources] - x[held.targets], y[held.sources] - y[held.targets])
    assert np.median(length) < 6 * UNIT  # ties hold together what belongs together
