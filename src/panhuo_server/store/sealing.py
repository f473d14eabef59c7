"""Sealing in the database: the moment facts of an organisation become known.

Invariant: a batch, its facts, its leaf in the log, the signed head over it and the answer to its command are there
together or not at all; sequences have no gap; the same command given again is answered, not done again. Order, hashes
and root come from the library's one function, so a folder with the same facts has the same root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.book.batch import Prepared, places_of, prepare
from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.ground.book.personal import KeyHolder, commitment
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound
from panhuo.ground.record.row_bytes import row_leaves
from panhuo_server.store import blind_index, log
from panhuo_server.store.acting import current, cursor
from panhuo_server.store.facts import CHUNK, add_facts
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import StoredPartyKeys


@dataclass(frozen=True)
class Sealed:
    """A batch that was sealed.

    Attributes:
        sequence, root, rows: the batch; position: of its entry in the log.
        repeated: the command had been done before, and this is its answer.
        places: table -> for each row given, its position in the batch.
    """

    org: str
    sequence: int
    root: str
    rows: dict[str, int]
    position: int
    repeated: bool = False
    places: dict[str, np.ndarray] = field(repr=False, default_factory=dict)

    def fact_ids(self, name: str) -> list[str]:
        """The fact ids of a table's rows, in the order they were given."""
        return [f"{self.sequence}-{place}" for place in self.places[name].tolist()]

    @property
    def receipt(self) -> bytes:
        """The batch's receipt against the latest signed head; inside `acting`."""
        return log.receipt(self.position)


def keys_of(layout: Layout, org: str) -> StoredPartyKeys:
    """The keys of an organisation's parties on this server."""
    return StoredPartyKeys(layout, org)


def personal_parties(table: Table, rows: pa.Table) -> set[str]:
    """The parties that personal values of these rows are about."""
    found: set[str] = set()
    for column in table.personal_columns:
        if column.name in rows.column_names and rows.column(column.name).null_count < len(rows):
            known = rows.filter(rows.column(column.name).is_valid())
            found |= {party or "" for party in known.column(str(column.personal)).unique().to_pylist()}
    return found


def _keys_for(org: str, facts: Mapping[str, pa.Table]) -> StoredPartyKeys | None:
    parties: set[str] = set()
    for name, rows in facts.items():
        parties |= personal_parties(table_named(name), rows)
    if not parties:
        return None
    keys = keys_of(Layout.current(), org)
    keys.load(parties)
    return keys


class _NoKeys:
    """Where no row holds a personal value."""

    def get(self, org: str, party: str) -> bytes | None:
        return None

    def make(self, org: str, party: str) -> bytes:
        raise NotFound("no key was loaded for this party", where=party)


def request_hash(
    org: str, key: str, facts: Mapping[str, pa.Table], observed_until: date | None, keys: KeyHolder | None
) -> str:
    """What a command asked for, as one hash.

    Personal values enter under their party's key: once it is destroyed, the hash tells nothing of them.
    """
    found = hashlib.sha256(f"{observed_until or ''}".encode())
    for name in sorted(facts, key=lambda n: n.encode()):
        table = table_named(name)
        rows = table.fact_schema.conform(facts[name])
        for column in table.personal_columns:
            values = rows.column(column.name).to_pylist()
            if keys is None or not any(v is not None for v in values):
                continue
            parties = rows.column(str(column.personal)).to_pylist()
            hidden = [
                None if v is None else commitment(keys.make(org, p or ""), f"request {key}", column.name, v)
                for p, v in zip(parties, values, strict=True)
            ]
            at = rows.schema.get_field_index(column.name)
            rows = rows.set_column(at, column.name, pa.array(hidden, pa.string()))
        columns = tuple(
            Column(c.name, ColumnType.TEXT, c.zh, c.en) if c.personal else c for c in table.fact_schema.columns
        )
        shape = Schema(name, columns, version=table.schema.version)
        found.update(len(name).to_bytes(4, "big") + name.encode() + len(rows).to_bytes(8, "big"))
        for at in range(0, len(rows), CHUNK):
            found.update(row_leaves(shape, rows.slice(at, CHUNK)).data.data)
    return found.hexdigest()


