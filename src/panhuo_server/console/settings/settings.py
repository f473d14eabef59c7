"""设置: one's own language, look, password and sessions; the organisation, what it adopted, its policy; the server.

Invariant: what a person changes here is their own; what is the organisation's is shown to its people and changed by
those alone who may.
"""

from __future__ import annotations

import hashlib

from django.db.utils import DatabaseError
from django.http import HttpResponse

from panhuo import __version__
from panhuo.ground.book.table import OWN_ORGANISATION
from panhuo.ground.record.errors import PanhuoError
from panhuo.ground.values.currency import minor_units
from panhuo.journey.report.words import Text
from panhuo.stages.origination.policy import policy
from panhuo_server.accounts import organisations, sign_in
from panhuo_server.accounts.roles import KINDS, PURPOSES
from panhuo_server.console.frame import SESSION, Visit, done, keep, page, shown
from panhuo_server.console.people.people import role_name
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import lasted, moment, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.console.settings.adopted import adoption_listing, may_propose, rules_adopted
from panhuo_server.flows import clock, heartbeat, status
from panhuo_server.store import answering, backup, book_details
from panhuo_server.store.layout import Layout

ADDRESS = "/console/settings"
ALL = tuple(PURPOSES.positions)
OLD_BACKUP_HOURS = 26
"""A backup older than a day and a little is said to be old."""


def tabs(visit: Visit, now: str) -> list[tuple[Text, str, bool]]:
    """The pages beside each other that this person may see."""
    found = [
        (Text("本人", "Mine"), ADDRESS, "mine"),
        (Text("机构与规则", "Organisation and rules"), f"{ADDRESS}/organisation", "organisation"),
    ]
    if visit.purpose_of(("administration",)):
        found.append((Text("对外通知", "Webhooks"), f"{ADDRESS}/webhooks", "webhooks"))
        found.append((Text("服务器", "Server"), f"{ADDRESS}/server", "server"))
    return [(name, address, code == now) for name, address, code in found]


def _mine(visit: Visit, told: Fault | None = None) -> HttpResponse:
    given = {
        "room": "settings", "tabs": tabs(visit, "mine"), "fault": told,
        "roles": [role_name(code) for code in visit.place.roles],
    }  # fmt: skip
    return shown(visit.request, "console/settings/mine.html", given, visit=visit, status=422 if told else 200)


@page()
def mine(visit: Visit) -> HttpResponse:
    """One's own settings."""
    return _mine(visit)


@page("POST")
def password(visit: Visit) -> HttpResponse:
    """A new password; every other session of the person ends."""
    given = visit.request.POST
    new = given.get("new", "")[:1024]
    if new != given.get("again", "")[:1024]:
        return _mine(visit, Fault(Text("两次输入的新密码不同", "the new password was written in two ways")))
    try:
        ended = sign_in.change_password(visit.request.COOKIES.get(SESSION, ""), given.get("old", "")[:1024], new)
    except PanhuoError as error:
        return _mine(visit, fault(error))
    return done(visit, ADDRESS, Text(
        f"密码已更改，{ended} 个其他登录已结束。", f"The password was changed; {ended} other sessions have ended."
    ))  # fmt: skip


@page("POST")
def end_sessions(visit: Visit) -> HttpResponse:
    """Ends every other session: all of the person's are ended and this browser is given a new one."""
    given = visit.request.POST
    try:
        with visit.acting(*ALL):
            email = _email(visit)
        found = sign_in.sign_in(email, given.get("password", "")[:1024], visit.request.META.get("REMOTE_ADDR", ""))
    except PanhuoError as error:
        return _mine(visit, fault(error, Text("密码不对", "the password is wrong")))
    ended = sign_in.sign_out(visit.request.COOKIES.get(SESSION, ""), everywhere=True)
    found = sign_in.sign_in(email, given.get("password", "")[:1024], visit.request.META.get("REMOTE_ADDR", ""))
    response = done(
        visit,
        ADDRESS,
        Text(f"已结束 {max(ended - 2, 0)} 个其他登录。", f"{max(ended - 2, 0)} other sessions have ended."),
    )
    keep(visit.request, response, SESSION, found.session, seconds=int(sign_in.SESSION_LASTS.total_seconds()))
    return response


