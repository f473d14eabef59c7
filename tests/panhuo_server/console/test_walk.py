"""The first walk: there in a demonstration alone, with steps into the rooms somebody may enter."""

from __future__ import annotations

from typing import Any

from console_answers import body


def test_there_is_a_walk_in_a_demonstration_alone(server: Any, founded: Any, browser: Any) -> None:
    made = founded("borrower")
    client = browser(f"admin{made.org.split('-')[1]}@borrower.example")
    assert client.get("/console/walk").status_code == 404
    assert 'href="/console/walk"' not in body(client.get("/console/"))
    mark = server.folder / "demonstration.json"
    mark.write_text("{}")
    try:
        page = body(client.get("/console/walk"))
        assert 'href="/console/mine/loans"' in page and 'href="/console/claims' not in page.split('class="walk"')[1]
        assert 'href="/console/walk"' in body(client.get("/console/"))
        assert "sign-ins.txt" in body(browser().get("/console/sign-in"))
        answer = client.post("/console/walk/away", {"next": "/console/"})
        assert answer.status_code == 302 and answer["Location"] == "/console/"
        assert 'href="/console/walk"' not in body(client.get("/console/"))
    finally:
        mark.unlink()
    assert client.get("/console/walk").status_code == 404
