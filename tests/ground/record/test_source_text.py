"""Modules made from text: whole for everybody who asks, whoever asks at once."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PATIENCE = 120


def test_of_two_threads_that_want_one_at_once_both_get_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo.ground.record.source_text import generated_module

    monkeypatch.setenv("PANHUO_CACHE", str(tmp_path))
    gate: Any = ModuleType("panhuo_gate_of_a_test")
    gate.begun, gate.open = threading.Event(), threading.Event()
    monkeypatch.setitem(sys.modules, gate.__name__, gate)
    text = f"import {gate.__name__} as gate\ngate.begun.set()\nassert gate.open.wait({PATIENCE})\nvalue = 7\n"
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: generated_module("gate", text).value)
        assert gate.begun.wait(PATIENCE)
        second = threads.submit(lambda: generated_module("gate", text).value)
        wait([second], 0.5)  # time for a half-made module to be handed out
        gate.open.set()
        assert (first.result(PATIENCE), second.result(PATIENCE)) == (7, 7)
