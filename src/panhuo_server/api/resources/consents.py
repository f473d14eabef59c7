"""``/api/consents``: what a party consented to, given, withdrawn and used.

Invariant: a withdrawal bars the use from the next request on; each statement is a fact, sealed once for its
idempotency key.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import date
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from ninja import Query

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts import consent
from panhuo_server.api.callers import entered, idempotency_key
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.store import asked

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
_LIST = operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}, open_=True))
_DONE = of_object({"consents": {"type": "array", "items": _TEXT}, "repeated": {"type": "boolean"}})
_LONGEST = 400
Party = Annotated[str, Query(min_length=1, max_length=_LONGEST)]


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says of a consent a party gave."""

    party: str
    purpose: str
    recipient: str | None = None
    separate: bool = False
    expires_on: date | None = None
    evidence: str | None = None


class Withdrawn(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says of a withdrawal."""

    party: str
    purpose: str
    recipient: str | None = None


def _read(request: Any, shape: type[Any]) -> tuple[Any, str]:
    # (the body, its hash)
    found = body_of(request, shape)
    for name in shape.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str) and not 1 <= len(value) <= _LONGEST:
            raise InvalidInput(f"1 to {_LONGEST} characters are needed", where=name, code="invalid-input/body")
    return found, hashlib.sha256(msgspec.json.encode(found)).hexdigest()


@API.get("/consents", operation_id="list_consents", summary="同意 · consents of a party", openapi_extra=_LIST)
def list_consents(request: Any, party: Party) -> HttpResponse:
    """Every consent of a party as it stands today, and who used it."""
    with entered(request):
        return answer({
            "rows": [dataclasses.asdict(one) for one in consent.of_party(party)],
            "uses": [dataclasses.asdict(one) for one in consent.uses_of(party)],
        })  # fmt: skip


@API.post(
    "/consents",
    operation_id="give_consent",
    summary="记录同意 · record a consent",
    openapi_extra=operation(
        _DONE,
        status=201,
        body=of_object(
            {"party": _TEXT, "purpose": {"enum": list(consent.purposes())}, "recipient": _MAYBE,
             "separate": {"type": "boolean"}, "expires_on": _DAY, "evidence": _MAYBE},
            required=["party", "purpose"]),
        body_example={"party": "P1", "purpose": "sharing", "recipient": "another", "separate": True},
        writes=True,
    ),
)  # fmt: skip
def give_consent(request: Any) -> HttpResponse:
    """Records that a party consents to a purpose from today on."""
    key = idempotency_key(request)
    with entered(request, writes=True):
        given, wanted = _read(request, Given)

        def give() -> dict[str, Any]:
            made = consent.grant(
                given.party, given.purpose, idempotency_key=f"consent {key}", recipient=given.recipient,
                separate=given.separate, expires_on=given.expires_on, evidence=given.evidence,
            )  # fmt: skip
            return {"consents": [made]}

        said, repeated = asked.once(key, "consents", wanted, give)
        return answer({**said, "repeated": repeated}, 201)


@API.post(
    "/consents/withdraw",
    operation_id="withdraw_consent",
    summary="撤回同意 · record a withdrawal",
    openapi_extra=operation(
        _DONE,
        body=of_object({"party": _TEXT, "purpose": _TEXT, "recipient": _MAYBE}, required=["party", "purpose"]),
        body_example={"party": "P1", "purpose": "sharing"},
        writes=True,
    ),
)
def withdraw_consent(request: Any) -> HttpResponse:
    """Records that a party withdraws its consent, to one recipient or to all."""
    key = idempotency_key(request)
    with entered(request, writes=True):
        given, wanted = _read(request, Withdrawn)

        def withdraw() -> dict[str, Any]:
            ended = consent.withdraw(
                given.party, given.purpose, idempotency_key=f"consent {key}", recipient=given.recipient
            )
            return {"consents": ended}

        said, repeated = asked.once(key, "consents/withdraw", wanted, withdraw)
        return answer({**said, "repeated": repeated})
