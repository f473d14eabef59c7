"""Reading a file as rows of a declared table.

Invariant: good rows in, bad rows back. A row is taken only if every cell of it was read; nothing inside a file raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.reading import headers as heads
from panhuo.ground.book.reading import numbers
from panhuo.ground.book.reading import problems as why
from panhuo.ground.book.reading import values as cells
from panhuo.ground.book.reading.grid import Grid
from panhuo.ground.book.reading.problems import Problem, Reading
from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.book.table import OWN_ORGANISATION, Table
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import InvalidInput

_TOTALS = r"^\s*(合\s*计|总\s*计|小\s*计|本页合计|累\s*计|total|subtotal|grand total)\s*[:：]?\s*$"


def read(
    source: str | Path | bytes,
    table: Table | str,
    *,
    mapping: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    organisation: str = OWN_ORGANISATION,
    effective_on: date | str | None = None,
    sheet: str | None = None,
    name: str = "",
) -> Reading:
    """Reads a file (CSV, Excel, Parquet, JSON, each also gzipped) as rows of `table`.

    Args:
        source: a path, ``-`` for standard input, or the bytes.
        table: a declared table or its name.
        mapping: header as written -> column, where the header is not the column's Chinese or English name or a usual
            word for it; ``""`` leaves a header unread.
        units: column -> what a bare number is in: ``yuan`` (default), ``wan``, ``fen`` ... for money, ``percent``,
            ``fraction``, ``permille``, ``basis_points``, ``ppm`` for rates. A unit in the header or the cell wins.
        defaults: column -> text for every row of a column the file does not have.
        organisation: organisation the facts belong to, where the file has no ``org_id``.
        effective_on: the day of every fact, or the column that gives it; else ``effective_on`` in the file, else the
            first dated column of the table that is required, else the first that is known.
        sheet: sheet of a workbook.
        name: what to call the file in problems and in ``source_doc``.

    Returns:
        Rows with exactly the table's fact columns, and the problems.

    Raises:
        InvalidInput: when the file cannot be read at all, or `mapping`, `units` or `defaults` name what is not there.
        NotFound: when there is no such file, sheet or table.
    """
    declared = table_named(table) if isinstance(table, str) else table
    _check_arguments(declared, units, defaults)
    grid = open_grid(source, name=name, sheet=sheet, score=lambda row: heads.score(declared, row, mapping))
    return read_grid(
        grid,
        declared,
        mapping=mapping,
        units=units,
        defaults=defaults,
        organisation=organisation,
        effective_on=effective_on,
    )


def _check_arguments(table: Table, units: Mapping[str, str] | None, defaults: Mapping[str, str] | None) -> None:
    schema = table.fact_schema
    for column, unit in (units or {}).items():
        scales = {ColumnType.FEN: numbers.FEN_PER, ColumnType.PPM: numbers.PPM_PER}.get(
            schema[column].type if column in schema else ColumnType.TEXT, {}
        )
        if unit not in scales:
            raise InvalidInput(
                f"{unit} is no unit of {column}", where=table.name, remedy="use one of " + ", ".join(scales) or "none"
            )
    for column in defaults or {}:
        if column not in schema:
            raise InvalidInput(f"{table.name} has no column {column}", where=column, remedy="see docs/tables.md")


def read_grid(
    grid: Grid,
    table: Table,
    *,
    mapping: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    organisation: str = OWN_ORGANISATION,
    effective_on: date | str | None = None,
) -> Reading:
    """`read` for a grid that is already open."""
    schema = table.fact_schema
    matched = heads.match(table, grid.names, mapping)
    problems = list(grid.problems)
    unreadable = len({p.row for p in problems if p.severity == "bad"})
    for place in matched.unused:
        problems.append(Problem.of(grid.file, 0, grid.names[place], "", why.NOT_USED, "note"))
    for place in matched.repeated:
        problems.append(Problem.of(grid.file, 0, grid.names[place], "", why.TWO_HEADERS, "note"))
    _drop_totals(grid, problems)
    count = len(grid)
    lines = grid.lines
    bad = np.zeros(count, dtype=np.bool_)
    arrays: dict[str, pa.Array] = {}
    above = heads.unit_above(grid.above)
    foreign = "currency" in matched.places or "currency" in (defaults or {})
    headers = {column: grid.names[place] for column, place in matched.places.items()}

    for column in schema.columns:
        if column.name in matched.places:
            raw = grid.columns[matched.places[column.name]]
            unit = (
                matched.units.get(column.name)
                or (units or {}).get(column.name)
                or (above if column.type is ColumnType.FEN else None)
            )
            parsed = _parse(raw, column, unit, grid.decimal_comma)
            if column.type is ColumnType.FEN and not foreign:
                _refuse_foreign(parsed, raw)
            _report(parsed, raw, column, grid, problems, bad)
            arrays[column.name] = parsed.values
        elif defaults and column.name in defaults:
            parsed = _parse(pa.array([defaults[column.name]]), column, None, False)
            if parsed.refused.any():
                raise InvalidInput(
                    f"{defaults[column.name]} cannot be read as {column.name}",
                    where=column.name,
                    remedy=parsed.reasons[int(parsed.refused[0]) - 1].remedy_en,
                )
            arrays[column.name] = _repeat(parsed.values, count)

    stem = PurePath(grid.file).name or "file"
    if "org_id" not in arrays:
        arrays["org_id"] = _repeat(pa.array([organisation], pa.string()), count)
    else:
        arrays["org_id"] = arrays["org_id"].fill_null(organisation)
    if "source_doc" not in arrays:
        arrays["source_doc"] = _repeat(pa.array([stem], pa.string()), count)
    if "source_row" not in arrays:
        arrays["source_row"] = pa.array(lines, pa.int64())
    if "currency" in schema:
        arrays["currency"] = (
            arrays["currency"].fill_null("CNY")
            if "currency" in arrays
            else _repeat(pa.array(["CNY"], pa.string()), count)
        )
    generated = "id" not in arrays
    if generated:
        short = stem.split(".")[0]
        arrays["id"] = pa.array([f"{short}:{line}" for line in lines.tolist()], pa.string())
        if table.kind == "state":
            problems.append(Problem.of(grid.file, 0, "id", "", why.GENERATED_ID, "note"))
    arrays["effective_on"] = _effective(table, arrays, effective_on, count)

    _demand(table, arrays, grid, problems, bad, matched.places)
    if not generated and not bad.all():
        _find_duplicates(table, arrays, grid, problems, bad)
    rows = pa.table({c.name: arrays.get(c.name, pa.nulls(count, c.arrow_type())) for c in schema.columns})
    if bad.any():
        rows = rows.filter(pa.array(~bad))
    problems.sort(key=lambda p: p.row)
    return Reading(schema.conform(rows), problems, headers, count + unreadable)


def _parse(raw: pa.Array, column: Column, unit: str | None, decimal_comma: bool) -> cells.Parsed:
    match column.type:
        case ColumnType.FEN:
            return numbers.read_money(raw, unit or "yuan", decimal_comma)
        case ColumnType.PPM:
            return numbers.read_rates(raw, unit, decimal_comma)
        case ColumnType.DATE:
            return cells.read_dates(raw)
        case ColumnType.BOOL:
            return cells.read_flags(raw)
        case ColumnType.CODE:
            return cells.read_codes(raw, column.codes)
        case ColumnType.DAYS:
            return numbers.read_whole(raw, -(2**31), 2**31 - 1)
        case ColumnType.TEXT:
            return cells.read_text(raw)
        case _:
            return numbers.read_whole(raw)


def _refuse_foreign(parsed: cells.Parsed, raw: pa.Array) -> None:
    if not pa.types.is_string(raw.type):
        return
    signed = pc.match_substring_regex(raw, r"[$€£]|USD|EUR|HKD|GBP").fill_null(False).to_numpy(zero_copy_only=False)
    signed &= parsed.refused == 0
    if signed.any():
        parsed.reasons = [*parsed.reasons, why.FOREIGN_CURRENCY]
        parsed.refused[signed] = len(parsed.reasons)


def _report(
    parsed: cells.Parsed, raw: pa.Array, column: Column, grid: Grid, problems: list[Problem], bad: np.ndarray
) -> None:
    spoiled = np.flatnonzero(parsed.refused)
    if len(spoiled):
        written = cells.as_text(raw.take(pa.array(spoiled))).to_pylist()
        for place, value in zip(spoiled.tolist(), written, strict=True):
            reason = parsed.reasons[int(parsed.refused[place]) - 1]
            problems.append(Problem.of(grid.file, int(grid.lines[place]), column.name, value or "", reason))
        bad[spoiled] = True
    if parsed.rounded:
        problems.append(Problem.of(grid.file, 0, column.name, "", why.ROUNDED, "note", count=parsed.rounded))
    if parsed.assumed is not None:
        problems.append(Problem.of(grid.file, 0, column.name, "", parsed.assumed, "note"))


def _repeat(one: pa.Array, count: int) -> pa.Array:
    return one.take(pa.array(np.zeros(count, dtype=np.int64)))


def _drop_totals(grid: Grid, problems: list[Problem]) -> None:
    gone = np.zeros(len(grid), dtype=np.bool_)
    for column in grid.columns[:4]:
        if pa.types.is_string(column.type):
            hit = pc.match_substring_regex(column, _TOTALS, ignore_case=True)
            gone |= hit.fill_null(False).to_numpy(zero_copy_only=False)
    if gone.any():
        for place in np.flatnonzero(gone).tolist():
            problems.append(Problem.of(grid.file, int(grid.lines[place]), "", "", why.TOTALS_LINE, "note"))
        keep = pa.array(~gone)
        grid.columns = [column.filter(keep) for column in grid.columns]
        grid.lines = grid.lines[~gone]


def _effective(table: Table, arrays: Mapping[str, pa.Array], effective_on: date | str | None, count: int) -> pa.Array:
    """The day of each fact: as asked, as the file says, else the table's own first date."""
    found = arrays.get("effective_on")
    if isinstance(effective_on, str):
        column = arrays.get(effective_on)
        if column is None or not pa.types.is_date(column.type):
            raise InvalidInput(
                f"{effective_on} is no date column of the file", where=table.name, remedy="name a date column it has"
            )
        return pc.coalesce(found, column) if found is not None else column
    if effective_on is not None:
        fixed = _repeat(pa.array([effective_on], pa.date32()), count)
        return pc.coalesce(found, fixed) if found is not None else fixed
    if found is None:
        found = pa.nulls(count, pa.date32())
    dated = [c for c in table.schema.columns if c.type is ColumnType.DATE and c.name in arrays]
    for column_declared in sorted(dated, key=lambda c: not c.required):
        if found.null_count == 0:
            break
        found = pc.coalesce(found, arrays[column_declared.name])
    return found


