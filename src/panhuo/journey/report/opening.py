"""What a number of the page opens to: its sentence, the rows behind it, rules, command and receipt.

Invariant: nothing is judged here. Every figure on the page names one drawer, and a drawer's rows give back the number:
amounts listed and the remainder add up to a sum, rows listed and the remainder are as many as a count, a numerator and
a denominator give a share, and a row holds each of its cells. A remainder is never silent: its rows and its sum are
named. Amounts of two currencies never stand in one sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import escape

from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.values.money import ratio
from panhuo.journey.report import words
from panhuo.journey.report.words import Text

LISTED = 8
"""Rows a drawer lists; what remains is named with its number and sum."""

KINDS = ("sum", "count", "share", "row")


@dataclass(frozen=True)
class Figure:
    """A number (or a name) that opens.

    Attributes:
        text: how it reads. drawer: id of what it opens to. kind: see `KINDS`. value: the number itself, on its scale.
        column: for ``row``, the cell of the row it is. name: what it is, where it stands alone.
    """

    text: Text
    drawer: str
    kind: str = "row"
    value: int | str | None = None
    column: str = ""
    name: Text = words.NOTHING

    def __html__(self) -> str:
        tail = "" if self.value is None else f' data-v="{escape(str(self.value))}"'
        tail += f' data-c="{self.column}"' if self.column else ""
        return f'<a class="n" href="#{self.drawer}" data-k="{self.kind}"{tail}>{self.text.__html__()}</a>'

    def named(self, name: Text) -> Figure:
        """The same figure under another name."""
        return Figure(self.text, self.drawer, self.kind, self.value, self.column, name)


@dataclass(frozen=True)
class Part:
    """One row behind a number: what it is, how its amount reads, the amount, and the drawer it opens, if any."""

    name: Text
    text: Text
    value: int | str | None = None
    column: str = ""
    opens: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rest:
    """The rows a drawer does not list: how many, and what they come to."""

    rows: int
    text: Text
    value: int | None = None


@dataclass(frozen=True)
class Drawer:
    """Everything a figure opens to."""

    id: str
    title: Text
    sentences: tuple[Text, ...] = ()
    parts: tuple[Part, ...] = ()
    rest: Rest | None = None
    total: Text | None = None
    cells: tuple[Part, ...] = ()
    reasons: tuple[Text, ...] = ()
    outcome: str = ""
    rules: tuple[str, ...] = ()
    command: str = ""
    root: str = ""
    share: tuple[int, int] | None = None


def raw(value: Any) -> int | str | None:
    """A cell as it is compared: integers as they are, days and codes as text."""
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def key_text(key: Sequence[Any]) -> str:
    """A key as `panhuo why` takes it."""
    return ",".join(map(str, key))


def key_of(outcome: Outcome, row: dict[str, Any]) -> list[Any]:
    """A row's key."""
    return [row[name] for name in outcome.schema.key]


