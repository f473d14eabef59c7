"""`make docs` changes nothing on a clean tree: the pages made from declarations are as the declarations say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def make(project_root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", project_root / "docs" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_changes_on_a_clean_tree(make: ModuleType, project_root: Path) -> None:
    found = make.pages()
    assert set(found) == {"tables.md", "purposes.md"}
    for name, text in found.items():
        assert (project_root / "docs" / name).read_text(encoding="utf-8") == text, "run: make docs"


def test_what_differs_is_written_again(make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make.pages()
    spoiled = made["purposes.md"].replace("| `credit_assessment` |", "| `credit_assessment` | something else |")
    (tmp_path / "purposes.md").write_text(spoiled, encoding="utf-8")
    (tmp_path / "tables.md").write_text("", encoding="utf-8")
    monkeypatch.setattr(make, "DOCS", tmp_path)
    make.main()
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in made} == made
