"""Boards over all claims: 财产·查封·处置权, 案件进程板, 调解台账 with its judicial confirmations.

Invariant: a board's rows are facts of the night's day and batch, each opening to itself; what is derived beside them
(last day, state, claims) follows from those facts alone; totals are of all rows the filters leave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import HttpResponse

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.book.tables.security import ASSET_KINDS
from panhuo.ground.record.columns import CodeList, Column, ColumnType
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.proceedings import CLOSED
from panhuo_server.console.claims.security import STANDING, standings_of
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figure, Where
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.grids import Grid, amount_cell, fact_address, text_cell
from panhuo_server.console.pieces.tables import Cell, Facts, Head, Sheet, own_sum
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import FactsOfNight, Night, last_night
from panhuo_server.console.teaching import first_night
from panhuo_server.store.reading import facts_of

PURPOSES = ("recovery", "valuation", "market", "approval", "audit", "reporting")
T = ColumnType
SEIZURE_STATES = CodeList.of("seizure_states", *((code, text.zh, text.en) for code, (text, _) in STANDING.items()))
CONFIRMATIONS = CodeList.of(
    "confirmation_states",
    ("none", "未达成，无需确认", "not agreed: nothing to confirm"),
    ("open", "可申请", "may be applied for"),
    ("late", "已过三十日，未申请", "thirty days passed without"),
    ("filed", "已申请", "applied for"),
    ("ruled", "已裁定确认", "confirmed by ruling"),
)
STANDS = CodeList.of(
    "case_places", ("now", "案件现在所处", "where the case stands"), ("before", "此前的程序", "an earlier step")
)
STAGES = CodeList.of(
    "case_stages",
    ("before", "诉前", "before suit"),
    ("trial", "审理", "at trial"),
    ("judged", "已判未执", "judged, not enforced"),
    ("enforcement", "执行", "in enforcement"),
    ("no_property", "终本", "closed for want of property"),
    ("bankruptcy", "破产", "in bankruptcy"),
    ("over", "结案", "over"),
)
_RISKS = {"expired": 5, "soon": 4, "waiting": 2, "late": 5, "open": 3, "no_property": 4}


def _all(night: Night, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = facts_of(table, as_of=night.as_of, sequence=night.sequence).to_pylist()
    return found


def _table(table: str, rows: Sequence[Mapping[str, Any]], extra: Sequence[Column]) -> pa.Table:
    schema = table_named(table).sealed_schema
    made = {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in schema.columns}
    made |= {c.name: pa.array([row[c.name] for row in rows], c.arrow_type()) for c in extra}
    return pa.table(made)


def _sheet(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    extra: Sequence[Column],
    heads: Sequence[Head],
    title: Text,
    filters: Sequence[str],
    sort: str,
) -> Sheet:
    made = _table(table, rows, extra)
    columns = {c.name: c for c in extra}
    facts = Facts(table, table_named(table).sealed_schema, made)
    return Sheet(f"claims-{table}", title, facts, heads, filters, sort, columns, made, facts=True)


def _opens(table: str, column: str) -> Any:
    return lambda row: fact_address(table, row, column)


def _to_claim(row: Mapping[str, Any]) -> str:
    claims = str(row["claims"] or "").split(" ")
    return f"/console/claims/{quote(claims[0], safe='')}" if claims[0] else ""


_CLAIMS = Column("claims", T.TEXT, "债权", "claims")


def claims_of_assets(night: Night) -> dict[str, list[str]]:
    """Asset -> the claims a security right of ours puts it behind, as the night valued them."""
    found: dict[str, list[str]] = defaultdict(list)
    if "collateral_values" in night:
        for row in night["collateral_values"].table.select(["claim_id", "asset_id"]).to_pylist():
            found[row["asset_id"]].append(row["claim_id"])
    return found


def seizure_sheet(night: Night) -> Sheet:
    """Every seizure with its last day and how it stands."""
    rows = _all(night, "seizures")
    assets = {row["id"]: row for row in FactsOfNight(night).rows("assets", "id", [r["asset_id"] for r in rows])}
    claims = claims_of_assets(night)
    of_asset: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_asset[row["asset_id"]].append(row)
    states: dict[str, tuple[date, str]] = {}
    for asset, mine in of_asset.items():
        states |= standings_of(mine, (assets.get(asset) or {}).get("kind"), night.as_of)
    for row in rows:
        kind = (assets.get(row["asset_id"]) or {}).get("kind")
        last, state = states[row["id"]]
        row |= {
            "asset_kind": kind,
            "last_day": last,
            "days_left": (last - night.as_of).days,
            "state": state,
            "claims": " ".join(sorted(claims.get(row["asset_id"], []))) or None,
        }
    extra = (
        Column("asset_kind", T.CODE, "财产种类", "kind of asset", codes=ASSET_KINDS),
        Column("last_day", T.DATE, "最后一日", "last day"),
        Column("days_left", T.DAYS, "剩余天数", "days left"),
        Column("state", T.CODE, "状态", "state", codes=SEIZURE_STATES),
        _CLAIMS,
    )
    heads = (
        Head("asset_id", goes=lambda row: fact_address("seizures", row)),
        Head("asset_kind"),
        Head("claims", goes=_to_claim),
        Head("kind", label=Text("首封或轮候", "First or waiting")),
        Head("seizure_order", label=Text("次序", "Place")),
        Head("ours", label=Text("本方", "Ours")),
        Head("state", risk=True, opens=_opens("seizures", "expires_on")),
        Head("last_day", opens=_opens("seizures", "expires_on")),
        Head("days_left", label=Text("剩余", "Left"), opens=_opens("seizures", "expires_on")),
        Head("amount", total=True, opens=_opens("seizures", "amount")),
        Head("court"),
        Head("case_number"),
        Head("from_on", opens=_opens("seizures", "from_on")),
        Head("transfer_letter_on", opens=_opens("seizures", "transfer_letter_on")),
        Head("transferred_on", opens=_opens("seizures", "transferred_on")),
    )
    title = Text("财产·查封·处置权", "Seizures and disposal rights")
    return _sheet("seizures", rows, extra, heads, title, ("state", "kind", "asset_kind"), "days_left")


def stage_of(proceeding: Mapping[str, Any]) -> str:
    """Where a proceeding stands on the board."""
    kind, status = proceeding["kind"], proceeding["status"]
    if kind == "bankruptcy":
        return "over" if status == "closed" else "bankruptcy"
    if kind in ("enforcement", "resumed_enforcement"):
        return "no_property" if status == "closed_no_property" else "over" if status in CLOSED else "enforcement"
    if kind in ("pretrial_mediation", "payment_order", "preservation"):
        return "over" if status in CLOSED else "before"
    if status in ("decided", "effective") or (status == "closed" and proceeding["effective_since_on"] is not None):
        return "judged"
    return "over" if status in CLOSED else "trial"


def in_order(proceeding: Mapping[str, Any]) -> tuple[bool, date, str]:
    """Where a proceeding comes in its matter: the last one tells the stage, a preservation only where it is alone."""
    filed = proceeding["filed_on"] or proceeding["effective_on"]
    return proceeding["kind"] != "preservation", filed, proceeding["id"]


def case_sheet(night: Night) -> Sheet:
    """Every proceeding with its stage and claims; of a matter the last one tells where the case is."""
    rows = _all(night, "proceedings")
    claims: dict[str, set[str]] = defaultdict(set)
    for link in _all(night, "proceeding_claims"):
        claims[link["proceeding_id"]].add(link["claim_id"])
    matters: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        matters[row["matter_id"]] |= claims[row["id"]]
    latest: dict[str, Any] = {}
    for row in sorted(rows, key=in_order):
        latest[row["matter_id"]] = row["id"]
    for row in rows:
        mine = claims[row["id"]] or matters[row["matter_id"]]
        row |= {
            "claims": " ".join(sorted(mine)) or None,
            "stage": stage_of(row),
            "latest": "now" if latest[row["matter_id"]] == row["id"] else "before",
            "age": (night.as_of - row["filed_on"]).days if row["filed_on"] and row["closed_on"] is None else None,
        }
    extra = (
        _CLAIMS,
        Column("stage", T.CODE, "阶段", "stage", codes=STAGES),
        Column("latest", T.CODE, "位置", "place", codes=STANDS),
        Column("age", T.DAYS, "已历天数", "days since filed"),
    )
    heads = (
        Head("case_number", goes=lambda row: fact_address("proceedings", row)),
        Head("claims", goes=_to_claim),
        Head("stage"),
        Head("kind"),
        Head("status"),
        Head("court"),
        Head("latest"),
        Head("amount", total=True, opens=_opens("proceedings", "amount")),
        Head("filed_on", opens=_opens("proceedings", "filed_on")),
        Head("decided_on", opens=_opens("proceedings", "decided_on")),
        Head("closed_on", opens=_opens("proceedings", "closed_on")),
        Head("age", opens=_opens("proceedings", "filed_on")),
        Head("next_deadline_on", opens=_opens("proceedings", "next_deadline_on")),
    )
    return _sheet(
        "proceedings", rows, extra, heads, Text("案件", "Cases"), ("stage", "latest", "kind", "status"), "-filed_on"
    )


def confirmation_of(mediation: Mapping[str, Any], last: Any, as_of: Any) -> str:
    """Where the judicial confirmation of a mediation stands."""
    if mediation["confirmation_ruled_on"] is not None:
        return "ruled"
    if mediation["confirmation_filed_on"] is not None:
        return "filed"
    if mediation["agreed_on"] is None:
        return "none"
    return "late" if last is not None and last < as_of else "open"


def mediation_sheet(night: Night) -> Sheet:
    """Every mediation with the last day to ask for its confirmation."""
    from panhuo.ground.rules.periods import end_of_period
    from panhuo.ground.values.calendars import calendar_of
    from panhuo.tools.finance.limitation import date_of, number_of, rule_period

    rows = _all(night, "mediations")
    for row in rows:
        last = None
        if row["agreed_on"] is not None:
            term = rule_period("seizure_and_confirmation", "MED-01", "period", row["agreed_on"], night.as_of)
            last = date_of(end_of_period(number_of(row["agreed_on"]), term, calendar_of("CN")).days)
        row |= {"confirm_by": last, "confirmation": confirmation_of(row, last, night.as_of)}
    extra = (
        Column("confirm_by", T.DATE, "申请确认的最后一日", "last day to ask for confirmation"),
        Column("confirmation", T.CODE, "司法确认", "judicial confirmation", codes=CONFIRMATIONS),
    )
    heads = (
        Head("id", goes=lambda row: fact_address("mediations", row), label=Text("调解", "Mediation")),
        Head("claim_id", goes=lambda row: f"/console/claims/{quote(row['claim_id'] or '', safe='')}"),
        Head("body"),
        Head("opened_on", opens=_opens("mediations", "opened_on")),
        Head("result"),
        Head("agreed_on", opens=_opens("mediations", "agreed_on")),
        Head("confirmation"),
        Head("confirm_by", opens=_opens("mediations", "agreed_on")),
        Head("confirmation_filed_on", opens=_opens("mediations", "confirmation_filed_on")),
        Head("confirmation_ruled_on", opens=_opens("mediations", "confirmation_ruled_on")),
        Head("perform_by_on", opens=_opens("mediations", "perform_by_on")),
        Head("amount", total=True, opens=_opens("mediations", "amount")),
        Head("waived", total=True, opens=_opens("mediations", "waived")),
    )
    return _sheet(
        "mediations", rows, extra, heads, Text("调解台账", "Mediations"), ("result", "confirmation"), "-opened_on"
    )


BOARDS = (
    ("/console/claims", Text("债权", "Claims")),
    ("/console/claims/seizures", Text("查封", "Seizures")),
    ("/console/claims/cases", Text("案件", "Cases")),
    ("/console/claims/mediations", Text("调解", "Mediations")),
)
"""The pages beside one another."""


def _counted(sheet: Sheet, column: str, address: str) -> list[Figure]:
    codes, found = sheet.column(column).codes, []
    now = "latest" in sheet.extra
    rows = sheet.table.filter(pc.equal(sheet.table.column("latest"), "now")) if now else sheet.table
    values = rows.column(column).to_pylist()
    for code in codes or ():
        count = values.count(code.code)
        if count:
            risk = _RISKS.get(code.code, 0)
            name = Text(code.zh, code.en)
            found.append(
                Figure(
                    words.count(count),
                    f"{address}?f.{column}={code.code}{'&f.latest=now' if now else ''}",
                    name,
                    words.count(count),
                    risk=risk,
                )
            )
    return found


def _summary(sheet: Sheet, column: str, address: str) -> Grid:
    """Rows and amounts by code, of rows that have an amount in one currency; amounts open to their rows."""
    now: Where = ()
    rows = sheet.table.to_pylist()
    if "latest" in sheet.extra:  # a case counts once, where it stands now
        rows, now = [row for row in rows if row["latest"] == "now"], (("latest", ("now",)),)
    currencies = {row["currency"] or "CNY" for row in rows}
    one = currencies.pop() if len(currencies) == 1 else ""

    def amount_of(mine: Sequence[Mapping[str, Any]], where: Where) -> Cell:
        amount = sum(row["amount"] or 0 for row in mine) if one else None
        return amount_cell(amount, one or "CNY", own_sum(sheet, "amount", (*now, *where), address))

    lines = []
    for code in sheet.column(column).codes or ():
        mine = [row for row in rows if row[column] == code.code]
        if mine:
            where = ((column, (code.code,)),)
            lines.append(
                [
                    text_cell(Text(code.zh, code.en)),
                    Cell(words.count(len(mine)), number=True),
                    amount_of(mine, where),
                ]
            )
    heads = (
        (words.label(sheet.column(column)), False),
        (Text("件", "Count"), True),
        (Text("金额（元）", "Amount"), True),
    )
    return Grid(heads, lines, [None, Cell(words.count(len(rows)), number=True), amount_of(rows, ())])


def _board(visit: Visit, address: str, make: Any, by: str, said: Text) -> HttpResponse:
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None:
            return first_night(visit, "claims")
        sheet = make(night)
        if (other := other_form(sheet, None, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "claims",
            "night": night,
            "title": sheet.title,
            "boards": BOARDS,
            "here_board": address,
            "said_of": said,
            "counts": _counted(sheet, by, address),
            "summary": _summary(sheet, by, address),
            "table": table_shown(sheet, None, visit, address),
        }
    return shown(visit.request, "console/claims_board.html", given, visit=visit)


@page()
def seizures(visit: Visit) -> HttpResponse:
    """财产·查封·处置权."""
    said = Text(
        "首封法院处置；轮候等待。本方查封的最后一日按法定最长期限与裁定到期日较早者计。",
        "The court that seized first disposes; the others wait. Ours end on the legal term or the day stated, "
        "the earlier.",
    )
    return _board(visit, "/console/claims/seizures", seizure_sheet, "state", said)


@page()
def cases(visit: Visit) -> HttpResponse:
    """案件进程板."""
    said = Text(
        "每件程序一行；上方合计只计各案现在所处的程序，一案一次。",
        "A line a proceeding; the sums above count each case once, where it stands now.",
    )
    return _board(visit, "/console/claims/cases", case_sheet, "stage", said)


@page()
def mediations(visit: Visit) -> HttpResponse:
    """调解台账 + 司法确认."""
    said = Text(
        "调解协议生效后三十日内可申请司法确认；逾期须重新达成协议再申请，或凭协议起诉。",
        "Judicial confirmation may be asked for within thirty days of the agreement; after that agree again and apply, "
        "or sue on the agreement.",
    )
    return _board(visit, "/console/claims/mediations", mediation_sheet, "confirmation", said)
