"""A rule's condition, parameters and effect as a person reads them.

Invariant: what is written follows the condition's own tree, node by node; nothing is left out and no number changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from panhuo.ground.record.arguments import fen_text, scaled_text, thousands
from panhuo.ground.record.columns import Column
from panhuo.ground.rules import grammar
from panhuo.ground.rules.rule import Effect, EffectKind, Parameter, Rule
from panhuo.ground.rules.rule_set import RuleSet
from panhuo.journey.report.words import Text

UNITS = {
    "fen": Text("分", "fen"), "yuan": Text("元", "yuan"), "wan_yuan": Text("万元", "ten thousand yuan"),
    "ppm": Text("百万分之", "ppm"), "percent": Text("%", "%"), "per_ten_thousand": Text("万分之", "in 10,000"),
    "billionths": Text("十亿分之", "billionths"), "days": Text("天", "days"),
    "working_days": Text("个工作日", "working days"), "months": Text("个月", "months"), "years": Text("年", "years"),
    "hours": Text("小时", "hours"), "minutes": Text("分钟", "minutes"), "count": Text("个", ""),
    "times": Text("次", "times"), "date": Text("", ""), "bool": Text("", ""), "code": Text("", ""),
    "float": Text("", ""),
}  # fmt: skip
KINDS = {
    EffectKind.FLOOR: Text("至少为", "is at least"), EffectKind.MINIMUM: Text("不低于", "is at least"),
    EffectKind.CAP: Text("不高于", "is at most"), EffectKind.SET: Text("定为", "is set to"),
    EffectKind.FLAG: Text("标记", "is flagged"), EffectKind.REFUSE: Text("禁止", "is forbidden"),
    EffectKind.ADVISE: Text("仅提示", "advice only"), EffectKind.EXCEPT: Text("使下列规则不适用", "lifts these rules"),
}  # fmt: skip
_COMPARED = {
    "=": Text("为", "is"), "!=": Text("不为", "is not"), "<": Text("小于", "is less than"),
    "<=": Text("不超过", "is at most"), ">": Text("大于", "is more than"), ">=": Text("不少于", "is at least"),
}  # fmt: skip
_SUMS = {"+": Text("加", "plus"), "-": Text("减", "minus"), "*": Text("乘", "times")}


def joined(parts: list[Text], zh: str, en: str) -> Text:
    """Texts with a word between them."""
    return Text(zh.join(p.zh for p in parts), en.join(p.en for p in parts))


def parameter_value(parameter: Parameter) -> Text:
    """A parameter's value with its unit, on the scale the rule file writes it in."""
    unit = UNITS[parameter.unit]

    def one(value: Any) -> Text:
        if isinstance(value, bool):
            return Text("是" if value else "否", "yes" if value else "no")
        if isinstance(value, int):
            if parameter.unit in ("yuan", "wan_yuan", "fen"):
                return Text(fen_text(value, "zh"), fen_text(value, "en"))
            if parameter.unit == "percent":
                return Text(*[f"{_short(value, 10_000)} %"] * 2)
            if parameter.unit == "per_ten_thousand":
                return Text(f"万分之{_short(value, 100)}", f"{_short(value, 100)} in 10,000")
            english = unit.en.removesuffix("s") if value == 1 else unit.en
            return Text(f"{thousands(value)} {unit.zh}".strip(), f"{thousands(value)} {english}".strip())
        return Text(str(value), str(value))

    held = parameter.value
    return joined([one(v) for v in held], "、", ", ") if isinstance(held, tuple) else one(held)


