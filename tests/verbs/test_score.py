"""``panhuo score --against``: how a score ranks outcomes, by hand and with what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.verbs import score

CARD = """
name = "ratio"
base = 500
scale = { points = 600, odds = 50, double = 20 }
[[column]]
name = "ratio"
unknown = { points = 0 }
bin = [{ to = 1, points = 30 }, { to = 2, points = 20 }, { to = 3, points = 10 }, { points = 0 }]
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    card, data, labels = tmp_path / "card.toml", tmp_path / "data.csv", tmp_path / "labels.csv"
    card.write_text(CARD, encoding="utf-8")
    # Safest first: ratio 1 (30 points) to 4 (0 points); A and E fall in one bin.
    data.write_text("id,ratio,bad\nA,1,0\nE,1,1\nB,2,0\nC,3,1\nD,4,1\nF,4,\n", encoding="utf-8")
    labels.write_text("id,state\nD,lost\nC,lost\nB,paid\nA,paid\nE,lost\nZ,paid\n", encoding="utf-8")
    return {"model": str(card), "data": str(data), "out": str(tmp_path / "out.csv"), "labels": str(labels)}


def test_the_area_by_hand(files: dict[str, str]) -> None:
    """Events C, D, E against A, B: pairs won C>A, C>B, D>A, D>B, tied E=A, lost E<B: (4 + 1/2) / 6."""
    result = score.run(files["model"], files["data"], files["out"], id="id", against="bad")
    assert result["auc"] == pytest.approx(4.5 / 6, abs=1e-12)
    assert result["auc_low"] < result["auc"] < result["auc_high"] <= 1
    assert result["against"] == {"column": "bad", "rows": 5, "events": 3, "unknown": 1, "event": "1"}
    assert "AUC 0.7500" in score.show(result, "en") and "结果未知 1" in score.show(result, "zh")
    named = score.run(
        files["model"], files["data"], files["out"], id="id", against="state", labels=files["labels"], event="lost"
    )
    assert (named["auc"], named["against"]["rows"], named["against"]["event"]) == (result["auc"], 5, "lost")


def test_what_cannot_be_compared_is_refused(files: dict[str, str], tmp_path: Path) -> None:
    def run(**more: str) -> object:
        return score.run(files["model"], files["data"], files["out"], id="id", **more)

    with pytest.raises(InvalidInput, match=r"which value"):
        run(against="state", labels=files["labels"])
    with pytest.raises(InvalidInput, match="which column to test"):
        run(labels=files["labels"])
    with pytest.raises(NotFound):
        run(against="nothing")
    twice = tmp_path / "twice.csv"
    twice.write_text("id,bad\nA,0\nB,1\nA,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="stands twice"):
        run(against="bad", labels=str(twice))
