"""Steps of workflows under one organisation, given another's things: nothing of it comes back, nothing of it changes.

The other one (`beta`) has an import sealed and one waiting, a night's results, a proposal, a deadline, a webhook with a
message; `alpha` has the same kinds of things of its own. Every durable step there is gets beta's names for them, plain
and as a path that would lead there. What the database and the disk hold of either is compared with what it was before.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

FAR = datetime(2040, 1, 1, tzinfo=UTC)


def steps() -> dict[str, Callable[..., Any]]:
    """Every durable step of the flows: what takes organisation, person and schema first."""
    package = importlib.import_module("panhuo_server.flows")
    found = {}
    for one in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"panhuo_server.flows.{one.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and hasattr(function, "dbos_function_name"):
                first = list(inspect.signature(function).parameters)[:4]
                if first[:3] == ["org", "person", "judicial"] and first[3:] != ["body"]:
                    found[f"{one.name}.{name}"] = function
    return found


def furnished(server: Any, place: Any, mark: str) -> SimpleNamespace:
    """Gives an organisation one of everything a step works on; their names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from panhuo.stages.recovery.deadlines import VERDICT
    from panhuo_server.flows import importing, nightly, reminding, webhooks
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.flows.approving import propose
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store import webhooks as kept
    from panhuo_server.store.acting import acting

    def file(number: int) -> bytes:
        return f"编号,名称,类型,发生日\n{mark}-{number},{mark},company,2026-01-05\nx,{mark},none,2026-01-05\n".encode()

    with acting(place.org, place.person, "administration"):
        webhooks.subscribe("http://127.0.0.1:1/nobody", ["deadline.reminded"])
    with acting(place.org, place.person, "import"):
        sealed, waiting = (importing.hand_in(file(n), file_name="f.csv", table="parties") for n in range(2))
    importing.take_in(place.org, place.person, False, sealed)
    nightly.fill(place.org, place.person, False)
    run = f"{mark}-run"
    folder = results_folder(server, place.org, run)
    folder.mkdir(parents=True)
    row = {"kind": "debt_limitation", "entity_id": mark, "days_left": 3, "last_day": date(2040, 1, 4), "runs": True}
    pq.write_table(VERDICT.conform(pa.Table.from_pylist([row])), folder / "deadlines.parquet")
    pq.write_table(pa.table({"class": [mark]}), folder / "classes.parquet")
    reminding.remind(place.org, place.person, False, run)
    with acting(place.org, place.person, "recovery"):
        propose(
            mark, subject=f"claims/{mark}", action="write_off", amount=1_00, authorities=[Authority("approver", None)],
            remind_at=FAR - timedelta(days=2), expires_at=FAR - timedelta(days=1),
        )  # fmt: skip
    with acting(place.org, place.person, "monitoring"):
        (message,) = kept.deliveries()
    return SimpleNamespace(
        org=place.org, person=place.person, uploads=[sealed, waiting], runs=[run], proposals=[mark],
        deadlines=[f"debt_limitation {mark} 2040-01-04"], deliveries=[message.delivery], replays=[mark],
    )  # fmt: skip


@pytest.fixture(scope="module")
def pair(server: Any, found_once: Callable[[str], Any]) -> Iterator[tuple[Any, Any]]:
    """Alpha and beta, each with one of everything, after everything's time has come; the queue holds what they ask."""
    from panhuo_server.flows import approving, clock, importing, reminding, webhooks
    from panhuo_server.flows.engine import prepare
    from panhuo_server.store.starting import start_work

    def asked(*named: Any, not_before: datetime | None = None) -> str:
        return start_work(*named, not_before=FAR)  # far off: nobody but this test takes a step

    prepare(server)
    with pytest.MonkeyPatch.context() as patched:
        for module in (approving, importing, reminding, webhooks):
            patched.setattr(module, "start_work", asked)
        patched.setenv(webhooks.INSIDE_VARIABLE, "1")
        patched.setattr(clock, "now", lambda: FAR - timedelta(days=30))
        alpha = furnished(server, found_once("alpha"), "ALPHA")
        beta = furnished(server, found_once("beta"), "CANARY")
        patched.setattr(clock, "now", lambda: FAR)
        yield alpha, beta


@pytest.fixture(scope="module")
def found_once(server: Any) -> Callable[[str], Any]:
    from panhuo_server.accounts.organisations import found

    def make(name: str) -> Any:
        return found(f"steps-{name}", name, "lender", f"{name}@steps.example", "管理员", "long enough secret")

    return make


