"""Rings: the exact count against brute force, and what repeated, mutual and self-pointing edges mean."""

from __future__ import annotations

import functools
import itertools
import random

import networkx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.network.graph import Graph, graph_of
from panhuo.tools.network.rings import find_rings, groups, where_to_cut


def table(pairs: list[tuple], amounts: list[int] | None = None) -> pa.Table:
    columns = {"src": [p[0] for p in pairs], "dst": [p[1] for p in pairs]}
    if amounts is not None:
        columns["amount"] = amounts
    return pa.table(columns)


def graph(pairs: list[tuple], amounts: list[int] | None = None) -> Graph:
    if not pairs:
        return graph_of(pa.table({"src": pa.array([], pa.int64()), "dst": pa.array([], pa.int64())}))
    return graph_of(table(pairs, amounts))


def by_brute_force(pairs: set[tuple[int, int]], longest: int) -> list[list[int]]:
    """Every ordering of every subset of parties that starts with its smallest: plain Python, no search at all."""
    nodes = sorted({node for pair in pairs for node in pair})
    rings = []
    for length in range(2, longest + 1):
        for members in itertools.combinations(nodes, length):
            for rest in itertools.permutations(members[1:]):
                ring = (members[0], *rest)
                if all((ring[i], ring[(i + 1) % length]) in pairs for i in range(length)):
                    rings.append(list(ring))
    return sorted(rings)


@functools.cache
def every_ring(nodes: int) -> list[tuple[int, list[int]]]:
    """All conceivable rings of 2 to 6 among `nodes` parties, each with the set of its edges as bits."""
    found = []
    complete = {(a, b) for a in range(nodes) for b in range(nodes) if a != b}
    for ring in by_brute_force(complete, 6):
        edges = zip(ring, ring[1:] + ring[:1], strict=True)
        found.append((sum(1 << (a * nodes + b) for a, b in edges), ring))
    return found


def test_ten_thousand_random_small_graphs_against_brute_force() -> None:
    # A hundred graphs stand side by side in one table, so that most of the time goes into rings and not into tables;
    # every third table holds one graph alone.
    random_numbers = random.Random(20261122)
    graphs = rings_met = 0
    for turn in range(151):
        together = 1 if turn % 3 == 0 else 100
        pairs, expected = [], []
        for place in range(together):
            nodes = random_numbers.choice((2, 3, 4, 4, 5, 5, 5, 6, 6, 7))
            density = random_numbers.choice((0.2, 0.35, 0.5, 0.8))
            own = [(a, b) for a in range(nodes) for b in range(nodes) if random_numbers.random() < density]
            bits = sum(1 << (a * nodes + b) for a, b in own)
            first = 10 * place
            pairs += [(first + a, first + b) for a, b in own]
            expected += [[first + n for n in ring] for edges, ring in every_ring(nodes) if edges & bits == edges]
        random_numbers.shuffle(pairs)
        found = find_rings(graph(pairs), 6)
        assert list(found.labels()) == expected, pairs
        assert found.count == len(expected), pairs
        graphs += together
        rings_met += len(expected)
    assert graphs >= 10_000
    assert rings_met > 100_000  # the trials were not empty


@pytest.mark.parametrize("longest", [2, 3, 4, 5, 7])
def test_other_lengths_against_brute_force(longest: int) -> None:
    random_numbers = random.Random(longest)
    for _ in range(60):
        pairs = [(a, b) for a in range(7) for b in range(7) if a != b and random_numbers.random() < 0.4]
        assert list(find_rings(graph(pairs), longest).labels()) == by_brute_force(set(pairs), longest)


def test_against_networkx_on_larger_graphs() -> None:
    for seed in range(4):
        random_numbers = random.Random(seed)
        pairs = sorted({(random_numbers.randrange(250), random_numbers.randrange(250)) for _ in range(750)})
        other = networkx.DiGraph(p for p in pairs if p[0] != p[1])
        rings = sorted(
            cycle[cycle.index(min(cycle)) :] + cycle[: cycle.index(min(cycle))]
            for cycle in networkx.simple_cycles(other, length_bound=6)
        )
        assert list(find_rings(graph(pairs), 6).labels()) == rings
        components = {frozenset(c) for c in networkx.strongly_connected_components(other)}
        mine: dict[int, set] = {}
        g = graph(pairs)
        for label, number in zip(g.labels, g.strong.tolist(), strict=True):
            mine.setdefault(number, set()).add(label)
        alone = {frozenset([n]) for n in g.labels if n not in other}
        assert {frozenset(c) for c in mine.values()} == components | alone


