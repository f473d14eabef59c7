"""Amounts written in Chinese numerals, as contracts and judgments do: 壹佰贰拾万元整, 三千零五十元六角.

Invariant: a text is read exactly or not at all.
"""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {
    c: value
    for value, forms in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in forms
}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_AMOUNT = re.compile(
    r"(?:人民币)?(?P<whole>[零〇一二三四五六七八九两壹贰叁肆伍陆柒捌玖十拾百佰千仟万萬亿億]+)"
    r"(?:[元圆]零?(?:(?P<jiao>[零一二三四五六七八九壹贰叁肆伍陆柒捌玖])角)?零?(?:(?P<fen>[零一二三四五六七八九壹贰叁肆伍陆柒捌玖])分)?[整正]?)?\Z"
)


def _whole(text: str) -> int | None:
    total = group = 0
    digit: int | None = None
    last_place = 10**5
    for c in text:
        if c in _DIGITS:
            if digit:
                return None  # two digits side by side: a serial, not an amount
            digit = _DIGITS[c]
        elif c in _PLACES:
            place = _PLACES[c]
            if place >= last_place:
                return None
            group += (1 if digit is None else digit) * place
            digit, last_place = None, place
        else:
            group += digit or 0
            total = (total + group) * _GROUPS[c] if total and total < _GROUPS[c] else total + group * _GROUPS[c]
            group, digit, last_place = 0, None, 10**5
    return total + group + (digit or 0)


def chinese_amount(text: str) -> Decimal | None:
    """The amount in yuan that Chinese numerals state, or None when the text is something else."""
    found = _AMOUNT.match(re.sub(r"\s", "", text))
    if not found or not re.search("[十拾百佰千仟万萬亿億元圆]", found[0]):
        return None
    whole = _whole(found["whole"])
    if whole is None:
        return None
    return Decimal(whole * 100 + 10 * _DIGITS[found["jiao"] or "零"] + _DIGITS[found["fen"] or "零"]) / 100
