"""``/api/cases``: a bad asset's case, its ledger step by step, and the next step taken.

Invariant: a case's state is the fold of its events; a step is judged by `flows.cases.decide` on the state it meets, and
appended once for its idempotency key, by one whose role may propose.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import msgspec
from django.http import HttpResponse

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.acting import current
from panhuo_server.accounts.roles import require
from panhuo_server.api import cursors
from panhuo_server.api.callers import entered, idempotency_key
from panhuo_server.api.described import a_list, of_object, operation
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.api.resources.facts import Cursor, Limit
from panhuo_server.flows import approvals, cases
from panhuo_server.store import asked, events

STREAM = "case"
_TEXT: dict[str, Any] = {"type": "string"}
_BODY = dict.fromkeys(("on", "claim", "responsible", "reason", "approval"), _TEXT)


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What a caller says of a step."""

    kind: str
    on: str
    claim: str = ""
    responsible: str = ""
    reason: str = ""
    approval: str = ""


def _told(name: str, case: cases.Case) -> dict[str, Any]:
    return {"case": name, **dataclasses.asdict(case)}


def _approved(case: str, kind: str, approval: str) -> frozenset[str]:
    # The proposal a step names, when it was approved, is about this case and allows this very step.
    proposal = approvals.fold(events.read("approval", approval)) if approval else approvals.Proposal()
    fits = (proposal.status, proposal.subject, proposal.action) == ("approved", case, kind)
    return frozenset({approval}) if fits else frozenset()


@API.get(
    "/cases", operation_id="list_cases", summary="案件 · cases", openapi_extra=operation(a_list({"type": "object"}))
)
def list_cases(request: Any, limit: Limit = cursors.FIRST, cursor: Cursor = None) -> HttpResponse:
    """Cases in the order of their names, with state and who answers for them."""
    with entered(request):
        held = cursors.read(cursor, {"cases": ""})
        names = [name for name in events.streams(STREAM) if held is None or name > held[0]]
        rows = []
        for name in names[:limit]:
            case = cases.fold(events.read(STREAM, name))
            rows.append({"case": name, "state": case.state, "claim": case.claim, "responsible": case.responsible})
        following = cursors.made([names[limit - 1]], {"cases": ""}) if len(names) > limit else None
        return answer({"rows": rows, "next": following})


@API.get(
    "/cases/{case}",
    operation_id="one_case",
    summary="案件台账 · one case and its ledger",
    openapi_extra=operation(of_object({"case": _TEXT, "state": _TEXT, "ledger": {"type": "array"}}, open_=True)),
)
def one_case(request: Any, case: str) -> HttpResponse:
    """A case: its state, who answers for it, every step."""
    with entered(request):
        held = events.read(STREAM, case)
        if not held:
            raise nothing_here()
        return answer(_told(case, cases.fold(held)))


@API.post(
    "/cases/{case}/steps",
    operation_id="take_step",
    summary="案件处理 · take the next step of a case",
    openapi_extra=operation(
        of_object({"case": _TEXT, "number": {"type": "integer"}, "state": _TEXT, "repeated": {"type": "boolean"}}),
        status=201,
        body=of_object({"kind": {"enum": [*cases.MOVES, "reassign"]}, **_BODY}, required=["kind", "on"]),
        body_example={"kind": "hand_over", "on": "2026-03-02", "claim": "C1", "responsible": "p-1"},
        writes=True,
    ),
)
def take_step(request: Any, case: str) -> HttpResponse:
    """Takes a step: handed over, accepted, restructured, assigned, handed back, settled, written off, reassigned."""
    key = idempotency_key(request)
    with entered(request, writes=True):
        require("propose")
        wanted: Wanted = body_of(request, Wanted)
        if len(case) > 200 or any(len(value) > 2000 for value in msgspec.structs.astuple(wanted)):
            raise InvalidInput("too long", where="body", code="invalid-input/body")

        def take() -> dict[str, Any]:
            held = events.read(STREAM, case)
            given = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value and name != "kind"}
            command = cases.Command(wanted.kind, current().person, given)
            kind, body = cases.decide(cases.fold(held), command, approved=_approved(case, wanted.kind, wanted.approval))
            (number,) = events.append(
                STREAM, case, [events.NewEvent(kind, body)], seen=len(held), idempotency_key=f"api case {key}"
            )
            return {"case": case, "number": number, "state": str(body["after"])}

        asked_for = hashlib.sha256(msgspec.json.encode([case, wanted])).hexdigest()
        said, repeated = asked.once(key, "cases/steps", asked_for, take)
        return answer({**said, "repeated": repeated}, 201)
