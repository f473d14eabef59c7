"""The engine of durable work: DBOS in the same database, in a schema and under a role of its own.

Invariant: a workflow's code may run again from its last finished step after any crash, so every step does the same
thing twice as once; arguments and results are ids, codes and counts. A database that is away costs time, not work.
"""

from __future__ import annotations

import errno
import functools
import sqlite3
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from adbc_driver_manager import Error as AdbcError
from dbos import DBOS
from django.db import connections
from django.db.utils import InterfaceError, OperationalError

from panhuo.ground.record.errors import Conflict, PanhuoError, Unavailable
from panhuo_server.flows.queue import under_way
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import SCHEMA, let_work_start, queue_address

ATTEMPTS = 60
"""How often a step whose database was away is tried: after two hours' waiting, somebody has to look."""

PASSING_STATES = ("08", "28", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that another try may not meet: connections, deadlocks, want of resources, operators, the system;
sign-in too, because a server that starts sets its roles' passwords."""
PASSING_NUMBERS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EINTR, errno.EIO,
     errno.ESTALE, errno.ETIMEDOUT, errno.ENOENT, errno.ENOTEMPTY)
)  # fmt: skip
"""Errors of the operating system that pass, or that somebody makes pass; of the last two, forgetting a person throws
away the results a night is about to write."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Stopped(RuntimeError):
    """A step that cannot go on, by the code of what stopped it."""


def passing(error: BaseException) -> bool:
    """Whether the same step tried again may well succeed: the database was away, or somebody acted meanwhile."""
    if isinstance(error, Conflict):
        return error.code == "conflict/stream-moved-on"
    if isinstance(error, AdbcError):  # it names no state when the connection is gone
        return (error.sqlstate or "57")[:2] in PASSING_STATES
    if isinstance(error, OSError):
        return error.errno in PASSING_NUMBERS
    return isinstance(
        error,
        OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError
        | sqlite3.OperationalError | Unavailable,
    )  # fmt: skip


def durable_workflow(name: str) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """A workflow of that name, known to be under way in this process while it runs."""

    def wrap(function: Callable[Given, Result]) -> Callable[Given, Result]:
        """The function as a workflow."""
        made: Callable[Given, Result] = DBOS.workflow(name=name)(under_way(function))
        return made

    return wrap


def durable_step(name: str) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """A step of a workflow: done once for good, tried again while what hinders it passes, no connection kept."""

    def wrap(function: Callable[Given, Result]) -> Callable[Given, Result]:
        """The function as a step."""

        @functools.wraps(function)
        def taken(*given: Given.args, **named: Given.kwargs) -> Result:
            try:
                return function(*given, **named)
            except Exception as error:
                if passing(error):
                    raise
                # What the queue keeps of an error is its code: its words may quote a row.
                raise Stopped(error.code if isinstance(error, PanhuoError) else type(error).__name__) from None
            finally:
                connections.close_all()

        made: Callable[Given, Result] = DBOS.step(
            name=name, retries_allowed=True, max_attempts=ATTEMPTS, interval_seconds=0.5, backoff_rate=1.2,
            should_retry=passing,
        )(taken)  # fmt: skip
        return made

    return wrap


def prepare(layout: Layout) -> None:
    """Makes or migrates the engine's tables and lets business transactions start work."""
    DBOS.migrate(queue_address(layout), schema=SCHEMA)
    let_work_start(layout)
