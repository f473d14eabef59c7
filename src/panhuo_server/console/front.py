"""Which page is the first of a visit: the bank's and asset manager's Today, or that of another place.

Invariant: whoever signs in finds something true of their own work first; what kind of organisation it is decides before
what roles are held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo_server.console.auditing import evidence_first, house
from panhuo_server.console.borrower import affairs
from panhuo_server.console.frame import Visit
from panhuo_server.console.investing import offers
from panhuo_server.console.judicial import cases
from panhuo_server.console.supervising import pages as supervising

WORKING = ("monitoring", "valuation", "recovery", "origination", "approval", "reporting")
"""Purposes of those whose first page is the night's."""


def front_of(visit: Visit) -> Callable[..., Any] | None:
    """The first page of a visit that is not the night's; None where it is."""
    kind = visit.place.kind
    if kind == "borrower" and visit.purpose_of((affairs.PURPOSE,)):
        return affairs.home
    if kind == "supervisor" and visit.purpose_of((supervising.PURPOSE,)):
        return supervising.home
    if visit.place.judicial and visit.purpose_of(cases.PURPOSES):
        return cases.home
    if kind == "investor" and visit.purpose_of(offers.PURPOSES):
        return offers.home
    if visit.purpose_of(WORKING) and not visit.place.judicial and kind != "investor":
        return None
    if visit.purpose_of((evidence_first.PURPOSE,)):
        return evidence_first.home
    return house.home if visit.purpose_of(house.PURPOSES) else None
