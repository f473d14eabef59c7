"""Organisations and how the operator founds one.

Invariant: own and brokered business of one legal entity are two organisations, and no person serves both; a court's or
mediation body's staff hold no commercial role, and the other way round. The database refuses what would break this.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.passwords import hashed
from panhuo_server.accounts.roles import BY_CODE, JUDICIAL_KINDS, WORKING_ROLES
from panhuo_server.accounts.roles import KINDS as KIND_CODES
from panhuo_server.store import people
from panhuo_server.store.acting import current

KINDS = tuple(KIND_CODES.positions)
BUSINESSES = ("own", "brokered")
"""A legal entity's own business and what it brokers for others are two organisations."""


@dataclass(frozen=True)
class Founded:
    """A new organisation and its first administrator."""

    org: str
    person: str


@dataclass(frozen=True)
class Organisation:
    """An organisation as its members see it."""

    org: str
    name: str
    kind: str
    legal_entity: str
    business: str

    @property
    def judicial(self) -> bool:
        """Whether its data lies in the judicial schema."""
        return self.kind in JUDICIAL_KINDS


def found(
    org: str, name: str, kind: str, email: str, person_name: str, password: str, *, legal_entity: str = "",
    business: str = "own", roles: tuple[str, ...] | None = None,
) -> Founded:  # fmt: skip
    """Founds an organisation with its first administrator; the operator's own act, on the owner's connection.

    Args:
        legal_entity: code of the legal entity behind it (USCC); the organisation's own code when not given.
        business: ``own`` or ``brokered``.
        roles: what the founder may do besides administering; by default what an organisation of that kind works with.

    Raises:
        InvalidInput: for a kind, business or role that is not one, or a password too easy to guess.
        Conflict: when the organisation exists.
        NotAllowed: when the person already serves what must be kept apart from it.
    """
    if kind not in KINDS or business not in BUSINESSES:
        raise InvalidInput(f"{kind}, {business}: no such organisation", remedy=f"kinds: {', '.join(KINDS)}")
    held = dict.fromkeys(("administrator", *(WORKING_ROLES[kind] if roles is None else roles)))
    wrong = [role for role in held if role not in BY_CODE or kind not in BY_CODE[role].kinds]
    if wrong:
        raise InvalidInput(f"a {kind} has no role {', '.join(wrong)}", remedy="see accounts/roles.py")
    kept = hashed(password, about=(email, person_name))
    person = people.found_organisation(
        org,
        name,
        kind,
        legal_entity or org,
        business,
        email,
        person_name,
        kept,
        f"p-{secrets.token_hex(8)}",
        list(held),
    )
    return Founded(org, person)


def mine() -> Organisation:
    """The organisation acted for."""
    return Organisation(*people.my_organisation(current().alias))
