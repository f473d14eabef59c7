"""Text files cut into cells: separators, quotation, wrong widths, lines cut off.

Invariant: a row with as many sound cells as the header is kept; every other row that is not blank is in a problem.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from panhuo.ground.book.reading import problems as why
from panhuo.ground.book.reading.grid import HEADER_SEARCH, Grid, HeaderScore, header_at, one_array, text_array
from panhuo.ground.book.reading.problems import Problem
from panhuo.ground.record.errors import InvalidInput

_RECORD_LINES = 200  # more physical lines than this in one record means a quotation mark was never closed

csv.field_size_limit(1 << 27)


def _separator(text: str) -> str:
    lines = [line for line in text[:40000].split("\n")[:40] if line.strip()]
    best, found = 0.0, ","
    for candidate in (",", "\t", ";", "|"):
        counts = []
        for line in lines:
            outside = "".join(line.split('"')[::2]) if '"' in line else line
            counts.append(outside.count(candidate))
        filled = [c for c in counts if c]
        if not filled:
            continue
        common = max(set(filled), key=lambda c: (filled.count(c), c))
        weight = filled.count(common) / len(lines) * (1 + min(common, 20) / 100)
        if weight > best:
            best, found = weight, candidate
    return found


class _UnclosedQuoteError(Exception):
    """More lines in one record than any cell has."""


class _Feed:
    """Lines handed to the CSV reader one by one; `start` is where the present record began."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.start = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        if self.at - self.start > _RECORD_LINES:
            raise _UnclosedQuoteError
        self.at += 1
        return self.lines[self.at - 1] + "\n"


def _records(lines: list[str], separator: str) -> Iterator[tuple[int, list[str], bool]]:
    """(first line number from 0, cells, whether quotation is sound) of each record; an unsound line stands alone."""
    feed = _Feed(lines)
    while feed.at < len(lines):
        reader = csv.reader(feed, delimiter=separator, strict=True)
        while True:
            feed.start = feed.at
            try:
                cells = next(reader)
            except StopIteration:
                break
            except (csv.Error, _UnclosedQuoteError):
                yield feed.start, lines[feed.start].split(separator), False
                feed.at = feed.start + 1
                break
            yield feed.start, cells, True


def separated_grid(text: str, name: str, score: HeaderScore | None, truncated: bool, damaged: bool) -> Grid:
    """The grid of decoded text.

    Args:
        truncated: the text is known to end before the file does.
        damaged: some bytes could not be decoded; rows that hold the replacement sign are set aside.
    """
    separator = _separator(text)
    ends_whole = text.endswith("\n")
    head = text[: 1 << 20].split("\n")
    opening = []
    for record in _records(head[: HEADER_SEARCH * 4], separator):
        opening.append(record)
        if len(opening) > HEADER_SEARCH + 60:
            break
    if not opening:
        raise InvalidInput("the file holds no rows", where=name, remedy="fetch the file again")
    at = header_at([cells for _, cells, _ in opening[:HEADER_SEARCH]], score)
    names = [cell.strip() for cell in opening[at][1]]
    first_line = opening[at + 1][0] if at + 1 < len(opening) else len(head)
    widths = [len(cells) for _, cells, sound in opening[at + 1 : at + 60] if sound and any(c.strip() for c in cells)]
    wide = False
    if widths:
        usual = max(set(widths), key=widths.count)
        while len(names) > usual and not names[-1]:
            names.pop()
        wide = usual > len(names)
    above = " ".join(" ".join(cells) for _, cells, _ in opening[:at])
    body = _after_line(text, first_line)
    grid = None if wide else _fast(body, name, separator, names, first_line, truncated, ends_whole)
    if grid is None:
        grid = _careful(body, name, separator, names, first_line, truncated, ends_whole)
    grid.above = above
    grid.decimal_comma = separator == ";"
    if damaged:
        _set_damaged_aside(grid)
    return grid


def _after_line(text: str, line: int) -> str:
    place = 0
    for _ in range(line):
        found = text.find("\n", place)
        if found < 0:
            return ""
        place = found + 1
    return text[place:]


