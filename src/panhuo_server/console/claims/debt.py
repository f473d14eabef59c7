"""本息计算器: the debt of a claim by component and period, on any stop date, beside what others state it to be.

Invariant: every figure is the library's debt calculator's on the case shown; components add up to the total; a stated
figure never replaces a computed one, nor the other way round.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from django.http import Http404, HttpResponse

from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.currency import minor_digits
from panhuo.ground.values.dates import to_date
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo.tools.finance.debt.accrual import Line
from panhuo.tools.finance.debt.reading import read_debt
from panhuo.tools.finance.debt.statement import DebtStatement, Note, rate_text, state_debt
from panhuo.tools.finance.debt.workbook import write_workbook
from panhuo_server.console.claims.debt_cases import Options, cases_of, options_of, uncounted_of
from panhuo_server.console.claims.holding import Holding, holding_of, ordered_by_court, seller_stated, stated_by_one
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.pieces.grids import Grid, amount_cell, day_cell, fact_address, text_cell, whole
from panhuo_server.console.pieces.parts import opened
from panhuo_server.console.pieces.pictures import signed
from panhuo_server.console.pieces.tables import SHEET, Cell
from panhuo_server.console.refused import Fault, fault
from panhuo_server.console.results import the_night

PURPOSES = ("valuation", "recovery", "market", "approval", "audit", "reporting")
NAMES = {code.code: Text(code.zh, code.en) for code in COMPONENTS}
AFTER = (
    ("court-dependent", Text("各地裁判不一，两种并列", "courts split: show both")),
    ("yes", Text("继续计息", "runs on")),
    ("no", Text("停止计息", "stops")),
)
"""The switch of interest after assignment."""


@dataclass(frozen=True)
class Computed:
    """The statements of a claim, with what was chosen for them."""

    holding: Holding
    options: Options
    statements: Sequence[DebtStatement]

    @property
    def owed(self) -> dict[str, int]:
        """Component -> fen owed, over all drawdowns."""
        found: dict[str, int] = {}
        for statement in self.statements:
            for name, amount in statement.owed.items():
                found[name] = found.get(name, 0) + amount
        return found

    @property
    def total(self) -> int:
        """Fen owed."""
        return sum(self.owed.values())


def compute(holding: Holding, given: Mapping[str, str]) -> Computed:
    """The statements of a claim under the options given.

    Raises:
        InvalidInput: when the facts or options do not tell enough.
    """
    if minor_digits(holding.currency) != 2:
        raise InvalidInput("the calculator counts in hundredths", where=holding.currency)
    options = options_of(given, holding)
    statements = []
    for case in cases_of(holding, options):
        made = state_debt(read_debt(case))
        left = tuple(Note("waived", said.zh, said.en) for said in uncounted_of(holding, case))
        statements.append(replace(made, notes=made.notes + left))
    return Computed(holding, options, statements)


def refusal(error: InvalidInput) -> Fault:
    """Why a debt cannot be computed, as its page says it."""
    plainly = Fault(Text(error.what, error.what), Text(error.remedy, error.remedy), error.where)
    made = fault(error, plainly.what)
    return plainly if made.what == plainly.what else made


def why_address(computed: Computed, component: str) -> str:
    """Where a component opens."""
    return f"/console/why/debt/{quote(computed.holding.id, safe='')}?" + urlencode(
        {"component": component, **computed.options.given}
    )


def components_grid(computed: Computed) -> Grid:
    """Component by component: stated, ordered by the court, computed, and the difference."""
    holding, currency = computed.holding, computed.holding.currency
    stated, ordered, owed = seller_stated(holding.stated), ordered_by_court(holding), computed.owed
    names = [c.code for c in COMPONENTS if c.code in stated or c.code in ordered or owed.get(c.code)]
    rows = []
    # Where a component was stated or ordered: the last of its facts.
    said = {row["component"]: fact_address("stated_balances", row, "amount") for row in stated_by_one(holding.stated)}
    due = {
        i["component"]: fact_address("instrument_items", i, "amount") for i in holding.items if i["amount"] is not None
    }
    for name in names:
        computed_cell = amount_cell(owed.get(name, 0), currency, why_address(computed, name))
        gap = (
            amount_cell(stated[name] - owed.get(name, 0), currency, why_address(computed, name))
            if name in stated
            else None
        )
        rows.append(
            [
                text_cell(NAMES[name]),
                amount_cell(stated.get(name), currency, said.get(name, "")),
                amount_cell(ordered.get(name), currency, due.get(name, "")),
                computed_cell,
                gap or Cell(words.DASH, number=True),
            ]
        )
    total_stated = sum(stated.values()) if stated else None
    totals: list[Cell | None] = [
        None,
        amount_cell(total_stated, currency),
        amount_cell(sum(ordered.values()) if ordered else None, currency),
        amount_cell(computed.total, currency, why_address(computed, "")),
        amount_cell(None if total_stated is None else total_stated - computed.total, currency),
    ]
    heads = (
        (Text("科目", "Component"), False),
        (Text("陈述（元）", "Stated (yuan)"), True),
        (Text("裁判（元）", "Ordered by court (yuan)"), True),
        (Text("复算（元）", "Computed (yuan)"), True),
        (Text("陈述减复算（元）", "Stated less computed (yuan)"), True),
    )
    return Grid(heads, rows, totals)


def _rate(line: Line) -> Text:
    if not line.rate:
        return words.DASH
    per = rate_text(line.rate * 100)
    return Text(f"{'日' if line.by_day else '年'} {per}%", f"{per} % a {'day' if line.by_day else 'year'}")


_LINE_HEADS = (
    (Text("科目", "Component"), False),
    (Text("起", "From"), False),
    (Text("止（不含）", "To, not counted"), False),
    (Text("天数", "Days"), True),
    (Text("基数（元）", "Base (yuan)"), True),
    (Text("利率", "Rate"), True),
    (Text("金额（元）", "Amount (yuan)"), True),
    (Text("入账日", "Posted"), False),
)


def lines_grid(statement: DebtStatement, currency: str) -> Grid:
    """The 本息清单 itself: a component over a period, its base, rate and amount."""
    rows = []
    for line in statement.lines:
        moment = line.days == 0
        rows.append(
            [
                text_cell(NAMES[line.component]),
                day_cell(to_date(line.from_day)),
                day_cell(None if moment else to_date(line.to_day)),
                Cell(Text(*["—" if moment else f"{line.days:,}"] * 2), number=True),
                amount_cell(None if moment else line.base, currency),
                Cell(_rate(line), number=True),
                amount_cell(line.amount, currency),
                day_cell(to_date(line.posted_on)),
            ]
        )
    charged = sum(line.amount for line in statement.lines)
    return Grid(_LINE_HEADS, rows, [None, None, None, None, None, None, amount_cell(charged, currency), None])


def payments_grid(statement: DebtStatement, currency: str) -> Grid | None:
    """What came in and what it went to."""
    if not statement.life.receipts:
        return None
    used = [c.code for c in COMPONENTS if any(r.allocated.get(c.code) for r in statement.life.receipts)]
    rows = [
        [
            day_cell(to_date(r.payment.day)),
            amount_cell(r.payment.amount, currency),
            *(amount_cell(r.allocated.get(name, 0), currency) for name in used),
            amount_cell(r.left_over, currency),
            text_cell(r.payment.note),
        ]
        for r in statement.life.receipts
    ]
    heads = [
        (Text("还款日", "Received"), False),
        (Text("金额（元）", "Amount (yuan)"), True),
        *((NAMES[name], True) for name in used),
        (Text("未抵充", "Left over"), True),
        (Text("凭据", "Fact"), False),
    ]
    sums = [sum(r.allocated.get(name, 0) for r in statement.life.receipts) for name in used]
    totals = [
        None,
        amount_cell(sum(r.payment.amount for r in statement.life.receipts), currency),
        *(amount_cell(amount, currency) for amount in sums),
        amount_cell(sum(r.left_over for r in statement.life.receipts), currency),
        None,
    ]
    return Grid(heads, rows, totals)


def after_assignment(computed: Computed) -> dict[str, Text] | None:
    """Both totals where interest after assignment is in question."""
    both = [s for s in computed.statements if s.other_total is not None]
    if not both:
        return None
    others = sum((s.other_total if s.other_total is not None else s.total) for s in computed.statements)
    runs_on = both[0].interest_runs_after_assignment
    yes, no = (computed.total, others) if runs_on else (others, computed.total)
    currency = computed.holding.currency
    return {
        "yes": words.exact(yes, currency),
        "no": words.exact(no, currency),
        "between": words.exact(yes - no, currency),
        "on": day_cell(to_date(both[0].terms.assigned_on or 0)).text,
    }


@page()
def debt(visit: Visit, claim_id: str) -> HttpResponse:
    """The debt calculator of a claim."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        holding = holding_of(night, claim_id)
        if holding is None:
            raise Http404
        given = {
            "room": "claims",
            "night": night,
            "claim": holding.claim,
            "after": AFTER,
            "wide": True,
            "may_begin_at_base": bool(holding.stated),
            "address": f"/console/claims/{quote(claim_id, safe='')}/debt",
        }
        try:
            computed = compute(holding, visit.request.GET)
        except InvalidInput as error:
            asked = {name: visit.request.GET.get(name, "") for name in Options.__dataclass_fields__}
            return shown(
                visit.request,
                "console/claim_debt.html",
                given | {"fault": refusal(error), "options": asked},
                visit=visit,
                status=422,
            )
        if visit.request.GET.get("as") == "xlsx":
            return workbook(computed)
        given |= {
            "options": computed.options,
            "components": components_grid(computed),
            "both": after_assignment(computed),
            "total": words.exact(computed.total, holding.currency),
            "total_at": why_address(computed, ""),
            "statements": [
                {
                    "id": s.terms.id,
                    "lines": lines_grid(s, holding.currency),
                    "paid": payments_grid(s, holding.currency),
                    "notes": [Text(n.zh, n.en) for n in s.notes],
                }
                for s in computed.statements
            ],
            "excel": f"/console/claims/{quote(claim_id, safe='')}/debt?"
            + urlencode({**computed.options.given, "as": "xlsx"}),
        }
    return shown(visit.request, "console/claim_debt.html", given, visit=visit)


