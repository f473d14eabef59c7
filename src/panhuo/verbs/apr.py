"""``panhuo apr``: the all-in annual rate of a loan.

Invariant: 0.05 is 5 %; every rate stands beside the name of its convention and method.
"""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

VERB = Verb(
    name="apr",
    zh="综合年化利率：欧盟/英国 APRC、美国 Reg Z、中国（IRR 与单利口径）",
    en="all-in annual rate: EU/UK APRC, US Regulation Z, China (IRR and simple)",
    arguments=(
        Argument(
            "flows",
            "path",
            zh="JSON 文件（- 为标准输入）或含 date、amount、id 列的表格，格式见 docs/apr.md",
            en="JSON file (- is standard input), or a table with date, amount, id; the shape is in docs/apr.md",
        ),
        Argument(
            "convention",
            "choice",
            option=True,
            required=False,
            default="eu",
            choices=("eu", "us-reg-z", "cn"),
            zh="案例未写明口径时使用",
            en="used where a case names none",
        ),
        RECEIPT,
    ),
    said="panhuo.verbs.apr:said",
    run="panhuo.verbs.apr:run",
    show="panhuo.verbs.apr:show",
    example="""\
echo '{"flows": [["2026-01-10", 100000], ["2026-07-10", -52500], ["2027-01-10", -52500]],
       "convention": "cn"}' | panhuo apr - --json""",
)


def run(flows: str, convention: str = "eu", receipt: str | None = None) -> dict[str, Any]:
    """Reads cases and returns ``{"apr", ...}`` for one, ``{"results": [{"id", "apr", ...}]}`` for a list.

    With `receipt`, ``receipt``, ``public_key`` and ``root`` too.
    """
    results, single, frame = _computed(flows, convention)
    result = results[0] if single else {"results": results}
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        result = {**result, **write_receipt(_sealed(results, frame, convention), receipt)}
    return result


def said(flows: str, convention: str = "eu") -> Any:
    """What a receipt of these flows seals (`journey.tool_receipts.Said`)."""
    results, _, frame = _computed(flows, convention)
    return _sealed(results, frame, convention)


def _computed(flows: str, convention: str) -> tuple[list[dict[str, Any]], bool, Any]:
    # (results, whether the input was one case, the input as it is hashed: a table, or the cases themselves)
    from panhuo.ground.record.errors import PanhuoError
    from panhuo.tools.finance.case_files import read_cases
    from panhuo.tools.finance.rate_cases import cases_of_table, rate_of_case

    given: Any
    if flows.lower().endswith((".csv", ".parquet", ".xlsx", ".xls")):
        from panhuo.ground.book.reading.frames import read_frame

        given = read_frame(flows)
        cases = cases_of_table(given, flows)
        single = len(cases) == 1
    else:
        cases, single = read_cases(flows, exact=True)
        given = [(case["id"], case) for case in cases]
    results: list[dict[str, Any]] = []
    for case in cases:
        try:
            results.append({"id": case["id"], **rate_of_case(case, convention).as_json()})
        except PanhuoError as error:
            if single:
                raise
            results.append({"id": case["id"], "apr": None, **error.as_json()})
    return results, single, given


def _sealed(results: list[dict[str, Any]], given: Any, convention: str) -> Any:
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.finance.rate_cases import rate_of_case
    from panhuo.tools.finance.sealed_results import sealed_rates
    from panhuo.trust.evidence.anonymous import frame_of_cases

    frame = frame_of_cases(given) if isinstance(given, list) else given
    return Said("apr", sealed_rates(results), {"flows": frame}, rate_of_case, {"convention": convention})


def show(result: dict[str, Any], language: str) -> str:
    """One line a case, with what its convention adds."""
    lines = []
    for case in result.get("results", [result]):
        if "error" in case:
            lines.append(f"{case['id']}: {case['error']['what']}")
            continue
        apr = case["apr"]
        if apr is None:
            lines.append(f"{case['id']}: " + ("无解" if language == "zh" else "no rate") + f" ({case['status']})")
            continue
        line = f"{case['id']}: {apr * 100:.4f} % [{case['convention']}: {case['method']}]"
        if case["convention"] == "cn":
            names = (
                (("twelve_times_monthly", "12×月 IRR"), ("simple", "单利口径"))
                if language == "zh"
                else (("twelve_times_monthly", "12 x monthly IRR"), ("simple", "simple method"))
            )
            line += "".join(f"; {words} {case[key] * 100:.4f} %" for key, words in names if case[key] is not None)
        if case["roots"] > 1:
            line += f"；共 {case['roots']} 个根" if language == "zh" else f"; {case['roots']} roots exist"
        lines.append(line)
    return "\n".join(lines)
