"""Exposure along a chain: what a party answers for, one, two, ... steps down the edges.

Invariant: within `hops` steps every edge counts once, at the fewest steps from which it is reached, so that a ring adds
nothing for going round twice; sums are integers in fen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.network.graph import Graph


def exposure(graph: Graph, hops: int = 4, seeds: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(amounts, parties), each int64[seeds, hops]: what each further step adds.

    Column h - 1 of `amounts` is the sum of the edges that leave parties exactly h - 1 steps away (step 1: the party's
    own edges); of `parties`, the number of parties first met after h steps. The row's sum is the whole exposure.
    An upper bound of what a chain of defaults could bring: it takes every guarantee along the way as called in full.

    Args:
        graph: edges point from who answers to whom it answers for; amounts in fen.
        hops: 1 to 32. seeds: node numbers; None for every party.

    Raises:
        InvalidInput: when `hops` is out of range.
    """
    if not 1 <= hops <= 32:
        raise InvalidInput(f"exposure is followed for 1 to 32 steps, not {hops}", where="hops")
    chosen = np.arange(graph.nodes) if seeds is None else np.asarray(seeds, np.int64)
    amounts = np.zeros((len(chosen), hops), np.int64)
    parties = np.zeros((len(chosen), hops), np.int64)
    follow(graph.starts, graph.targets, graph.amounts, chosen, hops, amounts, parties)
    return amounts, parties


@njit(nogil=True, cache=True)
def follow(starts: Any, targets: Any, money: Any, seeds: Any, hops: int, amounts: Any, parties: Any) -> None:
    """Breadth-first from each seed; see `exposure`."""
    nodes = len(starts) - 1
    seen = np.full(nodes, -1, np.int64)
    queue = np.empty(nodes, np.int64)
    for row in range(len(seeds)):
        seed = seeds[row]
        seen[seed] = row
        queue[0] = seed
        done, filled = 0, 1
        for hop in range(hops):
            end = filled
            while done < end:
                node = queue[done]
                done += 1
                for at in range(starts[node], starts[node + 1]):
                    amounts[row, hop] += money[at]
                    other = targets[at]
                    if seen[other] != row:
                        seen[other] = row
                        queue[filled] = other
                        filled += 1
            parties[row, hop] = filled - end
            if filled == end:
                break
