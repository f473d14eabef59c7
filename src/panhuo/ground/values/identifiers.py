"""Identifiers issued by others: shape, check digit, parts. Text in, a finding or the parts out.

Invariant: a check never raises and never corrects in silence; it says in Chinese and English what is wrong, and whether
that refuses the value (``refuse``) or only casts doubt on it (``warn``).

Sources: GB 32100-2015 (unified social credit code), GB 11714 (organisation code), GB 11643-1999 (identity card),
ISO/IEC 7812-1 (bank card), 法〔2015〕137号 and 法〔2018〕335号 (case numbers), GB/T 37346-2019 (real-estate unit),
GB 16735 (VIN), GB/T 2260 (regions).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Severity = Literal["refuse", "warn"]


@dataclass(frozen=True)
class Finding:
    """What is wrong with an identifier.

    Attributes:
        kind: which identifier, e.g. ``identity_card``.
        severity: ``refuse`` (it cannot be one) or ``warn`` (it may still be genuine).
        reason_zh, reason_en: what is wrong, for people.
    """

    kind: str
    severity: Severity
    reason_zh: str
    reason_en: str


def normalise(text: str) -> str:
    """`text` in half-width capitals without spaces or separators: how an identifier is compared."""
    return re.sub(r"[\s\-·•_]", "", unicodedata.normalize("NFKC", text)).upper()


def _wrong_check(kind: str, severity: Severity, stated: str, expected: str) -> Finding | None:
    if stated == expected:
        return None
    return Finding(
        kind,
        severity,
        f"校验位应为 {expected}，实为 {stated}",
        f"the check character is {stated}, not {expected}",
    )


# ------------------------------------------------------------------------------------------------- regions

PROVINCES: dict[str, str] = {
    "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "内", "21": "辽", "22": "吉", "23": "黑", "31": "沪",
    "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘",
    "44": "粤", "45": "桂", "46": "琼", "50": "渝", "51": "川", "52": "贵", "53": "云", "54": "藏", "61": "陕",
    "62": "甘", "63": "青", "64": "宁", "65": "新", "71": "台", "81": "港", "82": "澳",
}  # fmt: skip
"""First two digits of a region code -> short name of the province."""


def check_region(text: str) -> Finding | None:
    """Whether `text` has the shape of a GB/T 2260 code: six digits, a known province first.

    Retired codes pass: a book keeps what was true when the fact arose.
    """
    value = normalise(text)
    if not re.fullmatch(r"[0-9]{6}", value):
        return Finding("region", "refuse", "行政区划代码应为6位数字", "a region code has six digits")
    if value[:2] not in PROVINCES:
        return Finding(
            "region", "refuse", f"前两位 {value[:2]} 不是省级代码", f"{value[:2]} is no province (first two digits)"
        )
    return None


# ------------------------------------------------------------------------------------------------- organisations

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def unified_social_credit_check(first: str) -> str:
    """The check character for the first 17 characters of a unified social credit code (GB 32100-2015)."""
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(first, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(first: str) -> str:
    """The check character for the first 8 characters of an organisation code (GB 11714)."""
    total = sum(_ORGANISATION_ALPHABET.index(c) * w for c, w in zip(first, _ORGANISATION_WEIGHTS, strict=True))
    remainder = 11 - total % 11
    return "X" if remainder == 10 else "0" if remainder == 11 else str(remainder)


def check_unified_social_credit_code(text: str) -> Finding | None:
    """Shape and check character of a unified social credit code (统一社会信用代码).

    The inner organisation code is judged apart (`check_inner_organisation_code`): genuine codes beginning with MA are
    known to fail it, so it only warns.
    """
    value = normalise(text)
    kind = "unified_social_credit_code"
    if len(value) != 18:
        return Finding(
            kind,
            "refuse",
            f"统一社会信用代码应为18位，实为{len(value)}位",
            f"18 characters are needed, {len(value)} found",
        )
    strange = sorted({c for c in value if c not in _USCC_ALPHABET})
    if strange:
        shown = "".join(strange)
        return Finding(kind, "refuse", f"含有不允许的字符 {shown}", f"it contains {shown}, which the code does not use")
    if not value[2:8].isdigit():
        return Finding(kind, "refuse", "第3至8位应为行政区划数字", "characters 3 to 8 are a region and must be digits")
    expected = unified_social_credit_check(value[:17])
    return _wrong_check(kind, "refuse", value[17], expected)


def check_organisation_code(text: str) -> Finding | None:
    """Shape and check character of a nine-character organisation code (组织机构代码)."""
    value = normalise(text)
    kind = "organisation_code"
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", value):
        return Finding(kind, "refuse", "组织机构代码应为8位本体加1位校验", "eight characters and a check are needed")
    expected = organisation_check(value[:8])
    return _wrong_check(kind, "warn", value[8], expected)


def check_inner_organisation_code(text: str) -> Finding | None:
    """Warns when characters 9 to 17 of a unified social credit code fail the organisation code's own check."""
    value = normalise(text)
    if len(value) != 18:
        return None
    found = check_organisation_code(value[8:17])
    if found is None:
        return None
    return Finding(
        "inner_organisation_code", "warn", f"主体标识码：{found.reason_zh}", f"inner code: {found.reason_en}"
    )


