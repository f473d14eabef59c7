"""Facts out of the database as Arrow, under row-level security.

Invariant: a read enters the same door as everything else, in its own transaction on a connection of the same role, and
sees what was committed; personal columns stay unknown unless their party's key opens them, in memory, for its owner.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Literal
from urllib.parse import quote, urlencode

import pyarrow as pa
from django.db import connections

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.personal import open_column
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import InvalidInput, NotAllowed, NotFound, PanhuoError, Unavailable
from panhuo_server.store import read_log
from panhuo_server.store.acting import Acting, current
from panhuo_server.store.declared import quoted
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import address_of, role_passwords
from panhuo_server.store.sealing import keys_of, personal_parties

_SCHEMAS = {"default": "panhuo", "judicial": "judicial"}
_KEPT = 4
"""Idle connections kept for each role."""
_IDLE: dict[tuple[str, str], list[Any]] = {}
_LOCK = threading.Lock()


def _address(layout: Layout, alias: str) -> str:
    role, schema = str(connections[alias].settings_dict["USER"]), _SCHEMAS[alias]
    given = address_of(layout).parameters(role, role_passwords(layout)[role])
    query = urlencode(
        {"host": given["host"], "port": given["port"], "options": f"-c search_path={schema} -c timezone=UTC"},
        quote_via=quote,
    )
    return f"postgresql://{quote(role)}:{quote(given['password'], safe='')}@/{quote(given['dbname'])}?{query}"


@contextmanager
def _connection(layout: Layout, alias: str) -> Iterator[Any]:
    from adbc_driver_postgresql import dbapi

    place = (str(layout.folder), alias)
    with _LOCK:
        idle = _IDLE.setdefault(place, [])
        connection = idle.pop() if idle else None
    if connection is None:
        try:
            connection = dbapi.connect(_address(layout, alias))
        except dbapi.Error as error:
            raise Unavailable("the database does not answer a read", remedy="see the server's status") from error
    good = False
    try:
        yield connection
        good = True
    except PanhuoError as error:
        good = error.__cause__ is None  # what was looked for is not there: the connection did all it was asked
        raise
    finally:
        try:
            connection.rollback()  # what the door set ends here, whatever happened
        except dbapi.Error:
            good = False
        with _LOCK:
            keep = good and len(idle) < _KEPT
            if keep:
                idle.append(connection)
        if not keep:
            connection.close()


def close_connections() -> None:
    """Closes idle connections, for a server that stops."""
    with _LOCK:
        held = [one for idle in _IDLE.values() for one in idle]
        _IDLE.clear()
    for one in held:
        one.close()


@contextmanager
def reading(who: Acting | None = None, *, steady: bool = False) -> Iterator[Any]:
    """An ADBC cursor through the door, for the one who acts (or `who`).

    Args:
        steady: every query sees the same committed state.

    Raises:
        NotAllowed: when the door stays shut.
    """
    from adbc_driver_postgresql import dbapi

    who = who or current()
    with _connection(Layout.current(), who.alias) as connection, connection.cursor() as c:
        if steady:
            c.execute("set transaction isolation level repeatable read read only")
        try:
            c.execute("select panhuo.enter($1, $2, $3)::text", parameters=(who.org, who.person, who.purpose))
            c.fetchall()
        except dbapi.Error as error:
            if getattr(error, "sqlstate", None) == "42501":
                raise NotAllowed(
                    "this person does not act for that organisation",
                    where=who.org,
                    code="not-allowed/no-such-membership",
                ) from error
            raise Unavailable("the database does not answer a read", where=who.org) from error
        yield c


def arrow(c: Any, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
    """A query's rows as Arrow. Parameters are $1, $2, ..."""
    c.execute(query, parameters=tuple(parameters) if parameters else None)
    return c.fetch_arrow_table()


def _visible(table: Table, source: str, columns: str, sequence: int | None) -> str:
    # The rule of panhuo.ground.book.snapshot: replaced facts are gone, later ones not there yet, of a state the
    # latest counts. $1 is the day.
    until = f" and fact_sequence <= {int(sequence)}" if sequence is not None else ""
    # "not in" is looked up in a hash whatever the planner believes of the column: nearly all of it is unknown, and from
    # that it would conclude to compare every fact with every correction. Nothing on either side is null.
    facts = (
        f"select {columns} from {source} f where f.effective_on <= $1 and f.withdrawn is not true{until} "
        f"and (f.org_id, f.fact_sequence || '-' || f.fact_position) not in "
        f"(select r.org_id, r.replaces from {source} r where r.replaces is not null{until})"
    )
    if table.kind == "state":
        facts = (
            f"select {columns} from (select {columns}, row_number() over (partition by org_id, id "
            f"order by effective_on desc, fact_sequence desc, fact_position desc) as place from ({facts}) g) h "
            f"where place = 1"
        )
    return f"{facts} order by org_id, id, fact_sequence, fact_position"


