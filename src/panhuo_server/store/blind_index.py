"""Exact search over enciphered values: tokens that only the organisation's own search key makes.

Invariant: a token is HMAC-SHA-256 of (column, normalised value) under a key of one organisation, which lies outside the
database and its backups; it is added in the transaction that seals the value and goes when the party is forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from django.db import transaction

from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.ground.book.folder import write_whole
from panhuo.ground.book.personal import KeyHolder, open_column
from panhuo.ground.book.table import Table
from panhuo_server.store import log
from panhuo_server.store.acting import current, cursor
from panhuo_server.store.declared import quoted
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import SEARCH_KEYS

_AT_ONCE = 20_000
"""Rows opened or added at a time."""


def normalised(value: str) -> str:
    """What is compared: NFKC (full-width forms become plain), without any space, in upper case."""
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


def token(key: bytes, column: str, value: str) -> str:
    """base64url(HMAC-SHA-256(key, column || 1F || normalised value))."""
    message = column.encode() + b"\x1f" + normalised(value).encode()
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")


def _path(layout: Layout, org: str) -> Path:
    return layout.secrets / SEARCH_KEYS / f"{quote(org, safe='')}.json"


def _keys(layout: Layout, org: str, *, make: bool) -> dict[str, Any] | None:
    # {"current": id, "keys": {id: hex}}; more than one key only while they are being changed. Whoever makes one holds
    # the organisation's lock.
    path = _path(layout, org)
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    if not make:
        return None
    name = secrets.token_hex(4)
    return _keep(layout, org, {"current": name, "keys": {name: secrets.token_hex(32)}})


def _keep(layout: Layout, org: str, keys: dict[str, Any]) -> dict[str, Any]:
    _path(layout, org).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(_path(layout, org), json.dumps(keys, indent=1).encode() + b"\n", private=True)
    return keys


def _add(c: Any, org: str, table: str, column: str, named: Iterable[tuple[str, str, str]]) -> None:
    # (entity, party, plain value)
    distinct = sorted(set(named))
    if not distinct:
        return
    keys = _keys(Layout.current(), org, make=True)
    if keys is None:
        return
    name = keys["current"]
    key = bytes.fromhex(keys["keys"][name])
    for at in range(0, len(distinct), _AT_ONCE):
        some = distinct[at : at + _AT_ONCE]
        c.execute(
            "insert into blind_index (org_id, table_name, column_name, token, id, party_id, key_id) "
            "select %s, %s, %s, w.token, w.id, w.party, %s from unnest(%s::text[], %s::text[], %s::text[]) "
            "as w(token, id, party) on conflict do nothing",
            [
                org, table, column, name, [token(key, column, value) for _, _, value in some],
                [entity for entity, _, _ in some], [party for _, party, _ in some],
            ],
        )  # fmt: skip


def add_plain(c: Any, org: str, facts: Mapping[str, pa.Table]) -> None:
    """Adds the tokens of rows that are being sealed; the caller holds the organisation's lock."""
    for name, rows in facts.items():
        for column in table_named(name).personal_columns:
            if column.name not in rows.column_names or rows.column(column.name).null_count == len(rows):
                continue
            entities = rows.column("id").to_pylist()
            held = str(column.personal)
            parties = rows.column(held).to_pylist() if held in rows.column_names else [""] * len(rows)
            values = rows.column(column.name).cast(pa.string()).to_pylist()
            _add(
                c, org, name, column.name,
                ((e, p or "", v) for e, p, v in zip(entities, parties, values, strict=True) if v is not None),
            )  # fmt: skip


