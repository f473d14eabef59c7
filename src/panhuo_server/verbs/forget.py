"""``panhuo forget``: a person is forgotten by law; without ``--confirm`` it only says what that would do."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

GROUNDS = ("purpose_ended", "period_ended", "consent_withdrawn", "unlawful", "other_law")

VERB = Verb(
    name="forget",
    zh="依法删除一个人的个人信息。不加 --confirm 只说明会销毁什么、哪条规则要求保存；加了即销毁，不可恢复。",
    en="Forgets a person by law. Without --confirm it says what would be destroyed and which rule keeps a record, and"
    " does nothing; with it the destruction cannot be undone.",
    arguments=(
        Argument("party", "text", "主体编号（不是姓名）", "the party's id, never a name"),
        Argument("org", "text", "机构代码", "the organisation's code", option=True),
        Argument(
            "ground", "choice", "个人信息保护法第四十七条的情形", "the case of PIPL art. 47", option=True,
            choices=GROUNDS,
        ),
        Argument(
            "by", "text", "决定人的邮箱（须是该机构的个人信息保护负责人或管理员）",
            "address of who decides it: the organisation's privacy officer or administrator", option=True,
        ),
        Argument(
            "rule", "text", "依据的规则（默认为该情形）", "under which rule; default: that case", option=True,
            required=False,
        ),
        Argument(
            "reason", "text", "仅为建议的规则要求保存时的理由，不得含个人信息",
            "why, where a rule that only advises keeps a record; without personal data", option=True, required=False,
        ),
        Argument("confirm", "flag", "执行", "do it", option=True, required=False),
        Argument(
            "receipt", "path", "把删除的收据写到这个文件", "write the erasure's receipt to this file", option=True,
            required=False,
        ),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.forget:run",
    show="panhuo_server.verbs.forget:show",
    example="panhuo forget P-17 --org county-bank --ground consent_withdrawn --by officer@bank.example\n"
    "panhuo forget P-17 --org county-bank --ground consent_withdrawn --by officer@bank.example --confirm"
    " --receipt P-17.json",
)  # fmt: skip


def _rule(one: Any) -> dict[str, Any]:
    return {
        "rule": one.rule, "article": one.article, "record": one.record, "binds": one.binds,
        "until": one.until.isoformat() if one.until else None,
    }  # fmt: skip


def run(
    party: str, org: str, ground: str, by: str, rule: str | None = None, reason: str | None = None,
    confirm: bool = False, receipt: str | None = None, data: str = "panhuo-data",
) -> dict[str, Any]:  # fmt: skip
    """Says what forgetting would do or, confirmed, does it.

    Returns:
        ``party``, ``ground``, ``rule``, ``on``, ``forgotten`` (whether it is so now), ``keeps`` (rules that keep a
        record), ``told`` (organisations), ``older_keys`` (keys' files that still hold the key), ``remedy``; of a dry
        run also ``values`` (table.column -> count), ``tokens``, ``copies``, ``allowed``; of the act ``position`` in
        the log, and ``receipt``.

    Raises:
        NotFound: when there is no such organisation, person or party.
        NotAllowed: when no role of the person allows it.
        RuleRefused: confirmed, while a binding rule keeps a record, or an advising one and no reason is stated.
        Conflict: when the party was forgotten under another rule.
    """
    from pathlib import Path

    from panhuo.ground.book.folder import write_whole
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import running_for

    layout = Layout(Path(data).resolve())
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    with running_for(layout):
        ready(layout)
        from django.db import connections

        from panhuo_server.accounts import forgetting
        from panhuo_server.store.operating import member
        from panhuo_server.store.reading import close_connections

        try:
            person, judicial = member(layout, org, by)
            if not confirm:
                seen = forgetting.foresee(org, person, party, ground, rule, judicial=judicial)
                return _foreseen(seen, reason)
            done = forgetting.forget(org, person, party, ground, rule, reason=reason or "", judicial=judicial)
            proof = forgetting.receipt(org, person, done.position, judicial=judicial)
        finally:
            connections.close_all()
            close_connections()
    if receipt:
        write_whole(Path(receipt), proof)
    return {
        "party": party, "ground": ground, "rule": done.rule, "on": done.erased_on.isoformat(), "forgotten": True,
        "keeps": [_rule(one) for one in done.against], "told": list(done.told), "older_keys": list(done.older_keys),
        "remedy": list(done.remedy), "position": done.position, "receipt": receipt,
    }  # fmt: skip


def _foreseen(seen: Any, reason: str | None) -> dict[str, Any]:
    from panhuo_server.accounts.forgetting import BACKUPS

    return {
        "party": seen.party, "ground": seen.ground, "rule": seen.rule, "on": seen.on.isoformat(),
        "forgotten": seen.done, "keeps": [_rule(one) for one in (*seen.binding, *seen.advising)],
        "told": list(seen.tells), "older_keys": list(seen.older_keys), "remedy": list(BACKUPS),
        "values": seen.values, "tokens": seen.tokens, "copies": seen.copies,
        "allowed": not seen.binding and (not seen.advising or bool(reason)),
    }  # fmt: skip


def _keeps(result: dict[str, Any], zh: bool) -> list[str]:
    lines = []
    for one in result["keeps"]:
        if zh:
            until = f"至 {one['until']}" if one["until"] else "，期限尚未起算或仍在继续"
            what = "约束：现在不得删除" if one["binds"] else "建议：须写明理由"
            lines.append(f"  {one['rule']}（{one['article']}）保存 {one['record']} 记录{until}（{what}）")
        else:
            until = f"until {one['until']}" if one["until"] else "and its end is not known"
            what = "binds: not now" if one["binds"] else "advises: a reason is needed"
            lines.append(f"  {one['rule']} ({one['article']}) keeps the {one['record']} record {until} ({what})")
    return lines


def _copies(copies: dict[str, int], zh: bool) -> str:
    book, runs, files = copies["book"], copies["runs"], copies["files"]
    if zh:
        return f"  清除本机构的缓存台账（{book}）、运行结果（{runs} 次）、提交的文件（{files} 个）"
    return f"  throw away the organisation's cached book ({book}), results of {runs} runs, {files} files handed in"


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    zh = language == "zh"
    party, rule, on = result["party"], result["rule"], result["on"]
    told = ", ".join(result["told"])
    if "position" in result or result["forgotten"]:
        lines = [f"{party} 已于 {on} 依 {rule} 删除" if zh else f"{party} was forgotten on {on} under {rule}"]
        if "position" in result:
            lines.append(f"日志第 {result['position']} 条" if zh else f"entry {result['position']} of the log")
        if result.get("receipt"):
            lines.append(f"收据：{result['receipt']}" if zh else f"receipt: {result['receipt']}")
    else:
        values = ", ".join(f"{name} {count}" for name, count in sorted(result["values"].items())) or "0"
        lines = [
            f"尚未执行。依 {rule} 删除 {party} 将："
            if zh
            else f"nothing was done. Forgetting {party} under {rule} would:",
            f"  销毁其密钥，以下个人信息值从此无人能读：{values}"
            if zh
            else f"  destroy its key, so nobody reads: {values}",
            f"  删除 {result['tokens']} 个检索词" if zh else f"  delete {result['tokens']} search tokens",
            _copies(result["copies"], zh),
        ]
        lines += _keeps(result, zh)
        if result["allowed"]:
            lines.append("可以执行：加 --confirm" if zh else "it may be done: add --confirm")
        else:
            lines.append("现在不能执行" if zh else "it may not be done as asked")
    if told:
        lines.append(f"告知：{told}" if zh else f"told: {told}")
    if result["older_keys"]:
        older = ", ".join(result["older_keys"])
        lines.append(f"仍含其密钥的备份：{older}" if zh else f"keys' files that still hold the key: {older}")
    lines.append(result["remedy"][0 if zh else 1])
    return "\n".join(lines)