def workbook(computed: Computed) -> HttpResponse:
    """The statements as the library's workbook in court wording."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "debt.xlsx"
        write_workbook(computed.statements, str(path))
        data = path.read_bytes()
    response = HttpResponse(data, content_type=SHEET)
    response["Content-Disposition"] = (
        f"attachment; filename=\"debt.xlsx\"; filename*=UTF-8''{quote(f'本息清单-{computed.holding.id}.xlsx')}"
    )
    return response


@page()
def why_debt(visit: Visit, claim_id: str) -> HttpResponse:
    """A computed component opened: its lines, less what was paid, come to what is owed."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        holding = holding_of(night, claim_id)
        if holding is None:
            raise Http404
        component = visit.request.GET.get("component", "")
        if component and component not in COMPONENTS:
            raise Http404
        computed = compute(holding, visit.request.GET)
        currency = holding.currency
        parts: list[tuple[str, Text, int, Text]] = []
        if component:
            for statement in computed.statements:
                for line in statement.lines:
                    if line.component == component and line.amount:
                        parts.append(
                            (line.note, _line_said(line, currency), line.amount, words.exact(line.amount, currency))
                        )
                paid = statement.life.paid.get(component, 0)
                if paid:
                    parts.append(("", Text("已受偿", "paid"), -paid, words.exact(-paid, currency)))
            owed = computed.owed.get(component, 0)
        else:
            parts = [
                ("", NAMES[name], amount, words.exact(amount, currency))
                for name, amount in computed.owed.items()
                if amount
            ]
            owed = computed.total
        adds = sum(amount for _, _, amount, _ in parts) == owed
        name = NAMES.get(component, Text("债务合计", "the whole debt"))
        to = computed.options.to
        given = {
            "title": Text(f"{name.zh} · {claim_id}", f"{name.en} · {claim_id}"),
            "sentence": Text(
                f"{claim_id} 的{name.zh}计至 {to}（不含当日）为 {words.exact(owed, currency).zh}。",
                f"{name.en} of {claim_id}, computed to {to} (not counted): {words.exact(owed, currency).en}.",
            ),
            "bars": signed(parts) if adds else [],
            "reached": (name, words.exact(owed, currency)),
            "reasons": [] if adds else [said for _, said, _, _ in parts],
            "notes": [Text(n.zh, n.en) for s in computed.statements for n in s.notes],
            "how": Text(
                "由 panhuo debt 按借据、合同、还款事实和所选口径算出；起日计入、止日不计入，每次入账四舍五入一次。",
                "Computed by panhuo debt from drawdown, contract, payments and the options chosen; the first day "
                "counts, the last does not; rounded once a posting.",
            ),
        }
    return opened(visit, night, given)


def _line_said(line: Line, currency: str) -> Text:
    start, end = to_date(line.from_day).isoformat(), to_date(line.to_day).isoformat()
    if line.days == 0:
        return Text(start, start)
    base, rate = whole(line.base, currency), _rate(line)
    return Text(
        f"{start} 至 {end}，{line.days} 天，{base.zh} × {rate.zh}",
        f"{start} to {end}, {line.days} days, {base.en} × {rate.en}",
    )
