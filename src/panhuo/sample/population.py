"""Who borrows: kinds, places, trades, quality, rings, owners, and the day each one stops paying.

Invariant: everything here is the planted truth (quality, hazards, rings); only what a bank could see of it is written
to the book by the files that come after.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from panhuo.ground.values.dates import civil_from_days, days_from_civil
from panhuo.sample.presets import AS_OF, COMPANY, HOME, MONTHS, NEVER, PLANT, RELATIVE, SHOP, UNSECURED, Preset
from panhuo.sample.streams import pick, pick_each, stream

MONTH_WEIGHTS = (12.5, 6.0, 14.0, 8.0, 7.0, 9.0, 6.5, 6.5, 9.0, 6.0, 7.0, 8.5)
"""New lending by month: a third in the first quarter, a dip at Spring Festival."""
FARM_WEIGHTS = (6.0, 24.0, 30.0, 20.0, 4.0, 3.0, 2.0, 2.0, 3.0, 2.0, 2.0, 2.0)
LEAD = 12
"""Months before the window in which the opening stock was lent."""
STOCK_SHARE = 0.36
SHOWN = (HOME, PLANT, UNSECURED, SHOP, RELATIVE, HOME, COMPANY, PLANT)
"""What a book shows at least: one default, old enough to have a legal life, with each of these behind it."""
LASTING_RINGS = 0.80
"""Share of guarantee rings that do not come apart by themselves before the last observation day."""


def month_starts() -> np.ndarray:
    """First day of each month from 12 before the window to one after its end."""
    return np.array(
        [days_from_civil(2019 + (6 + m) // 12, (6 + m) % 12 + 1, 1) for m in range(LEAD + MONTHS + 1)], dtype=np.int64
    )


@dataclass
class Population:
    """Arrays over borrowers (position = number of the party); corporate borrowers stand first."""

    preset: Preset
    seed: int
    count: int
    corporates: int
    kind: np.ndarray  # 0 company, 1 cooperative, 2 sole trader, 3 person
    region: np.ndarray
    industry: np.ndarray
    quality: np.ndarray  # standard normal, high is weak
    lenders: np.ndarray
    size: np.ndarray  # log size around zero
    registered_on: np.ndarray
    start_on: np.ndarray
    firm: np.ndarray  # for an owner's personal borrowing: the firm's number, else -1
    controller: np.ndarray  # for a firm: party number of its controller, else -1
    ring: np.ndarray  # ring number or -1
    ring_next: np.ndarray  # whom the firm guarantees: the next in its ring, or -1
    ring_until: np.ndarray  # day until which a ring's members renew together; 0 for whoever stands in none
    fraud_group: np.ndarray
    default_on: np.ndarray
    hazard: np.ndarray  # yearly default intensity at the mean of the cycle
    shown: np.ndarray  # form of security of whoever a small book must show in default, or -1
    factor: np.ndarray  # (regions, industries, months) cycle
    collateral_index: np.ndarray  # (regions, months), 1 at the window's start
    extra_persons: int = 0
    truth: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def corporate(self) -> np.ndarray:
        """Whether the borrower is a company or cooperative."""
        return np.arange(self.count) < self.corporates


def _start_days(generator: np.random.Generator, farm: np.ndarray) -> np.ndarray:
    count = len(farm)
    starts = month_starts()
    months = np.arange(LEAD + MONTHS)
    calendar = (months + 6) % 12
    growth = 1.0 + 0.004 * (months - LEAD)
    found = np.zeros(count, dtype=np.int64)
    for weights, chosen in ((MONTH_WEIGHTS, ~farm), (FARM_WEIGHTS, farm)):
        season = np.asarray(weights)[calendar] * growth
        stock = generator.random(count) < STOCK_SHARE
        early = pick(generator, season[:LEAD], count)
        later = LEAD + pick(generator, season[LEAD:], count)
        found = np.where(chosen, np.where(stock, early, later), found)
    return starts[found] + generator.integers(0, 28, count)


def _rings(generator: np.random.Generator, preset: Preset, corporates: int) -> tuple[np.ndarray, np.ndarray]:
    ring = np.full(corporates, -1, dtype=np.int64)
    following = np.full(corporates, -1, dtype=np.int64)
    order = generator.permutation(corporates)
    wanted = round(preset.ring_share * corporates)
    at = number = 0
    while at < wanted and at + 2 <= corporates:
        size = int(generator.choice(np.array([2, 3, 4, 5, 6]), p=[0.25, 0.25, 0.20, 0.15, 0.15]))
        members = order[at : at + size]
        if len(members) < 2:
            break
        ring[members] = number
        following[members] = np.roll(members, -1)
        at += len(members)
        number += 1
    return ring, following


def _ring_days(generator: np.random.Generator, ring: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(start, until) by borrower: members come in within eight months of each other and renew until the ring breaks up.

    What binds a ring is that nobody can leave it alone: it is renewed as one, or it comes apart.
    """
    start, until = start.copy(), np.zeros(len(start), dtype=np.int64)
    for number in range(int(ring.max()) + 1 if len(ring) else 0):
        members = np.flatnonzero(ring == number)
        first = int(start[members[0]])
        start[members] = np.minimum(first + generator.integers(0, 240, len(members)), AS_OF - 12)
        lasts = generator.random() < LASTING_RINGS
        broken = first + 365 + int(generator.random() * max(AS_OF - 400 - first, 1))
        until[members] = NEVER if lasts else broken
    return start, until


