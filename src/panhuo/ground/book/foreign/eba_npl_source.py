"""The EBA NPL templates as rows of text, and what was noticed while reading them.

Invariant: what cannot be read is unknown and counted by template and column; nothing inside a file raises.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from panhuo.ground.book.currencies import CURRENCIES, NOT_KNOWN, minor_units
from panhuo.ground.book.reading.frames import read_frame
from panhuo.ground.book.reading.problems import Problem, Reason
from panhuo.ground.record.errors import InvalidInput, NotFound

Rows = dict[str, list[dict[str, Any]]]

ENDINGS = (".csv", ".csv.gz", ".parquet")
MARKS = {
    "counterparty": "legal_type_of_counterparty",
    "loan": "accrued_interest_balance_on_book",
    "propertycollateral": "type_of_property",
    "nonpropertycollateral": "collateral_type",
    "enforcement": "court_auction_identifier",
    "forbearance": "type_of_forbearance",
    "externalcollection": "name_of_external_debt_collection_agent",
    "historicalrepayment": "history_of_total_repayments",
    "portfoliosnapshot": "cutoff_date",
}
"""Template -> a header no other template has."""

NO_CUT_OFF = Reason(
    "NO_CUT_OFF",
    "没有组合快照，无基准日：以贷款中最晚的末次还款日代替",
    "no portfolio snapshot, so no cut-off date: the latest payment date of the loans stands in for it",
    "补上 portfoliosnapshot",
    "add the portfolio snapshot",
)
LACKS = Reason(
    "LACKS", "必填项缺失或无法读取", "needed, and missing or not readable", "补上后重新导入", "add it and import again"
)
TWICE = Reason("TWICE", "编号重复", "the id stands twice", "保留一条", "keep one")
NOBODY = Reason(
    "NOBODY", "所指对象不在来源中", "what it points to is not in the source", "补上所指对象", "add what it points to"
)
UNREAD = Reason(
    "UNREAD",
    "{count} 个值无法读取：按未知处理",
    "{count} value(s) cannot be read: taken as not known",
    "核对该列",
    "check the column",
)
UNKNOWN_CHOICE = Reason(
    "UNKNOWN_CHOICE",
    "{count} 行的选项不在模板列表中或本系统无对应项：按未知或其他处理",
    "{count} row(s) have a choice the template does not list or this book has no word for: taken as not known or other",
    "按模板核对选项",
    "check the choices against the template",
)
NO_CURRENCY = Reason(
    "NO_CURRENCY",
    "{count} 行的币种（{names}）不在 ISO 4217 中：金额原样保留，币种记为不明（XXX）",
    "{count} row(s) name currencies ({names}) that are none of ISO 4217's: amounts kept, currency not known (XXX)",
    "改为 ISO 4217 代码",
    "give the ISO 4217 code",
)
AFTER_CUT_OFF = Reason(
    "AFTER_CUT_OFF",
    "{count} 个日期晚于基准日 {day}：原样保留，基准日的快照不计",
    "{count} day(s) lie after the cut-off {day}: kept, and not seen by a snapshot of that day",
    "核对日期",
    "check the days",
)
NOT_A_RATE = Reason(
    "NOT_A_RATE",
    "{count} 行的年利率超过 100 %：按未知处理，不据以计息",
    "{count} row(s) state a rate above 100 % a year: taken as not known, and no interest is computed from it",
    "核对利率及其单位",
    "check the rate and its unit",
)
NOT_USED = Reason(
    "TEMPLATE_NOT_USED",
    "该模板的 {count} 行无处可存：未导入",
    "this book has no table for the {count} row(s) of this template: not taken in",
    "无需处理",
    "nothing to do",
)


@dataclass
class Source:
    """The templates found, as rows of text, and what was noticed while reading them."""

    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)
    choices: Counter[tuple[str, str]] = field(default_factory=Counter)
    late: Counter[tuple[str, str]] = field(default_factory=Counter)
    currencies: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    rates: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, template: str) -> list[dict[str, str]]:
        """Rows of a template; none where the source lacks it."""
        return self.rows.get(template, [])

    def bad(self, template: str, row: dict[str, str], column: str, reason: Reason) -> None:
        """Sets a row aside."""
        self.problems.append(
            Problem.of(self.files[template], int(row["#"]), column, row.get(column, ""), reason, "bad")
        )

    def day(self, template: str, row: dict[str, str], column: str) -> date | None:
        """A day; unknown where it cannot be read."""
        text = row.get(column, "")[:10]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.unread[template, column] += 1
            return None

    def number(self, template: str, row: dict[str, str], column: str) -> Decimal | None:
        """A number; unknown where it cannot be read."""
        text = row.get(column, "")
        try:
            found = Decimal(text) if text else None
        except InvalidOperation:
            found = None
            self.unread[template, column] += 1
        if found is not None and not (found.is_finite() and abs(found) < 10**14):
            self.unread[template, column] += 1
            return None
        return found

    def money(self, template: str, row: dict[str, str], column: str, currency: str) -> int | None:
        """An amount in minor units of `currency`."""
        found = self.number(template, row, column)
        if found is None:
            return None
        return int((found * minor_units(currency)).to_integral_value(rounding=ROUND_HALF_UP))

    def choice(self, template: str, row: dict[str, str], column: str, words: dict[int, str]) -> str | None:
        """The book's word for a choice."""
        text = row.get(column, "")
        if not text:
            return None
        found = self.number(template, row, column)
        word = words.get(int(found)) if found is not None and found == int(found) else None
        if word is None:
            self.choices[template, column] += 1
        return word

    def flag(self, row: dict[str, str], column: str) -> bool | None:
        """Yes, no or unknown."""
        return {"true": True, "1": True, "false": False, "0": False}.get(row.get(column, "").lower())

    def currency(self, template: str, row: dict[str, str], column: str) -> str:
        """The currency stated; XXX where none is, or where it is no code of ISO 4217."""
        text = row.get(column, "").upper()
        if text in CURRENCIES:
            return text
        self.currencies.setdefault((template, column), Counter())[text or "-"] += 1
        return NOT_KNOWN

    def rate(self, template: str, row: dict[str, str], column: str) -> int | None:
        """A yearly rate in ppm from one in percent; unknown above 100 %."""
        found = self.number(template, row, column)
        if found is None:
            return None
        if abs(found) > 100:
            self.rates[template, column] += 1
            return None
        return int((found * 10_000).to_integral_value(rounding=ROUND_HALF_UP))


