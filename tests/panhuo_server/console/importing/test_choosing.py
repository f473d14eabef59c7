"""The table a file is taken for, from its headers or its name."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("headers", "called", "table"),
    [
        (["借据号", "合同编号", "客户号", "放款金额", "发放日", "到期日"], "台账.csv", "drawdowns"),
        (["发票号码", "开票日期", "购方名称", "金额", "税额"], "进项发票.xlsx", "invoices"),
        (["id", "kind", "name", "registered_on"], "parties.csv", "parties"),
        (["甲", "乙"], "x.csv", None),
    ],
)
def test_the_table_is_guessed(headers: list[str], called: str, table: str | None) -> None:
    from panhuo_server.console.importing.choosing import guessed

    found = guessed(headers, called)
    assert (found.name if found else None) == table
