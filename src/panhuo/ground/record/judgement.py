"""Gather and judge: how a thing is judged, one row at a time, by one function in three places.

Invariant: the same `judge`, written once as plain Python over (value, known) pairs, is called on one row, under Numba
over columns, and in record batches on a cluster; the verdict's bytes are the same. Rows never see each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.arguments import argument_texts, join_arguments
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.errors import Defect
from panhuo.ground.record.outcome import Outcome, in_key_order, make_outcome
from panhuo.ground.record.phrases import Phrase, PhraseBook
from panhuo.ground.record.row_bytes import integer_values
from panhuo.ground.record.source_text import file_hash, generated_module

Engine = Literal["compiled", "plain", "either"]
FEW = 50_000  # rows up to which calling the plain judge takes less time than compiling it
BITS = 62  # rules a mask word


class CompiledRuleSet(Protocol):
    """What this room asks of a compiled rule set (made in ground.rules)."""

    @property
    def name(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def outputs(self) -> Sequence[str]: ...
    @property
    def rule_ids(self) -> Sequence[str]: ...
    @property
    def condition_columns(self) -> Mapping[str, Sequence[str]]: ...
    def words(self, rule_id: str) -> tuple[str, str]:
        """The rule's own text, Chinese and English."""
        ...


@dataclass(frozen=True)
class Reason:
    """A reason emitted for each row where the column `when` is known and not zero.

    Args:
        code: the reason's code in the room's words.
        when: a verdict or subject column (bool or integer).
        contribution: a verdict column on the result's scale, or None.
        arguments: verdict or subject columns whose values the words use, in order. Amounts are written with the
            currency of the row where verdict or subject has a column ``currency``.
    """

    code: str
    when: str
    contribution: str | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thing:
    """A thing judged: its subject's columns, gather, judge, verdict, reasons and words.

    Args:
        subject, verdict: schemas, key columns first; the verdict's key is a part of the subject's columns.
        judge: ``judge(row, rules, model)``, plain Python that Numba can compile; one pair a non-key verdict column.
        gather: ``gather(snapshot, **earlier)``, set-wise; an Ibis or Arrow table with the subject's columns.
        rules: name of the rule set evaluated on each row before `judge`.
        parameters: ``parameters(as_of)`` gives (model, description): what `judge` takes as its third argument, and the
            same as canonical JSON (integers and text) for the lineage. Numbers of law come from the rule files.
        needs: earlier outcomes that `gather` takes, by name; optional ones end in ``?``.
        purpose: what the data is processed for, a code of `ground.book.purposes`: it names the lawful basis.
    """

    subject: Schema
    verdict: Schema
    judge: Callable[..., Any]
    gather: Callable[..., Any] | None = None
    rules: str | None = None
    reasons: tuple[Reason, ...] = ()
    words: Path | None = None
    needs: tuple[str, ...] = ()
    parameters: Callable[..., tuple[Any, dict[str, Any]]] | None = None
    zh: str = ""
    en: str = ""
    purpose: str = ""

    @property
    def name(self) -> str:
        """The outcome's name."""
        return self.verdict.name

    @property
    def judged(self) -> tuple[Column, ...]:
        """The verdict's columns that `judge` returns, in order: neither key nor carried."""
        return tuple(c for c in self.verdict.columns if not c.key and c not in self.carried)

    @property
    def carried(self) -> tuple[Column, ...]:
        """Open text and codes of the verdict that stand in the subject too: they are taken over as they are."""
        open_text = (c for c in self.verdict.columns if not c.key and c.type.is_text and c.codes is None)
        return tuple(c for c in open_text if c.name in self.subject)

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The subject's columns `judge` sees: all but open codes and text, which travel beside."""
        return tuple(c for c in self.subject.columns if not c.type.is_text or c.codes is not None)


