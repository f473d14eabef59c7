"""``/api/facts``: what an organisation knows, what others share with it, and new facts sealed.

Invariant: rows come through row-level security alone; personal columns are null unless asked for by one whose role may
read them, and then the read is logged first. A batch is sealed once for its idempotency key.
Callers' keys are apart from those the program gives its own commands.
"""

from __future__ import annotations

import atexit
import functools
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import ColumnType
from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.roles import require
from panhuo_server.api import cursors
from panhuo_server.api.callers import entered, idempotency_key
from panhuo_server.api.described import a_list, of_object, operation
from panhuo_server.api.errors import nothing_here
from panhuo_server.api.frame import API, answer, body_of
from panhuo_server.flows import own_sources
from panhuo_server.store.fact_pages import View, facts_page, view_now
from panhuo_server.store.group_commit import GroupCommit

MOST_ROWS = 20_000
"""Rows one command seals; more go as several commands."""
_EXAMPLE = {
    "facts": {
        "parties": [
            {"id": "P1", "effective_on": "2026-03-01", "kind": "company", "source_doc": "register.xlsx",
             "source_row": 2}
        ]
    }
}  # fmt: skip


@functools.cache
def sealing() -> GroupCommit:
    """The line of commands of this web process."""
    made = GroupCommit()
    atexit.register(made.close)
    return made


def _table(name: str) -> Table:
    if name not in TABLES:
        raise nothing_here()
    return TABLES[name]


def _view(held: list[Any] | None, whose: Literal["own", "shared"], as_of: date | None) -> View | None:
    if held is None:
        return view_now(whose, as_of)
    return View(date.fromisoformat(held[0]), held[1])


Limit = Annotated[int, Query(ge=1, le=cursors.MOST)]
Text = Annotated[str | None, Query(max_length=400)]
Cursor = Annotated[str | None, Query(max_length=2000)]


@API.get(
    "/facts/{table}",
    operation_id="list_facts",
    summary="事实 · facts of a table",
    openapi_extra=operation(
        a_list({"type": "object"}),
        example={"table": "parties", "as_of": "2026-03-01", "rows": [{"org_id": "a", "id": "P1"}], "next": None},
    ),
)
def list_facts(
    request: Any, table: str, whose: Literal["own", "shared"] = "own", id: Text = None, as_of: date | None = None,
    since: date | None = None, personal: bool = False, limit: Limit = cursors.FIRST, cursor: Cursor = None,
) -> HttpResponse:  # fmt: skip
    """The facts visible on a day, entity by entity: own rows, or rows others share for the request's purpose.

    `as_of` is the last observation date unless given, `since` leaves out what took effect before it. Of a state table
    the latest fact of an entity is shown, of an event table all are. `personal` opens personal columns of own rows.
    """
    filters = {"facts": table, "whose": whose, "id": id, "as_of": as_of, "since": since, "personal": personal}
    with entered(request):
        declared = _table(table)
        if personal:
            if whose == "shared":
                raise InvalidInput("personal columns of shared rows stay closed here", where="personal")
            require("read_personal")
        held = cursors.read(cursor, filters)
        view = _view(held, whose, as_of)
        if view is None:
            return answer({"table": table, "as_of": None, "rows": [], "next": None})
        after = tuple(held[2]) if held else None
        found = facts_page(
            table, whose, view, entity=id, since=since, after=after, limit=limit + 1, personal=personal
        )  # fmt: skip
        rows = found.slice(0, limit).to_pylist()
        following = None
        if len(found) > limit:
            place = [rows[-1][name] for name in ("org_id", "id", "fact_sequence", "fact_position")]
            following = cursors.made([view.as_of.isoformat(), view.sequence, place], filters)
        shown = None if view.as_of.year == 9999 else view.as_of
        return answer({"table": declared.name, "as_of": shown, "rows": rows, "next": following})


@API.get(
    "/facts/{table}/{path:id}",
    operation_id="one_entity",
    summary="一个主体的事实 · the facts of one entity",
    openapi_extra=operation(of_object({"rows": {"type": "array", "items": {"type": "object"}}}, open_=True)),
)
def one_entity(
    request: Any, table: str, id: str, whose: Literal["own", "shared"] = "own", as_of: date | None = None
) -> HttpResponse:
    """The facts of one entity on a day, at most 1,000."""
    with entered(request):
        declared = _table(table)
        view = view_now(whose, as_of)
        found = facts_page(table, whose, view, entity=id, limit=cursors.MOST).to_pylist() if view else []
        if not found or view is None:
            raise nothing_here()
        shown = None if view.as_of.year == 9999 else view.as_of
        return answer({"table": declared.name, "as_of": shown, "rows": found})


def _typed(table: Table, place: str, row: dict[str, Any]) -> dict[str, Any]:
    columns = table.fact_schema.by_name
    found = dict(row)
    for name, value in row.items():
        column = columns.get(name)
        if column is None:
            raise InvalidInput("there is no such column", where=f"{place}.{name[:100]}", code="invalid-input/column")
        if column.type is ColumnType.DATE and value is not None:
            try:
                found[name] = date.fromisoformat(value) if len(value) == 10 else None
            except (TypeError, ValueError):
                found[name] = None
            if found[name] is None:
                raise InvalidInput("a date such as 2026-03-01 is needed", where=f"{place}.{name}")
    return found


@API.post(
    "/facts",
    operation_id="seal_facts",
    summary="导入事实 · seal facts",
    openapi_extra=operation(
        of_object({
            "sequence": {"type": "integer"}, "repeated": {"type": "boolean"},
            "fact_ids": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        }),
        example={"sequence": 1, "fact_ids": {"parties": ["1-0"]}, "repeated": False},
        body=of_object({
            "facts": {
                "type": "object",
                "properties": {
                    name: {"type": "array", "items": {"$ref": f"#/components/schemas/Seal_{name}"}} for name in TABLES
                },
                "additionalProperties": False,
            }
        }),
        body_example=_EXAMPLE,
        writes=True,
    ),
)  # fmt: skip
def seal_facts(request: Any) -> HttpResponse:
    """Seals rows of one or more tables as one command: all or nothing, once for its key."""
    key = idempotency_key(request)
    with entered(request, writes=True) as who:
        require("import_facts")
    body = body_of(request, dict[str, dict[str, list[dict[str, Any]]]])
    if set(body) != {"facts"}:
        raise InvalidInput("a body holds `facts` and nothing else", where="body", code="invalid-input/body")
    facts: dict[str, list[dict[str, Any]]] = {}
    for name, rows in body["facts"].items():
        if name not in TABLES:
            raise InvalidInput("there is no such table", where=f"facts.{name[:100]}", remedy="see /api/tables")
        for at, row in enumerate(rows):
            if own_sources.reserved(name, row.get("source_doc")):
                raise InvalidInput(
                    "only what a class review here sealed names that review as its source",
                    where=f"facts.{name}[{at}].source_doc", remedy="name the file or system the class came from",
                    code="invalid-input/reserved-source",
                )  # fmt: skip
        facts[name] = [_typed(TABLES[name], f"facts.{name}[{at}]", row) for at, row in enumerate(rows)]
    if sum(len(rows) for rows in facts.values()) > MOST_ROWS:
        raise InvalidInput(f"more than {MOST_ROWS} rows", remedy="send several commands", code="invalid-input/too-many")
    # Apart from the keys of imports, reviews and withdrawals: nobody takes one of those first.
    done = sealing().seal(who, facts, idempotency_key=f"api {key}")
    return answer({"sequence": done.sequence, "fact_ids": done.fact_ids, "repeated": done.repeated})
