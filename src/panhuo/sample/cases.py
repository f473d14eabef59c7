"""A bad debt as it is told: its identity, its days, its cash, and the facts of its legal life.

Invariant: nothing after the book's last observation day is told; a row of a state table tells only the days that had
passed when it took effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from panhuo.sample.presets import AS_OF, NEVER


@dataclass
class Cash:
    """Money that came in on a case: what was paid, what the court kept, what reached the creditor."""

    day: int
    net: int
    source: str
    gross: int
    deductions: int


@dataclass
class Case:
    """One defaulted drawdown from its first missed day to its end.

    Attributes:
        security: position in `presets.SECURITIES`; asset: number of the asset, -1 when there is none.
        package: number of the package it was sold in, -1 when it was not.
        first_seizure: whether the creditor's own court seized the asset first.
    """

    number: int
    drawdown: int
    contract: int
    slot: int
    borrower: int
    corporate: bool
    security: int
    asset: int
    region: int
    first_missed: int
    principal: int
    due: int
    signed: int
    uplift: int
    rate: int
    fraud: bool
    cured_on: int = NEVER
    accelerated: int = NEVER
    written_off_on: int = NEVER
    package: int = -1
    base_on: int = NEVER
    closed_on: int = NEVER
    resolved_on: int = NEVER
    sued_on: int = NEVER
    effective_since: int = NEVER
    first_seizure: bool = True
    leased: bool = False
    lapsed: bool = False
    cash: list[Cash] = field(default_factory=list)
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    guarantees: list[int] = field(default_factory=list)

    @property
    def claim(self) -> str:
        """Id of the claim."""
        return f"CL{self.number:05d}"

    @property
    def opened_on(self) -> int:
        """Day the debt was found non-performing and handed to asset preservation."""
        return self.first_missed + 91

    def tell(self, table: str, day: int, /, **columns: Any) -> None:
        """One fact that took effect on `day`; later than the last observation day it is not told."""
        if day <= AS_OF:
            self.rows.append((table, {"effective_on": day, **columns}))

    def stage(
        self,
        table: str,
        identity: str,
        days: Mapping[str, int],
        fixed: Mapping[str, Any],
        steps: Iterable[tuple[int, Mapping[str, Any]]],
    ) -> None:
        """An entity as it grows: one fact a step, each knowing the `days` that had passed by then."""
        told: dict[str, Any] = {}
        for day, change in sorted(steps, key=lambda step: step[0]):
            if day > AS_OF:
                break
            told = {**told, **change}
            known = {name: on if on <= day else None for name, on in days.items()}
            self.tell(table, day, id=identity, **{**fixed, **known, **told})