@pytest.fixture
def held(server: Any) -> Iterator[Callable[[str], dict[str, str]]]:
    """What database, queue and disk hold of an organisation: rows as they are, files by their hash."""
    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True) as c:
        tables = [
            row[0] for row in c.execute(
                "select t.oid::regclass::text from pg_class t join pg_namespace n on n.oid = t.relnamespace"
                " join pg_attribute a on a.attrelid = t.oid and a.attname = 'org_id' and not a.attisdropped"
                " where t.relkind = 'r' and n.nspname in ('panhuo', 'judicial') order by 1"
            )
        ]  # fmt: skip

        every = " union all ".join(
            f"select '{table}', x::text from {table} x where org_id = %(org)s" for table in tables
        )

        def look(org: str) -> dict[str, str]:
            found: dict[str, str] = {}
            for table, row in c.execute(every + " order by 1, 2", {"org": org}):
                found[table] = found.get(table, "") + row + "\n"
            work = c.execute(
                "select workflow_uuid from flows.workflow_status where starts_with(workflow_uuid, %s) order by 1",
                [f"{org} "],
            )
            found["queue"] = repr(work.fetchall())
            for place in (server.folder / "uploads", server.secrets / "uploads", server.results, server.books):
                for path in sorted((place / quote(org, safe="")).rglob("*")):
                    if path.is_file() and "locks" not in path.parts:
                        found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
            return found

        yield look


def given(beta: Any, path: str) -> dict[str, list[Any]]:
    """Parameter of a step -> beta's names for it, each behind `path`."""
    named = {
        "upload": beta.uploads, "run": beta.runs, "proposal": beta.proposals, "deadline": beta.deadlines,
        "delivery": beta.deliveries, "replay": beta.replays,
    }  # fmt: skip
    return {name: [path + one for one in some] for name, some in named.items()} | {
        "purpose": ["nightly_run"], "turn": [1], "attempt": [1], "sequence": [1], "as_of": [None],
        "only": [["class_floor"]], "position": [0],
    }  # fmt: skip


def tried(function: Callable[..., Any], org: str, person: str, named: dict[str, list[Any]]) -> list[Any]:
    """What a step answers, or how it ends, for every combination of what it is given."""
    wanted = list(inspect.signature(function).parameters)[3:]
    unknown = [name for name in wanted if name not in named]
    assert not unknown, f"tell this matrix what to give for {unknown}"
    answers = []
    for turn in range(max((len(named[name]) for name in wanted), default=1)):
        try:
            answers.append(function(org, person, False, *(named[name][turn % len(named[name])] for name in wanted)))
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}")
    return answers


def fresh(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What was not there before: new rows, new files."""
    old = {line for place, held in before.items() for line in (place, *held.split("\n"))}
    return [line for place, held in after.items() for line in (place, *held.split("\n")) if line not in old]


WORK_ON_ALL = {"nightly.fill", "nightly.judge"}
"""Steps that look nothing up by name: under alpha they work on alpha's own facts, under the name they are given."""


@pytest.mark.parametrize("path", ["", "../steps-beta/", "../../uploads/steps-beta/", "../../results/steps-beta/"])
@pytest.mark.parametrize("name", sorted(steps()))
def test_a_step_given_anothers_things_tells_and_changes_nothing(
    pair: tuple[Any, Any], held: Callable[[str], dict[str, str]], name: str, path: str
) -> None:
    alpha, beta = pair
    before = {org: held(org) for org in (alpha.org, beta.org)}
    named = given(beta, path)
    answers = tried(steps()[name], alpha.org, alpha.person, named)
    after = {org: held(org) for org in (alpha.org, beta.org)}
    assert after[beta.org] == before[beta.org]
    text = repr(answers) + repr(fresh(before[alpha.org], after[alpha.org]))
    for sent in {one for some in [*named.values(), *given(beta, "").values()] for one in some if isinstance(one, str)}:
        text = text.replace(sent, "?")
    assert "CANARY" not in text and beta.person not in text and beta.org not in text
    # What alpha does not have, alpha's steps do nothing about either; nothing of beta's came over.
    assert after[alpha.org] == before[alpha.org] or name in WORK_ON_ALL


@pytest.mark.parametrize("name", sorted(steps()))
def test_a_step_as_somebody_elses_person_is_refused_or_the_clocks(
    pair: tuple[Any, Any], held: Callable[[str], dict[str, str]], name: str
) -> None:
    alpha, beta = pair
    before = held(alpha.org)
    answers = tried(steps()[name], alpha.org, beta.person, given(beta, ""))
    by_time = name in BY_TIME
    assert by_time or all("not-allowed" in str(one) for one in answers), answers
    assert held(alpha.org) == before


BY_TIME = {
    "approving.look", "reminding.remind", "reminding.escalate", "webhooks.deliver", "importing.expire",
    "importing.expire_file",
}  # fmt: skip
"""Steps of the organisation's own clock: they ask for no person."""


def test_the_steps_do_work_on_ones_own(pair: tuple[Any, Any], held: Callable[[str], dict[str, str]]) -> None:
    """The matrix would mean nothing if the same steps did nothing to anybody's things."""
    alpha, _ = pair
    own = given(alpha, "")
    found = steps()
    assert set(found) >= BY_TIME | WORK_ON_ALL | {"importing.take_in", "nightly.judge", "importing.count_classes"}
    for name in ("approving.look", "reminding.escalate", "webhooks.deliver", "importing.count_classes",
                 "importing.take_in"):  # fmt: skip
        before = held(alpha.org)
        tried(found[name], alpha.org, alpha.person, own)
        assert held(alpha.org) != before, name
