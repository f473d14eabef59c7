"""What a reading hands back: the good rows, and for every other row what was wrong and what to do.

Invariant: every row of the file is in `Reading.rows` or named by a ``bad`` `Problem`; none is lost silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Severity = Literal["bad", "note"]


@dataclass(frozen=True)
class Reason:
    """Why a value was not taken, and the way out, in both languages."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True)
class Problem:
    """One finding of a reading.

    Attributes:
        file: the file's name.
        row: the row as a spreadsheet numbers it (the header is usually row 1); 0 concerns the whole file or column.
        column: the declared column, or the header as written; empty for the whole row.
        value: the value as written, cut to 200 characters.
        severity: ``bad`` (the row was set aside) or ``note`` (the row was kept; something was assumed or rounded).
    """

    file: str
    row: int
    column: str
    value: str
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str
    severity: Severity = "bad"
    code: str = ""

    @classmethod
    def of(
        cls,
        file: str,
        row: int,
        column: str,
        value: object,
        reason: Reason,
        severity: Severity = "bad",
        **words: object,
    ) -> Problem:
        """A problem from a reason whose texts may hold ``{names}`` filled from `words`."""
        return cls(
            file,
            row,
            column,
            str(value)[:200],
            reason.zh.format(**words) if words else reason.zh,
            reason.en.format(**words) if words else reason.en,
            reason.remedy_zh,
            reason.remedy_en,
            severity,
            reason.code,
        )

    def as_json(self) -> dict[str, Any]:
        """The shape verbs print."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason_en,
            "reason_zh": self.reason_zh,
            "remedy": self.remedy_en,
            "remedy_zh": self.remedy_zh,
            "severity": self.severity,
            "code": self.code,
        }


@dataclass(frozen=True)
class Reading:
    """What came out of a file.

    Attributes:
        rows: good rows, with exactly the fact columns of the table read for.
        problems: in row order within the file.
        headers: declared column -> header it was read from.
        seen: rows the file holds, good and bad (blank rows and totals lines are not counted).
    """

    rows: pa.Table
    problems: list[Problem] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    @property
    def bad(self) -> list[Problem]:
        """The problems that set a row aside."""
        return [p for p in self.problems if p.severity == "bad"]

    @property
    def notes(self) -> list[Problem]:
        """What was assumed or rounded."""
        return [p for p in self.problems if p.severity == "note"]


def _reason(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Reason:
    return Reason(code, zh, en, remedy_zh, remedy_en)


NOT_A_NUMBER = _reason("NOT_A_NUMBER", "不是数字", "not a number", "改为数字", "give a number")
NAN = _reason(
    "NAN",
    "NaN、无穷大或公式错误不是值",
    "NaN, infinity or a formula error is not a value",
    "未知的留空",
    "leave unknown cells empty",
)
GROUPING = _reason(
    "GROUPING",
    "千分位位置不对，无法断定数值",
    "the thousands separators stand in odd places, so the number is not certain",
    "去掉逗号或按三位分节",
    "remove the commas or group by three",
)
TOO_LARGE = _reason("TOO_LARGE", "数值超出可存范围", "the number is too large to hold", "检查单位", "check the unit")
FRACTION = _reason("FRACTION", "应为整数", "a whole number is needed", "改为整数", "give a whole number")
NOT_A_DATE = _reason(
    "NOT_A_DATE",
    "不是可识别的日期",
    "not a date that can be read",
    "写成 2024-03-05、2024/3/5、20240305 或 2024年3月5日",
    "write 2024-03-05, 2024/3/5, 20240305 or 2024年3月5日",
)
NO_SUCH_DAY = _reason("NO_SUCH_DAY", "日历上没有这一天", "the calendar has no such day", "核对日期", "check the date")
AMBIGUOUS_DATE = _reason(
    "AMBIGUOUS_DATE",
    "日、月或年份顺序无法断定",
    "the order of day, month and year is not certain",
    "年份写四位并放在最前",
    "write the year first, with four digits",
)
NOT_A_BOOLEAN = _reason("NOT_A_BOOLEAN", "应为是或否", "yes or no is needed", "写 是/否", "write yes or no")
NOT_A_CODE = _reason(
    "NOT_A_CODE",
    "不在代码表内",
    "not one of the codes",
    "改为数据字典所列代码或名称",
    "use a code or name of docs/tables.md",
)
DAMAGED_IDENTIFIER = _reason(
    "DAMAGED_IDENTIFIER",
    "编号被表格软件当作数字，末位已丢失",
    "a spreadsheet took this identifier for a number and its last digits are lost",
    "以文本格式重新导出该列",
    "export the column again as text",
)
FOREIGN_CURRENCY = _reason(
    "FOREIGN_CURRENCY",
    "金额带外币符号，但没有币种列",
    "the amount carries the sign of a foreign currency and the file has no currency column",
    "增加币种列，或在 defaults 中给出币种",
    "add a currency column, or name the currency in the defaults",
)
UNIT_UNCERTAIN = _reason(
    "UNIT_UNCERTAIN",
    "同列其余为百分数，此值像小数，无法断定",
    "the rest of the column is in percent and this looks like a fraction",
    "在表头写明（%），或统一写法",
    "write (%) in the header, or write the column one way",
)
REQUIRED = _reason("REQUIRED", "必填项为空", "a required value is missing", "补上该值", "supply the value")
MISSING_COLUMN = _reason(
    "MISSING_COLUMN",
    "文件缺少必填列 {zh}（{name}）",
    "the file has no column for {en} ({name}), which is required",
    "补上该列，或用 mapping 指明它的表头",
    "add the column, or name its header in the mapping",
)
CELL_COUNT = _reason(
    "CELL_COUNT",
    "本行 {found} 格，表头 {expected} 格",
    "{found} cells where the header has {expected}",
    "检查分隔符和引号",
    "check separators and quotes",
)
UNCLOSED_QUOTE = _reason(
    "UNCLOSED_QUOTE", "引号没有闭合", "a quotation mark is not closed", "补上引号", "close the quotation mark"
)
TRUNCATED = _reason(
    "TRUNCATED", "文件在此处中断", "the file is cut off here", "重新获取完整文件", "fetch the whole file again"
)
NOT_JSON = _reason("NOT_JSON", "不是一个JSON对象", "not a JSON object", "检查该行", "check the line")
UNDECODABLE = _reason(
    "UNDECODABLE",
    "含有无法解码的字节",
    "it holds bytes that no encoding explains",
    "以 UTF-8 重新导出",
    "export the file again as UTF-8",
)
DUPLICATE = _reason(
    "DUPLICATE",
    "与第 {first} 行编号相同",
    "the same id as row {first}",
    "去掉重复行；更正请用 replaces 指明",
    "remove the repetition; name the fact in replaces if it is a correction",
)
TOTALS_LINE = _reason(
    "TOTALS_LINE", "合计行，不作为数据", "a totals line: not taken as data", "无须处理", "nothing to do"
)
NO_DAY = _reason(
    "NO_DAY",
    "没有发生日，也没有可以代替它的日期",
    "there is no effective day and no date that could stand for it",
    "补上日期",
    "supply a date",
)
ROUNDED = _reason(
    "ROUNDED",
    "{count} 个值的小数多于分，已四舍五入到分",
    "{count} values had more decimals than fen hold and were rounded half up",
    "如不妥请提供精确值",
    "supply exact values if that is not right",
)
ASSUMED_PERCENT = _reason(
    "ASSUMED_PERCENT",
    "未写单位，按百分数读取",
    "no unit is given: read as percent",
    "在表头写明（%）",
    "write (%) in the header",
)
GENERATED_ID = _reason(
    "GENERATED_ID",
    "没有编号列，以文件名和行号编号",
    "there is no id column: rows are numbered by file and row",
    "用 mapping 指明编号列",
    "name the id's header in the mapping",
)
NOT_USED = _reason(
    "NOT_USED",
    "表头未识别，该列未读取",
    "the header is not known and the column was not read",
    "用 mapping 指明对应的列",
    "name the column it belongs to in the mapping",
)
TWO_HEADERS = _reason(
    "TWO_HEADERS",
    "与另一列对应同一字段，已读第一列",
    "another column stands for the same thing; the first was read",
    "用 mapping 指明用哪一列",
    "say in the mapping which one to use",
)
