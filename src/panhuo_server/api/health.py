"""Health, readiness and measures, for whoever watches the server.

Invariant: these answers say nothing of any organisation: the process lives, its parts answer, and how long they took.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.utils import Error
from django.http import HttpResponse, JsonResponse

from panhuo import __version__
from panhuo_server.api.measures import page
from panhuo_server.flows import heartbeat
from panhuo_server.store.answering import answer


def health(request: Any) -> JsonResponse:
    """``/health``: the process answers."""
    return JsonResponse({"health": "ok", "version": __version__})


def _database(alias: str) -> Callable[[], None]:
    return lambda: answer(alias)


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database("default"), "judicial database": _database("judicial"), "flows": heartbeat.check,
}  # fmt: skip
"""Part -> a function that raises when the part does not answer."""


def ready(request: Any) -> JsonResponse:
    """``/ready``: every part the server needs answers; 503 names those that do not."""
    parts: dict[str, Any] = {}
    for name, check in CHECKS.items():
        began = time.perf_counter()
        try:
            check()
            parts[name] = {"ready": True, "milliseconds": round((time.perf_counter() - began) * 1000, 1)}
        except (Error, RuntimeError) as error:
            connections.close_all()
            parts[name] = {"ready": False, "error": type(error).__name__}
    good = all(part["ready"] for part in parts.values())
    return JsonResponse({"ready": good, "parts": parts}, status=200 if good else 503)


def metrics(request: Any) -> HttpResponse:
    """``/metrics``: Prometheus text; for this machine's own address alone."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1", ""):
        return HttpResponse(status=404)
    body, kind = page()
    return HttpResponse(body, content_type=kind)
