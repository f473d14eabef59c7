"""A directed graph of parties from an edge table: parties in label order, edges without repeats, amounts in fen.

Invariant: nodes are numbered in label order (integers numerically, text by UTF-8 bytes), edges stand by (source,
target), each pair once with the amounts of its repeats added; an edge from a party to itself is set aside and counted,
never an edge of the graph. Everything is an integer; the same rows in any order give the same graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from panhuo.ground.record.errors import InvalidInput

LARGEST_AMOUNT = 2**62


@dataclass(frozen=True)
class Graph:
    """See the module's invariant.

    Attributes:
        labels: the parties' own ids (int or str) by node number.
        starts: int64[nodes + 1]; edges of node v are ``starts[v] : starts[v + 1]``.
        sources, targets: int64[edges], node numbers, sorted by (source, target).
        amounts: int64[edges] in fen (or whatever whole unit the caller uses); 0 where none is stated.
        has_amounts: whether the table states amounts.
        self_loops: rows from a party to itself, set aside.
        repeats: rows beyond the first of the same (source, target), whose amounts were added.
        dropped: rows without a source or a target, set aside.
    """

    labels: tuple[int, ...] | tuple[str, ...]
    starts: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    amounts: np.ndarray
    has_amounts: bool = False
    self_loops: int = 0
    repeats: int = 0
    dropped: int = 0

    @property
    def nodes(self) -> int:
        """Number of parties."""
        return len(self.labels)

    @property
    def edges(self) -> int:
        """Number of different (source, target) pairs."""
        return len(self.targets)

    @cached_property
    def backward(self) -> tuple[np.ndarray, np.ndarray]:
        """(starts, sources): who points at each node, sources ascending."""
        order = np.argsort(self.targets, kind="stable")
        starts = np.zeros(self.nodes + 1, np.int64)
        np.cumsum(np.bincount(self.targets, minlength=self.nodes), out=starts[1:])
        return starts, self.sources[order]

    @cached_property
    def mutual_pairs(self) -> int:
        """Pairs of parties that point at each other."""
        forward = self.sources * self.nodes + self.targets
        return int(np.isin(self.targets * self.nodes + self.sources, forward).sum()) // 2

    @cached_property
    def strong(self) -> np.ndarray:
        """int64[nodes]: the strongly connected group of each node, numbered by its smallest node."""
        return _by_smallest(strong_components(self.starts, self.targets))

    @cached_property
    def weak(self) -> np.ndarray:
        """int64[nodes]: the group of each node when directions are ignored, numbered by its smallest node."""
        return _by_smallest(weak_components(self.nodes, self.sources, self.targets))


def _by_smallest(component: np.ndarray) -> np.ndarray:
    if len(component) == 0:
        return component
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]


def graph_of(edges: pa.Table, *, source: str = "src", target: str = "dst", amount: str = "amount") -> Graph:
    """The graph of an edge table.

    Args:
        edges: columns `source` and `target` (integers or text) and optionally `amount` (whole numbers, fen).
            When one of the two id columns is text, both are read as text.

    Raises:
        InvalidInput: a column is missing, or an amount is no whole number or negative.
    """
    for name in (source, target):
        if name not in edges.column_names:
            raise InvalidInput(
                f"the edge table has no column {name}",
                where=name,
                remedy=f"name the two ends {source} and {target}; there are: {', '.join(edges.column_names)}",
                code="invalid-input/missing-column",
            )
    ends = [_plain(edges.column(name)) for name in (source, target)]
    known = pc.and_(pc.is_valid(ends[0]), pc.is_valid(ends[1]))
    if not all(pa.types.is_integer(end.type) for end in ends):
        ends = [end.cast(pa.string()) for end in ends]
    dropped = len(edges) - int(pc.sum(known).as_py() or 0)
    ends = [end.filter(known) for end in ends]
    has_amounts = amount in edges.column_names
    amounts = _amounts(edges.column(amount), amount).filter(known) if has_amounts else None
    return _graph(ends[0], ends[1], amounts, dropped)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_floating(array.type):
        # A column of whole numbers with gaps is often read as floats: 12.0 is party 12.
        try:
            array = array.cast(pa.int64())
        except pa.ArrowInvalid:
            array = array.cast(pa.string())
    return array


def _amounts(column: pa.ChunkedArray, name: str) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    try:
        whole = array.cast(pa.int64())
    except pa.ArrowException as error:
        raise InvalidInput(
            f"an amount is not a whole number: {error}",
            where=name,
            remedy="give amounts in fen (yuan times 100) without decimals",
        ) from error
    low, high = pc.min(whole).as_py(), pc.max(whole).as_py()
    if low is not None and (low < 0 or high * max(len(whole), 1) > LARGEST_AMOUNT):
        raise InvalidInput(
            "an amount is negative" if low < 0 else "amounts are too large to add in 64 bits",
            where=name,
            remedy="a guarantee or transfer has an amount of 0 or more; turn reversed edges round",
        )
    return pc.fill_null(whole, 0)


def _graph(source: pa.Array, target: pa.Array, amounts: pa.Array | None, dropped: int) -> Graph:
    both = pa.concat_arrays([source, target])
    labels = pc.unique(both)
    labels = labels.take(pc.sort_indices(labels))
    number = pc.index_in(both, value_set=labels).to_numpy(zero_copy_only=False).astype(np.int64)
    tail, head = number[: len(source)], number[len(source) :]
    money = np.zeros(len(tail), np.int64) if amounts is None else amounts.to_numpy(zero_copy_only=False)
    loops = tail == head
    tail, head, money = tail[~loops], head[~loops], money[~loops].astype(np.int64)
    nodes = len(labels)
    order = np.argsort(tail * max(nodes, 1) + head, kind="stable")
    tail, head, money = tail[order], head[order], money[order]
    first = np.ones(len(tail), np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    places = np.flatnonzero(first)
    sums = np.add.reduceat(money, places) if len(places) else money
    tail, head = tail[places], head[places]
    starts = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=nodes), out=starts[1:])
    return Graph(
        labels=tuple(labels.to_pylist()),
        starts=starts,
        sources=tail,
        targets=head,
        amounts=sums,
        has_amounts=amounts is not None,
        self_loops=int(loops.sum()),
        repeats=int((~first).sum()),
        dropped=dropped,
    )


@njit(nogil=True, cache=True)
def strong_components(starts: Any, targets: Any) -> Any:
    """Strongly connected components by Tarjan's algorithm without recursion (SIAM J. Comput. 1, 1972).

    Returns int64[nodes] of component numbers; which number a component gets carries no meaning.
    """
    nodes = len(starts) - 1
    index = np.zeros(nodes, np.int64)  # 0: not met yet
    low = np.zeros(nodes, np.int64)
    component = np.full(nodes, -1, np.int64)
    stack = np.empty(nodes, np.int64)
    call = np.empty(nodes, np.int64)
    cursor = starts[:-1].copy()
    height, counter, found = 0, 0, 0
    for root in range(nodes):
        if index[root] != 0:
            continue
        depth = 0
        call[0] = root
        counter += 1
        index[root] = counter
        low[root] = counter
        stack[height] = root
        height += 1
        while depth >= 0:
            node = call[depth]
            at = cursor[node]
            if at < starts[node + 1]:
                cursor[node] = at + 1
                other = targets[at]
                if index[other] == 0:
                    counter += 1
                    index[other] = counter
                    low[other] = counter
                    stack[height] = other
                    height += 1
                    depth += 1
                    call[depth] = other
                elif component[other] < 0 and index[other] < low[node]:
                    low[node] = index[other]
            else:
                if low[node] == index[node]:
                    while True:
                        height -= 1
                        member = stack[height]
                        component[member] = found
                        if member == node:
                            break
                    found += 1
                depth -= 1
                if depth >= 0 and low[node] < low[call[depth]]:
                    low[call[depth]] = low[node]
    return component


@njit(nogil=True, cache=True)
def weak_components(nodes: int, sources: Any, targets: Any) -> Any:
    """Components with directions ignored, by union and find with path halving; each is named by its smallest node."""
    parent = np.arange(nodes)
    for edge in range(len(sources)):
        a, b = sources[edge], targets[edge]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for node in range(nodes):
        top = node
        while parent[top] != top:
            top = parent[top]
        parent[node] = top
    return parent