# ------------------------------------------------------------------------------------------------- persons

_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS = "10X98765432"


def identity_card_check(first: str) -> str:
    """The check character for the first 17 digits of an identity card number (GB 11643-1999)."""
    return _CARD_CHECKS[sum(int(c) * w for c, w in zip(first, _CARD_WEIGHTS, strict=True)) % 11]


def check_identity_card(text: str) -> Finding | None:
    """Shape, birth date and check character of a resident identity card number (居民身份证).

    Foreign permanent residents (9...) and residence permits of Hong Kong, Macao and Taiwan (81, 82, 83) pass by the
    same algorithm; retired region codes pass.
    """
    value = normalise(text)
    kind = "identity_card"
    if re.fullmatch(r"[0-9]{15}", value):
        return Finding(kind, "refuse", "15位身份证号自2013年起停用", "15-digit numbers are void since 2013")
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", value, re.ASCII):
        return Finding(kind, "refuse", "应为17位数字加1位校验", "17 digits and a check character are needed")
    if value[:2] not in PROVINCES and value[:2] != "83" and value[0] != "9":
        return Finding(
            kind, "refuse", f"前两位 {value[:2]} 不是省级代码", f"{value[:2]} is no province (first two digits)"
        )
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return Finding(kind, "refuse", f"出生日期 {value[6:14]} 不存在", f"the birth date {value[6:14]} does not exist")
    if born.year < 1880:
        return Finding(kind, "refuse", f"出生年份 {born.year} 过早", f"the birth year {born.year} is too early")
    expected = identity_card_check(value[:17])
    return _wrong_check(kind, "refuse", value[17], expected)


def luhn_check(first: str) -> str:
    """The check digit that follows `first` (ISO/IEC 7812-1, Luhn)."""
    total = 0
    for place, c in enumerate(reversed(first)):
        digit = int(c) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str((10 - total % 10) % 10)


def check_bank_card(text: str) -> Finding | None:
    """Length and check digit of a bank card number; some domestic cards fail Luhn, so that only warns."""
    value = normalise(text)
    kind = "bank_card"
    if not re.fullmatch(r"[0-9]{13,19}", value):
        return Finding(kind, "refuse", "银行卡号应为13至19位数字", "a card number has 13 to 19 digits")
    if luhn_check(value[:-1]) != value[-1]:
        return Finding(
            kind, "warn", "未通过Luhn校验，部分境内卡如此", "the Luhn check fails, as it does for some domestic cards"
        )
    return None


