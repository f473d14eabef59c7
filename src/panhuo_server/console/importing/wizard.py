"""Four steps of a file to facts: choose it, match its columns, check its rows, seal the good ones.

Invariant: nothing is sealed but what the check page counted; until then the file can be dropped without a trace, and
each step can be left and returned to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.foreign import KINDS
from panhuo.ground.book.reading import headers
from panhuo.ground.book.reading.grid import Grid, cell_text
from panhuo.ground.book.reading.numbers import FEN_PER, PPM_PER
from panhuo.ground.book.reading.reader import read_grid
from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import Column, ColumnType
from panhuo.ground.record.errors import InvalidInput, NotFound, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import allows
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.importing import choosing, drafts
from panhuo_server.console.importing.drafts import Draft
from panhuo_server.console.pieces.figures import plain, unit_of
from panhuo_server.console.pieces.tables import SHEET
from panhuo_server.console.refused import Fault, fault
from panhuo_server.flows import importing, mending

PURPOSE = "import"
STEPS = (
    Text("选择文件", "Choose a file"),
    Text("对应列", "Match columns"),
    Text("检查", "Check"),
    Text("封存", "Seal"),
)
SHOWN_CELLS = 3
PREVIEWED = 8
TRIED = 200
"""Rows read for the preview."""
LISTED = 200
"""Problems the check page lists; the files hold all."""
CHECKED_BYTES = 48 * 1024 * 1024
"""A larger file is read once, when it is sealed."""
UNITS = {
    "yuan": Text("元", "yuan"), "wan": Text("万元", "10,000 yuan"), "fen": Text("分", "fen"),
    "thousand": Text("千元", "1,000 yuan"), "million": Text("百万元", "million yuan"),
    "percent": Text("%", "%"), "fraction": Text("小数（0.05）", "fraction (0.05)"),
    "permille": Text("‰", "‰"), "basis_points": Text("基点", "basis points"), "ppm": Text("百万分之一", "ppm"),
}  # fmt: skip


def wizard(now: int) -> list[tuple[Text, str]]:
    """The four steps, `now` the one under way, counted from 1."""
    states = ["done" if n < now else "now" if n == now else "" for n in range(1, len(STEPS) + 1)]
    return list(zip(STEPS, states, strict=True))


def may_import(visit: Visit) -> bool:
    """Whether this person takes in files here."""
    return visit.purpose_of((PURPOSE,)) is not None and allows(visit.place.roles, "import_facts")


def importers(visit: Visit) -> None:
    """Goes on only for those who take in files.

    Raises:
        Http404: for everybody else.
    """
    if not may_import(visit):
        raise Http404


@dataclass(frozen=True)
class Given:
    """A header of the file: what stands under it, the column it means, the unit its numbers are in."""

    at: int
    name: str
    seen: str
    column: str
    label: Text
    units: tuple[tuple[str, Text], ...]
    unit: str
    stated: bool


@dataclass(frozen=True)
class Lacking:
    """A required column no header stands for, and what every row is to have instead."""

    column: Column
    value: str


def _units(column: Column | None) -> tuple[tuple[str, Text], ...]:
    if column is None or column.type not in (ColumnType.FEN, ColumnType.PPM):
        return ()
    table = FEN_PER if column.type is ColumnType.FEN else PPM_PER
    return tuple((code, UNITS.get(code, Text(code, code))) for code in table if code in UNITS)


def grid_of(draft: Draft, table: Table | None) -> Grid:
    """The cells of a draft's file, its header found with the table in mind where one is."""
    mapping = draft.plan.mapping
    score = (lambda row: headers.score(table, row, mapping)) if table is not None else None
    return open_grid(draft.content, name=draft.called, sheet=draft.plan.sheet, score=score)


def present(mapping: dict[str, str], names: list[str]) -> dict[str, str]:
    """What of a mapping is about headers the file has."""
    there = {headers.plain(n) for n in names} | {headers.plain(headers.split_unit(n)[0]) for n in names}
    return {name: column for name, column in mapping.items() if headers.plain(name) in there}


