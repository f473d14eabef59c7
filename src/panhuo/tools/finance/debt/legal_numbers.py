"""Numbers of the law that a debt needs, read from the rule files in the version of a day.

Invariant: no legal number is written in this folder; what was not in force on the day is None, never guessed, and a
rule that the files do not hold at all is an error.
"""

from __future__ import annotations

from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import number
from panhuo.ground.values.dates import to_date

RULE_SET = "price_and_disclosure"


def legal_number(rule_id: str, name: str, day: int) -> int | None:
    """A parameter on its integer scale (rates ppm) of the rule in force on `day` (days since 1970-01-01), or None.

    Raises:
        NotFound: no such rule or parameter in any version.
    """
    rules = load_rule_set(RULE_SET)
    on = to_date(day)
    if not any(version.in_force(on) for version in rules.versions(rule_id)):
        return None
    return number(rules, rule_id, name, on=on)
