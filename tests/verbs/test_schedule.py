"""The verb `schedule`: shapes of input and output, and what it must not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.verbs.schedule import VERB, run, show

CASE = {
    "identifier": "one",
    "terms": {
        "contractType": "PAM", "contractID": "one", "statusDate": "2019-12-31", "initialExchangeDate": "2020-01-01",
        "maturityDate": "2021-01-01", "notionalPrincipal": " 1000", "nominalInterestRate": "0.05",
        "dayCountConvention": "30E360", "currency": "CNY",
    },
    "to": "",
}  # fmt: skip


def write(folder: Path, content: object) -> str:
    path = folder / "case.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_one_case_is_a_list_of_events(tmp_path: Path) -> None:
    assert run(write(tmp_path, CASE))["results"] == [
        {"eventDate": "2020-01-01T00:00", "eventType": "IED", "payoff": -1000.0, "currency": "CNY",
         "notionalPrincipal": 1000.0, "nominalInterestRate": 0.05, "accruedInterest": 0.0},
        {"eventDate": "2021-01-01T00:00", "eventType": "IP", "payoff": 50.0, "currency": "CNY",
         "notionalPrincipal": 1000.0, "nominalInterestRate": 0.05, "accruedInterest": 0.0},
        {"eventDate": "2021-01-01T00:00", "eventType": "MD", "payoff": 1000.0, "currency": "CNY",
         "notionalPrincipal": 0.0, "nominalInterestRate": 0.05, "accruedInterest": 0.0},
    ]  # fmt: skip


def test_many_cases_are_a_mapping(tmp_path: Path) -> None:
    for content in ([CASE, {"identifier": "two", "terms": {}}], {"one": CASE, "two": {"terms": {}}}):
        found = run(write(tmp_path, content))
        assert list(found["results"]) == ["one"]
        assert list(found["errors"]) == ["two"]
        assert "two" in show(found, "en") and "two" in show(found, "zh")


def test_people_read_totals_in_their_language(tmp_path: Path) -> None:
    found = run(write(tmp_path, CASE))
    assert "到期" in show(found, "zh")
    assert "total MD\t\t1,000.00" in show(found, "en")


def test_what_is_no_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run(str(tmp_path / "none.json"))
    path = tmp_path / "case.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match="JSON"):
        run(str(path))


def test_one_case_pays_for_no_compiler(tmp_path: Path) -> None:
    program = (
        "import sys; from panhuo.verbs.schedule import run; run(sys.argv[1]); "
        "assert not {'numba', 'numpy', 'pyarrow', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, write(tmp_path, CASE)], check=True)
    assert VERB.name == "schedule" and VERB.zh and VERB.en
