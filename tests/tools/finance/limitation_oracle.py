"""An oracle for limitation and guarantee periods, written from the text of the law and walking day by day.

It shares no code with the platform: its own months, its own holidays, its own reading of the text below.

民法典
    188  向人民法院请求保护民事权利的诉讼时效期间为三年……自权利受到损害之日起超过二十年的，人民法院不予保护。
    192  诉讼时效期间届满后，义务人同意履行的，不得以诉讼时效期间届满为由抗辩；已经自愿履行的，不得请求返还。
    194  在诉讼时效期间的最后六个月内，因下列障碍，不能行使请求权的，诉讼时效中止……
         自中止时效的原因消除之日起满六个月，诉讼时效期间届满。
    195  有下列情形之一的，诉讼时效中断，从中断、有关程序终结时起，诉讼时效期间重新计算：
         （一）权利人提出履行请求；（二）义务人同意履行义务；（三）提起诉讼或者申请仲裁；（四）同等效力的其他情形。
    201  按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。
    202  按照年、月计算期间的，到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日。
    203  期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日。
    692  保证期间……不发生中止、中断和延长。没有约定或者约定不明确的，为主债务履行期限届满之日起六个月；
         约定的保证期间早于主债务履行期限或者与之同时届满的，视为没有约定。
    693  一般保证：未在保证期间对债务人提起诉讼或者申请仲裁的，不再承担；连带：未在保证期间请求保证人承担的，不再承担。
民法通则 135 (two years) with 法释〔2018〕12号 2: a two-year period not yet full on 2017-10-01 becomes three years.
担保法 19, 担保法解释 32 (contracts before 2021): form not agreed is joint; "until paid" is two years.
民事诉讼法 250: two years to apply for enforcement; its suspension and interruption follow the law of limitation.

What counts as proved ("safe", practice 6): a court's own record, or a paper signed for (A) or shown delivered (B).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import chinese_calendar

ONE = dt.timedelta(days=1)
GENERAL_RULES = dt.date(2017, 10, 1)
CIVIL_CODE = dt.date(2021, 1, 1)
COURT = ("suit", "payment_order", "enforcement_application", "bankruptcy_filing")
FIRST_PUBLISHED = dt.date(min(chinese_calendar.constants.holidays).year, 1, 1)
LAST_PUBLISHED = dt.date(max(chinese_calendar.constants.holidays).year, 12, 31)


def months_later(day: dt.date, months: int) -> dt.date:
    """Art. 202: the corresponding day, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, min(number, day.day))
        except ValueError:
            continue
    raise AssertionError("a month has 28 days")


def past_holidays(day: dt.date) -> dt.date:
    """Art. 203; where the calendar is not published for certain, the day itself (the earlier one)."""
    moved = day
    if day < FIRST_PUBLISHED:
        return day
    while moved <= LAST_PUBLISHED and chinese_calendar.is_holiday(moved):
        moved += ONE
    return moved if moved <= LAST_PUBLISHED else day


@dataclass(frozen=True)
class Happening:
    """One thing that happened: what, when it reached the other side or the court, how proved, when it ended."""

    kind: str
    on: dt.date
    grade: str | None
    ended: dt.date | None = None

    @property
    def proved(self) -> bool:
        if self.kind == "newspaper":
            return False
        if self.kind in COURT:
            return self.grade not in ("c", "d")
        return self.grade in ("a", "b")


@dataclass(frozen=True)
class Answer:
    """The last day, None while it does not run; whether it was brought back after it had expired."""

    last: dt.date | None
    revived: bool


def walk(
    due: dt.date, happenings: list[Happening], today: dt.date, *, years: int | None, proved_only: bool = True
) -> Answer:
    """Every day from the due date on, one after the other, until the period is full or what is known ends."""
    counted = [h for h in happenings if h.on <= today and (h.proved or not proved_only)]
    never = dt.date(9000, 1, 1)

    def stands(h: Happening) -> dt.date:
        # An end not reached by today is not known to come: it stands.
        return h.ended if h.ended is not None and h.ended <= today else never

    obstacles = [h for h in counted if h.kind == "obstacle"]
    cases = [h for h in counted if h.kind in COURT]
    acts = [h for h in counted if h.kind not in COURT and h.kind != "obstacle"]
    longest = past_holidays(months_later(due, 240))

    def full_on(start: dt.date) -> dt.date:
        if years is not None:
            return past_holidays(months_later(start, 12 * years))
        two = past_holidays(months_later(start, 24))
        return two if start < GENERAL_RULES and two < GENERAL_RULES else past_holidays(months_later(start, 36))

    def capped(day: dt.date) -> dt.date:
        return day if revived else min(day, longest)

    day, revived, expired = due, False, False
    last = capped(full_on(due))
    pending: list[Happening] = [h for h in cases if h.on < due and stands(h) >= due]
    while True:
        if not expired:
            pending += [h for h in cases if h.on == day]
        over = [h for h in pending if stands(h) <= day or (h.ended is not None and h.ended <= h.on)]
        restart = bool(over)
        pending = [h for h in pending if h not in over]
        for act in acts:
            if act.on == day and (
                not expired or act.kind == "promise" or (act.kind == "part_payment" and not proved_only)
            ):
                restart = True
                if expired:
                    revived, expired = True, False
        if restart and not pending:
            last = capped(full_on(day))
        if day > today and (pending or expired):
            break
        if not pending and not expired:
            hindered = False
            for obstacle in obstacles:
                if not obstacle.on <= day <= last or months_later(last, -6) >= day:
                    continue
                if obstacle.ended is not None and obstacle.ended < GENERAL_RULES:
                    continue  # before 194: what was left ran on; not counted here
                if stands(obstacle) == never and day <= today:
                    hindered = True
                elif stands(obstacle) == day:
                    last = max(last, capped(past_holidays(months_later(day, 6))))
                elif stands(obstacle) > day and stands(obstacle) != never:
                    hindered = True
            if hindered and day == today:
                return Answer(None, revived)
            if not hindered and day >= last:
                expired = True  # 203: the last day ends at 24:00; what is done on it is in time
            elif hindered and day >= last:
                # It waits: the last day is at least the day after, until the obstacle ends.
                last = capped(max(last, day + ONE))
                if day >= longest and not revived:
                    expired, last = True, longest
        if day > today and day > last:
            break
        day += ONE
    return Answer(None if pending else last, revived)


def guarantee_last_day(
    due: dt.date, period_kind: str | None, agreed_to: dt.date | None, signed: dt.date | None
) -> dt.date:
    """692, and 担保法解释 32 for contracts before 2021; a contract of unknown date is read by the Civil Code."""
    if period_kind in (None, "agreed") and agreed_to is not None and agreed_to > due:
        return agreed_to
    old = signed is not None and signed < CIVIL_CODE
    return past_holidays(months_later(due, 24 if period_kind == "until_paid" and old else 6))


def guarantee_kept(
    due: dt.date, last: dt.date, form: str | None, signed: dt.date | None,
    demands: list[dt.date], suits: list[dt.date],
) -> bool:  # fmt: skip
    """693: in the period, a demand on the guarantor (joint) or a suit against the debtor (general)."""
    demanded = any(due < d <= last for d in demands)
    sued = any(due < s <= last for s in suits)
    if form == "joint" or (form == "not_agreed" and signed is not None and signed < CIVIL_CODE):
        return demanded
    if form == "general" or (form == "not_agreed" and signed is not None):
        return sued
    return demanded and sued  # which of the two it is cannot be told: both are needed to be sure
