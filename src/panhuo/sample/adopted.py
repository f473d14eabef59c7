"""What the sample bank's board has adopted: advisory rules that its own resolution makes binding.

Invariant: only rules that are advice are adopted; the resolution names each and the day from which it holds.
"""

from __future__ import annotations

from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.dates import days_from_civil
from panhuo.sample.facts import Facts
from panhuo.sample.presets import Preset

RULE_SETS = ("classification", "class", "provisioning", "limitation_and_guarantee")
"""Rule sets whose advice the board adopts."""
RESOLVED = (2019, 6, 28)
RESOLUTION = "董事会2019年第6号决议"


def adoptable() -> list[tuple[str, list[str]]]:
    """(rule set, ids of its rules that only advise), in file order."""
    found = []
    for name in RULE_SETS:
        rules = load_rule_set(name)
        ids = [i for i in rules.rule_ids if any(r.advises_only for r in rules.versions(i))]
        if ids:
            found.append((name, ids))
    return found


def adoption_file(preset: Preset) -> bytes:
    """The board's ``adopted.toml``."""
    year, month, day = RESOLVED
    lines = [f'institution = "{preset.bank}"', ""]
    for name, ids in adoptable():
        quoted = ", ".join(f'"{i}"' for i in ids)
        lines += [
            "[[adopted]]",
            f'rule_set = "{name}"',
            f"rules = [{quoted}]",
            f"from = {year:04d}-{month:02d}-{day:02d}",
            f'by = "{RESOLUTION}"',
            "",
        ]
    return "\n".join(lines).encode("utf-8")


def tell_adoptions(facts: Facts) -> None:
    """Writes `adoptions`: one fact a rule."""
    day = days_from_civil(*RESOLVED)
    for name, ids in adoptable():
        for rule in ids:
            facts.row(
                "adoptions", id=f"{name}/{rule}", effective_on=day, rule_set=name, rule=rule, adopted=True, from_on=day,
                resolution=RESOLUTION,
            )  # fmt: skip
