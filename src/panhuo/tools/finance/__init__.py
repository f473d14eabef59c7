"""Contracts to cash flows, rates, debt by component, allocation of payments, fees, taxes, waterfalls.

Invariant: importing this face imports nothing heavy; one contract is folded without loading a compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "schedules_of": "cash_flows",  # ACTUS cases to events, one or many
    "Loans": "repayment_styles",  # loans in columns
    "schedules": "repayment_styles",  # loans to rows of due day, principal, interest
    "stated_schedules": "repayment_styles",  # the same for plans stated row by row
    "rate_of_case": "rate_cases",  # all-in annual rate of a case
    "xirr_of_book": "xirr",  # yearly rates of many cash flows
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(name)
