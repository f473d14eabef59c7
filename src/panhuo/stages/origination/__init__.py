"""进件与授信审批: profile, score, proposal, decision, limit, conditions, price."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_THINGS = (
    ("profile", "THING"),
    ("score", "THING"),
    ("proposal", "THING"),
    ("decision", "THING"),
    ("limit", "THING"),
    ("conditions", "THING"),
    ("price", "THING"),
    ("credit_plan", "OFFERS"),
    ("credit_plan", "PLAN"),
)


def __getattr__(name: str) -> Any:
    if name == "THINGS":
        return tuple(getattr(import_module(f"{__name__}.{module}"), thing) for module, thing in _THINGS)
    raise AttributeError(f"module {__name__} has no attribute {name}")