def templates_of(source: Path) -> Source:
    """The tables of a folder (or one file), told apart by their headers.

    Raises:
        NotFound: no tables there.
        InvalidInput: the loans or the counterparties are missing.
    """
    files = sorted(p for p in source.iterdir() if p.name.lower().endswith(ENDINGS)) if source.is_dir() else [source]
    if not files:
        raise NotFound(f"no tables in {source.name}", where=str(source), remedy=f"files ending in {', '.join(ENDINGS)}")
    found = Source()
    for file in files:
        table = read_frame(file)
        template = next((t for t, mark in MARKS.items() if mark in table.column_names), None)
        if template is None:
            continue
        found.files[template] = file.name
        texts = {n: [_text(v) for v in table.column(n).to_pylist()] for n in table.column_names}
        found.rows[template] = [
            {"#": str(at + 2), **{n: texts[n][at] for n in table.column_names}} for at in range(len(table))
        ]
    for needed in ("loan", "counterparty"):
        if needed not in found.rows:
            raise InvalidInput(
                f"no table of the {needed} template",
                where=str(source),
                remedy=f"it is known by its column {MARKS[needed]}",
            )
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).strip()
    return re.sub(r"(?<=\d)\.0+\Z", "", text) if not isinstance(value, bool) else text


def cut_off_of(found: Source) -> date:
    """The cut-off date of the portfolio; without a snapshot the latest payment date, with a note.

    Raises:
        InvalidInput: when nothing tells it.
    """
    for row in found.of("portfoliosnapshot"):
        day = found.day("portfoliosnapshot", row, "cutoff_date")
        if day is not None:
            return day
    days = [d for row in found.of("loan") if (d := found.day("loan", row, "last_payment_date")) is not None]
    if not days:
        raise InvalidInput("no cut-off date", where="portfoliosnapshot", remedy="give the portfolio snapshot")
    found.problems.append(Problem.of(found.files["loan"], 0, "last_payment_date", max(days), NO_CUT_OFF, "note"))
    return max(days)


def placed(found: Source, template: str, row: dict[str, str], effective_on: date) -> dict[str, Any]:
    """The fact columns of a row: its day and where it stood."""
    return {"effective_on": effective_on, "source_doc": found.files[template], "source_row": int(row["#"])}


def first_of_each(found: Source, template: str) -> list[dict[str, str]]:
    """Rows with an id, the first of each."""
    seen: set[str] = set()
    kept = []
    for row in found.of(template):
        reason = LACKS if not row.get("id") else TWICE if row["id"] in seen else None
        if reason is not None:
            found.bad(template, row, "id", reason)
            continue
        seen.add(row["id"])
        kept.append(row)
    return kept


_WATCHED = {"contracts": "signed_on", "appraisals": "appraised_on", "modifications": "approved_on",
            "recoveries": "received_on", "auction_rounds": "starts_on"}  # fmt: skip


def note_days(found: Source, cut_off: date, tables: Rows) -> None:
    """Notes days after the cut-off, once a column."""
    for name, column in _WATCHED.items():
        for row in tables.get(name, []):
            if row[column] is not None and row[column] > cut_off:
                found.late[row["source_doc"], column] += 1


def note_all(found: Source, cut_off: date) -> None:
    """One note a column of what was taken as unknown."""
    counted = ((found.unread, UNREAD), (found.choices, UNKNOWN_CHOICE), (found.rates, NOT_A_RATE))
    for counts, reason in counted:
        for (template, column), count in sorted(counts.items()):
            found.problems.append(Problem.of(found.files[template], 0, column, "", reason, "note", count=count))
    for (template, column), names in sorted(found.currencies.items()):
        words = {"count": sum(names.values()), "names": ", ".join(sorted(names))}
        found.problems.append(Problem.of(found.files[template], 0, column, "", NO_CURRENCY, "note", **words))
    for (file, column), count in sorted(found.late.items()):
        found.problems.append(Problem.of(file, 0, column, "", AFTER_CUT_OFF, "note", count=count, day=cut_off))
