"""The comparable risk figures of supervised institutions, month by month.

Invariant: every figure is an answer of a named aggregate that its institution granted; what is withheld for the size of
a group is said to be withheld and never shown as nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.arguments import scaled_text, thousands
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import supervision
from panhuo_server.accounts.supervision import Granted

_CODES = TABLES["package_items"].schema["five_class"].codes
assert _CODES is not None
FIVE_CLASSES = _CODES
WITHHELD = Text("不足十户，不披露", "under ten parties: withheld")
NO_DATA = Text("无数据（该月没有账，或全部贷款不足十户）", "no data (no books that month, or under ten parties in all)")
NOT_REPORTED = Text("机构未报送", "not reported")
NOT_GRANTED = Text("未授权", "not granted")
JOINED = Text("其他（合并）", "others, joined")
NAMES = {
    "balance_by_class": Text("按五级分类的余额", "balance by class"),
    "bad_debt_ratio": Text("不良贷款率", "non-performing ratio"),
    "provision_cover": Text("拨备覆盖率", "provision coverage"),
}
DEFINED = (
    (Text("贷款余额", "Loan balance"),
     Text("本金余额，按台账流水计，单位万元", "principal by the ledger's postings, in 10,000 yuan")),
    (Text("不良贷款率", "Non-performing ratio"),
     Text("次级、可疑、损失类本金 / 全部本金，保留到 0.01 %；任一侧不足十户时不披露",
          "principal classed substandard, doubtful or loss over all principal, to 0.01 %; withheld under ten parties "
          "on either side")),
    (Text("拨备覆盖率", "Provision coverage"),
     Text("贷款损失准备 / 不良本金，保留到 0.01 %；不良不足十户时不披露",
          "provisions over non-performing principal, to 0.01 %; withheld under ten such parties")),
    (Text("五级分类", "Five classes"),
     Text("机构最近一次认定的分类；不足十户的类别与其他合并",
          "the class last decided; classes under ten parties are joined with others")),
)  # fmt: skip


@dataclass
class Month:
    """What an institution's aggregates say at the end of a month, in one currency; None is withheld or not granted."""

    day: date
    parties: int | None = None
    balance: int | None = None
    ratio_ppm: int | None = None
    provision: int | None = None
    cover_ppm: int | None = None
    classes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether any aggregate answered for the month: what it then leaves out was withheld."""
        return bool(self.classes) or any(v is not None for v in (self.parties, self.balance, self.provision))


@dataclass(frozen=True)
class Institution:
    """An institution that granted aggregates, and its months by currency, the latest last."""

    granted: Granted
    months: dict[str, list[Month]]


def month_ends(last: date, count: int) -> list[date]:
    """The last days of the latest whole months up to a day, the earliest first."""
    following = last + timedelta(days=1)
    end = last if following.day == 1 else last.replace(day=1) - timedelta(days=1)
    found = []
    for _ in range(count):
        found.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return list(reversed(found))


def institutions(months: int, only: str | None = None) -> list[Institution]:
    """Everyone who granted aggregates, with that many months each; inside `acting` for supervision."""
    held = [one for one in supervision.granted() if only in (None, one.org)]
    days = sorted({d for one in held if one.observed_until for d in month_ends(one.observed_until, months)})
    wanted = sorted({name for one in held for name in one.aggregates})
    told: dict[tuple[str, str, date], Month] = {}
    for day in days:  # whoever's books lag is asked for its own months too: at most `months` days for each
        for name in wanted:
            for row in supervision.aggregate(name, day):
                month = told.setdefault((row["org_id"], row["currency"], day), Month(day))
                if name == "balance_by_class":
                    month.classes[row["class"]] = (row["parties"], row["balance"])
                elif name == "bad_debt_ratio":
                    month.parties, month.balance, month.ratio_ppm = row["parties"], row["balance"], row["ratio_ppm"]
                else:
                    month.provision, month.cover_ppm = row["provision"], row["cover_ppm"]
    found = []
    for one in held:
        mine = month_ends(one.observed_until, months) if one.observed_until else []
        currencies = sorted({c for org, c, _ in told if org == one.org}, key=lambda c: (c != "CNY", c))
        found.append(Institution(one, {c: [told.get((one.org, c, d), Month(d)) for d in mine] for c in currencies}))
    return found


def lacking(granted: bool, told: bool) -> Text:
    """Why there is no figure."""
    return NOT_GRANTED if not granted else WITHHELD if told else NO_DATA


def percent(ppm: int | None, granted: bool, told: bool) -> Text:
    """A ratio, or why there is none."""
    if ppm is None:
        return lacking(granted, told)
    return Text(*[f"{scaled_text(ppm, 10_000, 2)} %"] * 2)


def cover(month: Month, granted: bool) -> tuple[Text, Text]:
    """Provisions and their coverage; where a ratio is disclosed, what lacks was not reported."""
    if granted and month.provision is None and month.ratio_ppm is not None:
        return NOT_REPORTED, NOT_REPORTED
    return units(month.provision, granted, month.told), percent(month.cover_ppm, granted, month.told)


def units(amount: int | None, granted: bool, told: bool) -> Text:
    """An amount in units of 10,000, or why there is none."""
    if amount is None:
        return lacking(granted, told)
    return Text(*[thousands(amount)] * 2)


def class_name(code: str) -> Text:
    """A class's name."""
    if code == "joined":
        return JOINED
    held = FIVE_CLASSES[code]
    return Text(held.zh, held.en)


WIDE, HIGH, EDGE = 280, 48, 6


def trend(values: Sequence[int | None]) -> tuple[str, tuple[float, float] | None]:
    """A line through what is known (a path of an svg 280 by 48) and its last point; gaps stay gaps."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return "", None
    low, high = min(known), max(known)
    path, last, pen = [], None, "M"
    for at, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x = EDGE + (WIDE - 2 * EDGE) * at / max(len(values) - 1, 1)
        y = HIGH / 2 if high == low else HIGH - EDGE - (HIGH - 2 * EDGE) * (value - low) / (high - low)
        path.append(f"{pen}{x:.1f} {y:.1f}")
        last, pen = (round(x, 1), round(y, 1)), "L"
    return "".join(path), last


def changed(values: Sequence[int | None]) -> Text:
    """The change over the last month, in points of a percent."""
    if len(values) < 2 or values[-1] is None or values[-2] is None:
        return words.NOTHING
    points = values[-1] - values[-2]
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    size = scaled_text(abs(points), 10_000, 2)
    return Text(f"较上月 {sign}{size} 个百分点", f"{sign}{size} points on the month")
