"""The ACTUS reference suite (actusfrf/actus-tests, CC BY-SA 4.0; read from the reference data, never kept here).

Agreement: the same events on the same dates, payoff and every state field within 1e-6 or the reference's printed
decimals. What does not agree is listed with its reason; nothing else may disagree.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from panhuo.tools.finance.cash_flows import cash_flows

TYPES = ("pam", "lam", "nam", "ann", "lax", "clm", "ump", "ceg", "cec")

DISAGREEMENTS = {
    "clm07": "the reference prints no accrued interest at the call (XD) although it pays two days of it with IP a "
    "month later; clm09 and clm13 print it, and so do we",
}


def _agrees(ours: Any, theirs: Any) -> bool:
    try:
        printed = str(theirs)
        decimals = len(printed.split(".")[1]) if "." in printed and "e" not in printed.lower() else 6
        return abs(float(ours) - float(theirs)) <= max(1e-6, 0.5 * 10.0 ** -max(decimals, 6))
    except ValueError:
        return str(ours) == str(theirs)


def disagreement(case: dict[str, Any]) -> str:
    """Where our result and the reference part; empty when they agree."""
    ours, theirs = cash_flows(case), case["results"]
    if len(ours) != len(theirs):
        return f"{len(ours)} events for {len(theirs)}"
    for mine, reference in zip(ours, theirs, strict=True):
        for name, value in reference.items():
            if name in ("eventDate", "exerciseDate"):
                same = datetime.fromisoformat(mine[name]) == datetime.fromisoformat(value)
            elif name in ("eventType", "currency"):
                same = mine[name] == value
            else:
                same = _agrees(mine[name], value)
            if not same:
                return f"{reference['eventDate']} {reference['eventType']} {name}: {mine.get(name)} for {value}"
    return ""


def _cases(shared_data: Path, contract_type: str) -> dict[str, Any]:
    with gzip.open(shared_data / "actus" / f"actus-tests-{contract_type}.json.gz") as file:
        found: dict[str, Any] = json.load(file)
    return found


@pytest.mark.parametrize("contract_type", TYPES)
def test_reference_cases_agree(shared_data: Path, contract_type: str) -> None:
    cases = _cases(shared_data, contract_type)
    parted = {name: disagreement(case) for name, case in cases.items()}
    assert {name: why for name, why in parted.items() if why and name not in DISAGREEMENTS} == {}
    assert [name for name in parted if name in DISAGREEMENTS and not parted[name]] == []


def test_how_many_agree(shared_data: Path) -> None:
    for contract_type in TYPES:
        cases = _cases(shared_data, contract_type)
        agreeing = sum(name not in DISAGREEMENTS for name in cases)
        assert agreeing >= (0.5 if contract_type in ("ceg", "cec") else 0.85) * len(cases)
    loans = [name for kind in TYPES[:7] for name in _cases(shared_data, kind)]
    assert sum(name not in DISAGREEMENTS for name in loans) >= 0.95 * len(loans)


@pytest.mark.parametrize("contract_type", ("pam", "lam", "nam", "ann", "lax"))
def test_the_bank_path_is_the_same_schedule_within_a_fen_a_posting(shared_data: Path, contract_type: str) -> None:
    """Same events; each payoff within a fen for every posting so far (a rounded principal accrues onwards)."""
    for name, case in _cases(shared_data, contract_type).items():
        if "marketObjectCodeOfRateReset" in case["terms"] or "marketObjectCodeOfScalingIndex" in case["terms"]:
            continue  # rates of the cases have more digits than a ppm, so a rounded rate is another contract
        terms = case["terms"] | {"rounding": "half_up_fen_per_posting"}
        reference = cash_flows(case)
        bank = cash_flows(case | {"terms": terms})
        assert [(r["eventDate"], r["eventType"]) for r in bank] == [(r["eventDate"], r["eventType"]) for r in reference]
        for posted, (ours, theirs) in enumerate(zip(bank, reference, strict=True)):
            assert abs(ours["payoff"] - theirs["payoff"]) <= 0.01 * (posted + 1), (name, ours, theirs)
            assert round(ours["payoff"] * 100) == pytest.approx(ours["payoff"] * 100, abs=1e-6)


@pytest.mark.parametrize("contract_type", ("pam", "lam", "nam", "ann", "lax", "clm", "ump"))
def test_the_other_side_of_a_contract_sees_every_amount_with_the_other_sign(
    shared_data: Path, contract_type: str
) -> None:
    """R(CNTRL): terms are neutral to the role, flows and states are not (purchase and termination aside: their
    formulas add a price with a role to an accrual that carries its own)."""
    for case in _cases(shared_data, contract_type).values():
        terms = case["terms"]
        if "terminationDate" in terms or "purchaseDate" in terms:
            continue
        other = {"RPA": "RPL", "RPL": "RPA"}[terms["contractRole"]]
        turned = cash_flows(case | {"terms": terms | {"contractRole": other}})
        for ours, theirs in zip(cash_flows(case), turned, strict=True):
            for name in ("payoff", "notionalPrincipal", "accruedInterest"):
                assert ours[name] == pytest.approx(-theirs[name], abs=1e-9)
            assert ours["nominalInterestRate"] == theirs["nominalInterestRate"]
