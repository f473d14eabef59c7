"""What a rule is: its words, its source and two grades, the days it is in force, its parameters, condition and effect.

Invariant: every number in a rule is held on the integer scale of its unit (fen, ppm, days, counts); what a rule file
says is what a rule holds, and nothing is added by a reader.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from panhuo.ground.record.columns import CodeList
from panhuo.ground.rules.condition import EPOCH, Kind, ParameterValue


class SourceGrade(enum.StrEnum):
    """How well a statement is known: the article itself read (A), a secondary page read (B), memory (M), unsure (U).

    ``P`` is no claim of law at all: a habit of the trade or a policy of the platform. It may warn and flag at once, but
    like M and U it changes no class, limit or price until an institution adopts it.
    """

    READ = "A"
    SECONDARY = "B"
    MEMORY = "M"
    UNSURE = "U"
    POLICY = "P"


class EffectKind(enum.StrEnum):
    """What a rule does to the column it names when it fires."""

    FLOOR = "floor"  # an ordered code: at least this (the greatest over all that fired)
    MINIMUM = "minimum"  # a number: at least this
    CAP = "cap"  # at most this (the least over all that fired)
    SET = "set"  # this (the first in file order)
    FLAG = "flag"  # a boolean is raised
    REFUSE = "refuse"  # a boolean is raised that forbids
    ADVISE = "advise"  # nothing but being listed as advice
    EXCEPT = "except"  # the rules it names do not fire on this row


BINDING = frozenset({EffectKind.FLOOR, EffectKind.MINIMUM, EffectKind.CAP, EffectKind.SET, EffectKind.REFUSE})


@dataclass(frozen=True)
class Grade:
    """The two grades of a rule: of what it says (`effect`) and of the instrument and article named (`citation`)."""

    effect: SourceGrade
    citation: SourceGrade


# unit -> (kind in conditions, multiplier onto the integer scale)
UNITS: dict[str, tuple[Kind, int]] = {
    "fen": (Kind.FEN, 1),
    "yuan": (Kind.FEN, 100),
    "wan_yuan": (Kind.FEN, 1_000_000),
    "ppm": (Kind.PPM, 1),
    "percent": (Kind.PPM, 10_000),
    "per_ten_thousand": (Kind.PPM, 100),
    "billionths": (Kind.BILLIONTHS, 1),
    "days": (Kind.DAYS, 1),
    "working_days": (Kind.INT, 1),
    "months": (Kind.INT, 1),
    "years": (Kind.INT, 1),
    "hours": (Kind.INT, 1),
    "minutes": (Kind.INT, 1),
    "count": (Kind.INT, 1),
    "times": (Kind.INT, 1),
    "date": (Kind.DATE, 1),
    "bool": (Kind.BOOL, 1),
    "code": (Kind.CODE, 1),
    "float": (Kind.FLOAT, 1),
}

Scalar = int | bool | float | str | dt.date


@dataclass(frozen=True)
class Parameter:
    """One number (or date, code, list) of a rule.

    Args:
        value: on the integer scale of its unit: yuan and wan_yuan are held in fen, percent in ppm.
        unit: as written in the rule file.
        inclusive: whether the boundary itself belongs (以上 / 不满, 民法典 1259); None where no boundary is meant.
    """

    name: str
    value: Scalar | tuple[Scalar, ...]
    unit: str
    inclusive: bool | None = None

    def in_condition(self) -> ParameterValue:
        """The parameter as conditions see it: dates as day numbers."""
        kind = UNITS[self.unit][0]
        if isinstance(self.value, tuple):
            entries = tuple(v if isinstance(v, str) else _integer(v) for v in self.value)
            return ParameterValue(entries, kind, self.inclusive)
        if isinstance(self.value, dt.date):
            return ParameterValue((self.value - EPOCH).days, kind, self.inclusive)
        return ParameterValue(self.value, kind, self.inclusive)

    def content(self) -> dict[str, Any]:
        """For hashing and showing; floats as text."""
        value = [_plain(v) for v in self.value] if isinstance(self.value, tuple) else _plain(self.value)
        return {"value": value, "unit": self.unit, "inclusive": self.inclusive}


def _integer(value: Scalar) -> int:
    return (value - EPOCH).days if isinstance(value, dt.date) else int(value)


def _plain(value: Scalar) -> int | bool | str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else value


@dataclass(frozen=True)
class Effect:
    """What happens when the rule fires.

    Args:
        kind: see `EffectKind`.
        column: the output column concerned (none for advise and except).
        value: a literal on the column's scale, or a code.
        parameter: the parameter that holds the value, instead of a literal.
        expression: an expression over columns and parameters that gives the value, instead of a literal.
        rules: for ``except``, the ids that do not fire.
        notice: the column is a notice (a level of warning), neither a class nor a limit nor a price.
    """

    kind: EffectKind
    column: str | None = None
    value: int | bool | str | None = None
    parameter: str | None = None
    expression: str | None = None
    rules: tuple[str, ...] = ()
    notice: bool = False

    def content(self) -> dict[str, Any]:
        """For hashing and showing."""
        return {
            "kind": self.kind.value,
            "column": self.column,
            "value": self.value,
            "parameter": self.parameter,
            "expression": self.expression,
            "rules": list(self.rules),
            "notice": self.notice,
        }


@dataclass(frozen=True)
class Bracket:
    """One step of a cumulating scale: from above `over` up to and including `up_to`, a fixed sum and a rate.

    Args:
        over: fen; the part of the amount above it falls here.
        up_to: fen; None for the last bracket.
        fixed: fen added once the bracket is reached.
        rate: ppm of the part that falls here.
    """

    over: int
    up_to: int | None
    fixed: int
    rate: int


@dataclass(frozen=True)
class Output:
    """A column the rule set's effects write: its type and, for codes, their list.

    `notice` marks a column that only warns: a rule of policy may write it without being adopted.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    codes: CodeList | None = None
    notice: bool = False


