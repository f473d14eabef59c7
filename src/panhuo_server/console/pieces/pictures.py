"""Drawings made on the server: a waterfall, and reasons as signed bars that add up.

Invariant: a drawing is data for a template (lengths and places on a fixed field), carries a word beside every colour,
and its parts add up to what it says they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from panhuo.journey.report.words import NOTHING, Text

WIDE = 1000
"""Width of the field bars lie on."""


@dataclass(frozen=True)
class Step:
    """A step of a waterfall: what it is, its amount, where its number opens; a total starts from nothing again."""

    name: Text
    amount: int
    text: Text
    href: str = ""
    total: bool = False


@dataclass(frozen=True)
class Bar:
    """A bar on the field: from where, how wide, and whether it adds, takes away or says what there is."""

    name: Text
    text: Text
    href: str
    start: int
    wide: int
    kind: str
    zero: int
    code: str = ""


def _placed(spans: Sequence[tuple[int, int]]) -> tuple[int, list[tuple[int, int]]]:
    lowest = min([0, *[min(a, b) for a, b in spans]])
    highest = max([0, *[max(a, b) for a, b in spans]])
    over = max(highest - lowest, 1)

    def at(value: int) -> int:
        return (value - lowest) * WIDE // over

    return at(0), [(at(min(a, b)), max(at(max(a, b)) - at(min(a, b)), 3 if a != b else 0)) for a, b in spans]


def waterfall(steps: Sequence[Step]) -> list[Bar]:
    """Bars of a waterfall: each step begins where the last one ended."""
    spans, level = [], 0
    for step in steps:
        begin = 0 if step.total else level
        level = begin + step.amount
        spans.append((begin, level))
    zero, places = _placed(spans)
    return [
        Bar(s.name, s.text, s.href, start, wide, "total" if s.total else "plus" if s.amount >= 0 else "minus", zero)
        for s, (start, wide) in zip(steps, places, strict=True)
    ]


def adds_up(steps: Sequence[Step]) -> bool:
    """Whether every total after the first is what the steps before it come to."""
    level = 0
    for at, step in enumerate(steps):
        if step.total and at and step.amount != level:
            return False
        level = step.amount if step.total else level + step.amount
    return True


def signed(parts: Sequence[tuple[str, Text, int, Text]]) -> list[Bar]:
    """Reasons as bars from a common zero: (code, words, contribution, how it reads)."""
    zero, places = _placed([(0, amount) for _, _, amount, _ in parts])
    return [
        Bar(words, text, "", start, wide, "plus" if amount >= 0 else "minus", zero, code)
        for (code, words, amount, text), (start, wide) in zip(parts, places, strict=True)
    ]


@dataclass(frozen=True)
class Moment:
    """A moment of a time line: its day, what happened, where it stands, and whether it is still to come."""

    day: Any
    title: Text
    text: Text
    kind: Text
    coming: bool = False
    source: Text = NOTHING
