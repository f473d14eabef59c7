"""期限墙: every right with its last day, what it is worth and on what evidence it stands.

Invariant: the nearest last day stands first, what is kept last; what is red is what is lost within thirty days or lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from django.http import HttpResponse

from panhuo.ground.record.columns import Column, ColumnType
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.reminders import (
    NOTICES,
    claims_of,
    missed_of,
    notice_of,
    owners,
    reminded,
    strip_of,
    waiting_of,
)
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import Figure, Figures
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night
from panhuo_server.console.teaching import first_night
from panhuo_server.flows import reminding

PURPOSES = ("recovery", "monitoring", "approval", "audit", "reporting")


def counts(figures: Figures) -> list[Figure]:
    """How many rights are lost, urgent, near and running, and what the urgent ones carry."""
    return [
        figures.count("deadlines", (("state", ("passed",)),), title=Text("已过期限", "Passed"), risk=5),
        figures.count("deadlines", (("state", ("urgent",)),), title=Text("三十日内", "Within thirty days"), risk=4),
        figures.count("deadlines", (("state", ("soon",)),), title=Text("九十日内", "Within ninety days"), risk=3),
        figures.count("deadlines", (("state", ("running", "kept")),), title=Text("进行中或已主张", "Running or kept")),
        figures.total("deadlines", "consequence", (("state", ("urgent", "soon")),), risk=4,
                      title=Text("九十日内到期的权利所涉金额", "At stake within ninety days")),
    ]  # fmt: skip


EXTRA = {
    "owner": Column("owner", ColumnType.TEXT, "责任人", "answers for it"),
    "notice": Column("notice", ColumnType.CODE, "提醒", "notice", codes=NOTICES),
}


def sheet_of(night: Night, known: Mapping[str, Any] | None = None) -> Sheet:
    """The wall as a table, with who answers for each right and whether they took notice. In `acting`."""
    wall = night["deadlines"]
    rows = wall.table.select(["kind", "entity_id", "last_day"]).to_pylist()
    answers, claims = owners(night), claims_of(night)
    owner = [answers.get((row["kind"], row["entity_id"])) for row in rows]
    notice = [notice_of(row, known or {}) for row in rows]
    table = wall.table.append_column("owner", pa.array(owner, pa.string()))
    table = table.append_column("notice", pa.array(notice, EXTRA["notice"].arrow_type()))

    def goes(row: dict[str, Any]) -> str:
        claim = claims.get((row["kind"], row["entity_id"]))
        return f"/console/claims/{quote(claim, safe='')}" if claim else f"/console/search?q={quote(row['entity_id'])}"

    heads = (
        Head("last_day"), Head("days_left", label=Text("剩余", "Left")), Head("state", risk=True),
        Head("kind", label=Text("权利", "Right")), Head("entity_id", goes=goes, label=Text("对象", "Of")),
        Head("consequence", total=True, label=Text("所涉金额", "At stake")), Head("evidence"),
        Head("owner"), Head("notice"),
        Head("weak_evidence", label=Text("证据偏弱", "Weak evidence")),
    )  # fmt: skip
    return Sheet("deadlines", Text("期限墙", "Deadlines"), wall, heads,
                 ("state", "kind", "evidence", "notice"), "days_left", dict(EXTRA), table)  # fmt: skip


@page()
def deadlines(visit: Visit) -> HttpResponse:
    """The wall of deadlines."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "deadlines" not in night:
            return first_night(visit, "deadlines")
        known = reminded()
        figures, sheet = Figures(night), sheet_of(night, known)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "deadlines", "night": night, "figures": counts(figures),
            "table": table_shown(sheet, figures, visit, "/console/deadlines"),
            "strip": strip_of(night), "waiting": waiting_of(visit, night, known),
            "missed": missed_of(night, figures), "kinds": _kinds(night),
        }  # fmt: skip
    return shown(visit.request, "console/deadlines.html", given, visit=visit)


def _kinds(night: Night) -> list[tuple[Text, str, int]]:
    """Kinds of right that still run, with how many, each leading to the wall filtered by it."""
    wall = night["deadlines"]
    codes = wall.schema["kind"].codes
    rows = wall.table.select(["kind", "runs"]).to_pylist()
    found = []
    for code in codes or ():
        count = sum(1 for row in rows if row["kind"] == code.code and row["runs"])
        if count:
            found.append((Text(code.zh, code.en), f"/console/deadlines?f.kind={code.code}", count))
    return found


@page("POST")
def notice(visit: Visit) -> HttpResponse:
    """Takes notice of a deadline one was reminded of."""
    deadline = visit.request.POST.get("deadline", "")
    with visit.acting(*PURPOSES):
        reminding.acknowledge(deadline)
    return done(visit, "/console/deadlines#reminders", Text("已记录：知悉。", "Recorded: notice taken."))
