"""Tables of the loan ledger: line -> contract -> drawdown -> posting, and what was decided and found along the way.

Invariant: one borrower has one line, several contracts, many drawdowns; balances are derived from postings, and stated
balances stand beside them as evidence.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, declare, flag, link, money, rate, text
from panhuo.ground.book.tables.parties import CLASSIFICATION_ROUTES, FIVE_CLASSES
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

EXPOSURE_KINDS = CodeList.of(
    "exposure_kinds",
    ("exposure", "敞口", "exposure"),
    ("low_risk", "低风险", "low risk"),
)
LENDER_KINDS = CodeList.of(
    "lender_kinds",
    ("bank", "银行", "bank"),
    ("micro_lender", "小额贷款公司", "micro-loan company"),
    ("consumer_finance", "消费金融公司", "consumer finance company"),
    ("lessor", "融资租赁公司", "financial leasing company"),
    ("factor", "商业保理公司", "factoring company"),
    ("private", "民间出借人", "private lender"),
    ("other", "其他", "other"),
)
PRODUCTS = CodeList.of(
    "products",
    ("working_capital", "流动资金贷款", "working-capital loan"),
    ("fixed_asset", "固定资产贷款", "fixed-asset loan"),
    ("business_property", "经营性物业贷款", "business-property loan"),
    ("personal_business", "个人经营贷款", "personal business loan"),
    ("online_unsecured", "线上信用贷款", "online unsecured loan"),
    ("farm", "涉农贷款", "farm loan"),
    ("supply_chain", "供应链融资", "supply-chain finance"),
    ("trade_finance", "贸易融资", "trade finance"),
    ("home_mortgage", "个人住房贷款", "home mortgage loan"),
    ("consumer", "个人消费贷款", "consumer loan"),
    ("credit_card", "信用卡", "credit card"),
    ("other", "其他", "other"),
)
PURPOSES = CodeList.of(
    "purposes",
    ("working_capital", "日常周转", "working capital"),
    ("stock", "采购备货", "purchase of stock"),
    ("equipment", "购置设备", "equipment"),
    ("construction", "建设装修", "building and fitting out"),
    ("farming", "农业生产", "farm production"),
    ("refinancing", "偿还旧贷", "repaying earlier debt"),
    ("consumption", "消费", "consumption"),
    ("home_purchase", "购房", "purchase of a home"),
    ("other", "其他", "other"),
)
RATE_KINDS = CodeList.of(
    "rate_kinds",
    ("fixed", "固定利率", "fixed"),
    ("lpr", "LPR浮动", "floating on the loan prime rate"),
)
LPR_TENORS = CodeList.of(
    "lpr_tenors",
    ("one_year", "一年期", "one year"),
    ("five_years", "五年期以上", "over five years"),
)
REPRICING = CodeList.of(
    "repricing",
    ("none", "不重定价", "never"),
    ("monthly", "按月", "monthly"),
    ("quarterly", "按季", "quarterly"),
    ("half_yearly", "按半年", "half-yearly"),
    ("first_of_january", "每年1月1日", "every 1 January"),
    ("anniversary", "每年对月对日", "every anniversary"),
)
DAY_COUNTS = CodeList.of(
    "day_counts",
    ("actual_360", "实际天数/360", "actual/360"),
    ("actual_365", "实际天数/365", "actual/365"),
    ("thirty_360", "30/360", "30/360"),
)
APPROPRIATION_ORDERS = CodeList.of(
    "appropriation_orders",
    ("cost_interest_principal", "费用、利息、本金", "cost, interest, principal (Civil Code art. 561)"),
    ("cost_principal_interest", "费用、本金、利息", "cost, principal, interest"),
    ("principal_first_over_90_days", "逾期90天以上先本后息", "principal first once over 90 days past due"),
)
INTEREST_ORDERS = CodeList.of(
    "interest_orders",
    ("compound_penalty_interest", "复利、罚息、正常利息", "compound, penalty, normal interest"),
    ("interest_penalty_compound", "正常利息、罚息、复利", "normal interest, penalty, compound"),
)
SECURITY_FORMS = CodeList.of(
    "security_forms",
    ("unsecured", "信用", "unsecured"),
    ("guarantee", "保证", "guarantee"),
    ("mortgage", "抵押", "mortgage"),
    ("pledge", "质押", "pledge"),
    ("mixed", "组合担保", "mixed"),
)
REPAYMENT_STYLES = CodeList.of(
    "repayment_styles",
    ("bullet_monthly_interest", "按月付息到期还本", "bullet, interest monthly"),
    ("bullet_quarterly_interest", "按季付息到期还本", "bullet, interest quarterly"),
    ("bullet_at_maturity", "利随本清", "principal and interest at maturity"),
    ("equal_instalment", "等额本息", "level instalments"),
    ("equal_principal", "等额本金", "equal principal"),
    ("irregular", "按计划不规则还款", "by an irregular plan"),
)
PAYMENT_MODES = CodeList.of(
    "payment_modes",
    ("entrusted", "受托支付", "entrusted payment to the payee"),
    ("own", "自主支付", "paid by the borrower"),
)
RENEWAL_KINDS = CodeList.of(
    "renewal_kinds",
    ("new", "新增", "new lending"),
    ("renewal_without_repayment", "无还本续贷", "renewal without repayment of principal"),
    ("refinancing", "借新还旧", "new loan to repay the old"),
    ("extension", "展期", "extension"),
    ("bridge", "应急转贷", "renewed through bridge money"),
)
DRAWDOWN_STATUSES = CodeList.of(
    "drawdown_statuses",
    ("open", "未结清", "open"),
    ("settled", "已结清", "settled"),
    ("written_off", "已核销", "written off"),
    ("assigned", "已转让", "assigned"),
)
INSTALMENT_STATUSES = CodeList.of(
    "instalment_statuses",
    ("due", "有效", "stands"),
    ("cancelled", "已取消", "cancelled by a later plan"),
)
MODIFICATION_KINDS = CodeList.of(
    "modification_kinds",
    ("extension", "展期", "extension of the term"),
    ("rescheduling", "调整还款计划", "new repayment plan"),
    ("rate_reduction", "降息", "lower rate"),
    ("interest_waiver", "减免利息", "waiver of interest"),
    ("principal_waiver", "减免本金", "waiver of principal"),
    ("refinancing", "借新还旧", "refinancing"),
    ("change_of_debtor", "债务转移", "change of debtor"),
)
DIFFICULTY_SIGNS = CodeList.of(
    "difficulty_signs",
    ("none", "无财务困难", "no financial difficulty"),
    ("overdue", "本笔或其他债务逾期", "this or another debt past due"),
    ("likely_overdue", "不调整很可能逾期", "likely to fall overdue without the change"),
    ("cannot_refinance", "无法按市场条件再融资", "cannot refinance at market terms"),
    ("credit_impaired", "已发生信用减值", "credit-impaired"),
    ("going_concern", "持续经营存疑", "going concern in doubt"),
    ("downgrade", "外部评级下调", "external downgrade"),
    ("other", "其他", "other"),
)
COMPONENTS = CodeList.of(
    "components",
    ("principal", "本金", "principal"),
    ("interest", "表内利息", "interest on the balance sheet"),
    ("interest_off_balance", "表外利息", "interest off the balance sheet"),
    ("penalty", "罚息", "penalty interest"),
    ("compound", "复利", "compound interest"),
    ("fee", "费用", "fees"),
    ("court_cost_advanced", "垫付诉讼费", "court costs advanced"),
    ("late_performance", "加倍迟延利息", "doubled late-performance interest"),
)
POSTING_KINDS = CodeList.of(
    "posting_kinds",
    ("disburse", "放款", "paid out"),
    ("accrue", "计提", "accrued"),
    ("receive", "收回", "received"),
    ("reverse", "冲正", "reversal of an earlier posting"),
    ("waive", "减免", "waived"),
    ("write_off", "核销", "written off"),
    ("assign", "转让", "assigned away"),
    ("advance", "垫付", "advanced"),
    ("move_off_balance", "表内转表外", "moved off the balance sheet"),
)
ACCRUAL_STATUSES = CodeList.of(
    "accrual_statuses",
    ("accrual", "应计", "accrual"),
    ("non_accrual", "非应计", "non-accrual"),
)
STATED_BY = CodeList.of(
    "stated_by",
    ("seller", "转让方", "seller"),
    ("lender", "贷款人台账", "lender's ledger"),
    ("debtor", "债务人", "debtor"),
    ("court", "裁判文书", "court"),
    ("auditor", "审计", "auditor"),
    ("administrator", "破产管理人", "bankruptcy administrator"),
)
ACCOUNTABILITY = CodeList.of(
    "accountability",
    ("pending", "待认定", "pending"),
    ("exempt", "尽职免责", "exempt: duties were done"),
    ("found", "认定有责", "responsibility found"),
)
DECISION_KINDS = CodeList.of(
    "decision_kinds",
    ("credit", "授信审批", "credit"),
    ("renewal", "续贷", "renewal"),
    ("modification", "重组展期", "modification"),
    ("write_off", "核销", "write-off"),
    ("disposal", "处置方案", "disposal"),
    ("investment", "投资决策", "investment"),
    ("accountability", "责任认定", "accountability"),
)
DECISION_BODIES = CodeList.of(
    "decision_bodies",
    ("officer", "审批人", "single officer"),
    ("credit_committee", "贷审会", "credit committee"),
    ("risk_committee", "风险管理委员会", "risk committee"),
    ("investment_committee", "投决会", "investment committee"),
    ("board", "董事会", "board"),
    ("system", "系统", "system"),
)
DECISION_RESULTS = CodeList.of(
    "decision_results",
    ("approved", "同意", "approved"),
    ("approved_with_conditions", "有条件同意", "approved with conditions"),
    ("deferred", "续议", "deferred"),
    ("refused", "否决", "refused"),
)
INSPECTION_KINDS = CodeList.of(
    "inspection_kinds",
    ("first", "首次检查", "first inspection"),
    ("regular", "日常检查", "regular inspection"),
    ("special", "专项检查", "special inspection"),
    ("collateral", "押品检查", "collateral inspection"),
)
INSPECTION_RESULTS = CodeList.of(
    "inspection_results",
    ("normal", "正常", "normal"),
    ("concern", "有疑点", "concern"),
    ("serious", "重大风险", "serious"),
)

FACILITIES = declare(
    "facilities", "state", "credit", "授信额度", "a credit line",
    link("party_id", "parties", "借款人", "obligor", required=True),
    link("group_id", "groups", "所属集团", "group"),
    money("approved", "批准额度", "approved amount", required=True),
    code("exposure_kind", EXPOSURE_KINDS, "敞口类型", "exposure or low risk"),
    flag("revolving", "可循环", "revolving"),
    day("approved_on", "批准日", "day approved"),
    day("expires_on", "到期日", "day it expires"),
    text("conditions", "附带条件", "conditions"),
    link("decision_id", "decisions", "审批决议", "decision that granted it"),
    flag("frozen", "冻结", "frozen: no new drawdowns"),
    currency(),
)
CONTRACTS = declare(
    "contracts", "state", "credit", "借款合同", "a loan contract",
    link("facility_id", "facilities", "授信额度", "line it is under"),
    link("party_id", "parties", "借款人", "borrower", required=True),
    text("number", "合同编号", "contract number"),
    code("lender_kind", LENDER_KINDS, "贷款人类型", "kind of lender"),
    code("product", PRODUCTS, "产品", "product"),
    money("principal", "合同金额", "principal agreed", required=True),
    code("purpose", PURPOSES, "用途", "purpose"),
    text("purpose_stated", "用途原文", "purpose as written"),
    day("signed_on", "签订日", "day signed", required=True),
    day("due_on", "到期日", "last due day"),
    code("rate_kind", RATE_KINDS, "利率类型", "fixed or floating"),
    rate("annual_rate", "年利率", "annual rate at signing"),
    code("lpr_tenor", LPR_TENORS, "LPR期限", "tenor of the loan prime rate"),
    count("spread_basis_points", "加点（基点）", "spread over the loan prime rate, basis points"),
    code("repricing", REPRICING, "重定价", "when the rate is set anew"),
    code("day_count", DAY_COUNTS, "计息基础", "day count"),
    rate("penalty_uplift", "逾期罚息上浮", "uplift of the rate when overdue; 500,000 is +50 %"),
    rate("misuse_uplift", "挪用罚息上浮", "uplift of the rate when funds are misused"),
    flag("compound", "计收复利", "compound interest agreed"),
    flag("compound_on_penalty", "罚息计收复利", "compound interest on penalty interest agreed"),
    code("appropriation_order", APPROPRIATION_ORDERS, "清偿顺序", "order in which payments are applied"),
    code("interest_order", INTEREST_ORDERS, "利息内部顺序", "order among kinds of interest"),
    code("security_form", SECURITY_FORMS, "主担保方式", "main form of security"),
    flag("service_address_confirmed", "送达地址确认", "service address confirmed"),
    text("service_address", "送达地址", "service address", personal="party_id"),
    text("jurisdiction", "管辖约定", "court agreed"),
    flag("notarised", "赋强公证", "notarised with enforceable effect"),
    day("notarised_on", "公证日", "day notarised"),
    flag("assignment_barred", "禁止转让", "assignment barred"),
    money("fees", "贷款相关费用", "fees the borrower bears besides interest"),
    currency(),
)
DRAWDOWNS = declare(
    "drawdowns", "state", "credit", "借据", "a drawdown",
    link("contract_id", "contracts", "借款合同", "contract", required=True),
    link("party_id", "parties", "借款人", "borrower", required=True),
    text("number", "借据号", "drawdown number"),
    money("amount", "借据金额", "amount paid out", required=True),
    day("out_on", "发放日", "day paid out", required=True),
    day("due_on", "到期日", "day due", required=True),
    code("style", REPAYMENT_STYLES, "还款方式", "repayment style"),
    count("interest_day", "扣息日", "day of the month interest falls due"),
    rate("annual_rate", "执行年利率", "annual rate in force"),
    rate("penalty_uplift", "逾期罚息上浮", "uplift when overdue, where it differs from the contract's"),
    code("payment_mode", PAYMENT_MODES, "支付方式", "how it was paid out"),
    text("payee", "受托支付对象", "payee", personal="party_id"),
    code("renewal_kind", RENEWAL_KINDS, "新增或续贷", "new or renewal"),
    link("previous_drawdown_id", "drawdowns", "前笔借据", "drawdown it renews"),
    flag("inclusive", "普惠口径", "counts as inclusive small-business lending"),
    flag("funds_misused", "挪用", "use of funds changed without consent"),
    flag("credit_impaired", "已发生信用减值", "credit-impaired"),
    code("status", DRAWDOWN_STATUSES, "状态", "status"),
    day("settled_on", "结清日", "day settled"),
    currency(),
)
INSTALMENTS = declare(
    "instalments", "state", "credit", "还款计划", "what falls due on a day under the plan",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    count("number", "期数", "number of the instalment, from 1"),
    day("due_on", "应还日", "day due", required=True),
    money("principal", "应还本金", "principal due", required=True),
    money("interest", "应还利息", "interest due"),
    code("status", INSTALMENT_STATUSES, "状态", "whether it stands"),
    link("modification_id", "modifications", "所属变更", "modification that set it"),
    currency(),
)
MODIFICATIONS = declare(
    "modifications", "event", "credit", "展期与重组", "a change of terms",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    link("party_id", "parties", "借款人", "borrower", required=True),
    code("kind", MODIFICATION_KINDS, "变更方式", "kind of change", required=True),
    code("difficulty_sign", DIFFICULTY_SIGNS, "财务困难迹象", "sign of financial difficulty"),
    flag("favours_debtor", "对债务人有利", "terms changed in the debtor's favour"),
    code("class_before", FIVE_CLASSES, "变更前分类", "class before"),
    day("approved_on", "批准日", "day approved"),
    day("due_on_before", "原到期日", "due day before"),
    day("due_on_after", "新到期日", "due day after"),
    rate("annual_rate_before", "原年利率", "annual rate before"),
    rate("annual_rate_after", "新年利率", "annual rate after"),
    money("amount_waived", "减免金额", "amount waived"),
    day("first_due_on", "变更后首个还款日", "first due day after the change"),
    day("observation_ends_on", "观察期届满日", "end of the observation period"),
    flag("paid_as_agreed", "按约履行", "paid as agreed since"),
    link("decision_id", "decisions", "审批决议", "decision"),
    currency(),
)
POSTINGS = declare(
    "postings", "event", "credit", "台账流水", "a ledger posting",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    link("party_id", "parties", "借款人", "borrower"),
    day("posted_on", "记账日", "day posted", required=True),
    day("value_date", "起息日", "day it counts from"),
    code("component", COMPONENTS, "成分", "component", required=True),
    code("kind", POSTING_KINDS, "类型", "kind", required=True),
    money("amount", "金额", "amount, positive; the kind says the direction", required=True),
    link("reverses_id", "postings", "被冲正流水", "posting it reverses"),
    text("voucher", "凭证号", "voucher"),
    currency(),
)
ACCRUAL_STATUS = declare(
    "accrual_status", "state", "credit", "应计状态", "whether a drawdown accrues",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    code("status", ACCRUAL_STATUSES, "应计或非应计", "accrual or non-accrual", required=True),
    day("since_on", "自", "since"),
    text("reason", "原因", "reason"),
)
STATED_BALANCES = declare(
    "stated_balances", "event", "credit", "陈述余额", "a balance as somebody stated it",
    link("drawdown_id", "drawdowns", "借据", "drawdown"),
    link("claim_id", "claims", "债权", "claim, where it was stated for one"),
    link("party_id", "parties", "债务人", "debtor"),
    day("base_on", "基准日", "base date", required=True),
    code("component", COMPONENTS, "成分", "component", required=True),
    money("amount", "金额", "amount stated", required=True),
    code("stated_by", STATED_BY, "陈述方", "who stated it", required=True),
    currency(),
)
WRITEOFFS = declare(
    "writeoffs", "event", "credit", "核销", "a write-off of one component",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    link("party_id", "parties", "借款人", "borrower"),
    day("approved_on", "批准日", "day approved"),
    day("written_off_on", "核销日", "day written off", required=True),
    code("component", COMPONENTS, "成分", "component", required=True),
    money("amount", "金额", "amount", required=True),
    flag("kept_on_record", "账销案存", "claim kept on record and pursued"),
    text("tax_file", "税前扣除档案号", "tax file"),
    code("accountability", ACCOUNTABILITY, "责任认定", "accountability finding"),
    link("decision_id", "decisions", "审批决议", "decision"),
    currency(),
)
CLASS_DECISIONS = declare(
    "class_decisions", "event", "credit", "五级分类认定", "a decision on the class of a drawdown",
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    link("party_id", "parties", "借款人", "borrower"),
    day("decided_on", "认定日", "day decided", required=True),
    code("system_floor", FIVE_CLASSES, "系统底线", "floor found by rule"),
    code("officer", FIVE_CLASSES, "客户经理意见", "officer's opinion"),
    code("committee", FIVE_CLASSES, "委员会意见", "committee's opinion"),
    code("final", FIVE_CLASSES, "最终认定", "final class", required=True),
    code("route", CLASSIFICATION_ROUTES, "分类路径", "retail or non-retail"),
    text("reason", "理由", "reason"),
)
DECISIONS = declare(
    "decisions", "event", "credit", "审批决议", "a decision of a body",
    link("party_id", "parties", "当事人", "party decided on"),
    code("kind", DECISION_KINDS, "决议类型", "kind of decision", required=True),
    code("body", DECISION_BODIES, "决策机构", "deciding body"),
    day("meeting_on", "会议日", "day of the meeting"),
    code("result", DECISION_RESULTS, "结果", "result", required=True),
    money("amount", "金额", "amount decided"),
    count("votes_for", "赞成票", "votes for"),
    count("votes_against", "反对票", "votes against"),
    count("votes_abstained", "弃权票", "abstentions"),
    text("recusals", "回避人员", "recusals"),
    text("conditions", "条件", "conditions"),
    day("condition_fulfilled_on", "条件落实日", "day the conditions were fulfilled"),
    text("pack_hash", "材料哈希", "hash of the papers decided on"),
    currency(),
)
INSPECTIONS = declare(
    "inspections", "event", "credit", "贷后检查", "a post-loan inspection",
    link("party_id", "parties", "借款人", "borrower", required=True),
    link("drawdown_id", "drawdowns", "借据", "drawdown"),
    link("asset_id", "assets", "押品", "asset inspected"),
    code("kind", INSPECTION_KINDS, "检查类型", "kind", required=True),
    day("inspected_on", "检查日", "day inspected", required=True),
    code("result", INSPECTION_RESULTS, "结论", "result"),
    flag("operating", "正常经营", "in operation"),
    flag("use_as_agreed", "用途合规", "funds used as agreed"),
    text("inspector", "检查人", "inspector"),
    text("remarks", "说明", "remarks"),
)

TABLES = (
    FACILITIES, CONTRACTS, DRAWDOWNS, INSTALMENTS, MODIFICATIONS, POSTINGS, ACCRUAL_STATUS, STATED_BALANCES, WRITEOFFS,
    CLASS_DECISIONS, DECISIONS, INSPECTIONS,
)
