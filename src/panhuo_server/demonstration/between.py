"""What the organisations of the demonstration share with each other, so that everybody's pages show something.

Invariant: everything passes through the ordinary doors: shares of single rows, with an end; aggregates for the
supervisor. Nothing crosses between commercial and judicial organisations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo_server.demonstration.cast import ASSET_MANAGER, BANK, BORROWER, INVESTOR, SUPERVISOR

LASTS = timedelta(days=365)
OWN_LEVEL, DILIGENCE_LEVEL = 4, 3
"""A borrower sees what is held of it but for secrets; a possible buyer sees amounts, and of people no name."""

OWN = (
    ("facilities", "party_id"), ("contracts", "party_id"), ("drawdowns", "party_id"), ("decisions", "party_id"),
    ("guarantees", "debtor_id"), ("security_rights", "debtor_id"), ("claims", "party_id"), ("consents", "party_id"),
    ("class_decisions", "party_id"), ("modifications", "party_id"),
)  # fmt: skip
"""Tables and columns that name the party whose own affairs they are."""

OF_A_CLAIM = (
    "claim_drawdowns", "assignments", "notices", "limitation_events", "recoveries", "stated_balances",
    "proceeding_claims", "mediations", "package_items",
)  # fmt: skip
"""Tables with a claim's papers."""


@dataclass(frozen=True)
class Borrower:
    """The company whose own account the demonstration shows: its party at the bank and its name."""

    party: str
    name: str


class Facts:
    """An organisation's facts of the sample book, table by table."""

    def __init__(self, book: Path, org: str) -> None:
        from panhuo.ground.book.folder import Book
        from panhuo.journey.night import open_snapshot

        self._snapshot = open_snapshot(Book(book), None, org)
        self._read: dict[str, pa.Table] = {}

    def rows(self, name: str) -> pa.Table:
        """The visible facts of a table."""
        if name not in self._read:
            self._read[name] = self._snapshot.rows(name)
        return self._read[name]

    def where(self, name: str, column: str, values: set[str]) -> pa.Table:
        """Those whose column is one of the values."""
        rows = self.rows(name)
        return rows.filter(pc.is_in(rows.column(column), value_set=pa.array(sorted(values), pa.string())))

    def named(self, party: str) -> str:
        """The name of a party."""
        rows = self._snapshot.personal_table("parties")
        (name,) = rows.filter(pc.equal(rows.column("id"), party)).column("name").to_pylist()
        return str(name)


def _values(rows: pa.Table, column: str) -> set[str]:
    return {value for value in rows.column(column).to_pylist() if value is not None}


def borrower_of(facts: Facts) -> Borrower:
    """The company to show: with a few loans, one of them running for long, a decision and a consent on file."""
    parties = facts.rows("parties")
    companies = _values(parties.filter(pc.equal(parties.column("kind"), "company")), "id")
    owed = facts.where("drawdowns", "status", {"open"})
    owed = owed.filter(pc.is_in(owed.column("party_id"), value_set=pa.array(sorted(companies), pa.string())))
    decided, agreed = _values(facts.rows("decisions"), "party_id"), _values(facts.rows("consents"), "party_id")
    counted = Counter(facts.rows("drawdowns").column("party_id").to_pylist())

    def fits(row: dict[str, Any]) -> tuple[bool, bool, bool, date, str]:
        party = row["party_id"]
        return party in agreed, party in decided, 2 <= counted[party] <= 6, row["due_on"], party

    chosen = max(owed.to_pylist(), key=fits)["party_id"]
    return Borrower(chosen, facts.named(chosen))


def own_rows(facts: Facts, party: str) -> Iterator[tuple[str, str, int]]:
    """(table, row, level) of what a party sees of itself."""
    yield "parties", party, OWN_LEVEL
    for table, column in OWN:
        for row in sorted(_values(facts.where(table, column, {party}), "id")):
            yield table, row, OWN_LEVEL
    owed = facts.where("drawdowns", "party_id", {party})
    open_ = _values(owed.filter(pc.equal(owed.column("status"), "open")), "id")
    for table in ("instalments", "postings"):
        for row in sorted(_values(facts.where(table, "drawdown_id", open_), "id")):
            yield table, row, OWN_LEVEL


