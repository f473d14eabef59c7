"""How far a night is, outcome by outcome: a small file beside the worker's sign of life, for whoever watches.

Invariant: it holds names and counts alone, is of no use to the night itself, and is gone when the night is done; what
cannot be read is no progress, never an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from panhuo_server.store.layout import Layout


@dataclass(frozen=True)
class Progress:
    """The outcome being judged, how many are done and how many there will be; all done, the night is being sealed."""

    outcome: str
    done: int
    of: int

    @property
    def sealing(self) -> bool:
        """Whether everything is judged and the results are being sealed and logged."""
        return self.done >= self.of


def _file(layout: Layout, org: str, run: str) -> Path:
    return layout.folder / "run" / "nights" / quote(org, safe="") / f"{quote(run, safe='')}.json"


def teller(layout: Layout, org: str, run: str) -> Callable[[str, int, int], None]:
    """What `panhuo.journey.night.run_night` calls to say how far it is."""
    path = _file(layout, org, run)
    path.parent.mkdir(parents=True, exist_ok=True)

    def tell(outcome: str, done: int, of: int) -> None:
        whole = path.with_suffix(".partial")
        whole.write_text(json.dumps([outcome, done, of]))
        whole.replace(path)

    return tell


def end(layout: Layout, org: str, run: str) -> None:
    """Removes what was told of a night that is done."""
    _file(layout, org, run).unlink(missing_ok=True)


def of_run(layout: Layout, org: str, run: str) -> Progress | None:
    """How far a night is; None before it began judging and after it was sealed."""
    try:
        outcome, done, of = json.loads(_file(layout, org, run).read_text())
        return Progress(str(outcome), int(done), int(of))
    except (OSError, ValueError):
        return None
