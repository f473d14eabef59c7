"""The phrase book: words in Chinese and English for every reason code.

Invariant: words are rendered from a code and its typed arguments alone, so a million rows stay small and one table of
reasons reads in either language.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panhuo.ground.record import canonical_json
from panhuo.ground.record.arguments import split_arguments, value_text
from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import InvalidInput

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Phrase:
    """Words of one code; `arguments` are the names its ``{name}`` places use, in argument order."""

    code: str
    arguments: tuple[str, ...]
    zh: str
    en: str

    def render(self, arguments: str, lists: Mapping[str, CodeList], language: str) -> str:
        """The sentence for an arguments text."""
        values = [value_text(a.kind, a.value, lists, language) for a in split_arguments(arguments)]
        by_name = dict(zip(self.arguments, values, strict=False))
        template = self.zh if language == "zh" else self.en
        return _FIELD.sub(lambda m: by_name.get(m.group(1), "?"), template)


class PhraseBook:
    """Phrases by code."""

    def __init__(self, phrases: Mapping[str, Phrase]) -> None:
        self.phrases = dict(phrases)

    @classmethod
    def read(cls, path: Path) -> PhraseBook:
        """Reads a ``words.toml``: one table a code with ``arguments`` (names, or ``name:type``), ``zh`` and ``en``.

        Raises:
            InvalidInput: when a language is missing or a place names no argument.
        """
        found = {}
        for code, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            names = tuple(str(a).split(":")[0] for a in entry.get("arguments", ()))
            phrase = Phrase(code, names, entry.get("zh", ""), entry.get("en", ""))
            for language, template in (("zh", phrase.zh), ("en", phrase.en)):
                if not template:
                    raise InvalidInput(f"{code} has no words in {language}", where=f"{path.name} [{code}]")
                unknown = set(_FIELD.findall(template)) - set(names)
                if unknown:
                    raise InvalidInput(f"{code} names {sorted(unknown)}, which it is not given", where=path.name)
            found[code] = phrase
        return cls(found)

    def with_phrases(self, more: Mapping[str, Phrase]) -> PhraseBook:
        """This book and `more`, which wins."""
        return PhraseBook({**self.phrases, **more})

    def as_json(self) -> dict[str, Any]:
        """The book as it is hashed and travels with a book of facts."""
        return {
            code: {"arguments": list(p.arguments), "zh": p.zh, "en": p.en} for code, p in sorted(self.phrases.items())
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PhraseBook:
        """The book that `as_json` wrote."""
        return cls({c: Phrase(c, tuple(e["arguments"]), e["zh"], e["en"]) for c, e in data.items()})

    @property
    def hash(self) -> str:
        """SHA-256 of the book's canonical JSON, hex."""
        return hashlib.sha256(canonical_json.serialise(self.as_json())).hexdigest()

    def sentence(self, code: str, arguments: str, lists: Mapping[str, CodeList], language: str) -> str:
        """The words of one reason; the bare code and arguments when the book does not know it."""
        phrase = self.phrases.get(code)
        if phrase is None:
            return f"{code} {arguments}".strip()
        return phrase.render(arguments, lists, language)
