"""schemathesis over the whole API: no 5xx, no answer beside the description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asking import Asking

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: make test-all installs it")

EXAMPLES = 4
"""Cases for each endpoint."""


@pytest.mark.slow
def test_no_server_error_and_no_undocumented_answer(founded: Any, caller: Callable[..., Asking]) -> None:
    from django.core.wsgi import get_wsgi_application
    from hypothesis import HealthCheck, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    wanted = [
        not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip
    asks = caller(founded("lender"), "import", "nightly_run", "administration")
    headers = {"Authorization": asks.headers["Authorization"], "X-Purpose": "import"}
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    seen: dict[str, int] = {}
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: Any) -> None:
            answer = case.call_and_validate(headers=headers, checks=wanted)
            seen[f"{case.method} {case.path}"] = answer.status_code

        ask()
    assert len(seen) >= 25, seen
