"""Tables of claims: what is owed to whom, how it changed hands, what keeps it alive, what came back and what it cost.

Invariant: a claim is a fact; what is thought of it (value, route) is an outcome and stands nowhere here.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, declare, flag, link, money, rate, text
from panhuo.ground.book.tables.security import EVIDENCE_GRADES
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

CLAIM_KINDS = CodeList.of(
    "claim_kinds",
    ("loan", "贷款债权", "loan"),
    ("guarantee_recourse", "担保追偿", "guarantor's recourse"),
    ("judgment", "生效裁判债权", "under a judgment"),
    ("receivable", "应收账款", "receivable"),
    ("cost", "费用债权", "costs"),
    ("other", "其他", "other"),
)
CLAIM_STATUSES = CodeList.of(
    "claim_statuses",
    ("held", "持有", "held"),
    ("assigned", "已转让", "assigned away"),
    ("settled", "已清偿", "settled"),
    ("released", "已免除", "released"),
    ("extinguished", "已消灭", "extinguished"),
)
NOTICE_METHODS = CodeList.of(
    "notice_methods",
    ("in_person", "当面签收", "in person, signed"),
    ("notarised", "公证送达", "notarised delivery"),
    ("courier", "特快专递", "courier"),
    ("post", "邮寄", "post"),
    ("electronic", "电子送达", "electronic"),
    ("newspaper", "公告", "newspaper"),
    ("court", "经法院送达", "through the court"),
)
NOTICE_PURPOSES = CodeList.of(
    "notice_purposes",
    ("assignment", "债权转让通知", "notice of assignment"),
    ("demand", "催收", "demand"),
    ("acceleration", "宣布提前到期", "acceleration"),
    ("guarantee_demand", "向保证人主张", "demand on a guarantor"),
)
ADDRESSEE_ROLES = CodeList.of(
    "addressee_roles",
    ("debtor", "债务人", "debtor"),
    ("guarantor", "保证人", "guarantor"),
    ("security_provider", "物保人", "provider of security"),
)
LIMITATION_RIGHTS = CodeList.of(
    "limitation_rights",
    ("debt", "主债权", "the debt"),
    ("guarantee", "保证债权", "the guarantee"),
    ("enforcement", "申请执行", "enforcement"),
)
LIMITATION_KINDS = CodeList.of(
    "limitation_kinds",
    ("suit", "起诉或仲裁", "suit or arbitration"),
    ("payment_order", "申请支付令", "payment order"),
    ("enforcement_application", "申请执行", "application for enforcement"),
    ("bankruptcy_filing", "申报破产债权", "claim filed in bankruptcy"),
    ("signed_demand", "催收签收", "demand signed for"),
    ("delivered_demand", "催收送达", "demand delivered"),
    ("promise", "承诺还款", "promise to pay"),
    ("part_payment", "部分清偿", "part payment"),
    ("deduction", "扣划", "deduction from the account"),
    ("newspaper", "公告催收", "demand in a newspaper"),
    ("assignment_notice", "转让通知兼催收", "notice of assignment with demand"),
    ("obstacle", "中止事由", "obstacle: suspension"),
)
CLUE_KINDS = CodeList.of(
    "clue_kinds",
    ("real_estate", "不动产", "real estate"),
    ("vehicle", "车辆", "vehicle"),
    ("deposit", "存款", "deposit"),
    ("equity", "股权", "equity"),
    ("receivable", "到期债权", "receivable"),
    ("equipment", "设备", "equipment"),
    ("income", "收入", "income"),
    ("other", "其他", "other"),
)
CLUE_SOURCES = CodeList.of(
    "clue_sources",
    ("court_search", "法院查控", "court's search"),
    ("public_record", "公开信息", "public record"),
    ("registry", "登记机构查询", "registry"),
    ("debtor", "债务人申报", "debtor's declaration"),
    ("creditor", "债权人提供", "creditor"),
    ("reward", "悬赏举报", "reward notice"),
)
LAWFUL_BASES = CodeList.of(
    "lawful_bases",
    ("contract", "履行合同所必需", "needed for the contract"),
    ("legal_duty", "法定职责或义务", "legal duty"),
    ("consent", "取得同意", "consent"),
    ("public", "已合法公开", "lawfully public"),
    ("court_order", "法院调查令", "court order"),
)
RECOVERY_SOURCES = CodeList.of(
    "recovery_sources",
    ("debtor", "债务人还款", "debtor"),
    ("guarantor", "保证人代偿", "guarantor"),
    ("auction", "司法拍卖", "judicial sale"),
    ("enforcement", "执行扣划", "enforcement"),
    ("settlement_in_kind", "以物抵债", "settlement in kind"),
    ("claim_sale", "债权转让", "sale of the claim"),
    ("bankruptcy", "破产分配", "bankruptcy distribution"),
    ("third_party", "第三人代偿", "third party"),
    ("insurance", "保险赔付", "insurance"),
)
CASH_OWNERS = CodeList.of(
    "cash_owners",
    ("buyer", "受让方", "buyer"),
    ("seller", "转让方", "seller"),
)
COST_KINDS = CodeList.of(
    "cost_kinds",
    ("court_fee", "案件受理费", "court acceptance fee"),
    ("preservation_fee", "保全费", "preservation fee"),
    ("enforcement_fee", "执行费", "enforcement fee"),
    ("appraisal_fee", "评估费", "appraisal fee"),
    ("auction_fee", "拍卖辅助费", "auction costs"),
    ("lawyer", "律师费", "lawyer"),
    ("notice", "公告费", "notices"),
    ("custody", "保管费", "custody"),
    ("tax", "税费", "taxes"),
    ("disposal", "处置费用", "disposal"),
    ("other", "其他", "other"),
)
COST_PAYERS = CodeList.of(
    "cost_payers",
    ("holder", "债权人", "holder of the claim"),
    ("seller", "转让方", "seller"),
    ("debtor", "债务人", "debtor"),
    ("court", "法院款项中扣除", "out of the court's money"),
)

CLAIMS = declare(
    "claims", "state", "claims", "债权", "a claim",
    link("party_id", "parties", "债务人", "debtor", required=True),
    link("holder_id", "parties", "债权人", "holder; unknown is this organisation"),
    code("kind", CLAIM_KINDS, "种类", "kind", required=True),
    link("contract_id", "contracts", "借款合同", "contract it comes from"),
    money("principal", "本金", "principal stated"),
    money("interest", "利息", "interest and penalty stated"),
    money("advanced_costs", "垫付费用", "costs advanced, stated"),
    day("base_on", "基准日", "base date of those figures"),
    day("due_on", "履行期届满日", "last day of performance"),
    code("status", CLAIM_STATUSES, "状态", "status"),
    flag("corporate", "对公", "the debtor is not a natural person"),
    currency(),
)
CLAIM_DRAWDOWNS = declare(
    "claim_drawdowns", "state", "claims", "债权对应借据", "a drawdown a claim comes from",
    link("claim_id", "claims", "债权", "claim", required=True),
    link("drawdown_id", "drawdowns", "借据", "drawdown", required=True),
    rate("share", "份额", "share of the drawdown; 1,000,000 is the whole"),
)
ASSIGNMENTS = declare(
    "assignments", "event", "claims", "转让链", "one link of the chain of assignment",
    link("claim_id", "claims", "债权", "claim", required=True),
    count("number", "序号", "number in the chain, from 1", required=True),
    link("assignor_id", "parties", "转让方", "assignor"),
    link("assignee_id", "parties", "受让方", "assignee"),
    day("base_on", "交易基准日", "base date of the deal"),
    day("signed_on", "签订日", "day signed"),
    day("closed_on", "交割日", "day closed"),
    money("allocated_price", "分摊价格", "price allocated to this claim"),
    flag("original_contract_seen", "已见原件", "original contract seen"),
    flag("recourse", "有追索权", "with recourse"),
    currency(),
)
NOTICES = declare(
    "notices", "event", "claims", "通知", "a notice sent",
    link("claim_id", "claims", "债权", "claim", required=True),
    link("assignment_id", "assignments", "转让", "assignment notified"),
    link("addressee_id", "parties", "收件人", "addressee"),
    code("addressee_role", ADDRESSEE_ROLES, "收件人身份", "role of the addressee"),
    code("purpose", NOTICE_PURPOSES, "目的", "purpose"),
    code("method", NOTICE_METHODS, "方式", "method", required=True),
    day("sent_on", "发出日", "sent"),
    day("reached_on", "到达日", "reached"),
    code("grade", EVIDENCE_GRADES, "证据等级", "grade of the proof"),
)
LIMITATION_EVENTS = declare(
    "limitation_events", "event", "claims", "时效事件", "an event that interrupts or suspends a period",
    link("claim_id", "claims", "债权", "claim"),
    link("drawdown_id", "drawdowns", "借据", "drawdown, where there is no claim yet"),
    code("right_kind", LIMITATION_RIGHTS, "权利", "right concerned", required=True),
    link("guarantee_id", "guarantees", "保证", "guarantee concerned"),
    link("party_id", "parties", "相对人", "party it was done against"),
    link("proceeding_id", "proceedings", "程序", "proceeding"),
    code("kind", LIMITATION_KINDS, "事由", "kind", required=True),
    day("done_on", "作出日", "day it was done", required=True),
    day("reached_on", "到达日", "day it reached the other side"),
    day("ended_on", "终止日", "end of an obstacle, or of proceedings"),
    code("grade", EVIDENCE_GRADES, "证据等级", "grade of the evidence"),
)
CLUES = declare(
    "clues", "event", "claims", "财产线索", "a clue to property",
    link("claim_id", "claims", "债权", "claim", required=True),
    link("party_id", "parties", "被执行人", "whose property"),
    link("asset_id", "assets", "财产", "asset, once known"),
    code("kind", CLUE_KINDS, "种类", "kind", required=True),
    code("source", CLUE_SOURCES, "来源", "source", required=True),
    code("lawful_basis", LAWFUL_BASES, "合法性基础", "lawful basis of the processing", required=True),
    money("estimate", "估计金额", "estimate"),
    day("found_on", "发现日", "day found"),
    flag("verified", "已核实", "verified"),
    flag("preserved", "已保全", "preserved"),
    text("remarks", "说明", "remarks", personal="party_id"),
    currency(),
)
RECOVERIES = declare(
    "recoveries", "event", "claims", "回收", "money recovered",
    link("claim_id", "claims", "债权", "claim"),
    link("drawdown_id", "drawdowns", "借据", "drawdown, where there is no claim yet"),
    code("source", RECOVERY_SOURCES, "来源", "source", required=True),
    link("distribution_id", "distributions", "分配方案", "distribution it was paid under"),
    day("received_on", "到账日", "day received", required=True),
    money("gross", "总额", "gross", required=True),
    money("court_deductions", "法院扣除", "deducted by the court"),
    money("net", "净额", "net"),
    money("to_principal", "冲抵本金", "applied to principal"),
    money("to_interest", "冲抵利息", "applied to interest, penalty and compound"),
    money("to_costs", "冲抵费用", "applied to costs"),
    code("transition_owner", CASH_OWNERS, "过渡期归属", "whose money it is between base date and closing"),
    currency(),
)
COSTS = declare(
    "costs", "event", "claims", "费用", "a cost",
    link("claim_id", "claims", "债权", "claim"),
    link("proceeding_id", "proceedings", "程序", "proceeding"),
    code("kind", COST_KINDS, "种类", "kind", required=True),
    code("payer", COST_PAYERS, "支付方", "who paid"),
    day("paid_on", "支付日", "day paid", required=True),
    money("amount", "金额", "amount", required=True),
    flag("advanced", "垫付", "advanced for the debtor"),
    flag("recoverable", "可追偿", "recoverable"),
    money("reimbursed", "已受偿", "reimbursed"),
    currency(),
)

TABLES = (CLAIMS, CLAIM_DRAWDOWNS, ASSIGNMENTS, NOTICES, LIMITATION_EVENTS, CLUES, RECOVERIES, COSTS)
