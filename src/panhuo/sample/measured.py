"""Measures a sealed sample book against what practitioners would believe, and says where it falls outside.

Invariant: targets are the house's practice notes, section 7, with bands of plausibility around them (decision 35); what
is measured stands in `measured_lending` and `measured_losses`, what it is measured on in `measured_book`.
"""

from __future__ import annotations

from pathlib import Path

from panhuo.sample import measured_lending, measured_losses
from panhuo.sample.measured_book import Measured, Measurement


def measure(folder: str | Path) -> list[Measurement]:
    """All measurements of the sample book in `folder`, in the order of the practice notes."""
    book = Measured(Path(folder))
    for step in (*measured_lending.STEPS, *measured_losses.STEPS):
        step(book)
    return book.lines


def table_of(lines: list[Measurement]) -> str:
    """The comparison as a Markdown table."""
    rows = ["| item | target | measured | band | |", "|---|---|---|---|---|"]
    for line in lines:
        mark = "" if line.inside else "outside"
        rows.append(f"| {line.item} | {line.target} | {line.value:.4g} | {line.low:g} .. {line.high:g} | {mark} |")
    return "\n".join(rows)
