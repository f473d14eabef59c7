"""Proof of a whole database, organisation by organisation: what was sealed and logged is what is there.

Invariant: it reads only, as the database's administrator and never for a person, and says of no row what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from panhuo.ground.book.batch import stored_leaves
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.merkle import MerkleTree, leaf_hash
from panhuo.trust.evidence.heads import SignedHead
from panhuo.trust.evidence.keys import fingerprint, signed_by
from panhuo_server.store.declared import quoted
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import Address, address_of

Progress = Callable[[str, int], None]


def _arrow_address(address: Address, schema: str = "panhuo") -> str:
    options = f"-c search_path={schema} -c timezone=UTC"
    query = urlencode({"host": address.host, "port": address.port, "options": options}, quote_via=quote)
    who = f"{quote(address.admin)}:{quote(address.admin_password, safe='')}"
    return f"postgresql://{who}@/{quote(address.database)}?{query}"


@contextmanager
def reading_to_prove(layout: Layout, schema: str) -> Iterator[Any]:
    """A cursor on one steady view of a schema, as the administrator: nothing can be written through it."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(_arrow_address(address_of(layout), schema)) as connection, connection.cursor() as c:
        c.execute("set transaction isolation level repeatable read read only")
        yield c


def sealed_organisations(layout: Layout) -> list[tuple[str, str]]:
    """(schema, code) of every organisation that sealed a batch."""
    address = address_of(layout)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        return [
            (schema, org)
            for schema in ("panhuo", "judicial")
            for (org,) in c.execute(f"select distinct org_id from {quoted(schema)}.batches order by 1").fetchall()
        ]


def runs_to_prove(layout: Layout, schema: str, org: str) -> dict[str, dict[str, tuple[str, int]]]:
    """Run -> outcome -> (root, place in the log), of everything an organisation's runs left."""
    address = address_of(layout)
    found: dict[str, dict[str, tuple[str, int]]] = {}
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        rows = c.execute(
            f"select run_id, name, root, log_position from {quoted(schema)}.outcomes where org_id = %s"
            " order by run_id, log_position",
            [org],
        ).fetchall()
    for run, name, root, position in rows:
        found.setdefault(run, {})[name] = (root, position)
    return found


def _root_in(reader: Any, schema: str, org: str, sequence: int, tables: dict[str, Any]) -> str:
    leaves: list[bytes] = []
    for name in sorted(tables, key=lambda n: n.encode()):
        reader.execute(
            f"select * from {quoted(schema)}.{quoted(name)} where org_id = $1 and fact_sequence = $2"
            " order by fact_position",
            parameters=(org, sequence),
        )
        leaves += stored_leaves(TABLES[name], reader.fetch_arrow_table(), tables[name]["version"])
    return MerkleTree(leaves).root.hex()


def _log_wrong(c: psycopg.Connection[Any], schema: str, org: str) -> list[str]:
    own = quoted(schema)
    lines = c.execute(
        f"select position, leaf, entry from {own}.log_entries where org_id = %s order by position", [org]
    ).fetchall()
    if [row[0] for row in lines] != list(range(len(lines))):
        return [f"{org}: the log has a gap"]
    leaves = [leaf_hash(row[2].encode()) for row in lines]
    if any(leaf.hex() != row[1] for leaf, row in zip(leaves, lines, strict=True)):
        return [f"{org}: an entry of the log was changed"]
    keys = {}
    for (pem,) in c.execute(f"select public_pem from {own}.signing_keys where org_id = %s", [org]).fetchall():
        key = load_pem_public_key(pem.encode())
        if isinstance(key, Ed25519PublicKey):
            keys[fingerprint(key)] = key
    wrong = []
    heads = c.execute(
        f"select size, root, record from {own}.log_heads where org_id = %s order by size desc limit 1", [org]
    ).fetchall()
    if not heads and leaves:
        return [f"{org}: the log has no signed head"]
    for size, root, record in heads:
        signed = SignedHead.of_record(record)
        if size != len(leaves) or MerkleTree(leaves).root.hex() != root or signed.head["root"] != root:
            wrong.append(f"{org}: the log is not the one its last head was signed over")
        if signed.key not in keys or not signed_by(keys[signed.key], signed.signature, signed.message):
            wrong.append(f"{org}: the last head's signature does not hold")
    return wrong


def prove(
    address: Address, *, at_least: dict[str, dict[str, Any]] | None = None, progress: Progress | None = None
) -> tuple[int, list[str]]:
    """Computes every batch's root again and checks every log; returns (batches, what is wrong in words).

    Args:
        at_least: organisation -> ``schema``, ``sequence``, ``root`` that must be there, as a backup states them.
        progress: called with (organisation, batches checked).
    """
    from adbc_driver_postgresql import dbapi

    wrong: list[str] = []
    count = 0
    with (
        psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c,
        dbapi.connect(_arrow_address(address)) as arrow,
        arrow.cursor() as reader,
    ):
        for schema in ("panhuo", "judicial"):
            batches = c.execute(
                f"select org_id, sequence, root, tables from {quoted(schema)}.batches order by org_id, sequence"
            ).fetchall()
            last: dict[str, int] = {}
            for org, sequence, root, tables in batches:
                if sequence != last.get(org, 0) + 1:
                    wrong.append(f"{org}: batch {last.get(org, 0) + 1} is missing")
                last[org] = sequence
                try:
                    again = _root_in(reader, schema, org, sequence, tables)
                except (KeyError, TypeError):
                    again = ""  # its manifest names what is no table, or no version
                if again != root:
                    wrong.append(f"{org}: batch {sequence} is not what was sealed")
                stated = (at_least or {}).get(org)
                if stated and stated["schema"] == schema and stated["sequence"] == sequence and stated["root"] != root:
                    wrong.append(f"{org}: batch {sequence} is another than the backup states")
                count += 1
                if progress is not None:
                    progress(org, count)
            for org in sorted(last):
                wrong += _log_wrong(c, schema, org)
            for org, stated in (at_least or {}).items():
                if stated["schema"] == schema and last.get(org, 0) < stated["sequence"]:
                    wrong.append(f"{org}: batches after {last.get(org, 0)} are missing")
    return count, wrong
