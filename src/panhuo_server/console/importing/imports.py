"""Imports handed in: the list, how far each is, its bad rows, its receipts, and taking one back whole.

Invariant: what is said of an import is a fold of its events and the queue's own word; taking one back asks once, with
the consequence in numbers, and deletes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.foreign import KINDS
from panhuo.ground.book.reading.sources import open_grid
from panhuo.ground.book.tables.parties import FIVE_CLASSES as CLASSES
from panhuo.ground.record.errors import NotFound, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import allows
from panhuo_server.console.colleagues import names_of
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.importing import choosing, drafts, wizard
from panhuo_server.console.importing.wizard import PURPOSE, importers
from panhuo_server.console.night.stages import Stages, stages_of
from panhuo_server.console.pieces.figures import Badge, badge
from panhuo_server.console.pieces.listings import Entry, Listing, moment, said, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.flows import importing, mending, undoing, watching
from panhuo_server.flows.importing import Import
from panhuo_server.flows.results import results_folder
from panhuo_server.store import batch_facts, events, log
from panhuo_server.store.layout import Layout

STATES: dict[str, tuple[Text, int]] = {
    "received": (Text("已收到", "received"), 0),
    "sealed": (Text("已封存", "sealed"), 1),
    "classified": (Text("已封存并判定", "sealed and judged"), 1),
    "refused": (Text("未收", "refused"), 5),
    "asked": (Text("正在撤回", "being taken back"), 3),
    "done": (Text("已撤回", "taken back"), 2),
}


def state_badge(state: Import) -> Badge:
    """How an import stands, in a word."""
    text, step = STATES.get(state.undone or state.status, (words.DASH, 0))
    return Badge(text, step)


def called(what: str) -> Text:
    """What an import brought: a table's or a source's name."""
    if what in TABLES:
        return choosing.thing(TABLES[what])
    return choosing.SOURCES[what] if what in KINDS else same(what)


@dataclass(frozen=True)
class Kept:
    """An import with its moments and who handed it in."""

    upload: str
    state: Import
    at: Any
    person: str


def all_imports() -> list[Kept]:
    """The organisation's last imports, the one handed in last first. In `acting`."""
    found = [Kept(n, importing.fold(e), e[0].happened_at, e[0].person) for n, e in events.latest("import").items()]
    return sorted(found, key=lambda one: one.at, reverse=True)


def listing(found: list[Kept], people: dict[str, str]) -> Listing:
    """Imports as a list."""
    rows = []
    for one in found:
        state = one.state
        mends = same(f"↳ {state.continues[:8]}") if state.continues else words.NOTHING
        rows.append([
            Entry(moment(one.at), goes=f"/console/import/{one.upload}", note=same(one.upload[:8])),
            Entry(called(state.what), note=mends), Entry(badge=state_badge(state)),
            said(f"{state.good:,}", number=True), said(f"{state.bad:,}", number=True),
            said(", ".join(map(str, state.batches)) or "—"), said(people.get(one.person, one.person)),
        ])  # fmt: skip
    heads = (Text("时间", "When"), Text("内容", "What"), Text("状态", "State"), Text("收下行数", "Rows taken"),
             Text("坏行", "Bad rows"), Text("批次", "Batch"), Text("经手人", "By"))  # fmt: skip
    return Listing("imports", Text("已导入", "Imports"), heads, rows,
                   Text("还没有导入过文件。", "No file was imported yet."))  # fmt: skip


@page("GET", "HEAD", "POST")
def first(visit: Visit) -> HttpResponse:
    """The first step, and the list of what was handed in before."""
    importers(visit)
    told: Fault | None = None
    with visit.acting(PURPOSE):
        if visit.request.method == "POST":
            draft = wizard.take(visit)
            if isinstance(draft, str):
                return redirect(f"/console/import/draft/{draft}")
            told = draft
        found = all_imports()
        people = names_of()
    given = {**wizard.first_step(visit, told), "room": "import", "listing": listing(found, people)}
    return shown(visit.request, "console/importing/first.html", given, visit=visit, status=422 if told else 200)


def _of(upload: str) -> Import:
    if not upload or not all(c in "0123456789abcdef-" for c in upload):
        raise Http404
    return importing.state_of(upload)


def _counts(state: Import) -> list[tuple[Badge, int]]:
    order = {code.code: at for at, code in enumerate(CLASSES)}
    return [
        (badge_of_class(code), count)
        for code, count in sorted(state.classes.items(), key=lambda one: order.get(one[0], 99))
    ]


def badge_of_class(code: str) -> Badge:
    """A class with its risk."""
    from panhuo.ground.record.columns import Column, ColumnType

    if code not in CLASSES:
        return Badge(Text("未判定", "not judged"), 0)
    return badge(Column("class", ColumnType.CODE, "分类", "class", codes=CLASSES), code)


def _stages(visit: Visit, upload: str, state: Import) -> Stages | None:
    layout, org = Layout.current(), visit.place.org
    if state.undone:
        work = watching.watch(layout, org, undoing.KIND, upload)
        return stages_of(layout, org, work, f"undo-{upload}") if work else None
    work = watching.watch(layout, org, "import", upload)
    return stages_of(layout, org, work, f"import-{upload}") if work else None


