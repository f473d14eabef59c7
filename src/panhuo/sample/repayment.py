"""The ledger: the plan of every drawdown and each posting to it, in whole fen.

Invariant: the balance of a component is the sum of its postings by the sign of their kind (`SIGNS`); interest is an
integer numerator over 360 rounded half up once a posting; payments never exceed what is owed. Tests check this ledger
with an oracle that shares none of its code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from panhuo.ground.book.tables.credit import COMPONENTS, POSTING_KINDS
from panhuo.ground.values.dates import civil_from_days, days_from_civil
from panhuo.ground.values.jitable import jitable, register_all
from panhuo.ground.values.money import interest
from panhuo.sample.presets import AS_OF, NEVER

SIGNS: dict[str, int] = {
    "disburse": 1, "accrue": 1, "advance": 1, "receive": -1, "waive": -1, "write_off": -1, "assign": -1,
    "move_off_balance": -1, "reverse": 1,
}  # fmt: skip
"""What a posting does to its component's balance; a move off the balance sheet is told twice, and on
`interest_off_balance` it adds. The sample reverses receipts only, so a reversal adds."""

PRINCIPAL, INTEREST, OFF_BALANCE, PENALTY, COMPOUND = range(5)
DISBURSE, ACCRUE, RECEIVE, REVERSE, WAIVE, WRITE_OFF, ASSIGN, ADVANCE, MOVE = range(9)
assert [c.code for c in COMPONENTS][:5] == ["principal", "interest", "interest_off_balance", "penalty", "compound"]
assert [k.code for k in POSTING_KINDS] == [
    "disburse", "accrue", "receive", "reverse", "waive", "write_off", "assign", "advance", "move_off_balance",
]  # fmt: skip
LONGEST_PLAN = 160
SMALL = 1_500  # drawdowns up to which the plain walk is quicker than loading the compiled one


@jitable
def _next_interest_day(after: int, interest_day: int) -> int:
    year, month, day = civil_from_days(after)
    if day >= interest_day:
        month += 1
        if month > 12:
            month = 1
            year += 1
    return days_from_civil(year, month, interest_day)


@jitable
def _plan(
    amount: int, out: int, due: int, due_first: int, style: int, interest_day: int, rate: int, days: Any,
    principal: Any, interest_due: Any,
) -> int:  # fmt: skip
    # Fills days, principal, interest_due; returns how many. Styles are positions in REPAYMENT_STYLES.
    count = 0
    if style != 2:
        at = _next_interest_day(out + 14, interest_day)
        while at < due:
            month = civil_from_days(at)[1]
            if style != 1 or month % 3 == 0:
                if due_first < at and (count == 0 or days[count - 1] < due_first):
                    days[count] = due_first
                    count += 1
                days[count] = at
                count += 1
            at = _next_interest_day(at, interest_day)
    if due_first < due and (count == 0 or days[count - 1] < due_first):
        days[count] = due_first
        count += 1
    days[count] = due
    count += 1
    level = 0
    if style == 3:
        monthly = rate / 12_000_000.0
        factor = 0.0
        discount = 1.0
        for _ in range(count):
            discount = discount / (1.0 + monthly)
            factor += discount
        level = int(amount / factor)
    balance = amount
    before = out
    for i in range(count):
        due_interest = interest(balance, rate, days[i] - before, 360)
        part = 0
        if i == count - 1:
            part = balance
        elif style == 3:
            part = max(min(level - due_interest, balance), 0)
        elif style == 4:
            part = amount // count
        elif style == 5 and civil_from_days(days[i])[1] % 3 == 0:
            part = min(amount // 25, balance)
        interest_due[i] = due_interest
        principal[i] = part
        balance -= part
        before = days[i]
    return count


def _walk(  # type: ignore[no-untyped-def]
    write, as_of, amount, out, due, due_first, style, interest_day, rate, uplift, accelerated, non_accrual, stop_day,
    stop_kind, block_at, block_from, block_until, cash_at, cash_day, cash_amount, plan_start, plan_number, plan_day,
    plan_principal, plan_interest, plan_cancelled, post_drawdown, post_day, post_component, post_kind, post_amount,
    cash_principal, cash_interest, settled_on,
):  # fmt: skip
    plans = 0
    posts = 0
    days = np.empty(160, np.int64)
    parts = np.empty(160, np.int64)
    dues = np.empty(160, np.int64)
    owed = np.zeros(5, np.int64)  # principal due, interest, off balance, penalty, compound
    for d in range(len(amount)):
        count = _plan(amount[d], out[d], due[d], due_first[d], style[d], interest_day[d], rate[d], days, parts, dues)
        if write:
            plan_start[d] = plans
            for i in range(count):
                plan_number[plans + i] = i + 1
                plan_day[plans + i] = days[i]
                plan_principal[plans + i] = parts[i]
                plan_interest[plans + i] = dues[i]
                plan_cancelled[plans + i] = NEVER
            post_drawdown[posts] = d
            post_day[posts] = out[d]
            post_component[posts] = 0
            post_kind[posts] = 0
            post_amount[posts] = amount[d]
            settled_on[d] = NEVER
        posts += 1
        penalty_rate = interest(rate[d], 1_000_000 + uplift[d], 1, 1)
        undue = amount[d]
        owed[:] = 0
        i = 0
        last = out[d]
        accrued_to = out[d]
        final = due[d]
        moved = False
        b = block_at[d]
        c = cash_at[d]
        closed = False
        extra = 0
        while not closed:
            at = NEVER
            if i < count:
                at = days[i]
                if accelerated[d] < at:
                    at = accelerated[d]
            elif owed.sum() > 0:
                at = _next_interest_day(last, interest_day[d])
            else:
                if write and stop_day[d] >= NEVER:
                    settled_on[d] = last
                break
            while b < block_at[d + 1] and block_until[b] <= last:
                b += 1
            if b < block_at[d + 1] and block_until[b] < at:
                at = block_until[b]
            while c < cash_at[d + 1] and cash_day[c] <= last:
                c += 1
            if c < cash_at[d + 1] and cash_day[c] < at:
                at = cash_day[c]
            if not moved and last < non_accrual[d] < at:
                at = non_accrual[d]
            if last < stop_day[d] < at:
                at = stop_day[d]
            if at > as_of:
                break
            # penalty interest on principal due, compound interest on interest unpaid
            gap = at - last
            arrears = owed[1] + owed[2]
            if owed[0] > 0:
                more = interest(owed[0], penalty_rate, gap, 360)
                if more > 0:
                    if write:
                        post_drawdown[posts] = d
                        post_day[posts] = at
                        post_component[posts] = 3
                        post_kind[posts] = 1
                        post_amount[posts] = more
                    posts += 1
                    owed[3] += more
            if arrears > 0:
                more = interest(arrears, rate[d] if at <= final else penalty_rate, gap, 360)
                if more > 0:
                    if write:
                        post_drawdown[posts] = d
                        post_day[posts] = at
                        post_component[posts] = 4
                        post_kind[posts] = 1
                        post_amount[posts] = more
                    posts += 1
                    owed[4] += more
            last = at
            planned = i < count and at == days[i]
            hastened = i < count and at == accelerated[d] and not planned
            if planned or hastened:
                more = dues[i] if planned else interest(undue, rate[d], at - accrued_to, 360)
                component = 2 if moved else 1
                if more > 0:
                    if write:
                        post_drawdown[posts] = d
                        post_day[posts] = at
                        post_component[posts] = component
                        post_kind[posts] = 1
                        post_amount[posts] = more
                    posts += 1
                    owed[component] += more
                if planned:
                    owed[0] += parts[i]
                    undue -= parts[i]
                    accrued_to = at
                    i += 1
                else:
                    if write:
                        for j in range(i, count):
                            plan_cancelled[plans + j] = at
                        plan_number[plans + count] = count + 1
                        plan_day[plans + count] = at
                        plan_principal[plans + count] = undue
                        plan_interest[plans + count] = more
                        plan_cancelled[plans + count] = NEVER
                    extra = 1
                    owed[0] += undue
                    undue = 0
                    final = at
                    i = count
            if not moved and at == non_accrual[d]:
                moved = True
                if owed[1] > 0:
                    if write:
                        post_drawdown[posts] = d
                        post_day[posts] = at
                        post_component[posts] = 1
                        post_kind[posts] = 8
                        post_amount[posts] = owed[1]
                        post_drawdown[posts + 1] = d
                        post_day[posts + 1] = at
                        post_component[posts + 1] = 2
                        post_kind[posts + 1] = 8
                        post_amount[posts + 1] = owed[1]
                    posts += 2
                    owed[2] += owed[1]
                    owed[1] = 0
            blocked = False
            for k in range(block_at[d], block_at[d + 1]):
                if block_from[k] <= at < block_until[k]:
                    blocked = True
            relieved = b < block_at[d + 1] and at == block_until[b]
            if (planned and not blocked) or relieved:
                for component in range(5):
                    if owed[component] > 0:
                        if write:
                            post_drawdown[posts] = d
                            post_day[posts] = at
                            post_component[posts] = component
                            post_kind[posts] = 2
                            post_amount[posts] = owed[component]
                        posts += 1
                        owed[component] = 0
                if relieved:
                    moved = False
            while c < cash_at[d + 1] and cash_day[c] == at:
                left = cash_amount[c]
                for step in range(5):
                    component = step if step < 3 else 7 - step  # principal, interest, off balance, compound, penalty
                    paid = min(left, owed[component])
                    if paid > 0:
                        if write:
                            post_drawdown[posts] = d
                            post_day[posts] = at
                            post_component[posts] = component
                            post_kind[posts] = 2
                            post_amount[posts] = paid
                            if component == 0:
                                cash_principal[c] = paid
                            else:
                                cash_interest[c] += paid
                        posts += 1
                        owed[component] -= paid
                        left -= paid
                c += 1
            if at == stop_day[d]:
                owed[0] += undue
                for component in range(5):
                    if owed[component] > 0:
                        if write:
                            post_drawdown[posts] = d
                            post_day[posts] = at
                            post_component[posts] = component
                            post_kind[posts] = stop_kind[d]
                            post_amount[posts] = owed[component]
                        posts += 1
                        owed[component] = 0
                closed = True
        plans += count + extra
    return plans, posts


@lru_cache(maxsize=1)
def _compiled() -> Callable[..., Any]:
    from numba import njit

    register_all()
    return njit(cache=True)(_walk)


@dataclass
class Terms:
    """What a ledger is written from: one entry a drawdown; blocks and cash in CSR order (`*_at` has one more)."""

    amount: np.ndarray
    out: np.ndarray
    due: np.ndarray
    due_first: np.ndarray
    style: np.ndarray
    interest_day: np.ndarray
    rate: np.ndarray
    uplift: np.ndarray
    accelerated: np.ndarray
    non_accrual: np.ndarray
    stop_day: np.ndarray
    stop_kind: np.ndarray
    block_at: np.ndarray
    block_from: np.ndarray
    block_until: np.ndarray
    cash_at: np.ndarray
    cash_day: np.ndarray
    cash_amount: np.ndarray


@dataclass
class Ledger:
    """Plans and postings of all drawdowns, each in drawdown order and then in time."""

    plan_drawdown: np.ndarray
    plan_number: np.ndarray
    plan_day: np.ndarray
    plan_principal: np.ndarray
    plan_interest: np.ndarray
    plan_cancelled: np.ndarray
    drawdown: np.ndarray
    day: np.ndarray
    component: np.ndarray
    kind: np.ndarray
    amount: np.ndarray
    cash_principal: np.ndarray
    cash_interest: np.ndarray
    settled_on: np.ndarray

    def signed(self) -> np.ndarray:
        """Amounts with the sign of their kind."""
        signs = np.array([SIGNS[k.code] for k in POSTING_KINDS], dtype=np.int64)
        arriving = (self.kind == MOVE) & (self.component == OFF_BALANCE)
        return np.where(arriving, 1, signs[self.kind]) * self.amount

    def balances(self, until: np.ndarray | int) -> np.ndarray:
        """(drawdowns, 5) balance by component at the end of a day (one for all, or one a drawdown)."""
        count = len(self.settled_on)
        limit = np.broadcast_to(np.asarray(until, dtype=np.int64), (count,))
        seen = self.day <= limit[self.drawdown]
        key = self.drawdown[seen].astype(np.int64) * 5 + self.component[seen]
        total = np.zeros(count * 5, dtype=np.int64)
        np.add.at(total, key, self.signed()[seen])
        return total.reshape(count, 5)


def write_ledger(terms: Terms, as_of: int = AS_OF, *, compiled: bool | None = None) -> Ledger:
    """The ledger of `terms` up to `as_of`.

    Args:
        compiled: run under Numba (the default for larger books) or as plain Python; the result is the same.
    """
    count = len(terms.amount)
    use = count > SMALL if compiled is None else compiled
    walk: Callable[..., Any] = _compiled() if use else _walk
    stated = (
        terms.amount, terms.out, terms.due, terms.due_first, terms.style, terms.interest_day, terms.rate, terms.uplift,
        terms.accelerated, terms.non_accrual, terms.stop_day, terms.stop_kind, terms.block_at, terms.block_from,
        terms.block_until, terms.cash_at, terms.cash_day, terms.cash_amount,
    )  # fmt: skip
    given = tuple(np.ascontiguousarray(a, dtype=np.int64) for a in stated)

    def run(write: bool, plans: int, posts: int) -> tuple[tuple[int, int], list[np.ndarray]]:
        sizes = [count] + [plans] * 5 + [posts] * 5 + [len(terms.cash_day)] * 2 + [count]
        results = [np.zeros(size, dtype=np.int64) for size in sizes]
        if use:
            numbers = walk(write, as_of, *given, *results)
            return (int(numbers[0]), int(numbers[1])), results
        plain = [a.tolist() for a in given]
        kept = [a.tolist() for a in results]
        numbers = walk(write, as_of, *plain, *kept)
        return numbers, [np.array(a, dtype=np.int64) for a in kept]

    (plans, posts), _ = run(False, 0, 0)
    _, r = run(True, plans, posts)
    lengths = np.diff(np.append(r[0], plans))
    drawdown = np.repeat(np.arange(count), lengths)
    return Ledger(drawdown, r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13])
