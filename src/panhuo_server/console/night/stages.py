"""How far a piece of durable work is, step by step, as the pages that watch a night or an import show it.

Invariant: a step is said to be done only when the queue says so; what a night is judging just now comes from its own
word and is left out when it said none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.listings import lasted
from panhuo_server.console.why import name_of
from panhuo_server.flows import progress
from panhuo_server.flows.watching import Watched
from panhuo_server.store.layout import Layout

NAMES: dict[str, Text] = {
    "read and seal": Text("读取并封存", "Read and seal"),
    "withdraw the facts": Text("撤回事实", "Withdraw the facts"),
    "may run the night": Text("确认可以判定", "See whether it may be judged"),
    "fill the cached book": Text("取齐事实", "Gather the facts"),
    "judge and log": Text("逐项判定、封存并留收据", "Judge, seal, write receipts"),
    "count the classes": Text("统计分类", "Count the classes"),
    "remind of deadlines": Text("提醒期限", "Remind of deadlines"),
}
WHY: dict[str, tuple[Text, Text]] = {
    "not-allowed": (Text("发起人已没有相应权限", "who asked for it no longer may"),
                    Text("请有该角色的同事重新发起", "let somebody with the role ask again")),
    "not-found": (Text("所需的内容已不在", "what it works on is gone"),
                  Text("重新导入后再发起", "import it again, then ask again")),
    "invalid-input": (Text("输入读不成", "the input cannot be read"),
                      Text("看导入的问题表，改好文件再提交", "look at the import's bad rows, mend the file")),
    "conflict": (Text("同一编号已用于别的工作", "the same id was used for other work"),
                 Text("重新发起一次", "ask for it again")),
    "unavailable": (Text("数据库长时间没有应答", "the database was away for hours"),
                    Text("请运维查看数据库日志，恢复后重新发起", "have the operator see the database's log")),
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": (Text("反复中断", "the worker died at it again and again"),
                                       Text("请运维查看内存和日志", "have the operator see memory and log")),
}  # fmt: skip
OTHER = (Text("出错停下", "it stopped at a fault"),
          Text("请运维按时间查看服务器日志，排除后重新发起", "have the operator see the log at this time"))  # fmt: skip
_QUEUED = {
    "the worker gives no sign of life": (
        Text("负责运行的进程没有动静", "the worker gives no sign of life"),
        Text("请运维启动服务器，或查看进程为何退出", "start the server, or see why its worker ends")),
    "other work is done first": (Text("前面还有别的工作", "other work is done first"), words.NOTHING),
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A step as shown; the one under way may say how many of how many."""

    name: Text
    state: str
    took: Text
    note: Text = words.NOTHING
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class Stages:
    """A piece of work as shown; `live` while it may still move."""

    state: str
    live: bool
    stages: tuple[Stage, ...]
    asked_at: datetime
    ended_at: datetime | None
    took: Text
    why: Text
    remedy: Text
    code: str


def _told(work: Watched) -> tuple[Text, Text]:
    if work.state == "failed":
        return WHY.get("unavailable" if "Retries" in work.why else work.why.split("/")[0], OTHER)
    if work.state == "queued":
        return _QUEUED.get(work.why, (words.NOTHING, words.NOTHING))
    if work.state == "slow":
        return (
            Text("这一步已超过半小时", "this step has taken more than half an hour"),
            Text("可继续等待；重启服务器会从这一步重做", "wait, or restart the server: the step is done again"),
        )
    return words.NOTHING, words.NOTHING


def stages_of(layout: Layout, org: str, work: Watched, run: str) -> Stages:
    """A piece of work, with what its night is judging."""
    now = progress.of_run(layout, org, run)
    found = []
    for step in work.steps:
        state = "failed" if step.state == "now" and work.state == "failed" else step.state
        if state == "now" and work.state in ("queued", "waiting"):
            state = "waiting"
        note, done, of = words.NOTHING, 0, 0
        if step.name == "judge and log" and state == "now" and now is not None:
            named = name_of(now.outcome) if now.outcome else Text("封存结果", "sealing the results")
            note, done, of = named, now.done, now.of
        took = lasted(step.took.total_seconds()) if step.took is not None else words.NOTHING
        found.append(Stage(NAMES.get(step.name, Text(step.name, step.name)), state, took, note, done, of))
    why, remedy = _told(work)
    seconds = work.took.total_seconds() if work.took is not None else None
    return Stages(
        work.state, work.state not in ("done", "failed"), tuple(found), work.asked_at, work.ended_at,
        lasted(seconds), why, remedy, work.why if work.state == "failed" else "",
    )  # fmt: skip
