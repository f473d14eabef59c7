"""The ties of a night: who answers for whom, with what is owed, as the night's own search for rings saw them.

Invariant: ties are made by the function the rings were found with, from the facts of the night's day and batch, read
through the door; amounts of two currencies are never added up. What is kept is kept by the roots it was made from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.arguments import HOME
from panhuo.stages.monitoring.rings import guarantee_edges
from panhuo.tools.network.graph import Graph, graph_of
from panhuo_server.console.results import Night
from panhuo_server.store.kept_answers import KeptAnswers
from panhuo_server.store.reading import facts_of


class _Facts:
    """The facts of a night's day and batch, as the search for rings asks for them."""

    def __init__(self, as_of: date, sequence: int) -> None:
        self.as_of, self.sequence = as_of, sequence
        self.engine = ibis.duckdb.connect()

    def table(self, name: str) -> Any:
        rows = facts_of(name, as_of=self.as_of, sequence=self.sequence)
        return self.engine.create_table(name, rows, temp=True)


@dataclass(frozen=True)
class Ties:
    """Guarantees of a night as a graph.

    Attributes:
        graph: an edge from who answers to whom it answers for; its amounts say only whether anything is owed.
        amounts: by currency, what each edge carries; only currencies in which something is owed.
        late: parties with a debt past due.
    """

    graph: Graph
    amounts: Mapping[str, np.ndarray]
    late: frozenset[str]

    @cached_property
    def number(self) -> dict[str, int]:
        """Node number by party."""
        return {str(label): n for n, label in enumerate(self.graph.labels)}

    @cached_property
    def pairs(self) -> dict[tuple[int, int], int]:
        """Edge number by (who answers, whom for)."""
        ends = zip(self.graph.sources.tolist(), self.graph.targets.tolist(), strict=True)
        return {pair: edge for edge, pair in enumerate(ends)}

    def carries(self, edge: int) -> dict[str, int]:
        """What an edge carries, by currency."""
        return {name: int(held[edge]) for name, held in self.amounts.items() if held[edge]}

    def amount(self, source: str, target: str) -> tuple[int | None, str]:
        """What one answers for the other, and in which currency; unknown where it is in several."""
        carried = self.carries(self.pairs[self.number[source], self.number[target]])
        if len(carried) > 1:
            return None, HOME
        return next(((value, name) for name, value in carried.items()), (0, HOME))

    @cached_property
    def widths(self) -> np.ndarray:
        """int64[edges] from 0 (nothing owed) to 5, by the largest amount of one currency an edge carries."""
        found = np.zeros(self.graph.edges, np.int64)
        for held in self.amounts.values():
            most = int(held.max()) if len(held) else 0
            if most:
                share = np.sqrt(held / most)
                found = np.maximum(found, np.where(held > 0, 1 + np.minimum((share * 4.999).astype(np.int64), 4), 0))
        return found

    def around(self, party: str, steps: int) -> dict[int, int]:
        """Node numbers within so many steps of a party, directions aside, each with its number of steps."""
        starts, sources = self.graph.backward
        found = {self.number[party]: 0}
        queue = deque(found)
        while queue:
            node = queue.popleft()
            if found[node] == steps:
                continue
            ahead = self.graph.targets[self.graph.starts[node] : self.graph.starts[node + 1]].tolist()
            for other in sorted({*ahead, *sources[starts[node] : starts[node + 1]].tolist()}):
                if other not in found:
                    found[other] = found[node] + 1
                    queue.append(other)
        return found

    def way_to_a_finding(self, party: str) -> list[str]:
        """The shortest chain from a party, over guarantees with something owed, to one it answers for that is past due.

        Empty when there is none.
        """
        before: dict[int, int] = {self.number[party]: -1}
        queue = deque(before)
        while queue:
            node = queue.popleft()
            if before[node] >= 0 and str(self.graph.labels[node]) in self.late:
                chain = [node]
                while before[chain[-1]] >= 0:
                    chain.append(before[chain[-1]])
                return [str(self.graph.labels[n]) for n in reversed(chain)]
            for edge in range(self.graph.starts[node], self.graph.starts[node + 1]):
                other = int(self.graph.targets[edge])
                if self.graph.amounts[edge] and other not in before:
                    before[other] = node
                    queue.append(other)
        return []


def ties_from(edges: pa.Table, late: frozenset[str]) -> Ties:
    """Ties from a table of `src`, `dst`, `amount`, `currency` (unknown where nothing is owed)."""
    owed = pc.greater(edges["amount"], 0).cast(pa.int64())
    graph = graph_of(edges.select(["src", "dst"]).append_column("amount", owed))
    amounts = {}
    for name in sorted(set(edges["currency"].drop_null().to_pylist())):
        mine = pc.fill_null(pc.equal(edges["currency"], name), False)
        one = edges.select(["src", "dst"]).append_column("amount", pc.if_else(mine, edges["amount"], 0))
        held = graph_of(one).amounts
        if held.any():
            amounts[name] = held
    return Ties(graph, amounts, late)


def key_of(night: Night) -> tuple[str, ...]:
    """What a night's ties rest on: whose, which facts, which balances, which rings."""
    listed = night.listed
    return (str(night.folder), night.as_of.isoformat(), str(night.sequence),
            listed["days_past_due"].root, listed["rings"].root)  # fmt: skip


_TIED: KeptAnswers[Ties] = KeptAnswers(4)


def ties_of(night: Night) -> Ties:
    """The ties of a night; inside `acting`."""
    return _TIED.of(key_of(night), lambda: _tied(night))


def _tied(night: Night) -> Ties:
    debts = night["days_past_due"]
    table = debts.table.filter(pc.fill_null(debts.table.column("overdue"), False))
    late = frozenset(p for p in table.column("party_id").to_pylist() if p)
    return ties_from(guarantee_edges(_Facts(night.as_of, night.sequence), debts), late)
