"""The debts behind the claims of a book, what happened to each, and who guarantees it: read once, for every stage.

Invariant: one debt is one drawdown, or a claim's contract where no drawdown of it is recorded; a guarantee has a period
for each debt of its contract. Nothing of the law is computed here (see guarantee.py and limitation.py).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.tools.finance.guarantee import Guarantee
from panhuo.tools.finance.limitation import DEMANDS, PROCEEDINGS, Event, number_of

Row = dict[str, Any]


def day_number(value: dt.date | None) -> int | None:
    """Days since 1970-01-01 of a day that may be unknown."""
    return number_of(value) if value is not None else None


def rows_of(snapshot: Any, name: str, column: str | None = None, among: Iterable[str | None] = ()) -> list[Row]:
    """The rows of a table of the snapshot, none where the book has none; with `column`, those with a value `among`."""
    if not snapshot.holds(name):
        return []
    table = snapshot.rows(name)
    if column is not None:
        wanted = sorted(value for value in among if value is not None)
        table = table.filter(pc.is_in(table.column(column), pa.array(wanted, pa.string())))
    found: list[Row] = table.to_pylist()
    return found


@dataclass(frozen=True)
class Debt:
    """A debt with a due day of its own.

    Attributes:
        id: the drawdown's id, or the claim's where no drawdown is recorded. contract: what it was lent under.
        claim: the row of the claim that holds it; None while no claim does. due: the day it falls due.
        owed: fen overdue, of a debt no claim holds. currency: of the amounts.
        events: what interrupts or suspends its limitation.
    """

    id: str
    contract: str
    claim: Row | None
    due: dt.date | None
    owed: int | None
    currency: str
    events: tuple[Event, ...]

    @property
    def holder(self) -> str | None:
        """The id of the claim that holds it."""
        return None if self.claim is None else str(self.claim["id"])

    @property
    def stake(self) -> int | None:
        """What the claim that holds it comes to, or what is overdue where none does."""
        return self.owed or None if self.claim is None else claim_amount(self.claim)


@dataclass(frozen=True)
class GuaranteedDebt:
    """A guarantee and those debts it secures that have one due day and one history.

    Attributes:
        id: the guarantee's id, followed by the debt's where the debts under it fell due on different days.
        row: the guarantee's facts. debts: at least one. events: what happened to the guarantee.
        guarantee: what its period is computed from.
    """

    id: str
    row: Row
    debts: tuple[Debt, ...]
    events: tuple[Event, ...]
    guarantee: Guarantee

    @property
    def stake(self) -> int | None:
        """Fen the guarantor answers for: the claims they stand behind, at most the guarantee's cap."""
        claims = {debt.holder or debt.id: debt.stake for debt in self.debts}
        known = [stake for stake in claims.values() if stake is not None]
        if not known:
            return None
        return sum(known) if self.row["cap"] is None else min(sum(known), self.row["cap"])


def claim_amount(claim: Row) -> int:
    """Principal, interest and advanced costs of a claim, in fen."""
    return int((claim["principal"] or 0) + (claim["interest"] or 0) + (claim["advanced_costs"] or 0))


