"""What a file may unpack to: bytes in all, and cells of a sheet, told before anything of it is opened.

Invariant: what lies over a bound is an `InvalidInput` that says how to hand it in; below it nothing is refused here.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable

from panhuo.ground.record.errors import InvalidInput

MOST_UNPACKED = 1 << 30
"""Bytes a compressed file may unpack to in all."""
MOST_CELLS = 50_000_000
"""Cells of one sheet, counted from its first to its last row and column: a reader makes room for every one."""
MOST_ROWS = 1 << 20
"""Rows a sheet can have; by 26 columns that is fewer than `MOST_CELLS`."""
CELLS_A_BYTE = 64
"""Cells of a Parquet file for each of its bytes: past this and past four full sheets, it is one value over and over."""
_DECLARED = re.compile(rb"<(?:\w+:)?dimension\s[^<>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_WIDE = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{2,3})\d[^<>]*(?<!/)>")
_ROW = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"'][A-Z]{1,3}(\d{1,7})[\"'][^<>]*(?<!/)>")


def unpacks_to_too_much(name: str) -> InvalidInput:
    """The refusal of a file that unpacks to more than the bound."""
    return InvalidInput(
        f"the file unpacks to more than {MOST_UNPACKED >> 20} MiB", where=name, remedy="hand it in as several files",
        code="invalid-input/unpacked",
    )  # fmt: skip


def refuse_large_workbook(data: bytes, name: str) -> None:
    """Refuses a zipped workbook that would fill the memory, before a reader opens it.

    Raises:
        InvalidInput: when its parts unpack to more than the bound, or a sheet reaches over more cells than one holds.
    """
    if data[:2] != b"PK":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            held = parts.infolist()
            if sum(one.file_size for one in held) > MOST_UNPACKED:
                raise unpacks_to_too_much(name)
            for one in held:
                content = parts.read(one)
                if b"sheetData" in content and _cells(content) > MOST_CELLS:
                    raise InvalidInput(
                        f"a sheet of the workbook reaches over more than {MOST_CELLS:,} cells", where=name,
                        remedy="delete the blank rows and columns at its end, or hand it in as several files",
                        code="invalid-input/unpacked",
                    )  # fmt: skip
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        return  # cut off or encrypted: the reader says so


def refuse_large_parquet(rows: int, columns: int, size: int, name: str) -> None:
    """Refuses a Parquet file of few bytes that says it holds more cells than a machine does.

    Raises:
        InvalidInput: when it says so.
    """
    if rows * columns > max(4 * MOST_CELLS, CELLS_A_BYTE * size):
        raise InvalidInput(
            f"the file says it holds {rows:,} rows of {columns:,} columns in {size:,} bytes", where=name,
            remedy="hand it in as several files", code="invalid-input/unpacked",
        )  # fmt: skip


def _cells(sheet: bytes) -> int:
    declared = _DECLARED.search(sheet, 0, 1 << 16)
    said = 0
    if declared is not None:
        left, top, right, bottom = declared.groups()
        said = (_column(right) - _column(left) + 1) * (int(bottom) - int(top) + 1)
    # What it declares binds no reader: room is made up to its last row and its last column.
    columns = max(map(_column, {one[1] for one in _WIDE.finditer(sheet)}), default=0)
    if columns * MOST_ROWS <= MOST_CELLS:
        return said
    return max(said, columns * _last({one[1] for one in _ROW.finditer(sheet)}))


def _last(rows: Iterable[bytes]) -> int:
    return max(map(int, rows), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
