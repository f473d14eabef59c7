"""Market assumptions of a valuation, read once and carried in the lineage of every value that rests on them.

Invariant: figures of law are not here; they come from the rule files, in the version in force on the valuation date.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from panhuo.ground.book.tables.security import ASSET_KINDS
from panhuo.ground.rules.library import read_text
from panhuo.tools.finance.court_fees import scale_from_rules

FILE = Path(__file__).with_name("assumptions.toml")
SCENARIOS = ("optimistic", "base", "pessimistic")


class Assumptions(NamedTuple):
    """What the judges of this stage take as their model: integers and integer arrays.

    Attributes:
        weight: ppm, 3. months: 3. price: ppm, kinds x 3. tax: ppm, kinds.
        valuation_rate, target_return, disposal, management, haircut, opening: ppm.
        appraisal_cost: fen. delay_seizure, delay_lease: months.
        ordinary, ordinary_months, guarantee (3 kinds of guarantor x 3), guarantee_months.
        fee_overs, fee_rates, fee_fixed: the enforcement fee's cumulative brackets (fen, ppm, fen).
    """

    weight: Any
    months: Any
    price: Any
    tax: Any
    valuation_rate: int
    target_return: int
    disposal: int
    management: int
    haircut: int
    opening: int
    appraisal_cost: int
    delay_seizure: int
    delay_lease: int
    ordinary: Any
    ordinary_months: Any
    guarantee: Any
    guarantee_months: Any
    fee_overs: Any
    fee_rates: Any
    fee_fixed: Any


def _array(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def assumptions(as_of: date, file: Path = FILE) -> tuple[Assumptions, dict[str, Any]]:
    """(model, description for the lineage) as of a valuation date.

    Raises:
        NotFound: when the enforcement fee has no version in force on that date.
    """
    data = tomllib.loads(read_text(file))
    return made_of(data, as_of), {"assumptions": _plain(data), "file": file.name}


def made_of(data: Mapping[str, Any], as_of: date) -> Assumptions:
    """The model of assumptions as their file holds them, or as the lineage of a value describes them.

    Raises:
        NotFound: when the enforcement fee has no version in force on that date.
    """
    kinds = data["kinds"]
    rows = [kinds.get(kind.code, kinds["default"]) for kind in ASSET_KINDS]
    guarantee = data["guarantee"]
    scale = scale_from_rules("fees", "FEE-02", as_of)
    return Assumptions(
        weight=_array(data["scenarios"]["weight_ppm"]),
        months=_array(data["scenarios"]["months"]),
        price=_array([row["price_ppm"] for row in rows]),
        tax=_array([row["tax_ppm"] for row in rows]),
        valuation_rate=data["rates"]["valuation_ppm"],
        target_return=data["rates"]["target_return_ppm"],
        disposal=data["rates"]["disposal_cost_ppm"],
        management=data["rates"]["management_ppm"],
        haircut=data["rates"]["haircut_ppm"],
        opening=data["rates"]["opening_ppm"],
        appraisal_cost=data["costs"]["appraisal_fen"],
        delay_seizure=data["delays"]["without_first_seizure"],
        delay_lease=data["delays"]["leased"],
        ordinary=_array(data["ordinary"]["recovery_ppm"]),
        ordinary_months=_array(data["ordinary"]["months"]),
        guarantee=_array(
            [guarantee["financing_guarantor_ppm"], guarantee["company_ppm"], guarantee["person_ppm"]],
        ),
        guarantee_months=_array(guarantee["months"]),
        fee_overs=_array(scale.overs),
        fee_rates=_array(scale.rates),
        fee_fixed=_array(scale.fixed),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