def test_counts_by_party_and_edge_agree_with_the_list() -> None:
    random_numbers = random.Random(5)
    pairs = [(a, b) for a in range(9) for b in range(9) if a != b and random_numbers.random() < 0.4]
    g = graph(pairs, [random_numbers.randrange(1, 10**9) for _ in pairs])
    found = find_rings(g, 5)
    total, smallest = found.amounts()
    of_node, of_edge, shortest = [0] * g.nodes, [0] * g.edges, [99] * g.nodes
    for ring in range(found.listed):
        nodes, edges = found.nodes_of(ring), found.edges_of(ring)
        for node in nodes:
            of_node[node] += 1
            shortest[node] = min(shortest[node], len(nodes))
        for edge in edges:
            of_edge[edge] += 1
        assert total[ring] == sum(g.amounts[edges])
        assert smallest[ring] == min(g.amounts[edges])
    assert found.of_node.tolist() == of_node
    assert found.of_edge.tolist() == of_edge
    assert found.shortest.tolist() == [0 if s == 99 else s for s in shortest]


def test_the_list_is_cut_and_the_count_is_not() -> None:
    pairs = [(a, b) for a in range(8) for b in range(8) if a != b]
    every = find_rings(graph(pairs), 6)
    # Rings of length k among n parties that all point at each other: n! / (n - k)! / k.
    assert every.by_length == {2: 28, 3: 112, 4: 420, 5: 1344, 6: 3360}
    some = find_rings(graph(pairs), 6, limit=100)
    assert (some.count, some.by_length, some.listed) == (every.count, every.by_length, 100)
    assert list(some.labels()) == list(every.labels())[:100]
    assert find_rings(graph(pairs), 6, limit=0).listed == 0


def test_threads_change_nothing() -> None:
    random_numbers = random.Random(11)
    pairs = [(random_numbers.randrange(9000), random_numbers.randrange(9000)) for _ in range(25_000)]
    one, three = (find_rings(graph(pairs), 6, threads=n) for n in (1, 3))
    assert one.count == three.count > 50
    for name in ("members", "of_node", "of_edge", "shortest"):
        assert (getattr(one, name) == getattr(three, name)).all()


def test_self_loops_repeats_and_gaps_are_defined() -> None:
    edges = pa.table(
        {
            "src": ["A", "A", "B", "B", None, "C"],
            "dst": ["A", "B", "A", "A", "A", None],
            "amount": [7, 1, 2, 3, 4, 5],
        }
    )
    g = graph_of(edges)
    assert (g.self_loops, g.repeats, g.dropped, g.mutual_pairs) == (1, 1, 2, 1)
    assert g.amounts.tolist() == [1, 5]
    assert list(find_rings(g).labels()) == [["A", "B"]]


def test_no_edges_no_rings() -> None:
    found = find_rings(graph([]))
    assert (found.count, found.listed, groups(found), where_to_cut(found)) == (0, 0, [], [])
    found = find_rings(graph([(1, 1)]))
    assert (found.count, found.graph.self_loops) == (0, 1)


def test_text_labels_stand_in_byte_order_and_numbers_by_size() -> None:
    assert list(find_rings(graph([("甲", "乙"), ("乙", "甲")])).labels()) == [sorted(["甲", "乙"])]
    assert list(find_rings(graph([(10, 9), (9, 10)])).labels()) == [[9, 10]]
    mixed = graph_of(pa.table({"src": ["9", "10"], "dst": pa.array([10, 9], pa.int64())}))
    assert list(find_rings(mixed).labels()) == [["10", "9"]]


def test_groups_and_where_to_cut() -> None:
    # Two rings share the edge 2 -> 3; 5 guarantees a member without being guaranteed; 7 and 8 stand apart.
    pairs = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 2), (5, 1), (7, 8)]
    found = find_rings(graph(pairs, [10, 20, 30, 40, 50, 60, 70]))
    assert list(found.labels()) == [[1, 2, 3], [2, 3, 4]]
    best = where_to_cut(found)[0]
    assert (found.graph.labels[found.graph.sources[best.edge]], best.rings, best.amount) == (2, 2, 20)
    large, small = groups(found)
    assert [found.graph.labels[n] for n in large.members] == [1, 2, 3, 4, 5]
    assert [[found.graph.labels[n] for n in core] for core in large.cores] == [[1, 2, 3, 4]]
    assert (large.edges, large.amount, large.ringed, small.amount, small.cores) == (6, 210, 4, 70, ())


def test_bad_tables_are_refused_with_a_remedy() -> None:
    with pytest.raises(InvalidInput, match="no column src"):
        graph_of(pa.table({"from": [1], "dst": [2]}))
    with pytest.raises(InvalidInput, match="negative"):
        graph_of(table([(1, 2)], [-5]))
    with pytest.raises(InvalidInput, match="not a whole number"):
        graph_of(pa.table({"src": [1], "dst": [2], "amount": [1.5]}))
    with pytest.raises(InvalidInput, match="rings have"):
        find_rings(graph([(1, 2)]), 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60), st.randoms())
def test_row_order_and_repeats_change_nothing(pairs: list[tuple[int, int]], shuffle: random.Random) -> None:
    first = find_rings(graph(pairs))
    shuffled = pairs + pairs[: len(pairs) // 2]
    shuffle.shuffle(shuffled)
    again = find_rings(graph(shuffled))
    assert list(first.labels()) == list(again.labels())
    assert first.by_length == again.by_length
