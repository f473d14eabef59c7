"""A contract resolved: number path, calendar, day count and maturity settled, so that no formula looks them up.

Invariant: payoff and state functions see only this, the state and the event. State follows the ACTUS dictionary;
every field is what holds **after** the last event folded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.ground.values.business_days import business_day_convention_of
from panhuo.ground.values.calendars import calendar_of
from panhuo.ground.values.day_counts import day_count_of
from panhuo.tools.finance.number_paths import BankPath, NumberPath, ReferencePath
from panhuo.tools.finance.observations import Observations
from panhuo.tools.finance.schedule_times import Cycle, Shifting, day_of, plus, schedule
from panhuo.tools.finance.stated_contract import StatedContract

ROUNDINGS = ("none", "half_up_fen_per_posting")


@dataclass(frozen=True, slots=True)
class State:
    """The state of a contract after an event (ACTUS acronyms in comments)."""

    status_date: int  # Sd
    notional_principal: Any  # Nt
    nominal_interest_rate: Any  # Ipnr
    accrued_interest: Any  # Ipac, an accrual of the number path
    fee_accrued: Any  # Feac, an accrual of the number path
    notional_scaling_multiplier: Any  # Nsc
    interest_scaling_multiplier: Any  # Isc
    interest_calculation_base: Any  # Ipcb
    next_principal_redemption_payment: Any  # Prnxt, without sign; None until it is fixed
    contract_performance: str | None  # Prf
    exercise_date: int | None = None  # Xd
    exercise_amount: Any = 0  # Xa
    is_called: bool = False  # a call money that was called accrues no further


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a contract: when it takes place, up to when it is calculated, what it carries."""

    time: int
    event_type: str
    calculation_time: int
    value: Fraction | None = None


