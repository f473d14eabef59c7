"""Today for an auditor: the log and its signed head, reads of personal values, overrides, approvals by person.

Invariant: read-only; nothing personal is opened, and what is counted here is counted from the log, the reads, the facts
and the streams of events themselves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from panhuo.ground.book.catalogue import TABLES
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import shares
from panhuo_server.accounts.roles import PURPOSES as WHY
from panhuo_server.console.colleagues import names_of
from panhuo_server.console.frame import Visit, shown
from panhuo_server.console.pieces.figures import RISK, badge, day
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.shared_rows import Row, own
from panhuo_server.store import events, log, outcomes, read_log
from panhuo_server.store.acting import current

PURPOSE = "audit"
DAYS = 30
MOST = 8
APPROVALS = {
    "proposed": Text("发起", "proposed"), "approved": Text("同意", "approved"), "rejected": Text("否决", "rejected"),
    "withdrawn": Text("撤回", "withdrawn"), "expired": Text("过期", "expired"),
}  # fmt: skip


@dataclass(frozen=True)
class LogState:
    """The log as its latest head states it."""

    size: int
    root: str
    signed: str
    key: str
    batches: int
    nights: int


def log_state() -> LogState | None:
    """The latest signed head; None before the first entry. In `acting`."""
    head = log.head()
    if head is None:
        return None
    given = head.head
    return LogState(int(given["size"]), str(given["root"]), str(given.get("time", "")), head.key,
                    outcomes.last_batch(), len(outcomes.runs()))  # fmt: skip


def reads_by_person(names: dict[str, str]) -> tuple[int, list[tuple[str, Text, int, int, Text]]]:
    """Reads of personal values in the last thirty days: how many in all; by person and purpose, parties and latest."""
    since = datetime.now(UTC) - timedelta(days=DAYS)
    held: dict[tuple[str, str], list[tuple[str, datetime]]] = {}
    count = 0
    for _, party, person, purpose, _, _, at in read_log.of_organisation(current()):
        if at >= since:
            held.setdefault((person, purpose), []).append((party, at))
            count += 1
    found = []
    for (person, purpose), some in sorted(held.items(), key=lambda one: -len(one[1])):
        code = WHY[purpose]
        latest = day(timezone.localdate(max(at for _, at in some)))
        found.append((names.get(person, person), Text(code.zh, code.en), len(some), len({p for p, _ in some}), latest))
    return count, found[:MOST]


def overrides() -> tuple[int, int, list[dict[str, Any]]]:
    """Classes decided otherwise than the system's floor: better, worse, and the latest that are better."""
    column = TABLES["class_decisions"].schema["final"]
    better: list[Row] = []
    worse = 0
    for row in own("class_decisions"):
        floor, final = RISK.get(row["system_floor"] or "", 0), RISK.get(row["final"] or "", 0)
        if floor and final and final < floor:
            better.append(row)
        elif floor and final > floor:
            worse += 1
    latest = sorted(better, key=lambda r: (r["decided_on"] or r["effective_on"], r["id"]), reverse=True)[:MOST]
    return len(better), worse, [
        {"before": badge(column, row["system_floor"]), "badge": badge(column, row["final"]),
         "id": row["drawdown_id"] or row["id"],
         "day": day(row["decided_on"] or row["effective_on"]), "reason": row["reason"]} for row in latest
    ]  # fmt: skip


def approvals_by_person(names: dict[str, str]) -> list[tuple[str, list[tuple[Text, int]]]]:
    """Who proposed and decided how often, of the latest two hundred proposals."""
    counts: dict[str, Counter[str]] = {}
    for happened in events.latest("approval").values():
        for one in happened:
            if one.kind in APPROVALS:
                counts.setdefault(one.person, Counter())[one.kind] += 1
    return [
        (names.get(person, person),
         [(said, counts[person][kind]) for kind, said in APPROVALS.items() if counts[person][kind]])
        for person in sorted(counts, key=lambda p: (-sum(counts[p].values()), p))
    ]  # fmt: skip


def shares_living() -> list[tuple[str, Text, Text, int, Text]]:
    """Shares that live: to whom, of what, for what, at which level, until when."""
    found = []
    for one in shares.given():
        if not one.ended:
            code = WHY[one.purpose]
            what = named(one.table) if one.table in TABLES else words.DASH
            row = f" {one.row}" if one.row else ""
            found.append((one.to_org, Text(what.zh + row, what.en + row), Text(code.zh, code.en), one.level,
                          day(timezone.localdate(one.valid_until))))  # fmt: skip
    return found


def home(visit: Visit) -> HttpResponse:
    """Evidence first."""
    if visit.purpose_of((PURPOSE,)) is None:
        raise Http404
    with visit.acting(PURPOSE):
        names = names_of()
        reads, readers = reads_by_person(names)
        better, worse, lines = overrides()
        given = {
            "room": "today", "log": log_state(), "reads": reads, "readers": readers, "better": better, "worse": worse,
            "overrides": lines, "approvals": approvals_by_person(names), "shares": shares_living()[:MOST],
            "shares_in_all": len(shares_living()), "days": DAYS,
        }  # fmt: skip
    return shown(visit.request, "console/evidence_first.html", given, visit=visit)
