"""The lender's credit policy, read once and carried in the lineage of every decision, limit and price.

Invariant: whole numbers only (fen, ppm, billionths), all of them the lender's own. No figure of law is read here: the
rule sets are evaluated on what the policy proposes (`decision`, `limit`, `price`), and what they say wins.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.rules.library import read_text

FILE = Path(__file__).with_name("credit_policy.toml")

GRADES = CodeList.of(
    "credit_grades",
    ("A", "A 级", "A"),
    ("B", "B 级", "B"),
    ("C", "C 级", "C"),
    ("D", "D 级（原则上不放贷）", "D (not lent to)"),
)


class Policy(NamedTuple):
    """What the judges of this stage take as their model.

    `grade_a` .. `grade_c`: billionths. `share_a` .. `share_c`, rates, uplifts, `loss_given_default`: ppm. Amounts: fen.
    """

    grade_a: int
    grade_b: int
    grade_c: int
    months_known: int
    days_since_sale: int
    share_a: int
    share_b: int
    share_c: int
    minimum: int
    maximum: int
    step: int
    funding: int
    operating: int
    margin: int
    loss_given_default: int
    floor: int
    ceiling: int
    rate_step: int
    fees: int
    deducted_up_front: int
    overdue_uplift: int
    misuse_uplift: int
    both_uplifts: bool


class Plan(NamedTuple):
    """Terms of lending a fixed sum: fen and ppm."""

    budget: int
    lot: int
    minimum: int
    maximum: int
    rate_from: int
    rate_to: int
    loss_given_default: int


class Marks(NamedTuple):
    """What stands out in a profile: days without a sale; ppm by which sales fall; ppm of sales to one customer."""

    stopped_days: int
    shrinking: int
    dependent: int


class Lender(NamedTuple):
    """What the lender states of itself; None is unknown. Amounts: fen. `area`: leading digits of region codes."""

    kind: str | None = None
    area: tuple[str, ...] | None = None
    area_exempt: bool | None = None
    capital: int | None = None
    tier1_capital: int | None = None
    net_assets: int | None = None


def _data(file: Path) -> dict[str, Any]:
    return tomllib.loads(read_text(file))


def policy(as_of: date | None = None, file: Path | None = None) -> tuple[Policy, dict[str, Any]]:
    """(model, description for the lineage)."""
    file = file or FILE
    data = _data(file)
    grades, decision, limit, price = data["grades"], data["decision"], data["limit"], data["price"]
    shares = limit["share_ppm"]
    model = Policy(
        grades["a"], grades["b"], grades["c"], decision["months_known"], decision["days_since_sale"],
        shares["a"], shares["b"], shares["c"], limit["minimum"], limit["maximum"], limit["step"],
        price["funding"], price["operating"], price["margin"], price["loss_given_default"],
        price["floor"], price["ceiling"], price["step"], price["fees"], price["deducted_up_front"],
        price["overdue_uplift"], price["misuse_uplift"], price["both_uplifts"],
    )  # fmt: skip
    return model, {"policy": _plain(data), "file": file.name}


def marks(as_of: date | None = None, file: Path | None = None) -> tuple[Marks, dict[str, Any]]:
    """(what stands out in a profile, description for the lineage)."""
    file = file or FILE
    stated = _data(file)["profile"]
    return Marks(**stated), {"marks": dict(stated), "file": file.name}


def lender(file: Path | None = None) -> Lender:
    """What the policy file states of the lender.

    Raises:
        InvalidInput: for a name that is none of `Lender`'s.
    """
    file = file or FILE
    stated: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in _data(file).get("lender", {}).items()
    }
    unknown = sorted(set(stated) - set(Lender._fields))
    if unknown:
        raise InvalidInput(
            f"[lender] states {', '.join(unknown)}", where=file.name, remedy=f"it has {', '.join(Lender._fields)}"
        )
    return Lender(**stated)


def plan(as_of: date | None = None, file: Path | None = None) -> tuple[Plan, dict[str, Any]]:
    """(terms of the plan, description for the lineage)."""
    file = file or FILE
    data = _data(file)
    terms = data["plan"]
    model = Plan(
        terms["budget"], terms["lot"], terms["minimum"], terms["maximum"], terms["rate_from"], terms["rate_to"],
        data["price"]["loss_given_default"],
    )  # fmt: skip
    return model, {"policy": _plain(data), "file": file.name}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value
