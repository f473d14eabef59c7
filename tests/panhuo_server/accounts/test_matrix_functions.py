"""Who sees what of whom through the program's own functions: each of them, asked with another's names for things."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from canaries import World, told
from panhuo.ground.record.errors import NotAllowed, PanhuoError

GIVEN: dict[str, list[Any]] = {
    "table": ["parties", "drawdowns"], "name": ["parties", "balance_by_class", "CANARY"], "ids": [["CANARY-parties"]],
    "row": ["CANARY-parties"], "party": ["CANARY-parties", "CANARY-CANARY-parties-id"], "alias": ["default"],
    "to_org": ["matrix-beta"], "org": ["matrix-beta"], "person": ["@beta"], "share": ["@share"],
    "supervision": ["@share"], "invitation": ["CANARY"], "token": ["CANARY"], "stream_kind": ["CANARY"],
    "stream_id": ["CANARY"], "level": [5], "purpose": ["due_diligence"], "until": [datetime(2099, 1, 1, tzinfo=UTC)],
    "as_of": [date(2025, 12, 31)], "role": ["administrator"], "email": ["canary-beta@matrix.example"],
    "aggregates": [("balance_by_class",)], "scopes": [["due_diligence"]], "acting": ["@acting"],
    "whose": ["own", "shared"],
    "run": ["CANARY-run"], "run_id": ["CANARY-run"], "position": [0], "sequence": [1], "outcome": ["CANARY"],
    "columns": [None], "act": ["share"], "case": ["CANARY"], "proposal": ["CANARY"], "case_id": ["CANARY"],
    "proposal_id": ["CANARY"], "key": ["CANARY"], "consent": ["CANARY"],
    "link": ["invitation.bWF0cml4LWJldGE.CANARY.x"],
    "text": ["token.bWF0cml4LWJldGE.CANARY.x"], "session": ["session..CANARY.x"], "value": ["CANARY"],
    "sha256": ["CANARY-hash"],
}  # fmt: skip
"""What a parameter of that name is given: beta's own names for its things."""
ROOMS = {
    "panhuo_server.accounts": None,
    "panhuo_server.store": {"events", "log", "reading", "outcomes", "sharing", "supervision", "read_log", "people"},
    "panhuo_server.flows": {"approvals", "cases"},
}
LEFT_OUT = {"found", "add_program", "opened", "permissions", "hashed", "matches", "nobodys", "made",
            "found_organisation", "reset_password",
            "close_connections", "sign_in", "clear"}  # fmt: skip
"""What is no question about anybody's data, or the operator's own."""


KNOWN_BY_NAME = {
    "panhuo_server.store.sharing.sharing_organisations": {"shared", "masked", "elsewhere"},
    "panhuo_server.store.supervision.granted": {"supervisor"},
    "panhuo_server.accounts.supervision.granted": {"supervisor"},
}
"""Who shares with somebody now, or lets it have aggregates, is known to it by name: what says so, and to whom."""


def service_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the rooms that callers of `acting` may call."""
    for room, only in ROOMS.items():
        package = importlib.import_module(room)
        for found in pkgutil.iter_modules(package.__path__):
            if only is None or found.name in only:
                module = importlib.import_module(f"{room}.{found.name}")
                for name, function in inspect.getmembers(module, inspect.isfunction):
                    if function.__module__ == module.__name__ and not name.startswith("_") and name not in LEFT_OUT:
                        yield f"{room}.{found.name}.{name}", function


def calls(world: World, function: Callable[..., Any], share: str) -> Iterator[dict[str, Any]]:
    """Arguments to call it with, or none when it wants what these tests do not know."""
    from panhuo_server.accounts.acting import current

    special = {"@beta": world.places["beta"].person, "@share": share, "@acting": current()}
    wanted = inspect.signature(function).parameters.values()
    required = [p.name for p in wanted if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if any(name not in GIVEN for name in required):
        return
    most = max((len(GIVEN[name]) for name in required), default=1)
    for turn in range(most):
        picked = {name: GIVEN[name][turn % len(GIVEN[name])] for name in required}
        yield {name: special.get(v, v) if isinstance(v, str) else v for name, v in picked.items()}
    if "whose" in inspect.signature(function).parameters:
        yield {name: GIVEN[name][0] for name in required} | {"whose": "shared"}


@pytest.mark.parametrize("receiver", ["none", "expired", "elsewhere", "twin", "supervisor", "masked"])
def test_no_service_function_tells_anything_of_another(world: World, receiver: str) -> None:
    from django.db import DatabaseError, transaction

    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    place, beta = world.places[receiver], world.places["beta"]
    with acting(beta.org, beta.person, "origination"):
        share = next(one.share for one in shares.given() if one.to_org == world.places["shared"].org)
    called, wrong = set(), {}
    for purpose in (world.purpose(receiver), "administration"):
        for name, function in service_functions():
            with acting(place.org, place.person, purpose):
                for arguments in calls(world, function, share):
                    try:
                        with transaction.atomic(using="default"):
                            answer = function(**arguments)
                            if inspect.isgenerator(answer) or hasattr(answer, "__next__"):
                                answer = list(answer)
                            elif hasattr(answer, "to_pylist"):
                                answer = answer.to_pylist()
                            elif hasattr(answer, "__enter__"):
                                continue
                            transaction.set_rollback(True, using="default")
                    except (PanhuoError, DatabaseError, TypeError, AttributeError, ValueError, KeyError) as error:
                        said = str(error.__cause__ or "") + str(error)
                        answer = said
                        for sent in arguments.values():
                            answer = answer.replace(str(sent), "?")
                    called.add(name)
                    shown = set(told(answer))
                    if receiver == "masked":  # names of rows and days are shown to it
                        shown -= {"CANARY", "1987-06-05", "datetime.date(1987, 6, 5)"}
                    if receiver in KNOWN_BY_NAME.get(name, ()):
                        shown -= {"金丝雀"}
                    # What was sent comes back in an answer that speaks of it.
                    if "金丝雀" in shown or (shown and not _echo(answer, arguments)):
                        wrong[name] = (arguments, shown)
    assert wrong == {}
    assert {"panhuo_server.accounts.shares.given", "panhuo_server.accounts.persons.memberships",
            "panhuo_server.accounts.reads.personal_rows", "panhuo_server.accounts.tokens.tokens",
            "panhuo_server.store.events.read", "panhuo_server.store.reading.facts_of",
            "panhuo_server.accounts.supervision.aggregate"} <= called, sorted(called)  # fmt: skip


def _echo(answer: Any, arguments: dict[str, Any]) -> bool:
    text = repr(answer)
    for sent in arguments.values():
        for part in sent if isinstance(sent, list | tuple) else [sent]:
            text = text.replace(str(part), "?")
    return not told(text)


def test_errors_of_the_program_tell_nothing_of_another(world: World) -> None:
    from panhuo_server.accounts.acting import acting

    mine, beta = world.places["none"], world.places["beta"]
    said = set()
    for org in (beta.org, "matrix-absent"):
        for person in (mine.person, "p-absent"):
            with pytest.raises(NotAllowed) as refused, acting(org, person, "due_diligence"):
                pass
            assert not told(str(refused.value) + repr(refused.value.__cause__))
            said.add(str(refused.value).replace(org, "?"))
    assert len(said) == 1
