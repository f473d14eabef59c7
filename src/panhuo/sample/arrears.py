"""Late payments that are made good: when each drawdown falls behind, and for how long.

Invariant: a spell begins on a due day, ends before the next stage of arrears by the stated roll rates, and never
reaches ninety days; longer arrears are defaults and are told in `distress`.
"""

from __future__ import annotations

import numpy as np

from panhuo.sample.lending import INSTALMENT, OPEN, SETTLED, Lending, _missed_day
from panhuo.sample.population import Population
from panhuo.sample.presets import AS_OF, NEVER
from panhuo.sample.streams import stream

SPELLS_A_DEFAULT = 7.6
"""Spells that are made good for each default: (1 - r) / r with r = 0.30 x 0.60 x 0.80, the stated roll rates."""


def _lengths(generator: np.random.Generator, count: int, first_day: np.ndarray) -> np.ndarray:
    # Of the spells that are made good 83 % end in 1-30 days, 12 % in 31-60, 5 % in 61-89.
    draws = generator.random(count)
    short = 1 + (generator.random(count) ** 1.2 * 29).astype(np.int64)
    middle = generator.integers(33, 61, count)
    long = generator.integers(63, 89, count)
    return np.where(draws < 0.83, short, np.where(draws < 0.955, middle, long))


def spells(people: Population, lending: Lending) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(drawdown, first day, day it is made good) of every spell, in drawdown order."""
    chance = stream(people.seed, "arrears")
    count = len(lending)
    until = np.minimum(np.minimum(lending.due, lending.stop), AS_OF)
    months = np.maximum(until - lending.out, 0) / 30.4
    rate = people.hazard[lending.borrower] / 12 * SPELLS_A_DEFAULT
    some = chance.random(count) < 1 - np.exp(-rate * months)
    at = lending.out + 20 + (chance.random(count) * np.maximum(until - lending.out - 20, 1)).astype(np.int64)
    first = _missed_day(lending.due, lending.out, at, lending.style, lending.interest_day)
    last = first + _lengths(chance, count, first)
    mid = some & (last < np.minimum(lending.due, lending.stop) - 1) & (first < lending.due) & (first <= AS_OF)
    # late at maturity: only where the drawdown was not renewed
    ended = (lending.end == SETTLED) | ((lending.end == OPEN) & (lending.due <= AS_OF))
    odds = np.minimum(people.hazard[lending.borrower] * 1.6, 0.5)
    late = ended & (chance.random(count) < odds) & (lending.slots.pattern[lending.slot] != INSTALMENT) & ~mid
    over = lending.due + _lengths(chance, count, lending.due)
    drawdown = np.concatenate([np.flatnonzero(mid), np.flatnonzero(late)])
    start = np.concatenate([first[mid], lending.due[late]])
    stop = np.concatenate([last[mid], over[late]])
    order = np.argsort(drawdown * (1 << 20) + start - 17_000, kind="stable")
    return drawdown[order], start[order], stop[order]


def default_blocks(lending: Lending) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(drawdown, first missed day, never) of every default."""
    found = np.flatnonzero(lending.stop < NEVER)
    return found, lending.stop[found], np.full(len(found), NEVER, dtype=np.int64)
