"""Measurements of lending: sizes, rates, tenors, security, trades, seasons, renewals, rings.

Invariant: each function adds lines and changes nothing.
"""

from __future__ import annotations

import numpy as np

from panhuo.sample.lending import lpr_on
from panhuo.sample.measured_book import Measured, number_of, share
from panhuo.sample.presets import AS_OF

MILLION = 100_000_000.0


def sizes(m: Measured) -> None:
    """Balance, sizes, lumps, drawdowns and lenders a borrower."""
    scale = float(m.book.description["borrowers"]) / m.preset.borrowers
    m.say("balance, bn yuan at full size", "18", m.balance.sum() / 1e11 / scale, 15.3, 20.7)
    firm = m.amount[m.firm]
    own = m.amount[~m.firm & ~m.micro[m.contract]]
    online = m.amount[~m.firm & (m.product[m.contract] == "online_unsecured")]
    m.say("corporate drawdown, median, m yuan", "2.2", np.median(firm) / MILLION, 1.7, 2.7)
    m.say("corporate drawdown, p10", "0.4", np.quantile(firm, 0.1) / MILLION, 0.28, 0.55)
    m.say("corporate drawdown, p90", "8", np.quantile(firm, 0.9) / MILLION, 6.0, 10.0)
    lumps = np.isin(firm, [300_000_000, 500_000_000, 990_000_000, 1_000_000_000])
    m.say("corporate drawdowns at exactly 3, 5, 9.9, 10 m", "pile-ups", lumps.mean(), 0.10, 0.45)
    near = np.isin(firm, [970_000_000, 980_000_000]).mean()
    m.say(
        "corporate drawdowns at 9.9 m over those at 9.7-9.8",
        "a lump",
        np.isin(firm, [990_000_000]).mean() / max(near, 1e-3),
        2,
        1e9,
    )
    m.say("owner drawdown, median, m yuan", "0.28", np.median(own) / MILLION, 0.20, 0.36)
    m.say("owner drawdown, p90", "1.2", np.quantile(own, 0.9) / MILLION, 0.85, 1.6)
    m.say("online unsecured, median", "0.10", np.median(online) / MILLION, 0.07, 0.13)
    m.say("online unsecured, largest", "0.5", online.max() / MILLION, 0.3, 0.5)
    live = m.balance > 0
    m.say(
        "live drawdowns a corporate borrower",
        "1.4",
        (live & m.firm).sum() / len(np.unique(m.borrower[live & m.firm])),
        1.2,
        1.6,
    )
    reports = m.table("credit_reports", "party_id", "lenders")
    corporate = m.corporate[number_of(reports["party_id"])]
    m.say("lenders a corporate borrower", "1.9", reports["lenders"].to_numpy()[corporate].mean(), 1.6, 2.3)


def rates(m: Measured) -> None:
    """Levels and slopes of rates."""
    micro = m.micro[m.contract]
    online = (m.product[m.contract] == "online_unsecured") & ~micro
    rest = ~online & ~micro
    rate = m.rate / 10_000.0
    live = rest & (m.balance > 0)
    m.say("rate, secured and corporate, mean %", "4.7", rate[rest].mean(), 4.3, 5.2)
    m.say(
        "rate weighted by balance at the end, %",
        "below it: LPR fell",
        share(rate[live] * m.balance[live], m.balance[live]),
        3.4,
        4.8,
    )
    m.say("rate, p5 %", "3.8", np.quantile(rate[rest], 0.05), 3.3, 4.3)
    m.say("rate, p95 %", "6.5", np.quantile(rate[rest], 0.95), 5.6, 6.9)
    m.say("rate, online unsecured, mean %", "5.5-9", rate[online].mean(), 5.8, 8.2)
    if micro.any():
        m.say("rate, micro-lender, least %", "10-24", rate[micro].min(), 10, 24, rare=True)
    rows = np.flatnonzero(rest & m.firm)
    contract = m.contract[rows]
    mortgaged = np.isin(m.security[contract], ("home", "shop", "plant"))
    guaranteed = np.isin(m.security[contract], ("company", "relative", "guarantee_company"))
    left = np.stack([np.ones(len(rows)), np.log10(m.amount[rows] / MILLION), mortgaged, guaranteed], axis=1)
    slope, *_ = np.linalg.lstsq(left, rate[rows] - lpr_on(m.out[rows]) / 10_000.0, rcond=None)
    m.say("rate, for ten times the size, points", "-0.5", slope[1], -0.65, -0.3)
    m.say("rate, guarantee only against mortgage, points", "+0.9", slope[3] - slope[2], 0.6, 1.2)


