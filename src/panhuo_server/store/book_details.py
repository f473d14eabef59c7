"""What an organisation's book says of itself: who made it, what was adopted, which inputs it names by hash.

Invariant: it is added to and never changed; the last one counts, and a cached book is made from it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from panhuo_server.store.acting import current, cursor


def latest() -> dict[str, Any]:
    """The acting organisation's; empty when its book came from nowhere."""
    with cursor() as c:
        c.execute("select details from book_details where org_id = acting_org() order by number desc limit 1")
        row = c.fetchone()
    if row is None:
        return {}
    found: dict[str, Any] = row[0] if isinstance(row[0], dict) else json.loads(row[0])
    return found


def add(details: dict[str, Any]) -> None:
    """Adds what counts from now on."""
    with cursor() as c:
        c.execute(
            "insert into book_details (org_id, number, details) select %s, coalesce(max(number), 0) + 1, %s::jsonb"
            " from book_details where org_id = acting_org()",
            [current().org, json.dumps(details, ensure_ascii=False)],
        )


def input_of(digest: str) -> bytes | None:
    """An input by its hash; None when the organisation holds none of it."""
    with cursor() as c:
        c.execute("select content from inputs where org_id = acting_org() and sha256 = %s", [digest])
        row = c.fetchone()
    return bytes(row[0]) if row is not None else None


def keep_input(content: bytes) -> str:
    """Keeps an input; returns its hash."""
    digest = hashlib.sha256(content).hexdigest()
    with cursor() as c:
        c.execute(
            "insert into inputs (org_id, sha256, content) values (%s, %s, %s) on conflict do nothing",
            [current().org, digest, content],
        )
    return digest
