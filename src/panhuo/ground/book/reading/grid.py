"""The cells of a file: named columns, row numbers, and the rows that could not be cut into cells.

Invariant: nothing is interpreted; all columns have one length, and `lines` says where each row stood in the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.book.reading.problems import Problem

HeaderScore = Callable[[Sequence[str]], int]
"""How many cells of a row look like headers that are wanted."""

HEADER_SEARCH = 30
"""Rows among which the header is looked for."""


@dataclass
class Grid:
    """Cells of a file.

    Attributes:
        file: name for people.
        names: headers as written.
        columns: one array a header, text or the file's own type, all of one length.
        lines: row number of each row as a spreadsheet shows it.
        problems: rows that could not be cut into cells.
        above: text found above the header, e.g. a title or "单位：万元".
        decimal_comma: whether a comma may be the decimal sign (files separated by semicolons).
    """

    file: str
    names: list[str]
    columns: list[pa.Array]
    lines: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    above: str = ""
    decimal_comma: bool = False

    def __len__(self) -> int:
        return len(self.lines)


def header_at(rows: Sequence[Sequence[str]], score: HeaderScore | None) -> int:
    """Index of the header among the first rows."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    if not filled or max(filled) == 0:
        return 0
    if score is not None:
        scores = [score(row) for row in rows]
        if max(scores) > 0:
            return scores.index(max(scores))
    widest = max(filled)
    return next(i for i, count in enumerate(filled) if count * 2 >= widest)


def cell_text(value: Any) -> str:
    """A cell of a workbook or JSON as text: whole numbers without a point, days as ISO dates."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN"
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return format(value, ".15g") if abs(value) < 1e15 else f"{value:.14E}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def text_array(cells: list[str]) -> pa.Array:
    """Cells as an Arrow text array; lone surrogates become the replacement sign."""
    try:
        return pa.array(cells, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([c.encode("utf-8", "replace").decode("utf-8") for c in cells], pa.string())


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
