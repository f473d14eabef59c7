"""Cash flows of a contract: stated terms and observations in, dated events with payoff and state out.

Invariant: results have the shape of the ACTUS reference results; an error in one case never costs the others.
"""

from __future__ import annotations

from typing import Any

from panhuo.ground.record.errors import InvalidInput, PanhuoError
from panhuo.tools.finance.contract_life import CashFlow, contract_flows
from panhuo.tools.finance.credit_enhancement import enhancement_rows
from panhuo.tools.finance.observations import Observations
from panhuo.tools.finance.resolved_contract import ResolvedContract
from panhuo.tools.finance.schedule_times import format_moment, parse_moment
from panhuo.tools.finance.stated_contract import StatedContract, read_contract

CALENDAR_NOT_PUBLISHED = "calendar not published"
"""Note on a row whose day rests on no published calendar: the earlier, safe day is shown."""


def cash_flows(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Results of one case in the ACTUS shape.

    Args:
        case: ``{"identifier", "terms", "to", "dataObserved", "eventsObserved"}`` as in the ACTUS reference suite;
            all but ``terms`` may be missing. A bare object of terms is taken as ``terms``.

    Returns:
        One object an event: ``eventDate, eventType, payoff, currency`` and the states ``notionalPrincipal``,
        ``nominalInterestRate``, ``accruedInterest`` (for guarantees and collateral ``notionalPrincipal``,
        ``exerciseDate``, ``exerciseAmount``); rates as numbers, 0.05 is 5 %; money in units of the currency.

    Raises:
        InvalidInput: terms or observations cannot be read, or the contract is not complete.
        NotFound: market data the contract needs are not given.
    """
    if not isinstance(case, dict):
        raise InvalidInput("a case is a JSON object", where="case", remedy='write {"terms": {...}, "to": "..."}')
    terms = case.get("terms", case)
    if not isinstance(terms, dict):
        raise InvalidInput("terms is a JSON object", where="terms")
    stated = read_contract(terms)
    observations = Observations(case.get("dataObserved"), case.get("eventsObserved"))
    until = str(case.get("to") or "").strip()
    to = parse_moment(until) if until else None
    if stated.contract_type in ("CEG", "CEC"):
        return enhancement_rows(stated, observations, to)
    contract = ResolvedContract(stated, observations, to)
    return [as_row(flow, contract) for flow in contract_flows(contract)]


def as_row(flow: CashFlow, contract: ResolvedContract) -> dict[str, Any]:
    """An event as the ACTUS reference results print it."""
    path, state = contract.path, flow.state
    terms: StatedContract = contract.terms
    row = {
        "eventDate": format_moment(flow.event.time),
        "eventType": flow.event.event_type,
        "payoff": path.stated(flow.payoff),
        "currency": terms.settlement_currency or terms.currency,
        "notionalPrincipal": path.stated(state.notional_principal),
        "nominalInterestRate": path.stated_rate(state.nominal_interest_rate),
        "accruedInterest": path.stated_accrual(state.accrued_interest),
    }
    if not contract.shifting.is_published(flow.event.time):
        row["note"] = CALENDAR_NOT_PUBLISHED
    return row


def schedules_of(cases: Any) -> dict[str, Any]:
    """Results of one case, or of a list or mapping of cases: an error in one never costs the others.

    Returns:
        ``{"results": [rows]}`` for one case; ``{"results": {id: [rows]}, "errors": {id: error}}`` for many.

    Raises:
        PanhuoError: the only case given cannot be computed.
    """
    if isinstance(cases, dict) and ("terms" in cases or "contractType" in cases):
        return {"results": _computed(cases, "case")}
    if isinstance(cases, dict):
        named = list(cases.items())
    elif isinstance(cases, list):
        named = [(_name(case, position), case) for position, case in enumerate(cases)]
    else:
        raise InvalidInput("neither a case nor a list of cases", where="case", remedy="see the verb's example")
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, case in named:
        try:
            results[name] = _computed(case, name)
        except PanhuoError as wrong:
            errors[name] = wrong.as_json()["error"]
    return {"results": results, "errors": errors}


def _computed(case: Any, where: str) -> list[dict[str, Any]]:
    """Results of one case; whatever its shape upsets is told as what is wrong with the case."""
    try:
        return cash_flows(case)
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as wrong:
        raise InvalidInput(
            f"the case cannot be computed: {type(wrong).__name__}: {wrong}",
            where=where,
            remedy="compare its terms with the ACTUS dictionary",
        ) from wrong


def _name(case: Any, position: int) -> str:
    if isinstance(case, dict):
        terms = case.get("terms", case)
        inner = terms.get("contractID") if isinstance(terms, dict) else None
        name = case.get("identifier") or case.get("id") or inner
        if name:
            return str(name)
    return str(position)
