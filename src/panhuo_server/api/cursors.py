"""Where the next page begins: opaque to the caller, signed by the server.

Invariant: a cursor is good for the list, the organisation and the filters it was made for, and for nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core import signing

from panhuo.ground.record.errors import InvalidInput
from panhuo_server.accounts.acting import current

_SALT = "panhuo api cursor"
FIRST, MOST = 100, 1000
"""Rows of a page when nothing is said, and at most."""


def _of(filters: Mapping[str, Any]) -> str:
    who = current()
    named = json.dumps([who.org, who.purpose, dict(filters)], default=str, sort_keys=True)
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def made(place: list[Any], filters: Mapping[str, Any]) -> str:
    """The cursor that begins after `place`; inside `acting`."""
    return signing.dumps([_of(filters), place], salt=_SALT)


def read(text: str | None, filters: Mapping[str, Any]) -> list[Any] | None:
    """The place a cursor begins after; None without a cursor.

    Raises:
        InvalidInput: when it is none of this list.
    """
    if text is None:
        return None
    try:
        of, place = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        of, place = "", []
    if of != _of(filters):
        raise InvalidInput(
            "not a cursor of this list", where="cursor", remedy="begin again without it", code="invalid-input/cursor"
        )
    return list(place)
