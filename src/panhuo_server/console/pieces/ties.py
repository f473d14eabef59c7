"""Tying a figure to another source of it: both, and their difference to the last unit.

Invariant: the two sides come by two roads, and the difference is theirs, never put right.
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import Figure


@dataclass(frozen=True)
class Tie:
    """A figure beside what the other source says: `ours` opens, `theirs` is in minor units as `value` is and opens at
    `there`."""

    name: Text
    ours: Figure
    value: int
    source: Text
    theirs: int
    currency: str = "CNY"
    there: str = ""

    @property
    def holds(self) -> bool:
        """Whether both are the same."""
        return self.value == self.theirs

    @property
    def other(self) -> Text:
        """The other side, to the last unit."""
        return words.exact(self.theirs, self.currency)

    @property
    def difference(self) -> Text:
        """Ours less theirs."""
        return words.exact(self.value - self.theirs, self.currency)
