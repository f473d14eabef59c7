"""One log line and one measure a request.

Invariant: a request is named by its route, never by its path or query, which may hold a person's or a row's identity.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from panhuo_server.api.measures import REQUESTS, SECONDS

_LOG = logging.getLogger("panhuo_server.api")
_GIVEN = re.compile(r"[0-9a-zA-Z-]{8,64}\Z")


class RequestLog:
    """Django middleware: outermost, so that errors are counted too."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        self.answer = answer

    def __call__(self, request: Any) -> Any:
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _GIVEN.match(given) else secrets.token_hex(8)
        began = time.perf_counter()
        response = self.answer(request)
        spent = time.perf_counter() - began
        match = request.resolver_match
        route = match.route if match is not None else "(none)"
        method = request.method if request.method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD") else "OTHER"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        SECONDS.labels(route).observe(spent)
        response.headers["X-Request-Id"] = request.request_id
        fields = {"request": request.request_id, "method": method, "route": route, "status": response.status_code}
        _LOG.info("request answered", extra={**fields, "milliseconds": round(spent * 1000, 1)})
        return response
