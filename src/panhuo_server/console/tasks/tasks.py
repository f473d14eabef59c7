"""待办: what waits for whoever looks: proposals to decide, their own, deadlines to take notice of, work that failed.

Invariant: who proposed sees no way to approve, and who has not the authority neither; what is decided is decided by the
flow, which judges again whatever the page showed; each act is done once however often its form is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.errors import PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.stages.recovery.deadlines import DEADLINE_KINDS
from panhuo_server.accounts.roles import BY_CODE, allows
from panhuo_server.console.colleagues import names_of
from panhuo_server.console.frame import TASKS, Visit, done, page, shown
from panhuo_server.console.night.stages import OTHER, WHY
from panhuo_server.console.pieces.figures import Badge, day, large
from panhuo_server.console.pieces.listings import Act, Entry, Listing, moment, said, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.console.settings.adopted import difference
from panhuo_server.flows import adopting, approvals, approving, class_decisions, reminding, status
from panhuo_server.flows.approvals import Proposal
from panhuo_server.flows.proposals import open_proposals
from panhuo_server.flows.reminding import Reminded
from panhuo_server.store import book_details, events
from panhuo_server.store.layout import Layout

ADDRESS = "/console/tasks"
REVIEWS = "/console/book/classes/reviews"
"""Where reviews of classes are decided, each on its own page."""
STATES: dict[str, Badge] = {
    "open": Badge(Text("待审批", "open"), 3), "approved": Badge(Text("已通过", "approved"), 1),
    "rejected": Badge(Text("已否决", "rejected"), 5), "withdrawn": Badge(Text("已撤回", "withdrawn"), 2),
    "expired": Badge(Text("已过期", "expired"), 4),
}  # fmt: skip
HAPPENED: dict[str, Text] = {
    "proposed": Text("发起", "proposed"), "approved": Text("同意", "approved"),
    "rejected": Text("否决", "rejected"), "withdrawn": Text("撤回", "withdrawn"),
    "expired": Text("过期", "expired"), "reminded": Text("提醒", "reminded"), "escalated": Text("上报", "escalated"),
}  # fmt: skip
WORK: dict[str, Text] = {
    "night": Text("夜间运行", "the night"), "import": Text("导入", "import"),
    "import_undo": Text("撤回导入", "taking an import back"), "approval": Text("审批期限", "a proposal's times"),
    "deadline": Text("期限上报", "a deadline's escalation"), "webhook": Text("对外通知", "a webhook"),
    "import_report_expiry": Text("销毁坏行", "destroying a report"),
    "import_file_expiry": Text("销毁文件", "destroying a file"),
}  # fmt: skip
ACTIONS: dict[str, Text] = {
    adopting.ACTION: Text("采纳规则", "adoption of rules"),
    class_decisions.ACTION: Text("五级分类认定", "classes of loans"),
    "reclassify": Text("调整分类", "change of class"), "write_off": Text("核销", "write-off"),
    "restructure": Text("重组", "restructuring"), "dispose": Text("处置", "disposal"), "bid": Text("报价", "bid"),
    "settle": Text("和解", "settlement"), "waive": Text("减免", "waiver"), "lend": Text("放款", "lending"),
    "raise_limit": Text("提高额度", "higher limit"), "approve": Text("审批", "approval"),
}  # fmt: skip
"""Words for actions whose codes are known; another stands as it was proposed."""


@dataclass(frozen=True)
class Waiting:
    """A proposal with its id and when it was made."""

    id: str
    state: Proposal
    made_at: Any


def proposals() -> list[Waiting]:
    """The organisation's last proposals, the latest first, and every older one that is open. In `acting`."""
    found = events.latest("approval", 500)
    found |= {name: happened for name, happened in open_proposals().items() if name not in found}
    return [Waiting(name, approvals.fold(e), e[0].happened_at) for name, e in found.items()]


