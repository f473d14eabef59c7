"""Persons of an organisation: who is a member, with which role, since when and until when.

Invariant: a person joins by an invitation they accept; roles are granted and ended by an administrator and never
changed; the last administrator stays.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import BY_CODE
from panhuo_server.store import people
from panhuo_server.store.acting import current


@dataclass(frozen=True)
class Membership:
    """One role of one person, from when to when."""

    person: str
    email: str
    name: str
    kind: str
    role: str
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None
    ended_by: str | None


def memberships(*, ended: bool = False) -> list[Membership]:
    """The memberships of the organisation acted for; with `ended` those that ended too."""
    found = [Membership(*row) for row in people.members(current().alias)]
    return [one for one in found if ended or one.ended_at is None]


def grant_role(person: str, role: str) -> None:
    """Gives a member another role.

    Raises:
        InvalidInput: when there is no such role for this kind of organisation.
        NotFound: when the person is no member.
        Conflict: when they hold it already.
        NotAllowed: when whoever acts is no administrator, or the law keeps the two apart.
    """
    if role not in BY_CODE:
        raise InvalidInput(f"there is no role {role}", remedy="roles: " + ", ".join(BY_CODE))
    people.grant_role(current().alias, person, role)


def end_role(person: str, role: str) -> None:
    """Ends one role of a member; with the last of their roles their tokens and open invitations end too.

    Raises:
        NotFound: when they do not hold it.
        Conflict: when they are the last administrator.
        NotAllowed: when whoever acts is no administrator.
    """
    people.end_role(current().alias, person, role)


def remove(person: str) -> int:
    """Ends every role of a member; returns how many. Errors as for `end_role`."""
    return people.end_role(current().alias, person, None)


def add_program(name: str) -> str:
    """Adds a program to the organisation: a person without a password, with the role ``service``; returns its id.

    Raises:
        InvalidInput: when organisations of this kind run no programs here.
        NotAllowed: when whoever acts is no administrator.
    """
    made = f"p-{secrets.token_hex(8)}"
    people.add_program(current().alias, made, name)
    return made
