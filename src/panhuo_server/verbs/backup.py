"""``panhuo backup``: what was acknowledged, in one file; the living keys, in another."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="backup",
    zh="备份服务的数据到一个文件，在用的密钥到另一个文件；已被遗忘的人的密钥不进备份。服务可以继续运行。",
    en="Backs up a server: its data to one file, living keys to another; none of the forgotten. It may go on working.",
    arguments=(
        Argument("out", "path", "备份文件（.tar）", "backup file (.tar)"),
        Argument(
            "keys",
            "path",
            "密钥备份文件（默认：备份文件名加 .keys；请与数据分开保管）",
            "file for the keys; default: the backup's name with .keys; keep it apart from the data",
            option=True,
            required=False,
        ),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.backup:run",
    show="panhuo_server.verbs.backup:show",
    example="panhuo backup panhuo-2026-03-02.tar --data panhuo-data",
)


def run(out: str, keys: str | None = None, data: str = "panhuo-data") -> dict[str, Any]:
    """Writes a backup.

    Returns:
        ``backup``, ``keys`` (files), ``made_at``, ``organisations`` (code -> last batch), ``bytes``.

    Raises:
        Conflict: when the file exists.
        Unavailable: when the database cannot be started or read.
    """
    from pathlib import Path

    from panhuo_server.store.backup import back_up
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import running_for

    layout, target = Layout(Path(data).resolve()), Path(out)
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    kept = Path(keys) if keys else Path(f"{out}.keys")
    with running_for(layout):
        made = back_up(layout, target, kept)
    return {
        "backup": str(target),
        "keys": str(kept),
        "made_at": made.made_at,
        "organisations": {org: state["sequence"] for org, state in sorted(made.organisations.items())},
        "bytes": target.stat().st_size,
    }


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    size = f"{result['bytes'] / 1e6:.1f} MB"
    if language == "zh":
        return (
            f"已备份 {len(result['organisations'])} 个机构（{size}）：{result['backup']}\n"
            f"密钥：{result['keys']}，请与数据分开保管；较早的密钥备份应销毁，否则被遗忘的人仍可被恢复。"
        )
    return (
        f"backed up {len(result['organisations'])} organisations ({size}): {result['backup']}\n"
        f"keys: {result['keys']}; keep them apart, and destroy earlier ones: they still open whom you forgot"
    )
