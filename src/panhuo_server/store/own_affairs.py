"""What a person sees and asks of the organisations that hold its data, and what those see of its asking.

Invariant: who a person is at an organisation is what that organisation shares of its parties for own affairs, now; the
database asks it again for every read and every request.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from panhuo_server.store.acting import current, cursor
from panhuo_server.store.refusals import refusals


def _rows(query: str, given: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with cursor() as c:
        c.execute(query, given)
        return list(c.fetchall())


def parties() -> list[tuple[str, str, str, int]]:
    """(organisation, its name, party, level) of who the acting organisation is elsewhere."""
    return [(o, n, p, level) for o, n, p, level in _rows("select * from parties_of_mine()")]


def reads() -> list[tuple[Any, ...]]:
    """(owner, party, reader, its name, purpose, table, columns, when) of every read, the latest first."""
    return _rows("select * from reads_of_mine()")


def shares() -> list[tuple[Any, ...]]:
    """(owner, table, row, to, its name, level, purpose, from, until, ended) of shares with others, the latest first."""
    return _rows("select * from shares_of_mine()")


def ask(
    to_org: str, party: str, kind: str, said: str, *, about: tuple[str, str] | None = None,
    consent: tuple[str, str | None] | None = None, on_behalf: str | None = None,
) -> str:  # fmt: skip
    """Asks something of an organisation about a party; returns the request's name."""
    who = current()
    made = f"r-{secrets.token_hex(6)}"
    table, row = about or (None, None)
    purpose, recipient = consent or (None, None)
    with refusals(who.alias) as c:
        c.execute(
            "insert into own_requests (org_id, request_id, to_org, party_id, kind, about_table, about_id, said,"
            " consent_purpose, recipient, on_behalf, person_id)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [who.org, made, to_org, party, kind, table, row, said, purpose, recipient, on_behalf, who.person],
        )
    return made


_ASKED = (
    "select r.org_id, r.request_id, r.to_org, r.party_id, r.kind, r.about_table, r.about_id, r.said,"
    " r.consent_purpose, r.recipient, r.on_behalf, r.asked_at, a.result, a.said, a.answered_at from own_requests r"
    " left join lateral (select * from own_request_answers n where n.to_org = r.org_id and n.request_id = r.request_id"
    " and n.org_id = r.to_org order by n.number desc limit 1) a on true"
)


def asked() -> list[tuple[Any, ...]]:
    """What the acting organisation asked of others, each with the latest answer; the latest first."""
    return _rows(f"{_ASKED} where r.org_id = acting_org() order by r.asked_at desc, r.request_id")


def received() -> list[tuple[Any, ...]]:
    """What people asked of the acting organisation, each with the latest answer; open ones first, oldest first."""
    return _rows(
        f"{_ASKED} where r.to_org = acting_org()"
        " order by (a.result is not null and a.result <> 'taken'), r.asked_at, r.request_id"
    )


def answer(from_org: str, request: str, result: str, said: str) -> None:
    """Answers a request people made of the acting organisation."""
    who = current()
    with refusals(who.alias) as c:
        c.execute(
            "insert into own_request_answers (org_id, to_org, request_id, number, result, said, person_id)"
            " select %s, %s, %s, coalesce(max(number), 0) + 1, %s, %s, %s from own_request_answers"
            " where org_id = %s and to_org = %s and request_id = %s",
            [who.org, from_org, request, result, said, who.person, who.org, from_org, request],
        )


def unsealed_withdrawals() -> list[tuple[str, str, str, str, str | None, datetime]]:
    """(from, request, party, purpose, recipient, asked) of withdrawals of the acting organisation in no batch yet."""
    found = _rows(
        "select r.org_id, r.request_id, r.party_id, r.consent_purpose, r.recipient, r.asked_at from own_requests r"
        " where r.to_org = acting_org() and r.kind = 'withdrawal' and exists (select from consents f"
        " join batches b on b.org_id = f.org_id and b.sequence = f.fact_sequence where f.org_id = r.to_org"
        " and f.party_id = r.party_id and f.purpose = r.consent_purpose and b.sealed_at < r.asked_at)"
        " and not exists (select from commands c where c.org_id = r.to_org"
        " and starts_with(c.idempotency_key, 'withdrawal ' || r.org_id || ' ' || r.request_id || ' '))"
        " order by r.asked_at"
    )
    return [(f, q, p, u, t, at) for f, q, p, u, t, at in found]
