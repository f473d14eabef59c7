"""REC-16 全流程台账: 移交, 日常, 重组, 转让, 逆移交 of one claim, with person, day and reason, and the next step.

Invariant: what is possible is what `flows.cases` says of the state met; a step is appended once, by one whose role may
propose, and those that need approval name the approved proposal they rest on.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse

from panhuo.ground.record.errors import InvalidInput, NotAllowed, PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import ROLES, allows, require
from panhuo_server.console.claims.holding import Holding, holding_of
from panhuo_server.console.frame import Visit, done, page, refused
from panhuo_server.console.results import the_night
from panhuo_server.flows import approvals, approving, cases, clock
from panhuo_server.flows.ladder import LADDER
from panhuo_server.store import events, holders
from panhuo_server.store.acting import current
from panhuo_server.store.events import NewEvent

PURPOSES = ("recovery", "valuation", "market", "approval", "audit", "reporting")
STREAM = "case"
MOVES = {
    "hand_over": Text("移交", "hand over"),
    "accept": Text("接收", "accept"),
    "restructure": Text("重组", "restructure"),
    "fail_restructuring": Text("重组失败，转回日常", "restructuring failed"),
    "write_off": Text("核销", "write off"),
    "assign": Text("转让", "assign"),
    "hand_back": Text("逆移交", "hand back"),
    "settle": Text("结清", "settle"),
    "reassign": Text("更换责任人", "another answers for it"),
}
"""Steps in words."""


def state_text(state: str) -> Text:
    """A state in words."""
    found = cases.CASE_STATES[state]
    return Text(found.zh, found.en)


def stream_of(claim_id: str) -> str:
    """The stream of a claim's case: its own id, or the case that names it."""
    if events.read(STREAM, claim_id):
        return claim_id
    for name in events.streams(STREAM):
        if cases.fold(events.read(STREAM, name)).claim == claim_id:
            return name
    return claim_id


def possible(state: str) -> list[str]:
    """Steps possible in a state."""
    found = [move for move, (states, _) in cases.MOVES.items() if state in states]
    return [*found, *(["reassign"] if state not in ("none", "assigned", "returned", "settled") else [])]


def colleagues(person: str) -> list[tuple[str, Text]]:
    """Who may answer for a case: persons of the roles that recover, oneself first."""
    found: dict[str, Text] = {person: Text(f"{person}（本人）", f"{person} (yourself)")}
    for role in ROLES:
        if "recovery" in role.purposes:
            for one in holders.with_role(role.code):
                found.setdefault(one, Text(f"{one} {role.zh}", f"{one} {role.en}"))
    return list(found.items())


def ledger_shown(visit: Visit, holding: Holding) -> dict[str, Any]:
    """What the claim page shows of the ledger."""
    name = stream_of(holding.id)
    case = cases.fold(events.read(STREAM, name))
    may = allows(visit.place.roles, "propose")
    approved = proposals_of(name)
    moves = [
        {
            "code": move,
            "text": MOVES[move],
            "approval": move in cases.NEEDS_APPROVAL,
            "reason": move in cases.NEEDS_REASON,
            "after": state_text(cases.MOVES[move][1] if move in cases.MOVES else case.state),
        }
        for move in possible(case.state)
        if not (move == "accept" and visit.person != case.responsible)
    ]
    return {
        "state": state_text(case.state),
        "responsible": case.responsible,
        "last_on": case.last_on,
        "steps": [
            {
                "number": s.number,
                "move": MOVES.get(s.kind, words.DASH),
                "before": state_text(s.before),
                "after": state_text(s.after),
                "on": s.on,
                "responsible": s.responsible,
                "done_by": s.done_by,
                "reason": s.reason,
                "approval": s.approval,
            }
            for s in case.ledger
        ],
        "moves": moves if may else [],
        "may": may,
        "people": colleagues(visit.person) if may else [],
        "today": holding.night.as_of.isoformat(),
        "length": len(case.ledger),
        "approved": [(one, text) for one, text, status in approved if status == "approved" and one not in case.used],
        "waiting": [(one, text) for one, text, status in approved if status == "open"],
        "address": f"/console/claims/{quote(holding.id, safe='')}/ledger",
    }


