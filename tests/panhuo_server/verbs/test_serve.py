"""``panhuo serve`` as an operator meets it: it comes up, says so, survives its parts' death and stops in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 150  # seconds any one wait may last on a slow machine; nothing is measured with it


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for(there: Callable[[], Any], served: subprocess.Popen[bytes]) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert served.poll() is None, "the server ended by itself"
        try:
            found = there()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come in time")


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "panhuo", "serve", "--port", str(port), "--data", str(folder), "--workers", "1"]
    with (folder.parent / "said.txt").open("ab") as said:
        return subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)


def processes(folder: Path, holding: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and holding in line:
            found.append(int(place.name))
    return sorted(found)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import Cluster

    place = tmp_path / "data"
    yield place
    for number in processes(place, "panhuo"):
        os.kill(number, signal.SIGKILL)
    Cluster(Layout(place)).stop(mode="immediate")


@pytest.mark.slow
def test_it_comes_up_survives_and_stops(folder: Path) -> None:
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import Cluster

    port = free_port()
    served = start(folder, port)
    wait_for(lambda: get(port, "/health")[0] == 200, served)
    wait_for(lambda: get(port, "/ready")[0] == 200, served)
    status, body = get(port, "/ready")
    assert status == 200 and json.loads(body)["ready"] is True and "flows" in json.loads(body)["parts"], body
    status, body = get(port, "/metrics")
    assert status == 200 and b"panhuo_requests_total" in body

    # A part that is killed is started again, and so is the database.
    for part in ("panhuo_server.serving", "panhuo_server.flows.worker"):
        before = processes(folder, part)
        assert before
        for number in before:
            os.kill(number, signal.SIGKILL)
        wait_for(lambda part=part, before=before: set(processes(folder, part)) - set(before), served)  # type: ignore[misc]
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: Cluster(Layout(folder)).alive and get(port, "/ready")[0] == 200, served)
    assert int((folder / "postgres" / "postmaster.pid").read_text().split("\n")[0]) != postmaster

    served.send_signal(signal.SIGTERM)
    assert served.wait(PATIENCE) == 0
    assert not processes(folder, "panhuo_server") and not Cluster(Layout(folder)).running

    # Everything killed at once: the next start needs no help, and a second server on the port is refused in words.
    served = start(folder, port)
    wait_for(lambda: get(port, "/ready")[0] == 200, served)
    os.killpg(served.pid, signal.SIGKILL)
    served.wait()
    served = start(folder, port)
    wait_for(lambda: get(port, "/ready")[0] == 200, served)
    second = subprocess.run(
        [sys.executable, "-m", "panhuo", "serve", "--port", str(port), "--data", str(folder), "--json"],
        capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert second.returncode == 7 and "taken" in json.loads(second.stdout)["error"]["what"]
    lines = [line for line in (folder.parent / "said.txt").read_text().splitlines() if line.startswith("{")]
    assert lines and all(json.loads(line)["level"] for line in lines)
    served.send_signal(signal.SIGTERM)
    assert served.wait(PATIENCE) == 0
