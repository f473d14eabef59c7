"""Connections used again, in any order, by many threads, by bodies streamed late: each actor sees its own alone."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canaries import SOME, World, told
from panhuo.ground.record.errors import Defect

ACTORS = ("beta", "none", "shared", "masked", "expired", "elsewhere", "twin")
ACTIONS = ("table", "view", "fails", "undone", "savepoint", "cursor", "arrow", "nested", "left open")


def own_sight(world: World, actor: str, action: str, table: str) -> list[Any]:
    """One request: acts, asks, ends in some way; checks that it saw its own and nothing else.

    Returns what the connection shows once the request is over.
    """
    from django.db import connections, transaction
    from django.db.utils import DatabaseError

    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.store.reading import facts_of

    place = world.places[actor]
    mine, others = actor == "beta", actor in ("shared", "masked")

    def look(statement: str) -> list[str]:
        with cursor() as c:
            c.execute(statement)
            return told(c.fetchall())

    try:
        with acting(place.org, place.person, world.purpose(actor)):
            assert bool(look(f"select * from {table}")) is mine
            assert bool(look(f"select * from shared_{table}")) is others
            if action == "fails":
                raise RuntimeError("the request fails")
            if action == "undone":
                transaction.set_rollback(True, using="default")
            if action == "savepoint":
                with pytest.raises(DatabaseError), transaction.atomic():
                    look("select 1 / 0")
                assert bool(look(f"select * from {table}")) is mine
            if action == "cursor":
                with connections["default"].chunked_cursor() as c:
                    c.execute(f"select * from {table}")
                    assert bool(told(c.fetchall())) is mine
            if action == "arrow":
                assert bool(told(facts_of(table, as_of=date(2026, 1, 1)).to_pylist())) is mine
                seen = facts_of(table, whose="shared", as_of=date(2026, 1, 1)).to_pylist()
                assert bool(seen) is others
            if action == "nested":
                other = world.places["beta" if actor != "beta" else "none"]
                with pytest.raises(Defect), acting(other.org, other.person, "due_diligence"):
                    pass
                assert bool(look(f"select * from {table}")) is mine
            if action == "left open":
                c = connections["default"].cursor()
                c.execute(f"select * from {table}")
    except RuntimeError:
        assert action == "fails"
    with connections["default"].cursor() as c:
        c.execute(f"select * from {table}")
        left = list(c.fetchall())
        c.execute("select nullif(current_setting('panhuo.org', true), '')")
        return left + [org for org in c.fetchone() if org is not None]


_STEP = st.tuples(
    st.sampled_from(ACTORS), st.sampled_from(ACTIONS), st.sampled_from(("parties", "drawdowns", "claims"))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=2, max_size=12))
def test_a_connection_used_again_in_any_order_serves_each_its_own(
    world: World, steps: list[tuple[str, str, str]]
) -> None:
    for actor, action, table in steps:
        assert own_sight(world, actor, action, table) == [], "what one actor set stays with nobody"


def test_many_threads_each_see_their_own(world: World) -> None:
    from django.db import connections

    failed: list[BaseException] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(25):
                assert own_sight(world, chance.choice(ACTORS), chance.choice(ACTIONS), chance.choice(SOME)) == []
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []


def test_a_body_streamed_after_the_block_reads_nothing(world: World) -> None:
    from django.db import connections

    from panhuo_server.accounts.acting import acting, cursor

    beta = world.places["beta"]

    def body() -> Iterator[Any]:
        with cursor() as c:
            c.execute("select * from parties")
            yield from c.fetchall()

    def body_of_a_bare_connection() -> Iterator[Any]:
        with connections["default"].cursor() as c:
            c.execute("select * from parties")
            yield from c.fetchall()

    with acting(beta.org, beta.person, "monitoring"):
        late, bare = body(), body_of_a_bare_connection()
    with pytest.raises(Defect):
        list(late)
    assert list(bare) == []


def test_a_streamed_body_that_acts_itself_holds_its_thread_to_itself(world: World) -> None:
    from django.db import connections

    from panhuo_server.accounts.acting import acting, current, cursor

    beta, other = world.places["beta"], world.places["none"]

    def body() -> Iterator[Any]:
        with acting(beta.org, beta.person, "monitoring"), cursor() as c:
            c.execute("select id from parties")
            yield from c.fetchall()
            yield "end"

    stream = body()
    assert told(next(stream))
    with pytest.raises(Defect), acting(other.org, other.person, "due_diligence"):
        pass
    seen: list[Any] = []

    def elsewhere() -> None:
        own_sight(world, "none", "table", "parties")
        try:
            current()
        except Defect:
            seen.append("nobody acts here")
        connections.close_all()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(30)
    assert seen == ["nobody acts here"]
    stream.close()
    own_sight(world, "none", "table", "parties")


def test_a_scheduled_share_ends_while_a_connection_lives(world: World, admin: Any) -> None:
    """What is shared is asked at each transaction, not remembered with the connection."""
    from panhuo_server.accounts import shares
    from panhuo_server.accounts.acting import acting

    beta, other = world.places["beta"], world.places["none"]
    with acting(beta.org, beta.person, "origination"):
        share = shares.grant("parties", other.org, 5, "due_diligence", datetime.now(UTC) + timedelta(days=1))
    with acting(other.org, other.person, "due_diligence"):
        assert told(shares.rows("parties"))
    with acting(beta.org, beta.person, "origination"):
        shares.end(share)
    with acting(other.org, other.person, "due_diligence"):
        assert shares.rows("parties") == []
