"""共享与个人信息: what others see and until when, what others let us see, consents, supervision, who looked.

Invariant: before a share is given the page says column by column what the other will see at that level; a share, a
consent or a supervision that ends shows nothing from that moment; every reading of personal values stands in the log.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.purposes import PURPOSES as USES
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import access_report, consent, shares, supervision
from panhuo_server.accounts.roles import PURPOSES, allows
from panhuo_server.console.colleagues import names_of
from panhuo_server.console.frame import SHARES, Visit, done, page, shown
from panhuo_server.console.importing.choosing import families, thing
from panhuo_server.console.people.people import purpose_name
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import Act, Entry, Listing, moment, said, same
from panhuo_server.console.pieces.tables import SHEET
from panhuo_server.console.refused import Fault, fault
from panhuo_server.flows import clock
from panhuo_server.store import consents, erasing, read_log
from panhuo_server.store.acting import current
from panhuo_server.store.declared import LEVEL_ALWAYS
from panhuo_server.store.statements import today

ADDRESS = "/console/shares"
MOST = 300
"""Lines shown of ledgers and logs."""
AGGREGATES = {
    "balance_by_class": Text("分类余额", "balance by class"), "bad_debt_ratio": Text("不良率", "bad-debt ratio"),
    "provision_cover": Text("拨备覆盖", "provision cover"),
}  # fmt: skip
STANDING = {
    "given": Badge(Text("有效", "given"), 1), "withdrawn": Badge(Text("已撤回", "withdrawn"), 4),
    "expired": Badge(Text("已到期", "expired"), 3), "refused": Badge(Text("不同意", "refused"), 5),
}  # fmt: skip
FIRST = Text(f"只列 {MOST} 条；按主体查找其余的。", f"{MOST} are listed: look a party up for the others.")
SUPERVISED = Text(
    "监管机构只看汇总：少于十个主体的组不出现，金额以万元计，只给月末。",
    "Aggregates alone: no group of fewer than ten, in units of 10,000 yuan, ends of months.",
)
NO_SHARE = Text(
    "共享需要对方机构、级别、对方会用到的用途和将来的截止日",
    "a share needs the other organisation, a level, a purpose it acts for, and an end to come",
)
NO_CONSENT = Text(
    "法律要求更多：此用途须单独同意，或须写明接收方；主体须已在册，凭证不含个人信息",
    "the law asks for more: given separately, or the recipient named; the party on record, no personal data",
)
READERS = ("privacy", "audit", "administration")
CONSENTS = ("privacy", "import", "own_affairs")


def may_share(visit: Visit) -> bool:
    """Whether this person gives shares."""
    return allows(visit.place.roles, "share")


def may_record(visit: Visit) -> bool:
    """Whether this person records consents."""
    return any(allows(visit.place.roles, act) for act in ("import_facts", "forget"))


def tabs(visit: Visit, now: str) -> list[tuple[Text, str, bool]]:
    """The pages beside each other that this person may see."""
    found = [(Text("共享", "Shares"), ADDRESS, "shares")]
    if visit.purpose_of(CONSENTS) and may_record(visit):
        found.append((Text("同意台账", "Consents"), f"{ADDRESS}/consents", "consents"))
    if visit.purpose_of(("administration",)) and visit.place.kind != "supervisor" and not visit.place.judicial:
        found.append((Text("监管授权", "Supervision"), f"{ADDRESS}/supervision", "supervision"))
    if visit.purpose_of(READERS):
        found.append((Text("查阅日志", "Who looked"), f"{ADDRESS}/reads", "reads"))
    if allows(visit.place.roles, "read_personal"):
        found.append((Text("个人报告", "A person's report"), f"{ADDRESS}/report", "report"))
    return [(name, address, code == now) for name, address, code in found]


def seen_at(table: Table, level: int) -> list[tuple[Text, bool, int]]:
    """Every column of a table: what it is called, whether a share of that level shows it, its own level."""
    found = []
    for column in table.fact_schema.columns:
        own = column.level or 1
        shows = column.name in LEVEL_ALWAYS or own <= level
        found.append((words.label(column), shows, own))
    return found


def _table_name(name: str) -> Text:
    return thing(TABLES[name]) if name in TABLES else same(name)


def _given(visit: Visit) -> Listing:
    rows = []
    for one in reversed(shares.given()):
        acts: tuple[Act, ...] = ()
        badge = Badge(Text("已终止", "ended"), 2) if one.ended else Badge(Text("有效", "live"), 1)
        if not one.ended and may_share(visit):
            name = _table_name(one.table)
            ask = Text(
                f"{one.to_org} 立即看不到“{name.zh}”。", f"{one.to_org} sees nothing of “{name.en}” from this moment."
            )
            acts = (Act(f"{ADDRESS}/end", Text("终止", "End"), (("share", one.share),), ask=ask),)
        what = same(one.row) if one.row else Text("整张表", "the whole table")
        rows.append([
            Entry(_table_name(one.table), note=what), Entry(same(one.to_org)), Entry(same(one.level), number=True),
            Entry(purpose_name(one.purpose)), Entry(moment(one.valid_from)), Entry(moment(one.valid_until)),
            Entry(badge=badge), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("数据", "What"), Text("给谁", "To"), Text("级别", "Level"), Text("用途", "For"),
             Text("从", "From"), Text("到", "Until"), Text("状态", "State"), Text("可做", "Do"))  # fmt: skip
    return Listing("given", Text("我方给出的", "Given by us"), heads, rows,
                   Text("没有给出过共享。", "Nothing was ever shared."))  # fmt: skip


def _received() -> Listing:
    rows = [
        [Entry(_table_name(one.table), note=same(one.row) if one.row else Text("整张表", "the whole table")),
         Entry(same(one.owner_org)), Entry(same(one.level), number=True), Entry(purpose_name(one.purpose)),
         Entry(moment(one.valid_from)), Entry(moment(one.valid_until))]
        for one in shares.received()
    ]  # fmt: skip
    heads = (Text("数据", "What"), Text("谁给的", "From"), Text("级别", "Level"), Text("用途", "For"),
             Text("从", "From"), Text("到", "Until"))  # fmt: skip
    return Listing("received", Text("他方给我方的", "Given to us"), heads, rows,
                   Text("没有收到共享。", "Nobody shares anything with us."))  # fmt: skip


def _asked(given: Any) -> dict[str, Any]:
    level = given.get("level", "2")
    return {
        "table": given.get("table", "drawdowns") if given.get("table", "drawdowns") in TABLES else "drawdowns",
        "level": int(level) if level in "12345" and len(level) == 1 else 2, "to": given.get("to", "").strip()[:64],
        "purpose": given.get("purpose", "due_diligence"), "row": given.get("row", "").strip()[:128],
        "until": given.get("until", "") or (clock.now() + timedelta(days=90)).strftime("%Y-%m-%d"),
    }  # fmt: skip


def _shares_page(visit: Visit, told: Fault | None = None, asked: dict[str, Any] | None = None) -> HttpResponse:
    with visit.acting(*SHARES):
        listings = [_given(visit), _received()]
    asked = asked or _asked(visit.request.GET)
    table = TABLES[asked["table"]]
    columns = seen_at(table, asked["level"])
    given = {
        "room": "shares", "tabs": tabs(visit, "shares"), "listings": listings, "fault": told, "asked": asked,
        "families": families(), "columns": columns, "what": thing(table), "may": may_share(visit),
        "shown_count": sum(shows for _, shows, _ in columns), "levels": range(1, 6),
        "purposes": [(code, purpose_name(code)) for code in PURPOSES.positions],
    }  # fmt: skip
    return shown(visit.request, "console/people/shares.html", given, visit=visit, status=422 if told else 200)


@page()
def overview(visit: Visit) -> HttpResponse:
    """Shares given and received, and giving one."""
    return _shares_page(visit)


def _end_of(day: str) -> datetime:
    """The last moment of a day in the server's time zone."""
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(day), time(23, 59, 59)))
    except ValueError as error:
        raise InvalidInput("this is no date", where=day, remedy="write 2026-12-31", code="invalid-input/day") from error


