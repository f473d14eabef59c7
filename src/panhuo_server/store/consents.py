"""Consents as facts, asked in the moment of use, and the log of what each was used for.

Invariant: how a consent stands is read from committed facts when it is asked, on today's date; a use is committed on a
connection of its own before anything is handed on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from panhuo.ground.book.catalogue import TABLES
from panhuo_server.store.acting import Acting, current, cursor, enter
from panhuo_server.store.declared import quoted
from panhuo_server.store.read_log import LOGGING

_SHOWN = "id, party_id, purpose, granted, granted_on, expires_on, withdrawn_on, recipient, separate, evidence"


def statements(
    day: date, party: str | None = None, purpose: str | None = None, *, most: int | None = None
) -> list[dict[str, Any]]:
    """The latest visible fact of every consent of the acting organisation, of a party or a purpose where given.

    Args:
        most: no more than so many, by party.

    Each has the fact's columns, ``effective_on`` and ``standing``: how the party stands on purpose and recipient.
    """
    with cursor() as c:
        c.execute(
            f"select {_SHOWN}, effective_on, consent_standing(org_id, party_id, purpose, recipient, %s) from ("
            "select distinct on (id) * from consents f where f.org_id = %s and f.withdrawn is not true"
            " and f.effective_on <= %s and not exists (select from consents r where r.org_id = f.org_id"
            " and r.replaces = f.fact_sequence || '-' || f.fact_position)"
            " and (%s::text is null or f.party_id = %s) and (%s::text is null or f.purpose = %s)"
            " order by id, effective_on desc, fact_sequence desc, fact_position desc) latest"
            " order by party_id, purpose, id limit %s",
            [day, current().org, day, party, party, purpose, purpose, most],
        )
        names = [*_SHOWN.split(", "), "effective_on", "standing"]
        return [dict(zip(names, row, strict=True)) for row in c.fetchall()]


def standing(party: str, purpose: str, recipient: str | None, day: date) -> str | None:
    """How a party of the acting organisation stands on a purpose; None where it never said anything."""
    with cursor() as c:
        c.execute("select consent_standing(%s, %s, %s, %s, %s)", [current().org, party, purpose, recipient, day])
        found: str | None = c.fetchone()[0]
    return found


def granted_since(party: str, purpose: str, moment: datetime) -> set[str]:
    """Consents of a party of the acting organisation granted on a moment's day or later and sealed after it."""
    with cursor() as c:
        c.execute(
            "select latest.id from (select distinct on (id) * from consents f where f.org_id = %s and f.party_id = %s"
            " and f.purpose = %s and f.withdrawn is not true and not exists (select from consents r"
            " where r.org_id = f.org_id and r.replaces = f.fact_sequence || '-' || f.fact_position)"
            " order by id, effective_on desc, fact_sequence desc, fact_position desc) latest"
            " join batches b on b.org_id = latest.org_id and b.sequence = latest.fact_sequence"
            " where latest.granted is true and b.sealed_at > %s and coalesce(latest.granted_on, latest.effective_on)"
            " >= (%s::timestamptz at time zone 'Asia/Shanghai')::date",
            [current().org, party, purpose, moment, moment],
        )
        return {str(row[0]) for row in c.fetchall()}


def note_use(
    acting: Acting, used: Sequence[tuple[str, str]], purpose: str, recipient: str | None, used_for: str
) -> None:
    """Commits that the consents of these ``(party, consent)`` were used; at once, whatever becomes of the request."""
    alias = LOGGING[acting.alias]
    use = secrets.token_hex(8)
    with transaction.atomic(using=alias, durable=True):
        enter(alias, acting.org, acting.person, acting.purpose)
        with connections[alias].cursor() as c:
            c.executemany(
                "insert into consent_uses (org_id, use_id, consent_id, party_id, consent_purpose, recipient, used_for,"
                " person_id, purpose) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (acting.org, use, consent, party, purpose, recipient, used_for, acting.person, acting.purpose)
                    for party, consent in used
                ],
            )


def uses(party: str) -> list[tuple[Any, ...]]:
    """(consent, purpose, recipient, used for, person, acting purpose, when) of a party of the acting organisation."""
    with cursor() as c:
        c.execute(
            "select consent_id, consent_purpose, recipient, used_for, person_id, purpose, used_at from consent_uses"
            " where org_id = %s and party_id = %s order by used_at, use_id",
            [current().org, party],
        )
        return list(c.fetchall())


def is_about(table: str, row: str, party: str) -> bool:
    """Whether an entity of the acting organisation names that party (for `parties`: is it)."""
    columns = sorted({c.name for c in TABLES[table].schema.columns if c.references == "parties"})
    columns += sorted({str(c.personal) for c in TABLES[table].personal_columns} - set(columns))
    if not columns:
        return False
    about = " or ".join(f"{quoted(name)} = %s" for name in columns)
    with cursor() as c:
        c.execute(
            f"select exists (select from {quoted(table)} where org_id = %s and id = %s and ({about}))",
            [current().org, row, *[party] * len(columns)],
        )
        return bool(c.fetchone()[0])
