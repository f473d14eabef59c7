"""The valuation paper as an Excel file: the result, assumptions beside the model's, changes with their reasons.

Invariant: amounts stand in whole units of the currency; a text that a spreadsheet would read as a formula stays a text.
"""

from __future__ import annotations

import io
from decimal import Decimal
from urllib.parse import quote

from django.http import HttpResponse

from panhuo.ground.values.currency import minor_digits
from panhuo.journey.report.words import Text
from panhuo.stages.valuation.assumptions import SCENARIOS
from panhuo_server.console.claims.paper.events import Paper
from panhuo_server.console.claims.paper.fields import said_of
from panhuo_server.console.claims.paper.values import SCENARIO_NAMES, Judged, field_of
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.exports import defused
from panhuo_server.console.pieces.tables import SHEET


def export(visit: Visit, judged: Judged, held: Paper, status: Text) -> HttpResponse:
    """The paper as an Excel file: result, assumptions beside the model's, changes with their reasons."""
    from openpyxl import Workbook

    edits, currency = held.edits, judged.currency
    values = judged.values(edits)
    digits = minor_digits(currency)
    say = visit.say

    def units(amount: int | None) -> Decimal | None:
        return None if amount is None else Decimal(amount).scaleb(-digits)

    book = Workbook(write_only=True)
    first = book.create_sheet(say(Text("价值分析底稿", "Working paper")))
    first.append(
        [say(Text("价值分析工作底稿（不是评估报告）", "Working paper of a value analysis, not an appraisal report"))]
    )
    for what, value in (
        (Text("债权", "Claim"), judged.claim_id),
        (Text("债务人", "Debtor"), judged.subject["party_id"]),
        (Text("评估基准日", "Valued as of"), judged.night.as_of),
        (Text("币种", "Currency"), currency),
        (Text("状态", "State"), say(status)),
    ):
        first.append([say(what), defused(value) if isinstance(value, str) else value])
    sealed = judged.sealed
    first.append([])
    first.append(
        [
            say(t)
            for t in (Text("项目", "What"), Text("模型", "Model"), Text("底稿", "Paper"), Text("差异", "Difference"))
        ]
    )
    for text, before, after in (
        (Text("债权价值", "Value"), sealed[0], values.claim["value"]),
        (Text("最高报价", "Maximum bid"), sealed[1], values.bid["maximum_bid"]),
    ):
        first.append([say(text), units(before), units(after), units(None if before is None else after - before)])
    first.append([say(Text("起步报价", "Opening bid")), None, units(values.bid["opening_bid"])])
    for asset, one in values.assets.items():
        first.append([])
        first.append([say(Text(f"财产 {asset}", f"Asset {asset}"))])
        first.append(
            [
                say(t)
                for t in (
                    Text("情景", "Scenario"),
                    Text("权重 %", "Weight %"),
                    Text("成交价", "Price"),
                    Text("到款月数", "Months"),
                    Text("执行费", "Execution fee"),
                    Text("归本债权净额", "Net to claim"),
                    Text("扣处置费后", "After disposal"),
                    Text("现值", "Present value"),
                )
            ]
        )
        for at, s in enumerate(SCENARIOS):
            first.append(
                [
                    say(SCENARIO_NAMES[s]),
                    Decimal(int(values.model.weight[at])).scaleb(-4),
                    units(one[f"{s}_price"]),
                    one[f"{s}_months"],
                    units(one[f"{s}_fee"]),
                    units(one[f"{s}_net"]),
                    units(one[f"{s}_after_disposal"]),
                    units(one[f"{s}_value"]),
                ]
            )
        first.append([say(Text("加权", "Weighted")), None, None, None, None, None, None, units(one["value"])])
    second = book.create_sheet(say(Text("假设", "Assumptions")))
    second.append(
        [say(t) for t in (Text("项目", "What"), Text("财产", "Asset"), Text("模型", "Model"), Text("底稿", "Paper"))]
    )
    for name, base in judged.fields.items():
        field = field_of(name)
        assert field is not None
        places = {"ppm": 4, "months": 0}.get(field.unit, digits)
        both = [None if v is None else Decimal(v).scaleb(-places) for v in (base, edits.get(name, base))]
        second.append([say(field.text), defused(name.partition("@")[2]), *both])
    third = book.create_sheet(say(Text("改动", "Changes")))
    third.append(
        [
            say(t)
            for t in (
                Text("序号", "No."),
                Text("改动", "Change"),
                Text("理由", "Reason"),
                Text("人", "Person"),
                Text("时间", "When"),
                Text("撤销于", "Taken back by"),
            )
        ]
    )
    for change in held.changes:
        third.append(
            [
                change.number,
                say(said_of(change, currency)),
                defused(change.reason),
                change.person,
                change.at.isoformat(timespec="seconds"),
                change.undone or None,
            ]
        )
    data = io.BytesIO()
    book.save(data)
    response = HttpResponse(data.getvalue(), content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="paper-{quote(judged.claim_id)}.xlsx"'
    return response
