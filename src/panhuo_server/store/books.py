"""Books into the database and out of it again, and the cached book of an organisation.

Invariant: a batch passes unchanged. It is accepted only when its rows give its root and its log's heads are signed by
keys the book publishes; it goes out with the same rows, root, log lines and heads, so what was proved from the old book
is proved from the new one. A cached book is a copy: what is missing is written from the database, each batch whole.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.ground.book.batch import COMMITMENT, Prepared, batch_folder, stored_leaves, stored_schema
from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.ground.book.folder import Batch, Book, write_whole
from panhuo.ground.book.personal import PartyKeys
from panhuo.ground.book.table import Table
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import Conflict, Defect, InvalidInput, NotFound, Unavailable
from panhuo.ground.record.merkle import root_of
from panhuo.trust.evidence.heads import SignedHead
from panhuo.trust.evidence.keys import TrustedKey, fingerprint, publish_key, signed_by, trusted_keys
from panhuo.trust.evidence.log import Log
from panhuo_server.store import blind_index, log, signing
from panhuo_server.store.acting import current, cursor
from panhuo_server.store.declared import quoted
from panhuo_server.store.facts import add_facts
from panhuo_server.store.layout import Layout
from panhuo_server.store.proving import reading_to_prove
from panhuo_server.store.reading import arrow, reading
from panhuo_server.store.sealing import add_batch, keys_of, personal_parties

_OWN_DETAILS = frozenset({"format", "id", "as_of", "server"})
_SECRET_DETAILS = frozenset({"sample_seed"})
"""A sample's seed gives all of its parties' keys: they were handed over, and each can be destroyed."""


@dataclass(frozen=True)
class Imported:
    """What came in: how many batches and facts were new, and how many log entries."""

    batches: int
    facts: int
    entries: int


# ---- in


def _not_this_book(what: str, folder: Path) -> Conflict:
    return Conflict(
        f"the book and the database differ: {what}",
        where=str(folder),
        remedy="import a book that continues what the database holds, or found another organisation for it",
        code="conflict/other-book",
    )


def _stored(table: Table, batch: Batch) -> pa.Table:
    rows = pq.read_table(batch.folder / f"{table.name}.parquet")
    kept = stored_schema(table, batch.tables[table.name]["version"])
    stored = kept.conform(rows)
    for column in table.personal_columns:
        name = column.name + COMMITMENT
        if column.name in kept:
            given = rows.column(name) if name in rows.column_names else pa.nulls(len(rows), pa.string())
            stored = stored.append_column(name, given.cast(pa.string()))
    return stored


def _fits(table: Table, batch: Batch, stored: pa.Table, start: int) -> bool:
    # What the manifest says beside the root, and the places the rows stand in.
    said = batch.tables[table.name]
    return bool(
        said["rows"] == len(stored)
        and said["entities"] == pc.count_distinct(stored.column("id")).as_py()
        and said["replacing"] == len(stored) - stored.column("replaces").null_count
        and pc.all(pc.equal(stored.column("org_id"), batch.org), min_count=0).as_py()
        and pc.all(pc.equal(stored.column("fact_sequence"), batch.sequence), min_count=0).as_py()
        and np.array_equal(stored.column("fact_position").to_numpy(), np.arange(start, start + len(stored)))
    )


def _take_batch(c: Any, batch: Batch, day: date | None, keys: PartyKeys) -> dict[str, set[str]]:
    # Adds a verified batch; returns the parties its personal values are about.
    if unknown := sorted(set(batch.tables) - set(TABLES)):
        raise InvalidInput(f"no table is called {', '.join(unknown)}", where=str(batch.folder))
    leaves: list[bytes] = []
    tables: list[tuple[Table, pa.Table]] = []
    start = 0
    for name in sorted(batch.tables, key=lambda n: n.encode()):
        table = table_named(name)
        stored = _stored(table, batch)
        if not _fits(table, batch, stored, start):
            raise InvalidInput(f"{name} does not hold what the manifest says", where=str(batch.folder))
        leaves += stored_leaves(table, stored, batch.tables[name]["version"])
        start += len(stored)
        tables.append((table, stored))
    if root_of(leaves).hex() != batch.root:
        raise InvalidInput(
            "the batch's rows do not give its root", where=str(batch.folder), remedy="restore the batch's files"
        )
    del leaves
    add_batch(c, Prepared(batch.org, batch.sequence, batch.root, batch.tables, day))
    parties: dict[str, set[str]] = {}
    while tables:
        table, stored = tables.pop(0)
        parties[table.name] = personal_parties(table, stored)
        add_facts(c, table, stored)
        blind_index.add_stored(c, batch.org, table, stored, keys)
    return parties


def _check_heads(heads: Sequence[SignedHead], keys: Sequence[TrustedKey], org: str, folder: Path) -> None:
    by_print = {fingerprint(k.key): k.key for k in keys if k.org in (None, org)}
    for head in heads:
        key = by_print.get(head.key)
        if key is None or head.head.get("org") != org or not signed_by(key, head.signature, head.message):
            raise InvalidInput(
                f"the head of size {head.head.get('size')} is not signed by a key the book publishes for {org}",
                where=str(folder / "log"),
                remedy="restore the book's log and keys",
            )


def _take_log(c: Any, book: Book, org: str) -> int:
    folder_log = Log(book, org)
    lines, heads = folder_log.entries(), folder_log.heads()
    keys = trusted_keys(None, book.folder)
    _check_heads(heads, keys, org, book.folder)
    have = log.entries()
    if have[: len(lines)] != lines[: len(have)]:
        raise _not_this_book("their logs part", book.folder)
    for trusted in keys:
        if trusted.org in (None, org):
            signing.publish(c, org, trusted.key)
    end = log.frontier(c)
    if end.size != len(have):
        raise Defect("the log of the database has entries without a head", where=org)
    stated = {head.head["size"]: head for head in heads if head.head["size"] > end.size}
    if any(size > len(lines) for size in stated):
        raise InvalidInput("a signed head covers entries the log lacks", where=str(folder_log.path))
    at = end.size
    for size in sorted(stated):
        log.add_lines(c, org, end, lines[at:size])
        if end.root.hex() != stated[size].head["root"]:
            raise InvalidInput(f"the log does not give its head of size {size}", where=str(folder_log.path))
        log.add_head(c, org, end, stated[size])
        at = size
    unsigned = [canonical_json.parse(line) for line in lines[at:]]
    log.append([*unsigned, *(batch.entry() for batch in book.batches(org))])
    return log.frontier(c).size - len(have)


def _take_inputs(c: Any, book: Book, org: str) -> None:
    # What a book of several organisations keeps for another one stays there.
    folder = book.folder / "inputs"
    names = sorted(p.name for p in folder.glob("*")) if folder.exists() else []
    if book.organisations != [org]:
        said = b"\n".join(Log(book, org).entries()).decode() + json.dumps(book.description)
        names = [name for name in names if name in said]
    for name in names:
        if len(name) == 64:
            c.execute(
                "insert into inputs (org_id, sha256, content) values (%s, %s, %s) on conflict do nothing",
                [org, name, book.read_input(name)],
            )


def _take_keys(book: Book, org: str, parties: set[str]) -> None:
    held = PartyKeys.of(book)
    keys: dict[str, bytes | None] = {}
    for party in parties:
        key = held.get(org, party)
        if key is None and not held.forgotten(org, party):
            raise NotFound(
                "a key of the book's parties is not at hand",
                where=str(book.folder),
                remedy="import as the user who made the book, or with PANHUO_HOME naming that user's private folder",
            )
        keys[party] = key
    if keys:
        keys_of(Layout.current(), org).take(keys)


def import_book(folder: Path) -> Imported:
    """Takes the acting organisation's batches, log, inputs and keys from a book; inside `acting`.

    What the database holds already must be the book's own beginning, or the book its; importing twice adds nothing.

    Raises:
        NotFound: when the book has no batch of the acting organisation, or its party keys are not at hand.
        Conflict: when the database holds another history.
        InvalidInput: when rows do not give their root, or a head's signature does not fit.
    """
    org = current().org
    book = Book(Path(folder))
    batches = book.batches(org)
    if not batches:
        raise NotFound(
            f"the book holds nothing of {org}",
            where=str(folder),
            remedy=f"it holds batches of {', '.join(book.organisations) or 'nobody'}: act for one of them",
        )
    with cursor() as c:
        log.hold(c, org)
        c.execute("select root from batches where org_id = acting_org() order by sequence")
        have = [root for (root,) in c.fetchall()]
        roots = [batch.root for batch in batches]
        if have[: len(roots)] != roots[: len(have)]:
            raise _not_this_book("their batches part", book.folder)
        new = batches[len(have) :]
        parties: set[str] = set()
        held = PartyKeys.of(book)
        for batch in new:
            manifest = json.loads((batch.folder / "batch.json").read_text(encoding="utf-8"))
            day = date.fromisoformat(manifest["observed_until"]) if manifest.get("observed_until") else None
            for found in _take_batch(c, batch, day, held).values():
                parties |= found
        _take_inputs(c, book, org)
        entries = _take_log(c, book, org)
        if new:
            details = {k: v for k, v in book.description.items() if k not in _OWN_DETAILS | _SECRET_DETAILS}
            c.execute(
                "insert into book_details (org_id, number, details) "
                "select %s, coalesce(max(number), 0) + 1, %s::jsonb from book_details where org_id = acting_org()",
                [org, json.dumps(details)],
            )
        _take_keys(book, org, parties)
    return Imported(len(new), sum(sum(b.rows.values()) for b in new), entries)


# ---- out


def _manifests(c: Any, org: str) -> list[Prepared]:
    rows = arrow(
        c,
        "select sequence, root, observed_until, tables::text as tables from batches "
        "where org_id = $1 order by sequence",
        [org],
    )
    return [
        Prepared(org, r["sequence"], r["root"], json.loads(r["tables"]), r["observed_until"]) for r in rows.to_pylist()
    ]


def _rows(c: Any, table: Table, batch: Prepared) -> pa.Table:
    kept = stored_schema(table, batch.tables[table.name]["version"])
    names = [*kept.names, *(n.name + COMMITMENT for n in table.personal_columns if n.name in kept)]
    rows = arrow(
        c,
        f"select {', '.join(map(quoted, names))} from {quoted(table.name)} "
        "where org_id = $1 and fact_sequence = $2 order by fact_position",
        [batch.org, batch.sequence],
    )
    stored = kept.conform(rows)
    if len(rows):  # a table without rows was sealed without commitments
        for name in names[len(kept.names) :]:
            stored = stored.append_column(name, rows.column(name).cast(pa.string()))
    return stored.combine_chunks()


def _put_batch(c: Any, book: Book, batch: Prepared) -> None:
    leaves: list[bytes] = []
    with batch_folder(book, batch.org, batch.sequence) as folder:
        for name in sorted(batch.tables, key=lambda n: n.encode()):
            stored = _rows(c, table_named(name), batch)
            leaves += stored_leaves(table_named(name), stored, batch.tables[name]["version"])
            folder.put(name, stored)
        if root_of(leaves).hex() != batch.root:
            raise Defect(
                f"batch {batch.sequence} of {batch.org} no longer gives its root: its rows were changed",
                where=batch.org,
                remedy="restore a backup",
            )
        folder.state(batch)


def _write_lines(path: Path, lines: Sequence[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    if not path.exists() or path.read_bytes() != data:
        write_whole(path, data)


Reading = Callable[[], AbstractContextManager[Any]]
"""Opens one steady view of the organisation's rows: of whoever acts, or of the operator who proves."""


