"""What decides a number beside the facts is read through one library, and every reading is recorded by its hash."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from panhuo.ground.record.errors import NotFound
from panhuo.ground.rules.library import FILES, REFERENCE, RuleLibrary, current_library, recording
from panhuo.ground.rules.prime_rate import loan_prime_rate
from panhuo.ground.rules.rule_set import load_rule_set
from panhuo.ground.rules.schedules import number
from panhuo.stages.origination.default_probability import card
from panhuo.stages.origination.policy import policy
from panhuo.stages.recovery.route import route_assumptions
from panhuo.stages.valuation.assumptions import assumptions
from panhuo.tools.finance.court_fees import scale_from_rules

DAY = date(2024, 6, 30)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def changed() -> RuleLibrary:
    """The provisioning rules with PRV-01's rate for a loss at 99 % instead of 100 %."""
    text = (FILES / "provisioning.toml").read_text(encoding="utf-8")
    at = text.index('id = "PRV-01/loss"')
    return RuleLibrary({"provisioning.toml": text[:at] + text[at:].replace("value = 100,", "value = 99,", 1)})


def loss_rate() -> int:
    return number("provisioning", "PRV-01/loss", "rate", on=DAY)


def test_every_reading_is_recorded_also_the_second_which_a_cache_answers() -> None:
    for _ in range(2):
        with recording() as read:
            loss_rate()
            load_rule_set("warnings:r004")
            loan_prime_rate(DAY)
        assert read.hashes == {
            "lpr.toml": digest(REFERENCE / "lpr.toml"),
            "provisioning.toml": digest(FILES / "provisioning.toml"),
            "warnings.toml": digest(FILES / "warnings.toml"),
        }
        assert set(read.kept) == set(read.hashes.values())


@pytest.mark.parametrize(
    ("reader", "files"),
    [
        (lambda: policy(DAY), {"credit_policy.toml"}),
        (lambda: card(DAY), {"expert_card.toml"}),
        (lambda: assumptions(DAY), {"assumptions.toml", "fees.toml"}),
        (lambda: route_assumptions(DAY), {"route_assumptions.toml", "fees.toml"}),
        (lambda: scale_from_rules("fees", "FEE-01", DAY), {"fees.toml"}),
    ],
)
def test_an_institutions_own_files_are_readings_too(reader: object, files: set[str]) -> None:
    assert callable(reader)
    for _ in range(2):
        with recording() as read:
            reader()
        assert set(read.texts) == files


def test_a_library_in_use_answers_for_as_long_as_it_is_in_use() -> None:
    shipped = load_rule_set("provisioning").hash
    assert loss_rate() == 1_000_000  # PRV-01: loss 100 %
    with recording(changed()) as outer:
        assert loss_rate() == 990_000
        assert load_rule_set("provisioning").hash != shipped
        with recording() as inner:
            assert loss_rate() == 990_000
        with recording(RuleLibrary()):
            assert loss_rate() == 1_000_000
        assert inner.texts == changed().texts
    assert outer.texts["provisioning.toml"] == (FILES / "provisioning.toml").read_text(encoding="utf-8")
    assert loss_rate() == 1_000_000 and load_rule_set("provisioning").hash == shipped
    assert current_library().texts == {}


def test_a_file_outside_the_package_is_read_anew_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "lender.toml"
    text = (FILES / "provisioning.toml").read_text(encoding="utf-8")
    seen = set()
    for edited in (text, text.replace("value = 100,", "value = 99,")):
        path.write_text(edited, encoding="utf-8")
        with recording() as read:
            seen.add(load_rule_set(path).hash)
        assert read.texts == {"lender.toml": edited}
    assert len(seen) == 2


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="no rule set is called no_such_thing"):
        load_rule_set("no_such_thing:preset")
    with pytest.raises(NotFound, match="no file"):
        RuleLibrary().text(Path("/nowhere/none.toml"))
