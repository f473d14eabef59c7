"""A person in front of the console in a real Chromium: signs in, clicks, and notes what a page should never do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK, PHONE = (1440, 900), (390, 844)
SHOTS = Path(__file__).parent.parent / "build" / "screenshots"
SETTLED = 30_000
"""Milliseconds any one wait may last on a slow machine; nothing is measured with it."""
FAULTS = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ` + v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", "));
}"""


@dataclass
class Sitting:
    """One person in one language at one size: the page, and what went wrong on any page of it."""

    page: Any
    address: str
    language: str
    name: str
    clicks: int = 0
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Opens an address."""
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        self.clicks = 0

    def click(self, where: Any) -> None:
        """Clicks a link or button and waits for what comes of it."""
        where.click(timeout=SETTLED)
        self.page.wait_for_load_state("load")
        self.clicks += 1

    def drawer(self) -> Any:
        """The drawer, once what was clicked has opened in it."""
        found = self.page.locator("#drawer:not([hidden]) .heading")
        found.wait_for(timeout=SETTLED)
        return self.page.locator("#drawer")

    def verified(self) -> str:
        """Presses the open drawer's button; returns the receipt once the browser has accepted it."""
        drawer = self.drawer()
        drawer.locator(".proof button.do").click()
        verdict = drawer.locator(".verdict.good, .verdict.bad")
        verdict.wait_for(timeout=SETTLED)
        assert "good" in (verdict.get_attribute("class") or "").split(), verdict.inner_text()
        return str(drawer.locator(".receipt").text_content())

    def rail(self) -> list[str]:
        """Addresses of the left rail, in its order."""
        return [str(a) for a in self.page.eval_on_selector_all("nav.rail a", "all => all.map(a => a.pathname)")]

    def faults(self, script: str) -> list[str]:
        """Serious and critical faults axe-core finds on the page."""
        self.page.evaluate(script)
        return [str(fault) for fault in self.page.evaluate(FAULTS)]

    def shoot(self, path: str) -> None:
        """Keeps a picture of the page."""
        if "/network" in path:
            self.page.wait_for_load_state("networkidle")  # drawn from what its script fetches
        slug = re.sub(r"[^A-Za-z0-9]+", "-", path.removeprefix("/console")).strip("-")[:80] or "today"
        place = SHOTS / self.name / f"{slug}.{self.language}.{self.page.viewport_size['width']}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(place), full_page=True, type="jpeg", quality=70)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@dataclass
class Seats:
    """Everybody's place in one browser: each signs in once, whatever they look at."""

    browser: Any
    address: str
    people: dict[str, str]
    _states: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def sitting(self, email: str, language: str = "zh", size: tuple[int, int] = DESK) -> Iterator[Sitting]:
        """Somebody, signed in; afterwards it has asked no other host and broken no policy."""
        known = self._states.get(email)
        locale = "zh-CN" if language == "zh" else "en-GB"
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, storage_state=known, reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(SETTLED)
        found = Sitting(page, self.address, language, email.partition("@")[0])
        host = urlsplit(self.address).netloc
        page.on("request", lambda request: self._asked(found, host, request.url))
        page.on("console", lambda said: self._said(found, said))
        page.on("pageerror", lambda error: found.wrong.append(f"{page.url}: {error}"))
        try:
            if known is None:
                found.open("/console/sign-in")
                page.fill("#email", email)
                page.fill("#password", self.people[email])
                page.click("button.do")
                page.wait_for_url(self.address + "/console/")
                self._states[email] = context.storage_state()
            yield found
        finally:
            context.close()
        assert not found.wrong, found.wrong

    @staticmethod
    def _asked(sitting: Sitting, host: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            sitting.wrong.append(f"asked {url}")

    @staticmethod
    def _said(sitting: Sitting, said: Any) -> None:
        if said.type == "error" or "Content Security Policy" in said.text:
            sitting.wrong.append(f"{sitting.page.url}: {said.text}")


def people_of(folder: Path) -> dict[str, str]:
    """Address -> password of a demonstration."""
    kept = json.loads((folder / "sign-ins.json").read_text("utf-8"))
    return {one["email"]: one["password"] for one in kept}
