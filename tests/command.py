"""The command as a user runs it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def panhuo(*arguments: str | Path, expect: int = 0, **environment: str) -> dict[str, Any]:
    """Runs the command in a process of its own, as a user would, and returns its one JSON object."""
    command = [sys.executable, "-m", "panhuo", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == expect, done.stdout[-2000:] + done.stderr[-4000:]
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, "--json prints exactly one object"
    found: dict[str, Any] = json.loads(lines[0])
    return found
