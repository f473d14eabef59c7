"""Webhooks: what happened, told to programs outside, signed, tried again, and given up in the open.

Invariant: a message holds ids and a link, never personal data; every try of it bears the same id; it goes to the
address that was looked up and looked at, and to none inside the house unless the operator's setting says so.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import secrets
import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import InvalidInput, NotAllowed, NotFound
from panhuo_server.accounts.roles import require
from panhuo_server.flows import clock
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.store import webhooks as kept
from panhuo_server.store.acting import acting_as_clock, current
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import start_work

INSIDE_VARIABLE = "PANHUO_WEBHOOKS_INSIDE"
"""Set to 1 by the operator, it lets webhooks go to private and loopback addresses, and by plain HTTP."""
MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)
SECONDS = 15.0
"""How long one try may take in all."""
KINDS = CodeList.of(
    "webhook_kinds",
    ("import.sealed", "导入入库", "an import was sealed"),
    ("import.refused", "导入被拒", "an import was refused"),
    ("import.classified", "导入资产已分类", "imported assets were classified"),
    ("approval.proposed", "发起审批", "a proposal was made"),
    ("approval.reminded", "审批提醒", "a proposal's reminder"),
    ("approval.escalated", "审批上报", "a proposal was escalated"),
    ("approval.approved", "审批通过", "a proposal was approved"),
    ("approval.rejected", "审批否决", "a proposal was rejected"),
    ("approval.withdrawn", "审批撤回", "a proposal was withdrawn"),
    ("approval.expired", "审批过期", "a proposal expired"),
    ("deadline.reminded", "期限提醒", "a deadline's reminder"),
    ("deadline.escalated", "期限上报", "a deadline was escalated"),
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _inside_allowed() -> bool:
    return os.environ.get(INSIDE_VARIABLE) == "1"


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public internet's, whatever it is wrapped in."""
    found = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast and not found.is_reserved


def place_of(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of a webhook's URL.

    Raises:
        InvalidInput: when it is none, carries a password, or is not https where that is needed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme not in ("https", "http") or parts.username or parts.password or len(url) > 2000:
        raise InvalidInput("this is no address a webhook can go to", remedy="https://host/path, without a password")
    if parts.scheme == "http" and not _inside_allowed():
        raise InvalidInput("a webhook goes by https", remedy="https://host/path")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def looked_up(host: str, port: int) -> str:
    """The one address to connect to.

    Raises:
        NotAllowed: when any address of the host lies inside and no setting allows it.
        OSError: when the name has none.
    """
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not _inside_allowed() and not all(is_outside(address) for address in found):
        raise NotAllowed(
            "this address lies inside a private network", where=host, remedy="name a public host", code="webhook/inside"
        )
    return found[0]


def subscribe(url: str, kinds: Sequence[str]) -> tuple[str, str]:
    """Subscribes a program of the acting organisation; inside `acting`. Returns (webhook id, its key in hex, once).

    Raises:
        InvalidInput: for a URL or kind that is none.
        NotAllowed: when the address lies inside, or no role of whoever acts may let programs in.
    """
    require("issue_tokens")
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong or not kinds:
        raise InvalidInput(f"no such kind: {', '.join(wrong) or 'none named'}", remedy=", ".join(KINDS.positions))
    _, host, port = place_of(url)
    try:
        looked_up(host, port)
    except OSError as error:
        raise InvalidInput("this host has no address", where=host, remedy="check its name") from error
    webhook = f"w-{secrets.token_hex(8)}"
    kept.add(webhook, url, kinds)
    return webhook, kept.key_of(Layout.current(), current().org, webhook).hex()


def unsubscribe(webhook: str) -> None:
    """Ends a subscription; what waits for it is not sent any more.

    Raises:
        NotFound: when there is none.
        NotAllowed: when no role of whoever acts may.
    """
    require("issue_tokens")
    if webhook not in {one.webhook for one in kept.all_webhooks()}:
        raise NotFound("there is no such webhook", where=webhook)
    kept.end(webhook)


def announce(kind: str, stream_kind: str, stream_id: str) -> int:
    """Tells the acting organisation's subscribers, when this transaction commits; returns how many.

    The same happening announced again is told once.
    """
    found = [one for one in kept.all_webhooks() if one.ended_at is None and kind in one.kinds]
    for one in found:
        delivery = hashlib.sha256("\x1f".join((one.webhook, kind, stream_kind, stream_id)).encode()).hexdigest()[:32]
        body = {
            "id": delivery, "kind": kind, "organisation": current().org, "subject": stream_kind,
            "subject_id": stream_id,
            "link": f"/api/streams/{quote(stream_kind, safe='')}/{quote(stream_id, safe='')}",
        }  # fmt: skip
        if kept.add_delivery(delivery, one.webhook, json.dumps(body, ensure_ascii=False, sort_keys=True)):
            given = {"delivery": delivery, "attempt": 1, "purpose": current().purpose}
            start_work("webhook", f"{delivery} 1", given)
    return len(found)


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """``v1=`` and HMAC-SHA-256 over ``timestamp.body``: who receives it computes the same and compares.

    A receiver refuses a timestamp more than a few minutes old, so that nobody sends an old message again.
    """
    return "v1=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def send(url: str, key: bytes, delivery: str, body: bytes, timestamp: str) -> str:
    """Sends one message; returns the HTTP status, or a code of what went wrong. Never follows a redirect."""
    connection: http.client.HTTPConnection | None = None
    watch: threading.Timer | None = None
    try:
        scheme, host, port = place_of(url)
        address = looked_up(host, port)
        raw = socket.create_connection((address, port), timeout=SECONDS)
        # However slowly the other side answers, this try ends.
        watch = threading.Timer(SECONDS, _hang_up, (raw,))
        watch.daemon = True
        watch.start()
        if scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
        connection.sock = raw
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json", "User-Agent": "Panhuo", "Panhuo-Delivery": delivery,
            "Panhuo-Timestamp": timestamp, "Panhuo-Signature": signature(key, timestamp, body),
        }  # fmt: skip
        connection.request("POST", path, body, headers)
        return str(connection.getresponse().status)
    except (NotAllowed, InvalidInput) as error:
        return error.code
    except ssl.SSLError:
        return "tls"
    except TimeoutError:
        return "timeout"
    except (OSError, http.client.HTTPException, UnicodeError):
        return "unreachable"
    finally:
        if watch is not None:
            watch.cancel()
        if connection is not None:
            connection.close()


