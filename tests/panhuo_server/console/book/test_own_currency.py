"""Renewals by loan, lines that do not revolve, and amounts of two currencies never added up: small books by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

DAY = date(2026, 6, 30)


class Book:
    """Facts as the pages ask for them, of a night on the last of June 2026 without outcomes."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        self.night: Any = Night()
        self.tables = tables

    def rows(self, table: str, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
        wanted = set(values)
        return [row for row in self.tables.get(table, []) if row[column] in wanted]


class Night(dict[str, Any]):
    """No outcomes; a day."""

    as_of = DAY


def decision(met: date, result: str, sequence: int, **given: Any) -> dict[str, Any]:
    return {"party_id": "P1", "kind": "renewal", "meeting_on": met, "effective_on": met, "result": result,
            "fact_sequence": sequence, "fact_position": 0, **given}  # fmt: skip


def test_a_renewal_counts_for_loans_paid_out_before_its_meeting() -> None:
    from panhuo_server.console.book.maturities import renewals_of

    loans = [
        {"id": "OLD", "party_id": "P1", "out_on": date(2025, 7, 10)},
        {"id": "SAME", "party_id": "P1", "out_on": date(2026, 3, 1)},
        {"id": "NEW", "party_id": "P1", "out_on": date(2026, 3, 10)},
        {"id": "OTHER", "party_id": "P2", "out_on": date(2025, 7, 10)},
    ]
    # The approval of last July made OLD; the one of 1 March made SAME and NEW, and is a decision on OLD alone.
    facts: Any = Book(decisions=[
        decision(date(2025, 7, 5), "approved", 1), decision(date(2026, 3, 1), "refused", 2),
        decision(date(2025, 5, 1), "deferred", 3), decision(date(2026, 5, 1), "approved", 4, kind="credit"),
    ])  # fmt: skip
    assert renewals_of(facts, loans) == {"OLD": "refused"}
    facts = Book(decisions=[decision(date(2025, 7, 5), "approved", 1)])
    assert renewals_of(facts, loans) == {}


def test_a_window_of_two_currencies_shows_both() -> None:
    from panhuo_server.console.book.maturities import windows_of

    table = pa.table({
        "window": ["within_10", "within_10", "within_30"], "renewal": ["undecided", "refused", "undecided"],
        "book_balance": [100_00, 200_00, 50_00], "_currency": ["CNY", "USD", "USD"],
    })  # fmt: skip
    sheet: Any = SimpleNamespace(table=table)
    first, second, third, _ = windows_of(sheet)
    assert first[3].exact.zh == "100.00元；USD 200.00" and first[3].exact.en == "CNY 100.00; USD 200.00"
    assert (first[4].exact.zh, first[5].exact.zh) == ("100.00元", "USD 200.00")
    assert (second[3].exact.zh, third[3].exact.zh) == ("USD 50.00", "0.00元")


def exposure(*rows: tuple[str, str, int]) -> Any:
    from panhuo_server.console.book.exposure import _exposure

    return _exposure([
        {"drawdown_id": f"D{n}", "class": None, "contract_id": contract, "currency": currency,
         "principal_balance": amount, "book_balance": amount}
        for n, (contract, currency, amount) in enumerate(rows)
    ])  # fmt: skip


def test_what_was_repaid_is_free_again_only_where_a_line_revolves() -> None:
    from panhuo_server.console.book.exposure import lines_of

    def line(name: str, revolving: bool | None, approved: int, currency: str = "CNY") -> dict[str, Any]:
        return {"id": name, "party_id": "P1", "expires_on": None, "frozen": False, "currency": currency,
                "approved": approved, "revolving": revolving, "exposure_kind": "exposure",
                "approved_on": DAY}  # fmt: skip

    lent = (("K1", "F1", 800_00, 300_00, "CNY"), ("K2", "F2", 800_00, 300_00, "CNY"), ("K3", "F3", 90_00, 40_00, "USD"))
    facts: Any = Book(
        facilities=[line("F1", True, 1_000_00), line("F2", False, 1_000_00), line("F3", False, 100_00, "USD")],
        contracts=[{"id": k, "party_id": "P1", "facility_id": f} for k, f, *_ in lent],
        drawdowns=[{"id": f"D-{k}", "party_id": "P1", "contract_id": k, "amount": a, "currency": c}
                   for k, _, a, _, c in lent],
    )  # fmt: skip
    found = lines_of(facts, "P1", exposure(*[(k, c, left) for k, _, _, left, c in lent]))
    # 1,000 - 300 outstanding where it revolves; 1,000 - 800 drawn and 100 - 90 drawn where it does not.
    assert [row["free"].exact.en for row in found.rows] == ["CNY 700.00", "CNY 200.00", "USD 10.00"]
    assert found.free == {"CNY": 900_00, "USD": 10_00}
    assert (found.approved, found.used) == ({"CNY": 2_000_00, "USD": 100_00}, {"CNY": 600_00, "USD": 40_00})


def test_what_one_answers_for_stands_by_currency_and_a_cap_holds_its_own() -> None:
    from panhuo_server.console.book.exposure import guarantees_of
    from panhuo_server.console.book.stated import sums

    given = {"guarantor_id": "P1", "released_on": None, "kind": None, "period_to_on": None}
    facts: Any = Book(contracts=[], guarantees=[
        {**given, "id": "G1", "debtor_id": "P2", "contract_id": "K1", "cap": 50_00, "currency": "CNY"},
        {**given, "id": "G2", "debtor_id": "P2", "contract_id": "K2", "cap": 50_00, "currency": "CNY"},
        {**given, "id": "G3", "debtor_id": "P3", "contract_id": "K3", "cap": None, "currency": "CNY"},
    ])  # fmt: skip
    owed = {"P2": exposure(("K1", "CNY", 100_00), ("K2", "USD", 200_00)), "P3": exposure(("K3", "USD", 7_00))}
    debts: Any = SimpleNamespace(load=lambda parties: None, of=lambda party: owed.get(party, exposure()))
    listed, received, parts = guarantees_of(facts, debts, "P1")
    # K1 is held at its cap of 50; a cap in yuan holds down no dollars.
    assert sums((c, part.amount) for c, part in parts) == {"CNY": 50_00, "USD": 207_00}
    assert [part.href.partition("?")[0].rpartition("/")[2] for _, part in parts] == ["G1", "G2", "G3"]
    assert {row["id"]: row["amount"].exact.en for row in listed} == {
        "G1": "CNY 50.00", "G2": "USD 200.00", "G3": "USD 7.00",
    }  # fmt: skip
    assert received == []


def test_a_ring_is_in_its_own_currency() -> None:
    from panhuo_server.console.book.customers import rings_of

    rows = [
        {"ring_id": "R1", "members": "P1>P2", "live": True, "amount": 30_00, "currency": "USD"},
        {"ring_id": "R2", "members": "P1>P3", "live": True, "amount": None, "currency": None},
    ]
    night: Any = {"rings": SimpleNamespace(table=pa.Table.from_pylist(rows))}
    assert [ring["amount"].zh for ring in rings_of(night, "P1")] == ["USD 30.00", "—"]
