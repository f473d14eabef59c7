"""Shares: what an organisation lets another see, at which level, for which purpose, from when until when.

Invariant: the receiver sees masked rows through ``shared_TABLE`` only, while the share lives and for its purpose only.
No share crosses between own and brokered business of one legal entity, nor between judicial and commercial
organisations, and none goes to a supervisor: the database refuses it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import PURPOSES
from panhuo_server.store import sharing
from panhuo_server.store.acting import current

LEVELS = range(1, 6)
"""Data security levels of JR/T 0197-2020: a share shows the columns up to its level."""


@dataclass(frozen=True)
class Share:
    """A share as its giver sees it; `row` None is the whole table."""

    share: str
    table: str
    row: str | None
    to_org: str
    level: int
    purpose: str
    valid_from: datetime
    valid_until: datetime
    granted_by: str
    ended_at: datetime | None
    ended_by: str | None

    @property
    def ended(self) -> bool:
        """Whether it was ended by hand or by time."""
        return self.ended_at is not None or self.valid_until <= datetime.now(UTC)


@dataclass(frozen=True)
class Received:
    """A share as its receiver sees it."""

    owner_org: str
    share: str
    table: str
    row: str | None
    level: int
    purpose: str
    valid_from: datetime
    valid_until: datetime


def grant(
    table: str, to_org: str, level: int, purpose: str, until: datetime, *, row: str | None = None,
    since: datetime | None = None, consent: tuple[str, str] | None = None,
) -> str:  # fmt: skip
    """Shares a table, or one entity of it, of the organisation acted for; returns the share's name.

    Args:
        level: columns up to this level are shown, 1 to 5.
        purpose: what the receiver must act for to see it.
        until, since: with a time zone; it starts at once when `since` is not given.
        row: the entity's id; None shares every row, those to come too.
        consent: the (party, purpose) whose consent it rests on (see `consent.share`): it shows nothing without it.

    Raises:
        InvalidInput: for an unknown table, purpose, level or span, or a purpose the receiver never acts for.
        NotFound: when there is no such organisation.
        NotAllowed: when the two must be kept apart, or whoever acts may not share.
    """
    if table not in TABLES or purpose not in PURPOSES or level not in LEVELS:
        raise InvalidInput(
            "not a share: a table, a level from 1 to 5 and a purpose",
            where=f"{table}, {level}, {purpose}",
            remedy="purposes: " + ", ".join(PURPOSES.positions),
        )
    now = datetime.now(UTC)
    if any(moment is not None and moment.tzinfo is None for moment in (until, since)) or until <= max(
        now, since or now
    ):
        raise InvalidInput("a share ends after it starts, and in the future", remedy="give `until` with a time zone")
    who = current()
    if to_org == who.org:
        raise InvalidInput("an organisation shares with another, not itself", where=to_org, remedy="name another")
    made = f"s-{secrets.token_hex(8)}"
    sharing.add(who.alias, who.org, made, table, row, to_org, level, purpose, since, until, who.person, consent)
    return made


def end(share: str) -> None:
    """Ends a share at once.

    Raises:
        NotFound: when the organisation has no such share.
        Conflict: when it has ended already.
        NotAllowed: when whoever acts may not share.
    """
    who = current()
    sharing.end(who.alias, who.org, share, who.person)


def given() -> list[Share]:
    """Every share the organisation acted for ever gave."""
    return [Share(*row) for row in sharing.given(current().alias)]


def received() -> list[Received]:
    """The shares others give the organisation acted for that have not ended, of any purpose."""
    return [Received(*row) for row in sharing.received(current().alias)]


def rows(table: str, ids: list[str] | None = None) -> list[dict[str, Any]]:
    """Rows others share with the organisation acted for and its purpose: facts as columns of the table, masked values
    None, personal values enciphered, and ``share_level``.

    Raises:
        InvalidInput: when there is no such table.
    """
    return sharing.shared_rows(current().alias, table, ids)
