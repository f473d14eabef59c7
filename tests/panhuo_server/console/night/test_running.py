"""Asking for a night and watching it: who may, for which day, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from console_answers import body


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    """A bank that holds one fact, of 2026-01-05."""
    import pyarrow as pa

    from panhuo.ground.book.catalogue import TABLES
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    made = founded("lender")
    known = {"org_id": made.org, "id": "P-1", "effective_on": date(2026, 1, 5), "kind": "company"}
    schema = TABLES["parties"].fact_schema
    row = pa.table({c.name: pa.array([known.get(c.name)], c.arrow_type()) for c in schema.columns})
    with acting(made.org, made.person, "import"):
        seal({"parties": row}, idempotency_key="one")
    return made


@pytest.fixture
def officer(bank: Any, browser: Any) -> Any:
    return browser(f"admin{bank.org.rpartition('-')[2]}@lender.example")


def test_a_night_is_asked_for_watched_and_listed(bank: Any, officer: Any, queue: Any) -> None:
    from panhuo_server.flows import progress

    answer = officer.post("/console/night", {"as_of": "2026-01-05"})
    assert answer.status_code == 302
    run = answer["Location"].rpartition("/")[2]
    assert run.endswith("-20260105")
    text = body(officer.get(f"/console/night/{run}"))
    assert 'hx-trigger="every 2s"' in text
    assert "取齐事实" in text and "负责运行的进程没有动静" in text
    part = body(officer.get(f"/console/night/{run}", headers={"hx-request": "true"}))
    assert "<html" not in part and 'hx-trigger="every 2s"' in part
    assert run in body(officer.get("/console/night"))

    # What the night itself says of how far it is, until it is done.
    tell = progress.teller(queue, bank.org, run)
    tell("classes", 7, 29)
    assert progress.of_run(queue, bank.org, run) == progress.Progress("classes", 7, 29)
    tell("", 29, 29)
    told = progress.of_run(queue, bank.org, run)
    assert told is not None and told.sealing
    progress.end(queue, bank.org, run)
    progress.end(queue, bank.org, run)
    assert progress.of_run(queue, bank.org, run) is None


def test_a_day_beyond_the_facts_is_refused_in_words(officer: Any) -> None:
    answer = officer.post("/console/night", {"as_of": "2026-01-06"})
    assert answer.status_code == 422
    assert "2026-01-05" in body(answer)
    assert officer.post("/console/night", {"as_of": "yesterday"}).status_code == 422


def test_who_may_not_run_it_only_looks_and_strangers_find_none(
    bank: Any, officer: Any, browser: Any, founded: Any, colleague: Callable[..., str]
) -> None:
    run = officer.post("/console/night")["Location"]
    auditor = browser(colleague(bank, "auditor"))
    text = body(auditor.get("/console/night"))
    assert '<button class="do">' not in text
    assert auditor.post("/console/night").status_code == 404
    assert auditor.get(run).status_code == 200
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    assert stranger.get(run).status_code == stranger.get(f"{run}/moved").status_code == 404
    assert officer.get("/console/night/no-such-run").status_code == 404


def test_steps_say_what_failed_and_what_to_do(queue: Any) -> None:
    from datetime import UTC, datetime, timedelta

    from panhuo_server.console.night.stages import stages_of
    from panhuo_server.flows.watching import Step, Watched

    at = datetime(2026, 1, 5, 20, tzinfo=UTC)
    steps = (Step("fill the cached book", "done", timedelta(seconds=125)), Step("judge and log", "now"))
    work = Watched("n", "failed", steps, at, at, at + timedelta(seconds=130), "not-allowed/act", "…")
    shown = stages_of(queue, "no-org", work, "n")
    assert [(one.name.en, one.state, one.took.zh) for one in shown.stages] == [
        ("Gather the facts", "done", "2 分 5 秒"), ("Judge, seal, write receipts", "failed", ""),
    ]  # fmt: skip
    assert shown.why.zh == "发起人已没有相应权限"
    assert not shown.live
    assert shown.took.en == "2 min 10 s"
