"""Floors, contagion, restructuring and upgrade: domain rules 1.2 and 1.3, every boundary day.

The expected classes are those of 商业银行金融资产风险分类办法 (2023) arts. 10-14 as graded there: B rules bind, M rules
advise until adopted.
"""

from __future__ import annotations

import datetime as dt

import pytest

from ground.rules.support import judged
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.adoption import Adopted, Adoption
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set

FLOORS = compile_rule_set(load_rule_set("classification"))
CLASS = compile_rule_set(load_rule_set("class"))
DAY = "2026-01-31"


def adopted(name: str, *ids: str, since: dt.date = dt.date(2023, 7, 1)) -> CompiledRules:
    rule_set = load_rule_set(name)
    return compile_rule_set(
        rule_set.adopt(Adoption("某农商行", tuple(Adopted(name, i, since, None, "董事会决议") for i in ids)))
    )


@pytest.mark.parametrize(
    ("days", "floor"),
    [
        (0, None),
        (1, "special_mention"),
        (7, "special_mention"),
        (30, "special_mention"),
        (31, "special_mention"),
        (90, "special_mention"),
        (91, "substandard"),
        (270, "substandard"),
        (271, "doubtful"),
        (360, "doubtful"),
        (361, "loss"),
        (3000, "loss"),
    ],
)
def test_boundary_days_of_overdue(days: int, floor: str | None) -> None:
    assert judged(FLOORS, DAY, overdue_days=days)["floor"] == floor


def test_every_rule_that_fired_is_listed_not_only_the_binding_one() -> None:
    found = judged(FLOORS, DAY, overdue_days=361, credit_impaired=True)
    assert found["fired"] == ("CLS-10", "CLS-14", "CLS-15", "CLS-18", "CLS-21")
    assert found["unevaluated"] == ()


def test_credit_impaired_is_at_least_substandard() -> None:
    assert judged(FLOORS, DAY, credit_impaired=True)["floor"] == "substandard"


def test_rules_from_memory_advise_and_bind_once_adopted() -> None:
    given = {"evades_debt": True, "in_liquidation": True, "rating_sharply_cut": True, "purpose_changed": True}
    found = judged(FLOORS, DAY, **given)
    assert found["advised"] == ("CLS-11", "CLS-16", "CLS-19", "CLS-22")
    assert found["floor"] is None
    board = adopted("classification", "CLS-19", "CLS-22")
    found = judged(board, DAY, **given)
    assert found["advised"] == ("CLS-11", "CLS-16")
    assert found["fired"] == ("CLS-19", "CLS-22")
    assert found["floor"] == "loss"
    assert board.hash != FLOORS.hash
    late = adopted("classification", "CLS-19", since=dt.date(2026, 2, 1))
    assert judged(late, DAY, evades_debt=True)["advised"] == ("CLS-19",)
    assert judged(late, "2026-02-01", evades_debt=True)["fired"] == ("CLS-19",)


@pytest.mark.parametrize(
    ("expected_loss", "floor"), [(4_999, None), (5_000, "doubtful"), (8_999, "doubtful"), (9_000, "loss")]
)
def test_expected_loss_shares_include_their_boundary(expected_loss: int, floor: str | None) -> None:
    # 占账面余额50%以上 / 90%以上: 以上 includes the number (民法典 1259). 10,000 fen of balance.
    board = adopted("classification", "CLS-20", "CLS-23")
    given = {"credit_impaired": True, "balance": 10_000, "expected_loss": expected_loss}
    found = judged(board, DAY, **given)
    assert found["floor"] == (floor or "substandard")
    assert ("CLS-20" in found["fired"], "CLS-23" in found["fired"]) == (floor is not None, floor == "loss")


def test_the_technical_carve_out_works_only_where_adopted() -> None:
    given = {"overdue_days": 7, "overdue_for_technical_cause": True}
    assert judged(FLOORS, DAY, **given)["floor"] == "special_mention"
    board = adopted("classification", "CLS-10a")
    found = judged(board, DAY, **given)
    assert found["floor"] is None
    assert found["fired"] == ("CLS-10a",)
    assert judged(board, DAY, **(given | {"overdue_days": 8}))["floor"] == "special_mention"
    unknown = judged(board, DAY, **(given | {"overdue_for_technical_cause": None}))
    assert unknown["floor"] == "special_mention"
    assert unknown["unevaluated"] == ("CLS-10a",)


def test_a_qualifying_renewal_is_not_downgraded() -> None:
    board = adopted("classification", "CLS-12")
    assert judged(board, DAY, repaid_by_new_debt=True)["floor"] == "special_mention"
    found = judged(board, DAY, repaid_by_new_debt=True, qualifying_renewal=True)
    assert found["floor"] is None
    assert found["fired"] == ("CLS-30",)
    # Before the notice of 2024-09-24 the Measures themselves except it.
    assert judged(board, "2024-09-23", repaid_by_new_debt=True, qualifying_renewal=True)["fired"] == ()


