"""The statement of a debt: its lines, what is owed, the ceiling, the stated figures beside the recomputed ones.

Invariant: the total is the sum of its components; a reduction by a ceiling is a line of its own, never silent; where
courts split, both figures stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.values.dates import format_date
from panhuo.ground.values.money import divide_half_up, yuan_text
from panhuo.tools.finance.debt.accrual import RATE_UNIT, DebtLife, Line, walk
from panhuo.tools.finance.debt.legal_numbers import legal_number
from panhuo.tools.finance.debt.terms import DebtTerms

# What a court takes off first when all charges together exceed the ceiling.
_REDUCED_FIRST = ("compound", "penalty", "fee", "interest_off_balance", "interest")


@dataclass(frozen=True)
class CeilingTest:
    """All charges beside their ceiling: `excess` is what lies above, `reduction` what was taken off what is owed."""

    rate_ppm: int
    limit: int
    charged: int
    excess: int
    reduction: dict[str, int]


@dataclass(frozen=True)
class Note:
    """A remark with its rule id, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class DebtStatement:
    """Everything said about one debt on one day. `other_total` is the total under the other answer to the question
    whether interest runs after assignment, None when the debt was not assigned."""

    terms: DebtTerms
    life: DebtLife
    lines: tuple[Line, ...]
    owed: dict[str, int]
    ceiling: CeilingTest | None
    notes: tuple[Note, ...]
    interest_runs_after_assignment: bool
    other_total: int | None

    @property
    def total(self) -> int:
        """Fen owed, all components."""
        return sum(self.owed.values())

    @property
    def differences(self) -> list[tuple[str, int, int]]:
        """(component, stated fen, recomputed fen) for every component with a stated figure."""
        return [(component, stated, self.owed.get(component, 0)) for component, stated in self.terms.stated]

    def as_json(self) -> dict[str, Any]:
        """Lines and totals as plain values: money as yuan text beside whole fen, days as ISO dates."""
        result: dict[str, Any] = {
            "id": self.terms.id,
            "debtor": self.terms.debtor,
            "as_of": format_date(self.terms.as_of),
            "lines": [_line(line) for line in self.lines],
            "payments": [
                {
                    "date": format_date(receipt.payment.day),
                    "amount": yuan_text(receipt.payment.amount),
                    "allocated": {name: yuan_text(amount) for name, amount in receipt.allocated.items()},
                    "left_over": yuan_text(receipt.left_over),
                }
                for receipt in self.life.receipts
            ],
            "total": {**{name: yuan_text(amount) for name, amount in self.owed.items()}, "sum": yuan_text(self.total)},
            "total_fen": {**self.owed, "sum": self.total},
            "charged": {name: yuan_text(amount) for name, amount in self.life.charged.items()},
            "paid": {name: yuan_text(amount) for name, amount in self.life.paid.items()},
            "not_yet_due": {name: yuan_text(amount) for name, amount in self.life.not_yet_due.items()},
            "left_over": yuan_text(self.life.left_over),
            "notes": [{"code": note.code, "zh": note.zh, "en": note.en} for note in self.notes],
        }
        if self.terms.stated:
            result["stated"] = [
                {
                    "component": component,
                    "stated": yuan_text(stated),
                    "recomputed": yuan_text(recomputed),
                    "difference": yuan_text(stated - recomputed),
                }
                for component, stated, recomputed in self.differences
            ]
        if self.ceiling is not None:
            result["ceiling"] = {
                "annual_rate": rate_text(self.ceiling.rate_ppm * 1_000_000),
                "limit": yuan_text(self.ceiling.limit),
                "charged": yuan_text(self.ceiling.charged),
                "excess": yuan_text(self.ceiling.excess),
                "reduction": yuan_text(sum(self.ceiling.reduction.values())),
                "applied": bool(self.ceiling.reduction),
            }
        if self.other_total is not None:
            runs, other = yuan_text(self.total), yuan_text(self.other_total)
            yes, no = (runs, other) if self.interest_runs_after_assignment else (other, runs)
            result["post_assignment_interest"] = {
                "switch": self.terms.post_assignment_interest,
                "assigned_on": format_date(self.terms.assigned_on or 0),
                "total_if_yes": yes,
                "total_if_no": no,
            }
        return result


def state_debt(terms: DebtTerms) -> DebtStatement:
    """Computes the statement of a debt.

    With ``post_assignment_interest = "court-dependent"`` the lines and total let interest run, as a claimant pleads,
    and `other_total` shows the debt where it stops on the day of assignment (法发〔2009〕19号 art 9; courts split).
    """
    assigned = terms.assigned_on is not None and terms.assigned_on < terms.as_of
    runs = terms.post_assignment_interest != "no"
    life, lines, owed, ceiling = _one(terms, None if runs or not assigned else terms.assigned_on)
    other_total = None
    if assigned:
        other_total = sum(_one(terms, terms.assigned_on if runs else None)[2].values())
    return DebtStatement(terms, life, lines, owed, ceiling, tuple(_notes(terms, life, ceiling)), runs, other_total)