def _demand(
    table: Table,
    arrays: dict[str, pa.Array],
    grid: Grid,
    problems: list[Problem],
    bad: np.ndarray,
    places: Mapping[str, int],
) -> None:
    """Rows without a required value are set aside; a required column that is absent sets all rows aside, said once."""
    for column in table.fact_schema.columns:
        if not column.required:
            continue
        values = arrays.get(column.name)
        if values is None:
            problems.append(
                Problem.of(
                    grid.file, 0, column.name, "", why.MISSING_COLUMN, name=column.name, zh=column.zh, en=column.en
                )
            )
            bad[:] = True
            continue
        if values.null_count == 0:
            continue
        empty = values.is_null().to_numpy(zero_copy_only=False)
        reason = why.NO_DAY if column.name == "effective_on" and column.name not in places else why.REQUIRED
        for place in np.flatnonzero(empty & ~bad).tolist():
            problems.append(Problem.of(grid.file, int(grid.lines[place]), column.name, "", reason))
        bad |= empty


def _find_duplicates(
    table: Table, arrays: Mapping[str, pa.Array], grid: Grid, problems: list[Problem], bad: np.ndarray
) -> None:
    """Sets aside the later of two rows with the same id (and, in a state table, the same day) that correct nothing."""
    names = ["org_id", "id"] + (["effective_on"] if table.kind == "state" else [])
    exempt = bad.copy()
    if "replaces" in arrays:
        exempt |= arrays["replaces"].is_valid().to_numpy(zero_copy_only=False)
    places = np.flatnonzero(~exempt)
    if pc.count_distinct(arrays["id"].take(pa.array(places))).as_py() == len(places):
        return
    rows = pa.table({n: arrays[n].take(pa.array(places)) for n in names}).append_column("place", pa.array(places))
    first = rows.group_by(names, use_threads=False).aggregate([("place", "min")])
    joined = rows.join(first, keys=names, join_type="inner", use_threads=False)
    place = joined.column("place").to_numpy()
    earliest = joined.column("place_min").to_numpy()
    later = place != earliest
    ids = arrays["id"]
    for at, before in sorted(zip(place[later].tolist(), earliest[later].tolist(), strict=True)):
        problems.append(
            Problem.of(
                grid.file,
                int(grid.lines[at]),
                "id",
                ids[at].as_py(),
                why.DUPLICATE,
                first=int(grid.lines[before]),
            )
        )
        bad[at] = True
