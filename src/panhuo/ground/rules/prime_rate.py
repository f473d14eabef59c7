"""The loan prime rate series: reference data with a grade for each value, read from ``reference/lpr.toml``.

Invariant: a rate is answered together with whether it was checked; beyond the last checked day the latest known value
is given and marked, never passed off as verified.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from panhuo.ground.record.canonical_json import serialise
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.ground.rules.library import REFERENCE, read_text
from panhuo.ground.rules.rule import SourceGrade
from panhuo.ground.rules.rule_reading import on_scale

FILE = REFERENCE / "lpr.toml"

Tenor = Literal["one_year", "five_years"]


@dataclass(frozen=True)
class PrimeRate:
    """One row of the series: ppm (30,000 = 3 %) for each tenor, in force from a day."""

    from_day: dt.date
    one_year: int
    five_years: int
    grade: SourceGrade


@dataclass(frozen=True)
class QuotedRate:
    """A rate as answered for a day.

    Attributes:
        rate: ppm a year; 30,000 is 3 %.
        from_day: the day this value began.
        grade: of the value.
        checked: whether the day lies within the checked part of the series.
    """

    rate: int
    from_day: dt.date
    grade: SourceGrade
    checked: bool


@dataclass(frozen=True)
class PrimeRateSeries:
    """The series, oldest first."""

    rates: tuple[PrimeRate, ...]
    checked_until: dt.date

    def on(self, day: dt.date, tenor: Tenor = "one_year") -> QuotedRate:
        """The rate in force on a day.

        Raises:
            NotFound: before the first row (before 2019-08-20 the benchmark lending rate applied).
        """
        at = bisect_right([r.from_day for r in self.rates], day) - 1
        if at < 0:
            raise NotFound(
                f"there is no loan prime rate for {day}", where="lpr.toml",
                remedy=f"the series begins on {self.rates[0].from_day}",
            )  # fmt: skip
        row = self.rates[at]
        rate = row.one_year if tenor == "one_year" else row.five_years
        return QuotedRate(rate, row.from_day, row.grade, day <= self.checked_until)

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of the series."""
        rows = [[r.from_day.isoformat(), r.one_year, r.five_years, r.grade.value] for r in self.rates]
        return hashlib.sha256(serialise({"until": self.checked_until.isoformat(), "rates": rows})).hexdigest()


def read_prime_rates(path: str | Path) -> PrimeRateSeries:
    """A series from a file of the shape of ``reference/lpr.toml``.

    Raises:
        InvalidInput: a row is incomplete, or the rows do not rise by day.
    """
    return _series(read_text(Path(path)), Path(path).name)


@functools.lru_cache(maxsize=16)
def _series(text: str, name: str) -> PrimeRateSeries:
    data = tomllib.loads(text, parse_float=Decimal)
    rates: list[PrimeRate] = []
    for n, row in enumerate(data["rates"], 1):
        where = f"{name}, row {n}"
        if set(row) != {"from", "one_year", "five_years", "grade"}:
            raise InvalidInput("a row has from, one_year, five_years, grade", where=where, remedy="complete it")
        if rates and row["from"] <= rates[-1].from_day:
            raise InvalidInput("the rows do not rise by day", where=where, remedy="sort them")
        one, five = (int(on_scale(row[k], "percent", where)) for k in ("one_year", "five_years"))  # type: ignore[arg-type]
        rates.append(PrimeRate(row["from"], one, five, SourceGrade(row["grade"])))
    return PrimeRateSeries(tuple(rates), data["checked_until"])


def prime_rates() -> PrimeRateSeries:
    """The series of the library in use: the one shipped with this package, unless another was put in its place."""
    return read_prime_rates(FILE)


def loan_prime_rate(day: dt.date, tenor: Tenor = "one_year") -> QuotedRate:
    """The loan prime rate in force on a day, from the series in use (see `PrimeRateSeries.on`)."""
    return prime_rates().on(day, tenor)
