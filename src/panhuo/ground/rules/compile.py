"""From a rule set to its one generated source: plain Python over (value, known) pairs, which Numba can compile too.

Invariant: the text is a function of the rule set's content and adoption alone; what runs on one row, over columns under
Numba, and on a cluster is this text.

Each condition is written twice, as what makes it true and as what makes it false (Kleene): when neither holds it is
unknown, the rule does not fire, and its bit stands in ``unevaluated``.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from panhuo.ground.record.columns import ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.condition import (
    EPOCH,
    ColumnValue,
    Kind,
    Operand,
    check_condition,
    names_in,
)
from panhuo.ground.rules.condition_text import (
    Boolean,
    ConditionWriter,
    all_of,
    any_of,
    opposite_of,
    short_cut_text,
    straight_text,
)
from panhuo.ground.rules.grammar import parse_condition
from panhuo.ground.rules.rule import EffectKind, Output, Rule
from panhuo.ground.rules.rule_set import RuleSet, effect_operand

WORD = 62


@dataclass(frozen=True)
class CompiledRules:
    """A rule set with its generated source.

    Attributes:
        source: defines ``judge_rules(row) -> tuple``; `row` has one (value, known) pair a column, by attribute; the
            value of a pair that is not known is any number (0 as a rule), never None.
        outputs: names of the tuple's items: ``fired_0..``, ``unevaluated_0..``, ``advised_0..`` (62 rules a word,
            lowest bit first), then each effect column, whose item is a (value, known) pair.
        rule_ids: ids in bit order.
        condition_columns: id -> the columns its condition (and its effect's expression) reads, in reading order.
    """

    rule_set: RuleSet
    source: str
    outputs: tuple[str, ...]
    rule_ids: tuple[str, ...]
    condition_columns: Mapping[str, tuple[str, ...]]

    @property
    def hash(self) -> str:
        """The rule set's hash, adoption included (the source follows from it)."""
        return self.rule_set.hash

    @property
    def name(self) -> str:
        """The rule set's name."""
        return self.rule_set.name

    def words(self, rule_id: str) -> tuple[str, str]:
        """The rule's own text with its instrument and article, Chinese and English; every version with its period, as
        one text serves rows of any day."""
        versions = self.rule_set.versions(rule_id)
        if len(versions) == 1:
            return _cited(versions[0])
        zh, en = [], []
        for version in versions:
            cited = _cited(version)
            until = version.effective_to
            zh.append(f"自{version.effective_from}{'起' if until is None else f'至{until}'}：{cited[0]}")
            en.append(f"from {version.effective_from}{'' if until is None else f' to {until}'}: {cited[1]}")
        return "；".join(zh), "; ".join(en)

    @property
    def effect_columns(self) -> tuple[Output, ...]:
        """The effect columns, in the order of the tuple."""
        return tuple(self.rule_set.outputs.values())

    def listed(self, masks: Iterable[int]) -> tuple[str, ...]:
        """The ids whose bits stand in a group of words (all of fired, or all of advised ...)."""
        words = list(masks)
        return tuple(r for i, r in enumerate(self.rule_ids) if int(words[i // WORD]) >> (i % WORD) & 1)

    @cached_property
    def judge_rules(self) -> Callable[[Any], tuple[Any, ...]]:
        """The function the source defines, as plain Python (give it to ``numba.njit`` for columns)."""
        space: dict[str, Any] = {"__name__": f"panhuo_rules_{self.rule_set.name.replace(':', '_')}"}
        exec(compile(self.source, f"<rules {self.rule_set.name} {self.hash[:12]}>", "exec"), space)
        return space["judge_rules"]


def _local_names(rule_set: RuleSet, used: Iterable[str], words: int) -> tuple[dict[str, str], dict[str, str]]:
    taken = {"row", "abs", "min", "max", "judge_rules", *keyword.kwlist, *keyword.softkwlist}
    for word in range(words):
        taken |= {f"fired_{word}", f"unevaluated_{word}", f"advised_{word}"}

    def allot(name: str) -> str:
        local = name
        while {local, f"{local}_known", f"{local}_open"} & taken:
            local += "_"
        taken.update({local, f"{local}_known", f"{local}_open"})
        return local

    columns = {name: allot(name) for name in used}
    outputs = {name: allot(f"{name}_out" if name in columns else name) for name in rule_set.outputs}
    return columns, outputs


def _columns_of(rule_set: RuleSet, rule: Rule) -> tuple[str, ...]:
    texts = [rule.condition, None if rule.effect is None else rule.effect.expression]
    names = [n for text in texts if text is not None for n in names_in(parse_condition(text))]
    return tuple(dict.fromkeys(n for n in names if n in rule_set.columns))


def _check_schema(rule_set: RuleSet, schema: Schema) -> None:
    for column in rule_set.columns.values():
        where = f"rule set {rule_set.name}, schema {schema.name}"
        if column.name not in schema:
            raise InvalidInput(
                f"the subject has no column {column.name}", where=where,
                remedy=f"add it ({column.type}: {column.zh}, {column.en})",
            )  # fmt: skip
        other = schema[column.name]
        if other.type is not column.type:
            raise InvalidInput(
                f"{column.name} is a {other.type} there, a {column.type} here", where=where, remedy="use one type"
            )
        if column.type is ColumnType.CODE:
            here = None if column.codes is None else list(column.codes.positions)
            there = None if other.codes is None else list(other.codes.positions)
            if here != there:
                raise InvalidInput(
                    f"{column.name} draws from {there} there and {here} here", where=where, remedy="use one list"
                )


class _Source:
    """Writes the text of ``judge_rules``."""

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.ids = rule_set.condition_rule_ids
        self.words = max(1, -(-len(self.ids) // WORD))
        self.columns_of = {
            rule_id: tuple(
                dict.fromkeys(c for r in rule_set.versions(rule_id) for c in _columns_of(rule_set, r))
            )
            for rule_id in self.ids
        }  # fmt: skip
        needed = {rule_set.dated_by, *(c for columns in self.columns_of.values() for c in columns)}
        used = [c for c in rule_set.columns if c in needed]
        for name in used:
            if keyword.iskeyword(name) or not name.isidentifier():
                raise InvalidInput(f"{name} cannot be a column's name", where=rule_set.name, remedy="rename it")
        self.local, self.out = _local_names(rule_set, used, self.words)
        self.writer = ConditionWriter(self.local)
        self.day = self.local.get(rule_set.dated_by, "")
        self.lifted = {
            target: "lifted_" + target.replace("-", "_").replace("/", "_")
            for r in rule_set.rules
            if r.effect is not None
            for target in r.effect.rules
        }
        self.lines: list[str] = []

    def put(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def test(self, indent: int, word: str, expression: Boolean) -> None:
        """An if or elif line, broken at its outermost and / or where it would be too long to read."""
        complete = self.writer.complete
        text = short_cut_text if complete else straight_text
        line = f"{word} {text(expression)}:"
        inner = expression[1] if expression[0] == "not" else expression
        if len(line) + 4 * indent <= 116 or inner[0] not in ("and", "or"):
            self.put(indent, line)
            return
        joint = inner[0] if complete else {"and": "&", "or": "|"}[inner[0]]
        self.put(indent, f"{word} not (" if inner is not expression else f"{word} (")
        for n, part in enumerate(inner[1:]):
            written = short_cut_text(part, 1 if inner[0] == "or" else 2) if complete else straight_text(part)
            self.put(indent + 1, (f"{joint} " if n else "") + written)
        self.put(indent, "):")

    def write(self) -> str:
        """The whole source text."""
        rule_set = self.rule_set
        self.put(0, f'"""Rules of {rule_set.name}: {_one_line(rule_set.zh)}. {_one_line(rule_set.en)}.')
        self.put(0, "")
        self.put(0, f"Generated from the rule set {rule_set.hash}; mend the rule file, not this text.")
        self.put(0, '"""')
        self.put(0, "")
        self.put(0, "")
        self.put(0, "def judge_rules(row):")
        for name, local in self.local.items():
            self.put(1, f"{local}, {local}_known = row.{name}")
        for kind in ("fired", "unevaluated", "advised"):
            for word in range(self.words):
                self.put(1, f"{kind}_{word} = 0")
        for name, output in rule_set.outputs.items():
            local = self.out[name]
            self.put(1, f"{local} = {'False' if output.kind is Kind.BOOL else '0'}")
            self.put(1, f"{local}_known = False")
            if self.raised(name):
                self.put(1, f"{local}_open = False")
        for local in self.lifted.values():
            self.put(1, f"{local} = False")
        if self.ids:
            self.put(1, f"if not {self.day}_known:  # no day, no version")
            for word in range(self.words):
                bits = min(WORD, len(self.ids) - word * WORD)
                self.put(2, f"unevaluated_{word} = {(1 << bits) - 1}")
            self.put(2, self.result())
            self.sections()
        for name in rule_set.outputs:
            if self.raised(name):
                local = self.out[name]
                self.put(1, f"{local}_known = {local} or not {local}_open")
        self.put(1, self.result())
        return "\n".join(self.lines) + "\n"

    def raised(self, output: str) -> bool:
        """Whether the output is raised by flag or refuse (and so is known to be down when all its rules are)."""
        return any(
            r.effect is not None and r.effect.column == output and r.effect.kind in (EffectKind.FLAG, EffectKind.REFUSE)
            for r in self.rule_set.rules
        )

    def result(self) -> str:
        items = [f"{kind}_{w}" for kind in ("fired", "unevaluated", "advised") for w in range(self.words)]
        items += [f"({local}, {local}_known)" for local in self.out.values()]
        return f"return ({', '.join(items)},)"

    def sections(self) -> None:
        """The rules twice: as they read when every value is known, and as they stand when some value is unknown."""
        known = [f"{local}_known" for name, local in self.local.items() if name != self.rule_set.dated_by]
        if not known:
            self.put(1, "# --- every value is known")
            self.rules(1, complete=True)
            return
        self.put(1, "if (")
        for n, name in enumerate(known):
            self.put(2, f"{'and ' if n else ''}{name}")
        self.put(1, "):  # every value is known: the rules as they read")
        self.rules(2, complete=True)
        self.put(1, "else:  # some value is unknown: a rule that is neither true nor false is not evaluated")
        self.rules(2, complete=False)

    def rules(self, indent: int, complete: bool) -> None:
        """Writes every rule once, for rows in which all values are known (`complete`) or not."""
        self.writer.complete = complete
        day_before = ""
        for bit, rule_id in enumerate(self.ids):
            versions = self.rule_set.versions(rule_id)
            alone = len(versions) == 1
            for n, version in enumerate(versions):
                day = short_cut_text(all_of(self.in_force(version, rule_id)))
                word = "if" if n == 0 else "elif"
                if not (alone and day == day_before):
                    self.put(indent, f"{word} {day}:")
                day_before = day if alone else ""
                self.comment(indent + 1, bit, version, complete)
                self.version(indent + 1, bit, version)

    def in_force(self, version: Rule, rule_id: str) -> list[Boolean]:
        parts: list[Boolean] = [("atom", f"{self.day} >= {(version.effective_from - EPOCH).days}")]
        if version.effective_to is not None:
            parts.append(("atom", f"{self.day} <= {(version.effective_to - EPOCH).days}"))
        if rule_id in self.lifted:
            parts.append(("not", ("atom", self.lifted[rule_id])))
        return parts

    def comment(self, indent: int, bit: int, version: Rule, complete: bool) -> None:
        span = f"from {version.effective_from}"
        if version.effective_to is not None:
            span += f" to {version.effective_to}"
        self.put(indent, f"# {version.id} (bit {bit}), {span}")
        if complete:
            grade = f"grade {version.grade.effect}/{version.grade.citation}"
            self.put(indent, f"# {_one_line(version.zh)}")
            self.put(indent, f"# {_one_line(version.en)}")
            self.put(indent, f"# {_one_line(version.instrument)} {_one_line(version.article)}, {grade}")

    def version(self, indent: int, bit: int, rule: Rule) -> None:
        """Writes one version of a rule: its condition, its bits, its effect."""
        rule_set = self.rule_set
        effect = rule.effect
        assert rule.condition is not None and effect is not None
        word, mask = bit // WORD, 1 << (bit % WORD)
        parameters = {n: p.in_condition() for n, p in rule.parameters.items()}
        predicate = check_condition(rule.condition, rule_set.columns, parameters, rule.id)
        self.writer.guarded = False
        holds, fails = self.writer.holds(predicate), self.writer.fails(predicate)
        value: Operand | None = None
        output = None if effect.column is None else rule_set.outputs[effect.column]
        if output is not None and effect.kind not in (EffectKind.FLAG, EffectKind.REFUSE):
            value = effect_operand(rule, rule_set.columns, output, rule.id)
            holds = all_of([holds, *self.writer.known(value)])
        self.test(indent, "if", holds)
        fired = [f"fired_{word} |= {mask}", *self.effect(rule, value)]
        advised = [f"advised_{word} |= {mask}"]
        adopted = [a for a in rule_set.adopted if a.rule_id == rule.id]
        if not rule.advises_only:
            self.block(indent + 1, fired)
        elif effect.kind is EffectKind.ADVISE or not adopted:
            self.block(indent + 1, advised)
        else:
            spans = []
            for entry in adopted:
                parts: list[Boolean] = [("atom", f"{self.day} >= {(entry.from_day - EPOCH).days}")]
                if entry.until is not None:
                    parts.append(("atom", f"{self.day} <= {(entry.until - EPOCH).days}"))
                spans.append(all_of(parts))
            by = "; ".join(_one_line(f"{a.by}, from {a.from_day}") for a in adopted)
            self.put(indent + 1, f"if {short_cut_text(any_of(spans))}:  # adopted: {by}")
            self.block(indent + 2, fired)
            self.put(indent + 1, "else:")
            self.block(indent + 2, advised)
        decided = self.writer.complete and not self.writer.guarded
        if decided or fails == opposite_of(holds):
            return
        self.test(indent, "elif", opposite_of(fails))
        self.put(indent + 1, f"unevaluated_{word} |= {mask}")
        if output is not None and self.raised(output.name) and self.can_fire(rule):
            self.put(indent + 1, f"{self.out[output.name]}_open = True")

    def can_fire(self, rule: Rule) -> bool:
        return not rule.advises_only or any(a.rule_id == rule.id for a in self.rule_set.adopted)

    def block(self, indent: int, lines: Iterable[str]) -> None:
        for line in lines:
            self.put(indent, line)

    def effect(self, rule: Rule, value: Operand | None) -> list[str]:
        """The lines that carry out a rule that fired."""
        effect = rule.effect
        assert effect is not None
        if effect.kind is EffectKind.EXCEPT:
            return [f"{self.lifted[target]} = True" for target in effect.rules]
        if effect.column is None:
            return []
        local = self.out[effect.column]
        if value is None:
            return [f"{local} = True"]
        text = self.writer.value(value)
        if value.kind is Kind.BOOL and isinstance(value, ColumnValue):
            text = f"bool({text})"
        test = {
            EffectKind.FLOOR: f"if not {local}_known or {local} < {text}:",
            EffectKind.MINIMUM: f"if not {local}_known or {local} < {text}:",
            EffectKind.CAP: f"if not {local}_known or {local} > {text}:",
            EffectKind.SET: f"if not {local}_known:",
        }[effect.kind]
        return [test, f"    {local} = {text}", f"{local}_known = True"]


def _cited(rule: Rule) -> tuple[str, str]:
    instruments, articles = [rule.instrument], [rule.article]
    if len(rule.instrument.split("；")) == len(rule.article.split("；")):
        instruments, articles = rule.instrument.split("；"), rule.article.split("；")
    zh, en = [], []
    for instrument, article in zip(instruments, articles, strict=True):
        zh.append(instrument + (f"第{article}条" if article[:1].isdigit() else article))
        en.append(instrument + (f", art. {article}" if article else ""))
    return f"{rule.zh}（{'；'.join(zh)}）", f"{rule.en} [{'; '.join(en)}]"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace('"""', "'''").replace("\\", "/")


def compile_rule_set(rule_set: RuleSet, schema: Schema | None = None) -> CompiledRules:
    """The rule set with its generated source.

    Args:
        rule_set: from `load_rule_set`, with what an institution adopted.
        schema: the subject's schema; checked to hold every column the rule file declares, with its type and codes.

    Raises:
        InvalidInput: when the subject lacks a column or has it with another type or list of codes.
    """
    if schema is not None:
        _check_schema(rule_set, schema)
    source = _Source(rule_set)
    text = source.write()
    names = [f"{kind}_{w}" for kind in ("fired", "unevaluated", "advised") for w in range(source.words)]
    return CompiledRules(rule_set, text, (*names, *rule_set.outputs), source.ids, source.columns_of)