def may_grant_supervision(visit: Visit) -> bool:
    """Whether this person may let a supervisor have aggregates; courts and mediation bodies have none to give."""
    return allows(visit.place.roles, "grant_supervision") and not visit.place.judicial


def _may(visit: Visit, allowed: bool) -> None:
    if not allowed:
        raise Http404


@page("POST")
def give(visit: Visit) -> HttpResponse:
    """Gives a share, after its columns were shown."""
    _may(visit, may_share(visit))
    asked = _asked(visit.request.POST)
    if "give" not in visit.request.POST:
        return _shares_page(visit, asked=asked)
    with visit.acting(*SHARES):
        try:
            until = _end_of(asked["until"])
            shares.grant(asked["table"], asked["to"], asked["level"], asked["purpose"], until, row=asked["row"] or None)
            told = None
        except PanhuoError as error:
            told = fault(error, NO_SHARE)
    return _shares_page(visit, told, asked) if told else done(visit, ADDRESS, Text("已共享。", "Shared."))


@page("POST")
def end(visit: Visit) -> HttpResponse:
    """Ends a share at once."""
    _may(visit, may_share(visit))
    with visit.acting(*SHARES):
        try:
            shares.end(visit.request.POST.get("share", ""))
            told = None
        except PanhuoError as error:
            told = fault(error)
    return _shares_page(visit, told) if told else done(visit, ADDRESS, Text("共享已终止。", "The share has ended."))


