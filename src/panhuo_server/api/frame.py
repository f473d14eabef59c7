"""The API ``/api``: its one object, how its errors become answers, and how an answer is written.

Invariant: every exception of an endpoint passes `errors.known` and leaves in the one shape.
"""

from __future__ import annotations

import functools
import json
from datetime import date, datetime
from typing import Any

import msgspec
from django.http import Http404, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from panhuo import __version__
from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo_server.api import described
from panhuo_server.api.callers import AUTH
from panhuo_server.api.errors import as_answer, known, no_credentials, nothing_here

API = NinjaAPI(
    title="Panhuo 盘活",
    version=__version__,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    auth=AUTH,
    description="小微贷款的一生 · the whole life of a small-business loan. 金额为分 · amounts are in minor units.",
)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(type(value).__name__)


def answer(found: Any, status: int = 200) -> HttpResponse:
    """An object as a JSON answer."""
    body = json.dumps(found, ensure_ascii=False, default=_plain, allow_nan=False).encode()
    return HttpResponse(body, status=status, content_type="application/json; charset=utf-8")


def body_of(request: Any, shape: type[Any]) -> Any:
    """The JSON body as `shape`.

    Raises:
        InvalidInput: when it is no JSON (400) or of another shape (422).
    """
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/json"):
        raise InvalidInput(
            "a body of that kind is not read", where=kind[:100], remedy="application/json",
            code="invalid-input/content-type",
        )  # fmt: skip
    try:
        found = msgspec.json.decode(request.body, type=shape)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"not what is asked for: {error}", where="body", code="invalid-input/body") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidInput("the body is not JSON", where="body", code="invalid-input/json") from error
    if b"\\u0000" in request.body:
        raise InvalidInput("text with a zero character", where="body", code="invalid-input/body")
    return found


def _failed(request: Any, error: BaseException) -> HttpResponse:
    return as_answer(known(error))


def _unfit(request: Any, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    place = first.get("loc", ("", ""))
    where = ".".join(str(part) for part in place[1:] if part not in ("payload", "data"))[:200]
    return as_answer(InvalidInput(str(first.get("msg", "a wrong value")), where=where, code="invalid-input/parameter"))


def _refused(request: Any, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError) or error.status_code == 401:
        return as_answer(no_credentials())
    return as_answer(InvalidInput("not a request this server can read", code="invalid-input/request"))


for kind, handler in (
    (Exception, _failed), (PanhuoError, _failed), (ValidationError, _unfit), (HttpError, _refused),
    (AuthenticationError, _refused), (Http404, lambda request, error: as_answer(nothing_here())),
):  # fmt: skip
    API.add_exception_handler(kind, handler)


def openapi() -> dict[str, Any]:
    """The description of every endpoint, OpenAPI 3.1."""
    found = json.loads(json.dumps(API.get_openapi_schema(path_prefix="/api/"), default=str))
    found.setdefault("components", {}).setdefault("schemas", {}).update(described.components())
    found["info"]["title"] = API.title
    assert isinstance(found, dict)
    return found


@functools.cache
def _described() -> bytes:
    return answer(openapi()).content


@API.get("/openapi.json", auth=None, include_in_schema=False)
def description(request: Any) -> HttpResponse:
    """The description of every endpoint."""
    return HttpResponse(_described(), content_type="application/json; charset=utf-8")
