"""The generated source against an independent tree-walking interpreter, plain and under Numba."""

from __future__ import annotations

import datetime as dt
import random
from collections import namedtuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ground.rules import tree_walk
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.adoption import Adopted, Adoption
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.condition import Kind, ParameterValue, check_condition
from panhuo.ground.rules.explanation import explain
from panhuo.ground.rules.grammar import ConditionError
from panhuo.ground.rules.rule_set import RuleSet, load_rule_set, read_rule_set

HEADER = """
name = "trial"
zh = "试验"
en = "trial"
subject = "trial"
dated_by = "day"
[codes.size]
codes = [["small", "小", "small"], ["medium", "中", "medium"], ["large", "大", "large"]]
[columns]
day = { type = "date", zh = "日", en = "day" }
due = { type = "date", zh = "到期", en = "due" }
wait = { type = "days", zh = "天数", en = "wait" }
count = { type = "int", zh = "数", en = "count" }
money = { type = "fen", zh = "钱", en = "money" }
debt = { type = "fen", zh = "债", en = "debt" }
rate = { type = "ppm", zh = "率", en = "rate" }
chance = { type = "billionths", zh = "概率", en = "chance" }
size = { type = "code", codes = "size", zh = "大小", en = "size" }
other_size = { type = "code", codes = "size", zh = "大小二", en = "other size" }
yes = { type = "bool", zh = "是", en = "yes" }
good = { type = "bool", zh = "好", en = "good" }
weight = { type = "float", zh = "重", en = "weight" }
[outputs]
least = { type = "code", codes = "size", zh = "至少", en = "least" }
most = { type = "fen", zh = "至多", en = "most" }
raised = { type = "bool", zh = "旗", en = "flag" }
chosen = { type = "ppm", zh = "选", en = "chosen" }
"""

KINDS = {
    "date": ["day", "due"], "days": ["wait"], "int": ["count"], "fen": ["money", "debt"], "ppm": ["rate"],
    "billionths": ["chance"],
}  # fmt: skip
LITERALS = {"days": "90", "int": "3", "fen": "100_000", "ppm": "24%", "billionths": "500", "date": "2024-02-29"}


def _operand(draw: Any, kind: str, depth: int) -> str:
    choice = draw(st.integers(0, 9 if depth > 0 else 2))
    if choice <= 2:
        return draw(st.sampled_from(KINDS[kind]))
    if choice == 3 and kind != "fen":
        return LITERALS[kind]
    inner = depth - 1
    if choice <= 5 and kind == "date":
        return f"{_operand(draw, 'date', inner)} {draw(st.sampled_from('+-'))} {_operand(draw, 'days', 0)}"
    if choice == 6 and kind == "days":
        return f"({_operand(draw, 'date', inner)} - {_operand(draw, 'date', 0)})"
    if choice == 7 and kind != "date":
        return f"{_operand(draw, 'int', 0)} * {_operand(draw, kind, 0)}"
    word = draw(st.sampled_from(["min", "max"]))
    if choice == 8:
        return f"{word}({_operand(draw, kind, inner)}, {_operand(draw, kind, inner)})"
    if kind == "date":
        return draw(st.sampled_from(KINDS[kind]))
    sign = draw(st.sampled_from(["+", "-", "+ -"]))
    return f"({_operand(draw, kind, inner)} {sign} {_operand(draw, kind, 0)})"


def _condition(draw: Any, depth: int) -> str:
    choice = draw(st.integers(0, 14 if depth > 0 else 9))
    sign = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    if choice <= 2:
        kind = draw(st.sampled_from(sorted(KINDS)))
        return f"{_operand(draw, kind, 2)} {sign} {_operand(draw, kind, 2)}"
    if choice == 3:
        side = f"{_operand(draw, 'fen', 1)} * {draw(st.sampled_from(['rate', '100%', '12.5%', 'share']))}"
        return f"{side} {sign} {_operand(draw, 'fen', 1)} * {draw(st.sampled_from(['rate', '20%', 'share']))}"
    if choice == 4:
        return draw(
            st.sampled_from(
                [
                    f"size {sign} 'medium'", f"'large' {sign} size", f"size {sign} other_size",
                    "size in ('small', 'large')", "size not in listed", f"yes {'=' if sign == '=' else '!='} true",
                ]
            )
        )  # fmt: skip
    if choice == 5:
        return draw(st.sampled_from(["yes", "good", "weight > 0.5", "weight <= -1.25", "not good", "true", "false"]))
    if choice == 6:
        kind = draw(st.sampled_from(sorted(KINDS)))
        low, high = _operand(draw, kind, 1), _operand(draw, kind, 1)
        return f"{_operand(draw, kind, 0)} {draw(st.sampled_from(['', 'not ']))}between {low} and {high}"
    if choice == 7:
        kind = draw(st.sampled_from(["fen", "date", "int"]))
        name = draw(st.sampled_from([_operand(draw, kind, 2), "yes", "size", "weight"]))
        return f"{name} is {draw(st.sampled_from(['unknown', 'known']))}"
    if choice == 8:
        return draw(
            st.sampled_from(
                ["wait above limit", "wait below limit", "money * 100% above debt * share", "count in (1, 3, -3)"]
            )
        )
    if choice == 9:
        return f"wait > {draw(st.integers(-3, 3))}"
    inner = depth - 1
    if choice <= 11:
        return f"({_condition(draw, inner)}) and ({_condition(draw, inner)})"
    if choice <= 13:
        return f"({_condition(draw, inner)}) or ({_condition(draw, inner)})"
    text = f"not ({_condition(draw, inner)})"
    return text if draw(st.booleans()) else f"(({text}) is unknown)"