def _given(visit: Visit, upload: str) -> dict[str, Any]:
    state = _of(upload)
    others = {one.upload: one.state for one in all_imports()}
    again = [name for name, one in others.items() if one.continues == upload]
    facts = [(choosing.thing(TABLES[n]), count) for n, count in batch_facts.counts(state.batches).items()]
    stages = _stages(visit, upload, state)
    run = f"undo-{upload}" if state.undone else state.run or f"import-{upload}"
    ready = (results_folder(Layout.current(), visit.place.org, run) / "run.json").exists()
    live = stages is not None and stages.live
    bad = []
    if state.report and allows(visit.place.roles, "read_personal") and not live:
        bad = wizard.problems_shown(importing.report(upload), TABLES.get(state.what), "bad")
    return {
        "upload": upload, "state": state, "badge": state_badge(state), "what": called(state.what), "again": again,
        "facts": facts, "stages": stages, "run": run if ready else "", "classes": _counts(state),
        "receipts": list(zip(state.batches, state.positions, strict=False)), "bad": bad, "listed": wizard.LISTED,
        "mends": bool(state.report and state.what in TABLES and allows(visit.place.roles, "read_personal")),
        "room": "import", "live": live, "why": _why(state), "wizard": wizard.wizard(4),
        "may_undo": bool(state.batches) and not state.undone and not live,
    }  # fmt: skip


def _why(state: Import) -> Text:
    if not state.why:
        return words.NOTHING
    if state.why == "import/not-taken-in":
        return Text("七天内没有读成，文件已销毁，请重新提交。",
                    "It was not read within seven days and was destroyed: hand it in again.")  # fmt: skip
    return Text("整个文件没有读成，原因见下。", "The file as a whole could not be read; see why below.")


@page()
def one(visit: Visit, upload: str) -> HttpResponse:
    """An import: how far it is, then what became of it."""
    importers(visit)
    with visit.acting(PURPOSE):
        given = _given(visit, upload)
    part = visit.request.headers.get("HX-Request") == "true"
    template = "console/importing/state.html" if part else "console/importing/one.html"
    response: HttpResponse = shown(visit.request, template, given, visit=visit)
    if part and not given["live"]:
        response["HX-Refresh"] = "true"  # what it came to is more than the fragment
    return response


@page()
def bad_rows(visit: Visit, upload: str, ending: str) -> HttpResponse:
    """The bad rows of an import as a file to mend; or, where the rows were not kept, the report of them."""
    importers(visit)
    with visit.acting(PURPOSE):
        _of(upload)
        try:
            held = importing.set_aside(upload)
        except NotFound:
            if ending != "csv":
                raise
            response = HttpResponse(
                mending.report_csv(importing.report(upload)), content_type="text/csv; charset=utf-8"
            )
            response["Content-Disposition"] = f'attachment; filename="report-{upload[:8]}.csv"'
            return response
    return wizard.download(held, ending, visit, f"rows-to-mend-{upload[:8]}")


@page("POST")
def mend(visit: Visit, upload: str) -> HttpResponse:
    """Takes the mended rows in: read as the first file was, and checked before they are sealed."""
    importers(visit)
    with visit.acting(PURPOSE):
        _of(upload)
        brought = wizard.taken(visit)
        told = brought if isinstance(brought, Fault) else None
        if not isinstance(brought, Fault):
            content, name = brought
            try:
                held = importing.set_aside(upload)
                names = open_grid(content, name=name).names
                plan = drafts.continuing(upload, held, names)
                return redirect(f"/console/import/draft/{drafts.keep(visit, content, name, plan)}/check")
            except NotFound:
                raise
            except PanhuoError as error:
                told = fault(error)
        given = {**_given(visit, upload), "fault": told}
    return shown(visit.request, "console/importing/one.html", given, visit=visit, status=422)


@page()
def receipt(visit: Visit, upload: str, batch: int) -> HttpResponse:
    """The receipt of a batch an import sealed."""
    importers(visit)
    with visit.acting(PURPOSE):
        state = _of(upload)
        position = dict(zip(state.batches, state.positions, strict=False)).get(batch)
        if position is None:
            raise Http404
        content = log.receipt(position)
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="batch-{batch}.receipt.json"'
    return response


@page("GET", "HEAD", "POST")
def undo(visit: Visit, upload: str) -> HttpResponse:
    """Taking a whole import back: what it would do, in numbers; then, asked once, doing it."""
    importers(visit)
    told: Fault | None = None
    with visit.acting(PURPOSE):
        state = _of(upload)
        if not state.batches or state.undone:
            return redirect(f"/console/import/{upload}")
        found = undoing.consequence(upload)
        if visit.request.method == "POST":
            try:
                undoing.ask(upload, visit.request.POST.get("reason", ""))
                text = Text(f"正在撤回 {found.total:,} 条事实。", f"{found.total:,} facts are being withdrawn.")
                return done(visit, f"/console/import/{upload}", text)
            except PanhuoError as error:
                told = fault(error, Text("理由里不能有个人信息", "a reason holds no personal data"))
        facts = [(choosing.thing(TABLES[n]), count) for n, count in found.facts.items()]
    given = {"upload": upload, "state": state, "what": called(state.what), "found": found, "facts": facts,
             "room": "import", "fault": told}  # fmt: skip
    return shown(visit.request, "console/importing/undo.html", given, visit=visit, status=422 if told else 200)
