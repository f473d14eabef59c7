"""``/api/openapi.json``: it describes every endpoint, its examples work, and no fuzzed body is answered beside it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from asking import Asking

FAST, LONG = 2_000, 10_000
"""Fuzzed bodies in the fast test and in the long one."""


@pytest.fixture
def description(server: Any) -> dict[str, Any]:
    import panhuo_server.api.addresses  # noqa: F401
    from panhuo_server.api.frame import openapi

    return openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, entry in description["paths"].items():
        for method, operation in entry.items():
            yield method.upper(), path, operation


def test_every_endpoint_is_described_with_its_errors(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    seen = list(operations(description))
    assert len(seen) >= 20
    names = [operation["operationId"] for _, _, operation in seen]
    assert len(set(names)) == len(names)
    for method, path, operation in seen:
        answers = set(operation["responses"])
        assert {"401", "404", "422", "429"} <= answers, path
        assert not any(one.startswith("5") for one in answers - {"503"}), path
        assert any(one.startswith("2") for one in answers), path
        assert method == "GET" or "requestBody" in operation, path
        assert any("一" <= letter <= "鿿" for letter in operation["summary"]), path
    refs = set(json.dumps(description).split('"$ref": "#/components/schemas/')[1:])
    assert {ref.partition('"')[0] for ref in refs} <= set(description["components"]["schemas"])


def test_the_examples_of_the_description_work(
    description: dict[str, Any], founded: Any, caller: Callable[..., Asking]
) -> None:
    bank = founded("lender")
    founded("asset_manager", org="another")
    asks = caller(bank, "import", "nightly_run", "administration", **{"X-Purpose": "import"})
    run = 0
    for method, path, operation in operations(description):
        if method != "POST":
            continue
        example = operation["requestBody"]["content"]["application/json"].get("example")
        if example is None:
            assert path in ("/api/tools/score", "/api/tools/train", "/api/sign-in"), path
            continue
        if path == "/api/shares/{share}/end":
            (given,) = json.loads(asks.get("/api/shares").content)["rows"]
            path = f"/api/shares/{given['share']}/end"
        if path == "/api/tokens/{token}/revoke":
            listed = json.loads(asks.get("/api/tokens").content)["rows"]
            path = f"/api/tokens/{next(one['token'] for one in listed if one['name'] == 'core banking')}/revoke"
        answer = asks.post(path, example)
        assert str(answer.status_code).startswith("2"), (path, answer.content)
        assert str(answer.status_code) in operation["responses"], path
        run += 1
    assert run >= 10


WORDS = ["", "P1", "parties", "2026-03-01", "a" * 500, "\x00", "'; drop table parties; --", "../../etc/passwd", "金额",
         "null", "-1", "1e400", "{", "\ud83d\ude00", "2026-02-30", "9" * 30, "self", "class_floor"]  # fmt: skip
NUMBERS = [0, -1, 1, 5, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.1, -0.0, 1e308]


def anything(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return chance.choice(NUMBERS)
    if kind in (1, 2):
        return chance.choice(WORDS)
    if kind in (3, 4):
        return chance.choice([None, True, False, [], {}])
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice([*WORDS, "id", "kind", "facts", "flows"]): anything(chance, depth + 1) for _ in range(3)}


def changed(chance: random.Random, value: Any, names: list[str], rate: float = 0.12) -> Any:
    """A good body with a part of it made into something else."""
    if chance.random() < rate:
        return anything(chance)
    if isinstance(value, dict):
        found = {name: changed(chance, one, names, rate) for name, one in value.items() if chance.random() > rate / 3}
        if chance.random() < rate:
            found[chance.choice(names)] = anything(chance)
        return found
    if isinstance(value, list):
        return [changed(chance, one, names, rate) for one in value for _ in range(chance.choice([1, 1, 1, 1, 0, 2]))]
    return value


def raw_body(chance: random.Random, example: Any, names: list[str]) -> bytes:
    if chance.random() < 0.05:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(40)))
    found = anything(chance) if example is None or chance.random() < 0.1 else changed(chance, example, names)
    text = json.dumps(found).encode()
    if chance.random() < 0.05:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + bytes([chance.randrange(256)]) + text[at:]
    return b"[" * 3000 + text if chance.random() < 0.005 else text


def fuzzed(
    description: dict[str, Any], bank: Any, caller: Callable[..., Asking], count: int, seed: int
) -> dict[int, int]:
    """Sends so many bodies, each answered as described and never by a failure; how often each status came."""
    chance = random.Random(seed)
    asks = caller(bank, "import", "nightly_run", "administration", **{"X-Purpose": "import"})
    posts = [(path, operation) for method, path, operation in operations(description) if method == "POST"]
    weights = [1 if path.startswith("/api/tools/") else 3 for path, _ in posts]
    statuses: dict[int, int] = {}
    for _ in range(count):
        ((path, operation),) = chance.choices(posts, weights)
        content = operation["requestBody"]["content"]["application/json"]
        names = list(content["schema"].get("properties", {})) or ["facts"]
        body = raw_body(chance, content.get("example"), names)
        place = path.replace("{token}", "{share}").replace("{share}", chance.choice(["s-1", "%2e%2e", "金", "x" * 300]))
        key = chance.choice([None, None, None, None, "k", "one key for all", "\u00e9" * 9])
        answer = asks.post(place, body, key=key)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert str(answer.status_code) in operation["responses"], (path, body, answer.content)
        assert answer.status_code < 500, (path, body, answer.content)
        found = json.loads(answer.content)
        if answer.status_code >= 400:
            assert set(found["error"]) == {"kind", "code", "what", "where", "remedy"}
            assert "Traceback" not in answer.content.decode()
    return statuses


def test_fuzzed_bodies_get_a_clear_answer(
    description: dict[str, Any], founded: Any, caller: Callable[..., Asking]
) -> None:
    statuses = fuzzed(description, founded("lender"), caller, FAST, seed=20261122)
    assert statuses.get(422, 0) > FAST // 4, statuses


@pytest.mark.slow
def test_many_fuzzed_bodies_get_a_clear_answer(
    description: dict[str, Any], founded: Any, caller: Callable[..., Asking]
) -> None:
    statuses = fuzzed(description, founded("lender"), caller, LONG, seed=7)
    assert statuses.get(422, 0) > LONG // 4, statuses


def test_fuzzed_addresses_and_queries_get_a_clear_answer(
    description: dict[str, Any], founded: Any, caller: Callable[..., Asking]
) -> None:
    chance = random.Random(3)
    bank = founded("lender")
    asks = caller(bank, "import")
    asks.post("/api/facts", {"facts": {"parties": [{"id": "P1", "effective_on": "2026-03-01", "kind": "company"}]}})
    gets = [(path, operation) for method, path, operation in operations(description) if method == "GET"]
    for _ in range(600):
        path, operation = chance.choice(gets)
        place = path
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                word = chance.choice([*WORDS, "parties", "drawdowns"]) or "x"
                value = quote(word, safe=chance.choice(["", "/"]), errors="replace")
                place = place.replace("{" + parameter["name"] + "}", value)
        query = "&".join(
            f"{parameter['name']}={quote(str(chance.choice([*WORDS, *NUMBERS])), errors='replace')}"
            for parameter in operation["parameters"]
            if parameter["in"] == "query" and chance.random() < 0.3
        )
        answer = asks.get(place + ("?" + query if query else ""))
        assert answer.status_code < 500, (place, query, answer.content)
        assert str(answer.status_code) in operation["responses"], (place, query, answer.content)
