"""One piece of durable work as whoever waits for it sees it: its steps, how long each took, what went wrong.

Invariant: it reads the queue alone and one organisation's work alone; it says steps, moments and codes, never a value.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from panhuo_server.flows import clock, heartbeat
from panhuo_server.flows.status import STEPS, refused_because
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import SCHEMA, queue_address

State = Literal["done", "now", "waiting"]
WorkState = Literal["waiting", "queued", "working", "slow", "failed", "done"]
_CLIENTS: dict[str, Any] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Step:
    """A step of the work; `took` once it is done."""

    name: str
    state: State
    took: timedelta | None = None


@dataclass(frozen=True)
class Watched:
    """A piece of work: asked for, begun, ended, its steps, and why it does not go on."""

    id: str
    state: WorkState
    steps: tuple[Step, ...]
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    why: str = ""
    what_to_do: str = ""

    @property
    def took(self) -> timedelta | None:
        """How long it took, or has been taking; None before it begins."""
        if self.began_at is None:
            return None
        return (self.ended_at or clock.now()) - self.began_at


def _client(layout: Layout) -> Any:
    from dbos import DBOSClient

    place = str(layout.folder)
    with _LOCK:
        if place not in _CLIENTS:
            _CLIENTS[place] = DBOSClient(
                system_database_url=queue_address(layout), dbos_system_schema=SCHEMA,
                retry_connection_errors=False, system_database_pool_size=2,
            )  # fmt: skip
        return _CLIENTS[place]


def _moment(milliseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


def _watched(client: Any, status: Any, worker: bool, now: datetime) -> Watched:
    kind, _, name = status.workflow_id.partition(" ")[2].partition(" ")
    taken = list(client.list_workflow_steps(status.workflow_id))
    done = {one["function_name"]: one for one in taken if one["error"] is None}
    ended = status.status == "SUCCESS"
    steps: list[Step] = []
    for step in STEPS.get(kind, tuple(done)):
        found = done.get(step)
        if found is not None:
            start, end = _moment(found["started_at_epoch_ms"]), _moment(found["completed_at_epoch_ms"])
            steps.append(Step(step, "done", end - start if start and end else None))
        elif not ended:
            steps.append(Step(step, "waiting" if any(s.state == "now" for s in steps) else "now"))
    asked = _moment(status.created_at) or now
    began = _moment(status.dequeued_at) or (asked if taken else None)
    if ended:
        return Watched(name, "done", tuple(steps), asked, began, _moment(status.completed_at or status.updated_at))
    moments = [m for one in taken if (m := _moment(one["completed_at_epoch_ms"]))]
    since = max([*moments, began or asked])
    stopped = next((one["error"] for one in taken if one["error"] is not None), None)
    state, why, remedy = refused_because(status, stopped, worker, now, since)
    end = _moment(status.updated_at) if state == "failed" else None
    return Watched(name, state, tuple(steps), asked, began, end, why, remedy)


def watch(layout: Layout, org: str, kind: str, work: str) -> Watched | None:
    """One piece of an organisation's work; None when it was never asked for."""
    found = of_kind(layout, org, kind, only=[work])
    return found[0] if found else None


def of_kind(layout: Layout, org: str, kind: str, *, only: Sequence[str] | None = None, most: int = 50) -> list[Watched]:
    """An organisation's work of a kind, the one asked for last first.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the queue does not answer.
    """
    client = _client(layout)
    named: dict[str, Any] = (
        {"workflow_ids": [f"{org} {kind} {one}" for one in only]} if only is not None
        else {"workflow_id_prefix": f"{org} {kind} "}
    )  # fmt: skip
    found = client.list_workflows(**named, limit=most, sort_desc=True, load_input=False, load_output=False)
    worker, now = heartbeat.fresh(layout), clock.now()
    return [_watched(client, status, worker, now) for status in found]
