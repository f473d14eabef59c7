"""The library's tools over HTTP: the same object as ``--json``, bounded, and no path of the server to be named."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from asking import Asking
from command import panhuo


@pytest.fixture
def asks(founded: Any, caller: Callable[..., Asking]) -> Asking:
    """A caller; tools read nothing of its organisation."""
    return caller(founded("lender"))


def said(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


@pytest.mark.parametrize("name", ["apr", "debt", "rings", "schedule"])
def test_a_tool_answers_what_its_command_prints(name: str, asks: Asking, tmp_path: Path) -> None:
    from panhuo_server.api.resources.tools import EXAMPLES

    body = EXAMPLES[name]
    files, options = [], []
    for argument, value in body.items():
        if argument in ("flows", "case", "edges"):
            path = tmp_path / (argument + (".csv" if isinstance(value, str) else ".json"))
            path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
            files.append(str(path))
        else:
            options += ["--" + argument.replace("_", "-"), str(value)]
    printed = panhuo(name, *files, *options)
    assert said(asks("POST", f"/api/tools/{name}", body)) == printed


def test_an_annual_rate_by_its_own_definition(asks: Asking) -> None:
    """12 x the monthly IRR; 100,000 repaid as 52,500 twice, half a year apart: 52.5 v^2 + 52.5 v = 100."""
    found = said(asks("POST", "/api/tools/apr", {
        "flows": {"flows": [["2026-01-10", 100000], ["2026-07-10", -52500], ["2027-01-10", -52500]],
                  "convention": "cn"}}))  # fmt: skip
    half_year = (-52.5 + (52.5**2 + 4 * 52.5 * 100) ** 0.5) / (2 * 52.5)
    assert found["twelve_times_monthly"] == pytest.approx(12 * (half_year ** (-1 / 6) - 1), abs=1e-9)


def test_an_uploaded_file_is_read(asks: Asking) -> None:
    edges = b"src,dst,amount\nA,B,100\nB,C,100\nC,A,100\n"
    upload = {"edges": SimpleUploadedFile("edges.csv", edges, "text/csv"), "max_length": "3"}
    form = asks.client.post("/api/tools/rings", upload, headers=asks.headers)
    file = {"file_name": "e.csv", "base64": base64.b64encode(edges).decode()}
    plain = asks("POST", "/api/tools/rings", {"edges": file, "max_length": 3})
    assert said(form) == said(plain)
    assert said(plain)["rings"]


def test_what_a_tool_writes_comes_in_the_answer(asks: Asking, tmp_path: Path) -> None:
    import openpyxl

    from panhuo_server.api.resources.tools import EXAMPLES

    found = said(asks("POST", "/api/tools/debt", {**EXAMPLES["debt"], "out": "本息清单.xlsx"}))
    assert found["out"] == "本息清单.xlsx"
    (name,) = found["files"]
    path = tmp_path / "back.xlsx"
    path.write_bytes(base64.b64decode(found["files"][name]))
    assert name == "本息清单.xlsx"
    assert openpyxl.load_workbook(path).sheetnames


@pytest.mark.parametrize(
    "body",
    [
        {"flows": "/etc/passwd"},
        {"flows": {"file_name": "../../etc/passwd", "base64": ""}},
        {"flows": {"file_name": "../x.csv/../y", "base64": base64.b64encode(b"date,amount\n").decode()}},
        {"case": {}, "flows": {}},
        {"flows": {}, "receipt": "/tmp/x"},
        {"flows": {}, "convention": "none"},
        {},
    ],
)
def test_no_path_of_the_server_can_be_named(asks: Asking, body: Any) -> None:
    answer = asks("POST", "/api/tools/apr", body)
    found = said(answer, 422)["error"]
    assert b"root:" not in answer.content
    assert b"/tmp" not in answer.content
    assert found["kind"] == "invalid-input"


@pytest.mark.parametrize("out", ["/tmp/x.xlsx", "../x.xlsx", "a/b.xlsx", "x", "", ".xlsx", 5])
def test_what_is_written_has_a_plain_name(asks: Asking, out: Any) -> None:
    from panhuo_server.api.resources.tools import EXAMPLES

    assert said(asks("POST", "/api/tools/debt", {**EXAMPLES["debt"], "out": out}), 422)["error"]["where"] == "out"


def test_digits_arrive_as_they_were_written(asks: Asking) -> None:
    """A decimal of more digits than a double holds: 0.1 and 0.1 + 1e-17 are two debts."""
    from panhuo_server.api.tools import _content

    assert _content("case", b'{"a": 12345678901234567.89}') == (".json", b'{"a": 12345678901234567.89}')


def test_a_tool_that_takes_too_long_is_ended(asks: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    from panhuo_server.api import tools

    good = {"flows": {"flows": [["2026-01-10", 100], ["2027-01-10", -110]], "convention": "eu"}}
    said(asks("POST", "/api/tools/apr", good))
    held = list(tools.WORKERS._free)
    for worker in held:  # a worker that is stopped takes too long however fast the machine is
        os.kill(worker.running.pid, signal.SIGSTOP)
    monkeypatch.setattr(tools, "SECONDS", 0.2)
    for _ in held:
        found = said(asks("POST", "/api/tools/apr", good), 422)["error"]
        assert found["code"] == "invalid-input/too-much"
    assert all(worker.running.poll() is not None for worker in held), "what took too long was ended"
    monkeypatch.undo()
    assert said(asks("POST", "/api/tools/apr", good))["apr"] == pytest.approx(0.1, abs=1e-3)


def test_a_worker_knows_neither_database_nor_secrets(asks: Asking) -> None:
    from panhuo_server.api.tools import WORKERS

    said(asks("POST", "/api/tools/apr", {"flows": {"flows": [["2026-01-10", 100], ["2027-01-10", -110]]}}))
    worker = WORKERS._free[-1]
    environment = Path(f"/proc/{worker.running.pid}/environ").read_text().split("\0")
    assert not [line for line in environment if line.startswith(("PANHUO_DATA", "DATABASE_URL", "DJANGO"))]
    assert [line for line in environment if line.startswith("PANHUO_HOME=/tmp/panhuo-tool-")]
