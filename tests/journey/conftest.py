"""A sample book of a hundred borrowers and one night over it, made once."""

from __future__ import annotations

from typing import Any

import pytest

from command import panhuo


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("night")
    book, out = folder / "book", folder / "result"
    sample = panhuo("sample", "--preset", "county", "--borrowers", "100", "--seed", "3", "--out", book)
    made = panhuo("run", book, "--out", out, "--no-report")
    return {"book": book, "out": out, "sample": sample, "run": made}
