"""Passwords: refused when easy to guess, kept only as argon2 hashes.

Invariant: a password leaves this file only hashed, and checking one costs the same time whether or not the person
exists.
"""

from __future__ import annotations

import hmac
from functools import cache

from django.contrib.auth.hashers import check_password, make_password

from panhuo.ground.record.errors import InvalidInput

SHORTEST = 10
"""Characters a password must have."""


def hashed(password: str, *, about: tuple[str, ...] = ()) -> str:
    """The argon2 hash of a new password.

    Args:
        about: what the password must not be or begin with: the person's address and name.

    Raises:
        InvalidInput: when it is short, of very few characters, or the person's own name or address.
    """
    plain = password.casefold()
    known = {part.casefold() for text in about for part in (text, text.partition("@")[0]) if len(part) > 3}
    if len(password) < SHORTEST or len(set(plain)) < 5 or any(plain.startswith(part) for part in known):
        raise InvalidInput(
            "the password is too easy to guess",
            remedy=f"at least {SHORTEST} characters, not beginning with your name or address",
            code="invalid-input/password",
        )
    return str(make_password(password))


@cache
def nobodys() -> str:
    """The hash of a password nobody has, checked in the place of an unknown person's."""
    import secrets

    return str(make_password(secrets.token_urlsafe(24)))


def matches(password: str, known: str | None) -> bool:
    """Whether it is the password; the same work is done when there is none to compare with."""
    unknown = nobodys()
    right = check_password(password, known if known is not None else unknown)
    return bool(right) and known is not None and not hmac.compare_digest(known, unknown)
