"""A seller's tape as it really arrives: amounts in 万元 or 元, dates as text in three styles, identifiers missing.

Invariant: the tape says of each claim what the package says, spelt the way sellers spell it; the dirt is drawn from
the seed, and `clean.csv` beside it holds what was meant.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from panhuo.ground.values.dates import civil_from_days
from panhuo.sample.cases import Case
from panhuo.sample.parties import Registry
from panhuo.sample.presets import AS_OF, SECURITIES
from panhuo.sample.repayment import Ledger
from panhuo.sample.streams import Chance

_WORDS = ("住房抵押", "商铺抵押", "厂房抵押", "企业保证", "自然人保证", "融资担保", "信用", "质押")
_HEAD = ("序号", "债务人名称", "证件号码", "担保方式", "本金", "利息", "基准日", "逾期天数", "首次违约日")


def _day(day: int, style: int) -> str:
    year, month, of_month = civil_from_days(day)
    if style == 0:
        return f"{year}-{month:02d}-{of_month:02d}"
    return f"{year}年{month}月{of_month}日" if style == 1 else f"{year}/{month}/{of_month}"


def write_tapes(folder: Path, seed: int, registry: Registry, ledger: Ledger, cases: list[Case]) -> list[str]:
    """Writes ``package-N.csv`` (GB18030) and ``package-N-clean.csv`` (UTF-8, fen); returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = Chance(seed, "tape")
    written = []
    for number in sorted({c.package for c in cases if c.package >= 0 and c.closed_on <= AS_OF}):
        sold = [c for c in cases if c.package == number]
        balances = ledger.balances(sold[0].base_on)
        dirty, clean = io.StringIO(), io.StringIO()
        left, right = csv.writer(dirty), csv.writer(clean)
        left.writerow(_HEAD)
        right.writerow(("claim", "security", "principal", "interest", "base_on", "overdue_days"))
        for place, case in enumerate(sold, 1):
            row = balances[case.drawdown]
            principal, interest = int(row[0]), int(row[1:].sum())
            right.writerow(
                (
                    case.claim,
                    SECURITIES[case.security],
                    principal,
                    interest,
                    _day(case.base_on, 0),
                    case.base_on - case.first_missed,
                )
            )
            in_wan = chance.happens(0.7)
            off = interest * chance.whole(80, 97) // 100 if chance.happens(0.10) else interest
            unit = 1_000_000 if in_wan else 100
            identifier = registry.identifiers[case.borrower] if not chance.happens(0.08) else ""
            left.writerow((
                place, registry.names[case.borrower], identifier or "", _WORDS[case.security],
                f"{principal / unit:,.2f}", f"{off / unit:.2f}", _day(case.base_on, chance.whole(0, 2)),
                case.base_on - case.first_missed, _day(case.first_missed, chance.whole(0, 2)),
            ))  # fmt: skip
        (folder / f"package-{number + 1}.csv").write_bytes(dirty.getvalue().encode("gb18030"))
        (folder / f"package-{number + 1}-clean.csv").write_text(clean.getvalue(), encoding="utf-8")
        written.append(f"package-{number + 1}.csv")
    return written
