"""Tasks: the proposer sees no way to approve and cannot; a reason is asked for; a deadline is taken notice of once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from console_answers import body


@pytest.fixture
def bank(queue: Any, founded: Any) -> Any:
    return founded("lender")


@pytest.fixture
def officer(bank: Any, browser: Any) -> Any:
    return browser(f"admin{bank.org.rpartition('-')[2]}@lender.example")


def proposed(bank: Any, name: str = "write-off-1", role: str = "approver", needed: int = 1) -> str:
    from panhuo_server.flows import approving, clock
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        approving.propose(
            name, subject="CL00017", action="write_off", amount=123_456_700,
            authorities=[Authority(role, None, needed)], expires_at=clock.now() + timedelta(days=3),
        )  # fmt: skip
    return f"/console/tasks/proposals/{name}"


def state(bank: Any, name: str = "write-off-1") -> Any:
    from panhuo_server.flows import approvals
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        return approvals.fold(events.read("approval", name))


def test_who_proposed_sees_no_way_to_approve_and_has_none(
    bank: Any, officer: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    from panhuo_server.accounts import persons
    from panhuo_server.store.acting import acting

    at = proposed(bank)
    approver = browser(colleague(bank, "approver"))
    own = body(officer.get("/console/tasks"))
    assert "123.46" in own
    assert "由审批人审批" in own
    assert f"{at}/approve" not in own
    assert f"{at}/withdraw" in own
    assert officer.post(f"{at}/approve").status_code == 404, "an officer approves nothing"

    with acting(bank.org, bank.person, "administration"):
        persons.grant_role(bank.person, "approver")
    assert f"{at}/approve" not in body(officer.get("/console/tasks")), "nor as an approver, of their own"
    answer = officer.post(f"{at}/approve")
    assert answer.status_code == 422
    assert "发起人不能审批自己的事项" in body(answer)
    assert state(bank).status == "open"

    text = body(approver.get("/console/tasks"))
    assert f"{at}/approve" in text
    assert "核销" in text
    assert approver.post(f"{at}/reject", {"reason": " ", "seen": "0"}).status_code == 422
    assert state(bank).status == "open"
    assert approver.post(f"{at}/reject", {"reason": "材料不全", "seen": "0"}).status_code == 302
    assert (state(bank).status, state(bank).reason) == ("rejected", "材料不全")
    assert "材料不全" in body(officer.get("/console/tasks"))
    assert f"{at}/approve" not in body(approver.get("/console/tasks"))


def test_two_checkers_are_two_and_a_form_sent_twice_is_one(
    bank: Any, officer: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    at = proposed(bank, needed=2)
    first, second = browser(colleague(bank, "approver")), browser(colleague(bank, "approver"))
    assert first.post(f"{at}/approve", {"seen": "0"}).status_code == 302
    assert first.post(f"{at}/approve", {"seen": "0"}).status_code == 302
    assert (state(bank).status, len(state(bank).approvals)) == ("open", 1)
    assert first.post(f"{at}/approve", {"seen": "1"}).status_code == 422
    assert f"{at}/approve" not in body(first.get("/console/tasks"))
    assert second.post(f"{at}/approve", {"seen": "1"}).status_code == 302
    assert state(bank).status == "approved"
    shown = re.findall(r"<td>(发起|同意)</td>", body(officer.get(at)))
    assert shown == ["发起", "同意", "同意"]


def test_a_proposal_beyond_a_role_is_not_offered_and_others_find_none(
    bank: Any, officer: Any, browser: Any, founded: Any, colleague: Callable[..., str]
) -> None:
    at = proposed(bank, role="committee")
    approver = browser(colleague(bank, "approver"))
    assert f"{at}/approve" not in body(approver.get("/console/tasks"))
    assert approver.post(f"{at}/approve").status_code == 422
    assert officer.post(f"{at}/withdraw").status_code == 302
    assert state(bank).status == "withdrawn"
    other = founded("lender")
    stranger = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    assert stranger.get(at).status_code == stranger.post(f"{at}/withdraw").status_code == 404
    auditor = browser(colleague(bank, "auditor"))
    assert auditor.get("/console/tasks").status_code == 404


def test_a_deadline_is_taken_notice_of_by_whom_it_went_to(
    bank: Any, officer: Any, browser: Any, colleague: Callable[..., str]
) -> None:
    from panhuo_server.console.tasks import tasks
    from panhuo_server.flows import reminding
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    name = "guarantee_period G1 2026-07-01"
    told = {"kind": "guarantee_period", "entity": "G1", "last_day": "2026-07-01", "to": bank.person}
    with acting(bank.org, bank.person, "monitoring"):
        events.append("deadline", name, [events.NewEvent("reminded", told)], seen=0, idempotency_key="d1")
    text = body(officer.get("/console/tasks"))
    assert "2026-07-01 周三" in text
    assert "保证期间" in text
    mate = browser(colleague(bank, "officer"))
    assert "2026-07-01" not in body(mate.get("/console/tasks"))
    assert mate.post("/console/tasks/deadlines", {"deadline": name}).status_code == 404
    assert officer.post("/console/tasks/deadlines", {"deadline": "no such"}).status_code == 404
    for _ in range(2):
        assert officer.post("/console/tasks/deadlines", {"deadline": name}).status_code == 302
    with acting(bank.org, bank.person, "monitoring"):
        assert reminding.fold(events.read("deadline", name)).acknowledged_by == bank.person
        assert len(events.read("deadline", name)) == 2
    assert "2026-07-01" not in body(officer.get("/console/tasks"))
    assert tasks.ADDRESS in body(officer.get("/console/tasks"))


def test_a_review_of_classes_is_decided_on_its_own_page(
    bank: Any, browser: Any, colleague: Callable[..., str]
) -> None:  # fmt: skip
    from datetime import date

    from panhuo_server.flows.class_decisions import Line, propose_classes
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        lines = [Line("D1", "P1", "normal", "normal", None, 100_00)]
        propose_classes("r1", lines, run="now", decided_on=date(2026, 6, 30), currency="CNY")
    approver = browser(colleague(bank, "approver"))
    text = body(approver.get("/console/tasks"))
    assert "五级分类认定" in text and "去复核" in text
    answer = approver.post("/console/tasks/proposals/class r1/approve", {"seen": "0"})
    assert (answer.status_code, answer["Location"]) == (302, "/console/book/classes/reviews/r1")
    assert state(bank, "class r1").status == "open"


def test_an_approval_whose_effect_fails_is_none(bank: Any, browser: Any, colleague: Callable[..., str]) -> None:
    from panhuo_server.flows import adopting, approving, clock
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        approving.propose(
            "adopt-nothing", subject="0" * 64, action=adopting.ACTION, amount=0,
            authorities=[Authority("committee", None)], expires_at=clock.now() + timedelta(days=3),
        )  # fmt: skip
    member = browser(colleague(bank, "committee"))
    assert member.post("/console/tasks/proposals/adopt-nothing/approve", {"seen": "0"}).status_code == 422
    assert state(bank, "adopt-nothing").status == "open"


def test_five_hundred_proposals_later_the_first_still_waits(
    bank: Any, browser: Any, colleague: Callable[..., str]
) -> None:  # fmt: skip
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    at = proposed(bank)
    said = {"subject": "CL1", "action": "write_off", "amount": 1, "currency": "CNY", "needed": 1,
            "expires_at": "2026-01-01T00:00:00+00:00"}  # fmt: skip
    with acting(bank.org, bank.person, "monitoring"):
        for n in range(500):
            ended = [events.NewEvent("proposed", said), events.NewEvent("withdrawn", {})]
            events.append("approval", f"other {n}", ended, seen=0, idempotency_key=f"other {n}")
    assert f"{at}/approve" in body(browser(colleague(bank, "approver")).get("/console/tasks"))
