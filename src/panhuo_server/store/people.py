"""Organisations, people, invitations, sessions and tokens as the database keeps them; its functions decide, not this.

Invariant: every statement here calls one function of the door; nothing is read from a table directly, and no function
takes an organisation to read for: it is the one acted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.utils import IntegrityError

from panhuo.ground.record.errors import Conflict
from panhuo_server.store.refusals import refusals

SIGNING_IN = "default"
"""Connection of what happens before anybody acts; courts' people sign in there too."""


def _one(alias: str, statement: str, *given: Any) -> Any:
    with refusals(alias) as c:
        c.execute(statement, given)
        return c.fetchone()


def _all(alias: str, statement: str, *given: Any) -> list[Any]:
    with refusals(alias) as c:
        c.execute(statement, given)
        return list(c.fetchall())


def found_organisation(
    org: str, name: str, kind: str, legal_entity: str, business: str, email: str, person_name: str, password_hash: str,
    new_person: str, roles: Sequence[str],
) -> str:  # fmt: skip
    """Founds an organisation on the owner's connection; returns its first administrator's id.

    Raises:
        Conflict: when the organisation exists.
        NotAllowed: when the person already serves what must be kept apart from it.
    """
    given = (org, name, kind, legal_entity, business, email, person_name, password_hash, new_person, list(roles))
    try:
        return str(_one("owner", "select found_organisation(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", *given)[0])
    except IntegrityError as error:
        raise Conflict(f"there is an organisation {org} already", where=org, remedy="name another code") from error


def my_organisation(alias: str) -> tuple[str, str, str, str, str]:
    """(org, name, kind, legal entity, business) of the organisation acted for."""
    found: tuple[str, str, str, str, str] = _one(alias, "select * from panhuo.my_organisation()")
    return found


def members(alias: str) -> list[tuple[Any, ...]]:
    """Memberships of the organisation acted for, ended ones too, in the order they were granted."""
    return _all(alias, "select * from panhuo.members()")


def grant_role(alias: str, person: str, role: str) -> None:
    """Gives a member another role."""
    _one(alias, "select panhuo.grant_role(%s, %s)", person, role)


def end_role(alias: str, person: str, role: str | None) -> int:
    """Ends a member's role, or all of them; returns how many."""
    return int(_one(alias, "select panhuo.end_role(%s, %s)", person, role)[0])


def add_program(alias: str, person: str, name: str) -> None:
    """Adds a person that only tokens speak for."""
    _one(alias, "select panhuo.add_program(%s, %s)", person, name)


def invite(alias: str, invitation: str, email: str, role: str, secret_hash: str, valid_for: timedelta) -> None:
    """Keeps an invitation."""
    _one(alias, "select panhuo.invite(%s, %s, %s, %s, %s)", invitation, email, role, secret_hash, valid_for)


def my_invitations(alias: str) -> list[tuple[Any, ...]]:
    """Invitations of the organisation acted for."""
    return _all(alias, "select * from panhuo.my_invitations()")


def revoke_invitation(alias: str, invitation: str) -> None:
    """Takes an open invitation back."""
    _one(alias, "select panhuo.revoke_invitation(%s)", invitation)


def open_invitation(org: str, invitation: str, secret_hash: str) -> tuple[Any, ...] | None:
    """(organisation's name, address, role, until) of an open invitation, for whoever holds its secret."""
    found: tuple[Any, ...] | None = _one(
        SIGNING_IN, "select * from panhuo.open_invitation(%s, %s, %s)", org, invitation, secret_hash
    )
    return found


def accept_invitation(
    org: str, invitation: str, secret_hash: str, session: tuple[str, str] | None, new_person: str | None,
    name: str | None, password_hash: str | None,
) -> str:  # fmt: skip
    """Accepts an invitation, by a session (its id and hash) or as a new person; returns the person."""
    held = session or (None, None)
    statement = "select panhuo.accept_invitation(%s, %s, %s, %s, %s, %s, %s, %s)"
    return str(_one(SIGNING_IN, statement, org, invitation, secret_hash, *held, new_person, name, password_hash)[0])


def issue_token(
    alias: str, token: str, person: str, name: str, secret_hash: str, scopes: Sequence[str], read_only: bool,
    valid_for: timedelta,
) -> None:  # fmt: skip
    """Keeps a token."""
    statement = "select panhuo.issue_token(%s, %s, %s, %s, %s, %s, %s)"
    _one(alias, statement, token, person, name, secret_hash, list(scopes), read_only, valid_for)


def my_tokens(alias: str) -> list[tuple[Any, ...]]:
    """Tokens of the organisation acted for."""
    return _all(alias, "select * from panhuo.my_tokens()")


def revoke_token(alias: str, token: str) -> None:
    """Ends a token."""
    _one(alias, "select panhuo.revoke_token(%s)", token)


def use_token(org: str, token: str, secret_hash: str) -> tuple[str, list[str], bool, str] | None:
    """(person, scopes, read only, kind of organisation) of a live token, its use noted; None for any other."""
    found: tuple[str, list[str], bool, str] | None = _one(
        SIGNING_IN, "select * from panhuo.use_token(%s, %s, %s)", org, token, secret_hash
    )
    return found


def only_read(alias: str) -> None:
    """Lets the transaction `alias` is in change nothing more."""
    with connections[alias].cursor() as c:  # not in a savepoint, with whose end it would end
        c.execute("set transaction read only")