def _fast(
    body: str, name: str, separator: str, names: list[str], first_line: int, truncated: bool, ends_whole: bool
) -> Grid | None:
    """Arrow's reader, for files whose quotation is plainly sound; None asks for the careful one."""
    import pyarrow.csv as arrow_csv

    quoted = '"' in body
    if truncated or not body.strip() or (quoted and body.count('"') % 2) or "\0" in body:
        return None
    data = body.encode("utf-8", "replace")
    if len(data) > (1 << 30) or len(names) < 2:
        return None
    spoiled: list[tuple[int, str]] = []

    def refuse(row: Any) -> str:
        spoiled.append((row.number, row.text))
        return "skip"

    keys = [f"c{i}" for i in range(len(names))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(column_names=keys, use_threads=False, block_size=len(data) + 64),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
                invalid_row_handler=refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if quoted and (len(spoiled) > 0 or body.count("\n") - (1 if ends_whole else 0) + 1 != len(table)):
        return None  # line numbers, or a swallowed line, need the careful reader
    if any(text.strip() and separator in text and _trimmable(text, separator, len(names)) for _, text in spoiled):
        return None
    total = len(table) + len(spoiled)
    lines = np.arange(total, dtype=np.int64) + first_line + 1
    if spoiled:
        gone = np.array([number - 1 for number, _ in spoiled])
        if gone.min() < 0 or gone.max() >= total:
            return None
        lines = np.delete(lines, gone)
    problems = []
    for number, line in spoiled:
        if not line.strip(separator + " \t"):
            continue
        last = number == total and not ends_whole
        problems.append(_wrong_width(name, first_line + number, line, line.count(separator) + 1, len(names), last))
    grid = Grid(name, names, [one_array(table.column(k)) for k in keys], lines, problems)
    _drop_blank_rows(grid)
    return grid


def _drop_blank_rows(grid: Grid) -> None:
    import pyarrow.compute as pc

    blank = np.ones(len(grid), dtype=np.bool_)
    for column in grid.columns:
        blank &= pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy(zero_copy_only=False)
        if not blank.any():
            return
    keep = pa.array(~blank)
    grid.columns = [column.filter(keep) for column in grid.columns]
    grid.lines = grid.lines[~blank]


def _trimmable(text: str, separator: str, width: int) -> bool:
    cells = text.split(separator)
    return len(cells) > width and not any(c.strip() for c in cells[width:])


def _wrong_width(name: str, line: int, text: str, found: int, expected: int, cut: bool) -> Problem:
    if cut and found < expected:
        return Problem.of(name, line, "", text, why.TRUNCATED)
    return Problem.of(name, line, "", text, why.CELL_COUNT, found=found, expected=expected)


def _careful(
    body: str, name: str, separator: str, names: list[str], first_line: int, truncated: bool, ends_whole: bool
) -> Grid:
    width = len(names)
    lines = body.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    columns: list[list[str]] = [[] for _ in names]
    numbers: list[int] = []
    problems: list[Problem] = []
    for start, cells, sound in _records(lines, separator):
        at = first_line + start + 1
        if not any(cell.strip() for cell in cells):
            continue
        last = start == len(lines) - 1
        if not sound:
            problems.append(Problem.of(name, at, "", separator.join(cells), why.UNCLOSED_QUOTE))
            continue
        if last and truncated and not (ends_whole and len(cells) == width):
            problems.append(Problem.of(name, at, "", separator.join(cells), why.TRUNCATED))
            continue
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            shown = separator.join(cells)
            problems.append(_wrong_width(name, at, shown, len(cells), width, last and not ends_whole))
            continue
        numbers.append(at)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    if truncated:
        problems.append(Problem.of(name, 0, "", "", why.TRUNCATED, "note"))
    arrays = [text_array(column) for column in columns]
    return Grid(name, names, arrays, np.array(numbers, dtype=np.int64), problems)


def _set_damaged_aside(grid: Grid) -> None:
    import pyarrow.compute as pc

    spoiled = np.zeros(len(grid), dtype=np.bool_)
    for header, column in zip(grid.names, grid.columns, strict=True):
        hit = pc.match_substring(column, "�").to_numpy(zero_copy_only=False)
        for at in np.flatnonzero(hit & ~spoiled):
            grid.problems.append(
                Problem.of(grid.file, int(grid.lines[at]), header, column[int(at)].as_py(), why.UNDECODABLE)
            )
        spoiled |= hit
    keep = pa.array(~spoiled)
    grid.columns = [column.filter(keep) for column in grid.columns]
    grid.lines = grid.lines[~spoiled]
