"""Classes, worked by hand from domain-rules 1.2 and 1.3 (CLS-10 to CLS-30)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.record.judgement import Thing
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.dates import from_date
from panhuo.stages.monitoring import class_floor, five_class
from stages.monitoring.small_book import YUAN, Story, codes, day, later, rows

ORDER = ["normal", "special_mention", "substandard", "doubtful", "loss"]
AS_OF = "2025-06-30"


def bullet(book: Story, id: str, party: str, amount: int, overdue_days: int, **columns) -> None:
    """A drawdown due in full so many days ago (in future when negative), nothing paid."""
    due = later(AS_OF, -overdue_days if overdue_days else 200)
    book.drawdown(id, party, amount, "2023-08-01", due, [(due, amount, 0)], **columns)


LADDER = [
    (0, "normal", []),
    (1, "special_mention", ["CLS-10"]),
    (90, "special_mention", ["CLS-10"]),
    (91, "substandard", ["CLS-10", "CLS-14"]),
    (270, "substandard", ["CLS-10", "CLS-14"]),
    (271, "doubtful", ["CLS-10", "CLS-14", "CLS-18"]),
    (360, "doubtful", ["CLS-10", "CLS-14", "CLS-18"]),
    (361, "loss", ["CLS-10", "CLS-14", "CLS-18", "CLS-21"]),
]


def test_the_ladder_of_days(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    for days, _, _ in LADDER:
        book.party(f"P{days}", classification_route="retail", evading_debt=False)
        bullet(book, f"D{days}", f"P{days}", 100_000, days)
    found = run(book.snapshot(), "classes")
    for days, expected, rules in LADDER:
        assert rows(found["class_floor"])[f"D{days}"]["floor"] == expected
        assert rows(found["classes"])[f"D{days}"]["class"] == expected
        fired = [c for c in codes(found["class_floor"], f"D{days}") if c.startswith("CLS") and c[-1] not in "?~"]
        assert fired == rules


def test_contagion_binds_non_retail_debtors_above_ten_per_cent(story: Callable[..., Story], run) -> None:
    # 8,000 of 100,000 = 8 %, 10,000 of 100,000 = exactly 10 %, 10,001 of 100,001 = just above; retail: never.
    book = story(AS_OF)
    for party, bad, good, route in (
        ("P08", 8_000, 92_000, "non_retail"),
        ("P10", 10_000, 90_000, "non_retail"),
        ("P11", 10_001, 90_000, "non_retail"),
        ("R50", 50_000, 50_000, "retail"),
    ):
        book.party(party, classification_route=route)
        bullet(book, f"{party}-bad", party, bad, 100)
        bullet(book, f"{party}-good", party, good, 0)
    outcome = run(book.snapshot(), "classes")["classes"]
    found = rows(outcome)
    assert found["P08-good"]["class"] == "normal"
    assert found["P10-good"]["class"] == "normal" and found["P10-good"]["bad_share_at_boundary"]
    assert "CLS-24b" in codes(outcome, "P10-good")
    assert found["P11-good"]["class"] == "substandard" and found["P11-good"]["raised"]
    assert {"CLS-24", "CLASS_RAISED"} <= set(codes(outcome, "P11-good"))
    assert found["P11-good"]["system_floor"] == "normal"
    assert found["R50-good"]["class"] == "normal"


def test_debts_over_90_days_at_all_banks_above_twenty_per_cent(story: Callable[..., Story], run) -> None:
    book = story(AS_OF)
    for party, elsewhere_bad in (("P20", 200_000), ("P21", 200_001)):
        book.party(party)
        bullet(book, f"{party}-D", party, 400_000, 0)
        book.add(
            "credit_reports", party_id=party, query_basis="post_loan", queried_on="2025-06-01",
            external_balance=600_000 * YUAN, external_overdue_over_90_days=elsewhere_bad * YUAN,
        )  # fmt: skip
    outcome = run(book.snapshot(), "classes")["classes"]
    assert rows(outcome)["P20-D"]["class"] == "normal"
    assert rows(outcome)["P21-D"]["class"] == "substandard" and "CLS-17" in codes(outcome, "P21-D")


def restructured(book: Story, **columns) -> None:
    book.party("P1", classification_route="retail")
    bullet(book, "D1", "P1", 100_000, 0)
    book.add(
        "modifications", drawdown_id="D1", party_id="P1", kind="rescheduling", difficulty_sign="overdue",
        favours_debtor=True, approved_on="2024-12-01",
        **{"class_before": "substandard", "first_due_on": "2024-12-21", **columns},
    )  # fmt: skip


def test_a_restructured_debt_is_only_advised_on_until_the_bank_adopts_the_rule(story, run) -> None:
    # CLS-29 is graded M: shown beside, not applied, until adopted (decision 20).
    book = story(AS_OF)
    restructured(book)
    snapshot = book.snapshot()
    shown = run(snapshot, "classes")["classes"]
    assert rows(shown)["D1"]["class"] == "normal" and "CLS-29~" in codes(shown, "D1")
    adopted = run(snapshot, "classes", adopt={"class": ["CLS-29", "CLS-29/no_upgrade", "CLS-29a"]})["classes"]
    assert rows(adopted)["D1"]["class"] == "substandard"
    assert {"CLS-29", "CLS-29/no_upgrade"} <= set(codes(adopted, "D1"))


@pytest.mark.parametrize(
    ("columns", "fired"),
    [
        ({"first_due_on": "2024-07-01"}, True),  # the year ends on 2025-07-01, after the day of classification
        ({"first_due_on": "2024-06-30"}, False),  # the year ends on 2025-06-30
        ({"first_due_on": "2024-03-01", "paid_as_agreed": False}, True),  # CLS-28a: observation is extended
        ({"favours_debtor": False}, False),
        ({"difficulty_sign": "none"}, False),
        ({"observation_ends_on": "2026-01-01", "first_due_on": "2023-01-01"}, True),
    ],
)
def test_observation_lasts_a_year_and_longer_when_unpaid(story, run, columns: dict, fired: bool) -> None:
    book = story(AS_OF)
    restructured(book)
    book.facts["modifications"][0].update({k: (day(v) if k.endswith("_on") else v) for k, v in columns.items()})
    outcome = run(book.snapshot(), "classes", adopt={"class": ["CLS-29"]})["classes"]
    assert ("CLS-29" in codes(outcome, "D1")) is fired


@pytest.mark.parametrize(
    ("cleared_on", "found", "expected"),
    [
        ("2024-12-20", "normal", "normal"),  # six months and two periods (21 March, 21 June) on time since
        ("2025-01-10", "normal", "substandard"),  # five months only
        ("2024-12-20", "serious", "substandard"),  # performance not expected
    ],
)
def test_the_upgrade_gate(story, run, cleared_on: str, found: str, expected: str) -> None:
    book = story(AS_OF)
    book.party("P1", classification_route="retail")
    plan = [(d, 0, 1_000) for d in ("2024-06-21", "2024-09-21", "2024-12-21", "2025-03-21", "2025-06-21")]
    book.drawdown("D1", "P1", 100_000, "2024-05-01", "2026-05-01", plan)
    book.pay("D1", cleared_on, interest=2_000)
    for on in ("2024-12-21", "2025-03-21", "2025-06-21"):
        book.pay("D1", max(on, cleared_on), interest=1_000)
    book.add("class_decisions", drawdown_id="D1", decided_on="2024-11-30", final="substandard")
    book.add("inspections", party_id="P1", kind="regular", inspected_on="2025-06-01", result=found)
    outcome = run(book.snapshot(), "classes", adopt={"class": ["CLS-25"]})["classes"]
    assert rows(outcome)["D1"]["class"] == expected
    assert ("CLS-25" in codes(outcome, "D1")) is (expected != "normal")


def test_a_qualifying_renewal_is_not_downgraded_for_itself(story, run) -> None:
    # CLS-12 (M) adopted; CLS-30 (B) lifts it for a small firm renewed before maturity from normal.
    book = story(AS_OF)
    for party, out, size in (
        ("P1", "2025-03-25", "small"),
        ("P2", "2025-04-02", "small"),
        ("P3", "2025-03-25", "large"),
        ("P4", "2025-03-25", "small"),
        ("P5", "2025-03-25", "medium"),
        ("P6", "2025-04-02", "medium"),
        ("P7", "2025-03-25", "medium"),
    ):
        book.party(party, size=size)
        old, new = f"{party}-old", f"{party}-new"
        book.drawdown(old, party, 100_000, "2024-04-01", "2025-03-31", [("2025-03-31", 100_000, 0)])
        book.pay(old, out, principal=100_000)
        book.facts["drawdowns"][-1]["settled_on"] = book.facts["postings"][-1]["posted_on"]
        book.drawdown(
            new, party, 100_000, out, "2026-03-24", [("2026-03-24", 100_000, 0)],
            renewal_kind="renewal_without_repayment", previous_drawdown_id=old,
        )  # fmt: skip
        product = "fixed_asset" if party == "P7" else "working_capital"
        book.add("contracts", id=f"C-{new}", party_id=party, principal=100_000, signed_on=out, product=product)
    book.drawdown("P4-other", "P4", 50_000, "2025-01-01", "2026-12-31", [("2025-06-20", 0, 500)])
    outcome = run(book.snapshot(), "class_floor", adopt={"classification": ["CLS-12"]})["class_floor"]
    found = rows(outcome)
    assert found["P1-new"]["floor"] == "normal"
    assert found["P2-new"]["floor"] == "special_mention"  # renewed after it had fallen due
    assert found["P3-new"]["floor"] == "special_mention"  # not small
    assert found["P5-new"]["floor"] == "normal"  # CLS-30a: a medium-sized firm's working capital, for a time
    assert "CLS-30a" in codes(outcome, "P5-new")
    assert found["P6-new"]["floor"] == "special_mention"  # renewed after it had fallen due
    assert found["P7-new"]["floor"] == "special_mention"  # a medium-sized firm's loan for equipment
    assert found["P4-new"]["floor"] == "special_mention"  # interest on another debt is unpaid
    assert "CLS-12" in codes(outcome, "P3-new")


def test_officer_and_committee_stand_beside(story, run) -> None:
    book = story(AS_OF)
    book.party("P1")
    bullet(book, "D1", "P1", 100_000, 120)
    book.add(
        "class_decisions", drawdown_id="D1", decided_on="2025-03-31", final="special_mention", officer="normal",
        committee="special_mention",
    )  # fmt: skip
    outcome = run(book.snapshot(), "classes")["classes"]
    row = rows(outcome)["D1"]
    assert (row["class"], row["officer"], row["committee"], row["booked"]) == (
        "substandard", "normal", "special_mention", "special_mention",
    )  # fmt: skip
    assert row["booked_too_high"] and "BOOKED_TOO_HIGH" in codes(outcome, "D1")


def test_impaired_is_non_performing_and_a_mismatch_is_shown(story, run) -> None:
    book = story(AS_OF)
    book.party("P1")
    bullet(book, "D1", "P1", 100_000, 0, credit_impaired=True)
    book.party("P2")
    bullet(book, "D2", "P2", 100_000, 91, credit_impaired=False)
    found = run(book.snapshot(), "classes")
    assert rows(found["classes"])["D1"]["class"] == "substandard"
    assert "CLS-15" in codes(found["class_floor"], "D1")
    assert rows(found["classes"])["D2"]["stage_mismatch"] and "STAGE_MISMATCH" in codes(found["classes"], "D2")


def test_a_foreign_book_is_classified_by_its_status_and_says_so(story, run) -> None:
    book = story(AS_OF)
    book.party("P1", classification_route=None)
    for id, status, due in (
        ("D1", "written_off", "2017-04-01"),
        ("D2", "open", "2027-04-01"),
        ("D3", "settled", "2017-04-01"),
        ("D4", "open", "2017-04-01"),
    ):
        book.add(
            "drawdowns", id=id, contract_id="C", party_id="P1", amount=70_000 * YUAN, out_on="2010-04-01",
            due_on=due, status=status,
        )  # fmt: skip
    found = run(book.snapshot(), "classes")
    classes = rows(found["classes"])
    # matured and still open, with nothing known of its payments: no class is made up for it
    assert [classes[f"D{n}"]["class"] for n in (1, 2, 3, 4)] == ["loss", "normal", "normal", None]
    assert classes["D1"]["class_basis"] == "stated_status"
    assert "CLASS_BY_STATUS" in codes(found["class_floor"], "D1")


def test_a_ledger_without_plans_believes_the_stated_class(story, run) -> None:
    # As foreign files tell it: paid out, what came back, a stated status; no plan, so no days past due.
    book = story(AS_OF)
    book.party("P1", classification_route=None)
    for id, status, back, final in (("paid", "settled", 70_000, "normal"), ("lost", "written_off", 30_000, "loss")):
        book.drawdown(id, "P1", 70_000, "2010-04-01", "2017-04-01", status=status, credit_impaired=final == "loss")
        book.pay(id, "2015-04-01", principal=back)
        book.add("class_decisions", drawdown_id=id, decided_on="2015-04-01", final=final)
    found = run(book.snapshot(), "classes")["classes"]
    assert {k: r["class"] for k, r in rows(found).items()} == {"paid": "normal", "lost": "loss"}
    assert {r["class_basis"] for r in rows(found).values()} == {"stated_status"}
    assert rows(found)["lost"]["principal"] == 40_000 * YUAN and rows(found)["lost"]["overdue_days"] is None


FLAGS = (
    "purpose_changed", "repaid_by_new_debt", "qualifying_renewal", "medium_firm_renewal", "debtor_has_bad_debt",
    "credit_impaired", "rating_sharply_cut", "evades_debt", "in_liquidation", "credit_card",
    "overdue_for_technical_cause",
)  # fmt: skip
RULES = {
    thing.name: compile_rule_set(load_rule_set(thing.rules), thing.subject)
    for thing in (class_floor.THING, five_class.THING)
}


def called(thing: Thing, given: dict[str, Any]) -> tuple[Any, ...]:
    """The judge called as the platform calls it: on one row of (value, known) pairs."""
    rules = RULES[thing.name]
    names = [c.name for c in thing.inputs]
    row = namedtuple("Row", names)(*((given[n], True) if given.get(n) is not None else (0, False) for n in names))
    return thing.judge(row, namedtuple("Rules", rules.outputs)(*rules.judge_rules(row)), ())


@settings(max_examples=400, deadline=None)
@given(
    days=st.integers(0, 400),
    more=st.integers(1, 400),
    flags=st.fixed_dictionaries(dict.fromkeys(FLAGS, st.sampled_from([True, False, None]))),
    route=st.sampled_from([0, 1, None]),
    claims=st.integers(1, 10**12),
    booked=st.sampled_from([0, 1, 2, 3, 4, None]),
    on=st.sampled_from([day("2015-01-01"), day("2023-06-30"), day("2023-07-01"), day("2025-06-30")]),
)
def test_classes_never_improve_as_days_past_due_grow(days, more, flags, route, claims, booked, on) -> None:
    def class_of(overdue_days: int) -> int:
        own = {
            **flags, "overdue_days": overdue_days, "balance": claims, "classification_route": route,
            "classified_on": from_date(on),
        }  # fmt: skip
        floor = called(class_floor.THING, own)[0][0]
        whole = {
            **own, "floor": floor, "claims_here": claims, "bad_claims_here": claims if floor >= 2 else 0,
            "debts_all_banks": claims, "debts_overdue_all_banks": claims if overdue_days > 90 else 0,
            "previous_class": booked, "arrears_cleared": overdue_days == 0, "principal": claims, "booked": booked,
        }  # fmt: skip
        found = called(five_class.THING, whole)[0][0]
        assert found >= floor
        return found

    assert class_of(days) <= class_of(days + more)
