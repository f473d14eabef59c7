"""A contract as its parties state it: ACTUS terms, read from JSON, checked, with the names of the dictionary.

Invariant: nothing is computed here. Terms keep the meaning of the ACTUS dictionary; text and numbers are both
accepted (``" 5000"`` is 5000), a missing or blank term is None, an unknown term is kept out and listed. Amounts and
rates are exact fractions, so that either number path can take them without loss.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance.schedule_times import Cycle, parse_cycle, parse_moment

CONTRACT_TYPES = ("PAM", "LAM", "NAM", "ANN", "LAX", "CLM", "UMP", "CEG", "CEC")

ROLE_SIGNS = {
    "RPA": 1, "RPL": -1, "LG": 1, "ST": -1, "BUY": 1, "SEL": -1, "RFL": 1, "PFL": -1, "RF": 1, "PF": -1, "COL": 1,
    "CNO": 1, "CLO": 1, "GUA": -1, "OBL": 1, "UDL": 1, "UDLP": 1, "UDLM": -1,
}  # fmt: skip
"""R(CNTRL): a claim of the contract's creator is +1, an obligation -1."""


@dataclass(frozen=True)
class StatedContract:
    """Terms by their ACTUS names in snake case; moments are seconds, cycles `Cycle`, numbers fractions."""

    contract_type: str = ""
    contract_id: str = ""
    contract_role: str = "RPA"
    status_date: int | None = None
    contract_deal_date: int | None = None
    currency: str = ""
    settlement_currency: str | None = None
    calendar: str = "NC"
    business_day_convention: str = "NULL"
    end_of_month_convention: str = "SD"
    day_count_convention: str = "A365"
    rounding: str = "none"
    contract_performance: str | None = None
    market_object_code: str | None = None
    quantity: Fraction | None = None

    notional_principal: Fraction | None = None
    initial_exchange_date: int | None = None
    premium_discount_at_ied: Fraction | None = None
    maturity_date: int | None = None
    amortization_date: int | None = None
    purchase_date: int | None = None
    price_at_purchase_date: Fraction | None = None
    termination_date: int | None = None
    price_at_termination_date: Fraction | None = None
    x_day_notice: Cycle | None = None

    nominal_interest_rate: Fraction | None = None
    accrued_interest: Fraction | None = None
    cycle_anchor_date_of_interest_payment: int | None = None
    cycle_of_interest_payment: Cycle | None = None
    capitalization_end_date: int | None = None
    interest_calculation_base: str | None = None
    interest_calculation_base_amount: Fraction | None = None
    cycle_anchor_date_of_interest_calculation_base: int | None = None
    cycle_of_interest_calculation_base: Cycle | None = None

    cycle_anchor_date_of_principal_redemption: int | None = None
    cycle_of_principal_redemption: Cycle | None = None
    next_principal_redemption_payment: Fraction | None = None

    cycle_anchor_date_of_rate_reset: int | None = None
    cycle_of_rate_reset: Cycle | None = None
    next_reset_rate: Fraction | None = None
    market_object_code_of_rate_reset: str | None = None
    rate_multiplier: Fraction | None = None
    rate_spread: Fraction | None = None
    life_cap: Fraction | None = None
    life_floor: Fraction | None = None
    period_cap: Fraction | None = None
    period_floor: Fraction | None = None

    fee_rate: Fraction | None = None
    fee_basis: str | None = None
    fee_accrued: Fraction | None = None
    cycle_anchor_date_of_fee: int | None = None
    cycle_of_fee: Cycle | None = None

    scaling_effect: str | None = None
    market_object_code_of_scaling_index: str | None = None
    scaling_index_at_contract_deal_date: Fraction | None = None
    notional_scaling_multiplier: Fraction | None = None
    interest_scaling_multiplier: Fraction | None = None
    cycle_anchor_date_of_scaling_index: int | None = None
    cycle_of_scaling_index: Cycle | None = None

    prepayment_effect: str | None = None
    object_code_of_prepayment_model: str | None = None
    cycle_anchor_date_of_optionality: int | None = None
    cycle_of_optionality: Cycle | None = None
    penalty_type: str | None = None
    penalty_rate: Fraction | None = None

    array_cycle_anchor_date_of_interest_payment: tuple[int, ...] = ()
    array_cycle_of_interest_payment: tuple[Cycle, ...] = ()
    array_cycle_anchor_date_of_principal_redemption: tuple[int, ...] = ()
    array_cycle_of_principal_redemption: tuple[Cycle, ...] = ()
    array_next_principal_redemption_payment: tuple[Fraction, ...] = ()
    array_increase_decrease: tuple[str, ...] = ()
    array_cycle_anchor_date_of_rate_reset: tuple[int, ...] = ()
    array_cycle_of_rate_reset: tuple[Cycle, ...] = ()
    array_rate: tuple[Fraction, ...] = ()
    array_fixed_variable: tuple[str, ...] = ()

    credit_event_type_covered: tuple[str, ...] = ()
    coverage_of_credit_enhancement: Fraction | None = None
    guaranteed_exposure: str | None = None
    settlement_period: Cycle | None = None
    exercise_date: int | None = None
    exercise_amount: Fraction | None = None

    contract_structure: tuple[ContractReference, ...] = ()
    unknown_terms: tuple[str, ...] = ()

    @property
    def sign(self) -> int:
        """R(CNTRL), the contract role sign."""
        return ROLE_SIGNS[self.contract_role]