def mine_to_decide(visit: Visit, one: Proposal) -> bool:
    """Whether this person may decide on it now: not their own, not twice, with the role it asks for."""
    return (
        one.status == "open" and one.proposer != visit.person and visit.person not in one.approvals
        and allows(visit.place.roles, "approve") and (not one.role or one.role in visit.place.roles)
    )  # fmt: skip


def reminders() -> list[tuple[str, Reminded]]:
    """Deadlines somebody was reminded of, by their stream. In `acting`."""
    found = events.latest(reminding.STREAM, 1_000)
    states = [(name, reminding.fold(e)) for name, e in found.items()]
    return sorted(states, key=lambda one: one[1].last_day)


def mine_to_notice(visit: Visit, one: Reminded) -> bool:
    """Whether this person is asked to take notice of a deadline."""
    return one.status in ("reminded", "escalated") and (one.to == visit.person or visit.person in one.managers)


def failed(visit: Visit) -> list[status.Work]:
    """Work of the organisation that stopped or is slow."""
    found = status.of_organisations(
        Layout.current(), [visit.place.org], states=("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
    )
    return found.get(visit.place.org, [])


@dataclass(frozen=True)
class Counts:
    """How much waits for this person: proposals to decide, deadlines to take notice of."""

    decide: int
    notice: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.decide + self.notice


def counts(visit: Visit) -> Counts | None:
    """What waits for whoever looks, in numbers, for Today; None for who has no tasks."""
    if visit.purpose_of(TASKS) is None:
        return None
    with visit.acting(*TASKS):
        decide = sum(mine_to_decide(visit, one.state) for one in proposals())
        notice = sum(mine_to_notice(visit, one) for _, one in reminders())
    return Counts(decide, notice)


def action_of(one: Proposal) -> Text:
    """What is proposed, in words."""
    return ACTIONS.get(one.action, same(one.action))


def amount_of(one: Proposal) -> Text:
    """The amount of a proposal; a dash where it is about none."""
    return large(one.amount, one.currency) if one.amount else words.DASH


def _what(one: Waiting) -> Entry:
    return Entry(action_of(one.state), note=same(one.state.subject[:24]), goes=f"{ADDRESS}/proposals/{one.id}")


def _to_decide(visit: Visit, found: list[Waiting], people: dict[str, str]) -> Listing:
    rows = []
    for one in found:
        if not mine_to_decide(visit, one.state):
            continue
        given = (("seen", str(len(one.state.approvals))),)
        much = amount_of(one.state)
        action = action_of(one.state)
        sure = Text(f"同意：{action.zh}。", f"Approve: {action.en}.")
        if one.state.amount:
            sure = Text(f"同意：{action.zh}，{much.zh}。", f"Approve: {action.en}, {much.en}.")
        approve = Act(
            f"{ADDRESS}/proposals/{one.id}/approve", Text("同意", "Approve"), given, main=True, ask=sure
        )  # fmt: skip
        if one.state.action == class_decisions.ACTION:  # its page shows every loan, and seals as it approves
            approve = Act(approve.address, Text("去复核", "Look and decide"), given, main=True)
        reject = Act(f"{ADDRESS}/proposals/{one.id}/reject", Text("否决", "Reject"), given,
                     reason=Text("理由（会记录在案）", "Why (it is kept on record)"))  # fmt: skip
        note = Text("已提醒", "reminded") if one.state.reminded else words.NOTHING
        note = Text("已上报", "escalated") if one.state.escalated else note
        rows.append([
            _what(one), Entry(much, number=True), said(people.get(one.state.proposer, one.state.proposer)),
            Entry(same(f"{len(one.state.approvals)} / {one.state.needed}")),
            Entry(same(one.state.expires_at[:10]), note=note), Entry(acts=(approve, reject)),
        ])  # fmt: skip
    heads = (Text("事项", "What"), Text("金额", "Amount"), Text("发起人", "Proposed by"), Text("已同意", "Approvals"),
             Text("截止", "Until"), Text("决定", "Decide"))  # fmt: skip
    return Listing("decide", Text("等我审批", "Waiting for my decision"), heads, rows,
                   Text("没有等您审批的事项。", "Nothing waits for your decision."))  # fmt: skip


def _my_own(visit: Visit, found: list[Waiting], people: dict[str, str]) -> Listing:
    rows = []
    for one in found:
        if one.state.proposer != visit.person:
            continue
        acts: tuple[Act, ...] = ()
        if one.state.status == "open":
            sure = Text("撤回后不能恢复，只能重新发起。", "Withdrawn it stays so: it can only be proposed again.")
            acts = (Act(f"{ADDRESS}/proposals/{one.id}/withdraw", Text("撤回", "Withdraw"), ask=sure),)
        decided = people.get(one.state.decided_by, one.state.decided_by)
        note = same(f"{decided} {one.state.reason}".strip()) if decided else words.NOTHING
        role = BY_CODE.get(one.state.role)
        by = Text(f"由{role.zh}审批", f"decided by: {role.en}") if role and one.state.status == "open" else note
        rows.append([
            _what(one), Entry(amount_of(one.state), number=True),
            Entry(badge=STATES[one.state.status], note=by), Entry(moment(one.made_at)),
            Entry(same(one.state.expires_at[:10])), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("事项", "What"), Text("金额", "Amount"), Text("状态", "State"), Text("发起于", "Proposed"),
             Text("截止", "Until"), Text("可做", "Do"))  # fmt: skip
    return Listing("own", Text("我发起的", "My proposals"), heads, rows,
                   Text("您还没有发起过事项。", "You have proposed nothing yet."))  # fmt: skip


def deadline_kind(code: str) -> Text:
    """A kind of deadline in words."""
    if code not in DEADLINE_KINDS:
        return same(code)
    held = DEADLINE_KINDS[code]
    return Text(held.zh, held.en)


def _to_notice(visit: Visit) -> Listing:
    rows = []
    for stream, one in reminders():
        if not mine_to_notice(visit, one):
            continue
        act = Act(f"{ADDRESS}/deadlines", Text("知悉", "Take notice"), (("deadline", stream),))
        badge = (
            Badge(Text("已上报", "escalated"), 5) if one.status == "escalated" else Badge(Text("待知悉", "waits"), 4)
        )
        rows.append([
            Entry(day(date.fromisoformat(one.last_day))), Entry(deadline_kind(one.kind)),
            Entry(same(one.entity), goes=f"/console/search?q={one.entity}"), Entry(badge=badge), Entry(acts=(act,)),
        ])  # fmt: skip
    heads = (Text("最后一天", "Last day"), Text("权利", "Right"), Text("对象", "Of"), Text("状态", "State"),
             Text("可做", "Do"))  # fmt: skip
    return Listing("notice", Text("期限提醒", "Deadlines to take notice of"), heads, rows,
                   Text("没有待知悉的期限。", "No deadline waits for your notice."))  # fmt: skip


def _failed(visit: Visit) -> Listing | None:
    if not visit.may_run_the_night:
        return None
    rows = []
    for one in failed(visit):
        why, remedy = WHY.get("unavailable" if "Retries" in one.why else one.why.split("/")[0], OTHER)
        goes = f"/console/night/{one.id}" if one.kind == "night" else ""
        goes = f"/console/import/{one.id}" if one.kind in ("import", "import_undo") else goes
        rows.append([
            Entry(WORK.get(one.kind, same(one.kind)), goes=goes, note=same(one.id[:40])), Entry(moment(one.since)),
            Entry(why, note=same(one.why[:60])), Entry(remedy),
        ])  # fmt: skip
    heads = (Text("工作", "Work"), Text("停于", "Stopped"), Text("原因", "Why"), Text("怎么办", "What to do"))
    return Listing("failed", Text("没有办成的工作", "Work that failed"), heads, rows,
                   Text("没有失败的工作。", "No work failed."))  # fmt: skip


def _page(visit: Visit, told: Fault | None = None) -> HttpResponse:
    with visit.acting(*TASKS):
        people, found = names_of(), proposals()
        listings = []
        if allows(visit.place.roles, "approve"):
            listings.append(_to_decide(visit, found, people))
        listings.append(_to_notice(visit))
        if allows(visit.place.roles, "propose") or any(one.state.proposer == visit.person for one in found):
            listings.append(_my_own(visit, found, people))
    stopped = _failed(visit)
    if stopped is not None:
        listings.append(stopped)
    given = {"room": "tasks", "listings": listings, "fault": told}
    return shown(visit.request, "console/tasks/tasks.html", given, visit=visit, status=422 if told else 200)


@page()
def tasks(visit: Visit) -> HttpResponse:
    """Everything that waits for whoever looks."""
    return _page(visit)


DONE = {
    "approve": Text("已同意。", "Approved."), "reject": Text("已否决。", "Rejected."),
    "withdraw": Text("已撤回。", "Withdrawn."),
}  # fmt: skip


@page("POST")
def decide(visit: Visit, proposal: str, kind: str) -> HttpResponse:
    """Approves, rejects or withdraws a proposal."""
    if kind not in DONE:
        raise Http404
    with visit.acting(*TASKS):
        state = approvals.fold(events.read("approval", proposal))
        if state.status == "none" or (kind != "withdraw" and not allows(visit.place.roles, "approve")):
            raise Http404
        if kind == "approve" and state.action == class_decisions.ACTION:
            return redirect(f"{REVIEWS}/{state.subject}")
        seen = visit.request.POST.get("seen", str(len(state.approvals)))[:8]
        try:
            with visit.acting(*TASKS):  # an approval whose effect fails is none
                after = approving.answer(
                    proposal, kind, reason=visit.request.POST.get("reason", "")[:500],  # type: ignore[arg-type]
                    idempotency_key=f"console {proposal} {kind} {visit.person} {seen}",
                )  # fmt: skip
                adopted = state.status == "open" and adopting.take_effect(after)
            told = None
        except PanhuoError as error:
            told = fault(error, Text("没有办成", "it could not be done"))
    if told is None and adopted:
        adopting.make_anew(visit.place.org)
        return done(
            visit, ADDRESS, Text("已同意；采纳从下一次夜间运行起生效。", "Approved: it counts from the next night on.")
        )
    return _page(visit, told) if told else done(visit, ADDRESS, DONE[kind])


@page("POST")
def notice(visit: Visit) -> HttpResponse:
    """Takes notice of a deadline."""
    deadline = visit.request.POST.get("deadline", "")
    with visit.acting(*TASKS):
        reminding.acknowledge(deadline)
    return done(visit, ADDRESS, Text("已知悉，不再上报。", "Noted: it is not escalated any more."))


@page()
def proposal(visit: Visit, proposal: str) -> HttpResponse:
    """One proposal: what is proposed, and everything that happened to it."""
    with visit.acting(*TASKS):
        happened = events.read("approval", proposal)
        state = approvals.fold(happened)
        if state.status == "none":
            raise Http404
        people = names_of()
        held = book_details.input_of(state.subject) if state.action == adopting.ACTION else None
        counts_now = book_details.input_of(str(book_details.latest().get("adoption") or "")) if held else None
    rows = [
        [Entry(moment(one.happened_at)), Entry(HAPPENED.get(one.kind, same(one.kind))),
         said(people.get(one.person, one.person)), Entry(same(one.body.get("reason", "") or "—"))]
        for one in happened
    ]  # fmt: skip
    heads = (Text("时间", "When"), Text("经过", "What"), Text("何人", "Who"), Text("理由", "Why"))
    role = BY_CODE.get(state.role)
    given = {
        "room": "tasks", "state": state, "badge": STATES[state.status], "action": action_of(state),
        "amount": amount_of(state), "proposer": people.get(state.proposer, state.proposer),
        "role": Text(role.zh, role.en) if role else words.DASH, "id": proposal,
        "adopted": difference(held, counts_now) if held is not None else None,
        "listing": Listing("happened", Text("经过", "What happened"), heads, rows, words.DASH),
    }  # fmt: skip
    return shown(visit.request, "console/tasks/proposal.html", given, visit=visit)
