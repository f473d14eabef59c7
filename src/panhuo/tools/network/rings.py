"""Rings of guarantees or payments: every directed simple ring of two to some length, counted exactly.

Invariant: a ring is a list of different parties, each pointing at the next and the last at the first, written from its
smallest party on; parties count, not rows, so that repeated edges make no further ring and an edge to oneself makes
none. Counts are exact whatever is listed; listed rings stand in order. Nothing depends on threads or on row order.

How: a ring lies inside one strongly connected component, so all else is trimmed away. From each party as the smallest
of its rings, parties that can come back within half the length are marked by a backward search, then paths through
larger parties are followed forward and cut as soon as they can no longer come back in time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.network.graph import Graph

LONGEST = 12  # beyond this the number of rings says nothing a reader could use
BLOCK = 512  # roots a turn


@dataclass(frozen=True)
class Rings:
    """All rings of a graph up to a length.

    Attributes:
        graph: the graph searched.
        max_length: longest ring looked for.
        by_length: exact number of rings of each length from 2 to `max_length`.
        of_node: int64[nodes]: in how many rings each party stands.
        shortest: int64[nodes]: length of the shortest ring a party stands in; 0 for none.
        of_edge: int64[edges]: how many rings run through each edge.
        members: int64[listed, max_length]: node numbers of the listed rings, filled up with -1.
    """

    graph: Graph
    max_length: int
    by_length: dict[int, int]
    of_node: np.ndarray
    shortest: np.ndarray
    of_edge: np.ndarray
    members: np.ndarray

    @property
    def count(self) -> int:
        """Exact number of rings."""
        return sum(self.by_length.values())

    @property
    def listed(self) -> int:
        """Number of rings listed (all of them unless a limit was met)."""
        return len(self.members)

    def nodes_of(self, ring: int) -> list[int]:
        """Node numbers of a listed ring, smallest first."""
        return [int(node) for node in self.members[ring] if node >= 0]

    def labels(self) -> Iterator[list[int | str]]:
        """The listed rings as lists of the parties' own ids, in order."""
        names = self.graph.labels
        for row in self.members.tolist():
            yield [names[node] for node in row if node >= 0]

    def edges_of(self, ring: int) -> list[int]:
        """Edge numbers of a listed ring, from its smallest party's edge on."""
        nodes = self.nodes_of(ring)
        pairs = zip(nodes, nodes[1:] + nodes[:1], strict=True)
        return [edge_number(self.graph, tail, head) for tail, head in pairs]

    def amounts(self) -> tuple[np.ndarray, np.ndarray]:
        """(total, smallest) amount along each listed ring in fen: what is at stake, what can go all the way."""
        return ring_amounts(self.members, self.graph.starts, self.graph.targets, self.graph.amounts)


def edge_number(graph: Graph, tail: int, head: int) -> int:
    """Number of the edge from node `tail` to node `head`.

    Raises:
        InvalidInput: when there is none.
    """
    low, high = int(graph.starts[tail]), int(graph.starts[tail + 1])
    at = low + int(np.searchsorted(graph.targets[low:high], head))
    if at >= high or graph.targets[at] != head:
        raise InvalidInput("there is no such edge", where=f"{graph.labels[tail]} -> {graph.labels[head]}")
    return at


