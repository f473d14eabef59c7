"""Rows for rule sets: what a test does not name is false, zero, or a chosen day."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from panhuo.ground.record.columns import ColumnType
from panhuo.ground.rules.compile import CompiledRules
from panhuo.ground.values.dates import parse_date


def subject(compiled: CompiledRules, day: str | None, **given: Any) -> Any:
    """A row: codes as their text, dates as ISO text, None for unknown."""
    values = []
    rule_set = compiled.rule_set
    strange = set(given) - set(rule_set.columns)
    assert not strange, strange
    for name, column in rule_set.columns.items():
        value = given.get(name, 0 if name != rule_set.dated_by else day)
        if value is None:
            values.append((0, False))
        elif isinstance(value, str) and column.type is ColumnType.DATE:
            values.append((parse_date(value), True))
        elif isinstance(value, str):
            assert column.codes is not None
            values.append((column.codes.position(value), True))
        else:
            values.append((int(value), True))
    return namedtuple("Row", list(rule_set.columns))(*values)


def judged(compiled: CompiledRules, day: str | None, **given: Any) -> dict[str, Any]:
    """fired, unevaluated, advised as tuples of ids, and each output as its value (a code as text) or None."""
    result = compiled.judge_rules(subject(compiled, day, **given))
    named = dict(zip(compiled.outputs, result, strict=True))
    found: dict[str, Any] = {
        kind: compiled.listed(v for n, v in named.items() if n.startswith(f"{kind}_"))
        for kind in ("fired", "unevaluated", "advised")
    }
    for output in compiled.effect_columns:
        value, known = named[output.name]
        if not known:
            found[output.name] = None
        else:
            found[output.name] = value if output.codes is None else output.codes.codes[value].code
    return found
