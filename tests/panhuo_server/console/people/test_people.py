"""People: an invitation's link and a token's text are shown once; roles end; nobody but an administrator is there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from console_answers import body

PASSWORD = "long enough secret"


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    return founded("lender")


@pytest.fixture
def chief(bank: Any, browser: Any) -> Any:
    """Its administrator's browser."""
    return browser(f"admin{bank.org.rpartition('-')[2]}@lender.example")


def secret(text: str) -> str:
    found = re.search(r'<div class="secret".*?<code>([^<]+)</code>', text, re.S)
    assert found is not None, text
    return html.unescape(found[1])


def test_somebody_is_invited_joins_works_and_leaves(bank: Any, chief: Any, browser: Any) -> None:
    from django.test import Client

    given = {"email": "li@bank.example", "role": "risk_manager", "days": "7"}
    code = secret(body(chief.post("/console/people/invitations", given)))
    assert code not in body(chief.get("/console/people"))
    door = Client(headers={"accept-language": "zh"}, SERVER_NAME="localhost")
    assert door.post("/console/invitation", {"code": code[:-2] + "xx"}).status_code == 422
    text = body(door.post("/console/invitation", {"code": code}))
    assert "li@bank.example" in text and "风险经理" in text
    weak = {"code": code, "how": "new", "name": "李强", "password": "1234567890"}
    assert door.post("/console/invitation", {**weak, "password": "aaaaaaaaaaa"}).status_code == 422
    done = door.post("/console/invitation", {**weak, "password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/console/sign-in")
    assert door.post("/console/invitation", {"code": code}).status_code == 422, "it is used"
    joined = browser("li@bank.example")
    assert joined.get("/console/tasks").status_code == 200
    assert joined.get("/console/people").status_code == 404

    text = body(chief.get("/console/people"))
    person = re.search(r'name="person" value="([^"]+)"><input type="hidden" name="role" value="risk_manager"', text)
    assert person is not None
    ended = chief.post("/console/people/roles/end", {"person": person[1], "role": "risk_manager"})
    assert ended.status_code == 302
    assert joined.get("/console/tasks").status_code == 404
    last = chief.post("/console/people/roles/end", {"person": bank.person, "role": "administrator"})
    assert last.status_code == 422
    assert "最后一名管理员" in body(last)


def test_a_token_is_shown_once_works_and_ends(bank: Any, chief: Any) -> None:
    from panhuo.ground.record.errors import NotAllowed
    from panhuo_server.accounts.tokens import bearing

    given = {"name": "账务接口", "scopes": ["monitoring", "reporting"], "days": "30", "read_only": "1"}
    text = secret(body(chief.post("/console/people/tokens", given)))
    held = bearing(text)
    assert (held.org, held.person, held.read_only) == (bank.org, bank.person, True)
    assert held.scopes == {"monitoring", "reporting"}
    page = body(chief.get("/console/people"))
    assert text not in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    assert chief.post("/console/people/tokens", {**given, "scopes": ["enforcement"]}).status_code == 422
    assert chief.post("/console/people/tokens/revoke", {"token": token[1]}).status_code == 302
    with pytest.raises(NotAllowed):
        bearing(text)


def test_who_administers_nothing_finds_no_such_page(
    bank: Any, chief: Any, browser: Any, founded: Any, colleague: Callable[..., str]
) -> None:
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    for role in ("auditor", "officer", "approver"):
        client = browser(colleague(bank, role))
        assert client.get("/console/people").status_code == 404
        given = {"email": "x@y.example", "role": "officer", "days": "7"}
        assert client.post("/console/people/invitations", given).status_code == 404
        assert client.post("/console/people/roles", {"person": bank.person, "role": "auditor"}).status_code == 404
    assert stranger.post("/console/people/roles", {"person": bank.person, "role": "auditor"}).status_code == 422
    assert bank.org not in body(stranger.get("/console/people"))
    assert chief.get("/console/people/invitations").status_code == 405