def _fill(book: Book, org: str, read: Reading) -> None:
    # The lock first: with an older view of the database than the one before, this one would throw its batches away.
    with book.locked(org), read() as c:
        batches = _manifests(c, org)
        have = {batch.sequence: batch.root for batch in book.batches(org)}
        if any(have.get(batch.sequence, batch.root) != batch.root for batch in batches) or len(have) > len(batches):
            _throw_away(book.organisation_folder(org))  # not a copy of what the database holds
            have = {}
        for batch in batches:
            if batch.sequence not in have:
                _put_batch(c, book, batch)
        known = {p.name for p in (book.folder / "inputs").glob("*")}
        names = arrow(c, "select sha256 from inputs where org_id = $1", [org]).column("sha256").to_pylist()
        for name in sorted(set(names) - known):
            content = arrow(c, "select content from inputs where org_id = $1 and sha256 = $2", [org, name])
            if book.keep_input(content.column("content")[0].as_py()) != name:
                raise Defect("an input's bytes no longer give its name", where=name)
        keys = arrow(c, "select public_pem from signing_keys where org_id = $1", [org]).column("public_pem")
        for pem in keys.to_pylist():
            publish_key(signing.public_key(pem), org, book.folder / "keys")
        entries = arrow(c, "select entry from log_entries where org_id = $1 order by position", [org])
        heads = arrow(c, "select record from log_heads where org_id = $1 order by size", [org])
        folder_log = Log(book, org)
        _write_lines(folder_log.path, [line.encode() for line in entries.column("entry").to_pylist()])
        _write_lines(folder_log.heads_path, [line.encode() for line in heads.column("record").to_pylist()])
    days = [batch.observed_until for batch in batches if batch.observed_until]
    if days:
        book.set_as_of(max(days))