def find_rings(graph: Graph, max_length: int = 6, *, limit: int | None = None, threads: int | None = None) -> Rings:
    """All rings of 2 to `max_length` parties.

    Args:
        graph: see `graph_of`.
        max_length: 2 to 12. The number of rings can grow with the power of it in a dense graph, and the search with
            it: a graph in which everyone points at everyone has no short answer.
        limit: list at most this many rings (the first in order); counts stay exact. None lists all.
        threads: workers; None for as many as the machine has, up to 4. The result does not depend on it.

    Raises:
        InvalidInput: when `max_length` is out of range.
    """
    if not 2 <= max_length <= LONGEST:
        raise InvalidInput(
            f"rings have from 2 to {LONGEST} parties, not {max_length}", where="max_length", remedy="6 is the usual"
        )
    core, old_edge = _core(graph)
    nodes, edges = len(core), len(old_edge)
    new = np.full(graph.nodes, -1, np.int64)
    new[core] = np.arange(nodes)
    tails, heads = new[graph.sources[old_edge]], new[graph.targets[old_edge]]
    starts = _starts(tails, nodes)
    back_order = np.argsort(heads, kind="stable")
    back_starts, back = _starts(heads, nodes), tails[back_order]
    workers = max(1, min(threads or min(os.cpu_count() or 1, 4), nodes // (4 * BLOCK) + 1))
    counts = np.zeros((workers, max_length + 1), np.int64)
    node_counts = np.zeros((workers, nodes), np.int64)
    edge_counts = np.zeros((workers, edges), np.int64)
    shortest = np.full((workers, nodes), max_length + 1, np.int64)
    root_counts = np.zeros(nodes, np.int64)

    def work(worker: int) -> None:
        count_rings(
            starts, heads, back_starts, back, max_length, worker, workers, BLOCK,
            counts[worker], node_counts[worker], edge_counts[worker], shortest[worker], root_counts,
        )  # fmt: skip

    _each(work, workers)
    total = int(root_counts.sum())
    wanted = total if limit is None else min(total, max(limit, 0))
    ends = np.cumsum(root_counts)
    members = np.full((wanted, max_length), -1, np.int64)

    def write(worker: int) -> None:
        list_rings(
            starts,
            heads,
            back_starts,
            back,
            max_length,
            worker,
            workers,
            BLOCK,
            ends - root_counts,
            root_counts,
            members,
        )

    if wanted:
        _each(write, workers)
        members = np.where(members >= 0, core[members], -1)
    of_node, near, of_edge = (
        np.zeros(graph.nodes, np.int64),
        np.zeros(graph.nodes, np.int64),
        np.zeros(graph.edges, np.int64),
    )
    of_node[core] = node_counts.sum(axis=0)
    best = shortest.min(axis=0) if nodes else np.zeros(0, np.int64)
    near[core] = np.where(best > max_length, 0, best)
    of_edge[old_edge] = edge_counts.sum(axis=0)
    by_length = counts.sum(axis=0)
    return Rings(
        graph, max_length, {k: int(by_length[k]) for k in range(2, max_length + 1)}, of_node, near, of_edge, members
    )


def _core(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on some ring of any length, and the edges among them inside one component."""
    component = graph.strong
    size = np.bincount(component, minlength=1)
    inside = size[component] > 1 if graph.nodes else np.zeros(0, np.bool_)
    core = np.flatnonzero(inside)
    same = component[graph.sources] == component[graph.targets] if graph.edges else np.zeros(0, np.bool_)
    return core, np.flatnonzero(same)


def _starts(numbers: np.ndarray, nodes: int) -> np.ndarray:
    starts = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(numbers, minlength=nodes), out=starts[1:])
    return starts


def _each(work: Any, workers: int) -> None:
    if workers == 1:
        work(0)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


@njit(nogil=True, cache=True)
def mark_backward(root: int, depth: int, back_starts: Any, back: Any, distance: Any, queue: Any) -> int:
    """Marks parties larger than `root` that reach it within `depth` steps; returns how many were marked.

    `distance` is 0 where unmarked; `queue` holds what was marked, to be cleared by the caller.
    """
    filled, done = 0, 0
    for at in range(back_starts[root], back_starts[root + 1]):
        other = back[at]
        if other > root:
            distance[other] = 1
            queue[filled] = other
            filled += 1
    for step in range(2, depth + 1):
        end = filled
        while done < end:
            node = queue[done]
            done += 1
            for at in range(back_starts[node], back_starts[node + 1]):
                other = back[at]
                if other > root and distance[other] == 0:
                    distance[other] = step
                    queue[filled] = other
                    filled += 1
    return filled


@njit(nogil=True, cache=True)
def count_rings(
    starts: Any, heads: Any, back_starts: Any, back: Any, longest: int, worker: int, workers: int, block: int,
    counts: Any, node_counts: Any, edge_counts: Any, shortest: Any, root_counts: Any,
) -> None:  # fmt: skip
    """Counts rings whose smallest node is in this worker's blocks: by length, node, edge and root."""
    nodes = len(starts) - 1
    half = max(longest // 2, 1)
    distance = np.zeros(nodes, np.int8)
    on_path = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int64)
    path = np.empty(longest, np.int64)
    cursor = np.empty(longest, np.int64)
    for first in range(worker * block, nodes, workers * block):
        for root in range(first, min(first + block, nodes)):
            if heads[starts[root + 1] - 1] <= root:
                continue  # heads ascend: no way on to a larger party
            marked = mark_backward(root, half, back_starts, back, distance, queue)
            if marked:
                found = 0
                path[0] = root
                cursor[0] = starts[root]
                depth = 0
                while depth >= 0:
                    node = path[depth]
                    at = cursor[depth]
                    if at == starts[node + 1]:
                        on_path[node] = False
                        depth -= 1
                        continue
                    cursor[depth] = at + 1
                    other = heads[at]
                    if other <= root or on_path[other]:
                        continue
                    left = longest - (depth + 1)  # steps still allowed once at `other`
                    away = distance[other]
                    if (away == 0 and left <= half) or away > left:
                        continue
                    depth += 1
                    path[depth] = other
                    cursor[depth] = starts[other]
                    if away == 1:
                        found += 1
                        length = depth + 1
                        counts[length] += 1
                        for place in range(length):
                            member = path[place]
                            node_counts[member] += 1
                            if length < shortest[member]:
                                shortest[member] = length
                            if place < depth:
                                edge_counts[cursor[place] - 1] += 1
                        closing = starts[other]
                        while heads[closing] != root:
                            closing += 1
                        edge_counts[closing] += 1
                    if left == 1:
                        depth -= 1
                    else:
                        on_path[other] = True
                root_counts[root] = found
                for place in range(marked):
                    distance[queue[place]] = 0


@njit(nogil=True, cache=True)
def list_rings(
    starts: Any, heads: Any, back_starts: Any, back: Any, longest: int, worker: int, workers: int, block: int,
    offsets: Any, root_counts: Any, members: Any,
) -> None:  # fmt: skip
    """Writes the rings of this worker's roots to their places in `members` (those that have one)."""
    nodes = len(starts) - 1
    half = max(longest // 2, 1)
    distance = np.zeros(nodes, np.int8)
    on_path = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int64)
    path = np.empty(longest, np.int64)
    cursor = np.empty(longest, np.int64)
    for first in range(worker * block, nodes, workers * block):
        for root in range(first, min(first + block, nodes)):
            place = offsets[root]
            end = min(place + root_counts[root], len(members))
            if place >= end:
                continue
            marked = mark_backward(root, half, back_starts, back, distance, queue)
            path[0] = root
            cursor[0] = starts[root]
            depth = 0
            while depth >= 0:
                node = path[depth]
                at = cursor[depth]
                if at == starts[node + 1] or place == end:
                    on_path[node] = False
                    depth -= 1
                    continue
                cursor[depth] = at + 1
                other = heads[at]
                if other <= root or on_path[other]:
                    continue
                left = longest - (depth + 1)
                away = distance[other]
                if (away == 0 and left <= half) or away > left:
                    continue
                depth += 1
                path[depth] = other
                cursor[depth] = starts[other]
                if away == 1:
                    for step in range(depth + 1):
                        members[place, step] = path[step]
                    place += 1
                if left == 1:
                    depth -= 1
                else:
                    on_path[other] = True
            for step in range(marked):
                distance[queue[step]] = 0


@njit(nogil=True, cache=True)
def ring_amounts(members: Any, starts: Any, targets: Any, amounts: Any) -> Any:
    """(total, smallest) amount along each ring."""
    total = np.zeros(len(members), np.int64)
    smallest = np.zeros(len(members), np.int64)
    for ring in range(len(members)):
        length = 0
        while length < members.shape[1] and members[ring, length] >= 0:
            length += 1
        for place in range(length):
            node = members[ring, place]
            following = members[ring, (place + 1) % length]
            low, high = starts[node], starts[node + 1]
            while low < high:
                middle = (low + high) // 2
                if targets[middle] < following:
                    low = middle + 1
                else:
                    high = middle
            total[ring] += amounts[low]
            if place == 0 or amounts[low] < smallest[ring]:
                smallest[ring] = amounts[low]
    return total, smallest


@dataclass(frozen=True)
class Cut:
    """An edge whose removal opens rings.

    Attributes:
        edge: its number. rings: how many rings of the searched length it takes part in, all opened by the cut.
        amount: what the edge carries, in fen: the smaller, the cheaper it is to replace by other security.
    """

    edge: int
    rings: int
    amount: int


def where_to_cut(rings: Rings, among: Sequence[int] | None = None, most: int = 10) -> list[Cut]:
    """Edges that stand in the most rings, most first; among equals the smaller amount, then the earlier edge.

    Args:
        rings: what `find_rings` returned; its counts by edge are exact.
        among: edge numbers to choose from; None for all. most: how many to return.
    """
    edges = np.arange(rings.graph.edges) if among is None else np.asarray(among, np.int64)
    counts, amounts = rings.of_edge[edges], rings.graph.amounts[edges]
    order = np.lexsort((edges, amounts, -counts))
    chosen = [int(edges[i]) for i in order[:most] if counts[i] > 0]
    return [Cut(edge, int(rings.of_edge[edge]), int(rings.graph.amounts[edge])) for edge in chosen]


@dataclass(frozen=True)
class Group:
    """Parties tied together when directions are ignored, and the strongly connected parts that hold rings.

    Attributes:
        members: node numbers, ascending. cores: node numbers of each strongly connected part of two or more.
        edges, amount: edges inside the group and what they carry in all, in fen.
        rings: parties of the group that stand in a ring of the searched length are `ringed` in number.
    """

    members: tuple[int, ...]
    cores: tuple[tuple[int, ...], ...]
    edges: int
    amount: int
    ringed: int


def groups(rings: Rings, *, smallest: int = 2) -> list[Group]:
    """Guarantee groups of at least `smallest` parties, largest first, then by their smallest party."""
    graph = rings.graph
    weak, strong = graph.weak, graph.strong
    parts = _parts(weak)
    edge_group = weak[graph.sources] if graph.edges else np.zeros(0, np.int64)
    many = np.bincount(edge_group, minlength=len(parts))
    amount = np.zeros(len(parts), np.int64)
    np.add.at(amount, edge_group, graph.amounts)
    found = []
    for number, members in enumerate(parts):
        if len(members) < smallest:
            continue
        cores = [tuple(members[p].tolist()) for p in _parts(strong[members]) if len(p) > 1]
        ringed = int((rings.of_node[members] > 0).sum())
        found.append(Group(tuple(members.tolist()), tuple(cores), int(many[number]), int(amount[number]), ringed))
    return sorted(found, key=lambda g: (-len(g.members), g.members[0]))


def _parts(component: np.ndarray) -> list[np.ndarray]:
    """Positions of each component's members, ascending; components by their smallest member."""
    if len(component) == 0:
        return []
    order = np.argsort(component, kind="stable")
    borders = np.flatnonzero(np.diff(component[order])) + 1
    return sorted(np.split(order, borders), key=lambda part: int(part[0]))
