"""``panhuo restore``: a server again, from a backup and its keys."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="restore",
    zh="从备份恢复服务到一个新文件夹：先重做删除，再核对每个批次的根与日志。",
    en="Restores a server into a new folder: erasures first, then every batch's root and the log are checked.",
    arguments=(
        Argument("backup", "path", "备份文件", "backup file"),
        Argument("keys", "path", "密钥备份文件", "the keys' file", option=True, required=False),
        Argument(
            "data", "path", "新的数据文件夹", "new data folder", option=True, required=False, default="panhuo-data"
        ),
    ),
    run="panhuo_server.verbs.restore:run",
    show="panhuo_server.verbs.restore:show",
    example="panhuo restore panhuo-2026-03-02.tar --data panhuo-data-again",
)


def run(backup: str, keys: str | None = None, data: str = "panhuo-data") -> dict[str, Any]:
    """Restores, migrates and checks.

    Returns:
        ``data``, ``made_at``, ``organisations``, ``batches`` (checked), ``good`` (all of them), ``wrong`` (those not),
        ``erasures_to_record`` (done, but the restored books do not say so and nobody who may could be found),
        ``hand_in_again`` (organisation, import, what: files that were acknowledged and that the two files lack).

    Raises:
        Conflict: when the folder holds something.
        NotFound, InvalidInput: when a file is missing or was changed.
    """
    from pathlib import Path

    from panhuo_server.store.backup import check, restore
    from panhuo_server.store.erasing import record_again
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.migrating import ready
    from panhuo_server.store.postgres import running_for
    from panhuo_server.store.uploads import to_hand_in_again

    layout = Layout(Path(data).resolve())
    found = restore(layout, Path(backup), Path(keys) if keys else None)
    with running_for(layout, started=True):
        ready(layout)
        batches, wrong = check(layout, found)
        left = record_again(layout)
        lost = [{"organisation": org, "import": name, "what": what} for org, name, what in to_hand_in_again(layout)]
    return {
        "data": str(layout.folder),
        "made_at": found.made_at,
        "organisations": sorted(found.organisations),
        "batches": batches,
        "good": not wrong,
        "wrong": wrong,
        "erasures_to_record": left,
        "hand_in_again": lost,
        "exit_code": 1 if wrong else 0,
    }


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    count, made = len(result["organisations"]), result["made_at"]
    zh = language == "zh"
    if zh:
        text = f"已恢复 {made} 的备份到 {result['data']}：{count} 个机构，{result['batches']} 个批次的根全部重算"
        text += "，一致。" if result["good"] else "，不一致：" + "；".join(result["wrong"])
        text += f"\n运行结果不在备份中，按同样的字节重算补齐：panhuo prove --replay --data {result['data']}"
    else:
        text = f"restored the backup of {made} to {result['data']}: {count} organisations, {result['batches']} roots"
        text += " computed again, "
        text += "all the same" if result["good"] else "not all the same: " + "; ".join(result["wrong"])
        text += "\nresults of runs are in no backup and are computed again to the same bytes by"
        text += f" panhuo prove --replay --data {result['data']}"
    for one in result["hand_in_again"]:
        place = f"{one['organisation']}: {one['what']} {one['import']}"
        text += f"\n请再次提交文件 {place}" if zh else f"\nhand this file in again: {place}"
    for one in result["erasures_to_record"]:
        text += f"\n删除已执行，尚待登记 {one}" if zh else f"\nerased, and still to be recorded: {one}"
    return text
