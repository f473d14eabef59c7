"""Numbers, scales and tables read from rules by name, so that no stage or tool writes a legal number itself.

Invariant: every answer is that of the version in force on the day asked about; there is no default day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.rules.periods import Period
from panhuo.ground.rules.rule import Bracket, Parameter, Scalar
from panhuo.ground.rules.rule_set import RuleSet, load_rule_set
from panhuo.ground.values.brackets import bracket_fee


def parameter(rule_set: RuleSet | str, rule_id: str, name: str, *, on: dt.date) -> Parameter:
    """A rule's parameter in the version in force on a day.

    Returns:
        The parameter; `value` is on its unit's integer scale (fen, ppm, days, counts), `inclusive` says whether the
        boundary itself belongs.

    Raises:
        NotFound: no such rule set, rule, version or parameter.
    """
    rule = _set(rule_set).rule(rule_id, on)
    if name not in rule.parameters:
        raise NotFound(
            f"{rule_id} has no parameter {name}",
            where=_set(rule_set).name,
            remedy=f"it has {', '.join(rule.parameters)}",
        )
    return rule.parameters[name]


def number(rule_set: RuleSet | str, rule_id: str, name: str, *, on: dt.date) -> int:
    """A whole-number parameter's value: fen, ppm (50,000 = 5 %), days or a count, as its unit says.

    Raises:
        NotFound: as `parameter`.
        InvalidInput: the parameter is no whole number.
    """
    value = parameter(rule_set, rule_id, name, on=on).value
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{rule_id} {name} is no whole number", where=rule_id, remedy="use parameter()")
    return value


def period(rule_set: RuleSet | str, rule_id: str, name: str = "period", *, on: dt.date) -> Period:
    """A parameter in days, months, years or working days, as a period.

    Raises:
        NotFound: as `parameter`.
        InvalidInput: the parameter is no length of time.
    """
    found = parameter(rule_set, rule_id, name, on=on)
    match found.unit, found.value:
        case ("days" | "months" | "years" | "working_days") as unit, int(length):
            return Period(length, unit)
    raise InvalidInput(f"{rule_id} {name} is in {found.unit}, no period", where=rule_id, remedy="use parameter()")


def brackets(rule_set: RuleSet | str, rule_id: str, *, on: dt.date) -> tuple[Bracket, ...]:
    """A rule's cumulating scale.

    Raises:
        NotFound: no such rule or version, or it holds no scale.
    """
    found = _set(rule_set).rule(rule_id, on).brackets
    if not found:
        raise NotFound(f"{rule_id} holds no brackets", where=_set(rule_set).name, remedy="look at its parameters")
    return found


def rows(rule_set: RuleSet | str, rule_id: str, *, on: dt.date) -> tuple[Mapping[str, Scalar], ...]:
    """A rule's table, in file order.

    Raises:
        NotFound: no such rule or version, or it holds no table.
    """
    found = _set(rule_set).rule(rule_id, on).rows
    if not found:
        raise NotFound(f"{rule_id} holds no table", where=_set(rule_set).name, remedy="look at its parameters")
    return found


def cumulated(scale: Sequence[Bracket], amount: int) -> int:
    """What a cumulating scale asks of an amount: each bracket its fixed sum and its rate on its own part.

    Args:
        scale: from `brackets`.
        amount: fen, not negative.

    Returns:
        Fen, computed exactly and rounded half up once at the end (GEN-06).
    """
    if amount < 0:
        raise InvalidInput("a negative amount has no fee", where=str(amount), remedy="pass the amount in dispute")
    parts = ([b.over for b in scale], [b.rate for b in scale], [b.fixed for b in scale])
    return bracket_fee(amount, *parts, len(scale))


def _set(rule_set: RuleSet | str) -> RuleSet:
    return load_rule_set(rule_set) if isinstance(rule_set, str) else rule_set
