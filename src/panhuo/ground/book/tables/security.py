"""Tables of security: guarantees, security rights, assets, burdens, seizures, appraisals. Five things, never one.

Invariant: an asset stands once, whoever's right rests on it; a right names its rank and its cap, never a value.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, declare, flag, link, money, rate, text
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

GUARANTEE_KINDS = CodeList.of(
    "guarantee_kinds",
    ("general", "一般保证", "general guarantee"),
    ("joint", "连带责任保证", "joint guarantee"),
    ("not_agreed", "未约定", "not agreed"),
)
GUARANTEE_SCOPES = CodeList.of(
    "guarantee_scopes",
    ("all", "全部债务", "the whole debt"),
    ("principal", "仅本金", "principal only"),
    ("principal_and_interest", "本金和利息", "principal and interest"),
    ("share", "按份", "a share"),
)
PERIOD_KINDS = CodeList.of(
    "period_kinds",
    ("agreed", "约定期间", "agreed"),
    ("not_agreed", "未约定", "not agreed"),
    ("until_paid", "至清偿为止", "until paid off"),
    ("unclear", "约定不明", "unclear"),
)
RESOLUTIONS = CodeList.of(
    "resolutions",
    ("shareholders", "股东会决议", "shareholders' resolution"),
    ("board", "董事会决议", "board resolution"),
    ("none", "无决议", "none seen"),
    ("not_needed", "无须决议", "not needed"),
)
SECURITY_KINDS = CodeList.of(
    "security_kinds",
    ("mortgage", "抵押", "mortgage"),
    ("maximum_mortgage", "最高额抵押", "maximum-amount mortgage"),
    ("pledge", "质押", "pledge"),
    ("maximum_pledge", "最高额质押", "maximum-amount pledge"),
    ("floating", "浮动抵押", "floating mortgage"),
    ("advance_notice", "抵押预告登记", "advance notice of mortgage"),
    ("title_transfer", "让与担保", "transfer of title by way of security"),
    ("lien", "留置", "lien"),
)
DETERMINATION_CAUSES = CodeList.of(
    "determination_causes",
    ("period_ended", "确定期间届满", "period ended"),
    ("requested", "请求确定", "requested after two years"),
    ("no_new_debt", "新债权不可能发生", "no new debt can arise"),
    ("seized", "知悉财产被查封", "creditor knew of the seizure"),
    ("bankruptcy", "宣告破产或解散", "bankruptcy or dissolution"),
    ("law", "法律规定的其他情形", "other cause by law"),
)
ASSET_KINDS = CodeList.of(
    "asset_kinds",
    ("home", "住宅", "home"),
    ("shop", "商铺", "shop"),
    ("office", "办公", "office"),
    ("plant", "厂房", "plant"),
    ("land", "土地使用权", "land-use right"),
    ("parking", "车位", "parking space"),
    ("vehicle", "车辆", "vehicle"),
    ("equipment", "机器设备", "equipment"),
    ("inventory", "存货", "inventory"),
    ("receivable", "应收账款", "receivable"),
    ("equity", "股权", "equity"),
    ("deposit", "存单保证金", "deposit"),
    ("intellectual_property", "知识产权", "intellectual property"),
    ("livestock", "活体畜禽", "livestock"),
    ("other", "其他", "other"),
)
LAND_RIGHTS = CodeList.of(
    "land_rights",
    ("granted", "出让", "granted"),
    ("allocated", "划拨", "allocated"),
    ("collective", "集体", "collective"),
    ("leased", "租赁", "leased"),
)
OCCUPIERS = CodeList.of(
    "occupiers",
    ("owner", "权利人自用", "owner"),
    ("tenant", "承租人", "tenant"),
    ("relative", "亲属居住", "relatives"),
    ("third_party", "第三人占用", "third party"),
    ("vacant", "空置", "vacant"),
    ("unknown", "不明", "not known"),
)
BURDEN_KINDS = CodeList.of(
    "burden_kinds",
    ("lease", "租赁", "lease"),
    ("right_of_residence", "居住权", "right of residence"),
    ("construction_price", "建设工程价款", "construction price"),
    ("home_buyer", "商品房买受人", "home buyer"),
    ("tax_arrears", "欠税", "tax arrears"),
    ("land_premium", "土地出让金", "land premium unpaid"),
    ("property_charges", "物业水电", "property charges and utilities"),
    ("wages", "职工工资", "wages"),
    ("co_ownership", "共有人份额", "share of a co-owner"),
    ("retention_of_title", "所有权保留", "retention of title"),
    ("other", "其他", "other"),
)
EVIDENCE_GRADES = CodeList.of(
    "evidence_grades",
    ("a", "A 签收或官方文书", "A: signed for, or an official paper"),
    ("b", "B 送达有据", "B: delivery shown"),
    ("c", "C 仅有投递", "C: posting only"),
    ("d", "D 公告或陈述", "D: newspaper or statement"),
)
SEIZURE_KINDS = CodeList.of(
    "seizure_kinds",
    ("first", "首封", "first seizure"),
    ("waiting", "轮候", "waiting seizure"),
    ("advance", "预查封", "advance seizure"),
)
APPRAISAL_METHODS = CodeList.of(
    "appraisal_methods",
    ("agreed", "当事人议价", "agreed by the parties"),
    ("targeted", "定向询价", "targeted inquiry"),
    ("online", "网络询价", "online inquiry"),
    ("commissioned", "委托评估", "commissioned appraisal"),
    ("internal", "内部评估", "internal appraisal"),
)
APPRAISAL_PURPOSES = CodeList.of(
    "appraisal_purposes",
    ("origination", "授信", "granting credit"),
    ("review", "重估", "periodic review"),
    ("enforcement", "执行处置", "enforcement"),
    ("due_diligence", "尽职调查", "due diligence"),
    ("settlement", "以物抵债", "settlement in kind"),
)
VALUE_TYPES = CodeList.of(
    "value_types",
    ("market", "市场价值", "market value"),
    ("mortgage_lending", "抵押价值", "mortgage lending value"),
    ("liquidation", "清算价值", "liquidation value"),
    ("forced_sale", "快速变现价值", "forced-sale value"),
    ("investment", "投资价值", "investment value"),
    ("book", "账面价值", "book value"),
)

GUARANTEES = declare(
    "guarantees", "state", "security", "保证", "a guarantee",
    link("contract_id", "contracts", "主合同", "contract guaranteed", required=True),
    link("guarantor_id", "parties", "保证人", "guarantor"),
    link("debtor_id", "parties", "债务人", "debtor"),
    text("number", "保证合同编号", "number of the guarantee contract"),
    code("kind", GUARANTEE_KINDS, "保证方式", "general, joint or not agreed"),
    day("signed_on", "签订日", "day signed"),
    code("scope", GUARANTEE_SCOPES, "保证范围", "scope"),
    money("cap", "最高保证额", "cap"),
    code("period_kind", PERIOD_KINDS, "保证期间约定", "how the period was agreed"),
    day("period_from_on", "保证期间起", "guarantee period from"),
    day("period_to_on", "保证期间止", "guarantee period to"),
    code("resolution", RESOLUTIONS, "公司决议", "corporate resolution seen"),
    flag("spouse_consent", "配偶同意", "spouse consented"),
    text("same_document_group", "同一文件组", "guarantees on the same document share this"),
    day("first_demand_on", "首次主张日", "day of the first demand"),
    day("released_on", "解除日", "day released"),
    currency(),
)
SECURITY_RIGHTS = declare(
    "security_rights", "state", "security", "担保物权", "a security right",
    code("kind", SECURITY_KINDS, "种类", "kind", required=True),
    link("provider_id", "parties", "担保人", "provider of the security"),
    link("holder_id", "parties", "担保权人", "holder, where it is another creditor; unknown is this organisation"),
    link("debtor_id", "parties", "债务人", "debtor"),
    text("number", "担保合同编号", "number of the security contract"),
    money("maximum_amount", "最高债权额", "maximum amount secured"),
    day("determination_from_on", "确定期间起", "determination period from"),
    day("determination_to_on", "确定期间止", "determination period to"),
    day("determined_on", "债权确定日", "day the debt was determined (Civil Code art. 423)"),
    code("determination_cause", DETERMINATION_CAUSES, "确定事由", "cause of determination"),
    text("registry", "登记机构", "registry"),
    text("registration_number", "登记证明号", "registration number"),
    day("signed_on", "签订日", "day signed"),
    day("registered_on", "登记日", "day registered"),
    money("registered_amount", "登记金额", "amount registered"),
    count("rank", "顺位", "rank, 1 is first"),
    day("delivered_on", "交付日", "day a pledged thing was delivered"),
    flag("purchase_money", "价款优先权", "purchase-money security (Civil Code art. 416)"),
    day("released_on", "注销日", "day released"),
    currency(),
)
SECURITY_RIGHTS_DEBTS = declare(
    "security_rights_debts", "state", "security", "担保物权所担保的债务", "a debt a security right secures",
    link("security_right_id", "security_rights", "担保物权", "security right", required=True),
    link("contract_id", "contracts", "借款合同", "contract secured"),
    link("drawdown_id", "drawdowns", "借据", "drawdown secured, where narrower"),
    money("amount", "担保金额", "amount secured"),
    currency(),
)
SECURITY_ASSETS = declare(
    "security_assets", "state", "security", "担保物权的标的", "an asset a security right rests on",
    link("security_right_id", "security_rights", "担保物权", "security right", required=True),
    link("asset_id", "assets", "财产", "asset", required=True),
    rate("share", "份额", "share of the asset it rests on; 1,000,000 is the whole"),
    count("rank", "该财产上的顺位", "rank on this asset, 1 is first"),
    money("amount", "该财产担保金额", "amount this asset secures"),
    currency(),
)
ASSETS = declare(
    "assets", "state", "security", "财产", "an asset",
    code("kind", ASSET_KINDS, "种类", "kind", required=True),
    link("owner_id", "parties", "权利人", "owner, or the first of several"),
    text("unit_number", "不动产单元号", "real-estate unit number, 28 characters"),
    text("certificate_number", "权证号", "certificate number, present form"),
    text("former_certificate_number", "原权证号", "former certificate number"),
    text("vehicle_number", "车辆识别代号", "vehicle identification number"),
    text("serial_number", "出厂编号", "serial number"),
    text("address", "坐落", "location", personal="owner_id"),
    code("region", None, "行政区划代码", "region, GB/T 2260 six digits", level=1),
    count("area_hundredths", "面积（0.01平方米）", "area in hundredths of a square metre"),
    count("built_year", "建成年份", "year built"),
    code("land_right", LAND_RIGHTS, "土地取得方式", "how the land is held"),
    day("land_right_ends_on", "土地使用权终止日", "end of the land-use right"),
    count("illegal_area_hundredths", "违建面积（0.01平方米）", "area built without permission, 0.01 m2"),
    code("occupier", OCCUPIERS, "占用情况", "who occupies it"),
    flag("only_home", "唯一住房", "the debtor's only home"),
    day("last_inspected_on", "最近查看日", "last inspected"),
    money("purchase_price", "购置价", "price paid"),
    day("purchased_on", "购置日", "day acquired"),
    text("description", "描述", "description"),
    currency(),
)
ASSET_OWNERS = declare(
    "asset_owners", "state", "security", "共有情况", "an owner's share of an asset",
    link("asset_id", "assets", "财产", "asset", required=True),
    link("party_id", "parties", "权利人", "owner", required=True),
    rate("share", "份额", "share; unknown is joint ownership"),
)
BURDENS = declare(
    "burdens", "state", "security", "权利负担", "a burden on an asset",
    link("asset_id", "assets", "财产", "asset", required=True),
    code("kind", BURDEN_KINDS, "种类", "kind", required=True),
    link("holder_id", "parties", "权利人", "who holds it"),
    day("arisen_on", "发生日", "day it arose"),
    day("starts_on", "起始日", "start"),
    day("ends_on", "终止日", "end"),
    day("possession_on", "占有日", "day possession was taken"),
    flag("registered", "已登记备案", "registered"),
    money("monthly_rent", "月租金", "rent a month"),
    day("rent_prepaid_to_on", "租金预付至", "rent prepaid to"),
    money("amount_low", "金额下限", "amount, low"),
    money("amount_high", "金额上限", "amount, high"),
    code("evidence_grade", EVIDENCE_GRADES, "证据等级", "grade of the evidence"),
    flag("ahead_of_security", "先于担保物权", "ranks ahead of the security right"),
    text("remarks", "说明", "remarks"),
    currency(),
)
SEIZURES = declare(
    "seizures", "state", "security", "查封冻结", "a seizure of an asset",
    link("asset_id", "assets", "财产", "asset", required=True),
    text("court", "法院", "court"),
    text("case_number", "案号", "case number"),
    link("proceeding_id", "proceedings", "程序", "proceeding, where it is in this book"),
    link("claimant_id", "parties", "申请人", "who asked for it"),
    flag("ours", "本方申请", "asked for by this organisation"),
    code("kind", SEIZURE_KINDS, "种类", "first, waiting or advance", required=True),
    count("seizure_order", "轮候顺序", "order, 1 is the first seizure"),
    money("amount", "查封金额", "amount seized for"),
    day("from_on", "查封日", "from", required=True),
    day("expires_on", "到期日", "expires"),
    count("renewals", "续封次数", "times renewed"),
    day("auction_notice_on", "拍卖公告日", "day an auction notice went out"),
    day("transfer_letter_on", "商请移送函日", "day transfer was asked for"),
    day("transferred_on", "移送日", "day the right to dispose was transferred"),
    day("released_on", "解除日", "day released"),
    currency(),
)
APPRAISALS = declare(
    "appraisals", "event", "security", "估价", "an appraisal of an asset",
    link("asset_id", "assets", "财产", "asset", required=True),
    code("purpose", APPRAISAL_PURPOSES, "目的", "purpose"),
    code("method", APPRAISAL_METHODS, "方式", "method", required=True),
    day("appraised_on", "评估基准日", "valuation date", required=True),
    code("value_type", VALUE_TYPES, "价值类型", "type of value"),
    money("amount", "金额", "amount", required=True),
    day("valid_to_on", "有效期至", "valid to"),
    text("valuer", "评估机构", "valuer"),
    currency(),
)

TABLES = (
    GUARANTEES, SECURITY_RIGHTS, SECURITY_RIGHTS_DEBTS, SECURITY_ASSETS, ASSETS, ASSET_OWNERS, BURDENS, SEIZURES,
    APPRAISALS,
)
