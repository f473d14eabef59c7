"""Which advisory rules an institution adopted: the list, a file proposed in its place, and what would change.

Invariant: a file is proposed only when every rule it names exists; it counts only once the committee approved it.
"""

from __future__ import annotations

import tomllib

from django.http import Http404, HttpResponse

from panhuo.ground.book.table import OWN_ORGANISATION
from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.ground.rules.adoption import Adopted, Adoption, read_adoption
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import allows
from panhuo_server.console.frame import TASKS, Visit, done, page, shown
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import Entry, Listing, said, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.flows import adopting
from panhuo_server.store import book_details

MOST = 200_000
"""Characters an adoption file may have."""


def rules_adopted(content: bytes) -> Adoption:
    """An adoption file read, each of its rules known here.

    Raises:
        InvalidInput: when it is no TOML, no adoption, or names a rule that does not exist.
    """
    try:
        found = read_adoption(tomllib.loads(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("this is no TOML", where=str(error)[:120], code="adoption/toml") from error
    for one in found.adopted:
        rule_of(one)
    return found


def rule_of(one: Adopted) -> Text:
    """An adopted rule in words.

    Raises:
        InvalidInput: when there is no such rule.
    """
    try:
        rules = load_rule_set(one.rule_set).rules
    except PanhuoError as error:
        raise InvalidInput("there is no such rule set", where=one.rule_set, code="adoption/rule-set") from error
    found = next((rule for rule in rules if rule.id == one.rule_id), None)
    if found is None:
        raise InvalidInput("there is no such rule", where=f"{one.rule_set} {one.rule_id}", code="adoption/rule")
    return Text(found.zh, found.en)


def adoption_listing(found: Adoption | None) -> Listing:
    """What was adopted, rule by rule."""
    rows = [
        [Entry(same(one.rule_id), note=same(one.rule_set)), Entry(rule_of(one)), Entry(same(one.from_day), whole=True),
         Entry(same(one.until or "—"), whole=True), said(one.by)]
        for one in (found.adopted if found else ())
    ]  # fmt: skip
    heads = (Text("规则", "Rule"), Text("内容", "What it says"), Text("从", "From"), Text("到", "Until"),
             Text("依据", "By"))  # fmt: skip
    return Listing("adopted", Text("已采纳的规则", "Adopted rules"), heads, rows, Text(
        "没有采纳过建议性规则：它们只提示，不改变分类、限额或价格。",
        "No advisory rule was adopted: they advise and change no class, limit or price.",
    ))  # fmt: skip


def difference(proposed: bytes, counts: bytes | None) -> Listing:
    """What a proposed file would change, rule by rule, what is new first."""
    new, old = rules_adopted(proposed), rules_adopted(counts) if counts is not None else None
    mine, theirs = set(new.adopted), set(old.adopted if old else ())
    rows = []
    for one in sorted(mine | theirs, key=lambda a: ((a in mine) == (a in theirs), a.rule_set, a.rule_id)):
        badge = Badge(Text("不变", "as before"), 0)
        if one not in theirs:
            badge = Badge(Text("新采纳", "newly adopted"), 3)
        elif one not in mine:
            badge = Badge(Text("不再采纳", "adopted no more"), 4)
        rows.append([
            Entry(badge=badge), Entry(same(one.rule_id), note=same(one.rule_set)), Entry(rule_of(one)),
            Entry(same(one.from_day), whole=True), Entry(same(one.until or "—"), whole=True), said(one.by),
        ])  # fmt: skip
    heads = (Text("变动", "Change"), Text("规则", "Rule"), Text("内容", "What it says"), Text("从", "From"),
             Text("到", "Until"), Text("依据", "By"))  # fmt: skip
    return Listing("difference", Text("采纳的变动", "What would change"), heads, rows, Text("没有规则。", "No rules."))


def may_propose(visit: Visit) -> bool:
    """Whether this person proposes another adoption: the night applies one for the book's own organisation alone."""
    return (
        visit.place.org == OWN_ORGANISATION and allows(visit.place.roles, "propose")
        and visit.purpose_of(TASKS) is not None
    )  # fmt: skip


@page("GET", "HEAD", "POST")
def adopt(visit: Visit) -> HttpResponse:
    """Proposing another adoption: the file as text, what it would change, then the proposal."""
    if not may_propose(visit):
        raise Http404
    told: Fault | None = None
    listing = None
    with visit.acting(*TASKS):
        digest = str(book_details.latest().get("adoption") or "")
        counts = book_details.input_of(digest) if digest else None
        text = (counts or b"").decode()
        if visit.request.method == "POST":
            text = visit.request.POST.get("text", "")[:MOST].replace("\r\n", "\n")
            try:
                listing = difference(text.encode(), counts)
                if "go" in visit.request.POST:
                    proposal = adopting.propose(text.encode())
                    said = Text("已发起，等委员审批。", "Proposed: a committee member decides.")
                    return done(visit, f"/console/tasks/proposals/{proposal}", said)
            except PanhuoError as error:
                told = fault(error, Text("采纳文件写得不对", "this adoption file is not right"))
    given = {"room": "settings", "text": text, "listing": listing, "fault": told}
    return shown(visit.request, "console/settings/adopt.html", given, visit=visit, status=422 if told else 200)
