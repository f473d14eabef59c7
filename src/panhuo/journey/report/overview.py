"""The first sections: the figures a committee asks for first, and what was decided on applications.

Invariant: order and words are decided here, numbers are not; amounts of several currencies stand apart.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.record.outcome import Outcome
from panhuo.journey.report import words
from panhuo.journey.report.layout import Row, Section, Table, among, both, equal, largest
from panhuo.journey.report.opening import Figure, Opener, Part, key_of
from panhuo.journey.report.words import Text

BAD = ("substandard", "doubtful", "loss")
SHOWN = 3
"""Currencies shown one by one; a book of more is named and not added up."""


def bought_book(outcomes: dict[str, Outcome]) -> bool:
    """Whether no debt of the book has days past due: bought claims come without the lender's plan and ledger, so
    classes, provisions, vintages and warnings of them would say nothing."""
    overdue = outcomes.get("days_past_due")
    if overdue is None:
        return False
    column = overdue.table.column("overdue_days")
    return bool(column.null_count == len(column)) and not _stated(outcomes)


def _stated(outcomes: dict[str, Outcome]) -> bool:
    judged = outcomes.get("classes")
    return judged is not None and bool(pc.any(pc.is_valid(judged.table.column("booked"))).as_py())


def in_currency(names: list[str], currency: str) -> Text:
    """A heading's tail that names the currency, where a book has several."""
    return words.NOTHING if len(names) == 1 else Text(f"（{currency}）", f" ({currency})")


def say_currencies(section: Section, names: list[str]) -> None:
    """Says once, at the top, what currencies the amounts are in, where they are not all yuan."""
    if not names or names == ["CNY"]:
        return
    zh, en = "、".join(names[:6]), ", ".join(names[:6])
    more = f"，等 {len(names)} 种" if len(names) > 6 else ""
    also = f" and {len(names) - 6} more" if len(names) > 6 else ""
    section.lead.append(
        Text(
            f"本账册的币种：{zh}{more}。金额不作换算，也不跨币种相加；每个金额写明自己的币种。",
            f"Currencies of this book: {en}{also}. Nothing is converted or added up across them; "
            "every amount names its own.",
        )
    )
    if len(names) > SHOWN:
        section.lead.append(
            Text(
                f"币种超过 {SHOWN} 个，合计类数字只列借据最多的 {SHOWN} 个币种。",
                f"Of more than {SHOWN} currencies, totals are given for the {SHOWN} with most drawdowns.",
            )
        )


def summary(opener: Opener) -> Section:
    """The figures a committee asks for first."""
    outcomes = opener.outcomes
    section = Section("summary", Text("概览", "At a glance"))
    overdue = outcomes.get("days_past_due")
    if overdue is not None:
        say_currencies(section, opener.currencies_in(overdue))
    if "provision_summary" in outcomes and "provisions" in outcomes and not bought_book(outcomes):
        for currency in opener.currencies_in(outcomes["provisions"])[:SHOWN]:
            section.figures += _whole_book(opener, currency)
    if "warnings" in outcomes and len(outcomes["warnings"]) and not bought_book(outcomes):
        warned = outcomes["warnings"]
        said = Text("红色预警", "red warnings")
        section.figures.append(
            opener.count(warned, equal(warned, "level", "red"), title=Text("红色预警（笔）", "red warnings"), said=said)
        )
    if "deadlines" in outcomes and len(outcomes["deadlines"]):
        wall = outcomes["deadlines"]
        for state, title in (
            ("urgent", Text("三十日内到期的权利", "rights that end within 30 days")),
            ("passed", Text("已过期限的权利", "rights whose day has passed")),
        ):
            section.figures.append(opener.count(wall, equal(wall, "state", state), title=title, said=title))
    for name, column, title in (
        ("claim_values", "value", Text("债权价值合计", "value of claims")),
        ("maximum_bids", "maximum_bid", Text("最高报价合计", "sum of maximum bids")),
    ):
        if name in outcomes and len(outcomes[name]):
            held = outcomes[name]
            names = opener.currencies_in(held)
            for currency in names[:SHOWN]:
                tail = title + in_currency(names, currency)
                where = opener.only(held, currency)
                section.figures.append(opener.total(held, column, where, currency=currency, title=tail, large=True))
    return section


