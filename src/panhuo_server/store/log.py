"""An organisation's log in the database: one leaf a batch, an outcome or an erasure, with signed heads and receipts.

Invariant: entries are numbered without a gap and never change; every transaction that adds some ends with a signed head
over all of them. Bytes, leaves and roots are those of the folder's log, so the two pass into each other unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import NotFound
from panhuo.ground.record.merkle import Frontier, joined, leaf_hash, path_parts
from panhuo.ground.record.outcome import Outcome
from panhuo.trust.evidence.heads import SignedHead, now_text, sign_frontier
from panhuo.trust.evidence.receipts import of_entry
from panhuo_server.store import signing
from panhuo_server.store.acting import current, cursor
from panhuo_server.store.layout import Layout


def hold(c: Any, org: str) -> None:
    """Takes the organisation's lock until the transaction ends: sealing and logging happen one at a time."""
    c.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"panhuo organisation {org}"])


def entries() -> list[bytes]:
    """Canonical bytes of every entry of the acting organisation's log, in order."""
    with cursor() as c:
        c.execute("select entry from log_entries where org_id = acting_org() order by position")
        return [text.encode() for (text,) in c.fetchall()]


def lines(start: int, count: int) -> list[bytes]:
    """Canonical bytes of some entries of the acting organisation's log, from position `start` on, in order."""
    with cursor() as c:
        c.execute(
            "select entry from log_entries where org_id = acting_org() and position >= %s order by position limit %s",
            [start, count],
        )
        return [text.encode() for (text,) in c.fetchall()]


def heads() -> list[SignedHead]:
    """Every signed head of the acting organisation's log, the earliest first."""
    with cursor() as c:
        c.execute("select record from log_heads where org_id = acting_org() order by size")
        return [SignedHead.of_record(record) for (record,) in c.fetchall()]


def head() -> SignedHead | None:
    """The latest signed head of the acting organisation's log."""
    with cursor() as c:
        c.execute("select record from log_heads where org_id = acting_org() order by size desc limit 1")
        row = c.fetchone()
    return SignedHead.of_record(row[0]) if row else None


def frontier(c: Any) -> Frontier:
    """Where the acting organisation's log ends."""
    c.execute("select size, frontier from log_heads where org_id = acting_org() order by size desc limit 1")
    row = c.fetchone()
    if row is None:
        return Frontier()
    peaks = bytes.fromhex(row[1])
    return Frontier(row[0], [peaks[i : i + 32] for i in range(0, len(peaks), 32)])


def add_lines(c: Any, org: str, end: Frontier, lines: Sequence[bytes]) -> None:
    """Adds entry lines at `end`, which moves on, with the nodes they make whole. The caller signs or brings a head."""
    leaves = [leaf_hash(line) for line in lines]
    added: list[tuple[Any, ...]] = []
    nodes: list[tuple[Any, ...]] = []
    for line, leaf in zip(lines, leaves, strict=True):
        kind = canonical_json.parse(line)["kind"]
        added.append((org, end.size, kind, leaf.hex(), line.decode()))
        nodes += [(org, level, number, value.hex()) for level, number, value in end.append(leaf) if level]
    c.executemany("insert into log_entries (org_id, position, kind, leaf, entry) values (%s, %s, %s, %s, %s)", added)
    if nodes:
        c.executemany("insert into log_nodes (org_id, level, number, hash) values (%s, %s, %s, %s)", nodes)


def add_head(c: Any, org: str, end: Frontier, signed: SignedHead) -> None:
    """Adds a signed head of the log that ends at `end`."""
    c.execute(
        "insert into log_heads (org_id, size, root, record, frontier) values (%s, %s, %s, %s, %s)",
        [org, end.size, end.root.hex(), signed.record.decode(), b"".join(end.peaks).hex()],
    )


def append(given: Sequence[dict[str, Any]], *, clock: Callable[[], str] = now_text) -> list[int]:
    """Adds entries to the acting organisation's log and signs the new head; returns their positions.

    An entry that is there already is not added twice. Inside `acting`; holds the organisation's lock from here on.
    """
    org = current().org
    layout = Layout.current()
    lines = [canonical_json.serialise(entry) for entry in given]
    with cursor() as c:
        hold(c, org)
        leaves = [leaf_hash(line).hex() for line in lines]
        c.execute("select leaf, position from log_entries where org_id = acting_org() and leaf = any(%s)", [leaves])
        have: dict[str, int] = dict(c.fetchall())
        end = frontier(c)
        new: list[bytes] = []
        for line, leaf in zip(lines, leaves, strict=True):
            if leaf not in have:
                have[leaf] = end.size + len(new)
                new.append(line)
        if new:
            add_lines(c, org, end, new)
            key = signing.private_key(layout, org)
            if not signing.is_published(c, key.public_key()):
                signing.publish(c, org, key.public_key())
            add_head(c, org, end, sign_frontier(key, org, end, clock))
    return [have[leaf] for leaf in leaves]


def receipt(position: int, outcome: Outcome | None = None, key: Sequence[Any] | None = None) -> bytes:
    """The receipt of entry `position` of the acting organisation's log, or of one row of its outcome.

    Raises:
        NotFound: when the log has no such entry.
    """
    with cursor() as c:
        c.execute("select entry from log_entries where org_id = acting_org() and position = %s", [position])
        row = c.fetchone()
        signed = head()
        if row is None or signed is None:
            raise NotFound(f"the log has no entry {position}", where=current().org)
        parts = path_parts(position, signed.head["size"])
        wanted = [part for one in parts for part in one]
        nodes: dict[tuple[int, int], bytes] = {}
        for query, of_level in (
            ("select 0, position, leaf from log_entries where org_id = acting_org() and position = any(%s)", 0),
            (
                "select n.level, n.number, n.hash from log_nodes n join unnest(%s::integer[], %s::bigint[]) "
                "as w(level, number) on w.level = n.level and w.number = n.number where n.org_id = acting_org()",
                1,
            ),
        ):
            some = [part for part in wanted if (part[0] > 0) == bool(of_level)]
            if some:
                numbers = [number for _, number in some]
                c.execute(query, [[level for level, _ in some], numbers] if of_level else [numbers])
                nodes |= {(level, number): bytes.fromhex(value) for level, number, value in c.fetchall()}
    path = [joined([nodes[part] for part in one]) for one in parts]
    return of_entry(row[0].encode(), position, signed, path, outcome, key)
