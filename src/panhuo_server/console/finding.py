"""Search: the thing of that number, wherever facts, the last night, the rules or the log know it.

Invariant: numbers and rules are searched, never a person's name; a personal value finds its party only when asked for
by itself, exactly, by who may read it, and the search stands in the log of reads before it is answered. Who may not see
a thing does not find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.journey.report.words import NOTHING, Text
from panhuo_server.accounts import blind_index
from panhuo_server.accounts.roles import allows
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import plain, row_address
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.results import last_night
from panhuo_server.console.why import Said, name_of
from panhuo_server.store import log
from panhuo_server.store.searching import entities_like, entries_with_root

MOST = 12
"""Hits a group shows; its count is of all."""
_BOOK = ("monitoring", "approval", "audit", "reporting")
_CLAIMS = ("valuation", "recovery", "market", "approval", "audit", "reporting")


@dataclass(frozen=True)
class Group:
    """What was found of one kind: its name, the hits shown, and how many there are."""

    title: Text
    hits: Sequence[Said]
    count: int


@dataclass(frozen=True)
class _Kind:
    """Entities of a table: who may see them, where they open, and which columns are searched and told beside the id."""

    table: str
    title: Text
    purposes: tuple[str, ...]
    page: str
    by: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


_KINDS = (
    _Kind("parties", Text("客户与主体", "Customers and parties"), _BOOK, "/console/customers/{}", (),
          ("kind", "region", "industry")),
    _Kind("drawdowns", Text("借据", "Loans"), _BOOK, "/console/loans/{}", ("contract_id",), ("contract_id", "out_on")),
    _Kind("claims", Text("债权", "Claims"), _CLAIMS, "/console/claims/{}", (), ("party_id", "kind")),
    _Kind("packages", Text("资产包", "Packages"), ("market", "valuation", "approval", "audit", "reporting"),
          "/console/packages/{}", ("name",), ("name", "status")),
    _Kind("proceedings", Text("案件", "Cases"), ("enforcement",), "/console/cases/proceeding/{}", ("case_number",),
          ("case_number", "court", "status")),
    _Kind("mediations", Text("调解", "Mediations"), ("mediation",), "/console/cases/mediation/{}", (),
          ("body", "result")),
    _Kind("proceedings", Text("案件", "Cases"), _CLAIMS, "/console/claims/cases?q={}", ("case_number",),
          ("case_number", "court", "status")),
)  # fmt: skip


def _same(text: str) -> Text:
    return Text(text, text)


def _entities(visit: Visit, asked: str) -> list[Group]:
    found = []
    for kind in _KINDS:
        if visit.purpose_of(kind.purposes) is None:
            continue
        rows, count = entities_like(kind.table, asked, by=kind.by, told=kind.told, limit=MOST)
        schema, hits = table_named(kind.table).schema, []
        for row in rows:
            told = [plain(schema[name], row[name]) for name in kind.told if row[name] is not None]
            note = Text(" · ".join(t.zh for t in told), " · ".join(t.en for t in told))
            hits.append(Said(_same(row["id"]), note, kind.page.format(quote(row["id"], safe=""))))
        if hits:
            found.append(Group(kind.title, hits, count))
    return found


def _judged(visit: Visit, asked: str) -> list[Group]:
    night = last_night(visit)
    found: list[Group] = []
    if night is None:
        return found
    if "rings" in night:
        table = night["rings"].table
        ends = (table.column("ring_id"), table.column("members"))
        named_so = [pc.match_substring(column, asked, ignore_case=True) for column in ends]
        mine = pc.or_(*named_so)
        rows = table.filter(pc.fill_null(mine, False))
        hits = []
        for row in rows.slice(0, MOST).to_pylist():
            members = _same(row["members"].replace(">", " → "))
            hits.append(Said(_same(row["ring_id"]), members, f"/console/network/rings/{row['ring_id']}"))
        if hits:
            found.append(Group(Text("担保圈", "Rings"), hits, len(rows)))
    for name in ("deadlines", "collateral_values"):
        if name not in night:
            continue
        outcome = night[name]
        key, mask = outcome.schema.key, None
        for column in key:
            one = pc.match_substring(outcome.table.column(column).cast(pa.string()), asked, ignore_case=True)
            mask = one if mask is None else pc.or_(mask, one)
        rows = outcome.table.filter(pc.fill_null(mask, False))
        hits = []
        for row in rows.slice(0, MOST).to_pylist():
            parts = [plain(outcome.schema[k], row[k]) for k in key]
            said = Text(" ".join(p.zh for p in parts), " ".join(p.en for p in parts))
            hits.append(Said(said, NOTHING, row_address(name, [row[k] for k in key])))
        if hits:
            found.append(Group(name_of(name), hits, len(rows)))
    return found


def _rules(visit: Visit, asked: str) -> list[Group]:
    from panhuo_server.console.rules import pages as room
    from panhuo_server.console.rules.used import sets_of

    if visit.purpose_of(room.PURPOSES) is None:
        return []
    hits = []
    for name, used in sets_of(None).items():
        for rule_id in used.rule_set.rule_ids:
            rule = used.rule_set.versions(rule_id)[-1]
            if asked.lower() in f"{rule.id} {rule.zh} {rule.en} {rule.instrument} {rule.article}".lower():
                where = f"{rule.instrument} {rule.article}".strip()
                said = Text(f"{rule_id} {rule.zh}", f"{rule_id} {rule.en}")
                hits.append(Said(said, _same(where), room.rule_page(name, rule_id)))
    hits.sort(key=lambda hit: not hit.name.zh.lower().startswith(asked.lower()))
    return [Group(Text("规则", "Rules"), hits[:MOST], len(hits))] if hits else []


def _receipts(visit: Visit, asked: str) -> list[Group]:
    from panhuo_server.console.evidence import pages as room
    from panhuo_server.console.evidence.ledger import entries_from

    if visit.purpose_of(room.PURPOSES) is None:
        return []
    places: list[int] = []
    head = log.head()
    if asked.isdigit() and head is not None and len(asked) < 16 and int(asked) < int(head.head["size"]):
        places.append(int(asked))
    text = asked.lower()
    if len(text) >= 8 and not set(text) - set("0123456789abcdef"):
        places += [place for place in entries_with_root(text) if place not in places]
    hits = []
    for place in places:
        entry = entries_from(place, 1)[0]
        if entry.open_to(visit):
            batch = Text(f"批次 {entry.name}", f"batch {entry.name}")
            name = name_of(entry.name) if entry.kind == "outcome" else batch
            said = Text(f"第 {place} 条 {name.zh}", f"entry {place}: {name.en}")
            hits.append(Said(said, _same(f"{entry.content.get('root', '')} {entry.time}"), room.entry_page(place)))
    return [Group(Text("收据", "Receipts"), hits[:MOST], len(hits))] if hits else []


def columns() -> list[tuple[str, Text]]:
    """Personal columns that can be searched by exact value, with what they are called."""
    found: dict[str, Text] = {}
    for table in TABLES.values():
        for column in table.personal_columns:
            if column.name in blind_index.COLUMNS:
                found.setdefault(column.name, Text(column.zh, column.en))
    first = ("identifier", "phone", "name", "bank_account")
    return sorted(found.items(), key=lambda pair: (first.index(pair[0]) if pair[0] in first else 9, pair[0]))


def _of_value(visit: Visit, column: str, value: str) -> list[Group]:
    """Whom exactly this value was ever stated of; noted in the log of reads before it is answered. In `acting`."""
    groups: dict[str, list[str]] = {}
    for table, entity in blind_index.find(column, value):
        groups.setdefault(table, []).append(entity)
    pages = {k.table: k for k in _KINDS if visit.purpose_of(k.purposes) is not None}
    found = []
    for table, ids in groups.items():
        kind = pages.get(table)
        hits = [Said(_same(one), NOTHING, kind.page.format(quote(one, safe="")) if kind else "") for one in ids[:MOST]]
        found.append(Group(kind.title if kind else named(table), hits, len(ids)))
    return found


@page("GET", "HEAD", "POST")
def search(visit: Visit) -> HttpResponse:
    """What the search field finds; what a personal value finds is asked for by POST, so that no address holds it."""
    if not visit.purposes:
        raise Http404
    may_read = allows(visit.place.roles, "read_personal")
    asked = visit.request.GET.get("q", "").replace("\x00", "").strip()[:64]
    found: list[Group] = []
    column, exact = "", visit.request.method == "POST"
    if exact:
        column = visit.request.POST.get("column", "")
        value = visit.request.POST.get("value", "").strip()[:200]
        if not may_read or column not in blind_index.COLUMNS:
            raise Http404
        if value:
            with visit.acting(*visit.purposes):
                found = _of_value(visit, column, value)
    elif asked:
        with visit.acting(*visit.purposes):
            found = _entities(visit, asked) + _judged(visit, asked) + _receipts(visit, asked) + _rules(visit, asked)
    given = {
        "room": "", "asked": asked, "found": found, "exact": exact, "column": column,
        "columns": columns() if may_read else [], "hits": sum(group.count for group in found),
    }  # fmt: skip
    return shown(visit.request, "console/search.html", given, visit=visit)
