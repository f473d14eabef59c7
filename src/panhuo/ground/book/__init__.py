"""The tables (the only schema), reading and checking foreign data, batches, snapshots.

Invariant: importing this face imports nothing heavy; each public name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FACE = {
    "TABLES": "panhuo.ground.book.catalogue",
    "Table": "panhuo.ground.book.table",
    "table_named": "panhuo.ground.book.catalogue",
    "Reading": "panhuo.ground.book.reading.problems",
    "Problem": "panhuo.ground.book.reading.problems",
    "read": "panhuo.ground.book.reading.reader",
    "read_frame": "panhuo.ground.book.reading.frames",
    "write_frame": "panhuo.ground.book.reading.frames",
    "check_tables": "panhuo.ground.book.checking.book",
}


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


def __dir__() -> list[str]:
    return sorted(_FACE)
