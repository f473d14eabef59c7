"""Who sees what of whom through every endpoint: another organisation's rows hold canaries, and everything that comes
back, errors too, is searched for them. What is unknown and what is forbidden answer alike, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

import stranger
from asking import Asking
from panhuo.ground.book.catalogue import TABLES

RECEIVERS = ("none", "shared", "masked", "expired", "elsewhere")


def told(content: bytes) -> list[str]:
    return stranger.told(content.decode())


@dataclass
class World:
    """Beta, whose every value is a canary, and callers of every relation to it."""

    beta: Any
    own: Asking
    callers: dict[str, Asking]
    share: str
    places: dict[str, Any]


@pytest.fixture(scope="module")
def world(server: Any, queue: None) -> Iterator[World]:
    from panhuo_server.accounts import tokens
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.accounts.organisations import found

    def make(name: str, kind: str) -> Any:
        return found(f"api-{name}", name, kind, f"{name}@api-matrix.example", name, "long enough secret")

    def token(place: Any, *scopes: str) -> Asking:
        with acting(place.org, place.person, "administration"):
            return Asking(tokens.issue("matrix", scopes).text)

    beta = make("beta", "lender")
    places = {name: make(name, "asset_manager") for name in RECEIVERS}
    stranger.fill(beta.org, beta.person)
    until = datetime.now(UTC) + timedelta(days=1)
    with acting(beta.org, beta.person, "origination"), cursor() as c:
        for name, level, purpose in (
            ("shared", 5, "due_diligence"), ("masked", 1, "due_diligence"), ("expired", 5, "due_diligence"),
            ("elsewhere", 5, "valuation"),
        ):  # fmt: skip
            c.execute(
                "insert into shares (org_id, share_id, table_name, to_org, level, purpose, valid_until, granted_by)"
                " select %s, 's-' || %s::text || t, t, %s, %s, %s, %s, %s from unnest(%s::text[]) t",
                [beta.org, name, places[name].org, level, purpose, until, beta.person, list(TABLES)],
            )
        c.execute(
            "update shares set ended_at = now(), ended_by = %s where to_org = %s", [beta.person, places["expired"].org]
        )
    callers = {name: token(place, "due_diligence") for name, place in places.items()}
    yield World(beta, token(beta, "origination"), callers, "s-sharedparties", places)


def described() -> dict[str, Any]:
    import panhuo_server.api.addresses  # noqa: F401
    from panhuo_server.api.frame import openapi

    return openapi()


TARGETS = {
    "table": list(TABLES), "id": ["CANARY-parties", "CANARY-drawdowns"], "name": ["class_floor", "deadlines"],
    "run": ["CANARY-run"], "key": ["CANARY", "CANARY-parties"], "sequence": ["1"], "share": ["s-sharedparties"],
    "party": ["CANARY-parties"], "case": ["CANARY"],
}  # fmt: skip
QUERIES = ("", "?run=CANARY-run", "?whose=own", "?id=CANARY-parties", "?as_of=2030-01-01", "?since=1900-01-01",
           "?limit=1", "?as_of=CANARY-no-day")  # fmt: skip


def addresses(queries: tuple[str, ...] = QUERIES, tables: int = len(TABLES)) -> Iterator[str]:
    """Every GET of the description, with everything of beta's that could be named."""
    for path, entry in described()["paths"].items():
        operation = entry.get("get")
        if operation is None:
            continue
        wanted = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        places = [path]
        for name in wanted:
            places = [
                place.replace("{" + name + "}", quote(value)) for place in places for value in TARGETS[name][:tables]
            ]
        takes = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
        for place in places:
            for query in queries:
                if not query or query[1:].partition("=")[0] in takes:
                    yield place + query


def test_beta_itself_sees_its_rows(world: World) -> None:
    for table in TABLES:
        answer = world.own.get(f"/api/facts/{table}?as_of=2030-01-01")
        assert answer.status_code == 200
        assert f"CANARY-{table}".encode() in answer.content, table
    assert b"CANARY" in world.own.get("/api/cases/CANARY").content
    assert b"CANARY-run" in world.own.get("/api/runs").content
    assert len(json.loads(world.own.get("/api/shares").content)["rows"]) == 4 * len(TABLES)


@pytest.mark.parametrize("name", RECEIVERS)
def test_nobody_sees_another_organisations_rows_as_its_own(world: World, name: str) -> None:
    asks = world.callers[name]
    seen = 0
    for address in addresses(QUERIES if name == "none" else ("", "?run=CANARY-run")):
        if address.startswith("/api/shares/received"):
            continue
        answer = asks.get(address)
        assert told(answer.content) == [], (name, address, answer.content[:500])
        purposed = (403,) if address.startswith("/api/tokens") else ()
        assert answer.status_code in (200, 404, 422, *purposed), (address, answer.content)
        seen += 1
    assert seen > 100


