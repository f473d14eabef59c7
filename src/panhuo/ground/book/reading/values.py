"""Cells to values: arrays of text (or of a file's own types) become typed arrays, with a reason for each cell refused.

Here: what every kind of cell has in common, days, flags, codes and words; `numbers` reads money, rates and counts.

Invariant: a cell is blank (unknown), read exactly, or refused with a reason. Whole columns are read at once; only cells
out of the ordinary are looked at singly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.reading import problems as why
from panhuo.ground.book.reading.problems import Reason
from panhuo.ground.record.columns import CodeList

_BLANK = pa.array(
    ["", "-", "--", "---", "—", "——", "/", "\\N", "NULL", "Null", "null", "N/A", "n/a", "NA", "#N/A", "None", "none",
     "空", "(空)", "无"]
)  # fmt: skip
_BLANK_TEXT = pa.array(["", "\\N", "NULL", "null", "#N/A", "N/A"])


@dataclass
class Parsed:
    """Values of a column and what was refused.

    Attributes:
        values: typed, null where unknown or refused.
        refused: index into `reasons` plus one for each cell, 0 where the cell was read.
        reasons: the reasons in use.
        rounded: cells rounded to the fen.
        assumed: a reason to note for the whole column, if something was assumed.
    """

    values: pa.Array
    refused: np.ndarray
    reasons: list[Reason]
    rounded: int = 0
    assumed: Reason | None = None


def as_text(column: pa.Array) -> pa.Array:
    """Any column as text: exact decimals, ISO dates."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_large_string(kind) or pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "true", "false")
    if pa.types.is_timestamp(kind):
        return pc.strftime(column, format="%Y-%m-%d")
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.string())
    from panhuo.ground.book.reading.grid import cell_text

    return pa.array([None if v is None else cell_text(v) for v in column.to_pylist()], pa.string())


def tidy(column: pa.Array, compatible: bool) -> pa.Array:
    """Trimmed text; `compatible` turns full-width forms into plain ones (NFKC), else only NFC is applied."""
    text = column
    if not all_true(pc.string_is_ascii(text)):
        text = pc.utf8_normalize(text, "NFKC" if compatible else "NFC")
        text = pc.replace_substring_regex(text, "[​‎‏⁠﻿]", "")
    # A leading apostrophe is how spreadsheets mark a number kept as text.
    return pc.replace_substring_regex(pc.utf8_trim_whitespace(text), r"^['’]([0-9A-Za-z+\-])", r"\1")


def all_true(flags: pa.Array) -> bool:
    """Whether every known flag is true; of no flags at all it is."""
    return bool(pc.all(flags, min_count=0).as_py())


def known_true(array: pa.Array) -> np.ndarray:
    """Flags as booleans, unknown as false."""
    return array.fill_null(False).to_numpy(zero_copy_only=False)


def says_nothing(text: pa.Array, blanks: pa.Array = _BLANK) -> np.ndarray:
    """Which cells say nothing: null, or one of the ways in which sources write "none"."""
    return known_true(pc.is_in(text, blanks)) | text.is_null().to_numpy(zero_copy_only=False)


def one_by_one(
    text: pa.Array, where: np.ndarray, read: Callable[[str], int | str | bool | Reason]
) -> tuple[list[object], np.ndarray, list[Reason]]:
    """Reads the cells at `where`, each distinct text once: (values, refusal codes, reasons), aligned with `where`."""
    coded = text.take(pa.array(where)).dictionary_encode()
    reasons: list[Reason] = []
    values: list[object] = []
    codes: list[int] = []
    for item in coded.dictionary.to_pylist():
        found = read(item)
        if isinstance(found, Reason):
            if found not in reasons:
                reasons.append(found)
            codes.append(reasons.index(found) + 1)
            values.append(None)
        else:
            codes.append(0)
            values.append(found)
    places = coded.indices.to_numpy(zero_copy_only=False)
    return [values[i] for i in places], np.array(codes, dtype=np.int64)[places], reasons


# ------------------------------------------------------------------------------------------------- dates

_YMD = r"^(?P<y>[0-9]{4})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?(?:[T ].*)?$"
_COMPACT = r"^(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})$"
_SERIAL = r"^[0-9]{5}(?:\.[0-9]+)?$"
_EXCEL_DAY_ZERO = -25569  # 1899-12-30 in days since 1970-01-01
_NULL_DATES = pa.array(["0000-00-00", "00000000", "0000/00/00", "1900-01-00", "1900/1/0", "0"])


