"""``panhuo rings`` as a user calls it."""

from __future__ import annotations

from pathlib import Path

from panhuo.verbs import rings


def test_a_small_table(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("src,dst,amount\nA,B,5\nB,C,3\nC,A,4\nB,A,1.5\nD,A,2\nA,A,9\n", encoding="utf-8")
    result = rings.run(str(path))
    assert result["rings"] == [["A", "B"], ["A", "B", "C"]]
    assert result["by_length"] == {"2": 1, "3": 1, "4": 0, "5": 0, "6": 0}
    assert result["groups"] == [
        {"members": ["A", "B", "C", "D"], "cores": [["A", "B", "C"]], "edges": 5, "amount": 15.5, "ringed": 3}
    ]
    assert result["ring_amounts"] == [{"total": 6.5, "smallest": 1.5}, {"total": 12, "smallest": 3}]
    assert result["cuts"][0] == {"src": "A", "dst": "B", "rings": 2, "amount": 5}
    assert result["exposure"][0]["party"] == "D" and result["exposure"][0]["amount"] == 15.5
    assert [n["code"] for n in result["notes"]] == ["self-loops"]
    assert "A -> B -> A" in rings.show(result, "zh") and "2 rings" in rings.show(result, "en")


def test_numbers_stay_numbers_and_the_count_is_exact_beyond_the_list(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    rows = [f"{a},{b}" for a in range(1, 6) for b in range(1, 6) if a != b]
    path.write_text("src,dst\n" + "\n".join(rows) + "\n", encoding="utf-8")
    result = rings.run(str(path), max_length=3, most=4)
    assert result["rings"] == [[1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 5]]
    assert result["by_length"] == {"2": 10, "3": 20}
    assert (result["count"], result["listed"]) == (30, 4)
    assert [n["code"] for n in result["notes"]] == ["undirected"]
    assert "exposure" not in result
