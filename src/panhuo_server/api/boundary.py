"""The edge of ``/api``: bodies are bounded before they are read, and every error leaves in the one shape.

Invariant: no answer under ``/api`` carries an error in another shape, whoever made it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.api.errors import as_answer, defect, nothing_here

PREFIX = "/api/"
MOST_BYTES = 16 * 1024 * 1024
"""A larger body is not read."""
MOST_PATH = 2_000
_LOG = logging.getLogger("panhuo_server.api")


def _unreadable(request: Any) -> Any:
    size = request.META.get("CONTENT_LENGTH") or "0"
    if not size.isdigit():
        return as_answer(InvalidInput("not a request", where="Content-Length", code="invalid-input/request"))
    if int(size) > MOST_BYTES:
        return as_answer(
            InvalidInput(
                "the body is too large",
                where=f"at most {MOST_BYTES} bytes",
                remedy="send it in parts",
                code="invalid-input/too-large",
            )
        )
    if "\x00" in request.path_info or len(request.path_info) > MOST_PATH:
        return as_answer(nothing_here())
    query = request.META.get("QUERY_STRING", "")
    if "%00" in query or "\x00" in query or len(query) > 8_000:
        return as_answer(InvalidInput("not a query", where="query", code="invalid-input/request"))
    return None


class Boundary:
    """Django middleware, inside `RequestLog`; addresses outside ``/api`` pass untouched."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        self.answer = answer

    def __call__(self, request: Any) -> Any:
        if not request.path_info.startswith(PREFIX):
            return self.answer(request)
        response = _unreadable(request) or self.answer(request)
        if response.status_code >= 400 and not response.headers.get("Content-Type", "").startswith("application/json"):
            response = self._in_shape(response)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @staticmethod
    def _in_shape(response: Any) -> Any:
        if response.status_code == 405:
            made = as_answer(
                InvalidInput(
                    "this address does not do that",
                    where=response.headers.get("Allow", ""),
                    remedy="use one of the methods named",
                    code="invalid-input/method",
                )
            )
            made.headers["Allow"] = response.headers.get("Allow", "")
            return made
        if response.status_code == 413:
            return as_answer(InvalidInput("the body is too large", code="invalid-input/too-large"))
        if response.status_code in (403, 404):
            return as_answer(nothing_here())
        if response.status_code < 500:
            return as_answer(InvalidInput("not a request this server can read", code="invalid-input/request"))
        return as_answer(defect())
