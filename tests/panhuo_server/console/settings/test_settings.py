"""Settings: a password, sessions, webhooks with their key shown once, and what only administrators see."""

from __future__ import annotations

import html
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console_answers import body

PASSWORD = "long enough secret"


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    return founded("lender")


@pytest.fixture
def email(bank: Any) -> str:
    return f"admin{bank.org.rpartition('-')[2]}@lender.example"


@pytest.fixture
def heard() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A program that hears webhooks: its address, and what it was told."""
    said: list[tuple[dict[str, str], bytes]] = []

    class Hears(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *given: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", said
    server.shutdown()


def test_a_new_password_ends_other_sessions(email: str, browser: Any) -> None:
    from django.test import Client

    here, there = browser(email), browser(email)
    given = {"old": PASSWORD, "new": "another long secret", "again": "another long secret"}
    assert here.post("/console/settings/password", {**given, "again": "something else"}).status_code == 422
    wrong = here.post("/console/settings/password", {**given, "old": "not the old one"})
    assert wrong.status_code == 422
    assert "原密码不对" in body(wrong)
    assert here.post("/console/settings/password", {**given, "new": "short", "again": "short"}).status_code == 422
    assert there.get("/console/settings").status_code == 200
    assert here.post("/console/settings/password", given).status_code == 302
    assert here.get("/console/settings").status_code == 200
    assert there.get("/console/settings").status_code == 302, "to the door"
    door = Client(SERVER_NAME="localhost")
    assert door.post("/console/sign-in", {"email": email, "password": PASSWORD}).status_code == 403


def test_other_sessions_are_ended_and_this_one_stays(email: str, browser: Any) -> None:
    here, there = browser(email), browser(email)
    assert here.post("/console/settings/sessions", {"password": "wrong one here"}).status_code == 422
    assert there.get("/console/settings").status_code == 200
    assert here.post("/console/settings/sessions", {"password": PASSWORD}).status_code == 302
    assert "已结束 1 个其他登录" in body(here.get("/console/settings"))
    assert there.get("/console/settings").status_code == 302


def test_a_webhook_is_added_tried_and_ended(
    bank: Any, email: str, browser: Any, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.flows.webhooks import signature

    url, said = heard
    client = browser(email)
    given = {"url": url, "kinds": ["import.sealed"]}
    assert client.post("/console/settings/webhooks", given).status_code == 422, "no plain http, nothing inside"
    monkeypatch.setenv("PANHUO_WEBHOOKS_INSIDE", "1")
    assert client.post("/console/settings/webhooks", {**given, "kinds": []}).status_code == 422
    text = body(client.post("/console/settings/webhooks", given))
    key = re.search(r'<div class="secret".*?<code>([0-9a-f]{64})</code>', text, re.S)
    assert key is not None
    text = body(client.get("/console/settings/webhooks"))
    assert key[1] not in text
    hook = re.search(r'name="webhook" value="([^"]+)"', text)
    assert hook is not None
    assert client.post("/console/settings/webhooks/try", {"webhook": "w-0"}).status_code == 404
    assert client.post("/console/settings/webhooks/try", {"webhook": hook[1]}).status_code == 302
    ((headers, content),) = said
    assert headers["Panhuo-Signature"] == signature(bytes.fromhex(key[1]), headers["Panhuo-Timestamp"], content)
    assert client.post("/console/settings/webhooks/end", {"webhook": hook[1]}).status_code == 302
    assert client.post("/console/settings/webhooks/try", {"webhook": hook[1]}).status_code == 404
    assert "已终止" in html.unescape(body(client.get("/console/settings/webhooks")))


def test_what_is_the_administrators_alone(
    server: Any, bank: Any, email: str, browser: Any, colleague: Callable[..., str]
) -> None:
    from panhuo_server.store.backup import LAST

    (server.folder / LAST).unlink(missing_ok=True)  # tests before this one may have made a backup
    chief, officer = browser(email), browser(colleague(bank, "officer"))
    assert "从未备份过" in body(chief.get("/console/settings/server"))
    for address in ("/console/settings/server", "/console/settings/webhooks"):
        assert officer.get(address).status_code == 404
        assert address not in body(officer.get("/console/settings"))
    text = body(officer.get("/console/settings/organisation"))
    assert bank.org in text
    assert "没有采纳过建议性规则" in text
    assert "100,000 – 1,000,000 CNY" in text


@pytest.mark.parametrize("page", ["", "/organisation", "/webhooks", "/server"])
def test_settings_read_in_english(email: str, browser: Any, page: str) -> None:
    text = body(browser(email, **{"accept-language": "en"}).get(f"/console/settings{page}"))
    shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN"[^>]*>中文|机构 \d+|管理员', "", text))
    assert re.findall(r"[\u4e00-\u9fff]+", shown) == []
