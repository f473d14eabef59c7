"""The scorecard kernel: points by bin, the score, and the five largest reasons, for one row or a batch.

Invariant: the score is ``base`` plus the points of every column, all integers (thousandths of a point), so that the
contributions add up to the score exactly and the order of columns cannot matter. One scalar source, run plain on one
row and compiled over a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from panhuo.ground.values.jitable import jitable
from panhuo.tools.learning.model import Model

REASONS = 5


@dataclass(frozen=True)
class CardArrays:
    """A scorecard laid out for the kernel: `feature` [c], `edges` [c, e] padded with +inf, `points` [c, e + 2] with
    the unknown value's points last, `base` in thousandths of a point."""

    base: int
    feature: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]
    points: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]


def lay_out(model: Model) -> CardArrays:
    """The arrays of `model`'s scorecard. Text columns carry their group number as the value: edges 0.5, 1.5, ..."""
    width = max([1, *(len(column.points) - 1 for column in model.card)])
    edges = np.full((len(model.card), width), np.inf)
    points = np.zeros((len(model.card), width + 2), np.int64)
    for i, column in enumerate(model.card):
        own = column.edges or tuple(j + 0.5 for j in range(len(column.points) - 1))
        edges[i, : len(own)] = own
        points[i, : len(column.points)] = column.points
        points[i, width + 1] = column.unknown_points
    feature = np.array([column.feature for column in model.card], np.int64)
    return CardArrays(model.base, feature, edges, points, _rank_keys(points))


@jitable
def bin_of(value: float, edges: Any, column: int) -> int:
    """The bin of `value`: how many of the column's edges lie below it; the last place when it is unknown (NaN)."""
    width = edges.shape[1]
    if value != value:
        return width + 1
    place = 0
    for e in range(width):
        if value > edges[column, e]:
            place += 1
    return place


@jitable
def keep_largest(rank_column: Any, rank_points: Any, column: int, points: int) -> None:
    """Puts a contribution among the largest kept so far: by absolute size, the earlier column first among equals."""
    size = abs(points)
    last = rank_points.shape[0] - 1
    if size <= abs(rank_points[last]) and rank_column[last] >= 0:
        return
    if points == 0:
        return
    place = last
    while place > 0 and (rank_column[place - 1] < 0 or abs(rank_points[place - 1]) < size):
        rank_points[place] = rank_points[place - 1]
        rank_column[place] = rank_column[place - 1]
        place -= 1
    rank_points[place] = points
    rank_column[place] = column


@jitable
def card_score(base: int, feature: Any, edges: Any, points: Any, row: Any, rank_column: Any, rank_points: Any) -> int:
    """The score of one row in thousandths of a point; fills `rank_column` and `rank_points` with its main reasons."""
    for k in range(rank_column.shape[0]):
        rank_column[k] = -1
        rank_points[k] = 0
    total = base
    for c in range(feature.shape[0]):
        gained = points[c, bin_of(row[feature[c]], edges, c)]
        total += gained
        keep_largest(rank_column, rank_points, c, gained)
    return total


_BLOCK = 128
_PLACE_BITS = 17


