"""Charts in a real Chromium under the pages' own policy: drawn, led on by a click, not missed without script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 120_000  # milliseconds on a slow machine; nothing is measured with it


def test_the_kits_charts(server: Any, vacate: Any, address: str) -> None:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    from panhuo_server.accounts.organisations import found

    vacate("charts-bank")
    found("charts-bank", "图行", "lender", "charts@bank.example", "图", "long enough secret")
    faults: list[str] = []
    asked: list[str] = []

    def enter(context: Any) -> Any:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/console/sign-in?next=/console/kit")
        page.fill("#email", "charts@bank.example")
        page.fill("#password", "long enough secret")
        page.click("main button.do")
        page.wait_for_selector("h1")
        return page

    with driver.sync_playwright() as p:
        running = p.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = enter(running.new_context(locale="en-GB"))
        page.wait_for_selector("figure.drawn canvas")
        kinds = page.eval_on_selector_all("[data-chart]", "all => all.map(e => JSON.parse(e.dataset.chart).kind)")
        assert {"bars", "lines", "flow"} <= set(kinds)
        assert page.locator("figure.drawn canvas").count() == len(kinds)
        inked = "e => new Set(e.getContext('2d').getImageData(0, 0, e.width, e.height).data).size"
        assert all(page.locator("figure.drawn canvas").nth(n).evaluate(inked) > 8 for n in range(len(kinds)))
        # A click on the first bar goes where its number goes: here, to the kit itself.
        first = page.locator("figure.drawn canvas").first
        width = first.evaluate("e => e.clientWidth")
        with page.expect_navigation(timeout=20_000):
            first.click(position={"x": width * 0.35, "y": 24})
        assert page.url == f"{address}/console/kit"
        page.wait_for_selector("figure.drawn canvas")
        page.get_by_title("Light and dark").click()
        assert page.locator("html").get_attribute("data-theme") in ("dark", "light")
        bare = enter(running.new_context(locale="en-GB", java_script_enabled=False))
        assert bare.locator("figure.drawn:visible").count() == 0
        assert bare.locator("table").count() > 0
        running.close()
    assert faults == []
    assert all(url.startswith(address) for url in asked)
