"""Formal amounts: the worked examples of 支付结算办法 annex 1, and reading back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.values.formal_amount import LARGEST_FEN, formal_amount

UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(text: str) -> int:
    sign = -1 if text.startswith("负") else 1
    text = text.removeprefix("负").removesuffix("整")
    total = group = digit = fen = 0
    for letter in text:
        if letter in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(letter)
        elif letter in UNITS:
            group, digit = group + digit * UNITS[letter], 0
        elif letter == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        elif letter == "亿":
            total, group, digit = total + (group + digit) * 100_000_000, 0, 0
        elif letter == "元":
            total, group, digit = total + group + digit, 0, 0
        elif letter == "角":
            fen, digit = fen + digit * 10, 0
        elif letter == "分":
            fen, digit = fen + digit, 0
    return sign * (total * 100 + fen)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (0, "零元整"),
        (5, "伍分"),
        (100_000_000, "壹佰万元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (-120, "负壹元贰角整"),
    ],
)
def test_examples(fen: int, text: str) -> None:
    assert formal_amount(fen) == text


@settings(deadline=None)
@given(st.integers(-LARGEST_FEN, LARGEST_FEN))
def test_reads_back(fen: int) -> None:
    assert read_back(formal_amount(fen)) == fen


def test_too_large() -> None:
    with pytest.raises(ValueError, match="too large"):
        formal_amount(LARGEST_FEN + 1)
