"""案件: mediations and proceedings of a court or mediation body, with their days; steps are recorded here.

Invariant: what stands here comes from the judicial schema: own facts, and what another court or mediation body shares;
no commercial row is read, and nothing of a case leads to one.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import Conflict, NotFound
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import allows
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.judicial import steps
from panhuo_server.console.pieces.asking import Ask, State, asking, sure
from panhuo_server.console.pieces.figures import Badge, day, exactly, plain
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.pictures import Moment
from panhuo_server.console.pieces.tables import Facts, Head, Sheet, Shown
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.shared_rows import Row, Shared, as_table, disclosed, own
from panhuo_server.store.statements import today

PURPOSES = ("mediation", "enforcement")
ROOM = "cases"
HERE = "/console/cases"
NONE = State("empty", Text("还没有案件。登记第一件调解，它的期限和步骤会出现在这里。",
                           "No case yet. Take in the first mediation: its days and steps stand here."),
             Text("登记案件", "Take in a case"), "/console/cases/new")  # fmt: skip
_DAYS = {
    "mediations": ("opened_on", "agreed_on", "confirmation_filed_on", "confirmation_ruled_on", "perform_by_on"),
    "proceedings": ("filed_on", "accepted_on", "heard_on", "served_on", "decided_on", "effective_since_on", "closed_on",
                    "next_deadline_on"),
}  # fmt: skip


def _enter(visit: Visit) -> None:
    if not visit.place.judicial or visit.purpose_of(PURPOSES) is None:
        raise Http404


def _may_record(visit: Visit) -> bool:
    return allows(visit.place.roles, "import_facts")


def address(table: str, row: Row) -> str:
    """Where a case is read: our own by its id, another's with its owner."""
    base = f"{HERE}/{'mediation' if table == 'mediations' else 'proceeding'}/{quote(row['id'], safe='')}"
    return base + (f"?of={quote(row['org_id'], safe='')}" if row.get("share_level") is not None else "")


def rows_of(visit: Visit, table: str) -> list[Row]:
    """Our own rows of a table, then those shared with us."""
    with visit.acting(*PURPOSES):
        mine = [{**row, "share_level": None} for row in own(table)]
    return mine + Shared(visit, PURPOSES).rows(table)


def _sheet(
    name: str, title: Text, heads: tuple[Head, ...], filters: tuple[str, ...], sort: str, rows: list[Row]
) -> Sheet:
    table = as_table(name, rows)
    return Sheet(name, title, Facts(name, TABLES[name].sealed_schema, table), heads, filters, sort, facts=True)


def mediations_sheet(visit: Visit) -> Sheet:
    """The mediations."""
    heads = (
        Head("id", goes=lambda row: address("mediations", row), label=Text("案件", "Case")),
        Head("matter_id", label=Text("事项", "Matter")), Head("result"), Head("opened_on"), Head("agreed_on"),
        Head("amount", total=True), Head("waived", total=True, hidden=True), Head("confirmation_filed_on"),
        Head("confirmation_ruled_on"), Head("perform_by_on"), Head("org_id", label=Text("机构", "Of"), hidden=True),
    )  # fmt: skip
    return _sheet(
        "mediations", Text("调解", "Mediations"), heads, ("result",), "-opened_on", rows_of(visit, "mediations")
    )


def proceedings_sheet(visit: Visit) -> Sheet:
    """The proceedings."""
    heads = (
        Head("id", goes=lambda row: address("proceedings", row), label=Text("程序", "Proceeding")),
        Head("case_number"), Head("kind"), Head("status"), Head("court"), Head("amount", total=True), Head("filed_on"),
        Head("next_deadline_on"), Head("org_id", label=Text("机构", "Of"), hidden=True),
    )  # fmt: skip
    rows = rows_of(visit, "proceedings")
    return _sheet(
        "proceedings", Text("审判与执行程序", "Proceedings"), heads, ("kind", "status"), "next_deadline_on", rows
    )


