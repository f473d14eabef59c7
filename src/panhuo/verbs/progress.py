"""A progress bar on standard error for long work, when a person is watching."""

from __future__ import annotations

from collections.abc import Callable


def bar() -> Callable[[str, int, int], None]:
    """A function ``(what, done, total)`` that draws progress; the bar goes when ``done`` reaches ``total``."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = None

    def tell(what: str, done: int, total: int) -> None:
        nonlocal task
        if task is None:
            shown.start()
            task = shown.add_task(what, total=total)
        shown.update(task, description=what, completed=done, total=total)
        if done >= total:
            shown.stop()

    return tell
