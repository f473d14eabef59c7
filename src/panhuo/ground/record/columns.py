"""Column types, code lists and schemas: declared once, for facts and outcomes alike.

Invariant: every value that is sealed is a boolean, a 64-bit integer on a declared scale, or a text; a float never is.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from panhuo.ground.record.errors import Defect

if TYPE_CHECKING:
    import pyarrow as pa


class ColumnType(enum.StrEnum):
    """What a column's values are, with their unit and scale."""

    BOOL = "bool"
    INT = "int"  # a plain count or ordinal
    FEN = "fen"  # money in minor units of the row's currency; 100 fen = 1 yuan
    PPM = "ppm"  # a contractual rate or share in parts per million; 50,000 = 5 %
    BILLIONTHS = "billionths"  # a probability or other model output in 1e-9 units
    DATE = "date"  # days since 1970-01-01
    DAYS = "days"  # a length of time in days
    CODE = "code"  # one of a list of codes, stored and hashed as its text
    TEXT = "text"
    FLOAT = "float"  # compared only; never sealed

    @property
    def is_text(self) -> bool:
        """Whether values are stored and hashed as UTF-8 text."""
        return self in (ColumnType.CODE, ColumnType.TEXT)

    @property
    def is_integer(self) -> bool:
        """Whether values are stored and hashed as a 64-bit integer (booleans and dates included)."""
        return not self.is_text and self is not ColumnType.FLOAT


@dataclass(frozen=True)
class Code:
    """One code of a list: its stored text and its name in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class CodeList:
    """A closed list of codes; in kernels a code is its position in it (order carries meaning where one exists)."""

    name: str
    codes: tuple[Code, ...]

    @classmethod
    def of(cls, name: str, *rows: tuple[str, str, str]) -> CodeList:
        """Builds a list from ``(code, zh, en)`` rows."""
        return cls(name, tuple(Code(*row) for row in rows))

    @cached_property
    def positions(self) -> dict[str, int]:
        """code text -> position."""
        return {c.code: i for i, c in enumerate(self.codes)}

    def position(self, code: str) -> int:
        """The integer a kernel sees for `code`."""
        return self.positions[code]

    def __getitem__(self, code: str) -> Code:
        return self.codes[self.positions[code]]

    def __contains__(self, code: object) -> bool:
        return code in self.positions

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Column:
    """A column: name, type, meaning in both languages, and what the law asks to know of it.

    Args:
        name: snake_case, the field's own word.
        type: see `ColumnType`.
        zh, en: meaning, one phrase each.
        key: part of the row's key.
        required: an unknown value makes the row bad when read.
        codes: the closed list a CODE column draws from; None for an open list (region, industry, source ids).
        personal: for personal data, the name of the column that holds the party it is about; such columns are encrypted
            at rest and enter hashes only through a keyed commitment.
        level: data security level 1 (public) to 5, JR/T 0197-2020.
        references: the table whose entity this column names.
        since: schema version that appended the column.
    """

    name: str
    type: ColumnType
    zh: str
    en: str
    key: bool = False
    required: bool = False
    codes: CodeList | None = None
    personal: str | None = None
    level: int = 2
    references: str | None = None
    since: int = 1

    def arrow_type(self) -> pa.DataType:
        """The Arrow type values are held in."""
        import pyarrow as pa

        match self.type:
            case ColumnType.BOOL:
                return pa.bool_()
            case ColumnType.DATE:
                return pa.date32()
            case ColumnType.DAYS:
                return pa.int32()
            case ColumnType.CODE | ColumnType.TEXT:
                return pa.string()
            case ColumnType.FLOAT:
                return pa.float64()
            case _:
                return pa.int64()

    def as_key(self) -> Column:
        """The same column as part of a key."""
        return replace(self, key=True, required=True)


@dataclass(frozen=True)
class Schema:
    """A named, versioned list of columns. Columns are only ever appended, and appended ones are never required."""

    name: str
    columns: tuple[Column, ...]
    zh: str = ""
    en: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise Defect(f"schema {self.name} names a column twice", where=self.name)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """name -> column."""
        return {c.name: c for c in self.columns}

    def __getitem__(self, name: str) -> Column:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    @property
    def names(self) -> list[str]:
        """Column names in schema order."""
        return [c.name for c in self.columns]

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in schema order."""
        return tuple(c.name for c in self.columns if c.key)

    def arrow(self) -> pa.Schema:
        """The Arrow schema, in schema order."""
        import pyarrow as pa

        return pa.schema([pa.field(c.name, c.arrow_type()) for c in self.columns])

    def empty(self) -> pa.Table:
        """A table of no rows."""
        return self.arrow().empty_table()

    def conform(self, table: pa.Table) -> pa.Table:
        """`table` with exactly this schema's columns in order, cast to their types; absent columns become unknown.

        Raises:
            Defect: when a value cannot be held by its column's type (readers check foreign data before this point).
        """
        import pyarrow as pa

        arrays = []
        for column in self.columns:
            kind = column.arrow_type()
            if column.name in table.column_names:
                values = table.column(column.name)
                if pa.types.is_dictionary(values.type):
                    values = values.cast(values.type.value_type)
                if values.type != kind:
                    try:
                        if pa.types.is_date32(kind) and pa.types.is_integer(values.type):
                            values = values.cast(pa.int32()).cast(kind)
                        else:
                            values = values.cast(kind)
                    except pa.ArrowException as error:
                        raise Defect(
                            f"column {column.name} of {self.name} cannot be held as {kind}: {error}",
                            where=f"{self.name}.{column.name}",
                        ) from error
                arrays.append(values)
            else:
                arrays.append(pa.chunked_array([pa.nulls(len(table), kind)]))
        return pa.table(arrays, schema=self.arrow())


def schema_of(name: str, columns: Iterable[Column], *, zh: str = "", en: str = "", version: int = 1) -> Schema:
    """A schema from any iterable of columns."""
    return Schema(name, tuple(columns), zh=zh, en=en, version=version)
