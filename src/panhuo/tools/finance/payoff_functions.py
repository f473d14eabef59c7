"""Payoffs: what an event pays, one function per (event, contract), under the standard's name.

Invariant: pure; the sign is the contract creator's (positive is received); every amount leaves the number path
rounded as its rounding says, interest exactly once. Source: ACTUS technical specification, POF_* functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.tools.finance.redemptions import annuity_redemption, linear_redemption
from panhuo.tools.finance.resolved_contract import Event, ResolvedContract, State

Payoff = Callable[[State, Event, ResolvedContract], Any]


def nothing(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_AD, POF_IPCI, POF_RR, POF_RRF, POF_PRF, POF_SC, POF_IPCB, POF_CE and POF_XD: no payment."""
    return contract.path.zero


def initial_exchange(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_IED_PAM: R (-1) (NT + PDIED)."""
    paid = contract.amount(contract.needed("notional_principal")) + contract.amount(
        contract.terms.premium_discount_at_ied
    )
    return -contract.sign * paid


def initial_exchange_of_call_money(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_IED_CLM: R (-1) NT."""
    return -contract.sign * contract.amount(contract.needed("notional_principal"))


def interest_payment(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_IP_PAM, POF_IP_LAM: Isc (Ipac + Y Ipnr base), base being Nt or Ipcb."""
    accrual = state.accrued_interest + contract.interest(state, event.calculation_time)
    return contract.path.post(contract.path.scaled_accrual(accrual, state.interest_scaling_multiplier))


def principal_at_maturity(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_MD_PAM: Nsc Nt."""
    return contract.path.scaled(state.notional_principal, state.notional_scaling_multiplier)


def linear_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PR_LAM: R Nsc min(Prnxt, |Nt|)."""
    return contract.path.scaled(linear_part(state, contract), state.notional_scaling_multiplier)


def linear_part(state: State, contract: ResolvedContract) -> Any:
    """What a linear redemption takes off Nt, signed."""
    outstanding = contract.sign * state.notional_principal
    return contract.sign * linear_redemption(outstanding, state.next_principal_redemption_payment)


def principal_increase(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PI_LAX: R (-1) Nsc Prnxt."""
    return -contract.sign * contract.path.scaled(contract.amount(event.value), state.notional_scaling_multiplier)


def exotic_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PR_LAX: as POF_PR_LAM with the redemption of the event's own segment."""
    return contract.path.scaled(exotic_part(state, event, contract), state.notional_scaling_multiplier)


def exotic_part(state: State, event: Event, contract: ResolvedContract) -> Any:
    """What a redemption of a segment takes off Nt, signed."""
    outstanding = contract.sign * state.notional_principal
    return contract.sign * linear_redemption(outstanding, contract.amount(event.value))


def annuity_principal_redemption(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PR_NAM: Nsc (Prnxt - Ipac - Y Ipnr Ipcb), at most what is outstanding."""
    return contract.path.scaled(annuity_part(state, event, contract), state.notional_scaling_multiplier)


def annuity_part(state: State, event: Event, contract: ResolvedContract) -> Any:
    """What an annuity payment takes off Nt after the interest in it, signed."""
    time = event.calculation_time
    accrual = state.accrued_interest + contract.interest(state, time)
    payment = state.next_principal_redemption_payment
    if payment is None:
        payment = annuity_amount(state, accrual, contract, [time, *contract.later_payments(time)])
    interest = contract.sign * contract.path.post(accrual)
    return contract.sign * annuity_redemption(contract.sign * state.notional_principal, payment, interest)


def annuity_amount(state: State, accrual: Any, contract: ResolvedContract, days: list[int]) -> Any:
    """A(s, T, n, a, r): the level payment, without sign, on the moments of `days`, the accrual reaching the first."""
    return contract.path.annuity(
        contract.sign * state.notional_principal, contract.sign * accrual, state.nominal_interest_rate, days
    )


def owed_at_first_payment(state: State, time: int, first: int, contract: ResolvedContract) -> Any:
    """a of A(s, T, n, a, r): the accrual that reaches the first payment, what is paid or capitalised before left out.

    `state` is the state at `time`.
    """
    paid = [one for one in contract.interest_times if time < one < first]
    if not paid:
        return state.accrued_interest + contract.interest(state, first)
    return contract.path.interest(state.interest_calculation_base, state.nominal_interest_rate, paid[-1], first)


def observed_principal(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PR_UMP, POF_PP_PAM: f(O^ev), the amount observed; or a share of Nt from a prepayment model."""
    if event.event_type == "PP" and event.value is None:
        share = contract.observations.value(contract.terms.object_code_of_prepayment_model, event.time)
        return contract.path.scaled(state.notional_principal, contract.path.rate(share))
    if event.event_type == "PI":
        return -contract.sign * abs(contract.amount(event.value))
    return contract.sign * contract.amount(event.value)


def penalty(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PY_PAM: R PYRT (type A); Y Nt PYRT (N); Y Nt max(0, Ipnr - O^rf(RRMO)) (I)."""
    terms, path, time = contract.terms, contract.path, event.calculation_time
    if terms.penalty_type == "A":
        return contract.sign * contract.amount(terms.penalty_rate)
    rate = contract.rate(terms.penalty_rate)
    if terms.penalty_type == "I":
        observed = path.rate(contract.observations.value(terms.market_object_code_of_rate_reset, event.time))
        rate = max(path.zero, state.nominal_interest_rate - observed)
    return path.post(path.interest(state.notional_principal, rate, state.status_date, time))


def fee_payment(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_FP_PAM: R FER (basis A); FER Y Nt + Feac (basis N)."""
    terms = contract.terms
    if terms.fee_basis == "N":
        return contract.path.post(contract.fee_accrued(state, event.calculation_time))
    return contract.sign * contract.amount(terms.fee_rate)


def purchase(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_PRD_PAM, POF_PRD_LAM: R (-1) (PPRD + Ipac + Y Ipnr base)."""
    accrual = state.accrued_interest + contract.interest(state, event.calculation_time)
    price = contract.amount(contract.needed("price_at_purchase_date"))
    return -contract.sign * (price + contract.path.post(accrual))


def termination(state: State, event: Event, contract: ResolvedContract) -> Any:
    """POF_TD_PAM, POF_TD_LAM: R (PTD + Ipac + Y Ipnr base)."""
    accrual = state.accrued_interest + contract.interest(state, event.calculation_time)
    price = contract.amount(contract.needed("price_at_termination_date"))
    return contract.sign * (price + contract.path.post(accrual))


_PAM: dict[str, Payoff] = {
    "AD": nothing,
    "IED": initial_exchange,
    "MD": principal_at_maturity,
    "PP": observed_principal,
    "PY": penalty,
    "FP": fee_payment,
    "PRD": purchase,
    "TD": termination,
    "IP": interest_payment,
    "IPCI": nothing,
    "RR": nothing,
    "RRF": nothing,
    "SC": nothing,
    "CE": nothing,
}
_LAM = _PAM | {"PR": linear_principal_redemption, "IPCB": nothing}
_NAM = _LAM | {"PR": annuity_principal_redemption}
_CALLED = {"IED": initial_exchange_of_call_money, "XD": nothing, "STD": principal_at_maturity}

PAYOFFS: dict[str, dict[str, Payoff]] = {
    "PAM": _PAM,
    "LAM": _LAM,
    "NAM": _NAM,
    "ANN": _NAM | {"PRF": nothing},
    "LAX": _LAM | {"PR": exotic_principal_redemption, "PI": principal_increase},
    "CLM": _PAM | _CALLED,
    "UMP": _PAM | _CALLED | {"PR": observed_principal, "PI": observed_principal},
}
"""Contract type to event type to payoff function."""