class Debts:
    """The debts of every claim held, and a lender's own that are past due and not yet claimed."""

    def __init__(self, snapshot: Any, days_past_due: Any = None) -> None:
        self.as_of: dt.date = snapshot.as_of
        self.snapshot = snapshot
        self.claims = [c for c in rows_of(snapshot, "claims") if c["status"] in (None, "held")]
        held = {c["id"] for c in self.claims}
        links = [link for link in rows_of(snapshot, "claim_drawdowns") if link["claim_id"] in held]
        self.claimed = {link["drawdown_id"] for link in links}
        self.drawdowns = _drawdowns(snapshot, self.claimed, days_past_due)
        self._parts: dict[str, list[Row]] = defaultdict(list)
        for link in links:
            drawdown = self.drawdowns.get(link["drawdown_id"])
            if drawdown is not None and drawdown not in self._parts[link["claim_id"]]:
                self._parts[link["claim_id"]].append(drawdown)

    @cached_property
    def events(self) -> dict[tuple[str, str], list[Event]]:
        """What interrupts or suspends, by (right, the id it was recorded of)."""
        return _events(self.snapshot)

    def drawdowns_of(self, claim: Row) -> list[Row]:
        """The drawdowns a claim holds."""
        return self._parts[claim["id"]]

    def due(self, claim: Row) -> dt.date | None:
        """The day a claim fell due: as stated, else of the first of its drawdowns.

        Drawdowns are debts of their own, not instalments of one (art. 189): the first to run out speaks for all.
        """
        stated: dt.date | None = claim["due_on"]
        days = [part["due_on"] for part in self.drawdowns_of(claim) if part["due_on"] is not None]
        return stated or min(days, default=None)

    def parts(self, claim: Row) -> dict[str, dt.date | None]:
        """The drawdowns a claim holds, and the day each fell due."""
        return {part["id"]: claim["due_on"] or part["due_on"] for part in self.drawdowns_of(claim)}

    def debt_events(self, claim: str, drawdowns: Iterable[str]) -> list[Event]:
        """What happened to a debt: recorded of the claim, or of one of these drawdowns of it before there was one."""
        found = list(self.events.get(("debt", claim), []))
        for drawdown in sorted(drawdowns):
            found += [e for e in self.events.get(("debt", drawdown), []) if e not in found]
        return found

    def unclaimed(self) -> list[Row]:
        """Drawdowns past due whose last day has come and which no claim holds yet: a lender's own, not yet handed over.

        Instalments of one debt run from its last day (arts. 189, 692), so one that still has days to come has no clock.
        """
        late = (d for d in self.drawdowns.values() if d["id"] not in self.claimed and d["overdue"] is not None)
        return [d for d in late if d["due_on"] is not None and d["due_on"] < self.as_of]

    def by_contract(self) -> dict[str, list[Debt]]:
        """Every debt, by the contract it was lent under."""
        found: dict[str, list[Debt]] = defaultdict(list)
        for claim in self.claims:
            name, currency, due = claim["id"], claim["currency"] or "CNY", self.parts(claim)
            for part in self.drawdowns_of(claim):
                if part["contract_id"] is not None:
                    events = tuple(self.debt_events(name, [part["id"]]))
                    found[part["contract_id"]].append(
                        Debt(part["id"], part["contract_id"], claim, due[part["id"]], None, currency, events)
                    )
            contract = claim["contract_id"]
            if contract is not None and contract not in {part["contract_id"] for part in self.drawdowns_of(claim)}:
                events = tuple(self.debt_events(name, due))
                found[contract].append(Debt(name, contract, claim, self.due(claim), None, currency, events))
        for part in self.unclaimed():
            if part["contract_id"] is not None:
                events = tuple(self.events.get(("debt", part["id"]), []))
                found[part["contract_id"]].append(
                    Debt(
                        part["id"], part["contract_id"], None, part["due_on"], part["overdue"], part["currency"], events
                    )
                )
        return found

    def guaranteed(self) -> Iterator[GuaranteedDebt]:
        """Every guarantee not released, once for each of the debts it secures.

        Debts that fell due on one day and have one history stand together, unless two claims hold them.
        """
        contracts = self.by_contract()
        for row in rows_of(self.snapshot, "guarantees", "contract_id", contracts):
            debts = contracts[row["contract_id"]]
            if row["released_on"] is not None and row["released_on"] <= self.as_of:
                continue
            each = [self._guaranteed(row, debt, debts) for debt in debts]
            first = each[0]
            alike = (first.guarantee, first.events, first.debts[0].holder)
            if all((one.guarantee, one.events, one.debts[0].holder) == alike for one in each):
                yield replace(first, id=row["id"], debts=tuple(debts))
            else:
                yield from each

    def _guaranteed(self, row: Row, debt: Debt, debts: list[Debt]) -> GuaranteedDebt:
        places = {debt.id, debt.holder}
        others = {place for other in debts for place in (other.id, other.holder)} - places - {None}
        # What names another debt of the same guarantee was not done for this one.
        own = [event for event in self.events.get(("guarantee", row["id"]), []) if event.debt not in others]
        demands = {event.day for event in own if event.safe and event.kind in DEMANDS}
        stated = day_number(row["first_demand_on"])
        if stated is not None and not any(event.day == stated and not event.safe for event in own):
            # The day stated counts, unless what is recorded of that very day is a newspaper or bare posting.
            demands.add(stated)
        # General: what was done against the debtor keeps it; a suit against the guarantor alone does not (art. 693).
        suits = {e.day for e in debt.events if e.safe and e.kind in ("suit", "enforcement_application")}
        guarantee = Guarantee(
            kind=row["kind"],
            period_kind=row["period_kind"],
            signed=day_number(row["signed_on"]),
            due=day_number(debt.due),
            agreed_to=day_number(row["period_to_on"]),
            demands=tuple(sorted(demands)),
            suits=tuple(sorted(suits)),
        )
        twice = sum(other.id == debt.id for other in debts) > 1
        place = f"{debt.holder}/{debt.id}" if twice else debt.id
        return GuaranteedDebt(f"{row['id']}/{place}", row, (debt,), tuple(own), guarantee)