@dataclass
class Opener:
    """Makes figures and keeps the drawers they open, in the order they were first asked for.

    Attributes:
        outcomes: the night's outcomes by name.
    """

    outcomes: dict[str, Outcome]
    drawers: dict[str, Drawer] = field(default_factory=dict)
    _by_place: dict[tuple[str, ...], str] = field(default_factory=dict)
    _currencies: dict[str, pa.Array | None] = field(default_factory=dict)
    _citations: dict[str, dict[str, Text]] = field(default_factory=dict)

    # -- currencies

    @cached_property
    def _currency_of_debt(self) -> pa.Table | None:
        overdue = self.outcomes.get("days_past_due")
        return None if overdue is None else overdue.table.select(["drawdown_id", "currency"])

    def currencies(self, outcome: Outcome) -> pa.Array | None:
        """The currency of each row of an outcome: its own column, its subject's, its debt's; None where none says."""
        if outcome.name not in self._currencies:
            found: Any = None
            judged = outcome.subject_schema
            if "currency" in outcome.schema:
                found = outcome.table.column("currency")
            elif outcome.subjects is not None and judged is not None and judged.key == outcome.schema.key:
                found = outcome.subjects.column("currency") if "currency" in judged else None
            if found is None and outcome.schema.key == ("drawdown_id",) and self._currency_of_debt is not None:
                at = pc.index_in(outcome.table.column("drawdown_id"), self._currency_of_debt.column("drawdown_id"))
                found = self._currency_of_debt.column("currency").take(at)
            if isinstance(found, pa.ChunkedArray):
                found = found.combine_chunks()
            self._currencies[outcome.name] = found
        return self._currencies[outcome.name]

    def currency_at(self, outcome: Outcome, at: int) -> str:
        """The currency of one row."""
        found = self.currencies(outcome)
        return HOME if found is None else found[at].as_py() or HOME

    def currencies_in(self, outcome: Outcome, where: Any = None) -> list[str]:
        """The currencies an outcome's rows are in, those with most rows first."""
        found = self.currencies(outcome)
        if found is None:
            return [HOME]
        found = pc.fill_null(found if where is None else found.filter(where), HOME)
        counts = [(-v["counts"], v["values"]) for v in pc.value_counts(found).to_pylist()]
        return [name for _, name in sorted(counts)]

    def only(self, outcome: Outcome, currency: str) -> pa.Array:
        """Which rows are in a currency."""
        found = self.currencies(outcome)
        if found is None:
            return pa.array([currency == HOME] * len(outcome), pa.bool_())
        return pc.fill_null(pc.equal(pc.fill_null(found, HOME), currency), False)

    # -- one row

    def row(self, outcome: Outcome, key: Sequence[Any], name: Text | None = None) -> Figure:
        """The row's name, opening the row."""
        text = key_text(key)
        return Figure(name or Text(text, text), self._row_drawer(outcome, key))

    def cell(self, outcome: Outcome, key: Sequence[Any], name: str, text: Text | None = None) -> Figure:
        """One cell, opening its row."""
        at = outcome.row_of(*key)
        column = outcome.schema[name]
        value = outcome.table.column(name)[at].as_py()
        shown = text or self.text_of(outcome, column, value, self.currency_at(outcome, at))
        return Figure(shown, self._row_drawer(outcome, key), "row", raw(value), name, words.label(column))

    def text_of(self, outcome: Outcome, column: Column, value: Any, currency: str = HOME) -> Text:
        """A value as people read it; a dash when unknown."""
        if value is None:
            return words.DASH
        if column.type is ColumnType.FEN:
            return words.money(value, currency)
        return Text(*(outcome.text_of(column, value, language, currency) for language in ("zh", "en")))

    def _row_drawer(self, outcome: Outcome, key: Sequence[Any]) -> str:
        place = ("row", outcome.name, key_text(key))
        if place not in self._by_place:
            at = outcome.row_of(*key)
            currency = self.currency_at(outcome, at)
            cells = []
            for column in outcome.schema.columns:
                value = outcome.table.column(column.name)[at].as_py()
                if value is None or (value is False and column.type is ColumnType.BOOL):
                    continue
                text = self.text_of(outcome, column, value, currency)
                if column.type is ColumnType.FEN:
                    text = words.exact(value, currency)
                cells.append(Part(words.label(column), text, raw(value), column.name))
            name = key_text(key)
            self._keep(
                place,
                title=Text(name, name),
                cells=tuple(cells),
                reasons=self.reasons(outcome, key, at, currency),
                command=self.command(outcome, key),
                **_of(outcome),
            )
        return self._by_place[place]

    def reasons(self, outcome: Outcome, key: Sequence[Any], at: int, currency: str, most: int = 14) -> tuple[Text, ...]:
        """The reasons of a row in both languages: contribution, code, sentence, and the article where a rule is one."""
        zh, en = (outcome.why(*key, language=language)["reasons"] for language in ("zh", "en"))
        units: dict[int, set[ColumnType]] = {}
        for column in outcome.schema.columns:
            value = outcome.table.column(column.name)[at].as_py()
            if isinstance(value, int) and not isinstance(value, bool):
                units.setdefault(value, set()).add(column.type)
        cited = self.citations(outcome)
        lines = []
        for one, other in list(zip(zh, en, strict=True))[:most]:
            size = words.contribution(one["contribution"], units, currency)
            source = cited.get(one["code"].rstrip("?~"), words.NOTHING)
            lines.append(
                Text(
                    f"{size.zh}{one['code']}　{one['words']}{source.zh}",
                    f"{size.en}{one['code']}  {other['words']}{source.en}",
                )
            )
        if len(zh) > most:
            lines.append(Text(f"另有 {len(zh) - most} 条理由", f"and {len(zh) - most} reasons more"))
        if not lines:
            lines.append(Text("没有触发任何规则，也没有附加理由", "no rule fired and nothing is to be added"))
        return tuple(lines)

    def citations(self, outcome: Outcome) -> dict[str, Text]:
        """Instrument, article and grade of each rule an outcome was judged by, in brackets."""
        from panhuo.ground.rules.rule_set import load_rule_set

        found: dict[str, Text] = {}
        for name in outcome.lineage.get("rules", {}):
            if name not in self._citations:
                self._citations[name] = {
                    rule.id: _citation(rule.instrument, rule.article, rule.grade.effect.value)
                    for rule in load_rule_set(name).rules
                }
            found |= self._citations[name]
        return found

    def command(self, outcome: Outcome, key: Sequence[Any]) -> str:
        """What opens a row on the command line, in the folder the page lies in."""
        text = key_text(key)
        return f"panhuo why ./{outcome.name} {text if text.isascii() and ' ' not in text else repr(text)}"

    # -- many rows

    def total(
        self,
        outcome: Outcome,
        name: str,
        where: Any = None,
        *,
        currency: str = HOME,
        title: Text | None = None,
        said: Text | None = None,
        large: bool = False,
    ) -> Figure:
        """The sum of a column over the rows where `where` holds; `said` names which rows those are."""
        column = outcome.schema[name]
        drawer, amount, _ = self._listing(outcome, name, where, currency, title or words.label(column), said)
        shown = words.hundred_million(amount, currency) if large else words.amount(column, amount, currency)
        return Figure(shown, drawer, "sum", amount, "", title or words.label(column))

    def count(
        self,
        outcome: Outcome,
        where: Any = None,
        by: str = "",
        *,
        currency: str = HOME,
        title: Text | None = None,
        said: Text | None = None,
    ) -> Figure:
        """How many rows `where` holds of, opening those with the largest `by`."""
        drawer, _, rows = self._listing(outcome, by, where, currency, title or Text("行数", "rows"), said)
        return Figure(words.count(rows), drawer, "count", rows, "", title or Text("行数", "rows"))

    def share(
        self,
        value: int | None,
        part: Figure,
        whole: Figure,
        title: Text,
        *,
        source: Outcome | None = None,
        currency: str = HOME,
    ) -> Figure:
        """A share in ppm of two figures, amounts of one currency, that open themselves."""
        assert isinstance(part.value, int) and isinstance(whole.value, int)
        names = f"{part.drawer}/{part.value}/{whole.drawer}/{whole.value}/{title.en}"
        place = ("share", names)
        if place not in self._by_place:
            self._keep(
                place,
                title=title,
                sentences=(Text("分子除以分母", "numerator divided by denominator"),),
                parts=(
                    Part(
                        Text("分子：", "numerator: ") + part.name,
                        _exactly(part, currency),
                        part.value,
                        opens=("", part.drawer),
                    ),
                    Part(
                        Text("分母：", "denominator: ") + whole.name,
                        _exactly(whole, currency),
                        whole.value,
                        opens=("", whole.drawer),
                    ),
                ),
                share=(part.value, whole.value),
                **_of(source),
            )
        return Figure(words.share(value), self._by_place[place], "share", value, "", title)

    def made_of(
        self,
        parts: Sequence[Part],
        text: Text,
        value: int,
        title: Text,
        said: Text,
        source: Outcome | None = None,
        rest: Rest | None = None,
        kind: str = "sum",
    ) -> Figure:
        """A sum (or a count) of parts that are not rows of one outcome."""
        place = ("made", title.en, str(value), *(p.name.en for p in parts[:3]))
        if place not in self._by_place:
            self._keep(place, title=title, sentences=(said,), parts=tuple(parts), rest=rest, total=text, **_of(source))
        return Figure(text, self._by_place[place], kind, value, "", title)

    def rows(
        self,
        table: pa.Table,
        key: str,
        amount: str,
        currency: str,
        title: Text,
        said: Text,
        *,
        source: Outcome,
        at: Sequence[Any],
        opens: str,
    ) -> Figure:
        """The sum of an amount over rows that an outcome's own row `at` was aggregated from.

        Args:
            table: columns `key` and `amount`, in minor units of `currency`. opens: the outcome whose rows have the
                same key, for links.
        """

        def text(number: int | None) -> Text:
            return words.exact(number, currency)

        place = ("rows", source.name, key_text(at), title.en)
        value = int(pc.sum(table.column(amount)).as_py() or 0)
        if place not in self._by_place:
            parts, rest = _largest_parts(table, (key,), amount, text, opens)
            self._keep(
                place,
                title=title,
                sentences=(said,),
                parts=parts,
                rest=rest,
                total=text(value),
                command="" if "*" in at else self.command(source, at),
                **_of(source),
            )
        return Figure(words.money(value, currency), self._by_place[place], "sum", value, "", title)

    def _listing(
        self, outcome: Outcome, name: str, where: Any, currency: str, title: Text, said: Text | None
    ) -> tuple[str, int, int]:
        """(drawer, sum, rows) of the rows where `where` holds, those with the largest `name` listed."""
        mask = None if where is None else pc.fill_null(where, False)
        table = outcome.table if mask is None else outcome.table.filter(mask)
        rows = len(table)
        amount = int(pc.sum(table.column(name)).as_py() or 0) if name else 0
        chosen = "" if mask is None else hashlib.sha256(np.packbits(np.asarray(mask)).tobytes()).hexdigest()
        place = ("list", outcome.name, name, title.en, chosen, currency)
        if place in self._by_place:
            return self._by_place[place], amount, rows
        column = outcome.schema[name] if name else None

        def text(number: int | None) -> Text:
            return words.NOTHING if column is None else words.exact_amount(column, number, currency)

        parts, rest = _largest_parts(table, outcome.schema.key, name, text, outcome.name)
        what = said or Text("全部", "all")
        sentence = Text(
            f"{outcome.name} 中 {rows:,} 行（{what.zh}）" + (f"的“{column.zh}”之和" if column is not None else ""),
            (f"“{column.en}” added up over " if column is not None else "")
            + f"{rows:,} rows of {outcome.name} ({what.en})",
        )
        self._keep(
            place,
            title=title,
            sentences=(sentence,),
            parts=parts,
            rest=rest,
            total=words.count(rows) if column is None else text(amount),
            command=self.command(outcome, parts[0].name.en.split(",")) if parts else "",
            **_of(outcome),
        )
        return self._by_place[place], amount, rows

    def _keep(self, place: tuple[str, ...], **what: Any) -> None:
        name = f"w{len(self.drawers) + 1}"
        self.drawers[name] = Drawer(name, **what)
        self._by_place[place] = name

    def extend(self, drawer: str, parts: Sequence[Part], said: Text) -> None:
        """Adds the rows behind a row to its drawer, under a sentence of their own."""
        held = self.drawers[drawer]
        if not held.parts:
            self.drawers[drawer] = replace(held, parts=tuple(parts), sentences=(*held.sentences, said))

    def link(self, opens: tuple[str, str] | None) -> str:
        """The drawer a part opens, when the page has one; empty when it has none."""
        if opens is None:
            return ""
        outcome, place = opens
        return place if not outcome else self._by_place.get(("row", outcome, place), "")


