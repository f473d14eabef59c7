"""Purposes, roles and acts: who may enter for what, declared here and nowhere else.

Invariant: the database holds the same table (``role_permissions``), from which the door decides; a test compares them.
A role allows purposes (why its holder may enter at all) and acts (what of weight it may do there); what a role does not
name it does not allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import InvalidInput, NotAllowed
from panhuo_server.store.acting import CLOCK, current

KINDS = CodeList.of(
    "organisation_kinds",
    ("lender", "贷款人", "lender"),
    ("asset_manager", "资产管理公司", "asset manager"),
    ("court", "法院", "court"),
    ("mediation", "调解组织", "mediation body"),
    ("investor", "投资人", "investor"),
    ("borrower", "借款人", "borrower or debtor"),
    ("supervisor", "监管机构", "supervisor"),
)
"""The seven kinds of organisation."""

JUDICIAL_KINDS = ("court", "mediation")
"""Kinds whose data lies in the judicial schema and whose staff hold no commercial role."""

PURPOSES = CodeList.of(
    "purposes",
    ("administration", "机构管理", "running the organisation's own accounts"),
    ("import", "数据导入", "taking in data"),
    ("origination", "进件与授信审批", "origination"),
    ("supply_chain", "供应链", "supply chain"),
    ("monitoring", "贷后与预警", "monitoring"),
    ("approval", "审批", "approval"),
    ("valuation", "尽调与估值", "valuation"),
    ("recovery", "资产保全", "recovery"),
    ("market", "资产转让与处置招商", "sale of assets"),
    ("due_diligence", "尽职调查", "due diligence of a possible buyer"),
    ("enforcement", "司法执行", "enforcement by a court"),
    ("mediation", "调解", "mediation"),
    ("own_affairs", "本人事务", "a borrower's own affairs"),
    ("privacy", "个人信息保护", "rights of the people data is about"),
    ("reporting", "报送", "reporting to authorities"),
    ("audit", "审计", "audit"),
    ("supervision", "监管", "supervision"),
    ("nightly_run", "夜间运行", "the nightly run"),
)
"""Why somebody acts; a share is for one of them."""

PROGRAM_PURPOSES = CodeList.of("program_purposes", (CLOCK, "到期自动处理", "what time alone brings about"))
"""Purposes no role allows and nothing is shared for: the server's own programs act for them, each by its own door."""

ACTS = CodeList.of(
    "acts",
    ("manage_people", "管理人员", "invite, grant and end roles"),
    ("issue_tokens", "签发接口令牌", "issue tokens for programs"),
    ("share", "共享数据", "share rows with another organisation"),
    ("grant_supervision", "接受监管", "let a supervisor have its aggregates"),
    ("import_facts", "导入事实", "seal facts"),
    ("propose", "发起", "propose what another must approve"),
    ("approve", "审批", "approve what another proposed"),
    ("decide", "表决", "vote in a committee"),
    ("forget", "删除个人信息", "forget a party"),
    ("read_personal", "查阅个人信息", "read personal columns"),
)
"""What of weight somebody does."""


@dataclass(frozen=True)
class Role:
    """A role: its names, the kinds of organisation that have it, and what it allows."""

    code: str
    zh: str
    en: str
    kinds: frozenset[str]
    purposes: frozenset[str]
    acts: frozenset[str]


def _role(code: str, zh: str, en: str, kinds: str, purposes: str, acts: str = "") -> Role:
    named = frozenset(KINDS.positions) if kinds == "*" else frozenset(kinds.split())
    return Role(code, zh, en, named, frozenset(purposes.split()), frozenset(acts.split()))


