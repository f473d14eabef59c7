"""What time alone brings about happens although whoever set the time has left; nobody else acts as the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed

START = datetime(2030, 3, 2, 12, tzinfo=UTC)  # far off: the queue itself looks at none of these while the test runs


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of durable work."""
    from panhuo_server.flows import clock

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(START)
    return put


def member(place: Any, role: str, *, judicial: bool = False) -> str:
    """A further person with a role."""
    from panhuo_server.accounts import invitations
    from panhuo_server.store.acting import acting

    with acting(place.org, place.person, "administration", judicial=judicial):
        invited = invitations.invite(f"{role}-{place.org}@left.example", role)
    return invitations.accept_as_new(invited.link, "离职的人", "a long enough secret 7")


def leaves(place: Any, person: str, role: str, *, judicial: bool = False) -> None:
    from panhuo_server.accounts.persons import end_role
    from panhuo_server.store.acting import acting

    with acting(place.org, place.person, "administration", judicial=judicial):
        end_role(person, role)
    with pytest.raises(NotAllowed), acting(place.org, person, "recovery", judicial=judicial):
        pass


def happened(place: Any, kind: str, stream: str, purpose: str, *, judicial: bool = False) -> list[tuple[str, Any, str]]:
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    with acting(place.org, place.person, purpose, judicial=judicial):
        return [(one.kind, one.body.get("to"), one.person) for one in events.read(kind, stream)]


@pytest.mark.parametrize(
    ("kind", "role", "purpose", "decider"),
    [("lender", "officer", "recovery", "approver"), ("court", "clerk", "enforcement", "judge")],
)
def test_a_proposal_goes_its_way_when_its_proposer_has_left(
    server: Any, engine: Any, founded: Any, at: Any, kind: str, role: str, purpose: str, decider: str
) -> None:
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.flows.approving import look, propose
    from panhuo_server.store.acting import acting

    place, judicial = founded(kind), kind == "court"
    gone = member(place, role, judicial=judicial)
    with acting(place.org, gone, purpose, judicial=judicial):
        propose(
            "W-1", subject="claims/C-1", action="write_off", amount=1_00, authorities=[Authority(decider, None)],
            remind_at=START + timedelta(days=1), escalate_at=START + timedelta(days=2),
            expires_at=START + timedelta(days=3),
        )  # fmt: skip
    leaves(place, gone, role, judicial=judicial)
    for day, status in ((1, "open"), (2, "open"), (3, "expired")):
        at(START + timedelta(days=day))
        for _ in range(2):
            assert look(place.org, gone, judicial, "W-1", purpose, day) == status
    assert happened(place, "approval", "W-1", purpose, judicial=judicial) == [
        ("proposed", None, gone), ("reminded", None, "clock"), ("escalated", [place.person], "clock"),
        ("expired", None, "clock"),
    ]  # fmt: skip