@pytest.mark.parametrize(
    ("due", "floor"), [("2025-06-30", None), ("2027-09-29", None), ("2027-09-30", "special_mention")]
)
def test_a_medium_firms_renewal_counts_for_a_time(due: str, floor: str | None) -> None:
    """CLS-30a, 金规〔2024〕13号: medium-sized firms' working-capital loans due before 2027-09-30."""
    board = adopted("classification", "CLS-12")
    given = {"repaid_by_new_debt": True, "medium_firm_renewal": True, "qualifying_renewal": False}
    due_on = (dt.date.fromisoformat(due) - dt.date(1970, 1, 1)).days
    found = judged(board, DAY, renewed_due_on=due_on, **given)
    assert found["floor"] == floor
    assert found["fired"] == (("CLS-30a",) if floor is None else ("CLS-12",))
    not_let_in = judged(board, DAY, renewed_due_on=due_on, **(given | {"medium_firm_renewal": False}))
    assert not_let_in["floor"] == "special_mention"
    unknown = judged(board, DAY, renewed_due_on=None, **given)
    assert unknown["floor"] == "special_mention" and "CLS-30a" in unknown["unevaluated"]
    # The notice is of 2024-09-24: nothing of it a day before.
    assert judged(board, "2024-09-23", renewed_due_on=due_on, **given)["fired"] == ("CLS-12",)


def test_unknown_never_fires_and_is_listed() -> None:
    found = judged(FLOORS, DAY, overdue_days=None)
    assert found["floor"] is None
    assert found["fired"] == ()
    assert set(found["unevaluated"]) >= {"CLS-10", "CLS-14", "CLS-18", "CLS-21"}
    assert "CLS-42/loss" not in found["unevaluated"]  # no credit card: false whatever the days are
    undated = judged(FLOORS, None, overdue_days=400)
    assert undated["floor"] is None
    assert undated["unevaluated"] == FLOORS.rule_ids


def test_the_version_follows_the_day_of_the_row() -> None:
    old = judged(FLOORS, "2023-06-30", overdue_days=400)
    assert old["advised"] == ("CLS-10", "CLS-14")  # the 2007 guideline, from memory
    assert old["floor"] is None
    assert judged(FLOORS, "2023-07-01", overdue_days=400)["floor"] == "loss"
    board = adopted("classification", "CLS-14", since=dt.date(2000, 1, 1))
    assert judged(board, "2023-06-30", overdue_days=91)["floor"] == "substandard"


@pytest.mark.parametrize(
    ("days", "floor"),
    [(90, "special_mention"), (91, "substandard"), (120, "substandard"), (121, "doubtful"), (180, "doubtful"),
     (181, "loss")],
)  # fmt: skip
def test_credit_card_ladder(days: int, floor: str) -> None:
    assert judged(FLOORS, DAY, overdue_days=days, credit_card=True)["floor"] == floor


# --- the second thing judged


@pytest.mark.parametrize(("overdue", "at_least"), [(2_000, None), (2_001, "substandard")])
def test_debts_at_all_banks_over_a_fifth(overdue: int, at_least: str | None) -> None:
    given = {"classification_route": "non_retail", "debts_all_banks": 10_000, "debts_overdue_all_banks": overdue}
    assert judged(CLASS, DAY, **given)["at_least"] == at_least
    assert judged(CLASS, DAY, **(given | {"classification_route": "retail"}))["at_least"] is None


@pytest.mark.parametrize(
    ("bad", "at_least", "boundary"), [(999, None, False), (1_000, None, True), (1_001, "substandard", False)]
)
def test_contagion_inside_the_bank_is_strict_and_warns_at_the_boundary(
    bad: int, at_least: str | None, boundary: bool
) -> None:
    given = {"classification_route": "non_retail", "claims_here": 10_000, "bad_claims_here": bad}
    found = judged(CLASS, DAY, **given)
    assert found["at_least"] == at_least
    assert found["bad_share_at_boundary"] is boundary


def test_recognised_enhancement_is_advice_only() -> None:
    found = judged(
        CLASS, DAY, classification_route="non_retail", claims_here=100, bad_claims_here=100, recognised_enhancement=1
    )
    assert found["at_least"] == "substandard"
    assert found["advised"] == ("CLS-24a",)


def test_observation_of_restructured_assets() -> None:
    board = adopted("class", "CLS-29", "CLS-29/no_upgrade", "CLS-29a")
    assert judged(board, DAY, in_observation=True)["at_least"] == "special_mention"
    held = judged(board, DAY, in_observation=True, class_before_restructuring="doubtful")
    assert held["at_least"] == "doubtful"
    failed = judged(board, DAY, in_observation=True, failed_in_observation=True)
    assert failed["at_least"] == "substandard"
    again = judged(board, DAY, in_observation=True, restructured_again=True, class_before_restructuring="loss")
    assert again["at_least"] == "loss"
    assert judged(CLASS, DAY, in_observation=True)["at_least"] is None


def test_the_upgrade_gate() -> None:
    board = adopted("class", "CLS-25")
    ready = {
        "previous_class": "substandard", "arrears_cleared": True, "periods_on_time": 2, "months_on_time": 6,
        "performance_expected": True,
    }  # fmt: skip
    assert judged(board, DAY, **ready)["at_least"] is None
    for change in (
        {"arrears_cleared": False}, {"periods_on_time": 1}, {"months_on_time": 5}, {"performance_expected": False},
        {"other_impaired_here": True},
    ):  # fmt: skip
        assert judged(board, DAY, **(ready | change))["at_least"] == "substandard"
    assert judged(board, DAY, previous_class="special_mention")["at_least"] is None


def test_an_adoption_must_name_a_rule_that_needs_it() -> None:
    with pytest.raises(InvalidInput, match="binds without adoption"):
        adopted("classification", "CLS-21")
    with pytest.raises(InvalidInput, match="no rule CLS-99"):
        adopted("classification", "CLS-99")
