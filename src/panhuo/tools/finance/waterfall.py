"""Distribution of a sum by ordered steps: securitisations, auction proceeds, bankruptcies.

Invariant: no fen is made or lost: what is paid and what is left add up to what came in. The steps are data (`Step`);
no deal's or court's number stands here. Payees of one rank share by the largest remainder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.library import read_text
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import proportion, share_by_weight

REMAINDER = "remainder"
SHORTFALLS = ("carry", "lapse")


@dataclass(frozen=True)
class Step:
    """One entitlement in the order of payment.

    Attributes:
        step: rank; entries of one rank are paid together, pro rata to what each may take.
        payee: who receives. basis: the name of the amount owed (looked up among the amounts of the day), or
            ``remainder``: what is left when the rank is reached.
        share_ppm: of the basis, 1_000_000 is all of it (excess servicing fee: a share of the remainder).
        cap: name of the most that may be taken, or None. condition: name of a flag that must be true (``not flag``:
            false), or None. shortfall_treatment: ``carry`` (owed again next time) or ``lapse``.
    """

    step: int
    payee: str
    basis: str
    cap: str | None = None
    condition: str | None = None
    shortfall_treatment: str = "carry"
    share_ppm: int = 1_000_000
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class Payment:
    """What one step was owed, got, still wants and carries over, in fen."""

    step: int
    payee: str
    basis: str
    owed: int
    paid: int
    shortfall: int
    carried: int


@dataclass(frozen=True)
class Distribution:
    """All payments in order, and what is left over."""

    payments: tuple[Payment, ...]
    left: int

    def paid_to(self, payee: str) -> int:
        """Fen paid to a payee over all steps."""
        return sum(payment.paid for payment in self.payments if payment.payee == payee)

    @property
    def carried(self) -> dict[tuple[int, str], int]:
        """Shortfalls owed again next time, by (step, payee)."""
        return {(payment.step, payment.payee): payment.carried for payment in self.payments if payment.carried}


def distribute(
    available: int,
    steps: Iterable[Step],
    amounts: Mapping[str, int],
    flags: Mapping[str, bool] | None = None,
    carried: Mapping[tuple[int, str], int] | None = None,
) -> Distribution:
    """Pays `available` fen down the steps.

    Args:
        available: fen to distribute, not negative. steps: in any order, ranked by `Step.step`.
        amounts: fen by basis and cap name. flags: truth of the named conditions. carried: shortfalls of last time,
            added to what the same (step, payee) is owed now.

    Raises:
        InvalidInput: a basis, cap or flag that is not given, or a negative amount.
    """
    if available < 0:
        raise InvalidInput("a negative sum cannot be distributed", where="available", code="invalid-input/amount")
    left = available
    payments: list[Payment] = []
    ordered = sorted(steps, key=lambda entry: entry.step)
    for _, together in groupby(ordered, key=lambda entry: entry.step):
        rank = list(together)
        owed = [_owed(entry, left, amounts, flags or {}, carried or {}) for entry in rank]
        total = sum(owed)
        paid = owed if total <= left else share_by_weight(left, owed)
        left -= sum(paid)
        for entry, due, got in zip(rank, owed, paid, strict=True):
            short = due - got
            kept = short if entry.shortfall_treatment == "carry" and entry.basis != REMAINDER else 0
            payments.append(Payment(entry.step, entry.payee, entry.basis, due, got, short, kept))
    return Distribution(tuple(payments), left)


def _owed(
    entry: Step,
    left: int,
    amounts: Mapping[str, int],
    flags: Mapping[str, bool],
    carried: Mapping[tuple[int, str], int],
) -> int:
    if entry.condition is not None:
        wanted = not entry.condition.startswith("not ")
        if bool(_given(flags, entry.condition.removeprefix("not "), entry)) != wanted:
            return 0
    ground = left if entry.basis == REMAINDER else int(_given(amounts, entry.basis, entry))
    if ground < 0:
        raise InvalidInput(f"{entry.basis} is negative", where=f"step {entry.step}", code="invalid-input/amount")
    owed = ground if entry.share_ppm == 1_000_000 else proportion(ground, entry.share_ppm)
    owed += carried.get((entry.step, entry.payee), 0)
    if entry.cap is not None:
        owed = min(owed, max(0, int(_given(amounts, entry.cap, entry))))
    return owed


def _given(values: Mapping[str, Any], name: str, entry: Step) -> Any:
    if name not in values:
        raise InvalidInput(
            f"step {entry.step} ({entry.payee}) needs {name}",
            where=name,
            remedy="give it, 0 or false when there is none",
            code="invalid-input/waterfall",
        )
    return values[name]


def order_named(name: str, overrides: Mapping[int, Mapping[str, Any]] | None = None) -> tuple[Step, ...]:
    """An order of payment shipped as data (``npl_securitisation``, ``auction_proceeds``, ``bankruptcy``).

    Args:
        overrides: by step number, fields that a deal or a court has otherwise (a step of ``{"basis": ""}`` drops out).

    Raises:
        InvalidInput: no such order, or a step that cannot be read.
    """
    orders = tomllib.loads(read_text(Path(__file__).parent / "waterfalls.toml"))
    if name not in orders:
        raise InvalidInput(
            f"no order of payment named {name!r}",
            remedy=f"one of {', '.join(sorted(orders))}",
            code="invalid-input/waterfall",
        )
    return read_order(orders[name]["steps"], overrides)


def read_order(
    rows: Sequence[Mapping[str, Any]], overrides: Mapping[int, Mapping[str, Any]] | None = None
) -> tuple[Step, ...]:
    """Steps from rows of data, checked."""
    steps = []
    for place, row in enumerate(rows, start=1):
        try:
            entry = Step(**row)
            if overrides and entry.step in overrides:
                entry = replace(entry, **overrides[entry.step])
        except TypeError as error:
            raise InvalidInput(str(error), where=f"step {place}", code="invalid-input/waterfall") from error
        if entry.shortfall_treatment not in SHORTFALLS or not 0 <= entry.share_ppm <= 1_000_000:
            raise InvalidInput(
                "shortfall_treatment is carry or lapse, share_ppm 0 to 1000000",
                where=f"step {place}",
                code="invalid-input/waterfall",
            )
        if entry.basis:
            steps.append(entry)
    return tuple(steps)


@jitable
def net_to_claim(
    price: int,
    execution_fee: int,
    sale_costs: int,
    seller_taxes: int,
    rights_ahead: int,
    earlier_ranks: int,
    maximum_amount: int,
    allowed_debt: int,
) -> int:
    """Fen that an auction brings to a secured claim, never below 0.

    min(price - execution fee - appraisal and auction costs - seller's taxes out of the proceeds - rights ahead of the
    mortgage - earlier ranks, 最高债权额, debt allowed at that date). A `maximum_amount` of 0 means an ordinary mortgage
    without one.
    """
    net = price - execution_fee - sale_costs - seller_taxes - rights_ahead - earlier_ranks
    if 0 < maximum_amount < net:
        net = maximum_amount
    if allowed_debt < net:
        net = allowed_debt
    return net if net > 0 else 0


@jitable
def pay_in_order(available: int, claims: Any, paid: Any, count: int) -> int:
    """Pays `claims` (fen, not negative) one after the other into `paid`; returns what is left of `available`."""
    left = available if available > 0 else 0
    for position in range(count):
        take = claims[position]
        if take > left:
            take = left
        paid[position] = take
        left -= take
    return left