def _days(y: np.ndarray, m: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(days since 1970-01-01, whether the day exists) of civil dates."""
    fair = (y >= 1900) & (m >= 1) & (m <= 12) & (d >= 1) & (d <= 31)
    month = (np.where(fair, y, 1970) - 1970) * 12 + np.where(fair, m, 1) - 1
    first = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - first
    fair &= d <= length
    return first + d - 1, fair


def read_dates(column: pa.Array) -> Parsed:
    """Calendar days: 2024-03-05, 2024/3/5, 2024.3.5, 20240305, 2024年3月5日, Excel serials; times are dropped."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days = column
        if not pa.types.is_date32(column.type):
            days = column.cast(pa.timestamp("s"), safe=False).cast(pa.date32())
        return Parsed(days, np.zeros(len(column), dtype=np.int64), [])
    text = tidy(as_text(column), compatible=True)
    count = len(text)
    days = np.zeros(count, dtype=np.int64)
    known = np.zeros(count, dtype=np.bool_)
    refused = np.zeros(count, dtype=np.int64)
    reasons = [why.NO_SUCH_DAY, why.AMBIGUOUS_DATE, why.NOT_A_DATE]
    blank = says_nothing(text) | known_true(pc.is_in(text, _NULL_DATES))
    for pattern in (_YMD, _COMPACT):
        if (known | blank | (refused > 0)).all():
            break
        parts = pc.extract_regex(text, pattern)
        hit = parts.is_valid().to_numpy(zero_copy_only=False) & ~known & ~blank & (refused == 0)
        if not hit.any():
            continue
        picked = parts.filter(pa.array(hit))
        y, m, d = (pc.struct_field(picked, k).cast(pa.int64()).to_numpy(zero_copy_only=False) for k in "ymd")
        found, fair = _days(y, m, d)
        where = np.flatnonzero(hit)
        days[where[fair]] = found[fair]
        known[where[fair]] = True
        refused[where[~fair]] = 1
    left = ~known & ~blank & (refused == 0)
    if left.any():
        serial = known_true(pc.match_substring_regex(text, _SERIAL)) & left
        if serial.any():
            numbers = text.filter(pa.array(serial)).cast(pa.float64()).to_numpy(zero_copy_only=False)
            days[serial] = np.floor(numbers).astype(np.int64) + _EXCEL_DAY_ZERO
            known |= serial
            left &= ~serial
        unclear = known_true(pc.match_substring_regex(text, r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{1,4}$")) & left
        refused[unclear] = 2
        refused[left & ~unclear] = 3
    return Parsed(pa.array(days.astype(np.int32), pa.int32(), mask=~known).cast(pa.date32()), refused, reasons)


# ------------------------------------------------------------------------------------------------- words

_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "✓", "真", "已", "1.0"})
_NO = frozenset({"否", "无", "没有", "n", "no", "false", "f", "0", "×", "x", "假", "未", "0.0", "不是"})
_CODE_WORDS: dict[str, dict[str, str]] = {
    "guarantee_kinds": {"连带": "joint", "连带责任": "joint", "连带保证": "joint", "一般": "general"},
    "repayment_styles": {
        "到期还本": "bullet_monthly_interest", "按月结息到期还本": "bullet_monthly_interest",
        "按季结息到期还本": "bullet_quarterly_interest", "到期一次还本付息": "bullet_at_maturity",
        "一次还本付息": "bullet_at_maturity", "等额还款": "equal_instalment",
    },
    "components": {"利息": "interest", "正常利息": "interest", "诉讼费": "court_cost_advanced"},
    "invoice_directions": {"进项发票": "purchase", "销项发票": "sale", "购进": "purchase", "销售": "sale"},
    "invoice_statuses": {"正常": "valid", "已作废": "void"},
    "security_kinds": {"最高额抵押权": "maximum_mortgage", "抵押权": "mortgage", "质押权": "pledge"},
    "party_kinds": {"个人": "person", "公司": "company", "个体户": "sole_trader", "合作社": "cooperative"},
    "asset_kinds": {
        "住房": "home", "房产": "home", "商业": "shop", "工业厂房": "plant", "土地": "land", "机器": "equipment",
    },
    "flow_directions": {"收入": "in", "支出": "out", "贷": "in", "借": "out"},
    "round_kinds": {"第一次拍卖": "first", "第二次拍卖": "second"},
}  # fmt: skip


def read_flags(column: pa.Array) -> Parsed:
    """Yes or no, in the words and signs people use."""
    if pa.types.is_boolean(column.type):
        return Parsed(column, np.zeros(len(column), dtype=np.int64), [])
    text = tidy(as_text(column), compatible=True)
    rest = np.flatnonzero(~says_nothing(text, _BLANK_TEXT))

    def one(cell: str) -> bool | Reason:
        word = cell.lower()
        return True if word in _YES else False if word in _NO else why.NOT_A_BOOLEAN

    found, codes, reasons = one_by_one(text, rest, one)
    values: list[object] = [None] * len(text)
    refused = np.zeros(len(text), dtype=np.int64)
    refused[rest] = codes
    for place, value in zip(rest, found, strict=True):
        values[place] = value
    return Parsed(pa.array(values, pa.bool_()), refused, reasons)


def code_finder(codes: CodeList) -> Callable[[str], str | Reason]:
    """Reads one cell as a code of the list: the code, its Chinese or English name, or a usual word for it."""
    known: dict[str, str] = {}
    for code in codes:
        for word in (code.code, code.zh, code.en):
            known.setdefault(re.sub(r"[\s_\-]", "", word).lower(), code.code)
    for word, code_text in _CODE_WORDS.get(codes.name, {}).items():
        known.setdefault(word, code_text)

    def one(cell: str) -> str | Reason:
        word = re.sub(r"[\s_\-]", "", cell).lower()
        if word in known:
            return known[word]
        for ending in ("类贷款", "贷款", "发票", "状态", "类"):
            if word.endswith(ending) and word.removesuffix(ending) in known:
                return known[word.removesuffix(ending)]
        return why.NOT_A_CODE

    return one


def read_codes(column: pa.Array, codes: CodeList | None) -> Parsed:
    """Codes of a closed list; without one, any text without white space around it."""
    if codes is None:
        return read_text(column)
    text = tidy(as_text(column), compatible=True)
    coded = text.dictionary_encode()
    names = coded.dictionary
    blank = says_nothing(names)
    find = code_finder(codes)
    found: list[str | None] = []
    marks: list[int] = []
    for word, empty in zip(names.to_pylist(), blank, strict=True):
        value = None if empty and word not in codes else find(word)
        found.append(value if isinstance(value, str) else None)
        marks.append(1 if isinstance(value, Reason) else 0)
    places = coded.indices
    values = pa.array(found, pa.string()).take(places)
    filled = places.fill_null(0).to_numpy(zero_copy_only=False)
    refused = np.array([*marks, 0], dtype=np.int64)[filled] if len(filled) else np.zeros(0, dtype=np.int64)
    refused[places.is_null().to_numpy(zero_copy_only=False)] = 0
    return Parsed(values, refused, [why.NOT_A_CODE])


_WIDE = {c: c - 0xFEE0 for c in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_DAMAGED = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]{2,3}$"


def read_text(column: pa.Array) -> Parsed:
    """Text in NFC, trimmed, full-width digits and letters made plain; blank is unknown.

    An identifier that a spreadsheet turned into a number (3.30102E+17) is refused: its last digits are lost.
    """
    text = tidy(as_text(column), compatible=False)
    if not all_true(pc.string_is_ascii(text)):
        wide = known_true(pc.match_substring_regex(text, "[０-９Ａ-Ｚａ-ｚ]"))
        if wide.any():
            plain = [t.translate(_WIDE) for t in text.filter(pa.array(wide)).to_pylist()]
            text = pc.replace_with_mask(text, pa.array(wide), pa.array(plain, pa.string()))
    damaged = known_true(pc.match_substring_regex(text, _DAMAGED))
    nan = known_true(
        pc.is_in(text, pa.array(["NaN", "nan", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?", "#NULL!"]))
    )
    gone = says_nothing(text, _BLANK_TEXT) | damaged | nan
    values = pc.if_else(pa.array(gone), None, text) if gone.any() else text
    return Parsed(values, damaged.astype(np.int64) + 2 * nan, [why.DAMAGED_IDENTIFIER, why.NAN])
