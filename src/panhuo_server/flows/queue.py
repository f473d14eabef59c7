"""The queue's own connections, and work that was taken from it but is done by nobody.

Invariant: a connection that is gone costs time and never the outcome of a piece of work; what this worker took up and
does not do, because its database went away in that very moment, goes back to the queue.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import psycopg
import sqlalchemy
from dbos import DBOS
from sqlalchemy import event

from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import QUEUE, queue_address

CONNECTIONS = 20
IDLE_MILLISECONDS = 60_000
"""How long a hung worker may hold the queue's locks."""
ORPHAN_SECONDS = 30.0
"""Work taken up longer ago than this that this process does not do is nobody's."""

Given = ParamSpec("Given")
Result = TypeVar("Result")

_UNDER_WAY: Counter[str] = Counter()
_LOCK = threading.Lock()


def _is_gone(error: BaseException | None) -> bool:
    # What the client itself says carries no state of the server's. DBOS goes by the words, and does not know those for
    # a socket nobody listens at ("connection is bad"): it would write the lost connection down as the work's outcome.
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None


def queue_engine(layout: Layout) -> sqlalchemy.Engine:
    """Connections to the queue's tables that say of themselves when they are gone, whatever the driver's words are."""
    url = sqlalchemy.make_url(queue_address(layout)).set(drivername="postgresql+psycopg")
    made = sqlalchemy.create_engine(
        url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=30, pool_pre_ping=True,
        connect_args={
            "application_name": "panhuo flows", "connect_timeout": 10,
            "options": f"-c idle_in_transaction_session_timeout={IDLE_MILLISECONDS}",
        },
    )  # fmt: skip

    def told(context: Any) -> None:
        if _is_gone(context.original_exception):
            context.is_disconnect = True

    event.listen(made, "handle_error", told)
    return made


def under_way(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Notes that this process does the work while the function runs."""

    @functools.wraps(function)
    def noted(*given: Given.args, **named: Given.kwargs) -> Result:
        work = str(DBOS.workflow_id)
        with _LOCK:
            _UNDER_WAY[work] += 1
        try:
            return function(*given, **named)
        finally:
            with _LOCK:
                _UNDER_WAY[work] -= 1

    return noted


def put_back_orphans(executor: str, *, older_than: float = ORPHAN_SECONDS) -> list[str]:
    """Puts work that this executor took up and nobody does back into the queue; returns its ids.

    It was taken up in a transaction whose answer was lost. Should somebody do it after all, his outcome is refused:
    the queue knows who took a piece of work last.
    """
    taken = DBOS.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
    until = (time.time() - older_than) * 1000
    with _LOCK:
        found = [
            one.workflow_id for one in taken
            if one.dequeued_at is not None and one.dequeued_at <= until and not _UNDER_WAY[one.workflow_id]
        ]  # fmt: skip
    for work in found:
        DBOS.resume_workflow(work, queue_name=QUEUE)
    return found
