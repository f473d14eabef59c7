"""The one door: somebody acts for an organisation, for a purpose, within one transaction.

Invariant: nothing of an organisation is read or written outside `acting`, and what it sets ends with its transaction,
so that a pooled connection never carries one organisation's view into another's request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connections, transaction
from django.db.utils import ProgrammingError

from panhuo.ground.record.errors import Defect, NotAllowed

CLOCK = "clock"
"""Who acts when time alone brings something about: no person, and the purpose no role allows. Also the name of the
connection its door is opened on, which the worker alone has."""


@dataclass(frozen=True)
class Acting:
    """Who acts, for whom and why; `alias` is the connection it acts on, `roles` are what the person holds there."""

    org: str
    person: str
    purpose: str
    alias: str = "default"
    roles: tuple[str, ...] = field(default=(), compare=False)

    @property
    def judicial(self) -> bool:
        """Whether court data is concerned, which lies in its own schema behind its own role."""
        return self.alias == "judicial"


_CURRENT: ContextVar[Acting | None] = ContextVar("acting", default=None)


def current() -> Acting:
    """Who acts now.

    Raises:
        Defect: outside `acting`.
    """
    found = _CURRENT.get()
    if found is None:
        raise Defect("nobody acts here", remedy="enter panhuo_server.accounts.acting.acting first")
    return found


def cursor() -> Any:
    """A cursor on the connection the current actor acts on."""
    return connections[current().alias].cursor()


def enter(alias: str, org: str, person: str, purpose: str) -> tuple[str, ...]:
    """Opens the door in the transaction `alias` is in; returns the roles the person holds. `acting` is what to call.

    Raises:
        NotAllowed: when the door stays shut, the same answer for every cause.
    """
    try:
        with connections[alias].cursor() as door:
            door.execute("select panhuo.enter(%s, %s, %s)", [org, person, purpose])
            return tuple(door.fetchone()[0])
    except ProgrammingError as error:
        raise NotAllowed(
            "this person does not act for that organisation",
            where=org,
            remedy="sign in as a member of it, or ask its administrator for a role that allows this purpose",
            code="not-allowed/no-such-membership",
        ) from error


def _refused(org: str) -> NotAllowed:
    return NotAllowed(
        "the clock of that organisation does not act here",
        where=org,
        remedy="what time brings about is the worker's, for an organisation that is open",
        code="not-allowed/clock",
    )


def _enter_as_clock(alias: str, org: str) -> tuple[str, ...]:
    try:
        ticket = None
        if alias == "judicial":
            with transaction.atomic(using=CLOCK), connections[CLOCK].cursor() as worker:
                worker.execute("select panhuo.clock_ticket(%s)", [org])
                ticket = worker.fetchone()[0]
        with connections[alias].cursor() as door:
            door.execute("select panhuo.enter_as_clock(%s, %s)", [org, ticket])
    except ProgrammingError as error:
        raise _refused(org) from error
    return ()


@contextmanager
def _within(wanted: Acting, door: Callable[[], tuple[str, ...]]) -> Iterator[Acting]:
    already = _CURRENT.get()
    if already is not None and already != wanted:
        raise Defect(
            "somebody else is still acting here",
            where=f"{already.org} acting, {wanted.org} wanted",
            remedy="leave the outer block first: one transaction serves one actor",
        )
    with transaction.atomic(using=wanted.alias):
        wanted = replace(wanted, roles=door()) if already is None else already
        token = _CURRENT.set(wanted)
        try:
            yield wanted
        finally:
            _CURRENT.reset(token)


@contextmanager
def acting(org: str, person: str, purpose: str, *, judicial: bool = False) -> Iterator[Acting]:
    """Acts for `org` as `person` for `purpose` until the block ends: one transaction, all or nothing.

    Entered again for the same actor inside itself it is a savepoint; for another actor it is refused.

    Args:
        judicial: the organisation is a court or a mediation body, whose data lies apart.

    Raises:
        NotAllowed: when the person does not act for that organisation, or no role of theirs allows that purpose, or it
            does not exist: the same answer.
        Defect: when another actor is still acting.
    """
    alias = "judicial" if judicial else "default"
    with _within(Acting(org, person, purpose, alias), lambda: enter(alias, org, person, purpose)) as who:
        yield who


@contextmanager
def acting_as_clock(org: str, *, judicial: bool = False) -> Iterator[Acting]:
    """The organisation's own clock acts until the block ends: what was to happen by now, whoever has left meanwhile.

    It holds no role, so it may do nothing of weight, and it cannot read as Arrow or open personal columns.

    Raises:
        NotAllowed: in every process but the worker, and for an organisation that is closed or does not exist.
        Defect: when another actor is still acting.
    """
    alias = "judicial" if judicial else CLOCK
    if CLOCK not in connections.settings:
        raise _refused(org)
    with _within(Acting(org, CLOCK, CLOCK, alias), lambda: _enter_as_clock(alias, org)) as who:
        yield who
