"""Arguments of reasons: a typed list in one text, and how they read in either language.

Invariant: the text is canonical (equal arguments, equal text) and holds no float and no personal value. Form: items
``type:value`` joined by commas; ``?`` for an unknown value; commas, colons and percent signs inside codes are
percent-encoded. An amount of another currency than the yuan names it: ``fen:1200000@USD`` (minor units of that
currency); ``fen:1200000`` is of CNY, and CNY is never written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.ground.values.currency import minor_digits

EPOCH = date(1970, 1, 1)
HOME = "CNY"
"""The currency amounts are in where none is named."""


def argument_type(column: Column) -> str:
    """The type written before a value of `column`: its column type, for closed codes with the list's name."""
    if column.type is ColumnType.CODE and column.codes is not None:
        return f"code.{column.codes.name}"
    return column.type.value


def argument_texts(column: Column, values: pa.Array, currencies: pa.Array | None = None) -> pa.Array:
    """``type:value`` of every value of `values` (an Arrow array of the column's type).

    Args:
        currencies: the currency of each row, for amounts. Where none is stated, amounts are of CNY.
    """
    if pa.types.is_boolean(values.type):
        text = pc.if_else(values, "1", "0")
    elif pa.types.is_date32(values.type):
        text = values.cast(pa.int32()).cast(pa.string())
    elif column.type.is_text:
        text = values
        for plain, coded in (("%", "%25"), (",", "%2C"), (":", "%3A")):
            text = pc.replace_substring(text, pattern=plain, replacement=coded)
    else:
        text = values.cast(pa.string())
    if column.type is ColumnType.FEN and currencies is not None:
        named = pc.fill_null(currencies.cast(pa.string()), HOME)
        elsewhere = pc.binary_join_element_wise(text, named, "@")
        text = pc.if_else(pc.equal(named, HOME), text, elsewhere)
    text = pc.fill_null(text, "?")
    return pc.binary_join_element_wise(pa.scalar(argument_type(column)), text, ":")


def join_arguments(parts: list[pa.Array], rows: int) -> pa.Array:
    """The arguments text of `rows` reasons from their parts."""
    if not parts:
        return pa.array([""] * rows, pa.string())
    return pc.binary_join_element_wise(*parts, ",")


def thousands(number: int) -> str:
    """12,345,678."""
    return f"{number:,}"


def fen_text(fen: int, language: str, currency: str = HOME) -> str:
    """An amount for people: yuan, from 10,000 yuan on in 万 (zh) or with separators (en).

    Amounts of other currencies read the same in both languages, the ISO 4217 code in front (USD 12,000.50), with that
    currency's own decimals.
    """
    sign = "-" if fen < 0 else ""
    fen = abs(fen)
    if currency != HOME:
        digits = minor_digits(currency)
        whole, rest = divmod(fen, 10**digits)
        decimals = f".{rest:0{digits}d}" if rest else ""
        return f"{sign}{currency} {whole:,}{decimals}"
    if language == "zh" and fen >= 1_000_000:
        hundredths = (fen + 5_000) // 10_000  # of 万元
        return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}万元"
    cents = f".{fen % 100:02d}" if fen % 100 else ""
    return f"{sign}{fen // 100:,}{cents}元" if language == "zh" else f"{sign}CNY {fen // 100:,}{cents}"


def scaled_text(value: int, per_unit: int, places: int) -> str:
    """`value / per_unit` with `places` decimals, by integers, half up."""
    sign = "-" if value < 0 else ""
    scaled = (abs(value) * 10**places * 2 + per_unit) // (2 * per_unit)
    return f"{sign}{scaled // 10**places:,}.{scaled % 10**places:0{places}d}"


def value_text(kind: str, value: str, lists: Mapping[str, CodeList], language: str) -> str:
    """One typed value as people read it: ``fen:120000`` becomes 1,200元 / CNY 1,200, ``fen:120000@USD`` USD 1,200."""
    if value == "?":
        return "未知" if language == "zh" else "unknown"
    base, _, name = kind.partition(".")
    if base in ("text", "code"):
        plain = unquote(value)
        if name in lists and plain in lists[name]:
            code = lists[name][plain]
            return code.zh if language == "zh" else code.en
        return plain
    value, _, currency = value.partition("@")
    number = int(value)
    match base:
        case "bool":
            return ("是" if number else "否") if language == "zh" else ("yes" if number else "no")
        case "fen":
            return fen_text(number, language, currency or HOME)
        case "ppm":
            return scaled_text(number, 10_000, 2) + " %"
        case "billionths":
            return scaled_text(number, 10_000_000, 2) + " %"
        case "date":
            return (EPOCH + timedelta(days=number)).isoformat()
        case "days":
            return (
                f"{thousands(number)} 天"
                if language == "zh"
                else f"{thousands(number)} day{'' if number == 1 else 's'}"
            )
        case _:
            return thousands(number)


@dataclass(frozen=True)
class Argument:
    """One typed argument of a reason."""

    kind: str
    value: str


def split_arguments(text: str) -> list[Argument]:
    """The typed list behind an arguments text."""
    if not text:
        return []
    return [Argument(*item.split(":", 1)) for item in text.split(",")]
