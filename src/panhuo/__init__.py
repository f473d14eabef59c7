"""Panhuo 盘活: the whole life of a small-business loan, where every number opens, replays and proves.

Invariant: importing this imports nothing heavy; each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FACE = {
    "Book": "panhuo.ground.book.folder",
    "Snapshot": "panhuo.ground.book.snapshot",
    "seal": "panhuo.ground.book.batch",
    "read": "panhuo.ground.book.reading.reader",
    "read_frame": "panhuo.ground.book.reading.frames",
    "load_rule_set": "panhuo.ground.rules.rule_set",
    "Outcome": "panhuo.ground.record.outcome",
    "run_night": "panhuo.journey.night",
    "open_snapshot": "panhuo.journey.night",
    "verify": "panhuo.trust.evidence.receipts",
    "annual_rate": "panhuo.tools.finance.annual_rate",
    "train": "panhuo.tools.learning.training",
    "score_table": "panhuo.tools.learning.scoring",
}


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_FACE, "__version__"])
