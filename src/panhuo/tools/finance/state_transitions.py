"""State transitions: what an event changes, one function per (event, contract), under the standard's name.

Invariant: pure; each returns the state after the event, its status date moved to the event's calculation time.
Source: ACTUS technical specification, STF_* functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from panhuo.tools.finance.payoff_functions import (
    annuity_amount,
    annuity_part,
    exotic_part,
    linear_part,
    observed_principal,
    owed_at_first_payment,
)
from panhuo.tools.finance.resolved_contract import Event, ResolvedContract, State

Transition = Callable[[State, Event, ResolvedContract], State]


def accrual(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_AD_PAM, STF_PRD_*, STF_PY_*: interest and fees accrue to the event."""
    time = event.calculation_time
    return replace(
        state,
        accrued_interest=state.accrued_interest + contract.interest(state, time),
        fee_accrued=contract.fee_accrued(state, time),
        status_date=time,
    )


def initial_exchange(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_IED_PAM, STF_IED_LAM: notional and rate come to life; Ipac as stated, or since an earlier anchor."""
    terms, path, time = contract.terms, contract.path, event.calculation_time
    notional = contract.sign * contract.amount(contract.needed("notional_principal"))
    rate = contract.rate(terms.nominal_interest_rate)
    base = notional
    if not contract.base_follows_notional and terms.interest_calculation_base_amount is not None:
        base = contract.sign * contract.amount(terms.interest_calculation_base_amount)
    anchor = terms.cycle_anchor_date_of_interest_payment
    if terms.accrued_interest is not None:
        accrued = path.accrued(contract.sign * contract.amount(terms.accrued_interest))
    elif anchor is not None and anchor < time:
        accrued = path.interest(base if contract.base_is_separate else notional, rate, anchor, time)
    else:
        accrued = path.zero
    return replace(
        state,
        notional_principal=notional,
        nominal_interest_rate=rate,
        accrued_interest=accrued,
        interest_calculation_base=base,
        status_date=time,
    )


def interest_payment(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_IP_PAM: nothing remains accrued."""
    time = event.calculation_time
    return replace(
        state,
        accrued_interest=contract.path.zero,
        fee_accrued=contract.fee_accrued(state, time),
        status_date=time,
    )


def interest_capitalisation(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_IPCI_PAM, STF_IPCI_LAM: the interest accrued becomes principal."""
    time = event.calculation_time
    accrued = state.accrued_interest + contract.interest(state, time)
    capital = contract.path.post(contract.path.scaled_accrual(accrued, state.interest_scaling_multiplier))
    return _principal(replace(state, fee_accrued=contract.fee_accrued(state, time)), capital, event, contract, False)


def maturity(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_MD_PAM, STF_MD_LAM: nothing is outstanding; the rate stays as it was."""
    zero = contract.path.zero
    return replace(
        state,
        notional_principal=zero,
        accrued_interest=zero,
        fee_accrued=zero,
        interest_calculation_base=zero,
        status_date=event.calculation_time,
    )


def linear_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PR_LAM: Nt less the redemption; the base follows where it is the notional."""
    return _principal(accrual(state, event, contract), -linear_part(state, contract), event, contract)


def exotic_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PR_LAX."""
    return _principal(accrual(state, event, contract), -exotic_part(state, event, contract), event, contract)


def principal_increase(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PI_LAX: Nt more by the increase."""
    increase = contract.sign * contract.amount(event.value)
    return _principal(accrual(state, event, contract), increase, event, contract)


def annuity_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PR_NAM: Nt less the payment, of which the interest accrued stays to be paid by IP."""
    return _principal(accrual(state, event, contract), -annuity_part(state, event, contract), event, contract)


def observed_principal_change(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PR_UMP, STF_PP_PAM, STF_PP_LAM: Nt less the amount observed."""
    return _principal(accrual(state, event, contract), -observed_principal(state, event, contract), event, contract)


def payment_amount_fixing(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_PRF_ANN: Prnxt = A(t, Md, Nt, Ipac, Ipnr), interest reaching the first payment."""
    after = accrual(state, event, contract)
    days = contract.later_payments(event.calculation_time)
    if not days:
        return after
    owed = owed_at_first_payment(after, event.calculation_time, days[0], contract)
    return replace(after, next_principal_redemption_payment=annuity_amount(after, owed, contract, days))


def calculation_base_fixing(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_IPCB_LAM: Ipcb = Nt."""
    after = accrual(state, event, contract)
    return replace(after, interest_calculation_base=after.notional_principal)


def rate_reset(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_RR_PAM, STF_RR_LAM: multiplier x observed + spread, within period and life caps and floors."""
    terms = contract.terms
    after = accrual(state, event, contract)
    observed = contract.observations.value(terms.market_object_code_of_rate_reset, event.time)
    spread = event.value if event.value is not None else (terms.rate_spread or 0)
    stated = observed * (1 if terms.rate_multiplier is None else terms.rate_multiplier) + spread
    old = state.nominal_interest_rate
    change = _within(contract.path.rate(stated) - old, terms.period_floor, terms.period_cap, contract)
    return replace(after, nominal_interest_rate=_within(old + change, terms.life_floor, terms.life_cap, contract))


def fixed_rate_reset(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_RRF_PAM, STF_RRF_LAX: the rate already agreed."""
    agreed = event.value if event.value is not None else contract.needed("next_reset_rate")
    return replace(accrual(state, event, contract), nominal_interest_rate=contract.rate(agreed))


def fee_payment(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_FP_PAM: no fee remains accrued."""
    return replace(accrual(state, event, contract), fee_accrued=contract.path.zero)


def scaling(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_SC_PAM: Nsc and Isc as the index over its value at the contract's deal date, as SCEF says."""
    terms = contract.terms
    after = accrual(state, event, contract)
    index = contract.observations.value(terms.market_object_code_of_scaling_index, event.time)
    factor = contract.path.rate(index / contract.needed("scaling_index_at_contract_deal_date"))
    effect = terms.scaling_effect or ""
    return replace(
        after,
        notional_scaling_multiplier=factor if "N" in effect else after.notional_scaling_multiplier,
        interest_scaling_multiplier=factor if "I" in effect else after.interest_scaling_multiplier,
    )


def termination(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_TD_PAM: the position is gone; the rate stays as it was."""
    return maturity(state, event, contract)


def credit_event(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_CE_PAM: accrual; the performance is what was observed."""
    observed = next(
        (one.performance for one in contract.observations.events_of("CE", contract.terms.contract_id)
         if one.time == event.time), None
    )  # fmt: skip
    return replace(accrual(state, event, contract), contract_performance=observed or state.contract_performance)


def call(state: State, event: Event, contract: ResolvedContract) -> State:
    """STF_XD_CLM: called; interest accrues to here and no further."""
    return replace(accrual(state, event, contract), exercise_date=event.time, is_called=True)


def _principal(
    state: State, change: Any, event: Event, contract: ResolvedContract, keep_interest: bool = True
) -> State:
    notional = state.notional_principal + change
    base = notional if contract.base_follows_notional else state.interest_calculation_base
    return replace(
        state,
        notional_principal=notional,
        interest_calculation_base=base,
        accrued_interest=state.accrued_interest if keep_interest else contract.path.zero,
        status_date=event.calculation_time,
    )


def _within(value: Any, floor: Any, cap: Any, contract: ResolvedContract) -> Any:
    if floor is not None:
        value = max(value, contract.rate(floor))
    if cap is not None:
        value = min(value, contract.rate(cap))
    return value


_PAM: dict[str, Transition] = {
    "AD": accrual,
    "IED": initial_exchange,
    "MD": maturity,
    "PP": observed_principal_change,
    "PY": accrual,
    "FP": fee_payment,
    "PRD": accrual,
    "TD": termination,
    "IP": interest_payment,
    "IPCI": interest_capitalisation,
    "RR": rate_reset,
    "RRF": fixed_rate_reset,
    "SC": scaling,
    "CE": credit_event,
}
_LAM = _PAM | {"PR": linear_principal_redemption, "IPCB": calculation_base_fixing}
_NAM = _LAM | {"PR": annuity_principal_redemption}
_CALLED = {"XD": call, "STD": maturity}

TRANSITIONS: dict[str, dict[str, Transition]] = {
    "PAM": _PAM,
    "LAM": _LAM,
    "NAM": _NAM,
    "ANN": _NAM | {"PRF": payment_amount_fixing},
    "LAX": _LAM | {"PR": exotic_principal_redemption, "PI": principal_increase},
    "CLM": _PAM | _CALLED,
    "UMP": _PAM | _CALLED | {"PR": observed_principal_change, "PI": observed_principal_change},
}
"""Contract type to event type to transition function."""
