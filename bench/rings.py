"""Kernel 5: strongly connected components, all rings of two to six, exposure over four steps, against what users take.

A graph of firms of which half the edges stay inside communities of ten (`performance.md` 5). Every peer counts the same
rings as ours on the part it is given before anything is timed.

    python bench/rings.py [--json FILE] [--firms 1000000]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow as pa

import harness
from panhuo.tools.network.exposure import exposure
from panhuo.tools.network.graph import Graph, graph_of, strong_components
from panhuo.tools.network.rings import find_rings

FIRMS = int(sys.argv[sys.argv.index("--firms") + 1]) if "--firms" in sys.argv else 1_000_000


def edges(firms: int, seed: int = 5) -> pa.Table:
    """2.75 edges a firm, half of them inside communities of ten; amounts of 10,000 to 10 million yuan in fen."""
    random = np.random.default_rng(seed)
    count = int(2.75 * firms)
    source = random.integers(0, firms, count)
    target = random.integers(0, firms, count)
    near = random.random(count) < 0.5
    target[near] = np.minimum(source[near] // 10 * 10 + random.integers(0, 10, int(near.sum())), firms - 1)
    return pa.table({"src": source, "dst": target, "amount": random.integers(10**6, 10**9, count)})


def _networkx(graph: Graph) -> Any:
    import networkx

    return networkx.DiGraph(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))


def _duckdb_rings(table: pa.Table, longest: int = 6) -> int:
    import duckdb

    connection = duckdb.connect()
    connection.register("t", table)
    connection.execute("create table e as select distinct src, dst from t where src <> dst")
    query = f"""
        with recursive walk(root, here, path) as (
            select src, dst, [src, dst] from e where dst > src
            union all
            select root, e.dst, list_append(path, e.dst) from walk join e on e.src = walk.here
            where e.dst > root and len(path) < {longest} and not list_contains(path, e.dst))
        select count(*) from walk join e on e.src = walk.here and e.dst = walk.root"""
    return int(connection.execute(query).fetchall()[0][0])


def main() -> list[harness.Ratio]:
    """Times ours against scipy, networkx and duckdb."""
    table = edges(FIRMS)
    graph = graph_of(table)
    small_table = edges(max(FIRMS // 1000, 1000))
    small = graph_of(small_table)
    found = find_rings(graph, 6, limit=0)
    print(f"{graph.nodes:,} firms, {graph.edges:,} edges, {found.count:,} rings {found.by_length}")
    ratios: list[harness.Ratio] = []

    import networkx
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = csr_matrix((np.ones(graph.edges, np.int8), graph.targets, graph.starts), shape=(graph.nodes,) * 2)
    components = connected_components(matrix, directed=True, connection="strong")[0]
    assert int(strong_components(graph.starts, graph.targets).max()) + 1 == components
    ratios += harness.compare(
        "5a components",
        harness.Contender("ours", lambda: strong_components(graph.starts, graph.targets), 1),
        [harness.Contender("scipy", lambda: connected_components(matrix, directed=True, connection="strong"), 1)],
        {"scipy": 0.95},
        unit="graph",
    )

    other = _networkx(small)
    count = find_rings(small, 6, limit=0).count
    assert sum(1 for _ in networkx.simple_cycles(other, length_bound=6)) == count
    assert _duckdb_rings(small_table) == count
    # Peers are slow: they do the thousandth part and are compared by their cost a ring.
    ratios += harness.compare(
        "5b rings to 6",
        harness.Contender("ours", lambda: find_rings(Graph(**_fields(graph)), 6, limit=0), found.count),
        [
            harness.Contender("networkx", lambda: sum(1 for _ in networkx.simple_cycles(other, length_bound=6)), count),
            harness.Contender("duckdb", lambda: _duckdb_rings(small_table), count),
        ],
        {"networkx": 100.0, "duckdb": 30.0},
        unit="ring",
        rounds=3,
    )

    money = csr_matrix((graph.amounts, graph.targets, graph.starts), shape=(graph.nodes,) * 2)
    own = np.asarray(money.sum(axis=1)).ravel()

    def walks() -> Any:
        reached, total = own.copy(), own.copy()
        for _ in range(3):
            reached = matrix @ reached
            total = total + reached
        return total

    # Not the same number: scipy's counts an edge once a walk, ours once a party. Told, not judged.
    ratios += harness.compare(
        "5c exposure, 4 steps",
        harness.Contender("ours, each edge once", lambda: exposure(graph, 4), 1),
        [harness.Contender("scipy, each walk", walks, 1)],
        {},
        unit="graph",
        rounds=3,
    )
    return ratios


def _fields(graph: Graph) -> dict[str, Any]:
    """The graph's own fields, so that nothing worked out before is reused."""
    names = ("labels", "starts", "sources", "targets", "amounts")
    return {name: getattr(graph, name) for name in names}


if __name__ == "__main__":
    harness.run(main)
