"""Who sees what of whom in the database: every role, relation and way of asking, every value of another's a canary.

The other organisation (`beta`) shares nothing with one receiver, everything with another, masked rows with a third, and
its shares with two more have expired or are for another purpose. Everything that comes back, errors too, is searched.
The program's functions are asked in `test_matrix_functions.py`, connections used again in `test_matrix_connections.py`,
steps of workflows in `tests/panhuo_server/flows/test_matrix.py`, pages and endpoints in their own rooms.
"""

from __future__ import annotations

from typing import Any

import pytest

from canaries import BESIDE, COMMERCIAL_ROLES, RECEIVERS, SOME, World, ask, copied, door, enter, entered, told
from panhuo.ground.book.catalogue import TABLES

READS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "select": ("select * from {t}", ()),
    "count": ("select count(*), count(distinct org_id), sum(1), bool_or(true) from {t}", ()),
    "aggregate": ("select max({t}::text), min({t}::text), string_agg({t}::text, ','), array_agg({t}) from {t}", ()),
    "group": ("select org_id, count(*) from {t} group by rollup (org_id)", ()),
    "window": ("select first_value({t}::text) over (order by org_id) from {t}", ()),
    "search": ("select {t}::text from {t} where {t}::text like %s", ("%CANARY%",)),
    "regular expression": ("select {t}::text from {t} where {t}::text ~ %s", ("CAN[A]RY",)),
    "exists": ("select 'CANARY' where exists (select from {t} where org_id = %s)", ("matrix-beta",)),
    "error by cast": ("select count(*) from {t} where ({t}::text)::integer > 0", ()),
    "error by division": ("select count(*) from {t} where 1 / (case when org_id = %s then 0 else 1 end) = 1",
                          ("matrix-beta",)),
    "json": ("select to_jsonb({t}), row_to_json({t}) from {t}", ()),
    "explain": ("explain (analyze, verbose, timing off) select * from {t} where org_id = %s", ("matrix-beta",)),
    "lateral": ("select x.* from (values (1)) v(n), lateral (select * from {t}) x", ()),
    "locked": ("select * from {t} for share", ()),
}  # fmt: skip
"""Ways to ask a table, by name."""


def read_all_ways(c: Any, table: str) -> dict[str, Any]:
    """Everything every way of asking brings back."""
    found = {name: ask(c, statement.format(t=table), values) for name, (statement, values) in READS.items()}
    return found | {
        "copy": copied(c, f"copy {table} to stdout"),
        "copy query": copied(c, f"copy (table {table}) to stdout"),
    }


def leaks(found: dict[str, Any]) -> dict[str, Any]:
    """The ways that told something of beta. Rows of no organisation are told by the count itself."""
    wrong = {way: told(answer) for way, answer in found.items() if told(answer)}
    if found.get("count") not in ([(0, 0, None, None)],) and "privilege" not in str(found.get("count")).lower():
        wrong["count"] = found["count"]
    if "DivisionByZero" in str(found.get("error by division")):
        wrong["error by division"] = "told"
    return wrong


@pytest.mark.parametrize("receiver", [*RECEIVERS, "twin", "supervisor"])
@pytest.mark.parametrize("role", COMMERCIAL_ROLES)
def test_no_table_tells_anything_of_another(world: World, role: str, receiver: str) -> None:
    tables = [*TABLES, *BESIDE] if role == "panhuo_app" and receiver in ("none", "shared") else [*SOME, *BESIDE]
    with world.connect(role) as connection, connection.cursor() as c:
        entered(world, c, receiver)
        wrong = {}
        for table in tables:
            found = read_all_ways(c, table)
            if leaks(found):
                wrong[table] = leaks(found)
        assert wrong == {}