def patterns(m: Measured) -> None:
    """Tenor and style, renewals, seasons."""
    line = m.line[m.contract]
    instalment = np.isin(m.style, ("equal_instalment", "equal_principal", "irregular"))
    m.say("new drawdowns: bullet up to 12 months, %", "70", 100 * (~line & ~instalment).mean(), 60, 76)
    m.say("new drawdowns: three-year line drawn yearly, %", "20", 100 * line.mean(), 15, 28)
    m.say("new drawdowns: instalment, %", "10", 100 * (instalment & ~line).mean(), 6, 14)
    interest = np.isin(m.style, ("bullet_monthly_interest", "bullet_quarterly_interest"))
    m.say("bullets with interest by month or quarter, %", "most", 100 * share(interest, ~instalment), 75, 100)
    matured = (m.due <= AS_OF) & ~instalment & np.isin(m.status, ("settled",))
    renewed = np.zeros(len(m.amount), dtype=bool)
    renewed[m.previous[m.previous >= 0]] = True
    longer = number_of(m.table("modifications", "drawdown_id", "kind")["drawdown_id"])
    extended = np.zeros(len(m.amount), dtype=bool)
    extended[longer] = True
    m.say("maturities renewed, %", "45-60", 100 * share((renewed | extended)[matured], matured[matured]), 43, 64)
    month = (m.out.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12
    weight = np.bincount(month, m.amount.astype(np.float64), 12)
    weight = weight / weight.sum()
    m.say("lending in the first quarter, %", "30-38", 100 * weight[:3].sum(), 28, 39)
    m.say(
        "February against the mean of January and March", "a dip", weight[1] / ((weight[0] + weight[2]) / 2), 0.3, 0.9
    )
    farm = m.product[m.contract] == "farm"
    if farm.sum() > 30:
        m.say("farm loans out February to May, %", "Feb-Apr", 100 * np.isin(month[farm], (1, 2, 3, 4)).mean(), 50, 100)
        due = (m.due.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12
        spring = farm & np.isin(month, (1, 2, 3)) & (m.due - m.out < 330)
        m.say(
            "those due October to December, %",
            "Oct-Dec",
            100 * share(np.isin(due[spring], (8, 9, 10, 11)), spring[spring]),
            80,
            100,
        )


def mixes(m: Measured) -> None:
    """Security, industry and place by balance."""
    total = float(m.balance.sum())
    security = m.security[m.contract]
    for name, target, low, high in (
        ("home", 28, 20, 36), ("shop", 12, 7, 17), ("plant", 15, 9, 21), ("company", 8, 4, 15), ("relative", 12, 7, 17),
        ("guarantee_company", 5, 2, 8.5), ("unsecured", 17, 10, 23), ("pledge", 3, 1, 6),
    ):  # fmt: skip
        m.say(f"balance on {name}, %", str(target), 100 * m.balance[security == name].sum() / total, low, high)
    letter = np.array([x[:1] for x in m.industry])[m.borrower]
    for name, code, target, low, high in (
        ("wholesale and retail", "F", 32, 25, 39), ("manufacturing", "C", 26, 18, 32), ("construction", "E", 12, 7, 16),
        ("farming", "A", 9, 5, 15), ("transport", "G", 5, 3, 8), ("lodging and catering", "H", 4, 2, 7),
        ("services", "O", 12, 8, 17),
    ):  # fmt: skip
        m.say(f"balance in {name}, %", str(target), 100 * m.balance[letter == code].sum() / total, low, high)
    two = np.isin(m.region[m.borrower], [r for r, _, _ in m.preset.regions[:2]])
    m.say("balance in two counties, %", "60-70", 100 * m.balance[two].sum() / total, 57, 73)


def rings(m: Measured) -> None:
    """Guarantee rings of at most six, found from the contracts."""
    following: dict[int, set[int]] = {}
    for debtor, guarantor in np.unique(m.edges, axis=0).tolist():
        following.setdefault(debtor, set()).add(guarantor)
    inside: dict[int, int] = {}
    for start in sorted(following):
        length = _shortest_ring(start, following)
        if length:
            inside[start] = length
    corporates = np.unique(m.borrower[m.firm])
    target = {"hot-ring": "25-35", "county": "8"}.get(m.preset.name, f"{100 * m.preset.ring_share:g}")
    low, high = 80 * m.preset.ring_share, 115 * m.preset.ring_share
    m.say("corporate borrowers in a ring of at most six, %", target, 100 * len(inside) / len(corporates), low, high)
    lengths = np.array(list(inside.values()))
    if len(lengths):
        number = np.array([np.sum(lengths == k) / k for k in range(2, 7)])
        m.say("rings of three to five, %", "60", 100 * number[1:4].sum() / number.sum(), 48, 72, rare=True)
    _live_rings(m, target)


def _live_rings(m: Measured, target: str) -> None:
    """Rings planted whose every guarantee is for something still owed, and the firms in them."""
    guaranteed = (m.balance > 0) & (m.security[m.contract] == "company")
    owing = np.zeros(len(m.corporate), dtype=bool)
    owing[m.borrower[guaranteed]] = True
    ring = m.planted("rings")
    member, number = number_of(ring["party_id"]), ring["ring"].to_numpy()
    count = int(number.max()) + 1 if len(number) else 0
    live = np.bincount(number, ~owing[member], count) == 0
    m.say("planted rings live at the end, %", "as firms are", 100 * live.mean() if count else 0.0, 25, 60, rare=True)
    firms = len(np.unique(m.borrower[(m.balance > 0) & m.firm]))
    low, high = 60 * m.preset.ring_share, 145 * m.preset.ring_share
    m.say(
        "firms with a balance that stand in a live ring, %",
        target,
        100 * live[number].sum() / firms,
        low,
        high,
        rare=True,
    )


def _shortest_ring(start: int, following: dict[int, set[int]]) -> int:
    frontier = {start}
    for length in range(1, 7):
        frontier = {after for node in frontier for after in following.get(node, ())}
        if start in frontier:
            return length
    return 0


STEPS = (sizes, rates, patterns, mixes, rings)
