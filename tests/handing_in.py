"""A list of customers as somebody hands it in: two good rows, a bad one, names of persons among them."""

from __future__ import annotations

from typing import Any

NAME, SECOND = "欧阳测试甲", "欧阳测试乙"
FILE = (
    "编号,名称,类型,发生日\n"
    f"P-1,{NAME},person,2026-01-05\n"
    f"P-2,{SECOND},no such kind,2026-01-05\n"
    "P-3,测试商行,company,2026-01-06\n"
).encode()


def take(bank: Any, content: bytes = FILE, *, called: str = "客户名单 欧阳.csv", **given: Any) -> str:
    """Hands a file in for whoever founded the bank; the import's name."""
    from panhuo_server.flows.importing import hand_in
    from panhuo_server.store.acting import acting

    given.setdefault("table", "parties")
    with acting(bank.org, bank.person, "import"):
        return hand_in(content, file_name=called, only=("class_floor",), **given)
