"""Adopting rules: a file is proposed, shown for what it changes, approved by a committee member, and counts then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from console_answers import body

FILE = (
    'institution = "青溪农村商业银行"\n[[adopted]]\nrule_set = "classification"\nrules = ["CLS-19", "CLS-20"]\n'
    'from = 2023-07-01\nby = "董事会 2023 年第 3 次会议决议"\n'
)  # fmt: skip
ADDRESS = "/console/settings/organisation/adopt"


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    return founded("lender", org="self")


def counts(bank: Any) -> str:
    from panhuo_server.store import book_details
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        return str(book_details.latest().get("adoption") or "")


def test_an_adoption_counts_once_the_committee_approved_it(
    bank: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    officer, member = browser(colleague(bank, "officer")), browser(colleague(bank, "committee"))
    assert officer.post(ADDRESS, {"text": "not = toml = at all", "go": "1"}).status_code == 422
    wrong = officer.post(ADDRESS, {"text": FILE.replace("CLS-20", "CLS-999"), "go": "1"})
    assert wrong.status_code == 422
    assert "CLS-999" in body(wrong)
    text = body(officer.post(ADDRESS, {"text": FILE}))
    assert text.count("新采纳") == 2
    answer = officer.post(ADDRESS, {"text": FILE, "go": "1"})
    assert answer.status_code == 302
    at = answer["Location"]
    assert officer.post(ADDRESS, {"text": FILE, "go": "1"}).status_code == 422, "it waits already"
    assert counts(bank) == ""

    assert officer.post(f"{at}/approve").status_code == 404
    assert "债务人逃废银行债务" in body(member.get(at)), "who decides sees what changes"
    assert member.post(f"{at}/approve", {"seen": "0"}).status_code == 302
    digest = hashlib.sha256(FILE.encode()).hexdigest()
    assert counts(bank) == digest
    text = body(officer.get("/console/settings/organisation"))
    assert "CLS-19" in text and "CLS-20" in text and digest[:16] in text
    assert officer.post(ADDRESS, {"text": FILE, "go": "1"}).status_code == 422, "it counts already"

    # Another one later, and the first form sent once more: it does not come back.
    other = FILE.replace('"CLS-19", ', "")
    second = officer.post(ADDRESS, {"text": other, "go": "1"})["Location"]
    assert "不再采纳" in body(member.get(second))
    assert member.post(f"{second}/approve", {"seen": "0"}).status_code == 302
    assert member.post(f"{at}/approve", {"seen": "0"}).status_code == 302
    assert counts(bank) == hashlib.sha256(other.encode()).hexdigest()


def test_the_night_reads_what_counts(bank: Any, browser: Any, colleague: Callable[..., str]) -> None:
    import pyarrow as pa

    from panhuo.ground.book.catalogue import TABLES
    from panhuo.journey.settings import settings_of
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import cached_book
    from panhuo_server.store.sealing import seal

    officer, member = browser(colleague(bank, "officer")), browser(colleague(bank, "committee"))
    schema = TABLES["parties"].fact_schema
    known = {"org_id": bank.org, "id": "P-1", "effective_on": date(2026, 1, 5), "kind": "company"}
    row = pa.table({c.name: pa.array([known.get(c.name)], c.arrow_type()) for c in schema.columns})
    with acting(bank.org, bank.person, "import"):
        seal({"parties": row}, idempotency_key="one")
    with acting(bank.org, bank.person, "nightly_run"):
        assert settings_of(cached_book(), org=bank.org).adoption is None
    at = officer.post(ADDRESS, {"text": FILE, "go": "1"})["Location"]
    assert member.post(f"{at}/approve", {"seen": "0"}).status_code == 302
    with acting(bank.org, bank.person, "nightly_run"):
        assert settings_of(cached_book(), org=bank.org).adoption == FILE.encode()


def test_who_may_not_propose_finds_no_such_page(
    bank: Any, browser: Any, founded: Any, colleague: Callable[..., str]
) -> None:
    for role in ("auditor", "approver"):
        client = browser(colleague(bank, role))
        assert client.get(ADDRESS).status_code == client.post(ADDRESS, {"text": FILE}).status_code == 404
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    assert stranger.get(ADDRESS).status_code == 404, "the night applies an adoption for the book's own organisation"
