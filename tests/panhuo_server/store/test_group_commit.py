"""Commands from many threads: one batch, each its own answer, and one wrong command troubles nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed

DAY = date(2024, 3, 31)


def posting(number: int, **more: Any) -> dict[str, Any]:
    """One posting."""
    return {
        "id": f"p{number}", "effective_on": DAY, "drawdown_id": f"d{number % 5}", "posted_on": DAY,
        "component": "principal", "kind": "receive", "amount": number, **more,
    }  # fmt: skip


def test_commands_of_many_threads_share_batches_and_get_their_own_facts(founded: Any) -> None:
    from panhuo_server.store import log
    from panhuo_server.store.acting import Acting, acting
    from panhuo_server.store.group_commit import GroupCommit
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    who = Acting(bank.org, bank.person, "monitoring")
    group = GroupCommit(every=0.02)
    commands = [{"postings": [posting(i), posting(1000 + i)], "writeoffs": []} for i in range(200)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: group.seal(who, commands[i], idempotency_key=f"k{i}"), range(len(commands))))
    group.close()
    with acting(bank.org, bank.person, "monitoring"):
        rows = facts_of("postings").to_pylist()
        entries = log.entries()
    at = {f"{r['fact_sequence']}-{r['fact_position']}": r["id"] for r in rows}
    assert len(rows) == 400
    for i, answer in enumerate(answers):
        assert [at[fact] for fact in answer.fact_ids["postings"]] == [f"p{i}", f"p{1000 + i}"]
    assert len(entries) == max(a.sequence for a in answers) < 200, "many commands, few leaves"


def test_one_wrong_command_troubles_nobody_else(founded: Any) -> None:
    from panhuo_server.store.acting import Acting
    from panhuo_server.store.group_commit import GroupCommit

    bank, other = founded("lender"), founded("lender")
    who = Acting(bank.org, bank.person, "monitoring")
    stranger = Acting(bank.org, other.person, "monitoring")
    group = GroupCommit(every=0.2)
    for wrong in ({"amount": 2**63}, {"amount": 1.5}, {"amount": True}, {"drawdown_id": None}, {"nothing": 1},
                  {"voucher": "a\x00b"}, {"voucher": "\ud800"}, {"kind": "no such kind"}, {"org_id": other.org},
                  {"posted_on": "2024-01-01"}):  # fmt: skip
        with pytest.raises(InvalidInput):
            group.submit(who, {"postings": [posting(1, **wrong)]}, idempotency_key="w")
    given = [
        group.submit(stranger, {"postings": [posting(1)]}, idempotency_key="a"),
        group.submit(who, {"postings": [posting(2)]}, idempotency_key="b"),
        group.submit(who, {"postings": [posting(2)]}, idempotency_key="b"),
        group.submit(who, {"postings": [posting(3)]}, idempotency_key="b"),
        group.submit(who, {"postings": [posting(4)]}, idempotency_key="c"),
    ]
    with pytest.raises(NotAllowed):
        given[0].result()
    with pytest.raises(Conflict):
        given[3].result()
    first, twin, last = given[1].result(), given[2].result(), given[4].result()
    assert first.fact_ids == twin.fact_ids and twin.repeated and not first.repeated
    assert first.sequence == last.sequence == 1
    again = group.seal(who, {"postings": [posting(4)]}, idempotency_key="c")
    assert again.repeated and again.fact_ids == last.fact_ids
    group.close()


def test_what_the_database_refuses_fails_alone(founded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from panhuo_server.store import group_commit
    from panhuo_server.store.acting import Acting

    bank = founded("lender")
    who = Acting(bank.org, bank.person, "monitoring")
    real = group_commit.seal_held

    def seal_held(c: Any, org: str, facts: Any, *rest: Any) -> Any:
        if 13 in facts["postings"].column("amount").to_pylist():
            c.execute("select 1/0")
        return real(c, org, facts, *rest)

    monkeypatch.setattr(group_commit, "seal_held", seal_held)
    group = group_commit.GroupCommit(every=0.1)
    given = [group.submit(who, {"postings": [posting(i)]}, idempotency_key=str(i)) for i in (12, 13, 14)]
    assert given[0].result().sequence == 1
    with pytest.raises(InvalidInput):
        given[1].result()
    assert given[2].result().sequence == 2
    group.close()


def test_personal_values_are_sealed_under_their_key_and_repeated_commands_known(founded: Any) -> None:
    from panhuo_server.store.acting import Acting, acting
    from panhuo_server.store.group_commit import GroupCommit
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    who = Acting(bank.org, bank.person, "monitoring")
    group = GroupCommit()
    person = {"parties": [{"id": "a", "effective_on": DAY, "kind": "person", "name": "王五"}]}
    first = group.seal(who, person, idempotency_key="k")
    assert group.seal(who, person, idempotency_key="k").fact_ids == first.fact_ids
    with pytest.raises(Conflict):
        group.seal(who, {"parties": [{**person["parties"][0], "name": "赵六"}]}, idempotency_key="k")
    group.close()
    with acting(bank.org, bank.person, "monitoring"):
        assert facts_of("parties", personal=True).column("name").to_pylist() == ["王五"]


def test_a_line_that_ended_is_opened_again(founded: Any) -> None:
    from panhuo_server.store.acting import Acting
    from panhuo_server.store.group_commit import GroupCommit

    bank = founded("lender")
    who = Acting(bank.org, bank.person, "monitoring")
    group = GroupCommit(idle=0.001)
    import time

    for i in range(5):
        assert group.seal(who, {"postings": [posting(i)]}, idempotency_key=str(i)).sequence == i + 1
        time.sleep(0.02)
    group.close()


def test_what_is_passed_as_a_whole_passes_column_by_column() -> None:
    """Every column of every table, with odd values: the quick look lets nothing through that the other refuses."""
    from datetime import UTC, datetime
    from decimal import Decimal

    import msgspec

    from panhuo.ground.book.catalogue import TABLES
    from panhuo.ground.record.columns import ColumnType
    from panhuo_server.store.given_rows import refuse_wrong, shape_of

    odd = [None, True, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 1.0, "1", "",
           "甲", b"a", DAY, datetime(2024, 3, 31, tzinfo=UTC), "2024-03-31", Decimal(1), [], {}]  # fmt: skip
    known = {ColumnType.BOOL: True, ColumnType.DATE: DAY}
    passed = refused = 0
    for name, table in TABLES.items():
        shape, columns = shape_of(name), table.fact_schema.columns
        assert shape.record is not None, name
        whole = {
            c.name: next(iter(c.codes.positions)) if c.codes else "x" if c.type.is_text else known.get(c.type, 1)
            for c in columns
            if c.required and c.name != "org_id"
        }
        assert shape.passes([whole]), name
        for row in [{k: v for k, v in whole.items() if k != left} for left in whole]:
            assert not shape.passes([whole, row]), (name, row)
        assert not shape.passes([{**whole, "no such column": 1}])
        for column in columns:
            for value in odd:
                row = {**whole, column.name: value}
                if shape.passes([row]):
                    refuse_wrong(shape, name, [row])
                    passed += 1
                else:
                    with pytest.raises(InvalidInput) as said:
                        refuse_wrong(shape, name, [row])
                    assert said.value.where == f"{name}.{column.name}"
                    refused += 1
    assert passed > 1_000 < refused
    with pytest.raises((UnicodeEncodeError, msgspec.MsgspecError)):
        msgspec.json.encode("\ud800")  # why text that cannot be stored never reaches the quick look
