"""Lines, contracts and drawdowns: each borrower's chain of loans from the first to the last, and where it breaks.

Invariant: a drawdown is lent only while its borrower still pays; it ends as open, settled, renewed or defaulted, and
exactly one of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panhuo.ground.values.calendars import calendar_of
from panhuo.ground.values.dates import civil_from_days, days_from_civil, days_in_month
from panhuo.sample.population import Population
from panhuo.sample.presets import (
    AS_OF,
    COMPANY,
    HOME,
    LOAN_PRIME_RATE,
    NEVER,
    PLANT,
    PLEDGE,
    RELATIVE,
    SHOP,
    UNSECURED,
)
from panhuo.sample.streams import pick, pick_each, stream

OPEN, SETTLED, RENEWED, DEFAULTED = range(4)
BULLET_MONTHLY, BULLET_QUARTERLY, AT_MATURITY, LEVEL, EQUAL_PRINCIPAL, IRREGULAR = range(6)
NEW, WITHOUT_REPAYMENT, REFINANCING, EXTENSION, BRIDGE = range(5)
YEARLY, LINE, INSTALMENT = range(3)
WORKING, FIXED, PROPERTY, PERSONAL, ONLINE, FARM, CHAIN = range(7)
PRODUCT_CODES = (
    "working_capital", "fixed_asset", "business_property", "personal_business", "online_unsecured", "farm",
    "supply_chain",
)  # fmt: skip
HIDDEN = 0.39
"""Share of defaults at maturity that are renewed away instead, for a year or two."""
YUAN = 100
WAN = 1_000_000
_CALENDAR_FROM = days_from_civil(2018, 1, 1)
_CALENDAR_TO = days_from_civil(2034, 12, 31)


@dataclass
class Slots:
    """Arrays over lines: one relationship of one borrower, drawn again and again."""

    borrower: np.ndarray
    security: np.ndarray
    pattern: np.ndarray
    product: np.ndarray
    base: np.ndarray  # fen


@dataclass
class Lending:
    """Arrays over drawdowns in id order, with their slot, contract and end."""

    slots: Slots
    slot: np.ndarray
    borrower: np.ndarray
    contract: np.ndarray
    amount: np.ndarray
    out: np.ndarray
    due: np.ndarray  # after any extension
    due_first: np.ndarray  # as first agreed
    style: np.ndarray
    interest_day: np.ndarray
    rate: np.ndarray
    renewal: np.ndarray
    previous: np.ndarray
    end: np.ndarray
    stop: np.ndarray  # first missed due day of a defaulted drawdown, NEVER otherwise
    evergreen: np.ndarray  # truth: renewed to hide a default
    contract_slot: np.ndarray
    contract_on: np.ndarray
    contract_due: np.ndarray
    contract_principal: np.ndarray
    contract_rate: np.ndarray

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def security(self) -> np.ndarray:
        """Form of security of each drawdown."""
        return self.slots.security[self.slot]


def business_day_table() -> np.ndarray:
    """For each day from 2018-01-01: the first business day not before it (the Chinese calendar)."""
    calendar = calendar_of("CN")
    days = np.arange(_CALENDAR_FROM, _CALENDAR_TO + 1)
    following = np.empty(len(days), dtype=np.int64)
    last = int(days[-1])
    for i in range(len(days) - 1, -1, -1):
        if calendar.is_business_day(int(days[i])):
            last = int(days[i])
        following[i] = last
    return following


def lpr_on(days: np.ndarray) -> np.ndarray:
    """One-year loan prime rate on each day, ppm."""
    starts = np.array([d for d, _ in LOAN_PRIME_RATE])
    rates = np.array([r for _, r in LOAN_PRIME_RATE])
    return rates[np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)]


def round_sizes(generator: np.random.Generator, amount: np.ndarray) -> np.ndarray:
    """Amounts as people write them: round numbers, pile-ups at 3, 5 and 10 million and at 9.9 (fen)."""
    step = np.select(
        [amount < 20 * WAN, amount < 100 * WAN, amount < 300 * WAN], [1 * WAN, 5 * WAN, 10 * WAN], 50 * WAN
    )
    found = np.maximum((amount + step // 2) // step, 1) * step
    draws = generator.random(len(amount))
    for lump, low, high in ((300, 2.55, 3.5), (500, 4.2, 5.9), (1000, 8.2, 13.0)):
        near = (amount >= low * 100 * WAN) & (amount < high * 100 * WAN) & (draws < 0.55)
        found = np.where(near, lump * WAN, found)
    tax_line = (amount >= 8.6 * 100 * WAN) & (amount < 12.5 * 100 * WAN) & (draws >= 0.45) & (draws < 0.85)
    return np.where(tax_line, 990 * WAN, found)


def _slots(people: Population) -> Slots:
    preset = people.preset
    chance = stream(people.seed, "slots")
    corporate = people.corporate
    number = np.where(corporate, 1 + pick(chance, [0.60, 0.28, 0.12], people.count), 1)
    number = np.where(~corporate & (chance.random(people.count) < 0.06), 2, number)
    borrower = np.repeat(np.arange(people.count), number)
    first = np.concatenate([[True], borrower[1:] != borrower[:-1]])
    count = len(borrower)
    firm = corporate[borrower]
    z = people.quality[borrower]
    weights = np.where(
        firm[:, None], np.asarray(preset.corporate_securities)[None, :], np.asarray(preset.owner_securities)[None, :]
    ).astype(np.float64)
    weights[:, COMPANY] *= np.exp(0.30 * z)
    weights[:, PLANT] *= np.exp(0.55 * z)
    weights[:, HOME] *= np.exp(-0.16 * z)
    weights[:, UNSECURED] *= np.exp(-0.10 * z)
    farm = people.industry[borrower] == 3
    weights[:, RELATIVE] *= np.where(farm, 1.8, 1.0)
    security = pick_each(chance, weights)
    security = np.where((people.ring[borrower] >= 0) & first, COMPANY, security)
    security = np.where(people.fraud_group[borrower] >= 0, UNSECURED, security)
    shown = people.shown[borrower]
    security = np.where(shown >= 0, shown, security)
    pattern = pick(chance, [0.655, 0.19, 0.155], count)
    instalment_ok = security != PLEDGE
    pattern = np.where((pattern == INSTALMENT) & ~instalment_ok, YEARLY, pattern)
    pattern = np.where((people.ring[borrower] >= 0) & first, YEARLY, pattern)
    pattern = np.where((security == HOME) & (pattern == YEARLY) & (chance.random(count) < 0.25), LINE, pattern)
    pattern = np.where(shown >= 0, LINE, pattern)  # a year long: the default falls within it
    product = np.where(firm, WORKING, PERSONAL)
    product = np.where(firm & (pattern == INSTALMENT), FIXED, product)
    product = np.where(firm & (pattern == INSTALMENT) & (security == SHOP), PROPERTY, product)
    product = np.where(~firm & (security == UNSECURED), ONLINE, product)
    product = np.where(farm & (security != UNSECURED), FARM, product)
    product = np.where(firm & (security == PLEDGE), CHAIN, product)
    normal = 0.6 * people.size[borrower] + 0.8 * chance.normal(size=count)
    spread = np.where(normal < 0, 1.30, 0.98)
    median = np.where(firm, 2.2e6, 0.34e6)
    lift = np.ones(count)
    lift = np.where(firm & (security == PLANT), 1.5, lift)
    lift = np.where(firm & (security == HOME), 0.85, lift)
    lift = np.where(firm & (security == UNSECURED), 0.75, lift)
    lift = np.where(firm & (security == RELATIVE), 0.8, lift)
    lift = np.where(~firm & (security == HOME), 2.3, lift)
    lift = np.where(~firm & (security == UNSECURED), 0.30, lift)
    spread = np.where(~firm, np.where(normal < 0, 0.80, 0.92), spread)
    amount = median * lift * preset.size * np.exp(spread * normal)
    limit = np.where(firm, 30e6, np.where(security == UNSECURED, 0.5e6, 10e6))
    capped = np.where((security == UNSECURED) & ~firm & (amount > 0.24e6) & (amount < 0.42e6), 0.3e6, amount)
    amount = np.clip(capped, np.where(firm, 0.1e6, 0.02e6), limit)
    base = round_sizes(chance, (amount * YUAN).astype(np.int64))
    base = np.where((security == UNSECURED) & ~firm, np.minimum(base, 50 * WAN), base)
    return Slots(borrower, security, pattern, product, base)


def _rates(people: Population, slots: Slots, slot: np.ndarray, out: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Contract rates in ppm, whole 5 basis points: vintage, size, security, quality."""
    chance = stream(people.seed, f"rates {len(slot)} {int(out[0]) if len(out) else 0}")
    security = slots.security[slot]
    borrower = slots.borrower[slot]
    firm = people.corporate[borrower]
    spread = 1.28 - 0.5 * np.log10(np.maximum(amount, 1) / (100.0 * WAN))
    spread = spread + np.where(security <= PLANT, -0.4, np.where(security <= 5, 0.5, 0.0))
    unsecured = (security == UNSECURED) & ~firm
    spread = spread + np.where(unsecured, 2.0, np.where(security == UNSECURED, 0.6, 0.0))
    spread = spread + 0.22 * people.quality[borrower] + 0.2 * chance.normal(size=len(slot))
    spread = np.clip(spread, 0.1, np.where(unsecured, 5.6, 3.2))
    rate = lpr_on(out) + people.preset.rate_shift + (spread * 10_000).astype(np.int64)
    rate = np.where(unsecured, np.clip(rate, 50_000, 92_000), np.clip(rate, 30_000, 70_000))
    return ((rate + 250) // 500) * 500


def _tenor_due(
    generator: np.random.Generator, slots: Slots, slot: np.ndarray, out: np.ndarray, farm: np.ndarray
) -> np.ndarray:
    count = len(slot)
    months = np.array([12, 12, 6, 3, 9, 10])[pick(generator, [0.62, 0.08, 0.13, 0.05, 0.06, 0.06], count)]
    year, month, day = _civil(out)
    spring = farm & (month >= 2) & (month <= 5)
    autumn = generator.integers(10, 13, count) - month
    months = np.where(spring, autumn, months)
    months = np.where(slots.pattern[slot] == LINE, 12, months)
    terms = np.array([24, 36, 36, 48, 60])[generator.integers(0, 5, count)]
    months = np.where(slots.pattern[slot] == INSTALMENT, terms, months)
    whole = year * 12 + month - 1 + months
    due = _days(whole // 12, whole % 12 + 1, day)
    early = np.where(slots.pattern[slot] == INSTALMENT, 0, pick(generator, [0.35, 0.40, 0.15, 0.10], count))
    return due - early


def _civil(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    return 1970 + months // 12, months % 12 + 1, day


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    following = (first + 1).astype("datetime64[D]").astype(np.int64)
    start = first.astype("datetime64[D]").astype(np.int64)
    return np.minimum(start + day - 1, following - 1)


def _until_spring(due: np.ndarray, into: np.ndarray) -> np.ndarray:
    year, month, _ = _civil(due)
    start = _days(year + (month > 1), np.full(len(due), 2), np.full(len(due), 8))
    return start + into - due


def _missed_day(
    due: np.ndarray, out: np.ndarray, default: np.ndarray, style: np.ndarray, iday: np.ndarray
) -> np.ndarray:
    """First due day not before the day a borrower stops paying: the next interest day, or maturity if sooner."""
    year, month, day = _civil(np.minimum(default, AS_OF + 4000))
    later = day > iday
    whole = year * 12 + month - 1 + later
    quarter = style == BULLET_QUARTERLY
    ahead = np.where(quarter, (2 - whole % 3) % 3, 0)
    whole = whole + ahead
    found = _days(whole // 12, whole % 12 + 1, iday)
    found = np.where(found - out < 15, found + 31, found)
    return np.where((style == AT_MATURITY) | (found > due), due, found)


def build_lending(people: Population) -> Lending:
    """Every chain of loans of every borrower, generation by generation."""
    slots = _slots(people)
    following = business_day_table()
    chance = stream(people.seed, "chains")
    count = len(slots.borrower)
    firm = people.corporate[slots.borrower]
    farm = people.industry[slots.borrower] == 3
    style_draw = chance.random(count)
    style = np.where(style_draw < 0.80, BULLET_MONTHLY, np.where(style_draw < 0.94, BULLET_QUARTERLY, AT_MATURITY))
    style = np.where(firm & (style == AT_MATURITY), BULLET_MONTHLY, style)
    style = np.where((slots.pattern == YEARLY) & farm & (style_draw > 0.6), AT_MATURITY, style)
    style = np.where((slots.pattern != YEARLY) & (style == AT_MATURITY), BULLET_MONTHLY, style)
    instalment = np.array([LEVEL, LEVEL, EQUAL_PRINCIPAL, IRREGULAR])[chance.integers(0, 4, count)]
    style = np.where(slots.pattern == INSTALMENT, instalment, style)
    iday_slot = np.where(chance.random(count) < 0.82, 21, 20)
    first = np.concatenate([[True], slots.borrower[1:] != slots.borrower[:-1]])
    out = people.start_on[slots.borrower] + np.where(first, 0, chance.integers(20, 500, count))
    amount = slots.base.copy()
    renewal = np.full(count, NEW, dtype=np.int64)
    previous = np.full(count, -1, dtype=np.int64)
    contract = np.full(count, -1, dtype=np.int64)
    contract_until = np.full(count, -1, dtype=np.int64)
    contract_cap = np.zeros(count, dtype=np.int64)
    active = np.ones(count, dtype=bool)
    kept = np.zeros(count, dtype=bool)  # renewed once in place of a default: renewed until it breaks
    bound = first & (people.ring[slots.borrower] >= 0)  # the loan a ring stands behind
    default_on = people.default_on.copy()
    parts: dict[str, list[np.ndarray]] = {}
    contracts: dict[str, list[np.ndarray]] = {}
    made = contracted = 0
    for _ in range(64):
        # A renewal without repayment is signed before the old loan matures and takes over on its very day.
        rolled = following[np.clip(out - _CALENDAR_FROM, 0, len(following) - 1)]
        out = np.where(renewal == WITHOUT_REPAYMENT, out, rolled)
        active &= (out <= AS_OF) & (out < default_on[slots.borrower] - 20)
        s = np.flatnonzero(active)
        if not len(s):
            break
        o, a, z, b = out[s], amount[s], people.quality[slots.borrower[s]], slots.borrower[s]
        due = _tenor_due(chance, slots, s, o, farm[s])
        due_first = due.copy()
        rate = _rates(people, slots, s, o, a)
        # contracts: a three-year line keeps its contract while it lasts, everything else signs anew
        keep = (slots.pattern[s] == LINE) & (contract_until[s] >= due)
        a = np.where(keep, np.minimum(a, contract_cap[s]), a)
        fresh = ~keep
        numbers = contracted + np.cumsum(fresh) - 1
        contract[s] = np.where(fresh, numbers, contract[s])
        line_until = o + 3 * 365 + 12
        ends = np.where(slots.pattern[s] == LINE, line_until, due)
        contract_until[s] = np.where(fresh, ends, contract_until[s])
        cap = np.where(
            slots.pattern[s] == LINE, round_up(a + (a * np.clip(0.25 - 0.12 * z, 0.0, 0.5)).astype(np.int64)), a
        )
        contract_cap[s] = np.where(fresh, cap, contract_cap[s])
        for name, values in (("slot", s), ("on", o), ("due", ends), ("principal", cap), ("rate", rate)):
            contracts.setdefault(name, []).append(values[fresh])
        contracted += int(fresh.sum())
        # fate
        stops = default_on[b]
        missed = _missed_day(due, o, stops, style[s], iday_slot[s])
        will = (stops <= due) & (stops < NEVER)
        at_maturity = will & (due - stops < 300) & (chance.random(len(s)) < 0.64) & (slots.pattern[s] != INSTALMENT)
        missed = np.where(at_maturity, due, missed)
        hide = at_maturity & (chance.random(len(s)) < HIDDEN) & (people.fraud_group[b] < 0) & (people.shown[b] < 0)
        default_on[b[hide]] = due[hide] + chance.integers(400, 900, int(hide.sum()))
        kept[s] |= hide
        will &= ~hide & (missed <= AS_OF)
        maturing = ~will & (due <= AS_OF)
        renew_odds = np.where(slots.pattern[s] == INSTALMENT, 0.10, np.clip(0.57 - 0.03 * z, 0.3, 0.75))
        harvest = farm[s] & (slots.pattern[s] == YEARLY)  # paid after the harvest, lent again in spring
        renew_odds = np.where(harvest, 0.22, renew_odds)
        renew_odds = np.where(bound[s], np.where(due < people.ring_until[b], 1.0, 0.25), renew_odds)
        renewed = maturing & ((chance.random(len(s)) < renew_odds) | kept[s])
        kinds = np.stack(
            [
                np.full(len(s), 0.26), np.full(len(s), 0.65), 0.012 * np.exp(0.45 * z), 0.06 * np.exp(0.45 * z),
                0.018 * np.exp(0.25 * z),
            ],
            axis=1,
        )  # fmt: skip
        kinds[kept[s]] = np.array([0.0, 0.60, 0.15, 0.10, 0.15])
        kind = pick_each(chance, kinds)
        extend = renewed & (kind == EXTENSION) & (slots.pattern[s] == YEARLY)
        kind = np.where(renewed & (kind == EXTENSION) & ~extend, WITHOUT_REPAYMENT, kind)
        longer = np.minimum(chance.integers(3, 13, len(s)) * 30, due - o)
        due = np.where(extend, due + longer, due)
        # an extension is the same drawdown with a later end; what becomes of it is settled at that later end
        stops = default_on[b]
        late = extend & (stops <= due)
        missed = np.where(late, due, missed)
        will |= late & (due <= AS_OF)
        ended = extend & ~late & (due <= AS_OF)
        still = extend & (due > AS_OF)
        renewed &= ~extend
        settled = (maturing & ~renewed & ~extend) | ended
        end = np.full(len(s), OPEN)
        end[settled] = SETTLED
        end[renewed] = RENEWED
        end[will] = DEFAULTED
        end[still & ~will] = OPEN
        stop = np.where(will, missed, NEVER)
        ids = made + np.arange(len(s))
        for name, values in (
            ("slot", s), ("contract", contract[s]), ("amount", a), ("out", o), ("due", due), ("due_first", due_first),
            ("style", style[s]), ("interest_day", iday_slot[s]), ("rate", rate), ("renewal", renewal[s]),
            ("previous", previous[s]), ("end", end), ("stop", stop), ("evergreen", kept[s] & renewed),
        ):  # fmt: skip
            parts.setdefault(name, []).append(values.copy())
        made += len(s)
        # what comes next on each line
        back = settled & (
            chance.random(len(s)) < np.where(slots.pattern[s] == INSTALMENT, 0.35, np.where(harvest, 0.70, 0.36))
        )
        gap = np.where(
            renewed, np.where(kind == BRIDGE, 3, np.where(kind == NEW, chance.integers(1, 12, len(s)), 0)), 0
        )
        gap = np.where(back & ~renewed, chance.integers(25, 200, len(s)), gap)
        gap = np.where(harvest & back & ~renewed, _until_spring(due, chance.integers(0, 75, len(s))), gap)
        move = pick(chance, [0.70, 0.17, 0.13], len(s))
        grown = round_sizes(chance, (a * np.where(move == 1, 1.2, 0.85)).astype(np.int64))
        follow = np.where(move == 0, a, grown)
        same = renewed & ((kind == WITHOUT_REPAYMENT) | (kind == REFINANCING))
        follow = np.where(same, a, follow)
        limit = np.where((slots.security[s] == UNSECURED) & ~firm[s], 50 * WAN, 1 << 50)
        amount[s] = np.minimum(follow, limit)
        out[s] = due + gap
        renewal[s] = np.where(renewed, kind, NEW)
        previous[s] = np.where(renewed, ids, -1)
        active[:] = False
        active[s] = renewed | back
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    bonds = {name: np.concatenate(values) for name, values in contracts.items()}
    return Lending(
        slots, joined["slot"], slots.borrower[joined["slot"]], joined["contract"], joined["amount"], joined["out"],
        joined["due"], joined["due_first"], joined["style"], joined["interest_day"], joined["rate"],
        joined["renewal"], joined["previous"], joined["end"], joined["stop"], joined["evergreen"], bonds["slot"],
        bonds["on"], bonds["due"], bonds["principal"], bonds["rate"],
    )  # fmt: skip


def round_up(amount: np.ndarray) -> np.ndarray:
    """Line amounts in whole 10,000 yuan, upwards (fen)."""
    return -(-amount // WAN) * WAN


def month_end(days: int) -> int:
    """Last day of the month of a day."""
    year, month, _ = civil_from_days(days)
    return days_from_civil(year, month, days_in_month(year, month))