def _rank_keys(points: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    # Points as one integer that orders by absolute size, then earlier column: size, 65535 - column, sign. Zero is none.
    column = np.arange(len(points), dtype=np.int64).reshape(-1, 1)
    keys = (np.abs(points) << _PLACE_BITS) + ((65535 - column) << 1) + (points < 0)
    return np.where(points == 0, 0, keys)


@njit(cache=True, error_model="numpy")
def _card_batch(base: int, card: Any, keys: Any, rows: Any, score: Any, column: Any, gain: Any) -> None:
    # The work of `card_score` turned round: a column at a time over a block of rows, without branches, so that the
    # compiler can take several rows in one instruction. Integers alone are added: the order does not matter.
    feature, edges, points = card
    width = edges.shape[1]
    value = np.empty(_BLOCK)
    place = np.empty(_BLOCK, np.int64)
    key = np.empty(_BLOCK, np.int64)
    total = np.empty(_BLOCK, np.int64)
    best = np.empty((REASONS, _BLOCK), np.int64)
    for first in range(0, rows.shape[0], _BLOCK):
        size = min(_BLOCK, rows.shape[0] - first)
        total[:] = base
        best[:, :] = 0
        for c in range(feature.shape[0]):
            own = feature[c]
            for r in range(size):
                value[r] = rows[first + r, own]
                place[r] = 0
            for e in range(width):
                edge = edges[c, e]
                for r in range(size):
                    place[r] += value[r] > edge
            for r in range(size):
                at = place[r] if value[r] == value[r] else width + 1
                total[r] += points[c, at]
                key[r] = keys[c, at]
            for level in range(REASONS):
                kept = best[level]
                for r in range(_BLOCK):
                    larger = max(kept[r], key[r])
                    key[r] = min(kept[r], key[r])
                    kept[r] = larger
        for r in range(size):
            score[first + r] = total[r]
            for level in range(REASONS):
                found = best[level, r]
                size_of = found >> _PLACE_BITS
                gain[first + r, level] = -size_of if found & 1 else size_of
                column[first + r, level] = 65535 - ((found >> 1) & 65535) if found > 0 else -1


@njit(cache=True)
def _card_row(base: int, card: Any, row: Any, column: Any, gain: Any) -> int:
    feature, edges, points = card
    return card_score(base, feature, edges, points, row, column, gain)


@njit(cache=True)
def _card_contributions(feature: Any, edges: Any, points: Any, rows: Any, out: Any) -> None:
    for i in range(rows.shape[0]):
        for c in range(feature.shape[0]):
            out[i, feature[c]] = points[c, bin_of(rows[i, feature[c]], edges, c)]


def score_batch(
    card: CardArrays, rows: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int16], npt.NDArray[np.int64]]:
    """Scores [n] and the five largest reasons, as positions of card columns [n, 5] (-1: none) and points [n, 5].

    `rows` is C-ordered [n, features], NaN where unknown; text columns hold their group number.
    """
    rows = np.ascontiguousarray(rows, np.float64)
    score = np.empty(len(rows), np.int64)
    column = np.empty((len(rows), REASONS), np.int16)
    gain = np.empty((len(rows), REASONS), np.int64)
    _card_batch(card.base, (card.feature, card.edges, card.points), card.keys, rows, score, column, gain)
    return score, column, gain


class Decision:
    """A card ready for single rows: buffers are kept, so a decision costs one compiled call. Not for two threads."""

    def __init__(self, card: CardArrays) -> None:
        self._card = (card.feature, card.edges, card.points)
        self._base = card.base
        self.column = np.empty(REASONS, np.int16)
        self.points = np.empty(REASONS, np.int64)

    def __call__(self, row: npt.NDArray[np.float64]) -> int:
        """The score of `row` [features]; its reasons stand in `column` (-1: none) and `points` until the next call."""
        return int(_card_row(self._base, self._card, row, self.column, self.points))


def score_one(card: CardArrays, row: npt.NDArray[np.float64]) -> tuple[int, list[tuple[int, int]]]:
    """The score of one row and its reasons (card column, points), through the compiled kernel."""
    decide = Decision(card)
    score = decide(row)
    return score, [(int(c), int(g)) for c, g in zip(decide.column, decide.points, strict=True) if c >= 0]


def contributions(card: CardArrays, rows: npt.NDArray[np.float64], features: int) -> npt.NDArray[np.int64]:
    """Every feature's points, [n, features] in thousandths of a point; ``base + sum`` over a row is its score."""
    out = np.zeros((len(rows), features), np.int64)
    _card_contributions(card.feature, card.edges, card.points, np.ascontiguousarray(rows, np.float64), out)
    return out
