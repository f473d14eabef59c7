"""五级分类认定表: what the rules ask for, what was decided, what differs; bulk sign-off by maker and checker.

Invariant: nothing is proposed on the first press; what is proposed are the rows the filters leave at the moment of the
second, and not a loan more than the first one said.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse, QueryDict

from panhuo.ground.record.errors import Conflict, InvalidInput
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts.roles import BY_CODE, allows
from panhuo_server.console.book.decided import EXTRA, beside, last_quarter_end
from panhuo_server.console.book.offers import CLASSES, consequences, currency_of, lines_from, may_propose
from panhuo_server.console.book.stated import Listed, Money, customer_address, customer_page, loan_address, loan_page
from panhuo_server.console.book.ways import PURPOSES, ways
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.asking import Ask, asking, sure
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.figures import RISK, Badge, Figures, row_address
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Head, Sheet, asked_of, narrowed
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import Night, last_night, the_night
from panhuo_server.console.teaching import first_night
from panhuo_server.flows import class_decisions, clock
from panhuo_server.flows.approvals import needed_for
from panhuo_server.flows.class_decisions import Line, Review
from panhuo_server.flows.ladder import CLASS_LADDER

HERE = "/console/book/classes"
STATES = {
    "open": Text("待复核", "waits for approval"), "approved": Text("已批准", "approved"),
    "rejected": Text("已退回", "sent back"), "withdrawn": Text("已撤回", "withdrawn"),
    "expired": Text("已过期", "ran out"), "none": Text("—", "—"),
}  # fmt: skip
REVIEWS = 12
"""Reviews listed under the table."""
_ID = re.compile(r"[0-9a-z-]{1,60}")


def sheet_of(night: Night) -> Sheet:
    """The table of classes: rules, officer, committee, last quarter, sign-off."""
    rows = beside(night, class_decisions.waiting())

    def fact(row: dict[str, Any]) -> str:
        # What was decided after the night has no receipt in it yet.
        same = row["decided"] == row["booked"] and row["decided_on"] == row["booked_on"]
        return row_address("classes", (row["drawdown_id"],), "booked") if same else ""

    heads = (
        Head("drawdown_id", goes=loan_page),
        Head("party_id", goes=customer_page),
        Head("class", risk=True, label=Text("系统判定", "By the rules")),
        Head("system_floor", risk=True, label=Text("逐笔下限", "Own floor")),
        Head("by_officer", risk=True, opens=fact, label=Text("客户经理", "Officer")),
        Head("by_committee", risk=True, opens=fact, label=Text("委员会", "Committee")),
        Head("decided", risk=True, opens=fact), Head("decided_on", opens=fact),
        Head("quarter_before", risk=True, opens=lambda row: "", label=Text("上季末", "Last quarter")),
        Head("moved"), Head("differs"), Head("sign_off"), Head("overdue_days"), Head("balance", total=True),
        Head("reason"), Head("route", hidden=True), Head("class_basis", hidden=True),
    )  # fmt: skip
    return Sheet("classification", Text("五级分类认定表", "Classes and sign-off"), night["classes"], heads,
                 ("differs", "moved", "sign_off", "class", "route"), "-class", dict(EXTRA), rows)  # fmt: skip


def _review_row(review: Review) -> dict[str, Any]:
    role = BY_CODE.get(review.proposal.role)
    return {
        "id": review.id, "href": f"{HERE}/reviews/{review.id}", "state": STATES[review.proposal.status],
        "count": review.count, "lowered": review.lowered, "balance": Money.of(review.balance, review.currency),
        "role": Text(role.zh, role.en) if role else words.DASH, "until": review.proposal.expires_at[:10],
        "day": review.decided_on, "sealed": review.sealed, "reason": review.reason,
    }  # fmt: skip


@page()
def classes(visit: Visit) -> HttpResponse:
    """The table of classes."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None or "classes" not in night:
            return first_night(visit, "book")
        figures, sheet = Figures(night), sheet_of(night)
        if (other := other_form(sheet, figures, visit, about(visit, night))) is not None:
            return other
        table = table_shown(sheet, figures, visit, HERE)
        rows = _left(sheet, visit.request.GET)
        given = {
            "room": "book", "night": night, "ways": ways(HERE), "table": table, "tallies": _tallies(sheet.table),
            "quarter": last_quarter_end(night.as_of),
            "reviews": [_review_row(r) for r in class_decisions.reviews()[:REVIEWS]],
            "open": len(rows), "kept": table.kept, "may_propose": may_propose(visit) and len(rows) > 0,
        }  # fmt: skip
    return shown(visit.request, "console/book_classes.html", given, visit=visit)


