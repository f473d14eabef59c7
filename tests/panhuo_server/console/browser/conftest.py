"""The demonstration, served as ``panhuo demo`` serves it, and a real Chromium in front of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import ARGUMENTS, CHROMIUM, Seats, people_of

PATIENCE = 600  # seconds the demonstration may take on a slow machine; nothing is measured with it


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium; skipped where none is installed.

    It lives no longer than its module: while its driver's event loop runs, Django refuses every query of the process.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, folder) of a served demonstration of 120 borrowers; it must end cleanly when told to.

    PANHUO_DEMONSTRATION names a folder of one that is made already, to look at the same pages again and again.
    """
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    given = os.environ.get("PANHUO_DEMONSTRATION")
    folder = Path(given) if given else tmp_path_factory.mktemp("demonstration") / "demo"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    borrowers = json.loads((folder / "demo.json").read_text())["borrowers"] if given else 120
    command = [sys.executable, "-m", "panhuo", "demo", "--out", str(folder), "--port", str(port)]
    command += ["--borrowers", str(borrowers)]
    with (folder.parent / "said.txt").open("w") as said:
        served = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            address, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
            while not _up(address):
                assert served.poll() is None and time.monotonic() < until, (folder.parent / "said.txt").read_text()
                time.sleep(0.5)
            yield address, folder
        finally:
            if served.poll() is None:
                served.send_signal(signal.SIGINT)
            code = served.wait(PATIENCE)
    assert code == 0, (folder.parent / "said.txt").read_text()


def _up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def seats(chromium: Any, demonstration: tuple[str, Path]) -> Seats:
    """Everybody's place in front of the demonstration."""
    address, folder = demonstration
    return Seats(chromium, address, people_of(folder))
