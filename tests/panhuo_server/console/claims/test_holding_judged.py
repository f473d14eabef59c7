"""What claims' pages make of facts, each answer worked by hand from a few rows: debt cases, notices, seizures."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("django", reason="the server's libraries are not installed: make test-all installs them")

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.console.claims.boards import in_order, stage_of
from panhuo_server.console.claims.chain import told_of
from panhuo_server.console.claims.debt import components_grid, compute, refusal
from panhuo_server.console.claims.debt_cases import cases_of, options_of
from panhuo_server.console.claims.debtors import worst_period
from panhuo_server.console.claims.holding import Holding, seller_stated
from panhuo_server.console.claims.security import WHOSE, last_day_of, standings_of

DAY = date(2025, 6, 30)
M = 100_000_000
"""A million yuan in fen."""


def row(**given: Any) -> Any:
    """A fact that states what is given and nothing else."""
    made: defaultdict[str, Any] = defaultdict(lambda: None, given)
    made.setdefault("effective_on", date(2025, 1, 1))
    return made


def drawdown(name: str, amount: int = M) -> Any:
    """Lent on 2024-01-01 for a year at 6 %."""
    return row(id=name, contract_id="C", amount=amount, out_on=date(2024, 1, 1), due_on=date(2025, 1, 1),
               style="bullet_at_maturity", annual_rate=60_000)  # fmt: skip


class Told(Holding):
    """A claim whose facts are those told, not the store's."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(SimpleNamespace(as_of=DAY), row(id="CL", party_id="D"))  # type: ignore[arg-type]
        self.facts = facts
        usual: dict[str, Any] = {"stated": [], "recoveries": [], "assignments": [], "notices": []}
        usual |= {
            "guarantees": [],
            "contracts": {},
            "instruments": {},
            "rights": {},
            "items": [],
            "drawdowns": [drawdown("W1")],
        }
        self.__dict__.update(usual | {name: value for name, value in facts.items() if name in usual})
        self.__dict__["shares"] = facts.get("shares", {})

    def rows(self, table: str, column: str, values: Any) -> list[Any]:
        wanted = set(values)
        return [one for one in self.facts.get(table, []) if one[column] in wanted]


def stated(component: str, amount: int, drawdown_id: str | None, by: str = "seller") -> Any:
    """A balance of 2024-12-31."""
    return row(id=f"{component}-{drawdown_id}-{by}", component=component, amount=amount, drawdown_id=drawdown_id,
               base_on=date(2024, 12, 31), stated_by=by)  # fmt: skip


def made(holding: Holding, **given: str) -> list[dict[str, Any]]:
    return cases_of(holding, options_of({"to": "2025-06-30", "late": "no", **given}, holding))


TWO = [drawdown("W1"), drawdown("W2")]