def _short(value: int, per: int) -> str:
    text = scaled_text(value, per, 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def boundary(parameter: Parameter) -> Text:
    """Whether the boundary belongs; nothing where none is meant."""
    if parameter.inclusive is None:
        return Text("", "")
    return Text("含本数", "boundary included") if parameter.inclusive else Text("不含本数", "boundary excluded")


class Wording:
    """Words for one version of a rule."""

    def __init__(self, rule_set: RuleSet, rule: Rule) -> None:
        self.columns: Mapping[str, Column] = rule_set.columns
        self.parameters = rule.parameters
        self.rule_set, self.rule = rule_set, rule

    def condition(self) -> tuple[Text, list[Text]]:
        """How its parts are joined (all, any, or nothing for one), and the parts."""
        if self.rule.condition is None:
            return Text("", ""), []
        tree = grammar.parse_condition(self.rule.condition)
        if isinstance(tree, grammar.And):
            return Text("同时满足", "All of"), [self.node(n) for n in tree.operands]
        if isinstance(tree, grammar.Or):
            return Text("满足其一", "Any of"), [self.node(n) for n in tree.operands]
        return Text("", ""), [self.node(tree)]

    def parts(self) -> list[str]:
        """The condition's own text of each of those parts."""
        if self.rule.condition is None:
            return []
        tree = grammar.parse_condition(self.rule.condition)
        nodes = tree.operands if isinstance(tree, grammar.And | grammar.Or) else (tree,)
        return [self.rule.condition[n.place.start : n.place.end] for n in nodes]

    def node(self, node: Any, codes: Column | None = None) -> Text:
        """A node of the tree."""
        match node:
            case grammar.And(operands):
                return self._group([self.node(n) for n in operands], "且", "and")
            case grammar.Or(operands):
                return self._group([self.node(n) for n in operands], "或", "or")
            case grammar.Not(operand):
                inner = self.node(operand)
                return Text(f"并非：{inner.zh}", f"not: {inner.en}")
            case grammar.Compare(operator, left, right):
                return self._compared(operator, left, right)
            case grammar.Between(item, low, high):
                one, a, b = self.node(item), self.node(low, self._column(item)), self.node(high, self._column(item))
                english = f"{one.en} is from {a.en} to {b.en}, both included"
                return Text(f"{one.zh}在 {a.zh} 至 {b.zh} 之间（含两端）", english)
            case grammar.Among(item, items):
                one = self.node(item)
                listed = joined([self.node(n, self._column(item)) for n in items], "、", ", ")
                return Text(f"{one.zh}为其一：{listed.zh}", f"{one.en} is one of: {listed.en}")
            case grammar.IsUnknown(operand, negated):
                one = self.node(operand)
                word = Text("已知", "known") if negated else Text("未知", "unknown")
                return Text(f"{one.zh}{word.zh}", f"{one.en} is {word.en}")
            case grammar.Truth(value):
                return Text("是" if value else "否", "yes" if value else "no")
            case grammar.Number(value):
                text = f"{value:,}" if isinstance(value, int) else str(Decimal(value))
                return Text(text, text)
            case grammar.Percent(value):
                return Text(*[f"{_short(value, 10_000)} %"] * 2)
            case grammar.Date(value):
                return Text(value.isoformat(), value.isoformat())
            case grammar.CodeText(value):
                held = codes.codes[value] if codes is not None and codes.codes and value in codes.codes else None
                return Text(held.zh, held.en) if held else Text(value, value)
            case grammar.Name(value):
                return self._name(value, codes)
            case grammar.Operation(operator, operands):
                return self._operation(operator, [self.node(n) for n in operands])
        return Text(str(node), str(node))

    def _group(self, parts: list[Text], zh: str, en: str) -> Text:
        inner = joined(parts, f" {zh} ", f" {en} ")
        return Text(f"（{inner.zh}）", f"({inner.en})")

    def _column(self, node: Any) -> Column | None:
        return self.columns.get(node.value) if isinstance(node, grammar.Name) else None

    def _name(self, value: str, codes: Column | None) -> Text:
        if value in self.parameters:
            held = self.parameters[value]
            if codes is not None and codes.codes is not None:
                values = held.value if isinstance(held.value, tuple) else (held.value,)
                said = [codes.codes[v] for v in values if isinstance(v, str) and v in codes.codes]
                if len(said) == len(values):
                    return joined([Text(c.zh, c.en) for c in said], "、", ", ")
            return parameter_value(held)
        column = self.columns.get(value)
        return Text(column.zh, column.en) if column is not None else Text(value, value)

    def _compared(self, operator: str, left: Any, right: Any) -> Text:
        column = self._column(left) or self._column(right)
        one, two = self.node(left, column), self.node(right, column)
        if operator in ("above", "below"):
            flags = [p.inclusive for n, p in self.parameters.items() if p.inclusive is not None and _names(right, n)]
            inclusive = bool(flags and flags[0])
            operator = (">" if operator == "above" else "<") + ("=" if inclusive else "")
        word = _COMPARED[operator]
        return Text(f"{one.zh}{word.zh} {two.zh}", f"{one.en} {word.en} {two.en}")

    def _operation(self, operator: str, parts: list[Text]) -> Text:
        if operator == "negate":
            return Text(f"负的{parts[0].zh}", f"minus {parts[0].en}")
        if operator in ("min", "max"):
            word = Text("较小者", "the smaller of") if operator == "min" else Text("较大者", "the larger of")
            listed = joined(parts, "、", ", ")
            return Text(f"（{listed.zh}）的{word.zh}", f"{word.en} ({listed.en})")
        word = _SUMS[operator]
        return Text(f"（{parts[0].zh} {word.zh} {parts[1].zh}）", f"({parts[0].en} {word.en} {parts[1].en})")

    def effect(self) -> Text:
        """What happens when it fires."""
        effect = self.rule.effect
        if effect is None:
            return Text("只供读取的数据：期限、比例或表", "data that is read: terms, rates or a table")
        word = KINDS[effect.kind]
        if effect.kind is EffectKind.EXCEPT:
            return Text(f"{word.zh}：{'、'.join(effect.rules)}", f"{word.en}: {', '.join(effect.rules)}")
        if effect.column is None:
            return word
        output = self.rule_set.outputs[effect.column]
        if effect.kind in (EffectKind.FLAG, EffectKind.REFUSE):
            return Text(f"{word.zh}：{output.zh}", f"{output.en}: {word.en}")
        value = self._value(effect)
        return Text(f"{output.zh}{word.zh} {value.zh}", f"{output.en} {word.en} {value.en}")

    def _value(self, effect: Effect) -> Text:
        assert effect.column is not None
        output = self.rule_set.outputs[effect.column]
        if effect.expression is not None:
            return self.node(grammar.parse_condition(effect.expression))
        if effect.parameter is not None:
            return self._name(effect.parameter, None)
        if isinstance(effect.value, str) and output.codes is not None and effect.value in output.codes:
            held = output.codes[effect.value]
            return Text(held.zh, held.en)
        if output.kind.value == "fen" and isinstance(effect.value, int):
            return Text(fen_text(effect.value, "zh"), fen_text(effect.value, "en"))
        if output.kind.value == "ppm" and isinstance(effect.value, int):
            return Text(*[f"{_short(effect.value, 10_000)} %"] * 2)
        return Text(str(effect.value), str(effect.value))


def _names(node: Any, name: str) -> bool:
    if isinstance(node, grammar.Name):
        return node.value == name
    return isinstance(node, grammar.Operation) and any(_names(n, name) for n in node.operands)
