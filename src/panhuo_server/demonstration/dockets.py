"""The dockets of the demonstration's court and mediation body: their own facts, in the judicial schema.

Invariant: nothing here comes out of another organisation's database: the cases repeat the sample's case numbers and
amounts, as papers filed with a court do, and name no party; running cases lie around the day they are made on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from panhuo.ground.book.catalogue import TABLES
from panhuo_server.demonstration.between import LASTS, Facts
from panhuo_server.demonstration.cast import COURT, MEDIATION

LEVEL = 3
_OWN = ("fact_sequence", "fact_position", "org_id", "source_doc", "source_row", "replaces", "withdrawn")


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns = [c for c in TABLES[name].fact_schema.columns if c.name != "org_id"]
    return pa.table({c.name: pa.array([row.get(c.name) for row in rows], c.arrow_type()) for c in columns})


def mediations(bank: Facts, body: str, today: date) -> list[dict[str, Any]]:
    """Those of the sample that ended, and five that run: two waiting, one whose confirmation is nearly due, one filed,
    one confirmed and to be performed."""
    found = []
    for number, row in enumerate(bank.rows("mediations").to_pylist(), 1):
        kept = {name: value for name, value in row.items() if name not in _OWN}
        if kept["result"] != "agreed":
            matter = f"清诉前调〔{kept['opened_on']:%Y}〕{number:03}号"
            found.append(
                {**kept, "id": f"M{kept['opened_on']:%Y%m%d}-{number:03}", "claim_id": None, "matter_id": matter}
            )
    running: tuple[tuple[int, int, dict[str, int | None]], ...] = (
        (3, 18_000_000, {}), (9, 46_500_000, {}), (41, 32_000_000, {"agreed_on": -21, "perform_by_on": 70}),
        (26, 9_800_000, {"agreed_on": -8, "confirmation_filed_on": -2, "perform_by_on": 52}),
        (63, 71_160_000, {"agreed_on": -38, "confirmation_filed_on": -30, "confirmation_ruled_on": -12,
                          "perform_by_on": 12}),
    )  # fmt: skip
    for number, (ago, amount, days) in enumerate(running, 1):
        opened = today - timedelta(ago)
        told = {name: today + timedelta(by) for name, by in days.items() if by is not None}
        found.append({
            "id": f"M{opened:%Y%m%d}-{900 + number}", "body": body,
            "matter_id": f"清诉前调〔{opened:%Y}〕{900 + number}号",
            "effective_on": max([opened, *(day for day in told.values() if day <= today)]), "opened_on": opened,
            "amount": amount, "result": "agreed" if told else "pending", "currency": "CNY", **told,
        })  # fmt: skip
    return found


def proceedings(bank: Facts, court: str, today: date) -> list[dict[str, Any]]:
    """The sample's proceedings before this court; of those still open the next days lie ahead."""
    found: list[dict[str, Any]] = []
    ahead = iter((6, 15, 27, 44, 60))
    for row in bank.rows("proceedings").to_pylist():
        if row["court"] != court:
            continue
        kept = {name: value for name, value in row.items() if name not in _OWN}
        kept |= {"id": f"C{len(found) + 1:03}", "previous_proceeding_id": None}
        if kept["closed_on"] is None and (days := next(ahead, None)) is not None:
            kept["next_deadline_on"] = today + timedelta(days)
        found.append(kept)
    return found


def open_dockets(bank: Facts, founders: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Seals both dockets; the mediation body shows the court the agreements that wait for its confirmation."""
    from panhuo_server.accounts import shares
    from panhuo_server.store.acting import acting
    from panhuo_server.store.sealing import seal
    from panhuo_server.store.statements import today

    now = today()
    cases = mediations(bank, names[MEDIATION], now)
    with acting(MEDIATION, founders[MEDIATION], "mediation", judicial=True):
        seal({"mediations": _table("mediations", cases)}, idempotency_key="docket", observed_until=now)
        for case in cases:
            if case["result"] == "agreed" and case.get("confirmation_ruled_on") is None:
                until = datetime.now(UTC) + LASTS
                shares.grant("mediations", COURT, LEVEL, "mediation", until, row=case["id"])
    held = proceedings(bank, names[COURT], now)
    with acting(COURT, founders[COURT], "enforcement", judicial=True):
        seal({"proceedings": _table("proceedings", held)}, idempotency_key="docket", observed_until=now)
