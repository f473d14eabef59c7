"""Lists that are no outcome: people, shares, imports, nights; cells that lead somewhere, and what may be done to a row.

Invariant: an act asks once, with its consequence, and is a form that carries the page's own token; a row holds nothing
the visit may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.pieces.figures import Badge


@dataclass(frozen=True)
class Act:
    """Something that can be done to a row: where it is sent, what the button says, what is sent along.

    Attributes:
        ask: the consequence; where given, the button opens it first.
        reason: a question whose answer is sent as ``reason``.
    """

    address: str
    name: Text
    given: tuple[tuple[str, str], ...] = ()
    ask: Text = words.NOTHING
    reason: Text = words.NOTHING
    main: bool = False


@dataclass(frozen=True)
class Entry:
    """A cell; `whole` keeps it on one line, as days are."""

    text: Text = words.NOTHING
    goes: str = ""
    note: Text = words.NOTHING
    badge: Badge | None = None
    number: bool = False
    code: bool = False
    whole: bool = False
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list as shown."""

    id: str
    title: Text
    heads: Sequence[Text]
    rows: Sequence[Sequence[Entry]]
    empty: Text
    note: Text = words.NOTHING
    plain: bool = False

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.rows)

    @property
    def numbers(self) -> list[tuple[Text, bool]]:
        """Heads, each with whether its column holds numbers."""
        first = self.rows[0] if self.rows else ()
        return [(head, at < len(first) and first[at].number) for at, head in enumerate(self.heads)]


def same(value: Any) -> Text:
    """What reads the same in both languages."""
    return Text(str(value), str(value))


def said(value: Any, **named: Any) -> Entry:
    """A cell with a text."""
    return Entry(value if isinstance(value, Text) else same(value), **named)


def moment(at: datetime | None) -> Text:
    """A moment as people read it: day and minute, in the server's time zone."""
    return same(timezone.localtime(at).strftime("%Y-%m-%d %H:%M")) if at is not None else words.DASH


def lasted(seconds: float | None) -> Text:
    """A time span in words."""
    if seconds is None:
        return words.DASH
    whole = int(seconds)
    if whole < 1:
        return Text("不到 1 秒", "under a second")
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return Text(f"{minutes} 分 {rest} 秒", f"{minutes} min {rest} s") if minutes else Text(f"{rest} 秒", f"{rest} s")
