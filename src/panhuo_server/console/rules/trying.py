"""Trying a rule on values: the library's own compiled judge says true, false or unknown, and which part decides.

Invariant: nothing is evaluated here; every answer is the compiled source's, of the rule alone, of each part of its
condition, and of the whole set. What is tried is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace
from typing import Any, Literal

from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.condition import EPOCH
from panhuo.ground.rules.rule import Effect, EffectKind, Rule
from panhuo.ground.rules.rule_set import RuleSet
from panhuo.journey.report.words import DASH, NOTHING, Text
from panhuo_server.console.pieces.figures import exactly
from panhuo_server.console.rules.used import Used
from panhuo_server.console.rules.wording import Wording

Verdict = Literal["true", "false", "unknown", "not_in_force"]
_PER_UNIT = {ColumnType.FEN: 100, ColumnType.PPM: 10_000, ColumnType.BILLIONTHS: 10_000_000}


@dataclass(frozen=True)
class Asked:
    """A field of the form: a column of the condition, what was typed, and what is wrong with it."""

    column: Column
    text: str
    fault: Text = NOTHING

    @property
    def unit(self) -> Text:
        """In what the field is typed."""
        if self.column.type is ColumnType.FEN:
            return Text("元", "yuan")
        if self.column.type in (ColumnType.PPM, ColumnType.BILLIONTHS):
            return Text("%", "%")
        return Text("天", "days") if self.column.type is ColumnType.DAYS else Text("", "")

    @property
    def kind(self) -> str:
        """How the field is drawn."""
        if self.column.type is ColumnType.BOOL:
            return "bool"
        if self.column.codes is not None:
            return "code"
        return "date" if self.column.type is ColumnType.DATE else "number"


@dataclass(frozen=True)
class Tried:
    """What came of it.

    Attributes:
        verdict: of the rule's condition. parts: each part of it with its own verdict, where it has several.
        unknown: columns of it that were left unknown. became: what the rule does in its whole set.
        others: ids of the other rules that fired on the same values. outputs: what the set as a whole says.
    """

    verdict: Verdict
    parts: list[tuple[Text, Verdict]]
    unknown: list[Text]
    became: Text
    others: list[str]
    outputs: list[tuple[Text, Text]]


def value_of(column: Column, text: str) -> tuple[Any, bool]:
    """(value, known) as the compiled source takes it; an empty field is unknown.

    Raises:
        InvalidInput: when the text is no value of the column.
    """
    text = text.strip()
    if not text:
        return 0, False
    try:
        if column.type is ColumnType.BOOL:
            return {"true": True, "false": False}[text], True
        if column.type is ColumnType.DATE:
            return (date.fromisoformat(text) - EPOCH).days, True
        if column.codes is not None:
            return column.codes.position(text), True
        if column.type is ColumnType.FLOAT:
            return float(text), True
        number = Decimal(text.replace(",", "").replace("，", "")) * _PER_UNIT.get(column.type, 1)
        if number != number.to_integral_value() or abs(number) >= 2**63:
            raise InvalidInput(f"{text} has more decimals or digits than {column.name} holds", where=column.name)
        return int(number), True
    except (KeyError, ValueError, InvalidOperation) as error:
        raise InvalidInput(f"{text} is no value of {column.name}", where=column.name) from error


def fields(used: Used, rule_id: str, given: Mapping[str, str], day: date) -> list[Asked]:
    """The form: the day that picks the version, then each column the rule's condition reads."""
    columns = dict.fromkeys((used.rule_set.dated_by, *used.compiled.condition_columns[rule_id]))
    found = []
    for name in columns:
        column = used.rule_set.columns[name]
        text = given.get(name, day.isoformat() if name == used.rule_set.dated_by else "")[:64]
        fault = NOTHING
        try:
            value_of(column, text)
        except InvalidInput:
            fault = Text("读不出这个值，请改写", "this cannot be read: write it another way")
        found.append(Asked(column, text, fault))
    return found


def _row(rule_set: RuleSet, values: Mapping[str, tuple[Any, bool]]) -> Any:
    return SimpleNamespace(**{name: values.get(name, (0, False)) for name in rule_set.columns})


def _alone(rule_set: RuleSet, rule: Rule, condition: str) -> RuleSet:
    bare = replace(rule, condition=condition, effect=Effect(EffectKind.ADVISE), presets=())
    return replace(rule_set, rules=(bare,), adopted=())


def verdict_of(rule_set: RuleSet, rule: Rule, condition: str, row: Any) -> Verdict:
    """What the compiled source says of one condition."""
    compiled = compile_rule_set(_alone(rule_set, rule, condition))
    result = dict(zip(compiled.outputs, compiled.judge_rules(row), strict=True))
    if result["fired_0"] or result["advised_0"]:
        return "true"
    return "unknown" if result["unevaluated_0"] else "false"


def _column(used: Used, name: str) -> Column:
    output = used.rule_set.outputs[name]
    return Column(name, ColumnType(output.kind.value), output.zh, output.en, codes=output.codes)


def _shown(column: Column, value: Any) -> Text:
    if column.codes is not None:
        held = column.codes.codes[int(value)]
        return Text(held.zh, held.en)
    if column.type is ColumnType.DATE:
        return exactly(column, date.fromordinal(EPOCH.toordinal() + int(value)))
    return exactly(column, bool(value) if column.type is ColumnType.BOOL else int(value))


def tried(used: Used, rule_id: str, asked: list[Asked]) -> Tried:
    """Evaluates a rule on what the form holds."""
    values = {one.column.name: value_of(one.column, one.text) for one in asked}
    day, known = values[used.rule_set.dated_by]
    on = date.fromordinal(EPOCH.toordinal() + int(day)) if known else None
    version = next((v for v in used.rule_set.versions(rule_id) if on is not None and v.in_force(on)), None)
    if version is None or version.condition is None:
        return Tried("not_in_force", [], [], Text("这一天没有生效的版本", "no version is in force on that day"), [], [])
    row = _row(used.rule_set, values)
    words = Wording(used.rule_set, version)
    parts = [
        (said, verdict_of(used.rule_set, version, text, row))
        for said, text in zip(words.condition()[1], words.parts(), strict=True)
    ]
    whole = verdict_of(used.rule_set, version, version.condition, row)
    result = used.compiled.judge_rules(row)
    named = dict(zip(used.compiled.outputs, result, strict=True))

    def listed(kind: str) -> tuple[str, ...]:
        return used.compiled.listed([int(named[n]) for n in used.compiled.outputs if n.startswith(f"{kind}_")])

    fired, advised = listed("fired"), listed("advised")
    if rule_id in fired:
        became = words.effect()
    elif rule_id in advised:
        became = Text("只提示：本机构没有采纳，不改变结果", "advice only: not adopted here, so it changes nothing")
    elif whole == "true":
        became = Text("条件成立，但被另一条规则排除", "the condition holds, but another rule lifts it")
    elif whole == "unknown":
        became = Text("未知不触发，列为未能判断", "unknown never fires: it is listed as not evaluated")
    else:
        became = Text("不触发", "it does not fire")
    outputs = []
    for name in used.rule_set.outputs:
        column = _column(used, name)
        value, is_known = named[name]
        outputs.append((Text(column.zh, column.en), _shown(column, value) if is_known else DASH))
    unknown = [Text(one.column.zh, one.column.en) for one in asked if not values[one.column.name][1]]
    others = [one for one in (*fired, *advised) if one != rule_id]
    return Tried(whole, parts if len(parts) > 1 else [], unknown, became, others, outputs)
