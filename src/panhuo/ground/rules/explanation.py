"""Which rules fired on a row, and with what values: read back from the masks, never evaluated again.

Invariant: every rule listed is one whose bit was set by the generated source; the values are those of the columns its
condition names, in reading order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from panhuo.ground.record.columns import ColumnType
from panhuo.ground.rules.compile import CompiledRules
from panhuo.ground.rules.rule import Rule
from panhuo.ground.values.dates import to_date

Status = Literal["fired", "advised", "unevaluated"]


@dataclass(frozen=True)
class Finding:
    """One rule and what became of it on one row.

    Attributes:
        rule: the version in force on the row's day (None when the row has no day).
        arguments: (column, type, value) of each column the condition names; value None where unknown, a code as text.
    """

    rule_id: str
    status: Status
    rule: Rule | None
    arguments: tuple[tuple[str, str, Any], ...]


def explain(compiled: CompiledRules, result: Sequence[Any], row: Any) -> tuple[Finding, ...]:
    """What the rules said of one row: fired first, then advised, then unevaluated, each in file order.

    Args:
        compiled: the rule set.
        result: the tuple ``judge_rules`` returned for the row.
        row: the row it was given, one (value, known) pair a column.
    """
    by_name = dict(zip(compiled.outputs, result, strict=True))
    day, dated = getattr(row, compiled.rule_set.dated_by)
    found = []
    for status in ("fired", "advised", "unevaluated"):
        words = [int(by_name[name]) for name in compiled.outputs if name.startswith(f"{status}_")]
        for rule_id in compiled.listed(words):
            version = compiled.rule_set.rule(rule_id, to_date(int(day))) if dated else None
            arguments = tuple(_argument(compiled, name, row) for name in compiled.condition_columns[rule_id])
            found.append(Finding(rule_id, status, version, arguments))
    return tuple(found)


def _argument(compiled: CompiledRules, name: str, row: Any) -> tuple[str, str, Any]:
    column = compiled.rule_set.columns[name]
    value, known = getattr(row, name)
    if not known:
        return name, column.type.value, None
    if column.type is ColumnType.CODE and column.codes is not None:
        return name, column.type.value, column.codes.codes[int(value)].code
    if column.type is ColumnType.BOOL:
        return name, column.type.value, bool(value)
    return name, column.type.value, value