def _throw_away(folder: Path) -> None:
    # Out of its place in one stroke: a kill in the middle leaves no part of a book where a whole one is looked for.
    gone = folder.with_name(f".{folder.name}.{os.getpid()}-{threading.get_native_id()}.gone")
    try:
        folder.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def _made(folder: Path, details: dict[str, Any], made_by: str) -> None:
    # Whole at once: of two who make it at the same time one wins, and a kill leaves nothing at its place.
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}-{threading.get_native_id()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    Book.create(partial, made_by=made_by, details=details)
    for left in folder.glob("book.json.*.partial"):
        left.unlink(missing_ok=True)  # by a process that was killed while it made the book where it stands
    try:
        partial.rename(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        if not (folder / "book.json").exists():
            raise Conflict(
                f"{folder} already holds something", where=str(folder), remedy="name a new folder, or remove this one",
                code="conflict/folder-not-empty",
            ) from error  # fmt: skip


def _opened(layout: Layout, folder: Path, org: str, read: Reading) -> Book:
    if not (folder / "book.json").exists():
        with read() as c:
            said = "select details::text as details from book_details where org_id = $1 order by number desc limit 1"
            rows = arrow(c, said, [org]).column("details").to_pylist()
        found = json.loads(rows[0]) if rows else {}
        made_by = str(found.pop("made_by", "panhuo serve"))
        details = {**found, "id": signing.book_id(layout, org), "server": layout.description["id"]}
        _made(folder, details, made_by)
    book = Book(folder)
    if book.id != signing.book_id(layout, org):
        raise Conflict(f"{folder} holds another book", where=str(folder), remedy="name a new folder")
    return book


def export_book(folder: Path) -> Book:
    """Writes the acting organisation's committed batches, log, inputs and public keys as a book; inside `acting`.

    A folder that already holds an earlier copy gets what is missing. Party keys never stand in a book.

    Raises:
        Conflict: when the folder holds something else.
        Defect: when rows in the database no longer give their root.
    """
    org = current().org
    read = partial(reading, steady=True)
    book = _opened(Layout.current(), Path(folder), org, read)
    _fill(book, org, read)
    return book


def cached_book_for_proof(layout: Layout, schema: str, org: str) -> Book:
    """An organisation's cached book, brought up to date by the operator, acting for nobody: what a proof is made from.

    Raises:
        Defect: when rows in the database no longer give their root.
    """
    read = partial(reading_to_prove, layout, schema)
    book = _opened(layout, layout.book(org), org, read)
    _fill(book, org, read)
    return book


def cached_book() -> Book:
    """The acting organisation's own book under the data folder, brought up to what is committed; inside `acting`.

    It is a cache of own rows: it may be thrown away at any time, and is made again from the database.
    """
    org = current().org
    return export_book(Layout.current().book(org))


def drop_cached_book(org: str) -> None:
    """Throws an organisation's cached book away."""
    _throw_away(Layout.current().book(org))


@contextmanager
def unless_thrown_away(book: Book, org: str) -> Iterator[None]:
    """For work on a cached book: what goes wrong while somebody throws the book away passes with the next copy.

    Raises:
        Unavailable: then, for whatever went wrong.
    """
    place = book.organisation_folder(org)
    if not place.exists():
        yield
        return
    held = os.open(place, os.O_RDONLY)  # held open, its number is given to no other folder
    try:
        yield
    except Exception as error:
        if place.exists() and os.path.samestat(place.stat(), os.fstat(held)):
            raise
        raise Unavailable("the cached book was thrown away meanwhile", remedy="do it again") from error
    finally:
        os.close(held)


def sweep_books(layout: Layout) -> None:
    """Removes what killed processes left of books they made or threw away; for a start, before any work begins."""
    for left in layout.books.glob(".*"):
        if left.name.endswith((".partial", ".gone")):
            shutil.rmtree(left, ignore_errors=True)
