"""``panhuo debt``: a debt by component and period (本息清单), with an Excel workbook in court wording.

Invariant: one JSON object in gives ``lines`` and ``total`` of that debt; a list gives them for all, with every result.
"""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

VERB = Verb(
    name="debt",
    zh="本息清单：按科目和期间计算债权（本金、利息、罚息、复利、费用、加倍迟延利息）",
    en="a debt by component and period: principal, interest, penalty, compound, costs, doubled late interest",
    arguments=(
        Argument(
            "case",
            "path",
            zh="JSON 文件：一个对象或对象列表（- 为标准输入），格式见 docs/debt.md",
            en="JSON file: an object or a list (- is standard input); the shape is in docs/debt.md",
        ),
        Argument(
            "out",
            "path",
            option=True,
            required=False,
            zh="另存为 Excel 工作簿（每个债务人一张表）",
            en="also write an Excel workbook, a sheet a debtor",
        ),
        RECEIPT,
    ),
    said="panhuo.verbs.debt:said",
    run="panhuo.verbs.debt:run",
    show="panhuo.verbs.debt:show",
    example="""\
echo '{"id": "D1", "debtor": "某某商贸有限公司", "start": "2024-01-10", "maturity": "2025-01-10",
       "as_of": "2025-06-30", "principal": "1000000", "rate": "0.0435",
       "interest_due": {"every": "quarter", "day": 21}, "overdue_uplift": "0.5",
       "payments": [["2024-03-21", "8579.17"]]}' | panhuo debt - --out 本息清单.xlsx""",
)


def run(case: str, out: str | None = None, receipt: str | None = None) -> dict[str, Any]:
    """Computes every case and returns ``{"lines": [...], "total": {...}, ...}``; a list adds ``results``.

    ``total`` maps components and ``sum`` to yuan as text; ``total_fen`` holds the same as whole fen. With `receipt`,
    ``receipt``, ``public_key`` and ``root`` too.
    """
    from panhuo.ground.values.money import yuan_text

    cases, single, statements, bad, rule_files = _computed(case)
    told = [statement.as_json() for statement in statements]
    if single:
        result = told[0]
    else:
        total = {name: 0 for statement in told[:1] for name in statement["total_fen"]}
        for statement in told:
            for name, amount in statement["total_fen"].items():
                total[name] += amount
        result = {
            "lines": [{"id": statement["id"], **line} for statement in told for line in statement["lines"]],
            "total": {name: yuan_text(amount) for name, amount in total.items()},
            "total_fen": total,
            "results": told,
            "bad": bad,
        }
    if out and statements:
        from panhuo.tools.finance.debt.workbook import write_workbook

        result["sheets"] = write_workbook(statements, out)
        result["out"] = out
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        result |= write_receipt(_sealed(cases, told, bad, rule_files), receipt)
    return result


def said(case: str) -> Any:
    """What a receipt of these cases seals (`journey.tool_receipts.Said`)."""
    cases, _, statements, bad, rule_files = _computed(case)
    return _sealed(cases, [statement.as_json() for statement in statements], bad, rule_files)


def _computed(case: str) -> tuple[list[dict[str, Any]], bool, list[Any], list[dict[str, Any]], dict[str, str]]:
    # (cases, whether there was but one object, statements, cases that could not be read, rule files read by hash)
    from panhuo.ground.record.errors import InvalidInput
    from panhuo.ground.rules.library import recording
    from panhuo.tools.finance.case_files import read_cases
    from panhuo.tools.finance.debt.reading import read_debt
    from panhuo.tools.finance.debt.statement import state_debt

    cases, single = read_cases(case, exact=True)
    statements = []
    bad: list[dict[str, Any]] = []
    with recording() as read:
        for entry in cases:
            try:
                statements.append(state_debt(read_debt(entry)))
            except InvalidInput as error:
                if single:
                    raise
                bad.append({"id": entry["id"], **error.as_json()["error"]})
    return cases, single, statements, bad, read.hashes


def _sealed(
    cases: list[dict[str, Any]], told: list[dict[str, Any]], bad: list[dict[str, Any]], rule_files: dict[str, str]
) -> Any:
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.finance.debt.statement import state_debt
    from panhuo.tools.finance.sealed_results import sealed_debts
    from panhuo.trust.evidence.anonymous import frame_of_cases

    given = frame_of_cases([(entry["id"], entry) for entry in cases])
    return Said("debt", sealed_debts(told, bad), {"case": given}, state_debt, rule_files=rule_files)


def show(result: dict[str, Any], language: str) -> str:
    """The statement as aligned text."""
    zh = language == "zh"
    text = []
    for debt in result.get("results", [result]):
        until = f"截至 {debt['as_of']}" if zh else f"as of {debt['as_of']}"
        text.append(f"{debt['id']}  {debt['debtor']}  {until}")
        for line in debt["lines"]:
            name = line["zh"] if zh else line["en"]
            span = line["from"] if line["days"] == 0 else f"{line['from']} - {line['to']}  {line['days']:>4}"
            how = (
                ""
                if line["days"] == 0
                else f"{line['base']:>16} x {line['rate']}" + ("/d" if line["rate_per"] == "day" else "")
            )
            text.append(f"  {name:<10} {span:<30} {how:<32} {line['amount']:>16}")
        text.append(("  合计 " if zh else "  total ") + debt["total"]["sum"])
        text += [f"  * {note['zh'] if zh else note['en']} [{note['code']}]" for note in debt["notes"]]
        if "post_assignment_interest" in debt:
            both = debt["post_assignment_interest"]
            runs, stops = ("受让后计息", "不计息") if zh else ("interest runs after assignment", "it stops")
            text.append(f"  {runs} {both['total_if_yes']}, {stops} {both['total_if_no']}")
        for row in debt.get("stated", []):
            words = ("陈述", "复算", "差额") if zh else ("stated", "recomputed", "difference")
            figures = zip(words, (row["stated"], row["recomputed"], row["difference"]), strict=True)
            text.append(f"  {row['component']}: " + ", ".join(f"{word} {figure}" for word, figure in figures))
    text += [f"{row['id']}: {row['what']} [{row['where']}]" for row in result.get("bad", [])]
    if result.get("out"):
        text.append(("已写入 " if zh else "written to ") + result["out"])
    return "\n".join(text)
