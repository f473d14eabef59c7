"""Examples of the pieces where work gets done: a list with acts, steps of work, a secret shown once.

Invariant: they are made by the same templates as the pages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import Act, Entry, Listing, lasted, same

HERE = "/console/kit"


def work_pieces() -> dict[str, Any]:
    """What the kit's page needs of them."""
    from panhuo_server.console.night.stages import NAMES, Stage, Stages

    ask = Text("撤回后不能恢复，只能重新发起。", "Withdrawn it stays so: it can only be proposed again.")
    acts = (Act(HERE, Text("同意", "Approve"), main=True), Act(HERE, Text("撤回", "Withdraw"), ask=ask))
    listing = Listing(
        "kit-listing", Text("列表", "List"), (Text("事项", "What"), Text("状态", "State"), Text("可做", "Do")),
        [[Entry(Text("核销", "write-off"), goes=HERE, note=same("CL00017")),
          Entry(badge=Badge(Text("待审批", "open"), 3)), Entry(acts=acts)]], words.DASH,
    )  # fmt: skip
    stages = Stages(
        "working", True,
        (Stage(NAMES["fill the cached book"], "done", lasted(3)),
         Stage(NAMES["judge and log"], "now", words.NOTHING, Text("五级分类", "Class"), 12, 29),
         Stage(NAMES["remind of deadlines"], "waiting", words.NOTHING)),
        datetime(2026, 6, 30, tzinfo=UTC), None, lasted(64), words.NOTHING, words.NOTHING, "",
    )  # fmt: skip
    return {"listing": listing, "stages": stages}