def _citation(instrument: str, article: str, grade: str) -> Text:
    numbered = article[:1].isdigit()
    return Text(
        f"〔{instrument}{f'第{article}条' if numbered else article}；等级 {grade}〕",
        f" [{instrument} {f'art. {article}' if numbered else article}; grade {grade}]",
    )


def _exactly(figure: Figure, currency: str) -> Text:
    return words.exact(figure.value, currency) if isinstance(figure.value, int) else figure.text


def _of(outcome: Outcome | None) -> dict[str, Any]:
    """Where a drawer's rows come from: the outcome's name, its rule sets with the first of their hash, its root."""
    if outcome is None:
        return {}
    rules = tuple(f"{name} {digest[:12]}" for name, digest in outcome.lineage.get("rules", {}).items())
    return {"outcome": outcome.name, "rules": rules, "root": outcome.root.hex()}


def _largest_parts(
    table: pa.Table, key: Sequence[str], amount: str, text: Any, opens: str
) -> tuple[tuple[Part, ...], Rest | None]:
    """The rows with the largest amounts (in key order where there is none), and what remains."""
    order = [(name, "ascending") for name in key]
    if amount:
        table = table.append_column("_size", pc.abs(table.column(amount).cast(pa.int64())))
        order = [("_size", "descending"), *order]
    listed = table.take(
        pc.sort_indices(table, sort_keys=[(name, way, "at_end") for name, way in order])[:LISTED]
    ).to_pylist()
    parts = []
    for row in listed:
        name = key_text([row[k] for k in key])
        value = raw(row[amount]) if amount else None
        parts.append(Part(Text(name, name), text(row[amount]) if amount else words.NOTHING, value, opens=(opens, name)))
    left = len(table) - len(parts)
    if not left:
        return tuple(parts), None
    if not amount:
        return tuple(parts), Rest(left, words.NOTHING)
    whole = int(pc.sum(table.column(amount)).as_py() or 0)
    remainder = whole - sum(p.value for p in parts if isinstance(p.value, int))
    return tuple(parts), Rest(left, text(remainder), remainder)


def share_of(part: int, whole: int) -> int | None:
    """A share in ppm, half up; None of nothing."""
    return int(ratio(part, whole)) if whole > 0 else None
