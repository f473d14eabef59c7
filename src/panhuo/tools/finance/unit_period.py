"""Unit periods of Regulation Z: which interval a loan is measured in, and how many of them lie before each flow.

Invariant: the rule is 12 CFR 1026 appendix J (b)(2) to (b)(5) as written, applied to the calendar dates of the flows:
full periods are measured back from the later date, all months are equal, odd days of months are over 30, odd days of
weeks over 7. Nothing is tuned to examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import add_months, civil_from_days, days_from_civil, days_in_month

_UNITS = ("day", "week", "semimonth", "month", "year")


@dataclass(frozen=True)
class UnitPeriod:
    """A standard interval: `multiple` of ``day``, ``week``, ``semimonth``, ``month`` or ``year``."""

    unit: str
    multiple: int = 1

    def __post_init__(self) -> None:
        if self.unit not in _UNITS or self.multiple < 1:
            raise InvalidInput(
                f"no such unit period: {self.multiple} {self.unit}",
                where="unit_period",
                remedy=f"a whole multiple of {', '.join(_UNITS)}",
                code="invalid-input/unit-period",
            )

    @property
    def words(self) -> str:
        """``month``, ``2 week``, ``3 month`` ..."""
        return self.unit if self.multiple == 1 else f"{self.multiple} {self.unit}"

    @property
    def days(self) -> int:
        """Length for comparing periods only: a month counts 30 days, a year 365."""
        return {"day": 1, "week": 7, "semimonth": 15, "month": 30, "year": 365}[self.unit] * self.multiple

    @property
    def a_year(self) -> float:
        """Unit periods in a year (b)(5): 365 days, 52 weeks, 24 semimonths, 12 months."""
        return {"day": 365, "week": 52, "semimonth": 24, "month": 12, "year": 1}[self.unit] / self.multiple

    @classmethod
    def of(cls, text: str) -> UnitPeriod:
        """Reads ``month``, ``monthly``, ``2 weeks``, ``quarter``, ``semi-monthly``, ``year`` ..."""
        words = text.strip().lower().replace("-", "").split()
        multiple = 1
        if words and words[0].isdigit():
            multiple = int(words.pop(0))
        word = "".join(words)
        known = {
            "day": ("day", 1),
            "daily": ("day", 1),
            "week": ("week", 1),
            "weekly": ("week", 1),
            "biweekly": ("week", 2),
            "fortnight": ("week", 2),
            "semimonth": ("semimonth", 1),
            "semimonthly": ("semimonth", 1),
            "month": ("month", 1),
            "monthly": ("month", 1),
            "quarter": ("month", 3),
            "quarterly": ("month", 3),
            "semiannual": ("month", 6),
            "halfyear": ("month", 6),
            "year": ("year", 1),
            "yearly": ("year", 1),
            "annual": ("year", 1),
        }
        unit = known.get(word) or known.get(word.removesuffix("s"))
        if unit is None:
            raise InvalidInput(f"no such unit period: {text!r}", where="unit_period", code="invalid-input/unit-period")
        return cls(unit[0], unit[1] * multiple)


@dataclass(frozen=True)
class UnitTimes:
    """Full unit periods and the fraction of one from the start of the term to each flow, in the order given."""

    unit: UnitPeriod
    a_year: float
    full: tuple[int, ...]
    part: tuple[float, ...]


def unit_times(days: Sequence[int], amounts: Sequence[float], unit: UnitPeriod | None = None) -> UnitTimes:
    """Times of dated flows in unit periods, the unit derived from the dates when not given.

    Args:
        days: days since 1970-01-01. amounts: advances and payments by opposite sign, the earliest net is an advance
            (a fee on the day of the advance reduces the amount financed).
    """
    nets: Counter[int] = Counter()
    for day, amount in zip(days, amounts, strict=True):
        nets[day] += amount  # type: ignore[assignment]
    start = min(day for day, net in nets.items() if net)
    advances = sorted(day for day, net in nets.items() if net * nets[start] > 0)
    payments = sorted(day for day, net in nets.items() if net * nets[start] < 0)
    single = len(advances) == 1 and len(payments) == 1
    if unit is None and single:
        return _single(start, days, payments[0])
    if unit is None:
        unit = derive_unit_period(start, advances, payments)
    anchors = {**_anchors(advances, unit), **_anchors(payments, unit)}
    times = [_between(start, day, unit, anchors.get(day, 0)) for day in days]
    return UnitTimes(unit, unit.a_year, tuple(full for full, _ in times), tuple(part for _, part in times))


def derive_unit_period(start: int, advances: Sequence[int], payments: Sequence[int]) -> UnitPeriod:
    """Appendix J (b)(4)(i): the most frequent common period up to a year, the smaller of equals; else the average.

    A period is an interval between advances or between payments, and from the start of the term to the first of each
    (b)(3)(i). One interval may be read several ways (28 days in February are four weeks or a month): every reading is
    counted, and the one that fits most intervals is the loan's. Repeated periods that are no standard interval (every
    ten days) are taken as that number of days.
    """
    counts: Counter[UnitPeriod] = Counter()
    lengths: list[int] = []
    for dates in (_with_start(start, advances), _with_start(start, payments)):
        for period in _readings(dates):
            counts[period] += 1
        lengths += [later - earlier for earlier, later in pairwise(dates)]
    common = [(period, count) for period, count in counts.items() if count > 1 and period.days <= 365]
    if common:
        most = max(count for _, count in common)
        equals = [period for period, count in common if count == most]
        # A day count that repeats only because months or weeks do is no period of its own.
        standard = [period for period in equals if period.unit != "day" or period.multiple == 1] or equals
        return _year_for_twelve_months(min(standard, key=lambda period: period.days))
    average = sum(lengths) / len(lengths)
    return _nearest_standard(average)


def _with_start(start: int, dates: Sequence[int]) -> list[int]:
    return list(dates) if dates and dates[0] == start else [start, *dates]


def _readings(dates: Sequence[int]) -> list[UnitPeriod]:
    anchor = _series_anchor(dates)
    found: list[UnitPeriod] = []
    semimonth = _semimonths(dates)
    for position, (earlier, later) in enumerate(pairwise(dates)):
        length = later - earlier
        months = _whole_months(earlier, later, anchor)
        if months:
            found.append(UnitPeriod("month", months))
        if position in semimonth:
            found.append(UnitPeriod("semimonth"))
        if length % 7 == 0:
            found.append(UnitPeriod("week", length // 7))
        else:
            found.append(UnitPeriod("day", length))
    return found


def _semimonths(dates: Sequence[int]) -> set[int]:
    # Two neighbouring intervals of about half a month that make one month together.
    found: set[int] = set()
    for position in range(len(dates) - 2):
        first, second, third = dates[position : position + 3]
        anchors = (civil_from_days(third)[2], 31)
        halves = 13 <= second - first <= 18 and 13 <= third - second <= 18
        if halves and any(_whole_months(first, third, anchor) == 1 for anchor in anchors):
            found |= {position, position + 1}
    return found


def _series_anchor(dates: Sequence[int]) -> int:
    # The day of the month a series keeps (31: the last day), 0 when it keeps none: (b)(3)(iv).
    parts = [civil_from_days(day) for day in dates[1:]]
    if not parts:
        return 0
    anchor = max(day for _, _, day in parts)
    if all(day == days_in_month(year, month) for year, month, day in parts):
        return 31
    return anchor if all(day == min(anchor, days_in_month(year, month)) for year, month, day in parts) else 0


def _anchors(dates: Sequence[int], unit: UnitPeriod) -> dict[int, int]:
    groups = [dates[::2], dates[1::2]] if unit.unit == "semimonth" else [dates]
    anchors: dict[int, int] = {}
    for group in groups:
        if group:
            anchor = _series_anchor([group[0], *group])
            # One date alone tells nothing about a month end.
            anchors |= {day: anchor if len(group) > 1 else 0 for day in group}
    return anchors


def _back(later: int, months: int, anchor: int) -> int:
    if not anchor:
        return add_months(later, -months)
    year, month, _ = civil_from_days(later)
    serial = year * 12 + month - 1 - months
    year, month = serial // 12, serial % 12 + 1
    return days_from_civil(year, month, min(anchor, days_in_month(year, month)))


def _full_months(earlier: int, later: int, anchor: int) -> tuple[int, int]:
    # Full months measured back from the later date, and the days that remain at the beginning.
    first_year, first_month, _ = civil_from_days(earlier)
    last_year, last_month, _ = civil_from_days(later)
    months = (last_year - first_year) * 12 + last_month - first_month
    while months > 0 and _back(later, months, anchor) < earlier:
        months -= 1
    return months, (_back(later, months, anchor) if months else later) - earlier


def _whole_months(earlier: int, later: int, anchor: int) -> int:
    months, rest = _full_months(earlier, later, anchor)
    return months if rest == 0 else 0


def _between(earlier: int, later: int, unit: UnitPeriod, anchor: int) -> tuple[int, float]:
    # (b)(5)(ii) to (v).
    if later == earlier:
        return 0, 0.0
    if unit.unit in ("day", "week"):
        length = unit.days
        full, rest = divmod(later - earlier, length)
        return full, rest / length
    months, odd = _full_months(earlier, later, anchor)
    if unit.unit == "year" or (unit.unit == "month" and unit.multiple == 12):
        full, rest_months = divmod(months, 12)
        if odd == 0:
            return full, rest_months / 12
        beginning = _back(later, full * 12, anchor) if full else later
        return full, (beginning - earlier) / 365
    if unit.unit == "month" and unit.multiple == 1:
        return months, odd / 30
    length = unit.days
    full, rest = divmod(30 * months + odd, length)
    return full, rest / length


def _single(start: int, days: Sequence[int], payment: int) -> UnitTimes:
    # Single advance, single payment: (b)(4)(ii), (b)(5)(v) to (vii).
    months, odd = _full_months(start, payment, 0)
    length = payment - start
    full: int
    part: float
    if months >= 12:
        unit, a_year = UnitPeriod("year"), 1.0
        full, part = _between(start, payment, unit, 0)
    elif odd == 0:
        unit, a_year = UnitPeriod("month", months), 12 / months
        full, part = 1, 0.0
    else:
        unit, a_year = UnitPeriod("day", length), 365 / length
        full, part = 1, 0.0
    later = [day != start for day in days]
    return UnitTimes(unit, a_year, tuple(full * at for at in later), tuple(part * at for at in later))


def _nearest_standard(average: float) -> UnitPeriod:
    standards = [UnitPeriod("day"), UnitPeriod("semimonth"), UnitPeriod("year")]
    standards += [UnitPeriod("week", weeks) for weeks in range(1, 52)]
    standards += [UnitPeriod("month", months) for months in range(1, 12)]
    return min(standards, key=lambda period: (abs(period.days - average), period.days))


def _year_for_twelve_months(period: UnitPeriod) -> UnitPeriod:
    return UnitPeriod("year") if period == UnitPeriod("month", 12) else period
