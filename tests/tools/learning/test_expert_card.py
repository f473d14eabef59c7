"""A card given by hand: what it is worth, in whose words, and what is refused."""

from __future__ import annotations

import copy
import math
import tomllib

import numpy as np
import pyarrow as pa
import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.tools.learning.expert_card import expert_card, load_expert_card
from panhuo.tools.learning.model import read_model
from panhuo.tools.learning.scoring import Scorer, score_table

CARD = """
name = "invoices"
zh = "发票评分卡"
en = "invoice card"
base = 520
scale = { points = 600, odds = 50, double = 20 }

[[column]]
name = "void_share"
zh = "作废发票占比"
en = "share of voided invoices"
unknown = { points = -10, zh = "无记录", en = "not known" }
bin = [
  { to = 0.02, points = 15, zh = "不超过 2 %", en = "at most 2 %" },
  { to = 0.10, points = 0, zh = "2 % 至 10 %", en = "2 % to 10 %" },
  { points = -20.5, zh = "超过 10 %", en = "over 10 %" },
]

[[column]]
name = "industry"
kind = "text"
unknown = { points = 0, zh = "未知", en = "not known" }
bin = [
  { among = ["tea", "rice"], points = 5, zh = "农业", en = "farming" },
  { points = -1, zh = "其他", en = "others" },
]
"""


def card():
    return expert_card(tomllib.loads(CARD))


def test_points_add_up_and_words_are_given_in_both_languages():
    data = pa.table({"void_share": [0.02, 0.0200001, 0.5, None], "industry": ["tea", "steel", None, " rice "]})
    scorer = Scorer(card())
    scores = scorer.score(scorer.rows(data))
    # By hand: 520+15+5, 520+0-1, 520-20.5+0, 520-10+5
    assert scores.score.tolist() == [540_000, 519_000, 499_500, 515_000]
    assert (scores.base + scores.contributions.sum(axis=1)).tolist() == scores.score.tolist()
    zh = score_table(card(), data, language="zh")
    en = score_table(card(), data, language="en")
    assert zh["reason_1"][0].as_py() == "作废发票占比: 不超过 2 % -> +15.000"
    assert en["reason_1"][2].as_py() == "share of voided invoices: over 10 % -> -20.500"
    assert en["reason_1"][3].as_py() == "share of voided invoices: not known -> -10.000"
    assert en["row"].to_pylist() == [1, 2, 3, 4]


def test_the_declared_scale_gives_the_probability():
    document = tomllib.loads(CARD)
    document["base"] = 600
    data = pa.table({"void_share": [0.05, 0.05], "industry": [None, None]})
    scorer = Scorer(expert_card(document))
    assert scorer.score(scorer.rows(data)).probability.tolist() == [round(1e9 / 51)] * 2  # 50 good to 1 bad
    document["base"] = 620
    scorer = Scorer(expert_card(document))
    assert scorer.score(scorer.rows(data)).probability[0] == pytest.approx(1e9 / 101, abs=1)  # 100 to 1


def test_the_plain_source_and_the_compiled_give_the_same(rng=None):
    from panhuo.tools.learning import scorecard
    from panhuo.tools.learning.scoring import margin_of_points, probability_of

    scorer = Scorer(card())
    generator = np.random.default_rng(7)
    rows = np.column_stack(
        [generator.choice([0.0, 0.02, 0.1, 0.3, np.nan], 200), generator.choice([0, 1, 2, np.nan], 200)]
    )
    scores = scorer.score(rows)
    laid = scorecard.lay_out(card())
    for i, row in enumerate(scorer.card_rows(rows)):
        column, gain = np.zeros(5, np.int16), np.zeros(5, np.int64)
        score = scorecard.card_score(laid.base, laid.feature, laid.edges, laid.points, row, column, gain)
        assert score == scores.score[i]
        assert gain.tolist() == scores.reason_points[i].tolist()
        scale = card().scale
        assert probability_of(margin_of_points(score, scale.factor, scale.offset)) == scores.probability[i]
        assert scorecard.score_one(laid, row)[0] == score


def test_the_text_of_a_card_reads_back_to_the_same_bytes():
    text = card().text()
    assert read_model(text).text() == text
    assert read_model(text) == card()
    with pytest.raises(InvalidInput):
        read_model(text.replace(b'"base":520000', b'"base": 520000'))


def test_what_is_refused(tmp_path):
    whole = tomllib.loads(CARD)
    for spoil, said in (
        (lambda d: d["column"][0].pop("unknown"), "unknown value"),
        (lambda d: d["column"][0]["bin"][0].update(colour=1), "colour"),
        (lambda d: d["column"][0]["bin"][2].update(to=1), "last bin"),
        (lambda d: d["column"][0]["bin"][1].update(to=0.01), "rise"),
        (lambda d: d["column"][0]["bin"][1].update(points=0.1234), "three decimals"),
        (lambda d: d["column"].append(copy.deepcopy(d["column"][0])), "twice"),
    ):
        document = copy.deepcopy(whole)
        spoil(document)
        with pytest.raises(InvalidInput, match=said):
            expert_card(document)
    with pytest.raises(NotFound):
        load_expert_card(tmp_path / "none.toml")
    with pytest.raises(NotFound, match="void_share"):
        score_table(card(), pa.table({"industry": ["tea"]}))
    assert math.isclose(card().scale.factor, 28.85390081777927, abs_tol=1e-14)
