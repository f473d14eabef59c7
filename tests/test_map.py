"""MAP.md has one line for every folder of the house, and none for a folder that is gone."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_map_is_true(project_root: Path) -> None:
    text = (project_root / "MAP.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))
    folders = {
        p.relative_to(project_root).as_posix()
        for source in (project_root / "src" / "panhuo", project_root / "src" / "panhuo_server")
        for p in [source, *source.rglob("*")]
        if p.is_dir() and "__pycache__" not in p.parts and any(q.is_file() for q in p.iterdir())
    }
    assert folders <= named, sorted(folders - named)
    assert all((project_root / name).is_dir() for name in named), named


def test_nothing_committed_names_this_machine(project_root: Path) -> None:
    import subprocess

    files = subprocess.run(
        ["git", "ls-files"], cwd=project_root, capture_output=True, text=True, check=True
    ).stdout.split()
    pattern = re.compile(r"(?:^|[\s\"'(=])/(?:work|farm|root)/\w")
    for name in files:
        path = project_root / name
        if path.suffix in {".py", ".md", ".toml", ".in", ".txt", ".html", ".css", ""} and path.is_file():
            assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), name
