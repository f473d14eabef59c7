"""Workbooks, Parquet and JSON cut into cells.

Invariant: numbers keep the digits the file gives; what cannot be opened is an `InvalidInput`, whatever the reader does.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.book.reading import problems as why
from panhuo.ground.book.reading.bounds import refuse_large_parquet, refuse_large_workbook
from panhuo.ground.book.reading.grid import (
    HEADER_SEARCH,
    Grid,
    HeaderScore,
    cell_text,
    header_at,
    one_array,
    text_array,
)
from panhuo.ground.book.reading.problems import Problem
from panhuo.ground.record.errors import InvalidInput, NotFound


def workbook_grid(data: bytes, name: str, sheet: str | None, score: HeaderScore | None) -> Grid:
    """The grid of the sheet asked for, or of the one whose header fits best (.xlsx, .xls)."""
    refuse_large_workbook(data, name)
    try:
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        chosen = [sheet] if sheet is not None else list(book.sheet_names)
        if sheet is not None and sheet not in book.sheet_names:
            raise NotFound(
                f"there is no sheet {sheet}", where=name, remedy="the sheets are " + ", ".join(book.sheet_names)
            )
        sheets = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in chosen]
        _restore_errors(data, chosen, sheets)
    except (NotFound, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader is native code: a panic is no Exception
        raise InvalidInput(
            f"the workbook cannot be opened: {error}",
            where=name,
            remedy="it may be cut off or encrypted: fetch it again",
        ) from error
    best: tuple[int, list[list[Any]]] | None = None
    for rows in sheets:
        opening = [[cell_text(c) for c in row] for row in rows[:HEADER_SEARCH]]
        if not any(c.strip() for row in opening for c in row):
            continue
        at = header_at(opening, score)
        worth = (score(opening[at]) if score else 0) if opening else 0
        if best is None or worth > best[0]:
            best = (worth, rows)
    if best is None:
        raise InvalidInput("the workbook holds no rows", where=name, remedy="check which file was sent")
    return _from_rows(best[1], name, score)


def _restore_errors(data: bytes, names: list[str], sheets: list[list[list[Any]]]) -> None:
    """Puts formula errors (#REF!, #DIV/0!) back into `sheets`: the fast reader shows them as blank cells."""
    if data[:2] != b"PK":
        return
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        pages = [n for n in parts.namelist() if n.startswith("xl/worksheets/")]
        if not any(b't="e"' in parts.read(n) for n in pages):
            return
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for name, rows in zip(names, sheets, strict=True):
        for number, row in enumerate(book[name].iter_rows()):
            for place, cell in enumerate(row):
                if cell.data_type == "e" and number < len(rows) and place < len(rows[number]):
                    rows[number][place] = str(cell.value)


def _from_rows(rows: list[list[Any]], name: str, score: HeaderScore | None) -> Grid:
    opening = [[cell_text(c) for c in row] for row in rows[:HEADER_SEARCH]]
    at = header_at(opening, score)
    names = [cell.strip() for cell in opening[at]]
    while names and not names[-1] and all(not cell_text(row[len(names) - 1]).strip() for row in rows[at + 1 :]):
        names.pop()
    kept, lines = [], []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if any(cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip()) for cell in row):
            kept.append(row)
            lines.append(number)
    arrays = [text_array([cell_text(row[i]) for row in kept]) for i in range(len(names))]
    above = " ".join(" ".join(row) for row in opening[:at])
    return Grid(name, names, arrays, np.array(lines, dtype=np.int64), above=above)


def parquet_grid(data: bytes, name: str) -> Grid:
    """The grid of a Parquet file, in the file's own types."""
    import pyarrow.parquet as pq

    try:
        held = pq.ParquetFile(pa.BufferReader(data))
        refuse_large_parquet(held.metadata.num_rows, held.metadata.num_columns, len(data), name)
        table = held.read()
        columns = []
        for column in table.columns:
            array = one_array(column)
            if pa.types.is_dictionary(array.type):
                array = array.cast(array.type.value_type)
            columns.append(array)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InvalidInput(
            f"the Parquet file cannot be read: {error}", where=name, remedy="it may be cut off: fetch it again"
        ) from error
    return Grid(name, list(table.column_names), columns, np.arange(2, len(table) + 2, dtype=np.int64))


def like_json(text: str) -> bool:
    """Whether text without a telling name opens like JSON rows."""
    opening = text.lstrip()[:200].replace(" ", "").replace("\n", "")
    return opening.startswith(('[{"', '{"', "[]", "{}"))


def json_grid(text: str, name: str) -> Grid:
    """The grid of JSON rows; a column an object lacks is blank there."""
    records, problems = _json_records(text, name)
    names: dict[str, None] = {}
    for _, record in records:
        names.update(dict.fromkeys(record))
    columns = [text_array([cell_text(record.get(n)) for _, record in records]) for n in names]
    return Grid(name, list(names), columns, np.array([line for line, _ in records], dtype=np.int64), problems)


def _json_records(text: str, name: str) -> tuple[list[tuple[int, dict[str, Any]]], list[Problem]]:
    """Numbered objects of a JSON array, an object holding one, or JSON lines; what comes before a cut counts."""
    decoder = json.JSONDecoder(parse_float=str, parse_constant=lambda word: "NaN")
    records: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    body = text.strip()
    try:
        whole = decoder.decode(body)
    except (json.JSONDecodeError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and v and all(isinstance(x, dict) for x in v)]
        whole = lists[0] if len(lists) == 1 else [whole]
    if isinstance(whole, list):
        for number, record in enumerate(whole, 1):
            if isinstance(record, dict):
                records.append((number, record))
            else:
                problems.append(Problem.of(name, number, "", cell_text(record), why.CELL_COUNT, found=1, expected=0))
        return records, problems
    place = 1 if body.startswith("[") else 0
    number = 0
    while place < len(body):
        while place < len(body) and body[place] in " \t\r\n,":
            place += 1
        if place >= len(body) or body[place] == "]":
            break
        number += 1
        try:
            record, place = decoder.raw_decode(body, place)
        except (json.JSONDecodeError, RecursionError):
            line_end = body.find("\n", place)
            cut = line_end < 0 or body.startswith("[")
            shown = body[place : place + 200] if cut else body[place:line_end]
            problems.append(Problem.of(name, number, "", shown, why.TRUNCATED if cut else why.NOT_JSON))
            if cut:
                break
            place = line_end + 1
            continue
        if isinstance(record, dict):
            records.append((number, record))
        else:
            problems.append(Problem.of(name, number, "", cell_text(record), why.CELL_COUNT, found=1, expected=0))
    if not records:
        raise InvalidInput("the file is not JSON rows", where=name, remedy="give a list of objects, one a row")
    return records, problems
