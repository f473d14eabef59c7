"""How a verb is declared: once, and the command, the endpoint and the docs come from it.

Invariant: importing a declaration imports nothing heavy; what a verb needs is imported when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

ArgumentKind = Literal["path", "text", "int", "float", "flag", "choice"]


@dataclass(frozen=True)
class Argument:
    """One input of a verb: positional unless `option` is set (then ``--name-with-dashes``)."""

    name: str
    kind: ArgumentKind
    zh: str
    en: str
    option: bool = False
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    multiple: bool = False

    @property
    def flag(self) -> str:
        """The spelling on the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class Verb:
    """One job of the platform, by the name people call it."""

    name: str
    zh: str
    en: str
    arguments: tuple[Argument, ...]
    run: str
    show: str = ""
    example: str = ""
    said: str = ""  # of a tool: the function that computes the same and returns what a receipt seals

    def call(self, **values: Any) -> dict[str, Any]:
        """Runs the verb and returns the one object its ``--json`` prints."""
        return resolve(self.run)(**values)

    def words(self, result: dict[str, Any], language: str) -> str:
        """What a person reads of `result`, in ``zh`` or ``en``."""
        text = resolve(self.show)(result, language) if self.show else ""
        if "public_key" in result:
            receipt, key = ("收据", "验证公钥") if language == "zh" else ("receipt", "key to verify it with")
            text += f"\n{receipt}: {result['receipt']}  {key}: {result['public_key']}"
        return text


RECEIPT = Argument(
    "receipt",
    "path",
    option=True,
    required=False,
    zh="把结果的收据写到这个文件，公钥写在旁边（用 panhuo verify 验证，panhuo replay 重算）",
    en="write the result's receipt to this file and the public key beside it (panhuo verify, panhuo replay)",
)
"""The option of every tool that works on frames without a book."""


def resolve(place: str) -> Any:
    """The function behind ``package.module:name``."""
    module, name = place.split(":")
    return getattr(import_module(module), name)
