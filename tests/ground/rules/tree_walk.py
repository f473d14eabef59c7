"""An interpreter of conditions and rule sets that shares nothing with the generator but the parser's tree.

It is the oracle of the compiled source: slow, plain, three-valued with None for unknown.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from panhuo.ground.rules import grammar as g
from panhuo.ground.rules.rule import EffectKind, Rule
from panhuo.ground.rules.rule_set import RuleSet

LIMIT = 2**63 - 1
DOMAINS = {"int": 10**17, "fen": 10**17, "ppm": 10**12, "billionths": 10**12, "date": 2**31, "days": 2**31}
EPOCH = dt.date(1970, 1, 1)


class Row:
    """Values by column, None for unknown."""

    def __init__(self, rule_set: RuleSet, values: dict[str, Any]) -> None:
        self.rule_set = rule_set
        self.values = values


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days


def _codes_near(node: Any, row: Row) -> Any:
    if isinstance(node, g.Name) and node.value in row.rule_set.columns:
        return row.rule_set.columns[node.value].codes
    return None


def value(node: Any, row: Row, rule: Rule, codes: Any = None, inside: bool = False) -> Any:
    """The value of an operand, None when unknown."""
    match node:
        case g.Number(v):
            return v if isinstance(v, int) else float(v)
        case g.Percent(v) | g.Truth(v):
            return v
        case g.Date(v):
            return day_number(v)
        case g.CodeText(v):
            return codes.position(v)
        case g.Name(name) if name in rule.parameters:
            found = rule.parameters[name].value
            if isinstance(found, dt.date):
                return day_number(found)
            return codes.position(found) if isinstance(found, str) else found
        case g.Name(name):
            v = row.values[name]
            if v is not None and isinstance(v, float) and math.isnan(v):
                return None
            kind = row.rule_set.columns[name].type.value
            if v is not None and inside and abs(v) > DOMAINS[kind]:
                return None
            return v
        case g.Operation("negate", (operand,)):
            v = value(operand, row, rule, inside=True)
            return None if v is None else -v
        case g.Operation(operator, operands):
            vs = [value(o, row, rule, inside=True) for o in operands]
            if any(v is None for v in vs):
                return None
            if operator == "min":
                return min(vs)
            if operator == "max":
                return max(vs)
            result = {"+": lambda: vs[0] + vs[1], "-": lambda: vs[0] - vs[1], "*": lambda: vs[0] * vs[1]}[operator]()
            return None if abs(result) > LIMIT else result
    return truth(node, row, rule)


def truth(node: Any, row: Row, rule: Rule) -> bool | None:
    """True, False or None (unknown)."""
    match node:
        case g.And(operands):
            found = [truth(o, row, rule) for o in operands]
            return False if False in found else None if None in found else True
        case g.Or(operands):
            found = [truth(o, row, rule) for o in operands]
            return True if True in found else None if None in found else False
        case g.Not(operand):
            v = truth(operand, row, rule)
            return None if v is None else not v
        case g.IsUnknown(operand, negated):
            if isinstance(operand, g.Name | g.Operation):
                v = value(operand, row, rule)
            else:
                v = truth(operand, row, rule)
            return (v is not None) if negated else (v is None)
        case g.Between(item, low, high):
            both = g.And((g.Compare(">=", item, low, node.place), g.Compare("<=", item, high, node.place)), node.place)
            return truth(both, row, rule)
        case g.Among(item, items):
            codes = _codes_near(item, row)
            v = value(item, row, rule)
            if v is None:
                return None
            listed = []
            for i in items:
                if isinstance(i, g.Name) and isinstance(rule.parameters[i.value].value, tuple):
                    listed += [codes.position(x) if isinstance(x, str) else x for x in rule.parameters[i.value].value]
                else:
                    listed.append(value(i, row, rule, codes))
            return v in listed
        case g.Compare(operator, left, right):
            codes = _codes_near(left, row) or _codes_near(right, row)
            a, b = value(left, row, rule, codes), value(right, row, rule, codes)
            if a is None or b is None:
                return None
            if operator in ("above", "below"):
                inclusive = next(
                    rule.parameters[n].inclusive
                    for n in _names(right)
                    if n in rule.parameters and rule.parameters[n].inclusive is not None
                )
                if a == b:
                    return bool(inclusive)
                return (a > b) == (operator == "above")
            return {
                "=": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b,
            }[operator]  # fmt: skip
    v = value(node, row, rule)
    return None if v is None else bool(v)


def _names(node: Any) -> list[str]:
    if isinstance(node, g.Name):
        return [node.value]
    if isinstance(node, g.Operation):
        return [n for o in node.operands for n in _names(o)]
    return []


def judge(rule_set: RuleSet, values: dict[str, Any]) -> dict[str, Any]:
    """``{"fired": ids, "unevaluated": ids, "advised": ids, <output>: (value, known)}``."""
    row = Row(rule_set, values)
    ids = list(dict.fromkeys(r.id for r in rule_set.rules if r.condition is not None))
    found: dict[str, Any] = {"fired": [], "unevaluated": [], "advised": []}
    outputs: dict[str, list[Any]] = {name: [] for name in rule_set.outputs}
    pending: set[str] = set()
    lifted: set[str] = set()
    day = values[rule_set.dated_by]
    for rule_id in ids:
        if day is None:
            found["unevaluated"].append(rule_id)
            continue
        rule = next(
            (
                r
                for r in rule_set.rules
                if r.id == rule_id
                and day_number(r.effective_from) <= day
                and (r.effective_to is None or day <= day_number(r.effective_to))
            ),
            None,
        )
        if rule is None or rule_id in lifted:
            continue
        effect = rule.effect
        assert rule.condition is not None and effect is not None
        answer = truth(g.parse_condition(rule.condition), row, rule)
        given: Any = effect.value
        output = rule_set.outputs.get(effect.column or "")
        if effect.parameter is not None:
            given = rule.parameters[effect.parameter].value
        if effect.expression is not None:
            given = value(g.parse_condition(effect.expression), row, rule)
            if given is None and answer is not False:
                answer = None
        if isinstance(given, str):
            given = output.codes.position(given)
        if isinstance(given, dt.date):
            given = day_number(given)
        grade = rule.grade.effect.value
        binding = effect.kind.value in ("floor", "minimum", "cap", "set", "refuse", "except")
        binding = binding and not (output is not None and output.notice)
        advises = effect.kind is EffectKind.ADVISE or grade in "MU" or (grade == "P" and binding)
        adopted = [a for a in rule_set.adopted if a.rule_id == rule_id]
        if advises and effect.kind is not EffectKind.ADVISE:
            advises = not any(
                day_number(a.from_day) <= day and (a.until is None or day <= day_number(a.until)) for a in adopted
            )
        if answer is None:
            found["unevaluated"].append(rule_id)
            if not advises or adopted:
                pending.add(effect.column or "")
        elif answer and advises:
            found["advised"].append(rule_id)
        elif answer:
            found["fired"].append(rule_id)
            lifted |= set(effect.rules)
            if effect.column:
                outputs[effect.column].append((effect.kind.value, given))
    for name, entries in outputs.items():
        kind = next((r.effect.kind.value for r in rule_set.rules if r.effect and r.effect.column == name), "set")
        if kind in ("flag", "refuse"):
            known = bool(entries) or (name not in pending and day is not None)
            found[name] = (bool(entries), known)
        elif not entries:
            found[name] = (0, False)
        else:
            all_values = [v for _, v in entries]
            pick = {"floor": max, "minimum": max, "cap": min, "set": lambda vs: vs[0]}[kind]
            found[name] = (pick(all_values), True)
    return found