def test_a_deadline_and_its_message_go_their_way_when_who_ran_the_night_has_left(
    server: Any, engine: Any, founded: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from panhuo.stages.recovery.deadlines import VERDICT
    from panhuo_server.flows import reminding, webhooks
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store import webhooks as kept
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    gone = member(bank, "officer")
    monkeypatch.setenv(webhooks.INSIDE_VARIABLE, "1")
    with acting(bank.org, bank.person, "administration"):
        webhooks.subscribe("http://127.0.0.1:1/nobody", ["deadline.reminded"])
    folder = results_folder(server, bank.org, "n1")
    folder.mkdir(parents=True)
    row = {
        "kind": "debt_limitation", "entity_id": "C-1", "days_left": 3, "last_day": date(2030, 3, 5), "runs": True,
    }  # fmt: skip
    pq.write_table(VERDICT.conform(pa.Table.from_pylist([row])), folder / "deadlines.parquet")
    leaves(bank, gone, "officer")
    assert reminding.remind(bank.org, gone, False, "n1") == 1
    stream = "debt_limitation C-1 2030-03-05"
    assert reminding.escalate(bank.org, gone, False, stream)
    # Who is gone is reminded of nothing: a manager is, at once.
    assert happened(bank, "deadline", stream, "recovery") == [
        ("reminded", bank.person, "clock"), ("escalated", [bank.person], "clock"),
    ]  # fmt: skip
    with acting(bank.org, bank.person, "monitoring"):
        (waiting,) = kept.deliveries()
    assert webhooks.deliver(bank.org, gone, False, waiting.delivery, "nightly_run", 1) == "failed"
    with acting(bank.org, bank.person, "monitoring"):
        assert [(one.attempts, one.said) for one in kept.deliveries()] == [(1, "unreachable")]


def test_a_file_and_a_report_end_when_who_handed_it_in_has_left(
    server: Any, engine: Any, founded: Any, at: Any
) -> None:
    from panhuo_server.flows import importing
    from panhuo_server.store import uploads
    from panhuo_server.store.acting import acting

    bank = founded("lender")
    gone = member(bank, "officer")
    with acting(bank.org, gone, "import"):
        upload = importing.hand_in(b"id\n1\n", file_name="f.csv", table="parties")
    leaves(bank, gone, "officer")
    assert importing.expire_file(bank.org, gone, False, upload)
    importing.expire(bank.org, gone, False, upload)
    assert uploads.kept(server, bank.org) == {}
    assert [kind for kind, _, _ in happened(bank, "import", upload, "import")] == ["received", "refused"]


# ---- nobody else


@pytest.fixture
def role_of(server: Any) -> Iterator[Callable[[str], Any]]:
    """A connection as a database role, each statement by itself."""
    from panhuo_server.store.postgres import address_of, role_passwords

    held: list[Any] = []

    def connect(role: str) -> Any:
        given = address_of(server).parameters(role, role_passwords(server)[role])
        held.append(psycopg.connect(**given, autocommit=True))
        return held[-1]

    yield connect
    for one in held:
        one.close()


def test_no_role_of_the_database_but_the_workers_is_the_clock(
    server: Any, founded: Any, role_of: Callable[[str], Any]
) -> None:
    from panhuo_server.store.postgres import address_of

    bank, court, other = founded("lender"), founded("court"), founded("mediation")
    enter, ticket = "select panhuo.enter_as_clock(%s, %s)", "select panhuo.clock_ticket(%s)"
    refused = psycopg.errors.InsufficientPrivilege
    for role in ("panhuo_app", "panhuo_live", "panhuo_owner", "panhuo_judicial"):
        for org in (bank.org, court.org):
            with pytest.raises(refused):
                role_of(role).execute(enter, [org, None])
        with pytest.raises(refused):
            role_of(role).execute(ticket, [court.org])
    for role in ("panhuo_app", "panhuo_live", "panhuo_flows", "panhuo_judicial"):
        with pytest.raises(refused):
            role_of(role).execute("select * from panhuo.clock_tickets")
    worker, judicial = role_of("panhuo_flows"), role_of("panhuo_judicial")
    worker.execute(enter, [bank.org, None])
    for org in (court.org, "nobody", None):
        with pytest.raises(refused):
            worker.execute(enter, [org, None])
    with pytest.raises(refused):
        worker.execute(ticket, ["nobody"])
    shown = worker.execute(ticket, [court.org]).fetchone()[0]
    assert role_of("panhuo_owner").execute("select * from panhuo.clock_tickets").fetchall() == []
    for org in (bank.org, other.org):  # a ticket is for one organisation
        with pytest.raises(refused):
            judicial.execute(enter, [org, shown])
    with pytest.raises(refused):
        worker.execute(enter, [court.org, shown])
    judicial.execute(enter, [court.org, shown])
    with pytest.raises(refused):  # and for once
        judicial.execute(enter, [court.org, shown])
    old = worker.execute(ticket, [court.org]).fetchone()[0]
    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        c.execute("update panhuo.clock_tickets set given_at = now() - interval '2 minutes' where ticket = %s", [old])
    with pytest.raises(refused):
        judicial.execute(enter, [court.org, old])


def test_no_person_is_the_clock(server: Any, founded: Any) -> None:
    from panhuo_server.accounts import shares, tokens
    from panhuo_server.accounts.roles import PROGRAM_PURPOSES, PURPOSES, permissions
    from panhuo_server.store.acting import CLOCK, acting, acting_as_clock

    bank, other = founded("lender"), founded("asset_manager")
    assert CLOCK in PROGRAM_PURPOSES and CLOCK not in PURPOSES
    assert CLOCK not in {name for _, _, name in permissions()}
    for person in (bank.person, CLOCK):
        with pytest.raises(NotAllowed), acting(bank.org, person, CLOCK):
            pass
    with pytest.raises(NotAllowed), acting(bank.org, CLOCK, "administration"):
        pass
    with acting(bank.org, bank.person, "administration"):
        with pytest.raises(InvalidInput):
            tokens.issue("clock", [CLOCK])
        with pytest.raises(InvalidInput):
            shares.grant("claims", other.org, 3, CLOCK, START)
    with acting_as_clock(bank.org) as who:
        assert (who.person, who.purpose, who.roles) == (CLOCK, CLOCK, ())


def test_a_process_that_is_not_the_worker_has_no_clock(
    server: Any, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connections

    from panhuo_server.store.acting import CLOCK, acting_as_clock

    bank, court = founded("lender"), founded("court")
    monkeypatch.delitem(connections.settings, CLOCK)
    for place, judicial in ((bank, False), (court, True)):
        with pytest.raises(NotAllowed), acting_as_clock(place.org, judicial=judicial):
            pass


def test_the_clock_holds_no_act(server: Any, engine: Any, founded: Any, at: Any) -> None:
    from panhuo_server.flows.approvals import Authority
    from panhuo_server.flows.approving import answer, propose
    from panhuo_server.store.acting import acting, acting_as_clock

    bank = founded("lender")
    with acting(bank.org, bank.person, "recovery"):
        propose("W-1", subject="claims/C-1", action="write_off", amount=1_00,
                authorities=[Authority("approver", None)], expires_at=START + timedelta(days=3))  # fmt: skip
    with acting_as_clock(bank.org), pytest.raises(NotAllowed):
        answer("W-1", "approve", idempotency_key="by the clock")
    with acting_as_clock(bank.org), pytest.raises(NotAllowed):
        propose("W-2", subject="claims/C-1", action="write_off", amount=1_00,
                authorities=[Authority("approver", None)], expires_at=START + timedelta(days=3))  # fmt: skip
