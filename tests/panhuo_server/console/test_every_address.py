"""Every address of the console for every role: there or the one 404, and what every page must have."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

import neighbours
from console_answers import body
from panhuo_server.accounts.roles import ROLES

pytestmark = pytest.mark.slow

NAMES = {
    "claim_id": ["CL1", "CL-CANARY"], "org": ["walk-bank"], "package_id": ["PK1"], "case": ["M-none"],
    "name": ["classes"], "run": ["no-run"], "party_id": ["P1"], "loan_id": ["D1"], "drawdown_id": ["D1"],
}  # fmt: skip
"""Values for parts of addresses; a part not named here gets one that is nothing."""
MEMBERS = {"lender": "bank", "asset_manager": "bank", "investor": "investor", "borrower": "borrower", "court": "court",
           "mediation": "mediation", "supervisor": "supervisor"}  # fmt: skip


def addresses() -> Iterator[str]:
    """Every address of the console, its parts filled in."""
    from panhuo_server.console.addresses import urlpatterns

    for one in urlpatterns:
        route = str(one.pattern)
        if not route.startswith("console/") or "static" in route or route.startswith("^"):
            continue
        parts = re.findall(r"<(?:\w+:)?(\w+)>", route)
        filled = [route]
        for part in parts:
            filled = [re.sub(rf"<(?:\w+:)?{part}>", value, f) for f in filled for value in NAMES.get(part, ["nothing"])]
        yield from (f"/{f}" for f in filled)


@pytest.fixture(scope="module")
def street(server: Any) -> dict[str, neighbours.Neighbour]:
    """A bank and those it shares with, on a server whose queue of work is there."""
    from panhuo_server.flows.engine import prepare

    prepare(server)
    return neighbours.neighbourhood("walk")


def member(street: dict[str, neighbours.Neighbour], role: Any) -> str:
    """The address of somebody with that role alone, invited where a founder has others."""
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    kind = next(k for k in ("lender", "investor", "borrower", "court", "mediation", "supervisor") if k in role.kinds)
    place = street[MEMBERS[kind]]
    email = f"role-{role.code}@neighbour.example"
    with acting(place.org, place.person, "administration", judicial=kind in ("court", "mediation")):
        link = invitations.invite(email, role.code).link
    invitations.accept_as_new(link, role.code, neighbours.PASSWORD)
    return email


def faults(text: str) -> list[str]:
    """What a page breaks of what every page must keep."""
    found = []
    if "<html" in text:  # what is no whole page is a part that a page takes in
        if not re.search(r'<html lang="(zh-CN|en)"', text):
            found.append("no language")
        if not re.search(r"<title>[^<·]*\S[^<·]*·", text):
            found.append("no title")
        if len(re.findall(r"<h1[ >]", text)) != 1:
            found.append(f"{len(re.findall(r'<h1[ >]', text))} first headings")
    if re.search(r"\sstyle=|<style", text):
        found.append("style of its own")
    if re.search(r"<script(?![^>]*\ssrc=)|\son[a-z]+=", text):
        found.append("script of its own")
    if re.search(r'(?:src|href|action)="(?:https?:)?//', text):
        found.append("another host")
    for link in re.findall(r'<a class="n[^>]*href="([^"]*)"', text):
        if not re.match(r"/console/(why/|kit$|[^?]*\?.*\bas=sum\b)", html.unescape(link)):
            found.append(f"a figure leads to {link}")
    labels = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', text))
    wrapped = re.sub(r"<label\b.*?</label>", "", text, flags=re.S)
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", wrapped):
        identity = re.search(r'\sid="([^"]+)"', tag)
        if 'type="hidden"' in tag or "aria-label" in tag or (identity and identity[1] in labels):
            continue
        found.append(f"no label: {tag[:80]}")
    ids = re.findall(r'\sid="([^"]+)"', text)
    found += [f"the id {one} twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
    return found


def test_what_a_page_must_keep_is_seen_to_be_broken() -> None:
    good = '<html lang="en"><title>Book · Panhuo</title><h1>Book</h1><label for="a">A</label><input id="a">'
    assert faults(good) == []
    for bad in ("<input name=x>", '<p style="x">', "<script>1</script>", '<a class="n" href="/console/book">', "<h1>"):
        assert faults(good + bad), bad
    assert faults(good + '<b id="a"></b>') == ["the id a twice"]
    assert faults(good.replace(' lang="en"', "")) == ["no language"]


@pytest.mark.parametrize("role", [role for role in ROLES if role.code != "service"], ids=lambda role: role.code)
def test_every_address_for_every_role(street: dict[str, neighbours.Neighbour], browser: Any, role: Any) -> None:
    email = member(street, role)
    chinese = browser(email)
    nowhere = chinese.get("/console/no-such-room")
    assert nowhere.status_code == 404

    def same(text: str, address: str) -> str:
        token = r'name="csrfmiddlewaretoken" value="[^"]*"'
        return re.sub(token, "", text).replace(html.escape(address), "ADDRESS").replace(address, "ADDRESS")

    one = same(body(nowhere), "/console/no-such-room")
    assert faults(body(nowhere)) == []
    there = 0
    for at, address in enumerate(dict.fromkeys(addresses())):
        answer = chinese.get(address, headers={"accept-language": "en" if at % 2 else "zh"})
        if answer.status_code in (302, 405):  # the door, what is asked by POST alone
            continue
        assert answer.status_code in (200, 404), (address, answer.status_code)
        text = body(answer)
        if answer.status_code == 404:
            assert at % 2 or same(text, address) == one, address
            continue
        assert faults(text) == [], address
        there += "<html" in text
        if role.code in ("debtor", "investor", "judge", "clerk", "mediator", "supervisor"):
            assert not [mark for mark in neighbours.CANARY if mark in text], address
    today = chinese.get("/console/")
    assert today.status_code == 200
    assert "这里还没有给您的内容" not in body(today)
    assert there >= 3
    rail = re.search(r'<nav class="rail".*?</nav>', body(today), re.S)
    assert rail is not None
    for leads in re.findall(r'<a href="([^"]+)"', rail[0]):
        assert chinese.get(leads).status_code == 200, leads  # what a role may not do is absent
