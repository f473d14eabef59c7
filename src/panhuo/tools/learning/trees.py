"""Boosted trees: the margin of a row and what each feature adds to it (exact path-dependent Shapley values).

Invariant: the margin adds the trees in file order and is rounded once to 1e-9; the contributions are integers that add
up, with the base, to the score exactly. One scalar source; no transcendental, no parallel reduction.

Method: a leaf is reached when every feature on its path passes all of its tests there. For a leaf of value v and
features with pass shares z (training rows that would pass, from the node weights), the game "which features are known"
has the closed Shapley value of a product, summed here by a polynomial in the number of known features; adding the
leaves gives the values of Lundberg, Erion, Lee (2018), "Consistent individualized feature attribution for tree
ensembles", algorithm 2, as LightGBM's ``pred_contrib`` computes them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from panhuo.ground.values.jitable import jitable
from panhuo.tools.learning.model import Model, Tree

_TABLED = 6


@dataclass(frozen=True)
class TreeArrays:
    """All trees end to end: nodes, leaves, and each leaf's path with the tests of one feature gathered together.

    `node_start`, `leaf_start` [t + 1]; a node's `level_start`/`level_end` bound its set in `level`; `path_start`
    [leaves + 1] bounds the leaf's features in `path_feature`, `path_share`; `test_start` bounds each feature's tests,
    written as ``node`` when it must go left and ``-1 - node`` when right; `table` holds every answer of a leaf with
    at most six features on its path, from `table_start` on (-1: worked out each time).
    """

    expected: float
    node_start: npt.NDArray[np.int64]
    leaf_start: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    level_start: npt.NDArray[np.int64]
    level: npt.NDArray[np.bool_]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    unknown_left: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    path_start: npt.NDArray[np.int64]
    path_feature: npt.NDArray[np.int64]
    path_share: npt.NDArray[np.float64]
    test_start: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    table_start: npt.NDArray[np.int64]
    table: npt.NDArray[np.float64]

    def nodes(self) -> tuple[Any, ...]:
        """What `margin_of` needs beside the row."""
        return (
            self.node_start,
            self.leaf_start,
            self.feature,
            self.threshold,
            self.level_start,
            self.level,
            self.left,
            self.right,
            self.unknown_left,
            self.value,
        )

    def game(self) -> tuple[Any, ...]:
        """What `add_shapley` needs beside the row."""
        return (
            self.leaf_start,
            self.feature,
            self.threshold,
            self.level_start,
            self.level,
            self.unknown_left,
            self.value,
            self.path_start,
            self.path_feature,
            self.path_share,
            self.test_start,
            self.test,
            self.table_start,
            self.table,
        )


def _paths(tree: Tree) -> list[list[tuple[int, float, list[int]]]]:
    # For each leaf: (feature, share of training rows passing its tests, its tests), features in order of first test.
    found: list[list[tuple[int, float, list[int]]]] = [[] for _ in tree.value]
    weight = [*tree.node_weight]

    def walk(node: int, path: list[tuple[int, float, list[int]]]) -> None:
        for child, test in ((tree.left[node], node), (tree.right[node], -1 - node)):
            below = weight[child] if child >= 0 else tree.leaf_weight[-1 - child]
            share = below / weight[node] if weight[node] else 0.0
            here = [(f, s, [*tests]) for f, s, tests in path]
            for i, (f, s, tests) in enumerate(here):
                if f == tree.feature[node]:
                    here[i] = (f, s * share, [*tests, test])
                    break
            else:
                here.append((tree.feature[node], share, [test]))
            if child >= 0:
                walk(child, here)
            else:
                found[-1 - child] = here

    if tree.feature:
        walk(0, [])
    return found


def lay_out(model: Model) -> TreeArrays:
    """The arrays of `model`'s trees; a pure function of the model."""
    node_start, leaf_start, level_start, path_start, test_start = [0], [0], [0], [0], [0]
    feature: list[int] = []
    threshold: list[float] = []
    level: list[bool] = []
    left: list[int] = []
    right: list[int] = []
    unknown_left: list[bool] = []
    value: list[float] = []
    path_feature: list[int] = []
    path_share: list[float] = []
    test: list[int] = []
    expected = 0.0
    for tree in model.trees:
        feature += tree.feature
        threshold += tree.threshold
        left += tree.left
        right += tree.right
        unknown_left += tree.unknown_left
        value += tree.value
        for levels in tree.levels:
            chosen = set(levels or ())
            level += [code in chosen for code in range(max(chosen, default=-1) + 1)]
            level_start.append(len(level))
        for path in _paths(tree):
            for own, share, tests in path:
                path_feature.append(own)
                path_share.append(share)
                test += [t + node_start[-1] if t >= 0 else t - node_start[-1] for t in tests]
                test_start.append(len(test))
            path_start.append(len(path_feature))
        node_start.append(len(feature))
        leaf_start.append(len(value))
        rows = sum(tree.leaf_weight)
        mean = 0.0
        for leaf, weight in zip(tree.value, tree.leaf_weight, strict=True):
            mean += leaf * (weight / rows) if rows else 0.0
        expected += mean
    is_set = np.array([levels is not None for tree in model.trees for levels in tree.levels], np.bool_)
    starts = np.array(level_start, np.int64)
    thresholds = np.array(threshold, np.float64)
    thresholds[is_set] = np.nan
    values, path_starts, shares = np.array(value, np.float64), np.array(path_start, np.int64), np.array(path_share)
    return TreeArrays(
        expected,
        np.array(node_start, np.int64),
        np.array(leaf_start, np.int64),
        np.array(feature, np.int64),
        thresholds,
        starts,
        np.array(level or [False], np.bool_),
        np.array(left, np.int64),
        np.array(right, np.int64),
        np.array(unknown_left, np.bool_),
        values,
        path_starts,
        np.array(path_feature, np.int64),
        shares,
        np.array(test_start, np.int64),
        np.array(test, np.int64),
        *_tables(values, path_starts, shares),
    )


