"""Scalars that run as plain Python and inside Numba kernels, without paying for Numba where no kernel runs.

Invariant: a function marked `jitable` is the same Python object afterwards, so one row costs a plain call. Numba is
never imported from here: if it is loaded already the function is registered at once, otherwise when Numba first
compiles something (through the ``numba_extensions`` entry point, Numba's own mechanism) or when `register_all` is
called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_waiting: list[Callable[..., Any]] = []


def jitable(function: Function) -> Function:
    """Marks a plain scalar function as one that kernels may call (`numba.extending.register_jitable`, made late)."""
    _waiting.append(function)
    if "numba.extending" in sys.modules:
        register_all()
    return function


def register_all() -> None:
    """Registers every marked function with Numba, importing it; functions already registered are left alone."""
    from numba.extending import register_jitable

    while _waiting:
        register_jitable(_waiting.pop())
