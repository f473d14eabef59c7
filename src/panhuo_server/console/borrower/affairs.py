"""A borrower's or debtor's own pages: loans in plain words, what is held, who read it, consents, requests.

Invariant: one thing a screen, in spoken language; everything comes from what an organisation shares with this person
for own affairs, or from what the person said itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.purposes import PURPOSES as DATA_PURPOSES
from panhuo.ground.record.arguments import HOME
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import own_affairs, reads
from panhuo_server.accounts.own_affairs import Mine, Request
from panhuo_server.accounts.roles import PURPOSES as WHY
from panhuo_server.console.borrower.owing import arrears, owed
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.asking import Ask, State, asking, sure
from panhuo_server.console.pieces.figures import day, exactly, plain
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.shared_rows import Disclosed, Row, Shared, disclosed
from panhuo_server.store.statements import today

PURPOSE = "own_affairs"
BACK = (Text("今日", "Today"), "/console/")
NOBODY = State(
    "empty",
    Text("还没有机构确认您是它的客户。请告诉您的贷款机构：“请把我本人的记录共享给我在盘活的账户”。办好后，这里立刻能看到。",
         "No institution has confirmed yet that you are its customer. Tell your lender: “please share my own record "
         "with my Panhuo account”. As soon as it has, you see it here."),
)  # fmt: skip


def amount(value: int | None, row: Row) -> Text:
    """An amount to its last fen, in words a person reads aloud."""
    return words.exact(value, row.get("currency") or HOME)


@dataclass(frozen=True)
class Loan:
    """A loan as its borrower reads it."""

    id: str
    org: str
    name: str
    lines: list[tuple[Text, Text]]
    owed: Text | None
    steps: list[tuple[Text, Text]]
    next: tuple[Text, Text, Text] | None
    late: tuple[bool, Text] | None
    written_off: bool


def late_of(loan: Row, plan: list[Row], postings: list[Row], day_now: date) -> tuple[bool, Text] | None:
    """Whether something is past due, and what is to be said of it; None where nothing is owed or past due."""
    if loan["status"] in ("settled", "assigned"):
        return None
    found = arrears(loan, plan, postings, day_now)
    if found is None:
        return False, Text(
            "有没有逾期，从机构共享给您的还款计划和流水里看不出来，请直接问机构。",
            "Whether anything is past due cannot be told from the plan and postings shared with you: ask the lender.",
        )
    if found.since is None or not (found.principal or found.interest):
        return None
    since, principal, interest = day(found.since), amount(found.principal, loan), amount(found.interest, loan)
    unpaid = (
        Text(f"本金 {principal.zh}，利息是否欠付从共享的流水里看不出来",
             f"principal {principal.en}; whether interest is unpaid cannot be told from what is shared")
        if found.interest is None
        else Text(f"本金 {principal.zh}，利息 {interest.zh}", f"principal {principal.en}, interest {interest.en}")
    )  # fmt: skip
    return True, Text(
        f"已经逾期：{since.zh} 起该还而没有还上的，{unpaid.zh}。"
        "按机构共享给您的还款计划和收款流水计算，不含罚息；没有共享的收款不在其中。",
        f"Past due: of what fell due from {since.en} on, not yet paid: {unpaid.en}. By the plan and receipts the "
        "lender shares with you, without penalty interest; receipts not shared are not counted.",
    )


def loans_of(shared: Shared, day_now: date) -> list[Loan]:
    """The drawdowns shown to this person, those still running first."""
    table, found = TABLES["drawdowns"], []
    postings, plan = shared.rows("postings"), shared.rows("instalments")
    for row in shared.rows("drawdowns"):
        place = (row["org_id"], row["id"])
        lines = [
            (text, exactly(table.schema[name], row[name], row.get("currency") or HOME)) for name, text in (
                ("amount", Text("借了多少", "How much you borrowed")),
                ("out_on", Text("哪天借的", "The day you got it")),
                ("due_on", Text("哪天到期", "The day it is due")), ("annual_rate", Text("年利率", "Interest a year")),
                ("status", Text("现在的状态", "How it stands")),
            ) if row.get(name) is not None
        ]  # fmt: skip
        mine = [one for one in postings if (one["org_id"], one["drawdown_id"]) == place]
        planned = [one for one in plan if (one["org_id"], one["drawdown_id"]) == place]
        held = owed(mine)
        steps, left = [], None
        if held is not None:
            left = amount(held[0], row)
            kind = TABLES["postings"].schema["kind"]
            for one in sorted(held[1], key=lambda r: r["posted_on"] or r["effective_on"]):
                when, said = day(one["posted_on"] or one["effective_on"]), plain(kind, one["kind"])
                steps.append((Text(f"{when.zh} {said.zh}", f"{when.en} {said.en}"), amount(one["amount"], row)))
        coming = sorted(
            (one for one in planned
             if one["due_on"] is not None and one["due_on"] >= day_now and one["status"] != "cancelled"),
            key=lambda one: one["due_on"],
        )  # fmt: skip
        following = None
        if coming:
            one = coming[0]
            following = (day(one["due_on"]), amount(one["principal"], one), amount(one["interest"], one))
        late = late_of(row, planned, mine, day_now)
        written_off = row["status"] == "written_off" or any(one["kind"] == "write_off" for one in mine)
        name = shared.name_of(row["org_id"])
        found.append(Loan(row["id"], row["org_id"], name, lines, left, steps, following, late, written_off))
    return found


def _mine(visit: Visit) -> list[Mine]:
    if visit.purpose_of((PURPOSE,)) is None:
        raise Http404
    with visit.acting(PURPOSE):
        return own_affairs.parties()


def _next(loans: list[Loan]) -> Loan | None:
    with_plan = [loan for loan in loans if loan.next is not None]
    return min(with_plan, key=lambda loan: loan.next[0].en if loan.next else "", default=None)


def _page(visit: Visit, room: str, template: str, given: dict[str, Any], here: Text) -> HttpResponse:
    crumbs = [BACK, (here, "")]
    return shown(visit.request, template, {"room": room, "crumbs": crumbs, "none": NOBODY, **given}, visit=visit)


def home(visit: Visit) -> HttpResponse:
    """Today for a person: the next payment, and the ways on."""
    mine = _mine(visit)
    shared = Shared(visit, (PURPOSE,))
    loans = loans_of(shared, today())
    with visit.acting(PURPOSE):
        read, asked = own_affairs.reads(), own_affairs.asked()
    standing = [one for one in consents_of(visit, shared, mine) if one.given]
    given = {
        "room": "today", "mine": mine, "loans": loans, "next": _next(loans), "reads": len(read), "none": NOBODY,
        "given": len(standing), "open": len([one for one in asked if one.open]), "debts": len(shared.rows("claims")),
        "decisions": len(shared.rows("decisions")),
        "answered": [one for one in asked if one.result in ("done", "refused")][:1],
    }  # fmt: skip
    return shown(visit.request, "console/mine_today.html", given, visit=visit)


@page()
def loans(visit: Visit) -> HttpResponse:
    """My loans and debts in plain words."""
    _mine(visit)
    shared = Shared(visit, (PURPOSE,))
    debts = [
        (row["id"], shared.name_of(row["org_id"]), disclosed(TABLES["claims"], row, leave=("party_id", "contract_id")))
        for row in shared.rows("claims")
    ]  # fmt: skip
    given = {"loans": loans_of(shared, today()), "debts": debts}
    return _page(visit, "mine_loans", "console/mine_loans.html", given, Text("我的贷款", "My loans"))


@page()
def decisions(visit: Visit) -> HttpResponse:
    """What was decided about my applications, and how to have it explained or looked at again."""
    mine = {(one.org, one.party) for one in _mine(visit)}
    shared, found = Shared(visit, (PURPOSE,)), []
    table = TABLES["decisions"]
    for row in sorted(shared.rows("decisions"), key=lambda r: r["effective_on"], reverse=True):
        party = row["party_id"] or next((p for o, p in mine if o == row["org_id"]), "")
        found.append({
            "row": row, "name": shared.name_of(row["org_id"]), "party": party, "refused": row["result"] == "refused",
            "kind": plain(table.schema["kind"], row["kind"]), "result": plain(table.schema["result"], row["result"]),
            "day": day(row["meeting_on"] or row["effective_on"]),
            "amount": amount(row["amount"], row) if row["amount"] is not None else None,
        })  # fmt: skip
    given = {"decisions": found}
    return _page(visit, "mine_loans", "console/mine_decisions.html", given, Text("审批结果", "Decisions"))


def _opened(visit: Visit, shared: Shared, name: str) -> dict[tuple[str, str, int, int], Row]:
    # Personal values as far as the share goes; the look is noted first, and shown to this person like any other.
    rows = shared.rows(name)
    columns = [c.name for c in TABLES[name].personal_columns]
    if not rows or not columns:
        return {}
    with visit.acting(PURPOSE):
        found = reads.shared_personal_rows(name, sorted({row["id"] for row in rows}))
    return {
        (r["org_id"], r["id"], r["fact_sequence"], r["fact_position"]): {c: r[c] for c in columns} for r in found
    }  # fmt: skip


@page()
def data(visit: Visit) -> HttpResponse:
    """What is held about me, institution by institution."""
    mine = _mine(visit)
    shared = Shared(visit, (PURPOSE,))
    by_org: dict[str, list[tuple[Text, str, list[Disclosed]]]] = {}
    for name in shared.tables():
        opened = _opened(visit, shared, name)
        for row in shared.rows(name):
            place = (row["org_id"], row["id"], row["fact_sequence"], row["fact_position"])
            whole = {**row, **{k: v for k, v in opened.get(place, {}).items() if v is not None}}
            by_org.setdefault(row["org_id"], []).append(
                (named(name), row["id"], disclosed(TABLES[name], whole, opened=True))
            )
    held = [(org, shared.name_of(org), by_org[org]) for org in sorted(by_org)]
    given = {"held": held, "mine": mine}
    return _page(visit, "mine_data", "console/mine_data.html", given, Text("我的信息", "My data"))


@page()
def readers(visit: Visit) -> HttpResponse:
    """Who read my personal data, and whom it was shared with."""
    mine = _mine(visit)
    names = {one.org: one.name for one in mine}
    with visit.acting(PURPOSE):
        read, given_on = own_affairs.reads(), own_affairs.shares()
    said = []
    for one in read[:200]:
        columns = [words.label(TABLES[one.table].schema[c]) for c in one.columns if c in TABLES[one.table].schema]
        code = WHY[one.purpose]
        said.append({
            "reader": one.reader_name or one.reader, "self": one.reader == visit.place.org, "at": one.read_at,
            "owner": names.get(one.owner, one.owner), "why": Text(code.zh, code.en),
            "what": Text("、".join(c.zh for c in columns), ", ".join(c.en for c in columns)),
        })  # fmt: skip
    shares = []
    for share in given_on:
        code, end = WHY[share.purpose], day(timezone.localdate(share.ended_at or share.valid_until))
        shares.append({
            "to": share.to_name or share.to_org, "owner": names.get(share.owner, share.owner),
            "what": named(share.table),
            "why": Text(code.zh, code.en), "since": day(timezone.localdate(share.valid_from)), "until": end,
            "over": share.ended_at is not None or share.valid_until <= datetime.now(share.valid_until.tzinfo),
        })  # fmt: skip
    given = {"reads": said, "in_all": len(read), "shares": shares, "mine": mine}
    return _page(visit, "mine_data", "console/mine_readers.html", given, Text("谁看过我的信息", "Who read my data"))


@dataclass(frozen=True)
class Consent:
    """A consent as its giver reads it."""

    org: str
    name: str
    party: str
    purpose: str
    recipient: str | None
    what: Text
    since: Text
    standing: Text
    given: bool
    called: str = ""


def consents_of(visit: Visit, shared: Shared, mine: list[Mine]) -> list[Consent]:
    """My consents at each institution, those that stand first."""
    parties = {(one.org, one.party) for one in mine}
    with visit.acting(PURPOSE):
        withdrawn = [one for one in own_affairs.asked() if one.kind == "withdrawal"]
        called = {one.to_org: one.to_name for one in own_affairs.shares() if one.to_name}
    latest: dict[tuple[str, str], Row] = {}
    for row in shared.rows("consents"):
        if (row["org_id"], row["party_id"]) in parties:
            latest[(row["org_id"], row["id"])] = row
    found, now = [], today()
    for row in latest.values():
        # A withdrawal of mine holds until the institution states a later consent of a later day.
        over = any(
            (w.to_org, w.party, w.consent_purpose) == (row["org_id"], row["party_id"], row["purpose"])
            and w.recipient in (None, row["recipient"]) and timezone.localdate(w.asked_at) >= (row["granted_on"] or now)
            for w in withdrawn
        )  # fmt: skip
        if over or (row["withdrawn_on"] is not None and row["withdrawn_on"] <= now):
            said, given = Text("已撤回", "withdrawn"), False
        elif not row["granted"]:
            said, given = Text("没有同意", "not given"), False
        elif row["expires_on"] is not None and row["expires_on"] < now:
            said, given = Text("已过期", "expired"), False
        else:
            said, given = Text("有效", "in force"), True
        known = DATA_PURPOSES[row["purpose"]]
        since = day(row["granted_on"]) if row["granted_on"] else words.DASH
        found.append(Consent(row["org_id"], shared.name_of(row["org_id"]), row["party_id"], row["purpose"],
                             row["recipient"], Text(known.zh, known.en), since, said, given,
                             called.get(row["recipient"]) or row["recipient"] or ""))  # fmt: skip
    return sorted(found, key=lambda one: (not one.given, one.name, one.purpose, one.recipient or ""))


@page()
def consents(visit: Visit) -> HttpResponse:
    """What I agreed to, with a way to withdraw each."""
    mine = _mine(visit)
    given = {"consents": consents_of(visit, Shared(visit, (PURPOSE,)), mine), "mine": mine}
    return _page(visit, "mine_consents", "console/mine_consents.html", given, Text("我的同意", "My consents"))


@page("POST")
def withdraw(visit: Visit) -> HttpResponse:
    """Withdraws a consent, after asking once and saying what it changes."""
    mine, given = _mine(visit), visit.request.POST
    asked = (given.get("org", ""), given.get("party", ""), given.get("purpose", ""), given.get("recipient") or None)
    shared = Shared(visit, (PURPOSE,))
    consent = next(
        (c for c in consents_of(visit, shared, mine) if (c.org, c.party, c.purpose, c.recipient) == asked and c.given),
        None,
    )
    if consent is None:
        raise Http404
    with visit.acting(PURPOSE):
        live = [
            one for one in own_affairs.shares() if one.owner == consent.org and one.ended_at is None
            and one.valid_until > datetime.now(one.valid_until.tzinfo)
            and consent.recipient in (None, one.to_org)
        ]  # fmt: skip
        if sure(visit):
            own_affairs.withdraw(consent.org, consent.party, consent.purpose, consent.recipient)
    if sure(visit):
        said = Text(
            f"已撤回“{consent.what.zh}”，从现在起生效。",
            f"Your consent to “{consent.what.en}” is withdrawn from now on.",
        )
        return done(visit, "/console/mine/consents", said)
    fields = [("org", consent.org), ("party", consent.party), ("purpose", consent.purpose),
              ("recipient", consent.recipient or "")]  # fmt: skip
    question = Ask(
        Text(f"撤回对{consent.name}“{consent.what.zh}”的同意？",
             f"Withdraw your consent to {consent.name}: {consent.what.en}?"),
        (
            Text("马上生效：从下一次查询起，它不能再为此使用您的信息。",
                 "It holds at once: from the next query on, your data may not be used for this any more."),
            Text(f"现在有 {len(live)} 项向他人的共享。凡是以这项同意为依据的，立即看不到您的信息。",
                 f"Your data is shared {len(live)} times now. What rests on this consent shows nothing at once."),
            Text("您的贷款合同不变；撤回之前已经做过的事仍然有效（个人信息保护法第十五条）。",
                 "Your loan contract stays as it is; what was done before remains (Personal Information Protection "
                 "Law, art. 15)."),
        ),
        Text("是的，撤回", "Yes, withdraw it"), "/console/mine/consents/withdraw", fields, "/console/mine/consents",
    )  # fmt: skip
    return asking(visit, question, "mine_consents")


@dataclass(frozen=True)
class Asked:
    """A request as its author reads it."""

    request: Request
    name: str
    kind: Text
    state: Text


def as_asked(one: Request, name: str) -> Asked:
    """A request with its words."""
    code = own_affairs.KINDS[one.kind]
    if one.kind == "withdrawal":
        state = Text("已生效", "in force")
    elif one.result is None:
        state = Text("已送达，等待答复", "delivered, waiting for an answer")
    else:
        held = own_affairs.RESULTS[one.result]
        state = Text(held.zh, held.en)
    return Asked(one, name, Text(code.zh, code.en), state)


@page()
def requests(visit: Visit) -> HttpResponse:
    """What I asked for, and what was answered."""
    mine = _mine(visit)
    names = {one.org: one.name for one in mine}
    with visit.acting(PURPOSE):
        found = [as_asked(one, names.get(one.to_org, one.to_org)) for one in own_affairs.asked()]
    given = {"asked": found, "mine": mine}
    return _page(visit, "mine_requests", "console/mine_requests.html", given, Text("我的请求", "My requests"))


@page("GET", "HEAD", "POST")
def ask(visit: Visit) -> HttpResponse:
    """Asks one institution for one thing."""
    mine = _mine(visit)
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    kind, table, entity = given.get("kind", "correction"), given.get("table", ""), given.get("id", "")
    if kind not in own_affairs.KINDS or kind == "withdrawal" or (table and table not in TABLES):
        raise Http404
    where = given.get("where", "") or next((f"{o.org} {o.party}" for o in mine if o.org == given.get("org", "")), "")
    chosen = next((one for one in mine if f"{one.org} {one.party}" == where), None)
    if visit.request.method == "POST":
        if chosen is None:
            raise Http404
        with visit.acting(PURPOSE):
            about = (table, entity[:200]) if table and entity else None
            own_affairs.ask(kind, chosen.org, chosen.party, given.get("said", ""), about=about)
        said = Text(f"已送达{chosen.name}。", f"Delivered to {chosen.name}.")
        return done(visit, "/console/mine/requests", said)
    code = own_affairs.KINDS[kind]
    shown_as = {
        "kind": kind, "title": Text(code.zh, code.en), "mine": mine, "chosen": chosen, "table": table, "id": entity,
        "about": named(table) if table else None, "hint": _HINTS[kind],
    }  # fmt: skip
    return _page(visit, "mine_requests", "console/mine_ask.html", shown_as, Text(code.zh, code.en))


_HINTS = {
    "correction": Text("哪里不对？正确的是什么？", "What is wrong, and what is right?"),
    "appeal": Text("您为什么认为应当重新看一次？", "Why should it be looked at again?"),
    "explanation": Text("您想让对方说明什么？", "What should be explained?"),
}  # fmt: skip
