"""Asking once before what cannot simply be taken back, with its consequence in numbers; the states of a piece.

Invariant: nothing happens on the first press; the second press sends what the first one said and ``sure``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, shown


@dataclass(frozen=True)
class Ask:
    """A question before an act: what it changes, in numbers; the form that goes on; where one goes back to."""

    question: Text
    consequences: Sequence[Text]
    verb: Text
    action: str
    fields: Sequence[tuple[str, str]]
    back: str


@dataclass(frozen=True)
class State:
    """What stands where a piece would be: nothing yet, on its way, a fault, no network, or older than the facts."""

    kind: Literal["empty", "loading", "error", "offline", "stale"]
    text: Text = words.NOTHING
    verb: Text | None = None
    href: str = ""
    post: bool = False
    shape: str = ""


def sure(visit: Visit) -> bool:
    """Whether the question was answered."""
    return bool(visit.request.POST.get("sure") == "yes")


def asking(visit: Visit, ask: Ask, room: str) -> Any:
    """The page that asks."""
    return shown(visit.request, "console/confirm.html", {"room": room, "ask": ask}, visit=visit)
