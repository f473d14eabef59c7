"""Deadlines and people: who answers for each, who was reminded and took notice, and what a missed one leaves open.

Invariant: notice is taken through `flows.reminding` alone, by whom the reminder went to; what can still be done of a
missed right is advice with the rule it stands on, never a later date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from panhuo.ground.record.columns import CodeList
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.boards import claims_of_assets
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import Figures, row_address
from panhuo_server.console.results import Night
from panhuo_server.flows import reminding
from panhuo_server.store import events

NOTICES = CodeList.of(
    "notice_states",
    ("none", "未提醒", "nobody reminded"),
    ("reminded", "已提醒", "reminded"),
    ("escalated", "已上报", "escalated"),
    ("acknowledged", "已知悉", "taken notice of"),
)

STILL: Mapping[str, tuple[Text, tuple[str, ...]]] = {
    "debt_limitation": (
        Text(
            "债务人同意履行、部分清偿或签收对账的，时效重新计算；法院不主动适用时效，债务人须自己抗辩。先核对"
            "有无漏记的催收、扣收或诉讼。",
            "It starts again once the debtor agrees to perform, pays a part or signs a statement; a court "
            "does not raise it by "
            "itself. First look for demands, deductions or suits that were not recorded.",
        ),
        ("LIM-03", "LIM-04", "LIM-06"),
    ),
    "enforcement_period": (
        Text(
            "逾期申请法院仍应受理，被执行人异议成立才不予执行；曾申请后终本的可随时恢复执行。",
            "A late application is still taken in and fails only on the debtor's objection; a case closed for"
            " want of property may "
            "be resumed at any time.",
        ),
        ("ENF-02", "ENF-09"),
    ),
    "guarantee_period": (
        Text(
            "保证责任已免除，事后签字不视为继续承担：除非查到期间内曾主张，只能请保证人另签新的保证。",
            "The guarantor is free and a later signature changes nothing: unless a demand within the period "
            "is found, only a new "
            "guarantee helps.",
        ),
        ("GUA-13", "GUA-15"),
    ),
    "guarantee_limitation": (
        Text(
            "核对对保证人的请求、诉讼和部分清偿有无漏记；否则与保证人另立还款协议。",
            "Look for demands, suits or part payments of the guarantor that were not recorded; else agree on "
            "a new undertaking.",
        ),
        ("GUA-14", "LIM-03"),
    ),
    "seizure_expiry": (
        Text(
            "查封已失效：立即申请重新查封；若他人已轮候，其自动生效，本方排到其后。",
            "The seizure has ended: apply for a new one today; whoever waited has moved up and we come after them.",
        ),
        ("OUT-28",),
    ),
    "appraisal_validity": (
        Text(
            "重新确定参考价；有效期内已发一拍公告的，期满后六个月内成交可不重新定价。",
            "Have a new reference price set; where the first sale was announced in time, six months more may do.",
        ),
        ("REF-09",),
    ),
    "judicial_confirmation": (
        Text(
            "三十日已过：重新达成调解协议再共同申请，或者凭协议起诉。",
            "The thirty days are over: agree again and apply together, or sue on the agreement.",
        ),
        ("MED-01",),
    ),
    "bankruptcy_filing": (
        Text(
            "可以补充申报，但此前已分配的不再补充，并承担审查费用：当日向管理人补报。",
            "It may be filed late, without a share in what was distributed before and at one's own cost: file today.",
        ),
        (),
    ),
    "appeal": (
        Text(
            "判决已生效：核对送达日；符合条件的申请再审。",
            "The judgment stands: check the day of service; ask for retrial where there is ground.",
        ),
        ("LIT-06",),
    ),
    "suit_after_preservation": (
        Text("保全可能已解除：起诉并重新申请保全。", "The preservation may be lifted: sue, and apply for it again."),
        ("LIT-09",),
    ),
    "distribution_objection": (
        Text(
            "分配方案已可执行：核对送达日，剩余款项参与后续分配。",
            "The plan can be carried out: check the day of service, and join the next distribution.",
        ),
        ("ENF-08",),
    ),
}
"""Kind of deadline -> what can still be done once it passed, and the rules it stands on."""


def owners(night: Night) -> dict[tuple[str, str], str]:
    """(kind, entity) -> the person who answers for the claim it is about, where somebody does."""
    answers, claims = reminding.responsible(), claims_of(night)
    found = {}
    for row in night["deadlines"].table.select(["kind", "entity_id"]).to_pylist() if answers else ():
        key = (row["kind"], row["entity_id"])
        if person := reminding.answering(answers, claims, *key):
            found[key] = person
    return found


def reminded() -> dict[str, reminding.Reminded]:
    """Deadline -> where its reminder stands, of the latest two thousand."""
    return {name: reminding.fold(held) for name, held in events.latest(reminding.STREAM, 2000).items()}


def notice_of(row: Mapping[str, Any], known: Mapping[str, reminding.Reminded]) -> str:
    """Where the reminder of a deadline stands."""
    if row["last_day"] is None:
        return "none"
    state = known.get(reminding.deadline_id(row["kind"], row["entity_id"], row["last_day"]))
    return "none" if state is None else state.status


def claims_of(night: Night) -> dict[tuple[str, str], str]:
    """(kind, entity) -> its claim, where it is of one."""
    behind, subjects = claims_of_assets(night), night["deadlines"].subjects
    return reminding.claims_of(subjects, behind, as_of=night.as_of, sequence=night.sequence)


def waiting_of(visit: Visit, night: Night, known: Mapping[str, reminding.Reminded]) -> list[dict[str, Any]]:
    """Reminders nobody has taken notice of, the nearest first; `mine` where this person may."""
    kinds = night["deadlines"].schema["kind"].codes
    assert kinds is not None
    claims = claims_of(night)
    found = []
    for name, state in known.items():
        if state.status not in ("reminded", "escalated"):
            continue
        last = date.fromisoformat(state.last_day)
        claim = claims.get((state.kind, state.entity), "")
        kind = kinds[state.kind] if state.kind in kinds else None  # noqa: SIM401 - a code list has no get
        found.append(
            {
                "id": name,
                "kind": Text(kind.zh, kind.en) if kind else Text(state.kind, state.kind),
                "entity": state.entity,
                "last": last,
                "left": (last - night.as_of).days,
                "to": state.to,
                "managers": state.managers,
                "escalated": state.status == "escalated",
                "mine": visit.person == state.to or visit.person in state.managers,
                "page": f"/console/claims/{quote(claim, safe='')}" if claim else "",
            }
        )
    return sorted(found, key=lambda one: (one["last"], one["id"]))


def missed_of(night: Night, figures: Figures, most: int = 20) -> tuple[int, list[dict[str, Any]]]:
    """Rights lost, those that carry most first, with what can still be done."""
    wall = night["deadlines"]
    lost = [row for row in wall.table.to_pylist() if row["passed"]]
    lost.sort(key=lambda row: (-(row["consequence"] or 0), row["last_day"], row["kind"], row["entity_id"]))
    claims, kinds = claims_of(night), wall.schema["kind"].codes
    assert kinds is not None
    found = []
    for row in lost[:most]:
        key = (row["kind"], row["entity_id"])
        still, rules = STILL.get(row["kind"], (words.NOTHING, ()))
        claim = claims.get(key, "")
        found.append(
            {
                "kind": Text(kinds[row["kind"]].zh, kinds[row["kind"]].en),
                "entity": row["entity_id"],
                "last": row["last_day"],
                "days": -row["days_left"],
                "amount": figures.cell("deadlines", key, "consequence"),
                "where": row_address("deadlines", key, "last_day"),
                "still": still,
                "rules": rules,
                "page": f"/console/claims/{quote(claim, safe='')}" if claim else "",
            }
        )
    return len(lost), found


WIDE, DAYS = 1080, 90
_TALL = 64


def strip_of(night: Night) -> dict[str, Any]:
    """The next ninety days as a strip: a bar a day on which rights end, as tall as their number."""
    as_of = night.as_of
    ends: dict[date, list[dict[str, Any]]] = {}
    for row in night["deadlines"].table.to_pylist():
        if row["runs"] and row["last_day"] is not None and 0 <= (row["last_day"] - as_of).days <= DAYS:
            ends.setdefault(row["last_day"], []).append(row)
    highest = max((len(rows) for rows in ends.values()), default=1)
    step = WIDE // (DAYS + 1)
    bars = []
    for day, rows in sorted(ends.items()):
        ahead = (day - as_of).days
        tall = max(6, _TALL * len(rows) // highest)
        text = Text(f"{day}：{len(rows)} 项权利届满", f"{day}: {len(rows)} end")
        bars.append(
            {
                "x": ahead * step,
                "y": _TALL - tall,
                "wide": step - 2,
                "tall": tall,
                "text": text,
                "step": 4 if ahead <= 30 else 3,
            }
        )
    weeks = [{"x": n * step, "day": as_of + timedelta(days=n)} for n in range(0, DAYS + 1, 15)]
    return {
        "bars": bars,
        "weeks": weeks,
        "wide": WIDE,
        "tall": _TALL,
        "foot": _TALL + 16,
        "total": _TALL + 22,
        "count": sum(len(rows) for rows in ends.values()),
        "month": 30 * step,
    }
