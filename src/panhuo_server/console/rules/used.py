"""The rule sets a night judged by: their texts as it read them, what was adopted of them, and on what they fired.

Invariant: a set the night read is read from the text the night kept by hash, not from what is shipped now; counts are
of the night's own reasons.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import pyarrow.compute as pc

from panhuo.ground.record.arguments import split_arguments
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.adoption import Adopted, Adoption, read_adoption
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.library import FILES, rule_text, text_hash
from panhuo.ground.rules.rule import Rule
from panhuo.ground.rules.rule_set import RuleSet, read_rule_set
from panhuo_server.console.results import Night
from panhuo_server.store.outcomes import input_kept

FIRED, ADVISED, UNKNOWN = "fired", "advised", "unknown"
MARKS = {FIRED: "", ADVISED: "~", UNKNOWN: "?"}


@dataclass(frozen=True)
class Counts:
    """What became of a rule in one outcome: how many rows it fired on, advised on, could not be judged on."""

    outcome: str
    fired: int = 0
    advised: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Used:
    """A rule set as a night used it.

    Attributes:
        hash: of its text. read: whether the night read it; where not, the text is the shipped one.
        changed: whether the shipped text is another by now.
        counts: rule id -> what became of it, an outcome at a time.
    """

    rule_set: RuleSet
    hash: str
    read: bool
    changed: bool
    counts: Mapping[str, tuple[Counts, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The set's name."""
        return self.rule_set.name

    @cached_property
    def compiled(self) -> CompiledRules:
        """The set with its generated source."""
        return compiled_of(self.rule_set)

    def adopted(self, rule_id: str) -> tuple[Adopted, ...]:
        """What the institution adopted of a rule."""
        return tuple(a for a in self.rule_set.adopted if a.rule_id == rule_id)

    def total(self, rule_id: str, what: str) -> int:
        """How many rows a rule fired, advised or could not be judged on, over all outcomes."""
        return sum(getattr(one, what) for one in self.counts.get(rule_id, ()))

    def standing(self, rule: Rule) -> str:
        """Whether a rule binds, binds because adopted, only advises, or is data that is read."""
        if rule.is_schedule:
            return "data"
        if not rule.advises_only:
            return "binds"
        return "adopted" if self.adopted(rule.id) else "advises"


_COMPILED: dict[str, CompiledRules] = {}


def compiled_of(rule_set: RuleSet) -> CompiledRules:
    """A rule set with its generated source, made once for a hash."""
    if rule_set.hash not in _COMPILED:
        if len(_COMPILED) > 64:
            _COMPILED.clear()
        _COMPILED[rule_set.hash] = compile_rule_set(rule_set)
    return _COMPILED[rule_set.hash]


@lru_cache(maxsize=64)
def _read(text: str, name: str) -> RuleSet:
    return read_rule_set(text, f"{name}.toml")


def adoption_of(night: Night | None) -> Adoption | None:
    """What the institution had adopted, as the night took it. In `acting`."""
    for name in night or ():
        assert night is not None
        digest = night[name].lineage.get("adoption")
        content = input_kept(digest) if digest else None
        if content is not None:
            return read_adoption(tomllib.loads(content.decode("utf-8")))
    return None


def _counted(night: Night) -> dict[str, dict[str, list[Counts]]]:
    found: dict[str, dict[str, list[Counts]]] = {}
    for name in night:
        outcome = night[name]
        for rules in outcome.lineage.get("rules", {}):
            codes = {v["values"]: v["counts"] for v in pc.value_counts(outcome.reasons.column("code")).to_pylist()}
            mine = found.setdefault(rules.partition(":")[0], {})
            for rule_id in {code.rstrip("?~") for code in codes}:
                counts = Counts(name, *(codes.get(rule_id + mark, 0) for mark in MARKS.values()))
                mine.setdefault(rule_id, []).append(counts)
    return found


def sets_of(night: Night | None) -> dict[str, Used]:
    """Every rule set by name, as the night used it. In `acting`."""
    hashes: dict[str, str] = {}
    for name in night or ():
        assert night is not None
        hashes |= night[name].lineage.get("rule_files", {})
    adoption = adoption_of(night)
    counted = _counted(night) if night is not None else {}
    found = {}
    for path in sorted(FILES.glob("*.toml")):
        shipped, digest = rule_text(path.stem), hashes.get(path.name)
        same = digest is None or digest == text_hash(shipped)
        kept = None if same or digest is None else input_kept(digest)
        text = shipped if kept is None else kept.decode("utf-8")
        rule_set = _read(text, path.stem)
        if adoption is not None:
            try:
                rule_set = rule_set.adopt(adoption)
            except InvalidInput:  # adopted of another text than this one: the night did not judge by it
                rule_set = replace(rule_set, adopted=())
        mine = counted.get(path.stem, {})
        counts = {rule_id: tuple(mine[rule_id]) for rule_id in rule_set.rule_ids if rule_id in mine}
        found[path.stem] = Used(rule_set, text_hash(text), digest is not None, not same, counts)
    return found


def missing(used: Used, outcome: Outcome, rule_id: str) -> list[tuple[str, int]]:
    """Columns of a rule's condition that were unknown where it could not be judged, most often first."""
    columns = used.compiled.condition_columns[rule_id]
    rows = outcome.reasons.filter(pc.equal(outcome.reasons.column("code"), rule_id + MARKS[UNKNOWN]))
    counts = dict.fromkeys(columns, 0)
    for value in pc.value_counts(rows.column("arguments")).to_pylist():
        for name, argument in zip(columns, split_arguments(value["values"]), strict=False):
            counts[name] += value["counts"] if argument.value == "?" else 0
    return sorted(((n, c) for n, c in counts.items() if c), key=lambda pair: (-pair[1], pair[0]))
