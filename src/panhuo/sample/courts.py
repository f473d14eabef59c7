"""Courts, case numbers and the fees the state asks: what every proceeding shares.

Invariant: court codes end in 99xx, which no court has; fees are whole yuan by the published steps.
"""

from __future__ import annotations

from panhuo.ground.values.dates import civil_from_days
from panhuo.sample.population import Population


def court_of(people: Population, region: int) -> str:
    """Name of the basic court of a region."""
    return f"{people.preset.regions[region][1]}人民法院"


def case_number(people: Population, region: int, day: int, kind: str, number: int) -> str:
    """A case number in the present form (法〔2015〕137号); court codes end in 99xx, which no court has."""
    year = civil_from_days(day)[0]
    return f"（{year}）{people.preset.province}99{region + 1:02d}{kind}{number}号"


def suit_fee(amount: int) -> int:
    """Court acceptance fee in fen for an amount in fen: the steps of 国务院令481号 art. 13 (1), kept coarse here."""
    yuan = amount // 100
    for above, base, rate in (
        (20_000_000, 141_800, 50), (10_000_000, 81_800, 60), (5_000_000, 46_800, 70), (2_000_000, 22_800, 80),
        (1_000_000, 13_800, 90), (500_000, 8_800, 100), (200_000, 4_300, 150), (100_000, 2_300, 200),
        (10_000, 50, 250),
    ):  # fmt: skip
        if yuan > above:
            return (base + (yuan - above) * rate // 10_000) * 100
    return 5_000
