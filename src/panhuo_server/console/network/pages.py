"""The network's pages: the whole, its parties, one ring down to its contracts, one party and who stands around it.

Invariant: everything a picture shows stands in a table beside it; a ring's guarantees come to the amount that was
sealed for it; what a failure would cost is an upper bound and is called one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse

from panhuo.ground.book.catalogue import table_named
from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.network.picture import members_of, neighbourhood, picture_of, ring_drawing
from panhuo_server.console.network.ties import Ties, ties_of
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figure, Figures, in_column, row_address, sum_address
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.grids import fact_address
from panhuo_server.console.pieces.tables import Facts as Stated
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import FactsOfNight, Night, last_night, the_night
from panhuo_server.console.teaching import first_night

PURPOSES = ("monitoring", "approval", "audit", "reporting")
HERE = "/console/network"
STEPS = (1, 2, 3)
_ROOM = (Text("关联与担保圈", "Network"), HERE)
T = ColumnType
STATES = CodeList.of(
    "ring_states", ("live", "存续", "live"), ("record", "历史", "on record"),
)  # fmt: skip
STANDINGS = CodeList.of(
    "standings", ("in_ring", "在存续圈内", "in a live ring"), ("past", "仅历史圈", "on record only"),
    ("none", "不在圈内", "in none"),
)  # fmt: skip
TIES = CodeList.of(
    "directions", ("gives", "为其担保", "it answers for"), ("takes", "由其担保", "answers for it"),
    ("further", "更远", "further away"),
)  # fmt: skip


def ring_page(ring: str) -> str:
    """Where a ring opens."""
    return f"{HERE}/rings/{quote(ring, safe='')}"


def party_page(party: str) -> str:
    """Where a party's neighbourhood opens."""
    return f"{HERE}/parties/{quote(party, safe='')}"


def _with(rows: pa.Table, name: str, values: Sequence[Any] | pa.Array) -> pa.Table:
    return rows.append_column(name, values if isinstance(values, pa.Array) else pa.array(values, pa.string()))


def _figures(figures: Figures) -> list[Figure]:
    found = [
        figures.count("rings", (("live", ("true",)),), title=Text("存续担保圈", "Live rings")),
        figures.count("rings", (("live", ("true",)), ("in_distress", ("true",))), risk=5,
                      title=Text("其中圈内已有逾期", "of them with a member past due")),
        figures.count("rings", (("live", ("false",)),), title=Text("历史担保圈", "Rings on record")),
        figures.count("ring_membership", (("in_ring", ("true",)),),
                      title=Text("在存续圈内的主体", "Parties in live rings")),
        figures.count("ring_membership", (("ring_in_distress", ("true",)),), risk=4,
                      title=Text("圈内他户逾期的主体", "Parties whose ring has another past due")),
    ]  # fmt: skip
    for currency in figures.currencies_in(figures.outcomes["ring_membership"])[:2]:
        found.append(figures.total("ring_membership", "guaranteed", currency=currency,
                                   title=Text("对外担保（现有余额）", "Guaranteed for debts owed")))  # fmt: skip
    return found


def _rings_sheet(night: Night, rows: pa.Table | None = None) -> Sheet:
    outcome = night["rings"]
    table = outcome.table if rows is None else rows
    state = pc.if_else(pc.fill_null(table.column("live"), False), "live", "record").combine_chunks()
    heads = (
        Head("ring_id", goes=lambda row: ring_page(row["ring_id"])), Head("state"), Head("length"), Head("amount"),
        Head("weakest_amount"), Head("members_overdue"), Head("cut_from"), Head("cut_to"), Head("cut_rings"),
        Head("cut_amount"), Head("members"),
    )  # fmt: skip
    extra = {"state": Column("state", T.CODE, "状态", "state", codes=STATES)}
    return Sheet("rings", Text("担保圈", "Rings"), outcome, heads, ("state",), "-amount", extra,
                 _with(table, "state", state))  # fmt: skip