@page()
def cases(visit: Visit) -> HttpResponse:
    """Mediations and proceedings."""
    _enter(visit)
    sheets = [sheet for sheet in (mediations_sheet(visit), proceedings_sheet(visit)) if len(sheet.table)]
    tables: list[Shown] = []
    with visit.acting(*PURPOSES):
        about = [(Text("机构", "organisation"), f"{visit.place.name} ({visit.place.org})")]
        if (other := other_form(sheets, None, visit, about)) is not None:
            return other
        tables = [table_shown(sheet, None, visit, HERE) for sheet in sheets]
    given = {"room": ROOM, "tables": tables, "none": NONE, "may": _may_record(visit)}
    return shown(visit.request, "console/cases.html", given, visit=visit)


def coming(visit: Visit) -> list[dict[str, Any]]:
    """Days that run: judicial confirmation of agreements, performance, next days of proceedings; the nearest first."""
    now, found = today(), []
    for row in rows_of(visit, "mediations"):
        due = steps.confirmation_due(row, now)
        goes = address("mediations", row)
        if due is not None and not due.kept:
            found.append((due.day, due.step, Text("申请司法确认", "Judicial confirmation"), row["id"], goes))
        if row["perform_by_on"] is not None and row["result"] == "agreed":
            left = (row["perform_by_on"] - now).days
            found.append((row["perform_by_on"], 5 if left < 0 else 3, Text("履行期限", "Performance"), row["id"], goes))
    for row in rows_of(visit, "proceedings"):
        if row["next_deadline_on"] is not None and row["closed_on"] is None:
            left = (row["next_deadline_on"] - now).days
            found.append((row["next_deadline_on"], 5 if left < 0 else 4 if left <= 10 else 2,
                          Text("程序期限", "Deadline of the proceeding"), row["case_number"] or row["id"],
                          address("proceedings", row)))  # fmt: skip
    said = []
    for when, step, name, case, goes in sorted(found, key=lambda one: (one[0], one[3])):
        left = (when - now).days
        word = (
            Text("已过", "passed")
            if left < 0
            else Text("十日内", "within ten days")
            if left <= 10
            else Text("进行中", "running")
        )
        count = (
            Text(f"已过 {-left} 天", f"{-left} days ago") if left < 0 else Text(f"还有 {left} 天", f"{left} days left")
        )
        said.append(
            {"badge": Badge(word, step), "name": name, "case": case, "goes": goes, "day": day(when), "left": count}
        )
    return said


def home(visit: Visit) -> HttpResponse:
    """Today for a court or mediation body: which days run, which cases wait."""
    _enter(visit)
    rows = rows_of(visit, "mediations")
    pending = [row for row in rows if row["result"] in (None, "pending")]
    given = {
        "room": "today", "coming": coming(visit), "none": NONE, "may": _may_record(visit), "all": len(rows),
        "pending": [(row["id"], address("mediations", row), day(row["opened_on"])) for row in sorted(
            pending, key=lambda r: r["opened_on"] or date.max)][:8],
        "pending_in_all": len(pending),
    }  # fmt: skip
    return shown(visit.request, "console/cases_today.html", given, visit=visit)


def _one(visit: Visit, table: str, case: str) -> Row:
    of = visit.request.GET.get("of", "")
    for row in rows_of(visit, table):
        if row["id"] == case and (row["org_id"] == of if of else row["share_level"] is None):
            return row
    raise NotFound("there is no such case", where=case)


def _moments(table: str, row: Row, due: steps.Due | None) -> list[Moment]:
    now, schema, found = today(), TABLES[table].schema, []
    for name in _DAYS[table]:
        if row[name] is not None:
            told = words.NOTHING
            if table == "mediations" and name == "agreed_on" and row["amount"] is not None:
                told = exactly(schema["amount"], row["amount"], row["currency"] or "CNY")
            source = f"{row['source_doc'] or ''} {row['source_row'] or ''}".strip()
            found.append(Moment(row[name], words.label(schema[name]), told, words.NOTHING, row[name] > now,
                                Text(source, source)))  # fmt: skip
    if due is not None and not due.kept:
        found.append(Moment(due.day, Text("司法确认申请截止", "Last day for judicial confirmation"), words.NOTHING,
                            words.NOTHING, due.day >= now))  # fmt: skip
    return sorted(found, key=lambda m: (m.day, m.title.en), reverse=True)


