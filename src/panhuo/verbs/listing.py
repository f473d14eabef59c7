"""Which verbs there are: one module of this room each, and those that installed packages add by entry points.

Invariant: a module here that holds a ``VERB`` is a command, with nothing else to register. The library never imports
the server: the server's package names its verbs under the entry points ``panhuo.verbs``, and one of a name that stands
here too takes its place.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from panhuo.verbs.declaration import Verb

_FRAME = {"__init__", "command_line", "declaration", "listing", "progress"}
GROUP = "panhuo.verbs"


@cache
def _added() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


@cache
def verb_names() -> list[str]:
    """Names of all verbs, in alphabetical order."""
    folder = Path(__file__).parent
    here = {p.stem.removesuffix("_") for p in folder.glob("*.py") if p.stem not in _FRAME}
    return sorted(here | set(_added()))


def verb_named(name: str) -> Verb | None:
    """The declaration of a verb; None when there is none. ``import`` lives in ``import_.py``: the word is taken."""
    if name not in verb_names():
        return None
    if name in _added():
        found = _added()[name].load()
    else:
        module = name if (Path(__file__).parent / f"{name}.py").exists() else f"{name}_"
        found = import_module(f"panhuo.verbs.{module}").VERB
    assert isinstance(found, Verb)
    return found
