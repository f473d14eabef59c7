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


def warm() -> None:
    """Loads what the first page of a process would wait for: the compiled hashing of rows, and every rule set."""
    import pyarrow as pa

    from panhuo.ground.record.columns import Column, ColumnType, Schema
    from panhuo.ground.record.outcome import make_outcome
    from panhuo.ground.rules.library import FILES
    from panhuo.ground.rules.rule_set import load_rule_set

    columns = (
        Column("name", ColumnType.TEXT, "名称", "name", key=True),
        Column("amount", ColumnType.FEN, "金额", "amount"),
        Column("day", ColumnType.DATE, "日", "day"),
    )
    rows = pa.table({"name": ["a"], "amount": pa.array([1], pa.int64()), "day": pa.array([1], pa.date32())})
    assert make_outcome(Schema("warm", columns), rows).root
    for path in FILES.glob("*.toml"):
        load_rule_set(path.stem)


def application() -> Any:
    """The WSGI application (a factory: each worker makes its own)."""
    end_with_parent()
    threading.Thread(target=warm, daemon=True, name="warm").start()
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
        backpressure=1024,  # connections, most of them idle: browsers keep theirs; the threads are what works
        workers_kill_timeout=5,
        respawn_failed_workers=True,
        log_dictconfig=configuration(),
    ).serve()


if __name__ == "__main__":
    main()
