"""A rule set: all versions of the rules about one subject, read from one TOML file, hashed by what it says.

Invariant: two rule sets with one hash say the same; a version is picked by the row's own date, never by today.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from panhuo.ground.record.canonical_json import serialise
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.rules.adoption import Adopted, Adoption
from panhuo.ground.rules.condition import Kind, Operand, ParameterValue, check_condition, check_expression
from panhuo.ground.rules.library import read_text, rule_text
from panhuo.ground.rules.rule import EffectKind, Output, Rule
from panhuo.ground.rules.rule_reading import FileText, read_codes, read_columns, read_outputs, read_rule, refuse_unknown

FORMAT = 1

_HEADER = frozenset({"name", "zh", "en", "subject", "dated_by", "columns", "codes", "outputs", "rules"})
_COLUMN_KINDS = {
    EffectKind.FLOOR: {Kind.CODE},
    EffectKind.MINIMUM: {Kind.INT, Kind.FEN, Kind.PPM, Kind.BILLIONTHS, Kind.DAYS, Kind.DATE},
    EffectKind.CAP: {Kind.INT, Kind.FEN, Kind.PPM, Kind.BILLIONTHS, Kind.DAYS, Kind.DATE, Kind.CODE},
    EffectKind.SET: {Kind.INT, Kind.FEN, Kind.PPM, Kind.BILLIONTHS, Kind.DAYS, Kind.DATE, Kind.CODE, Kind.BOOL},
    EffectKind.FLAG: {Kind.BOOL},
    EffectKind.REFUSE: {Kind.BOOL},
}


@dataclass(frozen=True)
class RuleSet:
    """All versions of the rules about one subject.

    Attributes:
        name: the file's name without ``.toml`` (with ``:preset`` when one was chosen).
        subject: the schema conditions range over; `columns` are those of its columns that they may name.
        dated_by: the column whose day picks the version of each rule, row by row.
        outputs: the columns effects write, in file order.
        rules: every version, in file order.
        adopted: what an institution has adopted of it.
    """

    name: str
    zh: str
    en: str
    subject: str
    dated_by: str
    columns: Mapping[str, Column]
    outputs: Mapping[str, Output]
    rules: tuple[Rule, ...]
    adopted: tuple[Adopted, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """Every id once, in file order."""
        return tuple(dict.fromkeys(r.id for r in self.rules))

    @cached_property
    def condition_rule_ids(self) -> tuple[str, ...]:
        """The ids of rules that are evaluated (not data only), in file order: the bit order when compiled."""
        return tuple(dict.fromkeys(r.id for r in self.rules if not r.is_schedule))

    def versions(self, rule_id: str) -> tuple[Rule, ...]:
        """All versions of a rule, earliest first.

        Raises:
            NotFound: when the set has no such rule.
        """
        found = tuple(sorted((r for r in self.rules if r.id == rule_id), key=lambda r: r.effective_from))
        if not found:
            raise NotFound(f"no rule {rule_id} in {self.name}", where=self.name, remedy="see RuleSet.rule_ids")
        return found

    def rule(self, rule_id: str, on: dt.date) -> Rule:
        """The version in force on a day.

        Raises:
            NotFound: when no version is in force then.
        """
        for version in self.versions(rule_id):
            if version.in_force(on):
                return version
        raise NotFound(f"rule {rule_id} is not in force on {on}", where=self.name, remedy="look at its other versions")

    @property
    def schema(self) -> Schema:
        """The columns conditions may name, as a schema (without key columns, which no condition sees)."""
        return Schema(self.subject, tuple(self.columns.values()), zh=self.zh, en=self.en)

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything the set says, as canonical JSON can hold it (adoption apart)."""
        return {
            "format": FORMAT,
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "subject": self.subject,
            "dated_by": self.dated_by,
            "columns": [
                {"name": c.name, "type": c.type.value, "codes": None if c.codes is None else list(c.codes.positions)}
                for c in self.columns.values()
            ],
            "outputs": [
                {"name": o.name, "type": o.kind.value, "codes": None if o.codes is None else list(o.codes.positions)}
                for o in self.outputs.values()
            ],
            "rules": [r.content() for r in self.rules],
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hexadecimal) over the canonical JSON of the content and of what was adopted of it."""
        whole = {"rule_set": self.content, "adopted": [a.content() for a in self.adopted]}
        return hashlib.sha256(serialise(whole)).hexdigest()

    def adopt(self, adoption: Adoption) -> RuleSet:
        """The same set with an institution's adoption, which becomes part of its hash.

        Raises:
            InvalidInput: when a rule is adopted that the set does not have, or that needs no adoption.
        """
        adopted = adoption.of(self.name.partition(":")[0])
        for entry in adopted:
            versions = [r for r in self.rules if r.id == entry.rule_id]
            spot = f"adoption of {adoption.institution}"
            if not versions:
                raise InvalidInput(f"{self.name} has no rule {entry.rule_id}", where=spot, remedy="mend the id")
            if not any(r.advises_only for r in versions):
                raise InvalidInput(
                    f"{entry.rule_id} binds without adoption (grade {versions[0].grade.effect})", where=spot,
                    remedy="drop the entry",
                )  # fmt: skip
        return replace(self, adopted=adopted)

    def preset(self, name: str) -> RuleSet:
        """Only the rules that stand in a named preset (and those that stand in none).

        Raises:
            NotFound: when no rule names the preset.
        """
        if not any(name in r.presets for r in self.rules):
            known = sorted({p for r in self.rules for p in r.presets})
            raise NotFound(f"{self.name} has no preset {name}", where=self.name, remedy="one of: " + ", ".join(known))
        kept = tuple(r for r in self.rules if not r.presets or name in r.presets)
        return replace(self, name=f"{self.name}:{name}", rules=kept)


def effect_operand(rule: Rule, columns: Mapping[str, Column], output: Output, where: str) -> Operand:
    """The value of a rule's effect as a checked operand of the output's kind.

    Raises:
        InvalidInput: when it has another kind, or names a code the output's list lacks.
    """
    from panhuo.ground.rules.condition import Constant

    effect = rule.effect
    assert effect is not None
    parameters = {n: p.in_condition() for n, p in rule.parameters.items()}
    if effect.expression is not None:
        operand = check_expression(effect.expression, columns, parameters, where)
    else:
        value: Any = effect.value
        kind = output.kind
        if effect.parameter is not None:
            parameter = rule.parameters[effect.parameter].in_condition()
            value, kind = parameter.value, parameter.kind
        if isinstance(value, str):
            if output.codes is None or value not in output.codes:
                listed = "none" if output.codes is None else ", ".join(output.codes.positions)
                raise InvalidInput(
                    f"{value!r} is not a code of {output.name}", where=where, remedy=f"codes there: {listed}"
                )
            return Constant(output.codes.position(value), Kind.CODE, output.codes)
        if isinstance(value, tuple) or isinstance(value, bool) != (kind is Kind.BOOL) or kind is Kind.CODE:
            raise InvalidInput(f"{value!r} is no value for {output.name}", where=where, remedy=f"it is a {output.kind}")
        operand = Constant(value, kind)
    if operand.kind is Kind.NUMBER and isinstance(operand, Constant):
        operand = Constant(operand.value, output.kind)
    if operand.kind is not output.kind:
        raise InvalidInput(
            f"the effect gives a {operand.kind}, {output.name} is a {output.kind}", where=where, remedy="mend the unit"
        )
    codes = getattr(operand, "codes", None)
    if codes is not None and output.codes is not None and list(codes.positions) != list(output.codes.positions):
        raise InvalidInput(f"codes of {codes.name} written to {output.name}", where=where, remedy="use one list")
    return operand


def _check(rule_set: RuleSet, file: FileText) -> None:
    """Everything that can be wrong between the parts of a file."""
    name = file.name
    evaluated = [r for r in rule_set.rules if not r.is_schedule]
    if evaluated:
        column = rule_set.columns.get(rule_set.dated_by)
        if column is None or column.type is not ColumnType.DATE:
            raise InvalidInput(
                f"dated_by names {rule_set.dated_by}, which is no date column", where=name,
                remedy=f"add [columns.{rule_set.dated_by}] type = \"date\"",
            )  # fmt: skip
    kinds: dict[str, EffectKind] = {}
    seen: dict[str, int] = {}
    for rule in rule_set.rules:
        seen[rule.id] = seen.get(rule.id, 0) + 1
        where = file.place(rule.id, seen[rule.id])
        for other in rule_set.rules:
            if other is rule or other.id != rule.id:
                continue
            if other.is_schedule != rule.is_schedule:
                raise InvalidInput("one version is data only, another is not", where=where, remedy="use two ids")
            first, second = sorted((rule, other), key=lambda r: r.effective_from)
            if first.effective_to is None or first.effective_to >= second.effective_from:
                raise InvalidInput(
                    f"two versions of {rule.id} are in force on {second.effective_from}", where=where,
                    remedy="end the earlier one the day before the later one begins",
                )  # fmt: skip
        if rule.is_schedule:
            continue
        parameters: dict[str, ParameterValue] = {n: p.in_condition() for n, p in rule.parameters.items()}
        for parameter in parameters:
            if parameter in rule_set.columns:
                raise InvalidInput(
                    f"{parameter} is a parameter and a column", where=where, remedy="rename the parameter"
                )
        place = file.place(rule.id, seen[rule.id], "condition")
        assert rule.condition is not None and rule.effect is not None
        check_condition(rule.condition, rule_set.columns, parameters, place)
        _check_effect(rule_set, rule, kinds, file.place(rule.id, seen[rule.id], "effect"))


def _check_effect(rule_set: RuleSet, rule: Rule, kinds: dict[str, EffectKind], where: str) -> None:
    effect = rule.effect
    assert effect is not None
    if effect.kind is EffectKind.EXCEPT:
        ids = list(rule_set.condition_rule_ids)
        for target in effect.rules:
            if target not in ids or ids.index(target) <= ids.index(rule.id):
                raise InvalidInput(
                    f"the exception names {target}, which does not stand after it", where=where,
                    remedy="an exception stands in the file before the rules it lifts",
                )  # fmt: skip
        return
    if effect.column is None:
        return
    output = rule_set.outputs.get(effect.column)
    if output is None:
        raise InvalidInput(
            f"no output is called {effect.column}", where=where, remedy=f"declare it under [outputs.{effect.column}]"
        )
    if kinds.setdefault(effect.column, effect.kind) is not effect.kind:
        raise InvalidInput(
            f"{effect.column} has effects of two kinds, {kinds[effect.column]} and {effect.kind}", where=where,
            remedy="give each kind its own output",
        )  # fmt: skip
    if output.kind not in _COLUMN_KINDS[effect.kind]:
        raise InvalidInput(
            f"{effect.kind} does not work on a {output.kind}", where=where, remedy="change the output's type"
        )
    if effect.kind not in (EffectKind.FLAG, EffectKind.REFUSE):
        effect_operand(rule, rule_set.columns, output, where)


def read_rule_set(text: str, name: str) -> RuleSet:
    """A rule set from the text of a rule file; `name` stands in messages.

    Raises:
        InvalidInput: with file, line, rule and place.
    """
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"not TOML: {error}", where=name, remedy="mend the line named") from error
    refuse_unknown(data, _HEADER, name)
    for key in ("name", "zh", "en", "subject", "dated_by"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise InvalidInput(f"{key} is missing from the header", where=name, remedy=f'write {key} = "..."')
    codes = read_codes(data.get("codes", {}), name)
    file = FileText(name, text)
    outputs = read_outputs(data.get("outputs", {}), codes, name)
    rules: list[Rule] = []
    seen: dict[str, int] = {}
    for table in data.get("rules", ()):
        rule_id = str(table.get("id", "?"))
        seen[rule_id] = seen.get(rule_id, 0) + 1
        rule = read_rule(table, file, seen[rule_id])
        written = None if rule.effect is None else outputs.get(rule.effect.column or "")
        if rule.effect is not None and written is not None and written.notice:
            rule = replace(rule, effect=replace(rule.effect, notice=True))
        rules.append(rule)
    rule_set = RuleSet(
        name=data["name"],
        zh=data["zh"],
        en=data["en"],
        subject=data["subject"],
        dated_by=data["dated_by"],
        columns=read_columns(data.get("columns", {}), codes, name),
        outputs=outputs,
        rules=tuple(rules),
    )
    _check(rule_set, file)
    return rule_set


@functools.lru_cache(maxsize=256)
def _read(text: str, name: str) -> RuleSet:
    return read_rule_set(text, f"{name}.toml")


def load_rule_set(source: str | Path) -> RuleSet:
    """A rule set by name (``classification``) or by name and preset (``warnings:r004``) from the library, or by path.

    Raises:
        NotFound: when there is no such file or preset.
        InvalidInput: when the file cannot be read, with file, line, rule and place.
    """
    if isinstance(source, Path) or source.endswith(".toml") or "/" in source:
        path = Path(source)
        try:
            text = read_text(path)
        except NotFound as error:
            raise NotFound("there is no such rule file", where=str(path), remedy="check the path") from error
        return _read(text, path.stem)
    name, _, preset = source.partition(":")
    rule_set = _read(rule_text(name), name)
    return rule_set.preset(preset) if preset else rule_set
