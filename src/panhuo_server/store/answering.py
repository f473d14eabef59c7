"""Whether a connection's database answers: nothing is read of anybody."""

from __future__ import annotations

from django.db import connections


def answer(alias: str) -> None:
    """Returns when the database behind `alias` answers.

    Raises:
        django.db.utils.Error: when it does not.
    """
    with connections[alias].cursor() as c:
        c.execute("select 1")
