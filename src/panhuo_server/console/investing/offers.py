"""What is shared with a possible buyer: packages and claims at the share's level, one disclosure page each, own notes.

Invariant: nothing here goes beyond a live share; a masked column is shown as masked, and a note is the reader's own,
kept in its own organisation.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import InvalidInput
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import PURPOSES as PURPOSE_CODES
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.asking import State
from panhuo_server.console.pieces.figures import day, large
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.tables import MASKED, Facts, Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.shared_rows import Row, Shared, as_table, disclosed, is_masked, moments
from panhuo_server.store import events

PURPOSES = ("due_diligence", "valuation", "market", "recovery")
ROOM = "offers"
NOTES = "buyer_note"
SOON = timedelta(days=14)
LONGEST = 1000
NONE = State(
    "empty",
    Text("还没有机构向您共享资产包或债权。对方授权后，这里立即可见。",
         "Nobody shares packages or claims with you yet. They stand here as soon as somebody does."),
)  # fmt: skip


def address(kind: str, row: Row) -> str:
    """Where a shared package or claim is read."""
    return f"/console/offers/{kind}/{quote(row['org_id'], safe='')}/{quote(row['id'], safe='')}"


def packages_sheet(shared: Shared) -> Sheet:
    """The packages shared with us."""
    table = TABLES["packages"]
    heads = (
        Head("id", goes=lambda row: address("package", row), label=Text("资产包", "Package")), Head("name"),
        Head("org_id", label=Text("出让方", "Seller")), Head("status"), Head("region"), Head("debtors", total=True),
        Head("stated_principal", total=True), Head("stated_interest", total=True), Head("starting_price"),
        Head("base_on"), Head("closes_on"), Head("kind", hidden=True), Head("offered_on", hidden=True),
    )  # fmt: skip
    rows = as_table("packages", shared.rows("packages"))
    return Sheet("offered-packages", Text("向我们共享的资产包", "Packages shared with us"),
                 Facts("packages", table.sealed_schema, rows), heads, ("status", "kind"), "closes_on",
                 facts=True)  # fmt: skip


def claims_sheet(shared: Shared) -> Sheet:
    """The claims shared with us."""
    table = TABLES["claims"]
    heads = (
        Head("id", goes=lambda row: address("claim", row), label=Text("债权", "Claim")),
        Head("org_id", label=Text("出让方", "Seller")), Head("kind"), Head("status"),
        Head("principal", total=True), Head("interest", total=True), Head("advanced_costs", total=True, hidden=True),
        Head("base_on"), Head("due_on"), Head("corporate", hidden=True),
    )  # fmt: skip
    rows = as_table("claims", shared.rows("claims"))
    return Sheet("offered-claims", Text("向我们共享的债权", "Claims shared with us"),
                 Facts("claims", table.sealed_schema, rows), heads, ("status", "kind"), "-principal",
                 facts=True)  # fmt: skip


def _said_of(visit: Visit, shared: Shared) -> list[tuple[Text, str]]:
    return [
        (Text("读取机构", "read by"), f"{visit.place.name} ({visit.place.org})"),
        (Text("来源", "source"), visit.say(Text("他方共享，按等级遮蔽", "shared by others, masked by level"))),
        (Text("读取时间", "read at"), datetime.now(UTC).isoformat(timespec="seconds")),
        (Text("有效共享", "live shares"), str(len(shared.live))),
    ]  # fmt: skip


def ending(shared: Shared) -> list[tuple[Text, str, Text]]:
    """Shares that end soon: what, where it is read, when."""
    until = datetime.now(UTC) + SOON
    found = []
    for one in sorted(shared.live, key=lambda s: s.valid_until):
        if one.valid_until > until or one.table not in ("packages", "claims"):
            continue
        what = named(one.table)
        row = f" {one.row}" if one.row else ""
        goes = address(one.table.removesuffix("s"), {"org_id": one.owner_org, "id": one.row}) if one.row else ""
        end = day(timezone.localdate(one.valid_until))
        found.append((Text(what.zh + row, what.en + row), goes, Text(f"共享至 {end.zh}", f"shared until {end.en}")))
    return found


def grants(shared: Shared) -> list[tuple[str, Text, Text, int]]:
    """What each organisation shares with us: its name, tables, purpose and until when, at which level."""
    held: dict[tuple[str, str, int, date], list[str]] = {}
    for one in shared.live:
        held.setdefault((one.owner_org, one.purpose, one.level, timezone.localdate(one.valid_until)), []).append(
            one.table
        )
    found = []
    for (org, purpose, level, until), tables in sorted(held.items()):
        names = [named(t) for t in TABLES if t in tables]
        code, end = PURPOSE_CODES[purpose], day(until)
        found.append((
            shared.name_of(org), Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)),
            Text(f"用途：{code.zh}，至 {end.zh}", f"for {code.en}, until {end.en}"), level,
        ))  # fmt: skip
    return found


@page()
def offers(visit: Visit) -> HttpResponse:
    """Packages and claims shared with us."""
    if visit.purpose_of(PURPOSES) is None:
        raise Http404
    shared = Shared(visit, PURPOSES)
    with visit.acting(*PURPOSES):
        sheets = [sheet for sheet in (packages_sheet(shared), claims_sheet(shared)) if len(sheet.table)]
        if (other := other_form(sheets, None, visit, _said_of(visit, shared))) is not None:
            return other
        tables = [table_shown(sheet, None, visit, "/console/offers") for sheet in sheets]
    given = {
        "room": ROOM, "tables": tables, "grants": grants(shared), "none": NONE,
        "ending": ending(shared),
    }  # fmt: skip
    return shown(visit.request, "console/offers.html", given, visit=visit)


def _principal(row: Row) -> Text:
    if row["principal"] is None and is_masked(TABLES["claims"].schema["principal"], row["share_level"]):
        return MASKED
    return large(row["principal"], row["currency"] or "CNY")


def home(visit: Visit) -> HttpResponse:
    """Today for a buyer: what is offered, what ends soon, what was noted last."""
    shared = Shared(visit, PURPOSES)
    packages = [
        (row, address("package", row), shared.name_of(row["org_id"]),
         large(row["stated_principal"], row["currency"] or "CNY"))
        for row in shared.rows("packages")
    ]  # fmt: skip
    claims = shared.rows("claims")
    given = {
        "room": "today", "packages": packages[:8], "packages_in_all": len(packages), "claims_in_all": len(claims),
        "claims": [(row, address("claim", row), _principal(row)) for row in sorted(
            claims, key=lambda r: -(r["principal"] or 0))[:8]],
        "ending": ending(shared), "notes": last_notes(visit), "none": NONE, "grants": grants(shared),
    }  # fmt: skip
    return shown(visit.request, "console/offers_today.html", given, visit=visit)


def _noted(visit: Visit, org: str, claim: str) -> str:
    return f"{org} {claim}"[:200]


def last_notes(visit: Visit, most: int = 6) -> list[tuple[str, str, Text]]:
    """Our own latest notes: the claim, where it is read, the words."""
    found = []
    with visit.acting(*PURPOSES):
        for stream, held in events.latest(NOTES, most).items():
            org, _, claim = stream.partition(" ")
            said = str(held[-1].body["said"])
            found.append((claim, address("claim", {"org_id": org, "id": claim}), Text(said, said)))
    return found


@page()
def package(visit: Visit, org: str, package_id: str) -> HttpResponse:
    """One package: what is disclosed of it, and its claims."""
    if visit.purpose_of(PURPOSES) is None:
        raise Http404
    shared = Shared(visit, PURPOSES)
    row = shared.one("packages", org, package_id)
    items = [one for one in shared.rows("package_items") if one["org_id"] == org and one["package_id"] == package_id]
    readable = {one["id"] for one in shared.rows("claims") if one["org_id"] == org}
    declared = TABLES["package_items"]

    def goes(item: Row) -> str:
        return address("claim", {"org_id": org, "id": item["claim_id"]}) if item["claim_id"] in readable else ""

    heads = (
        Head("claim_id", goes=goes, label=Text("债权", "Claim")), Head("five_class", risk=True),
        Head("principal", total=True), Head("interest", total=True), Head("advanced_costs", total=True),
        Head("overdue_days"), Head("in_litigation"), Head("allocated_price", total=True, hidden=True),
    )  # fmt: skip
    sheet = Sheet(
        "offered-items", Text("包内债权", "Claims in it"),
        Facts("package_items", declared.sealed_schema, as_table("package_items", items)), heads, ("five_class",),
        "-principal", facts=True,
    )  # fmt: skip
    with visit.acting(*PURPOSES):
        said = [(Text("资产包", "package"), package_id), *_said_of(visit, shared)]
        if (other := other_form(sheet, None, visit, said)) is not None:
            return other
        table = table_shown(sheet, None, visit, address("package", row)) if items else None
    given = {
        "room": ROOM, "package": row, "disclosed": disclosed(TABLES["packages"], row), "table": table,
        "seller": shared.name_of(org), "level": row["share_level"], "purpose": _purpose(row),
        "crumbs": [(Text("收到的资产", "Offered to us"), "/console/offers"), (Text(package_id, package_id), "")],
    }  # fmt: skip
    return shown(visit.request, "console/offered_package.html", given, visit=visit)


def _purpose(row: Row) -> Text:
    code = PURPOSE_CODES[row["_purpose"]]
    return Text(code.zh, code.en)


@page()
def claim(visit: Visit, org: str, claim_id: str) -> HttpResponse:
    """One claim's disclosure: everything shared that belongs to it, in the catalogue's order, and its time line."""
    if visit.purpose_of(PURPOSES) is None:
        raise Http404
    shared = Shared(visit, PURPOSES)
    row = shared.one("claims", org, claim_id)
    around = shared.around("claims", row)
    today = timezone.localdate()
    with visit.acting(*PURPOSES):
        notes = events.read(NOTES, _noted(visit, org, claim_id))
    inside = [one for one in shared.rows("package_items") if (one["org_id"], one["claim_id"]) == (org, claim_id)]
    given = {
        "room": ROOM, "claim": row, "disclosed": disclosed(TABLES["claims"], row), "seller": shared.name_of(org),
        "level": row["share_level"], "purpose": _purpose(row), "notes": list(reversed(notes)),
        "here_posts": address("claim", row) + "/notes",
        "parts": [
            (named(name), [(one["id"], disclosed(TABLES[name], one)) for one in some])
            for name, some in around.items() if name != "package_items"
        ],
        "moments": moments({"claims": [row], **around}, today),
        "packages": [(one["package_id"], address("package", {"org_id": org, "id": one["package_id"]}))
                     for one in inside],
        "crumbs": [(Text("收到的资产", "Offered to us"), "/console/offers"), (Text(claim_id, claim_id), "")],
    }  # fmt: skip
    return shown(visit.request, "console/offered_claim.html", given, visit=visit)


@page("POST")
def note(visit: Visit, org: str, claim_id: str) -> HttpResponse:
    """Keeps a note of our own about a claim that is shared with us."""
    if visit.purpose_of(PURPOSES) is None:
        raise Http404
    row = Shared(visit, PURPOSES).one("claims", org, claim_id)
    said = visit.request.POST.get("said", "").strip()
    if not 1 <= len(said) <= LONGEST:
        raise InvalidInput(f"a note has 1 to {LONGEST} characters", where="said", remedy="write what you found")
    stream = _noted(visit, org, claim_id)
    with visit.acting(*PURPOSES):
        seen = len(events.read(NOTES, stream))
        events.append(NOTES, stream, [events.NewEvent("noted", {"said": said})], seen=seen,
                      idempotency_key=f"note {secrets.token_hex(8)}")  # fmt: skip
    return done(
        visit, address("claim", row), Text("已记下，只有本机构可见。", "Noted; only your organisation sees it.")
    )
