"""Rules in words and tried on values: texts written out by hand, verdicts worked from the rule's own condition."""

from __future__ import annotations

from datetime import date

import pytest

from panhuo.ground.rules.library import FILES
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo_server.console.rules.trying import fields, tried
from panhuo_server.console.rules.used import Used
from panhuo_server.console.rules.wording import Wording

DAY = date(2026, 6, 30)


def used(name: str) -> Used:
    return Used(load_rule_set(name), "", False, False)


def test_conditions_read_as_written_out_by_hand() -> None:
    rules = load_rule_set("classification")
    joined, parts = Wording(rules, rules.rule("CLS-20", DAY)).condition()
    assert (joined.zh, joined.en) == ("同时满足", "All of")
    assert [p.zh for p in parts] == [
        "已发生信用减值", "账面余额大于 0", "（预期信用损失 乘 100 %）不少于 （账面余额 乘 50 %）",
    ]  # fmt: skip
    assert parts[2].en == "(expected credit loss times 100 %) is at least (book balance times 50 %)"
    days = Wording(rules, rules.rule("CLS-10", DAY))
    assert days.condition()[1][0].zh == "逾期天数不少于 1 天"
    assert days.effect().zh.endswith("至少为 关注")
    assert Wording(rules, rules.rule("CLS-30", DAY)).effect().en == "lifts these rules: CLS-12"


@pytest.mark.parametrize("name", [path.stem for path in sorted(FILES.glob("*.toml"))])
def test_every_rule_of_every_file_reads_in_both_languages(name: str) -> None:
    rules = load_rule_set(name)
    for rule in rules:
        words = Wording(rules, rule)
        _, parts = words.condition()
        assert (len(parts) > 0) is (rule.condition is not None)
        assert len(parts) == len(words.parts())
        for text in (*parts, words.effect()):
            assert text.zh.strip() and text.en.strip()
            assert "grammar" not in text.en and "(value=" not in text.en, rule.id


@pytest.mark.parametrize(
    ("typed", "verdict", "parts"),
    [
        ({"classification_route": "non_retail", "debtor_has_bad_debt": "true"}, "true", ["true", "true"]),
        ({"classification_route": "retail"}, "false", ["false", "unknown"]),  # false and unknown is false
        ({"classification_route": "non_retail"}, "unknown", ["true", "unknown"]),
        ({"debtor_has_bad_debt": "true"}, "unknown", ["unknown", "true"]),
        ({"classification_route": "non_retail", "debtor_has_bad_debt": "false"}, "false", ["true", "false"]),
    ],
)
def test_a_rule_tried_in_three_valued_logic(typed: dict[str, str], verdict: str, parts: list[str]) -> None:
    held = used("classification")
    found = tried(held, "CLS-13", fields(held, "CLS-13", typed, DAY))
    assert found.verdict == verdict
    assert [v for _, v in found.parts] == parts


def test_the_day_picks_the_version_and_a_lifted_rule_says_so() -> None:
    held = used("classification")
    early = {"classified_on": "2020-01-01", "overdue_days": "1"}
    assert tried(held, "CLS-10", fields(held, "CLS-10", early, DAY)).became.zh.startswith("只提示")  # grade M then
    now = {"overdue_days": "1"}
    assert tried(held, "CLS-10", fields(held, "CLS-10", now, DAY)).became.en.endswith("is at least special mention")
    before = {"classified_on": "1999-01-01", "overdue_days": "1"}
    assert tried(held, "CLS-10", fields(held, "CLS-10", before, DAY)).verdict == "not_in_force"


def test_amounts_are_typed_in_yuan_and_what_is_no_value_is_named() -> None:
    held = used("classification")
    typed = {"credit_impaired": "true", "balance": "1,000,000", "expected_loss": "500000"}
    asked = fields(held, "CLS-20", typed, DAY)
    assert [one.unit.zh for one in asked if one.column.name == "balance"] == ["元"]
    assert tried(held, "CLS-20", asked).verdict == "true"  # half of the balance, boundary included
    less = fields(held, "CLS-20", {**typed, "expected_loss": "499999.99"}, DAY)
    assert tried(held, "CLS-20", less).verdict == "false"
    wrong = fields(held, "CLS-20", {**typed, "balance": "a million"}, DAY)
    assert [one.column.name for one in wrong if one.fault.zh] == ["balance"]
    for text in ("1.005", "9" * 30, "１２三"):
        assert any(one.fault.zh for one in fields(held, "CLS-20", {**typed, "balance": text}, DAY)), text
