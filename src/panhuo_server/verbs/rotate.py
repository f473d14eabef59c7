"""``panhuo rotate``: a new master key for the parties' keys; the old one is destroyed."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="rotate",
    zh="更换包裹个人密钥的主密钥，旧主密钥随即销毁；更换后请重新备份密钥。",
    en="Puts the parties' keys under a new master key and destroys the old one; back the keys up again afterwards.",
    arguments=(
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.rotate:run",
    show="panhuo_server.verbs.rotate:show",
    example="panhuo rotate --data panhuo-data",
)


def run(data: str = "panhuo-data") -> dict[str, Any]:
    """Rotates; returns ``keys`` (how many were wrapped again)."""
    from pathlib import Path

    from panhuo_server.store.layout import Layout
    from panhuo_server.store.party_keys import rotate_master

    layout = Layout(Path(data).resolve())
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    return {"keys": rotate_master(layout)}


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    if language == "zh":
        return f"{result['keys']} 个密钥已换新主密钥，请重新备份密钥"
    return f"{result['keys']} keys stand under the new master key; back the keys up again"
