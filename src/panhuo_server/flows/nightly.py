"""The nightly run of one organisation 夜间运行: its facts to outcomes, logged and proved, without anybody waiting.

Invariant: a night is named by (organisation, last batch, day); done again it finds its outcomes logged and writes the
same results, so a crash at any moment costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from panhuo.ground.record.outcome import Outcome
from panhuo_server.accounts.own_affairs import seal_withdrawals
from panhuo_server.flows import progress
from panhuo_server.flows.engine import durable_step, durable_workflow
from panhuo_server.flows.reminding import remind
from panhuo_server.flows.results import PURPOSE, results_folder
from panhuo_server.store import log, outcomes
from panhuo_server.store.acting import acting, current
from panhuo_server.store.books import cached_book, unless_thrown_away
from panhuo_server.store.layout import Layout
from panhuo_server.store.starting import start_work
from panhuo_server.store.supervision import report_total


class _DatabaseLog:
    """A night's entries go to the organisation's log in the database."""

    def append(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        return log.append(entries)

    def receipt(self, index: int) -> bytes:
        return log.receipt(index)


def report_provisions(run: str, made: Mapping[str, Outcome]) -> None:
    """Adds what a night's provisions sum up to by currency, for supervisors; the same run again adds nothing."""
    if "provision_summary" not in made:
        return
    outcome = made["provision_summary"]
    day = date.fromisoformat(str(outcome.lineage["as_of"]))
    for row in outcome.table.to_pylist():
        if row["provisions"] is not None:
            who = current()
            report_total(who.alias, who.org, run, outcome.name, "provision", row["currency"], day, row["provisions"])


@durable_step("fill the cached book")
def fill(org: str, person: str, judicial: bool) -> int:
    """Brings the organisation's cached book up to its last batch and returns that batch's number."""
    if not judicial:
        with acting(org, person, PURPOSE):
            seal_withdrawals()  # what people withdrew themselves becomes a fact before the night reads
    with acting(org, person, PURPOSE, judicial=judicial):
        return cached_book().last_sequence(org)


@durable_step("judge and log")
def judge(org: str, person: str, judicial: bool, run: str, sequence: int, as_of: str | None, only: list[str]) -> int:
    """Runs the night on the cached book, logs its outcomes, writes its results; returns how many outcomes."""
    from panhuo.journey.night import open_snapshot, run_night
    from panhuo.journey.report import write_report
    from panhuo.journey.sealing import seal_night
    from panhuo.journey.settings import settings_of

    layout = Layout.current()
    with acting(org, person, PURPOSE, judicial=judicial):
        book = cached_book()
    day = date.fromisoformat(as_of) if as_of else None
    told = progress.teller(layout, org, run)
    out = results_folder(layout, org, run)
    extras = write_report if not only else None
    with unless_thrown_away(book, org):  # as forgetting somebody does
        settings = settings_of(book, org=org)
        night = run_night(open_snapshot(book, day, org, sequence), settings, only=only or None, progress=told)
    with unless_thrown_away(book, org), acting(org, person, PURPOSE, judicial=judicial):
        described = seal_night(book, org, night, settings, out, extras=extras, log=_DatabaseLog())
        outcomes.keep_inputs(book)
        outcomes.add(run, night, sequence, described["entries"])
        if not judicial:
            report_provisions(run, night.outcomes)
    progress.end(layout, org, run)
    return len(described["tables"])


@durable_workflow("night")
def night(org: str, person: str, judicial: bool, body: dict[str, Any]) -> dict[str, Any]:
    """A night: `body` may name ``as_of`` (day) and ``only`` (outcomes). Returns run, batch and counts."""
    sequence = fill(org, person, judicial)
    run = str(body["run"])
    count = judge(org, person, judicial, run, sequence, body.get("as_of"), list(body.get("only", [])))
    reminded = remind(org, person, judicial, run)
    return {"run": run, "sequence": sequence, "outcomes": count, "reminded": reminded}


def ask_for_night(run: str, *, as_of: date | None = None, only: Sequence[str] = ()) -> str:
    """Asks for a night of the acting organisation; inside `acting`. The same run id is one night."""
    body: dict[str, Any] = {"run": run, "only": list(only)}
    if as_of is not None:
        body["as_of"] = as_of.isoformat()
    return start_work("night", run, body)
