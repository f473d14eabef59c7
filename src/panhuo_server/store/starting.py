"""Starting durable work from a business transaction, and the queue's own tables.

Invariant: work begins when the transaction that asked for it commits, once for an id, with ids and codes as its only
arguments.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

import psycopg

from panhuo_server.store.acting import cursor
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import STARTING_ROLE, address_of, role_passwords

SCHEMA = "flows"
QUEUE = "panhuo"


def start_work(
    kind: str, work_id: str, body: dict[str, Any] | None = None, *, not_before: datetime | None = None
) -> str:
    """Asks for work of the acting organisation when this transaction commits; inside `acting`.

    Args:
        kind: the workflow's name.
        work_id: its id within organisation and kind; the same id again starts nothing new.
        body: further ids and codes, as JSON; never personal data.
        not_before: earliest time it begins.

    Returns:
        The workflow's id.
    """
    with cursor() as c:
        c.execute("select start_work(%s, %s, %s, %s)", [kind, work_id, json.dumps(body or {}), not_before])
        return str(c.fetchone()[0])


def queue_address(layout: Layout) -> str:
    """The URL the queue's own library connects by, as role ``panhuo_flows``."""
    given = address_of(layout).parameters("panhuo_flows", role_passwords(layout)["panhuo_flows"])
    who = f"{given['user']}:{quote(given['password'], safe='')}"
    return f"postgresql://{who}@/{quote(given['dbname'])}?host={quote(given['host'], safe='')}&port={given['port']}"


def let_work_start(layout: Layout) -> None:
    """Lets the starting functions put work into the queue's tables, once the queue's library has made them."""
    given = address_of(layout).parameters("panhuo_flows", role_passwords(layout)["panhuo_flows"])
    with psycopg.connect(**given) as c:
        c.execute(f"grant usage on schema {SCHEMA} to {STARTING_ROLE}")
        for table in ("workflow_status", "workflow_input"):
            c.execute(f"grant select, insert, update on {SCHEMA}.{table} to {STARTING_ROLE}")