# ------------------------------------------------------------------------------------------------- case numbers

CASE_TYPES: dict[str, tuple[str, str]] = {
    "民初": ("民事一审", "civil, first instance"),
    "民终": ("民事二审", "civil, second instance"),
    "民申": ("民事申请再审审查", "civil, application for retrial"),
    "民再": ("民事再审", "civil, retrial"),
    "民监": ("民事依职权再审审查", "civil, review of the court's own motion"),
    "民特": ("民事特别程序", "civil, special procedure (security realisation included)"),
    "民督": ("支付令", "payment order"),
    "民辖": ("民事管辖", "civil, jurisdiction"),
    "民辖终": ("民事管辖上诉", "civil, appeal on jurisdiction"),
    "民撤": ("第三人撤销之诉", "third party's action to set aside"),
    "财保": ("非诉财产保全", "preservation before suit"),
    "诉前调": ("诉前调解", "mediation before suit"),
    "民诉前调": ("民事诉前调解", "civil mediation before suit"),
    "执": ("首次执行", "enforcement"),
    "执保": ("保全执行", "preservation in enforcement"),
    "执恢": ("恢复执行", "resumed enforcement"),
    "执异": ("执行异议", "objection in enforcement"),
    "执复": ("执行复议", "review in enforcement"),
    "执监": ("执行监督", "supervision of enforcement"),
    "执协": ("执行协调", "coordination of enforcement"),
    "破申": ("破产申请审查", "bankruptcy, application"),
    "破": ("破产", "bankruptcy"),
    "破终": ("破产上诉", "bankruptcy, appeal"),
    "强清申": ("强制清算申请审查", "compulsory liquidation, application"),
    "强清": ("强制清算", "compulsory liquidation"),
    "刑初": ("刑事一审", "criminal, first instance"),
    "刑终": ("刑事二审", "criminal, second instance"),
    "行初": ("行政一审", "administrative, first instance"),
    "行终": ("行政二审", "administrative, second instance"),
}
"""Type code of a case number -> its name in Chinese and English."""

_COURTS = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新军兵"
_SUFFIX = r"(?P<suffix>之[一二三四五六七八九十]+)?"
_CASE = re.compile(
    rf"（(?P<year>(?:19|20)[0-9]{{2}})）(?P<court>最高法|[{_COURTS}][0-9]{{0,4}})(?P<special>知?)"
    rf"(?P<type>[一-鿿]{{1,5}})(?P<serial>[0-9]+)号{_SUFFIX}\Z"
)
_OLD_CASE = re.compile(
    rf"（(?P<year>(?:19|20)[0-9]{{2}})）(?P<court>[一-鿿]{{1,6}}?)(?P<type>[一-鿿]{{1,4}})字"
    rf"第(?P<serial>[0-9]+(?:-[0-9]+)?)号{_SUFFIX}\Z"
)


@dataclass(frozen=True)
class CaseNumber:
    """The parts of a court case number (案号).

    Attributes:
        normalised: full-width brackets, half-width digits, no spaces, no padding of the serial.
        level: ``supreme``, ``high``, ``intermediate``, ``basic``, or ``unknown`` for the form used before 2016.
        form: ``present`` (法〔2015〕137号, since 2016) or ``former``.
    """

    normalised: str
    year: int
    court: str
    special: str
    type: str
    serial: str
    suffix: str
    level: str
    form: Literal["present", "former"]


def normalise_case_number(text: str) -> str:
    """Full-width brackets around the year, half-width digits, no spaces."""
    value = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^[(\[〔【{]([0-9]{4})[)\]〕】}]", r"（\1）", value)


