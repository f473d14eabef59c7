"""Levels: the page says what the schema does, and every personal column is level 3 or more and stored as ciphertext."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo.ground.book.catalogue import TABLES

DAY = date(2025, 3, 31)
PERSONAL = [(table, column) for table in TABLES.values() for column in table.personal_columns]


def test_the_page_is_what_the_program_does(server: Any, project_root: Path) -> None:
    from panhuo_server.accounts.privacy_page import parts

    page = (project_root / "docs" / "privacy.md").read_text(encoding="utf-8")
    for name, text in parts().items():
        assert text in page, (
            f"{name}: run python -m panhuo_server.accounts.privacy_page and put it into docs/privacy.md"
        )
    for table, column in PERSONAL:
        assert f"| `{table.name}` | `{column.name}` |" in page


def test_every_personal_column_is_level_three_or_more() -> None:
    assert PERSONAL and all(column.level >= 3 for _, column in PERSONAL)


def test_every_personal_column_is_stored_as_ciphertext_and_shown_from_its_level_on(
    server: Any, founded: Any, admin: Any
) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.declared import quoted, shared_rows
    from panhuo_server.store.sealing import seal

    def value(column: Any) -> Any:
        if column.codes is not None:
            return next(iter(column.codes)).code
        kinds = {pa.string(): "x", pa.int64(): 1, pa.int32(): 1, pa.date32(): DAY, pa.bool_(): True}
        return kinds[column.arrow_type()]

    bank, facts = founded("lender"), {}
    for table in {table.name: table for table, _ in PERSONAL}.values():
        row = {c.name: value(c) for c in table.fact_schema.columns if c.required and c.name != "org_id"}
        row |= {str(c.personal): "p1" for c in table.personal_columns}
        row |= {c.name: f"金丝雀{table.name}{c.name}" for c in table.personal_columns}
        facts[table.name] = pa.Table.from_pylist([row])
    with acting(bank.org, bank.person, "import"):
        seal(facts, idempotency_key="x")
    for table, column in PERSONAL:
        stored, text = admin.execute(
            f"select {quoted(column.name)}, t::text from {quoted(table.name)} t where org_id = %s", [bank.org]
        ).fetchone()
        assert stored and len(stored) > 40 and "金丝雀" not in text, (table.name, column.name)
        masked = "\n".join(shared_rows(table))
        assert f'when s.share_level >= {column.level} then s."{column.name}"' in masked
