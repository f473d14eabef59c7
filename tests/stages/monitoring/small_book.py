"""A small book written as a banker would tell it, and the monitoring stage run over it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.batch import seal
from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import Book
from panhuo.ground.book.snapshot import Snapshot
from panhuo.ground.record.judgement import Engine, Thing, pronounce
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.rules.adoption import read_adoption
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.rule_set import load_rule_set

YUAN = 100


def day(text: str) -> date:
    return date.fromisoformat(text)


class Story:
    """Collects facts in the words of the trade and seals them as one batch; amounts in yuan."""

    def __init__(self, folder: Path, as_of: str) -> None:
        self.folder = folder
        self.as_of = day(as_of)
        self.facts: dict[str, list[dict[str, Any]]] = {}
        self.postings = 0

    def add(self, table: str, **columns: Any) -> str:
        """A fact; dates may be text."""
        schema = TABLES[table].fact_schema
        row = {k: day(v) if isinstance(v, str) and schema[k].type.value == "date" else v for k, v in columns.items()}
        row.setdefault("id", f"{table}-{len(self.facts.get(table, [])) + 1}")
        row.setdefault("effective_on", day("2020-01-01"))
        self.facts.setdefault(table, []).append(row)
        return str(row["id"])

    def party(self, id: str, **columns: Any) -> None:
        self.add("parties", id=id, **{"kind": "company", "classification_route": "non_retail", **columns})

    def drawdown(
        self,
        id: str,
        party: str,
        amount: int,
        out: str,
        due: str,
        plan: list[tuple[str, int, int]] | None = None,
        **columns: Any,
    ) -> None:
        """A drawdown paid out, with its plan of (day due, principal, interest) in yuan."""
        flags = {"funds_misused": False, "credit_impaired": False, "renewal_kind": "new", "status": "open"}
        self.add(
            "drawdowns",
            id=id,
            contract_id=f"C-{id}",
            party_id=party,
            amount=amount * YUAN,
            out_on=out,
            due_on=due,
            effective_on=out,
            **{**flags, **columns},
        )
        self.post(id, out, "principal", "disburse", amount)
        for number, (on, principal, interest) in enumerate(plan or [], 1):
            self.add(
                "instalments",
                id=f"{id}/{number}",
                drawdown_id=id,
                number=number,
                due_on=on,
                principal=principal * YUAN,
                interest=interest * YUAN,
                effective_on=out,
            )
            if interest:
                self.post(id, on, "interest", "accrue", interest)

    def post(self, drawdown: str, on: str, component: str, kind: str, amount: float, **columns: Any) -> str:
        self.postings += 1
        return self.add(
            "postings",
            id=f"J{self.postings:05d}",
            drawdown_id=drawdown,
            posted_on=on,
            effective_on=on,
            component=component,
            kind=kind,
            amount=round(amount * YUAN),
            **columns,
        )

    def pay(self, drawdown: str, on: str, principal: float = 0, interest: float = 0) -> list[str]:
        """A receipt by component; returns the posting ids."""
        parts = (("principal", principal), ("interest", interest))
        return [self.post(drawdown, on, name, "receive", amount) for name, amount in parts if amount]

    def snapshot(self, as_of: str | None = None) -> Snapshot:
        """The book sealed (once) and opened as of a day; postings after it are not seen."""
        if not self.folder.exists():
            book = Book.create(self.folder, made_by="test")
            seal(
                book,
                {
                    name: pa.Table.from_pylist(rows, schema=TABLES[name].fact_schema.arrow())
                    for name, rows in self.facts.items()
                },
                observed_until=self.as_of,
            )
        return Snapshot(Book(self.folder), day(as_of) if as_of else self.as_of)


def judged(
    thing: Thing, snapshot: Snapshot, earlier: dict[str, Outcome], adopt: dict[str, list[str]], engine: Engine
) -> Outcome:
    """One step of the night, as the journey takes it."""
    needed = {n.rstrip("?"): earlier.get(n.rstrip("?")) for n in thing.needs}
    assert thing.gather is not None
    subjects = thing.gather(snapshot, **needed)
    if not isinstance(subjects, pa.Table):
        subjects = subjects.to_pyarrow()
    model: Any = ()
    if thing.parameters is not None:
        model, _ = thing.parameters(snapshot.as_of)
    rules = None
    if thing.rules is not None:
        rule_set = load_rule_set(thing.rules)
        name = thing.rules.partition(":")[0]
        if name in adopt:
            entry = {"rule_set": name, "rules": adopt[name], "from": day("2007-01-01"), "by": "董事会决议"}
            rule_set = rule_set.adopt(read_adoption({"institution": "测试银行", "adopted": [entry]}))
        rules = compile_rule_set(rule_set, thing.subject)
    return pronounce(thing, subjects, rule_set=rules, model=model, engine=engine)


def rows(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """The outcome's rows by their (first) key."""
    return {row[outcome.schema.key[0]]: row for row in outcome.table.to_pylist()}


def codes(outcome: Outcome, key: str) -> list[str]:
    """Reason codes of one row, sorted."""
    name = outcome.schema.key[0]
    return sorted(r["code"] for r in outcome.reasons.to_pylist() if r[name] == key)


def months(first: str, count: int, on: int) -> list[str]:
    """`count` days of the month `on`, from the month after `first` on."""
    start = day(first)
    found = []
    for n in range(1, count + 1):
        whole = start.year * 12 + start.month - 1 + n
        found.append(date(whole // 12, whole % 12 + 1, on).isoformat())
    return found


def later(text: str, days: int) -> str:
    """A day some days later."""
    return (day(text) + timedelta(days=days)).isoformat()
