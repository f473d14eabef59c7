"""``panhuo status``: which work is where, which step is stuck, since when, why, and what to do."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="status",
    zh="哪些工作未完成：到哪一步、从何时起、为什么、怎么办。",
    en="Work that is not done: at which step, since when, why, and what to do.",
    arguments=(
        Argument("org", "text", "只看这个机构", "this organisation only", option=True, required=False),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.status:run",
    show="panhuo_server.verbs.status:show",
    example="panhuo status --data panhuo-data",
)
STATES = {"waiting": "等待", "queued": "排队", "working": "进行中", "slow": "缓慢", "failed": "失败"}


def run(org: str | None = None, data: str = "panhuo-data") -> dict[str, Any]:
    """Reads the queue.

    Returns:
        ``worker`` (whether the worker lives), ``organisations`` (code -> list of kind, id, state, step, since, why,
        what_to_do), ``failed`` (how many), ``hand_in_again`` (organisation, import, what: files that were acknowledged
        and are gone before their rows were sealed), ``labels`` (code -> what the measures call the organisation),
        ``backup_age_seconds`` (none: there never was one).

    Raises:
        NotFound: when the folder is no server's.
        Unavailable: when the database cannot be started or read.
    """
    from pathlib import Path

    from panhuo_server.flows import heartbeat
    from panhuo_server.flows.engine import prepare
    from panhuo_server.flows.status import of_organisations
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.operating import backup_age, label_of
    from panhuo_server.store.postgres import running_for
    from panhuo_server.store.proving import sealed_organisations
    from panhuo_server.store.uploads import to_hand_in_again

    layout = Layout(Path(data).resolve())
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    with running_for(layout):
        ready(layout)
        prepare(layout)
        found = of_organisations(layout, [org] if org else None)
        lost = [one for one in to_hand_in_again(layout) if org in (None, one[0])]
        codes = {code for _, code in sealed_organisations(layout)} | set(found)
        labels = {code: label_of(layout, code) for code in sorted(codes) if org in (None, code)}
        backup = backup_age(layout)
    return {
        "worker": heartbeat.fresh(layout),
        "organisations": {name: [one.as_json() for one in work] for name, work in found.items()},
        "failed": sum(one.state == "failed" for work in found.values() for one in work),
        "hand_in_again": [{"organisation": code, "import": name, "what": what} for code, name, what in lost],
        "labels": labels,
        "backup_age_seconds": None if backup is None else round(backup),
    }


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    zh = language == "zh"
    lines = [
        ("后台进程正常" if result["worker"] else "后台进程没有运行")
        if zh
        else ("the worker lives" if result["worker"] else "no worker runs")
    ]
    age = result.get("backup_age_seconds")
    if "backup_age_seconds" in result:
        hours = "" if age is None else f"{age / 3600:.1f}"
        if zh:
            lines.append("还没有备份" if age is None else f"上次备份在 {hours} 小时前")
        else:
            lines.append("no backup was ever made" if age is None else f"the last backup is {hours} hours old")
    for org, work in result["organisations"].items():
        lines.append(org)
        for one in work:
            state = STATES[one["state"]] if zh else one["state"]
            lines.append(
                f"  {one['since']}  {state:<8} {one['kind']} {one['id']}  {one['step']}"
                + (f"  {one['why']}" if one["why"] else "")
            )
            if one["what_to_do"]:
                lines.append(f"    -> {one['what_to_do']}")
    for one in result.get("hand_in_again", ()):
        place = f"{one['organisation']}: {one['what']} {one['import']}"
        lines.append(f"请再次提交文件 {place}" if zh else f"hand this file in again: {place}")
    if not result["organisations"]:
        lines.append("没有未完成的工作" if zh else "no work is undone")
    return "\n".join(lines)
