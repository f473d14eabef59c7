"""What a debt is made of: the terms, payments and events that its computation needs, checked.

Invariant: amounts are fen, days are days since 1970-01-01, rates ppm a year, uplifts ppm of the rate; every day range
takes its first day and leaves its last (算头不算尾).
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.ground.record.errors import InvalidInput

POST_ASSIGNMENT = ("yes", "no", "court-dependent")


@dataclass(frozen=True)
class Payment:
    """Money received; `to` names components an agreement or the court designates, tried before the order."""

    day: int
    amount: int
    to: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Cost:
    """A fee (``fee``) or a court cost advanced (``court_cost_advanced``) that the debtor bears."""

    day: int
    amount: int
    component: str = "fee"
    note: str = ""


@dataclass(frozen=True)
class Misuse:
    """Funds used against the agreed purpose, from a day on; `amount` None is all of the principal."""

    from_day: int
    uplift: int
    until_day: int | None = None
    amount: int | None = None


@dataclass(frozen=True)
class Instrument:
    """The enforceable instrument: (last day to perform, fen) each instalment; fen None is the whole debt it covers.

    `base` are the components that bear the doubled interest: never general interest. `stays` are (from, to) days of
    stays the debtor did not seek (法释〔2014〕8号 art 3): none accrues.
    """

    perform_by: tuple[tuple[int, int | None], ...]
    rate_ppm_a_day: int
    base: tuple[str, ...] = ("principal",)
    stays: tuple[tuple[int, int], ...] = ()
    effective: int | None = None

    @property
    def from_day(self) -> int:
        """Day from which payments reduce what the instrument orders: its effect, else the first day to perform."""
        return self.perform_by[0][0] if self.effective is None else self.effective


@dataclass(frozen=True)
class Ceiling:
    """A ceiling on all charges together (rule RATE-06), shown always, deducted only when `apply`."""

    rate_ppm: int
    year_days: int = 365
    apply: bool = False


@dataclass(frozen=True)
class DebtTerms:
    """One debt. `rates` are (from day, ppm) in order; `advances` and `principal_due` are (day, fen).

    A debt may also be taken up at a base day (基准日): then `advances` is the principal of that day and `opening` what
    was owed beside it by component; a maturity before it means that everything is due from the start.
    """

    id: str
    as_of: int
    maturity: int
    advances: tuple[tuple[int, int], ...]
    rates: tuple[tuple[int, int], ...]
    year_days: int = 360
    thirty_360: bool = False
    settlement_days: tuple[int, ...] = ()
    principal_due: tuple[tuple[int, int], ...] = ()
    overdue_uplift: int = 0
    misuse: Misuse | None = None
    compound: bool = True
    compound_on_penalty: bool = False
    nonaccrual_from: int | None = None
    accelerated_on: int | None = None
    payments: tuple[Payment, ...] = ()
    costs: tuple[Cost, ...] = ()
    order: tuple[str, ...] = ()
    order_over_90_days: tuple[str, ...] | None = None
    instrument: Instrument | None = None
    bankruptcy_on: int | None = None
    assigned_on: int | None = None
    post_assignment_interest: str = "yes"
    late_interest_after_assignment: bool = True
    ceiling: Ceiling | None = None
    stated: tuple[tuple[str, int], ...] = ()
    opening: tuple[tuple[str, int], ...] = ()
    debtor: str = ""
    creditor: str = ""
    contract: str = ""
    case_number: str = ""

    def __post_init__(self) -> None:
        if not self.advances or any(amount <= 0 for _, amount in self.advances):
            raise _refused("principal", "a debt needs principal paid out, above zero")
        if not self.rates or self.rates[0][0] > self.start or any(rate < 0 for _, rate in self.rates):
            raise _refused("rate", "the rate must be known from the first day and not be negative")
        if any(amount <= 0 for _, amount in self.principal_due):
            raise _refused("principal_due", "instalments of principal are above zero")
        if any(payment.amount <= 0 for payment in self.payments) or any(cost.amount <= 0 for cost in self.costs):
            raise _refused("payments", "payments and costs are above zero; a reversal is a payment left out")
        if self.post_assignment_interest not in POST_ASSIGNMENT:
            raise _refused("post_assignment_interest", f"one of {', '.join(POST_ASSIGNMENT)}")
        if self.as_of < self.start:
            raise _refused("as_of", "the day of computation is before the money was paid out")
        events = [payment.day for payment in self.payments] + [cost.day for cost in self.costs]
        if events and min(events) < self.start:
            raise _refused("payments", "a payment or cost is dated before the money was paid out")
        if any(component == "principal" or amount < 0 for component, amount in self.opening):
            raise _refused(
                "opening", "opening balances are of interest and costs, not negative; principal has its own key"
            )

    @property
    def start(self) -> int:
        """Day of the first advance."""
        return self.advances[0][0]

    @property
    def end_of_term(self) -> int:
        """Maturity, or the day the lender called the loan, or bankruptcy (企业破产法 art 46), whichever is first."""
        ends = [self.maturity]
        ends += [day for day in (self.accelerated_on, self.bankruptcy_on) if day is not None]
        return min(ends)


def _refused(where: str, what: str) -> InvalidInput:
    return InvalidInput(what, where=where, code="invalid-input/debt")
