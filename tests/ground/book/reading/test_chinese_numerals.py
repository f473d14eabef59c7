"""Amounts spelled out, by the forms the Payment and Settlement Measures prescribe for bills."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.book.reading.chinese_numerals import chinese_amount


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        # examples of 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定)
        ("人民币壹仟肆佰零玖元伍角", "1409.5"),
        ("人民币陆仟零柒元壹角肆分", "6007.14"),
        ("人民币壹仟陆佰捌拾元零叁角贰分", "1680.32"),
        ("人民币壹拾万柒仟元零伍角叁分", "107000.53"),
        ("人民币壹万陆仟肆佰零玖元零贰分", "16409.02"),
        ("人民币叁佰贰拾伍元零肆分", "325.04"),
        ("壹佰贰拾万元整", "1200000"),
        ("叁亿零伍佰万元", "305000000"),
        ("一百万", "1000000"),
        ("十万元", "100000"),
        ("拾元", "10"),
        ("一万亿元", "1000000000000"),
        ("贰零贰肆", None),
        ("百千元", None),
        ("一百元钱", None),
        ("", None),
    ],
)
def test_amounts(text: str, yuan: str | None) -> None:
    assert chinese_amount(text) == (None if yuan is None else Decimal(yuan))


def spelled(number: int) -> str:
    """Written by rule: groups of four from the left, a zero where places are skipped."""
    digits, places, groups = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿")
    out, owed = "", False
    parts = [number // 10 ** (4 * g) % 10_000 for g in (2, 1, 0)]
    for part, group in zip(parts, reversed(groups), strict=True):
        if part == 0:
            owed = bool(out)
            continue
        text = ""
        for place in (3, 2, 1, 0):
            digit = part // 10**place % 10
            if digit == 0:
                owed = owed or bool(out or text)
                continue
            text += ("零" if owed else "") + digits[digit] + places[place]
            owed = False
        owed = False
        out += text + group
    return out + "元整"


@given(st.integers(1, 10**12 - 1))
def test_spelled_out_and_read_back(number: int) -> None:
    assert chinese_amount(spelled(number)) == number


@given(st.text(max_size=20))
def test_never_raises(text: str) -> None:
    chinese_amount(text)
