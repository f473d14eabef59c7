"""docs/coverage.md: every row once, with a valid state, and nothing named that is not there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

FAMILIES = {
    "ORG": 31,
    "MON": 16,
    "EMP": 6,
    "GRA": 9,
    "SCF": 21,
    "FED": 9,
    "VAL": 22,
    "REC": 19,
    "MKT": 21,
    "TRU": 31,
    "OPS": 19,
    "FUT": 11,
}
STATES = ("works", "partly", "simulated", "not yet")
ROW = re.compile(r"^\| ([A-Z]{3}-\d\d) \| ([ABC]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", flags=re.MULTILINE)
FILE = re.compile(r"`((?:tests|src|docs|bench)/[\w/.-]+?)(?:::(\w+))?`")
VERB = re.compile(r"`panhuo (\w+)")


def _rows(root: Path) -> list[tuple[str, ...]]:
    return ROW.findall((root / "docs" / "coverage.md").read_text(encoding="utf-8"))


def test_every_row_stands_once_with_a_valid_state(project_root: Path) -> None:
    rows = _rows(project_root)
    wanted = [f"{family}-{number:02d}" for family, count in FAMILIES.items() for number in range(1, count + 1)]
    assert [row[0] for row in rows] == wanted
    assert len(wanted) == 215
    assert {row[3] for row in rows} <= set(STATES)
    for row in rows:
        assert re.search(r"[\u4e00-\u9fff]|[A-Z]{3}", row[2]) and " · " in row[2], row[0]
        assert row[3] == "not yet" or "`" in row[4], f"{row[0]} names nothing that shows it"


def test_the_counts_at_the_head_are_those_of_the_rows(project_root: Path) -> None:
    rows = _rows(project_root)
    text = (project_root / "docs" / "coverage.md").read_text(encoding="utf-8")
    found = Counter((row[1], row[3]) for row in rows)
    for tier in "ABC":
        counts = [found[tier, state] for state in STATES]
        assert f"| {tier} | " + " | ".join(map(str, counts)) + f" | {sum(counts)} |" in text
    counts = [sum(found[tier, state] for tier in "ABC") for state in STATES]
    assert "| all | " + " | ".join(map(str, counts)) + " | 215 |" in text


def test_what_is_named_is_there(project_root: Path) -> None:
    text = "\n".join(row[4] for row in _rows(project_root))
    for name, test in FILE.findall(text):
        path = project_root / name
        assert path.is_file(), name
        if test:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, (name, test)
    rooms = (project_root / "src" / package / "verbs" for package in ("panhuo", "panhuo_server"))
    verbs = {path.stem.rstrip("_") for room in rooms for path in room.glob("*.py")}
    assert set(VERB.findall(text)) <= verbs