def _tallies(rows: pa.Table) -> list[tuple[Text, list[tuple[Text, str, Text]]]]:
    """How many loans differ, moved and wait, each leading to those."""
    found = []
    for name in ("differs", "moved", "sign_off"):
        counts = {v["values"]: v["counts"] for v in pc.value_counts(rows.column(name)).to_pylist()}
        listed = [
            (Text(k.zh, k.en), f"{HERE}?f.{name}={k.code}", words.count(counts.get(k.code, 0)))
            for k in EXTRA[name].codes or ()
        ]
        found.append((words.label(EXTRA[name]), listed))
    return found


def _left(sheet: Sheet, given: Any) -> pa.Table:
    # The rows the filters leave that can be decided: known to the rules and not in somebody's review already.
    rows = sheet.table.filter(narrowed(sheet, asked_of(sheet, given)))
    free = pc.and_(pc.not_equal(rows.column("sign_off"), "waiting"), pc.is_valid(rows.column("class")))
    return rows.filter(free)


def _named(visit: Visit, night: Night) -> str:
    given = visit.request.POST.get("review", "")
    return given if _ID.fullmatch(given) else f"{night.as_of:%Y%m%d}-{secrets.token_hex(5)}"


@page("POST")
def propose(visit: Visit) -> HttpResponse:
    """Proposes, for every loan the filters leave, the class the rules ask for; asks first."""
    with visit.acting(*PURPOSES):
        if not may_propose(visit):
            raise Http404
        night = the_night(visit)
        sheet = sheet_of(night)
        given = QueryDict(visit.request.POST.get("given", "")[:4000])
        rows = _left(sheet, given)
        kept = given.urlencode()
        return _proposed(
            visit, night, rows, lines_from(rows), given=kept, reason="", back=f"{HERE}?{kept}",
            action=f"{HERE}/propose",
        )  # fmt: skip


@page("POST")
def propose_one(visit: Visit, drawdown_id: str) -> HttpResponse:
    """Proposes a class for one loan; asks first."""
    with visit.acting(*PURPOSES):
        if not may_propose(visit):
            raise Http404
        night = the_night(visit)
        held = night.named("classes").table
        rows = held.filter(pc.equal(held.column("drawdown_id"), drawdown_id))
        if not len(rows):
            raise Http404
        proposed = visit.request.POST.get("class", "")
        if proposed not in CLASSES:
            raise InvalidInput("there is no such class", where="class", remedy="choose one of the five")
        reason = visit.request.POST.get("reason", "").strip()[:500]
        lines = lines_from(rows, proposed)
        class_decisions.refuse_better(lines)
        if any(line.lowered for line in lines) and not reason:
            raise InvalidInput("a class lower than the rules ask for needs a reason", where="reason", remedy="say why",
                               code="class/reason")  # fmt: skip
        address = f"{loan_address(drawdown_id)}"
        return _proposed(visit, night, rows, lines, given="", reason=reason, back=address, action=f"{address}/class",
                         proposed=proposed)  # fmt: skip


