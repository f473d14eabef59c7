"""Every piece pages are made of, on one page, in every state.

Invariant: what stands here is made by the same templates as the pages; its numbers are examples and say so.
"""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.kit.states import frame_pieces
from panhuo_server.console.kit.work import work_pieces
from panhuo_server.console.network.picture import example
from panhuo_server.console.pieces.charts import MONEY, MONEY_UNIT, Chart, Link, Node, Point, Series
from panhuo_server.console.pieces.figures import Badge, Figure, large
from panhuo_server.console.pieces.grids import Grid, amount_cell, badge_cell, text_cell
from panhuo_server.console.pieces.pictures import Moment, Step, signed, waterfall
from panhuo_server.console.pieces.tables import Cell, Choice, Filter, HeadShown, Row, Shown
from panhuo_server.console.pieces.ties import Tie
from panhuo_server.console.pieces.views import View

STEPS = (
    (1, Text("正常", "normal")), (2, Text("关注", "special mention")), (3, Text("次级", "substandard")),
    (4, Text("可疑", "doubtful")), (5, Text("损失", "loss")),
)  # fmt: skip
HERE = "/console/kit"
# The golden working paper of practice: 8.00 m appraised, first rank, base scenario, in fen.
GOLDEN = (
    (Text("二拍成交价", "Second-round price"), 480_000_000, True),
    (Text("卖方税费", "Seller's taxes"), -38_400_000, False),
    (Text("评估费用", "Appraisal"), -2_000_000, False), (Text("执行费", "Execution fee"), -5_040_000, False),
    (Text("处置费用", "Disposal"), -34_764_800, False), (Text("折现", "Time"), -64_095_500, False),
    (Text("现值", "Present value"), 335_699_700, True),
)  # fmt: skip


def _table(visit: Visit, empty: bool) -> Shown:
    heads = [
        HeadShown(Text("借据", "Drawdown"), words.NOTHING, HERE, "none", False),
        HeadShown(Text("分类", "Class"), words.NOTHING, HERE, "ascending", False),
        HeadShown(Text("余额", "Balance"), Text("万元", "CNY K"), HERE, "none", True),
    ]
    rows = [] if empty else [
        Row((Cell(Text(f"D{n:06}", f"D{n:06}"), goes=HERE), Cell(words.NOTHING, badge=Badge(word, step)),
             Cell(Text(f"{n * 120:,}.00", f"{n * 1200:,}.0"), words.exact(n * 120_000_000), HERE, number=True)))
        for n, (step, word) in enumerate(STEPS, 1)
    ]  # fmt: skip
    for at, (name, sum_) in ((0, (Text("正常类 2 行", "performing, 2 rows"), 360)),
                             (2, (Text("不良类 3 行", "non-performing, 3 rows"), 1440))) if rows else ():  # fmt: skip
        rows[at].group = [Cell(name), None, Cell(Text(f"{sum_:,}.00", f"{sum_ * 10:,}.0"),
                                                 words.exact(sum_ * 1_000_000), HERE, number=True)]  # fmt: skip
    totals: list[Cell | None] = [] if empty else [
        None, None, Cell(Text("1,800.00", "18,000.0"), words.exact(1_800_000_000), HERE, number=True)]  # fmt: skip
    options = tuple((str(step), word, 1, step == 3) for step, word in STEPS)
    return Shown(
        "kit-empty" if empty else "kit", Text("表", "Table"), heads, rows, totals,
        [Filter("class", Text("分类", "Class"), options)], len(rows), 1 if rows else 0, len(rows), "", "", HERE, "", "",
        HERE, narrowed=empty,
        columns=[Choice("", head.label, True) for head in heads],
        groups=[Choice("", Text("不分组", "none"), False, HERE), Choice("class", Text("分类", "Class"), True, HERE)],
        sizes=[] if empty else [Choice(str(n), words.count(n), n == 50, HERE) for n in (25, 50, 100, 200)],
        views=[] if empty else [
            View(visit.say(Text("逾期大户", "large and late")), HERE, True),
            View(visit.say(Text("本月到期", "due this month")), HERE, False),
        ],
        here="" if empty else "by=class",
    )  # fmt: skip


