"""Invitations: how a person comes to an organisation.

Invariant: an invitation is for one address and one role, is accepted once, and lapses; only the hash of its secret is
kept. Accepting it checks what must be kept apart, in the database.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.accounts import bearer, passwords
from panhuo_server.accounts.roles import BY_CODE
from panhuo_server.store import people
from panhuo_server.store.acting import current

LASTS = timedelta(days=7)
_ADDRESS = re.compile(r"[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+\Z")


@dataclass(frozen=True)
class Invited:
    """A new invitation; `link` is what is sent to the address, and is shown this once."""

    invitation: str
    link: str = field(repr=False)


@dataclass(frozen=True)
class Invitation:
    """An invitation as the organisation's people see it."""

    invitation: str
    email: str
    role: str
    invited_by: str
    invited_at: datetime
    valid_until: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Offer:
    """What an open invitation says to its holder."""

    organisation: str
    email: str
    role: str
    valid_until: datetime


def invite(email: str, role: str, *, lasts: timedelta = LASTS) -> Invited:
    """Invites an address to a role in the organisation acted for.

    Args:
        lasts: how long it may be accepted; at most 30 days.

    Raises:
        InvalidInput: for no address, no such role in this kind of organisation, or too long a time.
        NotAllowed: when whoever acts is no administrator.
    """
    if not _ADDRESS.match(email.strip()) or role not in BY_CODE or not timedelta() < lasts <= timedelta(days=30):
        raise InvalidInput(
            "not an invitation: an address, a role and at most 30 days", remedy="roles: " + ", ".join(BY_CODE)
        )
    acting = current()
    made = bearer.made("invitation", acting.org)
    people.invite(acting.alias, made.id, email, role, made.hash, lasts)
    return Invited(made.id, made.text)


def invitations() -> list[Invitation]:
    """Every invitation of the organisation acted for, in order."""
    return [Invitation(*row) for row in people.my_invitations(current().alias)]


def revoke(invitation: str) -> None:
    """Takes an open invitation back.

    Raises:
        NotFound: when it is not open or not this organisation's.
        NotAllowed: when whoever acts is no administrator.
    """
    people.revoke_invitation(current().alias, invitation)


def _held(link: str) -> bearer.Bearer:
    held = bearer.read("invitation", link)
    if held is None:
        raise NotFound(
            "there is no such open invitation", remedy="ask for a new one", code="not-found/no-such-invitation"
        )
    return held


def offer(link: str) -> Offer:
    """What an open invitation offers.

    Raises:
        NotFound: when it is not open (any more), or never was.
    """
    held = _held(link)
    found = people.open_invitation(held.org, held.id, held.hash)
    if found is None:
        raise NotFound(
            "there is no such open invitation", remedy="ask for a new one", code="not-found/no-such-invitation"
        )
    return Offer(*found)


def accept_as_new(link: str, name: str, password: str) -> str:
    """Accepts as somebody who has no account: one is made with the invitation's own address; returns the person.

    Raises:
        NotFound: when the invitation is not open.
        Conflict: when the address has an account already: sign in and use `accept`.
        InvalidInput: when the password is too easy to guess.
    """
    held, offered = _held(link), offer(link)
    kept = passwords.hashed(password, about=(offered.email, name))
    new = f"p-{secrets.token_hex(8)}"
    return people.accept_invitation(held.org, held.id, held.hash, None, new, name, kept)


def accept(link: str, session: str) -> str:
    """Accepts as the person of a live session; returns the person.

    Raises:
        NotFound: when the invitation is not open.
        NotAllowed: when it is for another address, the session has ended, or the person's other roles forbid it.
        Conflict: when they hold the role already.
    """
    held, mine = _held(link), bearer.read("session", session)
    proof = (mine.id, mine.hash) if mine else ("", "")
    return people.accept_invitation(held.org, held.id, held.hash, proof, None, None, None)
