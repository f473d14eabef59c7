"""A person's own report 查阅与复制 (个人信息保护法 arts. 44, 45): what is held, why, who read it, to whom it went.

Invariant: making it is itself a read, noted before any value is opened; values of other people stay closed.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.folder import write_whole
from panhuo.ground.book.table import Table
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.trust.privacy.uses import RECORDS, purposes_of
from panhuo_server.accounts import consent, forgetting, shares
from panhuo_server.accounts.reads import reads_of
from panhuo_server.accounts.roles import require
from panhuo_server.store import erasing
from panhuo_server.store.acting import current
from panhuo_server.store.reading import facts_of, opened, stored_of_party
from panhuo_server.store.statements import today

BASES = {
    "contract": ("订立、履行合同所必需", "necessary for a contract"),
    "legal_duty": ("履行法定义务所必需", "necessary for a duty of law"),
    "consent": ("个人同意", "consent"),
}
"""Lawful bases in both languages."""

SHEETS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("held", "持有的信息 held", ("table", "table_zh", "table_en", "id", "effective_on", "column", "zh", "en", "value")),
    ("why", "目的与依据 why", ("table", "purpose", "zh", "en", "basis", "basis_zh", "basis_en", "article")),
    ("consents", "同意 consents", (
        "consent", "purpose", "standing", "granted_on", "expires_on", "withdrawn_on", "recipient", "separate")),
    ("uses", "同意的使用 uses", ("consent", "purpose", "recipient", "used_for", "person", "used_at")),
    ("reads", "查阅记录 reads", ("reader_org", "person", "purpose", "table", "columns", "read_at")),
    ("shares", "对外提供 shares", (
        "to_org", "table", "row", "level", "purpose", "valid_from", "valid_until", "ended_at")),
    ("retention", "保存期限 retention", ("rule", "article", "record", "until", "binds")),
)  # fmt: skip
"""Parts of the report: key, name of its sheet, columns."""


def _naming(table: Table) -> list[str]:
    named = {column.name for column in table.schema.columns if column.references == "parties"}
    named |= {str(column.personal) for column in table.personal_columns}
    return sorted(named | ({"id"} if table.name == "parties" else set()))


def _rows(table: Table, party: str) -> list[dict[str, Any]]:
    # Every fact that names the party; personal values of it opened (which is noted first), those of others closed.
    if not table.personal_columns:
        facts = facts_of(table.name, as_of=date(9999, 12, 31))
        mine = pa.array([False] * len(facts), pa.bool_())
        for name in _naming(table):
            mine = pc.or_(mine, pc.fill_null(pc.equal(facts.column(name), party), False))
        found: list[dict[str, Any]] = facts.filter(mine).to_pylist()
        return found
    stored = stored_of_party(table, party)
    if not len(stored):
        return []
    rows: list[dict[str, Any]] = opened(table, stored).to_pylist()
    for row in rows:
        for column in table.personal_columns:
            if row[str(column.personal)] != party:
                row[column.name] = None
    return rows


def _held(party: str) -> list[dict[str, Any]]:
    found = []
    for table in TABLES.values():
        if not _naming(table):
            continue
        for row in _rows(table, party):
            for column in table.schema.columns:
                if row[column.name] is not None:
                    found.append(
                        {
                            "table": table.name, "table_zh": table.zh, "table_en": table.en, "id": row["id"],
                            "effective_on": row["effective_on"], "column": column.name, "zh": column.zh,
                            "en": column.en, "value": row[column.name], "personal": column.personal is not None,
                        }
                    )  # fmt: skip
    return found


def _why(tables: list[str]) -> list[dict[str, Any]]:
    found = []
    for table in tables:
        purposes = purposes_of(table)
        for one in purposes:
            zh, en = BASES[one.basis]
            found.append(
                {"table": table, "purpose": one.code, "zh": one.zh, "en": one.en, "basis": one.basis, "basis_zh": zh,
                 "basis_en": en, "article": one.article}
            )  # fmt: skip
        if not purposes:
            article, zh, en = RECORDS
            said = BASES["legal_duty"]
            found.append(
                {"table": table, "purpose": "", "zh": zh, "en": en, "basis": "legal_duty", "basis_zh": said[0],
                 "basis_en": said[1], "article": article}
            )  # fmt: skip
    return found


def report(party: str) -> dict[str, Any]:
    """The report about one party of the organisation acted for; inside `acting`.

    Returns:
        ``party, organisation, made_on, erased_under`` and the parts of `SHEETS`, each a list of rows. Reads by other
        organisations name the organisation, not its people. The read this report is stands in it.

    Raises:
        NotAllowed: when no role of whoever acts may read personal data.
        NotFound: when the organisation holds nothing of that party.
    """
    require("read_personal")
    if not erasing.known(party):
        raise NotFound(f"nothing is held of party {party}", where=party)
    held = _held(party)
    about = erasing.shares_about(party)
    gone = forgetting.erased(party)
    return {
        "party": party,
        "organisation": current().org,
        "made_on": today(),
        "erased_under": gone[0] if gone else None,
        "held": held,
        "why": _why(list(dict.fromkeys(row["table"] for row in held))),
        "consents": [vars(one) for one in consent.of_party(party)],
        "uses": [vars(one) for one in consent.uses_of(party)],
        "reads": [vars(one) for one in reads_of(party)],
        "shares": [vars(one) for one in shares.given() if one.share in about],
        "retention": [vars(one) for one in forgetting.kept(party)],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def as_json(found: dict[str, Any]) -> bytes:
    """The report as JSON, days as ISO 8601."""
    return json.dumps(found, ensure_ascii=False, indent=1, default=_plain).encode() + b"\n"


def _write_workbook(found: dict[str, Any], path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)

    def cell(page: Any, value: Any) -> Any:
        # Everything is written as text: never as a formula, and no digit of a number is lost.
        said = _plain(value)
        text = "" if said is None else " ".join(map(str, said)) if isinstance(said, list) else str(said)
        made = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:32767])
        made.data_type = "s"
        return made

    first = book.create_sheet("说明 summary")
    for zh, en, key in (
        ("个人信息主体", "party", "party"), ("个人信息处理者", "organisation", "organisation"),
        ("出具日期", "made on", "made_on"), ("已依此规则删除", "erased under", "erased_under"),
    ):  # fmt: skip
        first.append([cell(first, text) for text in (zh, en, found[key])])
    for key, name, columns in SHEETS:
        page = book.create_sheet(name)
        page.append([cell(page, column) for column in columns])
        for row in found[key]:
            page.append([cell(page, row.get(column)) for column in columns])
    book.save(path)


def write(found: dict[str, Any], path: Path) -> None:
    """Writes a report as its name says: ``.json`` or ``.xlsx``; only its owner may read the file.

    Raises:
        InvalidInput: for another ending.
    """
    if path.suffix == ".json":
        write_whole(path, as_json(found), private=True)
    elif path.suffix == ".xlsx":
        path.touch(mode=0o600)
        _write_workbook(found, path)
    else:
        raise InvalidInput(f"what kind of file is {path.name}?", remedy="end it in .json or .xlsx")
