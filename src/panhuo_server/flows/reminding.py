"""Deadlines 期限 that come near: a reminder to who answers for them, and to the manager when nobody takes notice.

Invariant: one stream a deadline, one reminder and one escalation in it at most, whatever runs twice; a deadline that
was taken notice of is not escalated. State is a fold of events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from panhuo.ground.record.errors import Conflict, NotAllowed, NotFound
from panhuo_server.flows import cases, clock, webhooks
from panhuo_server.flows.approvals import Happened
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.flows.results import results_folder
from panhuo_server.store import events, holders, outcomes
from panhuo_server.store.acting import acting_as_clock, current
from panhuo_server.store.events import NewEvent
from panhuo_server.store.facts_about import facts_about
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import start_work

STREAM = "deadline"
WITHIN_DAYS = 30
GRACE = timedelta(days=2)
"""How long who was reminded has to take notice before the manager hears of it."""
MANAGERS = ("risk_manager", "asset_manager", "approver", "administrator")
"""Roles that hear of what nobody took notice of: the first one somebody else holds."""


@dataclass(frozen=True)
class Reminded:
    """A deadline as its events leave it."""

    status: Literal["none", "reminded", "escalated", "acknowledged"] = "none"
    kind: str = ""
    entity: str = ""
    last_day: str = ""
    to: str = ""
    managers: tuple[str, ...] = ()
    acknowledged_by: str = ""


def fold(happened: Iterable[Happened]) -> Reminded:
    """The deadline its events leave."""
    state = Reminded()
    for event in happened:
        body = event.body
        match event.kind:
            case "reminded":
                state = Reminded(
                    "reminded", str(body["kind"]), str(body["entity"]), str(body["last_day"]), str(body["to"])
                )
            case "escalated":
                state = replace(state, status="escalated", managers=tuple(body["to"]))
            case "acknowledged":
                state = replace(state, status="acknowledged", acknowledged_by=event.person)
    return state


def acknowledge(deadline: str) -> None:
    """Takes notice of a deadline, for the acting person; inside `acting`. Twice is once.

    Raises:
        NotFound: when nobody was reminded of it.
        NotAllowed: for somebody it was not sent to.
    """
    happened = events.read(STREAM, deadline)
    state, person = fold(happened), current().person
    if state.status == "none":
        raise NotFound("nobody was reminded of this deadline", where=deadline)
    if state.status == "acknowledged":
        return
    if person != state.to and person not in state.managers:
        raise NotAllowed("the reminder went to somebody else", where=deadline, code="deadline/not-yours")
    key = f"deadline {deadline} acknowledged"
    events.append(STREAM, deadline, [NewEvent("acknowledged", {})], seen=len(happened), idempotency_key=key)


def responsible() -> dict[str, str]:
    """Claim -> the person who answers for its case now."""
    found = {}
    for stream in events.streams("case"):
        case = cases.fold(events.read("case", stream))
        if case.responsible:
            found[case.claim or stream] = case.responsible
    return found


def claims_of(
    subjects: Any, behind: Mapping[str, Iterable[str]], *, as_of: date, sequence: int | None = None
) -> dict[tuple[str, str], str]:
    """(kind, entity) -> the claim a deadline is about, where it is of one; inside `acting`.

    Args:
        subjects: what was judged, with ``claim_id`` where the right itself names one; None when it was not kept.
        behind: asset -> the claims it is behind. as_of, sequence: the night's day and batch.
    """
    rows = subjects.select(["kind", "entity_id", "claim_id"]).to_pylist() if subjects is not None else []
    found = {(row["kind"], row["entity_id"]): row["claim_id"] for row in rows if row["claim_id"]}

    def left(*kinds: str) -> dict[str, list[tuple[str, str]]]:
        by: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            if row["kind"] in kinds and not row["claim_id"]:
                by[row["entity_id"]].append((row["kind"], row["entity_id"]))
        return by

    for kind, table in (("seizure_expiry", "seizures"), ("appraisal_validity", "appraisals")):
        keys = left(kind)
        for fact in facts_about(table, "id", keys, as_of=as_of, sequence=sequence):
            for key in keys[fact["id"]] if behind.get(fact["asset_id"]) else ():
                found[key] = min(behind[fact["asset_id"]])
    keys = left("appeal", "suit_after_preservation")
    for link in facts_about("proceeding_claims", "proceeding_id", keys, as_of=as_of, sequence=sequence):
        for key in keys[link["proceeding_id"]]:
            found[key] = min(found.get(key, link["claim_id"]), link["claim_id"])
    return found


def answering(answers: Mapping[str, str], claims: Mapping[tuple[str, str], str], kind: str, entity: str) -> str | None:
    """Who answers for a deadline: for the claim it is about, else for what it is about itself; None when nobody."""
    return answers.get(claims.get((kind, entity), ""), answers.get(entity))


def _claims_judged(folder: Path, run: str) -> dict[tuple[str, str], str]:
    """`claims_of` of a night's results as they lie on disk."""
    import pyarrow.parquet as pq

    of, security = folder / "deadlines.subjects.parquet", folder / "collateral_values.parquet"
    subjects = pq.read_table(of) if of.exists() else None
    if subjects is None or not len(subjects):
        return {}
    behind: dict[str, list[str]] = defaultdict(list)
    if security.exists():
        for row in pq.read_table(security, columns=["claim_id", "asset_id"]).to_pylist():
            behind[row["asset_id"]].append(row["claim_id"])
    sequence = next((known.sequence for known in outcomes.runs() if known.run == run), None)
    return claims_of(subjects, behind, as_of=subjects["as_of"][0].as_py(), sequence=sequence)


