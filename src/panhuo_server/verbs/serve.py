"""``panhuo serve``: the database, the web process and the worker of durable work, started and watched together."""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="serve",
    zh="启动服务：自带数据库（或 DATABASE_URL 所指）、网页与接口、持久工作流；按 Ctrl-C 停止。",
    en="Starts the server: its own database (or the one DATABASE_URL names), pages, API, durable work; Ctrl-C stops.",
    arguments=(
        Argument("port", "int", "端口", "port", option=True, required=False, default=8000),
        Argument("host", "text", "监听地址", "address to listen on", option=True, required=False, default="127.0.0.1"),
        Argument("data", "path", "数据文件夹", "data folder", option=True, required=False, default="panhuo-data"),
        Argument("workers", "int", "网页进程数", "web processes", option=True, required=False, default=2),
    ),
    run="panhuo_server.verbs.serve:run",
    show="panhuo_server.verbs.serve:show",
    example="panhuo serve --port 8000 --data panhuo-data",
)


def run(port: int = 8000, host: str = "127.0.0.1", data: str = "panhuo-data", workers: int = 2) -> dict[str, Any]:
    """Serves until it is told to stop (SIGINT, SIGTERM).

    Returns:
        ``address``, ``data``, and ``stopped`` (why).

    Raises:
        Unavailable: when the database does not start or the port is taken.
        InvalidInput: when a database role could bypass row-level security.
    """
    from pathlib import Path

    from panhuo_server.supervising import serve

    return serve(Path(data), host=host, port=port, workers=workers)


def show(result: dict[str, Any], language: str) -> str:
    """What a person reads when it has stopped."""
    if language == "zh":
        return f"已停止（{result['stopped']}）。数据在 {result['data']}"
    return f"stopped ({result['stopped']}); the data stays in {result['data']}"
