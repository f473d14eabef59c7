"""The pages of the book, and the links between them that stand on each.

Invariant: a page is offered to whoever may enter the book; nothing here reads a fact.
"""

from __future__ import annotations

from panhuo.journey.report.words import Text

PURPOSES = ("monitoring", "approval", "audit", "reporting")
"""For which the book is read."""

WAYS = (
    ("/console/book", Text("总览", "Overview")),
    ("/console/book/classes", Text("五级分类认定", "Classes and sign-off")),
    ("/console/book/maturities", Text("到期与续贷", "Maturities and renewals")),
    ("/console/book/provisions", Text("拨备与覆盖", "Provisions and coverage")),
)


def ways(here: str) -> list[tuple[str, Text, bool]]:
    """Links between the pages of the book, the one shown marked."""
    return [(address, name, address == here) for address, name in WAYS]