# ---- consents


def _use_name(code: str) -> Text:
    return Text(USES[code].zh, USES[code].en) if code in USES else same(code)


def _consents_page(visit: Visit, told: Fault | None = None) -> HttpResponse:
    party = visit.request.GET.get("party", "").strip()[:128]
    with visit.acting(*CONSENTS):
        found = consents.statements(today(), party=party or None, most=MOST + 1)
    rows = []
    for one in found[:MOST]:
        acts: tuple[Act, ...] = ()
        if one["standing"] == "given":
            use = _use_name(one["purpose"])
            given = [("party", one["party_id"]), ("purpose", one["purpose"])]
            given += [("recipient", one["recipient"])] if one["recipient"] else []
            ask = Text(
                f"{one['party_id']} 撤回对“{use.zh}”的同意：即日起不得再用，依此的共享失效；此前的使用不受影响。",
                f"{one['party_id']} withdraws consent to “{use.en}”: barred from now on, shares that rest on it show"
                " nothing; what was done before stands.",
            )
            acts = (Act(f"{ADDRESS}/consents/withdraw", Text("登记撤回", "Record withdrawal"), tuple(given), ask=ask),)
        separate = Text("单独同意", "given separately") if one["separate"] else words.NOTHING
        rows.append([
            Entry(same(one["party_id"])), Entry(_use_name(one["purpose"]), note=separate),
            Entry(same(one["recipient"] or "—")), Entry(badge=STANDING.get(one["standing"], Badge(words.DASH, 0))),
            Entry(same(one["granted_on"] or "—")), Entry(same(one["expires_on"] or "—")),
            Entry(same(one["withdrawn_on"] or "—")), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("主体", "Party"), Text("用途", "Purpose"), Text("接收方", "Recipient"), Text("状态", "Standing"),
             Text("同意于", "Given"), Text("到期", "Expires"), Text("撤回于", "Withdrawn"),
             Text("可做", "Do"))  # fmt: skip
    note = FIRST if len(found) > MOST else words.NOTHING
    listing = Listing(
        "consents", Text("同意台账", "Consents"), heads, rows, Text("没有记录。", "None on record."), note
    )
    given_page = {
        "room": "shares", "tabs": tabs(visit, "consents"), "listing": listing, "fault": told, "party": party,
        "uses": [(code, _use_name(code)) for code in consent.purposes()],
    }  # fmt: skip
    return shown(visit.request, "console/people/consents.html", given_page, visit=visit, status=422 if told else 200)


@page()
def consent_ledger(visit: Visit) -> HttpResponse:
    """The ledger of consents."""
    _may(visit, may_record(visit))
    return _consents_page(visit)


@page("POST")
def record(visit: Visit) -> HttpResponse:
    """Records a consent, or its withdrawal."""
    _may(visit, may_record(visit))
    given = visit.request.POST
    party, purpose = given.get("party", "").strip()[:128], given.get("purpose", "")
    recipient = given.get("recipient", "").strip()[:128] or None
    with visit.acting(*CONSENTS):
        try:
            if not erasing.known(party):
                raise InvalidInput("nothing is held of that party", where=party, code="invalid-input/no-such-party")
            expires = date.fromisoformat(given["expires"]) if given.get("expires") else None
            consent.grant(
                party, purpose, idempotency_key=f"console consent {secrets.token_hex(8)}", recipient=recipient,
                separate=given.get("separate") == "1", expires_on=expires,
                evidence=given.get("evidence", "").strip()[:128] or None,
            )  # fmt: skip
            told = None
        except ValueError:
            told = Fault(Text("到期日不是日期", "the expiry is no date"))
        except PanhuoError as error:
            told = fault(error, NO_CONSENT)
    if told:
        return _consents_page(visit, told)
    return done(visit, f"{ADDRESS}/consents", Text("已登记同意。", "The consent is on record."))


@page("POST")
def withdraw(visit: Visit) -> HttpResponse:
    """Records that a party withdraws its consent."""
    _may(visit, may_record(visit))
    given = visit.request.POST
    with visit.acting(*CONSENTS):
        consent.withdraw(
            given.get("party", ""), given.get("purpose", ""), recipient=given.get("recipient") or None,
            idempotency_key=f"console withdrawal {secrets.token_hex(8)}",
        )  # fmt: skip
    return done(
        visit, f"{ADDRESS}/consents", Text("已登记撤回，即时生效。", "The withdrawal is on record and in force.")
    )


# ---- supervision


def _supervision_page(visit: Visit, told: Fault | None = None) -> HttpResponse:
    with visit.acting("administration"):
        found = supervision.given()
    rows = []
    for one in reversed(found):
        live = one.ended_at is None and one.valid_until > clock.now()
        named = [AGGREGATES.get(name, same(name)) for name in one.aggregates]
        acts: tuple[Act, ...] = ()
        if live:
            ask = Text(f"{one.to_org} 立即不能再取这些汇总。", f"{one.to_org} can have these aggregates no more.")
            sent = (("supervision", one.supervision),)
            acts = (Act(f"{ADDRESS}/supervision/end", Text("终止", "End"), sent, ask=ask),)
        badge = Badge(Text("有效", "live"), 1) if live else Badge(Text("已终止", "ended"), 2)
        rows.append([
            Entry(same(one.to_org)), Entry(Text("、".join(t.zh for t in named), ", ".join(t.en for t in named))),
            Entry(moment(one.valid_from)), Entry(moment(one.valid_until)), Entry(badge=badge), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("监管机构", "Supervisor"), Text("汇总", "Aggregates"), Text("从", "From"), Text("到", "Until"),
             Text("状态", "State"), Text("可做", "Do"))  # fmt: skip
    listing = Listing("supervision", Text("监管授权", "Supervision"), heads, rows,
                      Text("没有授权过监管汇总。", "No supervisor was given anything."),
                      SUPERVISED)  # fmt: skip
    given = {
        "room": "shares", "tabs": tabs(visit, "supervision"), "listing": listing, "fault": told,
        "aggregates": AGGREGATES.items(),
    }  # fmt: skip
    return shown(visit.request, "console/people/supervision.html", given, visit=visit, status=422 if told else 200)


@page("GET", "HEAD", "POST")
def supervised(visit: Visit) -> HttpResponse:
    """What supervisors may have, and letting one have it."""
    _may(visit, may_grant_supervision(visit))
    if visit.request.method != "POST":
        return _supervision_page(visit)
    given = visit.request.POST
    with visit.acting("administration"):
        try:
            supervision.grant(
                given.get("to", "").strip()[:64], given.getlist("aggregates"), _end_of(given.get("until", ""))
            )
            told = None
        except PanhuoError as error:
            told = fault(error, Text("需要监管机构、至少一项汇总和将来的截止日",
                                     "a supervisor, an aggregate and an end to come are needed"))  # fmt: skip
    if told:
        return _supervision_page(visit, told)
    return done(visit, f"{ADDRESS}/supervision", Text("已授权。", "Granted."))


@page("POST")
def end_supervision(visit: Visit) -> HttpResponse:
    """Ends a supervision at once."""
    _may(visit, may_grant_supervision(visit))
    with visit.acting("administration"):
        try:
            supervision.end(visit.request.POST.get("supervision", ""))
            told = None
        except PanhuoError as error:
            told = fault(error)
    if told:
        return _supervision_page(visit, told)
    return done(visit, f"{ADDRESS}/supervision", Text("监管授权已终止。", "The supervision has ended."))


# ---- who looked


@page()
def reads(visit: Visit) -> HttpResponse:
    """The log of reads of personal values."""
    party = visit.request.GET.get("party", "").strip()[:128]
    with visit.acting(*READERS):
        people = names_of()
        found = read_log.latest(current(), party or None, MOST + 1)
    rows = []
    for owner, about, person, purpose, table, columns, at in found[:MOST]:
        labels = [
            words.label(TABLES[table].schema[c])
            if table in TABLES and c in TABLES[table].schema
            else Text("值", "value")
            if c == "value"
            else same(c)
            for c in columns
        ]
        name = Text("导入的坏行", "bad rows of an import") if table == "import report" else _table_name(table)
        rows.append([
            Entry(moment(at)), said(people.get(person, person)), Entry(purpose_name(purpose)), Entry(name),
            Entry(Text("、".join(t.zh for t in labels), ", ".join(t.en for t in labels))),
            Entry(same(about or "—"), note=same(owner) if owner != visit.place.org else words.NOTHING),
        ])  # fmt: skip
    heads = (Text("时间", "When"), Text("何人", "Who"), Text("为何", "For"), Text("表", "Table"),
             Text("列", "Columns"), Text("主体", "Party"))  # fmt: skip
    note = FIRST if len(found) > MOST else words.NOTHING
    listing = Listing("reads", Text("查阅日志", "Who looked"), heads, rows,
                      Text("没有人查阅过个人信息。", "Nobody has looked at personal values."), note)  # fmt: skip
    given = {"room": "shares", "tabs": tabs(visit, "reads"), "listing": listing, "party": party}
    return shown(visit.request, "console/people/reads.html", given, visit=visit)


# ---- a person's own report


@page("GET", "HEAD", "POST")
def report(visit: Visit) -> HttpResponse:
    """A person's own report: what is held, why, who looked, to whom it went. Making it is itself a read."""
    _may(visit, allows(visit.place.roles, "read_personal"))
    given: dict[str, Any] = {"room": "shares", "tabs": tabs(visit, "report"), "party": ""}
    if visit.request.method != "POST":
        return shown(visit.request, "console/people/report.html", given, visit=visit)
    party = visit.request.POST.get("party", "").strip()[:128]
    with visit.acting(*SHARES, "monitoring", "recovery", "approval"):
        try:
            found = access_report.report(party)
        except PanhuoError:
            told = Fault(
                Text("没有该主体的数据", "nothing is held of that party"), Text("核对主体编号", "check its number")
            )
            return shown(visit.request, "console/people/report.html", {**given, "party": party, "fault": told},
                         visit=visit, status=422)  # fmt: skip
    if visit.request.POST.get("as") == "xlsx":
        response = HttpResponse(_workbook(found), content_type=SHEET)
        response["Content-Disposition"] = 'attachment; filename="report.xlsx"'
    else:
        response = HttpResponse(access_report.as_json(found), content_type="application/json")
        response["Content-Disposition"] = 'attachment; filename="report.json"'
    return response


def _workbook(found: dict[str, Any]) -> bytes:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        access_report.write(found, path)
        return path.read_bytes()