def _email(visit: Visit) -> str:
    from panhuo_server.accounts import persons

    return next((one.email for one in persons.memberships() if one.person == visit.person), "")


# ---- the organisation


def _policy_lines() -> list[tuple[Text, Text]]:
    held, _ = policy()
    unit = minor_units("CNY")

    def percent(ppm: int) -> Text:
        return same(f"{ppm / 10_000:g} %")

    return [
        (Text("A、B、C 级违约概率上限", "Default probability up to, grades A, B, C"),
         same(" · ".join(f"{x / 10_000_000:g} %" for x in (held.grade_a, held.grade_b, held.grade_c)))),
        (Text("单户限额", "Limit of one borrower"),
         same(f"{held.minimum // unit:,} – {held.maximum // unit:,} CNY")),
        (Text("年化利率", "Annual rate"), same(f"{held.floor / 10_000:g} – {held.ceiling / 10_000:g} %")),
        (Text("资金成本、运营成本、利润", "Funding, operating, margin"),
         same(" · ".join(f"{x / 10_000:g} %" for x in (held.funding, held.operating, held.margin)))),
        (Text("违约损失率", "Loss given default"), percent(held.loss_given_default)),
        (Text("至少有几个月记录", "Months of record at least"), same(held.months_known)),
    ]  # fmt: skip


@page()
def organisation(visit: Visit) -> HttpResponse:
    """The organisation: who it is, which rules it adopted, its credit policy, what its book names."""
    with visit.acting(*ALL):
        held = organisations.mine()
        details = book_details.latest()
        digest = str(details.get("adoption") or "")
        content = book_details.input_of(digest) if digest else None
    found = None
    if content is not None and hashlib.sha256(content).hexdigest() == digest:
        found = rules_adopted(content)
    kind = KINDS[held.kind]
    given = {
        "room": "settings", "tabs": tabs(visit, "organisation"), "held": held, "kind": Text(kind.zh, kind.en),
        "business": Text("自营", "own business") if held.business == "own" else Text("经纪", "brokered business"),
        "listing": adoption_listing(found), "digest": digest, "policy": _policy_lines(),
        "inputs": sorted((str(k), str(v)) for k, v in dict(details.get("inputs") or {}).items()),
        "effective": held.org == OWN_ORGANISATION, "may_propose": may_propose(visit),
    }  # fmt: skip
    return shown(visit.request, "console/settings/organisation.html", given, visit=visit)


# ---- the server


@page()
def server(visit: Visit) -> HttpResponse:
    """For administrators: whether the parts answer, how old the last backup is, what work waits."""
    layout = Layout.current()
    with visit.acting("administration"):
        parts = [(Text("数据库", "Database"), True)]
    try:
        answering.answer("judicial")
        parts.append((Text("司法数据库", "Judicial database"), True))
    except DatabaseError:
        parts.append((Text("司法数据库", "Judicial database"), False))
    parts.append((Text("后台进程", "Worker"), heartbeat.fresh(layout)))
    last = backup.last_backup(layout)
    age = (clock.now() - last).total_seconds() if last is not None else None
    work = status.of_organisations(layout, [visit.place.org]).get(visit.place.org, [])
    states: dict[str, int] = {}
    for one in work:
        states[one.state] = states.get(one.state, 0) + 1
    names = {"waiting": Text("等待时间到", "waiting for its time"), "queued": Text("排队", "queued"),
             "working": Text("进行中", "working"), "slow": Text("缓慢", "slow"),
             "failed": Text("失败", "failed")}  # fmt: skip
    good, bad = Badge(Text("正常", "answers"), 1), Badge(Text("没有应答", "does not answer"), 5)
    given = {
        "room": "settings", "tabs": tabs(visit, "server"),
        "parts": [(name, good if fine else bad) for name, fine in parts],
        "last": moment(last), "age": lasted(age), "none": last is None,
        "old": age is not None and age > OLD_BACKUP_HOURS * 3600, "version": __version__,
        "work": [(names[state], count) for state, count in sorted(states.items())],
    }  # fmt: skip
    return shown(visit.request, "console/settings/server.html", given, visit=visit)
