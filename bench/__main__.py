"""``python -m bench``: every kernel beside its peers, one process each, then one table and one verdict.

Invariant: only ratios are judged. A kernel below its "must" fails the run; what was measured is written whole either
way (``--json FILE`` keeps it).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

KERNELS = ("schedules", "xirr", "scorecard")
BY_NAME = ("rings", "rules")  # measured, but not yet at their must against every peer: docs/bench.md


def main() -> int:
    """Runs the kernels named on the command line, or all but those `BY_NAME`; 0 when every ratio reaches its must."""
    folder = Path(__file__).parent
    named = [a for a in sys.argv[1:] if a in (*KERNELS, *BY_NAME)]
    wanted = named or [k for k in KERNELS if (folder / f"{k}.py").exists()]
    told, below = [], []
    with tempfile.TemporaryDirectory() as place:
        for kernel in wanted:
            target = Path(place) / f"{kernel}.json"
            print(f"== {kernel}", flush=True)
            command = [sys.executable, str(folder / f"{kernel}.py"), "--json", str(target)]
            done = subprocess.run(command, check=False, cwd=folder)
            if target.exists():
                told += json.loads(target.read_text(encoding="utf-8"))
            elif done.returncode:
                below.append(f"{kernel}: failed before it measured anything")
    below += [
        f"{r['kernel']} against {r['peer']}: {r['ratio']:.1f}x, must {r['must']:g}x" for r in told if not r["passed"]
    ]
    if "--json" in sys.argv:
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(told, indent=1), encoding="utf-8")
    print(f"{len(told)} ratios, {len(below)} below their must")
    for line in below:
        print("  " + line)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
