"""What whoever operates the server asks of it as a whole: who a person is, how much waits, how large it is.

Invariant: it reads only, and of an organisation it says counts and ages, never a row; the queue is asked as the role
that works it, everything else as the administrator, and neither of them serves a request about data.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from panhuo.ground.record.errors import NotFound
from panhuo_server.store.backup import last_backup
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import address_of, role_passwords
from panhuo_server.store.starting import SCHEMA

PATIENCE = "3s"
"""How long one question to the queue may take: whoever measures must not become the load."""
NIGHTS = ("night", "import")
"""Kinds of work that run a night."""
_UNDONE = {
    "ENQUEUED": "queued", "PENDING": "working", "DELAYED": "waiting", "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
}  # fmt: skip


def member(layout: Layout, org: str, email: str) -> tuple[str, bool]:
    """(person, whether the organisation's data lies apart as a court's) of an address, for the operator.

    Whether the person may do anything there is the door's to say, not this one's.

    Raises:
        NotFound: when there is no such organisation, or nobody has that address.
    """
    address = address_of(layout)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        kind = c.execute("select kind from panhuo.organisations where org_id = %s", [org]).fetchone()
        person = c.execute(
            "select person_id from panhuo.persons where lower(email) = lower(%s)", [email.strip()]
        ).fetchone()
    if kind is None:
        raise NotFound(f"there is no organisation {org}", where="--org", remedy="its code, as it was founded with")
    if person is None:
        raise NotFound("nobody has this address", where="--by", remedy="the address that person signs in with")
    return str(person[0]), kind[0] in ("court", "mediation")


@dataclass
class Figures:
    """Counts and ages of a server.

    Attributes:
        work: (kind, state) -> pieces of durable work that are queued, working, waiting for their time, or failed.
        oldest: kind -> seconds the oldest queued or working piece has been there.
        nights: label of an organisation -> seconds since its last night ended well.
        database_bytes: of the whole database.
    """

    work: Counter[tuple[str, str]] = field(default_factory=Counter)
    oldest: dict[str, float] = field(default_factory=dict)
    nights: dict[str, float] = field(default_factory=dict)
    database_bytes: int = 0


def label_of(layout: Layout, org: str) -> str:
    """What measures call an organisation: the same on one server for ever, and told by nobody else's list of codes."""
    key = bytes.fromhex(layout.secret("measures", lambda: {"key": secrets.token_hex(32)})["key"])
    return hmac.new(key, org.encode(), hashlib.sha256).hexdigest()[:10]


def figures(layout: Layout) -> Figures:
    """What the queue and the database say of themselves now.

    Raises:
        psycopg.Error: when the database does not answer in `PATIENCE`.
    """
    found, now = Figures(), time.time() * 1000
    given = address_of(layout).parameters("panhuo_flows", role_passwords(layout)["panhuo_flows"])
    with psycopg.connect(**given, connect_timeout=3) as c:
        c.execute(f"set statement_timeout = '{PATIENCE}'")
        rows = c.execute(
            f"select split_part(workflow_uuid, ' ', 2), status, count(*), min(created_at)"
            f" from {SCHEMA}.workflow_status where status = any(%s) group by 1, 2",
            [list(_UNDONE)],
        ).fetchall()
        for kind, status, count, since in rows:
            found.work[kind, _UNDONE[status]] += count
            if _UNDONE[status] in ("queued", "working"):
                found.oldest[kind] = max(found.oldest.get(kind, 0.0), (now - since) / 1000)
        nights = c.execute(
            f"select split_part(workflow_uuid, ' ', 1), max(updated_at) from {SCHEMA}.workflow_status"
            " where status = 'SUCCESS' and name = any(%s) group by 1",
            [list(NIGHTS)],
        ).fetchall()
        found.nights = {label_of(layout, org): (now - ended) / 1000 for org, ended in nights}
        row = c.execute("select pg_database_size(current_database())").fetchone()
        found.database_bytes = int(row[0]) if row else 0
    return found


def backup_age(layout: Layout) -> float | None:
    """Seconds since the last backup of this server; None when there never was one."""
    made = last_backup(layout)
    return None if made is None else time.time() - made.timestamp()
