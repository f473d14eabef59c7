"""A table as learning sees it: columns of any file as numbers, dates and texts, unknown values kept unknown.

Invariant: what a cell becomes depends on that cell and the model's features alone, never on other rows, the order of
rows or the target; an empty text, NaN and infinity are unknown.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.learning.model import Feature

_ISO = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_AMERICAN = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_NAMED = re.compile(r"^(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})$")
_MONTHS = {m: i + 1 for i, m in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"))}
_EPOCH = date(1970, 1, 1).toordinal()


def day_of(text: str) -> int | None:
    """The day a text states, as days since 1970-01-01; None when it states none.

    Read: 2024-03-05, 2024/3/5, 2024年3月5日 (a time after it is dropped), 20240305, 3/5/2024 (month first, as in US
    files), 5-Mar-24 (two-digit years 70-99 are 1970-1999, 00-69 are 2000-2069).
    """
    text = text.strip()
    if found := _ISO.match(text) or _COMPACT.match(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _AMERICAN.match(text):
        month, day, year = (int(part) for part in found.groups())
    elif found := _NAMED.match(text):
        day, month = int(found[1]), _MONTHS.get(found[2].lower(), 0)
        year = int(found[3])
        if len(found[3]) == 2:
            year += 1900 if year >= 70 else 2000
    else:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def column(table: pa.Table, name: str) -> pa.Array:
    """One column as one array, dictionaries unpacked.

    Raises:
        NotFound: when the table has no such column; it names the columns there are.
    """
    if name not in table.column_names:
        near = ", ".join(table.column_names[:12])
        raise NotFound(f"no column {name!r}", where=name, remedy=f"the columns are {near} ...")
    found = table.column(name).combine_chunks()
    if isinstance(found, pa.ChunkedArray):
        found = pa.concat_arrays(found.chunks) if found.num_chunks else pa.array([], found.type)
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    return found


def is_text(kind: pa.DataType) -> bool:
    """Whether Arrow holds the values as text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_day(kind: pa.DataType) -> bool:
    """Whether Arrow holds the values as days or instants."""
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def is_plain(kind: pa.DataType) -> bool:
    """Whether values are numbers, booleans, texts or days: what a model can read."""
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(is_number or pa.types.is_boolean(kind) or pa.types.is_null(kind) or is_text(kind) or is_day(kind))


def texts(array: pa.Array) -> list[str | None]:
    """Every value as text, white space at the ends and empty texts gone; 1.0 and 1 both read ``1``."""
    if pa.types.is_boolean(array.type):
        return [None if v is None else ("true" if v else "false") for v in array.to_pylist()]
    if pa.types.is_floating(array.type):
        return [
            None
            if v is None or v != v
            else (str(int(v)) if v == int(v) and abs(v) < 2**53 else repr(v))
            if abs(v) != float("inf")
            else None
            for v in array.to_pylist()
        ]
    if is_day(array.type):
        array = array.cast(pa.date32())
    return [None if v is None or not str(v).strip() else str(v).strip() for v in array.to_pylist()]


def distinct_texts(array: pa.Array) -> tuple[list[str | None], npt.NDArray[np.int64]]:
    """The distinct texts (first met first) and every row's position among them."""
    if not is_plain(array.type):
        array = pa.array([None if value is None else repr(value) for value in array.to_pylist()], pa.string())
    packed = array.dictionary_encode(null_encoding="encode")
    values = texts(packed.dictionary)
    own: dict[str | None, int] = {}
    moved = np.array([own.setdefault(value, len(own)) for value in values] or [0], np.int64)
    return list(own), moved[np.asarray(packed.indices.to_numpy(zero_copy_only=False), np.int64)]


def days(array: pa.Array) -> npt.NDArray[np.float64]:
    """Days since 1970-01-01 as floats, NaN where unknown or no date is stated."""
    if is_day(array.type):
        counted = array.cast(pa.date32()).cast(pa.int32())
        return np.asarray(counted.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    values, place = distinct_texts(array)
    stated = [None if value is None else day_of(value) for value in values]
    return np.array([np.nan if day is None else float(day) for day in stated], np.float64)[place]


def numbers(array: pa.Array) -> npt.NDArray[np.float64]:
    """Floats, NaN where unknown, infinite, or (for texts) not a number; thousands separators are read over."""
    if is_day(array.type):
        return days(array)
    if is_text(array.type):
        values, place = distinct_texts(array)
        read = np.array([number_of(value) for value in values] or [np.nan], np.float64)
        result = read[place]
    elif pa.types.is_null(array.type):
        result = np.full(len(array), np.nan)
    elif pa.types.is_boolean(array.type):
        result = np.asarray(array.cast(pa.int8()).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    else:
        result = np.asarray(pc.cast(array, pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    return np.where(np.isinf(result), np.nan, result)


def number_of(text: str | None) -> float:
    """The number a text states (thousands separators read over); NaN when it states none."""
    if text is None:
        return np.nan
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return np.nan


def feature_values(table: pa.Table, feature: Feature) -> npt.NDArray[np.float64]:
    """One feature of every row as the kernels read it; a text is its position among the levels, NaN is unknown.

    Raises:
        NotFound: when the table lacks the column or the one it counts days from.
    """
    source = column(table, feature.name)
    if feature.kind == "number":
        return numbers(source)
    if feature.kind == "date":
        counted = days(source)
        return counted - days(column(table, feature.since)) if feature.since else counted
    values, place = distinct_texts(source)
    position = {level: float(i) for i, level in enumerate(feature.levels)}
    rest = float(len(feature.levels)) if feature.other else np.nan
    coded = [np.nan if value is None else position.get(value, rest) for value in values]
    return np.array(coded or [np.nan], np.float64)[place]


def feature_rows(table: pa.Table, features: tuple[Feature, ...]) -> npt.NDArray[np.float64]:
    """All features of all rows, [n, features], C-ordered.

    Raises:
        NotFound: naming every column the table lacks.
    """
    wanted = [name for f in features for name in (f.name, f.since) if name]
    absent = sorted({name for name in wanted if name not in table.column_names})
    if absent:
        raise NotFound(
            f"the data lack {len(absent)} column(s) the model reads: {', '.join(absent)}",
            where=", ".join(absent),
            remedy="give a table with the columns the model was trained on",
        )
    rows = np.empty((table.num_rows, len(features)), np.float64)
    for i, feature in enumerate(features):
        rows[:, i] = feature_values(table, feature)
    return rows


def fingerprint(table: pa.Table) -> str:
    """SHA-256 of the table's content, whatever file or chunks it came in: a column after another, its name, then each
    value as length-prefixed UTF-8 text (unknown: a zero byte). Names what a model was trained on or scored."""
    seal = hashlib.sha256()
    for name in table.column_names:
        seal.update(b"\x01" + len(name.encode()).to_bytes(4, "big") + name.encode())
        values, place = distinct_texts(column(table, name))
        spelled = [b"\x00" if v is None else b"\x02" + len(v.encode()).to_bytes(4, "big") + v.encode() for v in values]
        seal.update(b"".join(spelled[p] for p in place.tolist()))
    return seal.hexdigest()


def show(value: Any) -> str:
    """A cell as people read it in a reason: whole numbers without a point, others to six significant digits."""
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
    return str(value)


def require_rows(table: pa.Table) -> None:
    """Refuses a table without rows.

    Raises:
        InvalidInput: when it has none.
    """
    if table.num_rows == 0:
        raise InvalidInput("the table has no rows", remedy="give a table with a header and rows")
