"""``/api/sign-in``, ``/api/tokens``: how a person comes in, and how a program is let in.

Invariant: a token's text is told once, in the answer to the request that made it, and is stored nowhere; the same
request again names the token without it. Signing in is throttled by account and address.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from django.http import HttpResponse

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts import sign_in, tokens
from panhuo_server.accounts.roles import PURPOSES
from panhuo_server.api.callers import SESSION_COOKIE, entered, idempotency_key
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.store import asked

PURPOSE = "administration"
_TEXT: dict[str, Any] = {"type": "string"}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody signs in with."""

    email: str
    password: str


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says of a new token."""

    name: str
    scopes: list[str]
    days: int = 90
    read_only: bool = False
    person: str | None = None


def _only_json(request: Any) -> None:
    # A page of another site can send no such content type without being asked first.
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidInput("a body of that kind is not read", remedy="application/json",
                           code="invalid-input/content-type")  # fmt: skip


@API.post(
    "/sign-in",
    auth=None,
    operation_id="sign_in",
    summary="登录 · sign in; the session comes as a cookie",
    openapi_extra=operation(
        of_object({"person": _TEXT, "organisations": {"type": "array", "items": {"type": "object"}}}),
        body=of_object({"email": {**_TEXT, "maxLength": 320}, "password": {**_TEXT, "maxLength": 1000}}),
        open_to_all=True,
    ),
)
def sign_in_with_password(request: Any) -> HttpResponse:
    """Begins a session and names the organisations its person may act for."""
    _only_json(request)
    given: Credentials = body_of(request, Credentials)
    if len(given.email) > 320 or len(given.password) > 1000:
        raise InvalidInput("too long", where="email, password")
    done = sign_in.sign_in(given.email, given.password, str(request.META.get("REMOTE_ADDR", "")))
    places = [
        {"org": one.org, "name": one.name, "kind": one.kind, "roles": list(one.roles)}
        for one in sign_in.places_of(done.session)
    ]
    response = answer({"person": done.person, "organisations": places})
    host = request.META.get("HTTP_HOST", "")
    bare = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    response.set_cookie(
        SESSION_COOKIE, done.session, max_age=int(sign_in.SESSION_LASTS.total_seconds()), httponly=True,
        samesite="Lax", secure=bare not in _LOOPBACK,
    )  # fmt: skip
    return response


@API.post(
    "/sign-out",
    operation_id="sign_out",
    summary="退出 · end the session",
    openapi_extra=operation(of_object({"ended": {"type": "integer"}}), body=of_object({}), body_example={}),
)
def sign_out(request: Any) -> HttpResponse:
    """Ends the session of the request; 0 where it came with a token."""
    session = request.COOKIES.get(SESSION_COOKIE, "")
    response = answer({"ended": sign_in.sign_out(session) if session else 0})
    response.delete_cookie(SESSION_COOKIE, samesite="Lax")
    return response


@API.get(
    "/tokens",
    operation_id="list_tokens",
    summary="接口令牌 · tokens of the organisation",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}})),
)
def list_tokens(request: Any) -> HttpResponse:
    """Every token, live or ended, without its text."""
    with entered(request, PURPOSE):
        return answer({"rows": [dataclasses.asdict(one) for one in tokens.tokens()]})


@API.post(
    "/tokens",
    operation_id="issue_token",
    summary="签发令牌 · issue a token; its text is told this once",
    openapi_extra=operation(
        of_object({"token": _TEXT, "text": {"type": ["string", "null"]}, "repeated": {"type": "boolean"}}),
        status=201,
        body=of_object(
            {"name": {**_TEXT, "maxLength": 200},
             "scopes": {"type": "array", "items": {"enum": list(PURPOSES.positions)}, "minItems": 1},
             "days": {"type": "integer", "minimum": 1, "maximum": 366}, "read_only": {"type": "boolean"},
             "person": {"type": ["string", "null"]}},
            required=["name", "scopes"]),
        body_example={"name": "core banking", "scopes": ["import", "nightly_run"], "days": 90},
        writes=True,
    ),
)  # fmt: skip
def issue_token(request: Any) -> HttpResponse:
    """Issues a token for the caller themselves, or for a program of the organisation."""
    key = idempotency_key(request)
    with entered(request, PURPOSE, writes=True):
        wanted: Wanted = body_of(request, Wanted)
        if not 1 <= wanted.days <= 366 or not 1 <= len(wanted.name) <= 200:
            raise InvalidInput("1 to 366 days and a name of at most 200 characters", where="days, name")
        made: list[tokens.Issued] = []

        def issue() -> dict[str, Any]:
            made.append(
                tokens.issue(
                    wanted.name, wanted.scopes, person=wanted.person, lasts=timedelta(days=wanted.days),
                    read_only=wanted.read_only,
                )
            )  # fmt: skip
            return {"token": made[0].token}

        asked_for = hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()
        said, repeated = asked.once(key, "tokens", asked_for, issue)
        return answer({**said, "text": made[0].text if made else None, "repeated": repeated}, 201)


@API.post(
    "/tokens/{token}/revoke",
    operation_id="revoke_token",
    summary="吊销令牌 · revoke a token",
    openapi_extra=operation(
        of_object({"token": _TEXT, "revoked": {"const": True}, "repeated": {"type": "boolean"}}),
        body=of_object({}),
        body_example={},
        writes=True,
    ),
)
def revoke_token(request: Any, token: str) -> HttpResponse:
    """Ends a token at once."""
    key = idempotency_key(request)
    with entered(request, PURPOSE, writes=True):

        def revoke() -> dict[str, Any]:
            tokens.revoke(token)
            return {"token": token, "revoked": True}

        said, repeated = asked.once(key, "tokens/revoke", hashlib.sha256(token.encode()).hexdigest(), revoke)
        return answer({**said, "repeated": repeated})
