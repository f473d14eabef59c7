"""Monitoring 贷后与预警: days past due, classes, provisions, warnings, and what became of the book.

Invariant: each thing judged is one file; `THINGS` lists them in the order of judging. Importing this room is cheap.
"""

from __future__ import annotations

import importlib
from typing import Any

_THINGS = (
    ("days_past_due", "THING"),
    ("class_floor", "THING"),
    ("five_class", "THING"),
    ("provisions", "THING"),
    ("provision_summary", "THING"),
    ("warnings", "THING"),
    ("portfolio", "THING"),
    ("defaults", "THING"),
    ("vintages", "THING"),
    ("opening", "MONTH"),
    ("opening", "YEAR"),
    ("migration", "THING"),
    ("npl_movements", "THING"),
    ("rings", "RINGS"),
    ("rings", "MEMBERSHIP"),
)


def __getattr__(name: str) -> Any:
    if name == "THINGS":
        return tuple(getattr(importlib.import_module(f"{__name__}.{file}"), thing) for file, thing in _THINGS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
