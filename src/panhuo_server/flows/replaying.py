"""Replaying a logged outcome or batch 重算: the same facts, rules and models, computed again, and the roots compared.

Invariant: a replay adds nothing to the log and changes no result; what it found stands in a stream of its own, by ids,
roots and codes alone. Done again after a crash it compares again and says the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from panhuo.ground.record.errors import NotFound, PanhuoError
from panhuo_server.flows import clock
from panhuo_server.flows.approvals import Happened
from panhuo_server.flows.engine import durable_step, durable_workflow, passing
from panhuo_server.store import events, log
from panhuo_server.store.acting import acting
from panhuo_server.store.books import cached_book
from panhuo_server.store.events import NewEvent
from panhuo_server.store.starting import start_work

STREAM = "replay"
OPEN_FOR = timedelta(days=1)
"""A replay that did not end by then is dead, and another may be asked for."""
Status = Literal["none", "asked", "filled", "compared"]


@dataclass(frozen=True)
class Replayed:
    """A replay as its events leave it.

    Attributes:
        position, name: of the entry computed again. how: ``same``, ``different``, ``erased under RULE`` or ``failed``.
        stated, root: the root the log states and the one computed; note: what the comparison says of it.
    """

    status: Status = "none"
    position: int = 0
    name: str = ""
    how: str = ""
    note: str = ""
    stated: str = ""
    root: str = ""


def fold(happened: Iterable[Happened]) -> Replayed:
    """The replay its events leave."""
    state: dict[str, Any] = {}
    for event in happened:
        body = event.body
        match event.kind:
            case "asked":
                state |= {"status": "asked", "position": int(body["position"]), "name": str(body["name"]),
                          "stated": str(body["stated"])}  # fmt: skip
            case "filled":
                state["status"] = "filled"
            case "compared":
                state |= {"status": "compared", "how": str(body["how"]), "note": str(body["note"]),
                          "root": str(body["root"])}  # fmt: skip
    return Replayed(**state)


def entry_at(position: int) -> dict[str, Any]:
    """The entry at a place of the acting organisation's log; inside `acting`.

    Raises:
        NotFound: when there is none.
    """
    from panhuo.ground.record import canonical_json

    held = log.lines(position, 1)
    if not held or position < 0:
        raise NotFound(f"the log has no entry {position}")
    entry: dict[str, Any] = canonical_json.parse(held[0])
    return entry


def open_replay(position: int) -> str:
    """The replay of an entry that was asked for within a day and is not compared yet; empty without one.

    Until the transaction ends nobody else of the organisation is told there is none. Inside `acting`.
    """
    events.one_at_a_time(f"{STREAM} {position}")
    for name, happened in events.unended(STREAM, ["compared"]).items():
        lasting = clock.now() - happened[0].happened_at < OPEN_FOR
        if lasting and fold(happened).position == position:
            return name
    return ""


def ask_for_replay(replay: str, position: int, purpose: str) -> str:
    """Asks for an entry to be computed again; inside `acting`. The same id is one replay.

    Raises:
        NotFound: when the log has no such entry.
    """
    entry = entry_at(position)
    name = str(entry.get("name") or entry["kind"])
    body = {"position": position, "name": name, "stated": str(entry.get("root", ""))}
    events.append(STREAM, replay, [NewEvent("asked", body)], seen=0, idempotency_key=f"replay {replay} asked")
    return start_work("replay", replay, {"replay": replay, "position": position, "purpose": purpose})


def _said(replay: str, kind: str, body: dict[str, Any]) -> None:
    happened = events.read(STREAM, replay)
    if not happened:
        raise NotFound("there is no such replay", where=replay)
    if not any(event.kind == kind for event in happened):
        key = f"replay {replay} {kind}"
        events.append(STREAM, replay, [NewEvent(kind, body)], seen=len(happened), idempotency_key=key)


@durable_step("fill the cached book")
def fill(org: str, person: str, judicial: bool, replay: str, purpose: str) -> int:
    """Brings the cached book up to the organisation's last batch, and says so."""
    with acting(org, person, purpose, judicial=judicial):
        last = cached_book().last_sequence(org)
    with acting(org, person, purpose, judicial=judicial):
        _said(replay, "filled", {"sequence": last})
    return last


@durable_step("compute again")
def compute(org: str, person: str, judicial: bool, replay: str, position: int, purpose: str) -> str:
    """Computes the entry again and writes down how its root compares."""
    from panhuo.journey.sealing import replay as again

    with acting(org, person, purpose, judicial=judicial):
        book, entry = cached_book(), entry_at(position)
    try:
        found = again(book, entry)
        body = {"how": found.how, "note": found.note, "root": found.root}
    except PanhuoError as error:
        if passing(error):
            raise
        body = {"how": "failed", "note": error.code, "root": ""}
    with acting(org, person, purpose, judicial=judicial):
        _said(replay, "compared", body)
    return str(body["how"])


@durable_workflow("replay")
def replay(org: str, person: str, judicial: bool, body: dict[str, Any]) -> dict[str, Any]:
    """A replay; `body`: ``replay``, ``position``, ``purpose``."""
    name, purpose = str(body["replay"]), str(body["purpose"])
    fill(org, person, judicial, name, purpose)
    return {"how": compute(org, person, judicial, name, int(body["position"]), purpose)}
