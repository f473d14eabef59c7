"""What an organisation's programs asked for, how far it is, and where its log holds what they ask about.

Invariant: a request is done once for an idempotency key; the answer stands in the transaction that did it. Everything
here is of the acting organisation alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.utils import ProgrammingError

from panhuo.ground.record.errors import NotFound, Unavailable
from panhuo_server.store.acting import current, cursor
from panhuo_server.store.refusals import refusals
from panhuo_server.store.sealing import same_request


@dataclass(frozen=True)
class KnownRun:
    """A run that left outcomes."""

    run: str
    as_of: date
    sequence: int
    outcomes: int


def once(key: str, endpoint: str, request_hash: str, do: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Does a request of the acting organisation, or gives the answer it had; (answer, whether it was done before).

    Raises:
        Conflict: when the key was used for another request.
    """
    who = current()
    with cursor() as c:
        c.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{who.org} {key}"])
        c.execute(
            "select endpoint, request_hash, answer from requests where org_id = acting_org() and idempotency_key = %s",
            [key],
        )
        held = c.fetchone()
    if held is not None:
        same_request(key, f"{held[0]} {held[1]}", f"{endpoint} {request_hash}")
        return (held[2] if isinstance(held[2], dict) else json.loads(held[2])), True
    answer = do()
    with cursor() as c:
        c.execute(
            "insert into requests (org_id, idempotency_key, endpoint, request_hash, answer, person_id)"
            " values (%s, %s, %s, %s, %s::jsonb, %s)",
            [who.org, key, endpoint, request_hash, json.dumps(answer), who.person],
        )
    return answer, False


def runs(after: tuple[date, int, str] | None, limit: int) -> list[KnownRun]:
    """Runs that left outcomes, the latest first: by day, batch and name; those that come after `after`."""
    with cursor() as c:
        c.execute(
            "select run_id, as_of, sequence, outcomes from (select run_id, max(as_of) as as_of,"
            " max(sequence) as sequence, count(*) as outcomes from outcomes where org_id = acting_org()"
            " group by run_id) r where %s::date is null or (as_of, sequence, run_id) < (%s, %s, %s)"
            " order by as_of desc, sequence desc, run_id desc limit %s",
            [after[0] if after else None, *(after or (None, None, None)), limit],
        )
        return [KnownRun(*row) for row in c.fetchall()]


def run_named(run: str) -> KnownRun | None:
    """A run that left outcomes; None when there is none of that name."""
    with cursor() as c:
        c.execute(
            "select run_id, max(as_of), max(sequence), count(*) from outcomes"
            " where org_id = acting_org() and run_id = %s group by run_id",
            [run],
        )
        row = c.fetchone()
    return KnownRun(*row) if row else None


def work_state(kind: str, work_id: str) -> str | None:
    """How far work is that the acting organisation started, in the queue's own word; None when it started none.

    Raises:
        Unavailable: when the queue's tables are not there.
    """
    try:
        with refusals(current().alias) as c:
            c.execute("select work_state(%s, %s)", [kind, work_id])
            found = c.fetchone()[0]
    except ProgrammingError as error:
        raise Unavailable("the queue of work does not answer", remedy="see /ready") from error
    return str(found) if found else None


def batch_position(sequence: int) -> int:
    """Where the log holds a batch.

    Raises:
        NotFound: when there is no such batch.
    """
    with cursor() as c:
        c.execute(
            "select position from log_entries where org_id = acting_org() and kind = 'batch'"
            " and (entry::jsonb ->> 'sequence')::bigint = %s",
            [sequence],
        )
        row = c.fetchone()
    if row is None:
        raise NotFound(f"there is no batch {sequence}", where=current().org)
    return int(row[0])


def public_keys() -> list[tuple[str, str]]:
    """(fingerprint, PEM) of the keys the acting organisation's log is signed with."""
    with cursor() as c:
        c.execute("select fingerprint, public_pem from signing_keys where org_id = acting_org() order by fingerprint")
        return list(c.fetchall())
