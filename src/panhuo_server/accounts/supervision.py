"""Supervision: which aggregates an organisation lets a supervisor have.

Invariant: a supervisor sees no row of anybody; it calls aggregates by name, and only those granted to it, which show no
group of fewer than ten parties, amounts in units of 10,000, and ends of months alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from panhuo.ground.record.errors import InvalidInput, NotAllowed
from panhuo_server.store import supervision
from panhuo_server.store.acting import current
from panhuo_server.store.supervision import AGGREGATES as AGGREGATES


@dataclass(frozen=True)
class Supervision:
    """What a supervisor may have, as the organisation sees it."""

    supervision: str
    to_org: str
    aggregates: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    granted_by: str
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True)
class Granted:
    """What an organisation lets the acting supervisor have, and up to which day its books go."""

    org: str
    name: str
    aggregates: tuple[str, ...]
    valid_until: datetime
    observed_until: date | None


def granted() -> list[Granted]:
    """What the acting supervisor may have now, organisation by organisation; inside `acting` for supervision."""
    return [
        Granted(org, name, tuple(a), until, day) for org, name, a, until, day in supervision.granted(current().alias)
    ]


def grant(to_org: str, aggregates: Sequence[str], until: datetime) -> str:
    """Lets a supervisor have aggregates of the organisation acted for; returns the grant's name.

    Raises:
        InvalidInput: for an unknown aggregate or an end that is past or without time zone.
        NotFound: when there is no such supervisor.
        NotAllowed: when whoever acts may not, or for a court, whose data no supervisor counts.
    """
    if current().alias == "judicial":
        raise NotAllowed("courts and mediation bodies have no aggregates", code="not-allowed/judicial")
    wrong = [name for name in aggregates if name not in AGGREGATES]
    if wrong or not aggregates or until.tzinfo is None or until <= datetime.now(UTC):
        raise InvalidInput(
            "not a supervision: aggregates and an end to come", remedy="aggregates: " + ", ".join(AGGREGATES)
        )
    who = current()
    made = f"v-{secrets.token_hex(8)}"
    supervision.add(who.alias, who.org, made, to_org, sorted(set(aggregates)), until, who.person)
    return made


def end(name: str) -> None:
    """Ends a supervision at once.

    Raises:
        NotFound: when the organisation has no such one.
        Conflict: when it has ended already.
    """
    who = current()
    supervision.end(who.alias, who.org, name, who.person)


def given() -> list[Supervision]:
    """Every supervision the organisation acted for ever granted."""
    return [Supervision(n, to, tuple(named), *rest) for n, to, named, *rest in supervision.given(current().alias)]


def aggregate(name: str, as_of: date) -> list[dict[str, Any]]:
    """A named aggregate over the organisations that granted it to the acting supervisor, or over the own one.

    ``balance_by_class``: class (small ones joined as ``joined``), parties, balance (units of 10,000 of the currency).
    ``bad_debt_ratio``: parties, balance, ratio_ppm (26,000 is 2.6 %; None under ten parties on either side).
    ``provision_cover``: provision, cover_ppm (1,500,000 is 150 %); absent under ten non-performing parties.

    Args:
        as_of: the last day of a month.

    Raises:
        InvalidInput: for an unknown aggregate or another day.
    """
    return supervision.aggregate(current().alias, name, as_of)