def given_of(draft: Draft, table: Table, grid: Grid) -> list[Given]:
    """Every header of the file with what it is read as."""
    matched = headers.match(table, grid.names, present(draft.plan.mapping, grid.names))
    column_at = {place: name for name, place in matched.places.items()}
    found = []
    for at, name in enumerate(grid.names):
        column = table.fact_schema[column_at[at]] if at in column_at else None
        cells = [cell_text(grid.columns[at][row].as_py()).strip() for row in range(min(SHOWN_CELLS, len(grid)))]
        stated = matched.units.get(column.name) if column is not None else None
        above = headers.unit_above(grid.above) if column is not None and column.type is ColumnType.FEN else None
        chosen = draft.plan.units.get(column.name) if column is not None else None
        usual = "percent" if column is not None and column.type is ColumnType.PPM else "yuan"
        label = words.label(column) if column is not None else words.NOTHING
        found.append(
            Given(at, name, " · ".join(c for c in cells if c), column.name if column else "", label, _units(column),
                  stated or chosen or above or usual, stated is not None)
        )  # fmt: skip
    return found


def lacking_of(draft: Draft, table: Table, grid: Grid) -> list[Lacking]:
    """Required columns the file does not have."""
    matched = headers.match(table, grid.names, present(draft.plan.mapping, grid.names))
    wanted = choosing.missing(table, matched)
    return [Lacking(table.schema[name], draft.plan.defaults.get(name, "")) for name in wanted]


@dataclass(frozen=True)
class Preview:
    """The first rows as they are read: heads with units, rows under the file's own numbers, how many fell out."""

    heads: list[tuple[Text, Text, bool]]
    rows: list[tuple[int, list[tuple[Text, bool]]]]
    tried: int
    bad: int
    why: list[dict[str, Any]]


def preview_of(draft: Draft, table: Table, org: str) -> Preview:
    """The first rows of a draft as its import would read them."""
    grid = grid_of(draft, table)
    few = Grid(
        grid.file, grid.names, [column[:TRIED] for column in grid.columns], np.array(grid.lines[:TRIED]), [],
        grid.above, grid.decimal_comma,
    )  # fmt: skip
    plan = draft.plan
    found = read_grid(
        few, table, mapping=present(plan.mapping, grid.names), units=plan.units, defaults=plan.defaults,
        organisation=org, effective_on=_effective(plan.effective_on),
    )  # fmt: skip
    rows: pa.Table = found.rows.slice(0, PREVIEWED)
    own = [name for name in table.schema.names if name in found.headers or name in plan.defaults]
    columns = [table.fact_schema[name] for name in ("id", "effective_on", *own)]
    currencies = rows.column("currency").to_pylist() if "currency" in rows.column_names else ["CNY"] * len(rows)
    heads = [(words.label(c), unit_of(c), not c.type.is_text and c.type is not ColumnType.DATE) for c in columns]
    lines = rows.column("source_row").to_pylist()
    shown_rows = [
        (
            lines[at],
            [
                (plain(c, rows.column(c.name)[at].as_py(), currencies[at] or "CNY"), number)
                for c, (_, _, number) in zip(columns, heads, strict=True)
            ],
        )
        for at in range(len(rows))
    ]
    why = [p.as_json() for p in found.bad[:PREVIEWED]]
    return Preview(heads, shown_rows, found.seen, found.seen - len(found.rows), why)


def _effective(asked: str | None) -> date | str | None:
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError:
        return asked


def first_step(visit: Visit, told: Fault | None = None) -> dict[str, Any]:
    """What the page one chooses a file on needs."""
    sources = [(code, choosing.SOURCES[code]) for code in KINDS]
    return {"families": choosing.families(), "sources": sources, "wizard": wizard(1), "fault": told}


def taken(visit: Visit) -> tuple[bytes, str] | Fault:
    """The file a form brought: its bytes and name."""
    file = visit.request.FILES.get("file")
    if file is None:
        size = visit.request.META.get("CONTENT_LENGTH") or "0"
        if size.isdigit() and int(size) > 1_000_000:
            return Fault(Text("文件太大，浏览器最多送 128 MB", "the file is too large: at most 128 MB by browser"),
                         Text("拆成几份，或用命令行 panhuo import", "split it, or use panhuo import"))  # fmt: skip
        return Fault(Text("没有选择文件", "no file was chosen"), Text("选择一个文件", "choose one"))
    content = file.read()
    if not content:
        return Fault(Text("文件是空的", "the file is empty"), Text("重新导出", "export it again"))
    return content, str(file.name)


