"""``panhuo prove``: every batch's root computed again and every log checked, on a running server or a stopped one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="prove",
    zh="重算数据库里每个批次的根，核对每个机构的日志和签名；加 --replay 还重算每次运行，缺少的运行结果随之补齐。",
    en="Computes every batch's root again and checks every log; with --replay every run too, and puts missing results"
    " of runs back.",
    arguments=(
        Argument(
            "replay", "flag", "重算日志里的每个结果，逐字节比较，补齐缺少的运行结果",
            "compute every outcome of every log again, compare bytes, put missing results of runs back",
            option=True, required=False,
        ),
        Argument(
            "org", "text", "--replay 只重算这个机构", "with --replay: this organisation only", option=True,
            required=False,
        ),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
    ),
    run="panhuo_server.verbs.prove:run",
    show="panhuo_server.verbs.prove:show",
    example="panhuo prove --replay --data panhuo-data",
)  # fmt: skip


def run(
    replay: bool = False,
    org: str | None = None,
    data: str = "panhuo-data",
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Proves the database.

    Returns:
        ``batches`` (computed again), ``good``, ``wrong`` (in words); with `replay` also ``replayed`` (entries of logs
        whose bytes are the same), ``erased`` (those that speak of somebody forgotten, in words) and ``put_back``
        (runs whose results were missing).

    Raises:
        NotFound: when the folder is no server's.
        Unavailable: when the database cannot be started or read.
    """
    from pathlib import Path

    from panhuo_server.store.layout import Layout
    from panhuo_server.store.postgres import address_of, running_for
    from panhuo_server.store.proving import prove

    layout = Layout(Path(data).resolve())
    layout.description  # noqa: B018  (refuses a folder that is no server's, in words)
    tell = (lambda org, done: progress(org, done, 0)) if progress is not None else None
    more: dict[str, Any] = {}
    with running_for(layout):
        batches, wrong = prove(address_of(layout), progress=tell)
        if replay:
            from panhuo_server.flows.computed_again import compute_again

            again = compute_again(layout, org, progress=tell)
            wrong += again.different
            more = {"replayed": again.same, "erased": again.erased, "put_back": again.put_back}
    return {"batches": batches, "good": not wrong, "wrong": wrong, **more, "exit_code": 1 if wrong else 0}


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads."""
    zh = language == "zh"
    if zh:
        said = "一致" if result["good"] else "不一致：" + "；".join(result["wrong"])
        text = f"{result['batches']} 个批次的根已重算，{said}"
    else:
        said = "all the same" if result["good"] else "not all the same: " + "; ".join(result["wrong"])
        text = f"{result['batches']} roots computed again, {said}"
    if "replayed" in result:
        same, erased, back = result["replayed"], len(result["erased"]), len(result["put_back"])
        text += (
            f"\n日志中 {same} 项重算相同，其中 {erased} 项涉及已删除的人；补齐 {back} 次运行的结果"
            if zh
            else f"\n{same} entries of the logs replay the same, {erased} of them speak of somebody forgotten;"
            f" results of {back} runs put back"
        )
    return text
