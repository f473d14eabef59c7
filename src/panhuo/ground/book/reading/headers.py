"""Headers to columns: which column of a declared table a header means, and the unit it states.

Invariant: a header means at most one column; what is not certain is left unread and reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from panhuo.ground.book.table import Table
from panhuo.ground.record.columns import ColumnType
from panhuo.ground.record.errors import InvalidInput

_UNITS: dict[str, str] = {
    "万元": "wan", "人民币万元": "wan", "万": "wan", "wan": "wan", "rmb10k": "wan", "元": "yuan", "人民币元": "yuan",
    "人民币": "yuan", "rmb": "yuan", "cny": "yuan", "yuan": "yuan", "千元": "thousand", "亿元": "yi", "亿": "yi",
    "百万元": "million", "分": "fen", "fen": "fen", "%": "percent", "percent": "percent", "年化%": "percent",
    "年%": "percent", "‰": "permille", "bp": "basis_points", "bps": "basis_points", "基点": "basis_points",
    "小数": "fraction", "fraction": "fraction", "ppm": "ppm",
}  # fmt: skip
_UNITS_OF: dict[ColumnType, frozenset[str]] = {
    ColumnType.FEN: frozenset({"fen", "yuan", "thousand", "wan", "million", "yi"}),
    ColumnType.PPM: frozenset({"fraction", "percent", "permille", "basis_points", "ppm"}),
}
_BRACKET = re.compile(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]\s*$")

SYNONYMS: dict[str, tuple[str, ...]] = {
    "party_id": (
        "客户编号", "客户号", "客户id", "企业代号", "借款人编号", "债务人编号", "户号", "customer id",
        "borrower id", "counterparty identifier",
    ),
    "contract_id": ("合同编号", "合同号", "借款合同编号", "借款合同号", "contract no", "contract number"),
    "drawdown_id": ("借据编号", "借据号", "借据号码", "loan id", "loan number", "loan identifier"),
    "facility_id": ("授信编号", "额度编号"),
    "claim_id": ("债权编号",),
    "asset_id": ("押品编号", "抵押物编号", "财产编号"),
    "guarantor_id": ("保证人编号", "担保人编号"),
    "owner_id": ("所有权人编号", "权利人编号"),
    "lot_id": ("标的编号", "标的物编号"),
    "name": (
        "客户名称", "企业名称", "借款人名称", "借款人", "债务人名称", "姓名", "名称", "户名", "单位名称",
        "公司名称",
    ),
    "identifier": ("证件号", "统一社会信用代码", "社会信用代码", "身份证号", "身份证号码", "信用代码", "证照号码"),
    "phone": ("手机", "手机号", "手机号码", "电话", "联系方式"),
    "address": ("注册地址", "住址", "住所", "经营地址", "坐落位置", "房屋坐落"),
    "region": ("区划代码", "所在地区代码", "地区代码"),
    "industry": ("所属行业", "行业"),
    "size": ("规模", "企业类型规模"),
    "registered_on": ("注册日期", "成立时间", "登记日期", "登记时间"),
    "registered_capital": ("注册资金",),
    "principal": ("本金余额", "贷款本金", "合同金额", "借款金额", "贷款金额", "债权本金", "本金(元)"),
    "amount": ("金额", "贷款金额", "借据金额", "放款金额", "发生额", "交易金额"),
    "approved": ("授信额度", "授信金额", "批复额度"),
    "annual_rate": ("利率", "年利率", "执行利率", "贷款利率", "合同利率", "interest rate"),
    "penalty_uplift": ("罚息上浮比例", "逾期上浮", "罚息比例"),
    "signed_on": ("签订日期", "签约日期", "合同签订日", "合同签订日期", "合同起始日"),
    "due_on": ("到期日期", "到期日", "贷款到期日", "借据到期日", "合同到期日", "应还日期", "还款日", "maturity date"),
    "out_on": ("放款日", "放款日期", "发放日期", "贷款发放日", "借款日", "起息日期", "disbursement date"),
    "posted_on": ("记账日期", "交易日期", "入账日"),
    "value_date": ("起息日",),
    "style": ("还款方式", "偿还方式"),
    "issued_on": ("开票日期", "开票时间", "开票日"),
    "number": ("发票号", "发票号码", "编号", "合同号"),
    "counterparty": (
        "对方单位", "对方名称", "对手方", "交易对手", "购方单位代号", "销方单位代号", "购方名称", "销方名称",
    ),
    "net": ("不含税金额", "金额"),
    "tax": ("税金",),
    "gross": ("价税合计金额", "含税金额", "总金额"),
    "status": ("状态", "发票状态", "贷款状态"),
    "booked_on": ("交易日期", "记账日期", "交易时间"),
    "kind": ("类型", "种类", "类别", "方式"),
    "interest": ("利息余额", "欠息", "应收利息", "利息"),
    "five_class": ("五级分类", "风险分类"),
    "final": ("五级分类", "风险分类", "分类结果"),
    "overdue_days": ("逾期天数",),
    "appraised_on": ("评估基准日", "评估日期", "基准日"),
    "base_on": ("基准日", "数据基准日"),
    "valid_to_on": ("有效期", "评估有效期"),
    "unit_number": ("不动产单元", "不动产单元编号"),
    "certificate_number": ("权证编号", "不动产权证号", "产权证号", "房产证号", "不动产权证书号"),
    "former_certificate_number": ("原房产证号", "旧证号", "老证号"),
    "case_number": ("案件编号", "案号"),
    "court": ("执行法院", "受理法院", "管辖法院"),
    "maximum_amount": ("最高额", "最高债权限额", "最高抵押金额"),
    "cap": ("最高担保额", "担保金额"),
    "rank": ("抵押顺位", "顺位"),
    "expires_on": ("查封到期日", "届满日", "失效日期"),
    "effective_on": ("数据日期", "生效日期", "as of", "as_of"),
    "currency": ("货币",),
    "payee": ("收款人", "受托支付收款人"),
}  # fmt: skip
"""Column name -> headers people write for it, besides its own Chinese and English names."""


@dataclass
class Matched:
    """Which header each declared column is read from.

    Attributes:
        places: column -> position of the header.
        units: column -> unit the header states.
        unused: positions of headers nobody claimed.
        repeated: positions of headers whose column another header already has.
    """

    places: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    unused: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)


def plain(header: str) -> str:
    """A header as it is compared: half-width, lower case, without spaces, marks or numbering."""
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"[\s_\-:*#'\"/.,、。·]", "", text)


def split_unit(header: str) -> tuple[str, str | None]:
    """(header without its unit, the unit): "金额(万元)" is ("金额", "wan"); a bracket that is no unit stays."""
    text = unicodedata.normalize("NFKC", header).strip()
    found = _BRACKET.search(text)
    if found:
        inside = re.sub(r"\s|单位|:", "", found[1]).lower()
        if inside in _UNITS:
            return text[: found.start()].strip(), _UNITS[inside]
    for tail, unit in (
        ("万元", "wan"),
        ("%", "percent"),
        ("_yuan", "yuan"),
        ("_fen", "fen"),
        ("_wan", "wan"),
        ("_ppm", "ppm"),
    ):
        if text.lower().endswith(tail) and len(text) > len(tail):
            return text[: -len(tail)].rstrip("_/-:(, "), unit
    return text, None


def unit_above(text: str) -> str | None:
    """The unit a line above the table states, as in "单位：万元"."""
    found = re.search(r"单位\s*[:：]?\s*(?:人民币)?\s*(万元|千元|百万元|亿元|元)", unicodedata.normalize("NFKC", text))
    return _UNITS[found[1]] if found else None


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


@lru_cache(maxsize=128)
def aliases(table: Table) -> dict[str, str]:
    """Plain header -> column, for every certain way to name a column of `table`."""
    found: dict[str, str] = {}
    schema = table.fact_schema
    for column in schema.columns:
        found.setdefault(plain(column.name), column.name)
    for word in (f"{_singular(table.name)}_id", f"{table.zh}编号", f"{table.zh}号", f"{table.zh}id"):
        found.setdefault(plain(word), "id")
    for column in schema.columns:
        for word in (column.zh, column.en):
            found.setdefault(plain(word), column.name)
            found.setdefault(plain(re.split(r"[:;,，：]|（|\(", word)[0]), column.name)
    for column in schema.columns:
        for word in SYNONYMS.get(column.name, ()):
            found.setdefault(plain(word), column.name)
    if table.name == "parties":
        for word in SYNONYMS["party_id"]:
            found[plain(word)] = "id"
    if table.name == "drawdowns":
        for word in SYNONYMS["drawdown_id"]:
            found[plain(word)] = "id"
    if table.name == "contracts":
        for word in SYNONYMS["contract_id"]:
            found[plain(word)] = "id"
    if table.name == "assets":
        for word in SYNONYMS["asset_id"]:
            found[plain(word)] = "id"
    return found


def match(table: Table, headers: Sequence[str], mapping: Mapping[str, str] | None = None) -> Matched:
    """Finds the header of each column.

    Args:
        mapping: header as written -> column; it wins over every alias, and ``""`` leaves a header unread.

    Raises:
        InvalidInput: when the mapping names a column the table does not have, or a header the file does not have.
    """
    known = aliases(table)
    schema = table.fact_schema
    asked = {plain(h): c for h, c in (mapping or {}).items()}
    present = {plain(h) for h in headers} | {plain(split_unit(h)[0]) for h in headers}
    for header, column in (mapping or {}).items():
        if column and column not in schema:
            raise InvalidInput(
                f"{table.name} has no column {column}", where=header, remedy="use a name of docs/tables.md"
            )
        if plain(header) not in present:
            raise InvalidInput(
                f"the file has no header {header}", where=header, remedy="its headers are: " + ", ".join(headers)
            )
    result = Matched()
    for explicit in (True, False):
        for place, header in enumerate(headers):
            bare, unit = split_unit(header)
            if not plain(header):
                continue
            whole = plain(header)
            named = asked.get(whole, asked.get(plain(bare)))
            if explicit:
                column_name = named
            elif named is not None:
                continue
            else:
                column_name = known.get(whole) or known.get(plain(bare))
                if column_name is None:
                    result.unused.append(place)
                    continue
            if not column_name:
                continue
            column_type = schema[column_name].type
            if unit is not None and unit not in _UNITS_OF.get(column_type, {unit}):
                result.unused.append(place)  # an amount in percent is not the amount
                continue
            if column_name in result.places:
                result.repeated.append(place)
                continue
            result.places[column_name] = place
            if unit is not None and column_type in _UNITS_OF:
                result.units[column_name] = unit
    return result


def score(table: Table, cells: Sequence[str], mapping: Mapping[str, str] | None = None) -> int:
    """How many cells of a row are headers of `table`."""
    known = aliases(table)
    asked = {plain(h) for h in (mapping or {})}
    return sum(
        1
        for cell in cells
        if cell.strip() and (plain(cell) in known or plain(split_unit(cell)[0]) in known or plain(cell) in asked)
    )
