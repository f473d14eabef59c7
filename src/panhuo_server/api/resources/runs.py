"""``/api/runs``: a night is started, and how far it is.

Invariant: a night starts when the request that asked for it is committed, once for its idempotency key; it acts for
``nightly_run``, so a token needs that scope.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import msgspec
from django.http import HttpResponse

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.api.callers import entered, idempotency_key
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.flows.nightly import ask_for_night
from panhuo_server.flows.results import PURPOSE
from panhuo_server.store import asked

STATES = {
    "ENQUEUED": "waiting", "DELAYED": "waiting", "PENDING": "running", "SUCCESS": "done", "ERROR": "failed",
    "CANCELLED": "failed", "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
}  # fmt: skip
"""The queue's words for work -> ours."""


class Night(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller may say of a night."""

    as_of: date | None = None
    only: list[str] = []


def _steps() -> set[str]:
    from panhuo.journey.night import steps

    return {step.name for step in steps()}


@API.post(
    "/runs",
    operation_id="start_run",
    summary="开始夜间运行 · start a night",
    openapi_extra=operation(
        of_object({"run": {"type": "string"}, "repeated": {"type": "boolean"}}),
        status=202,
        body=of_object(
            {"as_of": {"type": ["string", "null"], "format": "date"},
             "only": {"type": "array", "items": {"type": "string"}, "maxItems": 100}}, required=[]),
        body_example={"only": ["class_floor"]},
        writes=True,
    ),
)  # fmt: skip
def start_run(request: Any) -> HttpResponse:
    """Starts a night on what is sealed: all outcomes, or `only` those named and what they rest on."""
    key = idempotency_key(request)
    with entered(request, PURPOSE, writes=True) as who:
        night: Night = body_of(request, Night)
        unknown = sorted(set(night.only) - _steps())
        if unknown:
            raise InvalidInput("no such outcome", where=f"only: {unknown[0][:100]}", code="invalid-input/outcome")
        run = "api-" + hashlib.sha256(f"{who.org}\x1f{key}".encode()).hexdigest()[:24]
        wanted = hashlib.sha256(msgspec.json.encode([night.as_of, sorted(set(night.only))])).hexdigest()

        def start() -> dict[str, Any]:
            ask_for_night(run, as_of=night.as_of, only=sorted(set(night.only)))
            return {"run": run}

        said, repeated = asked.once(key, "runs", wanted, start)
        return answer({**said, "repeated": repeated}, 202)


@API.get(
    "/runs/{run}",
    operation_id="run_state",
    summary="运行进度 · how far a run is",
    openapi_extra=operation(
        of_object({"run": {"type": "string"}, "state": {"enum": ["waiting", "running", "done", "failed"]},
                   "outcomes": {"type": "integer"}}, open_=True)),
)  # fmt: skip
def run_state(request: Any, run: str) -> HttpResponse:
    """Waiting, running, done or failed, and how many outcomes it left."""
    with entered(request):
        left = asked.run_named(run)
        word = asked.work_state("night", run)
        if left is None and word is None:
            raise nothing_here()
        state = STATES.get(word, "running") if word is not None else "done"
        return answer({
            "run": run, "state": state, "outcomes": left.outcomes if left else 0,
            "as_of": left.as_of if left else None, "sequence": left.sequence if left else None,
        })  # fmt: skip
