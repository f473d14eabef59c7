"""The steps of a mediation: what may follow, what each needs to be told, and the facts it seals.

Invariant: a step is a fact that follows the one before it and changes nothing that was said; taken back, it is
withdrawn by another fact.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import Conflict, InvalidInput
from panhuo.ground.rules.periods import end_of_period
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.values.calendars import calendar_of
from panhuo.journey.report.words import Text
from panhuo.tools.finance.limitation import date_of, number_of, rule_period
from panhuo.trust.privacy.detection import refuse_personal
from panhuo_server.accounts.roles import require
from panhuo_server.store.sealing import Sealed, seal

RULE = ("seizure_and_confirmation", "MED-01", "period")
TABLE = "mediations"
_OWN = tuple(c.name for c in TABLES[TABLE].schema.columns)


@dataclass(frozen=True)
class Step:
    """A step: what it is called, when it is possible, the day's column, the result it leaves, what else it tells."""

    code: str
    name: Text
    results: tuple[str | None, ...]
    day: str
    result: str | None
    tells: tuple[str, ...] = ()


STEPS = (
    Step("agreed", Text("达成协议", "an agreement was reached"), (None, "pending"), "agreed_on", "agreed",
         ("amount", "waived", "perform_by_on")),
    Step("failed", Text("调解不成", "no agreement"), (None, "pending"), "", "failed"),
    Step("filed", Text("已共同申请司法确认", "judicial confirmation was applied for"), ("agreed",),
         "confirmation_filed_on", None),
    Step("ruled", Text("法院已裁定确认", "the court confirmed it"), ("agreed",), "confirmation_ruled_on", None),
    Step("performed", Text("已履行", "it was performed"), ("agreed",), "", "performed"),
    Step("breached", Text("未履行", "it was not performed"), ("agreed",), "", "breached"),
)  # fmt: skip
BY_CODE = {step.code: step for step in STEPS}


def possible(case: dict[str, Any]) -> list[Step]:
    """The steps that may follow now."""
    found = [step for step in STEPS if case["result"] in step.results]
    if case.get("confirmation_filed_on") is None:
        found = [step for step in found if step.code != "ruled"]
    return [step for step in found if not (step.day and case.get(step.day) is not None)]


@dataclass(frozen=True)
class Due:
    """The last day to apply for judicial confirmation: how it is counted and where that stands."""

    day: date
    left: int
    agreed: date
    days: int
    kept: bool
    published: bool
    rule: str
    instrument: str
    article: str
    grade: str

    @property
    def step(self) -> int:
        """Its place on the scale of risk."""
        return 1 if self.kept else 5 if self.left < 0 else 4 if self.left <= 10 else 3


def confirmation_due(case: dict[str, Any], today: date) -> Due | None:
    """When judicial confirmation must be applied for; nothing before an agreement, or once it was ruled."""
    agreed = case.get("agreed_on")
    if (
        agreed is None
        or case.get("confirmation_ruled_on") is not None
        or case["result"] not in (None, "agreed", "pending")
    ):
        return None
    period = rule_period(*RULE, agreed, today)
    end = end_of_period(number_of(agreed), period, calendar_of("CN"))
    last = date_of(end.days)
    filed = case.get("confirmation_filed_on")
    rule = next(r for r in load_rule_set(RULE[0]).rules if r.id == RULE[1])
    return Due(
        last, (last - today).days, agreed, period.length, filed is not None and filed <= last, end.published, rule.id,
        rule.instrument, rule.article, rule.grade.effect.value,
    )  # fmt: skip


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("a date such as 2026-03-01 is needed", where=where, remedy="write year-month-day") from error


def _fen(text: str, where: str) -> int | None:
    text = text.strip().replace(",", "")
    if not text:
        return None
    whole, point, rest = text.partition(".")
    if not whole.isdigit() or (point and not (rest.isdigit() and len(rest) <= 2)) or len(whole) > 13:
        raise InvalidInput("an amount in yuan such as 12000.50 is needed", where=where, remedy="digits and one point")
    return int(whole) * 100 + int((rest or "0").ljust(2, "0"))


def _sealed(row: dict[str, Any], key: str) -> Sealed:
    schema = TABLES[TABLE].fact_schema
    table = pa.table({c.name: pa.array([row[c.name]], c.arrow_type()) for c in schema.columns if c.name in row})
    return seal({TABLE: table}, idempotency_key=key)


def open_case(given: Any, today: date, body: str) -> str:
    """Takes in a case; returns its id; inside `acting`.

    Raises:
        NotAllowed: when no role of whoever acts takes in data.
        InvalidInput: for a day that is none, or personal numbers.
    """
    require("import_facts")
    opened = _day(given.get("on", ""), "on")
    if opened > today:
        raise InvalidInput("the day lies ahead", where="on", remedy="give the day it was taken in")
    matter = given.get("matter", "").strip()[:120] or None
    refuse_personal([matter or ""], "matter", "matter")
    made = f"M{opened:%Y%m%d}-{secrets.token_hex(3)}"
    row = {"id": made, "effective_on": opened, "matter_id": matter, "body": body, "opened_on": opened,
           "result": "pending", "currency": "CNY"}  # fmt: skip
    _sealed(row, f"case {made}")
    return made


def take(case: dict[str, Any], code: str, given: Any, today: date) -> Sealed:
    """Records a step of a case as it stands; inside `acting`.

    Raises:
        NotAllowed: when no role of whoever acts takes in data.
        Conflict: when the case is in no state for it.
        InvalidInput: for a day or an amount that is none.
    """
    require("import_facts")
    if code not in BY_CODE:
        raise InvalidInput(f"there is no step {code}", remedy="steps: " + ", ".join(BY_CODE))
    step = BY_CODE[code]
    if step not in possible(case):
        raise Conflict("the case is in no state for that step", where=case["id"], remedy="look at it again")
    on = _day(given.get("on", ""), "on")
    if on > today or (case["opened_on"] is not None and on < case["opened_on"]):
        raise InvalidInput("the day lies ahead, or before the case was taken in", where="on", remedy="check the day")
    row = {name: case[name] for name in _OWN}
    row |= {"id": case["id"], "effective_on": max(on, case["effective_on"])}
    if step.day:
        row[step.day] = on
    if step.result is not None:
        row["result"] = step.result
    for name in step.tells:
        text = given.get(name, "")
        if text:
            row[name] = _day(text, name) if name.endswith("_on") else _fen(text, name)
    return _sealed(row, f"step {case['id']} {code} {case['fact_sequence']}-{case['fact_position']}")


def take_back(case: dict[str, Any]) -> None:
    """Withdraws the latest fact of a case: what stood before it stands again."""
    require("import_facts")
    fact = f"{case['fact_sequence']}-{case['fact_position']}"
    row = {"id": case["id"], "effective_on": case["effective_on"], "replaces": fact, "withdrawn": True}
    _sealed(row, f"take back {fact}")
