"""An asset manager with three claims made by hand: the golden one of practice, a troubled one, a bare one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

PASSWORD = "long enough secret"
ORG = "handmade-manager"
AS_OF = date(2025, 6, 30)
M = 100_000_000
"""A million yuan in fen."""


@dataclass(frozen=True)
class Manager:
    """The organisation, its founder, and the addresses its people sign in with."""

    org: str
    person: str
    email: str
    people: dict[str, str]


def _book() -> dict[str, list[dict[str, Any]]]:
    day = date
    golden = [("principal", 5 * M), ("interest", 30_000_000), ("penalty", 70_000_000)]
    return {
        "parties": [
            {"id": "H1", "kind": "asset_manager"}, {"id": "B1", "kind": "bank"},
            {"id": "D1", "kind": "company", "status": "active", "region": "330100"},
            {"id": "D2", "kind": "company", "status": "revoked", "region": "330200"},
            {"id": "D3", "kind": "sole_trader", "status": "active", "region": "330200"},
            {"id": "G1", "kind": "company", "status": "active"},
        ],
        "contracts": [
            {"id": "C1", "principal": 5 * M, "signed_on": day(2022, 1, 5),
             "party_id": "D1", "number": "借字001", "annual_rate": 60_000, "rate_kind": "fixed",
             "day_count": "actual_360", "penalty_uplift": 500_000, "compound": True, "compound_on_penalty": False},
            {"id": "C2", "principal": 2 * M, "signed_on": day(2018, 1, 5),
             "party_id": "D2", "number": "借字002", "annual_rate": 60_000, "assignment_barred": True},
            {"id": "C3", "principal": M, "signed_on": day(2023, 5, 25),
             "party_id": "D3", "number": "借字003", "annual_rate": 80_000},
        ],
        "drawdowns": [
            {"id": "W1", "contract_id": "C1", "party_id": "D1", "amount": 5 * M, "out_on": day(2022, 1, 10),
             "due_on": day(2023, 1, 10), "style": "bullet_at_maturity", "annual_rate": 60_000},
            {"id": "W2", "contract_id": "C2", "party_id": "D2", "amount": 2 * M, "out_on": day(2018, 1, 10),
             "due_on": day(2019, 1, 10), "style": "bullet_at_maturity", "annual_rate": 60_000},
            {"id": "W3", "contract_id": "C3", "party_id": "D3", "amount": M, "out_on": day(2023, 6, 1),
             "due_on": day(2024, 6, 1), "style": "bullet_at_maturity", "annual_rate": 80_000},
        ],
        "claims": [
            {"id": "CL1", "party_id": "D1", "holder_id": "H1", "kind": "loan", "contract_id": "C1", "principal": 5 * M,
             "interest": M, "advanced_costs": 0, "base_on": day(2024, 12, 31), "due_on": day(2023, 1, 10)},
            {"id": "CL2", "party_id": "D2", "holder_id": "H1", "kind": "loan", "contract_id": "C2", "principal": 2 * M,
             "interest": 40_000_000, "advanced_costs": 0, "base_on": day(2024, 12, 31), "due_on": day(2019, 1, 10)},
            {"id": "CL3", "party_id": "D3", "holder_id": "H1", "kind": "loan", "contract_id": "C3", "principal": M,
             "interest": 10_000_000, "advanced_costs": 0, "base_on": day(2024, 12, 31), "due_on": day(2024, 6, 1)},
        ],
        "claim_drawdowns": [
            {"id": f"CD{n}", "claim_id": f"CL{n}", "drawdown_id": f"W{n}", "share": 1_000_000} for n in (1, 2, 3)
        ],
        "stated_balances": [
            {"id": f"SB-{name}", "claim_id": "CL1", "drawdown_id": "W1", "party_id": "D1", "component": name,
             "amount": amount, "base_on": day(2024, 12, 31), "stated_by": "seller"}
            for name, amount in golden
        ],
        "security_rights": [
            {"id": "S1", "kind": "maximum_mortgage", "provider_id": "D1", "debtor_id": "D1", "maximum_amount": 6 * M,
             "registered_on": day(2022, 1, 9), "registered_amount": 6 * M, "rank": 1},
            {"id": "S2", "kind": "mortgage", "provider_id": "D2", "debtor_id": "D2", "registered_on": day(2018, 1, 9),
             "registered_amount": 3 * M, "rank": 1},
        ],
        "security_rights_debts": [
            {"id": "SD1", "security_right_id": "S1", "contract_id": "C1"},
            {"id": "SD2", "security_right_id": "S2", "contract_id": "C2"},
        ],
        "security_assets": [
            {"id": "SA1", "security_right_id": "S1", "asset_id": "A1"},
            {"id": "SA2", "security_right_id": "S2", "asset_id": "A2"},
        ],
        "assets": [
            {"id": "A1", "kind": "plant", "owner_id": "D1", "occupier": "owner", "last_inspected_on": day(2025, 3, 1)},
            {"id": "A2", "kind": "shop", "owner_id": "D2", "occupier": "tenant", "last_inspected_on": day(2023, 3, 1)},
        ],
        "appraisals": [
            {"id": "V1", "asset_id": "A1", "appraised_on": day(2025, 3, 1), "amount": 8 * M, "purpose": "due_diligence",
             "method": "commissioned",
             "valid_to_on": day(2026, 2, 28)},
            {"id": "V2", "asset_id": "A2", "appraised_on": day(2024, 2, 1), "amount": 3 * M, "purpose": "due_diligence",
             "method": "commissioned",
             "valid_to_on": day(2025, 1, 31)},
        ],
        "burdens": [
            {"id": "U2", "asset_id": "A2", "kind": "lease", "arisen_on": day(2020, 1, 1), "starts_on": day(2020, 1, 1),
             "ends_on": day(2030, 12, 31), "registered": False, "monthly_rent": 1_200_000, "evidence_grade": "c",
             "ahead_of_security": False},
        ],
        "seizures": [
            {"id": "Z1", "asset_id": "A1", "court": "甲法院", "ours": True, "kind": "first", "seizure_order": 1,
             "from_on": day(2024, 1, 10), "expires_on": day(2027, 1, 9), "renewals": 0, "amount": 6 * M},
            {"id": "Z2", "asset_id": "A2", "court": "乙法院", "ours": False, "kind": "first", "seizure_order": 1,
             "from_on": day(2024, 1, 10), "expires_on": day(2027, 1, 9), "renewals": 0, "amount": M},
            {"id": "Z3", "asset_id": "A2", "court": "甲法院", "ours": True, "kind": "waiting", "seizure_order": 2,
             "from_on": day(2024, 7, 10), "expires_on": day(2025, 7, 20), "renewals": 0, "amount": 2 * M},
        ],
        "guarantees": [
            {"id": "G-2", "contract_id": "C2", "guarantor_id": "G1", "debtor_id": "D2", "kind": "joint",
             "signed_on": day(2018, 1, 9), "period_kind": "agreed", "period_from_on": day(2019, 1, 10),
             "period_to_on": day(2021, 1, 10), "resolution": "none"},
        ],
        "assignments": [
            {"id": f"AS{n}", "claim_id": f"CL{n}", "number": 1, "assignor_id": "B1", "assignee_id": "H1",
             "base_on": day(2024, 12, 31), "signed_on": day(2025, 3, 20), "closed_on": day(2025, 3, 31),
             "allocated_price": n * 10_000_000, "original_contract_seen": n != 2}
            for n in (1, 2, 3)
        ],
        "notices": [
            {"id": "N1", "claim_id": "CL1", "assignment_id": "AS1", "addressee_id": "D1", "addressee_role": "debtor",
             "purpose": "assignment", "method": "courier", "sent_on": day(2025, 4, 5), "reached_on": day(2025, 4, 7),
             "grade": "b"},
            {"id": "N2", "claim_id": "CL2", "assignment_id": "AS2", "addressee_id": "D2", "addressee_role": "debtor",
             "purpose": "assignment", "method": "newspaper", "sent_on": day(2025, 4, 5),
             "reached_on": day(2025, 4, 5), "grade": "d"},
        ],
        "limitation_events": [
            {"id": "E1", "claim_id": "CL1", "right_kind": "debt", "party_id": "D1", "kind": "delivered_demand",
             "done_on": day(2025, 4, 5), "reached_on": day(2025, 4, 7), "grade": "b"},
        ],
        "matters": [{"id": "M1", "kind": "loan_dispute", "party_id": "D1", "opened_on": day(2023, 12, 1)}],
        "proceedings": [
            {"id": "J1", "matter_id": "M1", "kind": "first_instance", "case_number": "（2023）浙01民初1号",
             "court": "甲法院", "status": "effective", "amount": 6 * M, "filed_on": day(2023, 12, 1),
             "decided_on": day(2024, 6, 1), "effective_since_on": day(2024, 6, 20), "closed_on": day(2024, 6, 20)},
            {"id": "J2", "matter_id": "M1", "previous_proceeding_id": "J1", "kind": "enforcement",
             "case_number": "（2024）浙01执1号", "court": "甲法院", "status": "accepted", "amount": 6 * M,
             "filed_on": day(2024, 9, 1)},
        ],
        "proceeding_claims": [{"id": "JC1", "proceeding_id": "J1", "claim_id": "CL1", "amount": 6 * M}],
        "instruments": [
            {"id": "I1", "proceeding_id": "J1", "kind": "judgment", "number": "（2023）浙01民初1号", "court": "甲法院",
             "made_on": day(2024, 6, 1), "effective_since_on": day(2024, 6, 20), "perform_by_on": day(2024, 6, 30)},
        ],
        "instrument_items": [
            {"id": "II1", "instrument_id": "I1", "number": 1, "claim_id": "CL1", "party_id": "D1",
             "component": "principal", "amount": 5 * M},
        ],
        "mediations": [
            {"id": "MD1", "claim_id": "CL3", "body": "调解中心", "opened_on": day(2025, 5, 1),
             "agreed_on": day(2025, 6, 10), "amount": 90_000_000, "waived": 20_000_000, "result": "agreed"},
            {"id": "MD2", "claim_id": "CL2", "body": "调解中心", "opened_on": day(2025, 1, 2),
             "agreed_on": day(2025, 2, 3), "amount": 60_000_000, "waived": 0, "result": "agreed"},
        ],
        "packages": [
            {"id": "PK1", "name": "一号包", "seller_id": "B1", "kind": "corporate_batch", "status": "offered",
             "base_on": day(2024, 12, 31), "debtors": 2, "stated_principal": 7 * M, "stated_interest": 140_000_000},
        ],
        "package_items": [
            {"id": "PI1", "package_id": "PK1", "claim_id": "CL1", "party_id": "D1", "five_class": "doubtful",
             "principal": 5 * M, "interest": M, "advanced_costs": 0, "overdue_days": 721, "in_litigation": True},
            {"id": "PI2", "package_id": "PK1", "claim_id": "CL2", "party_id": "D2", "five_class": "loss",
             "principal": 2 * M, "interest": 50_000_000, "advanced_costs": 0, "overdue_days": 2182},
        ],
    }  # fmt: skip


def _typed(table: str, rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    from panhuo.ground.book.catalogue import table_named

    schema = table_named(table).fact_schema
    held = {c.name for row in rows for c in schema.columns if c.name in row} | {"effective_on"}
    names = [c for c in schema.columns if c.name in held or (c.name == "currency")]
    made = {
        c.name: pa.array(
            [row.get(c.name, date(2025, 5, 1) if c.name == "effective_on" else "CNY" if c.name == "currency" else None)
             for row in rows],
            c.arrow_type(),
        )
        for c in names
    }  # fmt: skip
    return pa.table(made)


@pytest.fixture(scope="session")
def typed() -> Callable[[str, list[dict[str, Any]]], Any]:
    """Rows as facts of a table: ``typed(table, rows)``."""
    return _typed


@pytest.fixture(scope="session")
def manager(server: Any, vacate: Callable[[str], None]) -> Manager:
    """The asset manager, with its people, its facts and one night."""
    from panhuo_server.accounts import invitations
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.organisations import found
    from panhuo_server.flows.engine import prepare
    from panhuo_server.flows.nightly import fill, judge
    from panhuo_server.store.sealing import seal

    prepare(server)
    vacate(ORG)
    made = found(ORG, "手工资产管理", "asset_manager", "manager@handmade.example", "王敏", PASSWORD)
    people = {"asset_manager": "manager@handmade.example"}
    for role in ("approver", "lawyer", "auditor", "collector"):
        with acting(ORG, made.person, "administration"):
            invited = invitations.invite(f"{role}@handmade.example", role)
        invitations.accept_as_new(invited.link, role, PASSWORD)
        people[role] = f"{role}@handmade.example"
    with acting(ORG, made.person, "import"):
        facts = {table: _typed(table, rows) for table, rows in _book().items()}
        seal(facts, idempotency_key="the book", observed_until=AS_OF)
    sequence = fill(ORG, made.person, False)
    judge(ORG, made.person, False, "now", sequence, None, ["claim_routes", "maximum_bids", "deadlines"])
    return Manager(ORG, made.person, people["asset_manager"], people)


@pytest.fixture(scope="session")
def stranger(server: Any, vacate: Callable[[str], None]) -> str:
    """Somebody of another asset manager, with rights of their own and a night of nothing."""
    from panhuo_server.accounts.organisations import found

    vacate("another-manager")
    found("another-manager", "另一家", "asset_manager", "manager@another.example", "赵六", PASSWORD)
    return "manager@another.example"


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies of those who signed in already: a person signs in once, not once a test."""
    return {}


@pytest.fixture
def browser(server: Any, sessions: dict[str, Any]) -> Callable[..., Any]:
    """A signed-in client: ``browser(email)``; with no address, one that is not."""
    from django.test import Client

    def make(email: str | None = None, **headers: str) -> Any:
        client = Client(headers={"accept-language": "zh", **headers}, SERVER_NAME="localhost")
        if email is not None:
            if email not in sessions:
                answer = client.post("/console/sign-in", {"email": email, "password": PASSWORD})
                assert answer.status_code == 302, answer.content.decode()
                sessions[email] = client.cookies["panhuo_session"].value
            client.cookies["panhuo_session"] = sessions[email]
        return client

    return make
