"""One self-contained HTML report a credit committee could read, in Chinese and English."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "write_report":
        return import_module(f"{__name__}.page").write_report
    raise AttributeError(f"module {__name__} has no attribute {name}")
