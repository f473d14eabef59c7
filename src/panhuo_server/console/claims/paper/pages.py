"""估值底稿: the working paper 价值分析 of one claim, never an appraisal report; edited with reasons, then approved.

Invariant: the model's figures are those sealed and open to their receipts; the analyst's are the same judges' on the
fields changed, every change kept with person, reason and time; the difference between the two is always shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.stages.valuation.assumptions import SCENARIOS
from panhuo_server.accounts.roles import allows, require
from panhuo_server.console.claims.paper import events as paper_events
from panhuo_server.console.claims.paper.fields import said_of, wanted_of, written
from panhuo_server.console.claims.paper.grids import (
    asset_grid,
    assumptions_grid,
    claim_grid,
    headline,
    sensitivity_grid,
    share_of,
    steps_of,
)
from panhuo_server.console.claims.paper.standing import moved, standing
from panhuo_server.console.claims.paper.values import RATES, SCENARIO_NAMES, Judged, field_of
from panhuo_server.console.claims.paper.workbook import export
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.figures import row_address
from panhuo_server.console.pieces.parts import opened
from panhuo_server.console.pieces.pictures import adds_up, waterfall
from panhuo_server.console.results import Night, the_night
from panhuo_server.flows import approvals, approving, clock
from panhuo_server.flows.approvals import Proposal
from panhuo_server.flows.ladder import LADDER
from panhuo_server.store import events
from panhuo_server.store.acting import current
from panhuo_server.store.events import NewEvent

_DECISIONS: dict[str, Literal["approve", "reject", "withdraw"]] = {
    "approve": "approve", "reject": "reject", "withdraw": "withdraw",
}  # fmt: skip
PURPOSES = ("valuation", "recovery", "market", "approval", "audit", "reporting")


def _judged(night: Night, claim_id: str) -> Judged:
    values = night.named("claim_values")
    try:
        values.row_of(claim_id)
    except PanhuoError as error:
        raise Http404 from error
    return Judged(night, claim_id)


def _paper(claim_id: str) -> paper_events.Paper:
    return paper_events.fold(events.read(paper_events.STREAM, claim_id))


def _approval(paper: paper_events.Paper) -> Proposal | None:
    return approvals.fold(events.read(approving.STREAM, paper.proposal)) if paper.proposal else None


def _waiting(paper: paper_events.Paper) -> bool:
    approval = _approval(paper)
    return approval is not None and approval.status == "open"


def _result(judged: Judged, edits: Mapping[str, int]) -> dict[str, Any]:
    values = judged.values(edits)
    untouched = judged.values()
    sealed = judged.sealed
    return {
        "headline": headline(judged, values, edits),
        "opening": words.exact(values.bid["opening_bid"], judged.currency),
        "principal_share": share_of(values.claim["value"], judged.subject["principal"]),
        "debt_share": share_of(values.claim["value"], values.claim["debt"]),
        "assets": [
            {"id": one, "grid": asset_grid(judged, values, one, edits), "unvalued": values.assets[one]["not_valued"]}
            for one in values.assets
        ],
        "claim_grid": claim_grid(judged, values, edits),
        "sensitive": sensitivity_grid(judged, values, edits),
        "sources": [
            (text, words.exact(values.claim[name], judged.currency))
            for name, text in (
                ("from_collateral", Text("来自担保财产", "From security")),
                ("from_guarantors", Text("来自保证人", "From guarantors")),
                ("from_ordinary", Text("普通债权受偿", "As an ordinary claim")),
            )
        ],
        "same": untouched.claim["value"] == sealed[0] and sealed[1] in (None, untouched.bid["maximum_bid"]),
        "values": values,
    }


def _inputs(judged: Judged, now: Mapping[str, int | None], edits: Mapping[str, int]) -> dict[str, Any]:
    def one(name: str) -> dict[str, Any]:
        field = field_of(name)
        assert field is not None
        unit = {"ppm": Text("%", "%"), "fen": Text("元", judged.currency), "months": Text("月", "months")}[field.unit]
        return {
            "name": f"f.{name}",
            "value": written(field, now[name], judged.currency),
            "text": field.text,
            "changed": name in edits,
            "unit": unit,
            "model": written(field, judged.fields[name], judged.currency),
        }

    scenarios = [
        (text, [one(f"{name}_{s}") for s in SCENARIOS])
        for name, text in (
            ("weight", Text("权重 %", "Weight %")),
            ("months", Text("到款月数", "Months to payment")),
            ("ordinary", Text("普通债权受偿率 %", "As an ordinary claim %")),
        )
    ]
    rates = [one(name) for name in RATES]
    assets = [
        {
            "id": row["asset_id"],
            "prices": [one(f"price_{s}@{row['asset_id']}") for s in SCENARIOS],
            "others": [
                one(f"{name}@{row['asset_id']}")
                for name in ("appraisal", "tax", "rights_ahead", "earlier_ranks", "cap")
            ],
        }
        for row in judged.assets
    ]
    return {
        "scenario_inputs": scenarios,
        "rates": rates,
        "asset_inputs": assets,
        "scenario_names": [SCENARIO_NAMES[s] for s in SCENARIOS],
    }


@page("GET", "HEAD", "POST")
def paper(visit: Visit, claim_id: str) -> HttpResponse:
    """The paper of a claim, and what somebody does to it."""
    address = f"/console/claims/{quote(claim_id, safe='')}/paper"
    fault: PanhuoError | None = None
    tried: dict[str, int] = {}
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        judged = _judged(night, claim_id)
        if visit.request.method == "POST":
            try:
                with visit.acting(*PURPOSES):  # what fails half-way leaves the rest of the page readable
                    _act(judged, claim_id, visit.request.POST)
            except PanhuoError as error:
                if error.code in ("not-found", "not-allowed/act"):
                    raise
                fault = error
            else:
                return redirect(address)
        held = _paper(claim_id)
        edits = held.edits
        if fault is not None:
            try:
                tried = wanted_of(visit.request.POST, judged)
            except InvalidInput:
                tried = {}
        now = {**judged.fields, **edits, **tried}
        if visit.request.GET.get("as") == "xlsx":
            return export(visit, judged, held, standing(held, _approval(held), judged.values(edits)))
        approval, result = _approval(held), _result(judged, edits)
        person, roles = visit.person, visit.place.roles
        given = {
            "room": "claims",
            "night": night,
            "claim": claim_id,
            "party": judged.subject["party_id"],
            "address": address,
            "assumed": assumptions_grid(judged, now, edits),
            **_inputs(judged, now, edits),
            **result,
            "approval": approval,
            "changes": [
                {
                    "number": c.number,
                    "what": said_of(c, judged.currency),
                    "reason": c.reason,
                    "person": c.person,
                    "at": c.at,
                    "undone": c.undone,
                }
                for c in reversed(held.changes)
            ],
            "may_change": allows(roles, "propose") and not (approval and approval.status == "open"),
            "may_decide": bool(
                approval and approval.status == "open" and allows(roles, "approve") and person != approval.proposer
            ),
            "may_withdraw": bool(approval and approval.status == "open" and person == approval.proposer),
            "status": standing(held, approval, result["values"]),
            "fault": fault,
            "reason": visit.request.POST.get("reason", "")[:500] if fault else "",
            "wide": 1000,
            "assumptions": judged.described.get("name", ""),
            "token": f"{claim_id} {held.last}",
            "method": Text("处置路径收益法", "income by the disposal path"),
        }
    return shown(visit.request, "console/claim_paper.html", given, visit=visit, status=422 if fault else 200)


def _act(judged: Judged, claim_id: str, given: Mapping[str, str]) -> None:
    held = _paper(claim_id)
    action, reason = given.get("action", ""), given.get("reason", "")
    if given.get("token", "") != f"{claim_id} {held.last}":
        raise InvalidInput("the paper was changed meanwhile", remedy="look at it again, then decide")
    key = f"{paper_events.STREAM} {claim_id} {held.last + 1}"
    if action == "change":
        require("propose")
        body = paper_events.changed(held, wanted_of(given, judged), judged.fields, reason, waiting=_waiting(held))
        _append(claim_id, "changed", {**body, "run": judged.night.run}, held, key)
    elif action == "undo":
        require("propose")
        number = given.get("number", "")
        body = paper_events.undone(
            held, int(number) if number.isdigit() else 0, reason, judged.fields, waiting=_waiting(held)
        )
        _append(claim_id, "undone", body, held, key)
    elif action == "send":
        _send(judged, held, claim_id, key)
    elif action in _DECISIONS:
        if not held.proposal:
            raise InvalidInput("it was not sent yet", where="proposal")
        if action == "approve" and moved(held, judged.values(held.edits)):
            raise InvalidInput("value or bid moved since it was sent", remedy="have it taken back and sent again")
        key = f"{held.proposal} {action} {current().person}"
        approving.answer(held.proposal, _DECISIONS[action], reason=reason, idempotency_key=key)
    else:
        raise InvalidInput("no such step", where=action[:40])


def _append(claim_id: str, kind: str, body: dict[str, Any], held: paper_events.Paper, key: str) -> None:
    events.append(paper_events.STREAM, claim_id, [NewEvent(kind, body)], seen=held.last, idempotency_key=key)


def _send(judged: Judged, held: paper_events.Paper, claim_id: str, key: str) -> None:
    if _waiting(held):
        raise InvalidInput("it waits for approval already", where="proposal")
    values = judged.values(held.edits)
    if values.bid["maximum_bid"] is None:
        raise InvalidInput("no maximum bid comes out of it", where="maximum_bid", remedy="fill in what is unknown")
    proposal = f"valuation {claim_id} {len(held.proposals) + 1}"
    now = clock.now()
    approving.propose(
        proposal,
        subject=f"claims/{claim_id}",
        action="valuation",
        amount=values.bid["maximum_bid"],
        currency=judged.currency,
        authorities=LADDER,
        remind_at=now + timedelta(days=2),
        escalate_at=now + timedelta(days=5),
        expires_at=now + timedelta(days=14),
    )
    body = {
        "proposal": proposal,
        "value": values.claim["value"],
        "maximum_bid": values.bid["maximum_bid"],
        "run": judged.night.run,
    }
    _append(claim_id, "sent", body, held, key)


@page("GET", "POST")
def tried(visit: Visit, claim_id: str) -> HttpResponse:
    """What the fields as they stand in the form would come to; nothing is kept."""
    with visit.acting(*PURPOSES):
        judged = _judged(the_night(visit), claim_id)
        edits = _paper(claim_id).edits
        given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
        try:
            wanted = wanted_of(given, judged)
            now = {**judged.fields, **edits}
            new = {name: value for name, value in wanted.items() if now[name] != value}
            weights = {**now, **new}
            if sum(weights[f"weight_{s}"] or 0 for s in SCENARIOS) != 1_000_000:
                raise InvalidInput("the weights do not sum to 100 %", where="weight")
            found = _result(judged, {**edits, **new}) | {"unkept": len(new)}
        except InvalidInput as error:
            found = {"fault": error}
    return shown(visit.request, "console/claim_paper_result.html", {"wide": 1000, **found}, visit=visit)


@page()
def why_paper(visit: Visit, claim_id: str) -> HttpResponse:
    """A figure of the analyst's opened: its steps, and the changes it rests on."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        judged = _judged(night, claim_id)
        edits = {}
        for text in visit.request.GET.getlist("e"):
            name, _, value = text.rpartition(":")
            field = field_of(name)
            if field is None or name not in judged.fields or not value.isdigit() or int(value) > field.most:
                raise Http404
            edits[name] = int(value)
        values = judged.values(edits)
        cell = visit.request.GET.get("cell", "")
        steps, name, amount = steps_of(judged, values, cell)
        held = _paper(claim_id)
        named = {n for change in held.standing for n, _, _ in change.fields}
        unkept = [n for n in edits if n not in named]
        given = {
            "title": Text(f"{name.zh} · {claim_id}", f"{name.en} · {claim_id}"),
            "sentence": Text(
                f"{claim_id} 的{name.zh}按底稿假设为 {words.exact(amount, judged.currency).zh}。",
                f"{name.en} of {claim_id} on the paper's assumptions: {words.exact(amount, judged.currency).en}.",
            ),
            "fall": waterfall(steps) if adds_up(steps) else [],
            "reasons": [] if adds_up(steps) else [s.name for s in steps],
            "edits": [
                {"what": said_of(c, judged.currency), "reason": c.reason, "person": c.person, "at": c.at}
                for c in held.standing
            ],
            "notes": [Text("含尚未记录的试算改动。", "Holds changes tried and not kept.")] if unkept else [],
            "how": Text(
                "由夜间运行同一判定函数在改动后的假设上重算；未改动的字段与封存的相同。",
                "The night's own judges, run again on the changed fields; what was not changed is as sealed.",
            ),
            "links": [
                (Text("模型封存的价值", "The model's sealed value"), row_address("claim_values", (claim_id,), "value"))
            ],
        }
    return opened(visit, night, given)
