"""资产保全与处置: deadlines, and routes compared by net present value."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_THINGS = ("deadlines", "route")


def __getattr__(name: str) -> Any:
    if name == "THINGS":
        return tuple(import_module(f"{__name__}.{module}").THING for module in _THINGS)
    raise AttributeError(f"module {__name__} has no attribute {name}")
