"""The frame of the API: who is let in, the one error shape, idempotency, pages, bounds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asking import Asking

PARTY = {"id": "P1", "effective_on": "2026-03-01", "kind": "company", "source_doc": "a.xlsx", "source_row": 2}


def error(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.content
    found = json.loads(answer.content)["error"]
    assert set(found) == {"kind", "code", "what", "where", "remedy"}
    assert answer.headers["X-Request-Id"]
    return found


def good(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_nobody_comes_in_without_a_token(founded: Any, caller: Callable[..., Any]) -> None:

    for headers in ({}, {"Authorization": "Bearer token.x.y.z"}, {"Authorization": "Basic abc"}):
        for path in ("/api/me", "/api/facts/parties", "/api/tools"):
            answer = Asking(**headers)("GET", path)
            assert error(answer, 401)["kind"] == "not-allowed"
            assert answer.headers["WWW-Authenticate"]


def test_a_token_acts_for_its_scopes_alone(founded: Any, caller: Callable[..., Any]) -> None:
    bank = founded("lender")
    asks = caller(bank, "monitoring", "recovery")
    assert error(asks.get("/api/me"), 422)["code"] == "invalid-input/purpose"
    assert good(asks.get("/api/me", **{"X-Purpose": "recovery"}))["purpose"] == "recovery"
    assert error(asks.get("/api/me", **{"X-Purpose": "valuation"}), 403)["code"] == "not-allowed/purpose"
    one = caller(bank, "monitoring")
    me = good(one.get("/api/me"))
    assert (me["org"], me["purpose"], me["scopes"]) == (bank.org, "monitoring", ["monitoring"])
    assert error(one.post("/api/runs", {}), 403)["code"] == "not-allowed/purpose"


def test_a_revoked_token_is_nobody(founded: Any, caller: Callable[..., Any]) -> None:
    from panhuo_server.accounts import tokens
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    asks = caller(bank)
    good(asks.get("/api/me"))
    with acting(bank.org, bank.person, "administration"):
        for one in tokens.tokens():
            tokens.revoke(one.token)
    assert error(asks.get("/api/me"), 401)["kind"]


def test_a_session_names_its_organisation_in_a_header(founded: Any, queue: None) -> None:
    from panhuo_server.accounts import sign_in
    from panhuo_server.api.callers import SESSION_COOKIE

    bank, other = founded("lender"), founded("lender")
    number = bank.org.rpartition("-")[2]
    session = sign_in.sign_in(f"admin{number}@lender.example", "long enough secret", "127.0.0.1").session
    asks = Asking()
    asks.client.cookies[SESSION_COOKIE] = session
    named = {"X-Organisation": bank.org, "X-Purpose": "monitoring"}
    assert good(asks.get("/api/me", **named))["org"] == bank.org
    assert error(asks.get("/api/me"), 422)["where"] == "X-Organisation"
    assert error(asks.post("/api/facts", {"facts": {}}), 422)["where"] == "X-Organisation"
    theirs = asks.get("/api/me", **{**named, "X-Organisation": other.org})
    nobodys = asks.get("/api/me", **{**named, "X-Organisation": "never-was"})
    error(theirs, 404)
    assert theirs.content == nobodys.content
    assert error(asks.get("/api/me", **{**named, "X-Purpose": "supervision"}), 403)["code"] == "not-allowed/purpose"


def test_every_error_has_the_one_shape(founded: Any, caller: Callable[..., Any]) -> None:
    asks = caller(founded("lender"), "import")
    nothing = asks.get("/api/nothing").content
    for path in ("/api/", "/api/facts/none", "/api/facts/parties/P9", "/api/outcomes/none", "/api/runs/none",
                 "/api/receipts/batches/9", "/api/receipts/outcomes/none/x", "/api/facts/parties/%00"):  # fmt: skip
        answer = asks.get(path)
        error(answer, 404)
        assert answer.content == nothing, path
    assert error(asks("DELETE", "/api/me"), 405)["code"] == "invalid-input/method"
    error(asks.get("/api/facts/parties?limit=0"), 422)
    error(asks.get("/api/facts/parties?as_of=2026-13-40"), 422)
    error(asks.get("/api/facts/parties?id=%00"), 400)
    error(asks.post("/api/facts", b"{"), 400)
    error(asks.post("/api/facts", {"facts": {"parties": [{**PARTY, "id": "a\x00"}]}}), 422)
    error(asks.post("/api/facts", {"facts": []}), 422)
    error(asks("POST", "/api/facts", {"facts": {}}), 422)
    error(asks("POST", "/api/facts", b"x", headers={"Idempotency-Key": "k" * 9}, content_type="text/csv"), 415)
    error(asks("POST", "/api/facts", b"x" * (16 * 1024 * 1024 + 1)), 413)


def test_facts_are_sealed_once_for_their_key(founded: Any, caller: Callable[..., Any]) -> None:
    bank = founded("lender")
    asks = caller(bank, "import")
    assert good(asks.get("/api/facts/parties")) == {"table": "parties", "as_of": None, "rows": [], "next": None}
    body = {"facts": {"parties": [PARTY, {**PARTY, "id": "P2"}]}}
    first = good(asks.post("/api/facts", body, key="the same key"))
    again = good(asks.post("/api/facts", body, key="the same key"))
    assert (first["sequence"], first["repeated"], again["repeated"]) == (1, False, True)
    assert first["fact_ids"] == again["fact_ids"]
    other = asks.post("/api/facts", {"facts": {"parties": [PARTY]}}, key="the same key")
    assert error(other, 409)["code"] == "conflict/idempotency-key"
    rows = good(asks.get("/api/facts/parties"))["rows"]
    assert [row["id"] for row in rows] == ["P1", "P2"]
    assert good(asks.get("/api/facts/parties/P2"))["rows"] == [rows[1]]
    reads = caller(bank, "import", read_only=True)
    assert error(reads.post("/api/facts", body), 403)["code"] == "not-allowed/read-only"
    auditor = caller(bank, "administration")
    assert len(good(auditor.get("/api/facts/parties"))["rows"]) == 2


def test_pages_are_steady_and_cursors_are_signed(founded: Any, caller: Callable[..., Any]) -> None:
    bank = founded("lender")
    asks = caller(bank, "import", "monitoring", **{"X-Purpose": "import"})
    names = [f"P{number:02}" for number in range(25)]
    good(asks.post("/api/facts", {"facts": {"parties": [{**PARTY, "id": name} for name in names]}}))
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = good(asks.get(f"/api/facts/parties?limit=7{cursor}"))
        seen += [row["id"] for row in page["rows"]]
        if len(seen) == 7:  # what is sealed meanwhile is of the next list
            good(asks.post("/api/facts", {"facts": {"parties": [{**PARTY, "id": "P05x"}, {**PARTY, "id": "P99"}]}}))
            first = page["next"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == names
    assert len(good(asks.get("/api/facts/parties?limit=1000"))["rows"]) == 27
    assert error(asks.get(f"/api/facts/parties?id=P01&cursor={first}"), 422)["code"] == "invalid-input/cursor"
    assert error(asks.get(f"/api/facts/nothing?cursor={first}"), 404)["kind"] == "not-found"
    assert error(asks.get(f"/api/facts/parties?cursor={first}x"), 422)["where"] == "cursor"
    elsewhere = asks.get(f"/api/facts/parties?cursor={first}", **{"X-Purpose": "monitoring"})
    assert error(elsewhere, 422)["where"] == "cursor"
    other = caller(founded("lender"), "import")
    assert error(other.get(f"/api/facts/parties?cursor={first}"), 422)["where"] == "cursor"


def test_filters_by_day_and_entity(founded: Any, caller: Callable[..., Any]) -> None:
    asks = caller(founded("lender"), "import")
    rows = [{**PARTY, "effective_on": f"2026-0{month}-01", "source_row": month} for month in (1, 2, 3)]
    good(asks.post("/api/facts", {"facts": {"parties": [*rows, {**PARTY, "id": "P2"}]}}))

    def found(query: str) -> list[Any]:
        return [(row["id"], row["source_row"]) for row in good(asks.get(f"/api/facts/parties?{query}"))["rows"]]

    assert found("") == [("P1", 3), ("P2", 2)]
    assert found("as_of=2026-02-15") == [("P1", 2)]
    assert found("id=P2") == [("P2", 2)]
    assert found("since=2026-03-02") == []
    assert found("as_of=2025-12-31") == []


def test_a_caller_who_asks_too_much_waits(founded: Any, caller: Callable[..., Any], monkeypatch: Any) -> None:
    from panhuo_server.api import rates

    bank = founded("lender")
    asks, other = caller(bank), caller(bank)
    monkeypatch.setattr(rates.CALLERS, "burst", 3.0)
    monkeypatch.setattr(rates.CALLERS, "per_second", 0.001)
    answers = [asks.get("/api/tables") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert error(answers[-1], 429)["code"] == "unavailable/too-many-requests"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.get("/api/tables").status_code == 200


def test_a_bucket_fills_with_time() -> None:
    from panhuo_server.api.rates import Buckets

    held = Buckets(2.0, 2.0)
    assert [held.wait("a", 0.0) for _ in range(3)] == [0, 0, 1]
    assert [held.wait("a", 0.5), held.wait("a", 0.5)] == [0, 1]
    assert held.wait("b", 0.5) == 0


def test_shares_are_given_once_and_seen_masked(founded: Any, caller: Callable[..., Any]) -> None:
    bank, buyer = founded("lender"), founded("asset_manager")
    gives, sees = caller(bank, "import"), caller(buyer, "due_diligence")
    good(gives.post("/api/facts", {"facts": {"parties": [{**PARTY, "name": "甲公司"}]}}))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    share = {"table": "parties", "to_org": buyer.org, "level": 1, "purpose": "due_diligence", "until": until}
    first = good(gives.post("/api/shares", share, key="share it once"), 201)
    again = good(gives.post("/api/shares", share, key="share it once"), 201)
    assert (first["share"], again["repeated"]) == (again["share"], True)
    assert error(gives.post("/api/shares", {**share, "level": 5}, key="share it once"), 409)["kind"] == "conflict"
    assert [one["share"] for one in good(gives.get("/api/shares"))["rows"]] == [first["share"]]
    assert [one["share"] for one in good(sees.get("/api/shares/received"))["rows"]] == [first["share"]]
    (row,) = good(sees.get("/api/facts/parties?whose=shared"))["rows"]
    assert (row["org_id"], row["id"], row["share_level"]) == (bank.org, "P1", 1)
    assert good(sees.get("/api/facts/parties"))["rows"] == []
    assert good(sees.get("/api/facts/parties/P1?whose=shared"))["rows"] == [row]
    error(sees.get("/api/facts/parties/P1"), 404)
    good(gives.post(f"/api/shares/{first['share']}/end", {}, key="end it once"))
    assert good(gives.post(f"/api/shares/{first['share']}/end", {}, key="end it once"))["repeated"]
    error(gives.post(f"/api/shares/{first['share']}/end", {}), 409)
    error(gives.post("/api/shares/never/end", {}), 404)
    assert good(sees.get("/api/facts/parties?whose=shared"))["rows"] == []
    error(sees.get("/api/facts/parties/P1?whose=shared"), 404)


def test_personal_columns_open_for_roles_that_may_and_the_read_is_logged(
    founded: Any, caller: Callable[..., Any]
) -> None:
    from panhuo_server.accounts import reads
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    asks = caller(bank, "import")
    natural = {**PARTY, "id": "N1", "kind": "person", "name": "张三"}
    good(asks.post("/api/facts", {"facts": {"parties": [natural]}}))
    assert good(asks.get("/api/facts/parties"))["rows"][0]["name"] is None
    assert good(asks.get("/api/facts/parties?personal=true"))["rows"][0]["name"] == "张三"
    with acting(bank.org, bank.person, "privacy"):
        (read,) = reads.reads_of("N1")
    assert (read.table, read.purpose) == ("parties", "import")


@pytest.mark.parametrize("path", ["/api/tables", "/api/purposes", "/api/tools"])
def test_words_the_api_takes(founded: Any, caller: Callable[..., Any], path: str) -> None:
    rows = good(caller(founded("lender")).get(path))["rows"]
    assert rows
    assert all(row["zh"] and row["en"] for row in rows)


def test_a_person_signs_in_and_lets_a_program_in(founded: Any, queue: None) -> None:
    bank = founded("lender")
    number = bank.org.rpartition("-")[2]
    person = Asking(**{"X-Organisation": bank.org})
    wrong = {"email": f"admin{number}@lender.example", "password": "not the password"}
    assert error(person("POST", "/api/sign-in", wrong), 403)["code"] == "not-allowed/sign-in"
    right = {**wrong, "password": "long enough secret"}
    assert error(person("POST", "/api/sign-in", right, content_type="text/plain"), 415)
    signed_in = person("POST", "/api/sign-in", right)
    assert good(signed_in)["organisations"][0]["org"] == bank.org
    assert "HttpOnly" in str(signed_in.cookies["panhuo_session"])
    wanted = {"name": "core", "scopes": ["import"]}
    issued = good(person.post("/api/tokens", wanted, key="issue it once"), 201)
    again = good(person.post("/api/tokens", wanted, key="issue it once"), 201)
    assert (again["token"], again["text"], again["repeated"]) == (issued["token"], None, True)
    program = Asking(issued["text"])
    assert good(program.get("/api/me"))["purpose"] == "import"
    assert error(program.get("/api/tokens"), 403)["code"] == "not-allowed/purpose"
    assert issued["text"] not in person.get("/api/tokens").content.decode()
    good(person.post(f"/api/tokens/{issued['token']}/revoke", {}))
    error(program.get("/api/me"), 401)
    assert good(person("POST", "/api/sign-out", {}))["ended"] == 1
    error(person.get("/api/tokens"), 401)


def test_a_share_rests_on_a_consent_and_ends_with_it(founded: Any, caller: Callable[..., Any]) -> None:
    bank, buyer = founded("lender"), founded("asset_manager")
    asks, sees = caller(bank, "import"), caller(buyer, "due_diligence")
    good(asks.post("/api/facts", {"facts": {"parties": [PARTY]}}))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    share = {"table": "parties", "to_org": buyer.org, "level": 2, "purpose": "due_diligence", "until": until,
             "row": "P1", "party": "P1"}  # fmt: skip
    assert error(asks.post("/api/shares", share), 403)["code"] == "not-allowed/no-consent"
    given = {"party": "P1", "purpose": "sharing", "recipient": buyer.org}
    assert error(asks.post("/api/consents", given), 422)["kind"] == "rule-refused"
    body = {**given, "separate": True}
    first = good(asks.post("/api/consents", body, key="consent once"), 201)
    assert good(asks.post("/api/consents", body, key="consent once"), 201) == {**first, "repeated": True}
    good(asks.post("/api/shares", share), 201)
    assert len(good(sees.get("/api/facts/parties?whose=shared"))["rows"]) == 1
    listed = good(asks.get("/api/consents?party=P1"))
    assert [one["standing"] for one in listed["rows"]] == ["given"]
    assert len(listed["uses"]) == 1
    good(asks.post("/api/consents/withdraw", {"party": "P1", "purpose": "sharing"}))
    assert good(sees.get("/api/facts/parties?whose=shared"))["rows"] == []
    assert good(asks.get("/api/consents?party=P1"))["rows"][0]["standing"] == "withdrawn"
    error(asks.post("/api/consents/withdraw", {"party": "P7", "purpose": "sharing"}), 404)


def test_a_case_goes_its_way_step_by_step(founded: Any, caller: Callable[..., Any]) -> None:
    bank = founded("lender")
    asks = caller(bank, "recovery")
    hand_over = {"kind": "hand_over", "on": "2026-03-02", "claim": "C1", "responsible": bank.person}
    first = good(asks.post("/api/cases/K1/steps", hand_over, key="hand it over"), 201)
    assert (first["number"], first["state"]) == (1, "handed_over")
    assert good(asks.post("/api/cases/K1/steps", hand_over, key="hand it over"), 201)["repeated"]
    assert error(asks.post("/api/cases/K1/steps", hand_over), 409)["code"] == "case/state"
    good(asks.post("/api/cases/K1/steps", {"kind": "accept", "on": "2026-03-03"}), 201)
    sold = {"kind": "assign", "on": "2026-03-04", "approval": "none"}
    assert error(asks.post("/api/cases/K1/steps", sold), 403)["code"] == "case/approval"
    unsaid = {"kind": "hand_back", "on": "2026-03-04"}
    assert error(asks.post("/api/cases/K1/steps", unsaid), 422)["code"] == "case/reason"
    held = good(asks.get("/api/cases/K1"))
    assert [step["after"] for step in held["ledger"]] == ["handed_over", "managed"]
    assert [row["state"] for row in good(asks.get("/api/cases"))["rows"]] == ["managed"]
    other = caller(founded("lender"), "recovery")
    error(other.get("/api/cases/K1"), 404)
    assert good(other.get("/api/cases"))["rows"] == []


def test_a_courts_program_works_in_its_own_schema(founded: Any, caller: Callable[..., Any]) -> None:
    court, bank = founded("court"), founded("lender")
    asks = caller(court, "import", judicial=True)
    assert good(asks.post("/api/facts", {"facts": {"parties": [PARTY]}}))["sequence"] == 1
    assert [row["org_id"] for row in good(asks.get("/api/facts/parties"))["rows"]] == [court.org]
    assert good(asks.get("/api/receipts/batches/1"))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    share = {"table": "parties", "to_org": bank.org, "level": 1, "purpose": "monitoring", "until": until}
    assert error(asks.post("/api/shares", share), 403)["kind"] == "not-allowed"
    assert good(caller(bank, "import").get("/api/facts/parties"))["rows"] == []