def _drawdowns(snapshot: Any, claimed: set[str], days_past_due: Any) -> dict[str, Row]:
    overdue: dict[str, int] = {}
    if days_past_due is not None:
        table = days_past_due.table
        amount = "overdue_principal" if "overdue_principal" in table.column_names else None
        names = ["drawdown_id", "days_past_due" if "days_past_due" in table.column_names else "overdue_days"]
        for row in table.select([*names, *([amount] if amount else [])]).to_pylist():
            if row[names[1]]:
                overdue[row["drawdown_id"]] = row.get(amount) or 0 if amount else 0
    wanted = sorted(claimed | set(overdue))
    if not wanted or not snapshot.holds("drawdowns"):
        return {}
    table = snapshot.table("drawdowns")
    rows = table.filter(table.id.isin(wanted)).select("id", "contract_id", "party_id", "due_on", "amount", "currency")
    found = rows.to_pyarrow().to_pylist()
    return {r["id"]: {**r, "currency": r["currency"] or "CNY", "overdue": overdue.get(r["id"])} for r in found}


def _events(snapshot: Any) -> dict[tuple[str, str], list[Event]]:
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    proceedings = {p["id"]: p for p in rows_of(snapshot, "proceedings")}
    for row in rows_of(snapshot, "limitation_events"):
        court = row["kind"] in PROCEEDINGS
        # What the debtor paid or the bank deducted need not reach anybody: it counts from the day it was done.
        done = court or row["kind"] in ("obstacle", "part_payment", "deduction")
        day = row["done_on"] if done else row["reached_on"]
        grade = row["grade"]
        ended = row["ended_on"]
        if court and ended is None:
            ended = _ended(proceedings.get(row["proceeding_id"]), row["done_on"])
        if day is None:
            # Nothing shows that it reached the other side: it counts from its sending, never as safe.
            day, grade = row["done_on"], "c" if grade in (None, "a", "b") else grade
        of_guarantee = row["right_kind"] == "guarantee"
        debt = (row["drawdown_id"] or row["claim_id"]) if of_guarantee else None
        event = Event(row["kind"], number_of(day), grade, day_number(ended), debt)
        for place in ("claim_id", "drawdown_id", "guarantee_id"):
            if row[place] is not None and (place == "guarantee_id") == of_guarantee:
                found[(row["right_kind"], row[place])].append(event)
    return found


def _ended(proceeding: Row | None, filed: dt.date) -> dt.date | None:
    """The day a proceeding was over; None while it lasts or is not in this book. Withdrawn without a day: at once."""
    if proceeding is None:
        return None
    days: list[dt.date] = [proceeding[n] for n in ("closed_on", "effective_since_on") if proceeding[n] is not None]
    if not days and proceeding["status"] == "withdrawn":
        days.append(proceeding["decided_on"] or filed)
    return max(min(days), filed) if days else None
