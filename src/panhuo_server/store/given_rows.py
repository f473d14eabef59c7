"""Rows as programs give them, held against their table's columns before anything else happens.

Invariant: what is wrong with a value is said by column and never by the value, which may be personal. All rows are
looked at as a whole first; only where that finds something, or is in doubt, column by column.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import InvalidInput

Check = Callable[[Any], str]
"""Says what is wrong with a value, or nothing; never the value itself, which may be personal."""


def _check_of(column: Column) -> Check:
    kind = column.type
    if kind.is_text:
        return _text_check(column)
    if kind is ColumnType.BOOL:
        return lambda value: "" if value is True or value is False else "yes or no is needed"
    if kind is ColumnType.DATE:
        return lambda value: "" if type(value) is date else "a date is needed"
    limit = 2**31 if kind is ColumnType.DAYS else 2**63
    return lambda value: "" if type(value) is int and -limit <= value < limit else "a whole number is needed"


def _text_check(column: Column) -> Check:
    codes = frozenset(column.codes.positions) if column.codes is not None else None
    needed = f"one of {', '.join(sorted(codes))} is needed" if codes is not None else ""

    def check(value: Any) -> str:
        if type(value) is not str:
            return "text is needed"
        if codes is not None:
            return "" if value in codes else needed
        if value.isascii() and "\x00" not in value:
            return ""
        try:
            return "not text that can be stored" if b"\x00" in value.encode("utf-8") else ""
        except UnicodeEncodeError:
            return "not text that can be stored"

    return check


def _record(name: str, columns: Sequence[Column]) -> type | None:
    # A row as msgspec checks it, all columns at once: what it passes, each column's own check would pass. Dates and a
    # text's bytes it takes too easily: they are looked at beside it.
    fields: list[Any] = []
    for column in columns:
        if not column.name.isidentifier() or keyword.iskeyword(column.name):
            return None
        kind: Any = Any
        if column.type.is_text:
            kind = Literal[tuple(column.codes.positions)] if column.codes is not None else str
        elif column.type is ColumnType.BOOL:
            kind = bool
        elif column.type is not ColumnType.DATE:
            limit = 2**31 if column.type is ColumnType.DAYS else 2**63
            kind = Annotated[int, msgspec.Meta(ge=-limit, le=limit - 1)]
        needed = column.required and column.name != "org_id"
        fields.append((column.name, kind) if needed else (column.name, kind | None if kind is not Any else Any, None))
    return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True, gc=False)


@dataclass(frozen=True)
class Shape:
    """What a table's rows are held against, worked out once."""

    table: Table
    checks: dict[str, Check]
    required: tuple[str, ...]
    personal: dict[str, str]
    record: type | None
    dates: tuple[tuple[str, bool], ...]

    def passes(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all rows hold what they may, but for bytes of text that cannot be stored; in doubt, not."""
        if self.record is None:
            return False
        try:
            for row in rows:
                msgspec.convert(row, self.record)
                for name, needed in self.dates:
                    value = row.get(name)
                    if type(value) is not date and (value is not None or needed):
                        return False
        except (msgspec.ValidationError, TypeError, ValueError):
            return False
        return True


_SHAPES: dict[str, Shape] = {}


def shape_of(name: str) -> Shape:
    """What rows of a table are held against."""
    table = table_named(name)
    held = _SHAPES.get(name)
    if held is None or held.table is not table:
        columns = table.fact_schema.columns
        held = _SHAPES[name] = Shape(
            table,
            {c.name: _check_of(c) for c in columns},
            tuple(c.name for c in columns if c.required and c.name != "org_id"),
            {c.name: c.personal for c in columns if c.personal},
            _record(name, columns),
            tuple((c.name, c.required) for c in columns if c.type is ColumnType.DATE),
        )
    return held


def _refused(table: str, column: str, what: str) -> InvalidInput:
    return InvalidInput(f"{column} of {table}: {what}", where=f"{table}.{column}")


def refuse_wrong(shape: Shape, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Looks row by row and column by column, to say which is wrong.

    Raises:
        InvalidInput: naming table and column, never the value.
    """
    for row in rows:
        for column, value in row.items():
            if value is not None:
                check = shape.checks.get(column)
                wrong = check(value) if check is not None else "no such column"
                if wrong:
                    raise _refused(name, column, wrong)
        for column in shape.required:
            if row.get(column) is None:
                raise _refused(name, column, "required but not given")
