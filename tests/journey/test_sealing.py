"""What killed runs leave beside a result is cleared by the next run into it, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from panhuo.journey.sealing import _swap


def test_the_next_run_clears_what_dead_runs_left_and_nothing_else(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    running = os.getppid()
    left = [f".result.{gone.pid}.partial", f".result.{gone.pid}.old"]
    others = [
        f".result.{running}.partial", f".result.{running}.old", f".another.{gone.pid}.partial", ".result.x.old",
        f".result.{gone.pid}.kept", ".result.0.old",
    ]  # fmt: skip
    for name in (*left, *others, f".result.{os.getpid()}.old", "result"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "what").write_text(name)
    file = tmp_path / f".result.{gone.pid}.0.old"
    file.write_text("not a folder of ours")
    partial = tmp_path / f".result.{os.getpid()}.partial"
    partial.mkdir()
    (partial / "what").write_text("new")
    _swap(partial, tmp_path / "result")
    assert (tmp_path / "result" / "what").read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, file.name, "result"])