def test_balances_of_a_whole_claim_are_not_opened_once_a_drawdown() -> None:
    whole = Told(drawdowns=TWO, stated=[stated("principal", 2 * M, None)])
    with pytest.raises(InvalidInput) as found:
        made(whole, basis="base")
    said = refusal(found.value)
    assert said.what.zh == "余额按整笔债权陈述，而债权对应多笔借据"
    assert "several drawdowns" in said.what.en
    assert (said.where, said.remedy.zh) == ("CL", "按借据陈述余额，或从借据发放日起算")
    mixed = [stated("principal", M, "W1"), stated("principal", M, "W2"), stated("interest", 5_000_000, None)]
    with pytest.raises(InvalidInput):
        made(Told(drawdowns=TWO, stated=mixed), basis="base")
    apart = made(Told(drawdowns=TWO, stated=[stated("principal", M, "W1"), stated("principal", M // 2, "W2")]))
    assert [case["advances"][0][1] for case in apart] == ["1000000.00", "500000.00"]


def test_a_balance_stated_by_two_or_twice_is_one_balance() -> None:
    said = [stated("principal", M, "W1"), stated("principal", M, None), stated("interest", 3_000_000, None)]
    said += [stated("principal", M // 2, "W1", "debtor"), stated("principal", M, "W1", "lender")]
    (case,) = made(Told(stated=said), basis="base")
    assert case["advances"] == [["2024-12-31", "1000000.00"]]
    assert case["opening"] == {"interest": "30000.00"}
    assert seller_stated(said[3:]) == {"principal": M}  # the lender's, the debtor's not added to it


def test_money_of_a_whole_claim_is_not_counted_once_a_drawdown() -> None:
    money = row(id="R1", received_on=date(2025, 2, 1), net=10_000_000)
    (case,) = made(Told(recoveries=[money]))
    assert [(one["date"], one["amount"]) for one in case["payments"]] == [("2025-02-01", "100000.00")]
    with pytest.raises(InvalidInput) as found:
        made(Told(drawdowns=TWO, recoveries=[money]))
    assert (found.value.where, refusal(found.value).remedy.en) == ("R1", "name its drawdown in the recovery")
    named = made(Told(drawdowns=TWO, recoveries=[row(**money | {"drawdown_id": "W2"})]))
    assert [len(case["payments"]) for case in named] == [0, 1]


def test_a_share_of_a_drawdown_is_not_the_whole() -> None:
    with pytest.raises(InvalidInput) as found:
        made(Told(shares={"W1": 500_000}))
    assert refusal(found.value).what.zh == "债权只占该借据的一部分"
    held = Told(shares={"W1": 500_000}, stated=[stated("principal", M // 2, None)])
    assert made(held, basis="base")[0]["advances"][0][1] == "500000.00"
    assert len(made(Told(shares={"W1": 1_000_000}))) == 1


def test_waivers_of_the_ledger_are_said_not_to_be_counted() -> None:
    postings = [
        row(id="P1", drawdown_id="W1", kind="waive", component="interest", amount=1_000_000,
            posted_on=date(2025, 3, 1)),
        row(id="P2", drawdown_id="W1", kind="waive", component="interest", amount=2_000_000,
            posted_on=date(2025, 3, 2)),
        row(id="P3", drawdown_id="W1", kind="reverse", amount=2_000_000, posted_on=date(2025, 3, 3), reverses_id="P2"),
    ]  # fmt: skip
    (statement,) = compute(Told(postings=postings), {"to": "2025-06-30", "late": "no"}).statements
    assert "台账有减免 1 笔，合计 10,000.00元，本表未扣减。" in [note.zh for note in statement.notes]
    (earlier,) = compute(Told(postings=postings), {"to": "2025-03-01", "late": "no"}).statements
    assert not any("减免" in note.zh for note in earlier.notes)


def test_a_stated_component_opens_to_who_is_believed() -> None:
    said = [stated("principal", M, "W1"), stated("principal", M // 2, "W1", "debtor")]
    grid = components_grid(compute(Told(stated=said), {"to": "2025-06-30", "late": "no"}))
    assert "principal-W1-seller" in grid.rows[0][1].href


def test_instalments_that_stand_are_the_plan() -> None:
    plan = [
        row(id=f"I{n}", drawdown_id="W1", due_on=day, principal=M // 2, status=status)
        for n, (day, status) in enumerate(
            [(date(2024, 7, 1), "due"), (date(2024, 8, 1), "cancelled"), (date(2025, 1, 1), None)]
        )
    ]
    (case,) = made(Told(instalments=plan))
    assert case["principal_due"] == [["2024-07-01", "500000.00"], ["2025-01-01", "500000.00"]]


def test_notice_of_an_earlier_assignment_tells_nothing_of_the_last() -> None:
    chain = [row(id="AS1", number=1, signed_on=date(2023, 5, 1)), row(id="AS2", number=2, signed_on=date(2025, 3, 20))]

    def notice(name: str, sent: date, of: str | None) -> Any:
        return row(id=name, purpose="assignment", addressee_id="D", assignment_id=of, sent_on=sent, reached_on=sent,
                   grade="a")  # fmt: skip

    def state(*notices: Any) -> str:
        (found,) = told_of(Told(assignments=chain, notices=list(notices)))
        return found.state

    assert state(notice("N1", date(2023, 5, 10), "AS1")) == "missing"
    assert state(notice("N1", date(2025, 4, 10), "AS1")) == "missing"
    assert state(notice("N1", date(2025, 3, 19), None)) == "missing"
    assert state(notice("N1", date(2025, 3, 20), None)) == "reached"
    assert state(notice("N1", date(2023, 5, 10), "AS1"), notice("N2", date(2025, 4, 2), "AS2")) == "reached"


def test_the_worst_period_of_a_guarantee_is_shown() -> None:
    def ends(*given: tuple[str, date | None]) -> dict[str, Any]:
        return {name: {"entity_id": name, "last_day": day} for name, day in given}

    late, early, other = date(2027, 1, 1), date(2026, 1, 1), date(2025, 1, 1)
    found = worst_period("G-1", ends(("G-1/W1", late), ("G-1/W2", early), ("G-10", other), ("G-10/W1", other)))
    assert found == {"entity_id": "G-1/W2", "last_day": early}
    unknown = worst_period("G-1", ends(("G-1/W1", early), ("G-1/W9", None)))
    assert unknown == {"entity_id": "G-1/W9", "last_day": None}
    assert worst_period("G-1", ends(("G-1", late))) == {"entity_id": "G-1", "last_day": late}
    assert worst_period("G-1", ends(("G-10", other))) is None


def seizure(name: str, kind: str, order: int, **given: Any) -> Any:
    """Of a flat, from 2024-01-10 to 2027-01-09."""
    usual = {"from_on": date(2024, 1, 10), "expires_on": date(2027, 1, 9), "asset_id": "A", "ours": True}
    return row(id=name, kind=kind, seizure_order=order, **usual | given)


def test_a_seizure_of_unknown_applicant_ends_as_ours_does() -> None:
    beyond = date(2030, 1, 9)  # six years: the law allows three
    assert last_day_of(seizure("Z", "first", 1, ours=None, expires_on=beyond), "home", DAY) == date(2027, 1, 10)
    assert last_day_of(seizure("Z", "first", 1, ours=True, expires_on=beyond), "home", DAY) == date(2027, 1, 10)
    assert last_day_of(seizure("Z", "first", 1, ours=False, expires_on=beyond), "home", DAY) == beyond
    assert WHOSE[None].zh == "不明"


def test_a_waiting_seizure_takes_effect_when_all_before_it_have_ended() -> None:
    def states(*rows: Any) -> list[str]:
        return [state for _, state in standings_of(rows, "home", DAY).values()]

    first, second = seizure("Z1", "first", 1, ours=False), seizure("Z2", "waiting", 2)
    freed = seizure("Z1", "first", 1, ours=False, released_on=date(2025, 6, 1))
    assert states(first, second) == ["standing", "waiting"]
    assert states(freed, second) == ["released", "standing"]
    assert states(freed, second, seizure("Z3", "waiting", 3)) == ["released", "standing", "waiting"]
    assert states(freed, seizure("Z3", "waiting", 3)) == ["released", "waiting"]  # the second is not in the book
    assert states(second) == ["waiting"]
    assert states(first, seizure("Z2", "waiting", 2, expires_on=date(2025, 7, 20))) == ["standing", "soon"]


def test_a_preservation_does_not_take_a_case_back_to_before_suit() -> None:
    suit = row(id="J1", kind="first_instance", status="accepted", filed_on=date(2025, 1, 5))
    preserved = row(id="J2", kind="preservation", status="accepted", filed_on=date(2025, 2, 5))
    enforced = row(id="J3", kind="enforcement", status="accepted", filed_on=date(2025, 5, 5))
    assert stage_of(max([suit, preserved], key=in_order)) == "trial"
    assert stage_of(max([suit, enforced, preserved], key=in_order)) == "enforcement"
    assert stage_of(max([preserved], key=in_order)) == "before"


def test_both_languages_of_the_boards_say_the_same(manager: Any, browser: Any) -> None:
    from console_answers import body

    def says(language: str, board: str) -> str:
        return body(browser(manager.email, **{"accept-language": language}).get(f"/console/claims/{board}"))

    assert "本方查封的最后一日按法定最长期限与裁定到期日较早者计" in says("zh", "seizures")
    assert "Ours end on the legal term or the day stated, the earlier" in says("en", "seizures")
    assert "逾期须重新达成协议再申请，或凭协议起诉" in says("zh", "mediations")
    assert "after that agree again and apply, or sue on the agreement" in says("en", "mediations")
