"""Chance for the sample book: one stream a purpose, seeded by the book's seed.

Invariant: a stream depends on (seed, purpose) alone, so that adding draws to one purpose never moves another, and the
same seed gives the same draws in every process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """The Philox stream of one purpose: its key is the first 16 bytes of SHA-256("seed purpose")."""
    digest = hashlib.sha256(f"panhuo sample {seed} {purpose}".encode()).digest()
    key = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def pick(generator: np.random.Generator, weights: Sequence[float] | np.ndarray, size: int) -> np.ndarray:
    """`size` positions drawn with the given weights (they need not sum to one)."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], generator.random(size), side="right").astype(np.int64)


def pick_each(generator: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """One position a row, drawn with that row's weights."""
    edges = np.cumsum(weights, axis=1)
    draws = generator.random(len(weights)) * edges[:, -1]
    return (edges <= draws[:, None]).sum(axis=1).astype(np.int64)


class Chance:
    """Single draws from one stream, for what is told row by row."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._generator = stream(seed, purpose)
        self._store = self._generator.random(4096).tolist()

    def unit(self) -> float:
        """A number from [0, 1)."""
        if not self._store:
            self._store = self._generator.random(4096).tolist()
        return float(self._store.pop())

    def happens(self, probability: float) -> bool:
        """Whether an event of that probability happens."""
        return self.unit() < probability

    def between(self, low: float, high: float) -> float:
        """A number from [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def one_of(self, *choices: tuple[Any, float]) -> Any:
        """One of (value, weight) pairs."""
        draw = self.unit() * sum(weight for _, weight in choices)
        for value, weight in choices:
            draw -= weight
            if draw < 0:
                return value
        return choices[-1][0]

    def normal(self) -> float:
        """A standard normal number: the sum of twelve uniform ones less six, whose tails end at six."""
        return sum(self.unit() for _ in range(12)) - 6.0

    def log_normal(self, median: float, spread: float) -> float:
        """A lognormal number with that median; `spread` is the deviation of its logarithm."""
        return float(median * np.exp(spread * self.normal()))
