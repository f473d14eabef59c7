"""Training on a table: what is asked, refused, validated; the same bytes for the same input; scoring without it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.book.reading.frames import read_frame, write_frame
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.learning.card import model_card
from panhuo.tools.learning.measures import auc
from panhuo.tools.learning.model import read_model
from panhuo.tools.learning.population import read_outcome, read_population
from panhuo.tools.learning.scoring import Scorer, score_table
from panhuo.tools.learning.training import train

pytest.importorskip("lightgbm")


def loans(size: int = 1500, seed: int = 2) -> pa.Table:
    generator = np.random.default_rng(seed)
    income, years = generator.lognormal(3, 0.5, size), generator.integers(0, 30, size).astype(float)
    years[generator.random(size) < 0.1] = np.nan
    trade = generator.choice(["tea", "steel", "cloth", "food"], size, p=[0.4, 0.3, 0.2, 0.1])
    margin = 1.5 - 0.08 * income - 0.05 * np.nan_to_num(years, nan=5.0) + 1.0 * (trade == "steel")
    bad = (generator.random(size) < 1 / (1 + np.exp(-margin))).astype(int)
    return pa.table(
        {
            "loan_no": [f"L{i:05d}" for i in range(size)],
            "income": income,
            "years": pa.array(years, from_pandas=True),
            "trade": trade,
            "sex": generator.choice(["f", "m"], size),
            "day": pa.array((15_000 + np.arange(size)).astype(np.int32)).cast(pa.date32()),
            "bad": bad,
        }
    )


@pytest.fixture(scope="module")
def by_trees():
    return train(loans(), "bad", id_column="loan_no", drop=("day",), method="trees")


def test_the_event_is_the_larger_number_and_texts_must_name_it():
    numbers = pa.table({"t": [2, 1, None, 2]})
    outcome, event, other = read_outcome(numbers, "t", None)
    assert event == "2"
    assert other == "1"
    np.testing.assert_array_equal(outcome, [1, 0, np.nan, 1])
    texts = pa.table({"t": ["good", "bad", None]})
    with pytest.raises(InvalidInput, match=r"'bad', 'good'") as refused:
        read_outcome(texts, "t", None)
    assert "--event" in refused.value.remedy
    np.testing.assert_array_equal(read_outcome(texts, "t", "bad")[0], [0, 1, np.nan])
    assert read_outcome(numbers, "t", "1.0")[1] == "1"
    with pytest.raises(InvalidInput, match="'ugly'"):
        read_outcome(texts, "t", "ugly")
    with pytest.raises(InvalidInput, match="3 values"):
        read_outcome(pa.table({"t": [0, 1, 2]}), "t", None)
    assert read_outcome(pa.table({"t": [True, False]}), "t", None)[1] == "true"
    with pytest.raises(NotFound, match="'u'"):
        read_outcome(texts, "u", None)


def test_ids_names_and_constants_are_left_out_by_name():
    data = loans().append_column("one", pa.array([7] * 1500)).append_column("row", pa.array(range(1500)))
    people = read_population(data, "bad")
    assert set(people.left_out) == {"loan_no", "one", "row"}
    assert {note.column for note in people.notes} >= {"loan_no", "one", "row"}
    assert all(note.zh and note.en for note in people.notes)


def test_validation_is_of_unseen_rows_and_reasons_add_up(by_trees):
    found = by_trees.validation
    assert by_trees.split["kind"] == "cross-validation"
    assert 0.6 < found.auc.low < found.auc.value < found.auc.high < 0.9
    assert len(found.judged) == 1500
    scored = score_table(by_trees.model, loans())
    assert scored.column_names[:3] == ["loan_no", "probability", "score"]
    points = sum(
        np.array([0.0 if r is None else float(r.rsplit("-> ", 1)[1]) for r in scored[f"reason_{k}"].to_pylist()])
        for k in range(1, 6)
    )
    total = points + scored["base"].to_numpy() + scored["rest"].to_numpy()
    np.testing.assert_allclose(total, scored["score"].to_numpy(), atol=1e-9, rtol=0)
    # Probability falls as the score rises, and is right on the whole.
    outcome = loans()["bad"].to_numpy().astype(float)
    assert auc(outcome, scored["probability"].to_numpy()).value == pytest.approx(
        auc(outcome, -scored["score"].to_numpy()).value, abs=1e-3
    )
    assert scored["probability"].to_numpy().mean() == pytest.approx(outcome.mean(), abs=0.02)


def test_time_splits_the_early_from_the_late():
    trained = train(loans(), "bad", time_column="day", id_column="loan_no", method="trees")
    assert trained.split["kind"] == "out of time"
    assert trained.split["validate"] == pytest.approx(375, abs=2)
    assert trained.split["from"] == "2014-02-24"  # 15,000 + 1,125 days after 1970-01-01
    assert (trained.validation.judged >= 1120).all()


def test_a_sure_leak_is_kept_out_unless_asked_for():
    data = loans()
    data = data.append_column("lost", pa.array(np.where(data["bad"].to_numpy() == 1, 5.0, 0.0)))
    trained = train(data, "bad", id_column="loan_no", drop=("day",), method="trees")
    assert [leak.column for leak in trained.leaks] == ["lost"]
    assert "lost" not in [feature.name for feature in trained.model.features]
    assert trained.auc_with_leaks.value > 0.99 > trained.validation.auc.value
    kept = train(data, "bad", id_column="loan_no", drop=("day",), keep=("lost",), method="trees")
    assert kept.validation.auc.value > 0.99
    assert [leak.column for leak in kept.leaks] == ["lost"]


def test_same_input_same_bytes_and_the_text_scores_alike(by_trees):
    again = train(loans(), "bad", id_column="loan_no", drop=("day",), method="trees")
    assert again.model.text() == by_trees.model.text()
    read = read_model(by_trees.model.text())
    assert score_table(read, loans()).equals(score_table(by_trees.model, loans()))
    assert model_card(again, loans()) == model_card(by_trees, loans())


def test_the_card_says_what_it_must(by_trees):
    page = model_card(by_trees, loans())
    for said in (
        "Reject inference", "拒绝推断", "Override rate", "人工改判率", "Population", "缺失", "not law", "不是法律",
        "<svg", by_trees.model.hash(), "income", "sex",
    ):  # fmt: skip
        assert said in page
    assert "http" not in page.replace("http-equiv", "")
    assert "nan" not in page.lower().replace("finance", "")


def test_the_verbs_write_whole_files_and_scoring_loads_no_training_library(tmp_path):
    from panhuo.verbs import train as verb

    write_frame(loans(), tmp_path / "loans.csv")
    arguments = {"target": "bad", "id": "loan_no", "drop": "day", "method": "trees", "out": str(tmp_path / "m.json")}
    result = verb.run(str(tmp_path / "loans.csv"), **arguments)
    for key in ("auc", "auc_low", "auc_high", "ks", "brier", "rows", "split", "leaks"):
        assert key in result
    json.dumps(result)
    assert "AUC" in verb.show(result, "zh")
    assert "AUC" in verb.show(result, "en")
    model = (tmp_path / "m.json").read_bytes()
    assert hashlib.sha256(model.rstrip(b"\n")).hexdigest() == result["model_hash"]
    assert (tmp_path / "m.json.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    code = (
        "import sys\nfrom panhuo.verbs.score import run\n"
        f"print(run({str(tmp_path / 'm.json')!r}, {str(tmp_path / 'loans.csv')!r}, {str(tmp_path / 's.csv')!r}))\n"
        "assert not {'lightgbm', 'sklearn', 'optbinning', 'ortools', 'cvxpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    scored = read_frame(tmp_path / "s.csv")
    assert scored.num_rows == 1500
    assert scored["score"].to_numpy().tolist() == score_table(read_model(model), loans())["score"].to_numpy().tolist()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["loans.csv", "m.json", "m.json.html", "s.csv"]


@pytest.mark.slow
def test_another_process_and_hash_seed_give_the_same_model(tmp_path):
    pytest.importorskip("optbinning")
    write_frame(loans(600), tmp_path / "loans.parquet")
    hashes = set()
    for seed in ("1", "2"):
        code = (
            "from panhuo.verbs.train import run\n"
            "for method in ('scorecard', 'trees'):\n"
            f"    found = run({str(tmp_path / 'loans.parquet')!r}, target='bad', id='loan_no', drop='day', "
            f"method=method, out={str(tmp_path)!r} + '/' + method + '.json')\n"
            "    print(method, found['model_hash'])"
        )
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed}
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
        said = done.stdout.split("\n")
        hashes.update(line for line in said if line.startswith(("scorecard ", "trees ")))
    assert len(hashes) == 2


@pytest.mark.slow
def test_a_scorecard_scores_as_its_bins_say():
    pytest.importorskip("optbinning")
    trained = train(loans(), "bad", id_column="loan_no", drop=("day", "sex"), method="scorecard")
    model = read_model(trained.model.text())
    assert model.method == "scorecard"
    data = loans()
    scorer = Scorer(model)
    rows = scorer.rows(data)
    scores = scorer.score(rows)
    for i in range(0, 1500, 100):
        total = model.base
        for column in model.card:
            value = rows[i, column.feature]
            if value != value:
                total += column.unknown_points
            elif column.groups:
                total += column.points[column.groups[int(value)]]
            else:
                total += column.points[sum(value > edge for edge in column.edges)]
        assert total == scores.score[i]
    # The further the trade is towards steel, and the lower the income, the lower the score: as the table was made.
    by_name = {model.features[c.feature].name: c for c in model.card}
    assert list(by_name["income"].points) == sorted(by_name["income"].points)
    assert "评分卡" in model_card(trained, data)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target", "event", "drop", "every"),
    [
        ("german_credit_statlog.csv.gz", "class_1good_0bad", "0", (), 1),
        ("australian_credit_statlog.csv.gz", "A15", None, (), 1),
        ("hmeq.csv.gz", "BAD", None, (), 1),
        ("taiwan_default_uci.parquet", "default.payment.next.month", None, ("ID", "apply_date"), 10),
    ],
)
def test_no_worse_than_plain_lightgbm_on_the_classic_sets(shared_data, name, target, event, drop, every):
    import lightgbm
    from sklearn.model_selection import StratifiedKFold

    data = read_frame(shared_data / "credit_scoring_classic" / name)
    data = data.take(np.arange(0, data.num_rows, every))  # the same rows for both; fewer rows make a wider interval
    trained = train(data, target, event=event, drop=drop, method="auto")
    assert trained.leaks == []
    people = trained.people
    texts = [i for i, feature in enumerate(people.features) if feature.kind == "text"]
    margin = np.empty(len(people.outcome))
    for teach, judge in StratifiedKFold(5, shuffle=True, random_state=0).split(people.rows, people.outcome):
        plain = lightgbm.LGBMClassifier(n_jobs=1, verbose=-1)
        plain.fit(people.rows[teach], people.outcome[teach], categorical_feature=texts)
        margin[judge] = plain.predict_proba(people.rows[judge])[:, 1]
    plain_auc = auc(people.outcome, margin).value
    found = trained.validation.auc
    print(f"{name}: {found.value:.4f} [{found.low:.4f}, {found.high:.4f}] against plain LightGBM {plain_auc:.4f}")
    assert found.high >= plain_auc