@dataclass(frozen=True)
class ContractReference:
    """A contract this one covers or is covered by: in full, or by its identifier alone."""

    role: str
    kind: str
    identifier: str
    contract: StatedContract | None = None


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


_FIELDS = {_plain(field.name): field for field in fields(StatedContract)}
_SPELLINGS = {
    "moc": "marketobjectcode",
    "premiumdiscountatinitialexchangedate": "premiumdiscountatied",
    "xdaynotice": "xdaynotice",
    "arrayincreasedecrease": "arrayincreasedecrease",
    "scalingindexatstatusdate": "scalingindexatcontractdealdate",
    "roundingconvention": "rounding",
}
_IGNORED = {
    "creatorid", "counterpartyid", "fixingdays", "fixingperiod", "unit", "marketvalueobserved", "graceperiod",
    "delinquencyperiod", "delinquencyrate", "seniority", "nonperformingdate", "contractname",
}  # fmt: skip
"""Terms that change no cash flow of the contract types here."""

_CODES = {
    "contract_type", "contract_role", "calendar", "business_day_convention", "end_of_month_convention",
    "day_count_convention", "contract_performance", "interest_calculation_base", "fee_basis", "scaling_effect",
    "prepayment_effect", "penalty_type", "array_increase_decrease", "array_fixed_variable",
    "credit_event_type_covered", "guaranteed_exposure",
}  # fmt: skip
"""Terms whose text is a code of the dictionary, in capitals; all other text is kept as written."""


def read_contract(terms: dict[str, Any], where: str = "terms") -> StatedContract:
    """Reads ACTUS terms (dictionary spelling, camel case) into a stated contract.

    Raises:
        InvalidInput: a term cannot be read as what it is; `where` and the term's name say which.
    """
    values: dict[str, Any] = {}
    unknown = []
    for name, stated in terms.items():
        plain = _plain(name)
        plain = _SPELLINGS.get(plain, plain)
        field = _FIELDS.get(plain)
        if field is None or field.name == "unknown_terms":
            if plain not in _IGNORED:
                unknown.append(name)
            continue
        if stated is None or (isinstance(stated, str) and not stated.strip()):
            continue
        try:
            values[field.name] = _read(field.name, str(field.type), stated)
        except (ValueError, TypeError, ZeroDivisionError) as wrong:
            raise InvalidInput(
                f"the term {name} cannot be read: {wrong}", where=f"{where}.{name}", remedy="see the ACTUS dictionary"
            ) from wrong
    contract = StatedContract(**values, unknown_terms=tuple(unknown))
    if contract.contract_type not in CONTRACT_TYPES and contract.market_object_code is None:
        raise InvalidInput(
            f"contract type {contract.contract_type or 'missing'} is not supported",
            where=f"{where}.contractType",
            remedy=f"known: {', '.join(CONTRACT_TYPES)}",
        )
    if contract.contract_role not in ROLE_SIGNS:
        raise InvalidInput(f"no contract role {contract.contract_role!r}", where=f"{where}.contractRole")
    return contract


def _read(name: str, kind: str, stated: Any) -> Any:
    if name == "contract_structure":
        return tuple(_reference(one, position) for position, one in enumerate(_listed(stated)))
    if kind.startswith("tuple"):
        inner = kind[kind.index("[") + 1 : kind.index(",")]
        return tuple(_coded(name, _one(inner, part)) for part in _listed(stated))
    return _coded(name, _one(kind.split(" ")[0], stated))


def _coded(name: str, value: Any) -> Any:
    return value.upper() if name in _CODES else value


def _one(kind: str, stated: Any) -> Any:
    if kind == "int":
        return parse_moment(str(stated))
    if kind == "Cycle":
        return parse_cycle(str(stated))
    if kind == "Fraction":
        return read_number(stated)
    return str(stated).strip()


def read_number(stated: Any) -> Fraction:
    """An exact fraction of a JSON number or its text.

    Raises:
        ValueError: no finite number.
    """
    if isinstance(stated, bool):
        raise ValueError(f"{stated!r} is no number")
    return Fraction(str(stated).strip())


def _listed(stated: Any) -> list[Any]:
    if isinstance(stated, list | tuple):
        return list(stated)
    if isinstance(stated, str) and stated.startswith("[") and stated.endswith("]"):
        return [part.strip(" '\"") for part in stated[1:-1].split(",")]
    return [stated]


def _reference(stated: dict[str, Any], position: int) -> ContractReference:
    what = stated.get("object", {})
    role = str(stated.get("referenceRole", "")).upper()
    kind = str(stated.get("referenceType", "")).upper()
    if not isinstance(what, dict):
        return ContractReference(role, kind, str(what))
    identifier = str(what.get("contractIdentifier") or what.get("contractID") or what.get("marketObjectCode") or "")
    contract = read_contract(what, f"contractStructure[{position}]") if kind == "CNT" else None
    return ContractReference(role, kind, identifier, contract)
