"""The worker's sign of life: a file it touches while the queue's tables answer it.

Invariant: whoever asks needs neither the worker's libraries nor the database.
"""

from __future__ import annotations

import time
from pathlib import Path

from panhuo_server.store.layout import Layout

FRESH_SECONDS = 20.0
"""A heartbeat older than this is none: the worker hangs, or the database does not answer it."""


def heartbeat_file(layout: Layout) -> Path:
    """The file whose time of change is the worker's last heartbeat."""
    return layout.folder / "run" / "flows.heartbeat"


def fresh(layout: Layout) -> bool:
    """Whether the worker's heartbeat is no older than `FRESH_SECONDS`."""
    try:
        return time.time() - heartbeat_file(layout).stat().st_mtime < FRESH_SECONDS
    except FileNotFoundError:
        return False


def check() -> None:
    """For ``/ready``.

    Raises:
        RuntimeError: when the worker gives no sign of life.
    """
    if not fresh(Layout.current()):
        raise RuntimeError("the worker of durable work gives no sign of life")
