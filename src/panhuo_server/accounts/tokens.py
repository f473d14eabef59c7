"""Tokens programs carry: for one organisation and person, with scopes and an end.

Invariant: a token is shown once and kept hashed; its scopes are purposes within its person's roles, checked when it is
made, and the door checks the roles again at each use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from panhuo.ground.record.errors import InvalidInput, NotAllowed
from panhuo_server.accounts import bearer
from panhuo_server.accounts.roles import JUDICIAL_KINDS, PURPOSES
from panhuo_server.store import people
from panhuo_server.store.acting import Acting, acting, current

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Issued:
    """A new token; `text` is shown this once."""

    token: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """A token as the organisation's people see it."""

    token: str
    person: str
    name: str
    scopes: tuple[str, ...]
    read_only: bool
    made_by: str
    made_at: datetime
    valid_until: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Bearing:
    """Whom a live token speaks for, and for what."""

    org: str
    person: str
    scopes: frozenset[str]
    read_only: bool
    judicial: bool


def issue(
    name: str, scopes: Sequence[str], *, person: str | None = None, lasts: timedelta = timedelta(days=90),
    read_only: bool = False,
) -> Issued:  # fmt: skip
    """A token for the organisation acted for.

    Args:
        name: what the program is called in lists.
        scopes: purposes it may act for.
        person: whom it speaks for: the administrator themselves (default) or a program of the organisation.
        lasts: at most 366 days.
        read_only: it reads and changes nothing.

    Raises:
        InvalidInput: for an unknown purpose, one beyond the person's roles, or too long a time.
        NotFound: when `person` is neither the administrator nor a program of the organisation.
        NotAllowed: when whoever acts may not issue tokens.
    """
    wanted = sorted(set(scopes))
    if not wanted or any(scope not in PURPOSES for scope in wanted) or not timedelta() < lasts <= LONGEST:
        raise InvalidInput(
            "not a token: purposes and at most 366 days", remedy="purposes: " + ", ".join(PURPOSES.positions)
        )
    who = current()
    made = bearer.made("token", who.org)
    people.issue_token(who.alias, made.id, person or who.person, name, made.hash, wanted, read_only, lasts)
    return Issued(made.id, made.text)


def tokens() -> list[Token]:
    """Every token of the organisation acted for."""
    found = people.my_tokens(current().alias)
    return [Token(t, p, n, tuple(scopes), *rest) for t, p, n, scopes, *rest in found]


def revoke(token: str) -> None:
    """Ends a token at once.

    Raises:
        NotFound: when it is no live token of this organisation.
        NotAllowed: when whoever acts may not.
    """
    people.revoke_token(current().alias, token)


def _refused() -> NotAllowed:
    return NotAllowed("the token does not let this in", remedy="issue a new one", code="not-allowed/token")


def bearing(text: str) -> Bearing:
    """Whom a live token speaks for; its use is noted (to the minute).

    Raises:
        NotAllowed: for a token that lapsed, was revoked, or never was: the same answer.
    """
    held = bearer.read("token", text)
    found = people.use_token(held.org, held.id, held.hash) if held else None
    if held is None or found is None:
        raise _refused()
    person, scopes, read_only, kind = found
    return Bearing(held.org, person, frozenset(scopes), read_only, kind in JUDICIAL_KINDS)


@contextmanager
def acting_by_token(text: str, purpose: str) -> Iterator[Acting]:
    """`acting` as the token's person for one of its scopes; a token that only reads gets a transaction that only reads.

    Raises:
        NotAllowed: when the token is not live or the purpose is none of its scopes.
    """
    held = bearing(text)
    if purpose not in held.scopes:
        raise _refused()
    with acting(held.org, held.person, purpose, judicial=held.judicial) as who:
        if held.read_only:
            people.only_read(who.alias)
        yield who