def _cycle(generator: np.random.Generator, regions: int, industries: int, months: int) -> tuple[np.ndarray, np.ndarray]:
    """(factor by region, industry, month; collateral index by region, month), tied at about -0.3 with each other."""
    common = np.zeros(months)
    place = np.zeros((regions, months))
    trade = np.zeros((industries, months))
    shocks = generator.normal(size=(1 + regions + industries, months))
    keep = 0.93
    for m in range(1, months):
        common[m] = keep * common[m - 1] + (1 - keep**2) ** 0.5 * shocks[0, m]
        place[:, m] = keep * place[:, m - 1] + (1 - keep**2) ** 0.5 * shocks[1 : 1 + regions, m]
        trade[:, m] = keep * trade[:, m - 1] + (1 - keep**2) ** 0.5 * shocks[1 + regions :, m]
    factor = 0.5 * common[None, None, :] + 0.6 * place[:, None, :] + 0.6 * trade[None, :, :]
    trend = np.interp(np.arange(months), [0, LEAD + 12, LEAD + 36, months - 1], [0.0, 0.04, -0.08, -0.24])
    noise = 0.02 * np.cumsum(generator.normal(size=(regions, months)), axis=1) / 3
    index = np.exp(trend[None, :] - 0.05 * (0.5 * common[None, :] + 0.6 * place) + noise)
    return factor, index / index[:, LEAD : LEAD + 1]


