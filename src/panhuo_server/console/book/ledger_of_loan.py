"""A loan's ledger and plan, worked out from its own postings and instalments in plain arithmetic.

Invariant: what every posting does to a balance is added up posting by posting; nothing of a night is used, so that the
night's balances can be held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from panhuo.ground.book.tables.credit import COMPONENTS

RAISES = ("disburse", "accrue", "advance")
LOWERS = ("receive", "waive", "write_off", "assign")
INTEREST = ("interest", "interest_off_balance")
KINDS = (*RAISES, "receive", "waive", "move_off_balance", "write_off", "assign")
"""Kinds of posting in the order a balance lives through them; a reversal counts under what it reverses."""


@dataclass(frozen=True)
class Posted:
    """One posting with what it did: `effect` on its component's balance, `principal` the principal after it."""

    row: Mapping[str, Any]
    kind: str
    effect: int
    principal: int


def _sign(kind: str, component: str) -> int:
    if kind in RAISES:
        return 1
    if kind in LOWERS:
        return -1
    if kind == "move_off_balance":
        return {"interest": -1, "interest_off_balance": 1}.get(component, 0)
    return 0


def walked(postings: Sequence[Mapping[str, Any]]) -> list[Posted]:
    """Postings in the order of their days, each with its effect and the principal after it."""
    first = {p["id"]: p["kind"] for p in postings if p["kind"] != "reverse"}
    found, principal = [], 0
    for row in sorted(postings, key=lambda p: (p["posted_on"], p["fact_sequence"], p["fact_position"])):
        back = row["kind"] == "reverse"
        kind = first.get(row["reverses_id"], "receive") if back else row["kind"]
        effect = row["amount"] * _sign(kind, row["component"]) * (-1 if back else 1)
        principal += effect if row["component"] == "principal" else 0
        found.append(Posted(row, kind, effect, principal))
    return found


def by_component(posted: Iterable[Posted]) -> dict[str, dict[str, int]]:
    """Component -> kind -> what its postings come to; components in the ledger's order."""
    sums: dict[str, dict[str, int]] = {}
    for one in posted:
        kinds = sums.setdefault(one.row["component"], {})
        kinds[one.kind] = kinds.get(one.kind, 0) + one.effect
    return {c.code: sums[c.code] for c in COMPONENTS if c.code in sums}


@dataclass(frozen=True)
class Due:
    """One day of the plan: what fell due, and how much of it what was received so far covers."""

    row: Mapping[str, Any]
    principal: int
    interest: int
    principal_covered: int
    interest_covered: int
    fallen: bool

    @property
    def unpaid(self) -> int:
        """What is still owed of it."""
        return self.principal + self.interest - self.principal_covered - self.interest_covered


def against_plan(instalments: Sequence[Mapping[str, Any]], posted: Sequence[Posted], as_of: date) -> list[Due]:
    """The plan that stands, with what was received or waived applied to what fell due first."""
    satisfied = {"principal": 0, "interest": 0}
    for one in posted:
        if one.kind in ("receive", "waive"):
            component = "interest" if one.row["component"] in INTEREST else one.row["component"]
            if component in satisfied:
                satisfied[component] -= one.effect
    plan = [i for i in instalments if (i["status"] or "due") == "due"]
    found = []
    for row in sorted(plan, key=lambda i: (i["due_on"], i["number"] or 0, i["id"])):
        covered = {}
        for name in ("principal", "interest"):
            owed = row[name] or 0
            covered[name] = min(max(satisfied[name], 0), owed)
            satisfied[name] -= covered[name]
        found.append(Due(row, row["principal"] or 0, row["interest"] or 0, covered["principal"], covered["interest"],
                         row["due_on"] <= as_of))  # fmt: skip
    return found
