"""Who sees what of whom through every page: another organisation's rows hold canaries, and every page of every role is
asked for them by their ids. What is unknown and what is forbidden are the same page, made in the same time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

import stranger
from console_answers import body
from stranger import told

ROLES = ("officer", "approver", "lawyer", "auditor", "administrator")
IDS = {
    "party_id": "parties", "drawdown_id": "drawdowns", "claim_id": "claims", "package_id": "packages",
}  # fmt: skip
"""What a page's address names -> the table it names a row of."""


def addresses(word: str) -> Iterator[str]:
    """Every address of the console, with ids made of a word."""
    from panhuo_server.console.addresses import urlpatterns

    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route.startswith("^") or not route.startswith("console/") or "static" in route:
            continue

        def named(match: re.Match[str]) -> str:
            kind, name = match.group(1) or "str", match.group(2)
            if kind == "int":
                return "1"
            if name in ("name", "outcome"):
                return "class_floor"
            if name == "table":
                return "parties"
            return quote(f"{word}-{IDS[name]}" if name in IDS else word)

        yield "/" + re.sub(r"<(?:(\w+):)?(\w+)>", named, route)


@pytest.fixture(scope="module")
def beta(server: Any) -> Any:
    """The other organisation."""
    from panhuo_server.accounts.organisations import found
    from panhuo_server.flows.engine import prepare

    prepare(server)  # the tables of the queue, which nobody works off here
    made = found("pages-beta", "CANARY bank", "lender", "beta@pages.example", "CANARY person", "long enough secret")
    stranger.fill(made.org, made.person)
    return made


@pytest.fixture(scope="module")
def people(bank: Any, beta: Any) -> dict[str, str]:
    """A person of the bank for each role: role -> address."""
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting

    found = {}
    for role in ROLES:
        email = f"{role}@pages.example"
        with acting(bank.org, bank.person, "administration"):
            invited = invitations.invite(email, role)
        invitations.accept_as_new(invited.link, role, "long enough secret")
        found[role] = email
    return found


def spoken(client: Any, address: str) -> tuple[int, str]:
    """A page's status and text, without the address it was asked under."""
    answer = client.get(address)
    text = b"".join(answer.streaming_content).decode() if answer.streaming else body(answer)
    for spelling in (address, quote(address), address.replace("&", "&amp;"), address.rpartition("/")[2]):
        text = text.replace(spelling, "")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_page_tells_another_organisations_rows(people: dict[str, str], browser: Any, role: str) -> None:
    client = browser(people[role])
    forbidden = 0
    for there, absent in zip(addresses("CANARY"), addresses("ABSENT"), strict=True):
        status, text = spoken(client, there)
        assert told(text) == [], (role, there)
        assert status in (200, 302, 404, 405), (role, there, status)
        if there != absent:
            assert (status, text) == spoken(client, absent), (role, there)
            forbidden += status == 404
    assert forbidden > 10


@pytest.mark.slow
def test_searches_and_sums_tell_nothing_of_others(people: dict[str, str], browser: Any) -> None:
    """What a page says of another's row differs from what it says of no row in the word asked for alone."""
    client = browser(people["officer"])
    for address in (
        "/console/search?q=CANARY",
        "/console/search?q=7770000777",
        "/console/book?q=CANARY",
        "/console/claims?q=CANARY",
        "/console/deadlines?q=CANARY",
        "/console/why/classes?key=CANARY-drawdowns",
        "/console/why/classes?of=balance&where=drawdown_id:CANARY-drawdowns",
        "/console/why/claim_values?key=CANARY-claims&cell=value",
    ):
        absent = address.replace("CANARY", "ABSENT").replace("7770000777", "8880000888")
        status, text = spoken(client, address)
        assert status in (200, 404), address
        expected = spoken(client, absent)[1].replace("ABSENT", "CANARY").replace("8880000888", "7770000777")
        assert text == expected, address
    answer = client.get("/console/book?q=CANARY&as=xlsx")
    assert answer.status_code == 200 and b"CANARY-drawdowns" not in answer.content


@pytest.mark.slow
def test_what_is_sent_reaches_nothing_of_another(
    server: Any, beta: Any, founded: Any, browser: Any, admin: Any
) -> None:
    """Every address is posted to with the other's ids: none answers 500, tells a canary or changes a row of it."""
    kinds = ("lender", "asset_manager", "mediation")
    before = rows_of(admin, beta.org)
    fields = {
        "org": beta.org, "party": "CANARY-parties", "claim": "CANARY-claims", "id": "CANARY", "row": "CANARY-parties",
        "proposal": "CANARY", "share": "CANARY", "token": "CANARY", "person": beta.person, "role": "officer",
        "email": "x@pages.example", "reason": "r", "stream": "CANARY", "deadline": "CANARY", "table": "parties",
        "to_org": beta.org, "level": "1", "purpose": "monitoring", "until": "2030-01-01", "kind": "accept",
        "name": "CANARY", "url": "https://hooks.example/x", "drawdown_id": "CANARY-drawdowns",
    }  # fmt: skip
    for kind in kinds:
        made = founded(kind)
        email = f"admin{made.org.rpartition('-')[2]}@{kind}.example"
        client = browser(email)
        for address in addresses("CANARY"):
            answer = client.post(address, fields)
            assert answer.status_code in (200, 302, 303, 400, 403, 404, 405, 409, 413, 415, 422, 429, 503), (
                kind, address, answer.status_code,
            )  # fmt: skip
            if answer.status_code == 302 and "sign-in" in answer.headers["Location"]:
                client = browser(email)  # what was sent ended the session
    assert rows_of(admin, beta.org) == before


def rows_of(admin: Any, org: str) -> dict[str, str]:
    """Table -> a hash of an organisation's rows, read behind the policies."""
    tables = [
        name
        for (name,) in admin.execute(
            "select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace"
            " join pg_attribute a on a.attrelid = t.oid and a.attname = 'org_id' and not a.attisdropped"
            " where t.relkind = 'r' and n.nspname = 'panhuo' order by 1"
        ).fetchall()
    ]
    found = {}
    for table in tables:
        given = admin.execute(
            f"select md5(coalesce(string_agg(md5(t::text), ',' order by md5(t::text)), '')) from {table} t"
            " where org_id = %s",
            [org],
        ).fetchone()
        found[table] = given[0]
    return found


@pytest.fixture
def admin(server: Any) -> Iterator[Any]:
    """A connection of the database's superuser, for looking behind the policies."""
    with stranger.superuser(server) as c:
        yield c


@pytest.mark.slow
def test_forbidden_takes_as_long_as_unknown(people: dict[str, str], browser: Callable[..., Any]) -> None:
    client = browser(people["officer"])
    for there, absent in (
        ("/console/claims/CANARY-claims", "/console/claims/ABSENT-claims"),
        ("/console/customers/CANARY-parties", "/console/customers/ABSENT-parties"),
        ("/console/loans/CANARY-drawdowns", "/console/loans/ABSENT-drawdowns"),
    ):
        same, ratios = stranger.takes_as_long(
            lambda there=there: client.get(there), lambda absent=absent: client.get(absent), 40
        )  # type: ignore[misc]
        assert same, (there, ratios)