def parse_case_number(text: str) -> CaseNumber | Finding:
    """The parts of a case number, in the present form or the looser one used before 2016."""
    value = normalise_case_number(text)
    kind = "case_number"
    found = _CASE.match(value)
    if found and (found["type"] in CASE_TYPES or "字第" not in value):
        court = found["court"]
        digits = len(court) - 1
        if court != "最高法" and digits not in (0, 2, 4):
            return Finding(
                kind, "refuse", f"法院代字 {court} 应带0、2或4位数字", f"the court code {court} takes 0, 2 or 4 digits"
            )
        level = "supreme" if court == "最高法" else {0: "high", 2: "intermediate", 4: "basic"}[digits]
        serial = found["serial"].lstrip("0") or "0"
        suffix = found["suffix"] or ""
        normalised = f"（{found['year']}）{court}{found['special']}{found['type']}{serial}号{suffix}"
        return CaseNumber(
            normalised, int(found["year"]), court, found["special"], found["type"], serial, suffix, level, "present"
        )
    old = _OLD_CASE.match(value)
    if old:
        body = old["court"] + old["type"]
        court, case_type = _split_former(body)
        return CaseNumber(
            value, int(old["year"]), court, "", case_type, old["serial"], old["suffix"] or "", "unknown", "former"
        )
    if not value.startswith("（"):
        return Finding(kind, "refuse", "案号应以（年份）开头", "a case number begins with its year in brackets")
    return Finding(
        kind,
        "refuse",
        "不符合案号格式：（年份）法院代字 类型代字 编号 号",
        "not (year) court code, type code, serial, 号",
    )


def _split_former(body: str) -> tuple[str, str]:
    # 杭上商初 -> 杭上, 商初: the type is the last one or two characters, led by the kind of case.
    for length in (3, 2):
        tail = body[-length:]
        if len(body) > length and tail[0] in "民商刑行执破知金仲催督":
            return body[:-length], tail
    return body[:-1], body[-1]


def check_case_number(text: str) -> Finding | None:
    """What is wrong with a case number; an unknown type code or a padded serial only warns."""
    found = parse_case_number(text)
    if isinstance(found, Finding):
        return found
    if found.form == "present":
        if found.type not in CASE_TYPES:
            return Finding(
                "case_number", "warn", f"类型代字 {found.type} 未收录", f"the type code {found.type} is not known"
            )
        if found.normalised != normalise_case_number(text):
            return Finding("case_number", "warn", "编号不应补零", "the serial carries no leading zeros")
    return None


# ------------------------------------------------------------------------------------------------- real estate

_PROVINCE_NAMES = "".join(dict.fromkeys(PROVINCES.values()))
_UNIT = re.compile(r"([0-9]{6})([0-9]{3})([0-9]{3})([A-Z]{2})([0-9]{5})([A-Z])([0-9]{8})\Z")
_CERTIFICATE = re.compile(
    rf"(?P<province>[{_PROVINCE_NAMES}])（(?P<year>(?:19|20)[0-9]{{2}})）(?P<place>[一-鿿]{{1,20}}?)"
    r"(?P<what>不动产权|不动产证明)第(?P<serial>[0-9]{5,})号\Z"
)
_FORMER_CERTIFICATE = re.compile(
    r".{0,20}?(?:房权证|房地权证|房产证|国用|集用|土地证|房他证|他项).{0,20}?(?P<serial>[0-9A-Z][0-9A-Z\-]*)号?\Z"
)


def check_real_estate_unit(text: str) -> Finding | None:
    """Shape of a 28-character real-estate unit number (不动产单元号, GB/T 37346-2019)."""
    value = normalise(text)
    kind = "real_estate_unit"
    if len(value) != 28:
        return Finding(
            kind, "refuse", f"不动产单元号应为28位，实为{len(value)}位", f"28 characters, {len(value)} found"
        )
    found = _UNIT.match(value)
    if not found:
        return Finding(
            kind,
            "refuse",
            "应为区划6、地籍区3、子区3、宗地特征2、宗地号5、定着物特征1、单元号8",
            "not region 6, zone 3, sub-zone 3, parcel feature 2, parcel 5, structure feature 1, unit 8",
        )
    region = check_region(found[1])
    if region:
        return Finding(kind, "refuse", region.reason_zh, region.reason_en)
    if found[6] not in "FLQW":
        return Finding(
            kind, "warn", f"定着物特征码 {found[6]} 少见", f"the structure feature {found[6]} is unusual (F, L, Q, W)"
        )
    if found[6] == "W" and found[7] != "00000000":
        return Finding(kind, "warn", "无定着物时单元号应为零", "without a structure the unit part is all zeros")
    return None