def _proposed(
    visit: Visit, night: Night, rows: pa.Table, lines: list[Line], *, given: str, reason: str, back: str, action: str,
    proposed: str = "",
) -> HttpResponse:  # fmt: skip
    if not lines:
        raise InvalidInput("no loan is left to decide on", where="classes", remedy="choose other filters")
    currency = currency_of(night, rows)
    if not currency:
        raise InvalidInput("these loans are in several currencies", where="classes", remedy="propose each apart")
    name, count = _named(visit, night), visit.request.POST.get("count", "")
    if not sure(visit):
        fields = [("review", name), ("count", str(len(lines))), ("run", night.run), ("given", given),
                  ("reason", reason), ("class", proposed)]  # fmt: skip
        question = Text(f"提交这 {len(lines):,} 笔的分类认定？", f"Propose the classes of these {len(lines):,} loans?")
        ask = Ask(question, consequences(night, lines, currency), Text("提交复核", "Send for approval"), action, fields,
                  back)  # fmt: skip
        return asking(visit, ask, "book")
    if count != str(len(lines)) or visit.request.POST.get("run") != night.run:
        raise Conflict("the loans are not those you were asked about", where=str(len(lines)), remedy="look again")
    class_decisions.propose_classes(
        name, lines, run=night.run, decided_on=night.as_of, currency=currency, reason=reason
    )  # fmt: skip
    role = BY_CODE[needed_for(sum(line.balance for line in lines), CLASS_LADDER).role]
    text = Text(f"已提交 {len(lines):,} 笔，待“{role.zh}”复核。", f"{len(lines):,} loans sent; {role.en} must approve.")
    made = f"{HERE}/reviews/{name}"
    return done(visit, made, text, undo=f"{made}/withdraw", fields={"sure": "yes"})


@page()
def review(visit: Visit, review_id: str) -> HttpResponse:
    """One review: what it would change, its loans, and what whoever looks may do."""
    with visit.acting(*PURPOSES):
        found = class_decisions.review_of(review_id)
        night = the_night(visit)
        state = found.proposal
        mine = state.proposer == visit.person
        checks = (allows(visit.place.roles, "approve") and not mine
                  and (not state.role or state.role in visit.place.roles))  # fmt: skip
        rows = [
            {"id": line.drawdown, "href": loan_address(line.drawdown), "party": line.party,
             "customer": customer_address(line.party), "floor": _step(line.floor), "proposed": _step(line.proposed),
             "lowered": line.lowered, "balance": Money.of(line.balance, found.currency)}
            for line in sorted(found.lines, key=lambda x: (not x.lowered, -RISK[x.proposed], -x.balance, x.drawdown))
        ]  # fmt: skip
        given = {
            "room": "book", "night": night, "review": found, "row": _review_row(found), "lines": Listed.of(rows),
            "said_lines": consequences(night, found.lines, found.currency),
            "may_decide": state.status == "open" and checks,
            "may_withdraw": state.status == "open" and mine,
            "may_seal": state.status == "approved" and found.sealed is None and checks
            and clock.text(clock.now()) < state.expires_at,
            "crumbs": [(Text("信贷台账", "Book"), "/console/book"), (Text("五级分类认定", "Classes"), HERE),
                       (Text(review_id, review_id), "")],
        }  # fmt: skip
    return shown(visit.request, "console/book_review.html", given, visit=visit)


def _step(code: str) -> Badge:
    return Badge(CLASSES[code], RISK[code])


@page("POST")
def answer(visit: Visit, review_id: str, kind: Literal["approve", "reject", "withdraw", "seal"]) -> HttpResponse:
    """Decides on a review or takes it back; an approval asks first."""
    with visit.acting(*PURPOSES):
        found = class_decisions.review_of(review_id)
        address = f"{HERE}/reviews/{review_id}"
        reason = visit.request.POST.get("reason", "").strip()[:500]
        if kind == "seal":
            after = class_decisions.seal_approved(review_id)
        else:
            if kind == "approve" and not sure(visit):
                night = the_night(visit)
                number = words.count(found.count).zh
                question = Text(f"批准并封存这 {number} 笔认定？", f"Approve and seal these {number} decisions?")
                said = consequences(night, found.lines, found.currency)[:-1]
                verb = Text("批准并封存", "Approve and seal")
                ask = Ask(question, said, verb, f"{address}/approve", [], address)
                return asking(visit, ask, "book")
            key = f"class review {review_id} {kind} by {visit.person}"
            after = class_decisions.answer_review(review_id, kind, reason=reason, idempotency_key=key)
    text = STATES[after.proposal.status]
    told = Text(f"{found.count:,} 笔认定{text.zh}。", f"{found.count:,} decisions: {text.en}.")
    if after.sealed is not None:
        told = Text(
            f"{found.count:,} 笔认定已批准，封存于批次 {after.sealed}；下一次夜间运行即按此计算。",
            f"{found.count:,} decisions approved, sealed in batch {after.sealed}; the next night counts them.",
        )
    return done(visit, address, told)
