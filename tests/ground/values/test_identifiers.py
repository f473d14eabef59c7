"""Identifiers: published vectors, an independent implementation (python-stdnum), and every way of being wrong."""

from __future__ import annotations

from datetime import date

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
import stdnum.luhn
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.values import identifiers as ids


# domain-rules: vectors of GB 32100-2015, GB 11643-1999, ISO/IEC 7812-1
@pytest.mark.parametrize(
    ("first", "check"), [("91110000000000000", "E"), ("91330102MA0000000", "9"), ("92330102MA0000000", "6")]
)
def test_unified_social_credit_code_vectors(first: str, check: str) -> None:
    assert ids.unified_social_credit_check(first) == check
    assert ids.check_unified_social_credit_code(first + check) is None
    wrong = "0" if check != "0" else "1"
    found = ids.check_unified_social_credit_code(first + wrong)
    assert found is not None
    assert found.severity == "refuse"
    assert check in found.reason_zh
    assert check in found.reason_en


def test_identity_card_vector() -> None:
    assert ids.identity_card_check("11010519491231002") == "X"
    assert ids.check_identity_card("11010519491231002X") is None
    assert ids.check_identity_card("11010519491231002x") is None
    assert ids.check_identity_card("１１０１０５１９４９１２３１００２Ｘ") is None
    assert ids.check_identity_card("110105194912310021") is not None


def test_luhn_vector() -> None:
    assert ids.luhn_check("622202123456789012") == "8"
    assert ids.check_bank_card("6222 0212 3456 7890 128") is None
    found = ids.check_bank_card("6222021234567890127")
    assert found is not None
    assert found.severity == "warn"


# GB 11714: the State Council's well-known published organisation codes are not used here; the sum is done by hand:
# 0000000+0 -> 11 - 0 mod 11 = 11 -> 0;  D2143569 -> 13*3+2*7+1*9+4*10+3*5+5*8+6*4+9*2 = 199; 199 mod 11 = 1 -> 10 -> X
@pytest.mark.parametrize(("first", "check"), [("00000000", "0"), ("D2143569", "X")])
def test_organisation_code(first: str, check: str) -> None:
    assert ids.organisation_check(first) == check
    assert ids.check_organisation_code(f"{first}-{check}") is None


def test_inner_code_warns_only() -> None:
    found = ids.check_inner_organisation_code("91330102MA00000009")
    assert found is None or found.severity == "warn"
    assert ids.check_unified_social_credit_code("91330102MA00000009") is None


@given(
    st.text(alphabet="0123456789", min_size=8, max_size=8),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=10),
)
def test_unified_social_credit_code_agrees_with_stdnum(head: str, tail: str) -> None:
    code = (head + tail)[:18]
    if len(code) == 17:
        code += ids.unified_social_credit_check(code)
    assert (ids.check_unified_social_credit_code(code) is None) == stdnum.cn.uscc.is_valid(code)


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(0, 999), st.sampled_from("0123456789X"))
def test_identity_card_agrees_with_stdnum(born: date, sequence: int, last: str) -> None:
    first = f"110105{born:%Y%m%d}{sequence:03d}"
    right = first + ids.identity_card_check(first)
    assert ids.check_identity_card(right) is None
    assert stdnum.cn.ric.is_valid(right)
    assert (ids.check_identity_card(first + last) is None) == stdnum.cn.ric.is_valid(first + last)


@given(st.text(alphabet="0123456789", min_size=13, max_size=19))
def test_luhn_agrees_with_stdnum(number: str) -> None:
    assert (ids.check_bank_card(number) is None) == stdnum.luhn.is_valid(number)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("110105194902310025", "出生日期"),
        ("110105491231002", "15位"),
        ("990105194912310021X", "17位"),
        ("00010519491231002X", "17位"),
        ("20010519491231002X", "省级"),
    ],
)
def test_identity_card_says_what_is_wrong(text: str, words: str) -> None:
    found = ids.check_identity_card(text)
    assert found is not None
    assert words in found.reason_zh
    assert found.reason_en


@pytest.mark.parametrize(
    ("text", "normalised", "court", "level", "kind"),
    [
        ("（2023）浙0102民初1234号", "（2023）浙0102民初1234号", "浙0102", "basic", "民初"),
        ("(2023)浙0102民初1234号", "（2023）浙0102民初1234号", "浙0102", "basic", "民初"),
        ("（２０２３） 浙0102 执 5678 号", "（2023）浙0102执5678号", "浙0102", "basic", "执"),
        ("〔2020〕最高法民申12号", "（2020）最高法民申12号", "最高法", "supreme", "民申"),
        ("（2021）京民终7号", "（2021）京民终7号", "京", "high", "民终"),
        ("（2022）苏05执恢33号之一", "（2022）苏05执恢33号之一", "苏05", "intermediate", "执恢"),
        ("（2022）粤03破申9号", "（2022）粤03破申9号", "粤03", "intermediate", "破申"),
        ("（2021）兵01民终2号", "（2021）兵01民终2号", "兵01", "intermediate", "民终"),
    ],
)
def test_case_numbers(text: str, normalised: str, court: str, level: str, kind: str) -> None:
    found = ids.parse_case_number(text)
    assert isinstance(found, ids.CaseNumber)
    assert (found.normalised, found.court, found.level, found.type, found.form) == (
        normalised, court, level, kind, "present",
    )  # fmt: skip
    assert ids.check_case_number(text) is None


