"""What happened, said once on the next page after somebody did something, with a way back where there is one.

Invariant: a message is the program's own sentence, signed by this server and shown one time; it holds no personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.http import HttpResponse

from panhuo.journey.report.words import Text

COOKIE = "panhuo_said"
LASTS = 120
"""Seconds a message waits for the next page."""
_SALT = "panhuo.console.message"


@dataclass(frozen=True)
class Message:
    """What was done, and the form that undoes it: its address and fields."""

    text: Text
    undo: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> list[tuple[str, str]]:
        """The fields of the form that undoes it."""
        return list(self.fields.items())


def tell(
    response: HttpResponse, text: Text, *, undo: str = "", fields: Mapping[str, str] | None = None, secure: bool = False
) -> HttpResponse:
    """Lets the next page say it; with `undo` the console address that takes it back, and its form's fields."""
    given = [text.zh, text.en, undo, dict(fields or {})]
    response.set_cookie(
        COOKIE, signing.dumps(given, salt=_SALT), max_age=LASTS, httponly=True, samesite="Lax", secure=secure
    )
    return response


def waiting(request: Any) -> Message | None:
    """The message that waits for this page; None when there is none, or not one of ours."""
    held = request.COOKIES.get(COOKIE)
    if not held:
        return None
    try:
        zh, en, undo, fields = signing.loads(held, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return None
    return Message(Text(zh, en), undo if undo.startswith("/console/") else "", fields)


def forget(response: HttpResponse) -> None:
    """It was said."""
    response.delete_cookie(COOKIE, samesite="Lax")
