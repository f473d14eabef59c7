"""The console under many people at once: users who sign in, read a page, think, and go on, for a minute.

Invariant: a user waits for the page before thinking about it, as people do; every answer counts, and one that is no
page is an error. Load and server share the machine's cores: the figures are no better than a server alone gives. A
person signs in once; users beyond the persons there are sit in further windows of theirs, as the door counts tries.

    python -m bench.users --demo demo [--address http://127.0.0.1:8000] [--users 200] [--seconds 60] [--think 8]
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import random
import re
import statistics
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

LINK = re.compile(r'href="(/console/[^"#]*)"')
KEPT_OUT = ("/console/static/", "/console/sign-", "as=xlsx", "/receipt", "/console/kit")


class User:
    """One person at a browser: a connection kept open, cookies, and the links of the page they are on."""

    def __init__(self, address: str, email: str, password: str, seed: int) -> None:
        place = urlsplit(address)
        # On one machine each user still comes from an address of their own, as users do.
        source = (f"127.0.{seed // 250}.{seed % 250 + 1}", 0) if place.hostname == "127.0.0.1" else None
        self.connection = http.client.HTTPConnection(
            place.hostname or "", place.port, timeout=60, source_address=source
        )
        self.email, self.password = email, password
        self.cookies: dict[str, str] = {}
        self.chance = random.Random(seed)
        self.links: list[str] = []
        self.times: list[tuple[str, float]] = []
        self.errors: list[str] = []

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
        """A request and its whole answer."""
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        data = urlencode(body) if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://{self.connection.host}:{self.connection.port}{path}"
        try:
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server ends connections that lay idle; a browser then asks on a new one.
            self.connection.close()
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        text = gzip.decompress(content) if answer.getheader("Content-Encoding") == "gzip" else content
        return answer.status, text.decode(errors="replace")

    def sign_in(self) -> None:
        """Through the door, as anybody."""
        _, page = self.ask("GET", "/console/sign-in")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        token = found.group(1) if found else ""
        body = {"email": self.email, "password": self.password, "csrfmiddlewaretoken": token}
        status, _ = self.ask("POST", "/console/sign-in", body)
        if status != 302:
            raise RuntimeError(f"{self.email} was not let in: {status}")

    def step(self) -> None:
        """One page, chosen among the links of the last one; now and then back to Today."""
        path = self.chance.choice(self.links) if self.links and self.chance.random() > 0.15 else "/console/"
        began = time.perf_counter()
        try:
            status, page = self.ask("GET", path.replace("&amp;", "&"))
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(f"{path}: {type(error).__name__}")
            self.connection.close()
            return
        self.times.append((path, time.perf_counter() - began))
        if status != 200:
            self.errors.append(f"{path}: {status}")
            self.links = []
            return
        found = [link for link in LINK.findall(page) if not any(part in link for part in KEPT_OUT)]
        self.links = found or self.links


def main() -> int:
    """Prints requests, errors, median and 95th percentile; 1 when a request failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", default="demo")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=8, help="mean seconds a user reads a page")
    parser.add_argument("--json")
    given = parser.parse_args()
    people = json.loads((Path(given.demo) / "sign-ins.json").read_text("utf-8"))
    users = [
        User(given.address, people[n % len(people)]["email"], people[n % len(people)]["password"], n + 1)
        for n in range(given.users)
    ]
    for user in users[: len(people)]:
        user.sign_in()
    for n, user in enumerate(users[len(people) :]):
        user.cookies = dict(users[n % len(people)].cookies)
    print(f"{len(users)} users of {min(len(people), len(users))} persons are in", flush=True)
    end = time.perf_counter() + given.seconds

    def sit(user: User) -> None:
        time.sleep(user.chance.random() * given.think)
        while time.perf_counter() < end:
            user.step()
            time.sleep(user.chance.expovariate(1 / given.think))

    threads = [threading.Thread(target=sit, args=(user,), daemon=True) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(spent for user in users for _, spent in user.times)
    errors = [error for user in users for error in user.errors]
    slow: dict[str, list[float]] = {}
    for user in users:
        for path, spent in user.times:
            slow.setdefault("/".join(path.partition("?")[0].split("/")[:4]), []).append(spent)
    said = {
        "users": len(users), "requests": len(times), "a_second": round(len(times) / given.seconds, 1),
        "errors": len(errors), "median_ms": round(statistics.median(times) * 1000),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000), "worst_ms": round(times[-1] * 1000),
    }  # fmt: skip
    print(json.dumps(said))
    for path, spent in sorted(slow.items(), key=lambda one: -sum(one[1]))[:12]:
        print(f"  {path}: {len(spent)} times, median {statistics.median(spent) * 1000:.0f} ms")
    for error in errors[:10]:
        print(f"  {error}")
    if given.json:
        Path(given.json).write_text(json.dumps(said), "utf-8")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
