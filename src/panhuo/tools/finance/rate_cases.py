"""Annual-rate cases as people write them: flows by date or day number, or an advance and its payments.

Invariant: reading a case changes no figure; what cannot be read is refused with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.dates import parse_date
from panhuo.tools.finance.annual_rate import AnnualRate, annual_rate, regulation_z_rate
from panhuo.tools.finance.unit_period import UnitPeriod, UnitTimes

_ALSO_CALLED = {"eu": "eu", "uk": "eu", "us-reg-z": "us-reg-z", "us": "us-reg-z", "reg-z": "us-reg-z", "cn": "cn"}


def rate_of_case(case: Mapping[str, Any], convention: str | None = None) -> AnnualRate:
    """The annual rate of one case.

    Args:
        case: ``flows`` (or ``flows_day_amount``): list of ``[date or day number, signed amount]``, a third entry being
            the principal part of a payment; or ``advance`` + ``advance_date`` (or ``advances``) with ``payments``, all
            positive. ``convention``: eu, us-reg-z, cn. Optional ``year_days`` (eu, cn), ``unit_period`` (us-reg-z:
            ``month``, ``2 weeks``, or an object with ``unit`` and ``multiple``), ``periods_a_year`` (us-reg-z: the
            times of flows are then unit periods, whole part and fraction).
        convention: what to use when the case names none; ``eu`` when this is not given either.

    Raises:
        InvalidInput: the case lacks flows, or one of them cannot be read.
    """
    flows = _flows(case)
    days = [_day(flow[0], f"flow {place}") for place, flow in enumerate(flows, start=1)]
    amounts = [_number(flow[1], f"flow {place}") for place, flow in enumerate(flows, start=1)]
    stated = str(case.get("convention") or convention or "eu")
    chosen = _ALSO_CALLED.get(stated.lower().replace("_", "-"), stated)
    if chosen == "us-reg-z" and case.get("periods_a_year"):
        return regulation_z_rate(_stated_times(days, _number(case["periods_a_year"], "periods_a_year")), amounts)
    principal = None
    if any(len(flow) > 2 for flow in flows):
        principal = [_number(flow[2], "principal part") if len(flow) > 2 else 0.0 for flow in flows]
    year_days = case.get("year_days")
    return annual_rate(
        days,
        amounts,
        chosen,
        year_days=None if year_days is None else _number(year_days, "year_days"),
        unit_period=_unit(case.get("unit_period")),
        principal_repaid=principal,
    )


def cases_of_table(table: pa.Table, where: str = "") -> list[dict[str, Any]]:
    """Cases from a table of flows: columns ``date`` or ``day``, ``amount``, optionally ``id`` and
    ``convention`` (of a case's first row), in the order in which cases first appear.

    Raises:
        InvalidInput: a column is missing.
    """
    when = next((name for name in ("date", "day") if name in table.column_names), None)
    if when is None or "amount" not in table.column_names:
        raise InvalidInput(
            "a table of flows has the columns date (or day) and amount",
            where=where,
            remedy="and id when it holds several cases",
            code="invalid-input/columns",
        )
    cases: dict[str, dict[str, Any]] = {}
    for row in table.to_pylist():
        key = str(row.get("id") or "1")
        if key not in cases:
            cases[key] = {"id": key, "flows": []}
            if row.get("convention"):
                cases[key]["convention"] = row["convention"]
        day = row[when]
        cases[key]["flows"].append([day.isoformat() if hasattr(day, "isoformat") else day, row["amount"]])
    return list(cases.values())


def _flows(case: Mapping[str, Any]) -> list[Sequence[Any]]:
    if case.get("flows") or case.get("flows_day_amount"):
        flows = list(case.get("flows") or case["flows_day_amount"])
    elif case.get("payments"):
        advances = list(case.get("advances") or [])
        if "advance" in case:
            advances.insert(0, [case.get("advance_date", 0), case["advance"]])
        flows = [*advances, *([when, -_number(amount, "payment")] for when, amount in case["payments"])]
    else:
        raise InvalidInput(
            "a case needs its flows",
            where=str(case.get("id", "")),
            remedy='{"flows": [["2026-01-10", 10000], ["2026-07-10", -10500]], "convention": "eu"}',
            code="invalid-input/flows",
        )
    for place, flow in enumerate(flows, start=1):
        if not isinstance(flow, (list, tuple)) or len(flow) < 2:
            raise InvalidInput(
                "a flow is [date or day number, amount]", where=f"flow {place}", code="invalid-input/flows"
            )
    return flows


def _day(value: Any, where: str) -> float:
    if isinstance(value, str):
        try:
            return parse_date(value)
        except ValueError:
            return _number(value, where)
    return _number(value, where)


def _number(value: Any, where: str) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"not a number or date: {value!r}", where=where, code="invalid-input/number") from error


def _unit(value: Any) -> UnitPeriod | None:
    if value in (None, ""):
        return None
    if isinstance(value, Mapping):
        unit = UnitPeriod.of(str(value.get("unit", "")))
        return UnitPeriod(unit.unit, unit.multiple * int(value.get("multiple", 1)))
    return UnitPeriod.of(str(value))


def _stated_times(times: Sequence[float], a_year: float) -> UnitTimes:
    earliest = min(times)
    full = tuple(int(time - earliest) for time in times)
    part = tuple(time - earliest - whole for time, whole in zip(times, full, strict=True))
    if a_year <= 0:
        raise InvalidInput("periods_a_year is positive", where="periods_a_year", code="invalid-input/number")
    named = {365.0: "day", 52.0: "week", 24.0: "semimonth", 12.0: "month", 1.0: "year"}.get(a_year)
    unit = UnitPeriod(named) if named else UnitPeriod("day", max(1, round(365 / a_year)))
    return UnitTimes(unit, a_year, full, part)
