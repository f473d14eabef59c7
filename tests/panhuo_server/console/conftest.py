"""A bank with a book and two nights on it, for the pages to show."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

PASSWORD = "long enough secret"
_ADDRESSES = itertools.count(1)


@dataclass(frozen=True)
class Bank:
    """An organisation with results: its code, its administrator who is also an officer, and their address."""

    org: str
    person: str
    email: str


@pytest.fixture(scope="module")
def bank(server: Any, vacate: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """A county bank's sample of sixty borrowers, judged a month before its last day and on it."""
    from datetime import timedelta

    from command import panhuo
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.organisations import found
    from panhuo_server.flows.nightly import fill, judge
    from panhuo_server.store.books import import_book

    book = tmp_path_factory.mktemp("console") / "book"
    panhuo("sample", "--preset", "county", "--borrowers", "60", "--seed", "5", "--out", book)
    vacate("self")
    made = found("self", "青溪农村商业银行", "lender", "officer@bank.example", "王敏", PASSWORD)
    with acting(made.org, made.person, "import"):
        import_book(book)
    sequence = fill(made.org, made.person, False)
    wanted = ["claim_routes", "maximum_bids", "deadlines", "provision_summary", "portfolio", "warnings", "migration",
              "vintages", "npl_movements", "ring_membership"]  # fmt: skip
    judge(made.org, made.person, False, "now", sequence, None, wanted)
    from panhuo_server.store import outcomes

    with acting(made.org, made.person, "monitoring"):
        day = outcomes.of_run("now")[0].as_of
    judge(made.org, made.person, False, "before", sequence, (day - timedelta(days=60)).isoformat(), wanted)
    return Bank(made.org, made.person, "officer@bank.example")


@pytest.fixture
def browser(server: Any) -> Callable[..., Any]:
    """A signed-in client: ``browser(email)``; with no address, one that is not."""
    from django.test import Client

    def make(email: str | None = None, **headers: str) -> Any:
        # Every client comes from an address of its own: how often one address may try to sign in is tested elsewhere.
        number = next(_ADDRESSES)
        client = Client(
            headers={"accept-language": "zh", **headers}, SERVER_NAME="localhost",
            REMOTE_ADDR=f"10.{100 + (number >> 16)}.{number >> 8 & 255}.{number & 255}",
        )  # fmt: skip
        if email is not None:
            answer = client.post("/console/sign-in", {"email": email, "password": PASSWORD})
            assert answer.status_code == 302, answer.content.decode()
        return client

    return make


@pytest.fixture(scope="session")
def queue(server: Any) -> Any:
    """The queue's tables, so that work can be asked for and watched; nobody works it off."""
    from panhuo_server.flows.engine import prepare

    prepare(server)
    return server


@pytest.fixture
def colleague(server: Any) -> Callable[[Any, str], str]:
    """Somebody with one role in an organisation: ``colleague(made, "auditor")`` gives their address."""
    import secrets

    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.invitations import accept_as_new, invite

    def make(made: Any, role: str, *, judicial: bool = False) -> str:
        email = f"{role}-{secrets.token_hex(4)}@{made.org}.example"
        with acting(made.org, made.person, "administration", judicial=judicial):
            link = invite(email, role).link
        accept_as_new(link, f"{role} of {made.org}", PASSWORD)
        return email

    return make


@pytest.fixture(scope="module")
def address(server: Any) -> Iterator[str]:
    """The pages served on a port of this machine."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *given: Any) -> None:
            """Says nothing."""

    running = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
