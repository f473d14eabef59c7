"""Webhooks as the database keeps them: subscriptions, deliveries, tries.

Invariant: a delivery is there once for a subscription and a happening, and each numbered try once; nothing changes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from panhuo_server.store.acting import current, cursor
from panhuo_server.store.layout import Layout


@dataclass(frozen=True)
class Webhook:
    """A subscription."""

    webhook: str
    url: str
    kinds: tuple[str, ...]
    ended_at: datetime | None


@dataclass(frozen=True)
class Delivery:
    """Something to be told to a subscriber; `result` and `said` are the last try's."""

    delivery: str
    webhook: str
    body: str
    attempts: int
    result: str
    said: str


def key_of(layout: Layout, org: str, webhook: str) -> bytes:
    """The key a subscription's messages are signed with: derived, so no table and no backup of data holds it."""
    held = layout.secret("webhooks", lambda: {"key": secrets.token_hex(32)})["key"]
    return hmac.new(bytes.fromhex(held), f"{org}\x1f{webhook}".encode(), hashlib.sha256).digest()


def add(webhook: str, url: str, kinds: Sequence[str]) -> None:
    """Keeps a subscription of the acting organisation."""
    with cursor() as c:
        c.execute(
            "insert into webhooks (org_id, webhook_id, url, kinds, created_by) values (%s, %s, %s, %s, %s)",
            [current().org, webhook, url, list(kinds), current().person],
        )


def end(webhook: str) -> None:
    """Ends a subscription; twice is once."""
    with cursor() as c:
        c.execute(
            "insert into webhook_ends (org_id, webhook_id, ended_by) values (%s, %s, %s) on conflict do nothing",
            [current().org, webhook, current().person],
        )


def all_webhooks() -> list[Webhook]:
    """The acting organisation's subscriptions, ended ones too, oldest first."""
    with cursor() as c:
        c.execute(
            "select w.webhook_id, w.url, w.kinds, e.ended_at from webhooks w left join webhook_ends e"
            " on e.org_id = w.org_id and e.webhook_id = w.webhook_id where w.org_id = acting_org()"
            " order by w.created_at, w.webhook_id"
        )
        return [Webhook(w, u, tuple(k), e) for w, u, k, e in c.fetchall()]


def add_delivery(delivery: str, webhook: str, body: str) -> bool:
    """Keeps what is to be told; False when it is there already."""
    with cursor() as c:
        c.execute(
            "insert into webhook_deliveries (org_id, delivery_id, webhook_id, body) values (%s, %s, %s, %s)"
            " on conflict do nothing returning 1",
            [current().org, delivery, webhook, body],
        )
        return c.fetchone() is not None


def deliveries(only: str | None = None) -> list[Delivery]:
    """The acting organisation's deliveries with their last try, oldest first; or only the one named."""
    with cursor() as c:
        c.execute(
            "select d.delivery_id, d.webhook_id, d.body, coalesce(a.attempt, 0), coalesce(a.result, ''),"
            " coalesce(a.said, '') from webhook_deliveries d left join lateral (select * from webhook_attempts t"
            " where t.org_id = d.org_id and t.delivery_id = d.delivery_id order by t.attempt desc limit 1) a on true"
            " where d.org_id = acting_org() and (%s::text is null or d.delivery_id = %s)"
            " order by d.created_at, d.delivery_id",
            [only, only],
        )
        return [Delivery(*row) for row in c.fetchall()]


def add_attempt(delivery: str, attempt: int, result: str, said: str) -> None:
    """Notes a try; one already noted under that number stays."""
    with cursor() as c:
        c.execute(
            "insert into webhook_attempts (org_id, delivery_id, attempt, result, said) values (%s, %s, %s, %s, %s)"
            " on conflict do nothing",
            [current().org, delivery, attempt, result, said],
        )