def _whole_book(opener: Opener, currency: str) -> list[Figure]:
    """Balance, bad loans and provisions of one currency, from the rows of the debts."""
    held, whole = opener.outcomes["provisions"], opener.outcomes["provision_summary"]
    names = opener.currencies_in(held)
    tail = in_currency(names, currency)
    mine = opener.only(held, currency)
    at = whole.row_of(currency)
    row = whole.table.slice(at, 1).to_pylist()[0]

    def total(column: str, where: Any, title: Text, said: Text) -> Figure:
        return opener.total(held, column, where, currency=currency, title=title + tail, said=said, large=True)

    balance = total("balance", mine, Text("贷款余额", "loans"), Text("全部借据", "all drawdowns"))
    bad = total(
        "balance",
        both(mine, among(held, "five_class", BAD)),
        Text("不良贷款", "non-performing"),
        Text("次级、可疑、损失", "substandard, doubtful, loss"),
    )
    late = total(
        "balance", both(mine, _past_due(opener, held, 0)), Text("逾期贷款", "past due"), Text("逾期", "past due")
    )
    long = total(
        "balance",
        both(mine, _past_due(opener, held, 90)),
        Text("逾期90天以上", "over 90 days past due"),
        Text("逾期90天以上", "over 90 days past due"),
    )
    specific = total("specific", mine, Text("专项准备", "specific provisions"), Text("全部借据", "all drawdowns"))
    general = words.label(whole.schema["general"])
    provisions = opener.made_of(
        (
            Part(specific.name, words.exact(row["specific"], currency), specific.value, opens=("", specific.drawer)),
            Part(general, words.exact(row["general"], currency), row["general"], opens=(whole.name, currency)),
        ),
        words.hundred_million(row["provisions"], currency),
        row["provisions"],
        Text("按分类应提准备", "provisions by class") + tail,
        Text("专项准备与一般准备之和", "specific and general provisions added up"),
        whole,
    )
    reserve = opener.cell(whole, (currency,), "requirement", words.hundred_million(row["requirement"], currency))
    expected = total(
        "expected_loss",
        mine,
        Text("预期信用损失（供参照）", "expected loss, beside"),
        Text("全部借据", "all drawdowns"),
    )
    found = [balance, bad]
    for name, part, over in (
        ("npl_ratio", bad, balance),
        ("overdue_ratio", late, balance),
        ("overdue_over_90_days_to_npl", long, bad),
    ):
        found += _share(opener, whole, row, name, part, over, tail)
    found.append(provisions)
    found += _share(opener, whole, row, "coverage", provisions, bad, tail)
    found += _share(opener, whole, row, "loan_ratio", provisions, balance, tail)
    return [*found, reserve.named(reserve.name + tail), expected]


def _share(
    opener: Opener, whole: Outcome, row: dict[str, Any], name: str, part: Figure, over: Figure, tail: Text
) -> list[Figure]:
    if row[name] is None:
        return []
    return [
        opener.share(
            row[name], part, over, words.label(whole.schema[name]) + tail, source=whole, currency=row["currency"]
        )
    ]


def _past_due(opener: Opener, held: Outcome, days: int) -> Any:
    """Which rows of an outcome by drawdown are more than `days` past due."""
    overdue = opener.outcomes["days_past_due"].table
    late = overdue.filter(pc.fill_null(pc.greater(overdue.column("overdue_days"), days), False)).column("drawdown_id")
    return pc.is_in(
        held.table.column("drawdown_id"), value_set=late.combine_chunks() if len(late) else pa.array([], pa.string())
    )


def lending(opener: Opener) -> Section | None:
    """Applications decided: how many, how much, at what rate."""
    outcomes = opener.outcomes
    name = next((n for n in ("credit_offers", "limits") if n in outcomes and len(outcomes[n])), None)
    if name is None:
        return None
    decided = outcomes[name]
    section = Section("lending", Text("授信", "Lending"))
    amount = next((n for n in ("offered", "limit") if n in decided.schema), None)
    if amount is None or not pc.sum(decided.table.column(amount)).as_py():
        return None
    section.figures.append(opener.total(decided, amount, large=True, said=Text("全部申请户", "all applicants")))
    if name == "credit_offers" and len(outcomes.get("credit_plan", ())):
        plan = outcomes["credit_plan"]
        key = key_of(plan, plan.table.slice(0, 1).to_pylist()[0])
        section.figures += [opener.cell(plan, key, n) for n in ("served", "expected_return", "average_return")]
    columns = [c for c in decided.schema.columns if not c.key and c.type.value not in ("text", "bool")][:6]
    heads = tuple(words.label(decided.schema[k]) for k in decided.schema.key) + tuple(words.label(c) for c in columns)
    rows = []
    for row in largest(decided, amount, 15):
        key = key_of(decided, row)
        rows.append(Row((opener.row(decided, key), *(opener.cell(decided, key, c.name) for c in columns))))
    caption = Text("额度最大的十五户", "the fifteen largest")
    section.blocks.append(Table(caption, heads, tuple(rows)))
    return section
