"""Which work is where: for every unfinished or failed piece of durable work its step, since when, why, and what to do.

Invariant: it reads the queue alone, starts and changes nothing, and says ids, steps and codes, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from panhuo_server.flows import clock, heartbeat
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import SCHEMA, queue_address

STEPS: dict[str, tuple[str, ...]] = {
    "night": ("fill the cached book", "judge and log", "remind of deadlines"),
    "import": (
        "read and seal", "may run the night", "fill the cached book", "judge and log", "count the classes",
        "remind of deadlines",
    ),
    "import_undo": (
        "withdraw the facts", "may run the night", "fill the cached book", "judge and log", "remind of deadlines",
    ),
    "replay": ("fill the cached book", "compute again"),
    "approval": ("look at a proposal",),
    "deadline": ("escalate a deadline",),
    "webhook": ("deliver",),
    "import_report_expiry": ("destroy a report",),
    "import_file_expiry": ("destroy a file",),
}  # fmt: skip
"""Kind of work -> its steps in order."""
LONG = timedelta(minutes=30)
"""Work under way in one step for longer than this is named as slow."""
State = Literal["waiting", "queued", "working", "slow", "failed"]

_REMEDIES = {
    "not-allowed": "the person who asked for it no longer may: let somebody with the role ask for it again",
    "not-found": "what it works on is gone: hand it in or import it again, then ask for it again",
    "invalid-input": "look at the import's report, mend the file and hand it in again",
    "conflict": "the same id was used for other work: ask for it under a new id",
    "unavailable": "the database was away for hours: see postgres/server.log, then ask for it again",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "the worker died at it again and again: see the machine's memory and the log",
}


@dataclass(frozen=True)
class Work:
    """One piece of durable work that is not done."""

    kind: str
    id: str
    state: State
    step: str
    since: datetime
    why: str
    what_to_do: str

    def as_json(self) -> dict[str, Any]:
        """For `--json` and the API."""
        return {**asdict(self), "since": self.since.isoformat(timespec="seconds")}


def _moment(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)


def refused_because(status: Any, stopped: Any, worker: bool, now: datetime, since: datetime) -> tuple[State, str, str]:
    """How unfinished work stands, why, and what to do."""
    if status.status in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"):
        said = str(stopped) if type(stopped).__name__ == "Stopped" else type(stopped or status.error).__name__
        code = said if status.status == "ERROR" else status.status
        kind = "unavailable" if "Retries" in code else code.split("/")[0]
        return "failed", code, _REMEDIES.get(kind, "see the log at this time, mend the cause, ask for it again")
    if status.status == "DELAYED":
        until = _moment(status.delay_until_epoch_ms)
        return "waiting", f"until {until.isoformat(timespec='seconds')}", ""
    if not worker:
        return "queued", "the worker gives no sign of life", "start the server, or see why its worker ends"
    if status.status == "ENQUEUED":
        return "queued", "other work is done first", ""
    if now - since > LONG:
        return "slow", "one step takes long", "see the log; a step is done again if the server is started anew"
    return "working", "", ""


def _work(client: Any, status: Any, worker: bool, now: datetime) -> Work:
    kind, _, name = status.workflow_id.partition(" ")[2].partition(" ")
    taken = list(client.list_workflow_steps(status.workflow_id))
    done = {step["function_name"] for step in taken if step["error"] is None}
    moments = [step["completed_at_epoch_ms"] for step in taken if step["completed_at_epoch_ms"]]
    since = _moment(max([*moments, status.dequeued_at or status.created_at or 0]))
    stopped = next((step["error"] for step in taken if step["error"] is not None), None)
    state, why, remedy = refused_because(status, stopped, worker, now, since)
    if state == "failed":
        since = _moment(status.updated_at)
    step = next((name for name in STEPS.get(kind, ()) if name not in done), "")
    return Work(kind, name, state, step, since, why, remedy)


UNDONE = ("ENQUEUED", "DELAYED", "PENDING", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""The queue's words for work that is not done."""


def of_organisations(
    layout: Layout, orgs: Iterable[str] | None = None, *, states: Sequence[str] = UNDONE
) -> dict[str, list[Work]]:
    """Organisation -> its work that is not done, failed first, then the oldest; all of them when none is named.

    Args:
        states: of these words of the queue alone.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the queue does not answer.
    """
    from dbos import DBOSClient

    client = DBOSClient(
        system_database_url=queue_address(layout), dbos_system_schema=SCHEMA, retry_connection_errors=False
    )
    try:
        wanted = None if orgs is None else [f"{org} " for org in orgs]
        found = client.list_workflows(
            status=list(states),
            workflow_id_prefix=wanted, load_input=False,
        )  # fmt: skip
        worker, now = heartbeat.fresh(layout), clock.now()
        by_org: dict[str, list[Work]] = {}
        for status in found:
            by_org.setdefault(status.workflow_id.partition(" ")[0], []).append(_work(client, status, worker, now))
    finally:
        client.destroy()
    return {
        org: sorted(work, key=lambda one: (one.state != "failed", one.since, one.kind, one.id))
        for org, work in sorted(by_org.items())
    }
