"""Writes the pages, and the parts of pages, that are made from declarations: ``make docs``.

Invariant: run on a clean tree it changes nothing, and a test says so. What people wrote by hand is left as it is.
"""

from __future__ import annotations

from pathlib import Path

from panhuo.ground.book.dictionary import dictionary_page
from panhuo.ground.book.purposes import PURPOSES

DOCS = Path(__file__).resolve().parent
BASES = {"contract": "合同 contract", "legal_duty": "法定义务 legal duty", "consent": "同意 consent"}


def purposes_page(written: str) -> str:
    """`purposes.md` with the rows of its table as the purposes are declared."""
    lines = written.splitlines()
    rows = [number for number, line in enumerate(lines) if line.startswith("| `")]
    table = [f"| `{p.code}` | {p.zh} · {p.en} | {BASES[p.basis]} | {p.article} |" for p in PURPOSES.values()]
    return "\n".join([*lines[: rows[0]], *table, *lines[rows[-1] + 1 :]]) + "\n"


def pages() -> dict[str, str]:
    """File name -> text, of every page that is made in whole or in part."""
    return {
        "tables.md": dictionary_page(),
        "purposes.md": purposes_page((DOCS / "purposes.md").read_text(encoding="utf-8")),
    }


def main() -> None:
    """Writes the pages that differ from what stands there."""
    for name, text in pages().items():
        path = DOCS / name
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
