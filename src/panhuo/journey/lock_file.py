"""Which versions of other people's code a number rests on: the lock file's hash.

Invariant: "same bytes" is promised under one hash; elsewhere a replay says so.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version

_DECIDES = ("duckdb", "ibis-framework", "llvmlite", "numba", "numpy", "pyarrow", "pyscipopt", "sqlglot")


@cache
def lock_versions() -> dict[str, str]:
    """Versions of the libraries that could move a byte, as installed; absent ones are left out."""
    found = {}
    for name in _DECIDES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def lock_hash() -> str:
    """SHA-256 over those names and versions, hex."""
    text = "\n".join(f"{name}=={number}" for name, number in sorted(lock_versions().items()))
    return hashlib.sha256(text.encode()).hexdigest()