EFFECTS = [
    '{ kind = "floor", column = "least", value = "medium" }',
    '{ kind = "floor", column = "least", expression = "other_size" }',
    '{ kind = "cap", column = "most", value = 100 }',
    '{ kind = "cap", column = "most", expression = "money + debt" }',
    '{ kind = "cap", column = "most", expression = "count * debt" }',
    '{ kind = "flag", column = "raised" }',
    '{ kind = "set", column = "chosen", parameter = "share" }',
    '{ kind = "set", column = "chosen", value = 7 }',
    '{ kind = "advise" }',
]


BLANK = read_rule_set(HEADER, "blank.toml")


def _well_typed(condition: str, inclusive: bool) -> str:
    """The condition, or a plain one where chance wrote what the checker rightly refuses."""
    parameters = {
        "limit": ParameterValue(90, Kind.DAYS, inclusive),
        "share": ParameterValue(200_000, Kind.PPM, inclusive),
        "listed": ParameterValue(("small", "medium"), Kind.CODE),
    }
    try:
        check_condition(condition, BLANK.columns, parameters)
    except ConditionError as error:
        refused = (
            "both sides are constants",
            "the result never fits",
            "does not fit",
            "the condition says",
            "stands where",
        )
        assert any(r in error.problem for r in refused), error
        return "yes"
    return condition


@st.composite
def rule_files(draw: Any, rules: int = 6) -> RuleSet:
    parts = [HEADER]
    for n in range(rules):
        versions = draw(st.integers(1, 2))
        for v in range(versions):
            start, end = [("2000-01-01", "2019-12-31"), ("2020-01-01", "2024-06-30")][v]
            condition = _condition(draw, 2)
            limit = draw(st.sampled_from(["true", "false"]))
            condition = _well_typed(condition, limit == "true")
            effect = draw(st.sampled_from(EFFECTS))
            if n == 0 and rules > 2:
                effect = draw(st.sampled_from([*EFFECTS, '{ kind = "except", rules = ["TST-1", "TST-2"] }']))
            grade = draw(st.sampled_from("ABMUP"))
            parts.append(
                f"""[[rules]]
id = "TST-{n}"
zh = "试"
en = "trial"
instrument = "某办法"
article = "1"
grade = {{ effect = "{grade}", citation = "M" }}
effective_from = {start}
effective_to = {end}
condition = "{condition}"
effect = {effect}
[rules.parameters]
limit = {{ value = 90, unit = "days", inclusive = {limit} }}
share = {{ value = 20, unit = "percent", inclusive = {limit} }}
listed = {{ value = ["small", "medium"], unit = "code" }}
"""
            )
    text = "\n".join(parts)
    rule_set = read_rule_set(text, "trial.toml")
    if draw(st.booleans()):
        entries = []
        for rule in rule_set.rules:
            if rule.advises_only and draw(st.booleans()):
                until = draw(st.sampled_from([None, dt.date(2023, 1, 1)]))
                entries.append(Adopted("trial", rule.id, dt.date(2010, 1, 1), until, "board"))
        rule_set = rule_set.adopt(Adoption("bank", tuple(entries)))
    return rule_set


HUGE = [0, 1, -1, 3, 90, 91, 10**6, 10**13, 10**17, 10**17 + 1, -(10**17), 2**62, 2**63 - 1, -(2**63) + 1]
DAYS = [0, 89, 90, 91, -1, 10957, 18261, 18262, 19000, 19782, 20000, 2**31 - 1, -(2**31)]


