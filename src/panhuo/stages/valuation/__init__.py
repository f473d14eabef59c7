"""尽调与估值: claim values by the disposal path, down to the maximum bid."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_THINGS = ("collateral_value", "claim_value", "maximum_bid")


def __getattr__(name: str) -> Any:
    if name == "THINGS":
        return tuple(import_module(f"{__name__}.{module}").THING for module in _THINGS)
    raise AttributeError(f"module {__name__} has no attribute {name}")
