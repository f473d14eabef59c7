"""Orders of appropriation: which component a payment reduces first.

Invariant: what is allocated and what is left over add up to the payment; no component goes below zero; a later
component of the order gets nothing while an earlier one is unpaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from panhuo.ground.book.tables.credit import APPROPRIATION_ORDERS, COMPONENTS, INTEREST_ORDERS
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.jitable import jitable

COSTS = ("court_cost_advanced", "fee")
_NORMAL = ("interest_off_balance", "interest")
LATE = "late_performance"


@jitable
def allocate(payment: int, balances: Any, order: Any, paid: Any, count: int) -> int:
    """Pays `balances` (fen by component position) in `order` (positions) into `paid`; returns what is left over.

    Args:
        payment: fen, not negative. balances: what is due by position. order: positions, `count` of them.
        paid: written at the positions of the order; other positions are left alone.
    """
    left = payment
    for place in range(count):
        position = order[place]
        take = balances[position]
        if take > left:
            take = left
        if take < 0:
            take = 0
        paid[position] = take
        left -= take
    return left


def components_in_order(
    order: str | Sequence[str] = "cost_interest_principal", interest_order: str = "compound_penalty_interest"
) -> tuple[str, ...]:
    """Component codes in the order payments reduce them; the doubled late interest last (法释〔2014〕8号 art 4).

    Args:
        order: a code of APPROPRIATION_ORDERS (民法典 art 561 is ``cost_interest_principal``;
            ``principal_first_over_90_days`` gives its order once over 90 days), or the components themselves.
        interest_order: a code of INTEREST_ORDERS, the policy inside interest.

    Raises:
        InvalidInput: an unknown code, or a list that does not name every component once (the late interest may be
            left out: it is last then).
    """
    if not isinstance(order, str):
        return _own_order(order)
    if interest_order not in INTEREST_ORDERS:
        raise InvalidInput(
            f"unknown order inside interest: {interest_order!r}",
            remedy=f"one of {', '.join(INTEREST_ORDERS.positions)}",
            code="invalid-input/order",
        )
    inside = (
        ("compound", "penalty", *_NORMAL)
        if interest_order.startswith("compound")
        else (*_NORMAL, "penalty", "compound")
    )
    if order == "cost_interest_principal":
        return (*COSTS, *inside, "principal", LATE)
    if order in ("cost_principal_interest", "principal_first_over_90_days"):
        return (*COSTS, "principal", *inside, LATE)
    raise InvalidInput(
        f"unknown order of appropriation: {order!r}",
        remedy=f"one of {', '.join(APPROPRIATION_ORDERS.positions)}, or a list of components",
        code="invalid-input/order",
    )


def _own_order(order: Sequence[str]) -> tuple[str, ...]:
    given = tuple(order) if LATE in order else (*order, LATE)
    if sorted(given) != sorted(COMPONENTS.positions):
        raise InvalidInput(
            "an order of appropriation names every component once",
            remedy=", ".join(COMPONENTS.positions),
            code="invalid-input/order",
        )
    return given


def allocate_by_name(payment: int, balances: Mapping[str, int], order: Sequence[str]) -> tuple[dict[str, int], int]:
    """(fen by component, left over) of a payment down an order of component codes."""
    positions = [COMPONENTS.position(component) for component in order]
    due = [balances.get(code.code, 0) for code in COMPONENTS]
    paid = [0] * len(due)
    left = allocate(payment, due, positions, paid, len(positions))
    return {code.code: amount for code, amount in zip(COMPONENTS, paid, strict=True) if amount}, left