class ResolvedContract:
    """A stated contract with everything its formulas need."""

    def __init__(self, terms: StatedContract, observations: Observations, to: int | None = None) -> None:
        self.terms = terms
        self.observations = observations
        self.to = to
        self.sign = terms.sign
        try:
            self.shifting = Shifting(
                business_day_convention_of(terms.business_day_convention), calendar_of(terms.calendar)
            )
            day_count = day_count_of(terms.day_count_convention)
        except ValueError as wrong:
            raise InvalidInput(str(wrong), where="terms", remedy="see the ACTUS dictionary") from wrong
        if terms.rounding not in ROUNDINGS:
            raise InvalidInput(f"no rounding {terms.rounding!r}", where="terms.rounding", remedy=", ".join(ROUNDINGS))
        if terms.status_date is None:
            raise InvalidInput("the status date is missing", where="terms.statusDate", remedy="state it")
        self.status_date = terms.status_date
        maturity_day = day_of(terms.maturity_date) if terms.maturity_date is not None else 0
        self.path: NumberPath = (ReferencePath if terms.rounding == "none" else BankPath)(day_count, maturity_day)
        self.end_of_month = terms.end_of_month_convention == "EOM"
        self.maturity: int | None = terms.maturity_date
        self.interest_times: tuple[int, ...] = ()
        self.base_follows_notional = (terms.interest_calculation_base or "NT") == "NT"
        self.base_is_separate = terms.contract_type in ("LAM", "NAM", "ANN", "LAX")

    def needed(self, name: str) -> Any:
        """A term this contract cannot do without.

        Raises:
            InvalidInput: it is missing.
        """
        value = getattr(self.terms, name)
        if value is None:
            raise InvalidInput(f"the term {name} is missing", where=f"terms.{name}", remedy="state it")
        return value

    def amount(self, stated: Fraction | None) -> Any:
        """A stated amount in the number path; nothing is zero."""
        return self.path.zero if stated is None else self.path.amount(stated)

    def rate(self, stated: Fraction | None, otherwise: int = 0) -> Any:
        """A stated rate or factor in the number path."""
        return self.path.rate(Fraction(otherwise) if stated is None else stated)

    def dates(self, start: int | None, cycle: Cycle | None, end: int | None, with_end: bool = True) -> list[int]:
        """S(start, cycle, end) under this contract's end-of-month convention, before moves to business days."""
        return schedule(start, cycle, end, self.end_of_month, with_end)

    def anchor(self, anchor: int | None, cycle: Cycle | None, begin: int | None = None) -> int | None:
        """The first date of a cycle: its anchor, else one cycle after the initial exchange."""
        if anchor is not None or cycle is None:
            return anchor
        start = self.terms.initial_exchange_date if begin is None else begin
        return None if start is None else plus(start, cycle, 1, self.end_of_month)

    @property
    def end(self) -> int | None:
        """Where schedules end: the maturity; without one just after the termination, else at the horizon."""
        if self.maturity is not None:
            return self.maturity
        if self.terms.termination_date is not None:
            return self.terms.termination_date + 1
        return self.to

    @cached_property
    def redemption_dates(self) -> list[int]:
        """PR dates before maturity, unmoved (LAM, NAM, ANN)."""
        terms = self.terms
        start = self.anchor(terms.cycle_anchor_date_of_principal_redemption, terms.cycle_of_principal_redemption)
        if start is None:
            return []
        end = self.maturity
        cycle = terms.cycle_of_principal_redemption
        if cycle is None:
            return [] if end is not None and start >= end else [start]
        return self.dates(start, cycle, end, with_end=False)

    @cached_property
    def fee_dates(self) -> list[int]:
        """FP dates, unmoved."""
        terms = self.terms
        if not terms.fee_rate:
            return []
        begin = terms.purchase_date if terms.contract_type == "CEG" else None
        start = self.anchor(terms.cycle_anchor_date_of_fee, terms.cycle_of_fee, begin)
        return self.dates(start, terms.cycle_of_fee, self.end, self.maturity is not None) if start is not None else []

    def interest(self, state: State, time: int) -> Any:
        """The accrual since the last event: Y(Sd, t) x Ipnr x base."""
        if state.is_called:
            return self.path.zero
        base = state.interest_calculation_base if self.base_is_separate else state.notional_principal
        return self.path.interest(base, state.nominal_interest_rate, state.status_date, time)

    def fee_accrued(self, state: State, time: int) -> Any:
        """Feac after an event at `time`: accrued on the notional (basis N), or the elapsed share of a fee (basis A)."""
        terms = self.terms
        if not terms.fee_rate:
            return state.fee_accrued
        if terms.fee_basis == "N":
            accrual = self.path.interest(state.notional_principal, self.rate(terms.fee_rate), state.status_date, time)
            return state.fee_accrued + accrual
        return self.elapsed_fee(time)

    def elapsed_fee(self, time: int) -> Any:
        """Y(FP-, t) / Y(FP-, FP+) x R(CNTRL) x FER, the part of an absolute fee earned by `time`."""
        begin = self.terms.purchase_date if self.terms.contract_type == "CEG" else self.terms.initial_exchange_date
        before = [date for date in self.fee_dates if date < time]
        after = [date for date in self.fee_dates if date >= time]
        previous = before[-1] if before else begin
        if previous is None or previous > time or not after:
            return self.path.zero
        part = self.path.numerator(previous, time)
        whole = self.path.numerator(previous, after[0])
        return self.path.share(self.sign * self.amount(self.terms.fee_rate), part, whole)

    def settled(self, amount: Any, time: int) -> Any:
        """The amount in the settlement currency: X_CUR^CURS(t) times it."""
        terms = self.terms
        if terms.settlement_currency in (None, terms.currency):
            return amount
        rate = self.observations.value(f"{terms.currency}/{terms.settlement_currency}", time)
        return self.path.scaled(amount, self.path.rate(rate))

    def later_payments(self, time: int) -> list[int]:
        """Calculation times of the redemptions after `time`, the last being the end of the annuity."""
        end = self.terms.amortization_date if self.terms.amortization_date is not None else self.maturity
        if end is None:
            raise PanhuoError("an annuity needs an end", where="terms.maturityDate", remedy="state it", code="defect")
        terms = self.terms
        start = self.anchor(terms.cycle_anchor_date_of_principal_redemption, terms.cycle_of_principal_redemption)
        dates = self.dates(start, terms.cycle_of_principal_redemption, end) if start is not None else [end]
        return [date for date in (self.shifting.calculation_time(one) for one in dates) if date > time]