@dataclass(frozen=True)
class Rule:
    """One version of one rule."""

    id: str
    zh: str
    en: str
    instrument: str
    article: str
    grade: Grade
    effective_from: dt.date
    effective_to: dt.date | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    condition: str | None = None
    effect: Effect | None = None
    brackets: tuple[Bracket, ...] = ()
    rows: tuple[Mapping[str, Scalar], ...] = ()
    presets: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_schedule(self) -> bool:
        """Whether the rule is data only (a scale, a table, a term), read by name and never evaluated."""
        return self.condition is None

    def in_force(self, on: dt.date) -> bool:
        """Whether this version is in force on the day; both ends belong."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    @property
    def advises_only(self) -> bool:
        """Whether the rule, unless adopted, may only advise (decision 20)."""
        if self.effect is None or self.effect.kind is EffectKind.ADVISE:
            return self.effect is not None
        if self.grade.effect in (SourceGrade.MEMORY, SourceGrade.UNSURE):
            return True
        changes = self.effect.kind in BINDING or self.effect.kind is EffectKind.EXCEPT
        return self.grade.effect is SourceGrade.POLICY and changes and not self.effect.notice

    def content(self) -> dict[str, Any]:
        """Everything the rule says, as canonical JSON can hold it."""
        return {
            "id": self.id,
            "zh": self.zh,
            "en": self.en,
            "instrument": self.instrument,
            "article": self.article,
            "grade": {"effect": self.grade.effect.value, "citation": self.grade.citation.value},
            "effective_from": self.effective_from.isoformat(),
            "effective_to": None if self.effective_to is None else self.effective_to.isoformat(),
            "parameters": {n: p.content() for n, p in self.parameters.items()},
            "condition": self.condition,
            "effect": None if self.effect is None else self.effect.content(),
            "brackets": [
                {"over": b.over, "up_to": b.up_to, "fixed": b.fixed, "rate": b.rate} for b in self.brackets
            ],
            "rows": [{k: _plain(v) for k, v in r.items()} for r in self.rows],
            "presets": list(self.presets),
            "note": self.note,
        }  # fmt: skip