def _charts() -> list[Chart]:
    classes = [(step, word, amount) for (step, word), amount in zip(STEPS, (845, 440, 17, 115, 229), strict=True)]
    points = [Point(n * 100_000_000, large(n * 100_000_000), HERE, f"r{step}") for step, _, n in classes]
    bars = Chart("bars", Text("条", "Bars"), [word for _, word, _ in classes], [Series(words.NOTHING, points)],
                 unit=MONEY_UNIT, scale=MONEY, lying=True, size="low")  # fmt: skip
    rates = (
        (Text("2025年1季", "2025 Q1"), (0, 6_100, 19_800, 29_900)),
        (Text("2025年2季", "2025 Q2"), (0, 48_800, 48_800)),
    )
    lines = Chart(
        "lines", Text("线", "Lines"), [Text(f"{age}月", f"{age} m") for age in (3, 6, 9, 12)],
        [Series(name, [Point(v, words.share(v), HERE) for v in values], colour)
         for (name, values), colour in zip(rates, ("teal", "r4"), strict=True)],
        unit=Text("%", "%"), scale=(10_000, 10_000), size="low",
    )  # fmt: skip
    late, bad, paid = 1_226_000_000, 81_000_000, 250_000_000
    nodes = [Node("0:late", Text("逾期1-30天", "1-30 days"), 0, "r2", bad + paid, large(bad + paid)),
             Node("0:well", Text("未逾期", "not past due"), 0, "r1", late, large(late)),
             Node("1:late", Text("逾期1-30天", "1-30 days"), 1, "r2", late, large(late)),
             Node("1:bad", Text("逾期31-60天", "31-60 days"), 1, "r3", bad, large(bad)),
             Node("1:well", Text("未逾期", "not past due"), 1, "r1", paid, large(paid))]  # fmt: skip
    links = [Link("0:well", "1:late", late, large(late), HERE, "r2"),
             Link("0:late", "1:bad", bad, large(bad), HERE, "r3"),
             Link("0:late", "1:well", paid, large(paid), HERE, "r1")]  # fmt: skip
    return [bars, lines, Chart("flow", Text("流", "Flow"), nodes=nodes, links=links, size="low")]


def _ties() -> list[Tie]:
    name, value = Text("贷款本金", "Principal of loans"), 92_456_348_353
    ours, other = Figure(words.exact(value), HERE), Text("全部台账流水", "all postings")
    return [Tie(name, ours, value, other, value), Tie(name, ours, value, other, value - 1)]


def _grid() -> Grid:
    # Stated against computed, of the hand-worked debt: 181 days at 9 % a year on 5,000,000.
    heads = ((Text("科目", "Component"), False), (Text("陈述（元）", "Stated (yuan)"), True),
             (Text("复算（元）", "Computed (yuan)"), True), (Text("核对", "Checked"), False))  # fmt: skip
    rows = [
        [text_cell(Text("本金", "Principal")), amount_cell(500_000_000, href=HERE), amount_cell(500_000_000, href=HERE),
         badge_cell(Text("一致", "same"), 1)],
        [text_cell(Text("罚息", "Penalty")), amount_cell(70_000_000, href=HERE), amount_cell(92_625_000, href=HERE),
         badge_cell(Text("不一致", "differs"), 3)],
    ]  # fmt: skip
    return Grid(heads, rows, [None, amount_cell(570_000_000), amount_cell(592_625_000), text_cell(words.DASH)])


@page()
def kit(visit: Visit) -> HttpResponse:
    """The pieces."""
    examples = [
        Figure(large(33_368_420_000), HERE, Text("贷款余额", "Loans"), words.exact(33_368_420_000)),
        Figure(large(2_375_260_000), HERE, Text("不良贷款", "Non-performing"), words.exact(2_375_260_000), risk=5),
        Figure(Text("7.12 %", "7.12 %"), HERE, Text("不良率", "NPL ratio")),
    ]
    line = [
        Moment(date(2026, 9, 1), Text("查封到期", "Seizure expires"), Text("三十日内", "within thirty days"),
               Text("urgent", "urgent"), coming=True),
        Moment(date(2026, 3, 2), Text("催收签收", "Demand signed for"), Text("A 签收", "A: signed for"), words.NOTHING,
               source=Text("催收台账.xlsx 14", "demands.xlsx 14")),
        Moment(date(2023, 6, 30), Text("发放", "Paid out"), large(500_000_000), words.NOTHING),
    ]  # fmt: skip
    fall = waterfall([Step(name, amount, large(amount), HERE, total) for name, amount, total in GOLDEN])
    reasons = signed([
        ("VAL-GUARANTORS", Text("保证人二人", "two guarantors"), 66_091_398, words.exact(66_091_398)),
        ("VAL-TAX", Text("卖方税费", "seller's taxes"), -24_900_000, words.exact(-24_900_000)),
    ])  # fmt: skip
    given = {
        "room": "", "steps": [Badge(word, step) for step, word in STEPS], "figures": examples, "moments": line,
        "fall": fall, "bars": reasons, "wide": 1000, "grid": _grid(),
        "charts": _charts(), "ties": _ties(), "drawing": example(),
        "table": _table(visit, False), "bare": _table(visit, True),
        "wizard": [(Text("选择文件", "Choose a file"), "done"), (Text("对应列", "Match columns"), "now"),
                   (Text("检查", "Check"), ""), (Text("封存", "Seal"), "")], **frame_pieces(), **work_pieces(),
    }  # fmt: skip
    return shown(visit.request, "console/kit.html", given, visit=visit)
