"""The section on classes: five classes with both provision books, officer against system, the largest bad debts.

Invariant: as `overview`; the classes' principal is tied to the ledger's postings to the fen, and a tie that does not
hold is shown as such.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import pictures, words
from panhuo.journey.report.layout import (
    Picture,
    Row,
    Section,
    Table,
    among,
    both,
    code,
    counted,
    equal,
    largest,
)
from panhuo.journey.report.opening import Opener, key_of, share_of
from panhuo.journey.report.overview import BAD, SHOWN, bought_book, in_currency
from panhuo.journey.report.words import Text

STEPS = {"normal": "1", "special_mention": "2", "substandard": "3", "doubtful": "4", "loss": "5"}


def classes(opener: Opener, ledger: dict[str, int] | None) -> Section | None:
    """Five classes and both provision books, tied to the ledger; then what officers said against what rules say.

    Args:
        ledger: outstanding principal by currency, summed from the postings another way.
    """
    outcomes = opener.outcomes
    if "classes" not in outcomes or "provisions" not in outcomes or bought_book(outcomes):
        return None
    judged = outcomes["classes"]
    section = Section("classes", Text("五级分类与拨备", "Classes and provisions"))
    names = opener.currencies_in(judged)
    for currency in names[:SHOWN]:
        _by_class(section, opener, currency, in_currency(names, currency))
        _tie(section, opener, currency, ledger)
    against = _officers(opener, judged)
    if against is not None:
        section.blocks.append(against)
    section.blocks.append(_bad_debts(opener, judged))
    raised = equal(judged, "raised", True)
    section.notes.append(
        (
            opener.count(judged, raised, "principal", title=Text("低于自身下限", "below their own floor")),
            Text(
                " 笔因同一债务人传染、重组或上调限制而低于自身下限",
                " drawdowns stand below their own floor by contagion, restructuring or the upgrade gate",
            ),
        )
    )
    return section


def _by_class(section: Section, opener: Opener, currency: str, tail: Text) -> None:
    judged, held = opener.outcomes["classes"], opener.outcomes["provisions"]
    mine = opener.only(judged, currency)
    provided = opener.only(held, currency)
    whole = opener.total(
        judged, "principal", mine, currency=currency, title=Text("本金合计", "principal in all") + tail
    )
    rows, parts = [], []
    for name in counted(judged, "class"):
        where = both(mine, equal(judged, "class", name))
        here = both(provided, equal(held, "five_class", name))
        shown = code(judged, "class", name)
        title = shown + tail
        principal = opener.total(judged, "principal", where, currency=currency, title=title, said=shown)
        amount = principal.value if isinstance(principal.value, int) else 0
        all_of_it = whole.value if isinstance(whole.value, int) else 0
        said = shown + Text("占比", ": share")
        of_all = opener.share(
            share_of(amount, all_of_it), principal, whole, said + tail, source=judged, currency=currency
        )
        parts.append((shown, amount, STEPS.get(name, "3"), of_all))
        rows.append(
            Row(
                (
                    shown,
                    opener.count(judged, where, "principal", currency=currency, title=title, said=shown),
                    principal,
                    of_all,
                    opener.total(held, "specific", here, currency=currency, said=shown),
                    opener.total(held, "expected_loss", here, currency=currency, said=shown),
                ),
                STEPS.get(name, "3"),
            )
        )
    heads = (
        Text("分类", "class"),
        Text("借据笔数", "drawdowns"),
        Text("本金余额", "principal"),
        Text("占比", "share"),
        Text("专项准备", "specific provision"),
        Text("预期信用损失（供参照）", "expected loss, beside"),
    )
    last = Row(
        (
            Text("合计", "total"),
            opener.count(judged, mine, "principal", currency=currency, title=whole.name),
            whole,
            words.NOTHING,
            opener.total(held, "specific", provided, currency=currency),
            opener.total(held, "expected_loss", provided, currency=currency),
        )
    )
    caption = Text("本金按五级分类", "principal by class") + tail
    section.blocks.append(Picture(caption, pictures.stacked_bar(parts, caption)))
    caption = Text("分类与两套拨备", "classes and both provision books") + tail
    section.blocks.append(Table(caption, heads, tuple(rows), last))


def _tie(section: Section, opener: Opener, currency: str, ledger: dict[str, int] | None) -> None:
    if ledger is None:
        return
    judged = opener.outcomes["classes"]
    mine = opener.only(judged, currency)
    total = opener.total(
        judged, "principal", mine, currency=currency, title=Text("分类本金合计", "principal of the classes")
    )
    assert isinstance(total.value, int)
    gap = total.value - ledger.get(currency, 0)
    difference = words.money(gap, currency)
    section.notes.append(
        (
            Text("分类本金合计 ", "The classes' principal of "),
            total,
            Text(
                "，与台账流水逐分核对：" + ("一致，没有差额" if gap == 0 else f"不一致，差额 {difference.zh}"),
                ", tied to the ledger's postings to the fen: "
                + ("no difference" if gap == 0 else f"off by {difference.en}"),
            ),
        )
    )


def _officers(opener: Opener, judged: Outcome) -> Table | None:
    """Booked class (by officer and committee) against the system's, counted."""
    booked = [name for name, number in counted(judged, "booked").items() if number]
    if not booked:
        return None
    columns = [name for name, number in counted(judged, "class").items() if number]
    heads = (
        Text("认定结果 \\ 系统分类", "booked \\ system"),
        *(code(judged, "class", name) for name in columns),
        Text("优于系统下限", "better than the rules allow"),
    )
    rows = []
    for name in booked:
        shown = code(judged, "booked", name)
        here = equal(judged, "booked", name)
        cells: list[Any] = [shown]
        for other in columns:
            where = both(here, equal(judged, "class", other))
            said = Text(
                f"认定为{shown.zh}、系统为{code(judged, 'class', other).zh}",
                f"booked {shown.en}, system {code(judged, 'class', other).en}",
            )
            cells.append(_count(opener, judged, where, said))
        cells.append(
            _count(
                opener,
                judged,
                both(here, equal(judged, "booked_too_high", True)),
                Text(f"认定为{shown.zh}，优于系统下限", f"booked {shown.en}, better than the rules allow"),
            )
        )
        rows.append(Row(tuple(cells), STEPS.get(name, "3")))
    none = pc.is_null(judged.table.column("booked"))
    said = Text("尚未认定", "not yet booked")
    cells = [said]
    for other in columns:
        what = Text(
            f"尚未认定、系统为{code(judged, 'class', other).zh}",
            f"not booked, system {code(judged, 'class', other).en}",
        )
        cells.append(_count(opener, judged, both(none, equal(judged, "class", other)), what))
    rows.append(Row((*cells, words.DASH)))
    return Table(
        Text("客户经理与委员会的认定，对照系统", "what officers and committee booked, against the system"),
        heads,
        tuple(rows),
    )


def _count(opener: Opener, judged: Outcome, where: Any, said: Text) -> Any:
    return opener.count(judged, where, title=said, said=said) if pc.any(where).as_py() else words.DASH


def _bad_debts(opener: Opener, judged: Outcome) -> Table:
    columns = (
        "party_id",
        "class",
        "system_floor",
        "officer",
        "committee",
        "booked",
        "booked_on",
        "overdue_days",
        "principal",
    )
    heads = (
        Text("借据", "drawdown"),
        Text("借款人", "borrower"),
        Text("分类", "class"),
        Text("系统下限", "system floor"),
        Text("客户经理", "officer"),
        Text("委员会", "committee"),
        Text("认定结果", "booked"),
        Text("认定日", "booked on"),
        Text("逾期", "past due"),
        Text("本金", "principal"),
    )
    rows = []
    for row in largest(judged, "principal", 15, among(judged, "class", BAD)):
        key = key_of(judged, row)
        cells = [opener.cell(judged, key, name) for name in columns]
        rows.append(Row((opener.row(judged, key), *cells), STEPS.get(row["class"], "3")))
    caption = Text("不良借据，本金最大的十五笔", "non-performing, the fifteen largest")
    return Table(caption, heads, tuple(rows))
