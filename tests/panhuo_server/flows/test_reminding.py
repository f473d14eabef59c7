"""Deadlines that come near: one reminder, one escalation, whoever runs what twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panhuo.ground.record.errors import NotAllowed, NotFound

DAY = date(2026, 3, 2)


def night(server: Any, org: str, run: str, days: dict[str, int | None]) -> None:
    """A night's result: claims whose limitation ends in so many days; None for one that no longer runs."""
    from panhuo.stages.recovery.deadlines import VERDICT
    from panhuo_server.flows.results import results_folder

    rows = [
        {
            "kind": "debt_limitation", "entity_id": entity, "days_left": left if left is not None else 5,
            "last_day": DAY + timedelta(days=left if left is not None else 5), "runs": left is not None,
        }
        for entity, left in days.items()
    ]  # fmt: skip
    folder = results_folder(server, org, run)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(VERDICT.conform(pa.Table.from_pylist(rows)), folder / "deadlines.parquet")


def told(bank: Any) -> dict[str, list[tuple[str, Any]]]:
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting

    with acting(bank.org, bank.person, "monitoring"):
        return {s: [(e.kind, e.body.get("to")) for e in events.read("deadline", s)] for s in events.streams("deadline")}


def test_each_deadline_is_told_once_to_who_answers_and_then_to_the_manager(
    server: Any, engine: Any, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.accounts import invitations
    from panhuo_server.flows import cases, clock, reminding
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting
    from panhuo_server.store.events import NewEvent

    # The engine itself would escalate in two days of the year 2030: the test asks for it earlier.
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 1, 1, tzinfo=UTC))
    bank = founded("lender", roles=("officer", "risk_manager"))
    with acting(bank.org, bank.person, "administration"):
        invited = invitations.invite(f"officer-{bank.org}@bank.example", "officer")
    officer = invitations.accept_as_new(invited.link, "客户经理", "a long enough secret 7")
    said = cases.decide(
        cases.Case(),
        cases.Command("hand_over", bank.person, {"on": "2026-01-05", "claim": "C-1", "responsible": officer}),
    )
    with acting(bank.org, bank.person, "recovery"):
        events.append("case", "K-1", [NewEvent(*said)], seen=0, idempotency_key="hand over K-1")
    night(server, bank.org, "n1", {"C-1": 30, "C-2": 3, "C-3": 31, "C-4": None, "C-5": -1})
    assert reminding.remind(bank.org, bank.person, False, "n1") == 2
    assert reminding.remind(bank.org, bank.person, False, "n1") == 0
    night(server, bank.org, "n2", {"C-1": 30, "C-2": 3, "C-6": 0})
    assert reminding.remind(bank.org, bank.person, False, "n2") == 1
    first = "debt_limitation C-1 2026-04-01"
    second = "debt_limitation C-2 2026-03-05"
    assert told(bank)[first] == [("reminded", officer)]
    assert told(bank)[second] == [("reminded", bank.person)]

    with acting(bank.org, bank.person, "recovery"):
        with pytest.raises(NotAllowed):
            reminding.acknowledge(first)
        with pytest.raises(NotFound):
            reminding.acknowledge("debt_limitation C-3 2026-04-02")
        reminding.acknowledge(second)
        reminding.acknowledge(second)
    assert not reminding.escalate(bank.org, bank.person, False, second)
    assert reminding.escalate(bank.org, bank.person, False, first)
    assert not reminding.escalate(bank.org, bank.person, False, first)
    assert told(bank)[first] == [("reminded", officer), ("escalated", [bank.person])]
    assert [kind for kind, _ in told(bank)[second]] == ["reminded", "acknowledged"]
    with acting(bank.org, bank.person, "recovery"):
        reminding.acknowledge(first)  # the manager heard of it and takes notice
    assert reminding.remind(bank.org, bank.person, False, "a night without deadlines") == 0


def test_what_hangs_on_a_claim_is_told_to_who_answers_for_the_claim(
    server: Any, engine: Any, founded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo.ground.book.catalogue import table_named
    from panhuo.stages.recovery.deadlines import SUBJECT, VERDICT
    from panhuo_server.accounts import invitations
    from panhuo_server.flows import cases, clock, reminding
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store import events
    from panhuo_server.store.acting import acting
    from panhuo_server.store.events import NewEvent
    from panhuo_server.store.sealing import seal

    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 1, 1, tzinfo=UTC))
    bank = founded("lender", roles=("officer", "risk_manager"))
    with acting(bank.org, bank.person, "administration"):
        invited = invitations.invite(f"hanging-{bank.org}@bank.example", "officer")
    officer = invitations.accept_as_new(invited.link, "客户经理", "a long enough secret 7")
    step = {"on": "2026-01-05", "claim": "C-1", "responsible": officer}
    said = cases.decide(cases.Case(), cases.Command("hand_over", bank.person, step))
    facts = {
        "seizures": [
            {"id": f"Z-{n}", "asset_id": f"A-{n}", "kind": "first", "from_on": date(2025, 6, 1)} for n in (1, 2)
        ],
        "appraisals": [
            {
                "id": "V-1",
                "asset_id": "A-1",
                "appraised_on": date(2025, 6, 1),
                "amount": 1_000_000,
                "purpose": "enforcement",
                "method": "commissioned",
            }
        ],
        "proceeding_claims": [{"id": "L-1", "proceeding_id": "J-1", "claim_id": "C-1"}],
    }

    def typed(table: str, rows: list[dict[str, Any]]) -> pa.Table:
        said = [{**row, "effective_on": date(2026, 1, 1)} for row in rows]
        columns = [c for c in table_named(table).fact_schema.columns if c.name in said[0]]
        return pa.table({c.name: pa.array([row[c.name] for row in said], c.arrow_type()) for c in columns})

    with acting(bank.org, bank.person, "import"):
        seal({t: typed(t, rows) for t, rows in facts.items()}, idempotency_key="hanging", observed_until=DAY)
    with acting(bank.org, bank.person, "recovery"):
        events.append("case", "K-1", [NewEvent(*said)], seen=0, idempotency_key="hand over K-1")
    # Only the guarantee names its claim itself; the others hang on it by an asset or by a case.
    judged = [("guarantee_period", "G-1", "C-1"), ("seizure_expiry", "Z-1", None), ("seizure_expiry", "Z-2", None),
              ("appraisal_validity", "V-1", None), ("appeal", "J-1", None)]  # fmt: skip
    last = DAY + timedelta(days=9)
    folder = results_folder(server, bank.org, "n1")
    folder.mkdir(parents=True)
    verdicts = [{"kind": k, "entity_id": e, "days_left": 9, "last_day": last, "runs": True} for k, e, _ in judged]
    subjects = [{"kind": k, "entity_id": e, "claim_id": c, "as_of": DAY} for k, e, c in judged]
    pq.write_table(VERDICT.conform(pa.Table.from_pylist(verdicts)), folder / "deadlines.parquet")
    pq.write_table(
        SUBJECT.conform(pa.Table.from_pylist(subjects, schema=SUBJECT.arrow())), folder / "deadlines.subjects.parquet"
    )
    security = [{"claim_id": "C-1", "asset_id": "A-1"}, {"claim_id": "C-8", "asset_id": "A-2"}]
    pq.write_table(pa.Table.from_pylist(security), folder / "collateral_values.parquet")
    assert reminding.remind(bank.org, bank.person, False, "n1") == 5
    assert {name.split()[1]: to for name, ((_, to),) in told(bank).items()} == {
        "G-1": officer, "Z-1": officer, "V-1": officer, "J-1": officer, "Z-2": bank.person,
    }  # fmt: skip
