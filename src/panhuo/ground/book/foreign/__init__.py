"""Foreign data into declared tables: one file a source.

Invariant: what a source states is stored as stated, under the source's own ids; what cannot be stored comes back as a
problem with its place, and costs no good row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from panhuo.ground.record.errors import NotFound

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from panhuo.ground.book.reading.problems import Problem

KINDS = {"cn-invoices": "cn_invoices", "sba": "sba", "eba-npl": "eba_npl"}


@dataclass(frozen=True)
class Foreign:
    """What a source gave.

    Attributes:
        tables: table name -> rows with its fact columns.
        problems: rows set aside (``bad``) and things assumed (``note``).
        observed_until: the source's last observation date; None for the latest fact.
        details: what book.json records of it.
        beside: further files by their path in the book, such as labels no stage reads.
        inputs: what a run takes that is no fact, such as stated terms: name -> bytes, named in book.json by hash.
    """

    tables: dict[str, pa.Table]
    problems: list[Problem] = field(default_factory=list)
    observed_until: date | None = None
    details: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)


def read_foreign(kind: str, source: Path) -> Foreign:
    """Reads a foreign source of a known kind.

    Raises:
        NotFound: for an unknown kind, or when a file the kind needs is not there.
    """
    if kind not in KINDS:
        raise NotFound(f"no kind of source is called {kind}", remedy=f"one of: {', '.join(KINDS)}")
    found = import_module(f"{__name__}.{KINDS[kind]}").read(source)
    assert isinstance(found, Foreign)
    return found
