"""What a caller may not take for itself: the program's own keys, its own reviews' name, another step's approval."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

PARTY = {"id": "P1", "effective_on": "2026-03-01", "kind": "company", "source_doc": "a.xlsx", "source_row": 2}


def said(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


@pytest.mark.parametrize("key", ["import U 0", "class review R-1", "withdrawal b 1 s", "consent k"])
def test_a_callers_key_is_none_of_the_programs(key: str, founded: Any, caller: Callable[..., Any]) -> None:
    import pyarrow as pa

    from panhuo.ground.book.catalogue import table_named
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    asks = caller(bank, "import")
    assert said(asks.post("/api/facts", {"facts": {"parties": [PARTY]}}, key=key), 200)["sequence"] == 1
    assert said(asks.post("/api/facts", {"facts": {"parties": [PARTY]}}, key=key), 200)["repeated"] is True
    rows = table_named("parties").fact_schema.conform(
        pa.table({"org_id": [bank.org], "id": ["P2"], "effective_on": ["2026-03-01"], "kind": ["company"]})
    )
    with acting(bank.org, bank.person, "import"):
        sealed = seal({"parties": rows}, idempotency_key=key)
    assert (sealed.sequence, sealed.repeated) == (2, False)


def test_a_callers_step_takes_no_key_of_the_console(founded: Any, caller: Callable[..., Any]) -> None:
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    step = {"kind": "hand_over", "on": "2026-03-02", "claim": "C1", "responsible": bank.person}
    said(caller(bank, "recovery").post("/api/cases/K1/steps", step, key="0123456789abcdef"), 201)
    with acting(bank.org, bank.person, "recovery"):
        assert events.of_key("case 0123456789abcdef") is None


def test_no_row_from_outside_names_a_review_here_as_its_source(founded: Any, caller: Callable[..., Any]) -> None:
    asks = caller(founded("lender"), "import")
    row = {"id": "C1", "effective_on": "2026-03-31", "drawdown_id": "D1", "party_id": "P1", "decided_on": "2026-03-31",
           "final": "normal", "source_doc": "minutes.docx", "source_row": 1}  # fmt: skip
    forged = {**row, "id": "C2", "source_doc": "class review R-7"}
    error = said(asks.post("/api/facts", {"facts": {"class_decisions": [row, forged]}}), 422)["error"]
    assert (error["code"], error["where"]) == ("invalid-input/reserved-source", "facts.class_decisions[1].source_doc")
    assert said(asks.get("/api/facts/class_decisions"), 200)["rows"] == []
    said(asks.post("/api/facts", {"facts": {"class_decisions": [row]}}), 200)
    party = {**PARTY, "source_doc": "class review of another system.xlsx"}
    said(asks.post("/api/facts", {"facts": {"parties": [party]}}), 200)


def test_an_approval_of_one_step_allows_no_other(founded: Any, caller: Callable[..., Any]) -> None:
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting
    from panhuo_server.store.events import NewEvent

    bank = founded("lender")
    asks = caller(bank, "recovery")
    first = {"kind": "hand_over", "on": "2026-03-02", "claim": "C1", "responsible": bank.person}
    said(asks.post("/api/cases/K1/steps", first), 201)
    said(asks.post("/api/cases/K1/steps", {"kind": "accept", "on": "2026-03-03"}), 201)
    proposed = {"subject": "K1", "action": "restructure", "amount": 1, "currency": "CNY", "needed": 1,
                "expires_at": "2099-01-01T00:00:00+00:00"}  # fmt: skip
    with acting(bank.org, bank.person, "recovery"):
        happened = [NewEvent("proposed", proposed), NewEvent("approved", {})]
        events.append("approval", "A1", happened, seen=0, idempotency_key="approval A1")
    sold = {"kind": "assign", "on": "2026-03-04", "approval": "A1"}
    assert said(asks.post("/api/cases/K1/steps", sold), 403)["error"]["code"] == "case/approval"
    said(asks.post("/api/cases/K1/steps", {**sold, "kind": "restructure"}), 201)
