"""Applications: every decision with its reasons, and a card that says each ground in plain words and no code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from console_answers import body

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(bank: Any) -> Any:
    """The bank's last night with what it proposes for applications."""
    from panhuo_server.flows.nightly import fill, judge
    from panhuo_server.store import outcomes
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        have = [one.name for one in outcomes.of_run("now")]
    # Of two nights on the same facts the fuller one is shown.
    sequence = fill(bank.org, bank.person, False)
    judge(bank.org, bank.person, False, "offers", sequence, None, [*have, "prices"])
    return bank


def reasons(bank: Any, name: str) -> dict[str, list[str]]:
    """Party -> the codes of a sealed outcome's reasons."""
    from panhuo.ground.record.outcome import Outcome
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store.layout import Layout

    found = Outcome.read(results_folder(Layout.current(), bank.org, "offers"), name)
    parties = found.table.column("party_id").to_pylist()
    return {party: [one["code"] for one in found.why(party)["reasons"]] for party in parties}


def test_every_application_stands_with_its_reasons_and_its_card(judged: Any, browser: Any) -> None:
    from panhuo_server.console.applications.card import GROUNDS

    client = browser(judged.email)
    told = reasons(judged, "credit_decisions")
    assert told, "the sample holds applications"
    text = body(client.get("/console/applications"))
    for party, codes in told.items():
        assert f'href="/console/applications/{party}"' in text
        one = body(client.get(f"/console/applications/{party}"))
        card = body(client.get(f"/console/applications/{party}/card"))
        for code in codes:
            if not code.endswith("?"):
                assert code in one, (party, code)
            if code in GROUNDS:
                assert GROUNDS[code][0].zh in card, (party, code)
        assert not re.search(r"\b(REFUSE|REFER|CARD)_[A-Z_]+\b", card)
        assert "第二十四条" in card and "人的决定" in card


def test_every_ground_there_is_has_plain_words() -> None:
    from panhuo.stages.origination.decision import THING
    from panhuo_server.console.applications.card import GROUNDS

    assert {one.code for one in THING.reasons} == set(GROUNDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_read_in_both_languages(judged: Any, browser: Any, language: str) -> None:
    client = browser(judged.email, **{"accept-language": language})
    party = next(iter(reasons(judged, "credit_decisions")))
    for address in ("/console/applications", f"/console/applications/{party}/card"):
        text = body(client.get(address))
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text)
        if language == "en":
            shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN"[^>]*>中文|青溪农村商业银行', "", text))
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], address


def test_who_judges_no_application_finds_none(
    judged: Any, browser: Any, colleague: Callable[..., str], founded: Any
) -> None:
    party = next(iter(reasons(judged, "credit_decisions")))
    lawyer = browser(colleague(judged, "lawyer"))
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    for client in (lawyer, stranger):
        assert client.get(f"/console/applications/{party}").status_code == 404
        assert client.get(f"/console/applications/{party}/card").status_code == 404
    assert lawyer.get("/console/applications").status_code == 404
    assert browser(judged.email).get("/console/applications/no-such/card").status_code == 404
