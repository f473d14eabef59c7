"""The frame's own pieces and every state of the others, as the kit shows them.

Invariant: the words here are examples of what pages say: what is so, why, and the next step.
"""

from __future__ import annotations

from typing import Any

from panhuo.journey.report.words import Text
from panhuo_server.console.messages import Message
from panhuo_server.console.pieces.asking import Ask, State
from panhuo_server.console.pieces.tables import MASKED
from panhuo_server.console.shared_rows import CLOSED, Disclosed

HERE = "/console/kit"
PIECES = (
    ("figures", Text("数字", "Figures"), Text("还没有夜间运行的结果。", "No night was run yet."),
     Text("运行夜间任务", "Run the night")),
    ("table", Text("表", "Table"), Text("没有符合筛选的行。", "No row fits the filters."),
     Text("清除筛选", "Clear the filters")),
    ("drawing", Text("图", "Drawing"), Text("不足两个月，画不出走势。", "Under two months: no trend to draw."),
     Text("看表", "See the table")),
    ("line", Text("时间线", "Time line"), Text("没有事实。", "No facts."), Text("导入事实", "Import facts")),
    ("lines", Text("清单", "List"), Text("今天没有需要您处理的事项。", "Nothing needs you today."),
     Text("看全部", "See all")),
)  # fmt: skip


def states() -> list[tuple[Text, list[State]]]:
    """Every piece in every state but the one it is in above: empty, on its way, a fault, offline, stale."""
    found = []
    for code, name, empty, verb in PIECES:
        found.append((name, [
            State("empty", empty, verb, HERE),
            State("loading", shape=code),
            State("error", Text(f"{name.zh}没有取到：服务器在 30 秒内没有回答。稍后再试，已填内容还在。",
                                f"{name.en} not fetched: no answer within 30 seconds. Try again; nothing is lost."),
                  Text("再试一次", "Try again"), HERE),
            State("offline", Text("网络已断开，这是断开前的内容。恢复后自动可用。",
                                  "You are offline: this is from before. It works again when the connection is back.")),
            State("stale", Text("这些数字比账册旧：此后又封存了 2 批事实。",
                                "These figures are older than the book: two more batches were sealed."),
                  Text("运行夜间任务", "Run the night"), HERE),
        ]))  # fmt: skip
    return found


def frame_pieces() -> dict[str, Any]:
    """What the kit's template takes for them."""
    ask = Ask(
        Text("结束对远山资产的 3 项共享？", "End 3 shares with Yuanshan?"),
        (Text("对方从下一次打开起看不到这 3 项，涉及 214 笔债权。",
              "From the next look on it sees none of the three, of 214 claims."),
         Text("已经导出的文件不受影响。", "Files it saved before stay with it.")),
        Text("结束共享", "End the shares"), HERE, [], HERE,
    )  # fmt: skip
    return {
        "states": states(), "ask": ask,
        "done": Message(Text("已保存视图“逾期大户”。", "Kept as the view “large and late”."), "/console/kit", {}),
        "crumbs": [(Text("资产保全", "Claims"), "/console/claims"), (Text("组件", "Kit"), "")],
        "disclosed": [
            Disclosed(Text("本金", "principal"), MASKED, "masked"),
            Disclosed(Text("名称或姓名", "name"), CLOSED, "closed"),
            Disclosed(Text("基准日", "base date"), Text("2026-09-30 周三", "2026-09-30 Wed"), "known"),
        ],
    }  # fmt: skip
