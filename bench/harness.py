"""Timing shared by every bench: contenders in alternating order, medians per unit, a gate on ratios alone.

Invariant: absolute times are printed for the reader and never judged; what fails a bench is a ratio (peer's time a
unit over ours) below its "must". Each bench asserts that the contenders agree before it calls `compare`.

A bench file has ``main() -> list[Ratio]`` and ends with ``harness.run(main)``.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Contender:
    """One way of doing the job.

    `units` is how many units (loans, rows, events) one call of `run` does: a slow peer may do a sample of the rows
    and is compared by its cost a unit.
    """

    name: str
    run: Callable[[], Any]
    units: int


@dataclass(frozen=True)
class Ratio:
    """How many times a peer's time a unit is ours, and what it must be (None: told, not judged)."""

    kernel: str
    peer: str
    unit: str
    ours_seconds: float
    peer_seconds: float
    ratio: float
    must: float | None
    rounds: int

    @property
    def passed(self) -> bool:
        """Whether the ratio reaches its must."""
        return self.must is None or self.ratio >= self.must


def compare(
    kernel: str,
    ours: Contender,
    peers: Sequence[Contender],
    must: dict[str, float],
    *,
    unit: str,
    rounds: int = 5,
    warm_up: bool = True,
) -> list[Ratio]:
    """Times ours and every peer `rounds` times, forwards and backwards by turns, and returns the ratio of medians.

    `must` maps a peer's name to the ratio it must be beaten by; a peer without an entry is told only.
    """
    contenders = [ours, *peers]
    if warm_up:
        for contender in contenders:
            contender.run()
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        for contender in contenders if turn % 2 == 0 else reversed(contenders):
            started = time.perf_counter()
            contender.run()
            seconds[contender.name].append((time.perf_counter() - started) / contender.units)
    mine = statistics.median(seconds[ours.name])
    return [
        Ratio(
            kernel=kernel,
            peer=peer.name,
            unit=unit,
            ours_seconds=mine,
            peer_seconds=statistics.median(seconds[peer.name]),
            ratio=statistics.median(seconds[peer.name]) / mine,
            must=must.get(peer.name),
            rounds=rounds,
        )
        for peer in peers
    ]


def print_table(ratios: Sequence[Ratio]) -> None:
    """One line a peer: kernel, peer, times a unit, ratio, must, verdict."""
    header = ("kernel", "peer", "ours", "peer's", "ratio", "must", "")
    rows = [
        (
            ratio.kernel,
            ratio.peer,
            f"{_duration(ratio.ours_seconds)}/{ratio.unit}",
            f"{_duration(ratio.peer_seconds)}/{ratio.unit}",
            f"{ratio.ratio:.1f}x",
            "" if ratio.must is None else f">= {ratio.must:g}x",
            "" if ratio.must is None else ("ok" if ratio.passed else "BELOW"),
        )
        for ratio in ratios
    ]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def skipped(kernel: str, peer: str, why: str) -> None:
    """Says that a peer was not measured, and why."""
    print(f"{kernel}: {peer} not measured: {why}")


def run(main: Callable[[], list[Ratio]]) -> None:
    """Runs a bench as a program: prints its table, writes ``--json FILE`` when given, exits 1 below a must."""
    ratios = main()
    print_table(ratios)
    if "--json" in sys.argv:
        target = Path(sys.argv[sys.argv.index("--json") + 1])
        told = [asdict(ratio) | {"passed": ratio.passed} for ratio in ratios]
        target.write_text(json.dumps(told, indent=1), encoding="utf-8")
    sys.exit(0 if all(ratio.passed for ratio in ratios) else 1)


def _duration(seconds: float) -> str:
    for factor, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {name}"
    return f"{seconds / 1e-9:.3g} ns"
