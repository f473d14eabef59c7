"""户级尽调表: one debtor on a page: balances, chain, security, seizures, burdens, limitation, guarantors, questions.

Invariant: every line is a fact, or what the night judged, or the debt calculator's, and opens to it; the questions are
those the named checks raise from these facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse

from panhuo.ground.record.errors import InvalidInput
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.chain import chain_verdict, notices_grid
from panhuo_server.console.claims.debt import components_grid, compute, refusal
from panhuo_server.console.claims.holding import Holding
from panhuo_server.console.claims.questions import questions_of
from panhuo_server.console.claims.rights import ids_of, rights_of, rights_of_claim_grid
from panhuo_server.console.claims.security import burdens_grid, security_grid, seizures_grid
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import RISK, Badge, Figure, Figures, plain, row_address
from panhuo_server.console.pieces.grids import (
    NOUGHT,
    Grid,
    badge_cell,
    code_text,
    day_cell,
    fact_address,
    text_cell,
    told,
)
from panhuo_server.console.results import FactsOfNight, Night, the_night

PURPOSES = ("valuation", "recovery", "market", "approval", "audit", "reporting")


_ABOUT = (
    ("kind", Text("类型", "Kind")), ("status", Text("状态", "Status")), ("region", Text("地区", "Region")),
    ("industry", Text("行业", "Industry")), ("size", Text("规模", "Size")),
    ("registered_on", Text("成立", "Registered")),
)  # fmt: skip


def some(grid: Grid | None, columns: Sequence[int]) -> Grid | None:
    """Some columns of a small table, for a sheet of paper."""
    if grid is None:
        return None
    totals = [grid.totals[at] for at in columns] if grid.totals else ()
    return Grid([grid.heads[at] for at in columns], [[row[at] for at in columns] for row in grid.rows], totals)


def worst_period(guarantee_id: str, periods: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The period of a guarantee that may end first, of all the debts it secures: one whose last day is not known."""
    mine = [row for name, row in periods.items() if name == guarantee_id or name.startswith(f"{guarantee_id}/")]
    if not mine:
        return None
    return min(mine, key=lambda row: (row["last_day"] is not None, row["last_day"] or date.min, row["entity_id"]))


def guarantors_grid(holding: Holding) -> Grid | None:
    """Who guarantees, how, until when, and whether the period still runs."""
    if not holding.guarantees:
        return None
    periods: dict[str, dict[str, Any]] = {}
    for row in rights_of(holding.night, holding.id, ids_of(holding)):
        if row["kind"] in ("guarantee_period", "guarantee_limitation"):
            # After the period was used in time the guarantee's own limitation says how long it lives.
            guarantee = row["entity_id"]
            if guarantee not in periods or row["kind"] == "guarantee_limitation":
                periods[guarantee] = row
    rows = []
    for one in holding.guarantees:
        party = holding.parties.get(one["guarantor_id"] or "")
        found = worst_period(one["id"], periods)
        state, last = NOUGHT, NOUGHT
        if found is not None:
            schema = holding.night["deadlines"].schema
            where = row_address("deadlines", (found["kind"], found["entity_id"]), "state")
            state = badge_cell(plain(schema["state"], found["state"]), RISK.get(found["state"], 0), where)
            last = day_cell(found["last_day"], where)
        rows.append(
            [
                text_cell(one["guarantor_id"] or one["id"], href=fact_address("guarantees", one)),
                text_cell(code_text("parties", "kind", party["kind"] if party else None)),
                text_cell(code_text("parties", "status", party["status"] if party else None)),
                told("guarantees", one, "kind"),
                told("guarantees", one, "cap"),
                told("guarantees", one, "period_to_on"),
                last,
                state,
                told("guarantees", one, "resolution"),
                told("guarantees", one, "spouse_consent"),
            ]
        )
    heads = (
        (Text("保证人", "Guarantor"), False),
        (Text("类型", "Kind"), False),
        (Text("主体状态", "Status"), False),
        (Text("保证方式", "Guarantee"), False),
        (Text("上限（元）", "Cap"), True),
        (Text("约定期至", "Agreed to"), False),
        (Text("最后一日", "Last day"), False),
        (Text("期间状态", "Period"), False),
        (Text("决议", "Resolution"), False),
        (Text("配偶同意", "Spouse"), False),
    )
    return Grid(heads, rows)


def _claim_part(night: Night, figures: Figures, holding: Holding) -> dict[str, Any]:
    verdict, step = chain_verdict(holding)
    try:
        computed = compute(holding, {})
        balances, to, fault = components_grid(computed), computed.options.to, None
        basis = computed.options.basis
    except InvalidInput as error:
        balances, to, fault, basis = None, "", refusal(error), ""
    heads: list[Figure] = []
    for name, columns in (
        ("claim_values", ("value",)),
        ("maximum_bids", ("maximum_bid",)),
        ("claim_routes", ("best",)),
    ):
        if name in night:
            titles = {
                "value": Text("价值", "Value"),
                "maximum_bid": Text("最高报价", "Maximum bid"),
                "best": Text("最优路径", "Best route"),
            }
            try:
                heads += [figures.cell(name, (holding.id,), c, title=titles[c]) for c in columns]
            except InvalidInput:
                continue
    contract = next(iter(holding.contracts.values()), None)
    return {
        "claim": holding.claim,
        "figures": heads,
        "balances": balances,
        "to": to,
        "fault": fault,
        "from_base": basis == "base",
        "stated": words.exact(holding.total, holding.currency),
        "base_on": holding.claim["base_on"],
        "stated_at": fact_address("claims", holding.claim),
        "contract": contract,
        "chain": Badge(verdict, step),
        "notices": some(notices_grid(holding), (0, 1, 2, 5)),
        "security": some(security_grid(holding), (0, 1, 3, 4, 5, 6, 7, 9)),
        "seizures": some(seizures_grid(holding), (0, 1, 3, 4, 8, 9)),
        "burdens": some(burdens_grid(holding), (0, 1, 2, 3, 5, 9, 11)),
        "rights": some(rights_of_claim_grid(holding), (0, 1, 2, 3, 5, 7)),
        "guarantors": guarantors_grid(holding),
        "proceedings": holding.proceedings[-3:],
        "questions": questions_of(holding),
        "page": f"/console/claims/{quote(holding.id, safe='')}",
        "cases": [
            (
                code_text("proceedings", "kind", row["kind"]),
                row["case_number"] or row["id"],
                row["court"] or "",
                code_text("proceedings", "status", row["status"]),
                fact_address("proceedings", row),
            )
            for row in holding.proceedings[-4:]
        ],
    }


@page()
def debtor(visit: Visit, party_id: str) -> HttpResponse:
    """The due-diligence sheet of one debtor."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        found = FactsOfNight(night).rows("claims", "party_id", [party_id])
        if not found:
            raise Http404
        party = next(iter(FactsOfNight(night).rows("parties", "id", [party_id])), None)
        figures = Figures(night)
        parts = [_claim_part(night, figures, Holding(night, claim)) for claim in found]
        about: list[tuple[Text, Text]] = []
        if party is not None:
            for column, name in _ABOUT:
                if party[column] is not None:
                    about.append((name, told("parties", party, column).text))
        given = {
            "room": "claims",
            "night": night,
            "party": party_id,
            "about": about,
            "parts": parts,
            "party_at": fact_address("parties", party) if party else "",
            "asked": sum(len(part["questions"]) for part in parts),
        }
    return shown(visit.request, "console/claim_debtor.html", given, visit=visit)