def _parties_sheet(night: Night) -> Sheet:
    outcome = night["ring_membership"]
    table = outcome.table
    inside, past = (pc.fill_null(table.column(name), False) for name in ("in_ring", "in_past_ring"))
    standing = pc.if_else(inside, "in_ring", pc.if_else(past, "past", "none")).combine_chunks()
    heads = (
        Head("party_id", goes=lambda row: party_page(row["party_id"])), Head("standing"), Head("rings"),
        Head("shortest"), Head("guaranteed", total=True), Head("exposure"), Head("parties_reached"),
        Head("others_overdue"), Head("core_size"), Head("group_size"),
    )  # fmt: skip
    extra = {"standing": Column("standing", T.CODE, "圈内地位", "standing", codes=STANDINGS)}
    return Sheet("parties", Text("关联主体", "Parties"), outcome, heads, ("standing",), "-exposure", extra,
                 _with(table, "standing", standing))  # fmt: skip


def _made(night: Night | None) -> bool:
    return night is not None and all(name in night for name in ("rings", "ring_membership", "days_past_due"))


@page()
def network(visit: Visit) -> HttpResponse:
    """The whole network: its picture and its rings."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or not _made(night):
            return first_night(visit, "network")
        figures, sheet = Figures(night), _rings_sheet(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "network", "night": night, "figures": _figures(figures),
            "table": table_shown(sheet, figures, visit, HERE), "parties": len(night["ring_membership"]),
        }  # fmt: skip
    return shown(visit.request, "console/network.html", given, visit=visit)


@page()
def picture(visit: Visit) -> HttpResponse:
    """The network's places, ties and rings, for the page's script."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        if not _made(night):
            raise Http404
        return HttpResponse(picture_of(night), content_type="application/json")


@page()
def parties(visit: Visit) -> HttpResponse:
    """Every party with a guarantee given or received."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or not _made(night):
            return first_night(visit, "network")
        figures, sheet = Figures(night), _parties_sheet(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "network", "night": night, "table": table_shown(sheet, figures, visit, f"{HERE}/parties"),
            "crumbs": [_ROOM, (Text("关联主体", "Parties"), "")],
        }  # fmt: skip
    return shown(visit.request, "console/network_parties.html", given, visit=visit)


def _row(night: Night, name: str, key: str) -> dict[str, Any]:
    outcome = night.named(name)
    column = outcome.schema.key[0]
    found = outcome.table.filter(pc.equal(outcome.table.column(column), key)).to_pylist()
    if not found:
        raise Http404
    row: dict[str, Any] = found[0]
    return row


def guarantees_between(night: Night, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The guarantees not released by which some answer for others, each with what is owed behind it and counted.

    Args:
        pairs: (guarantor, debtor).
    """
    facts, wanted = FactsOfNight(night), set(pairs)
    given = facts.rows("guarantees", "guarantor_id", [a for a, _ in wanted])
    contracts = {c["id"]: c["party_id"] for c in facts.rows("contracts", "id", [g["contract_id"] for g in given])}
    found = []
    for row in given:
        debtor = row["debtor_id"] or contracts.get(row["contract_id"])
        released = row["released_on"] is not None and row["released_on"] <= night.as_of
        if (row["guarantor_id"], debtor) in wanted and not released:
            found.append({**row, "debtor_id": debtor})
    drawdowns = facts.rows("drawdowns", "contract_id", [g["contract_id"] for g in found])
    by_contract: dict[str, list[str]] = {}
    for one in drawdowns:
        by_contract.setdefault(one["contract_id"], []).append(one["id"])
    debts = night["days_past_due"].table
    listed = pa.array([d["id"] for d in drawdowns], pa.string())
    held = debts.filter(pc.is_in(debts.column("drawdown_id"), value_set=listed))
    owed_by = {r["drawdown_id"]: (r["total_owed"] or 0, r["currency"] or "CNY") for r in held.to_pylist()}
    for row in found:
        mine = sorted(d for d in by_contract.get(row["contract_id"], []) if d in owed_by)
        sums: dict[str, int] = {}
        for drawdown in mine:
            amount, currency = owed_by[drawdown]
            if amount > 0:
                sums[currency] = sums.get(currency, 0) + amount
        single = len(sums) <= 1
        currency, owed = next(iter(sums.items()), (row["currency"] or "CNY", 0))
        capped = row["cap"] is not None and (row["currency"] or "CNY") == currency
        row["owed"] = owed if single else None
        row["counted"] = (min(owed, row["cap"]) if capped else owed) if single else None
        row["_currency"], row["_drawdowns"] = currency, mine
    return found