BROKEN = {
    "a policy for everybody": (
        "create policy broken on parties for select to panhuo_app using (true)",
        "drop policy broken on parties",
        "parties",
    ),
    "row-level security off": (
        "alter table claims disable row level security",
        "alter table claims enable row level security",
        "claims",
    ),
    "a view with its owner's rights": (
        "create view broken as select * from postings; alter view broken owner to postgres;"
        " grant select on broken to panhuo_app",
        "drop view broken",
        "broken",
    ),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_the_matrix_finds_what_is_broken(world: World, admin: Any, how: str) -> None:
    """Undone at once; each way of asking that reads rows must have told."""
    do, undo, table = BROKEN[how]
    admin.execute(do)
    try:
        with world.connect("panhuo_app") as connection, connection.cursor() as c:
            entered(world, c, "none")
            found = leaks(read_all_ways(c, table))
        assert {"select", "count", "aggregate", "search", "copy query", "error by division", "json"} <= set(found)
    finally:
        admin.execute(undo)


@pytest.mark.parametrize("role", COMMERCIAL_ROLES)
def test_the_canaries_are_there_for_their_owner(world: World, role: str) -> None:
    """The matrix would be empty of meaning if nobody saw the canaries."""
    with world.connect(role) as connection, connection.cursor() as c:
        entered(world, c, "beta")
        for table in (*TABLES, *(name for name in BESIDE if name not in ("reported_totals",))):
            assert told(ask(c, f"select * from {table}")) or table in ("batches", "shares", "supervisions"), table
            assert ask(c, f"select count(*) from {table}")[0][0] > 0, table


@pytest.mark.parametrize("receiver", ["none", "expired", "elsewhere", "twin", "supervisor"])
def test_views_of_shared_rows_are_empty_for_whom_nothing_lives(world: World, receiver: str) -> None:
    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        entered(world, c, receiver)
        tables = TABLES if receiver in ("none", "expired") else SOME
        wrong = {table: leaks(found) for table in tables if leaks(found := read_all_ways(c, f"shared_{table}"))}
        assert wrong == {}
        assert ask(c, "select * from received_shares()") == [] or receiver == "elsewhere"


@pytest.mark.parametrize("role", COMMERCIAL_ROLES)
def test_views_show_what_is_shared_and_commitments_to_nobody(world: World, role: str) -> None:
    with world.connect(role) as connection, connection.cursor() as c:
        entered(world, c, "shared")
        for table in TABLES if role == "panhuo_app" else SOME:
            c.execute(f"select * from shared_{table}")
            names = [column[0] for column in c.description]
            (row,) = c.fetchall()
            assert told(row) and row[0] == "matrix-beta"
            assert not [name for name in names if name.endswith("#commitment")]


def test_a_masked_column_is_told_by_no_way_of_asking(world: World) -> None:
    from panhuo_server.store.declared import LEVEL_ALWAYS

    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        entered(world, c, "masked")
        for name, table in TABLES.items():
            view = f"shared_{name}"
            shown = (
                LEVEL_ALWAYS | {"share_level"} | {k.name for k in table.sealed_schema.columns if (k.level or 1) <= 1}
            )
            c.execute(f"select * from {view}")
            names = [column[0] for column in c.description]
            (row,) = c.fetchall()
            held = dict(zip(names, row, strict=True))
            assert {k for k, value in held.items() if value is not None} <= shown, name
            hidden = [k for k in names if k not in shown]
            for column in hidden[:: max(1, len(hidden) // 3)]:
                for statement in (
                    f'select "{column}"::text from {view}',
                    f'select max("{column}"::text), count("{column}"), string_agg("{column}"::text, \'\') from {view}',
                    f'select 1 from {view} where "{column}" is not null',
                    f"select 1 from {view} where \"{column}\"::text like '%%CANARY%%'",
                    f'select count(*) from {view} where "{column}"::text::integer > 0',
                    f'select "{column}" from {view} order by "{column}"',
                ):
                    answer = ask(c, statement)
                    assert answer in ([], [(None,)], [(None, 0, None)], [(0,)]), (statement, answer)


def test_rows_cannot_be_added_for_another_and_the_refusal_tells_nothing(world: World) -> None:
    import json

    from panhuo_server.store.declared import stored_columns

    beta = world.places["beta"].org
    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        entered(world, c, "shared")
        for name, table in TABLES.items():
            row = {
                n: {"text": "x", "boolean": True, "date": "2025-12-31"}.get(kind, 1)
                for n, kind in stored_columns(table)
            }
            row |= {"org_id": beta, "fact_sequence": 1, "fact_position": 10_000}
            statements = (
                (f"insert into {name} select (jsonb_populate_record(null::{name}, %s)).*", [json.dumps(row)]),
                (f"insert into {name}_identity values (%s, 'mine') on conflict do nothing", [beta]),
                (f"insert into {name}_identity values (%s, %s) on conflict do nothing", [beta, f"CANARY-{name}"]),
                (f"insert into {name}_identity select org_id, id from shared_{name}", []),
            )
            for statement, values in statements:
                answer = ask(c, statement, values)
                assert "InsufficientPrivilege" in answer and not told(answer), (statement, answer)
        for statement in (
            "insert into batches (org_id, sequence, root, tables) values (%s, 2, repeat('0', 64), '{}')",
            "insert into events values (%s, 'a', 'b', 1, 'c', '{}', 'p', 'key')",
            "insert into inputs values (%s, 'CANARY-hash', '')",
            "insert into shares (org_id, share_id, table_name, to_org, level, purpose, valid_until, granted_by)"
            " values (%s, 'x', 'parties', 'matrix-shared', 5, 'due_diligence', now() + interval '1 day', 'p')",
            "insert into supervisions (org_id, supervision_id, to_org, aggregates, valid_until, granted_by)"
            " values (%s, 'x', 'matrix-supervisor', '{bad_debt_ratio}', now() + interval '1 day', 'p')",
        ):
            answer = str(ask(c, statement, [beta]))
            assert ("InsufficientPrivilege" in answer or "act" in answer) and not told(answer), (statement, answer)
        assert ask(c, "update shares set ended_at = now(), ended_by = 'x'") == 0
        assert ask(c, "update supervisions set ended_at = now(), ended_by = 'x'") == 0


def same_but_for(one: Any, two: Any, *parts: str) -> bool:
    """Whether two answers differ only in what was asked."""
    texts = [str(one), str(two)]
    for part in parts:
        texts = [text.replace(part, "?") for text in texts]
    return texts[0] == texts[1]


def test_errors_do_not_tell_what_exists(world: World) -> None:
    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        for receiver in ("none", "shared", "twin"):
            entered(world, c, receiver)
            mine, beta = world.places[receiver].org, world.places["beta"].org
            for name in TABLES:
                there, absent = f"CANARY-{name}", f"absent-{name}"
                for statement in (
                    f"insert into {name}_identity values ('{mine}', %s)",
                    f"insert into {name}_identity values ('{beta}', %s)",
                    f"insert into {name}_identity values ('{beta}', %s) on conflict (org_id, id) do nothing",
                    f"insert into {name}_identity values ('{mine}', %s) on conflict do nothing returning id",
                ):
                    assert same_but_for(ask(c, statement, [there]), ask(c, statement, [absent]), there, absent), (
                        statement
                    )
                entered(world, c, receiver)
            for statement, there, absent in (
                (f"insert into commands values ('{mine}', 'k', 'h', %s, '{{}}')", 1, 987654),
                (f"insert into commands values ('{beta}', %s, 'h', 1, '{{}}')", "CANARY-key", "absent-key"),
                (f"insert into inputs values ('{beta}', %s, '')", "CANARY-hash", "absent-hash"),
                (f"insert into events values ('{mine}', 'a', 'b', 1, 'c', '{{}}', 'p', %s)", "CANARY", "absent"),
                (f"insert into log_entries values ('{mine}', 0, 'k', %s, 'e')", "CANARY-leaf", "absent-leaf"),
                (f"insert into outcomes values ('{mine}', 'r', 'n', 'x', '2025-01-01', %s, 1, 0)", 1, 987654),
            ):
                one = ask(c, statement, [there])
                entered(world, c, receiver)
                two = ask(c, statement, [absent])
                entered(world, c, receiver)
                assert same_but_for(one, two, str(there), str(absent)), (statement, one, two)


def test_organisations_that_exist_and_do_not_are_shut_alike(world: World) -> None:
    mine = world.places["none"]
    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        answers = {
            str(ask(c, "select panhuo.enter(%s, %s, 'due_diligence')", [org, mine.person]))
            for org in ("matrix-beta", "matrix-court", "matrix-absent")
        }
        assert len(answers) == 1, answers


@pytest.mark.parametrize("role", [*COMMERCIAL_ROLES, "panhuo_judicial", "panhuo_owner"])
def test_without_the_door_there_is_nothing(world: World, role: str) -> None:
    schema = "judicial" if role == "panhuo_judicial" else "panhuo"
    with world.connect(role) as connection, connection.cursor() as c:
        for table in (*SOME, *BESIDE, "shared_parties", "organisations", "memberships"):
            if (schema, table) in {("judicial", name) for name in ("supervisions", "reported_totals", "organisations",
                                                                   "memberships")}:  # fmt: skip
                continue
            found = read_all_ways(c, table)
            assert not leaks(found), (table, leaks(found))


def test_what_the_database_knows_of_values_is_told_to_nobody(world: World) -> None:
    """Statistics, running statements, other people's queries."""
    for role in (*COMMERCIAL_ROLES, "panhuo_judicial"):
        with world.connect(role) as connection, connection.cursor() as c:
            if role != "panhuo_judicial":
                enter(world, c, "none")
            for statement in (
                "select * from pg_stats",
                "select * from pg_statistic",
                "select * from pg_stats_ext_exprs",
                "select query from pg_stat_activity where usename <> current_user",
                "select * from pg_prepared_statements",
                "select * from pg_cursors",
                "create temp table mine as select 1",
                "select lo_import('/etc/passwd')",
                "select pg_read_file('PG_VERSION')",
                "copy (select 1) to program 'true'",
            ):
                assert not told(ask(c, statement)), (role, statement)


def test_commercial_and_judicial_roles_meet_nowhere(world: World) -> None:
    for role in COMMERCIAL_ROLES:
        with world.connect(role) as connection, connection.cursor() as c:
            assert "InsufficientPrivilege" in str(enter(world, c, "court"))
            for actor in ("beta", "none"):
                entered(world, c, actor)
                for table in (*TABLES, "events", "reads", "shares", "shared_parties"):
                    for statement in (f"select * from judicial.{table}", f"select count(*) from judicial.{table}"):
                        answer = str(ask(c, statement))
                        assert "InsufficientPrivilege" in answer and not told(answer), statement
                answer = str(ask(c, "select * from judicial.shared_parties_rows()"))
                assert "InsufficientPrivilege" in answer
                connection.rollback()
    with world.connect("panhuo_judicial") as connection, connection.cursor() as c:
        for actor in ("beta", "shared", "twin", "supervisor"):
            assert "kept apart" in str(enter(world, c, actor))
        for court, sees in (("other court", False), ("court", True)):
            entered(world, c, court)
            for table in (*TABLES, "events", "reads"):
                answer = str(ask(c, f"select * from panhuo.{table}"))
                assert "InsufficientPrivilege" in answer and not told(answer), table
                assert bool(told(ask(c, f"select * from {table}"))) is sees, (court, table)
            assert not told(ask(c, "select * from shared_parties"))
            for function in ("balance_by_class('2025-12-31')", "shared_parties_rows()", "received_shares()"):
                assert "InsufficientPrivilege" in str(ask(c, f"select * from panhuo.{function}"))
            connection.rollback()


def test_a_prepared_statement_serves_each_actor_its_own(world: World) -> None:
    with world.connect("panhuo_app") as connection, connection.cursor() as c:
        connection.prepare_threshold = 0
        c.execute("prepare theirs as select * from parties")
        c.execute("prepare others as select * from shared_parties")
        connection.commit()
        order = ["beta", "none", "shared", "beta", "masked", "expired", "beta", "none", "twin"] * 3
        for actor in order:
            with connection.transaction():
                door(world, c, actor)
                own, others = ask(c, "execute theirs"), ask(c, "execute others")
                again = c.execute("select * from parties", prepare=True).fetchall()
                assert bool(told(own)) is (actor == "beta") and bool(told(again)) is (actor == "beta")
                assert bool(told(others)) is (actor in ("shared", "masked"))
            assert ask(c, "execute theirs") == [] == ask(c, "execute others"), "outside the door"
            connection.rollback()