def test_case_number_special_and_former() -> None:
    special = ids.parse_case_number("（2019）最高法知民终1号")
    assert isinstance(special, ids.CaseNumber)
    assert (special.special, special.type) == ("知", "民终")
    # the old number named in the domain rules
    old = ids.parse_case_number("（2012）杭上商初字第123号")
    assert isinstance(old, ids.CaseNumber)
    assert (old.form, old.year, old.court, old.type, old.serial) == ("former", 2012, "杭上", "商初", "123")
    assert ids.check_case_number("（2012）杭上商初字第123号") is None


@pytest.mark.parametrize(
    "text", ["", "2023浙0102民初1234号", "（2023）甲0102民初1234号", "（2023）浙0102民初号", "（2023）浙012民初5号"]
)
def test_case_numbers_refused(text: str) -> None:
    found = ids.check_case_number(text)
    assert found is not None
    assert found.severity == "refuse"


def test_case_number_warnings() -> None:
    padded = ids.check_case_number("（2023）浙0102民初0012号")
    assert padded is not None
    assert padded.severity == "warn"
    unknown = ids.check_case_number("（2023）浙0102司惩1号")
    assert unknown is not None
    assert unknown.severity == "warn"


def test_real_estate_unit() -> None:
    assert ids.check_real_estate_unit("330102 001002 GB00123 F00010005") is None
    assert ids.check_real_estate_unit("330102001002GB00123W00000000") is None
    warned = ids.check_real_estate_unit("330102001002GB00123W00000001")
    assert warned is not None
    assert warned.severity == "warn"
    for wrong in ("330102001002GB00123F0001000", "000102001002GB00123F00010005", "33010200100200123GBF00010005"):
        found = ids.check_real_estate_unit(wrong)
        assert found is not None
        assert found.severity == "refuse"


def test_certificates() -> None:
    present = ids.parse_certificate("浙(2023)杭州市不动产权第0012345号")
    assert isinstance(present, ids.Certificate)
    assert (present.form, present.province, present.year, present.place, present.serial) == (
        "title", "浙", 2023, "杭州市", "0012345",
    )  # fmt: skip
    assert ids.check_certificate("浙（2023）杭州市不动产权第0012345号") is None
    assert ids.check_certificate("沪（2020）浦字不动产权第012345号") is None
    short = ids.check_certificate("浙（2023）杭州市不动产权第12345号")
    assert short is not None
    assert short.severity == "warn"
    proof = ids.parse_certificate("浙（2023）杭州市不动产证明第0012345号")
    assert isinstance(proof, ids.Certificate)
    assert proof.form == "registration"
    for former in ("杭房权证上字第12345678号", "杭国用(2009)第001234号"):
        found = ids.parse_certificate(former)
        assert isinstance(found, ids.Certificate)
        assert found.form == "former"
        warned = ids.check_certificate(former)
        assert warned is not None
        assert warned.severity == "warn"
    assert ids.check_certificate("随便写的") is not None


def test_vehicle_number() -> None:
    # 49 CFR 565 and ISO 3779 textbook example: 1M8GDM9AXKP042788 has check X; 17 ones have check 1.
    assert ids.check_vehicle_number("1M8GDM9AXKP042788") is None
    assert ids.check_vehicle_number("1" * 17) is None
    warned = ids.check_vehicle_number("1M8GDM9A1KP042788")
    assert warned is not None
    assert warned.severity == "warn"
    refused = ids.check_vehicle_number("1M8GDM9AXKP04278O")
    assert refused is not None
    assert refused.severity == "refuse"


def test_region_and_phone() -> None:
    assert ids.check_region("330102") is None
    assert ids.check_region("990102") is not None
    assert ids.check_region("33010") is not None
    for good in ("13800138000", "+86 138 0013 8000", "0571-87654321", "(010)12345678"):
        assert ids.check_phone(good) is None
    assert ids.check_phone("12345") is not None


@given(st.text(max_size=40))
def test_no_check_ever_raises(text: str) -> None:
    for check in (
        ids.check_unified_social_credit_code, ids.check_organisation_code, ids.check_inner_organisation_code,
        ids.check_identity_card, ids.check_bank_card, ids.check_case_number, ids.check_real_estate_unit,
        ids.check_certificate, ids.check_vehicle_number, ids.check_region, ids.check_phone,
    ):  # fmt: skip
        found = check(text)
        assert found is None or (found.reason_zh and found.reason_en)