_WORKING = "lender asset_manager"
ROLES: tuple[Role, ...] = (
    _role(
        "administrator", "管理员", "administrator", "*",
        "administration", "manage_people issue_tokens share grant_supervision",
    ),
    _role(
        "officer", "客户经理", "credit officer", "lender",
        "import origination supply_chain monitoring valuation recovery market reporting nightly_run",
        "import_facts propose share read_personal",
    ),
    _role(
        "risk_manager", "风险经理", "risk manager", _WORKING,
        "origination supply_chain monitoring valuation reporting nightly_run", "import_facts propose",
    ),
    _role(
        "asset_manager", "资产经理", "asset manager", _WORKING,
        "import monitoring valuation recovery market due_diligence reporting nightly_run",
        "import_facts propose share read_personal",
    ),
    _role(
        "approver", "审批人", "approver", _WORKING + " investor",
        "approval origination monitoring valuation recovery market", "approve read_personal",
    ),
    _role("committee", "贷审会、投决会委员", "committee member", _WORKING + " investor", "approval", "approve decide"),
    _role("lawyer", "律师、法务", "lawyer", _WORKING + " investor", "recovery due_diligence", "propose read_personal"),
    _role("collector", "催收员", "collector", _WORKING, "recovery", "read_personal"),
    _role(
        "investor", "投资经理", "investment manager", "investor",
        "import due_diligence valuation market recovery", "import_facts propose share",
    ),
    _role(
        "debtor", "借款人", "borrower or debtor", "borrower",
        "own_affairs import privacy", "import_facts share read_personal",
    ),
    _role("judge", "法官", "judge", "court", "enforcement mediation approval", "approve decide read_personal"),
    _role(
        "clerk", "法官助理", "judge's clerk", "court",
        "enforcement mediation import", "import_facts propose share read_personal",
    ),
    _role(
        "mediator", "调解员", "mediator", "mediation",
        "mediation import", "import_facts propose share read_personal",
    ),
    _role("privacy_officer", "个人信息保护负责人", "privacy officer", "*", "privacy", "forget read_personal"),
    _role("auditor", "审计人员", "auditor", "*", "audit"),
    _role("supervisor", "监管人员", "supervisor's officer", "supervisor", "supervision"),
    _role(
        "service", "系统账户", "program", "lender asset_manager court mediation investor",
        "import nightly_run monitoring reporting", "import_facts",
    ),
)  # fmt: skip
"""Every role there is."""

BY_CODE = {role.code: role for role in ROLES}

WORKING_ROLES: dict[str, tuple[str, ...]] = {
    "lender": ("officer", "privacy_officer"),
    "asset_manager": ("asset_manager", "privacy_officer"),
    "court": ("clerk", "privacy_officer"),
    "mediation": ("mediator", "privacy_officer"),
    "investor": ("investor", "privacy_officer"),
    "borrower": ("debtor",),
    "supervisor": ("supervisor",),
}
"""What the founder of an organisation may do besides administering it: it must be able to work from its first day."""


def permissions() -> Iterator[tuple[str, str, str]]:
    """(role, ``kind`` | ``purpose`` | ``act``, name) for everything a role allows, in a fixed order."""
    for role in ROLES:
        for what, names in (("kind", role.kinds), ("purpose", role.purposes), ("act", role.acts)):
            for name in sorted(names):
                yield role.code, what, name


def allows(roles: Iterable[str], act: str) -> bool:
    """Whether one of the roles allows the act.

    Raises:
        InvalidInput: when there is no such act.
    """
    if act not in ACTS:
        raise InvalidInput(f"there is no act {act}", remedy="acts: " + ", ".join(ACTS.positions))
    return any(act in BY_CODE[role].acts for role in roles if role in BY_CODE)


def require(act: str) -> None:
    """Goes on only when whoever acts now may do `act`.

    Raises:
        NotAllowed: when none of their roles allows it.
    """
    acting = current()
    if not allows(acting.roles, act):
        raise NotAllowed(
            f"{act} is not for this role",
            where=acting.org,
            remedy="roles that may: " + ", ".join(r.code for r in ROLES if act in r.acts),
            code="not-allowed/act",
        )
