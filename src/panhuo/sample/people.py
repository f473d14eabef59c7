"""Invented names and well-formed identifiers for people and firms that do not exist.

Invariant: every identifier passes its check digit and is plainly synthetic: regions end in 99xx, which is in no
register, organisation codes begin with XP, telephones with 1900.
"""

from __future__ import annotations

import numpy as np

from panhuo.ground.values.identifiers import (
    identity_card_check,
    luhn_check,
    organisation_check,
    unified_social_credit_check,
)
from panhuo.sample.presets import INDUSTRIES

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
)
GIVEN = (
    "伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力永健世广志义兴良海山仁波宁贵福生龙元全国胜学"
    "祥才发武新利清飞彬富顺信子昌成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松"
    "善厚庆民友裕河哲江浩亮政谦亨奇固轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时"
    "泰盛雄琛钧冠策腾榕风航弘"
)
TRADE_NAMES = (
    "恒瑞鑫隆昌盛宏远华泰祥和顺达兴旺金源永丰嘉益安康天成万通百川德润东升长青明珠博雅汇丰中正联创同心"
    "利源广源大地新宇荣光诚信"
)
TRADE_WORDS: dict[str, tuple[str, ...]] = {
    "F51": ("商贸", "贸易", "建材经营", "日用百货", "农资"),
    "C33": ("机械制造", "五金制品", "纺织", "塑业", "食品加工"),
    "E50": ("建筑工程", "装饰工程", "市政工程"),
    "A03": ("农业开发", "养殖", "种植", "水产"),
    "G54": ("物流", "运输", "货运"),
    "H62": ("餐饮管理", "酒店"),
    "O80": ("服务", "科技服务", "汽车维修", "广告传媒"),
}
STREETS = ("人民路", "建设路", "解放大道", "滨河路", "工业园一路", "振兴街", "朝阳路", "文昌街", "新华路", "创业大道")


def person_names(generator: np.random.Generator, count: int) -> list[str]:
    """Names of persons: a surname and one or two characters."""
    surnames = generator.integers(0, len(SURNAMES), count).tolist()
    first = generator.integers(0, len(GIVEN), count).tolist()
    second = generator.integers(0, int(len(GIVEN) * 1.35), count).tolist()
    return [
        SURNAMES[s] + GIVEN[a] + (GIVEN[b] if b < len(GIVEN) else "")
        for s, a, b in zip(surnames, first, second, strict=True)
    ]


def firm_names(
    generator: np.random.Generator, places: list[str], industries: np.ndarray, traders: np.ndarray
) -> list[str]:
    """Names of firms: place, trade name, word of the trade, form; sole traders are shops (经营部)."""
    count = len(places)
    draws = generator.integers(0, 1 << 30, (count, 3)).tolist()
    names = []
    for place, industry, trader, (a, b, c) in zip(places, industries.tolist(), traders.tolist(), draws, strict=True):
        words = TRADE_WORDS[INDUSTRIES[industry][0]]
        trade = TRADE_NAMES[a % len(TRADE_NAMES)] + TRADE_NAMES[b % len(TRADE_NAMES)]
        names.append(place + trade + words[c % len(words)] + ("经营部" if trader else "有限公司"))
    return names


def credit_codes(regions: list[str], numbers: np.ndarray, traders: np.ndarray) -> list[str]:
    """Unified social credit codes with right check characters (GB 32100-2015)."""
    codes = []
    for region, number, trader in zip(regions, numbers.tolist(), traders.tolist(), strict=True):
        body = f"XP{number % 1_000_000:06d}"
        first = ("92" if trader else "91") + region + body + organisation_check(body)
        codes.append(first + unified_social_credit_check(first))
    return codes


def identity_cards(regions: list[str], birth_days: list[tuple[int, int, int]], numbers: np.ndarray) -> list[str]:
    """Identity card numbers with right check characters (GB 11643-1999)."""
    cards = []
    for region, (year, month, day), number in zip(regions, birth_days, numbers.tolist(), strict=True):
        first = f"{region}{year:04d}{month:02d}{day:02d}{number % 1000:03d}"
        cards.append(first + identity_card_check(first))
    return cards


def phones(numbers: np.ndarray) -> list[str]:
    """Mobile numbers of a block that begins with 1900."""
    return [f"1900{n % 10_000_000:07d}" for n in numbers.tolist()]


def bank_accounts(numbers: np.ndarray) -> list[str]:
    """Card numbers that pass ISO/IEC 7812-1, under an issuer number that is not given out."""
    firsts = [f"629999{n:012d}" for n in numbers.tolist()]
    return [first + luhn_check(first) for first in firsts]
