"""A bank and those it shares with, for the pages of others: what is theirs, and canaries in everything that is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

PASSWORD = "long enough secret"
LATER = datetime.now(UTC) + timedelta(days=40)
DAY = date(2026, 10, 31)
CANARY = ("CANARY", "8.765.432", "8,765,432", "876,543")
"""Marks of the other borrower's rows: in names and ids, and the amounts 8,765,432.10 yuan in every spelling."""
OTHERS_AMOUNT = 876_543_210


@dataclass(frozen=True)
class Neighbour:
    """An organisation of the neighbourhood: its code, founder and the founder's address."""

    org: str
    person: str
    email: str


def facts(coming: date) -> dict[str, list[dict[str, Any]]]:
    """A small book: Li Xiuying's loan, claim and refusal, and the same of somebody else with canaries."""
    book: dict[str, list[dict[str, Any]]] = {
        "parties": [
            {"id": "P1", "kind": "person", "name": "李秀英", "phone": "13812345678", "region": "330100"},
            {"id": "P-CANARY", "kind": "person", "name": "CANARY 王", "phone": "13800000000"},
        ],
        "packages": [
            {"id": "PK1", "name": "青溪一号资产包", "kind": "corporate_batch", "status": "due_diligence",
             "base_on": date(2026, 9, 30), "closes_on": date(2026, 12, 15), "debtors": 2,
             "stated_principal": 230_000_000, "currency": "CNY"},
            {"id": "PK-CANARY", "name": "CANARY package", "kind": "corporate_batch", "base_on": date(2026, 9, 30)},
        ],
    }  # fmt: skip
    for tail, party, amount in (("1", "P1", 50_000_000), ("-CANARY", "P-CANARY", OTHERS_AMOUNT)):
        rows = {
            "contracts": {"id": f"C{tail}", "party_id": party, "number": f"合同{tail}", "principal": amount,
                          "signed_on": date(2025, 6, 1), "currency": "CNY"},
            "drawdowns": {"id": f"D{tail}", "contract_id": f"C{tail}", "party_id": party, "amount": amount,
                          "out_on": date(2025, 6, 2), "due_on": date(2027, 6, 2), "annual_rate": 48_000,
                          "currency": "CNY"},
            "instalments": {"id": f"I{tail}", "drawdown_id": f"D{tail}", "number": 1, "due_on": coming,
                            "principal": amount // 10, "interest": amount // 100, "currency": "CNY"},
            "postings": {"id": f"L{tail}", "drawdown_id": f"D{tail}", "party_id": party, "component": "principal",
                         "kind": "disburse", "posted_on": date(2025, 6, 2), "amount": amount, "currency": "CNY"},
            "claims": {"id": f"CL{tail}", "party_id": party, "kind": "loan", "contract_id": f"C{tail}",
                       "principal": amount, "interest": amount // 50, "base_on": date(2026, 9, 30), "status": "held",
                       "currency": "CNY"},
            "claim_drawdowns": {"id": f"CD{tail}", "claim_id": f"CL{tail}", "drawdown_id": f"D{tail}"},
            "package_items": {"id": f"PI{tail}", "package_id": "PK1" if tail == "1" else "PK-CANARY",
                              "claim_id": f"CL{tail}", "five_class": "substandard", "principal": amount,
                              "interest": amount // 50, "overdue_days": 212, "currency": "CNY"},
            "notices": {"id": f"N{tail}", "claim_id": f"CL{tail}", "purpose": "demand", "method": "courier",
                        "sent_on": date(2026, 8, 3)},
            "decisions": {"id": f"DE{tail}", "party_id": party, "kind": "credit", "result": "refused",
                          "meeting_on": date(2026, 10, 9), "amount": amount, "currency": "CNY"},
        }  # fmt: skip
        for name, row in rows.items():
            book.setdefault(name, []).append(row)
    book["postings"].append(
        {"id": "L2", "drawdown_id": "D1", "party_id": "P1", "component": "principal", "kind": "receive",
         "posted_on": date(2026, 6, 2), "amount": 12_345_600, "currency": "CNY"}
    )  # fmt: skip
    return {name: [{"effective_on": DAY, **row} for row in rows] for name, rows in book.items()}


def neighbourhood(prefix: str) -> dict[str, Neighbour]:
    """Founds bank, borrower, investors, supervisor, mediation and court; the bank seals its book and shares."""
    import pyarrow as pa

    from panhuo_server.accounts import consent, shares
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.organisations import found
    from panhuo_server.store.sealing import seal
    from panhuo_server.store.statements import today

    made: dict[str, Neighbour] = {}
    for name, kind, called in (
        ("bank", "lender", "青溪农商行"), ("borrower", "borrower", "李秀英"), ("investor", "investor", "远山资产"),
        ("stranger", "investor", "旁观者"), ("supervisor", "supervisor", "某监管分局"),
        ("mediation", "mediation", "青溪调解中心"), ("court", "court", "青溪县法院"),
    ):  # fmt: skip
        email = f"{prefix}-{name}@neighbour.example"
        done = found(f"{prefix}-{name}", called, kind, email, f"{called}管理员", PASSWORD)
        made[name] = Neighbour(done.org, done.person, email)
    bank, borrower, investor = made["bank"], made["borrower"], made["investor"]
    with acting(bank.org, bank.person, "import"):
        tables = {n: pa.Table.from_pylist(rows) for n, rows in facts(today() + timedelta(days=9)).items()}
        seal(tables, idempotency_key="book", observed_until=DAY)
        consent.grant("P1", "sharing", idempotency_key="g1", recipient=investor.org, separate=True)
        consent.grant("P1", "credit_report_query", idempotency_key="g2")
    mine = (("parties", "P1", 5), ("drawdowns", "D1", 3), ("instalments", "I1", 3), ("postings", "L1", 3),
            ("postings", "L2", 3), ("claims", "CL1", 3), ("decisions", "DE1", 3))  # fmt: skip
    with acting(bank.org, bank.person, "origination"):
        for table, row, level in mine:
            shares.grant(table, borrower.org, level, "own_affairs", LATER, row=row)
        for one in consent.of_party("P1"):
            shares.grant("consents", borrower.org, 3, "own_affairs", LATER, row=one.consent)
        for table, row, level in (
            ("packages", "PK1", 3), ("package_items", "PI1", 3), ("claims", "CL1", 2), ("claim_drawdowns", "CD1", 2),
            ("notices", "N1", 2),
        ):  # fmt: skip
            shares.grant(table, investor.org, level, "due_diligence", LATER, row=row)
        consent.share("drawdowns", "D1", investor.org, 3, "due_diligence", LATER, party="P1")
    return made
