"""The frame: the door, headers, the one 404, files with hashes, and what a page teaches before the first night."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from console_answers import body

PASSWORD = "long enough secret"


@pytest.fixture
def client(founded: Any) -> Any:
    """A signed-in administrator and officer of an organisation without facts."""
    from django.test import Client

    made = founded("lender")
    number = made.org.rpartition("-")[2]
    client = Client(headers={"accept-language": "zh-CN,zh;q=0.9"}, SERVER_NAME="localhost")
    answer = client.post("/console/sign-in", {"email": f"admin{number}@lender.example", "password": PASSWORD})
    assert answer.status_code == 302
    client.made = made  # type: ignore[attr-defined]
    client.email = f"admin{number}@lender.example"  # type: ignore[attr-defined]
    return client


def test_nobody_sees_a_page_unsigned_and_comes_back_where_they_wanted(founded: Any) -> None:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    for address in ("/console/", "/console/book?f.class=loss", "/console/claims/X", "/console/nothing"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/console/sign-in?next=")
    made = founded("lender")
    email = f"admin{made.org.rpartition('-')[2]}@lender.example"
    given = {"email": email, "password": PASSWORD, "next": "/console/book?f.class=loss"}
    assert client.post("/console/sign-in", given)["Location"] == "/console/book?f.class=loss"


@pytest.mark.parametrize(
    "asked",
    [
        "//elsewhere.example/",
        "https://elsewhere.example/console/",
        "/\\elsewhere",
        "javascript:alert(1)",
        "/console/\n",
        "/api/",
    ],
)
def test_the_door_leads_inside_alone(asked: str) -> None:
    from panhuo_server.console.entering import onward

    assert onward(asked) == "/console/"


def test_a_wrong_password_is_told_without_saying_which(founded: Any) -> None:
    from django.test import Client

    made = founded("lender")
    known = f"admin{made.org.rpartition('-')[2]}@lender.example"
    bodies = []
    for email in (known, "nobody@lender.example"):
        answer = Client(SERVER_NAME="localhost").post(
            "/console/sign-in", {"email": email, "password": "wrong wrong wrong"}
        )
        assert answer.status_code == 403
        assert "panhuo_session" not in answer.cookies
        bodies.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body(answer)).replace(email, ""))
    assert bodies[0] == bodies[1]


def test_cookies_are_kept_from_scripts_and_from_plain_connections(founded: Any) -> None:
    from django.test import Client

    made = founded("lender")
    given = {"email": f"admin{made.org.rpartition('-')[2]}@lender.example", "password": PASSWORD}
    for host, is_secure in (("127.0.0.1:8800", ""), ("localhost", "")):
        cookie = Client(headers={"host": host}).post("/console/sign-in", given).cookies["panhuo_session"]
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert cookie["secure"] == is_secure
    from django.test import RequestFactory, override_settings

    from panhuo_server.console.frame import secure

    with override_settings(ALLOWED_HOSTS=["*"]):
        for host, is_secure in (
            ("127.0.0.1:1", False),
            ("[::1]:1", False),
            ("bank.example", True),
            ("bank.example:1", True),
        ):
            assert secure(RequestFactory(headers={"host": host}).get("/")) is is_secure, host


def test_every_unsafe_request_needs_its_token(client: Any) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    strict.cookies = client.cookies
    for address in (
        "/console/sign-out",
        "/console/organisation",
        "/console/language",
        "/console/night",
        "/console/sign-in",
    ):
        assert strict.post(address, {}).status_code == 403, address
    assert client.get("/console/kit").status_code == 200  # still signed in


def test_signing_out_ends_the_session(client: Any) -> None:
    held = client.cookies["panhuo_session"].value
    assert client.post("/console/sign-out").status_code == 302
    client.cookies["panhuo_session"] = held
    assert client.get("/console/").status_code == 302


def test_headers_of_pages_and_of_what_does_not_exist(client: Any) -> None:
    for address in ("/console/", "/console/kit", "/console/nothing", "/console/why/classes?key=1"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"


def test_unknown_and_forbidden_are_the_same_page(client: Any, founded: Any) -> None:
    from django.test import Client

    supervisor = founded("supervisor")
    other = Client(headers={"accept-language": "zh"}, SERVER_NAME="localhost")
    number = supervisor.org.rpartition("-")[2]
    other.post("/console/sign-in", {"email": f"admin{number}@supervisor.example", "password": PASSWORD})

    def seen(address: str) -> tuple[int, str]:
        answer = other.get(address)
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body(answer))
        return answer.status_code, text.replace(address, "ADDRESS")

    unknown = seen("/console/no-such-room")
    assert unknown[0] == 404
    for forbidden in (
        "/console/book",
        "/console/claims",
        "/console/deadlines",
        "/console/claims/CL00001",
        "/console/why/classes",
    ):
        assert seen(forbidden) == unknown, forbidden
    assert '<a href="/console/book"' not in unknown[1]  # what a role may not do is absent


def test_language_is_the_persons_then_the_browsers(client: Any) -> None:
    assert '<html lang="zh-CN"' in body(client.get("/console/kit"))
    assert '<html lang="en"' in body(client.get("/console/kit", headers={"accept-language": "en-GB,en;q=0.8"}))
    assert client.post("/console/language", {"language": "en", "next": "/console/kit"})["Location"] == "/console/kit"
    assert '<html lang="en"' in body(client.get("/console/kit"))
    assert client.post("/console/language", {"language": "xx"}).status_code == 400


def test_one_acts_for_the_organisation_chosen_and_for_no_other(client: Any, founded: Any) -> None:
    other = founded("lender")
    client.post("/console/organisation", {"organisation": other.org})
    assert "panhuo_organisation" not in client.cookies
    client.cookies["panhuo_organisation"] = other.org  # a forged cookie chooses nothing
    number = client.made.org.rpartition("-")[2]
    text = body(client.get("/console/"))
    assert f"机构 {number}" in text
    assert f"机构 {other.org.rpartition('-')[2]}" not in text.replace(f"机构 {number}", "")


def test_files_carry_their_hash_and_are_kept_by_browsers(client: Any) -> None:
    text = body(client.get("/console/kit"))
    names = set(re.findall(r'/console/static/[^"]+', text))
    assert len(names) >= 7
    own = len(gzip.compress(text.encode()))
    for name in names:
        answer = client.get(name, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]
        if not re.search("htmx|alpine|echarts", name):
            own += len(answer.content)
    assert own < 150 * 1024, own
    assert client.get("/console/static/console.css").status_code == 404
    assert client.get("/console/static/..%2Fframe.py").status_code == 404


def test_before_the_first_night_a_page_teaches(client: Any) -> None:
    for address in ("/console/", "/console/book", "/console/deadlines", "/console/claims"):
        text = body(client.get(address))
        assert "还没有夜间运行的结果" in text
        assert "还没有任何事实" in text
    assert client.get("/console/why/classes?of=balance").status_code == 404


def test_the_kit_shows_every_piece_in_both_languages(client: Any) -> None:
    for language, words in (
        ("zh", ("瀑布", "时间线", "步骤", "读取中")),
        ("en", ("Waterfall", "Time line", "Wizard", "Loading")),
    ):
        text = body(client.get("/console/kit", headers={"accept-language": language}))
        assert all(word in text for word in words)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text)


def test_a_court_has_no_room_of_the_trade(founded: Any, browser: Any) -> None:
    made = founded("court")
    client = browser(f"admin{made.org.rpartition('-')[2]}@court.example")
    home = body(client.get("/console/"))
    assert 'href="/console/cases"' in home
    for place in ("applications", "book", "claims", "packages", "network", "warnings", "deadlines", "night"):
        assert f'href="/console/{place}"' not in home
        assert client.get(f"/console/{place}").status_code == 404, place
