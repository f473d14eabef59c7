"""Signing in: password to session, with throttling by address and by account.

Invariant: an unknown person and a wrong password get the same answer after the same work; tries are counted before a
password is looked at, in the database, whatever becomes of the request.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from panhuo.ground.record.errors import NotAllowed, Unavailable
from panhuo_server.accounts import bearer, passwords
from panhuo_server.accounts.roles import JUDICIAL_KINDS
from panhuo_server.store import sign_ins

ACCOUNT_TRIES = 10
"""Tries of one account in a window; the right password is not looked at beyond them either."""
ADDRESS_TRIES = 50
"""Tries from one address in a window: an office behind one address signs in together."""
WINDOW = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
SESSION_IDLES = timedelta(minutes=30)
"""A session unused for so long has ended."""


@dataclass(frozen=True)
class SignedIn:
    """A person with a new session; `session` is what their browser keeps."""

    person: str
    session: str = field(repr=False)


@dataclass(frozen=True)
class Place:
    """An organisation a person may act for."""

    org: str
    name: str
    kind: str
    business: str
    roles: tuple[str, ...]

    @property
    def judicial(self) -> bool:
        """Whether one acts there on the judicial connection."""
        return self.kind in JUDICIAL_KINDS


def _named(text: str) -> str:
    return hashlib.sha256(b"panhuo sign-in " + text.strip().lower().encode()).hexdigest()


def sign_in(email: str, password: str, address: str) -> SignedIn:
    """A new session for whoever knows the password.

    Args:
        email: the account, letter case and spaces around it ignored.
        address: the network address the request came from, as the server saw it.

    Raises:
        Unavailable: after too many tries; ``where`` says for how many seconds.
        NotAllowed: unknown person or wrong password, never which.
    """
    waits = [
        sign_ins.count_try("address", _named(address), ADDRESS_TRIES, WINDOW),
        sign_ins.count_try("account", _named(email), ACCOUNT_TRIES, WINDOW),
    ]
    if max(waits):
        raise Unavailable(
            "too many tries to sign in",
            where=f"wait {max(waits)} seconds",
            remedy="wait, then try again",
            code="unavailable/too-many-tries",
        )
    found = sign_ins.credentials(email) if "\x00" not in email else None
    if not passwords.matches(password, found[1] if found else None) or found is None:
        raise NotAllowed(
            "this address and password do not belong together",
            remedy="try again, or ask your administrator for a new invitation",
            code="not-allowed/sign-in",
        )
    sign_ins.forget_tries("account", _named(email), older_than=timedelta(days=1))
    made = bearer.made("session")
    sign_ins.open_session(found[0], made.id, made.hash, SESSION_LASTS)
    return SignedIn(found[0], made.text)


def _ended() -> NotAllowed:
    return NotAllowed("the session has ended", remedy="sign in again", code="not-allowed/session")


def _read(session: str) -> bearer.Bearer:
    found = bearer.read("session", session)
    if found is None:
        raise _ended()
    return found


def person_of(session: str) -> str:
    """The person of a live session, its use noted.

    Raises:
        NotAllowed: when it has ended, lain idle, or never was.
    """
    held = _read(session)
    person = sign_ins.use_session(held.id, held.hash, SESSION_IDLES)
    if person is None:
        raise _ended()
    return person


def places_of(session: str) -> list[Place]:
    """The organisations the person of a live session may act for, with their roles there.

    Raises:
        NotAllowed: when the session has ended.
    """
    person_of(session)
    held = _read(session)
    found = sign_ins.session_organisations(held.id, held.hash)
    return [Place(org, name, kind, business, tuple(roles)) for org, name, kind, business, roles in found]


def sign_out(session: str, *, everywhere: bool = False) -> int:
    """Ends the session, or with `everywhere` all sessions of its person; returns how many ended."""
    held = bearer.read("session", session)
    return sign_ins.end_session(held.id, held.hash, everywhere=everywhere) if held else 0


def change_password(session: str, old: str, new: str) -> int:
    """A new password for the person of a session; their other sessions end, and how many is returned.

    Raises:
        NotAllowed: when the session has ended or the old password is wrong.
        InvalidInput: when the new one is too easy to guess.
        Unavailable: after too many tries of the old one.
    """
    person = person_of(session)
    held = _read(session)
    wait = sign_ins.count_try("account", _named("change " + person), ACCOUNT_TRIES, WINDOW)
    if wait:
        raise Unavailable(
            "too many tries", where=f"wait {wait} seconds", remedy="wait", code="unavailable/too-many-tries"
        )
    known = sign_ins.session_password(held.id, held.hash)
    if known is None or not passwords.matches(old, known[1]):
        raise NotAllowed("the old password is wrong", remedy="try again", code="not-allowed/sign-in")
    return sign_ins.change_password(held.id, held.hash, passwords.hashed(new))


def reset_password(email: str, new: str) -> str:
    """A new password for who forgot theirs; the operator's own act, on the owner's connection. Every session ends.

    Raises:
        NotFound: when nobody has that address.
        InvalidInput: when the password is too easy to guess.
    """
    return sign_ins.reset_password(email, passwords.hashed(new, about=(email,)))
