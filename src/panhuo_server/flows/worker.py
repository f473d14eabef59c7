"""The worker: its own process, under its own database role, that does durable work off the queue.

Invariant: one worker works a data folder; it beats only while the queue's tables answer, and ends with the server that
started it. Whatever it was doing when it died is done again from the last finished step by the next one.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import logging.config
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from panhuo_server.flows.heartbeat import heartbeat_file
from panhuo_server.store.layout import FOLDER_VARIABLE, Layout
from panhuo_server.store.postgres import ROLE_VARIABLE, WORKER_ROLE

BEAT_SECONDS = 2.0
ORPHANS_SECONDS = 10.0
"""How often it looks for work that was taken up and is done by nobody."""
_LOG = logging.getLogger("panhuo_server.flows")


def _beat(layout: Layout, stop: threading.Event) -> None:
    from dbos import DBOSClient

    from panhuo_server.flows.launching import EXECUTOR
    from panhuo_server.flows.queue import put_back_orphans
    from panhuo_server.store.starting import SCHEMA, queue_address

    path = heartbeat_file(layout)
    # The engine waits for its database as long as it takes; a heartbeat says at once that there is none.
    asks = DBOSClient(
        system_database_url=queue_address(layout), dbos_system_schema=SCHEMA, retry_connection_errors=False
    )
    looked = time.monotonic()
    while not stop.is_set():
        try:
            asks.list_workflows(limit=1, load_input=False, load_output=False)
            path.touch()
            if time.monotonic() - looked >= ORPHANS_SECONDS:
                looked = time.monotonic()
                for _ in put_back_orphans(EXECUTOR):
                    _LOG.warning("work that nobody did goes back to the queue")
        except Exception as error:
            _LOG.warning("the queue does not answer", extra={"error": type(error).__name__})
        stop.wait(BEAT_SECONDS)


def work(layout: Layout, stop: threading.Event) -> None:
    """Works the queue until `stop` is set; waits while another worker of the folder still lives."""
    from dbos import DBOS

    from panhuo_server.flows.launching import launch
    from panhuo_server.store.books import sweep_books
    from panhuo_server.store.uploads import sweep_all, sweep_opened

    heartbeat_file(layout).parent.mkdir(parents=True, exist_ok=True)
    with (layout.folder / "run" / "flows.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sweep_opened(layout)
        sweep_all(layout)
        sweep_books(layout)
        launch(layout)
        beating = threading.Thread(target=_beat, args=(layout, stop), daemon=True, name="heartbeat")
        beating.start()
        stop.wait()
        heartbeat_file(layout).unlink(missing_ok=True)
        # What is under way is left where it is: the next worker goes on from its last finished step.
        DBOS.destroy(workflow_completion_timeout_sec=0)


def main() -> None:
    """``python -m panhuo_server.flows.worker --data DIR``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    layout = Layout(Path(parser.parse_args().data).resolve())
    os.environ[FOLDER_VARIABLE] = str(layout.folder)
    os.environ[ROLE_VARIABLE] = WORKER_ROLE
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panhuo_server.settings")
    from panhuo_server.logs import configuration
    from panhuo_server.serving import end_with_parent

    logging.config.dictConfig(configuration())
    end_with_parent()
    import django

    django.setup()
    stop = threading.Event()

    def asked(number: int, frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    try:
        work(layout, stop)
    except Exception:
        _LOG.exception("the worker cannot go on")
        os._exit(1)
    os._exit(0)  # a step under way does not hold the stop up: it is done again


if __name__ == "__main__":
    main()
