"""An institution's adoption of rules that are otherwise advice: which, from when, by whom.

Invariant: an adoption can only turn advice into effect; it can neither write a rule nor change a rule's numbers.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import InvalidInput


@dataclass(frozen=True)
class Adopted:
    """One rule of one rule set, adopted for rows dated from `from_day` (to `until`, where given; both included)."""

    rule_set: str
    rule_id: str
    from_day: dt.date
    until: dt.date | None
    by: str

    def content(self) -> dict[str, Any]:
        """For hashing."""
        return {
            "rule_set": self.rule_set,
            "rule": self.rule_id,
            "from": self.from_day.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "by": self.by,
        }


@dataclass(frozen=True)
class Adoption:
    """Everything an institution has adopted."""

    institution: str
    adopted: tuple[Adopted, ...]

    def of(self, rule_set: str) -> tuple[Adopted, ...]:
        """What concerns one rule set, in file order."""
        return tuple(a for a in self.adopted if a.rule_set == rule_set)


def load_adoption(path: str | Path) -> Adoption:
    """Reads an ``adopted.toml``.

        institution = "..."
        [[adopted]]
        rule_set = "classification"
        rules = ["CLS-19", "CLS-20"]
        from = 2023-07-01
        by = "董事会 2023 年第 3 次会议决议"

    Raises:
        InvalidInput: naming the file and the entry.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"the adoption file cannot be read: {error.strerror}", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", where=path.name, remedy="mend the line named") from error
    return read_adoption(data, path.name)


def read_adoption(data: dict[str, Any], where: str = "adopted.toml") -> Adoption:
    """An adoption from its parsed TOML; raises InvalidInput naming `where` and the entry."""
    found: list[Adopted] = []
    if not isinstance(data.get("institution"), str):
        raise InvalidInput("institution is missing", where=where, remedy='write institution = "name"')
    for n, entry in enumerate(data.get("adopted", []), 1):
        spot = f"{where}, adopted entry {n}"
        unknown = set(entry) - {"rule_set", "rules", "from", "until", "by"}
        missing = {"rule_set", "rules", "from", "by"} - set(entry)
        if unknown or missing:
            raise InvalidInput(
                f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}",
                where=spot, remedy="an entry has rule_set, rules, from, by and perhaps until",
            )  # fmt: skip
        for key in ("from", "until"):
            value = entry.get(key)
            if value is not None and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
                raise InvalidInput(f"{key} is not a day", where=spot, remedy=f"write {key} = 2023-07-01")
        for rule_id in entry["rules"]:
            found.append(Adopted(entry["rule_set"], rule_id, entry["from"], entry.get("until"), entry["by"]))
    return Adoption(data["institution"], tuple(found))
