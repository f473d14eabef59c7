"""Bilingual text and numbers for the page: one place decides how an amount, a share or a day reads.

Invariant: a number is shown with its unit and never rounded into another number's total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import escape

from panhuo.ground.record.arguments import HOME, fen_text, scaled_text, thousands
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.values.currency import minor_digits, minor_units


@dataclass(frozen=True)
class Text:
    """A phrase in both languages."""

    zh: str
    en: str

    def __add__(self, other: Text) -> Text:
        return Text(self.zh + other.zh, self.en + other.en)

    def __html__(self) -> str:
        if self.zh == self.en:
            return str(escape(self.zh))
        return f'<span lang="zh">{escape(self.zh)}</span><span lang="en">{escape(self.en)}</span>'


DASH = Text("—", "—")
NOTHING = Text("", "")


def money(fen: int | None, currency: str = HOME) -> Text:
    """An amount as a table shows it: 万元 throughout (zh), whole yuan (en), whole units of another currency.

    Below a hundred units it is written out; a dash when unknown. The exact amount stands where the number opens.
    """
    if fen is None:
        return DASH
    unit = minor_units(currency)
    if abs(fen) < 100 * unit:
        return Text(fen_text(fen, "zh", currency), fen_text(fen, "en", currency))
    whole = f"{currency} {_whole(fen, unit)}" if fen > 0 else f"−{currency} {_whole(-fen, unit)}"
    return Text(f"{scaled_text(fen, 1_000_000, 2)}万元" if currency == HOME else whole, whole)


def _whole(amount: int, unit: int) -> str:
    return f"{(2 * amount + unit) // (2 * unit):,}"


def short(fen: int, currency: str = HOME) -> Text:
    """An amount as a drawing's label holds it: 450万, 4.50 m; another currency's code in front."""
    unit = minor_units(currency)
    if abs(fen) < 10_000 * unit:
        return money(fen, currency)
    front = "" if currency == HOME else f"{currency} "
    zh = f"{(fen + 500_000) // 1_000_000:,}万"
    en = f"{front}{scaled_text(fen, 1_000_000 * unit, 2)} m"
    return Text(zh if currency == HOME else en, en)


def exact(fen: int | None, currency: str = HOME) -> Text:
    """An amount to its last minor unit: 4,888,888.92元, CNY 4,888,888.92, JPY 1,200."""
    if fen is None:
        return DASH
    digits = minor_digits(currency)
    whole, rest = divmod(abs(fen), 10**digits)
    text = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    sign = "−" if fen < 0 else ""
    english = f"{sign}{currency} {text}"
    return Text(f"{sign}{text}元" if currency == HOME else english, english)


def hundred_million(fen: int | None, currency: str = HOME) -> Text:
    """A large amount: 亿元, and millions."""
    if fen is None or currency != HOME or abs(fen) < 10_000_000_000:
        return money(fen, currency)
    return Text(f"{scaled_text(fen, 10_000_000_000, 2)}亿元", f"CNY {scaled_text(fen, 100_000_000, 1)} m")


def amount(column: Column, number: int | None, currency: str = HOME) -> Text:
    """A sum over a column as a table shows it, on the column's scale."""
    return money(number, currency) if column.type is ColumnType.FEN else count(number)


def exact_amount(column: Column, number: int | None, currency: str = HOME) -> Text:
    """The same to its last minor unit."""
    return exact(number, currency) if column.type is ColumnType.FEN else count(number)


def contribution(number: int | None, units: Mapping[int, set[ColumnType]], currency: str = HOME) -> Text:
    """A reason's contribution in brackets, with its sign, on the scale of the row's column that holds it; empty when
    there is none. `units` are the types of the row's columns by value: a contribution is always a column's value."""
    if number is None:
        return NOTHING
    kinds = units.get(number, set())
    sign = "+" if number > 0 else ""
    if kinds == {ColumnType.FEN}:
        said = exact(number, currency)
    elif kinds and kinds <= {ColumnType.PPM}:
        said = share(number)
    elif kinds and kinds <= {ColumnType.BILLIONTHS}:
        said = Text(*[f"{scaled_text(number, 10_000_000, 2)} %"] * 2)
    else:
        said = count(number)
    return Text(f"〔{sign}{said.zh}〕", f"[{sign}{said.en}] ")


def share(ppm: int | None, places: int = 2) -> Text:
    """A share in per cent."""
    text = "—" if ppm is None else f"{scaled_text(ppm, 10_000, places)} %"
    return Text(text, text)


def count(number: int | None) -> Text:
    """A whole number with separators."""
    text = "—" if number is None else thousands(number)
    return Text(text, text)


def label(column: Column) -> Text:
    """A column's meaning."""
    return Text(column.zh, column.en)