def take(visit: Visit) -> str | Fault:
    """Takes a file in and reads what it may be; the draft's id. In `acting`."""
    brought = taken(visit)
    if isinstance(brought, Fault):
        return brought
    content, called = brought
    kind = visit.request.POST.get("kind", "")
    if kind.startswith("source:") and kind[7:] in KINDS:
        return drafts.keep(visit, content, called, drafts.Plan(source=kind[7:], chosen=True))
    table = TABLES.get(kind.removeprefix("table:"))
    try:
        grid = open_grid(content, name=called)
    except PanhuoError as error:
        return fault(error, Text("这个文件读不出来：不是 CSV、Excel、Parquet 或 JSON，或者已损坏",
                                 "this file cannot be read: no CSV, Excel, Parquet or JSON, or damaged"))  # fmt: skip
    found = table or choosing.guessed(grid.names, called)
    return drafts.keep(visit, content, called, drafts.Plan(table=found.name if found else None))


def _planned(visit: Visit, draft: Draft, grid: Grid, table: Table) -> dict[str, Any]:
    given = visit.request.POST
    mapping: dict[str, str] = {}
    for at, name in enumerate(grid.names):
        column = given.get(f"map.{at}")
        if column is None or not headers.plain(name):
            continue
        if column and column not in table.fact_schema:
            raise InvalidInput(f"{table.name} has no column {column}", where=name)
        mapping[name] = column
    places = {c for c in mapping.values() if c}
    units = {}
    for name in places:
        unit = given.get(f"unit.{name}", "")
        if unit in dict(_units(table.fact_schema[name])):
            units[name] = unit
    defaults = {
        c.name: text for c in table.schema.columns if (text := given.get(f"default.{c.name}", "").strip())
    } | {k: v for k, v in draft.plan.defaults.items() if k == "source_doc"}  # fmt: skip
    return {
        "mapping": mapping, "units": units, "defaults": {k: v for k, v in defaults.items() if k not in places},
        "effective_on": given.get("effective", "").strip() or None,
    }  # fmt: skip


@page("GET", "HEAD", "POST")
def columns(visit: Visit, draft: str) -> HttpResponse:
    """The second step: which header means which column."""
    importers(visit)
    told: Fault | None = None
    with visit.acting(PURPOSE):
        held = drafts.opened(visit, draft)
        if held.plan.source:
            return redirect(f"/console/import/draft/{draft}/check")
        if visit.request.method == "POST":
            given = visit.request.POST
            named = TABLES.get(given.get("table", ""))
            sheet = given.get("sheet") or None
            if named is not None and (named.name != held.plan.table or sheet != held.plan.sheet):
                held = drafts.planned(
                    visit, held, table=named.name, sheet=sheet, mapping={}, units={}, defaults={}, effective_on=None
                )
            elif held.plan.table is not None:
                table = TABLES[held.plan.table]
                grid = grid_of(held, table)
                try:
                    held = drafts.planned(visit, held, **_planned(visit, held, grid, table))
                    if "go" in given:
                        preview_of(held, table, visit.place.org)  # what the arguments themselves are refused for
                        drafts.planned(visit, held, chosen=True)
                        return redirect(f"/console/import/draft/{draft}/check")
                except PanhuoError as error:
                    told = fault(error, Text("这样读不了", "it cannot be read this way"))
        given_page: dict[str, Any] = {
            "draft": held, "families": choosing.families(), "sheets": choosing.sheets_of(held.content),
            "wizard": wizard(2), "fault": told, "room": "import", "table": None,
        }  # fmt: skip
        if held.plan.table is not None:
            table = TABLES[held.plan.table]
            try:
                grid = grid_of(held, table)
                preview = preview_of(held, table, visit.place.org)
            except PanhuoError as error:
                preview, grid = None, grid_of(held, table)
                given_page["fault"] = told or fault(error, Text("这样读不了", "it cannot be read this way"))
            usual = [c for c in table.fact_schema.columns if c.name not in ("org_id", "replaces", "withdrawn")]
            given_page |= {
                "table": table, "given": given_of(held, table, grid), "lacking": lacking_of(held, table, grid),
                "choices": usual, "preview": preview, "count": len(grid),
                "days": [c for c in table.schema.columns if c.type is ColumnType.DATE],
            }  # fmt: skip
    return shown(visit.request, "console/importing/columns.html", given_page, visit=visit)


