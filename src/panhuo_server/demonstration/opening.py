"""Opens the demonstration to whoever started it: makes it when need be, serves it, prints how to sign in.

Invariant: one process at a time has a demonstration's folder; it listens on this machine alone; sign-ins go to the
terminal and to a file only their owner may read.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import Conflict, Unavailable
from panhuo.journey.report.words import Text
from panhuo_server.demonstration.cast import SignIn, told
from panhuo_server.demonstration.making import Settings, database_of, open_or_make, said

HOST = "127.0.0.1"
NEAR = 20


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                "this demonstration is open already", where=str(folder),
                remedy="use the address it printed, or end it with Ctrl-C first",
            ) from error  # fmt: skip
        yield


def free_port(wanted: int) -> int:
    """`wanted`, or the next port of this machine that nobody listens on.

    Raises:
        Unavailable: when none of the next twenty is free.
    """
    from panhuo_server.supervising import require_free

    for port in range(wanted, wanted + NEAR):
        with suppress(Unavailable):
            require_free(HOST, port)
            return port
    raise Unavailable(f"no port from {wanted} to {wanted + NEAR - 1} is free", remedy="name another with --port")


def announcement(address: str, sign_ins: list[SignIn], folder: Path) -> str:
    """What is printed when the console is up."""
    return (
        f"\n盘活演示 · Panhuo demonstration: {address}/console/\n\n{told(sign_ins)}\n\n"
        f"  五分钟导览 · a first walk of five minutes: {address}/console/walk\n"
        f"  一页报告 · the same night as one page, no server needed: {folder / 'report' / 'report.html'}\n"
        f"  登录方式另存于 · sign-ins are kept in {folder / 'sign-ins.txt'}\n"
        "  按 Ctrl-C 停止；再次 make demo 打开同一个演示 · Ctrl-C stops it; make demo opens the same one again\n"
    )


def present(
    folder: Path, *, preset: str, borrowers: int, seed: int, port: int, anew: bool, once: bool, began: float
) -> dict[str, Any]:
    """Serves the demonstration of a folder until told to stop; with `once`, until it is up."""
    from panhuo_server.supervising import serve

    if os.environ.pop("DATABASE_URL", None):
        said(
            Text(
                "演示用自己的数据库，不用 DATABASE_URL",
                "the demonstration has a database of its own: DATABASE_URL is not used",
            )
        )
    with _alone(folder), database_of(folder):
        free = free_port(port)
        sign_ins, made = open_or_make(folder, Settings(preset, borrowers, seed), anew=anew)
        (folder / "sign-ins.txt").touch(mode=0o600)
        (folder / "sign-ins.txt").write_text(told(sign_ins) + "\n", encoding="utf-8")
        took: list[float] = []

        def up(address: str) -> bool:
            took.append(time.monotonic() - began)
            _write(announcement(address, sign_ins, folder))
            return not once

        served = serve(folder / "data", host=HOST, port=free, workers=2, up=up, log=folder / "log.txt")
    people = [
        {"roles": list(one.person.roles), "org": one.person.org, "email": one.person.email, "password": one.password}
        for one in sign_ins
    ]
    return {
        "address": served["address"], "folder": str(folder), "made": made, "people": people,
        "seconds": round(took[0], 1) if took else None, "stopped": served["stopped"],
    }  # fmt: skip
