"""What the database's own refusals mean, in the program's error family.

Invariant: a refusal of the database says a word this program knows, never a value; what people read is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.utils import DatabaseError

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, PanhuoError

_SAID: dict[str, tuple[type[PanhuoError], str, str]] = {
    "act": (NotAllowed, "no role of this person allows that", "ask the organisation's administrator"),
    "already-ended": (Conflict, "it has ended already", "look at the list again"),
    "beyond-supervision": (NotAllowed, "no organisation lets this supervisor have that aggregate", "ask for it"),
    "dead-letter": (InvalidInput, "rows cannot be shared with that organisation", "name another organisation"),
    "invitation-of-another": (
        NotAllowed, "the invitation is for another address", "sign in with the address it was sent to"),
    "judicial-and-commercial-shares": (
        NotAllowed, "judicial and commercial data are kept apart", "exchange files through the court's own channel"),
    "judicial-and-commercial-staff": (
        NotAllowed, "staff of courts and mediation bodies hold no commercial role, and the other way round",
        "end the other roles first or name another person"),
    "last-administrator": (
        Conflict, "this is the organisation's last administrator", "make another person administrator first"),
    "no-consent": (
        NotAllowed, "no consent of that party stands for this", "ask for its consent, or do not share it"),
    "no-such-invitation": (NotFound, "there is no such open invitation", "ask for a new one"),
    "no-such-member": (NotFound, "there is no such member", "invite the person first"),
    "no-such-organisation": (NotFound, "there is no such organisation", "look at its code again"),
    "no-such-party": (NotFound, "that organisation does not say this is you", "ask it to share your own row with you"),
    "no-such-request": (NotFound, "there is no such request", "look at the list again"),
    "no-such-person": (NotFound, "there is no such person", "look at the list again"),
    "no-such-share": (NotFound, "there is no such live share", "look at the list again"),
    "no-such-supervision": (NotFound, "there is no such live supervision", "look at the list again"),
    "no-such-token": (NotFound, "there is no such live token", "look at the list again"),
    "own-and-brokered-shares": (
        NotAllowed, "own and brokered business of one legal entity are kept apart", "no share crosses between them"),
    "own-and-brokered-staff": (
        NotAllowed, "own and brokered business of one legal entity are kept apart", "name another person"),
    "role-held-already": (Conflict, "the person holds that role already", "look at the members"),
    "role-not-of-this-kind": (InvalidInput, "that kind of organisation has no such role", "see accounts/roles.py"),
    "rows-for-supervisor": (
        NotAllowed, "a supervisor sees named aggregates, never rows", "grant supervision instead of a share"),
    "scope-beyond-role": (InvalidInput, "a scope goes beyond the roles of the person", "name fewer scopes"),
    "session": (NotAllowed, "the session has ended", "sign in again"),
    "sign-in-first": (Conflict, "this address has an account already", "sign in and accept again"),
    "uncountable-day": (InvalidInput, "aggregates are given for ends of months", "name the last day of a month"),
}  # fmt: skip


def said(error: DatabaseError) -> PanhuoError | None:
    """The refusal as the program's own error; None when the database said something else."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if not state.startswith("PH"):
        return None
    diagnosed: Any = getattr(error.__cause__, "diag", None)
    word = (diagnosed.message_primary if diagnosed is not None else "") or ""
    kind, what, remedy = _SAID.get(word, (NotAllowed, "the database refused", "report it with what was done"))
    return kind(what, remedy=remedy, code=f"{kind.kind}/{word}")


def said_no(kind: type[PanhuoError], word: str) -> PanhuoError:
    """The refusal a word stands for, where the program itself found it out."""
    _, what, remedy = _SAID[word]
    return kind(what, remedy=remedy, code=f"{kind.kind}/{word}")


@contextmanager
def refusals(alias: str) -> Iterator[Any]:
    """A cursor on `alias` whose refusals are raised as the program's errors; what went before in the transaction stays.

    Raises:
        PanhuoError: what the database refused.
    """
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as c:
            yield c
    except DatabaseError as error:
        known = said(error)
        if known is None:
            raise
        raise known from None
