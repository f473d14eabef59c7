"""Streams of events: what people and flows did to one case, proposal or auction, in order, append-only.

Invariant: the numbers of a stream are gapless from 1, an idempotency key is used once in an organisation, and whoever
appends states the number he saw last, so that two who decide at once cannot both win.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.utils import IntegrityError

from panhuo.ground.record.errors import Conflict
from panhuo.trust.privacy.detection import refuse_personal
from panhuo_server.store.acting import current, cursor


@dataclass(frozen=True)
class Event:
    """One thing that happened in a stream."""

    number: int
    kind: str
    body: dict[str, Any]
    person: str
    happened_at: datetime


@dataclass(frozen=True)
class NewEvent:
    """An event about to be appended: its kind and what it says (ids, codes and amounts; no personal data)."""

    kind: str
    body: dict[str, Any]


def read(stream_kind: str, stream_id: str) -> list[Event]:
    """The events of one stream of the acting organisation, in order; none when there is no such stream."""
    with cursor() as c:
        c.execute(
            "select number, kind, body, person_id, happened_at from events"
            " where org_id = %s and stream_kind = %s and stream_id = %s order by number",
            [current().org, stream_kind, stream_id],
        )
        return [Event(n, k, b if isinstance(b, dict) else json.loads(b), p, at) for n, k, b, p, at in c.fetchall()]


def of_key(idempotency_key: str) -> Event | None:
    """The event the acting organisation appended under a key; None when it was not used."""
    with cursor() as c:
        c.execute(
            "select number, kind, body, person_id, happened_at from events where org_id = %s and idempotency_key = %s",
            [current().org, idempotency_key],
        )
        row = c.fetchone()
    if row is None:
        return None
    n, k, b, p, at = row
    return Event(n, k, b if isinstance(b, dict) else json.loads(b), p, at)


def streams(stream_kind: str) -> list[str]:
    """Ids of every stream of a kind, in order of their id."""
    with cursor() as c:
        c.execute(
            "select distinct stream_id from events where org_id = %s and stream_kind = %s order by stream_id",
            [current().org, stream_kind],
        )
        return [row[0] for row in c.fetchall()]


def latest(stream_kind: str, most: int = 200) -> dict[str, list[Event]]:
    """Stream -> its events in order, of the `most` streams of a kind something happened in last, the latest first."""
    with cursor() as c:
        c.execute(
            "select e.stream_id, e.number, e.kind, e.body, e.person_id, e.happened_at from events e join ("
            "select stream_id, max(happened_at) as last from events where org_id = %s and stream_kind = %s"
            " group by stream_id order by last desc, stream_id limit %s) s on s.stream_id = e.stream_id"
            " where e.org_id = %s and e.stream_kind = %s order by s.last desc, e.stream_id, e.number",
            [current().org, stream_kind, most, current().org, stream_kind],
        )
        found: dict[str, list[Event]] = {}
        for stream, n, k, b, p, at in c.fetchall():
            found.setdefault(stream, []).append(Event(n, k, b if isinstance(b, dict) else json.loads(b), p, at))
        return found


def unended(
    stream_kind: str, endings: Sequence[str], *, enough: tuple[str, str] | None = None
) -> dict[str, list[Event]]:
    """Stream -> its events in order, of every stream of a kind that has not ended, the latest first.

    Args:
        endings: kinds of events one of which ends a stream.
        enough: a kind that ends it when there are as many as its first event says under a name: ``(kind, name)``.
    """
    counted, name = enough or ("", "")
    with cursor() as c:
        c.execute(
            "select e.stream_id, e.number, e.kind, e.body, e.person_id, e.happened_at from events e join ("
            "select stream_id, max(happened_at) as last from events where org_id = %s and stream_kind = %s"
            " group by stream_id having not bool_or(kind = any(%s)) and (%s = '' or count(*) filter (where kind = %s)"
            " < max(case when number = 1 then coalesce((body ->> %s)::bigint, 1) end))) s on s.stream_id = e.stream_id"
            " where e.org_id = %s and e.stream_kind = %s order by s.last desc, e.stream_id, e.number",
            [current().org, stream_kind, list(endings), counted, counted, name, current().org, stream_kind],
        )
        found: dict[str, list[Event]] = {}
        for stream, n, k, b, p, at in c.fetchall():
            found.setdefault(stream, []).append(Event(n, k, b if isinstance(b, dict) else json.loads(b), p, at))
        return found


def one_at_a_time(what: str) -> None:
    """Waits until nobody else of the acting organisation is at `what`; others wait until this transaction ends."""
    with cursor() as c:
        c.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current().org} one at a time: {what}"]
        )  # fmt: skip


def append(
    stream_kind: str, stream_id: str, events: Sequence[NewEvent], *, seen: int, idempotency_key: str
) -> list[int]:
    """Appends events after the one numbered `seen`, all or none, and returns their numbers.

    The same key again with the same events appends nothing and returns the numbers they have.

    Raises:
        Conflict: when somebody else appended meanwhile, or the key was used for something else.
        InvalidInput: when a body holds a personal number.
    """
    for event in events:
        refuse_personal(event.body, f"event {event.kind}")
    acting = current()
    keys = [idempotency_key if n == 0 else f"{idempotency_key}#{n}" for n in range(len(events))]
    with cursor() as c:
        c.execute(
            "select stream_kind, stream_id, number, kind, body from events"
            " where org_id = %s and idempotency_key = any(%s) order by number",
            [acting.org, keys],
        )
        held = c.fetchall()
        if held:
            said = [(k, b if isinstance(b, dict) else json.loads(b)) for _, _, _, k, b in held]
            same = all(row[:2] == (stream_kind, stream_id) for row in held)
            if same and said == [(e.kind, e.body) for e in events]:
                return [row[2] for row in held]
            raise Conflict(
                "this idempotency key was used for something else",
                where=idempotency_key,
                remedy="use a new key for a new command",
                code="conflict/idempotency-key",
            )
        numbers = [seen + 1 + n for n in range(len(events))]
        try:
            for number, event, key in zip(numbers, events, keys, strict=True):
                c.execute(
                    "insert into events (org_id, stream_kind, stream_id, number, kind, body, person_id,"
                    " idempotency_key) select %s, %s, %s, %s, %s, %s, %s, %s where %s = coalesce((select max(number)"
                    " from events where org_id = %s and stream_kind = %s and stream_id = %s), 0) returning number",
                    [acting.org, stream_kind, stream_id, number, event.kind, json.dumps(event.body), acting.person,
                     key, number - 1, acting.org, stream_kind, stream_id],
                )  # fmt: skip
                if c.fetchone() is None:
                    raise _behind(stream_id)
        except IntegrityError as error:
            raise _behind(stream_id) from error
        return numbers


def _behind(stream_id: str) -> Conflict:
    return Conflict(
        "somebody else acted on it meanwhile",
        where=stream_id,
        remedy="look at it again, then decide",
        code="conflict/stream-moved-on",
    )