def coming(table: Any, within: int = WITHIN_DAYS) -> list[tuple[str, str, date]]:
    """(kind, entity, last day) of the open deadlines of a night's outcome that end within so many days."""
    return [
        (str(row["kind"]), str(row["entity_id"]), row["last_day"])
        for row in table.select(["kind", "entity_id", "last_day", "days_left", "runs"]).to_pylist()
        if row["runs"] and row["last_day"] is not None and row["days_left"] is not None
        and 0 <= row["days_left"] <= within
    ]  # fmt: skip


@durable_step("remind of deadlines")
def remind(org: str, person: str, judicial: bool, run: str) -> int:
    """Reminds of what a night found to end soon and nobody was reminded of; returns how many."""
    import pyarrow.parquet as pq

    folder = results_folder(Layout.current(), org, run)
    path = folder / "deadlines.parquet"
    if not path.exists():
        return 0
    found = coming(pq.read_table(path))
    with acting_as_clock(org, judicial=judicial):
        known, answers = set(events.streams(STREAM)), responsible()
        new = [one for one in found if deadline_id(*one) not in known]
        claims = _claims_judged(folder, run) if new and answers else {}
        for kind, entity, last in new:
            deadline = deadline_id(kind, entity, last)
            to = answering(answers, claims, kind, entity) or person
            if not holders.is_member(to):
                to = managers(to)[0]
            body = {"kind": kind, "entity": entity, "last_day": last.isoformat(), "to": to}
            key = f"deadline {deadline} reminded"
            events.append(STREAM, deadline, [NewEvent("reminded", body)], seen=0, idempotency_key=key)
            start_work(STREAM, deadline, {"deadline": deadline}, not_before=clock.now() + GRACE)
            webhooks.announce("deadline.reminded", STREAM, deadline)
    return len(new)


def deadline_id(kind: str, entity: str, last: date) -> str:
    """The stream of a deadline: moved to another day, it is another one."""
    return f"{kind} {entity} {last.isoformat()}"


def managers(officer: str) -> tuple[str, ...]:
    """Who hears of what an officer of the acting organisation took no notice of."""
    for role in MANAGERS:
        found = [one for one in holders.with_role(role) if one != officer]
        if found:
            return tuple(found)
    return (officer,)


@durable_step("escalate a deadline")
def escalate(org: str, person: str, judicial: bool, deadline: str) -> bool:
    """Tells the manager of a deadline nobody took notice of, once; whether it did."""
    with acting_as_clock(org, judicial=judicial):
        happened = events.read(STREAM, deadline)
        state = fold(happened)
        if state.status != "reminded":
            return False
        body = {"to": list(managers(state.to))}
        key = f"deadline {deadline} escalated"
        try:
            events.append(STREAM, deadline, [NewEvent("escalated", body)], seen=len(happened), idempotency_key=key)
        except Conflict as error:
            if error.code == "conflict/idempotency-key":  # escalated before, when others managed
                return False
            raise
        webhooks.announce("deadline.escalated", STREAM, deadline)
        return True


@durable_workflow("deadline")
def watch_deadline(org: str, person: str, judicial: bool, body: dict[str, Any]) -> bool:
    """What becomes of a reminder when its days of grace are over."""
    return escalate(org, person, judicial, str(body["deadline"]))
