"""The four sample books: what differs between a county bank, a city bank, a hot ring and a farming county.

Invariant: a preset holds numbers only, with the source they come from; how they are used stands with the user.
Sources: the house's practice notes, section 7 (grades S, H, M, L there); everything here is invented.
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.ground.record.errors import NotFound
from panhuo.ground.values.dates import days_from_civil

WINDOW_START = days_from_civil(2020, 7, 1)
AS_OF = days_from_civil(2026, 6, 30)
MONTHS = 72
NEVER = 1 << 40
UNKNOWN = -(1 << 62)

INDUSTRIES: tuple[tuple[str, str], ...] = (
    ("F51", "批发零售"),
    ("C33", "制造"),
    ("E50", "建筑"),
    ("A03", "农牧"),
    ("G54", "运输"),
    ("H62", "餐饮住宿"),
    ("O80", "服务"),
)
"""Industry codes (GB/T 4754) with the word a firm's name carries."""

SECURITIES = (
    "home",
    "shop",
    "plant",
    "company_guarantee",
    "relative_guarantee",
    "guarantee_company",
    "unsecured",
    "pledge",
)
HOME, SHOP, PLANT, COMPANY, RELATIVE, GUARANTOR, UNSECURED, PLEDGE = range(8)

LOAN_PRIME_RATE: tuple[tuple[int, int], ...] = (
    (days_from_civil(2019, 1, 1), 43_100),
    (days_from_civil(2019, 8, 20), 42_500),
    (days_from_civil(2019, 9, 20), 42_000),
    (days_from_civil(2019, 11, 20), 41_500),
    (days_from_civil(2020, 2, 20), 40_500),
    (days_from_civil(2020, 4, 20), 38_500),
    (days_from_civil(2021, 12, 20), 38_000),
    (days_from_civil(2022, 1, 20), 37_000),
    (days_from_civil(2022, 8, 22), 36_500),
    (days_from_civil(2023, 6, 20), 35_500),
    (days_from_civil(2023, 8, 21), 34_500),
    (days_from_civil(2024, 7, 22), 33_500),
    (days_from_civil(2024, 10, 21), 31_000),
    (days_from_civil(2025, 5, 20), 30_000),
)
"""One-year loan prime rate from each publication day, ppm (National Interbank Funding Center); held flat after it."""


@dataclass(frozen=True)
class Preset:
    """One kind of book.

    Attributes:
        borrowers: ever seen in 72 months, at full size.
        corporate_share: of borrowers.
        balance: fen at the end, at full size.
        regions: GB/T 2260 codes invented under a real province (99xx is not used), with weights.
        corporate_industries, owner_industries: weights in the order of `INDUSTRIES`.
        corporate_securities, owner_securities: weights by number, in the order of `SECURITIES`.
        ring_share: share of corporate borrowers in a guarantee ring of at most six.
        hazard: scale of the default hazard, 1 is the county's.
        months_to_cash: median months from overdue to last cash.
        rate_shift: ppm added to every rate.
        price_level: yuan a square metre of a home.
    """

    name: str
    zh: str
    en: str
    borrowers: int
    corporate_share: float
    balance: int
    bank: str
    place: str
    province: str
    regions: tuple[tuple[str, str, float], ...]
    corporate_industries: tuple[float, ...]
    owner_industries: tuple[float, ...]
    corporate_securities: tuple[float, ...]
    owner_securities: tuple[float, ...]
    ring_share: float
    hazard: float
    months_to_cash: float
    rate_shift: int
    price_level: int
    size: float = 1.0


_COUNTY_REGIONS = (
    ("429901", "清溪县", 0.38),
    ("429902", "云岭县", 0.27),
    ("429903", "白石市", 0.13),
    ("429904", "南浦县", 0.10),
    ("429905", "石门垸区", 0.07),
    ("429906", "平湖县", 0.05),
)
_CITY_REGIONS = (
    ("339901", "江东区", 0.40),
    ("339902", "滨湖区", 0.26),
    ("339903", "北仓区", 0.14),
    ("339904", "临川市", 0.12),
    ("339905", "青田港区", 0.08),
)

COUNTY = Preset(
    name="county", zh="县域银行", en="county bank", borrowers=30_000, corporate_share=8 / 30,
    balance=1_800_000_000_000, bank="清溪农村商业银行", place="清溪", province="鄂", regions=_COUNTY_REGIONS,
    corporate_industries=(31, 34, 15, 3.5, 5, 2.0, 12), owner_industries=(41, 9, 3, 15, 6, 9, 17),
    corporate_securities=(22, 16, 15.5, 3.0, 12.5, 6.5, 23, 5), owner_securities=(28, 5, 0, 1, 17, 1.5, 47.5, 0),
    ring_share=0.08, hazard=1.0, months_to_cash=20.0, rate_shift=0, price_level=6_800,
)  # fmt: skip
CITY = Preset(
    name="city", zh="城市商业银行", en="city bank", borrowers=30_000, corporate_share=0.40, balance=4_200_000_000_000,
    bank="江东城市商业银行", place="江东", province="浙", regions=_CITY_REGIONS,
    corporate_industries=(33, 27, 11, 1, 5, 4, 19), owner_industries=(44, 9, 3, 2, 6, 14, 22),
    corporate_securities=(22, 18, 14, 7, 10, 7, 18, 4), owner_securities=(34, 6, 0, 1, 12, 2, 45, 0),
    ring_share=0.05, hazard=0.7, months_to_cash=16.0, rate_shift=-3_000, price_level=16_500, size=1.35,
)  # fmt: skip
HOT_RING = Preset(
    name="hot-ring", zh="担保圈高发", en="hot ring", borrowers=30_000, corporate_share=8 / 30,
    balance=1_800_000_000_000, bank="白石农村商业银行", place="白石", province="鄂", regions=_COUNTY_REGIONS,
    corporate_industries=(28, 36, 14, 3, 5, 2.5, 11.5), owner_industries=(38, 12, 3, 16, 6, 9, 16),
    corporate_securities=(18, 12, 15, 24, 9, 5, 13, 4), owner_securities=(31, 4, 0, 1, 18, 1.5, 44.5, 0),
    ring_share=0.30, hazard=1.25, months_to_cash=22.0, rate_shift=2_000, price_level=6_800,
)  # fmt: skip
AGRI = Preset(
    name="agri", zh="农业县", en="farming county", borrowers=30_000, corporate_share=0.15,
    balance=1_200_000_000_000, bank="平湖农村商业银行", place="平湖", province="鄂", regions=_COUNTY_REGIONS,
    corporate_industries=(24, 16, 8, 34, 6, 2, 10), owner_industries=(22, 5, 2, 55, 5, 4, 7),
    corporate_securities=(20, 10, 16, 10, 14, 10, 16, 4), owner_securities=(18, 3, 0, 1, 34, 4, 40, 0),
    ring_share=0.06, hazard=1.1, months_to_cash=22.0, rate_shift=4_000, price_level=5_400, size=0.85,
)  # fmt: skip

PRESETS: dict[str, Preset] = {p.name: p for p in (COUNTY, CITY, HOT_RING, AGRI)}
"""Name -> preset."""


def preset_named(name: str) -> Preset:
    """The preset of that name; raises NotFound naming those there are."""
    if name not in PRESETS:
        raise NotFound(f"no preset is called {name}", where=name, remedy=f"one of {', '.join(PRESETS)}")
    return PRESETS[name]
