"""Until when records of a person are kept 保存期限: the longest applicable period wins.

Invariant: nothing is judged by the clock; a record whose end is not known is kept; the law's periods bind, and those an
institution has not adopted (effect graded M or U, or its own policy) advise, by name.

Source: rule file ``retention`` (network auction rules art. 29, reference price rules art. 8, PIPL art. 56, network data
regulations art. 12, credit card measures art. 68, anti-money-laundering law).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.periods import Period, end_of_period
from panhuo.ground.rules.rule import Rule, SourceGrade
from panhuo.ground.rules.rule_set import RuleSet, load_rule_set
from panhuo.ground.values.dates import from_date, to_date

BINDING_GRADES = frozenset({SourceGrade.READ, SourceGrade.SECONDARY})


@dataclass(frozen=True)
class Record:
    """A kind of record held about a person, and the day its period begins; None while it still runs."""

    kind: str
    ended_on: date | None


@dataclass(frozen=True)
class Kept:
    """A rule that keeps a record: until which day (None: its end is not known), and whether it binds or advises."""

    rule: str
    article: str
    record: str
    until: date | None
    binds: bool


def _period(rule: Rule) -> Period:
    found = rule.parameters["period"]
    return Period(int(found.value), found.unit)  # type: ignore[arg-type]


def kept_by(
    records: Iterable[Record], on: date, *, adopted: frozenset[str] = frozenset(), rules: RuleSet | None = None
) -> tuple[Kept, ...]:
    """Every rule that still keeps one of the records on a day, the longest first.

    Every version in force on some day between a record's end and `on` applies to it: a period that was lengthened while
    it ran is the longer one.

    Args:
        records: what is held about the person.
        on: the day asked about.
        adopted: ids of advising rules the institution has adopted.
        rules: the rule set; the library's own by default.

    Raises:
        InvalidInput: for a kind of record no rule speaks of.
    """
    rule_set = rules or load_rule_set("retention")
    kinds = {str(rule.parameters["record"].value) for rule in rule_set}
    found = []
    for record in records:
        if record.kind not in kinds:
            raise InvalidInput(
                f"no rule keeps records called {record.kind}", remedy=f"kinds: {', '.join(sorted(kinds))}"
            )
        for rule in rule_set:
            if rule.parameters["record"].value != record.kind or rule.effective_from > on:
                continue
            begin = record.ended_on
            if begin is not None and rule.effective_to is not None and rule.effective_to < begin:
                continue
            until = None
            if begin is not None:
                until = to_date(end_of_period(from_date(begin), _period(rule)).days)
                if until < on or (rule.effective_from > begin and _was_over(rule_set, rule, record, begin)):
                    continue
            binds = rule.grade.effect in BINDING_GRADES or rule.id in adopted
            found.append(Kept(rule.id, f"{rule.instrument} {rule.article}", record.kind, until, binds))
    return tuple(sorted(found, key=lambda k: (k.until is not None, -(k.until or on).toordinal(), k.rule)))


def _was_over(rule_set: RuleSet, rule: Rule, record: Record, begin: date) -> bool:
    # A later version does not bring back what an earlier one had let go before it came into force.
    earlier = [r for r in rule_set.versions(rule.id) if r.effective_from < rule.effective_from and r.in_force(begin)]
    ends = [to_date(end_of_period(from_date(begin), _period(r)).days) for r in earlier]
    return bool(ends) and max(ends) < rule.effective_from
