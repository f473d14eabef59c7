"""Secrets somebody carries: sessions, invitations, tokens of programs; shown once, kept as their SHA-256.

Invariant: 256 random bits stand behind each, so a plain hash keeps them; what is stored lets nobody in.

A text is ``KIND.PLACE.ID.SECRET``: `PLACE` is the organisation's code in base64url (empty for a session, which belongs
to a person), `ID` finds the row and `SECRET` proves it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field

KINDS = ("session", "invitation", "token")


@dataclass(frozen=True)
class Bearer:
    """One such secret, as made or as read from its text."""

    kind: str
    org: str
    id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What its holder is given."""
        place = base64.urlsafe_b64encode(self.org.encode()).decode().rstrip("=")
        return f"{self.kind}.{place}.{self.id}.{self.secret}"

    @property
    def hash(self) -> str:
        """What is stored."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def made(kind: str, org: str = "") -> Bearer:
    """A new secret of a kind."""
    return Bearer(kind, org, secrets.token_hex(12), secrets.token_urlsafe(32))


def read(kind: str, text: str) -> Bearer | None:
    """The secret a text holds; None when it is no such text (the caller answers as to an unknown one)."""
    parts = text.split(".") if len(text) < 1000 else []
    if len(parts) != 4 or parts[0] != kind or not parts[2] or not parts[3]:
        return None
    try:
        org = base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    found = Bearer(kind, org, parts[2], parts[3])
    return found if found.text == text and "\x00" not in text + org else None