def kernel_values(column: Column, array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(values, known) as a kernel sees them: booleans, integers, or positions in the column's code list.

    Raises:
        Defect: when a value is not in the column's closed list.
    """
    if column.type is ColumnType.CODE and column.codes is not None:
        texts = pa.array([c.code for c in column.codes], pa.string())
        position = pc.index_in(array.cast(pa.string()), value_set=texts, skip_nulls=True)
        strange = pc.and_(pc.is_valid(array), pc.is_null(position))
        if pc.any(strange).as_py():
            value = array.filter(strange)[0].as_py()
            raise Defect(f"{value!r} is not one of {column.codes.name}", where=column.name)
        return integer_values(position)
    if column.type is ColumnType.FLOAT:
        known = array.is_valid().to_numpy(zero_copy_only=False)
        return pc.fill_null(array, 0.0).to_numpy(zero_copy_only=False), known
    values, known = integer_values(array)
    return (values != 0 if column.type is ColumnType.BOOL else values), known


def column_array(column: Column, values: np.ndarray, known: np.ndarray) -> pa.Array:
    """The Arrow array of a judged column from a kernel's (values, known)."""
    mask = ~known
    if column.type is ColumnType.CODE and column.codes is not None:
        texts = pa.array([c.code for c in column.codes], pa.string())
        return texts.take(pa.array(values.astype(np.int64), mask=mask))
    if column.type is ColumnType.BOOL:
        return pa.array(values != 0, pa.bool_(), mask=mask)
    if column.type is ColumnType.DATE:
        return pa.array(values.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32())
    if column.type is ColumnType.DAYS:
        return pa.array(values.astype(np.int32), pa.int32(), mask=mask)
    if column.type.is_text:
        raise Defect(f"a judge cannot return the open text {column.name}", where=column.name)
    return pa.array(values.astype(np.int64), pa.int64(), mask=mask)


def _loop_text(thing: Thing, rule_set: CompiledRuleSet | None) -> str:
    """Source of the loops: every row is packed into a named tuple of pairs, judged, and unpacked."""
    inputs, judged = thing.inputs, thing.judged
    place = ", ".join(f"v{i}, k{i}" for i in range(len(inputs)))
    results = ", ".join(f"w{j}, q{j}" for j in range(len(judged)))
    masks = [n for n in rule_set.outputs if _is_mask(n)] if rule_set else []
    mask_names = ", ".join(f"m{j}" for j in range(len(masks)))
    signature = ", ".join(x for x in (place, results, mask_names) if x)
    fields = ", ".join(repr(c.name) for c in inputs)
    pack = ", ".join(f"(v{i}[i], k{i}[i])" for i in range(len(inputs)))
    lines = ["from collections import namedtuple", "", "import numba", ""]
    lines.append(f"Row = namedtuple('Row', [{fields}])")
    if rule_set is not None:
        lines += ["", rule_set.source, ""]
        names = ", ".join(repr(n) for n in rule_set.outputs)
        lines.append(f"Rules = namedtuple('Rules', [{names}])")
    home = _importable(thing.judge)
    lines += [
        "",
        f"from {home} import {thing.judge.__name__} as judge" if home else "judge = None  # set by the caller",
        "",
    ]
    body = [f"        row = Row({pack}{',' if len(inputs) == 1 else ''})"]
    if rule_set is not None:
        body.append("        rules = Rules(*{rules}(row))")
        body += [f"        m{j}[i] = rules.{name}" for j, name in enumerate(masks)]
    else:
        body.append("        rules = ()")
    body.append("        verdict = {judge}(row, rules, model)")
    for j in range(len(judged)):
        body.append(f"        w{j}[i] = verdict[{j}][0]")
        body.append(f"        q{j}[i] = verdict[{j}][1]")
    loop = f"def {{name}}(n, model, {signature}):\n    for i in range(n):\n" + "\n".join(body) + "\n"
    lines.append(loop.format(name="loop_plain", judge="judge", rules="judge_rules"))
    inner = loop.format(name="loop_compiled", judge="judge_compiled", rules="rules_compiled")
    if home:
        # Everything the loop calls is a global of this file, so Numba keeps its compiled form between processes.
        lines += ["", "judge_compiled = numba.njit(judge)"]
        lines += ["rules_compiled = numba.njit(judge_rules)"] if rule_set is not None else []
        lines += ["", "", "@numba.njit(nogil=True, cache=True)", inner]
    else:
        lines += ["", "def compiled(judge_compiled):"]
        lines += ["    rules_compiled = numba.njit(judge_rules)"] if rule_set is not None else []
        lines += ["    @numba.njit(nogil=True)"]
        lines += ["    " + line for line in inner.rstrip("\n").split("\n")]
        lines += ["    return loop_compiled"]
    return "\n".join(lines) + "\n"


def _importable(judge: Callable[..., Any]) -> str:
    """The module a generated file can import `judge` from; empty for one defined inside a function or a script."""
    found = sys.modules.get(judge.__module__)
    if judge.__module__.startswith("panhuo.") and getattr(found, judge.__name__, None) is judge:
        return judge.__module__
    return ""


def _is_mask(name: str) -> bool:
    return name.startswith(("fired_", "unevaluated_", "advised_"))


@dataclass
class Bench:
    """A thing ready to judge: its loops made once, for any number of batches."""

    thing: Thing
    rule_set: CompiledRuleSet | None = None
    model: Any = ()
    engine: Engine = "compiled"
    _loop: Callable[..., None] | None = field(default=None, repr=False)

    def _ready(self) -> Callable[..., None]:
        if self._loop is None:
            stamp = file_hash(self.thing.judge.__module__)
            text = f"# {self.thing.name} {self.thing.judge.__module__} {stamp} {self.engine}\n" + _loop_text(
                self.thing, self.rule_set
            )
            module: Any = generated_module(self.thing.name, text)
            if not _importable(self.thing.judge):
                module.judge = self.thing.judge
            if self.engine == "plain":
                self._loop = module.loop_plain
            elif _importable(self.thing.judge):
                self._loop = module.loop_compiled
            else:
                from numba import njit

                self._loop = module.compiled(njit(self.thing.judge))
        return self._loop

    def verdicts(self, subjects: pa.Table) -> tuple[pa.Table, dict[str, np.ndarray]]:
        """Verdict rows of `subjects` in their order (keys first), and the rule masks by output name."""
        thing, rows = self.thing, len(subjects)
        subjects = thing.subject.conform(subjects).combine_chunks()
        columns: list[Any] = []
        for column in thing.inputs:
            values, known = kernel_values(column, _flat(subjects.column(column.name)))
            columns += [values, known] if self.engine == "compiled" else [values.tolist(), known.tolist()]
        out: list[np.ndarray] = []
        for _ in thing.judged:
            out += [np.zeros(rows, np.int64), np.zeros(rows, np.bool_)]
        names = [n for n in self.rule_set.outputs if _is_mask(n)] if self.rule_set else []
        masks = {n: np.zeros(rows, np.int64) for n in names}
        self._ready()(rows, self.model, *columns, *out, *masks.values())
        arrays = {}
        for name in (*thing.verdict.key, *(c.name for c in thing.carried)):
            arrays[name] = subjects.column(name)
        for j, column in enumerate(thing.judged):
            arrays[column.name] = column_array(column, out[2 * j], out[2 * j + 1])
        table = pa.table([arrays[c.name] for c in thing.verdict.columns], names=thing.verdict.names)
        return thing.verdict.conform(table), masks


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _reason_part(
    keys: pa.Table, rows: np.ndarray, code: str, contribution: pa.Array | None, arguments: pa.Array
) -> pa.Table:
    part = keys.take(pa.array(rows))
    part = part.append_column("code", pa.array([code] * len(rows), pa.string()))
    part = part.append_column(
        "contribution", contribution if contribution is not None else pa.nulls(len(rows), pa.int64())
    )
    return part.append_column("arguments", arguments)


def _arguments(
    schemas: Sequence[Schema], tables: Sequence[pa.Table], names: Sequence[str], rows: np.ndarray
) -> pa.Array:
    parts, at = [], pa.array(rows)
    currencies = next(
        (_flat(t.column("currency")).take(at) for s, t in zip(schemas, tables, strict=True) if "currency" in s), None
    )
    for name in names:
        for schema, table in zip(schemas, tables, strict=True):
            if name in schema:
                parts.append(argument_texts(schema[name], _flat(table.column(name)).take(at), currencies))
                break
        else:
            raise Defect(f"a reason names the column {name}, which neither subject nor verdict has", where=name)
    return join_arguments(parts, len(rows))


def _rule_reasons(
    thing: Thing, rule_set: CompiledRuleSet, subjects: pa.Table, keys: pa.Table, masks: Mapping[str, np.ndarray]
) -> list[pa.Table]:
    parts = []
    for number, rule_id in enumerate(rule_set.rule_ids):
        word, bit = divmod(number, BITS)
        for kind, suffix in (("fired", ""), ("unevaluated", "?"), ("advised", "~")):
            mask = masks.get(f"{kind}_{word}")
            if mask is None:
                continue
            rows = np.flatnonzero((mask >> bit) & 1)
            if len(rows) == 0:
                continue
            names = rule_set.condition_columns[rule_id]
            arguments = _arguments([thing.subject], [subjects], names, rows)
            parts.append(_reason_part(keys, rows, rule_id + suffix, None, arguments))
    return parts


def rule_phrases(rule_set: CompiledRuleSet, subject: Schema) -> dict[str, Phrase]:
    """Words of every rule: its own text, and the values its condition saw. ``?`` marks a rule that could not be
    evaluated because a value is unknown, ``~`` one that only advises because its effect is not adopted."""
    found = {}
    for rule_id in rule_set.rule_ids:
        zh, en = rule_set.words(rule_id)
        names = tuple(rule_set.condition_columns[rule_id])
        zh_seen = "；".join(f"{subject[n].zh} {{{n}}}" for n in names if n in subject)
        en_seen = "; ".join(f"{subject[n].en} {{{n}}}" for n in names if n in subject)
        zh_tail, en_tail = (f"（{zh_seen}）" if zh_seen else ""), (f" ({en_seen})" if en_seen else "")
        found[rule_id] = Phrase(rule_id, names, zh + zh_tail, en + en_tail)
        found[rule_id + "?"] = Phrase(rule_id + "?", names, f"未能判断：{zh}{zh_tail}", f"Not evaluated: {en}{en_tail}")
        found[rule_id + "~"] = Phrase(
            rule_id + "~",
            names,
            f"提示（未经采纳，不产生效力）：{zh}{zh_tail}",
            f"Advice only, not adopted: {en}{en_tail}",
        )
    return found


def pronounce(
    thing: Thing,
    subjects: pa.Table,
    *,
    rule_set: CompiledRuleSet | None = None,
    model: Any = (),
    engine: Engine = "compiled",
    lineage: Mapping[str, Any] | None = None,
) -> Outcome:
    """Judges every subject and returns the Outcome.

    Args:
        thing: what is judged.
        subjects: rows with the subject's columns, any order.
        rule_set: the compiled rule set `thing.rules` names.
        model: whatever `judge` takes as its third argument: a (named) tuple of numbers and NumPy arrays.
        engine: ``compiled`` (Numba over columns) or ``plain`` (the same function, row by row): same bytes; ``either``
            takes whichever is sooner done.
        lineage: what the journey knows: as_of, batch roots, parameters, model hash, earlier roots.

    Raises:
        Defect: when a code is not in its list or a key stands twice.
    """
    if (rule_set is None) != (thing.rules is None):
        raise Defect(f"{thing.name} is judged by the rule set {thing.rules}", where=thing.name)
    subjects = in_key_order(thing.subject, subjects)
    if engine == "either":
        engine = "plain" if len(subjects) <= FEW else "compiled"
    table, masks = Bench(thing, rule_set, model, engine).verdicts(subjects)
    keys = table.select(list(thing.verdict.key))
    schemas, tables = (thing.verdict, thing.subject), (table, subjects)
    parts = [] if rule_set is None else _rule_reasons(thing, rule_set, subjects, keys, masks)
    for reason in thing.reasons:
        column, source = (
            (thing.verdict[reason.when], table)
            if reason.when in thing.verdict
            else (thing.subject[reason.when], subjects)
        )
        values, known = kernel_values(column, _flat(source.column(reason.when)))
        rows = np.flatnonzero(known & (values != 0))
        if len(rows) == 0:
            continue
        contribution = None
        if reason.contribution is not None:
            contribution = _flat(table.column(reason.contribution)).take(pa.array(rows)).cast(pa.int64())
        parts.append(
            _reason_part(keys, rows, reason.code, contribution, _arguments(schemas, tables, reason.arguments, rows))
        )
    book = PhraseBook.read(thing.words) if thing.words is not None else PhraseBook({})
    used = {r.code for r in thing.reasons}
    book = PhraseBook({c: p for c, p in book.phrases.items() if c in used})
    if rule_set is not None:
        book = book.with_phrases(rule_phrases(rule_set, thing.subject))
    full = {
        **(lineage or {}),
        "function": f"{thing.judge.__module__}.{thing.judge.__name__}",
        "source": file_hash(thing.judge.__module__),
        "words": book.hash,
    }
    if thing.purpose:
        full["purpose"] = thing.purpose
    if rule_set is not None:
        full["rules"] = {rule_set.name: rule_set.hash}
    return make_outcome(
        thing.verdict,
        table,
        pa.concat_tables(parts) if parts else None,
        lineage=full,
        words=book,
        subjects=subjects,
        subject_schema=thing.subject,
    )


def judge_one(
    thing: Thing, subject: Mapping[str, Any], rule_set: CompiledRuleSet | None = None, model: Any = ()
) -> dict:
    """The same judge on one subject given as a mapping: the fast lane's call, and the scenario test's.

    Codes, dates and amounts are given as in tables (text, `datetime.date`, integers); absent or None is unknown.
    """
    row = pa.table({c.name: pa.array([subject.get(c.name)], c.arrow_type()) for c in thing.subject.columns})
    outcome = pronounce(thing, row, rule_set=rule_set, model=model, engine="plain")
    return {**outcome.table.to_pylist()[0], "reasons": outcome.reasons.to_pylist()}
