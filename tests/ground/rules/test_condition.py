"""The condition language: what it accepts, what it refuses, and where it points."""

from __future__ import annotations

import pytest

from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.ground.rules import grammar
from panhuo.ground.rules.condition import Arithmetic, Comparison, Kind, ParameterValue, check_condition, names_in
from panhuo.ground.rules.grammar import ConditionError, parse_condition

SIZES = CodeList.of("sizes", ("small", "小", "small"), ("large", "大", "large"))
COLUMNS = {
    c.name: c
    for c in (
        Column("overdue_days", ColumnType.DAYS, "逾期天数", "days past due"),
        Column("overdue_amount", ColumnType.FEN, "逾期金额", "amount past due"),
        Column("balance", ColumnType.FEN, "余额", "balance"),
        Column("rate", ColumnType.PPM, "利率", "rate"),
        Column("count", ColumnType.INT, "数", "count"),
        Column("due_on", ColumnType.DATE, "到期日", "due"),
        Column("today", ColumnType.DATE, "今日", "today"),
        Column("size", ColumnType.CODE, "规模", "size", codes=SIZES),
        Column("region", ColumnType.CODE, "地区", "region"),
        Column("name", ColumnType.TEXT, "名称", "name"),
        Column("good", ColumnType.BOOL, "好", "good"),
        Column("score", ColumnType.FLOAT, "分", "score"),
    )
}
PARAMETERS = {
    "limit": ParameterValue(90, Kind.DAYS, inclusive=False),
    "floor": ParameterValue(1, Kind.DAYS, inclusive=True),
    "share": ParameterValue(200_000, Kind.PPM, inclusive=False),
    "sizes": ParameterValue(("small", "large"), Kind.CODE),
}


def check(text: str) -> object:
    return check_condition(text, COLUMNS, PARAMETERS, "here")


@pytest.mark.parametrize(
    "text",
    [
        "overdue_days > 90",
        "overdue_days above limit and not good",
        "overdue_days >= floor",
        "overdue_amount * 100% above balance * share",
        "overdue_amount * rate > balance * rate",
        "overdue_amount + balance * 2 >= min(balance, 100_000)",
        "count * balance > overdue_amount",
        "today - due_on > 10",
        "due_on + overdue_days <= today",
        "due_on between 2020-01-01 and 2023-06-30",
        "size = 'small' or size in ('large') or size not in sizes",
        "size >= 'large'",
        "rate > 24% and rate <= 36.5%",
        "score < 0.25 and score > -1",
        "good = true or good is unknown or (good and balance > 0) is known",
        "(good or not good) and (balance - overdue_amount is known)",
    ],
)
def test_accepted(text: str) -> None:
    assert check(text) is not None


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    [
        ("overdue_day > 90", "no column or parameter is called overdue_day", 1, 1),
        ("overdue_days > ", "found 'the end'", 1, 16),
        ("overdue_days >\n  and good", "found 'and'", 2, 3),
        ("balance / 2 > 1", "'/' cannot stand here", 1, 9),
        ("balance == 1", "== is not an operator", 1, 9),
        ("good & good", "'&' cannot stand here", 1, 6),
        ("balance > overdue_days", "fen and days do not mix", 1, 1),
        ("good and balance + overdue_days > 0", "fen and days do not mix", 1, 10),
        ("balance * overdue_amount > 0", "fen cannot be multiplied by fen", 1, 1),
        ("rate * rate > 0", "ppm cannot be multiplied by ppm", 1, 1),
        ("balance * rate > 0", "fen*ppm and number do not mix", 1, 1),
        ("balance * rate > balance", "fen*ppm and fen do not mix", 1, 1),
        ("size = 'medium'", "'medium' is not a code of sizes", 1, 8),
        ("size = 1", "code and number do not mix", 1, 1),
        ("region = 'x'", "open list", 1, 1),
        ("name = 'x'", "name is text", 1, 1),
        ("balance", "a fen stands where a condition is needed", 1, 1),
        ("'small'", "stands alone", 1, 1),
        ("good > good", "no order", 1, 1),
        ("score = 1", "not compared for equality", 1, 1),
        ("overdue_days >= limit", "inclusive = false", 1, 1),
        ("overdue_days > floor", "inclusive = true", 1, 1),
        ("overdue_days above 90", "above needs one parameter", 1, 1),
        ("1 < overdue_days < 90", "cannot be chained", 1, 18),
        ("due_on > 2023-02-30", "not a day of the calendar", 1, 10),
        ("rate > 1.00001%", "finer than one part per million", 1, 8),
        ("balance in (overdue_amount)", "constants and parameters only", 1, 13),
        ("good in (true)", "in does not work on a bool", 1, 1),
        ("balance is zero", "unknown or known", 1, 12),
        ("min(balance) > 0", "needs two operands", 1, 1),
        ("(balance > 0", "expected ')'", 1, 13),
        ("balance > 0 good", "stands after the end", 1, 13),
        ("1 > 2", "both sides are constants", 1, 1),
        ("balance > 9223372036854775808", "does not fit 64 bits", 1, 11),
        ("sizes = 'small'", "sizes is a list", 1, 1),
        ("due_on + due_on > today", "date", 1, 1),
        ("balance > 'small'", "compared with no code column", 1, 11),
        ("size = “small”", "cannot stand here", 1, 8),
    ],
)
def test_refused_with_its_place(text: str, problem: str, line: int, column: int) -> None:
    with pytest.raises(ConditionError) as caught:
        check(text)
    error = caught.value
    assert problem in error.problem
    assert (error.line, error.column) == (line, column)
    assert error.where == "here"
    assert error.remedy
    picture = error.what.split("\n")
    assert picture[1].strip() == text.split("\n")[line - 1].strip()
    assert picture[2].index("^") == 4 + column - 1


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(ConditionError, match="did you mean overdue_days") as caught:
        check("good and overdue_dys > 90")
    assert caught.value.remedy == "did you mean overdue_days?"


def test_between_includes_both_ends_and_precedence() -> None:
    tree = parse_condition("good or good and not count + 2 * 3 > 7")
    assert isinstance(tree, grammar.Or)
    assert isinstance(tree.operands[1], grammar.And)
    assert isinstance(tree.operands[1].operands[1], grammar.Not)
    assert names_in(tree) == ("good", "count")


def test_bounds_are_proved_or_guarded() -> None:
    proved = check("balance + overdue_amount > 0")
    assert isinstance(proved, Comparison)
    assert isinstance(proved.left, Arithmetic)
    assert not proved.left.guarded
    assert (proved.left.low, proved.left.high) == (-2 * 10**17, 2 * 10**17)
    guarded = check("balance * 100% > overdue_amount * 100%")
    assert isinstance(guarded, Comparison)
    assert isinstance(guarded.left, Arithmetic)
    assert guarded.left.guarded