def random_row(chance: random.Random, rule_set: RuleSet) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, column in rule_set.columns.items():
        if chance.random() < 0.2:
            row[name] = None
        elif column.type is ColumnType.BOOL:
            row[name] = chance.random() < 0.5
        elif column.type is ColumnType.CODE:
            assert column.codes is not None
            row[name] = chance.randrange(len(column.codes))
        elif column.type is ColumnType.FLOAT:
            row[name] = chance.choice([0.0, 0.5, 0.75, -2.0, float("nan")])
        elif column.type in (ColumnType.DATE, ColumnType.DAYS):
            row[name] = chance.choice(DAYS) if name != "day" else chance.choice([15000, 18261, 18262, 19400, 19800])
        else:
            row[name] = chance.choice(HUGE) if chance.random() < 0.7 else chance.randrange(-(10**6), 10**6)
    return row


def pairs(rule_set: RuleSet, row: dict[str, Any], numba: bool = False) -> Any:
    kinds = {ColumnType.FLOAT: 0.0}
    fields = []
    for name, column in rule_set.columns.items():
        value = row[name]
        blank: Any = kinds.get(column.type, 0)
        fields.append((blank if value is None else int(value) if value is True or value is False else value,
                       value is not None))  # fmt: skip
    return namedtuple("Subject", list(rule_set.columns))(*fields)


def as_dict(compiled: CompiledRules, result: tuple[Any, ...]) -> dict[str, Any]:
    named = dict(zip(compiled.outputs, result, strict=True))
    found: dict[str, Any] = {}
    for kind in ("fired", "unevaluated", "advised"):
        found[kind] = list(compiled.listed(v for n, v in named.items() if n.startswith(f"{kind}_")))
    for output in compiled.effect_columns:
        found[output.name] = named[output.name]
    return found


def blank(found: dict[str, Any]) -> dict[str, Any]:
    """Values that are not known do not count."""
    return {k: v if isinstance(v, list) or v[1] else (0, False) for k, v in found.items()}


@settings(max_examples=120, deadline=None)
@given(rule_files(), st.integers(0, 2**32))
def test_generated_source_agrees_with_the_interpreter(rule_set: RuleSet, seed: int) -> None:
    compiled = compile_rule_set(rule_set)
    chance = random.Random(seed)
    for _ in range(25):
        row = random_row(chance, rule_set)
        ours = as_dict(compiled, compiled.judge_rules(pairs(rule_set, row)))
        assert blank(ours) == blank(tree_walk.judge(rule_set, row)), row


@settings(max_examples=30, deadline=None)
@given(rule_files())
def test_the_text_is_a_function_of_the_hash(rule_set: RuleSet) -> None:
    assert compile_rule_set(rule_set).source == compile_rule_set(rule_set).source
    assert rule_set.hash in compile_rule_set(rule_set).source


def _shipped_rows(rule_set: RuleSet, count: int) -> list[dict[str, Any]]:
    chance = random.Random(20260101)
    rows = []
    for _ in range(count):
        row = random_row(chance, rule_set)
        day = rule_set.dated_by
        if row[day] is not None:
            row[day] = chance.choice([12000, 17000, 18494, 18495, 19538, 19539, 20089, 20400, 21000])
        for name, column in rule_set.columns.items():
            if column.type is ColumnType.DAYS and row[name] is not None:
                row[name] = chance.choice([0, 1, 7, 8, 30, 31, 60, 90, 91, 270, 271, 360, 361])
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    "name",
    [
        "classification",
        "class",
        "provisioning",
        "origination_limits",
        "price_and_disclosure",
        "size_classes",
        "warnings",
    ],
)
def test_shipped_sets_agree_with_the_interpreter_on_random_rows(name: str) -> None:
    rule_set = load_rule_set(name)
    compiled = compile_rule_set(rule_set)
    for row in _shipped_rows(rule_set, 400):
        ours = as_dict(compiled, compiled.judge_rules(pairs(rule_set, row)))
        assert blank(ours) == blank(tree_walk.judge(rule_set, row)), row


def test_numba_and_plain_python_give_the_same() -> None:
    numba = pytest.importorskip("numba")
    rule_set = read_rule_set(HEADER + EVERY_CONSTRUCT, "every.toml")
    compiled = compile_rule_set(rule_set)
    fast = numba.njit(compiled.judge_rules)
    seen: set[str] = set()
    for row in _shipped_rows(rule_set, 600):
        subject = pairs(rule_set, row)
        plain = compiled.judge_rules(subject)
        assert fast(subject) == plain
        assert blank(as_dict(compiled, plain)) == blank(tree_walk.judge(rule_set, row)), row
        seen |= set(as_dict(compiled, plain)["fired"])
    assert len(seen) > len(compiled.rule_ids) // 2


