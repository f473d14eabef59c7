"""Court fees by cumulating brackets, and the taxes of a judicial sale by who bears them.

Invariant: only the formulas live here. Brackets, rates, caps and tax tables are rules (dated data) handed in by the
caller; every result is whole fen, exact until one rounding at the end. Scalars run plain and inside kernels.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.brackets import bracket_fee as bracket_fee
from panhuo.ground.values.jitable import jitable
from panhuo.ground.values.money import divide_half_up, proportion

if TYPE_CHECKING:
    from panhuo.ground.rules.rule import Bracket

PRICE, GAIN, VALUE_ADDED_TAX = 0, 1, 2
BUYER, SELLER = 0, 1
_BASES = {"price": PRICE, "gain": GAIN, "vat": VALUE_ADDED_TAX}
_BEARERS = {"buyer": BUYER, "seller": SELLER}


@dataclass(frozen=True)
class FeeScale:
    """A cumulating scale: bracket `k` lies over `overs[k]` fen up to the next and asks `fixed[k]` + `rates[k]` ppm.

    The tuples go straight into compiled kernels as arrays or tuples of equal length.
    """

    overs: tuple[int, ...]
    rates: tuple[int, ...]
    fixed: tuple[int, ...]

    @classmethod
    def of(cls, brackets: Sequence[Bracket]) -> FeeScale:
        """From the brackets of a rule file."""
        return cls(
            tuple(bracket.over for bracket in brackets),
            tuple(bracket.rate for bracket in brackets),
            tuple(bracket.fixed for bracket in brackets),
        )

    def fee(self, amount: int) -> int:
        """Fee in fen of an amount in fen."""
        return bracket_fee(amount, self.overs, self.rates, self.fixed, len(self.overs))


@jitable
def capped_fee(fee: int, cap: int) -> int:
    """A fee under its ceiling (preservation 5,000 yuan, bankruptcy 300,000 yuan); a cap of 0 is none."""
    return cap if 0 < cap < fee else fee


@jitable
def part_of_fee(fee: int, numerator: int, denominator: int) -> int:
    """A fraction of a fee: half (simplified procedure, withdrawal, arts 15, 16), a third (payment order, art 14.3)."""
    return divide_half_up(fee * numerator, denominator)


@jitable
def tax_borne(price: int, gain: int, rates: Any, bases: Any, bearers: Any, bearer: int, count: int) -> int:
    """Taxes of a sale that `bearer` (`BUYER` or `SELLER`) bears, in fen; each tax is rounded half up by itself.

    Args:
        price: sale price in fen. gain: price less what may be deducted, fen; a loss counts as 0.
        rates: ppm a tax. bases: `PRICE`, `GAIN` or `VALUE_ADDED_TAX` (surcharges on the value added tax, which is the
            sum of the taxes before them that are marked by a negative base code ``-1 - base``). bearers: who bears it.
    """
    value_added = 0
    total = 0
    for tax in range(count):
        base = bases[tax]
        is_value_added = base < 0
        if is_value_added:
            base = -1 - base
        ground = value_added
        if base == 0:
            ground = price
        elif base == 1:
            ground = gain if gain > 0 else 0
        due = proportion(ground, rates[tax])
        if is_value_added:
            value_added += due
        if bearers[tax] == bearer:
            total += due
    return total


@jitable
def land_value_tax(price: int, deductions: int, bounds: Any, rates: Any, quick: Any, count: int) -> int:
    """Land value added tax: gain x rate - deductions x quick deduction, by the gain as a share of deductions (TAX-07).

    Args:
        price, deductions: fen, deductions positive. bounds: inclusive upper ends of the bands in ppm of deductions, the
            last band open. rates, quick: ppm a band. count: bands.
    """
    gain = price - deductions
    if gain <= 0:
        return 0
    band = 0
    while band < count - 1 and gain > proportion(deductions, bounds[band]):
        band += 1
    tax = proportion(gain, rates[band]) - proportion(deductions, quick[band])
    return tax if tax > 0 else 0


@dataclass(frozen=True)
class TaxLine:
    """One tax of a sale: its name, what it is computed on, the amount, who owes it by law and who bears it here."""

    tax: str
    base: int
    rate_ppm: int
    amount: int
    owed_by: str
    borne_by: str


def sale_taxes(price: int, table: Sequence[Mapping[str, Any]], *, deductions: int | None = None) -> list[TaxLine]:
    """Taxes of one sale, line by line, from a table of the caller's (keyed there by city, use, seller, years, area).

    Args:
        price: fen. table: rows with ``tax`` (name), ``base`` (``price``, ``gain``, ``vat``), ``rate_ppm``, ``owed_by``
            (``buyer`` or ``seller``), optional ``borne_by`` (the notice of sale may shift it) and
            ``value_added`` (true: surcharges with base ``vat`` are computed on it).
        deductions: fen that may be deducted for the gain; None makes rows based on the gain an error.

    Raises:
        InvalidInput: an unknown base or bearer, or a gain without deductions.
    """
    value_added = 0
    lines = []
    for place, row in enumerate(table, start=1):
        base_name, owed_by = str(row.get("base")), str(row.get("owed_by"))
        borne_by = str(row.get("borne_by") or owed_by)
        if base_name not in _BASES or owed_by not in _BEARERS or borne_by not in _BEARERS:
            raise InvalidInput(
                "a tax row needs base (price, gain, vat) and owed_by, borne_by (buyer, seller)",
                where=f"tax row {place}",
                code="invalid-input/tax-table",
            )
        if base_name == "gain" and deductions is None:
            raise InvalidInput(
                "a tax on the gain needs deductions", where=f"tax row {place}", code="invalid-input/deductions"
            )
        gain = max(0, price - (deductions or 0))
        base = {"price": price, "gain": gain, "vat": value_added}[base_name]
        amount = proportion(base, int(row["rate_ppm"]))
        if row.get("value_added"):
            value_added += amount
        lines.append(TaxLine(str(row["tax"]), base, int(row["rate_ppm"]), amount, owed_by, borne_by))
    return lines


def scale_from_rules(rule_set: str, rule_id: str, on: dt.date) -> FeeScale:
    """The scale of a rule in the version in force on the filing day.

    Raises:
        NotFound: no such rule set, rule or version, or it holds no brackets.
    """
    from panhuo.ground.rules.schedules import brackets

    return FeeScale.of(brackets(rule_set, rule_id, on=on))


def acceptance_fee(amount: int, filed_on: dt.date) -> int:
    """Case acceptance fee of a property claim in fen, by the scale in force on the filing day (art 13)."""
    return scale_from_rules("fees", "FEE-01", filed_on).fee(amount)


def enforcement_fee(amount: int, filed_on: dt.date) -> int:
    """Enforcement fee in fen, not prepaid and borne by the debtor (arts 14(1), 20, 38)."""
    return scale_from_rules("fees", "FEE-02", filed_on).fee(amount)


def preservation_fee(amount: int, filed_on: dt.date) -> int:
    """Preservation fee in fen, with its ceiling (art 14(2))."""
    from panhuo.ground.rules.schedules import number

    return capped_fee(
        scale_from_rules("fees", "FEE-03", filed_on).fee(amount), number("fees", "FEE-03", "highest", on=filed_on)
    )
