"""The chain of assignment and whether everybody it concerns was told: 转让链与通知完整性.

Invariant: a link is whole only when it begins where the last one ended; somebody was told only where a notice of the
last assignment is shown to have reached them (signed for or delivered); a newspaper alone never counts as told.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from panhuo.journey.report.words import Text
from panhuo_server.console.claims.holding import Holding, Row
from panhuo_server.console.pieces.grids import Grid, badge_cell, code_text, fact_address, grid_of, text_cell, told


@dataclass(frozen=True)
class Told:
    """One person the assignment concerns: in what part, how surely they were told, by which notice."""

    party: str
    role: str
    state: str
    notice: Row | None = None


TOLD = {
    "reached": (Text("已通知，送达有据", "told, delivery shown"), 1),
    "weak": (Text("证据偏弱", "weak evidence"), 3),
    "missing": (Text("未见通知", "no notice seen"), 5),
}
"""How surely somebody was told, with its step of risk."""
_SAFE = ("a", "b")


def told_of(holding: Holding) -> list[Told]:
    """Debtor, guarantors and providers of security, each with the best notice of assignment they got."""
    if not holding.assignments:
        return []
    wanted: dict[tuple[str, str], None] = {(holding.claim["party_id"], "debtor"): None}
    for guarantee in holding.guarantees:
        if guarantee["released_on"] is None or guarantee["released_on"] > holding.night.as_of:
            wanted.setdefault((guarantee["guarantor_id"], "guarantor"), None)
    for right in holding.rights.values():
        if right["provider_id"] and right["provider_id"] != holding.claim["party_id"]:
            wanted.setdefault((right["provider_id"], "security_provider"), None)
    notices = [n for n in holding.notices if n["purpose"] == "assignment" and _of_last(n, holding.assignments[-1])]
    found = []
    for party, role in wanted:
        if not party:
            continue
        mine = [n for n in notices if n["addressee_id"] == party]
        sure = [n for n in mine if n["grade"] in _SAFE and n["reached_on"] is not None]
        best = sure[-1] if sure else mine[-1] if mine else None
        found.append(Told(party, role, "reached" if sure else "weak" if mine else "missing", best))
    return found


def _of_last(notice: Row, last: Row) -> bool:
    """Whether a notice is of the last assignment: it names it, or names none and was sent when it had been signed."""
    if notice["assignment_id"] is not None:
        return bool(notice["assignment_id"] == last["id"])
    sent, signed = (notice["sent_on"] or notice["effective_on"]), (last["signed_on"] or last["effective_on"])
    return bool(sent >= signed)


def breaks_of(holding: Holding) -> list[Text]:
    """Where the chain does not hold: a number left out, a link that begins elsewhere, an end that is not the holder."""
    found = []
    links = holding.assignments
    for at, link in enumerate(links, 1):
        if link["number"] is not None and link["number"] != at:
            found.append(Text(f"缺第 {at} 手转让", f"link {at} of the chain is missing"))
            break
    for before, after in pairwise(links):
        if before["assignee_id"] != after["assignor_id"]:
            found.append(
                Text(
                    f"第 {after['number']} 手的转让人不是第 {before['number']} 手的受让人",
                    f"who assigned in link {after['number']} is not who received in link {before['number']}",
                )
            )
    holder = holding.claim["holder_id"]
    if links and holder and links[-1]["assignee_id"] != holder:
        found.append(Text("最后一手的受让人不是现持有人", "the last link does not end with the holder"))
    for link in links:
        if not link["original_contract_seen"]:
            found.append(
                Text(
                    f"第 {link['number']} 手未见合同原件",
                    f"the original contract was not seen in link {link['number']}",
                )
            )
        if link["closed_on"] is None:
            found.append(Text(f"第 {link['number']} 手没有交割日", f"link {link['number']} has no closing day"))
    return found


def chain_grid(holding: Holding) -> Grid | None:
    """The links of the chain."""
    columns = ("number", "assignor_id", "assignee_id", "base_on", "signed_on", "closed_on", "allocated_price",
               "original_contract_seen", "recourse")  # fmt: skip
    return grid_of("assignments", holding.assignments, columns) if holding.assignments else None


def notices_grid(holding: Holding) -> Grid | None:
    """Who was told of the assignment, and on what evidence."""
    found = told_of(holding)
    if not found:
        return None
    rows = []
    for one in found:
        text, step = TOLD[one.state]
        notice: dict[str, Any] = one.notice or {"id": ""}
        where = fact_address("notices", notice) if one.notice else ""
        rows.append([
            text_cell(one.party), text_cell(code_text("notices", "addressee_role", one.role)),
            badge_cell(text, step, where),
            *([told("notices", notice, c) for c in ("method", "sent_on", "reached_on", "grade")]),
        ])  # fmt: skip
    heads = (
        (Text("相对人", "Whom it concerns"), False), (Text("身份", "As"), False), (Text("通知", "Told"), False),
        (Text("方式", "How"), False), (Text("发出", "Sent"), False), (Text("到达", "Reached"), False),
        (Text("证据等级", "Grade"), False),
    )  # fmt: skip
    return Grid(heads, rows)


def chain_verdict(holding: Holding) -> tuple[Text, int]:
    """One line on the chain with its step of risk."""
    if not holding.assignments:
        return Text("自有债权，没有转让", "our own claim: never assigned"), 0
    broken, told_all = breaks_of(holding), told_of(holding)
    missing = sum(one.state == "missing" for one in told_all)
    weak = sum(one.state == "weak" for one in told_all)
    if not broken and not missing and not weak:
        return Text("链条完整，均已有据通知", "the chain holds and everybody was told"), 1
    zh = "；".join([*[b.zh for b in broken], *([f"{missing} 人未见通知"] if missing else []),
                    *([f"{weak} 人只有偏弱的通知证据"] if weak else [])])  # fmt: skip
    en = "; ".join([*[b.en for b in broken], *([f"{missing} without a notice"] if missing else []),
                    *([f"{weak} told on weak evidence alone"] if weak else [])])  # fmt: skip
    return Text(zh, en), 5 if broken or missing else 3
