"""What was refused, in both languages: the program's errors as pages say them.

Invariant: what a person reads here names what happened and the next step; a code nobody wrote words for is shown with
the program's own, never hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.ground.record.errors import PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text


@dataclass(frozen=True)
class Fault:
    """A refusal: what, where, what to do."""

    what: Text
    remedy: Text = words.NOTHING
    where: str = ""


_SAID: dict[str, tuple[str, str, str, str]] = {
    "own-proposal": ("发起人不能审批自己的事项", "who proposed does not decide",
                     "请有权限的同事审批", "ask a colleague with the authority"),
    "authority": ("这项决定超出您的权限", "this decision is beyond your authority",
                  "请有相应权限的人审批", "ask somebody with that authority"),
    "reason": ("需要写明理由", "a reason is needed", "写明理由后再提交", "say why, then send it again"),
    "decided": ("此事项已经办结", "it is decided already", "看最新状态", "look at its state"),
    "twice": ("您已经同意过", "you approved it already", "等待其他审批人", "wait for the other checkers"),
    "late": ("已过期限", "its time is over", "请发起人重新发起", "ask for it to be proposed again"),
    "not-the-proposer": ("只有发起人可以撤回", "only who proposed withdraws", "", ""),
    "stream-moved-on": ("他人刚刚处理过", "somebody else acted on it meanwhile",
                        "看最新状态后再决定", "look at it again, then decide"),
    "idempotency-key": ("这一次提交已处理过，内容却不同", "this was sent before with other content",
                        "刷新页面后重新提交", "reload the page and send it again"),
    "last-administrator": ("这是机构最后一名管理员", "this is the last administrator",
                           "先让另一人成为管理员", "make another person administrator first"),
    "role-held-already": ("此人已有该角色", "the person holds that role already", "", ""),
    "role-not-of-this-kind": ("这类机构没有该角色", "this kind of organisation has no such role", "", ""),
    "judicial-and-commercial-staff": ("法院与调解人员不得兼任商业角色", "judicial staff hold no commercial role",
                                      "先终止其他角色", "end the other roles first"),
    "own-and-brokered-staff": ("自营与经纪业务人员分离", "own and brokered business are kept apart",
                               "换一个人", "name another person"),
    "own-and-brokered-shares": ("自营与经纪业务数据分离", "own and brokered business are kept apart", "", ""),
    "judicial-and-commercial-shares": ("司法数据与商业数据分离", "judicial and commercial data are kept apart",
                                       "经法院自己的渠道交换文件", "exchange files through the court's own channel"),
    "rows-for-supervisor": ("监管机构只看汇总，不看明细", "a supervisor sees aggregates, never rows",
                            "改为授权监管汇总", "grant supervision instead"),
    "no-consent": ("没有该主体对此的有效同意", "no consent of that party stands for this",
                   "先取得同意", "ask for its consent first"),
    "no-such-organisation": ("没有这家机构", "there is no such organisation", "核对机构代码", "check its code"),
    "no-such-member": ("没有这名成员", "there is no such member", "先邀请此人", "invite the person first"),
    "no-such-share": ("没有这项有效共享", "there is no such live share", "看最新列表", "look at the list again"),
    "no-such-invitation": ("邀请已失效", "the invitation is not open any more", "重新邀请", "invite again"),
    "no-such-token": ("没有这个有效令牌", "there is no such live token", "看最新列表", "look at the list again"),
    "already-ended": ("已经终止", "it has ended already", "看最新列表", "look at the list again"),
    "scope-beyond-role": ("用途超出该人的角色", "a purpose goes beyond the person's roles",
                          "减少用途", "name fewer purposes"),
    "dead-letter": ("不能与该机构共享", "rows cannot be shared with that organisation",
                    "换一家机构", "name another organisation"),
    "sign-in": ("原密码不对", "the old password is wrong", "重试", "try again"),
    "password": ("新密码太容易猜到", "the new password is too easy to guess",
                 "至少 10 个字符，不以您的姓名或邮箱开头",
                 "at least 10 characters, not beginning with your name or address"),
    "too-many-tries": ("尝试次数过多", "too many tries", "稍后再试", "wait, then try again"),
    "inside": ("该地址在内部网络", "this address lies inside a private network",
               "填写公网地址", "name a public host"),
    "balances-of-the-whole-claim": ("余额按整笔债权陈述，而债权对应多笔借据",
                                    "balances are stated for the claim as a whole, which comes from several drawdowns",
                                    "按借据陈述余额，或从借据发放日起算",
                                    "state them drawdown by drawdown, or begin from the day it was paid out"),
    "money-of-the-whole-claim": ("回款没有注明借据，而债权对应多笔借据",
                                 "money came in without its drawdown, of a claim that comes from several",
                                 "在回收记录上注明借据", "name its drawdown in the recovery"),
    "share-of-a-drawdown": ("债权只占该借据的一部分", "the claim holds a share of that drawdown only",
                            "从基准日陈述余额起算", "begin from balances stated at a base day"),
    "no-such-class": ("没有这一分类", "there is no such class", "从五级中选择", "choose one of the five"),
    "better-than-floor": ("不得优于规则判定的最低分类", "a class may not be better than the rules ask for",
                          "可以下调，不可以上调", "it may be put lower, never better"),
    "how-many": ("一次认定的借据笔数超出范围", "a review holds too few or too many loans",
                 "用筛选缩小范围后分批提交", "narrow the list and propose it in parts"),
    "class/waiting": ("其中有借据正在另一次认定中待复核", "some of these loans wait in another review",
                      "先决定或撤回那一次认定", "decide or withdraw that review first"),
    "decided-later": ("其中有借据此后已另行认定", "some of these loans were decided later",
                      "否决或撤回本次认定，重新提交仍待认定的",
                      "reject or withdraw this review, propose what is still open"),
    "paper/waiting": ("底稿正在待审批", "the paper waits for approval",
                      "先撤回审批申请再改", "take the proposal back first"),
    "own-review": ("发起人不能封存自己的认定", "who proposed does not seal", "请审批人封存", "ask whoever approved it"),
    "nothing-to-undo": ("没有可撤回的内容", "there is nothing of it to take back", "", ""),
}  # fmt: skip


def fault(error: PanhuoError, instead: Text | None = None) -> Fault:
    """An error as a page says it; `instead` stands for what no words were written for."""
    known = _SAID.get(error.code) or _SAID.get(error.code.rpartition("/")[2])
    if known is not None:
        zh, en, remedy_zh, remedy_en = known
        return Fault(Text(zh, en), Text(remedy_zh, remedy_en), error.where if len(error.where) < 80 else "")
    if instead is not None:
        return Fault(instead, where=error.where)
    remedy = Text(error.remedy, error.remedy) if error.remedy else words.NOTHING
    return Fault(Text(f"没有办成：{error.what}", error.what), remedy, error.where)
