"""What templates may write beside Django's own: a phrase in the page's language, a file's address.

Invariant: nothing here marks as safe what it did not make.
"""

from __future__ import annotations

from typing import Any

from django import template

from panhuo.journey.report.words import Text
from panhuo_server.console.pieces import charts
from panhuo_server.console.statics import address_of

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Any, first: Any, second: Any = None) -> Any:
    """``{% say "中文" "English" %}``, or one bilingual text, in the page's language."""
    if second is None:
        if not isinstance(first, Text):
            return first
        first, second = first.zh, first.en
    return first if context["language"] == "zh" else second


@register.simple_tag
def static(name: str) -> str:
    """Where a file is found."""
    return address_of(name)


@register.filter
def at(value: Any, name: str) -> Any:
    """An entry of a mapping."""
    return value.get(name)


@register.filter
def drawn(chart: Any, language: str) -> str:
    """A chart's data in the page's language."""
    return charts.data(chart, language)


@register.simple_tag(takes_context=True)
def walk_offered(context: Any) -> bool:
    """Whether the page leads to a demonstration's walk."""
    from panhuo_server.console import walk

    return bool(context.get("visit")) and walk.offered(context["visit"].request)


@register.simple_tag
def in_a_demonstration() -> bool:
    """Whether this server shows a demonstration."""
    from panhuo_server.console import walk

    return walk.in_demonstration()