def _hang_up(raw: socket.socket) -> None:
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already, which is what was wanted


@durable_step("deliver")
def deliver(org: str, person: str, judicial: bool, delivery: str, purpose: str, attempt: int) -> str:
    """One try; asks for the next one when it failed and is not the last. Returns delivered, failed, dead or ended."""
    with acting_as_clock(org, judicial=judicial):
        (waiting,) = kept.deliveries(delivery)
        subscribed = {one.webhook: one for one in kept.all_webhooks()}[waiting.webhook]
    if waiting.attempts >= attempt:
        return waiting.result
    result, said = "ended", ""
    if subscribed.ended_at is None:
        key = kept.key_of(Layout.current(), org, waiting.webhook)
        stamp = str(int(clock.now().timestamp()))
        said = send(subscribed.url, key, delivery, waiting.body.encode(), stamp)
        result = "delivered" if said[:1] == "2" and said.isdigit() else "failed"
        if result == "failed" and attempt >= MOST_ATTEMPTS:
            result = "dead"
    with acting_as_clock(org, judicial=judicial):
        kept.add_attempt(delivery, attempt, result, said)
        if result == "failed":
            given = {"delivery": delivery, "attempt": attempt + 1, "purpose": purpose}
            wait = FIRST_WAIT * 3 ** (attempt - 1)  # 30 s, 90 s, 4.5 min ... 6 h: about nine hours in all
            start_work("webhook", f"{delivery} {attempt + 1}", given, not_before=clock.now() + wait)
    return result


def dead_letters() -> list[kept.Delivery]:
    """Messages of the acting organisation that were given up."""
    return [one for one in kept.deliveries() if one.result == "dead"]


@durable_workflow("webhook")
def deliver_message(org: str, person: str, judicial: bool, body: dict[str, Any]) -> str:
    """One try of one message."""
    return deliver(org, person, judicial, str(body["delivery"]), str(body["purpose"]), int(body["attempt"]))