def same_request(key: str, was: str, now: str) -> None:
    """Refuses a command whose key was used for another one.

    Raises:
        Conflict: when the requests differ.
    """
    if was != now:
        raise Conflict(
            "this idempotency key was used for another command",
            where=key,
            remedy="send a new key with a new command, and the same key only to repeat one",
            code="conflict/idempotency-key",
        )


def last_sequence(c: Any) -> int:
    """The last sealed sequence of the acting organisation; 0 when it has none."""
    c.execute("select coalesce(max(sequence), 0) from batches where org_id = acting_org()")
    return int(c.fetchone()[0])


def add_batch(c: Any, batch: Prepared) -> None:
    """Adds a batch's own row; its facts come after it."""
    c.execute(
        "insert into batches (org_id, sequence, root, observed_until, tables) values (%s, %s, %s, %s, %s::jsonb)",
        [batch.org, batch.sequence, batch.root, batch.observed_until, json.dumps(batch.tables)],
    )


def seal_held(
    c: Any, org: str, facts: Mapping[str, pa.Table], keys: StoredPartyKeys | None, day: date | None
) -> Sealed:
    """Seals a batch of the acting organisation, whose lock the caller holds."""
    stored: list[tuple[str, pa.Table]] = []
    sequence = last_sequence(c) + 1
    batch = prepare(
        facts, lambda name, rows: stored.append((name, rows)), org=org, sequence=sequence,
        keys=keys if keys is not None else _NoKeys(), observed_until=day,
    )  # fmt: skip
    add_batch(c, batch)
    while stored:
        name, rows = stored.pop(0)
        add_facts(c, TABLES[name], rows)
        del rows
    if keys is not None:
        blind_index.add_plain(c, org, facts)
    counts = {name: entry["rows"] for name, entry in sorted(batch.tables.items())}
    entry = {"kind": "batch", "org": org, "sequence": sequence, "root": batch.root, "rows": counts}
    (position,) = log.append([entry])
    if keys is not None:
        keys.save()  # before the batch counts: a sealed personal value is never without its key
    return Sealed(org, sequence, batch.root, counts, position, places=batch.places)


def seal(facts: Mapping[str, pa.Table], *, idempotency_key: str, observed_until: date | None = None) -> Sealed:
    """Seals one batch of the acting organisation; inside `acting`, and known to others when its transaction ends.

    Args:
        facts: table name -> rows (the table's fact columns; `org_id` may be left out).
        idempotency_key: the caller's own name for this command; the same command again gives the same answer.
        observed_until: the last observation date after this batch; by default the latest `effective_on` in it.

    Raises:
        InvalidInput: for an unknown table, an unknown required value, or facts of another organisation.
        Conflict: when the key was used for another command.
        NotFound: when personal data of a forgotten party is added.
    """
    org = current().org
    if not idempotency_key:
        raise InvalidInput("a command needs an idempotency key", remedy="send one of your own, unique to the command")
    for name in facts:
        table_named(name)
    with cursor() as c:
        log.hold(c, org)
        keys = _keys_for(org, facts)
        wanted = request_hash(org, idempotency_key, facts, observed_until, keys)
        c.execute(
            "select request_hash, answer from commands where org_id = acting_org() and idempotency_key = %s",
            [idempotency_key],
        )
        done = c.fetchone()
        if done is not None:
            same_request(idempotency_key, done[0], wanted)
            said = done[1] if isinstance(done[1], dict) else json.loads(done[1])
            places = places_of(facts, org)
            return Sealed(org, said["sequence"], said["root"], said["rows"], said["position"], True, places)
        sealed = seal_held(c, org, facts, keys, observed_until)
        answer = {"sequence": sealed.sequence, "root": sealed.root, "rows": sealed.rows, "position": sealed.position}
        c.execute(
            "insert into commands (org_id, idempotency_key, request_hash, sequence, answer) "
            "values (%s, %s, %s, %s, %s::jsonb)",
            [org, idempotency_key, wanted, sealed.sequence, json.dumps(answer)],
        )
    return sealed
