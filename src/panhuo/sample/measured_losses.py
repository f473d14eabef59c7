"""Measurements of what goes wrong: quality, arrears, defaults, losses, procedure, prices, dirt.

Invariant: each function adds lines and changes nothing.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panhuo.sample.measured_book import Measured, days_of, number_of, share, texts_of
from panhuo.sample.presets import AS_OF, NEVER


def quality(m: Measured) -> None:
    """NPL, special mention, overdue, formation, write-off and sale."""
    total = float(m.balance.sum())
    bad = m.balance[m.final >= 2].sum()
    days = m.overdue_days(AS_OF)
    over_ninety = m.balance[days > 90].sum()
    m.say("NPL, %", "2.6 (1.5-4.5)", 100 * bad / total, 1.7, 3.6, rare=True)
    m.say("special mention, %", "4.5", 100 * m.balance[m.final == 1].sum() / total, 3.0, 6.5)
    m.say("overdue, %", "3.4", 100 * m.balance[days > 0].sum() / total, 2.3, 4.8, rare=True)
    m.say("over 90 days / NPL, %", "75-95", 100 * share(over_ninety, bad), 70, 98, rare=True)
    first = np.full(len(m.amount), NEVER, dtype=np.int64)
    long = m.late_paid - m.late_due > 90
    ripe = long & (m.late_due <= AS_OF - 91)
    np.minimum.at(first, m.late_drawdown[ripe], m.late_due[ripe])
    m.first_missed = first
    at_default = _principal_at(m, first)
    mean_balance = np.mean([_balance_on(m, int(day)) for day in m.month_ends[5::6]])
    formed = at_default[first < NEVER].sum() / 6.0
    m.say("NPL formation, % of balance a year", "1.8", 100 * formed / mean_balance, 1.2, 2.5, rare=True)
    principal = m.p_component == "principal"
    out = principal & np.isin(m.p_kind, ("write_off", "assign"))
    m.say("write-off and sale / formation, %", "60-70", 100 * -m.p_signed[out].sum() / (formed * 6), 48, 75, rare=True)
    month = m.p_day[out].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    m.say(
        "write-offs at quarter ends and closings, December's share %",
        "most in December",
        100 * np.mean(month == 11),
        20,
        70,
    )
    _by_product(m, total)


def _by_product(m: Measured, total: float) -> None:
    security = m.security[m.contract]
    product = m.product[m.contract]
    letter = np.array([x[:1] for x in m.industry])[m.borrower]
    for name, rows, target in (
        ("home mortgage", security == "home", 1.8), ("plant and land", security == "plant", 3.5),
        ("guarantee only", np.isin(security, ("company", "relative")), 4.5),
        ("online unsecured", product == "online_unsecured", 3.0), ("construction", letter == "E", 5.0),
        ("catering", letter == "H", 4.5),
    ):  # fmt: skip
        value = 100 * share(m.balance[rows & (m.final >= 2)], m.balance[rows])
        m.say(f"NPL of {name}, %", f"{target}", value, target * 0.3, target * 2.5, rare=True)


def _principal_at(m: Measured, day: np.ndarray) -> np.ndarray:
    rows = (m.p_component == "principal") & (m.p_day < day[m.p_drawdown])
    return np.bincount(m.p_drawdown[rows], m.p_signed[rows], len(m.amount))


def _balance_on(m: Measured, day: int) -> float:
    rows = (m.p_component == "principal") & (m.p_day <= day)
    return float(m.p_signed[rows].sum())


def rolls(m: Measured) -> None:
    """Roll rates between month ends, by number of drawdowns."""
    moved = np.zeros(4)
    stood = np.zeros(4)
    before = None
    for day in m.month_ends.tolist():
        bucket = np.searchsorted([1, 31, 61, 91], m.overdue_days(day), side="right")
        if before is not None:
            for k in (1, 2, 3):
                stood[k] += np.sum(before == k)
                moved[k] += np.sum((before == k) & (bucket > k))
        before = bucket
    for k, (name, target, low, high) in enumerate(
        (
            ("1-30 to 31-60", "25-35", 22, 38),
            ("31-60 to 61-90", "55-65", 48, 70),
            ("61-90 to over 90", "75-85", 68, 90),
        ),
        1,
    ):
        m.say(f"roll {name}, %", target, 100 * moved[k] / max(stood[k], 1), low, high, rare=True)


def defaults(m: Measured) -> None:
    """When defaults happen, cures, early payment defaults, rings and owners."""
    bad = m.first_missed < NEVER
    due_first = m.due  # a drawdown never extended; an extended one ends at its later day
    near = np.abs(m.first_missed - due_first) <= 30
    m.say("defaults within 30 days of maturity, %", "40-50", 100 * share(near[bad], bad[bad]), 34, 58)
    dates = m.first_missed[bad].astype("datetime64[D]")
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    m.say(
        "other defaults that begin on the 20th or 21st, %",
        "spike",
        100 * share(np.isin(day, (20, 21)) & ~near[bad], ~near[bad]),
        85,
        100,
    )
    ever = len(np.unique(m.borrower))
    start = np.full(len(m.corporate), NEVER, dtype=np.int64)
    np.minimum.at(start, m.borrower, m.out)
    default = np.full(len(m.corporate), NEVER, dtype=np.int64)
    np.minimum.at(default, m.borrower[bad], m.first_missed[bad])
    early = (default < NEVER) & (default - start <= 125)
    m.say("early payment default, % of borrowers", "0.2", 100 * early.sum() / ever, 0.08, 0.45, rare=True)
    age = (default - start)[default < NEVER] / 30.4
    fresh = start[default < NEVER] > m.month_ends[0]
    counts, _ = np.histogram(age[fresh], bins=[0, 6, 10, 19, 30, 42])
    pace = counts / np.array([6, 4, 9, 11, 12])
    m.say(
        "defaults a month of age, months 10-18 against 0-9",
        "a peak",
        pace[2] / max((counts[0] + counts[1]) / 10, 1e-9),
        1.05,
        20,
        rare=True,
    )
    cured = bad & (m.balance == 0) & (m.gone >= NEVER)
    last = np.full(len(m.amount), 0, dtype=np.int64)
    np.maximum.at(last, m.late_drawdown, np.where(m.late_paid < NEVER, m.late_paid, 0))
    cured &= (last - m.first_missed < 456) & (m.first_missed < AS_OF - 456)
    m.say(
        "cured within a year of NPL, %",
        "6-10",
        100 * share(cured, bad & (m.first_missed < AS_OF - 456)),
        4,
        18,
        rare=True,
    )
    _together(m, default)


def _together(m: Measured, default: np.ndarray) -> None:
    ring = m.planted("rings")
    member, number = number_of(ring["party_id"]), ring["ring"].to_numpy()
    hits = chances = 0
    until = np.zeros(len(default), dtype=np.int64)
    np.maximum.at(until, m.borrower, m.due)
    start = _first(m)
    for k in np.unique(number):
        inside = member[number == k]
        days = default[inside]
        for i, day in enumerate(days):
            if day < AS_OF - 365:
                others = np.delete(days, i)
                rest = np.delete(inside, i)
                live = (others > day) & (start[rest] < day) & (until[rest] > day)
                chances += int(live.sum())
                hits += int((live & (others <= day + 365)).sum())
    m.say(
        "a ring member defaults within 12 months of another, %",
        "25-40",
        100 * hits / max(chances, 1),
        18,
        45,
        rare=True,
    )
    firms = np.unique(m.borrower[m.firm])
    m.say("any firm defaults in a year, %", "2-4", 100 * np.mean(default[firms] < NEVER) / 3.2, 1.0, 5.0, rare=True)
    owners = m.planted("owners")
    owner, firm = number_of(owners["party_id"]), number_of(owners["firm"])
    live = (default[firm] < AS_OF - 365) & (until[owner] > default[firm]) & (start[owner] < default[firm])
    both = live & (default[owner] < default[firm] + 500)
    m.say("the owner's loan fails when the firm fails, %", "50-70", 100 * share(both, live), 38, 82, rare=True)


def _first(m: Measured) -> np.ndarray:
    found = np.full(len(m.corporate), NEVER, dtype=np.int64)
    np.minimum.at(found, m.borrower, m.out)
    return found


def sales(m: Measured) -> None:
    """Judicial sales by type and round."""
    rounds = m.table("auction_rounds", "lot_id", "kind", "price", "reference_price", "result")
    lots = m.table("auction_lots", "asset_id")
    assets = m.table("assets", "kind")
    kinds = texts_of(assets.filter(pc.match_substring_regex(assets["id"], "^A[0-9]"))["kind"])
    asset = dict(zip(lots["id"].to_pylist(), number_of(lots["asset_id"]).tolist(), strict=True))
    kind = np.array([kinds[asset[x]] for x in rounds["lot_id"].to_pylist()])
    turn, result = texts_of(rounds["kind"]), texts_of(rounds["result"])
    price, reference = rounds["price"].fill_null(0).to_numpy(), rounds["reference_price"].to_numpy()
    for name, group, odds in (
        ("home", ("home",), (22, 28, 12)),
        ("shop", ("shop", "office"), (8, 12, 5)),
        ("plant", ("plant", "land"), (10, 14, 6)),
    ):
        for at, chance in zip(("first", "second", "sale"), odds, strict=True):
            rows = np.isin(kind, group) & (turn == at)
            if rows.sum() * chance > 450:
                m.say(
                    f"{name} sold, {at}, %",
                    str(chance),
                    100 * np.mean(result[rows] == "sold"),
                    chance * 0.3,
                    chance * 2.4 + 3,
                    rare=True,
                )
    real = np.isin(kind, ("home", "shop", "office", "plant", "land"))
    for at, target, low, high in (("first", "78-90", 74, 92), ("second", "58-68", 54, 72), ("sale", "56-60", 50, 68)):
        rows = real & (turn == at) & (result == "sold")
        if rows.sum() > 3:
            m.say(
                f"price / reference, {at}, %",
                target,
                100 * np.mean(price[rows] / reference[rows]),
                low,
                high,
                rare=True,
            )


def losses(m: Measured) -> None:
    """Loss given default by security, its two humps, months to the last cash."""
    loss = m.planted("losses")
    security, principal = texts_of(loss["security"]), loss["principal"].to_numpy()
    lgd = 1 - np.minimum(loss["present_value"].to_numpy() / np.maximum(principal, 1), 1.0)
    for name, target, low, high in (
        ("home", "40-55 (weak)", 33, 60), ("shop", "50-65", 45, 78), ("plant", "45-65", 40, 76),
        ("company_guarantee", "75-90", 68, 94), ("guarantee_company", "20-35", 17, 45), ("unsecured", "85-95", 78, 97),
    ):  # fmt: skip
        rows = security == name
        if rows.sum() >= 5:
            m.say(f"LGD {name}, %", target, 100 * lgd[rows].mean(), low, high, rare=True)
    m.say(
        "LGD in the middle (35-65 %), share",
        "bimodal: little",
        np.mean((lgd > 0.35) & (lgd < 0.65)),
        0,
        0.30,
        rare=True,
    )
    last, first = days_of(loss["last_cash_on"]), days_of(loss["first_missed_on"])
    paid = (last < NEVER) & (loss["cash_ever"].to_numpy() > principal * 0.2)
    months = (last - first)[paid] / 30.4
    usual = m.preset.months_to_cash
    m.say(
        "months from overdue to last cash, median",
        f"{usual:g}",
        np.median(months),
        usual * 0.7,
        usual * 1.5,
        rare=True,
    )
    corporate = loss["corporate"].to_numpy(zero_copy_only=False).astype(bool)
    secured = np.isin(security, ("home", "shop", "plant", "pledge"))
    lost = ~loss["first_seizure"].to_numpy(zero_copy_only=False).astype(bool)
    m.say(
        "first seizure lost, corporate, %",
        "30-40",
        100 * share(lost & corporate & secured, corporate & secured),
        25,
        45,
        rare=True,
    )
    place = np.isin(security, ("shop", "plant"))
    leased = loss["leased"].to_numpy(zero_copy_only=False).astype(bool)
    m.say(
        "unregistered lease on defaulted shops and plants, %",
        "10-20",
        100 * share(leased & place, place),
        8,
        23,
        rare=True,
    )


def procedure(m: Measured) -> None:
    """Enforcement closed for want of property; package prices; dirt."""
    p = m.table("proceedings", "kind", "status")
    first = texts_of(p["kind"]) == "enforcement"
    closed = first & np.isin(texts_of(p["status"]), ("closed_no_property", "closed"))
    none = first & (texts_of(p["status"]) == "closed_no_property")
    m.say(
        "closed for want of property, % of first closings",
        "35 (S) and more here",
        100 * share(none, closed),
        30,
        85,
        rare=True,
    )
    packages = m.table("packages", "kind", "price", "stated_principal", "status")
    personal = texts_of(packages["kind"]) == "personal_batch"
    price, stated = packages["price"].fill_null(0).to_numpy(), packages["stated_principal"].to_numpy()
    m.say("packages sold", "6", len(packages), 6, 6, rare=True)
    m.say(
        "price of corporate packages, % of principal",
        "25-45 secured",
        100 * share(price[~personal], stated[~personal]),
        15,
        45,
        rare=True,
    )
    m.say(
        "price of personal packages, % of principal",
        "4-10 unsecured",
        100 * share(price[personal], stated[personal]),
        3,
        40,
        rare=True,
    )
    _dirt(m)


def _dirt(m: Measured) -> None:
    parties = m.table("parties", "status")
    status = texts_of(parties["status"])
    m.say(
        "dead, deregistered or revoked, %",
        "1-2",
        100 * np.isin(status, ("deceased", "deregistered", "revoked")).mean(),
        0.7,
        2.3,
    )
    rights = m.table("security_rights", "maximum_amount", "registered_amount", "rank", "holder_id")
    ours = rights["maximum_amount"].is_valid().to_numpy()
    off = (
        rights["maximum_amount"].fill_null(0).to_numpy() != rights["registered_amount"].fill_null(0).to_numpy()
    ) & ours
    m.say("certificate not matching the contract, %", "3", 100 * share(off, ours), 1.5, 5)
    claims = m.table("claims", "status", "due_on", "party_id")
    events = m.table("limitation_events", "claim_id", "right_kind", "kind", "done_on")
    held = np.isin(texts_of(claims["status"]), ("held", "assigned"))
    due = days_of(claims["due_on"])
    old = held & (due < AS_OF - 3 * 365)
    latest: dict[str, int] = {}
    sued = set(events.filter(pc.equal(events["kind"], "suit"))["claim_id"].to_pylist())
    for claim, right, day in zip(
        events["claim_id"].to_pylist(), texts_of(events["right_kind"]), days_of(events["done_on"]).tolist(), strict=True
    ):
        if right != "guarantee" and claim is not None:
            latest[claim] = max(latest.get(claim, 0), day)
    last = np.array([latest.get(x, 0) for x in claims["id"].to_pylist()])
    open_suit = np.array([x in sued for x in claims["id"].to_pylist()])
    silent = old & ~open_suit & (last < AS_OF - 3 * 365)
    m.say(
        "no limitation evidence in the last three years, old claims, %",
        "15-25",
        100 * share(silent, old),
        8,
        38,
        rare=True,
    )


def ties(m: Measured) -> None:
    """Correlations that must show: collateral with defaults, weakness with inflated appraisals, hidden renewals."""
    index = m.planted("collateral_index")
    months = len(pc.unique(index["month"]))
    level = index["index"].to_numpy().reshape(-1, months)[:, -72:]
    level = np.log(level) - np.log(level).mean(axis=0)[None, :]
    regions = [r for r, _, _ in m.preset.regions]
    place = np.array([regions.index(r) for r in m.region])[m.borrower]
    starts = np.concatenate([[m.month_ends[0] - 31], m.month_ends[:-1]])
    rate = np.zeros((len(regions), 12))
    mean = np.zeros((len(regions), 12))
    for half in range(12):
        low, high = starts[half * 6], m.month_ends[half * 6 + 5]
        live = (m.out <= high) & (np.minimum(m.due, m.first_missed) > low)
        hit = (m.first_missed > low) & (m.first_missed <= high)
        rate[:, half] = np.bincount(place[hit], minlength=len(regions)) / np.maximum(
            np.bincount(place[live], minlength=len(regions)), 1
        )
        mean[:, half] = level[:, half * 6 : half * 6 + 6].mean(axis=1)
    rate = rate - rate.mean(axis=0)[None, :]
    m.say(
        "default rate against collateral index, correlation",
        "-0.3",
        np.corrcoef(rate.ravel(), mean.ravel())[0, 1],
        -0.85,
        -0.05,
        rare=True,
    )
    appraisals = m.table("appraisals", "asset_id", "purpose", "amount")
    appraisals = appraisals.filter(pc.equal(appraisals["purpose"], "origination"))
    asset = number_of(appraisals["asset_id"])
    true = m.planted("assets")["true_value"].to_numpy()
    debts = m.table("security_rights_debts", "security_right_id", "contract_id")
    debts = debts.filter(pc.match_substring_regex(debts["security_right_id"], "^S[0-9]"))
    holder = np.zeros(len(true), dtype=np.int64)
    parties = number_of(m.table("contracts", "party_id")["party_id"])
    holder[number_of(debts["security_right_id"])] = parties[number_of(debts["contract_id"])]
    weak = m.planted("borrowers")["quality"].to_numpy()[holder[asset]] > 0.7
    over = appraisals["amount"].to_numpy() / true[asset] - 1
    m.say("appraisals of weak borrowers above true value, %", "5-15", 100 * over[weak].mean(), 5, 15)
    m.say("appraisals of others above true value, %", "none", 100 * over[~weak].mean(), -2, 4)
    hidden = number_of(m.planted("evergreened")["drawdown_id"])
    heirs = np.isin(m.previous, hidden)
    for _ in range(3):  # what renews a renewal that hid a default hides it still
        heirs |= np.isin(m.previous, np.flatnonzero(heirs))
    following = heirs & (m.balance > 0) & (m.final < 2)
    m.say(
        "NPL hidden by renewal, points",
        "0.5-1",
        100 * m.balance[following].sum() / m.balance.sum(),
        0.35,
        1.2,
        rare=True,
    )


def stated(m: Measured) -> None:
    """Figures of the seller against the ledger, and guarantors without identifier."""
    facts = m.snapshot.table("stated_balances")
    rows = facts.filter(facts.org_id == "amc").to_pyarrow()
    drawdown = number_of(rows["drawdown_id"], 2)
    day = days_of(rows["base_on"])
    component = texts_of(rows["component"])
    total: dict[int, int] = {}
    base: dict[int, int] = {}
    amounts = rows["amount"].to_pylist()
    for d, on, part, amount in zip(drawdown.tolist(), day.tolist(), component, amounts, strict=True):
        base[d] = on
        if part != "principal":
            total[d] = total.get(d, 0) + amount
    limit = np.full(len(m.amount), -1, dtype=np.int64)
    limit[list(base)] = list(base.values())
    seen = (m.p_day <= limit[m.p_drawdown]) & (m.p_component != "principal")
    owed = np.bincount(m.p_drawdown[seen], m.p_signed[seen], len(m.amount))
    off = [abs(total.get(d, 0) / owed[d] - 1) > 0.01 for d in base if owed[d] > 0]
    m.say("interest on the tape off by more than 1 %, %", "10", 100 * float(np.mean(off)), 5, 15, rare=True)
    missing = known = 0
    for batch in m.book.batches("self"):
        path = batch.folder / "parties.parquet"
        if path.exists():
            parties = pq.read_table(path, columns=["id", "kind", "identifier"])
            behind = pc.and_(
                pc.greater_equal(
                    pc.utf8_slice_codeunits(parties["id"], 1).cast(pa.int64()), len(np.unique(m.borrower))
                ),
                pc.equal(parties["kind"], "person"),
            )
            parties = parties.filter(behind)
            missing, known = missing + parties["identifier"].null_count, known + len(parties)
    m.say("guarantors without identifier, %", "8", 100 * missing / max(known, 1), 5, 11)


STEPS = (quality, rolls, defaults, sales, losses, procedure, ties, stated)
