"""Cells to numbers: money to fen, rates to ppm, counts, out of what spreadsheets and exports write for them.

Invariant: a number is read exactly or refused with a reason; money is exact to the fen, rounded half up where a source
gives more decimals, and the unit it was stated in is never guessed from its size.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.reading import problems as why
from panhuo.ground.book.reading.chinese_numerals import chinese_amount
from panhuo.ground.book.reading.problems import Reason
from panhuo.ground.book.reading.values import (
    Parsed,
    as_text,
    known_true,
    one_by_one,
    says_nothing,
    tidy,
)

_INT64 = 2**63 - 1

FEN_PER: dict[str, int] = {"fen": 1, "yuan": 100, "thousand": 100_000, "wan": 1_000_000, "million": 100_000_000,
                           "yi": 10_000_000_000}  # fmt: skip
"""Unit of a money column -> fen in one of it."""

PPM_PER: dict[str, int] = {"fraction": 1_000_000, "percent": 10_000, "permille": 1_000, "basis_points": 100, "ppm": 1}
"""Unit of a rate column -> parts per million in one of it."""


_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?\Z|[0-9]{1,4}(?:,[0-9]{4})+(?:\.[0-9]*)?\Z")
_EUROPEAN = re.compile(r"[0-9]{1,3}(?:[. ][0-9]{3})*,[0-9]+\Z|[0-9]+,[0-9]+\Z")
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
_SUFFIXES: tuple[tuple[str, int], ...] = (
    ("亿元", 10_000_000_000), ("万元", 1_000_000), ("千元", 100_000), ("元整", 100), ("亿", 10_000_000_000),
    ("万", 1_000_000), ("元", 100), ("圆", 100), ("分", 1),
)  # fmt: skip
_NOT_FINITE = frozenset(
    {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"}
)


def plain_decimal(text: str, decimal_comma: bool = False) -> Decimal | Reason:
    """The exact number a cell states: brackets or trailing minus, thousands separators, currency signs."""
    value = text.strip().replace(" ", " ").replace("−", "-").replace("–", "-")
    if value.lower() in _NOT_FINITE:
        return why.NAN
    negative = False
    if value.startswith(("(", "（")) and value.endswith((")", "）")):
        negative, value = True, value[1:-1].strip()
    value = re.sub(r"^(?:CNY|RMB|USD|EUR|HKD|人民币)|[¥￥$€£]", "", value).strip()
    if value.startswith(("+", "-")):
        negative ^= value[0] == "-"
        value = value[1:].strip()
    elif value.endswith("-"):
        negative, value = True, value[:-1].strip()
    value = re.sub(r"^[¥￥$€£]", "", value)
    value = value.replace("'", "")
    if " " in value:
        value = value.replace(" ", "")
    if "," in value:
        if decimal_comma and _EUROPEAN.match(value):
            value = value.replace(".", "").replace(",", ".")
        elif _GROUPED.match(value):
            value = value.replace(",", "")
        elif re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}", value):
            value = value.replace(".", "").replace(",", ".")
        else:
            return why.GROUPING if re.fullmatch(r"[0-9,.]+", value) else why.NOT_A_NUMBER
    if not _NUMBER.match(value):
        return why.NOT_A_NUMBER
    try:
        number = Decimal(value)
    except InvalidOperation:
        return why.NOT_A_NUMBER
    return -number if negative else number


def _scaled(number: Decimal, scale: int) -> int | Reason:
    if number.adjusted() > 18:
        return why.TOO_LARGE
    value = int((number * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if number else 0
    return value if -_INT64 <= value <= _INT64 else why.TOO_LARGE


def read_money(column: pa.Array, unit: str = "yuan", decimal_comma: bool = False) -> Parsed:
    """Amounts in fen.

    Args:
        column: text, or the file's own numbers.
        unit: what a bare number is in, a key of `FEN_PER`; a suffix in the cell (万元, 元) wins.
        decimal_comma: whether "1.234,56" may be written.
    """
    scale = FEN_PER[unit]
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return _numbers(column, scale)
    text = tidy(as_text(column), compatible=True)
    count = len(text)
    values = np.zeros(count, dtype=np.int64)
    known = np.zeros(count, dtype=np.bool_)
    blank = says_nothing(text)
    exact = len(str(scale)) - 1  # decimals a bare number may have and still be whole in fen
    digits = 14 - exact
    decimals = rf"(\.[0-9]{{1,{exact}}})?" if exact else ""
    plain = known_true(pc.match_substring_regex(text, rf"^-?[0-9]{{1,{digits}}}{decimals}$")) & ~blank
    _floats_into(values, known, text, plain, scale)
    if not (plain | blank).all() and not decimal_comma:
        grouped = known_true(pc.match_substring_regex(text, rf"^-?[0-9]{{1,3}}(,[0-9]{{3}}){{1,3}}{decimals}$"))
        grouped &= ~blank & ~plain
        if grouped.any():
            _floats_into(values, known, pc.replace_substring(text, ",", ""), grouped, scale)
    rest = np.flatnonzero(~known & ~blank)
    refused = np.zeros(count, dtype=np.int64)
    reasons: list[Reason] = []
    rounded = 0
    if len(rest):

        def one(cell: str) -> int | Reason:
            written = chinese_amount(cell)
            if written is not None:
                return _scaled(written, 100)
            body, factor = cell, scale
            closing = body[-1:] if body[-1:] in ")）" else ""
            trunk = body[: len(body) - len(closing)]
            for suffix, fen in _SUFFIXES:
                if trunk.endswith(suffix):
                    body, factor = trunk[: -len(suffix)].strip() + closing, fen
                    break
            number = plain_decimal(body, decimal_comma)
            return number if isinstance(number, Reason) else _scaled(number, factor)

        found, codes, reasons = one_by_one(text, rest, one)
        refused[rest] = codes
        good = codes == 0
        values[rest[good]] = np.array([v for v, ok in zip(found, good, strict=True) if ok], dtype=np.int64)
        known[rest[good]] = True
        # A bare number out of the ordinary only by its many decimals was rounded.
        over = rf"^[-+]?[0-9,]+\.[0-9]{{{exact},}}[1-9]$" if exact else r"^[-+]?[0-9,]+\.[0-9]*[1-9]$"
        rounded = int((known_true(pc.match_substring_regex(text, over)) & known & ~plain).sum())
    return Parsed(pa.array(values, pa.int64(), mask=~known), refused, reasons, rounded)


def _floats_into(values: np.ndarray, known: np.ndarray, text: pa.Array, where: np.ndarray, scale: int) -> None:
    # Few enough digits that value x scale is a whole number below 2^53: rounding the product is exact.
    if where.all():
        values[:] = np.rint(text.cast(pa.float64()).to_numpy(zero_copy_only=False) * scale).astype(np.int64)
    elif where.any():
        picked = text.filter(pa.array(where)).cast(pa.float64()).to_numpy(zero_copy_only=False)
        values[where] = np.rint(picked * scale).astype(np.int64)
    known |= where


def _numbers(column: pa.Array, scale: int) -> Parsed:
    known = column.is_valid().to_numpy(zero_copy_only=False)
    refused = np.zeros(len(column), dtype=np.int64)
    reasons = [why.NAN, why.TOO_LARGE]
    if pa.types.is_integer(column.type):
        whole = column.fill_null(0).cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
        large = np.abs(whole.astype(np.float64)) * scale >= 9.2e18
        refused[large & known] = 2
        values = np.where(large, 0, whole) * scale
        return Parsed(pa.array(values, pa.int64(), mask=~known | large), refused, reasons)
    numbers = column.fill_null(0).cast(pa.float64()).to_numpy(zero_copy_only=False)
    strange = ~np.isfinite(numbers)
    large = ~strange & (np.abs(numbers) * scale >= 9e15)
    refused[strange & known] = 1
    refused[large & known] = 2
    safe = np.where(strange | large, 0.0, numbers) * scale
    near = np.rint(safe)
    off = np.abs(safe - near) > 1e-6 * np.maximum(1.0, np.abs(safe) * 1e-9)
    # Half up, away from zero: the product may lie a hair below the half.
    half = np.sign(safe) * np.floor(np.abs(safe) + 0.5 + 1e-9)
    values = np.where(off, half, near).astype(np.int64)
    gone = ~known | strange | large
    return Parsed(pa.array(values, pa.int64(), mask=gone), refused, reasons, int((off & ~gone).sum()))


def read_whole(column: pa.Array, smallest: int = -_INT64, largest: int = _INT64) -> Parsed:
    """Whole numbers: counts, ordinals, days; "12.0", "1,234", "30天" and "5户" are read, "1.5" is refused."""
    if pa.types.is_integer(column.type) and smallest == -_INT64:
        return Parsed(column.cast(pa.int64()), np.zeros(len(column), dtype=np.int64), [])
    text = tidy(as_text(column), compatible=True)
    count = len(text)
    blank = says_nothing(text)
    plain = known_true(pc.match_substring_regex(text, r"^-?[0-9]{1,9}$")) & ~blank
    values = np.zeros(count, dtype=np.int64)
    if plain.any():
        values[plain] = text.filter(pa.array(plain)).cast(pa.int64()).to_numpy(zero_copy_only=False)
    known = plain.copy()
    refused = np.zeros(count, dtype=np.int64)
    reasons: list[Reason] = []
    rest = np.flatnonzero(~plain & ~blank)
    if len(rest):

        def one(cell: str) -> int | Reason:
            number = plain_decimal(re.sub(r"(?<=[0-9])\s*(?:天|日|个月|月|户|人|次|家|年|期|bp|BP)$", "", cell))
            if isinstance(number, Reason):
                return number
            if number.adjusted() > 18:
                return why.TOO_LARGE
            if number != number.to_integral_value():
                return why.FRACTION
            return int(number) if smallest <= int(number) <= largest else why.TOO_LARGE

        found, codes, reasons = one_by_one(text, rest, one)
        refused[rest] = codes
        good = codes == 0
        values[rest[good]] = np.array([v for v, ok in zip(found, good, strict=True) if ok], dtype=np.int64)
        known[rest[good]] = True
    return Parsed(pa.array(values, pa.int64(), mask=~known), refused, reasons)


def read_rates(column: pa.Array, unit: str | None = None, decimal_comma: bool = False) -> Parsed:
    """Rates and shares in parts per million.

    A sign in the cell (%, ‰, bp) says what it is; else `unit`; else the column as a whole: fractions when nothing is
    above 1, percent otherwise (then a value that looks like a fraction is refused, because it is not certain).
    """
    text = tidy(as_text(column), compatible=True)
    blank = says_nothing(text)
    rest = np.flatnonzero(~blank)
    signs = (("%", 10_000), ("‰", 1_000), ("bp", 100), ("BP", 100), ("个基点", 100), ("基点", 100))
    bare: list[Decimal] = []
    for cell in text.take(pa.array(rest)).unique().to_pylist():
        if not cell.endswith(tuple(s for s, _ in signs)):
            number = plain_decimal(cell, decimal_comma)
            if isinstance(number, Decimal):
                bare.append(abs(number))
    assumed = None
    scale = PPM_PER.get(unit or "", 0)
    guessed = not scale
    if guessed:
        percent = bool(bare) and max(bare) > 1
        scale = 10_000 if percent else 1_000_000
        assumed = why.ASSUMED_PERCENT if percent else None
        guessed = percent

    def one(cell: str) -> int | Reason:
        for sign, factor in signs:
            if cell.endswith(sign):
                number = plain_decimal(cell[: -len(sign)], decimal_comma)
                return number if isinstance(number, Reason) else _scaled(number, factor)
        number = plain_decimal(cell, decimal_comma)
        if isinstance(number, Reason):
            return number
        if guessed and 0 < abs(number) < Decimal("0.3"):
            return why.UNIT_UNCERTAIN
        return _scaled(number, scale)

    values = np.zeros(len(text), dtype=np.int64)
    known = np.zeros(len(text), dtype=np.bool_)
    refused = np.zeros(len(text), dtype=np.int64)
    found, codes, reasons = one_by_one(text, rest, one)
    good = codes == 0
    refused[rest] = codes
    values[rest[good]] = np.array([v for v, ok in zip(found, good, strict=True) if ok], dtype=np.int64)
    known[rest[good]] = True
    return Parsed(pa.array(values, pa.int64(), mask=~known), refused, reasons, 0, assumed)
