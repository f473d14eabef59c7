"""Status: what waits, what failed and why, with what to do about it; no value of anything it works on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from panhuo_server.flows.status import STEPS


def test_it_says_which_step_is_stuck_and_why(server: Any, ended: Any, founded: Any) -> None:
    from panhuo_server.flows import clock
    from panhuo_server.flows.nightly import ask_for_night
    from panhuo_server.flows.status import of_organisations
    from panhuo_server.store.acting import acting
    from panhuo_server.store.starting import start_work
    from panhuo_server.verbs.status import show

    bank, other = founded("lender"), founded("lender")
    with acting(bank.org, bank.person, "nightly_run"):
        night = ask_for_night("empty", only=("class_floor",))
        later = clock.now() + timedelta(days=1)
        start_work("deadline", "d-1", {"deadline": "d-1"}, not_before=later)
    assert ended(night).status == "ERROR"  # there is nothing to run on
    found = of_organisations(server, [bank.org])
    assert set(found) == {bank.org}
    failed, waiting = found[bank.org]
    assert (failed.kind, failed.id, failed.state, failed.step) == ("night", "empty", "failed", "judge and log")
    assert failed.why == "not-found" and "import" in failed.what_to_do
    assert (waiting.kind, waiting.state, waiting.step) == ("deadline", "waiting", "escalate a deadline")
    assert later.isoformat(timespec="seconds")[:16] in waiting.why
    assert of_organisations(server, [other.org]) == {}
    told = {"worker": True, "organisations": {bank.org: [one.as_json() for one in found[bank.org]]}, "failed": 1}
    json.dumps(told)
    for language in ("zh", "en"):
        assert "judge and log" in show(told, language)


def test_every_step_of_every_workflow_is_listed(project_root: Any) -> None:
    import re

    texts = [p.read_text("utf-8") for p in (project_root / "src" / "panhuo_server" / "flows").glob("*.py")]
    steps = {found for text in texts for found in re.findall(r'@durable_step\("([^"]+)"\)', text)}
    flows = {found for text in texts for found in re.findall(r'@durable_workflow\("([^"]+)"\)', text)}
    assert set(STEPS) == flows and {step for listed in STEPS.values() for step in listed} == steps
