"""A night over HTTP: started, watched, read row by row, explained, proved; and nobody else's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asking import Asking
from command import panhuo

PATIENCE = 240  # seconds any one wait may last on a slow machine; nothing is measured with it


@pytest.fixture(scope="module")
def engine(server: Any, queue: None, emptied: Callable[..., None]) -> Iterator[Any]:
    from dbos import DBOS

    from panhuo_server.flows.launching import launch

    emptied()
    yield launch(server, polling_seconds=0.2)
    DBOS.destroy()


def said(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


@pytest.mark.slow
def test_a_night_is_started_watched_read_and_proved(
    server: Any, engine: Any, founded: Any, caller: Callable[..., Asking], tmp_path: Path
) -> None:
    from panhuo_server.store.acting import acting
    from panhuo_server.store.books import import_book

    panhuo("sample", "--preset", "county", "--borrowers", "60", "--seed", "5", "--out", tmp_path / "book")
    bank = founded("lender", org="self")
    with acting(bank.org, bank.person, "import"):
        import_book(tmp_path / "book")
    asks = caller(bank, "monitoring", "nightly_run", **{"X-Purpose": "monitoring"})
    assert said(asks.get("/api/outcomes")) == {"rows": []}
    asked = said(asks.post("/api/runs", {"only": ["class_floor"]}, key="night of 2026-03-02"), 202)
    assert (
        said(asks.post("/api/runs", {"only": ["class_floor"]}, key="night of 2026-03-02"), 202)["run"] == asked["run"]
    )
    assert asks.post("/api/runs", {}, key="night of 2026-03-02").status_code == 409
    until = time.monotonic() + PATIENCE
    while (state := said(asks.get(f"/api/runs/{asked['run']}")))["state"] in ("waiting", "running"):
        assert time.monotonic() < until
        time.sleep(0.3)
    assert state["state"] == "done"
    listed = said(asks.get("/api/outcomes"))["rows"]
    assert "class_floor" in {one["name"] for one in listed}
    assert state["outcomes"] == len(listed)
    assert [one["run"] for one in said(asks.get("/api/runs"))["rows"]] == [asked["run"]]
    rows: list[Any] = []
    cursor = ""
    while True:
        page = said(asks.get(f"/api/outcomes/class_floor?limit=10{cursor}"))
        rows += page["rows"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(rows) == page["count"] > 10
    key = rows[0]["drawdown_id"]
    why = said(asks.get(f"/api/outcomes/class_floor/{key}/why?language=en"))
    assert why["values"]["drawdown_id"]["value"] == key
    assert {reason["rank"] for reason in why["reasons"]} == set(range(1, len(why["reasons"]) + 1))
    # Receipts verify offline, as the command would, with the key the API names.
    (public,) = said(asks.get("/api/keys"))["rows"]
    (tmp_path / "key.pem").write_text(public["public_key"])
    for place in ("batches/1", "outcomes/class_floor", f"outcomes/class_floor/{key}"):
        raw = asks.get(f"/api/receipts/{place}")
        assert raw.status_code == 200, raw.content
        (tmp_path / "receipt.json").write_bytes(raw.content)
        assert panhuo("verify", tmp_path / "receipt.json", "--key", tmp_path / "key.pem")["valid"], place
    other = caller(founded("lender"), "monitoring")
    nothing = other.get("/api/nothing").content
    for place in (f"runs/{asked['run']}", "outcomes/class_floor", f"outcomes?run={asked['run']}",
                  f"outcomes/class_floor/{key}/why", f"receipts/outcomes/class_floor/{key}", "receipts/batches/1",
                  f"outcomes/class_floor?run={asked['run']}"):  # fmt: skip
        assert other.get(f"/api/{place}").content == nothing, place
