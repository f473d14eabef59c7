"""``/api/me``, ``/api/tables``, ``/api/purposes``: who the caller is, and the words the other endpoints take."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from panhuo.ground.book.catalogue import TABLES
from panhuo_server.accounts import organisations
from panhuo_server.accounts.roles import ACTS, PURPOSES, allows
from panhuo_server.api.callers import entered
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.frame import API, answer

_TEXT = {"type": "string"}


@API.get(
    "/me",
    operation_id="who_am_i",
    summary="本次请求的身份 · whom this request acts for",
    openapi_extra=operation(
        of_object(dict.fromkeys(("org", "name", "kind", "business", "person", "purpose"), _TEXT), open_=True)
    ),
)
def who_am_i(request: Any) -> HttpResponse:
    """Organisation, person, purpose, roles and what they allow."""
    with entered(request) as who:
        mine = organisations.mine()
        return answer(
            {
                "org": who.org, "name": mine.name, "kind": mine.kind, "business": mine.business,
                "person": who.person, "purpose": who.purpose, "roles": list(who.roles),
                "acts": [act for act in ACTS.positions if allows(who.roles, act)],
                "scopes": sorted(request.auth.scopes) if request.auth.scopes is not None else None,
                "read_only": request.auth.read_only,
            }
        )  # fmt: skip


@API.get(
    "/tables",
    operation_id="list_tables",
    summary="事实表 · tables of facts",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}), open_to_all=True),
)
def list_tables(request: Any) -> HttpResponse:
    """Every table: name, kind, family; their columns stand in the API's description."""
    rows = [{"name": t.name, "kind": t.kind, "family": t.family, "zh": t.zh, "en": t.en} for t in TABLES.values()]
    return answer({"rows": rows})


@API.get(
    "/purposes",
    operation_id="list_purposes",
    summary="用途 · purposes",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}), open_to_all=True),
)
def list_purposes(request: Any) -> HttpResponse:
    """What somebody may act for."""
    return answer({"rows": [{"name": c.code, "zh": c.zh, "en": c.en} for c in PURPOSES]})
