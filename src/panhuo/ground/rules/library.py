"""The rule library: the text of every file that decides a number beside the facts, by the file's name.

Rule files, reference series (the loan prime rate) and an institution's own policies (credit policy, valuation
assumptions, expert card) are all read here. Where no library is in use the files shipped with the package answer; a
library in use answers first, with the texts it holds.

Invariant: inside `recording` nothing is read that is not recorded, text and hash. Whoever caches what a text gave keys
the cache by the text, so that a cached answer is recorded as well. So what a step read can be kept and read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from panhuo.ground.record.errors import NotFound

PACKAGE = Path(__file__).resolve().parent.parent.parent
FILES = Path(__file__).parent / "files"
REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class RuleLibrary:
    """Texts by file name (``provisioning.toml``), in the place of the files shipped under these names.

    Attributes:
        texts: name -> text; a name that is not here is answered by the shipped file.
    """

    texts: Mapping[str, str] = field(default_factory=dict)

    def with_texts(self, texts: Mapping[str, str]) -> RuleLibrary:
        """The same library with some texts in the place of its own."""
        return RuleLibrary({**self.texts, **texts})

    def text(self, path: Path) -> str:
        """The library's text of a file, else what the file at `path` holds.

        Raises:
            NotFound: when neither is there.
        """
        text = self.texts.get(path.name)
        if text is None:
            text = _shipped(path)
        if text is None and path.is_file():
            text = path.read_text(encoding="utf-8")
        if text is None:
            raise NotFound(f"there is no file {path.name}", where=str(path), remedy="check the path")
        return text


@dataclass
class Readings:
    """What was read while a recording ran.

    Attributes:
        texts: file name -> text as it was read.
    """

    texts: dict[str, str] = field(default_factory=dict)

    @property
    def hashes(self) -> dict[str, str]:
        """File name -> SHA-256 (hex) of its text in UTF-8, by name."""
        return {name: text_hash(text) for name, text in sorted(self.texts.items())}

    @property
    def kept(self) -> dict[str, str]:
        """SHA-256 (hex) -> text."""
        return {text_hash(text): text for text in self.texts.values()}


_AS_SHIPPED = RuleLibrary()
_CURRENT: ContextVar[RuleLibrary] = ContextVar("rule_library")
_RECORDINGS: ContextVar[tuple[Readings, ...]] = ContextVar("rule_recordings", default=())


@cache
def _shipped(path: Path) -> str | None:
    # A file of the package does not change while the program runs; any other is read anew each time.
    return path.read_text(encoding="utf-8") if path.is_relative_to(PACKAGE) and path.is_file() else None


@lru_cache(maxsize=256)
def text_hash(text: str) -> str:
    """SHA-256 (hex) of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def current_library() -> RuleLibrary:
    """The library in use; an empty one, which answers with the shipped files, by default."""
    return _CURRENT.get(_AS_SHIPPED)


@contextmanager
def recording(library: RuleLibrary | None = None) -> Iterator[Readings]:
    """Uses a library (None: the one in use already) and records what is read, here and in every recording around it."""
    readings = Readings()
    outer = _RECORDINGS.get()
    used = _CURRENT.set(library if library is not None else current_library())
    recorded = _RECORDINGS.set((*outer, readings))
    try:
        yield readings
    finally:
        _RECORDINGS.reset(recorded)
        _CURRENT.reset(used)


def read_text(path: Path) -> str:
    """The text of a file that decides numbers, through the library in use; recorded under the file's name.

    Raises:
        NotFound: when the library does not hold it and there is no such file.
    """
    text = current_library().text(path)
    for readings in _RECORDINGS.get():
        readings.texts[path.name] = text
    return text


def rule_text(name: str) -> str:
    """The text of a rule set's file by the set's name; a preset (``warnings:r004``) stands in its set's file.

    Raises:
        NotFound: when there is no such rule set.
    """
    base = name.partition(":")[0]
    try:
        return read_text(FILES / f"{base}.toml")
    except NotFound as error:
        known = ", ".join(sorted(path.stem for path in FILES.glob("*.toml")))
        raise NotFound(
            f"no rule set is called {base}", where=base, remedy=f"one of: {known}; or give a path"
        ) from error
