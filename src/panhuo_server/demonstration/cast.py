"""Who takes part in the demonstration: organisations of every kind around one county bank, a person for each role.

Invariant: nobody here exists; addresses end in ``.example``, passwords are drawn by chance for each demonstration.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from panhuo.journey.report.words import Text

BANK, ASSET_MANAGER, INVESTOR, BORROWER = "self", "amc", "fund", "firm"
MEDIATION, COURT, SUPERVISOR = "mediation", "court", "supervision"

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that are taken for another when they are copied by hand."""


@dataclass(frozen=True)
class Organisation:
    """An organisation of the demonstration; its founder is the first person of the cast who belongs to it."""

    org: str
    kind: str
    name: str


@dataclass(frozen=True)
class Person:
    """Somebody to sign in as: the roles they hold, what they come for; a main role is one of the first to try."""

    org: str
    roles: tuple[str, ...]
    title: Text
    name: str
    email: str
    comes_for: Text
    main: bool = True


@dataclass(frozen=True)
class SignIn:
    """How somebody signs in."""

    person: Person
    organisation: str
    password: str = field(repr=False)


def password() -> str:
    """Twelve letters and digits in three groups: 59 bits by chance."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def organisations(bank: str, place: str, borrower: str) -> tuple[Organisation, ...]:
    """The organisations around a bank.

    Args:
        bank, place: its name, and what the names of the others near it begin with.
        borrower: the name of the company whose own account is shown.
    """
    return (
        Organisation(BANK, "lender", bank),
        Organisation(ASSET_MANAGER, "asset_manager", "楚江资产管理有限公司"),
        Organisation(INVESTOR, "investor", "长河特殊资产投资基金"),
        Organisation(MEDIATION, "mediation", f"{place}金融纠纷调解中心"),
        Organisation(COURT, "court", f"{place}县人民法院"),
        Organisation(BORROWER, "borrower", borrower),
        Organisation(SUPERVISOR, "supervisor", f"{place}金融监管支局"),
    )


CAST = (
    Person(BANK, ("officer", "privacy_officer"), Text("客户经理（兼管理员）", "credit officer, administrator"), "王敏",
           "officer@bank.example", Text("今日、期限墙、台账、债权", "today, deadlines, the book, claims")),
    Person(ASSET_MANAGER, ("asset_manager", "privacy_officer"), Text("资产经理", "asset manager"), "赵启明",
           "manager@amc.example", Text("收购的债权、估值、最高报价", "claims bought, values, maximum bids")),
    Person(ASSET_MANAGER, ("lawyer",), Text("律师", "lawyer"), "孙静", "lawyer@amc.example",
           Text("期限、程序、担保与查封", "deadlines, proceedings, security, seizures")),
    Person(MEDIATION, ("mediator", "privacy_officer"), Text("调解员", "mediator"), "吴兰",
           "mediator@mediation.example", Text("调解案件", "cases in mediation")),
    Person(INVESTOR, ("investor", "privacy_officer"), Text("投资经理", "investment manager"), "何宇",
           "investor@fund.example", Text("资产公司共享的资产包", "the package the asset manager shares")),
    Person(BANK, ("auditor",), Text("审计人员", "auditor"), "陈思远", "auditor@bank.example",
           Text("打开任一数字，验证收据", "any number, opened; its receipt, verified")),
    Person(BORROWER, ("debtor",), Text("借款人", "borrower"), "刘建军", "borrower@firm.example",
           Text("自己的贷款、谁看过我的数据", "their own loans, who read of them")),
    Person(COURT, ("judge", "clerk"), Text("法官", "judge"), "郑明", "judge@court.example",
           Text("本院案件", "the court's own cases"), main=False),
    Person(BANK, ("approver",), Text("审批人", "approver"), "周岚", "approver@bank.example",
           Text("批准他人发起的事项", "approves what another proposed"), main=False),
    Person(ASSET_MANAGER, ("committee",), Text("投决会委员", "committee member"), "钱立",
           "committee@amc.example", Text("投决会表决", "votes in the committee"), main=False),
    Person(BANK, ("risk_manager",), Text("风险经理", "risk manager"), "高远", "risk@bank.example",
           Text("预警、分类、拨备", "warnings, classes, provisions"), main=False),
    Person(SUPERVISOR, ("supervisor",), Text("监管人员", "supervisor's officer"), "马清",
           "supervisor@supervision.example", Text("汇总数，不见逐笔", "aggregates, never a row"), main=False),
)  # fmt: skip
"""Everybody, the main roles first."""


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _column(cells: Sequence[str]) -> list[str]:
    width = max(map(_wide, cells))
    return [cell + " " * (width - _wide(cell)) for cell in cells]


def told(sign_ins: Sequence[SignIn]) -> str:
    """The sign-ins as a person copies them from a terminal, in both languages, main roles first."""
    rows = sorted(sign_ins, key=lambda one: not one.person.main)
    roles = _column([f"{one.person.title.zh} {one.person.title.en}" for one in rows])
    where = _column([one.organisation for one in rows])
    emails = _column([one.person.email for one in rows])
    lines: list[str] = []
    for one, role, organisation, email in zip(rows, roles, where, emails, strict=True):
        if lines and not one.person.main and not any(line == "" for line in lines):
            lines.append("")
        lines.append(f"  {role}  {organisation}  {email}  {one.password}")
    return "\n".join(lines)