_GUARANTEE = table_named("guarantees").schema


def _guarantees_sheet(night: Night, rows: list[dict[str, Any]], opens: str) -> Sheet:
    names = ("guarantor_id", "debtor_id", "number", "kind", "signed_on", "period_from_on", "period_to_on", "cap",
             "contract_id")  # fmt: skip
    schema = Schema(
        "guarantees",
        (Column("id", T.TEXT, "保证", "guarantee", key=True, required=True), *[_GUARANTEE[n] for n in names],
         Column("owed", T.FEN, "合同下所欠", "owed under the contract"),
         Column("counted", T.FEN, "计入担保", "counted (held at the cap)")),
        zh="保证", en="guarantees",
    )  # fmt: skip
    table = pa.Table.from_pylist([{c.name: row[c.name] for c in schema.columns} for row in rows], schema=schema.arrow())
    table = _with(table, "_currency", [row["_currency"] for row in rows])
    owing = {row["id"]: sum_address("days_past_due", "total_owed", (("drawdown_id", row["_drawdowns"]),),
                                    row["_currency"]) for row in rows if row["_drawdowns"]}  # fmt: skip
    heads = (
        Head("id"), Head("guarantor_id", goes=lambda r: party_page(r["guarantor_id"])),
        Head("debtor_id", goes=lambda r: party_page(r["debtor_id"])), Head("counted", opens=lambda r: opens),
        Head("owed", opens=lambda r: owing.get(r["id"], "")),
        Head("cap", opens=lambda r: fact_address("guarantees", r, "cap")), Head("kind"), Head("signed_on"),
        Head("period_from_on"), Head("period_to_on"), Head("contract_id"), Head("number"),
    )  # fmt: skip
    return Sheet("guarantees", Text("保证合同", "Guarantees"), Stated("guarantees", schema, table), heads, ("kind",),
                 "-counted", rows=table, facts=True)  # fmt: skip


def _drawdown_fact(column: str) -> Any:
    return lambda row: fact_address("drawdowns", {"id": row["drawdown_id"]}, column)


def _drawdowns_sheet(night: Night, members: Sequence[str]) -> Sheet:
    outcome = night["days_past_due"]
    mine = pc.is_in(outcome.table.column("party_id"), value_set=pa.array(members, pa.string()))
    rows = outcome.table.filter(mine)
    extra: dict[str, Column] = {}
    drawdowns = {
        d["id"]: d for d in FactsOfNight(night).rows("drawdowns", "id", rows.column("drawdown_id").to_pylist())
    }
    declared = table_named("drawdowns").schema
    for name in ("contract_id", "amount", "out_on", "due_on"):
        values = [drawdowns.get(d, {}).get(name) for d in rows.column("drawdown_id").to_pylist()]
        extra[name] = declared[name]
        rows = rows.append_column(name, pa.array(values, declared[name].arrow_type()))
    heads = [
        Head("drawdown_id"), Head("party_id", goes=lambda r: party_page(r["party_id"])), Head("contract_id"),
        *[Head(name, opens=_drawdown_fact(name)) for name in ("amount", "out_on", "due_on")],
        Head("total_owed"), Head("overdue_days"), Head("bucket"),
    ]  # fmt: skip
    if "classes" in night:
        classes = night["classes"]
        at = pc.index_in(rows.column("drawdown_id"), classes.table.column("drawdown_id"))
        rows = rows.append_column("class", classes.table.column("class").take(at))
        extra["class"] = classes.schema["class"]
        heads.append(Head("class", risk=True, of="classes", label=Text("分类", "Class"),
                          opens=lambda r: row_address("classes", (r["drawdown_id"],), "class")))  # fmt: skip
    rows = rows.append_column("_currency", pc.fill_null(rows.column("currency"), "CNY"))
    return Sheet("drawdowns", Text("成员借据", "Drawdowns of the members"), outcome, heads, ("bucket",), "-total_owed",
                 extra, rows)  # fmt: skip


