"""The measures an `observations` row may hold: what each is, its unit and its scale.

Invariant: a measure's value is an integer on the scale declared here; nothing else says what the number means.
"""

from __future__ import annotations

from dataclasses import dataclass

from panhuo.ground.record.columns import ColumnType


@dataclass(frozen=True)
class Measure:
    """One measure: name, type (which carries the scale), and what it is.

    Attributes:
        unit_zh, unit_en: the unit of one step of the integer.
    """

    name: str
    type: ColumnType
    zh: str
    en: str
    unit_zh: str
    unit_en: str


_FEN = ("分", "fen")
_PPM = ("百万分之一", "parts per million")


def _money(name: str, zh: str, en: str) -> Measure:
    return Measure(name, ColumnType.FEN, zh, en, *_FEN)


def _share(name: str, zh: str, en: str) -> Measure:
    return Measure(name, ColumnType.PPM, zh, en, *_PPM)


def _count(name: str, zh: str, en: str, unit_zh: str, unit_en: str) -> Measure:
    return Measure(name, ColumnType.INT, zh, en, unit_zh, unit_en)


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        _money("revenue", "营业收入", "revenue of the month"),
        _money("profit", "利润", "profit of the month"),
        _money("total_assets", "资产总额", "total assets"),
        _money("total_debt", "负债总额", "total debt"),
        _money("stock", "存货", "stock"),
        _money("receivables", "应收账款", "receivables"),
        _money("tax_declared", "申报税额", "tax declared"),
        _money("tax_paid", "实缴税额", "tax paid"),
        _money("tax_arrears", "欠税", "tax in arrears"),
        _money("invoice_sales", "销项开票额", "sales invoiced"),
        _money("invoice_purchases", "进项开票额", "purchases invoiced"),
        _share("invoice_void_share", "作废率", "share of invoices voided"),
        _share("top_customer_share", "第一大客户占比", "share of the largest customer"),
        _share("top_supplier_share", "第一大供应商占比", "share of the largest supplier"),
        _count("customers", "客户数", "customers invoiced", "户", "customers"),
        _count("suppliers", "供应商数", "suppliers invoiced", "户", "suppliers"),
        _money("account_inflow", "账户流入", "account inflow"),
        _money("account_outflow", "账户流出", "account outflow"),
        _money("average_deposit", "日均存款", "average daily deposit"),
        _money("payroll", "工资总额", "payroll"),
        _count("employees", "参保人数", "employees insured", "人", "persons"),
        _count("electricity", "用电量", "electricity used", "0.01千瓦时", "0.01 kWh"),
        _count("water", "用水量", "water used", "0.01吨", "0.01 t"),
        _count("gas", "用气量", "gas used", "0.01立方米", "0.01 m3"),
        _money("loan_balance", "贷款余额", "loan balance at month end"),
        _money("overdue_amount", "逾期金额", "amount past due at month end"),
        Measure("overdue_days", ColumnType.DAYS, "逾期天数", "days past due at month end", "天", "days"),
        _money("credit_used", "用信余额", "line used"),
        _count("lenders", "授信机构数", "number of lenders", "家", "lenders"),
        _money("external_balance", "他行余额", "balance at other lenders"),
        _count("lawsuits_as_defendant", "被诉件数", "new suits as defendant", "件", "suits"),
        _count("enforcement_cases", "被执行件数", "new enforcement cases", "件", "cases"),
        _count("running_hours", "设备开机时长", "hours of running of equipment", "0.01小时", "0.01 h"),
        _share("collateral_index", "押品价格指数", "price index of the collateral, 1,000,000 at origination"),
        _share("debt_ratio", "资产负债率", "debt to assets"),
        _share("current_ratio", "流动比率", "current ratio, 1,000,000 is one"),
    )
}
"""Name -> measure."""
