"""Running the night: for which day, how far it is, how long the last one took, and the nights there were.

Invariant: a night is asked for in the business transaction, once for what is asked; how far it is comes from the queue
and the night's own word; a page that watches can be left and returned to.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.errors import NotFound
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.night.stages import Stages, stages_of
from panhuo_server.console.pieces.figures import Badge, day
from panhuo_server.console.pieces.listings import Entry, Listing, lasted, moment, said, same
from panhuo_server.console.refused import Fault
from panhuo_server.console.teaching import ANY
from panhuo_server.flows import heartbeat, watching
from panhuo_server.flows.nightly import ask_for_night
from panhuo_server.flows.results import results_folder
from panhuo_server.flows.watching import Watched
from panhuo_server.store import outcomes
from panhuo_server.store.layout import Layout
from panhuo_server.store.reading import observed_until, reading

STATES = {
    "done": Badge(Text("完成", "done"), 1), "failed": Badge(Text("失败", "failed"), 5),
    "working": Badge(Text("正在运行", "running"), 2), "slow": Badge(Text("运行较慢", "slow"), 3),
    "queued": Badge(Text("排队", "queued"), 2), "waiting": Badge(Text("等待", "waiting"), 2),
}  # fmt: skip
MOST = 30
"""Nights listed."""


def called(run: str) -> Text:
    """What a night is called: by its run, or by the import it followed."""
    after = {
        "import": ("导入 {} 之后", "after import {}"),
        "import_undo": ("撤回导入 {} 之后", "after import {} was taken back"),
    }
    if kind_of(run) == "night":
        return same(run)
    zh, en = after[kind_of(run)]
    short = run.removeprefix("import-").removeprefix("undo-")[:8]
    return Text(zh.format(short), en.format(short))


def kind_of(run: str) -> str:
    """The kind of work a run belongs to: a night of its own, or one that followed an import."""
    return "import" if run.startswith("import-") else "import_undo" if run.startswith("undo-") else "night"


def work_of(visit: Visit, run: str) -> Watched | None:
    """The work a run belongs to; None when the queue knows none, as of books that were brought along."""
    kind = kind_of(run)
    name = run.removeprefix("import-").removeprefix("undo-") if kind != "night" else run
    return watching.watch(Layout.current(), visit.place.org, kind, name)


def seconds_of(work: Watched | None) -> float | None:
    """How long work took."""
    return work.took.total_seconds() if work is not None and work.took is not None else None


def _safe(run: str) -> str:
    if not run or not all(c.isalnum() or c in "-_" for c in run):
        raise Http404
    return run


def _nights(visit: Visit) -> tuple[Listing, list[Watched]]:
    layout, org = Layout.current(), visit.place.org
    works = {one.id: one for one in watching.of_kind(layout, org, "night", most=MOST)}
    known = outcomes.runs()
    made = {one.run for one in known}
    rows = []
    for work in works.values():
        if work.id not in made:
            rows.append([
                Entry(same(work.id), goes=f"/console/night/{work.id}"), Entry(badge=STATES[work.state]), said("—"),
                said("—"), said("—", number=True), said(moment(work.asked_at)),
                said(lasted(seconds_of(work)), number=True), Entry(),
            ])  # fmt: skip
    for run in known[:MOST]:
        held = works.get(run.run)
        ready = (results_folder(layout, org, run.run) / "run.json").exists()
        moved = Entry(Text("变动", "What moved"), goes=f"/console/night/{run.run}/moved") if ready else Entry()
        rows.append([
            Entry(called(run.run), goes=f"/console/night/{run.run}"),
            Entry(badge=STATES["done"] if ready else Badge(Text("结果不在本机", "results not here"), 3)),
            said(day(run.as_of)), said(run.sequence), said(run.outcomes, number=True),
            said(moment(held.asked_at if held else None)), said(lasted(seconds_of(held)), number=True), moved,
        ])  # fmt: skip
    heads = (
        Text("夜间运行", "Night"), Text("状态", "State"), Text("截至", "As of"), Text("批次", "Batch"),
        Text("结果数", "Outcomes"), Text("发起", "Asked for"), Text("用时", "Took"), Text("变动", "Moved"),
    )  # fmt: skip
    found = Listing("nights", Text("历次夜间运行", "Nights"), heads, rows,
                    Text("还没有运行过。", "No night was run yet."))  # fmt: skip
    return found, list(works.values())


def asked_day(given: str, latest: date | None) -> date | Fault | None:
    """The day a form names; None for the last one."""
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        return Fault(Text("这不是日期", "this is no date"), Text("写成 2026-06-30", "write 2026-06-30"))
    if latest is not None and found > latest:
        return Fault(Text("事实只到", "the facts reach only to"), where=latest.isoformat())
    return found


@page("GET", "HEAD", "POST")
def night(visit: Visit) -> HttpResponse:
    """The room of the night: start one, and the nights there were."""
    told: Fault | None = None
    with visit.acting(*ANY):
        latest: date | None = None
        try:
            with reading() as c:
                latest = observed_until(c)
        except NotFound:
            latest = None
    if visit.request.method == "POST":
        with visit.acting("nightly_run"):
            asked = asked_day(visit.request.POST.get("as_of", "").strip(), latest)
            if isinstance(asked, Fault):
                told = asked
            else:
                run = f"console-{datetime.now(UTC):%Y%m%d-%H%M}" + (f"-{asked:%Y%m%d}" if asked else "")
                ask_for_night(run, as_of=asked)
        if told is None:
            return redirect(f"/console/night/{run}")
    with visit.acting(*ANY):
        listing, works = _nights(visit)
    under_way = [work for work in works if work.state not in ("done", "failed")]
    last = next((work for work in works if work.state == "done"), None)
    given = {
        "room": "night", "day": latest, "listing": listing, "under_way": under_way, "fault": told,
        "last": lasted(seconds_of(last)) if last else None, "alive": heartbeat.fresh(Layout.current()),
    }  # fmt: skip
    return shown(visit.request, "console/night/night.html", given, visit=visit, status=422 if told else 200)


@page()
def watch(visit: Visit, run: str) -> HttpResponse:
    """How far a night is, and what it came to."""
    _safe(run)
    layout, org = Layout.current(), visit.place.org
    with visit.acting(*ANY):
        known = outcomes.of_run(run)
    ready = bool(known) and (results_folder(layout, org, run) / "run.json").exists()
    work = work_of(visit, run)
    if work is None and not known:
        raise Http404
    stages: Stages | None = stages_of(layout, org, work, run) if work is not None else None
    live = stages is not None and stages.live and not (ready and kind_of(run) != "night")
    given: dict[str, Any] = {
        "room": "night", "run": run, "name": called(run), "done": ready,
        "count": len(known), "stages": stages, "live": live,
        "as_of": known[0].as_of if known else None, "sequence": known[0].sequence if known else None,
        "alive": heartbeat.fresh(layout),
    }  # fmt: skip
    part = visit.request.headers.get("HX-Request") == "true"
    return shown(visit.request, f"console/night/{'state' if part else 'watch'}.html", given, visit=visit)