def _one(terms: DebtTerms, until: int | None) -> tuple[DebtLife, tuple[Line, ...], dict[str, int], CeilingTest | None]:
    life = walk(terms, until)
    lines = [*(Line("principal", day, day, 0, 0, 0, amount, day) for day, amount in terms.advances), *life.lines]
    owed = dict(life.owed)
    ceiling = None
    if terms.ceiling is not None:
        ceiling = _test_ceiling(terms, life)
        for component, amount in ceiling.reduction.items():
            owed[component] -= amount
            lines.append(Line(component, terms.start, terms.as_of, 0, 0, 0, -amount, terms.as_of, note="RATE-06"))
    lines.sort(key=lambda line: (line.posted_on, COMPONENTS.position(line.component), line.from_day))
    return life, tuple(lines), owed, ceiling


def _test_ceiling(terms: DebtTerms, life: DebtLife) -> CeilingTest:
    rule = terms.ceiling
    assert rule is not None
    limit = divide_half_up(life.principal_days * rule.rate_ppm, rule.year_days * 1_000_000)
    charged = sum(life.charged[component] for component in _REDUCED_FIRST)
    excess = max(0, charged - limit)
    reduction: dict[str, int] = {}
    if rule.apply:
        left = excess
        for component in _REDUCED_FIRST:
            take = min(left, life.owed[component])
            if take:
                reduction[component] = take
                left -= take
    return CeilingTest(rule.rate_ppm, limit, charged, excess, reduction)


def _notes(terms: DebtTerms, life: DebtLife, ceiling: CeilingTest | None) -> list[Note]:
    notes = []
    if _outside("PEN-01", terms.overdue_uplift, terms.start):
        notes.append(
            Note(
                "PEN-01",
                "逾期罚息上浮不在 30%—50% 之间，请核对合同",
                "overdue uplift outside 30-50 %: check the contract",
            )
        )
    if terms.misuse is not None and _outside("PEN-02", terms.misuse.uplift, terms.start):
        notes.append(
            Note(
                "PEN-02",
                "挪用罚息上浮不在 50%—100% 之间，请核对合同",
                "misuse uplift outside 50-100 %: check the contract",
            )
        )
    if terms.compound_on_penalty:
        notes.append(
            Note("PEN-05", "对罚息计收复利，各地裁判不一", "compound interest on penalty interest: courts split")
        )
    if terms.bankruptcy_on is not None and terms.bankruptcy_on <= terms.as_of:
        notes.append(
            Note(
                "PEN-07",
                f"破产申请 {format_date(terms.bankruptcy_on)} 受理，自该日起停止计息",
                f"bankruptcy accepted on {format_date(terms.bankruptcy_on)}: all interest stops that day",
            )
        )
    if ceiling is not None and ceiling.excess:
        done = sum(ceiling.reduction.values())
        limit = rate_text(ceiling.rate_ppm * 100_000_000)
        notes.append(
            Note(
                "RATE-06",
                f"息费合计超过年利率 {limit}% 部分 {yuan_text(ceiling.excess)} 元"
                + (f"，已调减 {yuan_text(done)} 元" if done else "，借款人请求时法院将调减；本表未调减"),
                f"charges exceed {limit} % a year by {yuan_text(ceiling.excess)}"
                + (f"; reduced by {yuan_text(done)}" if done else "; a court reduces it when asked; not reduced here"),
            )
        )
    if terms.assigned_on is not None and terms.post_assignment_interest == "court-dependent":
        notes.append(
            Note(
                "POST-ASSIGNMENT",
                "受让日后是否计息各地裁判不一，两种结果并列",
                "interest after assignment: courts split",
            )
        )
    if life.left_over:
        notes.append(
            Note(
                "LEFT-OVER",
                f"有 {yuan_text(life.left_over)} 元付款超出应付，未抵充",
                f"{yuan_text(life.left_over)} was paid beyond what was due",
            )
        )
    return notes


def _outside(rule_id: str, uplift: int, day: int) -> bool:
    lowest, highest = legal_number(rule_id, "lowest", day), legal_number(rule_id, "highest", day)
    return lowest is not None and highest is not None and not lowest <= uplift <= highest


def rate_text(rate: int) -> str:
    """A rate in 10**-12 units as plain decimal text: 65_250_000_000 gives ``0.06525``."""
    whole, rest = divmod(rate, RATE_UNIT)
    digits = f"{rest:012d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _line(line: Line) -> dict[str, Any]:
    code = COMPONENTS[line.component]
    return {
        "component": line.component,
        "zh": code.zh,
        "en": code.en,
        "from": format_date(line.from_day),
        "to": format_date(line.to_day),
        "days": line.days,
        "base": yuan_text(line.base),
        "rate": rate_text(line.rate),
        "rate_per": "day" if line.by_day else "year",
        "amount": yuan_text(line.amount),
        "amount_fen": line.amount,
        "posted": format_date(line.posted_on),
        "note": line.note,
    }