def failures(night: Night, ties: Ties, ring: dict[str, Any]) -> list[tuple[str, Text, list[tuple[str, Figure]]]]:
    """What each member's failure would call for: the member, what it owes, and the calls round the ring in turn.

    Each call is on the party that answers for the one before, in full; what is recovered is left out.
    """
    members = members_of(ring)
    debts = night["days_past_due"].table
    opens = row_address("rings", (ring["ring_id"],), "amount")
    found = []
    for at, member in enumerate(members):
        mine = debts.filter(pc.equal(debts.column("party_id"), member))
        sums: dict[str, int] = {}
        for row in mine.select(["total_owed", "currency"]).to_pylist():
            name = row["currency"] or "CNY"
            sums[name] = sums.get(name, 0) + (row["total_owed"] or 0)
        calls = []
        for currency, owed in sorted(sums.items()):
            where = (("party_id", (member,)),)
            address = sum_address("days_past_due", "total_owed", where, currency)
            calls.append(("", Figure(in_column(owed, currency), address, exact=words.exact(owed, currency))))
        total, known, held_in = 0, True, ""
        for back in range(1, len(members)):
            guarantor, debtor = members[(at - back) % len(members)], members[(at - back + 1) % len(members)]
            amount, currency = ties.amount(guarantor, debtor)
            known = known and amount is not None and (not amount or held_in in ("", currency))
            total, held_in = total + (amount or 0), currency if amount else held_in
            text = in_column(total, held_in or "CNY") if known else words.DASH
            exact = words.exact(total, held_in or "CNY") if known else words.NOTHING
            calls.append((guarantor, Figure(text, opens, exact=exact)))
        if not sums:
            calls.insert(0, ("", Figure(words.DASH, opens)))
        late = Text("已逾期", "past due") if member in ties.late else words.NOTHING
        found.append((member, late, calls))
    return found


