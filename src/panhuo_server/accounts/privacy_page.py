"""The tables of the page on personal data 个人信息 ``docs/privacy.md``: levels, columns, readers, retention.

Invariant: they are written from the declarations; a test finds every one of them in the page as it is written here.
"""

from __future__ import annotations

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.book.table import FAMILIES
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.trust.privacy.retention import BINDING_GRADES
from panhuo.trust.privacy.uses import purposes_of
from panhuo_server.accounts.consent import NAMED, SEPARATE, purposes
from panhuo_server.accounts.forgetting import BACKUPS, GROUNDS
from panhuo_server.accounts.roles import ROLES

LEVELS = (
    (1, "公开 public", "明文 plain", "任一共享 any share"),
    (2, "内部 internal", "明文，行级安全 plain, row-level security", "级别不低于 2 的共享 a share of level 2 or more"),
    (3, "敏感业务与个人信息 sensitive business and personal data",
     "个人信息列：逐主体密钥 AES-256-GCM，叶子为 HMAC；其余：明文，行级安全 personal columns under a key per party,"
     " leaves hold an HMAC; others plain, row-level security",
     "级别不低于 3；个人信息须登记查阅 level 3 or more; opening personal values is noted"),
    (4, "敏感个人信息 sensitive personal data", "同上 the same", "级别不低于 4；同上 level 4 or more, likewise"),
    (5, "极敏感 most sensitive", "当前没有 none declared", "级别 5 level 5"),
)  # fmt: skip


def _levels() -> list[str]:
    lines = ["| 级别 level | | 存放 stored | 何时对外 when shared |", "|---|---|---|---|"]
    return lines + [f"| {level} | {name} | {stored} | {shared} |" for level, name, stored, shared in LEVELS]


def _personal() -> list[str]:
    readers = "、".join(f"`{role.code}`" for role in ROLES if "read_personal" in role.acts)
    lines = [
        f"可开启的角色（须持 `read_personal`，且逐次登记）：{readers}",
        "Roles that may open them (act `read_personal`, every read noted first) are the same list.",
        "",
        "| 表 table | 列 column | 含义 | meaning | 级别 level | 关于 about | 目的 purposes |",
        "|---|---|---|---|---|---|---|",
    ]
    for table in TABLES.values():
        for column in table.personal_columns:
            about = "本行主体 the party itself" if column.personal == "id" else f"`{column.personal}`"
            why = " ".join(f"`{one.code}`" for one in purposes_of(table.name))
            lines.append(
                f"| `{table.name}` | `{column.name}` | {column.zh} | {column.en} | {column.level} | {about} | {why} |"
            )
    return lines


def _counts() -> list[str]:
    lines = ["| 类 family | 1 | 2 | 3 | 4 | 5 |", "|---|---|---|---|---|---|"]
    for family, (zh, en) in FAMILIES.items():
        levels = [c.level for t in TABLES.values() if t.family == family for c in t.schema.columns]
        counts = " | ".join(str(levels.count(level)) for level in range(1, 6))
        lines.append(f"| {zh} {en} | {counts} |")
    return lines


def _retention() -> list[str]:
    lines = ["| 规则 rule | 记录 record | 期限 period | | 出处 source | 效力 effect |", "|---|---|---|---|---|---|"]
    for rule in load_rule_set("retention"):
        period = rule.parameters["period"]
        end = f" 至 until {rule.effective_to}" if rule.effective_to else ""
        binds = "约束 binds" if rule.grade.effect in BINDING_GRADES else "建议 advises"
        lines.append(
            f"| {rule.id} | `{rule.parameters['record'].value}` | {period.value} {period.unit}"
            f" | {rule.effective_from}{end} | {rule.instrument} {rule.article} | {binds} |"
        )
    return lines


def _consent() -> list[str]:
    return [
        "以同意为基础的目的 purposes that rest on consent: " + " ".join(f"`{code}`" for code in purposes()),
        "",
        "须单独同意 separate consent: " + " ".join(f"`{code}`" for code in sorted(SEPARATE)),
        "",
        "须写明接收方 recipient named: " + " ".join(f"`{code}`" for code in sorted(NAMED)),
    ]


def _grounds() -> list[str]:
    lines = ["| 事由 ground | 规则 rule | | |", "|---|---|---|---|"]
    return lines + [f"| `{c.code}` | PIPL-47-{n} | {c.zh} | {c.en} |" for n, c in enumerate(GROUNDS, 1)]


def parts() -> dict[str, str]:
    """Name -> text of every part of the page that the declarations decide."""
    made = {
        "levels": _levels(),
        "counts": _counts(),
        "personal": _personal(),
        "consent": _consent(),
        "retention": _retention(),
        "grounds": _grounds(),
        "backups": list(BACKUPS),
    }
    return {name: "\n".join(lines) for name, lines in made.items()}


def main() -> None:
    """Writes the parts to standard output, to be put into docs/privacy.md."""
    import sys

    sys.stdout.buffer.write(("\n\n".join(parts().values()) + "\n").encode("utf-8"))


if __name__ == "__main__":
    main()
