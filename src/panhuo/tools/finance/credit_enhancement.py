"""Guarantees (CEG) and collateral (CEC): contracts that pay when a contract they cover fails.

Invariant: what is covered is the state of the covered contracts at that moment, folded by the same functions as
contracts of their own, always seen as claims. The first credit event of a covered type on a covered contract exercises
the enhancement: the amount is fixed that day (XD) and paid after the settlement period (STD). Sums are exact in the
bank path. Source: ACTUS technical specification, CEG and CEC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance.contract_life import contract_flows
from panhuo.tools.finance.contract_schedule import order
from panhuo.tools.finance.observations import Observations
from panhuo.tools.finance.resolved_contract import Event, ResolvedContract, State
from panhuo.tools.finance.schedule_times import format_moment, plus
from panhuo.tools.finance.stated_contract import ContractReference, StatedContract

COVERED = ("COVE", "COVEREDCONTRACT", "UDL")
COVERING = ("COVI", "COVERINGCONTRACT")


@dataclass(frozen=True)
class Covered:
    """A covered contract: its identifier and, where it is given in full, its life as a claim."""

    identifier: str
    contract: ResolvedContract | None
    timeline: tuple[tuple[int, State], ...] = ()
    end: int | None = None

    def state_at(self, time: int) -> State | None:
        """The state after the last event by `time`; None before the first and without a contract."""
        found = None
        for moment, state in self.timeline:
            if moment > time:
                break
            found = state
        return found


class CreditEnhancement:
    """A guarantee or collateral contract resolved: what it covers, for how much, until when."""

    def __init__(self, terms: StatedContract, observations: Observations, to: int | None) -> None:
        self.contract = ResolvedContract(terms, observations, to)
        self.path = self.contract.path
        self.terms = terms
        self.observations = observations
        self.coverage = self.contract.rate(terms.coverage_of_credit_enhancement, 1)
        self.covered = tuple(
            _follow(reference, observations, terms.rounding)
            for reference in terms.contract_structure
            if reference.role in COVERED
        )
        self.covering = tuple(reference for reference in terms.contract_structure if reference.role in COVERING)
        if not self.covered:
            raise InvalidInput("no covered contract is given", where="terms.contractStructure")
        self.contract.maturity = self._maturity()
        self.exercise = self._exercise()

    def _maturity(self) -> int | None:
        """Md: as stated, else the last event of the covered contracts."""
        if self.terms.maturity_date is not None:
            return self.terms.maturity_date
        ends = [covered.end for covered in self.covered if covered.end is not None]
        return max(ends) if ends else self.contract.to

    def _exercise(self) -> int | None:
        """t of XD: as stated, else the first covered credit event by maturity."""
        if self.terms.exercise_date is not None:
            return self.terms.exercise_date
        covered = {one.identifier for one in self.covered}
        types = set(self.terms.credit_event_type_covered) or {"DF"}
        times = [
            event.time
            for event in self.observations.events
            if event.event_type == "CE"
            and event.contract_id in covered
            and event.performance in types
            and event.time > self.contract.status_date
            and (self.contract.maturity is None or event.time <= self.contract.maturity)
            and (self.contract.to is None or event.time <= self.contract.to)
        ]
        return min(times) if times else None

    def notional(self, time: int) -> Any:
        """Nt: R x CECV x what is covered at `time`: the notional stated, else the exposure to the covered contracts."""
        if self.terms.notional_principal is not None:
            exposure = self.contract.amount(self.terms.notional_principal)
        else:
            exposure = sum((self._exposure(covered, time) for covered in self.covered), start=self.path.zero)
        return self.contract.sign * self.path.scaled(exposure, self.coverage)

    def _exposure(self, covered: Covered, time: int) -> Any:
        """n_i: notional (NO), with interest accrued (NI), or market value (MV)."""
        if self.terms.guaranteed_exposure == "MV" and covered.contract is not None:
            return self.path.amount(self.observations.value(covered.contract.terms.market_object_code, time))
        state = covered.state_at(time)
        if state is None or covered.contract is None:
            return self.path.zero
        if self.terms.guaranteed_exposure != "NI":
            return state.notional_principal
        accrual = state.accrued_interest + covered.contract.interest(state, time)
        return state.notional_principal + covered.contract.path.post(accrual)

    def collateral(self, time: int) -> Any:
        """v: the market value of the covering contracts, quantity times price."""
        total = self.path.zero
        for reference in self.covering:
            stated = reference.contract
            code = stated.market_object_code if stated is not None else reference.identifier
            quantity = stated.quantity if stated is not None and stated.quantity is not None else Fraction(1)
            total += self.path.amount(self.observations.value(code, time) * quantity)
        return total

    def exercised(self, state: State, time: int) -> Any:
        """Xa: what is due: the notional, for collateral at most its value."""
        if self.terms.contract_type == "CEG":
            return state.notional_principal
        sign = self.contract.sign
        return sign * min(self.collateral(time), sign * state.notional_principal)


def _follow(reference: ContractReference, observations: Observations, rounding: str) -> Covered:
    stated = reference.contract
    if stated is None:
        return Covered(reference.identifier, None)
    if stated.contract_type in ("CEG", "CEC") or not stated.contract_type:
        raise InvalidInput("an enhancement covers loans", where="terms.contractStructure")
    stated = replace(stated, contract_role="RPA", rounding=rounding)
    contract = ResolvedContract(stated, observations)
    flows = contract_flows(contract)
    timeline = tuple((flow.event.time, flow.state) for flow in flows)
    return Covered(stated.contract_id or reference.identifier, contract, timeline, timeline[-1][0] if flows else None)


# Events ---------------------------------------------------------------------------------------------------------------


def enhancement_schedule(enhancement: CreditEnhancement) -> list[Event]:
    """PRD, FP, XD and STD, or MD where nothing was exercised."""
    terms, contract = enhancement.terms, enhancement.contract
    exercise = enhancement.exercise
    events = [] if terms.purchase_date is None else [Event(terms.purchase_date, "PRD", terms.purchase_date)]
    if terms.termination_date is not None:
        events.append(Event(terms.termination_date, "TD", terms.termination_date))
    if terms.contract_type == "CEG":
        events += [
            Event(contract.shifting.event_time(time), "FP", contract.shifting.calculation_time(time))
            for time in contract.fee_dates
            if exercise is None or time <= exercise
        ]
    if exercise is not None:
        settled = exercise if terms.settlement_period is None else plus(exercise, terms.settlement_period)
        events.append(Event(exercise, "XD", exercise))
        events.append(Event(contract.shifting.event_time(settled), "STD", contract.shifting.calculation_time(settled)))
    elif contract.maturity is not None:
        time = contract.maturity
        events.append(Event(contract.shifting.event_time(time), "MD", contract.shifting.calculation_time(time)))
    return sorted(events, key=order)


# Functions, one an event: (payoff, state after) ----------------------------------------------------------------------

Step = Callable[[State, Event, CreditEnhancement], tuple[Any, State]]


def purchase(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_PRD_STK: R (-1) PPRD. STF_PRD_CEG: Nt = what is covered now."""
    price = enhancement.contract.amount(enhancement.contract.needed("price_at_purchase_date"))
    after = replace(state, notional_principal=enhancement.notional(event.time), status_date=event.time)
    return -enhancement.contract.sign * price, after