def observed_until(c: Any, sequence: int | None = None) -> date:
    """The acting organisation's last observation date.

    Raises:
        NotFound: when nothing was sealed yet.
    """
    until = f" and sequence <= {int(sequence)}" if sequence is not None else ""
    (day,) = (
        arrow(c, f"select max(observed_until) as day from batches where org_id = acting_org(){until}")
        .column("day")
        .to_pylist()
    )
    if day is None:
        raise NotFound("the organisation holds no facts yet", remedy="import or seal some first")
    return day


def facts_of(
    name: str,
    *,
    whose: Literal["own", "shared"] = "own",
    as_of: date | None = None,
    sequence: int | None = None,
    personal: bool = False,
) -> pa.Table:
    """The visible facts of a table, as the library's snapshot would show them; inside `acting`.

    Only what was committed is seen: not what the transaction of the caller has just sealed.

    Args:
        whose: the acting organisation's own rows, or rows others share with it for its purpose, masked by level, with
            the level in a column ``share_level`` at the end.
        as_of: the day; by default the organisation's last observation date (for shared rows: no limit).
        sequence: up to this batch; by default all.
        personal: opens personal columns of own rows with the parties' keys, once the read was written into the log of
            reads; without it they are unknown.

    Returns:
        The table's sealed columns in (org_id, id, fact id) order.

    Raises:
        NotFound: for an unknown table, or when nothing was sealed and no day is given.
        InvalidInput: for personal columns of shared rows, which only their owner opens.
    """
    table = table_named(name)
    if whose == "shared" and personal:
        raise InvalidInput("personal columns of shared rows are opened by their owner alone", where=name)
    columns = ", ".join(quoted(column) for column in table.sealed_schema.names)
    with reading() as c:
        if whose == "shared":
            level = f"{columns}, share_level"
            day = as_of or date(9999, 12, 31)
            rows = arrow(c, _visible(table, quoted(f"shared_{name}"), level, sequence), [day])
            levels = rows.column("share_level").cast(pa.int32())
            return _closed(table, rows).append_column("share_level", levels)
        day = as_of or observed_until(c, sequence)
        rows = arrow(c, _visible(table, quoted(name), columns, sequence), [day])
    return opened(table, rows) if personal else _closed(table, rows)


def _closed(table: Table, rows: pa.Table) -> pa.Table:
    for column in table.personal_columns:
        at = rows.schema.get_field_index(column.name)
        rows = rows.set_column(at, column.name, pa.nulls(len(rows), pa.string()))
    return table.sealed_schema.conform(rows)


def opened(table: Table, rows: pa.Table) -> pa.Table:
    """Own rows with their personal columns decrypted into memory; unknown where the party was forgotten.

    The log of reads is committed before anything is opened.
    """
    org = current().org
    parties = personal_parties(table, rows)
    if not parties:
        return _closed(table, rows)
    columns = [c.name for c in table.personal_columns]
    read_log.note(current(), secrets.token_hex(8), table.name, columns, sorted((org, party) for party in parties))
    keys = keys_of(Layout.current(), org)
    keys.load(parties)
    sequence, position = rows.column("fact_sequence").to_pylist(), rows.column("fact_position").to_pylist()
    fact_ids = [f"{s}-{p}" for s, p in zip(sequence, position, strict=True)]
    for column in table.personal_columns:
        party = rows.column(str(column.personal)).to_pylist()
        plain = open_column(keys, [org] * len(rows), party, fact_ids, column.name, rows.column(column.name).to_pylist())
        at = rows.schema.get_field_index(column.name)
        rows = rows.set_column(at, column.name, pa.array(plain, pa.string()))
    return table.sealed_schema.conform(rows)


def stored_of_party(table: Table, party: str) -> pa.Table:
    """Every stored row of the acting organisation with a personal column about that party, enciphered as it lies."""
    about = sorted({str(column.personal) for column in table.personal_columns})
    columns = ", ".join(quoted(column) for column in table.sealed_schema.names)
    mine = " or ".join(f"{quoted(name)} = $1" for name in about) or "false"
    with reading() as c:
        rows = arrow(
            c,
            f"select {columns} from {quoted(table.name)} where org_id = acting_org() and ({mine}) "
            "order by fact_sequence, fact_position",
            [party],
        )
    return table.sealed_schema.conform(rows)
