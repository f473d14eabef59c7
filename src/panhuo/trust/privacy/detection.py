"""Personal numbers in text that must not hold any 个人信息识别: what may be said in events, reasons and logs.

Invariant: a number is told by its own check character or shape, never by where it stands; names cannot be told this
way, and who knows a person's values compares with those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.identifiers import identity_card_check, luhn_check

_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d{9}(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])62\d{14,17}(?![0-9A-Za-z])")


def personal_kind(text: str) -> str | None:
    """``identity_number``, ``bank_card`` or ``phone`` when the text holds one; None otherwise.

    An identity card number counts with the right check character (GB 11643), a card of the domestic ranges (62) with
    the right check digit (ISO/IEC 7812-1), a mobile number by its eleven digits.
    """
    for found in _IDENTITY.findall(text):
        if identity_card_check(found[:17]) == found[17].upper():
            return "identity_number"
    for found in _CARD.findall(text):
        if luhn_check(found[:-1]) == found[-1]:
            return "bank_card"
    return "phone" if _PHONE.search(text) else None


def refuse_personal(said: Any, where: str, key: str = "") -> None:
    """Goes on only when no text in `said` (mappings and lists are walked) holds a personal number.

    Values of the key ``id`` and of keys that end in ``_id`` are names of things in a book and are passed over.

    Raises:
        InvalidInput: naming the kind and the key, never the value.
    """
    if isinstance(said, str):
        kind = None if key == "id" or key.endswith("_id") else personal_kind(said)
        if kind is not None:
            raise InvalidInput(
                f"{key or 'the text'} holds a {kind.replace('_', ' ')}",
                where=where,
                remedy="name the party by its id",
                code="invalid-input/personal-data",
            )
    elif isinstance(said, Mapping):
        for name, value in said.items():
            refuse_personal(value, where, str(name))
    elif isinstance(said, list | tuple):
        for value in said:
            refuse_personal(value, where, key)
