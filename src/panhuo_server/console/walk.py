"""The first walk through a demonstration, in five minutes: what to do, where, and what it shows, on this very data.

Invariant: there is a walk in a demonstration only, and a step only into rooms this person may enter; every number,
claim, ring and day it names is read from the last night, and its link leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.entering import onward
from panhuo_server.console.frame import Visit, keep, page, shown
from panhuo_server.console.pieces.figures import Figures, day, large, row_address
from panhuo_server.console.results import Night, last_night
from panhuo_server.store.layout import Layout

HERE = "/console/walk"
HIDDEN = "panhuo_walk"
HIDDEN_SECONDS = 30 * 24 * 3600
BAD = ("substandard", "doubtful", "loss")


@dataclass(frozen=True)
class Step:
    """A step: what it is about, what to do there, what it shows, where."""

    title: Text
    do: Text
    shows: Text
    goes: str


def in_demonstration() -> bool:
    """Whether this server's data is a demonstration's."""
    return (Layout.current().folder / "demonstration.json").exists()


def offered(request: Any) -> bool:
    """Whether pages lead to the walk: in a demonstration, until somebody put the line away."""
    return request.COOKIES.get(HIDDEN) != "hidden" and in_demonstration()


def _by(night: Night, name: str, column: str) -> dict[str, Any] | None:
    """The row of an outcome with the largest value of a column."""
    if name not in night:
        return None
    table = night[name].table
    known = table.filter(table.column(column).is_valid())
    if not len(known):
        return None
    order = [(column, "descending"), (night[name].schema.key[0], "ascending")]
    row: dict[str, Any] = known.take(pc.sort_indices(known, sort_keys=order)[:1]).to_pylist()[0]
    return row


def _money(night: Night) -> Step | None:
    if "provisions" not in night:
        return None
    bad = Figures(night).total("provisions", "balance", (("five_class", BAD),), title=words.NOTHING)
    return Step(
        Text("今日：钱在哪里有风险", "Today: where the money is at risk"),
        Text("看最上面的数字，再看“需要我做的”和“上次以来的变化”。点一个带点线的数字。",
             "Read the first row of figures, then what needs you and what changed since the night before. Click "
             "a number "
             "with a dotted underline."),
        Text(f"不良贷款 {bad.text.zh}。任一数字都能打开：由哪些债务构成、依据哪条规则、取自哪一批事实。",
             f"{bad.text.en} of loans are non-performing. Any number opens: to the debts it is the sum of, "
             "the rules "
             "and the batch of facts."),
        "/console/",
    )  # fmt: skip


def _number(night: Night) -> Step | None:
    row = _by(night, "maximum_bids", "maximum_bid")
    if row is None:
        return None
    claim, bid = row["claim_id"], large(row["maximum_bid"])
    return Step(
        Text("打开一个数字，当场验证", "Open one number and verify it yourself"),
        Text("读理由，然后按“在本浏览器中验证”。验证不问服务器；可以断网再按。",
             "Read the reasons, then press “Verify in this browser”. It asks the server nothing; try it offline."),
        Text(f"债权 {claim} 的最高报价 {bid.zh}，由各项理由相加得出；收据证明它就是那一夜封存的一行。",
             f"The maximum bid for claim {claim}, {bid.en}, adds up from its reasons; the receipt proves it is "
             "the very row "
             "that night sealed."),
        row_address("maximum_bids", (claim,), "maximum_bid"),
    )  # fmt: skip


def _deadline(night: Night) -> Step | None:
    if "deadlines" not in night:
        return None
    table, codes = night["deadlines"].table, night["deadlines"].schema["kind"].codes
    near = table.filter(pc.is_in(table.column("state"), value_set=pa.array(["urgent", "soon"])))
    running = table.filter(pc.and_kleene(table.column("runs"), table.column("last_day").is_valid()))
    if not len(running) or codes is None:
        return None
    order = [("last_day", "ascending"), ("entity_id", "ascending")]
    held = near if len(near) else running
    row = held.take(pc.sort_indices(held, sort_keys=order)[:1]).to_pylist()[0]
    kind, when, lost = codes[row["kind"]], day(row["last_day"]), large(row["consequence"])
    return Step(
        Text("期限墙：不能错过的日子", "Deadlines: the days nobody may miss"),
        Text("按最后一日排好；看“证据等级”一列：只登过报的送达不会显示为安全。",
             "They stand by their last day. Look at the grade of evidence: what rests on a newspaper notice is never "
             "shown as safe."),
        Text(f"{len(near)} 项权利在九十日内到期；最早到期的是 {row['entity_id']} 的{kind.zh}，"
             f"{when.zh}，所涉 {lost.zh}。",
             f"{len(near)} rights end within ninety days; the first to end is {kind.en} of {row['entity_id']}, "
             f"{when.en}, with {lost.en} at stake."),
        "/console/deadlines?f.state=urgent&f.state=soon" if len(near) else "/console/deadlines",
    )  # fmt: skip


def _claim(night: Night) -> Step | None:
    row = _by(night, "claim_values", "value")
    if row is None:
        return None
    claim, debt, value = row["claim_id"], large(row["debt"]), large(row["value"])
    return Step(
        Text("一笔债权：从余额到最高报价", "A claim: from what is owed to the maximum bid"),
        Text("顺着瀑布图看每一步扣减，再看担保物、查封、程序和时间线。",
             "Follow the waterfall down, then its security, seizures, proceedings and time line."),
        Text(f"{claim}：欠 {debt.zh}，值 {value.zh}。差额不是折扣，是费用、税、顺位和时间。",
             f"{claim} owes {debt.en} and is worth {value.en}. The difference is no discount: it is costs, "
             "taxes, rank and "
             "time."),
        f"/console/claims/{quote(claim, safe='')}",
    )  # fmt: skip


def _ring(night: Night) -> Step | None:
    if "rings" not in night or not len(night["rings"]):
        return None
    table = night["rings"].table
    live = table.filter(pc.fill_null(table.column("live"), False)) if "live" in table.column_names else table
    held = live if len(live) else table
    order = [("length", "descending")] if "length" in table.column_names else []
    held = held.take(pc.sort_indices(held, sort_keys=[*order, ("ring_id", "ascending")]))
    ring = str(held.column("ring_id")[0].as_py())
    return Step(
        Text("一个担保圈：谁为谁担保", "A ring: who answers for whom"),
        Text("看箭头绕回起点，再看“最弱一环”和一户失败后的代偿。",
             "See the arrows come back to where they began, then the weakest link and what one failure calls in."),
        Text(f"共 {len(table)} 个圈；{ring} 里的每一份保证都能追到合同。",
             f"{len(table)} rings in all; every guarantee of {ring} leads to its contract."),
        f"/console/network/rings/{quote(ring, safe='')}",
    )  # fmt: skip


def _rule(night: Night) -> Step | None:
    return Step(
        Text("规则：每条判断的出处", "Rules: where each judgement stands"),
        Text("挑一条规则，看条文、等级、生效日，以及昨夜判到了谁。",
             "Pick a rule: its article, its grade, since when it holds, and whom it judged last night."),
        Text("等级 M、U 的规则只提示，机构自己采纳之前不改变任何分类、额度和价格。",
             "Rules graded M or U only advise: until the institution adopts them they change no class, limit or "
             "price."),
        "/console/rules",
    )  # fmt: skip


def _evidence(night: Night) -> Step | None:
    return Step(
        Text("存证：整夜重算", "Evidence: the night, replayed"),
        Text("看日志、签名的树头和公钥；把任一结果重算一遍。",
             "See the log, its signed heads and the public key; replay any outcome."),
        Text(f"这一夜截至 {night.as_of}，读到第 {night.sequence} 批；同样的事实重算出同样的字节。",
             f"This night is of {night.as_of} and read up to batch {night.sequence}; the same facts give the "
             "same bytes."),
        "/console/evidence",
    )  # fmt: skip


WORKING: tuple[tuple[str, Callable[[Night], Step | None]], ...] = (
    ("today", _money), ("claims", _number), ("deadlines", _deadline), ("claims", _claim), ("network", _ring),
    ("rules", _rule), ("evidence", _evidence),
)  # fmt: skip
"""Of those who work with a night's results: the room a step leads to, and the step."""

