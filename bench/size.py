"""Cost against size: the sample book and the night over it, at several sizes, drawn as docs/cost.svg with its table.

Invariant: every figure was measured in this run, in processes of their own; the page says on what.
``python bench/size.py [borrowers ...]`` writes docs/cost.md and docs/cost.svg.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1_000, 3_000, 10_000, 30_000)
DOCS = Path(__file__).resolve().parent.parent / "docs"


def measured(*arguments: str) -> tuple[float, float, dict]:
    """(seconds, peak MB, the verb's JSON) of one command in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "panhuo", *arguments, "--json"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(text)
    scale = 1024 if platform.system() == "Linux" else 1024 * 1024
    return seconds, used.ru_maxrss / scale, json.loads(text)


def picture(rows: list[dict]) -> str:
    """Seconds and memory against borrowers, both axes logarithmic."""
    import math

    width, height, left, bottom = 720, 320, 60, 40
    xs = [math.log10(r["borrowers"]) for r in rows]
    low_x, high_x = min(xs), max(xs)
    series = (("sample, s", "sample_seconds", "#0b6e75"), ("night, s", "night_seconds", "#9c1f2e"),
              ("night, peak MB", "night_mb", "#8a6d1a"))  # fmt: skip
    values = [r[key] for _, key, _ in series for r in rows]
    low_y, high_y = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def px(x: float) -> float:
        return left + (width - left - 130) * (x - low_x) / ((high_x - low_x) or 1)

    def py(value: float) -> float:
        return 10 + (height - bottom - 10) * (1 - (math.log10(value) - low_y) / ((high_y - low_y) or 1))

    box = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12"'
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" {box}>']
    for power in range(low_y, high_y + 1):
        y = py(10**power)
        out.append(f'<line x1="{left}" x2="{width - 130}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10**power:,}</text>')
    for row, x in zip(rows, xs, strict=True):
        out.append(f'<text x="{px(x):.1f}" y="{height - 16}" text-anchor="middle">{row["borrowers"]:,}</text>')
    out.append(f'<text x="{(left + width - 130) / 2}" y="{height - 2}" text-anchor="middle">borrowers</text>')
    taken: list[float] = []  # where labels stand, so that none covers another
    for name, key, colour in series:
        points = " ".join(f"{px(x):.1f},{py(r[key]):.1f}" for r, x in zip(rows, xs, strict=True))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for r, x in zip(rows, xs, strict=True):
            out.append(f'<circle cx="{px(x):.1f}" cy="{py(r[key]):.1f}" r="3" fill="{colour}"/>')
        at = py(rows[-1][key]) + 4
        at = min([at, *(other - 14 for other in taken if abs(other - at) < 14)])
        taken.append(at)
        out.append(f'<text x="{px(xs[-1]) + 8:.1f}" y="{at:.1f}" fill="{colour}">{name}</text>')
    return "".join(out) + "</svg>\n"


def main() -> None:
    """Measures every size and writes the page and its picture."""
    sizes = [int(a) for a in sys.argv[1:]] or list(SIZES)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for size in sizes:
            book, out = f"{place}/book{size}", f"{place}/out{size}"
            made, made_mb, sample = measured("sample", "--borrowers", str(size), "--seed", "7", "--out", book)
            first, first_mb, night = measured("run", book, "--out", out)
            rows.append(
                {
                    "borrowers": size, "facts": sum(sample["tables"].values()), "open": night["tables"]["classes"],
                    "sample_seconds": made, "sample_mb": made_mb, "night_seconds": first, "night_mb": first_mb,
                }
            )  # fmt: skip
            print(rows[-1], flush=True)
    lines = [
        "# Cost against size",
        "",
        f"Measured by `python bench/size.py` on {os.cpu_count()} cores ({platform.machine()}, "
        f"Python {platform.python_version()}), preset `county`, seed 7, 72 months; each command in its own process, "
        "report included, compiled forms kept from earlier runs. Absolute times are for orientation and judge nothing.",
        "",
        "| borrowers | facts | open drawdowns | sample, s | sample, peak MB | night and report, s | night, peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r['borrowers']:,} | {r['facts']:,} | {r['open']:,} | {r['sample_seconds']:.1f} "
            f"| {r['sample_mb']:.0f} | {r['night_seconds']:.1f} | {r['night_mb']:.0f} |"
        )
    lines += ["", "![seconds and memory against borrowers](cost.svg)", ""]
    (DOCS / "cost.md").write_text("\n".join(lines), encoding="utf-8")
    (DOCS / "cost.svg").write_text(picture(rows), encoding="utf-8")
    print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB")


if __name__ == "__main__":
    main()
