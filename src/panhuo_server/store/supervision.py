"""Supervision as the database keeps it, and the aggregates it lets a supervisor have.

Invariant: a supervisor gets figures from the named functions alone; they show no group of fewer than ten parties. An
answer is kept for the mark of what it was counted over (`counted_state`), which the database gives anew each time: a
grant that ended, a batch or a total that came since, and it is counted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo_server.store.kept_answers import KeptAnswers
from panhuo_server.store.refusals import refusals, said_no

AGGREGATES = ("balance_by_class", "bad_debt_ratio", "provision_cover")
"""Names of the aggregates there are; each is a function of the database owned by a role nobody logs in as."""

_COUNTED: KeptAnswers[list[dict[str, Any]]] = KeptAnswers(512)


def add(
    alias: str, org: str, supervision: str, to_org: str, aggregates: Sequence[str], valid_until: datetime, person: str
) -> None:
    """Lets a supervisor have aggregates of the organisation acted for."""
    with refusals(alias) as c:
        c.execute(
            "insert into supervisions (org_id, supervision_id, to_org, aggregates, valid_until, granted_by)"
            " values (%s, %s, %s, %s, %s, %s)",
            [org, supervision, to_org, list(aggregates), valid_until, person],
        )


def end(alias: str, org: str, supervision: str, person: str) -> None:
    """Ends it.

    Raises:
        NotFound: when the organisation has none of that name.
    """
    with refusals(alias) as c:
        c.execute(
            "update supervisions set ended_at = now(), ended_by = %s where org_id = %s and supervision_id = %s",
            [person, org, supervision],
        )
        if not c.rowcount:
            raise said_no(NotFound, "no-such-supervision")


def given(alias: str) -> list[tuple[Any, ...]]:
    """(supervision, to, aggregates, from, until, by, ended at, ended by) of the organisation acted for."""
    with refusals(alias) as c:
        c.execute(
            "select supervision_id, to_org, aggregates, valid_from, valid_until, granted_by, ended_at, ended_by"
            " from supervisions order by valid_from, supervision_id"
        )
        return list(c.fetchall())


def aggregate(alias: str, name: str, as_of: date) -> list[dict[str, Any]]:
    """Rows of a named aggregate on the last day of a month.

    Raises:
        InvalidInput: when there is no such aggregate, or the day is no end of a month.
    """
    if name not in AGGREGATES:
        raise InvalidInput(f"there is no aggregate {name}", remedy="aggregates: " + ", ".join(AGGREGATES))
    with refusals(alias) as c:
        c.execute("select current_database(), acting_org(), counted_state(%s)", [name])
        asked = (*c.fetchone(), name, as_of)

        def count() -> list[dict[str, Any]]:
            c.execute(f"select * from {name}(%s)", [as_of])
            names = [column[0] for column in c.description]
            return [
                {n: int(v) if isinstance(v, Decimal) else v for n, v in zip(names, row, strict=True)}
                for row in c.fetchall()
            ]

        return [dict(row) for row in _COUNTED.of(asked, count)]


def report_total(
    alias: str, org: str, run: str, outcome: str, measure: str, currency: str, as_of: date, amount: int
) -> None:
    """Adds what a sealed Outcome of the organisation acted for sums up to, in minor units; once for a run."""
    with refusals(alias) as c:
        c.execute(
            "insert into reported_totals (org_id, run_id, outcome, measure, currency, as_of, amount)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [org, run, outcome, measure, currency, as_of, amount],
        )


def granted(alias: str) -> list[tuple[Any, ...]]:
    """(organisation, its name, aggregates, until, observed until) of what the acting supervisor was granted."""
    with refusals(alias) as c:
        c.execute("select owner_org, owner_name, aggregates, valid_until, observed_until from supervised_by_me()")
        return list(c.fetchall())