ELSEWHERE = {
    "mine_loans": Step(
        Text("我的贷款", "My loans"),
        Text("看一笔贷款：借了多少、还欠多少、下一次还款是哪天。",
             "Look at a loan: how much was borrowed, what is still owed, when the next payment is due."),
        Text("数字来自银行自己的台账，用日常的话说。",
             "The numbers are those of the bank's own ledger, in everyday words."),
        "/console/mine/loans",
    ),
    "mine_data": Step(
        Text("谁看过我的信息", "Who read my data"),
        Text("看银行存了什么、谁在什么时候为什么看过。", "See what the bank holds, and who read it, when and why."),
        Text("每次查阅在给出数据之前就已记录；您自己的查阅也在其中。",
             "Every read is on record before the data is given out; your own looks stand there too."),
        "/console/mine/data",
    ),
    "mine_consents": Step(
        Text("撤回一项同意", "Withdraw a consent"),
        Text("挑一项同意，读它管什么，撤回它。", "Pick a consent, read what it is for, and withdraw it."),
        Text("下一次查询起生效，不用等任何人处理。", "It holds from the next query on; nobody needs to act first."),
        "/console/mine/consents",
    ),
    "mine_requests": Step(
        Text("提一个请求", "Ask for something"),
        Text("请求更正或说明；回到银行的客户经理那里能看到它。",
             "Ask for a correction or an explanation; the bank's officer finds it in their list."),
        Text("请求和答复都留有记录。", "Request and answer are both kept."),
        "/console/mine/requests",
    ),
    "offers": Step(
        Text("别人向我们共享的资产包", "A package others share with us"),
        Text("打开资产包，再打开一户：债权、担保、程序、时间线。",
             "Open the package, then one debtor: claim, security, proceedings, time line."),
        Text("只见到共享等级以内的列，其余写明“已遮蔽”；共享到期即消失。",
             "Columns up to the share's level are shown, the others say they are masked; when the share ends it "
             "is gone."),
        "/console/offers",
    ),
    "cases": Step(
        Text("案件和它们的日子", "Cases and their days"),
        Text("看哪件的司法确认期限最近，打开它，记录下一步。",
             "See whose judicial confirmation is due first, open it, record the next step."),
        Text("法院和调解组织的数据单独存放，商业机构看不到，也不能共享过去。",
             "Courts' and mediation bodies' data lies apart; no commercial organisation sees it, and none can "
             "be given it."),
        "/console/cases",
    ),
    "supervised": Step(
        Text("被监管机构", "Institutions under supervision"),
        Text("看不良率与拨备覆盖率的走势。", "Look at the bad-debt ratio and the cover over the months."),
        Text("只有机构授权的汇总数，少于十户不显示，没有任何逐笔数据。",
             "Granted aggregates alone, none of fewer than ten parties, and no row of anybody."),
        "/console/supervision",
    ),
    "shares": Step(
        Text("共享与个人信息", "Shares and privacy"),
        Text("看谁能看到什么、到哪天为止。", "See who sees what, and until when."),
        Text("每一份共享有等级、目的和终日，可以立即结束。",
             "Every share has a level, a purpose and an end, and can be ended at once."),
        "/console/shares",
    ),
    "settings": Step(
        Text("设置", "Settings"),
        Text("看自己的登录、语言和令牌。", "See your own sign-ins, language and tokens."),
        Text("换一个角色登录，再走一遍：同一本账，各看各的。",
             "Sign in as somebody else and walk again: one book, and everybody sees their part."),
        "/console/settings",
    ),
}  # fmt: skip
"""Room -> a step into it, for those who come for something else than a night's results."""


def steps(visit: Visit, night: Night | None) -> Iterator[Step]:
    """The steps of a visit, in order."""
    rooms = {room.code for room in visit.rooms}
    made = [step(night) for room, step in WORKING if room in rooms] if night is not None else []
    found = [step for step in made if step is not None]
    yield from found
    if not found:
        yield from (step for room, step in ELSEWHERE.items() if room in rooms)


@page()
def walk(visit: Visit) -> HttpResponse:
    """The walk."""
    if not in_demonstration():
        raise Http404
    night = None
    if not visit.place.judicial and visit.purpose_of(_NIGHT):
        with visit.acting(*_NIGHT):
            night = last_night(visit)
            found = list(steps(visit, night))
    else:
        found = list(steps(visit, None))
    return shown(visit.request, "console/walk.html", {"room": "", "steps": found, "night": night}, visit=visit)


_NIGHT = ("monitoring", "valuation", "recovery", "origination", "approval", "audit", "reporting")


@page("POST")
def put_away(visit: Visit) -> HttpResponse:
    """Puts the line that leads to the walk away."""
    response = redirect(onward(visit.request.POST.get("next")))
    keep(visit.request, response, HIDDEN, "hidden", seconds=HIDDEN_SECONDS)
    return response
