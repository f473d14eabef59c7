"""The life of a resolved contract: every event after its status date with what it pays and the state it leaves.

Invariant: a fold of `state, event -> state, payoff` over the schedule, pure and without clock or network; the same
functions serve the reference path and the bank path. What covers other contracts (credit_enhancement.py) folds them
here, and never the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from panhuo.tools.finance.contract_schedule import contract_schedule, order
from panhuo.tools.finance.payoff_functions import PAYOFFS, annuity_amount, owed_at_first_payment
from panhuo.tools.finance.resolved_contract import Event, ResolvedContract, State
from panhuo.tools.finance.state_transitions import TRANSITIONS


@dataclass(frozen=True, slots=True)
class CashFlow:
    """One event with what it pays and the state it leaves."""

    event: Event
    payoff: Any
    state: State


def contract_flows(contract: ResolvedContract) -> list[CashFlow]:
    """Folds a resolved contract: every event after its status date up to its end or the horizon.

    Events before a purchase shape the state and are not returned.
    """
    events = _living(contract_schedule(contract), contract)
    payoffs, transitions = PAYOFFS[contract.terms.contract_type], TRANSITIONS[contract.terms.contract_type]
    state = initial_state(contract)
    flows = []
    for event in events:
        payoff = contract.settled(payoffs[event.event_type](state, event, contract), event.time)
        state = transitions[event.event_type](state, event, contract)
        flows.append(CashFlow(event, payoff, state))
    if contract.terms.purchase_date is not None and contract.terms.purchase_date > contract.status_date:
        purchase = order(Event(contract.terms.purchase_date, "PRD", contract.terms.purchase_date))
        flows = [flow for flow in flows if order(flow.event) >= purchase]
    return flows


def _living(events: list[Event], contract: ResolvedContract) -> list[Event]:
    """Events after the status date, not after the horizon, the termination or the maturity.

    What a call within the horizon makes due is settled after its notice, even beyond the horizon.
    """
    last = None
    called = any(event.event_type == "XD" and (contract.to is None or event.time <= contract.to) for event in events)
    for event in events:
        if event.event_type in ("TD", "MD", "STD") and (last is None or order(event) < last):
            last = order(event)
    return [
        event for event in events
        if event.time > contract.status_date
        and (contract.to is None or event.time <= contract.to or (called and event.event_type in ("IP", "STD")))
        and (last is None or order(event) <= last)
    ]  # fmt: skip


def initial_state(contract: ResolvedContract) -> State:
    """The state at the status date (state initialisation of the standard)."""
    terms, path, now = contract.terms, contract.path, contract.status_date
    exchange = contract.needed("initial_exchange_date")
    started = exchange <= now
    notional = contract.sign * contract.amount(contract.needed("notional_principal")) if started else path.zero
    rate = contract.rate(terms.nominal_interest_rate) if started else path.zero
    base = notional
    if started and not contract.base_follows_notional and terms.interest_calculation_base_amount is not None:
        base = contract.sign * contract.amount(terms.interest_calculation_base_amount)
    accrued = path.zero
    if terms.nominal_interest_rate is not None and terms.accrued_interest is not None:
        accrued = path.accrued(contract.sign * contract.amount(terms.accrued_interest))
    elif started and terms.contract_type not in ("CLM", "UMP"):
        accrued = path.interest(base, rate, _last_interest_date(contract, exchange), now)
    fees = path.zero
    if terms.fee_rate and terms.fee_accrued is not None:
        fees = path.accrued(contract.sign * contract.amount(terms.fee_accrued))
    effect = terms.scaling_effect or ""
    state = State(
        status_date=now,
        notional_principal=notional,
        nominal_interest_rate=rate,
        accrued_interest=accrued,
        fee_accrued=fees,
        notional_scaling_multiplier=contract.rate(terms.notional_scaling_multiplier, 1) if "N" in effect else path.one,
        interest_scaling_multiplier=contract.rate(terms.interest_scaling_multiplier, 1) if "I" in effect else path.one,
        interest_calculation_base=base,
        next_principal_redemption_payment=None,
        contract_performance=terms.contract_performance,
    )
    return _with_next_payment(state, contract)


def _last_interest_date(contract: ResolvedContract, exchange: int) -> int:
    """The last interest date before the status date; the exchange where there was none yet."""
    terms = contract.terms
    anchor = contract.anchor(terms.cycle_anchor_date_of_interest_payment, terms.cycle_of_interest_payment)
    dates = contract.dates(anchor, terms.cycle_of_interest_payment, contract.status_date, with_end=False)
    return dates[-1] if dates and dates[-1] > exchange else exchange


def _with_next_payment(state: State, contract: ResolvedContract) -> State:
    """Prnxt at the status date: stated; for LAM an equal part of each redemption and the maturity; ANN when fixed."""
    terms = contract.terms
    if terms.contract_type not in ("LAM", "NAM", "ANN"):
        return state
    stated = terms.next_principal_redemption_payment
    if stated is not None:
        return replace(state, next_principal_redemption_payment=contract.amount(stated))
    if terms.contract_type == "LAM":
        count = len([date for date in contract.redemption_dates if date > contract.status_date]) + 1
        equal = contract.amount(contract.needed("notional_principal") / count)
        return replace(state, next_principal_redemption_payment=equal)
    if terms.contract_type == "NAM":
        contract.needed("next_principal_redemption_payment")
    if state.notional_principal == contract.path.zero:
        return state
    days = contract.later_payments(contract.status_date)
    owed = owed_at_first_payment(state, contract.status_date, days[0], contract)
    return replace(state, next_principal_redemption_payment=annuity_amount(state, owed, contract, days))
