"""The walk through a debt's life: what accrues, what is posted, what is paid, by component and period.

Invariant: within a period of constant balances and rates every accrual is an integer numerator over one denominator
(year days x 10**12); it is rounded half up once, when posted. What is posted equals what is paid plus what is owed,
component by component. Nothing depends on a clock.

Order inside a day: interest falls due, principal falls due, costs arise, payments arrive. So a payment on its due day
is in time, and days run from the first day inclusive to the last exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.values.money import divide_half_up
from panhuo.tools.finance.debt.allocation import allocate_by_name, components_in_order
from panhuo.tools.finance.debt.penalty import heavier_uplift
from panhuo.tools.finance.debt.terms import DebtTerms, Payment

MILLION = 1_000_000
RATE_UNIT = MILLION * MILLION  # rates inside: 10**-12 a year, so that an uplifted rate is exact
_DAILY = ("penalty", "compound", "late_performance")


@dataclass(frozen=True)
class Line:
    """One line of the statement: a component over a period of constant base and rate.

    `rate` is 10**-12 units a year, or of a day when `by_day`; zero for principal, costs and reductions.
    """

    component: str
    from_day: int
    to_day: int
    days: int
    base: int
    rate: int
    amount: int
    posted_on: int
    by_day: bool = False
    note: str = ""


@dataclass(frozen=True)
class Receipt:
    """A payment and what it went to; `left_over` found nothing to pay."""

    payment: Payment
    allocated: dict[str, int]
    left_over: int


@dataclass
class _Segment:
    from_day: int
    to_day: int
    days: int
    base: int
    rate: int
    by_day: bool
    numerator: int


@dataclass
class DebtLife:
    """The outcome of the walk: lines, receipts, fen owed by component, and totals the ceiling needs."""

    lines: list[Line] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    owed: dict[str, int] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    not_yet_due: dict[str, int] = field(default_factory=dict)
    principal_days: int = 0
    left_over: int = 0


class _Walk:
    def __init__(self, terms: DebtTerms, contract_interest_until: int | None) -> None:
        self.terms = terms
        self.until = contract_interest_until
        self.undue = 0
        self.overdue = 0
        self.pools = {code.code: 0 for code in COMPONENTS if code.code != "principal"}
        self.pending: dict[str, list[_Segment]] = {component: [] for component in (*self.pools,)}
        self.life = DebtLife(charged={code.code: 0 for code in COMPONENTS}, paid={code.code: 0 for code in COMPONENTS})
        self.unpaid_since: int | None = None
        self.paid_to_base = 0
        self.denominator = terms.year_days * RATE_UNIT

    # The days on which anything changes, in order.
    def boundaries(self) -> list[int]:
        terms = self.terms
        days = {terms.start, terms.as_of, terms.end_of_term, *terms.settlement_days}
        days |= {day for day, _ in (*terms.advances, *terms.rates, *terms.principal_due)}
        days |= {payment.day for payment in terms.payments} | {cost.day for cost in terms.costs}
        if terms.misuse is not None:
            days |= {terms.misuse.from_day, terms.misuse.until_day or terms.as_of}
        if terms.instrument is not None:
            days |= {day for day, _ in terms.instrument.perform_by}
            days |= {day for stay in terms.instrument.stays for day in stay}
        days |= {day for day in (terms.nonaccrual_from, terms.bankruptcy_on, self.until) if day is not None}
        return sorted(day for day in days if terms.start <= day <= terms.as_of)

    def run(self) -> DebtLife:
        """The debt from its first day to the day it is stated for."""
        days = self.boundaries()
        for component, amount in self.terms.opening:
            self.pools[component] += amount
            self.life.charged[component] += amount
            start = self.terms.start
            self.life.lines.append(Line(component, start, start, 0, 0, 0, amount, start, note="opening"))
        settlements = set(self.terms.settlement_days)
        for place, day in enumerate(days):
            self.events(day, settlements)
            if place + 1 < len(days):
                self.accrue(day, days[place + 1])
        self.close()
        return self.life

    def events(self, day: int, settlements: set[int]) -> None:
        """What happens on one day, in order: postings, money paid out, what falls due, costs, payments received."""
        terms = self.terms
        payments = [payment for payment in terms.payments if payment.day == day]
        if day in settlements or day >= terms.end_of_term:
            self.post("interest", day)
            self.post("interest_off_balance", day)
        # After the term nothing new is settled: penalty runs on as one period until something changes.
        settles = day in settlements and (day < terms.end_of_term or terms.compound_on_penalty)
        if settles or day == terms.end_of_term or payments:
            for component in _DAILY:
                self.post(component, day)
        self.undue += sum(amount for when, amount in terms.advances if when == day)
        self.fall_due(day)
        for cost in terms.costs:
            if cost.day == day:
                self.pools[cost.component] += cost.amount
                self.life.charged[cost.component] += cost.amount
                self.life.lines.append(Line(cost.component, day, day, 0, 0, 0, cost.amount, day, note=cost.note))
        for payment in payments:
            self.receive(payment)
        unpaid = self.overdue + self.pools["interest"] + self.pools["interest_off_balance"]
        self.unpaid_since = (self.unpaid_since or day) if unpaid else None

    def fall_due(self, day: int) -> None:
        due = sum(amount for when, amount in self.terms.principal_due if when == day)
        if day >= self.terms.end_of_term:
            due = self.undue
        due = min(due, self.undue)
        self.undue -= due
        self.overdue += due

    def rate_on(self, day: int) -> int:
        rate = self.terms.rates[0][1]
        for start, ppm in self.terms.rates:
            if start <= day:
                rate = ppm
        return rate

    def accrue(self, day: int, next_day: int) -> None:
        """Interest of every kind from `day` to `next_day`, kept as exact numerators."""
        terms = self.terms
        if terms.bankruptcy_on is not None and day >= terms.bankruptcy_on:
            return
        days = self.count(day, next_day)
        self.late(day, next_day)
        if self.until is not None and day >= self.until:
            return
        principal = self.undue + self.overdue
        self.life.principal_days += principal * (next_day - day)
        rate = self.rate_on(day)
        misused = 0
        misuse_uplift = 0
        if terms.misuse is not None and terms.misuse.from_day <= day < (terms.misuse.until_day or next_day):
            misused = principal if terms.misuse.amount is None else min(principal, terms.misuse.amount)
            misuse_uplift = terms.misuse.uplift
        # The misused part is the last to be repaid; what is overdue is first sought outside it.
        overdue_fair = min(self.overdue, principal - misused)
        overdue_misused = self.overdue - overdue_fair
        normal = "interest"
        if terms.nonaccrual_from is not None and day >= terms.nonaccrual_from:
            normal = "interest_off_balance"
        self.add(normal, day, next_day, days, principal - misused - overdue_fair, rate * MILLION)
        for base, is_overdue, is_misused in (
            (overdue_fair, True, False),
            (overdue_misused, True, True),
            (misused - overdue_misused, False, True),
        ):
            uplift = heavier_uplift(terms.overdue_uplift, misuse_uplift, is_overdue, is_misused)
            self.add("penalty", day, next_day, days, base, rate * (MILLION + uplift))
        if terms.compound:
            unpaid = self.pools["interest"] + self.pools["interest_off_balance"]
            if terms.compound_on_penalty:
                unpaid += self.pools["penalty"]
            uplift = terms.overdue_uplift if day >= terms.end_of_term else 0
            self.add("compound", day, next_day, days, unpaid, rate * (MILLION + uplift))

    def count(self, day: int, next_day: int) -> int:
        if not self.terms.thirty_360:
            return next_day - day
        from panhuo.ground.values.day_counts import day_count_numerator, day_count_of

        return day_count_numerator(day_count_of("30E/360"), day, next_day)

    def late(self, day: int, next_day: int) -> None:
        """The doubled part for late performance of an instrument (法释〔2014〕8号) from `day` to `next_day`."""
        instrument = self.terms.instrument
        if instrument is None or any(start <= day < stop for start, stop in instrument.stays):
            return
        if self.until is not None and day >= self.until and not self.terms.late_interest_after_assignment:
            return
        due = [amount for last, amount in instrument.perform_by if last <= day]
        if not due:
            return
        balance = sum(
            self.undue + self.overdue if component == "principal" else self.pools[component]
            for component in instrument.base
        )
        base = balance
        if all(amount is not None for amount in due):
            base = max(0, min(balance, sum(amount or 0 for amount in due) - self.paid_to_base))
        rate = instrument.rate_ppm_a_day * MILLION
        self.add("late_performance", day, next_day, next_day - day, base, rate, by_day=True)

    def add(
        self, component: str, day: int, next_day: int, days: int, base: int, rate: int, *, by_day: bool = False
    ) -> None:
        if not base or not days or not rate:
            return
        numerator = base * rate * days * (self.terms.year_days if by_day else 1)
        pieces = self.pending[component]
        for piece in reversed(pieces):
            if piece.to_day == day and piece.base == base and piece.rate == rate:
                piece.to_day, piece.days, piece.numerator = next_day, piece.days + days, piece.numerator + numerator
                return
        pieces.append(_Segment(day, next_day, days, base, rate, by_day, numerator))

    def post(self, component: str, day: int) -> int:
        """Posts what a component accrued, rounded half up once; returns the fen posted."""
        # One rounding a posting; the lines of a posting add up to it.
        so_far = 0
        told = 0
        for piece in self.pending[component]:
            so_far += piece.numerator
            amount = divide_half_up(so_far, self.denominator) - told
            told += amount
            self.life.lines.append(
                Line(
                    component,
                    piece.from_day,
                    piece.to_day,
                    piece.days,
                    piece.base,
                    piece.rate,
                    amount,
                    day,
                    piece.by_day,
                )
            )
        self.pending[component] = []
        self.pools[component] += told
        self.life.charged[component] += told
        return told

    def receive(self, payment: Payment) -> None:
        """Applies a payment by the order of appropriation; no fen is lost."""
        terms = self.terms
        order = terms.order or components_in_order()
        over_90 = self.unpaid_since is not None and payment.day - self.unpaid_since > 90
        if terms.order_over_90_days is not None and over_90:
            order = terms.order_over_90_days
        order = (*payment.to, *(component for component in order if component not in payment.to))
        allocated, left = allocate_by_name(payment.amount, {**self.pools, "principal": self.overdue}, order)
        self.pay(allocated)
        if left and self.undue:
            left = self.repay_early(payment, allocated, left)
        if terms.instrument is not None and payment.day >= terms.instrument.from_day:
            self.paid_to_base += sum(allocated.get(component, 0) for component in terms.instrument.base)
        self.life.left_over += left
        self.life.receipts.append(Receipt(payment, allocated, left))

    def repay_early(self, payment: Payment, allocated: dict[str, int], left: int) -> int:
        """Puts what is left of a payment against principal not yet due; returns what is still left."""
        # 民法典 art 677: interest for the actual period. What settles the whole loan settles its interest too.
        accrued = sum(
            divide_half_up(sum(piece.numerator for piece in self.pending[component]), self.denominator)
            for component in ("interest", "interest_off_balance")
        )
        if left >= self.undue + accrued:
            for component in ("interest", "interest_off_balance"):
                amount = self.post(component, payment.day)
                if amount:
                    self.pay({component: amount})
                    allocated[component] = allocated.get(component, 0) + amount
                    left -= amount
        early = min(left, self.undue)
        self.undue -= early
        self.life.paid["principal"] += early
        allocated["principal"] = allocated.get("principal", 0) + early
        return left - early

    def pay(self, allocated: dict[str, int]) -> None:
        for component, amount in allocated.items():
            if component == "principal":
                self.overdue -= amount
            else:
                self.pools[component] -= amount
            self.life.paid[component] += amount

    def close(self) -> None:
        for component in ("interest", "interest_off_balance"):
            amount = self.post(component, self.terms.as_of)
            if amount:
                self.life.not_yet_due[component] = amount
        for component in _DAILY:
            self.post(component, self.terms.as_of)
        if self.undue:
            self.life.not_yet_due["principal"] = self.undue
        self.life.charged["principal"] = sum(amount for day, amount in self.terms.advances if day <= self.terms.as_of)
        self.life.owed = {"principal": self.undue + self.overdue, **self.pools}


def walk(terms: DebtTerms, contract_interest_until: int | None = None) -> DebtLife:
    """Walks a debt from its first advance to its day of computation.

    Args:
        terms: the debt. contract_interest_until: day from which interest, penalty and compound interest no longer run
            (an assignment after which none is allowed); bankruptcy in `terms` stops everything by itself.

    Returns:
        Lines in order of posting, receipts, fen owed, charged and paid by component.
    """
    return _Walk(terms, contract_interest_until).run()
