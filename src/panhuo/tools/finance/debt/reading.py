"""A debt case as people write it (JSON) to checked terms; the shape is documented in docs/debt.md.

Invariant: every figure keeps its digits (no float on the way from text to fen and ppm); an unknown key is refused, so
that a misspelt clause is never silently ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import parse_date
from panhuo.ground.values.money import fen_from_text
from panhuo.tools.finance.debt.allocation import components_in_order
from panhuo.tools.finance.debt.legal_numbers import legal_number
from panhuo.tools.finance.debt.rates import rate_steps, settlement_days
from panhuo.tools.finance.debt.terms import Ceiling, Cost, DebtTerms, Instrument, Misuse, Payment

_KEYS = frozenset(
    (
        "id", "debtor", "creditor", "contract", "case_number", "as_of", "start", "maturity", "principal",
        "received", "advances", "principal_due", "rate", "day_count", "interest_due", "overdue_uplift",
        "misuse", "compound", "compound_on_penalty", "nonaccrual_from", "accelerated_on", "payments", "costs",
        "order", "interest_order", "order_clause", "instrument", "bankruptcy_accepted", "assigned_on",
        "post_assignment_interest", "late_interest_after_assignment", "ceiling", "stated", "opening", "name",
        "ref",
    )
)  # fmt: skip


def read_debt(case: Mapping[str, Any]) -> DebtTerms:
    """Terms of one case.

    Raises:
        InvalidInput: a key that is missing, unknown or cannot be read, with its place.
    """
    unknown = sorted(set(case) - _KEYS)
    if unknown:
        raise InvalidInput(
            f"unknown key {unknown[0]!r}",
            where=str(case.get("id", "")),
            remedy="the shape is in docs/debt.md",
            code="invalid-input/unknown-key",
        )
    advances = _advances(case)
    start = advances[0][0]
    as_of = _day(case, "as_of")
    maturity = _day(case, "maturity")
    year_days, thirty = _day_count(case.get("day_count", "actual_360"))
    return DebtTerms(
        id=str(case.get("id", "1")),
        debtor=str(case.get("debtor", "")),
        creditor=str(case.get("creditor", "")),
        contract=str(case.get("contract", "")),
        case_number=str(case.get("case_number", "")),
        as_of=as_of,
        maturity=maturity,
        advances=advances,
        rates=rate_steps(_needed(case, "rate"), start, as_of, year_days),
        year_days=year_days,
        thirty_360=thirty,
        settlement_days=settlement_days(case.get("interest_due", "maturity"), start, maturity, as_of),
        principal_due=tuple(
            sorted(
                (day_of(day, "principal_due"), fen_of(amount, "principal_due"))
                for day, amount in _rows(case, "principal_due")
            )
        ),
        overdue_uplift=_overdue_uplift(case, start),
        misuse=_misuse(case.get("misuse")),
        compound=bool(case.get("compound", True)),
        compound_on_penalty=bool(case.get("compound_on_penalty", False)),
        nonaccrual_from=_optional_day(case, "nonaccrual_from"),
        accelerated_on=_optional_day(case, "accelerated_on"),
        payments=tuple(sorted((_payment(row) for row in case.get("payments") or []), key=lambda payment: payment.day)),
        costs=tuple(sorted((_cost(row) for row in case.get("costs") or []), key=lambda cost: cost.day)),
        **_orders(case),
        instrument=_instrument(case.get("instrument"), as_of),
        bankruptcy_on=_optional_day(case, "bankruptcy_accepted"),
        assigned_on=_optional_day(case, "assigned_on"),
        post_assignment_interest=str(case.get("post_assignment_interest", "court-dependent")),
        late_interest_after_assignment=bool(case.get("late_interest_after_assignment", True)),
        ceiling=_ceiling(case.get("ceiling"), as_of),
        stated=_by_component(case, "stated"),
        opening=_by_component(case, "opening"),
    )


def _refuse(what: str, where: str, remedy: str = "") -> InvalidInput:
    return InvalidInput(what, where=where, remedy=remedy or "the shape is in docs/debt.md", code="invalid-input/debt")


def _needed(case: Mapping[str, Any], key: str) -> Any:
    if case.get(key) in (None, ""):
        raise _refuse(f"{key} is missing", str(case.get("id", "")))
    return case[key]


def day_of(value: Any, where: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    try:
        return parse_date(str(value))
    except ValueError as error:
        raise _refuse(f"not a date: {value!r}", where, "write YYYY-MM-DD") from error


def fen_of(value: Any, where: str) -> int:
    """Fen of an amount in yuan given as text or number."""
    try:
        if isinstance(value, (bool, float)):
            raise ValueError(f"write amounts as text: {value!r}")
        return fen_from_text(str(value).replace(",", ""))
    except ValueError as error:
        raise _refuse(str(error), where) from error


def ppm_of(value: Any, where: str) -> int:
    """Exact ppm of a fraction (``0.05``) or per cent text (``5%``)."""
    text = str(value).strip()
    try:
        scaled = (Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)) * 1_000_000
    except InvalidOperation as error:
        raise _refuse(f"not a rate: {value!r}", where) from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or abs(scaled) > 10**9:
        raise _refuse(f"a rate has at most six decimals: {value!r}", where)
    return int(scaled)


def _day(case: Mapping[str, Any], key: str) -> int:
    return day_of(_needed(case, key), key)


def _optional_day(case: Mapping[str, Any], key: str) -> int | None:
    return None if case.get(key) in (None, "") else day_of(case[key], key)


def _rows(case: Mapping[str, Any], key: str) -> list[Sequence[Any]]:
    rows = case.get(key) or []
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 2 for row in rows):
        raise _refuse(f"{key} is a list of [date, amount]", key)
    return rows


def _advances(case: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    rows = [(day_of(day, "advances"), fen_of(amount, "advances")) for day, amount in _rows(case, "advances")]
    if not rows:
        principal = fen_of(_needed(case, "principal"), "principal")
        if case.get("received") not in (None, ""):
            # 民法典 art 670: interest deducted up front is no principal.
            principal = min(principal, fen_of(case["received"], "received"))
        rows = [(_day(case, "start"), principal)]
    return tuple(sorted(rows))


def _day_count(value: Any) -> tuple[int, bool]:
    known = {"actual_360": (360, False), "actual_365": (365, False), "thirty_360": (360, True)}
    known |= {"360": (360, False), "365": (365, False)}
    if str(value) not in known:
        raise _refuse(f"unknown day count {value!r}", "day_count", "actual_360, actual_365 or thirty_360")
    return known[str(value)]


def _component(name: Any, where: str) -> str:
    by_name = {code.zh: code.code for code in COMPONENTS}
    component = by_name.get(str(name), str(name))
    if component not in COMPONENTS:
        raise _refuse(f"unknown component {name!r}", where, f"one of {', '.join(COMPONENTS.positions)}")
    return component


def _by_component(case: Mapping[str, Any], key: str) -> tuple[tuple[str, int], ...]:
    given = case.get(key) or {}
    if not isinstance(given, Mapping):
        raise _refuse(f"{key} maps components to amounts", key)
    return tuple((_component(name, key), fen_of(amount, f"{key} {name}")) for name, amount in given.items())


def _payment(row: Any) -> Payment:
    if isinstance(row, list) and len(row) == 2:
        return Payment(day_of(row[0], "payments"), fen_of(row[1], "payments"))
    if not isinstance(row, Mapping):
        raise _refuse("a payment is [date, amount] or an object", "payments")
    to = row.get("to") or []
    return Payment(
        _day(row, "date"),
        fen_of(_needed(row, "amount"), "payments"),
        tuple(_component(name, "payments") for name in ([to] if isinstance(to, str) else to)),
        str(row.get("note", "")),
    )


def _cost(row: Any) -> Cost:
    if not isinstance(row, Mapping):
        raise _refuse("a cost is an object with date, amount, component", "costs")
    component = _component(row.get("component", "fee"), "costs")
    if component not in ("fee", "court_cost_advanced"):
        raise _refuse("a cost is fee or court_cost_advanced", "costs")
    return Cost(_day(row, "date"), fen_of(_needed(row, "amount"), "costs"), component, str(row.get("note", "")))


def _misuse(value: Any) -> Misuse | None:
    if not value:
        return None
    amount = value.get("amount")
    return Misuse(
        _day(value, "from"),
        ppm_of(value.get("uplift", "1"), "misuse uplift"),
        _optional_day(value, "until"),
        None if amount in (None, "") else fen_of(amount, "misuse amount"),
    )


def _orders(case: Mapping[str, Any]) -> dict[str, Any]:
    order = case.get("order") or "cost_interest_principal"
    inside = str(case.get("interest_order") or "compound_penalty_interest")
    if isinstance(order, list):
        order = [_component(name, "order") for name in order]
    listed = components_in_order(order, inside)
    usual = components_in_order("cost_interest_principal", inside)
    if not case.get("order_clause") and listed.index("principal") < listed.index("interest"):
        raise InvalidInput(
            "principal before interest needs an explicit clause (民法典 art 561)",
            where="order",
            remedy="name the clause in order_clause, or leave order out",
            code="APP-05",
        )
    if order == "principal_first_over_90_days":
        return {"order": usual, "order_over_90_days": listed}
    return {"order": listed}


def _overdue_uplift(case: Mapping[str, Any], start: int) -> int:
    if case.get("overdue_uplift") in (None, ""):
        found = legal_number("PEN-01", "highest", start)
        return 0 if found is None else found
    return ppm_of(case["overdue_uplift"], "overdue_uplift")


def _instrument(value: Any, as_of: int) -> Instrument | None:
    if not value:
        return None
    effective = _optional_day(value, "effective")
    if value.get("instalments"):
        perform: tuple[tuple[int, int | None], ...] = tuple(
            sorted((day_of(day, "instalments"), fen_of(amount, "instalments")) for day, amount in value["instalments"])
        )
    else:
        last = _optional_day(value, "perform_by")
        if last is None:
            if effective is None:
                raise _refuse("an instrument needs perform_by, or effective when it sets no period", "instrument")
            last = effective
        amount = value.get("amount")
        perform = ((last, None if amount in (None, "") else fen_of(amount, "instrument amount")),)
    # The interpretation of 2014 replaced the old doubling; days before it are not computed here.
    daily = legal_number("LATE-01", "daily_rate", as_of)
    if daily is None:
        raise _refuse(
            "no doubled late interest at that date (法释〔2014〕8号 is in force from 2014-08-01)", "instrument"
        )
    return Instrument(
        perform_by=perform,
        rate_ppm_a_day=daily,
        base=tuple(_component(name, "instrument base") for name in value.get("base") or ["principal"]),
        stays=tuple((day_of(first, "stays"), day_of(last, "stays")) for first, last in value.get("stays") or []),
        effective=effective,
    )


def _ceiling(value: Any, as_of: int) -> Ceiling | None:
    if value is False:
        return None
    given = value or {}
    limit = legal_number("RATE-06", "limit", as_of)
    if given.get("annual_rate") is not None:
        limit = ppm_of(given["annual_rate"], "ceiling")
    if limit is None:
        return None
    return Ceiling(limit, int(given.get("year_days", 365)), bool(given.get("apply")))
