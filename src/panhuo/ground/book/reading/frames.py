"""Free frames: any file or frame as an Arrow table with types found from the data, and tables back to files.

Invariant: reading a frame interprets no units and no codes; a column is typed only when every cell of it fits.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.record.errors import InvalidInput

_BLANK = pa.array(["", "NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"])
_INTEGER = r"^[-+]?(0|[1-9][0-9]{0,17})$"
_FLOAT = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$"
_PADDED = r"^[-+]?0[0-9]"
_ISO = r"^[12][0-9]{3}[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12][0-9]|3[01])( 00:00(:00)?)?$"


def read_frame(source: Any, *, sheet: str | None = None) -> pa.Table:
    """A path, ``-``, bytes, or a frame (Arrow, pandas, Polars, DuckDB) as an Arrow table.

    Text columns become whole numbers, decimal numbers, days or booleans when every known cell is one; numbers with
    leading zeros stay text. Blank cells and NA are unknown.

    Raises:
        InvalidInput: when it cannot be read, a header stands twice, or some rows have the wrong number of cells.
        NotFound: when there is no such file.
    """
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, (str, Path, bytes)):
        return _from_file(source, sheet)
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    if hasattr(source, "to_arrow_table"):
        return source.to_arrow_table()
    if hasattr(source, "to_arrow"):
        return source.to_arrow()
    raise InvalidInput(
        f"{type(source).__name__} is no table", remedy="give a path, or an Arrow, pandas, Polars or DuckDB frame"
    )


def _from_file(source: str | Path | bytes, sheet: str | None) -> pa.Table:
    grid = open_grid(source, sheet=sheet)
    bad = [p for p in grid.problems if p.severity == "bad"]
    if bad:
        first = bad[0]
        raise InvalidInput(
            f"{len(bad)} row(s) cannot be read; the first is row {first.row}: {first.reason_en}",
            where=grid.file,
            remedy=first.remedy_en,
        )
    names = [n or f"column_{i + 1}" for i, n in enumerate(grid.names)]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InvalidInput(f"the header {twice[0]} stands twice", where=grid.file, remedy="rename one of the columns")
    return pa.table({n: _typed(c) for n, c in zip(names, grid.columns, strict=True)})


def _every(text: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(text, pattern)).as_py())


def _typed(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    text = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(text, _BLANK)
    known = text.filter(pc.invert(pc.or_kleene(blank, pc.is_null(text))))
    if len(known) == 0:
        return pc.if_else(pc.equal(text, ""), None, text)
    cleaned = pc.if_else(blank, None, text)
    if not _every(known.slice(0, 100), _FLOAT):
        if _every(known, _ISO):
            parts = pc.extract_regex(cleaned, r"^(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})[-/](?P<d>[0-9]{1,2})")
            texts = [pc.utf8_lpad(pc.struct_field(parts, k), 4 if k == "y" else 2, "0") for k in "ymd"]
            try:
                return pc.binary_join_element_wise(*texts, "-").cast(pa.date32())
            except pa.ArrowInvalid:
                return pc.if_else(pc.equal(text, ""), None, text)
        words = set(pc.utf8_lower(known.slice(0, 100)).unique().to_pylist())
        if words <= {"true", "false"} and _every(pc.utf8_lower(known), "^(true|false)$"):
            return pc.equal(pc.utf8_lower(cleaned), "true")
        return pc.if_else(pc.equal(text, ""), None, text)
    padded = bool(pc.any(pc.match_substring_regex(known, _PADDED)).as_py())
    if not padded and _every(known, _INTEGER):
        return pc.replace_substring_regex(cleaned, r"^\+", "").cast(pa.int64())
    whole_padded = padded and bool(pc.any(pc.match_substring_regex(known, r"^[-+]?0[0-9]+$")).as_py())
    if not whole_padded and _every(known, _FLOAT):
        if _every(known, r"^[0-9]{19,}$"):
            return cleaned
        return pc.replace_substring_regex(cleaned, r"^\+", "").cast(pa.float64())
    return pc.if_else(pc.equal(text, ""), None, text)


# ------------------------------------------------------------------------------------------------- writing


def write_frame(table: pa.Table, path: str | Path, *, mark: bool = False, sheet: str = "Sheet1") -> Path | None:
    """Writes a table as its name says: .csv, .tsv, .parquet, .xlsx, .json, .jsonl; text also gzipped (.gz).

    Args:
        mark: begin CSV with the UTF-8 mark that Excel needs to show Chinese.
        sheet: title of the sheet of a workbook.

    Returns:
        The path, or None when ``-`` (CSV to standard output) was asked for.

    Raises:
        InvalidInput: when the name ends in none of these.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(_separated_bytes(table, ",", mark))
        return None
    target = Path(path)
    name = target.name.lower()
    packed = name.endswith(".gz")
    ending = Path(name.removesuffix(".gz")).suffix
    if ending == ".parquet" and not packed:
        import pyarrow.parquet as pq

        pq.write_table(table, target, compression="zstd")
        return target
    if ending == ".xlsx" and not packed:
        _write_workbook(table, target, sheet)
        return target
    if ending in (".csv", ".txt", ".tsv"):
        data = _separated_bytes(table, "\t" if ending == ".tsv" else ",", mark)
    elif ending == ".json":
        data = _json_bytes(table, lines=False)
    elif ending in (".jsonl", ".ndjson"):
        data = _json_bytes(table, lines=True)
    else:
        raise InvalidInput(
            f"what kind of file is {target.name}?", where=str(target), remedy="end it in .csv, .parquet, .xlsx or .json"
        )
    target.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return target


def _separated_bytes(table: pa.Table, separator: str, mark: bool) -> bytes:
    import pyarrow.csv as arrow_csv

    out = io.BytesIO()
    if mark:
        out.write(b"\xef\xbb\xbf")
    plain = pa.table(
        {
            n: c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c
            for n, c in zip(table.column_names, table.columns, strict=True)
        }
    )
    arrow_csv.write_csv(plain, out, arrow_csv.WriteOptions(delimiter=separator, quoting_style="needed"))
    return out.getvalue()


def _json_value(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _json_bytes(table: pa.Table, lines: bool) -> bytes:
    rows = [{k: _json_value(v) for k, v in row.items()} for row in table.to_pylist()]
    texts = [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    text = "".join(t + "\n" for t in texts) if lines else "[" + ",\n ".join(texts) + "]\n"
    return text.encode("utf-8")


def _write_workbook(table: pa.Table, path: Path, sheet: str) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(table) > 1_048_575:
        raise InvalidInput("a sheet holds at most 1,048,576 rows", where=path.name, remedy="write .csv or .parquet")
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)

    def cell(value: Any) -> Any:
        if isinstance(value, str):
            # Text is written as text, never as a formula.
            written = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:32767])
            written.data_type = "s"
            return written
        if isinstance(value, float) and not np.isfinite(value):
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**15:
            return cell(str(value))  # a workbook keeps fifteen digits
        return value

    page.append([cell(n) for n in table.column_names])
    for batch in table.to_batches(max_chunksize=10_000):
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns, strict=True):
            page.append([cell(v) for v in row])
    book.save(path)
