"""The nightly run: every stage in order on one snapshot of one organisation's facts.

Invariant: data flows one way. Each step sees the snapshot and the outcomes of earlier steps, never a later one, and
what it returns is decided by facts, rules, models, parameters and the date alone; every file of the rule library it
read stands in its lineage by hash; so any step replays to its bytes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa

from panhuo import __version__
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.columns import Schema
from panhuo.ground.record.errors import NotFound
from panhuo.ground.record.judgement import Engine, Thing, pronounce
from panhuo.ground.record.outcome import Outcome, make_outcome
from panhuo.ground.rules.adoption import read_adoption
from panhuo.ground.rules.compile import CompiledRules, compile_rule_set
from panhuo.ground.rules.library import Readings, RuleLibrary, recording, rule_text
from panhuo.ground.rules.rule_set import read_rule_set
from panhuo.journey.lock_file import lock_hash

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """What a run is told beside the facts.

    Attributes:
        models: model name -> (hash, bytes of its canonical JSON).
        inputs: name -> (hash, bytes) of what the book names beside its facts, such as the terms of a source.
        adoption: bytes of the institution's ``adopted.toml``; None when it adopted nothing.
        library: the rule library the run reads; None is the one in use.
        engine: how judges are called; never changes a byte.
    """

    models: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    inputs: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    adoption: bytes | None = None
    library: RuleLibrary | None = None
    engine: Engine = "either"


@dataclass(frozen=True)
class Step:
    """One step of the night that is not judged row by row.

    Args:
        name: the outcome's name.
        needs: earlier outcomes it takes as keyword arguments; optional ones end in ``?``.
        run: ``run(snapshot, settings, **earlier) -> Outcome``.
    """

    name: str
    needs: tuple[str, ...]
    run: Callable[..., Outcome]


@dataclass
class Night:
    """A finished run.

    Attributes:
        snapshot: the facts it saw.
        outcomes: by name, in the order they were reached.
        texts: SHA-256 -> text of every file of the rule library that any step read.
    """

    snapshot: Snapshot
    outcomes: dict[str, Outcome]
    texts: dict[str, str] = field(default_factory=dict)


def steps() -> list[Thing | Step]:
    """Every step in the order of a night."""
    from panhuo.stages import monitoring, origination, recovery, valuation

    found: list[Thing | Step] = []
    for stage in (origination, monitoring, valuation, recovery):
        found += list(stage.THINGS)
    return in_order(found)


def in_order(found: Sequence[Thing | Step]) -> list[Thing | Step]:
    """`found` such that every step stands after what it needs; the given order otherwise.

    Raises:
        NotFound: when a needed outcome is nobody's, or two steps need each other.
    """
    left, done = list(found), []
    names = {step.name for step in found}
    ready: set[str] = set()
    while left:
        for step in left:
            wanted = {n.rstrip("?") for n in step.needs if n.rstrip("?") in names or not n.endswith("?")}
            if wanted <= ready:
                done.append(step)
                ready.add(step.name)
                left.remove(step)
                break
        else:
            stuck = {step.name: [n for n in step.needs if n.rstrip("?") not in ready] for step in left}
            raise NotFound(f"steps that cannot be placed: {stuck}")
    return done


@lru_cache(maxsize=256)
def _compiled_rules(name: str, text: str, subject: Schema, adoption: bytes | None) -> CompiledRules:
    base, _, preset = name.partition(":")
    rule_set = read_rule_set(text, f"{base}.toml")
    # The institution adopts of the whole set; which part of it a step is judged by comes after.
    if adoption is not None:
        rule_set = rule_set.adopt(read_adoption(tomllib.loads(adoption.decode("utf-8"))))
    if preset:
        rule_set = rule_set.preset(preset)
    return compile_rule_set(rule_set, subject)


def _lineage(snapshot: Snapshot, earlier: Mapping[str, Outcome], settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "as_of": snapshot.as_of.isoformat(),
        "batches": snapshot.roots,
        "version": __version__,
        "lock": lock_hash(),
    }
    if earlier:
        found["earlier"] = {name: outcome.root.hex() for name, outcome in sorted(earlier.items())}
    if settings.models:
        found["models"] = {name: digest for name, (digest, _) in sorted(settings.models.items())}
    if settings.inputs:
        found["inputs"] = {name: digest for name, (digest, _) in sorted(settings.inputs.items())}
    if settings.adoption is not None:
        found["adoption"] = hashlib.sha256(settings.adoption).hexdigest()
    return found


def _arrow(snapshot: Snapshot, subjects: Any) -> pa.Table:
    return subjects if isinstance(subjects, pa.Table) else snapshot.read(subjects)


def take_step(step: Thing | Step, snapshot: Snapshot, outcomes: Mapping[str, Outcome], settings: Settings) -> Outcome:
    """One step on a snapshot, given the outcomes so far.

    Everything a step reads beside facts and earlier outcomes, it reads inside one recording of the rule library; the
    hashes of what it read stand in the lineage (`rule_files`).
    """
    with recording(settings.library) as read:
        return _taken(step, snapshot, outcomes, settings, read)


def _taken(
    step: Thing | Step, snapshot: Snapshot, outcomes: Mapping[str, Outcome], settings: Settings, read: Readings
) -> Outcome:
    earlier: dict[str, Outcome | None] = {}
    for name in step.needs:
        earlier[name.rstrip("?")] = outcomes.get(name.rstrip("?"))
    lineage = _lineage(snapshot, {n: o for n, o in earlier.items() if o is not None}, settings)
    if not isinstance(step, Thing):
        outcome = step.run(snapshot, settings, **earlier)
        merged = {**lineage, **outcome.lineage}
        if read.texts:
            merged["rule_files"] = read.hashes
        return make_outcome(
            outcome.schema,
            outcome.table,
            outcome.reasons,
            lineage=merged,
            words=outcome.words,
            subjects=outcome.subjects,
            subject_schema=outcome.subject_schema,
        )
    assert step.gather is not None
    subjects = _arrow(snapshot, step.gather(snapshot, **earlier))
    model: Any = ()
    if step.parameters is not None:
        model, lineage["parameters"] = step.parameters(snapshot.as_of)
    rules = None
    if step.rules is not None:
        rules = _compiled_rules(step.rules, rule_text(step.rules), step.subject, settings.adoption)
    if read.texts:
        lineage["rule_files"] = read.hashes
    return pronounce(step, subjects, rule_set=rules, model=model, engine=settings.engine, lineage=lineage)


def needed_for(wanted: Sequence[str], all_steps: Sequence[Thing | Step]) -> list[Thing | Step]:
    """The steps that lead to `wanted`, in order.

    Raises:
        NotFound: when a wanted outcome is nobody's.
    """
    by_name = {step.name: step for step in all_steps}
    need: set[str] = set()
    stack = list(wanted)
    while stack:
        name = stack.pop()
        if name not in by_name:
            raise NotFound(f"no step makes the outcome {name}", remedy=f"there are: {', '.join(sorted(by_name))}")
        if name not in need:
            need.add(name)
            stack += [n.rstrip("?") for n in by_name[name].needs if n.rstrip("?") in by_name]
    return [step for step in all_steps if step.name in need]


def run_night(
    snapshot: Snapshot,
    settings: Settings | None = None,
    *,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Night:
    """Takes every step (or those that lead to `only`) and returns the outcomes by name.

    Args:
        snapshot: one organisation's facts.
        settings: models, adoption, engine.
        only: names of the outcomes wanted.
        progress: called with (step name, steps done, steps in all).
    """
    settings = settings or Settings()
    todo = steps()
    if only is not None:
        todo = needed_for(only, todo)
    outcomes: dict[str, Outcome] = {}
    with recording(settings.library) as read:
        for number, step in enumerate(todo):
            if progress is not None:
                progress(step.name, number, len(todo))
            outcomes[step.name] = take_step(step, snapshot, outcomes, settings)
    if progress is not None:
        progress("", len(todo), len(todo))
    return Night(snapshot, outcomes, read.kept)


def open_snapshot(book: Any, as_of: date | None, org: str, sequence: int | None = None) -> Snapshot:
    """One organisation's snapshot: its facts up to a batch (default the last), as of a day (default the book's)."""
    return Snapshot(book, as_of, {org: sequence if sequence is not None else book.last_sequence(org)})
