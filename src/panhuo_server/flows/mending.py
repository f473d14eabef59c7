"""Rows that were set aside, as they stood in the file: a workbook or CSV to mend and send again.

Invariant: what was written is given back unchanged, under its own headers, with the row's number in the first file
beside what was wrong; sent again, the number says where each row first stood and the two columns of words go unread.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from panhuo.ground.book.reading.problems import Problem
from panhuo.ground.book.table import FACT_COLUMNS

LINE = next(column for column in FACT_COLUMNS if column.name == "source_row")
"""The column that says where a row stood."""
WORDS = {"zh": ("问题", "办法"), "en": ("problem", "remedy")}
"""Headers of the two columns that are added for whoever mends."""
SETTINGS = ("table", "mapping", "units", "defaults", "effective_on", "sheet", "ending")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?\Z")


@dataclass(frozen=True)
class Aside:
    """One row: its number in the file, its cells as written, what was wrong as (column, reason and remedy twice)."""

    row: int
    cells: tuple[str, ...]
    why: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class SetAside:
    """Headers as written, the rows, and how the file was read."""

    headers: tuple[str, ...]
    rows: tuple[Aside, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        rows = [[one.row, list(one.cells), [dict(w) for w in one.why]] for one in self.rows]
        return {"headers": list(self.headers), "rows": rows, "settings": dict(self.settings)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SetAside:
        """From what was kept."""
        rows = tuple(Aside(row, tuple(cells), tuple(why)) for row, cells, why in data["rows"])
        return cls(tuple(data["headers"]), rows, data["settings"])

    def lines(self, language: str) -> tuple[list[str], list[list[str]]]:
        """(headers, rows) to mend: the file's own columns, the row's number, what was wrong, what to do."""
        zh = language == "zh"
        own = [at for at, name in enumerate(self.headers) if name.strip() not in _added()]
        heads = [*[self.headers[at] for at in own], LINE.zh if zh else LINE.name, *WORDS["zh" if zh else "en"]]
        tail, rows = ("_zh" if zh else ""), []
        for one in self.rows:
            cells = [one.cells[at] if at < len(one.cells) else "" for at in own]
            said = "; ".join(f"{w['column']}: {w['reason' + tail]}" if w["column"] else w["reason" + tail]
                             for w in one.why)  # fmt: skip
            remedies = "; ".join(dict.fromkeys(w["remedy" + tail] for w in one.why))
            rows.append([*cells, str(self._first_line(one)), said, remedies])
        return heads, rows

    def _first_line(self, one: Aside) -> int | str:
        # A row mended in vain keeps the number it had in the first file.
        for at, name in enumerate(self.headers):
            if name.strip() in (LINE.zh, LINE.name) and at < len(one.cells) and one.cells[at].strip().isdigit():
                return one.cells[at].strip()
        return one.row


def _added() -> frozenset[str]:
    return frozenset({LINE.zh, LINE.name, *(word for pair in WORDS.values() for word in pair)})


def unread(headers: Sequence[str]) -> dict[str, str]:
    """The mapping that leaves the added words of a mended file unread."""
    words = {word for pair in WORDS.values() for word in pair}
    return {name: "" for name in headers if name.strip() in words}


def _said(problem: Problem) -> dict[str, str]:
    told = problem.as_json()
    return {name: str(told[name]) for name in ("column", "reason", "reason_zh", "remedy", "remedy_zh")}


def of_file(content: bytes, settings: Mapping[str, Any], problems: Sequence[Problem]) -> SetAside:
    """The rows of a file that problems are about, as they stand in it."""
    from panhuo.ground.book.catalogue import table_named
    from panhuo.ground.book.reading import headers
    from panhuo.ground.book.reading.grid import cell_text
    from panhuo.ground.book.reading.sources import open_grid

    declared, mapping = table_named(settings["table"]), settings["mapping"]
    grid = open_grid(
        content, name=f"file{settings['ending']}", sheet=settings["sheet"],
        score=lambda row: headers.score(declared, row, mapping),
    )  # fmt: skip
    places = {line: at for at, line in enumerate(grid.lines.tolist())}
    about: dict[int, list[Mapping[str, str]]] = {}
    for one in problems:
        if one.row:
            about.setdefault(one.row, []).append(_said(one))
    for one in problems:  # a column that is missing sets every row aside, and is said once
        if not one.row:
            for line in places:
                about.setdefault(line, []).append(_said(one))
    rows = []
    for line in sorted(about):
        at = places.get(line)
        cells = () if at is None else tuple(cell_text(column[at].as_py()) for column in grid.columns)
        rows.append(Aside(line, cells, tuple(about[line])))
    return SetAside(tuple(grid.names), tuple(rows), {name: settings[name] for name in SETTINGS})


def as_csv(held: SetAside, language: str) -> bytes:
    """The rows as CSV that a spreadsheet opens with its Chinese intact."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads, rows = held.lines(language)
    writer.writerow(heads)
    # A negative number is no formula.
    writer.writerows([c if _NUMBER.match(c) else _defused(c) for c in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def report_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A report as CSV that a spreadsheet opens with its Chinese intact."""
    out = io.StringIO()
    names = ["row", "column", "value", "reason_zh", "remedy_zh", "reason", "remedy", "severity", "code"]
    writer = csv.DictWriter(out, names, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows({k: _defused(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _defused(text: str) -> str:
    # A cell that begins like a formula is written as text.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def as_workbook(held: SetAside, language: str) -> bytes:
    """The rows as a workbook; every cell is text, so that no digit of a number is lost and nothing is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet("要改的行" if language == "zh" else "rows to mend")
    page.freeze_panes = "A2"

    def cell(text: str, bold: bool = False) -> Any:
        made = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:32767])
        made.data_type, made.number_format = "s", "@"
        if bold:
            made.font = Font(bold=True)
        return made

    heads, rows = held.lines(language)
    page.append([cell(text, bold=True) for text in heads])
    for row in rows:
        page.append([cell(text) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
