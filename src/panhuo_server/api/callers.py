"""Who asks: a program with a token, or a person with a session; for whom, and for what purpose.

Invariant: nothing of an organisation is read or written but inside `entered`. A token acts for its own organisation and
for its scopes alone; a session for the organisation and purpose the request names in headers, which no other site's
page can send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ninja.security import APIKeyCookie, HttpBearer

from panhuo.ground.record.errors import InvalidInput, NotAllowed, PanhuoError
from panhuo_server.accounts import sign_in, tokens
from panhuo_server.accounts.acting import Acting, acting
from panhuo_server.accounts.roles import PURPOSES
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.rates import CALLERS, FAILING
from panhuo_server.store import people

SESSION_COOKIE = "panhuo_session"
ORGANISATION = "X-Organisation"
PURPOSE = "X-Purpose"
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Caller:
    """Who asks; `scopes` None means any purpose its roles allow."""

    person: str
    org: str = ""
    judicial: bool = False
    scopes: frozenset[str] | None = None
    read_only: bool = False


def _address(request: Any) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class Token(HttpBearer):
    """``Authorization: Bearer TOKEN``: a token the organisation's administrator issued."""

    def authenticate(self, request: Any, token: str) -> Caller:
        """The caller a live token stands for."""
        try:
            held = tokens.bearing(token)
        except NotAllowed:
            FAILING.take(_address(request))
            raise
        CALLERS.take("token " + hashlib.sha256(token.encode()).hexdigest())
        return Caller(held.person, held.org, held.judicial, held.scopes, held.read_only)


class Session(APIKeyCookie):
    """The cookie of somebody who signed in; the request names the organisation in a header."""

    param_name = SESSION_COOKIE

    def __init__(self) -> None:
        super().__init__(csrf=False)  # a header of our own does what that token would

    def authenticate(self, request: Any, key: str | None) -> Caller | None:
        """The caller a live session stands for; None without a cookie."""
        if not key:
            return None
        org = request.headers.get(ORGANISATION, "")
        if not org and request.method in _UNSAFE:
            raise InvalidInput(
                f"a session names its organisation in {ORGANISATION}", where=ORGANISATION, remedy="send that header"
            )
        try:
            places = sign_in.places_of(key) if org else []
            person = sign_in.person_of(key)
        except NotAllowed:
            FAILING.take(_address(request))
            raise
        CALLERS.take("session " + hashlib.sha256(key.encode()).hexdigest())
        if not org:
            return Caller(person)
        place = next((place for place in places if place.org == org), None)
        if place is None:
            raise nothing_here()
        return Caller(person, org, place.judicial)


AUTH = [Token(), Session()]


def purpose_of(request: Any, named: str | None) -> str:
    """What the request acts for: what the endpoint names, else the header, else a token's only scope.

    Raises:
        InvalidInput: when nothing says it.
        NotAllowed: when the token is not for that.
    """
    caller: Caller = request.auth
    wanted = named or request.headers.get(PURPOSE, "")
    if not wanted and caller.scopes is not None and len(caller.scopes) == 1:
        (wanted,) = caller.scopes
    if wanted not in PURPOSES:
        raise InvalidInput(
            "the request does not say what it is for",
            where=PURPOSE,
            remedy="one of " + ", ".join(PURPOSES.positions),
            code="invalid-input/purpose",
        )
    if caller.scopes is not None and wanted not in caller.scopes:
        raise NotAllowed(
            f"the token is not for {wanted}", remedy="issue one with that scope", code="not-allowed/purpose"
        )
    return wanted


@contextmanager
def entered(request: Any, purpose: str | None = None, *, writes: bool = False) -> Iterator[Acting]:
    """`acting` for this request.

    Args:
        purpose: what the endpoint is for; without it the request says.
        writes: whether anything is changed; a token that only reads is refused.

    Raises:
        NotAllowed: when the caller may not act for that.
        InvalidInput: when the request does not say for whom or for what.
    """
    caller: Caller = request.auth
    if not caller.org:
        raise InvalidInput(f"a session names its organisation in {ORGANISATION}", where=ORGANISATION)
    if writes and caller.read_only:
        raise NotAllowed("the token only reads", remedy="issue one that may write", code="not-allowed/read-only")
    wanted = purpose_of(request, purpose)
    try:
        with acting(caller.org, caller.person, wanted, judicial=caller.judicial) as who:
            if caller.read_only:
                people.only_read(who.alias)
            yield who
    except PanhuoError as error:
        if error.code != "not-allowed/no-such-membership":
            raise
        raise NotAllowed(
            f"no role of this person allows {wanted}",
            where=PURPOSE,
            remedy="ask the organisation's administrator",
            code="not-allowed/purpose",
        ) from None


def idempotency_key(request: Any) -> str:
    """The caller's own name for a command.

    Raises:
        InvalidInput: when it is missing or no such name.
    """
    key: str = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise InvalidInput(
            "a command needs an idempotency key of 8 to 200 ASCII characters",
            where="Idempotency-Key",
            remedy="send one of your own, unique to the command, and the same one only to repeat it",
            code="invalid-input/idempotency-key",
        )
    return key