@pytest.mark.parametrize("name", RECEIVERS)
def test_shared_rows_show_what_the_share_says_and_no_more(world: World, name: str) -> None:
    asks = world.callers[name]
    for table, declared in TABLES.items():
        rows = json.loads(asks.get(f"/api/facts/{table}?whose=shared").content)["rows"]
        one = asks.get(f"/api/facts/{table}/CANARY-{table}?whose=shared")
        if name in ("none", "expired", "elsewhere"):
            assert rows == [], table
            assert one.status_code == 404, table
            assert told(one.content) == []
            continue
        assert [row["id"] for row in rows] == [f"CANARY-{table}"]
        level = 5 if name == "shared" else 1
        for column in declared.schema.columns:
            if column.personal or column.level > level:
                assert rows[0][column.name] is None, (table, column.name)
        assert rows[0]["share_level"] == level
    received = json.loads(asks.get("/api/shares/received").content)["rows"]
    assert len(received) == (0 if name in ("none", "expired") else len(TABLES))
    assert asks.get("/api/facts/parties?whose=shared&personal=true").status_code == 422


def unknown(address: str) -> str:
    """The same address of what never was."""
    return address.replace("CANARY", "ABSENT").replace("/batches/1", "/batches/99999")


def test_forbidden_and_unknown_are_the_same_answer(world: World) -> None:
    asks = world.callers["none"]
    compared = 0
    for address in addresses(("", "?run=CANARY-run"), tables=6):
        if "CANARY" not in address and "/batches/" not in address:
            continue
        forbidden, absent = asks.get(address), asks.get(unknown(address))
        assert (forbidden.status_code, forbidden.content) == (404, absent.content), address
        compared += 1
    assert compared > 20
    end = {}
    for share in (world.share, "s-absentparties"):
        end[share] = asks.post(f"/api/shares/{share}/end", {})
        assert end[share].status_code in (403, 404)
    assert len({answer.content for answer in end.values()}) == 1


def test_writes_reach_nothing_of_another(world: World) -> None:
    from panhuo_server.accounts import tokens
    from panhuo_server.accounts.acting import acting

    place = world.places["none"]
    with acting(place.org, place.person, "administration"):
        asks = Asking(tokens.issue("writer", ("import", "nightly_run")).text, **{"X-Purpose": "import"})
    row = {"id": "OWN", "effective_on": "2026-03-01", "kind": "company"}
    answer = asks.post("/api/facts", {"facts": {"parties": [{**row, "org_id": world.beta.org}]}})
    assert answer.status_code == 422, answer.content
    absent = asks.post("/api/facts", {"facts": {"parties": [{**row, "org_id": "api-absent"}]}})
    assert absent.content == answer.content
    # What replaces a fact of the same number replaces one of its own organisation alone.
    (held,) = json.loads(world.own.get("/api/facts/parties?as_of=2030-01-01").content)["rows"]
    number = f"{held['fact_sequence']}-{held['fact_position']}"
    body = {"facts": {"parties": [{**row, "id": "CANARY-parties", "replaces": number, "withdrawn": True}]}}
    assert asks.post("/api/facts", body).status_code == 200
    assert json.loads(world.own.get("/api/facts/parties?as_of=2030-01-01").content)["rows"] == [held]
    # A key beta used is no key of anybody else's.
    first = asks.post("/api/runs", {}, key="CANARY-key")
    assert first.status_code == 202, first.content
    assert told(first.content) == []
    for share in (world.share, "s-absentparties"):
        assert asks.post(f"/api/shares/{share}/end", {}).status_code == 404
    assert len(json.loads(world.own.get("/api/shares").content)["rows"]) == 4 * len(TABLES)


def test_a_cursor_of_another_opens_nothing(world: World) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.api import cursors

    filters = {"runs": ""}
    with acting(world.beta.org, world.beta.person, "origination"):
        made = cursors.made(["2030-01-01", 9, "z"], filters)
    assert world.own.get(f"/api/runs?cursor={made}").status_code == 200
    answer = world.callers["none"].get(f"/api/runs?cursor={made}")
    assert answer.status_code == 422
    assert told(answer.content) == []


@pytest.mark.slow
def test_forbidden_takes_as_long_as_unknown(world: World, caller: Callable[..., Asking]) -> None:
    asks = world.callers["none"]
    for address in (
        "/api/facts/parties/CANARY-parties",
        "/api/runs/CANARY-run",
        "/api/outcomes/class_floor?run=CANARY-run",
    ):
        same, ratios = stranger.takes_as_long(
            lambda address=address: asks.get(address), lambda address=address: asks.get(unknown(address)), 100
        )  # type: ignore[misc]
        assert same, (address, ratios)
