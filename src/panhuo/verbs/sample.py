"""`panhuo sample`: a bank and an asset manager that do not exist, with everything that goes right and wrong in them.

Invariant: the same preset, number of borrowers and seed give the same facts and the same batch roots.
"""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import Argument, Verb

VERB = Verb(
    name="sample",
    zh="生成样例账簿：一家银行、一家资产管理公司，七十二个月的授信、台账、担保与不良处置",
    en="make the sample book: a bank and an asset manager, 72 months of lending, ledger, security and bad debt",
    arguments=(
        Argument(
            "preset", "choice", option=True, required=False, default="county",
            choices=("county", "city", "hot-ring", "agri"), zh="样例类型", en="which kind of book",
        ),
        Argument(
            "borrowers", "int", option=True, required=False, default=30_000,
            zh="七十二个月内出现过的借款人数", en="borrowers ever seen in 72 months",
        ),
        Argument("seed", "int", option=True, required=False, default=1, zh="随机种子", en="seed"),
        Argument("out", "path", option=True, zh="账簿所在文件夹", en="folder the book is written to"),
        Argument(
            "dirty_files", "path", option=True, required=False, zh="另存转让方原始清单（含常见错误）的文件夹",
            en="folder for the seller's raw tapes, with their usual errors",
        ),
    ),
    run="panhuo.verbs.sample:run",
    show="panhuo.verbs.sample:show",
    example="panhuo sample --preset county --borrowers 1000 --seed 1 --out book",
)  # fmt: skip


def run(
    out: str, preset: str = "county", borrowers: int = 30_000, seed: int = 1, dirty_files: str | None = None
) -> dict[str, Any]:
    """Makes the book; keys `book`, `as_of`, `root`, `roots`, `tables` (name -> rows), `rows`."""
    from panhuo.sample.making import make_book

    return make_book(preset, borrowers, seed, out, dirty_files=dirty_files)


def show(result: dict[str, Any], language: str) -> str:
    """What was made, table by table."""
    lines = [f"  {name:<24}{number:>12,}" for name, number in result["tables"].items()]
    if language == "zh":
        head = f"样例账簿 {result['book']}：{result['rows']:,} 条事实，观察至 {result['as_of']}"
        foot = f"末批次根 {result['root']}"
    else:
        head = f"Sample book {result['book']}: {result['rows']:,} facts, observed until {result['as_of']}"
        foot = f"root of the last batch {result['root']}"
    return "\n".join([head, *lines, foot])
