"""The verb `schedule`: cash flows of a contract, or of many, from ACTUS terms.

Invariant: results have the shape of the ACTUS reference results; with many cases an error in one is told beside the
results of the others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

EXAMPLE = """\
echo '{"terms": {"contractType": "ANN", "contractID": "loan-1", "contractRole": "RPA", "currency": "CNY",
 "statusDate": "2024-12-31", "initialExchangeDate": "2025-01-01", "maturityDate": "2026-01-01",
 "notionalPrincipal": "500000", "nominalInterestRate": "0.0435", "dayCountConvention": "A360",
 "rounding": "half_up_fen_per_posting",
 "cycleAnchorDateOfInterestPayment": "2025-02-01", "cycleOfInterestPayment": "P1ML0",
 "cycleAnchorDateOfPrincipalRedemption": "2025-02-01", "cycleOfPrincipalRedemption": "P1ML0"}}' \\
 | panhuo schedule - --json"""

VERB = Verb(
    name="schedule",
    zh="合同现金流：按 ACTUS 条款展开还款计划、利息与费用",
    en="cash flows of a contract from ACTUS terms: principal, interest, fees, resets",
    arguments=(
        Argument(
            "case",
            "path",
            zh="一个合同（JSON），或合同的列表、按编号的映射；- 为标准输入",
            en="one contract as JSON, or a list or a mapping by id of them; - is standard input",
        ),
        RECEIPT,
    ),
    said="panhuo.verbs.schedule:said",
    run="panhuo.verbs.schedule:run",
    show="panhuo.verbs.schedule:show",
    example=EXAMPLE,
)


def run(case: str, receipt: str | None = None) -> dict[str, Any]:
    """Computes one case, or many.

    Args:
        case: path of a JSON file (gzip too), or ``-``: ``{"terms", "to", "dataObserved", "eventsObserved"}`` as in the
            ACTUS reference suite, a list of such objects, or a mapping from id to them.
        receipt: where to write a receipt; ``receipt``, ``public_key`` and ``root`` are then told too.

    Returns:
        ``{"results": [...]}`` for one case, ``{"results": {id: [...]}, "errors": {id: ...}}`` for many.

    Raises:
        InvalidInput: the file is no JSON, or the only case in it cannot be computed.
    """
    from panhuo.tools.finance.cash_flows import schedules_of

    text = _text(case)
    result = schedules_of(_json(text, case))
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        return {**result, **write_receipt(_sealed(result, text), receipt)}
    return result


def said(case: str) -> Any:
    """What a receipt of these cases seals (`journey.tool_receipts.Said`)."""
    from panhuo.tools.finance.cash_flows import schedules_of

    text = _text(case)
    return _sealed(schedules_of(_json(text, case)), text)


def _text(case: str) -> str:
    from panhuo.ground.record.errors import InvalidInput, NotFound

    try:
        raw = sys.stdin.buffer.read() if case == "-" else Path(case).read_bytes()
    except FileNotFoundError as missing:
        raise NotFound(
            f"no such file: {case}", where=case, remedy="name a JSON file or - for standard input"
        ) from missing
    if raw[:2] == b"\x1f\x8b":
        import gzip

        raw = gzip.decompress(raw)
    try:
        return raw.decode("utf-8-sig")
    except ValueError as wrong:
        raise InvalidInput(f"not JSON: {wrong}", where=case, remedy="see the example in the documentation") from wrong


def _json(text: str, case: str) -> Any:
    from panhuo.ground.record.errors import InvalidInput

    try:
        return json.loads(text)
    except ValueError as wrong:
        raise InvalidInput(f"not JSON: {wrong}", where=case, remedy="see the example in the documentation") from wrong


def _sealed(result: dict[str, Any], text: str) -> Any:
    from decimal import Decimal

    from panhuo.ground.record.errors import InvalidInput
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.finance.cash_flows import schedules_of
    from panhuo.tools.finance.sealed_results import sealed_schedules
    from panhuo.trust.evidence.anonymous import frame_of_cases

    results, errors = result["results"], result.get("errors", {})
    cases = json.loads(text, parse_float=Decimal)
    if isinstance(results, list):
        results, given = {"1": results}, [("1", cases)]
    else:
        given = list(cases.items()) if isinstance(cases, dict) else [(str(i), c) for i, c in enumerate(cases, start=1)]
    try:
        outcome = sealed_schedules(results, errors)
    except ValueError as wide:
        raise InvalidInput(f"no receipt can hold this: {wide}", where="payoff", remedy="leave --receipt out") from wide
    return Said("schedule", outcome, {"case": frame_of_cases(given)}, schedules_of)


_WORDS = {
    "zh": ("日期", "事件", "金额", "余额", "年利率", "应计利息", "合计", "出错", "日历未公布，取较早日"),
    "en": (
        "date",
        "event",
        "payoff",
        "principal",
        "rate",
        "accrued",
        "total",
        "not computed",
        "calendar not published",
    ),
}
_EVENTS = {
    "IED": ("放款", "initial exchange"),
    "IP": ("付息", "interest"),
    "IPCI": ("利息转本", "interest capitalised"),
    "PR": ("还本", "principal"),
    "PI": ("增加本金", "principal increase"),
    "MD": ("到期", "maturity"),
    "FP": ("费用", "fee"),
    "PP": ("提前还本", "prepayment"),
    "PY": ("违约金", "penalty"),
    "RR": ("利率重定价", "rate reset"),
    "RRF": ("利率重定价（已定）", "rate reset, fixed"),
    "PRF": ("重定还款额", "payment fixed"),
    "SC": ("指数调整", "scaling"),
    "IPCB": ("计息基数", "interest base"),
    "PRD": ("买入", "purchase"),
    "TD": ("终止", "termination"),
    "CE": ("信用事件", "credit event"),
    "XD": ("行权", "exercise"),
    "STD": ("交割", "settlement"),
}


def show(result: dict[str, Any], language: str) -> str:
    """The schedule as a table with totals by event, in ``zh`` or ``en``."""
    results = result["results"]
    if isinstance(results, list):
        return _table(results, language)
    parts = [f"{name}\n{_table(rows, language)}" for name, rows in results.items()]
    failed = _WORDS[language][7]
    parts += [f"{name}: {failed}: {error['what']}" for name, error in result.get("errors", {}).items()]
    return "\n\n".join(parts)


def _table(rows: list[dict[str, Any]], language: str) -> str:
    words = _WORDS[language]
    position = 0 if language == "zh" else 1
    lines = ["\t".join(words[:6])]
    totals: dict[str, float] = {}
    for row in rows:
        event = row["eventType"]
        totals[event] = totals.get(event, 0.0) + row["payoff"]
        rate = row.get("nominalInterestRate")
        lines.append(
            "\t".join(
                (
                    row["eventDate"][:10],
                    f"{event} {_EVENTS.get(event, (event, event))[position]}",
                    f"{row['payoff']:,.2f}",
                    f"{row['notionalPrincipal']:,.2f}",
                    "" if rate is None else f"{rate * 100:.4f}%",
                    f"{row.get('accruedInterest', row.get('exerciseAmount', 0)):,.2f}"
                    + (f"\t{_WORDS[language][8]}" if "note" in row else ""),
                )
            )
        )
    lines += [f"{words[6]} {event}\t\t{total:,.2f}" for event, total in totals.items() if total]
    return "\n".join(lines)
