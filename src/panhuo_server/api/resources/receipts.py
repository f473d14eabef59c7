"""``/api/receipts``, ``/api/keys``: what proves a batch, an outcome or one row of it, and the keys to check it with.

Invariant: a receipt is against the latest signed head of the acting organisation's own log, and verifies offline.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path

from panhuo.ground.record.errors import NotFound
from panhuo_server.api.callers import entered
from panhuo_server.api.described import of_object, operation
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.frame import API, answer
from panhuo_server.api.resources.facts import Text
from panhuo_server.api.resources.outcomes import key_parts, known_outcome, opened
from panhuo_server.store import asked, log

_RECEIPT = operation({"type": "object", "description": "收据，用 panhuo verify 验证 · a receipt: panhuo verify"})


def _receipt(raw: bytes) -> HttpResponse:
    return HttpResponse(raw, content_type="application/json; charset=utf-8")


@API.get("/receipts/batches/{sequence}", operation_id="batch_receipt", summary="批次收据 · receipt of a batch",
         openapi_extra=_RECEIPT)  # fmt: skip
def batch_receipt(request: Any, sequence: Annotated[int, Path(ge=1, lt=2**62)]) -> HttpResponse:
    """The receipt of a sealed batch."""
    with entered(request):
        return _receipt(log.receipt(asked.batch_position(sequence)))


@API.get("/receipts/outcomes/{name}", operation_id="outcome_receipt", summary="结果收据 · receipt of an outcome",
         openapi_extra=_RECEIPT)  # fmt: skip
def outcome_receipt(request: Any, name: str, run: Text = None) -> HttpResponse:
    """The receipt of an outcome as a whole."""
    with entered(request):
        return _receipt(log.receipt(known_outcome(name, run).position))


@API.get("/receipts/outcomes/{name}/{path:key}", operation_id="row_receipt", summary="行收据 · receipt of a row",
         openapi_extra=_RECEIPT)  # fmt: skip
def row_receipt(request: Any, name: str, key: str, run: Text = None) -> HttpResponse:
    """The receipt of one row of an outcome. Parts of a key stand separated by commas."""
    with entered(request):
        known = known_outcome(name, run)
        found = opened(known)
        parts = key_parts(found, key)
        if len(parts) != len(found.schema.key):
            raise nothing_here()
        try:
            return _receipt(log.receipt(known.position, found, parts))
        except NotFound:
            raise nothing_here() from None


@API.get(
    "/keys",
    operation_id="list_keys",
    summary="验证公钥 · the public keys receipts verify with",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": of_object(
        {"fingerprint": {"type": "string"}, "public_key": {"type": "string"}})}})),
)  # fmt: skip
def list_keys(request: Any) -> HttpResponse:
    """The public keys of the acting organisation's log, in PEM."""
    with entered(request):
        rows = [{"fingerprint": one, "public_key": pem} for one, pem in asked.public_keys()]
        return answer({"rows": rows})
