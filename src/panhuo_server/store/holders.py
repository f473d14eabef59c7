"""Who in the acting organisation holds a role, and who is a member still, by id alone.

Invariant: it asks functions of the door; no name or address comes back.
"""

from __future__ import annotations

from panhuo_server.store.acting import cursor


def with_role(role: str) -> list[str]:
    """Ids of the persons who hold a role of the acting organisation now, in order; inside `acting`."""
    with cursor() as c:
        c.execute("select person_id from panhuo.holders(%s)", [role])
        return [row[0] for row in c.fetchall()]


def is_member(person: str) -> bool:
    """Whether a person is a member of the acting organisation still; inside `acting`."""
    with cursor() as c:
        c.execute("select panhuo.is_member(%s)", [person])
        return bool(c.fetchone()[0])