def proposals_of(case: str) -> list[tuple[str, Text, str]]:
    """(proposal, what it is about, status) of the approvals asked for a case."""
    found: list[tuple[str, Text, str]] = []
    for number in range(1, 1000):
        proposal = f"case {case} {number}"
        state = approvals.fold(events.read(approving.STREAM, proposal))
        if state.status == "none":
            break
        found.append((proposal, MOVES.get(state.action, Text(state.action, state.action)), state.status))
    return found


@page("POST")
def step(visit: Visit, claim_id: str) -> HttpResponse:
    """Takes the next step of a case, or asks for its approval."""
    given = visit.request.POST
    kind = given.get("kind", "")
    with visit.acting(*PURPOSES):
        holding = holding_of(the_night(visit), claim_id)
        if holding is None:
            raise Http404
        require("propose")
        try:
            said = _propose(holding, kind) if given.get("action") == "propose" else _take(visit, holding, kind)
        except NotAllowed as error:
            # What this step lacks is told to somebody who may take steps: it is no secret of the case.
            return refused(visit.request, _told(error), visit)
    return done(visit, f"/console/claims/{quote(claim_id, safe='')}#ledger", said)


def _told(error: PanhuoError) -> PanhuoError:
    return InvalidInput(error.what, where=error.where, remedy=error.remedy, code=error.code)


def _take(visit: Visit, holding: Holding, kind: str) -> Text:
    given = visit.request.POST
    name = stream_of(holding.id)
    held = events.read(STREAM, name)
    case = cases.fold(held)
    body = {"on": given.get("on", ""), "claim": holding.id}
    body |= {
        n: given.get(n, "").strip()[:500] for n in ("responsible", "reason", "approval") if given.get(n, "").strip()
    }
    if given.get("seen", "").isdigit() and int(given["seen"]) != len(held):
        raise InvalidInput("somebody took a step meanwhile", remedy="look at it again, then decide")
    approved = frozenset(
        p for p, text, status in proposals_of(name) if status == "approved" and MOVES.get(kind) == text
    )
    if body.get("responsible") and body["responsible"] not in {one for one, _ in colleagues(visit.person)}:
        raise InvalidInput("nobody of that name recovers claims here", where="responsible")
    past, said = cases.decide(case, cases.Command(kind, current().person, body), approved=approved)
    key = f"case {hashlib.sha256(f'{name} {len(held)} {sorted(said.items())}'.encode()).hexdigest()[:32]}"
    events.append(STREAM, name, [NewEvent(past, said)], seen=len(held), idempotency_key=key)
    after = state_text(str(said["after"]))
    return Text(f"已记录：{MOVES[kind].zh}，现为{after.zh}。", f"Recorded: {MOVES[kind].en}; now {after.en}.")


def _propose(holding: Holding, kind: str) -> Text:
    if kind not in cases.NEEDS_APPROVAL:
        raise InvalidInput("this step needs no approval", where=kind[:40])
    name = stream_of(holding.id)
    held = proposals_of(name)
    if any(status == "open" and MOVES.get(kind) == text for _, text, status in held):
        raise InvalidInput("it waits for approval already", where=kind)
    now = clock.now()
    approving.propose(
        f"case {name} {len(held) + 1}",
        subject=name,
        action=kind,
        amount=holding.total,
        currency=holding.currency,
        authorities=LADDER,
        remind_at=now + timedelta(days=2),
        escalate_at=now + timedelta(days=5),
        expires_at=now + timedelta(days=14),
    )
    return Text(f"已提请审批：{MOVES[kind].zh}。", f"Sent to approval: {MOVES[kind].en}.")
