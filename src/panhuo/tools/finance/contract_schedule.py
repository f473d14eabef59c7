"""The events of a contract in time: which, when, and in what order at the same moment.

Invariant: the schedule depends on terms and observed events alone, never on state; each event is placed by its
convention's shift and calculated up to its calculation time. Source: ACTUS technical specification, contract
schedules; event sequence of the ACTUS dictionary, with the fixing of an annuity's payment after the rate reset that
causes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance.resolved_contract import Event, ResolvedContract
from panhuo.tools.finance.schedule_times import SECONDS_A_DAY, Cycle, plus

SEQUENCE = (
    "IED", "FP", "PR", "PD", "PI", "PY", "PP", "IP", "IPCI", "CE", "RRF", "RR", "PRF", "DV", "PRD", "MR", "TD", "SC",
    "IPCB", "XD", "STD", "MD", "AD",
)  # fmt: skip
"""Order of events at one moment."""

_RANK = {event_type: position for position, event_type in enumerate(SEQUENCE)}


def order(event: Event) -> tuple[int, int]:
    """Sort key of events: time, then sequence; a call comes before the interest it makes due."""
    return event.time, _RANK["IP"] - 1 if event.event_type == "XD" else _RANK[event.event_type]


def contract_schedule(contract: ResolvedContract) -> list[Event]:
    """All events of a contract in order, before any is cut off by status, purchase, termination or horizon.

    Settles the contract's maturity where its terms leave it open.
    """
    contract.maturity = _MATURITIES[contract.terms.contract_type](contract)
    return sorted(_SCHEDULES[contract.terms.contract_type](contract), key=order)


# Maturity (Md at t0) -------------------------------------------------------------------------------------------------


def stated_maturity(contract: ResolvedContract) -> int | None:
    """PAM: as stated.

    Raises:
        InvalidInput: no maturity is stated and the contract has no other end.
    """
    terms = contract.terms
    if terms.maturity_date is None and terms.termination_date is None and contract.to is None:
        raise InvalidInput("the maturity date is missing", where="terms.maturityDate", remedy="state it")
    return terms.maturity_date


def linear_maturity(contract: ResolvedContract) -> int | None:
    """LAM: the date of the last redemption, ceil(NT / PRNXT) of them from the next one on."""
    terms = contract.terms
    if terms.maturity_date is not None:
        return terms.maturity_date
    return _last_redemption(contract, contract.needed("next_principal_redemption_payment"))


def annuity_maturity(contract: ResolvedContract) -> int | None:
    """NAM, ANN: stated, or the amortisation date, or ceil(NT / (PRNXT - NT Y IPNR)) payments from the next one on."""
    terms = contract.terms
    if terms.maturity_date is not None or terms.amortization_date is not None:
        return terms.maturity_date if terms.maturity_date is not None else terms.amortization_date
    cycle = contract.needed("cycle_of_principal_redemption")
    first = _next_redemption(contract, cycle)
    fraction = contract.path.year_fraction(first, plus(first, cycle, 1, contract.end_of_month))
    interest = contract.needed("notional_principal") * fraction * (terms.nominal_interest_rate or 0)
    redeemed = contract.needed("next_principal_redemption_payment") - interest
    return _last_redemption(contract, redeemed)


def _next_redemption(contract: ResolvedContract, cycle: Cycle) -> int:
    terms = contract.terms
    first = contract.anchor(terms.cycle_anchor_date_of_principal_redemption, cycle)
    if first is None:
        raise InvalidInput("redemptions have no anchor", where="terms.cycleAnchorDateOfPrincipalRedemption")
    step = 0
    following = first
    while following < contract.status_date:
        step += 1
        following = plus(first, cycle, step, contract.end_of_month)
    return following


def _last_redemption(contract: ResolvedContract, redeemed: Fraction) -> int:
    if redeemed <= 0:
        raise InvalidInput(
            "the payment never redeems the principal, so there is no maturity",
            where="terms.nextPrincipalRedemptionPayment",
            remedy="state a maturity date or a larger payment",
        )
    cycle = contract.needed("cycle_of_principal_redemption")
    count = -(-contract.needed("notional_principal") // redeemed)
    anchor = contract.terms.cycle_anchor_date_of_principal_redemption
    first = contract.anchor(anchor, cycle)
    following = _next_redemption(contract, cycle)
    before = 0
    while first is not None and plus(first, cycle, before, contract.end_of_month) < following:
        before += 1
    dates = contract.dates(first, cycle, plus(following, cycle, int(count) + 1, contract.end_of_month), with_end=True)
    return dates[before + int(count) - 1]


def exotic_maturity(contract: ResolvedContract) -> int | None:
    """LAX: stated, or the first date on which increases and decreases leave nothing."""
    terms = contract.terms
    if terms.maturity_date is not None:
        return terms.maturity_date
    outstanding = contract.needed("notional_principal")
    dated = list(_segments(contract, _horizon(contract)))
    for time, position in sorted(dated):
        stated = terms.array_next_principal_redemption_payment[position]
        outstanding += stated if _is_increase(contract, position) else -stated
        if outstanding <= 0:
            return time
    raise InvalidInput("the redemptions stated never repay the principal", where="terms.maturityDate")


def called_maturity(contract: ResolvedContract) -> int | None:
    """CLM: stated, or the notice period after the call observed, or none."""
    terms = contract.terms
    if terms.maturity_date is not None:
        return terms.maturity_date
    calls = contract.observations.events_of("XD", terms.contract_id)
    if calls:
        return _after_notice(contract, calls[-1].time)
    return None


def open_maturity(contract: ResolvedContract) -> int | None:
    """UMP: none; the horizon ends the schedule."""
    return None


def _after_notice(contract: ResolvedContract, time: int) -> int:
    notice = contract.terms.x_day_notice
    return time if notice is None else plus(time, notice)


def _horizon(contract: ResolvedContract) -> int:
    """A hundred years after the last anchor: beyond any loan."""
    anchors = contract.terms.array_cycle_anchor_date_of_principal_redemption
    if not anchors:
        raise InvalidInput("redemptions have no anchors", where="terms.arrayCycleAnchorDateOfPrincipalRedemption")
    return plus(max(anchors), Cycle(1200, 0))


# Building blocks ------------------------------------------------------------------------------------------------------


def _placed(contract: ResolvedContract, event_type: str, times: Iterable[int]) -> list[Event]:
    shifting = contract.shifting
    return [Event(shifting.event_time(time), event_type, shifting.calculation_time(time)) for time in times]


def _at(event_type: str, time: int | None) -> list[Event]:
    return [] if time is None else [Event(time, event_type, time)]


def _interest_events(contract: ResolvedContract, dates: list[int]) -> list[Event]:
    end = contract.terms.capitalization_end_date
    if end is None:
        return _placed(contract, "IP", dates)
    capitalised = sorted({date for date in dates if date < end} | {end})
    paid = [date for date in dates if date > end]
    return _placed(contract, "IPCI", capitalised) + _placed(contract, "IP", paid)


def _interest_dates(contract: ResolvedContract, end: int | None, with_end: bool = True) -> list[int]:
    """S(IPANX, IPCL, end); without an anchor from the end of capitalisation, else one cycle after the exchange."""
    terms = contract.terms
    if terms.nominal_interest_rate is None:
        return []
    cycle = terms.cycle_of_interest_payment
    anchor = terms.cycle_anchor_date_of_interest_payment
    capitalised: list[int] = []
    if anchor is None and terms.capitalization_end_date is not None:
        first = contract.anchor(None, cycle)
        capitalised = contract.dates(first, cycle, terms.capitalization_end_date) if first is not None else []
        anchor = terms.capitalization_end_date
    dates = contract.dates(contract.anchor(anchor, cycle), cycle, end, with_end)
    return sorted({*capitalised, *dates})


def _common(contract: ResolvedContract) -> list[Event]:
    """Events every maturity contract has: IED, PRD, TD, PP and PY, FP, RR and RRF, SC, CE, AD."""
    terms = contract.terms
    events = _at("IED", contract.needed("initial_exchange_date"))
    events += _at("PRD", terms.purchase_date) + _at("TD", terms.termination_date)
    events += _placed(contract, "FP", contract.fee_dates)
    events += _rate_resets(contract) + _scalings(contract) + _prepayments(contract)
    for observed in contract.observations.events:
        mine = observed.contract_id in ("", terms.contract_id)
        if mine and observed.event_type in ("CE", "AD"):
            events += _at(observed.event_type, observed.time)
    return events


def _rate_resets(contract: ResolvedContract) -> list[Event]:
    terms = contract.terms
    start = contract.anchor(terms.cycle_anchor_date_of_rate_reset, terms.cycle_of_rate_reset)
    if start is None:
        return []
    dates = contract.dates(start, terms.cycle_of_rate_reset, contract.end, with_end=False)
    fixed = [date for date in dates if date > contract.status_date][:1] if terms.next_reset_rate is not None else []
    return _placed(contract, "RRF", fixed) + _placed(contract, "RR", [date for date in dates if date not in fixed])


def _scalings(contract: ResolvedContract) -> list[Event]:
    terms = contract.terms
    if not terms.scaling_effect or not set(terms.scaling_effect) & {"I", "N"}:
        return []
    start = contract.anchor(terms.cycle_anchor_date_of_scaling_index, terms.cycle_of_scaling_index)
    if start is None:
        return []
    return _placed(contract, "SC", contract.dates(start, terms.cycle_of_scaling_index, contract.end, with_end=False))


def _prepayments(contract: ResolvedContract) -> list[Event]:
    terms = contract.terms
    if terms.prepayment_effect == "N":
        return []
    events = [
        Event(observed.time, "PP", observed.time, observed.value)
        for observed in contract.observations.events_of("PP", terms.contract_id)
    ]
    start = contract.anchor(terms.cycle_anchor_date_of_optionality, terms.cycle_of_optionality)
    if start is not None and contract.observations.knows(terms.object_code_of_prepayment_model):
        dates = contract.dates(start, terms.cycle_of_optionality, contract.end, with_end=False)
        events += _placed(contract, "PP", dates)
    if terms.penalty_type in ("A", "N", "I"):
        events += [Event(event.time, "PY", event.calculation_time) for event in events]
    return events


def _calculation_bases(contract: ResolvedContract) -> list[Event]:
    terms = contract.terms
    if terms.interest_calculation_base != "NTL":
        return []
    cycle = terms.cycle_of_interest_calculation_base
    start = contract.anchor(terms.cycle_anchor_date_of_interest_calculation_base, cycle)
    if start is None:
        return []
    return _placed(contract, "IPCB", contract.dates(start, cycle, contract.end, with_end=False))


def _maturity_event(contract: ResolvedContract) -> list[Event]:
    return [] if contract.maturity is None else _placed(contract, "MD", [contract.maturity])


# Contract types -------------------------------------------------------------------------------------------------------


def principal_at_maturity(contract: ResolvedContract) -> list[Event]:
    """PAM."""
    dates = _interest_dates(contract, contract.end, contract.maturity is not None)
    return _common(contract) + _maturity_event(contract) + _interest_events(contract, dates)


def linear_amortiser(contract: ResolvedContract) -> list[Event]:
    """LAM: as PAM with PR and IPCB."""
    redemptions = _placed(contract, "PR", contract.redemption_dates)
    return principal_at_maturity(contract) + redemptions + _calculation_bases(contract)


def negative_amortiser(contract: ResolvedContract) -> list[Event]:
    """NAM: interest up to one cycle before the first redemption, then with every redemption."""
    terms = contract.terms
    events = _common(contract) + _maturity_event(contract) + _calculation_bases(contract)
    events += _placed(contract, "PR", contract.redemption_dates)
    cycle = terms.cycle_of_principal_redemption
    first = contract.anchor(terms.cycle_anchor_date_of_principal_redemption, cycle)
    with_redemptions = set(contract.redemption_dates)
    if contract.maturity is not None:
        with_redemptions.add(contract.maturity)
    early: list[int] = []
    stated = terms.cycle_anchor_date_of_interest_payment is not None or terms.cycle_of_interest_payment is not None
    if first is not None and stated:
        before = first if cycle is None else plus(first, cycle, -1, contract.end_of_month)
        ended = terms.capitalization_end_date is not None and terms.capitalization_end_date >= before
        start = contract.anchor(terms.cycle_anchor_date_of_interest_payment, terms.cycle_of_interest_payment)
        if not ended and start is not None and start <= before:
            early = _interest_dates(contract, before)
    if terms.nominal_interest_rate is None:
        return events
    interest = _interest_events(contract, sorted({*early, *with_redemptions}))
    contract.interest_times = tuple(sorted(event.calculation_time for event in interest))
    return events + interest


def annuity(contract: ResolvedContract) -> list[Event]:
    """ANN: as NAM, with its payment fixed a day before the first redemption if not stated, and at every rate reset."""
    events = negative_amortiser(contract)
    terms = contract.terms
    if terms.next_principal_redemption_payment is None:
        cycle = terms.cycle_of_principal_redemption
        first = contract.anchor(terms.cycle_anchor_date_of_principal_redemption, cycle)
        exchange = contract.needed("initial_exchange_date")
        if first is not None and first - SECONDS_A_DAY >= exchange:
            events += _at("PRF", first - SECONDS_A_DAY)
    resets = [event for event in events if event.event_type in ("RR", "RRF")]
    return events + [Event(event.time, "PRF", event.calculation_time) for event in resets]


def exotic_linear_amortiser(contract: ResolvedContract) -> list[Event]:
    """LAX: redemptions, increases, interest and rates by segments."""
    terms = contract.terms
    end = contract.maturity
    events = _common(contract) + _maturity_event(contract) + _calculation_bases(contract)
    shifting = contract.shifting
    for time, position in _segments(contract, end if end is not None else _horizon(contract)):
        event_type = "PI" if _is_increase(contract, position) else "PR"
        stated = terms.array_next_principal_redemption_payment[position]
        events.append(Event(shifting.event_time(time), event_type, shifting.calculation_time(time), stated))
    anchors = terms.array_cycle_anchor_date_of_interest_payment
    if anchors:
        dates = {time for time, _ in _in_segments(contract, anchors, terms.array_cycle_of_interest_payment, end)}
        if end is not None:
            dates.add(end)
        events += _interest_events(contract, sorted(dates))
    else:
        events += _interest_events(contract, _interest_dates(contract, end))
    rates = terms.array_cycle_anchor_date_of_rate_reset
    for time, position in _in_segments(contract, rates, terms.array_cycle_of_rate_reset, end):
        event_type = "RR" if _part(terms.array_fixed_variable, position, "F").startswith("V") else "RRF"
        stated = _part(terms.array_rate, position, Fraction(0))
        events.append(Event(shifting.event_time(time), event_type, shifting.calculation_time(time), stated))
    return events


def _part(parts: tuple[Any, ...], position: int, otherwise: Any) -> Any:
    return parts[position] if position < len(parts) else (parts[-1] if parts else otherwise)


def _is_increase(contract: ResolvedContract, position: int) -> bool:
    return str(_part(contract.terms.array_increase_decrease, position, "DEC")).startswith("I")


def _segments(contract: ResolvedContract, end: int | None) -> list[tuple[int, int]]:
    terms = contract.terms
    anchors = terms.array_cycle_anchor_date_of_principal_redemption
    if len(terms.array_next_principal_redemption_payment) < len(anchors):
        raise InvalidInput(
            "each segment of redemptions needs its amount", where="terms.arrayNextPrincipalRedemptionPayment"
        )
    return _in_segments(contract, anchors, terms.array_cycle_of_principal_redemption, end)


def _in_segments(
    contract: ResolvedContract, anchors: tuple[int, ...], cycles: tuple[Cycle, ...], end: int | None
) -> list[tuple[int, int]]:
    """The array schedule: (date, segment), each segment running to the next anchor, which it leaves out."""
    dated = []
    for position, anchor in enumerate(anchors):
        last = anchors[position + 1] if position + 1 < len(anchors) else end
        if not cycles:
            dated += [(anchor, position)] if end is None or anchor < end else []
            continue
        stop = last if end is None or last is None else min(last, end)
        cycle: Cycle = _part(cycles, position, cycles[0])
        dated += [(time, position) for time in contract.dates(anchor, cycle, stop, with_end=False)]
    return dated


def call_money(contract: ResolvedContract) -> list[Event]:
    """CLM: interest capitalised on its cycle, paid with the principal at maturity or after a call's notice."""
    terms = contract.terms
    events = _common(contract)
    calls = contract.observations.events_of("XD", terms.contract_id)
    end = contract.maturity
    if end is None:
        return events + _open_capitalisation(contract, contract.end)
    if terms.maturity_date is None:
        called = calls[-1].time
        events += _at("XD", called) + _placed(contract, "STD", [end])
        events = [event for event in events if event.time <= called or event.event_type in ("STD", "FP")]
        events += _open_capitalisation(contract, called)
    else:
        events += _maturity_event(contract) + _open_capitalisation(contract, end)
    if terms.nominal_interest_rate is not None:
        events += _placed(contract, "IP", [end])
    return events


