"""Personal numbers told by their own check characters; names of things in a book are left alone."""

from __future__ import annotations

import pytest

from panhuo.ground.record.errors import InvalidInput
from panhuo.trust.privacy.detection import personal_kind, refuse_personal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("身份证11010519491231002X。", "identity_number"),  # the worked number of GB 11643-1999
        ("11010519491231002x", "identity_number"),
        ("110105194912310021", None),  # wrong check character
        ("卡号 6212345678900000003", "bank_card"),  # by ISO/IEC 7812-1: doubling from the right gives a multiple of ten
        ("请联系13800138000", "phone"),
        ("+86 13800138000", "phone"),
        ("120001380013800099", None),
        ("a13800138000b", None),
        ("PIPL-47-3, d000123, 2025-03-31", None),
        ("f" * 20 + "13800138000" + "f" * 20, None),
    ],
)
def test_a_number_is_told_by_its_check_character(text: str, kind: str | None) -> None:
    assert personal_kind(text) == kind


def test_bodies_are_walked_and_the_value_is_never_told() -> None:
    refuse_personal({"claim_id": "13800138000", "days": 13800138000, "list": [{"note": "by hand"}]}, "event x")
    with pytest.raises(InvalidInput) as caught:
        refuse_personal({"list": [{"note": "call 13800138000"}]}, "event x")
    assert "13800138000" not in str(caught.value) and "note" in str(caught.value)
