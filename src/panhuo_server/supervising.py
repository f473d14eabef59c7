"""The process that starts the server's parts, watches them and stops them in order.

Invariant: a part that dies is started again; a stop is bounded in time, the database last; whatever is killed, the next
start needs no help.
"""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import Unavailable
from panhuo_server.logs import configuration
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import Cluster

_LOG = logging.getLogger("panhuo_server.supervising")
STOP_SECONDS = 10.0
QUICK_SECONDS = 5.0
"""A part that lives less than this after its start is started again more and more slowly."""


@dataclass
class Part:
    """A process of the server."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0
    wait_until: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)
    log: Path | None = None

    def start(self) -> None:
        """Starts it; what it says goes to this process's own streams, or to the end of its log."""
        given: dict[str, Any] = {"env": {**os.environ, **self.environment}}
        if self.log is None:
            self.process = subprocess.Popen(self.command, **given)
        else:
            with self.log.open("ab") as said:
                self.process = subprocess.Popen(self.command, stdout=said, stderr=said, **given)
        self.started = time.monotonic()

    def look(self) -> None:
        """Starts it again when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.wait_until:
                self.start()
            return
        if self.process.poll() is None:
            return
        self.quick_ends = self.quick_ends + 1 if now - self.started < QUICK_SECONDS else 0
        _LOG.error("a part ended and is started again", extra={"part": self.name, "attempt": self.quick_ends})
        self.process, self.wait_until = None, now + min(0.2 * 2**self.quick_ends, 10.0)

    def stop(self) -> None:
        """Asks it to stop, waits a bounded time, then kills it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def require_free(host: str, port: int) -> None:
    """Goes on only when nobody listens there.

    Raises:
        Unavailable: when somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"port {port} of {host} is taken: {error.strerror}", where=f"--port {port}", remedy="name another port"
            ) from error


def _answers(host: str, port: int, seconds: float) -> bool:
    import http.client

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return True
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def parts_of(layout: Layout, host: str, port: int, workers: int, log: Path | None = None) -> list[Part]:
    """The server's processes: the pages and the API, and the worker of durable work."""
    given = ["--data", str(layout.folder)]
    web = [sys.executable, "-m", "panhuo_server.serving", *given, "--host", host, "--port", str(port)]
    work = [sys.executable, "-m", "panhuo_server.flows.worker", *given]
    return [Part("flows", work, log=log), Part("web", [*web, "--workers", str(workers)], log=log)]


class Database:
    """The embedded cluster, looked after like a part: killed, it is started again."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.wait_until, self.ends = cluster, 0.0, 0

    def look(self) -> None:
        """Starts it again when it has ended."""
        now = time.monotonic()
        if now < self.wait_until or self.cluster.alive:
            return
        self.ends += 1
        _LOG.error("the database ended and is started again", extra={"part": "database", "attempt": self.ends})
        try:
            self.cluster.start()
        except (Unavailable, subprocess.TimeoutExpired) as error:
            self.wait_until = time.monotonic() + 2.0
            _LOG.error("the database does not start", extra={"part": "database", "error": type(error).__name__})


def _said(address: str) -> bool:
    sys.stderr.write(f"Panhuo 盘活: {address}\n")
    sys.stderr.flush()
    return True


def serve(
    data: Path, *, host: str, port: int, workers: int, up: Callable[[str], bool] = _said, log: Path | None = None
) -> dict[str, Any]:
    """Starts everything, says where it is, and watches until a signal comes.

    Args:
        up: called with the address when it first answers; it goes on serving when that returns true.
        log: a file for what the server says while it serves, instead of standard error.
    """
    require_free(host, port)
    said = configuration()
    if log is not None:
        said["handlers"]["lines"] = {"class": "logging.FileHandler", "formatter": "lines", "filename": str(log)}
    logging.config.dictConfig(said)
    from panhuo_server.flows.engine import prepare
    from panhuo_server.store.migrating import ready

    layout = Layout.create(data)
    ready(layout)
    prepare(layout)
    logging.config.dictConfig(said)  # Django has set its own meanwhile
    database = None if os.environ.get("DATABASE_URL") else Database(Cluster(layout))
    stop = threading.Event()
    why: list[str] = []

    def asked(number: int, frame: Any) -> None:
        why.append(signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGINT, asked)
    signal.signal(signal.SIGTERM, asked)
    parts = parts_of(layout, host, port, workers, log)
    address, answered = f"http://{host}:{port}", False
    try:
        for part in parts:
            part.start()
        while not stop.wait(0.3):
            if database is not None:
                database.look()
            for part in parts:
                part.look()
            if not answered and _answers(host, port, 0.2):
                answered = True
                if not up(address):
                    why.append("up")
                    break
    finally:
        for part in reversed(parts):
            part.stop()
        if database is not None:
            database.cluster.stop()
    return {"address": address, "data": str(layout.folder), "stopped": ", ".join(why) or "ended"}
