"""What a file may be: the declared tables by family, the known sources, and the table its headers fit best.

Invariant: a guess is shown as one and never sealed unasked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.foreign import KINDS
from panhuo.ground.book.reading import headers
from panhuo.ground.book.table import FAMILIES, Table
from panhuo.journey.report.words import Text

SOURCES: dict[str, Text] = {
    "cn-invoices": Text("中小企业进销项发票（企业信息、进项、销项三张表，放在一个 zip 里）",
                        "Invoices of Chinese small firms (firms, purchases, sales; zipped)"),
    "eba-npl": Text("EBA 不良贷款数据模板（zip）", "EBA templates for non-performing loans (zip)"),
    "sba": Text("SBA 7(a) 与 504 贷款（CSV 或 zip）", "SBA 7(a) and 504 loans (CSV or zip)"),
}  # fmt: skip
"""Known kinds of foreign source, as people call them."""
assert set(SOURCES) == set(KINDS)


def thing(table: Table) -> Text:
    """What one row of a table is called, as a heading."""
    bare = table.en.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    return Text(table.zh, bare[:1].upper() + bare[1:])


def families() -> list[tuple[Text, list[tuple[str, Text]]]]:
    """The declared tables by their codes and names, family by family."""
    return [
        (Text(zh, en), [(t.name, thing(t)) for t in TABLES.values() if t.family == code])
        for code, (zh, en) in FAMILIES.items()
    ]


def missing(table: Table, found: headers.Matched) -> list[str]:
    """Required columns no header stands for and nothing else supplies."""
    supplied = {"org_id", "id", "effective_on", *(["currency"] if "currency" in table.schema else [])}
    needed = [c.name for c in table.schema.columns if c.required]
    return [name for name in needed if name not in found.places and name not in supplied]


def guessed(names: Sequence[str], called: str) -> Table | None:
    """The table a file most likely holds: the one it is named for, else the one its headers fit best."""
    stem = headers.plain(re.split(r"[.]", PurePath(called).name)[0])
    best: tuple[tuple[int, int], Table] | None = None
    for table in TABLES.values():
        found = headers.match(table, names)
        own = [name for name in found.places if name in table.schema]
        if not own:
            continue
        # A file named for the table weighs as much as three columns, a required column that is missing as one.
        named = headers.plain(table.name) in stem or headers.plain(table.zh)[-2:] in stem
        rank = (len(found.places) - len(missing(table, found)) + 3 * named, -len(table.schema.columns))
        if best is None or rank > best[0]:
            best = (rank, table)
    return best[1] if best is not None else None


def sheets_of(content: bytes) -> list[str]:
    """Names of a workbook's sheets; none when it is no workbook this can tell."""
    if content[:2] != b"PK":
        return []
    try:
        from openpyxl import load_workbook

        return [str(name) for name in load_workbook(io.BytesIO(content), read_only=True).sheetnames]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return []
