"""Facts about few entities, and the ledger added up, against every visible fact and against sums by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound

START = date(2026, 1, 1)
LATER = date(2026, 3, 1)
END = date(2026, 6, 30)


def put(made: Any, key: str, **rows: list[dict[str, Any]]) -> int:
    """Seals rows of tables; returns the batch."""
    from panhuo.ground.book.catalogue import table_named
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal

    tables = {}
    for name, given in rows.items():
        schema = table_named(name).fact_schema
        named = {column for row in given for column in row}
        tables[name] = pa.table(
            {
                c.name: pa.array([r.get(c.name) for r in given], c.arrow_type())
                for c in schema.columns
                if c.name in named
            }
        )
    with acting(made.org, made.person, "import"):
        return seal(tables, idempotency_key=key).sequence


def about(made: Any, *asked: Any, **given: Any) -> list[dict[str, Any]]:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.facts_about import facts_about

    with acting(made.org, made.person, "monitoring"):
        return facts_about(*asked, **{"as_of": END, **given})


def everything(made: Any, name: str, **given: Any) -> list[dict[str, Any]]:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    with acting(made.org, made.person, "monitoring"):
        rows: list[dict[str, Any]] = facts_of(name, **{"as_of": END, **given}).to_pylist()
        return rows


def loan(name: str, party: str, **more: Any) -> dict[str, Any]:
    """A loan's facts."""
    return {"id": name, "effective_on": START, "contract_id": f"C{name}", "party_id": party, "amount": 100_00,
            "out_on": START, "due_on": END, **more}  # fmt: skip


def posting(name: str, component: str, kind: str, amount: int, on: date, **more: Any) -> dict[str, Any]:
    """A posting to loan D1 unless it says otherwise."""
    return {"id": name, "effective_on": on, "drawdown_id": "D1", "posted_on": on, "component": component, "kind": kind,
            "amount": amount, **more}  # fmt: skip


def test_of_a_state_the_latest_fact_counts_where_it_still_says_so(server: Any, founded: Any) -> None:
    made, other = founded("lender"), founded("lender")
    put(made, "1", drawdowns=[loan("D1", "P1"), loan("D2", "P1"), loan("D3", "P2")])
    put(other, "1", drawdowns=[loan("D9", "P1")])
    # D2 goes to another borrower by a later fact; D1's is corrected; D3 is withdrawn.
    put(made, "2", drawdowns=[loan("D2", "P2", effective_on=LATER)])
    put(made, "3", drawdowns=[loan("D1", "P1", amount=70_00, replaces="1-0"),
                              loan("D3", "P2", replaces="1-2", withdrawn=True)])  # fmt: skip
    assert [(r["id"], r["amount"]) for r in about(made, "drawdowns", "party_id", ["P1"])] == [("D1", 70_00)]
    assert [r["id"] for r in about(made, "drawdowns", "party_id", ["P2"])] == ["D2"]
    assert [r["id"] for r in about(made, "drawdowns", "party_id", ["P1"], as_of=START)] == ["D1", "D2"]
    assert [r["amount"] for r in about(made, "drawdowns", "party_id", ["P1"], sequence=1)] == [100_00, 100_00]
    for parties in (["P1"], ["P2"], ["P1", "P2"], ["none", ""], []):
        want = [r for r in everything(made, "drawdowns") if r["party_id"] in parties]
        assert about(made, "drawdowns", "party_id", parties) == want


def test_personal_columns_stay_closed_and_are_not_searched(server: Any, founded: Any) -> None:
    made = founded("lender")
    put(made, "1", parties=[{"id": "P1", "effective_on": START, "kind": "company", "name": "甲公司"}])
    (row,) = about(made, "parties", "id", ["P1"])
    assert row["name"] is None
    assert row == everything(made, "parties")[0]
    with pytest.raises(InvalidInput):
        about(made, "parties", "name", ["甲公司"])
    with pytest.raises(InvalidInput):
        about(made, "parties", "nothing", ["x"])
    with pytest.raises(NotFound):
        about(made, "nothing", "id", ["x"])


def test_the_ledger_is_added_up_by_what_postings_do(server: Any, founded: Any) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.ledger_totals import ledger_totals

    made, other = founded("lender"), founded("lender")
    put(made, "1", postings=[
        posting("L1", "principal", "disburse", 100_00, START),
        posting("L2", "interest", "accrue", 9_00, START),
        posting("L3", "principal", "receive", 40_00, LATER),
        posting("L4", "principal", "reverse", 40_00, LATER, reverses_id="L3"),
        posting("L5", "interest", "move_off_balance", 4_00, LATER),
        posting("L6", "interest_off_balance", "move_off_balance", 4_00, LATER),
        posting("L7", "principal", "write_off", 20_00, LATER, drawdown_id="D2"),
        posting("L8", "principal", "disburse", 7_00, LATER, currency="USD"),
    ])  # fmt: skip
    put(other, "1", postings=[posting("L1", "principal", "disburse", 5_00, START)])
    put(made, "2", postings=[posting("L2", "interest", "accrue", 8_00, START, replaces="1-1")])
    with acting(made.org, made.person, "monitoring"):
        first = {(m.currency, m.component, m.kind): (m.amount, m.postings) for m in ledger_totals(END, 1)}
        whole = {(m.currency, m.component, m.kind): m.amount for m in ledger_totals(END, 2)}
        late = {(m.currency, m.component, m.kind): m.amount for m in ledger_totals(END, 2, after=START)}
    assert first == {
        ("CNY", "interest", "accrue"): (9_00, 1), ("CNY", "interest", "move_off_balance"): (-4_00, 1),
        ("CNY", "interest_off_balance", "move_off_balance"): (4_00, 1), ("CNY", "principal", "disburse"): (100_00, 1),
        ("CNY", "principal", "receive"): (0, 2), ("CNY", "principal", "write_off"): (-20_00, 1),
        ("USD", "principal", "disburse"): (7_00, 1),
    }  # fmt: skip
    assert whole[("CNY", "interest", "accrue")] == 8_00
    assert sum(v for (money, part, _), v in whole.items() if (money, part) == ("CNY", "principal")) == 80_00
    assert ("CNY", "principal", "disburse") not in late
    assert late[("CNY", "principal", "write_off")] == -20_00
