"""The facts and outcomes of the bank's night, for tests that work figures out for themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def held(bank: Any) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Facts and outcomes of the night by name, as lists of rows: ``held("postings")``, ``held("=classes")``."""
    from panhuo_server.accounts.acting import acting
    from panhuo_server.flows.results import outcome_in, results_folder
    from panhuo_server.store import outcomes
    from panhuo_server.store.layout import Layout
    from panhuo_server.store.reading import facts_of

    found: dict[str, list[dict[str, Any]]] = {}
    with acting(bank.org, bank.person, "monitoring"):
        run = outcomes.runs()[0]
        known = {o.name: o for o in outcomes.of_run(run.run)}

    def of(name: str) -> list[dict[str, Any]]:
        if name not in found:
            with acting(bank.org, bank.person, "monitoring"):
                if name == "as_of":
                    found[name] = [{"as_of": run.as_of}]
                elif name.startswith("="):
                    folder = results_folder(Layout.current(), bank.org, run.run)
                    found[name] = outcome_in(folder, known[name[1:]]).table.to_pylist()
                else:
                    found[name] = facts_of(name, as_of=run.as_of, sequence=run.sequence).to_pylist()
        return found[name]

    yield of
