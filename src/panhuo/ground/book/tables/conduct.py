"""Tables of conduct: consent, forgetting, confirmations by people, adoption of advisory rules.

Invariant: consent and its withdrawal, forgetting and confirmation are facts of their own; none edits another fact.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, day, declare, flag, link, text
from panhuo.ground.book.tables.claims import LAWFUL_BASES
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

CONSENT_PURPOSES = CodeList.of(
    "consent_purposes",
    ("credit_assessment", "授信评估", "assessing credit"),
    ("credit_report_query", "查询征信", "querying credit reports"),
    ("alternative_data", "使用税务发票水电等数据", "using tax, invoice, utility data"),
    ("sharing", "向第三方提供", "providing to a third party"),
    ("cross_institution", "跨机构联合建模", "modelling across institutions"),
    ("marketing", "营销", "marketing"),
    ("sensitive", "处理敏感个人信息", "processing sensitive personal information"),
)
CONFIRMATION_RESULTS = CodeList.of(
    "confirmation_results",
    ("confirmed", "确认", "confirmed"),
    ("disputed", "有异议", "disputed"),
    ("corrected", "更正", "corrected by another fact"),
)

CONSENTS = declare(
    "consents", "state", "conduct", "同意", "a party's consent to a purpose",
    link("party_id", "parties", "同意人", "who consented", required=True),
    code("purpose", CONSENT_PURPOSES, "目的", "purpose", required=True),
    flag("granted", "同意", "granted; no is a refusal or a withdrawal"),
    day("granted_on", "同意日", "granted"),
    day("expires_on", "到期日", "expires"),
    day("withdrawn_on", "撤回日", "withdrawn"),
    text("recipient", "接收方", "recipient, where data is provided to another"),
    flag("separate", "单独同意", "given separately"),
    text("evidence", "凭证", "evidence"),
)
ERASURES = declare(
    "erasures", "event", "conduct", "删除", "a party's personal data was erased",
    link("party_id", "parties", "主体", "party", required=True),
    text("ground", "事由", "ground", required=True),
    text("rule", "依据规则", "rule id", required=True),
    day("erased_on", "删除日", "erased", required=True),
)
CONFIRMATIONS = declare(
    "confirmations", "event", "conduct", "人工确认", "a person confirmed or disputed a fact or outcome",
    text("subject_table", "对象表", "table or outcome concerned", required=True),
    text("subject_id", "对象编号", "entity or key concerned", required=True),
    text("confirmed_by", "确认人", "who", required=True),
    day("confirmed_on", "确认日", "when", required=True),
    code("result", CONFIRMATION_RESULTS, "结果", "result", required=True),
    code("lawful_basis", LAWFUL_BASES, "合法性基础", "lawful basis, where personal data was used"),
    text("remarks", "说明", "remarks"),
)
ADOPTIONS = declare(
    "adoptions", "state", "conduct", "规则采纳", "an institution adopts an advisory rule",
    text("rule_set", "规则集", "rule set", required=True),
    text("rule", "规则", "rule id", required=True),
    flag("adopted", "采纳", "adopted"),
    day("from_on", "起始日", "from", required=True),
    day("to_on", "终止日", "to"),
    text("resolution", "决议文号", "resolution"),
)

TABLES = (CONSENTS, ERASURES, CONFIRMATIONS, ADOPTIONS)
