"""风控说明卡: the decision explained to whoever asked for credit, in plain words, on one page to print and hand over.

Invariant: it says nothing the sealed outcomes do not; every ground of the decision stands on it; it says that a person
decides, how to have it looked at again, and what can be brought; no code and no name of a person is on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse

from panhuo.ground.record.arguments import scaled_text, thousands
from panhuo.ground.values.currency import minor_units
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.applications.applications import PURPOSES, asked_for
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.results import Night, the_night

MOST = 4
"""Facts of the score named, those that took most away first."""
SAID: dict[str, Text] = {
    "accept": Text("按您现在的经营记录，可以放贷。", "On your present record we can lend to you."),
    "refer": Text("资料还不够让电脑判断，需要一位信贷人员来看。",
                  "There is not enough on record: a credit officer will look at it."),
    "refuse_proposed": Text("按现有资料，系统建议暂不放贷。最后由信贷人员决定。",
                            "On what we hold, the system suggests not to lend now. A credit officer decides."),
}  # fmt: skip
GROUNDS: dict[str, tuple[Text, Text]] = {
    "ACCEPTED": (Text("您的还款能力达到我们的要求。", "Your ability to repay meets what we ask."), words.NOTHING),
    "REFUSE_NO_SALES": (
        Text("近 12 个月看不到您的销售，也就看不到拿什么还款。",
             "We see no sales in the last 12 months, and so nothing to repay from."),
        Text("如果有销售，请带上发票、纳税申报表或银行流水。",
             "If you did sell, bring invoices, tax returns or bank statements.")),
    "REFUSE_TOO_RISKY": (
        Text("按经营记录推算，一年内还不上款的可能性超过我们能接受的水平。",
             "On your record, the chance of not being able to repay within a year is above what we can accept."),
        Text("看看下面几项有没有错；能提供担保或多一些经营记录，也会重新计算。",
             "See whether anything below is wrong; security or a longer record is counted anew.")),
    "REFUSE_BY_RULE": (
        Text("有一条法律或监管规定不允许发放这笔贷款。", "A rule of law or supervision does not allow this loan."),
        Text("请信贷人员告诉您是哪一条、怎样才符合。", "Ask the officer which one, and what would meet it.")),
    "REFER_UNKNOWN_RISK": (
        Text("手上的资料算不出风险。", "What we hold does not let us tell the risk."),
        Text("补充近 12 个月的发票或流水。", "Bring invoices or statements of the last 12 months.")),
    "REFER_SHORT_RECORD": (
        Text("您的经营记录还太短。", "Your record is still short."),
        Text("带上更早的发票、流水或订单。", "Bring earlier invoices, statements or orders.")),
    "REFER_SALES_STOPPED": (
        Text("最近一段时间没有新的销售。", "There have been no new sales for a while."),
        Text("说明原因；有新订单的带上订单。", "Tell us why, and bring new orders if there are any.")),
}  # fmt: skip
"""Reason code -> what it means to whoever asked, and what they can bring."""
NO_AMOUNT = (
    Text("按现有资料算出的金额低于我们的起点，还不能定额度。",
         "The amount that what we hold leads to is below our least, so no limit is set yet."),
    Text("请信贷人员说明；补充销售资料会重新计算。", "Ask the officer; further sales on record are counted anew."),
)  # fmt: skip
"""Accepted, yet without an amount."""


@dataclass(frozen=True)
class Card:
    """What the card says."""

    decision: Text
    grounds: tuple[tuple[Text, Text], ...]
    against: tuple[str, ...]
    amount: Text
    rate: Text
    months: int


def card_of(night: Night, party: str, language: str) -> Card:
    """The card of an application.

    Raises:
        Http404: when the night judged none of that party.
    """
    asked_for(night, party)
    decisions = night.named("credit_decisions")
    code = decisions.table.column("decision")[decisions.row_of(party)].as_py()
    grounds = []
    for reason in decisions.why(party, language=language)["reasons"]:
        if reason["code"] in GROUNDS:
            grounds.append(GROUNDS[reason["code"]])
    against = []
    if "scores" in night and code != "accept":
        lost = [r for r in night["scores"].why(party, language=language)["reasons"] if (r["contribution"] or 0) < 0]
        for reason in sorted(lost, key=lambda r: r["contribution"])[:MOST]:
            against.append(reason["words"].split("，得 ")[0].split(", worth ")[0])
    amount, rate, months = words.NOTHING, words.NOTHING, 0
    if code == "accept" and "limits" in night:
        limits = night["limits"]
        row = limits.table.slice(limits.row_of(party), 1).to_pylist()[0]
        if row["limit"]:
            yuan = thousands(row["limit"] // minor_units("CNY"))
            amount, months = Text(f"{yuan} 元", f"CNY {yuan}"), row["term_months"] or 0
            prices = night.get("prices")
            found = prices.table.column("rate")[prices.row_of(party)].as_py() if prices is not None else None
            if found is not None:
                rate = Text(*[f"{scaled_text(found, 10_000, 2)} %"] * 2)
    if code == "accept" and amount is words.NOTHING:
        grounds.append(NO_AMOUNT)
    return Card(SAID[code], tuple(grounds), tuple(against), amount, rate, months)


@page()
def card(visit: Visit, party: str) -> HttpResponse:
    """The explanation card."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        held = card_of(night, party, visit.language)
    given = {"room": "applications", "night": night, "party": party, "card": held}
    return shown(visit.request, "console/applications/card.html", given, visit=visit)