def add_stored(c: Any, org: str, table: Table, stored: pa.Table, keys: KeyHolder) -> None:
    """Adds the tokens of stored rows, as far as their parties' keys are at hand; the caller holds the lock."""
    if not len(stored):
        return
    sequence, position = stored.column("fact_sequence").to_pylist(), stored.column("fact_position").to_pylist()
    facts = [f"{s}-{p}" for s, p in zip(sequence, position, strict=True)]
    entities = stored.column("id").to_pylist()
    for column in table.personal_columns:
        if column.name not in stored.column_names:
            continue
        parties = [p or "" for p in stored.column(str(column.personal)).to_pylist()]
        texts = stored.column(column.name).to_pylist()
        plain = open_column(keys, [org] * len(stored), parties, facts, column.name, texts)
        _add(
            c, org, table.name, column.name,
            ((e, p, v) for e, p, v in zip(entities, parties, plain, strict=True) if v is not None),
        )  # fmt: skip


def matches(column: str, value: str) -> list[tuple[str, str, str]]:
    """(table, entity, party) of the acting organisation that was ever stated with exactly this value; inside `acting`.

    The caller notes the search in the log of reads before it hands anything on.
    """
    org = current().org
    keys = _keys(Layout.current(), org, make=False)
    if keys is None or not normalised(value):
        return []
    tokens = [token(bytes.fromhex(key), column, value) for key in keys["keys"].values()]
    with cursor() as c:
        c.execute(
            "select distinct table_name, id, party_id from blind_index where org_id = %s and column_name = %s "
            "and token = any (%s) order by table_name, id, party_id",
            [org, column, tokens],
        )
        return list(c.fetchall())


def forget(party: str) -> int:
    """Deletes the tokens of a party of the acting organisation; returns how many there were.

    Raises:
        NotAllowed: when whoever acts may not forget.
    """
    with cursor() as c:
        c.execute("select forget_tokens(%s)", [party])
        return int(c.fetchone()[0])


def rotate() -> int:
    """Makes the acting organisation's index again under a new search key; returns how many tokens it has.

    Both keys are kept until the new index is committed, so a crash in between leaves a search that finds everything;
    doing it again finishes it. Holds the organisation's lock; inside `acting`.

    Raises:
        NotAllowed: when whoever acts may not forget.
    """
    # Here and not above: reading facts leans on sealing, which adds to this index.
    from panhuo_server.store.party_keys import StoredPartyKeys

    acting, layout = current(), Layout.current()
    org = acting.org
    with cursor() as c:
        log.hold(c, org)
        c.execute("select forget_tokens(null)")
        had = _keys(layout, org, make=True)
        name = secrets.token_hex(4)
        fresh = {name: secrets.token_hex(32)}
        new: dict[str, Any] = {"current": name, "keys": fresh}
        _keep(layout, org, {"current": name, "keys": {**(had["keys"] if had else {}), **fresh}})
        transaction.on_commit(lambda: _keep(layout, org, new) and None, using=acting.alias)
        keys = StoredPartyKeys(layout, org)
        for table in TABLES.values():
            if not table.personal_columns:
                continue
            shown = ["id", "fact_sequence", "fact_position"]
            shown += sorted({str(column.personal) for column in table.personal_columns} - {"id"})
            shown += [column.name for column in table.personal_columns]
            last = (0, -1)
            while True:
                c.execute(
                    f"select {', '.join(map(quoted, shown))} from {quoted(table.name)} where org_id = %s and "
                    "(fact_sequence, fact_position) > (%s, %s) order by fact_sequence, fact_position limit %s",
                    [org, *last, _AT_ONCE],
                )
                rows = c.fetchall()
                if not rows:
                    break
                last = (rows[-1][1], rows[-1][2])
                columns = dict(zip(shown, map(list, zip(*rows, strict=True)), strict=True))
                keys.load({p or "" for column in table.personal_columns for p in columns[str(column.personal)]})
                text = [name for name in shown if not name.startswith("fact_")]
                stored = pa.table({n: pa.array(columns[n], pa.string() if n in text else pa.int64()) for n in shown})
                add_stored(c, org, table, stored, keys)
        c.execute("select count(*) from blind_index where org_id = %s", [org])
        return int(c.fetchone()[0])