def largest_package(facts: Facts) -> str:
    """The package with the largest principal."""
    return str(max(facts.rows("packages").to_pylist(), key=lambda row: (row["stated_principal"] or 0, row["id"]))["id"])


def package_rows(facts: Facts, package: str) -> Iterator[tuple[str, str, int]]:
    """(table, row, level) of a package and its claims."""
    yield "packages", package, DILIGENCE_LEVEL
    yield from claim_rows(facts, _values(facts.where("package_items", "package_id", {package}), "claim_id"))


def largest_claims(facts: Facts, most: int = 3) -> set[str]:
    """The claims still held with the largest principal."""
    held = facts.where("claims", "status", {"held"}).to_pylist()
    return {row["id"] for row in sorted(held, key=lambda row: (-(row["principal"] or 0), row["id"]))[:most]}


def claim_rows(facts: Facts, claims: set[str]) -> Iterator[tuple[str, str, int]]:
    """(table, row, level) of claims, their papers and what secures them."""
    found: dict[str, set[str]] = {}
    held = facts.where("claims", "id", claims)
    contracts = _values(held, "contract_id")
    found["claims"], found["contracts"] = claims, contracts
    for table in OF_A_CLAIM:
        found[table] = _values(facts.where(table, "claim_id", claims), "id")
    found["drawdowns"] = _values(facts.where("claim_drawdowns", "claim_id", claims), "drawdown_id")
    found["guarantees"] = _values(facts.where("guarantees", "contract_id", contracts), "id")
    secured = facts.where("security_rights_debts", "contract_id", contracts)
    rights = _values(secured, "security_right_id")
    over = facts.where("security_assets", "security_right_id", rights)
    assets = _values(over, "asset_id")
    found |= {
        "security_rights_debts": _values(secured, "id"), "security_rights": rights, "assets": assets,
        "security_assets": _values(over, "id"),
        "appraisals": _values(facts.where("appraisals", "asset_id", assets), "id"),
        "burdens": _values(facts.where("burdens", "asset_id", assets), "id"),
        "seizures": _values(facts.where("seizures", "asset_id", assets), "id"),
    }  # fmt: skip
    proceedings = _values(facts.where("proceeding_claims", "claim_id", claims), "proceeding_id")
    found["proceedings"] = proceedings
    lots = _values(facts.where("auction_lots", "proceeding_id", proceedings), "id")
    found["auction_lots"] = lots
    found["auction_rounds"] = _values(facts.where("auction_rounds", "lot_id", lots), "id")
    for table in sorted(found):
        for row in sorted(found[table]):
            yield table, row, DILIGENCE_LEVEL
    for party in sorted(_values(held, "party_id")):
        yield "parties", party, 2


def _share(org: str, person: str, to: str, purpose: str, rows: Iterator[tuple[str, str, int]]) -> int:
    from panhuo_server.accounts import shares
    from panhuo_server.store.acting import acting

    until, count = datetime.now(UTC) + LASTS, 0
    with acting(org, person, "administration"):
        for table, row, level in rows:
            shares.grant(table, to, level, purpose, until, row=row)
            count += 1
    return count


def share_all(bank: Facts, manager: Facts, founders: Mapping[str, str], borrower: Borrower) -> dict[str, Any]:
    """Shares with borrower, asset manager and investor; aggregates go to the supervisor. Returns how much each sees."""
    from panhuo_server.accounts import own_affairs, supervision
    from panhuo_server.store.acting import acting

    own = _share(BANK, founders[BANK], BORROWER, "own_affairs", own_rows(bank, borrower.party))
    with acting(BORROWER, founders[BORROWER], "own_affairs"):
        own_affairs.ask("explanation", BANK, borrower.party, "想请银行说明我的利率是怎么定的。")
    offered = claim_rows(bank, largest_claims(bank))
    diligence = _share(BANK, founders[BANK], ASSET_MANAGER, "due_diligence", offered)
    package = largest_package(manager)
    shown = _share(
        ASSET_MANAGER, founders[ASSET_MANAGER], INVESTOR, "due_diligence", package_rows(manager, package)
    )  # fmt: skip
    until = datetime.now(UTC) + LASTS
    with acting(BANK, founders[BANK], "administration"):
        supervision.grant(SUPERVISOR, sorted(supervision.AGGREGATES), until)
    return {"borrower": own, "package": package, "investor": shown, "asset_manager": diligence}
