"""Classes proposed, approved and sealed: never better than the rules allow, by two people, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, RuleRefused
from panhuo_server.flows.class_decisions import Line

DAY = date(2026, 6, 30)
SMALL = [
    Line("D1", "P1", "normal", "normal", "retail", 100_00),
    Line("D2", "P2", "substandard", "doubtful", None, 900_00),
]


def member(bank: Any, role: str) -> str:
    """A further person with a role."""
    from panhuo_server.accounts import invitations
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "administration"):
        invited = invitations.invite(f"{role}-{bank.org}@bank.example", role)
    return invitations.accept_as_new(invited.link, "同事", "a long enough secret 7")


def propose(bank: Any, review: str, lines: list[Line], **given: Any) -> Any:
    from panhuo_server.flows.class_decisions import propose_classes
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        return propose_classes(review, lines, **{"run": "now", "decided_on": DAY, "currency": "CNY", **given})


def answer(bank: Any, person: str, review: str, kind: Any, **given: Any) -> Any:
    from panhuo_server.flows.class_decisions import answer_review
    from panhuo_server.store.acting import acting

    with acting(bank.org, person, "approval" if person != bank.person else "monitoring"):
        return answer_review(review, kind, idempotency_key=f"{review} {kind} {person}", **given)


def sealed(bank: Any) -> list[dict[str, Any]]:
    from panhuo.ground.record.errors import NotFound
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    with acting(bank.org, bank.person, "monitoring"):
        try:
            return facts_of("class_decisions").to_pylist()
        except NotFound:
            return []


def test_what_another_approves_is_sealed_once(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender")
    checker = member(bank, "approver")
    made = propose(bank, "r1", SMALL, reason="现金流中断")
    assert (made.proposal.status, made.proposal.role, made.count, made.lowered) == ("open", "approver", 2, 1)
    assert propose(bank, "r1", SMALL, reason="现金流中断").count == 2  # the same again is the same
    with pytest.raises(NotAllowed):
        answer(bank, bank.person, "r1", "approve")
    assert sealed(bank) == []
    done = answer(bank, checker, "r1", "approve")
    assert (done.proposal.status, done.sealed) == ("approved", 1)
    assert answer(bank, checker, "r1", "approve").sealed == 1
    rows = sealed(bank)
    columns = ("drawdown_id", "system_floor", "officer", "committee", "final", "route")
    assert [tuple(r[c] for c in columns) for r in rows] == [
        ("D1", "normal", "normal", None, "normal", "retail"),  # an approver decided: no committee spoke
        ("D2", "substandard", "doubtful", None, "doubtful", None),
    ]  # fmt: skip
    assert {(r["decided_on"], r["effective_on"], r["reason"], r["fact_sequence"]) for r in rows} == {
        (DAY, DAY, "现金流中断", 1)
    }  # fmt: skip


def test_a_class_better_than_the_rules_allow_is_refused(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender")
    with pytest.raises(RuleRefused, match="D3"):
        propose(bank, "r2", [Line("D3", "P3", "doubtful", "substandard", None, 1)], reason="x")
    with pytest.raises(RuleRefused, match="reason"):
        propose(bank, "r2", [Line("D3", "P3", "normal", "loss", None, 1)])
    with pytest.raises(InvalidInput):
        propose(bank, "r2", [Line("D3", "P3", "normal", "best", None, 1)])
    with pytest.raises(InvalidInput):
        propose(bank, "r2", [])
    with pytest.raises(InvalidInput):  # a telephone number in a reason
        propose(bank, "r2", [Line("D3", "P3", "normal", "loss", None, 1)], reason="call 13800138000")
    assert sealed(bank) == []


def test_a_loan_waits_in_one_review_until_it_is_taken_back(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender")
    checker = member(bank, "approver")
    propose(bank, "r3", SMALL, reason="x")
    with pytest.raises(Conflict, match="D1"):
        propose(bank, "r4", SMALL[:1])
    with pytest.raises(RuleRefused):
        answer(bank, checker, "r3", "reject")
    assert answer(bank, bank.person, "r3", "withdraw").proposal.status == "withdrawn"
    assert propose(bank, "r4", SMALL[:1]).proposal.status == "open"
    assert answer(bank, checker, "r4", "reject", reason="证据不足").proposal.reason == "证据不足"
    assert sealed(bank) == []


def test_above_ten_million_the_committee_decides(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender")
    checker, committee = member(bank, "approver"), member(bank, "committee")
    made = propose(bank, "r5", [Line("D5", "P5", "loss", "loss", None, 10_000_000_01)])
    assert made.proposal.role == "committee"
    with pytest.raises(NotAllowed):
        answer(bank, checker, "r5", "approve")
    assert answer(bank, committee, "r5", "approve").sealed == 1
    assert [(r["officer"], r["committee"], r["final"]) for r in sealed(bank)] == [("loss", "loss", "loss")]


def approve_only(bank: Any, person: str, review: str) -> None:
    """Approves a review as any proposal is, without sealing it."""
    from panhuo_server.flows import approving
    from panhuo_server.store.acting import acting

    with acting(bank.org, person, "approval"):
        approving.answer(f"class {review}", "approve", idempotency_key=f"{review} by itself")


def seal(bank: Any, person: str, review: str) -> Any:
    from panhuo_server.flows.class_decisions import seal_approved
    from panhuo_server.store.acting import acting

    with acting(bank.org, person, "approval"):
        return seal_approved(review)


def test_an_approved_review_is_sealed_in_time_and_not_by_its_proposer(
    server: Any, engine: Any, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from panhuo_server.accounts import persons
    from panhuo_server.flows import clock
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    checker, committee = member(bank, "approver"), member(bank, "committee")
    with acting(bank.org, bank.person, "administration"):
        persons.grant_role(bank.person, "approver")
    propose(bank, "r6", SMALL[:1])
    approve_only(bank, checker, "r6")
    for person in (bank.person, committee):
        with pytest.raises(NotAllowed):
            seal(bank, person, "r6")
    now = clock.now()
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now + timedelta(days=14, minutes=1))
        with pytest.raises(RuleRefused, match="time is over"):
            seal(bank, checker, "r6")
    assert sealed(bank) == []
    assert seal(bank, checker, "r6").sealed == 1


def test_a_review_is_not_sealed_over_a_later_decision(server: Any, engine: Any, founded: Any) -> None:
    bank = founded("lender")
    checker = member(bank, "approver")
    propose(bank, "r7", SMALL, reason="x")
    approve_only(bank, checker, "r7")
    propose(bank, "r8", [Line("D2", "P2", "substandard", "loss", None, 900_00)], reason="y")
    assert answer(bank, checker, "r8", "approve").sealed == 1
    with pytest.raises(Conflict, match="D2"):
        seal(bank, checker, "r7")
    propose(bank, "r9", [Line("D1", "P1", "normal", "normal", "retail", 100_00)], decided_on=date(2026, 5, 31))
    assert answer(bank, checker, "r9", "approve").sealed == 2  # what was decided of another loan is no matter
    propose(bank, "r10", [Line("D2", "P2", "loss", "loss", None, 900_00)], decided_on=date(2026, 5, 31))
    with pytest.raises(Conflict, match="D2"):  # of an earlier day than what is sealed
        answer(bank, checker, "r10", "approve")
    assert [(r["drawdown_id"], r["final"]) for r in sealed(bank)] == [("D2", "loss"), ("D1", "normal")]


def test_two_hundred_reviews_later_a_loan_still_waits_in_its_first(server: Any, engine: Any, founded: Any) -> None:
    from panhuo_server.flows.class_decisions import waiting
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    propose(bank, "r11", SMALL[:1])
    body = {"run": "now", "decided_on": "2026-06-30", "count": 1, "lowered": 0, "balance": 1, "currency": "CNY",
            "reason": ""}  # fmt: skip
    with acting(bank.org, bank.person, "monitoring"):
        for n in range(201):
            events.append("class_review", f"other-{n}", [events.NewEvent("listed", body)], seen=0,
                          idempotency_key=f"other {n}")  # fmt: skip
    with acting(bank.org, bank.person, "monitoring"):
        assert waiting() == {"D1": "r11"}
    with pytest.raises(Conflict, match="D1"):
        propose(bank, "r12", SMALL[:1])


def test_two_who_propose_a_loan_at_once_do_not_both(server: Any, engine: Any, founded: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor, wait

    from django.db import connections

    from panhuo_server.flows.class_decisions import propose_classes
    from panhuo_server.store.acting import acting

    bank = founded("lender")

    def second() -> str:
        try:
            propose(bank, "r14", SMALL[:1])
        except Conflict as error:
            return error.code
        finally:
            connections.close_all()
        return "proposed"

    with ThreadPoolExecutor(1) as pool:
        with acting(bank.org, bank.person, "monitoring"):
            propose_classes("r13", SMALL[:1], run="now", decided_on=DAY, currency="CNY")
            other = pool.submit(second)
            wait([other], timeout=1)  # it is done only if nothing holds it back
        assert other.result() == "class/waiting"
