"""Rule files: what a reader refuses and where it points; versions; hashes; presets; adoption files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound, PanhuoError
from panhuo.ground.rules.adoption import load_adoption
from panhuo.ground.rules.compile import compile_rule_set
from panhuo.ground.rules.library import FILES
from panhuo.ground.rules.rule_set import load_rule_set, read_rule_set

HEADER = """
name = "trial"
zh = "试验"
en = "trial"
subject = "trial"
dated_by = "day"
[columns.day]
type = "date"
zh = "日"
en = "day"
[columns.wait]
type = "days"
zh = "天"
en = "wait"
[outputs.most]
type = "fen"
zh = "上限"
en = "most"
"""
RULE = """
[[rules]]
id = "TRY-1"
zh = "试"
en = "try"
instrument = "某办法"
article = "1"
grade = { effect = "A", citation = "B" }
effective_from = 2020-01-01
condition = "wait above limit"
effect = { kind = "cap", column = "most", parameter = "most_yuan" }
[rules.parameters]
limit = { value = 90, unit = "days", inclusive = false }
most_yuan = { value = 12.34, unit = "yuan" }
"""


def read(text: str) -> object:
    return read_rule_set(text, "trial.toml")


def test_a_file_reads_and_its_numbers_stand_on_their_scales() -> None:
    rule_set = read_rule_set(HEADER + RULE, "trial.toml")
    rule = rule_set.rule("TRY-1", dt.date(2020, 1, 1))
    assert rule.parameters["most_yuan"].value == 1234
    assert rule.grade.effect == "A"
    assert rule.grade.citation == "B"
    with pytest.raises(NotFound, match="not in force"):
        rule_set.rule("TRY-1", dt.date(2019, 12, 31))
    with pytest.raises(NotFound, match="no rule TRY-2"):
        rule_set.rule("TRY-2", dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('article = "1"\n', "", "article is missing"),
        ('article = "1"', 'artikle = "1"', "unknown key artikle"),
        ('id = "TRY-1"', 'id = "try 1"', "is not a rule id"),
        ('effect = "A", citation', 'effect = "X", citation', "two parts"),
        ("effective_from = 2020-01-01", 'effective_from = "2020-01-01"', "effective_from is not a day"),
        ("effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_to = 2019-01-01", "ends before"),
        ("wait above limit", "wait > limits", "no column or parameter is called limits"),
        ("value = 12.34", "value = 12.345", "finer than the scale"),
        ('unit = "yuan"', 'unit = "dollars"', "unknown unit dollars"),
        ('unit = "yuan"', 'unit = "days"', "finer than the scale"),
        ('value = 12.34, unit = "yuan"', 'value = "many", unit = "yuan"', "not a value"),
        ('kind = "cap"', 'kind = "lid"', "an effect has a kind"),
        ('kind = "cap"', 'kind = "floor"', "does not work on a fen"),
        ('column = "most"', 'column = "least"', "no output is called least"),
        ('parameter = "most_yuan"', 'parameter = "missing"', "no parameter missing"),
        ('parameter = "most_yuan"', 'parameter = "limit"', "gives a days, most is a fen"),
        ('parameter = "most_yuan"', 'value = "x"', "is not a code of most"),
        ('parameter = "most_yuan"', "value = 1, expression = 'wait'", "needs one of"),
        ('parameter = "most_yuan"', "expression = 'wait + 1'", "gives a days"),
        ("limit = {", "day = {", "day is a parameter and a column"),
        ('condition = "wait above limit"\n', "", "both a condition and an effect"),
        ('dated_by = "day"', 'dated_by = "wait"', "no date column"),
        ('type = "days"', 'type = "weeks"', "type is missing or unknown"),
        ('zh = "天"\n', "", "zh and en"),
        ('subject = "trial"\n', "", "subject is missing"),
        ("[outputs.most]", "[outputs.most]\ncolour = 1", "unknown key colour"),
        ('zh = "试"', 'zh = ""', "zh is empty"),
    ],
)
def test_errors_name_file_rule_and_place(old: str, new: str, message: str) -> None:
    text = HEADER + RULE
    assert old in text
    with pytest.raises(InvalidInput, match=message) as caught:
        read(text.replace(old, new))
    assert caught.value.where.startswith("trial.toml")
    assert caught.value.remedy


def test_the_line_of_the_key_is_named() -> None:
    text = HEADER + RULE.replace("wait above limit", "wait > limits")
    with pytest.raises(InvalidInput) as caught:
        read(text)
    line = 1 + text.split("\n").index('condition = "wait > limits"')
    assert caught.value.where == f"trial.toml line {line}, rule TRY-1, condition"


def test_not_toml_names_the_line() -> None:
    with pytest.raises(InvalidInput, match=r"not TOML.*line"):
        read("name = \n")


def test_versions_may_not_overlap_and_exceptions_stand_first() -> None:
    second = RULE.replace("2020-01-01", "2022-01-01")
    with pytest.raises(InvalidInput, match="two versions of TRY-1 are in force on 2022-01-01"):
        read(HEADER + RULE + second)
    ended = RULE.replace("effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_to = 2021-12-31")
    rule_set = read_rule_set(HEADER + ended + second, "trial.toml")
    assert [v.effective_from.year for v in rule_set.versions("TRY-1")] == [2020, 2022]
    late = RULE.replace("TRY-1", "TRY-2").replace(
        '{ kind = "cap", column = "most", parameter = "most_yuan" }', '{ kind = "except", rules = ["TRY-1"] }'
    )
    with pytest.raises(InvalidInput, match="does not stand after it"):
        read(HEADER + RULE + late)
    read(HEADER + late + RULE)


def test_one_column_one_kind() -> None:
    other = RULE.replace("TRY-1", "TRY-2").replace('kind = "cap"', 'kind = "minimum"')
    with pytest.raises(InvalidInput, match="effects of two kinds, cap and minimum"):
        read(HEADER + RULE + other)


def test_the_hash_is_of_what_the_file_says() -> None:
    first = read_rule_set(HEADER + RULE, "trial.toml")
    spaced = read_rule_set("# a remark\n" + HEADER + "\n\n" + RULE, "other.toml")
    assert first.hash == spaced.hash
    for old, new in (("value = 90", "value = 91"), ("inclusive = false", "inclusive = true"), ("试", "改"),
                     ("2020-01-01", "2020-01-02"), ('citation = "B"', 'citation = "M"')):  # fmt: skip
        changed = read_rule_set((HEADER + RULE).replace(old, new), "trial.toml")
        assert changed.hash != first.hash
        assert compile_rule_set(changed).hash == changed.hash


def test_loading_by_path_and_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEADER + RULE, encoding="utf-8")
    assert load_rule_set(path).name == "trial"
    assert load_rule_set(str(path)).hash == load_rule_set(path).hash
    with pytest.raises(NotFound, match="no such rule file"):
        load_rule_set(tmp_path / "none.toml")
    with pytest.raises(NotFound, match="no rule set is called none"):
        load_rule_set("none")


def test_adoption_files(tmp_path: Path) -> None:
    path = tmp_path / "adopted.toml"
    path.write_text(
        'institution = "某行"\n[[adopted]]\nrule_set = "classification"\nrules = ["CLS-19", "CLS-22"]\n'
        'from = 2023-07-01\nby = "董事会"\n',
        encoding="utf-8",
    )
    adoption = load_adoption(path)
    rule_set = load_rule_set("classification")
    bound = rule_set.adopt(adoption)
    assert [a.rule_id for a in bound.adopted] == ["CLS-19", "CLS-22"]
    assert bound.hash != rule_set.hash
    assert load_rule_set("class").adopt(adoption).hash == load_rule_set("class").hash
    for wrong, message in (
        ('[[adopted]]\nrule_set = "x"\n', "institution is missing"),
        ('institution = "某行"\n[[adopted]]\nrule_set = "x"\nrules = []\nby = "y"\n', "missing keys"),
        ('institution = "某行"\n[[adopted]]\nrule_set = "x"\nrules = []\nby = "y"\nfrom = "2020"\n', "not a day"),
        ("institution = \n", "not TOML"),
    ):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InvalidInput, match=message):
            load_adoption(path)
    with pytest.raises(PanhuoError, match="cannot be read"):
        load_adoption(tmp_path / "none.toml")


# Every rule of domain rules 1-4, 5.1, 8.1-8.4, 9.6 that a program can hold, by the file it stands in.
EXPECTED = {
    "classification": "CLS-10 CLS-10a CLS-11 CLS-12 CLS-13 CLS-14 CLS-15 CLS-16 CLS-18 CLS-19 CLS-20 CLS-21 CLS-22 "
    "CLS-23 CLS-30 CLS-30a",
    "class": "CLS-17 CLS-24 CLS-25 CLS-28 CLS-29 CLS-29a",
    "provisioning": "PRV-02 PRV-03 PRV-04 PRV-05 PRV-06 PRV-08 PRV-09 PRV-12 PRV-14 PRV-15 PRV-15a",
    "origination_limits": "INT-02 INT-05 INT-11 INT-12 INT-13 INT-14 LN-01 LN-02 LN-03 LN-04 LN-05 LN-10 "
    "MLC-02 MLC-04 MLC-05 GUA-01",
    "price_and_disclosure": "RATE-01 RATE-02 RATE-06 RATE-08 INT-23 MLC-10 MLC-11 DSC-01 DSC-03 DSC-04 PEN-01 PEN-02 "
    "PEN-03 PEN-04 PEN-05 APP-01 APP-02 APP-05 LATE-01 LATE-03 GEN-07",
    "fees": "FEE-01 FEE-02 FEE-03 FEE-04 FEE-05 FEE-06 FEE-07 FEE-08",
    "size_classes": "SIZ-01 SIZ-02 SIZ-03 SIZ-04 SIZ-05",
    "procedure_clocks": " ".join([f"LIT-{n:02}" for n in range(1, 13)] + [f"ENF-{n:02}" for n in range(1, 11)]),
    "limitation_and_guarantee": " ".join(
        [f"LIM-{n:02}" for n in range(1, 7)] + [f"GUA-{n}" for n in range(10, 20)]
    ),
    "security_and_priority": "DIST-01 SEC-01 SEC-02 SEC-03 SEC-04 SEC-05 SEC-11 SEC-13 SEC-16",
    "appraisal_validity": "REF-01 REF-04 REF-06 REF-07 REF-08 REF-09 REF-10",
    "seizure_and_confirmation": "OUT-28 LIT-09 MED-01",
    "judicial_auction": "AUC-02 AUC-03 AUC-04 AUC-08 AUC-09 AUC-12 OUT-06 OUT-07 OUT-08 OUT-09 OUT-10 OUT-13 "
    "OUT-15 OUT-29",
    "warnings": " ".join(f"WRN-{n:02}" for n in range(1, 14)),
    "retention": "RET-01 RET-02 RET-03 RET-04 RET-05 RET-06 RET-07",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_shipped_file_reads_compiles_and_holds_its_rules(name: str) -> None:
    rule_set = load_rule_set(name)
    assert rule_set.name == name
    assert set(EXPECTED[name].split()) <= set(rule_set.rule_ids)
    compiled = compile_rule_set(rule_set)
    assert callable(compiled.judge_rules)
    for rule in rule_set.rules:
        assert rule.zh != rule.en
        assert any("\u4e00" <= c <= "\u9fff" for c in rule.zh)
        assert not any("\u4e00" <= c <= "\u9fff" for c in rule.en)


def test_no_file_is_left_out() -> None:
    assert {p.stem for p in FILES.glob("*.toml")} == set(EXPECTED)


def test_header_comments_name_exactly_the_columns() -> None:
    for path in FILES.glob("*.toml"):
        rule_set = load_rule_set(path.stem)
        if not rule_set.columns:
            continue
        head = path.read_text(encoding="utf-8").split("\nname = ")[0]
        for column in rule_set.columns:
            assert f"#   {column}" in head, f"{path.name}: {column} is not described at the top"