def _default_months(
    generator: np.random.Generator, hazard: np.ndarray, factor: np.ndarray, start: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """First month (from the lead's start) in which the cumulated hazard passes a unit exponential; -1 never."""
    threshold = generator.exponential(size=len(hazard))
    total = np.zeros(len(hazard))
    found = np.full(len(hazard), -1, dtype=np.int64)
    for month in range(LEAD, LEAD + MONTHS):
        months = np.maximum(month - start + age, 0)
        shape = 0.45 + 1.25 * np.exp(-(((np.log(months + 1.0) - np.log(14.0)) / 0.55) ** 2) / 2)
        intensity = hazard / 12 * shape * np.exp(0.38 * factor[:, month])
        total = total + np.where(month > start, intensity, 0.0)
        found = np.where((found < 0) & (total > threshold) & (month > start), month, found)
    return found


def _spread(generator: np.random.Generator, people: Population, months: np.ndarray) -> np.ndarray:
    """Default months after ring members and owners have been drawn in."""
    for number in range(int(people.ring.max()) + 1 if len(people.ring) else 0):
        members = np.flatnonzero(people.ring == number)
        hit = months[members]
        draws = generator.random(len(members))
        lags = generator.integers(1, 12, len(members))
        if (hit >= 0).any():
            first = int(hit[hit >= 0].min())
            drawn = (hit < 0) & (draws < 0.58)
            months[members] = np.where(drawn, first + lags, hit)
    owners = np.flatnonzero(people.firm >= 0)
    theirs = months[people.firm[owners]]
    draws = generator.random(len(owners))
    lags = generator.integers(0, 6, len(owners))
    together = (theirs >= 0) & (draws < 0.62)
    months[owners] = np.where(together, theirs + lags, months[owners])
    back = (months[owners] >= 0) & (months[people.firm[owners]] < 0) & (generator.random(len(owners)) < 0.35)
    months[people.firm[owners[back]]] = months[owners[back]] + 1
    return np.where(months >= LEAD + MONTHS, -1, months)


def build_population(preset: Preset, borrowers: int, seed: int) -> Population:
    """Everybody who ever borrowed, with their truth.

    Args:
        borrowers: how many, corporate and personal together (at least 10).
    """
    chance = stream(seed, f"population {preset.name}")
    corporates = round(borrowers * preset.corporate_share)
    corporate = np.arange(borrowers) < corporates
    kind = np.where(corporate, np.where(chance.random(borrowers) < 0.05, 1, 0), 0)
    kind = np.where(corporate, kind, np.where(chance.random(borrowers) < 0.45, 2, 3))
    industry = np.where(
        corporate,
        pick(chance, preset.corporate_industries, borrowers),
        pick(chance, preset.owner_industries, borrowers),
    )
    region = pick(chance, [w for _, _, w in preset.regions], borrowers)
    quality = chance.normal(size=borrowers)
    extra = np.where(corporate, 0.9, 0.35) * np.exp(0.35 * quality)
    lenders = 1 + chance.poisson(np.minimum(extra, 6.0))
    size = chance.normal(size=borrowers)
    start_on = np.minimum(_start_days(chance, industry == 3), AS_OF - 12)
    ring_of, following = _rings(stream(seed, "rings"), preset, corporates)
    ring = np.concatenate([ring_of, np.full(borrowers - corporates, -1, dtype=np.int64)])
    ring_next = np.concatenate([following, np.full(borrowers - corporates, -1, dtype=np.int64)])
    start_on, ring_until = _ring_days(stream(seed, "ring days"), ring, start_on)
    registered_on = start_on - (365.25 * (1.2 + chance.gamma(2.0, 3.0, borrowers))).astype(np.int64)
    firm = np.full(borrowers, -1, dtype=np.int64)
    controller = np.full(borrowers, -1, dtype=np.int64)
    persons = corporates + chance.permutation(borrowers - corporates)
    with_loan = chance.permutation(corporates)[: int(corporates * 0.30)]
    paired = min(len(with_loan), len(persons) // 3)
    kind[persons[:paired]] = 3
    firm[persons[:paired]] = with_loan[:paired]
    region[persons[:paired]] = region[with_loan[:paired]]
    industry[persons[:paired]] = industry[with_loan[:paired]]
    quality[persons[:paired]] = 0.7 * quality[with_loan[:paired]] + 0.7 * quality[persons[:paired]]
    controller[with_loan[:paired]] = persons[:paired]
    without = np.flatnonzero((controller < 0) & (kind == 0) | (controller < 0) & (kind == 1))
    controller[without] = borrowers + np.arange(len(without))
    kind = np.where(ring >= 0, 0, kind)
    industry = np.where(kind == 1, 3, industry)
    factor, index = _cycle(stream(seed, "cycle"), len(preset.regions), 7, LEAD + MONTHS)
    trade = np.array([1.0, 0.95, 1.35, 0.95, 1.05, 1.3, 0.9])[industry]
    hazard = 0.0178 * preset.hazard * trade * np.exp(0.75 * quality - 0.28) * (1 + 0.16 * (lenders - 1))
    hazard = hazard * np.where(ring >= 0, 1.1, 1.0)
    people = Population(
        preset, seed, borrowers, corporates, kind, region, industry, quality, lenders, size, registered_on, start_on,
        firm, controller, ring, ring_next, ring_until, np.full(borrowers, -1, dtype=np.int64),
        np.full(borrowers, NEVER, dtype=np.int64), hazard, np.full(borrowers, -1, dtype=np.int64), factor, index,
        extra_persons=len(without),
    )  # fmt: skip
    deaths = stream(seed, "defaults")
    starts = month_starts()
    start_month = np.searchsorted(starts, start_on, side="right") - 1
    age = np.where(start_month < LEAD, deaths.integers(0, 30, borrowers), 0)
    months = _default_months(deaths, hazard, factor[region, industry], start_month, age)
    months = _spread(deaths, people, months)
    # whoever is drawn in by others has borrowed for two months at least
    months = np.where(months >= 0, np.maximum(months, start_month + 2), -1)
    months = np.where(months >= LEAD + MONTHS, -1, months)
    _plant_fraud(stream(seed, "fraud"), people, months, start_month)
    _show(stream(seed, "shown"), people, months, start_month)
    day = np.where(deaths.random(borrowers) < 0.9, 20, 19)
    people.default_on = np.where(months >= 0, starts[np.maximum(months, 0)] + day, NEVER)
    people.truth["default_month"] = months
    return people


def _plant_fraud(
    generator: np.random.Generator, people: Population, months: np.ndarray, start_month: np.ndarray
) -> None:
    """Groups of personal borrowers made up by one intermediary: they stop within three months of their first loan."""
    loose = np.flatnonzero((people.firm < 0) & ~people.corporate & (start_month >= LEAD) & (start_month < LEAD + 66))
    wanted = max(2, round(0.002 * people.count))
    chosen = generator.permutation(loose)[:wanted]
    at = group = 0
    while at < len(chosen):
        size = int(generator.integers(3, 8))
        members = chosen[at : at + size]
        people.fraud_group[members] = group
        people.region[members] = people.region[members[0]]
        shift = int(generator.integers(0, 4))
        people.start_on[members] = people.start_on[members[0]] + generator.integers(0, 25, len(members)) + shift
        first = np.searchsorted(month_starts(), people.start_on[members], side="right") - 1
        months[members] = np.minimum(first + generator.integers(1, 4, len(members)), LEAD + MONTHS - 1)
        at += size
        group += 1


def _show(generator: np.random.Generator, people: Population, months: np.ndarray, start_month: np.ndarray) -> None:
    """Defaults added where chance alone gives a small book too few to walk a claim through its life.

    Books of about 300 borrowers and more have them anyway and are left as they are.
    """
    seen = LEAD + MONTHS - 12
    natural = int(np.sum((months >= LEAD) & (months < seen) & (people.fraud_group < 0)))
    if natural >= len(SHOWN):
        return
    free = (months < 0) & (people.ring < 0) & (people.firm < 0) & (people.fraud_group < 0) & (people.industry != 3)
    free &= (start_month >= LEAD + 30) & (start_month < LEAD + MONTHS - 20)  # late enough to be open at the end
    for number, security in enumerate(SHOWN[: len(SHOWN) - natural]):
        wanted = np.flatnonzero(free & (people.corporate == (number % 2 == 1)))
        if len(wanted):
            chosen = int(wanted[int(generator.integers(0, len(wanted)))])
            free[chosen] = False
            people.shown[chosen] = security
            months[chosen] = start_month[chosen] + int(generator.integers(6, 10))


def birth_days(generator: np.random.Generator, count: int) -> list[tuple[int, int, int]]:
    """Birth days of grown-up borrowers: 1958 to 1998."""
    first = days_from_civil(1958, 1, 1)
    span = days_from_civil(1998, 12, 31) - first
    middle = (generator.random((count, 2)).mean(axis=1) * span).astype(np.int64)
    return [civil_from_days(first + d) for d in middle.tolist()]


def weights_by_row(base: np.ndarray, lift: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A draw a row from common weights with one row-wise lift on each column."""
    return pick_each(generator, base[None, :] * lift)
