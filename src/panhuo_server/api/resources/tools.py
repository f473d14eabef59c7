"""``/api/tools``: the library's tools, one endpoint each, made from their declarations."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse

from panhuo.verbs.declaration import Verb
from panhuo_server.api.described import of_object, operation, tool_body
from panhuo_server.api.frame import API, answer
from panhuo_server.api.tools import WRITTEN, arguments_of, run_tool, tools

EXAMPLES: dict[str, Any] = {
    "apr": {"flows": {"flows": [["2026-01-10", 100000], ["2026-07-10", -52500], ["2027-01-10", -52500]]},
            "convention": "cn"},
    "debt": {"case": {"id": "D1", "debtor": "某某商贸有限公司", "start": "2024-01-10", "maturity": "2025-01-10",
                      "as_of": "2025-06-30", "principal": "1000000", "rate": "0.0435",
                      "interest_due": {"every": "quarter", "day": 21}, "overdue_uplift": "0.5",
                      "payments": [["2024-03-21", "8579.17"]]}},
    "rings": {"edges": "src,dst,amount\nA,B,100\nB,C,100\nC,A,100\n", "max_length": 4},
    "schedule": {"case": {"terms": {
        "contractType": "ANN", "contractID": "loan-1", "contractRole": "RPA", "currency": "CNY",
        "statusDate": "2024-12-31", "initialExchangeDate": "2025-01-01", "maturityDate": "2026-01-01",
        "notionalPrincipal": "500000", "nominalInterestRate": "0.0435", "dayCountConvention": "A360",
        "rounding": "half_up_fen_per_posting", "cycleAnchorDateOfInterestPayment": "2025-02-01",
        "cycleOfInterestPayment": "P1ML0", "cycleAnchorDateOfPrincipalRedemption": "2025-02-01",
        "cycleOfPrincipalRedemption": "P1ML0"}}},
}  # fmt: skip
"""Bodies a caller may send as they stand."""


def _listed(verb: Verb) -> dict[str, Any]:
    arguments = [
        {"name": a.name, "kind": a.kind, "required": a.required and a.default is None, "zh": a.zh, "en": a.en,
         "choices": list(a.choices)}
        for a in arguments_of(verb)
    ]  # fmt: skip
    return {"name": verb.name, "zh": verb.zh, "en": verb.en, "arguments": arguments}


@API.get(
    "/tools",
    operation_id="list_tools",
    summary="工具 · tools that need no book",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}), open_to_all=True),
)
def list_tools(request: Any) -> HttpResponse:
    """The tools and their arguments."""
    return answer({"rows": [_listed(verb) for verb in tools().values()]})


def _endpoint(verb: Verb) -> Any:
    def endpoint(request: Any) -> HttpResponse:
        return answer(run_tool(request, verb))

    endpoint.__name__ = f"tool_{verb.name}"
    endpoint.__doc__ = f"{verb.zh} · {verb.en}"
    return endpoint


for _name, _verb in tools().items():
    API.post(
        f"/tools/{_name}",
        operation_id=f"tool_{_name}",
        summary=f"{_verb.zh} · {_verb.en}",
        openapi_extra=operation(
            {"type": "object"},
            body=tool_body(_verb, arguments_of(_verb), WRITTEN, form=False),
            body_example=json.loads(json.dumps(EXAMPLES[_name])) if _name in EXAMPLES else None,
            form=tool_body(_verb, arguments_of(_verb), WRITTEN, form=True),
            open_to_all=True,
        ),
    )(_endpoint(_verb))