@dataclass(frozen=True)
class Certificate:
    """The parts of a real-estate certificate number (不动产权证, 登记证明, or a form used before 2015).

    Attributes:
        form: ``title`` (不动产权), ``registration`` (不动产证明) or ``former``.
    """

    normalised: str
    form: Literal["title", "registration", "former"]
    province: str
    year: int | None
    place: str
    serial: str


def parse_certificate(text: str) -> Certificate | Finding:
    """The parts of a certificate number; former forms are free text and give their serial only."""
    value = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    value = re.sub(r"[(\[〔【]([0-9]{4})[)\]〕】]", r"（\1）", value)
    found = _CERTIFICATE.match(value)
    if found:
        form: Literal["title", "registration"] = "title" if found["what"] == "不动产权" else "registration"
        return Certificate(value, form, found["province"], int(found["year"]), found["place"], found["serial"])
    old = _FORMER_CERTIFICATE.match(value)
    if old:
        year = re.search(r"（((?:19|20)[0-9]{2})）", value)
        return Certificate(value, "former", "", int(year[1]) if year else None, "", old["serial"])
    return Finding(
        "certificate",
        "refuse",
        "不符合 省（年）市县不动产权第…号 的格式，也不是旧证格式",
        "neither province (year) place 不动产权第 serial 号 nor a former form",
    )


def check_certificate(text: str) -> Finding | None:
    """What is wrong with a certificate number; a former form warns, because the present one should be asked for."""
    found = parse_certificate(text)
    if isinstance(found, Finding):
        return found
    if found.form == "former":
        return Finding(
            "certificate", "warn", "旧式权证，应核对现行证号", "a former certificate: ask for the present number"
        )
    if len(found.serial) < 6:  # seven as a rule, six in Shanghai
        return Finding("certificate", "warn", "证号不足6位", "the serial has fewer than six digits")
    return None


# ------------------------------------------------------------------------------------------------- vehicles

_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vehicle_check(text: str) -> str:
    """The check character (position 9) of a 17-character vehicle identification number (GB 16735)."""
    values = [int(c) if c.isdigit() else _VIN_VALUES[c] for c in text]
    remainder = sum(v * w for v, w in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def check_vehicle_number(text: str) -> Finding | None:
    """Shape and check character of a VIN; a wrong check warns, because European imports do not use it."""
    value = normalise(text)
    kind = "vehicle_number"
    if not re.fullmatch(r"[0-9A-HJ-NPR-Z]{17}", value):
        return Finding(
            kind, "refuse", "车辆识别代号应为17位，且不含I、O、Q", "17 characters without I, O, Q are needed"
        )
    expected = vehicle_check(value)
    if value[8] != expected:
        return Finding(
            kind,
            "warn",
            f"第9位应为 {expected}，实为 {value[8]}",
            f"position 9 is {value[8]}, not {expected} as computed",
        )
    return None


def check_phone(text: str) -> Finding | None:
    """Shape of a Chinese telephone number: mobile (1, 11 digits) or fixed (area code and 7 or 8 digits)."""
    value = re.sub(r"^(?:\+?86)", "", normalise(text).replace("(", "").replace(")", ""))
    if re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{2,3}[0-9]{7,8}|[48]00[0-9]{7}|[2-8][0-9]{6,7}", value):
        return None
    return Finding("phone", "warn", "不像中国境内电话号码", "not the shape of a telephone number in China")
