"""Shares: the preview is what the other sees; consents, supervision and the log of reads."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from console_answers import body


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    """A bank with one borrower, one of whose names is personal."""
    import pyarrow as pa

    from panhuo.ground.book.catalogue import TABLES
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    made = founded("lender")
    known = {
        "org_id": made.org, "id": "P-1", "effective_on": date(2026, 1, 5), "kind": "person", "name": "欧阳测试甲",
        "region": "330100", "source_doc": "a.csv", "source_row": 2,
    }  # fmt: skip
    schema = TABLES["parties"].fact_schema
    row = pa.table({c.name: pa.array([known.get(c.name)], c.arrow_type()) for c in schema.columns})
    with acting(made.org, made.person, "import"):
        seal({"parties": row}, idempotency_key="one")
    return made


def days_from_now(count: int) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).date().isoformat()


@pytest.fixture
def officer(bank: Any, browser: Any) -> Any:
    return browser(f"admin{bank.org.rpartition('-')[2]}@lender.example")


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_preview_is_what_the_other_sees(bank: Any, officer: Any, founded: Any, level: int) -> None:
    from panhuo.ground.book.catalogue import TABLES
    from panhuo.journey.report import words
    from panhuo_server.accounts import shares
    from panhuo_server.store.acting import acting

    buyer = founded("asset_manager")
    until = days_from_now(30)
    asked = {"to": buyer.org, "table": "parties", "level": str(level), "purpose": "due_diligence", "until": until}
    text = body(officer.post("/console/shares/give", asked))
    shown = re.findall(r'<li class="seenby"><span>([^<]+?) <small>', text)
    hidden = re.findall(r'<li class="hiddenfrom"><span>([^<]+?) <small>', text)
    with acting(buyer.org, buyer.person, "due_diligence"):
        assert shares.rows("parties") == [], "looking gives nothing"
    assert officer.post("/console/shares/give", {**asked, "give": "1"}).status_code == 302
    with acting(buyer.org, buyer.person, "due_diligence"):
        (seen,) = shares.rows("parties")
    labels = {c.name: words.label(c).zh for c in TABLES["parties"].fact_schema.columns}
    known = ("org_id", "id", "effective_on", "kind", "name", "region", "source_doc", "source_row")
    for name in known:
        assert (seen[name] is not None) == (labels[name] in shown), name
        assert (labels[name] in shown) != (labels[name] in hidden), name
    share = re.search(r'name="share" value="([^"]+)"', body(officer.get("/console/shares")))
    assert share is not None
    assert officer.post("/console/shares/end", {"share": share[1]}).status_code == 302
    with acting(buyer.org, buyer.person, "due_diligence"):
        assert shares.rows("parties") == []


def test_a_share_nobody_could_use_is_refused_in_words(bank: Any, officer: Any, founded: Any) -> None:
    until = days_from_now(30)
    asked = {"table": "parties", "level": "2", "purpose": "due_diligence", "until": until, "give": "1"}
    answer = officer.post("/console/shares/give", {**asked, "to": "no-such-org"})
    assert answer.status_code == 422
    assert "没有这家机构" in body(answer)
    supervisor = founded("supervisor")
    answer = officer.post("/console/shares/give", {**asked, "to": supervisor.org})
    assert answer.status_code == 422
    past = {**asked, "to": founded("asset_manager").org, "until": "2020-01-01"}
    assert officer.post("/console/shares/give", past).status_code == 422


def test_a_consent_is_recorded_and_withdrawn(
    bank: Any, officer: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    from panhuo_server.accounts import consent
    from panhuo_server.store.acting import acting

    given = {"party": "P-1", "purpose": "sharing", "recipient": "amc", "evidence": "DOC-7"}
    assert officer.post("/console/shares/consents/record", given).status_code == 422, "separately, art. 23"
    assert (
        officer.post("/console/shares/consents/record", {**given, "separate": "1", "party": "P-9"}).status_code == 422
    )
    assert officer.post("/console/shares/consents/record", {**given, "separate": "1"}).status_code == 302
    with acting(bank.org, bank.person, "import"):
        assert [one.standing for one in consent.of_party("P-1")] == ["given"]
    text = body(officer.get("/console/shares/consents?party=P-1"))
    assert "登记撤回" in text
    sent = {"party": "P-1", "purpose": "sharing", "recipient": "amc"}
    assert officer.post("/console/shares/consents/withdraw", sent).status_code == 302
    with acting(bank.org, bank.person, "import"):
        assert [one.standing for one in consent.of_party("P-1")] == ["withdrawn"]
    lawyer = browser(colleague(bank, "approver"))
    assert lawyer.get("/console/shares/consents").status_code == 404
    assert lawyer.post("/console/shares/consents/record", {**given, "separate": "1"}).status_code == 404


def test_a_persons_report_is_a_read_and_stands_in_the_log(
    bank: Any, officer: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    auditor = browser(colleague(bank, "auditor"))
    assert "没有人查阅过" in body(auditor.get("/console/shares/reads"))
    answer = officer.post("/console/shares/report", {"party": "P-1", "as": "json"})
    content = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") == "gzip" else answer.content
    held = json.loads(content)
    assert {row["value"] for row in held["held"] if row["column"] == "name"} == {"欧阳测试甲"}
    text = body(auditor.get("/console/shares/reads?party=P-1"))
    assert "管理员" in text and "P-1" in text
    assert "欧阳测试甲" not in text
    assert officer.post("/console/shares/report", {"party": "P-2", "as": "json"}).status_code == 422
    assert auditor.post("/console/shares/report", {"party": "P-1", "as": "json"}).status_code == 404


def test_a_supervisor_is_given_aggregates_until_they_end(bank: Any, officer: Any, founded: Any) -> None:
    from panhuo_server.accounts import supervision
    from panhuo_server.store.acting import acting

    supervisor = founded("supervisor")
    until = days_from_now(30)
    given = {"to": supervisor.org, "aggregates": ["bad_debt_ratio"], "until": until}
    assert officer.post("/console/shares/supervision", {**given, "aggregates": []}).status_code == 422
    assert officer.post("/console/shares/supervision", given).status_code == 302
    with acting(bank.org, bank.person, "administration"):
        (one,) = supervision.given()
    assert (one.to_org, one.aggregates) == (supervisor.org, ("bad_debt_ratio",))
    assert officer.post("/console/shares/supervision/end", {"supervision": one.supervision}).status_code == 302
    again = officer.post("/console/shares/supervision/end", {"supervision": one.supervision})
    assert again.status_code == 422