def _case_page(visit: Visit, table: str, case: str) -> HttpResponse:
    _enter(visit)
    row = _one(visit, table, case)
    mine = row["share_level"] is None
    due = steps.confirmation_due(row, today()) if table == "mediations" else None
    other, stands = ("proceedings", "status") if table == "mediations" else ("mediations", "result")
    related = [one for one in rows_of(visit, other) if one["matter_id"] and one["matter_id"] == row["matter_id"]
               and one["org_id"] == row["org_id"]]  # fmt: skip
    may = mine and table == "mediations" and _may_record(visit)
    given = {
        "room": ROOM, "case": row, "mine": mine, "due": due, "may": may, "today": today().isoformat(),
        "disclosed": disclosed(TABLES[table], {**row, "share_level": row["share_level"] or 5}),
        "moments": _moments(table, row, due), "steps": steps.possible(row) if may else [],
        "related": [(one["id"], address(other, one), plain(TABLES[other].schema[stands], one[stands]))
                    for one in related],
        "back": may and row["result"] is not None and row["result"] != "pending",
        "fact": f"{row['fact_sequence']}-{row['fact_position']}",
        "crumbs": [(Text("案件", "Cases"), HERE), (Text(case, case), "")],
    }  # fmt: skip
    return shown(visit.request, "console/case.html", given, visit=visit)


@page()
def mediation(visit: Visit, case: str) -> HttpResponse:
    """One mediation: its time line, its days, the next step."""
    return _case_page(visit, "mediations", case)


@page()
def proceeding(visit: Visit, case: str) -> HttpResponse:
    """One proceeding: its time line and days."""
    return _case_page(visit, "proceedings", case)


@page("GET", "HEAD", "POST")
def new(visit: Visit) -> HttpResponse:
    """Takes in a mediation."""
    _enter(visit)
    if not _may_record(visit):
        raise Http404
    if visit.request.method == "POST":
        with visit.acting(*PURPOSES):
            made = steps.open_case(visit.request.POST, today(), visit.place.name)
        said = Text(f"已登记案件 {made}。", f"The case {made} was taken in.")
        goes = f"{HERE}/mediation/{made}"
        return done(visit, goes, said, undo=f"{goes}/back", fields={"sure": "yes"})
    given = {"room": ROOM, "today": today().isoformat(),
             "crumbs": [(Text("案件", "Cases"), HERE), (Text("登记案件", "Take in a case"), "")]}  # fmt: skip
    return shown(visit.request, "console/case_new.html", given, visit=visit)


@page("POST")
def step(visit: Visit, case: str) -> HttpResponse:
    """Records a step of our own mediation."""
    _enter(visit)
    if not _may_record(visit):
        raise Http404
    row, given = _one(visit, "mediations", case), visit.request.POST
    if given.get("fact", "") != f"{row['fact_sequence']}-{row['fact_position']}":
        raise Conflict("somebody else acted on it meanwhile", where=case, code="conflict/stream-moved-on")
    with visit.acting(*PURPOSES):
        steps.take(row, given.get("step", ""), given, today())
    name = steps.BY_CODE[given["step"]].name
    goes = address("mediations", row)
    said = Text(f"已记录：{name.zh}。", f"Recorded: {name.en}.")
    return done(visit, goes, said, undo=f"{goes}/back", fields={"sure": "yes"})


@page("POST")
def back(visit: Visit, case: str) -> HttpResponse:
    """Takes the latest step of our own mediation back, after asking once."""
    _enter(visit)
    if not _may_record(visit):
        raise Http404
    row = _one(visit, "mediations", case)
    goes = address("mediations", row)
    if not sure(visit):
        result = plain(TABLES["mediations"].schema["result"], row["result"])
        question = Ask(
            Text(f"撤回案件 {case} 的最近一步？", f"Take back the latest step of {case}?"),
            (Text(f"现在的结果“{result.zh}”（生效日 {row['effective_on']}）将被撤回，恢复到前一步。",
                  f"What it says now, “{result.en}” of {row['effective_on']}, is withdrawn; the step before stands."),
             Text("撤回本身也是一条事实，会留下记录。", "The withdrawal is itself a fact and stays on record.")),
            Text("撤回", "Take it back"), f"{goes}/back", [], goes,
        )  # fmt: skip
        return asking(visit, question, ROOM)
    with visit.acting(*PURPOSES):
        steps.take_back(row)
    left = any(one["id"] == case for one in rows_of(visit, "mediations") if one["share_level"] is None)
    return done(visit, goes if left else HERE, Text("已撤回最近一步。", "The latest step was taken back."))
