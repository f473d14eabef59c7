"""Where statements stand: SQL in the store alone, and who acts is set by the door alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SETS_WHO_ACTS = re.compile(
    r"set_config|\bset\s+(local\s+|session\s+)?[\"']?panhuo\b|-c\s*panhuo\.|\breset\s+(all|panhuo)|discard\s+all", re.I
)
STATEMENT = re.compile(
    r"^\s*(select\s+[\w.*\"(%]|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|truncate\s|copy\s+[\w\"(]+.*\s(from|to)\s"
    r"|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|view|function|index|role|policy|schema|database|type)\s"
    r"|(grant|revoke)\s+\w+.*\s(on|to|from)\s|set\s+(local|role|session|transaction)\s|begin\b.*;|lock\s+table\s|listen\s"
    r"|notify\s|vacuum\s|explain\s+(select|analyze))",
    re.I | re.S,
)


def python_files(root: Path) -> Iterator[Path]:
    yield from sorted((root / "src" / "panhuo_server").rglob("*.py"))


def documentation(tree: ast.AST) -> set[int]:
    """The texts that stand alone as documentation, by identity."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def statements(source: str) -> list[tuple[int, str]]:
    """(line, text) of every text of a program that is an SQL statement."""
    tree = ast.parse(source)
    told = documentation(tree)
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        and STATEMENT.match(node.value)
    ]  # fmt: skip


def test_sql_stands_in_the_store_alone(project_root: Path) -> None:
    found = [
        f"{path.relative_to(project_root)}:{line}: {text[:60]}"
        for path in python_files(project_root)
        if "store" not in path.relative_to(project_root / "src" / "panhuo_server").parts[:1]
        for line, text in statements(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["c.execute('select 1')", "x = f'insert into {table} values (1)'", "y = '''\n  with a as (select 1) select 2'''",
     "c.execute('UPDATE shares SET level = 5')", "c.execute('set local role x')", "q = 'select * from ' + name"],
)  # fmt: skip
def test_the_lint_sees_statements(source: str) -> None:
    assert statements(source)


@pytest.mark.parametrize(
    "source",
    ["'''select what you like'''", "x = 'selected'", "x = 'with love'", "x = 'update the list'", "x = 'set the table'"],
)
def test_the_lint_leaves_words_alone(source: str) -> None:
    assert statements(source) == []


def without_the_door(text: str) -> str:
    """The text of a migration without the bodies of `enter` and `enter_as_clock`."""
    return re.sub(r"create function enter(_as_clock)?\(.*?\nend \$\$;", "", text, flags=re.S)


def test_who_acts_is_set_in_the_door_alone(project_root: Path) -> None:
    server = project_root / "src" / "panhuo_server"
    found = []
    for path in (*python_files(project_root), *sorted(server.rglob("*.sql"))):
        for number, line in enumerate(without_the_door(path.read_text(encoding="utf-8")).splitlines(), 1):
            code = line.split("--")[0] if path.suffix == ".sql" else line.split("#")[0]
            if SETS_WHO_ACTS.search(code):
                found.append(f"{path.relative_to(project_root)}:{number}: {line.strip()}")
    assert found == []
    door = (server / "store" / "migrations" / "sql" / "0002_people.sql").read_text(encoding="utf-8")
    assert without_the_door(door) != door and SETS_WHO_ACTS.search(door)
    settings = re.findall(r"set_config\('(panhuo\.\w+)', \w+, (\w+)\)", door)
    assert settings == [("panhuo.org", "true"), ("panhuo.person", "true"), ("panhuo.purpose", "true")]
    door = (server / "store" / "migrations" / "sql" / "0045_clock.sql").read_text(encoding="utf-8")
    settings = re.findall(r"set_config\('(panhuo\.\w+)', ('clock'|org), (\w+)\)", door)
    assert settings == [
        ("panhuo.org", "org", "true"), ("panhuo.person", "'clock'", "true"), ("panhuo.purpose", "'clock'", "true")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["c.execute(\"select set_config('panhuo.org', 'x', false)\")", "SET LOCAL panhuo.org = 'x'",
     "set panhuo.org to 'x'", 'OPTIONS = {"options": "-c panhuo.org=x"}', "set session panhuo.purpose = 'x'"],
)  # fmt: skip
def test_the_lint_sees_other_ways_to_set_it(line: str) -> None:
    assert SETS_WHO_ACTS.search(line)


def test_requests_are_no_transactions(server: Any) -> None:
    from django.conf import settings

    assert {database["ATOMIC_REQUESTS"] for database in settings.DATABASES.values()} == {False}
    assert not any("panhuo." in str(database["OPTIONS"]) for database in settings.DATABASES.values())
