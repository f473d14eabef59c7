"""The program's own source as an input: its hash, and modules generated from text.

Invariant: a generated module is named by the hash of its text and of the whole package's source, so a compiled form can
never outlive what it was compiled from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import threading
from functools import cache
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).resolve().parent.parent.parent
_MAKING = threading.RLock()


@cache
def package_hash() -> str:
    """SHA-256 over every Python source file of the package (path and content, in path order), hex."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\x00")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def file_hash(module: str) -> str:
    """SHA-256 of a module's source file, hex; empty when it has none."""
    found = sys.modules.get(module)
    path = getattr(found, "__file__", None)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""


def cache_folder() -> Path:
    """Where compiled forms are kept: ``PANHUO_CACHE``, else the user's cache folder. Safe to delete at any time."""
    given = os.environ.get("PANHUO_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "panhuo"


def generated_module(name: str, text: str) -> ModuleType:
    """Imports `text` as a module from a file named by its hash, so that Numba can keep its compiled form beside it.

    Of two threads that want the same one, both get it whole.
    """
    key = hashlib.sha256((package_hash() + "\x00" + text).encode("utf-8")).hexdigest()[:32]
    full_name = f"panhuo_generated_{name}_{key}"
    with _MAKING:  # it stands among the modules before it has run, and none may take it there half made
        if full_name not in sys.modules:
            _make(full_name, text)
        return sys.modules[full_name]


def _make(full_name: str, text: str) -> None:
    folder = cache_folder() / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{full_name}.py"
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    spec = importlib.util.spec_from_file_location(full_name, path)
    if spec is None or spec.loader is None:
        raise ImportError(full_name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[full_name]
        raise
