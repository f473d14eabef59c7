"""Amounts in formal Chinese numerals (大写金额), as on cheques, contracts and court papers.

Invariant: follows 支付结算办法 annex 1 (正确填写票据和结算凭证的基本规定); where the annex leaves a 零 optional it
is left out. Reading the numerals back gives the amount.
"""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
LARGEST_FEN = 10**14 - 1


def formal_amount(fen: int) -> str:
    """``壹仟肆佰零玖元伍角整`` of 140950 fen; negative amounts begin with 负.

    Raises:
        ValueError: a million million yuan or more.
    """
    if abs(fen) > LARGEST_FEN:
        raise ValueError(f"too large to write out: {fen}")
    yuan, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    text = _whole(yuan) + "元" if yuan else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    if cents:
        if yuan and not jiao:
            text += "零"
        text += _DIGITS[cents] + "分"
    else:
        text = (text or "零元") + "整"
    return ("负" if fen < 0 else "") + text


def _whole(yuan: int) -> str:
    groups = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    text = ""
    skipped = False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            skipped = True
            continue
        if text and (group < 1_000 or skipped):
            text += "零"
        text += _group(group) + _GROUPS[place]
        skipped = False
    return text


def _group(group: int) -> str:
    text = ""
    zero = False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            zero = bool(text)
            continue
        text += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return text