@jitable
def goes_left(value: float, node: int, threshold: Any, level_start: Any, level: Any, unknown_left: Any) -> bool:
    """Whether a value goes left at a node: unknown as declared, a text by the node's set, a number by threshold."""
    if value != value:
        return bool(unknown_left[node])
    edge = threshold[node]
    if edge == edge:
        return bool(value <= edge)
    place = level_start[node] + int(value)
    return bool(place < level_start[node + 1] and level[place])


@jitable
def margin_of(row: Any, nodes: Any) -> float:
    """The raw margin of one row: the value of the leaf it reaches in each tree, added in file order.

    `nodes` is `TreeArrays.nodes()`.
    """
    node_start, leaf_start, feature, threshold, level_start, level, left, right, unknown_left, value = nodes
    total = 0.0
    for tree in range(node_start.shape[0] - 1):
        first = node_start[tree]
        place = 0 if node_start[tree + 1] > first else -1
        while place >= 0:
            node = first + place
            if goes_left(row[feature[node]], node, threshold, level_start, level, unknown_left):
                place = left[node]
            else:
                place = right[node]
        total += value[leaf_start[tree] - 1 - place]
    return total


@jitable
def leaf_parts(
    reward: float, path_share: Any, start: int, size: int, pattern: int, weights: Any, known: Any, out: Any, at: int
) -> None:
    """Shapley values of a leaf's features, into `out` from place `at`.

    Bit i of `pattern` says whether feature i passes all of its tests on the way to the leaf; `weights[d, k]` is
    ``k! (d - 1 - k)! / d!``; `known` is scratch.
    """
    # known[k]: summed over sets of k known features, the product of 1 or 0 (known) and shares (unknown).
    known[0] = 1.0
    for i in range(size):
        holds = float((pattern >> i) & 1)
        share = path_share[start + i]
        known[i + 1] = known[i] * holds
        for k in range(i, 0, -1):
            known[k] = known[k] * share + known[k - 1] * holds
        known[0] = known[0] * share
    for i in range(size):
        holds = float((pattern >> i) & 1)
        share = path_share[start + i]
        # Divide the polynomial by (share + holds x) to leave feature i out.
        weighted = 0.0
        if holds > 0.0:
            carried = known[size]
            for k in range(size - 1, -1, -1):
                weighted += carried * weights[size, k]
                carried = known[k] - carried * share
        elif share > 0.0:
            for k in range(size):
                weighted += known[k] / share * weights[size, k]
        out[at + i] = reward * weighted * (holds - share)


