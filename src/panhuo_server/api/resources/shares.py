"""``/api/shares``: what the organisation lets others see, and what others let it see.

Invariant: a share is given once for its idempotency key, by one whose role may share; ending it twice ends it once.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts import consent, shares
from panhuo_server.accounts.roles import PURPOSES, require
from panhuo_server.api.callers import entered, idempotency_key
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.store import asked

_TEXT: dict[str, Any] = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_LIST = operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}))


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says of a new share."""

    table: str
    to_org: str
    level: int
    purpose: str
    until: datetime
    row: str | None = None
    since: datetime | None = None
    party: str | None = None


def _on_consent(given: Given, party: str) -> str:
    if given.row is None or given.since is not None:
        raise InvalidInput("a share on a party's consent is of one row, from now on", where="row, since")
    return consent.share(given.table, given.row, given.to_org, given.level, given.purpose, given.until, party=party)


@API.get("/shares", operation_id="list_shares", summary="给出的共享 · shares given", openapi_extra=_LIST)
def list_shares(request: Any) -> HttpResponse:
    """Every share the organisation ever gave."""
    with entered(request):
        return answer({"rows": [{**dataclasses.asdict(one), "ended": one.ended} for one in shares.given()]})


@API.get("/shares/received", operation_id="list_received", summary="收到的共享 · shares received", openapi_extra=_LIST)
def list_received(request: Any) -> HttpResponse:
    """Live shares others give the organisation, of any purpose."""
    with entered(request):
        return answer({"rows": [dataclasses.asdict(one) for one in shares.received()]})


@API.post(
    "/shares",
    operation_id="give_share",
    summary="共享 · share a table or one entity of it",
    openapi_extra=operation(
        of_object({"share": _TEXT, "repeated": {"type": "boolean"}}),
        status=201,
        body=of_object(
            {"table": {"enum": list(TABLES)}, "to_org": _TEXT, "level": {"type": "integer", "minimum": 1, "maximum": 5},
             "purpose": {"enum": list(PURPOSES.positions)}, "until": _MOMENT,
             "row": {"type": ["string", "null"]}, "since": {**_MOMENT, "type": ["string", "null"]},
             "party": {"type": ["string", "null"], "description": "whose consent to sharing it rests on, if on one"}},
            required=["table", "to_org", "level", "purpose", "until"]),
        body_example={"table": "parties", "to_org": "another", "level": 2, "purpose": "due_diligence",
                      "until": "2099-12-31T00:00:00Z"},
        writes=True,
    ),
)  # fmt: skip
def give_share(request: Any) -> HttpResponse:
    """Shares rows with another organisation for one purpose, until a moment."""
    key = idempotency_key(request)
    with entered(request, writes=True):
        require("share")
        given: Given = body_of(request, Given)
        if any(one is not None and not 1900 < one.year < 9000 for one in (given.until, given.since)):
            raise InvalidInput("a year this server does not keep", where="until")
        wanted = hashlib.sha256(msgspec.json.encode(given)).hexdigest()

        def give() -> dict[str, Any]:
            if given.party is not None:
                return {"share": _on_consent(given, given.party)}
            made = shares.grant(
                given.table, given.to_org, given.level, given.purpose, given.until, row=given.row, since=given.since
            )
            return {"share": made}

        said, repeated = asked.once(key, "shares", wanted, give)
        return answer({**said, "repeated": repeated}, 201)


@API.post(
    "/shares/{share}/end",
    operation_id="end_share",
    summary="结束共享 · end a share",
    openapi_extra=operation(
        of_object({"share": _TEXT, "ended": {"const": True}, "repeated": {"type": "boolean"}}),
        body=of_object({}),
        body_example={},
        writes=True,
    ),
)
def end_share(request: Any, share: str) -> HttpResponse:
    """Ends a share at once."""
    key = idempotency_key(request)
    with entered(request, writes=True):
        require("share")

        def end() -> dict[str, Any]:
            shares.end(share)
            return {"share": share, "ended": True}

        said, repeated = asked.once(key, "shares/end", hashlib.sha256(share.encode()).hexdigest(), end)
        return answer({**said, "repeated": repeated})
