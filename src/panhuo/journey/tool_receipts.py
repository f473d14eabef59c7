"""What a tool says without a book, with its receipt: an anonymous log of one entry, signed by a key the user keeps.

Invariant: the entry's lineage names the input's root, the function, its parameters and models, and no clock; time
stands in the signed head alone. What was sealed can be computed again from the same input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from panhuo import __version__
from panhuo.ground.book.folder import write_whole
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.outcome import Outcome
from panhuo.ground.record.source_text import file_hash
from panhuo.journey.lock_file import lock_hash
from panhuo.journey.sealing import Replay
from panhuo.trust.evidence.anonymous import anonymous_batches
from panhuo.trust.evidence.keys import ANONYMOUS, anonymous_key, publish_key
from panhuo.trust.evidence.receipts import issue_alone


@dataclass(frozen=True)
class Said:
    """What a verb said of frames that stand in no book.

    Attributes:
        verb: its name.
        outcome: the result as a table that can be sealed.
        inputs: what it was given, a frame an input, by the verb's own argument names.
        function: what computed it.
        parameters: the verb's options that decide the result; texts, integers, booleans, None.
        models: model name -> hash.
        rule_files: name of a rule file it was computed by -> SHA-256 of its text.
    """

    verb: str
    outcome: Outcome
    inputs: Mapping[str, pa.Table]
    function: Callable[..., Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    rule_files: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """The entry of the anonymous log (docs/format.md)."""
        lineage: dict[str, Any] = {
            "verb": self.verb,
            "function": f"{self.function.__module__}.{self.function.__name__}",
            "source": file_hash(self.function.__module__),
            "batches": anonymous_batches(self.inputs),
            "inputs": {n: {"rows": f.num_rows, "columns": f.num_columns} for n, f in sorted(self.inputs.items())},
            "parameters": dict(self.parameters),
            "version": __version__,
            "lock": lock_hash(),
        }
        if self.models:
            lineage["models"] = dict(self.models)
        if self.rule_files:
            lineage["rule_files"] = dict(self.rule_files)
        return {**self.outcome.entry(ANONYMOUS), "lineage": {**self.outcome.lineage, **lineage}}


def write_receipt(said: Said, place: str) -> dict[str, Any]:
    """Signs what was said, writes the receipt to `place` and the public key beside it.

    Returns:
        ``receipt`` (its path), ``public_key`` (path of the key to verify with), ``root`` (of the outcome, hex).

    Raises:
        InvalidInput: when no file is named.
    """
    if place == "-":
        raise InvalidInput("a receipt is a file of its own", where="--receipt", remedy="name a file")
    path = Path(place)
    key = anonymous_key()
    receipt, _ = issue_alone(said.entry(), key)
    public = publish_key(key.public_key(), ANONYMOUS, path.parent)
    write_whole(path, receipt)
    return {"receipt": str(path), "public_key": str(public), "root": said.outcome.root.hex()}


def is_of_a_tool(entry: Mapping[str, Any]) -> bool:
    """Whether an entry stands in an anonymous log."""
    return entry.get("org") == ANONYMOUS


def compare(entry: Mapping[str, Any], again: Said) -> Replay:
    """A tool's entry beside what the same verb says now, of the input given now.

    Raises:
        InvalidInput: when the input is not the one the receipt names.
    """
    now = again.entry()
    root = str(now["root"])
    for part, words in (("batches", "input"), ("models", "model")):
        if now["lineage"].get(part) != entry["lineage"].get(part):
            raise InvalidInput(
                f"the {words} is not the one the receipt names", remedy="give the file the receipt was made of"
            )
    if canonical_json.serialise(now) == canonical_json.serialise(entry):
        return Replay("same", "rows, reasons and lineage gave the same bytes", root)
    if root == entry["root"]:
        return Replay("same", "rows and reasons gave the same bytes; the program or its libraries differ", root)
    then, today = entry["lineage"].get("rule_files", {}), now["lineage"].get("rule_files", {})
    changed = sorted(name for name in {*then, *today} if then.get(name) != today.get(name))
    if changed:
        return Replay("different", f"rules were changed since: {', '.join(changed)}", root)
    return Replay("different", "the program or its libraries differ from those that made it", root)