@jitable
def add_shapley(row: Any, game: Any, weights: Any, scratch: Any, out: Any) -> None:
    """Adds to `out` [features] the Shapley values of one row's raw margin, leaf by leaf in file order.

    `game` is `TreeArrays.game()`; `weights` as for `leaf_parts`; `scratch` is overwritten.
    """
    leaf_start, feature, threshold, level_start, level, unknown_left, value = game[:7]
    path_start, path_feature, path_share, test_start, test, table_start, table = game[7:]
    passed, known, parts = scratch
    for node in range(feature.shape[0]):
        passed[node] = goes_left(row[feature[node]], node, threshold, level_start, level, unknown_left)
    for leaf in range(leaf_start[leaf_start.shape[0] - 1]):
        start = path_start[leaf]
        size = path_start[leaf + 1] - start
        pattern = 0
        for i in range(size):
            holds = 1
            for t in range(test_start[start + i], test_start[start + i + 1]):
                wanted = test[t]
                if wanted >= 0:
                    if not passed[wanted]:
                        holds = 0
                        break
                elif passed[-1 - wanted]:
                    holds = 0
                    break
            pattern |= holds << i
        if table_start[leaf] >= 0:
            at = table_start[leaf] + pattern * size
            for i in range(size):
                out[path_feature[start + i]] += table[at + i]
        else:
            leaf_parts(value[leaf], path_share, start, size, pattern, weights, known, parts, 0)
            for i in range(size):
                out[path_feature[start + i]] += parts[i]


@njit(cache=True)
def _fill_tables(
    value: Any, path_start: Any, path_share: Any, table_start: Any, weights: Any, known: Any, table: Any
) -> None:
    for leaf in range(value.shape[0]):
        if table_start[leaf] >= 0:
            start = path_start[leaf]
            size = path_start[leaf + 1] - start
            for pattern in range(1 << size):
                at = table_start[leaf] + pattern * size
                leaf_parts(value[leaf], path_share, start, size, pattern, weights, known, table, at)


def _tables(
    value: npt.NDArray[np.float64], path_start: npt.NDArray[np.int64], path_share: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    # Every answer of a leaf with few features, written down once: [pattern, feature] from `table_start` on.
    size = np.diff(path_start)
    entries = np.where((size > 0) & (size <= _TABLED), size << np.minimum(size, _TABLED), 0)
    table_start = np.where(entries > 0, np.cumsum(entries) - entries, -1)
    table = np.zeros(int(entries.sum()) + 1)
    widest = int(size.max(initial=1))
    _fill_tables(value, path_start, path_share, table_start, _shapley_weights(widest), np.empty(widest + 2), table)
    return table_start, table


@jitable
def round_once(margin: float) -> float:
    """`margin` to the nearest 1e-9, halves up: the one rounding of a sum of trees."""
    return math.floor(margin * 1e9 + 0.5) / 1e9


@njit(cache=True)
def _margins(rows: Any, out: Any, nodes: Any) -> None:
    for i in range(rows.shape[0]):
        out[i] = round_once(margin_of(rows[i], nodes))


@njit(cache=True)
def _contributions(rows: Any, out: Any, game: Any, weights: Any, scratch: Any) -> None:
    for i in range(rows.shape[0]):
        add_shapley(rows[i], game, weights, scratch, out[i])


def margins(trees: TreeArrays, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Raw margins [n] of `rows` [n, features], each rounded once to 1e-9."""
    out = np.empty(len(rows), np.float64)
    _margins(np.ascontiguousarray(rows, np.float64), out, trees.nodes())
    return out


def contributions(trees: TreeArrays, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What each feature adds to the raw margin, [n, features]; ``expected + sum`` over a row is its margin."""
    out = np.zeros(rows.shape, np.float64)
    widest = int(np.max(np.diff(trees.path_start), initial=1))
    scratch = (np.empty(len(trees.feature), np.bool_), np.empty(widest + 2), np.empty(widest + 2))
    _contributions(np.ascontiguousarray(rows, np.float64), out, trees.game(), _shapley_weights(widest), scratch)
    return out


def _shapley_weights(widest: int) -> npt.NDArray[np.float64]:
    weights = np.zeros((widest + 1, widest + 1))
    for size in range(1, widest + 1):
        for k in range(size):
            weights[size, k] = 1.0 / (size * math.comb(size - 1, k))
    return weights
