"""Supervisors: named aggregates of whoever granted them, no rows, and no single party in any figure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound

LATER = datetime.now(UTC) + timedelta(days=1)
YEAR_END = date(2025, 12, 31)
WAN = 1_000_000
"""10,000 yuan in fen."""
ALL = ("balance_by_class", "bad_debt_ratio", "provision_cover")


def lent(facts: Any, bank: Any, classes: dict[str, int], each: int = 100 * WAN) -> None:
    """A book of drawdowns of one party each: class -> how many, each of `each` fen of principal."""
    from panhuo_server.accounts.acting import acting

    drawdowns, postings, decisions = [], [], []
    for kind, count in classes.items():
        for number in range(count):
            name = f"{kind}-{number}"
            drawdowns.append((name, {"party_id": f"p-{name}", "contract_id": f"c-{name}", "currency": "CNY"}))
            moved = {"drawdown_id": name, "component": "principal", "posted_on": YEAR_END}
            postings.append((f"{name}-out", moved | {"kind": "disburse", "amount": each + 30 * WAN}))
            postings.append((f"{name}-in", moved | {"kind": "receive", "amount": 40 * WAN}))
            # A receipt taken back in part by its reversal leaves 30 of the 40 received.
            postings.append(
                (f"{name}-back", moved | {"kind": "reverse", "amount": 10 * WAN, "reverses_id": f"{name}-in"})
            )
            if kind != "normal":
                decided = {"drawdown_id": name, "party_id": f"p-{name}"}
                decisions.append((f"{name}-a", decided | {"decided_on": date(2025, 9, 30), "final": "normal"}))
                decisions.append((f"{name}-b", decided | {"decided_on": YEAR_END, "final": kind}))
    with acting(bank.org, bank.person, "import"):
        facts(bank.org, 1, {"drawdowns": drawdowns, "postings": postings, "class_decisions": decisions})


def grant(bank: Any, supervisor: Any, aggregates: tuple[str, ...] = ALL) -> str:
    from panhuo_server.accounts import supervision
    from panhuo_server.accounts.acting import acting

    with acting(bank.org, bank.person, "administration"):
        return supervision.grant(supervisor.org, aggregates, LATER)


def asked(place: Any, name: str, day: date = YEAR_END, purpose: str = "supervision") -> list[dict[str, Any]]:
    from panhuo_server.accounts import supervision
    from panhuo_server.accounts.acting import acting

    with acting(place.org, place.person, purpose):
        return supervision.aggregate(name, day)


def test_balances_ratio_and_cover_of_who_granted_them(founded: Any, facts: Any) -> None:
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.store.supervision import report_total

    bank, other, supervisor = founded("lender"), founded("lender"), founded("supervisor")
    lent(facts, bank, {"normal": 20, "substandard": 12, "loss": 10})
    lent(facts, other, {"normal": 30})
    assert asked(supervisor, "balance_by_class") == []
    grant(bank, supervisor)
    assert asked(supervisor, "balance_by_class") == [
        {"org_id": bank.org, "currency": "CNY", "class": "loss", "parties": 10, "balance": 1000},
        {"org_id": bank.org, "currency": "CNY", "class": "normal", "parties": 20, "balance": 2000},
        {"org_id": bank.org, "currency": "CNY", "class": "substandard", "parties": 12, "balance": 1200},
    ]
    (ratio,) = asked(supervisor, "bad_debt_ratio")
    # 22 of 42 equal debts: 52.38 %.
    assert ratio == {"org_id": bank.org, "currency": "CNY", "parties": 42, "balance": 4200, "ratio_ppm": 523_800}
    with acting(bank.org, bank.person, "reporting"), cursor() as c:
        c.execute(
            "insert into log_entries (org_id, position, kind, leaf, entry) values (%s, 0, 'outcome', 'l', '{}')",
            [bank.org],
        )
        c.execute(
            "insert into outcomes (org_id, run_id, name, root, as_of, sequence, row_count, log_position)"
            " values (%s, 'r', 'provisions', repeat('0', 64), %s, 1, 42, 0)",
            [bank.org, YEAR_END],
        )
        report_total("default", bank.org, "r", "provisions", "provision", "CNY", YEAR_END, 3300 * WAN)
    assert asked(supervisor, "provision_cover") == [
        {"org_id": bank.org, "currency": "CNY", "provision": 3300, "cover_ppm": 1_500_000}
    ]


def test_small_classes_are_joined_until_ten_parties_stand_together(founded: Any, facts: Any) -> None:
    bank, supervisor = founded("lender"), founded("supervisor")
    lent(facts, bank, {"normal": 40, "special_mention": 15, "substandard": 4, "loss": 1})
    grant(bank, supervisor)
    got = {row["class"]: row["parties"] for row in asked(supervisor, "balance_by_class")}
    assert got == {"joined": 20, "normal": 40}, "five parties alone would be told by what is left"
    (ratio,) = asked(supervisor, "bad_debt_ratio")
    assert ratio["ratio_ppm"] is None and ratio["parties"] == 60
    assert asked(supervisor, "provision_cover") == []


def test_an_organisation_of_few_parties_shows_nothing(founded: Any, facts: Any) -> None:
    bank, supervisor = founded("lender"), founded("supervisor")
    lent(facts, bank, {"normal": 5, "loss": 4})
    grant(bank, supervisor)
    assert [asked(supervisor, name) for name in ALL] == [[], [], []]


def test_only_ends_of_months_and_only_what_was_granted(founded: Any, facts: Any) -> None:
    bank, supervisor = founded("lender"), founded("supervisor")
    lent(facts, bank, {"normal": 20})
    grant(bank, supervisor, ("bad_debt_ratio",))
    assert asked(supervisor, "balance_by_class") == []
    assert len(asked(supervisor, "bad_debt_ratio")) == 1
    assert asked(supervisor, "bad_debt_ratio", date(2025, 11, 30)) == [], "nothing was owed then"
    with pytest.raises(InvalidInput):
        asked(supervisor, "bad_debt_ratio", date(2025, 12, 30))
    with pytest.raises(InvalidInput):
        asked(supervisor, "balance_by_party")
    # The organisation sees what its supervisor sees.
    assert asked(bank, "bad_debt_ratio", purpose="reporting") == asked(supervisor, "bad_debt_ratio")


def test_supervision_ends_is_for_supervisors_and_shows_no_rows(founded: Any, facts: Any) -> None:
    from django.db import DatabaseError, transaction

    from panhuo_server.accounts import supervision
    from panhuo_server.accounts.acting import acting, cursor

    bank, supervisor, buyer = founded("lender"), founded("supervisor"), founded("investor")
    lent(facts, bank, {"normal": 20})
    name = grant(bank, supervisor)
    with acting(supervisor.org, supervisor.person, "supervision"), cursor() as c:
        for table in (
            "drawdowns",
            "postings",
            "class_decisions",
            "shared_drawdowns",
            "supervisions",
            "reported_totals",
        ):
            c.execute(f"select count(*) from {table}")
            assert c.fetchone() == (0,), table
        with pytest.raises(DatabaseError), transaction.atomic():
            c.execute("select * from counted_drawdowns('balance_by_class', '2025-12-31')")
    with pytest.raises(NotFound):
        grant(bank, buyer)
    with acting(bank.org, bank.person, "import"), pytest.raises(InvalidInput):
        supervision.grant(supervisor.org, ("rows",), LATER)
    with acting(bank.org, bank.person, "administration"):
        supervision.end(name)
        with pytest.raises(Conflict):
            supervision.end(name)
        with pytest.raises(NotFound):
            supervision.end("v-none")
        assert supervision.given()[0].ended_by == bank.person
    assert [asked(supervisor, one) for one in ALL] == [[], [], []]


def test_who_may_not_grant_supervision_does_not(founded: Any) -> None:
    from panhuo_server.accounts import persons, supervision
    from panhuo_server.accounts.acting import acting

    bank, supervisor = founded("lender"), founded("supervisor")
    with acting(bank.org, bank.person, "administration"):
        program = persons.add_program("报送")
    with acting(bank.org, program, "reporting"), pytest.raises(NotAllowed):
        supervision.grant(supervisor.org, ALL, LATER)
