"""The judicial sale of one asset: reference price, rounds, failures, what the price leaves for the claim.

Invariant: odds of a sale and price against appraisal depend on type and round as the practice notes give them for a
county (section 7); what ranks ahead is paid first and the cap of the security right is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.ground.book.tables.security import ASSET_KINDS
from panhuo.sample.cases import Case, Cash
from panhuo.sample.parties import Registry, party_id
from panhuo.sample.population import Population
from panhuo.sample.security import Security, index_at
from panhuo.sample.streams import Chance

SOLD: dict[str, tuple[float, float, float]] = {
    "home": (0.26, 0.36, 0.16), "shop": (0.13, 0.15, 0.07), "office": (0.13, 0.15, 0.07), "plant": (0.15, 0.20, 0.09),
    "land": (0.15, 0.20, 0.09), "inventory": (0.10, 0.20, 0.20), "equipment": (0.10, 0.20, 0.20),
    "receivable": (0.15, 0.15, 0.10), "deposit": (1.0, 1.0, 1.0),
}  # fmt: skip
"""Chance of a sale in the first auction, the second, and the sale that follows (county); practice notes 7, M-L. A
second lot after failure brings homes to about two thirds sold in the end."""
RATIO: dict[str, tuple[tuple[float, float], ...]] = {
    "real": ((0.78, 0.90), (0.58, 0.68), (0.56, 0.60)),
    "movable": ((0.45, 0.65), (0.30, 0.45), (0.15, 0.30)),
}
"""Price against reference price by round; M-L."""


@dataclass(frozen=True)
class Sale:
    """How a sale ended: the day, whether money came, whether the creditor took the thing."""

    ended: int
    paid: bool
    in_kind: bool


def _execution_fee(amount: int) -> int:
    """Execution fee in fen (国务院令481号 art. 14 (1)) for an amount in fen."""
    yuan = amount // 100
    fee = 50.0
    for low, high, rate in (
        (10_000, 500_000, 0.015),
        (500_000, 5_000_000, 0.01),
        (5_000_000, 10_000_000, 0.005),
        (10_000_000, 1 << 60, 0.001),
    ):
        if yuan > low:
            fee += (min(yuan, high) - low) * rate
    return int(fee) * 100


def tell_sale(
    people: Population, registry: Registry, security: Security, case: Case, chance: Chance, proceeding: str, court: str,
    earliest: int, last: int,
) -> Sale | None:  # fmt: skip
    """Tells lot, rounds, distribution and costs; adds the cash; None when the asset never came to sale."""
    number = case.asset
    kind = [code.code for code in ASSET_KINDS][int(security.kind[number])]
    asset, lot = f"A{number:06d}", f"O{case.claim}"
    if kind == "deposit":
        day = earliest
        amount = min(int(security.maximum[number]), case.principal)
        case.cash.append(Cash(day + 20, amount, "enforcement", amount, 0))
        return Sale(day, True, False)
    appraised = max(earliest, last - chance.whole(230, 330))
    move = float(
        index_at(people, security.region[number : number + 1], security.first_on[number : number + 1] * 0 + appraised)[
            0
        ]
    )
    start = float(index_at(people, security.region[number : number + 1], security.first_on[number : number + 1])[0])
    worth = int(security.true_value[number] * move / start)
    reference = int(worth * chance.between(0.95, 1.18)) // 1_000_000 * 1_000_000
    if reference <= 0:
        return None
    method = chance.one_of(("online", 5), ("commissioned", 3), ("targeted", 1), ("agreed", 1))
    case.tell(
        "appraisals",
        appraised,
        id=f"V{case.claim}",
        asset_id=asset,
        purpose="enforcement",
        method=method,
        appraised_on=appraised,
        value_type="market",
        amount=reference,
        valid_to_on=appraised + 365,
        valuer="网络司法询价平台" if method == "online" else "房地产估价所",
        currency="CNY",
    )
    bearer = chance.one_of(("proceeds", 5), ("each", 3), ("buyer", 1), ("not_stated", 1))
    first_notice = appraised + chance.whole(40, 90)
    case.tell(
        "auction_lots",
        first_notice,
        id=lot,
        proceeding_id=proceeding,
        asset_id=asset,
        appraisal_id=f"V{case.claim}",
        court=court,
        platform=chance.one_of(("阿里拍卖", 6), ("京东拍卖", 3), ("公拍网", 1)),
        reference_price=reference,
        tax_bearer=bearer,
        vacancy_promised=chance.happens(0.4),
        currency="CNY",
    )
    real = kind in ("home", "shop", "office", "plant", "land")
    odds = [p * (0.55 if case.leased else 1.0) for p in SOLD[kind]]
    day = first_notice
    floor = 0
    price = 0
    ended = day
    starts = {"first": chance.between(0.70, 0.85), "second": 0.0, "sale": 0.0}
    starts["second"] = starts["first"] * 0.80
    starts["sale"] = starts["second"]
    for turn, name in enumerate(("first", "second", "sale")):
        notice = day
        opens = notice + (31 if turn == 0 else 16)
        closes = opens + (1 if turn < 2 else 60)
        floor = int(reference * starts[name]) // 10_000 * 10_000
        withdrawn = chance.happens(0.03)
        hit = not withdrawn and chance.happens(odds[turn])
        low, high = RATIO["real" if real else "movable"][turn]
        price = max(int(reference * chance.between(low, high)) // 10_000 * 10_000, floor) if hit else 0
        if not real and hit:
            price = int(reference * chance.between(low, high)) // 10_000 * 10_000
        result = "withdrawn" if withdrawn else "sold" if hit else "failed"
        signed = chance.whole(2, 7) if hit and price > floor else 1 if hit else 0
        case.tell(
            "auction_rounds",
            closes,
            id=f"{lot}-{turn + 1}",
            lot_id=lot,
            kind=name,
            notice_on=notice,
            starts_on=opens,
            ends_on=closes,
            reference_price=reference,
            starting_price=floor,
            deposit=floor // 10,
            increment=max(floor // 200, 10_000),
            signed_up=signed,
            bids=signed * 3 if signed > 1 else signed,
            price=price if hit else None,
            result=result,
            result_reason="案外人异议" if withdrawn else None if hit else "无人出价",
            currency="CNY",
        )
        ended = closes
        if hit or withdrawn:
            break
        day = closes + chance.whole(8, 30)
    if not price:
        if real and chance.happens(0.26):
            taken = floor
            case.cash.append(
                Cash(
                    ended + 45,
                    min(_net(case, security, taken, bearer, chance)[0], int(case.principal * 1.15)),
                    "settlement_in_kind",
                    taken,
                    0,
                )
            )
            return Sale(ended, True, True)
        if chance.happens(0.48) and real:
            # sold after a later resumption, at a lower price
            again = ended + chance.whole(250, 600)
            later = int(reference * chance.between(0.42, 0.56))
            net, held = _net(case, security, later, bearer, chance)
            case.cash.append(Cash(again, min(net, int(case.principal * 1.2)), "auction", later, held))
        return Sale(ended, False, False)
    paid_on = ended + chance.whole(30, 75)
    net, held = _net(case, security, price, bearer, chance)
    to_us = min(net, int(case.principal * 1.2))
    case.cash.append(Cash(paid_on, to_us, "auction", price, held))
    for place, (rank, claimant, amount) in enumerate(
        (
            ("costs", None, _execution_fee(to_us)),
            ("taxes", None, held - _execution_fee(to_us)),
            ("secured", registry.bank, to_us),
            ("debtor", case.borrower, max(price - held - to_us, 0)),
        )
    ):
        if amount > 0:
            case.tell(
                "distributions",
                paid_on,
                id=f"{lot}-D{place}",
                lot_id=lot,
                proceeding_id=proceeding,
                claimant_id=party_id(claimant) if claimant is not None else None,
                claim_id=case.claim if rank == "secured" else None,
                rank=rank,
                claimed=case.principal * 11 // 10 if rank == "secured" else amount,
                paid=amount,
                made_on=paid_on - 12,
                served_on=paid_on - 5,
                currency="CNY",
            )
    case.tell(
        "costs",
        appraised,
        id=f"X{case.claim}-appr",
        claim_id=case.claim,
        proceeding_id=proceeding,
        kind="appraisal_fee",
        payer="holder",
        paid_on=appraised,
        amount=max(reference // 1_000, 100_000),
        advanced=True,
        recoverable=True,
        reimbursed=0,
        currency="CNY",
    )
    return Sale(ended, True, False)


def _net(case: Case, security: Security, price: int, bearer: str, chance: Chance) -> tuple[int, int]:
    """(what reaches the claim, what the court keeps for fees, taxes and earlier ranks), by the cap of the right."""
    tax = int(price * chance.between(0.03, 0.14)) if bearer == "proceeds" else 0
    held = tax + _execution_fee(price)
    if security.rank[case.asset] == 2:
        held += int(security.appraised[case.asset] * 0.3)
    held = min(held, price)
    return max(min(price - held, int(security.maximum[case.asset])), 0), held