def undefined_maturity(contract: ResolvedContract) -> list[Event]:
    """UMP: principal comes and goes as observed, interest is capitalised on its cycle."""
    terms = contract.terms
    events = _common(contract) + _open_capitalisation(contract, contract.end)
    for event_type in ("PR", "PI"):
        events += [
            Event(observed.time, event_type, observed.time, observed.value)
            for observed in contract.observations.events_of(event_type, terms.contract_id)
        ]
    return events


def _open_capitalisation(contract: ResolvedContract, end: int | None) -> list[Event]:
    terms = contract.terms
    cycle = terms.cycle_of_interest_payment
    start = contract.anchor(terms.cycle_anchor_date_of_interest_payment, cycle)
    if terms.nominal_interest_rate is None or start is None or end is None:
        return []
    return _placed(contract, "IPCI", contract.dates(start, cycle, end, with_end=False))


_MATURITIES: dict[str, Callable[[ResolvedContract], int | None]] = {
    "PAM": stated_maturity,
    "LAM": linear_maturity,
    "NAM": annuity_maturity,
    "ANN": annuity_maturity,
    "LAX": exotic_maturity,
    "CLM": called_maturity,
    "UMP": open_maturity,
}
_SCHEDULES: dict[str, Callable[[ResolvedContract], list[Event]]] = {
    "PAM": principal_at_maturity,
    "LAM": linear_amortiser,
    "NAM": negative_amortiser,
    "ANN": annuity,
    "LAX": exotic_linear_amortiser,
    "CLM": call_money,
    "UMP": undefined_maturity,
}
