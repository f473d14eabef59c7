"""Answers a process keeps for the next who asks the same, as long as nothing they rest on can have changed.

Invariant: an answer is worked out once at a time; whoever asks for the same meanwhile waits for it. What is kept is
named by all it rests on: nothing is ever thrown out for being old, only for room.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class KeptAnswers(Generic[Answer]):
    """The answers asked for last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Answer] = OrderedDict()
        self._made: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, name: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer of this name: the one that is kept, else what `make` gives; what it raises is kept nowhere."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
            making = self._made.setdefault(name, threading.Lock())
        with making:
            with self._lock:
                if name in self._held:
                    return self._held[name]
            try:
                found = make()
            finally:
                with self._lock:
                    self._made.pop(name, None)
            with self._lock:
                self._held[name] = found
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
            return found