@page()
def ring(visit: Visit, ring_id: str) -> HttpResponse:
    """One ring: its drawing, members, guarantees and drawdowns, where to cut it and what a failure would cost."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        if not _made(night):
            raise Http404
        held = _row(night, "rings", ring_id)
        ties, figures = ties_of(night), Figures(night)
        members = members_of(held)
        pairs = list(zip(members, members[1:] + members[:1], strict=True))
        opens = row_address("rings", (ring_id,), "amount")
        sheets = [
            _guarantees_sheet(night, guarantees_between(night, pairs), opens), _drawdowns_sheet(night, members),
        ]  # fmt: skip
        if (other := other_form(sheets, figures, visit, about(visit, night))) is not None:
            return other
        names = ("amount", "weakest_amount", "members_overdue", "cut_rings", "cut_amount")
        head = [figures.cell("rings", (ring_id,), name) for name in names if held[name] is not None]
        opened = night["rings"].why(ring_id, language=visit.language)
        given = {
            "room": "network", "night": night, "crumbs": [_ROOM, (Text(ring_id, ring_id), "")],
            "ring": held, "head": head, "drawing": ring_drawing(ties, held),
            "told": [r["words"].strip("〔〕[] ") for r in opened["reasons"]],
            "failures": failures(night, ties, held), "calls": range(1, len(members)),
            "tables": [table_shown(sheet, figures, visit, ring_page(ring_id)) for sheet in sheets], "members": members,
        }  # fmt: skip
    return shown(visit.request, "console/network_ring.html", given, visit=visit)


def _around_sheet(night: Night, ties: Ties, party: str, near: dict[int, int]) -> Sheet:
    own = ties.number[party]
    outcome = night["ring_membership"]
    others = sorted((n for n in near if n != own), key=lambda n: (near[n], n))
    names = [str(ties.graph.labels[n]) for n in others]
    gives = set(ties.graph.targets[ties.graph.starts[own] : ties.graph.starts[own + 1]].tolist())
    starts, sources = ties.graph.backward
    takes = set(sources[starts[own] : starts[own + 1]].tolist())
    at = pc.index_in(pa.array(names, pa.string()), outcome.table.column("party_id").combine_chunks())
    rows = outcome.table.take(at)
    rows = rows.append_column("step", pa.array([near[n] for n in others], pa.int64()))
    standing = ["gives" if n in gives else "takes" if n in takes else "further" for n in others]
    rows = _with(rows, "direction", standing)
    rows = rows.append_column("late", pa.array([name in ties.late for name in names], pa.bool_()))
    between = [ties.amount(*((party, name) if n in gives else (name, party))) if n in gives or n in takes else None
               for n, name in zip(others, names, strict=True)]  # fmt: skip
    rows = rows.append_column("between", pa.array([b[0] if b else None for b in between], pa.int64()))
    rows = _with(rows, "_currency", [b[1] if b else "CNY" for b in between])
    extra = {
        "step": Column("step", T.INT, "几步", "steps away"),
        "direction": Column("direction", T.CODE, "关系", "tie", codes=TIES),
        "late": Column("late", T.BOOL, "逾期", "past due"),
        "between": Column("between", T.FEN, "其间担保", "guaranteed between them"),
    }
    guarantor = {n: party if d == "gives" else n for n, d in zip(names, standing, strict=True)}
    heads = (
        Head("party_id", goes=lambda r: party_page(r["party_id"])), Head("step", opens=lambda r: ""),
        Head("direction"),
        Head("between", opens=lambda r: row_address("ring_membership", (guarantor[r["party_id"]],), "guaranteed")),
        Head("late"), Head("rings"), Head("guaranteed"), Head("exposure"), Head("others_overdue"),
    )  # fmt: skip
    return Sheet("around", Text("周围主体", "Around it"), outcome, heads, ("direction",), "step", extra, rows)


@page()
def party(visit: Visit, party_id: str) -> HttpResponse:
    """One party and who stands around it, one to three steps away."""
    asked = visit.request.GET.get("steps", "2")
    steps = int(asked) if asked in [str(s) for s in STEPS] else 2
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        if not _made(night):
            raise Http404
        _row(night, "ring_membership", party_id)
        ties, figures = ties_of(night), Figures(night)
        if party_id not in ties.number:
            raise Http404
        near = ties.around(party_id, steps)
        sheet = _around_sheet(night, ties, party_id, near)
        address = f"{party_page(party_id)}?steps={steps}"
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        table = table_shown(sheet, figures, visit, party_page(party_id))
        way = ties.way_to_a_finding(party_id)
        rings = night["rings"].table.to_pylist()
        mine = [r for r in rings if party_id in members_of(r)]
        names = ("rings", "guaranteed", "exposure", "parties_reached", "others_overdue", "group_size")
        opened = night["ring_membership"].why(party_id, language=visit.language)
        given = {
            "room": "network", "night": night,
            "crumbs": [_ROOM, (Text("关联主体", "Parties"), f"{HERE}/parties"), (Text(party_id, party_id), "")],
            "party": party_id, "steps": steps, "choices": STEPS, "address": address,
            "head": [figures.cell("ring_membership", (party_id,), name) for name in names],
            "drawing": neighbourhood(ties, party_id, near, way, rings), "way": way, "rings": mine,
            "late": party_id in ties.late, "told": [r["words"].strip("〔〕[] ") for r in opened["reasons"]],
            "table": replace(table, export=f"{table.export}&steps={steps}"), "many": len(near) - 1,
        }  # fmt: skip
    return shown(visit.request, "console/network_party.html", given, visit=visit)
