"""Sign-in tries, sessions and passwords as the database keeps them.

Invariant: tries are counted on a connection of their own that commits whatever becomes of the request, one statement a
try; addresses and accounts are kept hashed, sessions by the hash of their secret.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panhuo_server.store.refusals import refusals

COUNTING = "reads"
"""Connection that commits by itself."""
SIGNING_IN = "default"


def _one(alias: str, statement: str, *given: Any) -> Any:
    with refusals(alias) as c:
        c.execute(statement, given)
        return c.fetchone()


def count_try(sort: str, name_hash: str, most: int, within: timedelta) -> int:
    """Counts a try of an ``address`` or an ``account``; seconds to wait, 0 when it may go on."""
    return int(_one(COUNTING, "select panhuo.count_try(%s, %s, %s, %s)", sort, name_hash, most, within)[0])


def forget_tries(sort: str, name_hash: str, older_than: timedelta) -> None:
    """Forgets the tries of one that signed in, and every count older than that."""
    _one(COUNTING, "select panhuo.forget_tries(%s, %s, %s)", sort, name_hash, older_than)


def credentials(email: str) -> tuple[str, str] | None:
    """(person, password hash) of an address; None when nobody has it."""
    found: tuple[str, str] | None = _one(SIGNING_IN, "select * from panhuo.person_credentials(%s)", email)
    return found


def open_session(person: str, session: str, secret_hash: str, valid_for: timedelta) -> None:
    """Keeps a session."""
    _one(SIGNING_IN, "select panhuo.open_session(%s, %s, %s, %s)", person, session, secret_hash, valid_for)


def use_session(session: str, secret_hash: str, idle: timedelta) -> str | None:
    """The person of a live session, its use noted."""
    found: str | None = _one(SIGNING_IN, "select panhuo.use_session(%s, %s, %s)", session, secret_hash, idle)[0]
    return found


def end_session(session: str, secret_hash: str, *, everywhere: bool) -> int:
    """Ends a session, or every session of its person; returns how many."""
    return int(_one(SIGNING_IN, "select panhuo.end_session(%s, %s, %s)", session, secret_hash, everywhere)[0])


def session_password(session: str, secret_hash: str) -> tuple[str, str] | None:
    """(person, password hash) behind a live session."""
    found: tuple[str, str] | None = _one(
        SIGNING_IN, "select * from panhuo.session_password(%s, %s)", session, secret_hash
    )
    return found


def change_password(session: str, secret_hash: str, password_hash: str) -> int:
    """Keeps a new password and ends the person's other sessions; returns how many ended."""
    return int(_one(SIGNING_IN, "select panhuo.change_password(%s, %s, %s)", session, secret_hash, password_hash)[0])


def reset_password(email: str, password_hash: str) -> str:
    """Keeps a new password on the operator's word and ends every session of the person, who is returned."""
    return str(_one("owner", "select reset_password(%s, %s)", email, password_hash)[0])


def session_organisations(session: str, secret_hash: str) -> list[tuple[str, str, str, str, list[str]]]:
    """(org, name, kind, business, roles) of every organisation the person of a session may act for."""
    with refusals(SIGNING_IN) as c:
        c.execute("select * from panhuo.session_organisations(%s, %s)", [session, secret_hash])
        return list(c.fetchall())
