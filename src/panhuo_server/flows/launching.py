"""Every workflow there is, worked off the queue: what the worker launches.

Invariant: workflows never import this; whoever starts work needs only the queue's tables (`engine.prepare`).
"""

from __future__ import annotations

from typing import Any

from dbos import DBOS

# What a night needs is there before two of them want it at once: the first to import it would hold up the other.
# Workflows are known by their decorators.
import panhuo_server.flows.approving
import panhuo_server.flows.importing
import panhuo_server.flows.nightly
import panhuo_server.flows.reminding
import panhuo_server.flows.replaying
import panhuo_server.flows.undoing
import panhuo_server.flows.webhooks  # noqa: F401
from panhuo_server.flows.queue import queue_engine
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import QUEUE, SCHEMA, queue_address

VERSION = "1"
"""Version of the workflows' shape: raised by hand when a running workflow could not go on under new code."""
EXECUTOR = "panhuo"


def launch(layout: Layout, *, polling_seconds: float = 0.5) -> Any:
    """Starts working off the queue in this process; unfinished work of a killed worker goes on by itself."""
    engine = DBOS(
        config={
            "name": "panhuo",
            "system_database_url": queue_address(layout),
            "system_database_engine": queue_engine(layout),
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "run_migrations": False,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=2, polling_interval_sec=polling_seconds)
    return engine
