"""Reads under row-level security: shared rows as they stand, personal values after the log, no view carried over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotAllowed

DAY = date(2024, 3, 31)


def debts(*rows: tuple[str, int], **more: Any) -> dict[str, pa.Table]:
    """Stated balances of drawdowns."""
    return {
        "postings": pa.table(
            {
                "id": [name for name, _ in rows],
                "effective_on": pa.array([DAY] * len(rows), pa.date32()),
                "drawdown_id": [name for name, _ in rows],
                "posted_on": pa.array([DAY] * len(rows), pa.date32()),
                "component": ["principal"] * len(rows),
                "kind": ["receive"] * len(rows),
                "amount": pa.array([amount for _, amount in rows], pa.int64()),
                **more,
            }
        )
    }


def test_shared_rows_are_masked_and_a_replaced_one_is_gone_at_every_level(founded: Any) -> None:
    from panhuo_server.accounts import shares
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    with acting(bank.org, bank.person, "origination"):
        seal(debts(("a", 100), ("b", 200)), idempotency_key="1")
        seal(debts(("a", 150), replaces=["1-0"]), idempotency_key="2")
    for level in (1, 2, 3):
        buyer = founded("asset_manager")
        with acting(bank.org, bank.person, "origination"):
            shares.grant("postings", buyer.org, level, "due_diligence", datetime.now(UTC) + timedelta(hours=1))
        with acting(buyer.org, buyer.person, "due_diligence"):
            rows = facts_of("postings", whose="shared")
            assert rows.column("id").to_pylist() == ["a", "b"]
            assert rows.column("fact_sequence").to_pylist() == [2, 1], "the correction stands, what it replaced is gone"
            assert rows.column("amount").to_pylist() == ([150, 200] if level >= 3 else [None, None])
            assert set(rows.column("share_level").to_pylist()) == {level}
            assert facts_of("postings", as_of=DAY).num_rows == 0
            with pytest.raises(InvalidInput):
                facts_of("parties", whose="shared", personal=True)
        with acting(buyer.org, buyer.person, "monitoring"):
            assert facts_of("postings", whose="shared").num_rows == 0, "another purpose"


def test_personal_values_are_opened_after_the_read_was_noted(founded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from panhuo_server.store import reading
    from panhuo_server.store.acting import acting, current
    from panhuo_server.store.read_log import of_party
    from panhuo_server.store.sealing import seal

    bank = founded("lender")
    person = pa.table(
        {"id": ["x"], "effective_on": pa.array([DAY], pa.date32()), "kind": ["person"], "phone": ["13900000000"]}
    )
    with acting(bank.org, bank.person, "monitoring"):
        seal({"parties": person}, idempotency_key="1")
    with acting(bank.org, bank.person, "monitoring"):
        reading.facts_of("parties")
        assert of_party(current(), "x") == []
        assert reading.facts_of("parties", personal=True).column("phone").to_pylist() == ["13900000000"]
        assert [read[3] for read in of_party(current(), "x")] == ["parties"]

        def refuse(*_: Any) -> None:
            raise NotAllowed("no")

        monkeypatch.setattr(reading.read_log, "note", refuse)
        with pytest.raises(NotAllowed):
            reading.facts_of("parties", personal=True)


def test_connections_in_any_order_and_number_never_carry_a_view_over(founded: Any) -> None:
    from django.db import connections

    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of, reading
    from panhuo_server.store.sealing import seal

    banks = [founded("lender") for _ in range(3)]
    for i, bank in enumerate(banks):
        with acting(bank.org, bank.person, "monitoring"):
            seal(debts(*((f"{bank.org}-{n}", n) for n in range(i + 1))), idempotency_key="1")

    def look(number: int) -> None:
        bank = banks[number % 3]
        try:
            with acting(bank.org, bank.person, "monitoring"):
                if number % 5 == 0:
                    with pytest.raises(ZeroDivisionError), reading():
                        raise ZeroDivisionError
                assert facts_of("postings").column("org_id").to_pylist() == [bank.org] * (number % 3 + 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(look, range(30)))
    with acting(banks[0].org, banks[0].person, "monitoring") as who, reading() as c:
        c.execute("select current_setting('panhuo.org', true), count(*) from postings")
        assert c.fetchone() == (who.org, 1)
        with pytest.raises(Exception, match="permission denied"):
            c.execute("delete from postings")


def test_who_finds_nothing_gives_the_connection_back(founded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from adbc_driver_postgresql import dbapi

    from panhuo.ground.record.errors import NotFound
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.reading import facts_of

    opened, connect = [], dbapi.connect

    def counted(*given: Any, **named: Any) -> Any:
        opened.append(1)
        return connect(*given, **named)

    monkeypatch.setattr(dbapi, "connect", counted)
    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        for _ in range(5):
            with pytest.raises(NotFound):
                facts_of("drawdowns")  # nothing was sealed yet: there is no day to read up to
    assert len(opened) <= 1
