"""Webhooks: signed, sent again under the same id, given up in the open, and never into the house."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed
from panhuo_server.flows.webhooks import is_outside, looked_up, place_of


class Receiver(ThreadingHTTPServer):
    """Answers as told and keeps what came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int] = []
        self.came: list[tuple[dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers.items()), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *given: Any) -> None:
        """Says nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::",
     "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
     "2002:7f00:1::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "198.18.0.1"],
)  # fmt: skip
def test_addresses_inside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "64:ff9b::808:808"])
def test_addresses_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "ftp://example.com", "https://", "https://a:b@example.com/", "https://x:y/", "x", ""],
)
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(InvalidInput):
        place_of(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "[::1]"])
def test_no_spelling_of_the_house_is_let_through(host: str) -> None:
    with pytest.raises((NotAllowed, OSError)):
        looked_up(host.strip("[]"), 443)


def subscribed(bank: Any, url: str) -> tuple[str, str]:
    from panhuo_server.flows.webhooks import subscribe
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "administration"):
        return subscribe(url, ["deadline.reminded"])


def announce(bank: Any, subject: str) -> None:
    from panhuo_server.flows.webhooks import announce
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        assert announce("deadline.reminded", "deadline", subject) == announce("deadline.reminded", "deadline", subject)
        announce("deadline.escalated", "deadline", subject)


def deliveries(bank: Any) -> list[Any]:
    from panhuo_server.store import webhooks
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        return webhooks.deliveries()


def test_signed_told_again_given_up_and_ended(
    server: Any, come: Any, founded: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.flows import webhooks
    from panhuo_server.store.acting import acting

    monkeypatch.setattr(webhooks, "FIRST_WAIT", timedelta(milliseconds=1))
    monkeypatch.setattr(webhooks, "MOST_ATTEMPTS", 3)
    bank, url = founded("lender"), f"http://127.0.0.1:{receiver.server_port}/hook?x=1"
    with pytest.raises(InvalidInput):
        subscribed(bank, url)
    with pytest.raises(NotAllowed):
        subscribed(bank, "https://localhost/hook")
    monkeypatch.setenv(webhooks.INSIDE_VARIABLE, "1")
    webhook, key = subscribed(bank, url)

    receiver.answers = [500, 302]
    announce(bank, "debt_limitation C-1 2026-04-01")
    come(lambda: [one.result for one in deliveries(bank)] == ["delivered"])
    (done,) = deliveries(bank)
    assert (done.attempts, done.said, len(receiver.came)) == (3, "204", 3)
    assert {headers["Panhuo-Delivery"] for headers, _ in receiver.came} == {done.delivery}
    for headers, body in receiver.came:
        signed = hmac.new(bytes.fromhex(key), headers["Panhuo-Timestamp"].encode() + b"." + body, hashlib.sha256)
        assert headers["Panhuo-Signature"] == "v1=" + signed.hexdigest()
        assert json.loads(body) == {
            "id": done.delivery, "kind": "deadline.reminded", "organisation": bank.org, "subject": "deadline",
            "subject_id": "debt_limitation C-1 2026-04-01",
            "link": "/api/streams/deadline/debt_limitation%20C-1%202026-04-01",
        }  # fmt: skip

    receiver.answers = [500] * 3
    announce(bank, "debt_limitation C-2 2026-04-01")
    come(lambda: [one.result for one in deliveries(bank)] == ["delivered", "dead"])
    assert len(receiver.came) == 6
    with acting(bank.org, bank.person, "monitoring"):
        assert [one.said for one in webhooks.dead_letters()] == ["500"]

    # The setting taken back, the house is closed again, also for who subscribed before.
    monkeypatch.delenv(webhooks.INSIDE_VARIABLE)
    announce(bank, "debt_limitation C-3 2026-04-01")
    come(lambda: [one.result for one in deliveries(bank)] == ["delivered", "dead", "dead"])
    assert len(receiver.came) == 6
    with acting(bank.org, bank.person, "administration"):
        webhooks.unsubscribe(webhook)
    announce(bank, "debt_limitation C-4 2026-04-01")
    assert len(deliveries(bank)) == 3
