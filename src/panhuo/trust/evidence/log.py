"""The log of an organisation: append-only, one leaf a batch, an outcome or an erasure; heads are signed.

Invariant: an entry, once there, never changes; every signed head's tree begins with the tree of every earlier head. The
clock is read in one place only, when a head is signed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panhuo.ground.book.folder import Book, flush_folder
from panhuo.ground.record import canonical_json
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.record.merkle import Frontier, leaf_hash
from panhuo.trust.evidence.heads import SignedHead as SignedHead
from panhuo.trust.evidence.heads import now_text as now_text
from panhuo.trust.evidence.heads import sign_frontier
from panhuo.trust.evidence.keys import signing_key


def sign_head(
    key: Ed25519PrivateKey, org: str, lines: Sequence[bytes], clock: Callable[[], str] = now_text
) -> SignedHead:
    """The head of a log of `lines`, signed at the clock's time."""
    return sign_frontier(key, org, frontier_of(lines), clock)


def frontier_of(lines: Sequence[bytes]) -> Frontier:
    """Where a log of `lines` ends."""
    frontier = Frontier()
    for line in lines:
        frontier.append(leaf_hash(line))
    return frontier


class Log:
    """An organisation's log inside its book."""

    def __init__(self, book: Book, org: str) -> None:
        self.book = book
        self.org = org
        self.path = book.folder / "log" / f"{quote(org, safe='')}.jsonl"
        self.heads_path = book.folder / "log" / f"{quote(org, safe='')}.heads.jsonl"

    def entries(self) -> list[bytes]:
        """Canonical bytes of every entry, in order. A last line that was cut short does not count.

        Raises:
            InvalidInput: when a line is not canonical JSON.
        """
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().split(b"\n")
        whole = lines[:-1]  # what follows the last newline was cut short and never acknowledged
        for number, line in enumerate(whole, start=1):
            try:
                canonical_json.parse(line)
            except InvalidInput as error:
                raise InvalidInput(error.what, where=f"{self.path.name} line {number}", remedy=error.remedy) from error
        return whole

    def append(self, entries: Sequence[dict[str, Any]], *, clock: Callable[[], str] = now_text) -> list[int]:
        """Adds entries (none that is already there is added twice), signs the new head, returns their indices.

        Raises:
            InvalidInput: when what was signed before no longer stands in the log.
        """
        with self.book.locked(self.org):
            lines = self.entries()
            have = {line: i for i, line in enumerate(lines)}
            self._mend()
            self._unchanged(lines)
            added = []
            indices = []
            for entry in [*self._batches_missing(have), *entries]:
                line = canonical_json.serialise(entry)
                if line in have:
                    if entry in entries:
                        indices.append(have[line])
                    continue
                have[line] = len(lines)
                if entry in entries:
                    indices.append(len(lines))
                lines.append(line)
                added.append(line)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(b"".join(line + b"\n" for line in added))
                file.flush()
                os.fsync(file.fileno())
            self._sign(lines, clock)
            flush_folder(self.path.parent)
            return indices

    def _mend(self) -> None:
        # Cuts off a line that a crash left half-written, entry or head; it was never acknowledged.
        for path in (self.path, self.heads_path):
            if path.exists():
                data = path.read_bytes()
                end = data.rfind(b"\n") + 1
                if end != len(data):
                    with path.open("r+b") as file:
                        file.truncate(end)

    def _batches_missing(self, have: dict[bytes, int]) -> list[dict[str, Any]]:
        # A crash between sealing and logging leaves a batch without its leaf: every append makes up for it first.
        return [b.entry() for b in self.book.batches(self.org) if canonical_json.serialise(b.entry()) not in have]

    def _unchanged(self, lines: Sequence[bytes]) -> None:
        # What was signed once must still stand: nothing is signed on top of a log that somebody edited.
        last = self.head()
        if last is None:
            return
        size = last.head["size"]
        if len(lines) < size or frontier_of(lines[:size]).root.hex() != last.head["root"]:
            raise InvalidInput(
                f"the log no longer begins with the {size} entries of its last signed head",
                where=str(self.path),
                remedy="restore the log",
            )

    def _sign(self, lines: Sequence[bytes], clock: Callable[[], str]) -> None:
        last = self.head()
        if last is not None and last.head["size"] == len(lines):
            return
        signed = sign_head(signing_key(self.book, self.org), self.org, lines, clock)
        with self.heads_path.open("ab") as file:
            file.write(signed.record + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def heads(self) -> list[SignedHead]:
        """Every signed head, oldest first."""
        if not self.heads_path.exists():
            return []
        return [SignedHead.of_record(line) for line in self.heads_path.read_bytes().split(b"\n")[:-1]]

    def head(self) -> SignedHead | None:
        """The latest signed head."""
        heads = self.heads()
        return heads[-1] if heads else None
