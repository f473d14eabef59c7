"""Tables of procedure: disputes, proceedings, instruments, measures, sales, distributions, mediation, bankruptcy.

Invariant: a date a deadline runs from is a column of its own, never a remark.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, declare, flag, link, money, rate, text
from panhuo.ground.book.tables.credit import COMPONENTS
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

MATTER_KINDS = CodeList.of(
    "matter_kinds",
    ("loan_dispute", "借款合同纠纷", "loan contract"),
    ("private_loan", "民间借贷纠纷", "private lending"),
    ("guarantee_dispute", "保证合同纠纷", "guarantee contract"),
    ("recourse", "追偿权纠纷", "recourse"),
    ("security_realisation", "实现担保物权", "realising security"),
    ("bankruptcy", "破产", "bankruptcy"),
    ("other", "其他", "other"),
)
PROCEEDING_KINDS = CodeList.of(
    "proceeding_kinds",
    ("pretrial_mediation", "诉前调解", "mediation before suit"),
    ("payment_order", "支付令", "payment order"),
    ("security_realisation", "实现担保物权", "realising security"),
    ("first_instance", "一审", "first instance"),
    ("second_instance", "二审", "second instance"),
    ("retrial", "再审", "retrial"),
    ("preservation", "执保", "preservation"),
    ("enforcement", "首执", "enforcement"),
    ("resumed_enforcement", "执恢", "resumed enforcement"),
    ("objection", "执异", "objection in enforcement"),
    ("arbitration", "仲裁", "arbitration"),
    ("bankruptcy", "破产", "bankruptcy"),
)
PROCEEDING_STATUSES = CodeList.of(
    "proceeding_statuses",
    ("preparing", "准备中", "being prepared"),
    ("filed", "已申请立案", "filed"),
    ("accepted", "已立案", "accepted"),
    ("decided", "已裁判", "decided"),
    ("effective", "已生效", "effective"),
    ("withdrawn", "撤回", "withdrawn"),
    ("stayed", "中止", "stayed"),
    ("closed_no_property", "终结本次执行", "closed for want of property"),
    ("closed", "结案", "closed"),
)
SERVICE_METHODS = CodeList.of(
    "service_methods",
    ("direct", "直接送达", "direct"),
    ("electronic", "电子送达", "electronic"),
    ("post", "邮寄送达", "post"),
    ("confirmed_address", "确认地址送达", "at the confirmed address"),
    ("left", "留置送达", "left at the place"),
    ("public_notice", "公告送达", "public notice"),
)
PARTY_POSITIONS = CodeList.of(
    "party_positions",
    ("claimant", "原告或申请人", "claimant"),
    ("defendant", "被告或被申请人", "defendant"),
    ("third_party", "第三人", "third party"),
    ("applicant", "申请执行人", "applicant in enforcement"),
    ("judgment_debtor", "被执行人", "judgment debtor"),
    ("objector", "案外人", "objector"),
)
INSTRUMENT_KINDS = CodeList.of(
    "instrument_kinds",
    ("judgment", "判决书", "judgment"),
    ("mediation", "调解书", "mediation paper"),
    ("ruling", "裁定书", "ruling"),
    ("confirmation", "司法确认裁定", "ruling confirming mediation"),
    ("payment_order", "支付令", "payment order"),
    ("award", "仲裁裁决", "arbitral award"),
    ("notarised", "公证债权文书", "notarised instrument"),
)
INTEREST_FORMULAS = CodeList.of(
    "interest_formulas",
    ("none", "不计息", "none"),
    ("contract", "按合同约定", "by the contract"),
    ("contract_penalty", "按合同罚息", "the contract's penalty rate"),
    ("fixed_rate", "按固定年利率", "a fixed annual rate"),
    ("lpr", "按LPR倍数", "a multiple of the loan prime rate"),
)
MEASURE_KINDS = CodeList.of(
    "measure_kinds",
    ("search", "查控", "search"),
    ("freeze", "冻结", "freeze"),
    ("deduct", "扣划", "deduction"),
    ("consumption_limit", "限制高消费", "limit on consumption"),
    ("defaulter_list", "失信名单", "list of defaulters"),
    ("summons", "拘传", "summons by force"),
    ("detention", "拘留", "detention"),
    ("closed_no_property", "终结本次执行", "closed for want of property"),
    ("resumed", "恢复执行", "resumed"),
    ("stay", "中止执行", "stay"),
    ("change_of_applicant", "变更申请执行人", "change of applicant"),
)
ROUND_KINDS = CodeList.of(
    "round_kinds",
    ("first", "一拍", "first auction"),
    ("second", "二拍", "second auction"),
    ("sale", "变卖", "sale"),
    ("other", "其他", "other, by local rule"),
)
ROUND_RESULTS = CodeList.of(
    "round_results",
    ("announced", "公告中", "announced"),
    ("sold", "成交", "sold"),
    ("failed", "流拍", "no bid"),
    ("defaulted", "悔拍", "buyer defaulted"),
    ("withdrawn", "撤回", "withdrawn"),
    ("stayed", "暂缓或中止", "stayed"),
)
TAX_BEARERS = CodeList.of(
    "tax_bearers",
    ("each", "各自承担", "each side its own"),
    ("buyer", "买受人承担", "the buyer bears all"),
    ("proceeds", "卖方税费从价款中扣除", "the seller's from the proceeds"),
    ("not_stated", "未明确", "not stated"),
)
DISTRIBUTION_RANKS = CodeList.of(
    "distribution_ranks",
    ("costs", "执行及处置费用", "costs of enforcement and sale"),
    ("taxes", "税费", "taxes"),
    ("home_buyer", "商品房消费者", "home-buying consumer"),
    ("construction_price", "建设工程价款", "construction price"),
    ("secured", "担保物权", "secured"),
    ("first_seizure", "首封债权", "first-seizing creditor"),
    ("ordinary", "普通债权", "ordinary"),
    ("late_performance", "迟延履行利息", "doubled late interest"),
    ("debtor", "退还被执行人", "returned to the debtor"),
)
MEDIATION_RESULTS = CodeList.of(
    "mediation_results",
    ("pending", "进行中", "pending"),
    ("agreed", "达成协议", "agreed"),
    ("failed", "未达成", "failed"),
    ("performed", "已履行", "performed"),
    ("breached", "未按约履行", "breached"),
)
BANKRUPTCY_KINDS = CodeList.of(
    "bankruptcy_kinds",
    ("liquidation", "破产清算", "liquidation"),
    ("reorganisation", "重整", "reorganisation"),
    ("composition", "和解", "composition"),
)
CLAIM_VOTES = CodeList.of(
    "claim_votes",
    ("for", "同意", "for"),
    ("against", "反对", "against"),
    ("none", "未表决", "not voted"),
)

MATTERS = declare(
    "matters", "state", "procedure", "争议事项", "a dispute",
    code("kind", MATTER_KINDS, "案由", "cause", required=True),
    link("party_id", "parties", "主债务人", "main debtor"),
    text("title", "名称", "title", personal="party_id"),
    day("opened_on", "开始日", "opened"),
    day("closed_on", "结束日", "closed"),
    text("owner", "承办人", "who is in charge"),
)
PROCEEDINGS = declare(
    "proceedings", "state", "procedure", "程序", "a proceeding",
    link("matter_id", "matters", "争议事项", "dispute", required=True),
    link("previous_proceeding_id", "proceedings", "前序程序", "proceeding it follows"),
    code("kind", PROCEEDING_KINDS, "程序类型", "kind", required=True),
    text("case_number", "案号", "case number"),
    text("court", "法院", "court"),
    code("status", PROCEEDING_STATUSES, "状态", "status"),
    money("amount", "标的额", "amount in dispute"),
    day("filed_on", "申请日", "filed"),
    day("accepted_on", "立案日", "accepted"),
    day("heard_on", "开庭日", "heard"),
    code("service_method", SERVICE_METHODS, "送达方式", "how it was served"),
    day("served_on", "送达日", "served"),
    day("decided_on", "裁判日", "decided"),
    day("effective_since_on", "生效日", "the decision took effect"),
    day("closed_on", "结案日", "closed"),
    day("next_deadline_on", "下一期限", "next deadline as stated"),
    currency(),
)
PROCEEDING_PARTIES = declare(
    "proceeding_parties", "state", "procedure", "程序当事人", "a party to a proceeding",
    link("proceeding_id", "proceedings", "程序", "proceeding", required=True),
    link("party_id", "parties", "当事人", "party", required=True),
    code("position", PARTY_POSITIONS, "诉讼地位", "position", required=True),
    day("served_on", "送达日", "day this party was served"),
    code("service_method", SERVICE_METHODS, "送达方式", "how"),
)
PROCEEDING_CLAIMS = declare(
    "proceeding_claims", "state", "procedure", "程序所涉债权", "a claim in a proceeding",
    link("proceeding_id", "proceedings", "程序", "proceeding", required=True),
    link("claim_id", "claims", "债权", "claim", required=True),
    money("amount", "主张金额", "amount claimed"),
    currency(),
)
INSTRUMENTS = declare(
    "instruments", "state", "procedure", "执行依据", "an enforceable instrument",
    link("proceeding_id", "proceedings", "程序", "proceeding that made it"),
    code("kind", INSTRUMENT_KINDS, "种类", "kind", required=True),
    text("number", "文号", "number"),
    text("court", "作出机构", "who made it"),
    day("made_on", "作出日", "made", required=True),
    day("served_on", "送达日", "served"),
    day("effective_since_on", "生效日", "took effect"),
    day("perform_by_on", "履行期届满日", "last day of performance"),
)
INSTRUMENT_ITEMS = declare(
    "instrument_items", "state", "procedure", "判项", "one item of an instrument",
    link("instrument_id", "instruments", "执行依据", "instrument", required=True),
    count("number", "判项序号", "number of the item"),
    link("claim_id", "claims", "债权", "claim it settles"),
    link("party_id", "parties", "义务人", "who must perform"),
    code("component", COMPONENTS, "成分", "component"),
    money("amount", "金额", "amount"),
    code("interest_formula", INTEREST_FORMULAS, "利息算法", "interest formula"),
    rate("interest_rate", "利率", "annual rate, where fixed"),
    money("interest_base", "计息基数", "base of the interest"),
    day("interest_from_on", "计息起日", "interest from"),
    day("interest_stop_on", "计息止日", "interest stops; unknown is until paid"),
    day("perform_by_on", "履行期届满日", "last day of performance of this item"),
    link("asset_id", "assets", "优先受偿标的", "asset on which priority was confirmed"),
    link("security_right_id", "security_rights", "担保物权", "security right confirmed"),
    money("priority_amount", "优先受偿限额", "priority confirmed up to"),
    currency(),
)
ENFORCEMENT_MEASURES = declare(
    "enforcement_measures", "event", "procedure", "执行措施", "a measure of enforcement",
    link("proceeding_id", "proceedings", "程序", "proceeding", required=True),
    link("party_id", "parties", "被执行人", "judgment debtor"),
    link("asset_id", "assets", "财产", "asset"),
    code("kind", MEASURE_KINDS, "措施", "measure", required=True),
    day("taken_on", "采取日", "taken", required=True),
    day("expires_on", "到期日", "expires"),
    day("lifted_on", "解除日", "lifted"),
    money("amount", "金额", "amount"),
    text("ground", "理由", "ground"),
    currency(),
)
AUCTION_LOTS = declare(
    "auction_lots", "state", "procedure", "拍卖标的", "a lot put up for judicial sale",
    link("proceeding_id", "proceedings", "程序", "proceeding"),
    link("asset_id", "assets", "财产", "asset", required=True),
    link("appraisal_id", "appraisals", "参考价依据", "appraisal the reference price rests on"),
    text("court", "处置法院", "court that sells"),
    text("platform", "平台", "platform"),
    money("reference_price", "处置参考价", "reference price"),
    code("tax_bearer", TAX_BEARERS, "税费承担", "who bears the taxes"),
    flag("vacancy_promised", "承诺腾退", "vacant possession promised"),
    currency(),
)
AUCTION_ROUNDS = declare(
    "auction_rounds", "event", "procedure", "拍卖轮次", "a round of a judicial sale",
    link("lot_id", "auction_lots", "标的", "lot", required=True),
    code("kind", ROUND_KINDS, "轮次", "round", required=True),
    day("notice_on", "公告日", "notice"),
    day("starts_on", "开始日", "starts"),
    day("ends_on", "结束日", "ends"),
    money("reference_price", "参考价", "reference price"),
    money("starting_price", "起拍价", "starting price"),
    money("deposit", "保证金", "deposit"),
    money("increment", "加价幅度", "increment"),
    count("signed_up", "报名人数", "signed up"),
    count("bids", "出价次数", "bids"),
    money("price", "成交价", "price"),
    code("result", ROUND_RESULTS, "结果", "result", required=True),
    text("result_reason", "流拍或撤回原因", "why it failed or was withdrawn"),
    day("ruling_served_on", "成交裁定送达日", "ruling served on the buyer"),
    day("vacated_on", "腾退完成日", "vacated"),
    currency(),
)
DISTRIBUTIONS = declare(
    "distributions", "event", "procedure", "分配方案", "one claimant's line in a distribution",
    link("lot_id", "auction_lots", "标的", "lot whose price is distributed"),
    link("proceeding_id", "proceedings", "程序", "proceeding"),
    link("claimant_id", "parties", "受偿人", "claimant"),
    link("claim_id", "claims", "债权", "claim, where it is in this book"),
    code("rank", DISTRIBUTION_RANKS, "顺位", "rank", required=True),
    money("claimed", "主张金额", "claimed"),
    money("paid", "分配金额", "paid"),
    day("made_on", "方案作出日", "day of the plan", required=True),
    day("served_on", "送达日", "served"),
    day("objected_on", "异议日", "objection raised"),
    currency(),
)
MEDIATIONS = declare(
    "mediations", "state", "procedure", "调解", "a mediation",
    link("matter_id", "matters", "争议事项", "dispute"),
    link("claim_id", "claims", "债权", "claim"),
    text("body", "调解组织", "who mediated"),
    day("opened_on", "开始日", "opened"),
    day("agreed_on", "协议日", "agreed"),
    money("amount", "协议金额", "amount agreed"),
    money("waived", "减免金额", "amount waived"),
    code("result", MEDIATION_RESULTS, "结果", "result"),
    day("confirmation_filed_on", "申请司法确认日", "judicial confirmation applied for"),
    day("confirmation_ruled_on", "司法确认裁定日", "judicial confirmation ruled"),
    day("perform_by_on", "履行期届满日", "last day of performance"),
    currency(),
)
BANKRUPTCIES = declare(
    "bankruptcies", "state", "procedure", "破产", "a bankruptcy and our claim in it",
    link("party_id", "parties", "债务人", "debtor", required=True),
    link("claim_id", "claims", "债权", "our claim"),
    code("kind", BANKRUPTCY_KINDS, "程序", "kind", required=True),
    text("case_number", "案号", "case number"),
    text("court", "法院", "court"),
    text("administrator", "管理人", "administrator"),
    day("accepted_on", "受理日", "accepted"),
    day("claims_due_on", "债权申报截止日", "last day to file claims"),
    day("filed_on", "申报日", "our claim filed"),
    money("declared", "申报金额", "amount declared"),
    money("confirmed", "确认金额", "amount confirmed"),
    money("secured_value", "担保财产价值", "value of the security"),
    code("vote", CLAIM_VOTES, "表决", "vote"),
    money("paid", "受偿金额", "paid"),
    day("declared_bankrupt_on", "宣告破产日", "declared bankrupt"),
    day("closed_on", "终结日", "closed"),
    currency(),
)

TABLES = (
    MATTERS, PROCEEDINGS, PROCEEDING_PARTIES, PROCEEDING_CLAIMS, INSTRUMENTS, INSTRUMENT_ITEMS, ENFORCEMENT_MEASURES,
    AUCTION_LOTS, AUCTION_ROUNDS, DISTRIBUTIONS, MEDIATIONS, BANKRUPTCIES,
)
