"""Tables of the parties: who they are, what they are to each other, what is observed of them.

Invariant: a party id is opaque and belongs to one organisation; identifiers issued by the state are personal columns
and never a key.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, days, declare, flag, link, money, rate, text
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

PARTY_KINDS = CodeList.of(
    "party_kinds",
    ("company", "企业", "company"),
    ("sole_trader", "个体工商户", "sole trader"),
    ("person", "自然人", "natural person"),
    ("cooperative", "农民专业合作社", "farmer cooperative"),
    ("bank", "银行及其他金融机构", "bank or other financial institution"),
    ("asset_manager", "资产管理公司", "asset management company"),
    ("guarantee_company", "融资担保公司", "financing guarantee company"),
    ("public_body", "机关事业单位", "public body"),
    ("other", "其他", "other"),
)
IDENTIFIER_KINDS = CodeList.of(
    "identifier_kinds",
    ("unified_social_credit_code", "统一社会信用代码", "unified social credit code"),
    ("identity_card", "居民身份证", "resident identity card"),
    ("organisation_code", "组织机构代码", "organisation code (9 characters)"),
    ("passport", "护照", "passport"),
    ("residence_permit", "居住证", "residence permit"),
    ("other", "其他", "other"),
)
PARTY_STATUSES = CodeList.of(
    "party_statuses",
    ("active", "存续", "active"),
    ("abnormal", "经营异常", "listed as abnormal"),
    ("suspended", "停业", "suspended business"),
    ("revoked", "吊销", "licence revoked"),
    ("deregistered", "注销", "deregistered"),
    ("in_bankruptcy", "破产程序中", "in bankruptcy"),
    ("deceased", "死亡", "deceased"),
)
ENTERPRISE_SIZES = CodeList.of(
    "enterprise_sizes",
    ("micro", "微型", "micro"),
    ("small", "小型", "small"),
    ("medium", "中型", "medium"),
    ("large", "大型", "large"),
)
CLASSIFICATION_ROUTES = CodeList.of(
    "classification_routes",
    ("retail", "零售", "retail"),
    ("non_retail", "非零售", "non-retail"),
)
PARTY_ROLES = CodeList.of(
    "party_roles",
    ("legal_representative", "法定代表人", "legal representative"),
    ("actual_controller", "实际控制人", "actual controller"),
    ("shareholder", "股东", "shareholder"),
    ("beneficial_owner", "受益所有人", "beneficial owner"),
    ("partner", "合伙人", "partner"),
    ("director", "董事", "director"),
    ("operator", "经营者", "operator of a sole tradership"),
    ("spouse", "配偶", "spouse"),
    ("relative", "其他近亲属", "other near relative"),
)
GROUP_BASES = CodeList.of(
    "group_bases",
    ("shareholding", "控股", "shareholding"),
    ("common_control", "共同控制", "common control"),
    ("kinship", "亲属", "kinship"),
    ("economic_dependence", "经济依存", "economic dependence"),
)
RELATION_KINDS = CodeList.of(
    "relation_kinds",
    ("same_party", "同一主体", "the same party"),
    ("address", "同一地址", "same address"),
    ("phone", "同一电话", "same telephone"),
    ("transfer", "资金往来", "transfers of money"),
    ("invoice", "开票往来", "invoices"),
    ("shareholding", "投资持股", "shareholding"),
    ("kinship", "亲属", "kinship"),
    ("guarantee", "担保", "guarantee"),
    ("employment", "任职", "employment"),
    ("lawsuit", "诉讼", "lawsuit"),
)
OBSERVATION_SOURCES = CodeList.of(
    "observation_sources",
    ("ledger", "台账", "ledger"),
    ("tax", "税务", "tax office"),
    ("invoices", "发票", "invoices"),
    ("bank_account", "账户流水", "bank account"),
    ("utilities", "水电气", "utilities"),
    ("payroll", "社保工资", "payroll and social security"),
    ("statements", "财务报表", "financial statements"),
    ("credit_report", "征信报告", "credit report"),
    ("public_record", "公开信息", "public record"),
    ("device", "设备读数", "device readings"),
    ("inspection", "现场检查", "inspection"),
)
INVOICE_DIRECTIONS = CodeList.of(
    "invoice_directions",
    ("purchase", "进项", "purchase (input)"),
    ("sale", "销项", "sale (output)"),
)
INVOICE_STATUSES = CodeList.of(
    "invoice_statuses",
    ("valid", "有效", "valid"),
    ("void", "作废", "void"),
)
INVOICE_KINDS = CodeList.of(
    "invoice_kinds",
    ("special", "增值税专用发票", "special VAT invoice"),
    ("ordinary", "增值税普通发票", "ordinary VAT invoice"),
    ("electronic", "数电票", "fully digital invoice"),
)
FLOW_DIRECTIONS = CodeList.of(
    "flow_directions",
    ("in", "转入", "in"),
    ("out", "转出", "out"),
)
TRANSACTION_KINDS = CodeList.of(
    "transaction_kinds",
    ("trade", "货款", "trade"),
    ("payroll", "工资", "payroll"),
    ("tax", "税费", "tax"),
    ("loan", "贷款收付", "loan paid out or repaid"),
    ("own_account", "本人账户划转", "transfer between own accounts"),
    ("cash", "现金", "cash"),
    ("other", "其他", "other"),
)
QUERY_BASES = CodeList.of(
    "query_bases",
    ("application", "贷款审批", "loan application"),
    ("guarantee_review", "担保资格审查", "review of a guarantor"),
    ("post_loan", "贷后管理", "post-loan management"),
    ("objection", "异议核查", "objection"),
)
FIVE_CLASSES = CodeList.of(
    "five_classes",
    ("normal", "正常", "normal"),
    ("special_mention", "关注", "special mention"),
    ("substandard", "次级", "substandard"),
    ("doubtful", "可疑", "doubtful"),
    ("loss", "损失", "loss"),
)

PARTIES = declare(
    "parties", "state", "parties", "主体：企业、个体工商户、自然人", "a party: company, sole trader or natural person",
    code("kind", PARTY_KINDS, "主体类型", "kind of party", required=True),
    text("name", "名称或姓名", "name", personal="id"),
    code("identifier_kind", IDENTIFIER_KINDS, "证件类型", "kind of identifier"),
    text("identifier", "证件号码", "unified social credit code, identity card number", personal="id", level=4),
    text("phone", "联系电话", "telephone", personal="id"),
    text("address", "地址", "address", personal="id"),
    text("bank_account", "银行账号", "bank account or card number", personal="id", level=4),
    code("region", None, "行政区划代码", "region, GB/T 2260 six digits", level=1),
    code("industry", None, "行业代码", "industry, GB/T 4754: section letter and up to four digits", level=1),
    code("size", ENTERPRISE_SIZES, "企业规模", "enterprise size"),
    day("registered_on", "成立日期", "day of registration"),
    money("registered_capital", "注册资本", "registered capital"),
    count("employees", "从业人数", "employees"),
    money("annual_revenue", "年营业收入", "revenue of the last full year"),
    money("total_assets", "资产总额", "total assets"),
    count("birth_year", "出生年份", "year of birth of a natural person"),
    code("status", PARTY_STATUSES, "登记状态", "registry or civil status"),
    day("status_on", "状态日期", "day the status took effect"),
    code("classification_route", CLASSIFICATION_ROUTES, "分类路径", "classified as retail or non-retail"),
    flag("small_business_owner", "小微企业主", "owner of a small or micro enterprise"),
    flag("related_to_lender", "本机构关联方", "related party of the lender"),
    flag("evading_debt", "逃废债", "found to evade bank debt"),
    code("rating", None, "外部或内部评级", "rating, in the rater's own letters"),
    text("source_org", "来源机构", "organisation whose party this is"),
    text("source_id", "来源编号", "that organisation's own id for it"),
    currency(),
)
PARTY_ROLES_TABLE = declare(
    "party_roles", "state", "parties", "任职、控制、婚姻关系", "a role one party holds at another",
    link("party_id", "parties", "所在主体", "party at which the role is held", required=True),
    code("role", PARTY_ROLES, "角色", "role", required=True),
    link("holder_id", "parties", "担任者", "party that holds the role", required=True),
    rate("share", "持股比例", "share held"),
    day("from_on", "起始日", "from"),
    day("to_on", "终止日", "to"),
)
GROUPS = declare(
    "groups", "state", "parties", "集团与关联客户", "a group of connected clients",
    text("name", "集团名称", "name of the group"),
    code("basis", GROUP_BASES, "认定依据", "basis of connection"),
    day("agreed_on", "认定日", "day the group was agreed"),
    day("ended_on", "解除日", "day it ceased"),
    money("limit_amount", "集团限额", "limit of the whole group"),
    currency(),
)
GROUP_MEMBERS = declare(
    "group_members", "state", "parties", "集团成员", "a member of a group of connected clients",
    link("group_id", "groups", "集团", "group", required=True),
    link("party_id", "parties", "成员", "member", required=True),
    code("basis", GROUP_BASES, "认定依据", "basis of connection"),
    day("joined_on", "纳入日", "joined"),
    day("left_on", "退出日", "left"),
)
RELATIONS = declare(
    "relations", "state", "parties", "主体之间的联系", "a tie between two parties",
    link("from_party_id", "parties", "一方", "from", required=True),
    link("to_party_id", "parties", "另一方", "to", required=True),
    code("kind", RELATION_KINDS, "联系类型", "kind of tie", required=True),
    money("amount", "金额", "amount over the period"),
    count("times", "次数", "number of events over the period"),
    rate("share", "比例", "share"),
    day("first_on", "首次", "first seen"),
    day("last_on", "末次", "last seen"),
    currency(),
)
OBSERVATIONS = declare(
    "observations", "event", "parties", "月度观测", "a measure of a party in a month",
    link("party_id", "parties", "主体", "party", required=True),
    day("month_end_on", "月末", "last day of the month observed", required=True),
    code("measure", None, "指标", "measure, one of the measure registry", required=True),
    count("value", "数值", "value on the measure's own scale", required=True),
    code("source", OBSERVATION_SOURCES, "来源", "source"),
)
INVOICES = declare(
    "invoices", "event", "parties", "增值税发票", "a VAT invoice",
    link("party_id", "parties", "主体", "party whose books it is in", required=True),
    code("direction", INVOICE_DIRECTIONS, "进销方向", "purchase or sale", required=True),
    text("number", "发票号码", "invoice number"),
    text("counterparty", "对方", "the other side, as the source names it"),
    day("issued_on", "开票日期", "day of issue", required=True),
    money("net", "金额", "amount without tax", required=True),
    money("tax", "税额", "tax"),
    money("gross", "价税合计", "amount with tax"),
    code("status", INVOICE_STATUSES, "发票状态", "valid or void"),
    code("kind", INVOICE_KINDS, "发票种类", "kind of invoice"),
    flag("red_letter", "红字", "red-letter (credit) invoice"),
    text("goods", "货物或劳务", "goods or services"),
    currency(),
)
TRANSACTIONS = declare(
    "transactions", "event", "parties", "账户流水", "a movement on a bank account",
    link("party_id", "parties", "户主", "account holder", required=True),
    text("account", "账号", "account number", personal="party_id", level=4),
    code("direction", FLOW_DIRECTIONS, "方向", "in or out", required=True),
    day("booked_on", "记账日", "day booked", required=True),
    money("amount", "金额", "amount", required=True),
    money("balance", "余额", "balance after it"),
    link("counterparty_id", "parties", "对方主体", "the other side, where known"),
    text("counterparty", "对方户名", "the other side's name as printed", personal="party_id"),
    code("kind", TRANSACTION_KINDS, "类型", "kind"),
    text("remark", "摘要", "remark", personal="party_id"),
    currency(),
)
CREDIT_REPORTS = declare(
    "credit_reports", "event", "parties", "征信报告摘要", "what a credit report said",
    link("party_id", "parties", "主体", "party", required=True),
    link("consent_id", "consents", "授权", "consent it was queried under"),
    code("query_basis", QUERY_BASES, "查询依据", "basis of the query", required=True),
    day("queried_on", "查询日", "day of the query", required=True),
    money("external_balance", "他行余额", "balance at other lenders"),
    money("external_overdue", "他行逾期额", "amount overdue at other lenders"),
    money("external_overdue_over_90_days", "他行逾期90天以上余额", "balance elsewhere of debts over 90 days past due"),
    days("external_overdue_days", "他行最长逾期天数", "longest days past due elsewhere"),
    code("external_worst_class", FIVE_CLASSES, "他行最差分类", "worst class elsewhere"),
    count("lenders", "授信机构数", "number of lenders"),
    count("queries_in_six_months", "近六个月查询次数", "queries in the last six months"),
    money("guarantees_given", "对外担保余额", "guarantees given for others"),
    count("overdue_months_in_two_years", "近两年逾期月数", "months overdue in the last 24"),
    currency(),
)

TABLES = (
    PARTIES, PARTY_ROLES_TABLE, GROUPS, GROUP_MEMBERS, RELATIONS, OBSERVATIONS, INVOICES, TRANSACTIONS, CREDIT_REPORTS,
)