def fee_payment(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_FP_CEG: R FER (basis A); Feac + Nt Y FER (basis N). STF_FP_CEG: Feac = 0, Nt = what is covered now."""
    contract = enhancement.contract
    if enhancement.terms.fee_basis == "N":
        paid = contract.path.post(contract.fee_accrued(state, event.calculation_time))
    else:
        paid = contract.sign * contract.amount(enhancement.terms.fee_rate)
    after = replace(
        state,
        notional_principal=enhancement.notional(event.time),
        fee_accrued=contract.path.zero,
        status_date=event.calculation_time,
    )
    return paid, after


def exercise(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_XD_OPTNS: 0. STF_XD_CEG, STF_XD_CEC: what is covered and what is due are fixed, the fee accrues."""
    contract, time = enhancement.contract, event.calculation_time
    after = replace(
        state,
        notional_principal=enhancement.notional(event.time),
        fee_accrued=contract.fee_accrued(state, time),
        exercise_date=event.time,
        status_date=time,
    )
    return contract.path.zero, replace(after, exercise_amount=enhancement.exercised(after, event.time))


def settlement(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_STD_CEG: Xa + Feac; POF_STD_CEC: Xa. STF_STD: nothing is covered any more."""
    path = enhancement.path
    paid = state.exercise_amount + path.post(state.fee_accrued)
    after = replace(state, notional_principal=path.zero, fee_accrued=path.zero, status_date=event.calculation_time)
    return paid, after


def maturity(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_MD_CEG: 0. STF_MD_CEG: nothing is covered any more."""
    zero = enhancement.path.zero
    return zero, replace(state, notional_principal=zero, status_date=event.calculation_time)


def termination(state: State, event: Event, enhancement: CreditEnhancement) -> tuple[Any, State]:
    """POF_TD_STK: R PTD. STF_TD_STK: the position is gone."""
    price = enhancement.contract.amount(enhancement.contract.needed("price_at_termination_date"))
    return enhancement.contract.sign * price, maturity(state, event, enhancement)[1]


STEPS: dict[str, Step] = {
    "PRD": purchase,
    "FP": fee_payment,
    "XD": exercise,
    "STD": settlement,
    "MD": maturity,
    "TD": termination,
}


def enhancement_rows(terms: StatedContract, observations: Observations, to: int | None) -> list[dict[str, Any]]:
    """Folds a guarantee or collateral contract into rows of the ACTUS shape, up to the horizon.

    What was exercised within the horizon is settled even where its settlement period reaches beyond.
    """
    enhancement = CreditEnhancement(terms, observations, to)
    contract, path = enhancement.contract, enhancement.path
    now = contract.status_date
    state = State(
        status_date=now,
        notional_principal=path.zero if terms.purchase_date is not None else enhancement.notional(now),
        nominal_interest_rate=path.zero,
        accrued_interest=path.zero,
        fee_accrued=path.zero if terms.fee_accrued is None else path.accrued(contract.amount(terms.fee_accrued)),
        notional_scaling_multiplier=path.one,
        interest_scaling_multiplier=path.one,
        interest_calculation_base=path.zero,
        next_principal_redemption_payment=None,
        contract_performance=terms.contract_performance,
        exercise_amount=contract.amount(terms.exercise_amount),
    )
    rows = []
    for event in enhancement_schedule(enhancement):
        if event.time <= now or (to is not None and event.time > to and event.event_type != "STD"):
            continue
        if terms.purchase_date is not None and event.time < terms.purchase_date:
            continue
        payoff, state = STEPS[event.event_type](state, event, enhancement)
        rows.append(_row(event, contract.settled(payoff, event.time), state, enhancement))
        if event.event_type == "TD":
            break
    return rows


def _row(event: Event, payoff: Any, state: State, enhancement: CreditEnhancement) -> dict[str, Any]:
    path, terms = enhancement.path, enhancement.terms
    row: dict[str, Any] = {
        "eventDate": format_moment(event.time),
        "eventType": event.event_type,
        "payoff": path.stated(payoff),
        "currency": terms.settlement_currency or terms.currency,
        "notionalPrincipal": path.stated(state.notional_principal),
    }
    if state.exercise_date is not None:
        row["exerciseDate"] = format_moment(state.exercise_date)
    row["exerciseAmount"] = path.stated(state.exercise_amount)
    return row
