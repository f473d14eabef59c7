"""The web process: Django under granian, ended with the process that started it.

Invariant: started alone it serves a data folder whose database is up and migrated; it prepares nothing itself.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from panhuo_server.store.layout import FOLDER_VARIABLE, Layout

PARENT_SECONDS = 0.5


def end_with_parent() -> None:
    """Ends this process when its parent is gone: a killed server leaves nobody holding its port."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end with parent").start()


def application() -> Any:
    """The WSGI application (a factory: each worker makes its own)."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panhuo_server.settings")
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def main() -> None:
    """``python -m panhuo_server.serving --data DIR --port N``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    layout = Layout(Path(given.data).resolve())
    os.environ[FOLDER_VARIABLE] = str(layout.folder)
    measures = layout.folder / "run" / "measures"
    measures.mkdir(parents=True, exist_ok=True)
    for old in measures.glob("*.db"):
        old.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(measures)
    end_with_parent()
    from granian import Granian
    from granian.constants import Interfaces

    from panhuo_server.logs import configuration

    Granian(
        "panhuo_server.serving:application",
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=8,
        factory=True,
        websockets=False,
        backpressure=64,
        workers_kill_timeout=5,
        respawn_failed_workers=True,
        log_dictconfig=configuration(),
    ).serve()


if __name__ == "__main__":
    main()
