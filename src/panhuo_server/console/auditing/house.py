"""Today for administrators and privacy officers: people, what is shared and ends, what people asked for.

Invariant: it counts and leads on; what may be done is done on the pages it leads to.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.journey.report.words import Text
from panhuo_server.accounts import invitations, own_affairs, persons, shares
from panhuo_server.accounts.roles import BY_CODE
from panhuo_server.console.frame import Visit, shown
from panhuo_server.console.pieces.figures import day
from panhuo_server.console.pieces.grids import named

SOON = timedelta(days=14)
PURPOSES = ("administration", "privacy")


def _open(one: invitations.Invitation) -> bool:
    return one.accepted_at is None and one.revoked_at is None and one.valid_until > datetime.now(UTC)


def home(visit: Visit) -> HttpResponse:
    """The house: its people, its shares, what it was asked."""
    if visit.purpose_of(PURPOSES) is None:
        raise Http404
    given: dict[str, Any] = {"room": "today", "administers": visit.purpose_of(("administration",)) is not None,
                             "privacy": visit.purpose_of(("privacy",)) is not None}  # fmt: skip
    now = datetime.now(UTC)
    with visit.acting(*PURPOSES):
        members = persons.memberships()
        people: dict[str, list[str]] = {}
        for one in members:
            people.setdefault(one.name, []).append(one.role)
        given["people"] = [
            (name, Text("、".join(BY_CODE[r].zh for r in roles), ", ".join(BY_CODE[r].en for r in roles)))
            for name, roles in sorted(people.items())
        ]  # fmt: skip
        if given["administers"]:
            given["invited"] = [i for i in invitations.invitations() if _open(i)]
        live = [one for one in shares.given() if not one.ended]
        given["live"] = len(live)
        given["ending"] = [
            (one.to_org, named(one.table), day(timezone.localdate(one.valid_until)))
            for one in live
            if one.valid_until < now + SOON
        ]
        if not visit.place.judicial and visit.place.kind not in ("borrower", "supervisor"):
            given["asked"] = [one for one in own_affairs.received() if one.open]
    return shown(visit.request, "console/house_today.html", given, visit=visit)