def labelled(table: Table | None, name: str) -> Text:
    """A column's name as people read it; a header as it is written."""
    if table is not None and name in table.fact_schema:
        return words.label(table.fact_schema[name])
    return Text(name, name)


def _short(file: str) -> str:
    # A file that was taken in is called by its import's id.
    return file[:8] if len(file) >= 32 and all(c in "0123456789abcdef" for c in file[:32]) else file


def problems_shown(problems: list[dict[str, Any]], table: Table | None, severity: str) -> list[dict[str, Any]]:
    """Problems of a kind as the page lists them."""
    return [
        {**one, "file": _short(one["file"]), "label": labelled(table, one["column"]),
         "said": Text(one.get("reason_zh") or one["reason"], one["reason"]),
         "todo": Text(one.get("remedy_zh") or one["remedy"], one["remedy"])}
        for one in problems if one["severity"] == severity
    ][:LISTED]  # fmt: skip


@page()
def check(visit: Visit, draft: str) -> HttpResponse:
    """The third step: what would be sealed, what would not, and why."""
    importers(visit)
    with visit.acting(PURPOSE):
        held = drafts.opened(visit, draft)
        if not held.plan.chosen:
            return redirect(f"/console/import/draft/{draft}")
        table = TABLES.get(held.plan.table or "")
        given: dict[str, Any] = {"draft": held, "table": table, "wizard": wizard(3), "room": "import", "trial": None}
        if len(held.content) <= CHECKED_BYTES:
            try:
                trial = importing.trial(held.content, held.settings, called=held.called, org=visit.place.org)
                rows = [(choosing.thing(TABLES[n]), count) for n, count in trial.rows.items()]
                given |= {
                    "trial": trial, "good": sum(trial.rows.values()), "rows": rows,
                    "bad": problems_shown(trial.problems, table, "bad"), "listed": LISTED,
                    "problems": sum(p["severity"] == "bad" for p in trial.problems),
                    "notes": problems_shown(trial.problems, table, "note"),
                }  # fmt: skip
            except (InvalidInput, NotFound) as error:
                given["fault"] = fault(error)
    return shown(visit.request, "console/importing/check.html", given, visit=visit)


def download(held: mending.SetAside, ending: str, visit: Visit, called: str) -> HttpResponse:
    """Rows set aside as a file to mend."""
    if ending == "xlsx":
        response = HttpResponse(mending.as_workbook(held, visit.language), content_type=SHEET)
    else:
        response = HttpResponse(mending.as_csv(held, visit.language), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{called}.{ending}"'
    return response


@page()
def bad_rows(visit: Visit, draft: str, ending: str) -> HttpResponse:
    """The bad rows of a file that is not sealed yet, to be mended."""
    importers(visit)
    with visit.acting(PURPOSE):
        held = drafts.opened(visit, draft)
        found = importing.trial(held.content, held.settings, called=held.called, org=visit.place.org).aside
    if found is None:
        raise Http404
    return download(found, ending, visit, "rows-to-mend")


@page("POST")
def seal(visit: Visit, draft: str) -> HttpResponse:
    """The fourth step: the file goes to its import."""
    importers(visit)
    with visit.acting(PURPOSE):
        held = drafts.opened(visit, draft)
        if not held.plan.chosen:
            return redirect(f"/console/import/draft/{draft}")
        plan = held.plan
        upload = importing.hand_in(
            held.content, file_name=held.called, table=plan.table, source=plan.source, mapping=plan.mapping,
            units=plan.units, defaults=plan.defaults, effective_on=plan.effective_on, sheet=plan.sheet,
            continues=plan.continues,
        )  # fmt: skip
    drafts.drop(visit, draft)
    return redirect(f"/console/import/{upload}")


@page("POST")
def drop(visit: Visit, draft: str) -> HttpResponse:
    """The file is not taken in after all, and is destroyed."""
    importers(visit)
    with visit.acting(PURPOSE):
        drafts.opened(visit, draft)
    drafts.drop(visit, draft)
    return redirect("/console/import")
