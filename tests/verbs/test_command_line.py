"""The command itself: quick help, one JSON object, errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from panhuo.verbs.listing import verb_named, verb_names

HEAVY = ("numba", "pandas", "ibis", "duckdb", "pyarrow", "numpy", "lightgbm", "scipy", "sklearn")


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in verb_names())])
def test_help_loads_no_engine(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom panhuo.verbs.command_line import main\n"
        f"sys.argv = ['panhuo', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"heavy = [n for n in {HEAVY!r} if n in sys.modules]\n"
        "sys.stderr.write(','.join(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == "" and "panhuo" in done.stdout.lower()


def test_help_loads_little_beside_the_command_library() -> None:
    """What makes --help slow is what it imports; the count is the same on every machine, unlike its time."""

    def modules(code: str) -> int:
        told = f"import sys\n{code}\nsys.stderr.write(str(len(sys.modules)))"
        return int(subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stderr)

    base = modules("import click, json, inspect, dataclasses")
    ours = modules(
        "sys.argv = ['panhuo', '--help']\nfrom panhuo.verbs.command_line import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert ours < 2 * base, f"{ours} modules against {base}"


def test_importing_the_package_is_light() -> None:
    code = f"import panhuo, sys; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", verb_names())
def test_every_verb_is_declared_in_both_languages(name: str) -> None:
    verb = verb_named(name)
    assert verb is not None and verb.name == name and verb.zh and verb.en
    for argument in verb.arguments:
        assert argument.zh and argument.en, argument.name


def test_an_error_is_one_json_object_with_a_remedy() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "panhuo", "run", "no-such-book", "--out", "nowhere", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "not-found" and error["remedy"]
