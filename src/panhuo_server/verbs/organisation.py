"""``panhuo organisation``: the operator founds an organisation with its first administrator."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

KINDS = ("lender", "asset_manager", "court", "mediation", "investor", "borrower", "supervisor")

VERB = Verb(
    name="organisation",
    zh="设立机构和它的第一位管理员（运营者所为）；密码从文件读入，不在命令行出现。",
    en="Founds an organisation with its first administrator; the password is read from a file, never from the line.",
    arguments=(
        Argument("org", "text", "机构代码，例如 county-bank", "the organisation's code, such as county-bank"),
        Argument("name", "text", "机构名称", "its name", option=True),
        Argument("kind", "choice", "机构类型", "its kind", option=True, choices=KINDS),
        Argument("email", "text", "管理员邮箱", "the administrator's address", option=True),
        Argument("person", "text", "管理员姓名", "the administrator's name", option=True),
        Argument("password_file", "path", "密码文件，- 为标准输入", "its file; - reads standard input", option=True),
        Argument(
            "business", "choice", "自营或撮合", "own or brokered business", option=True, required=False, default="own",
            choices=("own", "brokered"),
        ),
        Argument(
            "legal_entity", "text", "法人代码（默认同机构代码）", "its legal entity; default: the same code",
            option=True, required=False,
        ),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.organisation:run",
    show="panhuo_server.verbs.organisation:show",
    example="panhuo organisation county-bank --name 县农商行 --kind lender --email a@bank.example --person 王敏"
    " --password-file password.txt",
)  # fmt: skip


def run(
    org: str, name: str, kind: str, email: str, person: str, password_file: str, business: str = "own",
    legal_entity: str | None = None, data: str = "panhuo-data",
) -> dict[str, Any]:  # fmt: skip
    """Founds it.

    Returns:
        ``org``, ``person`` (the administrator's id).

    Raises:
        InvalidInput: for a password that is too short, or a kind that is none.
        Conflict: when the organisation exists.
        NotAllowed: when the person already serves what must be kept apart from it.
    """
    import sys
    from pathlib import Path

    from panhuo.ground.record.errors import InvalidInput
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import running_for

    password = (sys.stdin.read() if password_file == "-" else Path(password_file).read_text("utf-8")).strip("\r\n")
    if len(password) < 12:
        raise InvalidInput("the password is too short", where="--password-file", remedy="twelve characters or more")
    layout = Layout(Path(data).resolve())
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    with running_for(layout):
        ready(layout)
        from panhuo_server.accounts.organisations import found

        made = found(
            org, name, kind, email, person, password, legal_entity=legal_entity or "", business=business
        )  # fmt: skip
    return {"org": made.org, "person": made.person}


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    if language == "zh":
        return f"已设立机构 {result['org']}，管理员 {result['person']}"
    return f"founded {result['org']}; its administrator is {result['person']}"