EVERY_CONSTRUCT = "".join(
    f"""
[[rules]]
id = "EVR-{n}"
zh = "每种写法"
en = "every construct"
instrument = "某办法"
article = "1"
grade = {{ effect = "{"ABAM"[n % 4]}", citation = "A" }}
effective_from = 2000-01-01
condition = "{condition}"
effect = {EFFECTS[n % len(EFFECTS)]}
[rules.parameters]
limit = {{ value = 90, unit = "days", inclusive = false }}
share = {{ value = 20, unit = "percent", inclusive = true }}
listed = {{ value = ["small", "medium"], unit = "code" }}
"""
    for n, condition in enumerate(
        [
            "wait above limit", "wait below limit or yes", "money * 100% above debt * share", "size >= 'medium'",
            "size in listed", "size not in ('large')", "count * debt > money", "money + debt - money >= debt",
            "min(money, debt) < max(money, debt, 5)", "due - day > 30", "day + wait <= due", "-count > -3",
            "weight > 0.5", "not (yes and good)", "money is unknown", "(yes or good) is known",
            "wait between 1 and 90", "count not between -1 and 1", "count * wait > 5", "money * rate > debt * rate",
            "size = other_size", "yes != good", "chance * 2 < chance + 5", "true", "false or money > 0",
        ]
    )
)  # fmt: skip


def test_more_than_one_word() -> None:
    parts = [HEADER]
    for n in range(130):
        parts.append(
            f"""
[[rules]]
id = "WRD-{n}"
zh = "字"
en = "word"
instrument = "某办法"
article = "1"
grade = {{ effect = "A", citation = "A" }}
effective_from = 2000-01-01
condition = "count = {n}"
effect = {{ kind = "flag", column = "raised" }}
"""
        )
    compiled = compile_rule_set(read_rule_set("".join(parts), "words.toml"))
    assert compiled.outputs[:9] == tuple(f"{k}_{w}" for k in ("fired", "unevaluated", "advised") for w in range(3))
    row = dict.fromkeys(compiled.rule_set.columns, 0) | {"count": 129, "day": 15000}
    found = as_dict(compiled, compiled.judge_rules(pairs(compiled.rule_set, row)))
    assert found["fired"] == ["WRD-129"]
    assert found["raised"] == (True, True)
    row["count"] = None
    result = compiled.judge_rules(pairs(compiled.rule_set, row))
    assert max(result[:9]) < 2**62
    assert len(as_dict(compiled, result)["unevaluated"]) == 130
    assert as_dict(compiled, result)["raised"] == (False, False)


def test_condition_columns_and_explanation() -> None:
    compiled = compile_rule_set(load_rule_set("classification"))
    assert compiled.condition_columns["CLS-20"] == ("credit_impaired", "balance", "expected_loss")
    row = dict.fromkeys(compiled.rule_set.columns, 0) | {"classified_on": 20000, "overdue_days": 91}
    row["evades_debt"] = None
    subject = pairs(compiled.rule_set, row)
    found = explain(compiled, compiled.judge_rules(subject), subject)
    by_id = {f.rule_id: f for f in found}
    assert by_id["CLS-14"].status == "fired"
    assert by_id["CLS-14"].arguments == (("overdue_days", "days", 91),)
    assert by_id["CLS-14"].rule is not None
    assert by_id["CLS-14"].rule.article == "11"
    assert by_id["CLS-19"].status == "unevaluated"
    assert by_id["CLS-19"].arguments == (("evades_debt", "bool", None),)


def test_a_subject_must_hold_the_columns_a_rule_set_names() -> None:
    rule_set = load_rule_set("classification")
    columns = list(rule_set.columns.values())
    compile_rule_set(rule_set, Schema("class_floor", tuple(columns)))
    with pytest.raises(InvalidInput, match="no column overdue_days"):
        compile_rule_set(rule_set, Schema("s", tuple(c for c in columns if c.name != "overdue_days")))
    wrong = [Column("overdue_days", ColumnType.INT, "", "") if c.name == "overdue_days" else c for c in columns]
    with pytest.raises(InvalidInput, match="is a int there"):
        compile_rule_set(rule_set, Schema("s", tuple(wrong)))
    turned = CodeList.of("classification_routes", ("non_retail", "", ""), ("retail", "", ""))
    wrong = [Column(c.name, c.type, "", "", codes=turned) if c.name == "classification_route" else c for c in columns]
    with pytest.raises(InvalidInput, match="draws from"):
        compile_rule_set(rule_set, Schema("s", tuple(wrong)))
