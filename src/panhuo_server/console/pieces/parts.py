"""A number worked out as somebody asks, opened: what it is made of, each part opening to its own fact or judgement.

Invariant: the parts shown and what is left of them give the number. Nothing is sealed here, so the number has no
receipt; every part has the one of the row or the fact it opens to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse

from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, shown
from panhuo_server.console.pieces.pictures import Bar, signed
from panhuo_server.console.results import Night

LISTED = 60
"""Parts a drawer lists; what remains is named with its number and sum."""


@dataclass(frozen=True)
class Part:
    """A part of a number: what it is, its amount, where it opens."""

    name: Text
    amount: int
    href: str = ""


def bars_of(parts: Sequence[Part], reads: Callable[[int], Text]) -> list[Bar]:
    """The parts as bars, the largest first; those past what a drawer lists as one bar."""
    largest = sorted((one for one in parts if one.amount), key=lambda one: (-abs(one.amount), one.name.en))
    listed, rest = largest[:LISTED], largest[LISTED:]
    if rest:
        name = Text(f"其余 {len(rest):,} 项", f"the other {len(rest):,}")
        listed = [*listed, Part(name, sum(one.amount for one in rest))]
    bars = signed([("", one.name, one.amount, reads(one.amount)) for one in listed])
    return [replace(bar, href=one.href) for bar, one in zip(bars, listed, strict=True)]


def made_of(name: Text, parts: Sequence[Part], reads: Callable[[int], Text]) -> dict[str, Any]:
    """What a drawer says of a number made of parts."""
    return {"bars": bars_of(parts, reads), "reached": (name, reads(sum(one.amount for one in parts)))}


def exact_in(currency: str) -> Callable[[int], Text]:
    """How an amount of a currency reads, to its last minor unit."""
    return lambda amount: words.exact(amount, currency)


def _begun(said: Text) -> Text:
    return Text(said.zh, said.en[:1].upper() + said.en[1:])


def opened(visit: Visit, night: Night | None, given: dict[str, Any]) -> HttpResponse:
    """A drawer when a page asks for it, a page of its own when an address does.

    `given` holds title and sentence, and any of bars and reached, fall, reasons, pairs, links, source, notes, proof.
    """
    begun = {name: _begun(given[name]) for name in ("title", "sentence")}
    given = {"room": "", "night": night, "address": visit.request.get_full_path(), **given, **begun}
    drawer = visit.request.headers.get("HX-Request") == "true"
    return shown(visit.request, "console/opened_drawer.html" if drawer else "console/opened.html", given, visit=visit)
