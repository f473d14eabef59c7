"""Tables of deals: packages of claims, frozen copies of what is in them, and what comparable things fetched.

Invariant: a package item is a frozen copy at the base date; later facts about the claim never change it.
"""

from __future__ import annotations

from panhuo.ground.book.table import code, count, currency, day, days, declare, flag, link, money, text
from panhuo.ground.book.tables.parties import FIVE_CLASSES
from panhuo.ground.book.tables.security import ASSET_KINDS
from panhuo.ground.record.columns import CodeList

# fmt: off
# One line a column: a declaration is read as a table.

PRICE_KINDS = CodeList.of(
    "price_kinds",
    ("sale", "成交", "sale"),
    ("judicial_sale", "司法拍卖成交", "judicial sale"),
    ("failed_auction", "流拍起拍价", "starting price of a failed auction"),
    ("asking", "挂牌", "asking price"),
    ("appraisal", "评估", "appraisal"),
    ("rent", "月租金", "monthly rent"),
)
PACKAGE_STATUSES = CodeList.of(
    "package_statuses",
    ("draft", "组包中", "being put together"),
    ("due_diligence", "尽调中", "due diligence"),
    ("offered", "公告中", "offered"),
    ("sold", "已成交", "sold"),
    ("closed", "已交割", "closed"),
    ("withdrawn", "撤回", "withdrawn"),
)
PACKAGE_KINDS = CodeList.of(
    "package_kinds",
    ("corporate_single", "单户对公", "single corporate debtor"),
    ("corporate_batch", "对公批量", "batch of corporate debtors"),
    ("personal_batch", "个贷批量", "batch of personal loans"),
    ("securitisation", "证券化资产池", "pool for securitisation"),
)
SELLER_KINDS = CodeList.of(
    "seller_kinds",
    ("state_bank", "国有大行", "large state bank"),
    ("joint_stock_bank", "股份制银行", "joint-stock bank"),
    ("city_bank", "城市商业银行", "city commercial bank"),
    ("rural_bank", "农村中小银行", "rural bank"),
    ("consumer_finance", "消费金融公司", "consumer finance company"),
    ("asset_manager", "资产管理公司", "asset management company"),
    ("other", "其他", "other"),
)

MARKET_COMPARABLES = declare(
    "market_comparables", "event", "deal", "市场可比案例", "what something comparable fetched",
    code("asset_kind", ASSET_KINDS, "财产种类", "kind of asset", required=True),
    code("price_kind", PRICE_KINDS, "价格类型", "what kind of price it is", required=True),
    code("region", None, "行政区划代码", "region, GB/T 2260 six digits", level=1),
    text("district", "板块", "district or estate"),
    count("area_hundredths", "面积（0.01平方米）", "area in hundredths of a square metre"),
    count("built_year", "建成年份", "year built"),
    count("floor", "楼层", "floor"),
    count("rooms", "居室数", "rooms"),
    money("price", "价格", "price", required=True, level=1),
    money("appraised", "评估价", "appraisal, for judicial sales", level=1),
    day("priced_on", "价格日", "day of the price", required=True),
    count("round", "拍卖轮次", "auction round, 1, 2, or 3 for a sale"),
    count("longitude_millionths", "经度（百万分之一度）", "longitude in millionths of a degree"),
    count("latitude_millionths", "纬度（百万分之一度）", "latitude in millionths of a degree"),
    flag("leased", "带租约", "sold subject to a lease"),
    currency(),
)
PACKAGES = declare(
    "packages", "state", "deal", "资产包", "a package of claims",
    text("name", "名称", "name", required=True),
    link("seller_id", "parties", "转让方", "seller"),
    code("seller_kind", SELLER_KINDS, "转让方类型", "kind of seller"),
    code("kind", PACKAGE_KINDS, "包类型", "kind of package", required=True),
    code("status", PACKAGE_STATUSES, "状态", "status"),
    code("region", None, "行政区划代码", "region, GB/T 2260 six digits", level=1),
    day("base_on", "基准日", "base date", required=True),
    day("offered_on", "公告日", "offered"),
    day("closes_on", "截止日", "bids close"),
    day("closed_on", "交割日", "closed"),
    count("debtors", "户数", "debtors as stated"),
    money("stated_principal", "陈述本金", "principal as stated"),
    money("stated_interest", "陈述利息", "interest as stated"),
    money("starting_price", "起始价", "starting price"),
    money("price", "成交价", "price"),
    currency(),
)
PACKAGE_ITEMS = declare(
    "package_items", "event", "deal", "资产包明细", "a claim in a package, frozen at the base date",
    link("package_id", "packages", "资产包", "package", required=True),
    link("claim_id", "claims", "债权", "claim", required=True),
    link("party_id", "parties", "债务人", "debtor"),
    code("five_class", FIVE_CLASSES, "五级分类", "class at the base date"),
    money("principal", "本金", "principal"),
    money("interest", "利息", "interest, penalty and compound"),
    money("advanced_costs", "垫付费用", "costs advanced"),
    days("overdue_days", "逾期天数", "days past due"),
    money("allocated_price", "分摊价格", "price allocated"),
    flag("in_litigation", "已诉", "in litigation"),
    currency(),
)

TABLES = (MARKET_COMPARABLES, PACKAGES, PACKAGE_ITEMS)
