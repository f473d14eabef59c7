"""A stranger: an organisation whose every value is a canary, for tests that look for what must not come back."""

from __future__ import annotations

import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from panhuo.ground.book.catalogue import TABLES

MARKS = ("CANARY", "7770000777", "7770777", "1987-06-05")
"""What its values are made of: words, amounts, counts, days."""


def told(text: str) -> list[str]:
    """The marks a text tells."""
    return [mark for mark in MARKS if mark in text]


def fact_rows() -> Any:
    """The module that puts made-up rows straight into the database."""
    place = Path(__file__).parent / "panhuo_server" / "accounts" / "conftest.py"
    spec = importlib.util.spec_from_file_location("fact_rows", place)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def fill(org: str, person: str) -> None:
    """Fills an organisation of its own: a row in every table, a log, an outcome, a case, a request, all of canaries."""
    from django.db import connections

    from panhuo_server.accounts.acting import acting

    with acting(org, person, "import"), connections["default"].cursor() as c:
        rows = {name: [(f"CANARY-{name}", {"org_id": org})] for name in TABLES}
        fact_rows().put(org, 1, rows, fill="CANARY")
        entry = json.dumps({"kind": "batch", "org": org, "sequence": 1, "root": "CANARY"})
        for statement, values in (
            ("insert into log_entries values (%s, 0, 'batch', 'CANARY-leaf', %s)", [org, entry]),
            ("insert into log_heads values (%s, 1, 'CANARY-root', 'CANARY-record', 'CANARY-frontier')", [org]),
            ("insert into outcomes values (%s, 'CANARY-run', 'class_floor', 'CANARY', '1987-06-05', 1, 7770000777, 0)",
             [org]),
            ("insert into events values (%s, 'case', 'CANARY', 1, 'hand_over', '{\"before\": \"none\", \"after\":"
             " \"CANARY\", \"on\": \"1987-06-05\", \"responsible\": \"CANARY\"}', %s, 'CANARY')",
             [org, person]),
            ("insert into requests values (%s, 'CANARY-key', 'runs', 'CANARY', '{\"a\": \"CANARY\"}', %s)",
             [org, person]),
        ):  # fmt: skip
            c.execute(statement, values)


@contextmanager
def superuser(server: Any) -> Iterator[Any]:
    """A connection of the database's superuser, for looking behind the policies and moving clocks."""
    import psycopg

    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True) as c:
        c.execute("set search_path = panhuo")
        yield c


ROUNDS = 4
"""How often a comparison of times is made before it counts: what disturbs a machine passes, what tells stays."""


def takes_as_long(first: Callable[[], object], second: Callable[[], object], times: int) -> tuple[bool, list[float]]:
    """Whether the medians of two requests, made in turns, lie within a tenth of each other in one round of a few."""
    seen: list[float] = []
    for _ in range(ROUNDS):
        spent: tuple[list[float], list[float]] = ([], [])
        for _ in range(times):
            for ask, kept in zip((first, second), spent, strict=True):
                began = time.perf_counter()
                ask()
                kept.append(time.perf_counter() - began)
        one, other = statistics.median(spent[0]), statistics.median(spent[1])
        seen.append(one / other)
        if abs(one - other) <= 0.1 * max(one, other):
            return True, seen
    return False, seen
