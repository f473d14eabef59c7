"""The one error shape and the one place where a kind of error becomes an HTTP status.

Invariant: what does not exist and what is not the asker's to see are the same answer, byte for byte; a defect says
nothing of the inside.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from adbc_driver_manager import Error as AdbcError
from django.db import connections
from django.db.utils import DataError, InterfaceError, OperationalError
from django.http import HttpResponse

from panhuo.ground.record.errors import Defect, InvalidInput, NotAllowed, NotFound, PanhuoError, Unavailable

_LOG = logging.getLogger("panhuo_server.api")

STATUSES = {
    "invalid-input": 422, "not-found": 404, "not-allowed": 403, "conflict": 409, "rule-refused": 422,
    "unavailable": 503, "defect": 500,
}  # fmt: skip
"""Kind of error -> status."""
SPECIAL = {
    "invalid-input/json": 400,
    "invalid-input/request": 400,
    "invalid-input/method": 405,
    "invalid-input/too-large": 413,
    "invalid-input/content-type": 415,
    "not-allowed/token": 401,
    "not-allowed/session": 401,
    "unavailable/too-many-requests": 429,
    "unavailable/too-many-tries": 429,
}
"""Codes whose meaning HTTP has a closer status for."""


def nothing_here() -> NotFound:
    """The one answer to what is unknown and to what is forbidden to see."""
    return NotFound(
        "there is nothing here for you", remedy="look at the address, at whom you act for and for what purpose"
    )


def defect() -> Defect:
    """What is told of a fault of the program."""
    return Defect("the server did not do what it promises", remedy="please report it with the request id")


def no_credentials() -> NotAllowed:
    """The answer to a request that brings none."""
    return NotAllowed(
        "nobody is signed in here",
        remedy="send Authorization: Bearer with a token, or sign in",
        code="not-allowed/token",
    )


def status_of(error: PanhuoError) -> int:
    """The HTTP status of an error."""
    return SPECIAL.get(error.code, STATUSES[error.kind])


def as_answer(error: PanhuoError) -> HttpResponse:
    """An error as the answer a caller gets."""
    status = status_of(error)
    if status == 404:
        error = nothing_here()
    body = json.dumps(error.as_json(), ensure_ascii=False).encode("utf-8", "replace")
    answer = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="panhuo"'
    if status == 429:
        digits = "".join(c for c in error.where if c.isdigit())
        answer.headers["Retry-After"] = digits or "1"
    return answer


def known(error: BaseException) -> PanhuoError:
    """Any exception as an error of the family; what was not foreseen is a defect and is logged, its text is not."""
    if isinstance(error, PanhuoError):
        return error
    if isinstance(error, DataError):
        return InvalidInput("a value the database cannot hold", remedy="look at the lengths and ranges of the values")
    if isinstance(error, OperationalError | InterfaceError | AdbcError):
        connections.close_all()
        _LOG.warning("the database did not answer", extra={"error": type(error).__name__})
        return Unavailable("the database does not answer", remedy="try again; the same key does it once")
    place: Any = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else ""
    _LOG.error("a defect", extra={"error": type(error).__name__, "place": where})
    return defect()
