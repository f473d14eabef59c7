"""The examples of docs/rules.md are true: what it shows compiles, what it calls refused is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from panhuo.ground.rules import rule
from panhuo.ground.rules.adoption import read_adoption
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.condition import Kind, ParameterValue, check_condition
from panhuo.ground.rules.grammar import ConditionError
from panhuo.ground.rules.library import FILES
from panhuo.ground.rules.rule_set import RuleSet, load_rule_set, read_rule_set

PARAMETERS = {
    "limit": ParameterValue(90, Kind.DAYS, inclusive=False),
    "kinds": ParameterValue(("trade", "loan"), Kind.CODE),
}


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example(page: str) -> RuleSet:
    return read_rule_set(block(page, "toml file"), "mine.toml")


def block(page: str, name: str) -> str:
    found = re.search(rf"^```{name}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_whole_file_compiles(example: RuleSet) -> None:
    compiled = compile_rule_set(example)
    assert compiled.rule_ids == ("XMP-01", "XMP-02", "XMP-03", "XMP-04", "XMP-05")
    assert "XMP-02" in compiled.source


def test_every_condition_shown_compiles(page: str, example: RuleSet) -> None:
    for line in block(page, "condition").splitlines():
        check_condition(line, example.columns, PARAMETERS)


def test_every_condition_called_refused_is(page: str, example: RuleSet) -> None:
    for line in block(page, "refused").splitlines():
        with pytest.raises(ConditionError):
            check_condition(line, example.columns, PARAMETERS)


def test_the_error_shown_is_the_error_given(page: str, example: RuleSet) -> None:
    with pytest.raises(ConditionError) as caught:
        check_condition("overdue_day > 90", example.columns, PARAMETERS, "mine.toml line 31, rule XMP-02, condition")
    assert str(caught.value) == block(page, "text").rstrip("\n")


def test_the_adoption_shown_fits_the_shipped_rules(page: str) -> None:
    import tomllib

    adoption = read_adoption(tomllib.loads(block(page, "toml adopted")))
    for name in ("classification", "class"):
        assert load_rule_set(name).adopt(adoption).hash != load_rule_set(name).hash


def test_the_python_shown_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block(page, "python"), "docs/rules.md", "exec"), {})
    assert "def judge_rules(row):" in capsys.readouterr().out


def test_every_construct_is_documented(page: str) -> None:
    for word in (*rule.EffectKind, *rule.UNITS, *Kind, *rule.SourceGrade):
        if word is not Kind.NUMBER:
            assert re.search(rf"\b{re.escape(word)}\b", page.replace(" * ", "*")), word
    for path in FILES.glob("*.toml"):
        assert f"`{path.stem}`" in page, path.stem
