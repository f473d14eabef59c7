"""What a declared table is: a schema, a kind, a family, and the columns every fact carries.

Invariant: the declarations are the only schema. Arrow and Ibis schemas, database models, the data dictionary, the
sample book and the checks come from them and are written nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from panhuo.ground.book.currencies import CURRENCIES as CURRENCIES
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.errors import Defect

OWN_ORGANISATION = "self"
"""The organisation a fact belongs to when nothing else is said."""

FAMILIES: dict[str, tuple[str, str]] = {
    "parties": ("主体", "parties"),
    "credit": ("授信", "credit"),
    "security": ("担保与财产", "security and assets"),
    "claims": ("债权", "claims"),
    "procedure": ("程序", "procedure"),
    "deal": ("交易", "deals"),
    "conduct": ("合规", "conduct"),
}

FACT_COLUMNS: tuple[Column, ...] = (
    Column("org_id", ColumnType.TEXT, "所属机构", "organisation the fact belongs to", key=True, required=True, level=1),
    Column("id", ColumnType.TEXT, "编号", "identity of the entity within the organisation", key=True, required=True),
    Column("effective_on", ColumnType.DATE, "发生日", "day the fact took effect", required=True),
    Column("known_on", ColumnType.DATE, "来源记账日", "the source's own booking date; stated, it never filters"),
    Column("source_doc", ColumnType.TEXT, "来源文件", "file or document the row was read from"),
    Column("source_row", ColumnType.INT, "来源行号", "row of that file as a spreadsheet numbers it"),
    Column("replaces", ColumnType.TEXT, "更正的事实", "fact this one replaces, as sequence-position"),
    Column("withdrawn", ColumnType.BOOL, "撤回", "the replaced fact is withdrawn and nothing stands in its place"),
)
"""Columns of every fact row, in order, before a table's own."""

SEALED_COLUMNS: tuple[Column, ...] = (
    Column("fact_sequence", ColumnType.INT, "批次号", "sequence number of the batch, given at sealing"),
    Column("fact_position", ColumnType.INT, "批次内位置", "position in the batch after sorting, given at sealing"),
)
"""Columns sealing adds; together they are the fact's identity."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Table:
    """One declared table.

    Args:
        name: snake_case plural, the name practitioners use.
        kind: ``state`` (the latest fact per entity counts) or ``event`` (all facts count).
        family: key of `FAMILIES`.
        schema: the table's own columns, without the fact columns.
        zh, en: what one row is.
    """

    name: str
    kind: Literal["state", "event"]
    family: str
    schema: Schema
    zh: str
    en: str

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise Defect(f"table {self.name} belongs to no known family", where=self.name)
        for name in (self.name, *self.schema.names):
            if not _NAME.match(name):
                raise Defect(f"{name} is not a snake_case name", where=self.name)

    @cached_property
    def fact_schema(self) -> Schema:
        """The columns a row has when it is read: fact columns, then the table's own."""
        return Schema(
            self.name, FACT_COLUMNS + self.schema.columns, zh=self.zh, en=self.en, version=self.schema.version
        )

    @cached_property
    def sealed_schema(self) -> Schema:
        """The columns a row has in a sealed batch: `fact_schema`, then sequence and position."""
        return Schema(
            self.name, self.fact_schema.columns + SEALED_COLUMNS, zh=self.zh, en=self.en, version=self.schema.version
        )

    @property
    def personal_columns(self) -> tuple[Column, ...]:
        """Columns that are encrypted at rest under the key of the party they are about."""
        return tuple(column for column in self.schema.columns if column.personal)

    @property
    def reference_columns(self) -> tuple[Column, ...]:
        """Columns that name an entity of another table."""
        return tuple(column for column in self.schema.columns if column.references)


def declare(
    name: str, kind: Literal["state", "event"], family: str, zh: str, en: str, *columns: Column, version: int = 1
) -> Table:
    """A table from its columns."""
    return Table(name, kind, family, Schema(name, columns, zh=zh, en=en, version=version), zh, en)


def text(
    name: str, zh: str, en: str, *, required: bool = False, personal: str | None = None, level: int | None = None
) -> Column:
    """A text column; `personal` names the column holding the party it is about (level 3 unless given)."""
    security = level if level is not None else (3 if personal else 2)
    return Column(name, ColumnType.TEXT, zh, en, required=required, personal=personal, level=security)


def link(name: str, table: str, zh: str, en: str, *, required: bool = False) -> Column:
    """A column that names an entity of `table`."""
    return Column(name, ColumnType.TEXT, zh, en, required=required, references=table)


def code(name: str, codes: CodeList | None, zh: str, en: str, *, required: bool = False, level: int = 2) -> Column:
    """A code column; without `codes` the list is open (regions, industries)."""
    return Column(name, ColumnType.CODE, zh, en, required=required, codes=codes, level=level)


def money(name: str, zh: str, en: str, *, required: bool = False, level: int = 3) -> Column:
    """An amount in minor units of the row's currency: fen for CNY."""
    return Column(name, ColumnType.FEN, zh, en, required=required, level=level)


def rate(name: str, zh: str, en: str, *, required: bool = False) -> Column:
    """A rate or share in parts per million: 50,000 is 5 %."""
    return Column(name, ColumnType.PPM, zh, en, required=required)


def day(name: str, zh: str, en: str, *, required: bool = False) -> Column:
    """A calendar day."""
    return Column(name, ColumnType.DATE, zh, en, required=required)


def count(name: str, zh: str, en: str, *, required: bool = False) -> Column:
    """A plain integer; `zh` and `en` name its unit where it has one."""
    return Column(name, ColumnType.INT, zh, en, required=required)


def days(name: str, zh: str, en: str, *, required: bool = False) -> Column:
    """A length of time in days."""
    return Column(name, ColumnType.DAYS, zh, en, required=required)


def flag(name: str, zh: str, en: str) -> Column:
    """Yes, no or unknown."""
    return Column(name, ColumnType.BOOL, zh, en)


def currency() -> Column:
    """The currency of the row's amounts (ISO 4217); unknown is read as CNY."""
    return Column("currency", ColumnType.CODE, "币种", "currency, ISO 4217", codes=CURRENCIES, level=1)
