"""Views of a table that a person keeps under a name: filters, order, columns, as its address says them.

Invariant: a view holds an address of this console and no rows; opening it asks for them anew, with today's rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import Http404, HttpResponse

from panhuo.ground.record.errors import Defect, InvalidInput
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, done, page
from panhuo_server.store import console_views
from panhuo_server.store.acting import current

LONGEST = 40


@dataclass(frozen=True)
class View:
    """A view as a table lists it."""

    name: str
    href: str
    chosen: bool


def views_of(sheet: str, query: str) -> list[View]:
    """The views of a table that whoever acts keeps; none outside `acting`."""
    try:
        current()
    except Defect:
        return []
    return [
        View(name, f"{address}?{held}" if held else address, held == query)
        for name, address, held in console_views.of_sheet(sheet)
    ]


def _inside(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith("/console/") or len(parts.path) > 200:
        raise Http404
    if "\\" in address or any(ord(c) < 32 for c in address):
        raise Http404
    return parts.path


@page("POST")
def keep(visit: Visit) -> HttpResponse:
    """Keeps the table as it stands under a name, or ends a name; the next page offers to take it back."""
    given = visit.request.POST
    sheet, name = given.get("sheet", "")[:80], " ".join(given.get("name", "").split())
    address, drop = _inside(given.get("address", "")), given.get("drop", "")
    query = urlencode([(k, v) for k, v in parse_qsl(given.get("query", "")) if k not in ("page", "as")])
    if not sheet or not visit.purposes:
        raise Http404
    if len(query) > 2000:
        raise InvalidInput("too much is chosen to keep it as a view", where="query", remedy="choose fewer filters")
    with visit.acting(*visit.purposes):
        if drop:
            held = next((row for row in console_views.of_sheet(sheet) if row[0] == drop), None)
            if held is None:
                raise Http404
            console_views.add(sheet, held[0], held[1], held[2], kept=False)
            said = Text(f"已删除视图“{drop}”。", f"The view “{drop}” was removed.")
            undo = {"sheet": sheet, "name": drop, "address": held[1], "query": held[2]}
            name = drop
        else:
            if not 1 <= len(name) <= LONGEST:
                raise InvalidInput(
                    f"a view's name has 1 to {LONGEST} characters", where="name", remedy="give it a short name"
                )
            console_views.add(sheet, name, address, query, kept=True)
            said = Text(f"已保存视图“{name}”。", f"Kept as the view “{name}”.")
            undo = {"sheet": sheet, "drop": name, "address": address, "query": query}
    back = f"{address}?{query}" if query else address
    return done(visit, back, said, undo="/console/views", fields=undo)
